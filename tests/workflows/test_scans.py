"""The scanners of workflows that need no build: clean for the project's own, not for bad ones."""

import shutil
from pathlib import Path

import pytest

from tests.workflows.reading import GITLAB, ROOT
from toolchain.scans import workflows
from toolchain.scans.programs import ScanError


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what is scanned, for a test to spoil."""
    shutil.copytree(ROOT / ".github", tmp_path / ".github")
    (tmp_path / "examples").mkdir()
    shutil.copy(GITLAB, tmp_path / "examples")
    return tmp_path


def spoil(file: Path, good: str, bad: str) -> None:
    text = file.read_text()
    assert good in text
    file.write_text(text.replace(good, bad))


def test_workflows_and_the_gitlab_example_fit_their_schemas() -> None:
    document = workflows.scan_schemas()
    assert len(document.runs) == 2
    assert document.results == []


def test_zizmor_finds_nothing_down_to_its_pedantic_rules() -> None:
    assert [result.message.text for result in workflows.scan_security().results] == []


@pytest.mark.parametrize(
    ("file", "good", "bad"),
    [
        (".github/workflows/ci.yml", "timeout-minutes: 30", "timeout-minutes: long"),
        (".github/workflows/ci.yml", "    steps:", "    steps_:"),
        ("examples/gitlab-ci.yml", "script:", "scripts:"),
        ("examples/gitlab-ci.yml", "stages: [check", "stages: [[check"),
    ],
)
def test_what_does_not_fit_a_schema_is_found_in_its_file(
    project: Path, file: str, good: str, bad: str
) -> None:
    spoil(project / file, good, bad)
    results = workflows.scan_schemas(project).results
    assert {result.where.partition(":")[0] for result in results} == {file}


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        ("template-injection", "make check", "echo ${{ github.event.pull_request.title }}"),
        (
            "unpinned-uses",
            "checkout@df4cb1c069e1874edd31b4311f1884172cec0e10 # v6.0.3",
            "checkout@v6",
        ),
        ("artipacked", "persist-credentials: false", "fetch-depth: 1"),
        ("excessive-permissions", "permissions: {}", "permissions: write-all"),
        ("dangerous-triggers", "  pull_request:\n", "  pull_request_target:\n"),
    ],
)
def test_zizmor_finds_the_hole(project: Path, rule: str, good: str, bad: str) -> None:
    spoil(project / ".github" / "workflows" / "ci.yml", good, bad)
    results = workflows.scan_security(project).results
    assert f"zizmor/{rule}" in {result.rule for result in results}
    assert all(result.fails for result in results)


def test_a_workflow_that_zizmor_cannot_read_is_no_clean_one(project: Path) -> None:
    spoil(project / ".github" / "workflows" / "ci.yml", "    steps:", "    steps_:")
    with pytest.raises(ScanError):
        workflows.scan_security(project)


def test_a_project_without_workflows_is_no_clean_one(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="got no workflow"):
        workflows.scan_schemas(tmp_path)
