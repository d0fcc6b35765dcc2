"""Names in the account: what AWS takes, and a new name for whatever cannot change in place."""

import hashlib
import re
from dataclasses import dataclass
from typing import Final, Literal

from components.account import Account
from components.edge.balancer.drain import Kind

Role = Literal["stable", "canary"]
Scheme = Literal["internet-facing", "internal"]

_PHYSICAL: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
# 32 characters for a target group, less "-stable-" and four of the fingerprint.
LIMIT: Final = 20


@dataclass(frozen=True)
class Names:
    """Names of everything that belongs to one balancer."""

    physical: str

    def __post_init__(self) -> None:
        if len(self.physical) > LIMIT or not _PHYSICAL.fullmatch(self.physical):
            raise ValueError(
                f"AWS refuses names that start with {self.physical!r}: use lower-case letters, "
                f"digits and single '-', start with a letter, {LIMIT} characters at most"
            )
        if self.physical.startswith("internal-"):
            raise ValueError(
                f"AWS keeps names that start with internal- to itself, and this one is "
                f"{self.physical!r}: choose another"
            )

    def balancer(self, kind: Kind, scheme: Scheme) -> str:
        """Differs by what replaces a balancer, so that the new one can be there before the old one goes."""
        short = {"application": "alb", "network": "nlb"}[kind]
        return f"{self.physical}-{short}{'-int' if scheme == 'internal' else ''}"

    def target_group(self, role: Role, protocol: str, port: int) -> str:
        """Differs by what replaces a target group, as a balancer's does."""
        fingerprint = hashlib.sha256(f"{protocol}:{port}".encode()).hexdigest()[:4]
        return f"{self.physical}-{role}-{fingerprint}"

    @property
    def security_group(self) -> str:
        """Of the balancer's own security group."""
        return f"{self.physical}-balancer"

    @property
    def firewall(self) -> str:
        """Of the web ACL."""
        return f"{self.physical}-balancer"

    @property
    def firewall_logs(self) -> str:
        """AWS WAF writes to log groups of this prefix only."""
        return f"aws-waf-logs-{self.firewall}"

    def access_logs(self, account: Account) -> str:
        """Bucket names are one namespace for all accounts, so account and region are part of it."""
        return f"{self.physical}-access-logs-{account.id}-{account.region}"
