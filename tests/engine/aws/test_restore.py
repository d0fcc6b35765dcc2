"""The runbook of a restore, as it stands on its page: against a rehearsed AWS and the real engine."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.aws.managed_stores import DATABASE, database, write
from tests.engine.stack import NAME, Project
from tests.moto import Moto
from tests.policies.analyzer import ROOT
from toolchain.providers.aws.types.database_outputs import resource_id

pytestmark = pytest.mark.engine

PAGE = ROOT / "docs" / "runbooks" / "restore-postgres.md"
RUN = ("Restore PostgreSQL", "1", "2", "3")
"""Sections up to the check of what was restored; the first sets what the others use."""
STAND_INS = {
    # A kubeconfig is no question to AWS.
    "aws": f"""[ "$2" = update-kubeconfig ] || exec {sys.executable} -m tests.engine.aws.command_line "$@"
    """,
    # There is no cluster. It would answer that nobody writes.
    "kubectl": """case "$1" in get) echo '{"items": []}' ;; esac""",
    # The page's stack is called prod, and has policies.
    "pulumi": f"""for word in "$@"; do
      shift
      case "$word" in
        --policy-pack*|policies*) continue ;;
        prod) word={NAME} ;;
      esac
      set -- "$@" "$word"
    done
    [ "$1" = preview ] && set -- "$@" --event-log preview.jsonl
    exec "$PULUMI" "$@" --non-interactive""",
}


def sections() -> dict[str, list[str]]:
    """The shell blocks of the page by section, those of subsections left out."""
    found: dict[str, list[str]] = {}
    for part in re.split(r"^#{1,2} ", PAGE.read_text(), flags=re.MULTILINE)[1:]:
        title, _, rest = part.partition("\n")
        own = re.split(r"^### ", rest, flags=re.MULTILINE)[0]
        name = title.partition(".")[0] if title[0].isdigit() else title
        found[name] = re.findall(r"```sh\n(.*?)```", own, re.DOTALL)
    return found


@pytest.fixture
def shell(project: Project, aws: Moto, tmp_path: Path) -> "Shell":
    if shutil.which("jq") is None:
        pytest.fail("the runbook needs jq, and there is none on the PATH: install it")
    for name, text in STAND_INS.items():
        script = tmp_path / name
        script.write_text(f"#!/bin/sh\n{text}\n")
        script.chmod(0o755)
    return Shell(project, aws, tmp_path)


class Shell:
    """A shell in the project's folder, with the page's variables."""

    def __init__(self, project: Project, aws: Moto, stand_ins: Path) -> None:
        self.project = project
        self.environment = {
            **os.environ,
            **project.environment,
            "PATH": os.pathsep.join((str(stand_ins), project.environment["PATH"])),
            "PULUMI": str(project.pulumi),
            "PYTHONPATH": str(ROOT),
            "AWS_ENDPOINT_URL": aws.url,
        }
        self.blocks = sections()
        self.done = ""

    def run(self, section: str) -> str:
        """Run a section after the functions and variables of those before; what it prints."""
        text = "\n".join(self.blocks[section])
        # Only values are taken along: what was done is done.
        script = f"set -euo pipefail\n{self.done}\n{text}"
        result = subprocess.run(
            ["bash", "-c", script],
            cwd=self.project.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, f"{section}: {result.stdout}\n{result.stderr}"
        self.done += "\n".join(_kept(text)) + "\n"
        return result.stdout


def _kept(text: str) -> Iterator[str]:
    """Assignments and functions."""
    yield from re.findall(r"^(?:export )?[A-Z_]+=\S*.*$", text, re.MULTILINE)
    yield from re.findall(r"^\w+\(\) \{\n.*?^\}$", text, re.MULTILINE | re.DOTALL)


def test_the_page_restores_a_database_under_the_name_of_the_old_one(
    shell: Shell, aws: Moto
) -> None:
    write(shell.project)
    shell.project.deployed()
    before = database(aws)

    for section in RUN:
        shell.run(section)
    restored = database(aws, f"{DATABASE}-restored")
    for key in ("DBSubnetGroup", "VpcSecurityGroups", "DBParameterGroups", "KmsKeyId", "MultiAZ"):
        assert restored[key] == before[key], key
    assert restored["DeletionProtection"]
    assert restored["MasterUserSecret"]["KmsKeyId"] == before["KmsKeyId"]

    shell.run("4")
    assert resource_id(database(aws)) == resource_id(restored)
    assert resource_id(database(aws, f"{DATABASE}-old")) == resource_id(before)
    assert database(aws)["Endpoint"]["Address"] == before["Endpoint"]["Address"]

    shell.run("5")
    instance = shell.project.resource("postgres-instance")
    assert instance["id"] == resource_id(restored)
    assert previewed(shell.project) == {
        "postgres-instance": {"update"},
        # The new database has a secret of its own.
        "postgres-rotation": {"create-replacement", "replace", "delete-replaced"},
    }
    outputs = shell.project.outputs()
    assert outputs["resource_id"] == resource_id(restored)
    assert outputs["master_secret"] == restored["MasterUserSecret"]["SecretArn"]
    assert set(shell.project.preview().operations.values()) == {"same"}

    shell.run("6")
    rds = aws.client("rds")
    names = [e["DBInstanceIdentifier"] for e in rds.describe_db_instances()["DBInstances"]]
    assert names == [DATABASE]
    kept = [each["DBSnapshotIdentifier"] for each in rds.describe_db_snapshots()["DBSnapshots"]]
    assert any(each.startswith(f"{DATABASE}-old-20") for each in kept)


def previewed(project: Project) -> dict[str, set[str]]:
    """What the page's own preview would have done, by resource; without what stays."""
    lines = (project.folder / "preview.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    steps = [each["resourcePreEvent"]["metadata"] for each in events if "resourcePreEvent" in each]
    found: dict[str, set[str]] = {}
    for step in steps:
        if step["op"] != "same":
            found.setdefault(step["urn"].rsplit("::", 1)[-1], set()).add(step["op"])
    return found
