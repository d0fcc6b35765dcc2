"""The page on deploying to AWS, as it stands: its bootstrap, its stack and its images."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.account import Account as Id
from components.cluster import autoscaling_role
from components.foundation.aws import registry_prefix
from tests.moto import ACCOUNT, REGION, Moto
from tests.policies.analyzer import ROOT
from tests.program import run, values
from toolchain.paths import Paths

pytestmark = pytest.mark.engine

BUCKET = f"agent-platform-state-{ACCOUNT}-{REGION}"
SECRET = "s3cr3t-key"
PAGE = ROOT / "docs" / "how-to" / "deploy-to-aws.md"
PYTHON = f"""\
exec {sys.executable} -c '
import sys
from pathlib import Path
from toolchain import images
from toolchain.image_archive import BuiltImage
def current(name):
    return BuiltImage(name, "", "", Path(f"/built/{{name}}-1a2b.tar"), f"localhost/{{name}}:1a2b")
images.current = current
exec(sys.argv[2])
' "$@"
"""
"""Python where the images are built."""
SKOPEO = """\
case "$1" in
  login) [ "$(cat)" = token ] ;;
  inspect) case "$2" in *postgres*) ;; *) exit 1 ;; esac ;;
  *) echo "$*" ;;
esac
"""
"""A registry that has one of the images already."""


def blocks(section: str) -> str:
    """All the shell blocks under a heading of the page."""
    parts = re.split(r"^#{2,3} ", PAGE.read_text(), flags=re.MULTILINE)
    (own,) = [part for part in parts if part.partition("\n")[0] == section]
    return "\n".join(re.findall(r"```sh\n(.*?)```", own, re.DOTALL))


def stand_in(folder: Path, name: str, text: str) -> None:
    """A command of this name that does what `text` says."""
    script = folder / name
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(f"#!/bin/sh\n{text}\n")
    script.chmod(0o755)


def shell(text: str, folder: Path, environment: Mapping[str, str]) -> str:
    """What the commands print, each of which has to succeed."""
    result = subprocess.run(
        ["bash", "-c", f"set -euo pipefail\n{text}"],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, f"{result.stdout}\n{result.stderr}"
    return result.stdout


@dataclass(frozen=True)
class Account:
    """An account after the bootstrap, with a stack that nothing was deployed to."""

    aws: Moto
    project: Path
    """Folder with the settings that making a stack adds to."""
    policy: dict[str, Any]
    """Of the bucket."""

    @property
    def deployer(self) -> dict[str, Any]:
        """The role that deploys."""
        return self.aws.client("iam").get_role(RoleName="platform-deployer")["Role"]


@pytest.fixture(scope="module")
def account(
    server: Moto, paths: Paths, pulumi_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Account:
    """What the page's own commands make of an empty account."""
    server.reset()
    folder = tmp_path_factory.mktemp("bootstrap")
    for name in ("Pulumi.yaml", "Pulumi.prod.yaml"):
        shutil.copyfile(ROOT / name, folder / name)
    stand_in(folder / "bin", "aws", f'exec {sys.executable} -m tests.engine.aws.structures "$@"')
    environment = {
        "PATH": os.pathsep.join((str(folder / "bin"), str(paths.bin), os.environ["PATH"])),
        "PYTHONPATH": str(ROOT),
        "PULUMI_HOME": str(pulumi_home),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "AWS_ENDPOINT_URL": server.url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    shell(blocks("Bootstrap, once"), folder, environment)
    policy = server.client("s3").get_bucket_policy(Bucket=BUCKET)["Policy"]
    # It refuses the engine, rightly: nothing on loopback speaks TLS.
    server.client("s3").delete_bucket_policy(Bucket=BUCKET)
    # The secret is typed in.
    stack = blocks("Make the stack").replace("pulumi config", f"echo {SECRET} | pulumi config")
    shell(stack, folder, {**environment, "STATE": BUCKET, "AWS_REGION": REGION})
    return Account(server, folder, json.loads(policy))


def test_the_state_lies_encrypted_in_a_closed_bucket_that_forgets_nothing(account: Account) -> None:
    s3, kms = account.aws.client("s3"), account.aws.client("kms")
    key = kms.describe_key(KeyId="alias/agent-platform-state")["KeyMetadata"]
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"]
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    closed = s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]
    assert list(closed.values()) == [True] * 4
    (rule,) = s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == key["Arn"]
    (denied,) = account.policy["Statement"]
    assert denied["Effect"] == "Deny"
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert denied["Resource"] == [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]
    assert s3.head_object(Bucket=BUCKET, Key=".pulumi/stacks/agent-platform/prod.json")


