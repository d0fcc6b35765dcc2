"""A policy pack beside the program, run by the same language host."""

import sys
from pathlib import Path

import pytest
import yaml

from tests.engine.host.conftest import Stack

pytestmark = pytest.mark.engine

PACK = """
from pulumi_policy import EnforcementLevel, PolicyPack, ReportViolation, ResourceValidationArgs
from pulumi_policy import ResourceValidationPolicy


def long_enough(args: ResourceValidationArgs, report: ReportViolation) -> None:
    if args.resource_type == "random:index/randomPassword:RandomPassword":
        if args.props["length"] < 16:
            report(f"length is {int(args.props['length'])}; make it 16 or more")


PolicyPack(
    name="sample",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[
        ResourceValidationPolicy(
            name="require-long-passwords", description="Passwords are long.", validate=long_enough
        )
    ],
)
"""


@pytest.fixture
def pack(stack: Stack) -> Path:
    folder = stack.folder / "policies"
    folder.mkdir()
    # The environment is named as in the platform's own pack: relative to the pack.
    (stack.folder / ".venv").symlink_to(sys.prefix)
    runtime = {"name": "python", "options": {"virtualenv": "../.venv"}}
    (folder / "PulumiPolicy.yaml").write_text(yaml.safe_dump({"runtime": runtime}))
    (folder / "__main__.py").write_text(PACK)
    return folder


def _password(length: int) -> str:
    return f"import pulumi_random as random\nrandom.RandomPassword('p', length={length})\n"


def test_a_mandatory_violation_stops_the_update(stack: Stack, pack: Path) -> None:
    stack.program(_password(8))
    result = stack.up("--policy-pack", "policies")
    assert result.code != 0
    assert "length is 8; make it 16 or more" in result.output
    assert "require-long-passwords" in result.output
    assert "RandomPassword" not in stack.checkpoint.read_text()


def test_what_keeps_to_the_policies_passes(stack: Stack, pack: Path) -> None:
    stack.program(_password(24))
    assert "require-long-passwords" not in stack.succeed("preview", "--policy-pack", "policies")
    stack.succeed("up", "--yes", "--skip-preview", "--policy-pack", "policies")
    assert "RandomPassword" in stack.checkpoint.read_text()


def test_a_pack_that_does_not_load_stops_the_preview_with_its_reason(
    stack: Stack, pack: Path
) -> None:
    (pack / "__main__.py").write_text("import absent_module\n")
    stack.program(_password(24))
    result = stack.run("preview", "--policy-pack", "policies")
    assert result.code != 0
    assert "No module named 'absent_module'" in result.output
