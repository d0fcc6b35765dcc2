"""Samples of ECR."""

import json

from tests.unit.toolchain.providers.aws.cases.keys import KEY
from tests.unit.toolchain.providers.aws.stand_in import Case

REPOSITORY = "aws:ecr/repository:Repository"


def keep(images: int) -> str:
    """A policy that keeps the last images."""
    selection = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": images}
    rule = {"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}
    return json.dumps({"rules": [rule]})


def pull(action: str) -> str:
    """A policy that lets the account do one thing with images."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        "Action": [action],
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


CASES = (
    Case(
        token=REPOSITORY,
        inputs=lambda world: {
            "name": "agents/runtime",
            "imageTagMutability": "IMMUTABLE",
            "imageScanningConfiguration": {"scanOnPush": True},
            "encryptionConfigurations": [
                {"encryptionType": "KMS", "kmsKey": world[KEY].outputs["arn"]}
            ],
        },
        changes={
            "imageTagMutability": "MUTABLE",
            "imageScanningConfiguration": None,
            "forceDelete": True,
        },
        replaces={"name": "other", "encryptionConfigurations": [{"encryptionType": "AES256"}]},
    ),
    Case(
        token="aws:ecr/lifecyclePolicy:LifecyclePolicy",
        inputs=lambda world: {"repository": world[REPOSITORY].id, "policy": keep(10)},
        changes={"policy": keep(20)},
        replaces={"repository": "other"},
    ),
    Case(
        token="aws:ecr/repositoryPolicy:RepositoryPolicy",
        inputs=lambda world: {
            "repository": world[REPOSITORY].id,
            "policy": pull("ecr:BatchGetImage"),
        },
        changes={"policy": pull("ecr:DescribeImages")},
        replaces={"repository": "other"},
    ),
    Case(
        token="aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration",
        inputs=lambda _: {
            "scanType": "ENHANCED",
            "rules": [
                {
                    "scanFrequency": "CONTINUOUS_SCAN",
                    "repositoryFilters": [{"filter": "agents/*", "filterType": "WILDCARD"}],
                }
            ],
        },
        changes={"scanType": "BASIC", "rules": []},
    ),
)
