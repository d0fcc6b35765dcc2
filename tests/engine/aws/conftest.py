"""Projects whose AWS is a moto server."""

from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from tests import moto
from tests.engine.stack import Project
from tests.moto import REGION, Moto


@pytest.fixture(scope="session")
def server() -> Generator[Moto]:
    with moto.running(managed_policies=True) as running:
        yield running


@pytest.fixture
def aws(server: Moto) -> Moto:
    """An AWS without anything of the user's."""
    server.reset()
    return server


@pytest.fixture
def project(aws: Moto, new_project: Callable[..., Project]) -> Project:
    """A project; its programs begin with the provider for `aws`."""
    project = new_project(Path("/dev/null"))
    # Programs of tests need not import an SDK that they do not use.
    (project.folder / "rehearsal.py").write_text(
        f'''
import pulumi_aws as aws

provider = aws.Provider(
    "aws",
    region="{REGION}",
    endpoints=[{{name: "{aws.url}" for name in ("ec2", "iam", "kms", "logs", "s3")}}],
    default_tags={{"tags": {{"stack": "test"}}}},
)
'''
    )
    return project
