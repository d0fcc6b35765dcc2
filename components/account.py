"""Where in AWS a stack lives."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account and a region, known before anything is created, so that ARNs can be written down."""

    id: str
    """Twelve digits."""
    region: str

    @property
    def partition(self) -> str:
        """The first part of every ARN: `aws`, or the one of China's or the government's regions."""
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    def arn(self, service: str, resource: str, *, regional: bool = True) -> str:
        """ARN of a resource of this account. IAM's are not `regional`."""
        region = self.region if regional else ""
        return f"arn:{self.partition}:{service}:{region}:{self.id}:{resource}"

    @property
    def root(self) -> str:
        """The account itself as a principal: whoever its own IAM policies let in."""
        return self.arn("iam", "root", regional=False)
