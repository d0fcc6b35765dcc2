"""What ECR is told about a repository, as plain data."""

import re
from typing import Final

from components.account import Account
from components.registry.settings import RegistrySettings

PULL: Final = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:DescribeImages",
    "ecr:GetDownloadUrlForLayer",
)
_NAME: Final = re.compile(
    r"[a-z0-9]+([._-][a-z0-9]+)*(/[a-z0-9]+([._-][a-z0-9]+)*)*"
)  # as ECR takes it


def repository_name(prefix: str, image: str) -> str:
    """Name of the repository of `image`. Raises `ValueError` when ECR would refuse it."""
    name = f"{prefix}/{image}"
    if not 2 <= len(name) <= 256 or not _NAME.fullmatch(name):
        raise ValueError(
            f"{name!r} is no name of a repository: use lower-case letters and digits, with '.', '_', "
            "'-' or '/' between them, 256 characters at most"
        )
    return name


def lifecycle(settings: RegistrySettings) -> dict[str, object]:
    """Which images go, the first rule first. ECR keeps what an image index that stays refers to."""
    return {
        "rules": [
            {
                "rulePriority": 1,
                "description": f"What has lost its tag goes after {settings.untagged_days} days",
                "selection": {
                    "tagStatus": "untagged",
                    "countType": "sinceImagePushed",
                    "countUnit": "days",
                    "countNumber": settings.untagged_days,
                },
                "action": {"type": "expire"},
            },
            {
                # ECR wants the rule for any image to be the last.
                "rulePriority": 2,
                "description": f"The last {settings.keep} images stay",
                "selection": {
                    "tagStatus": "any",
                    "countType": "imageCountMoreThan",
                    "countNumber": settings.keep,
                },
                "action": {"type": "expire"},
            },
        ]
    }


def access(account: Account) -> dict[str, object]:
    """Pulling by the account's own principals, as far as their own policies let them.

    Pushing and deleting take a policy of the principal's own and nothing here; other accounts, none.
    """
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "PullInsideTheAccount",
                "Effect": "Allow",
                "Principal": {"AWS": account.root},
                "Action": list(PULL),
            }
        ],
    }