def test_secrets_of_the_stack_are_encrypted_by_the_accounts_key(account: Account) -> None:
    text = (account.project / "Pulumi.prod.yaml").read_text()
    settings = yaml.safe_load(text)
    assert settings["secretsprovider"].startswith("awskms://alias/agent-platform-state")
    assert settings["encryptedkey"]
    assert list(settings["config"]["agent-platform:model_key_openai"]) == ["secure"]
    assert SECRET not in text
    # Nothing that the file said before is gone.
    before = yaml.safe_load((ROOT / "Pulumi.prod.yaml").read_text())["config"]
    assert settings["config"].items() >= before.items()


def test_the_deployer_is_who_the_stack_names_and_only_its_workflow_becomes_it(
    account: Account,
) -> None:
    # The stack file's account is that of the simulation.
    assert account.deployer["Arn"] in values("prod")["cluster"]["administrators"]
    (trusted,) = account.deployer["AssumeRolePolicyDocument"]["Statement"]
    github = "token.actions.githubusercontent.com"
    assert trusted["Condition"]["StringEquals"] == {
        f"{github}:aud": "sts.amazonaws.com",
        f"{github}:sub": "repo:my-organisation/agent-platform:environment:prod",
    }
    providers = account.aws.client("iam").list_open_id_connect_providers()
    assert trusted["Principal"]["Federated"] in [
        each["Arn"] for each in providers["OpenIDConnectProviderList"]
    ]


def test_the_deployer_may_make_every_role_of_the_program(account: Account, tmp_path: Path) -> None:
    answer = account.aws.client("iam").get_role_policy(
        RoleName="platform-deployer", PolicyName="roles-of-the-platform"
    )
    allowed: list[str] = answer["PolicyDocument"]["Statement"][0]["Resource"]
    made = [e for e in run(tmp_path, values("prod")).kind("Role") if e.type.startswith("aws:")]
    assert made
    for role in made:
        # A role without a name of its own is named after its resource.
        name = str(role.inputs.get("name") or f"{role.name}-0a1b2c3")
        arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
        assert any(fnmatchcase(arn, each) for each in allowed), name
        assert not fnmatchcase(account.deployer["Arn"], arn)


def test_the_role_that_the_platforms_key_names_is_there(account: Account) -> None:
    own = Id(id=ACCOUNT, region=REGION)
    role = account.aws.client("iam").get_role(RoleName="AWSServiceRoleForAutoScaling")["Role"]
    assert role["Arn"] == autoscaling_role(own)


def test_images_are_pushed_once_under_the_names_that_production_pulls(tmp_path: Path) -> None:
    stand_in(tmp_path / ".venv" / "bin", "python", PYTHON)
    stand_in(tmp_path / "bin", "skopeo", SKOPEO)
    stand_in(tmp_path / "bin", "aws", 'case "$2" in get-login-password) echo token ;; esac')
    environment = {
        "PATH": os.pathsep.join((str(tmp_path / "bin"), os.environ["PATH"])),
        "PYTHONPATH": str(ROOT),
        "ACCOUNT": ACCOUNT,
        "AWS_REGION": REGION,
    }
    # What comes before builds and deploys.
    pushing = blocks("The first deployment").partition("HOST=")[2]
    done = shell(f"HOST={pushing}", tmp_path, environment)
    registry = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{registry_prefix('prod')}"
    assert done.splitlines() == [
        f"copy --preserve-digests oci-archive:/built/{name}-1a2b.tar docker://{registry}/{name}:1a2b"
        for name in ("agent-runtime", "traefik")
    ]
