"""Engine: what the workflows' steps run, run here, in a fresh clone and with the workflows' environment."""

import shutil
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.engine.workflows import databases
from tests.engine.workflows.forge import FORK, NUMBER, TOKEN, Clone, Forge, clone
from tests.engine.workflows.runner import Ran, Runner
from tests.review.hosting.github_records import REPOSITORY
from tests.review.hosting.server import serving
from tests.workflows.osv import Asked, osv
from tests.workflows.reading import FOLDER, Workflow, parse, workflows
from toolchain.paths import Paths
from toolchain.scans import modules, packages

pytestmark = [pytest.mark.engine, pytest.mark.timeout(1800)]

COVERED = {
    "make test": ".ci/run runs it: these tests are a part of it",
    "make check": "make test does all that it does, and more",
    "make rehearse": ".ci/run runs it after make test",
    "make e2e": ".ci/run runs it last; it takes the cluster for itself",
}
"""Steps that are not run here, and why."""
HERE = {
    "make lint-workflows",
    "make policies",
    "make images",
    "make scan",
    "make audit",
    "make secrets",
    'make preview-report STACKS="dev prod"',
    "make preview-comment",
    "make fork-comment",
    "make drift-report STACK=prod",
    "make drift-issue STACK=prod",
}
"""Steps that are."""


def workflow(name: str) -> Workflow:
    return parse(name, (FOLDER / name).read_text())


@dataclass
class Scene:
    """A pull request on a host, and a runner with its clone."""

    forge: Forge
    runner: Runner
    temp: Path
    api: str

    def event(self, file: Path, **variables: str) -> None:
        self.runner.variables = {
            "GITHUB_API_URL": self.api,
            "GITHUB_EVENT_PATH": str(file),
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_RUN_NUMBER": "3",
            "GITHUB_STEP_SUMMARY": str(self.temp / "summary.md"),
            "GITHUB_OUTPUT": str(self.temp / "output"),
            "GITHUB_WORKFLOW_REF": f"{REPOSITORY}/.github/workflows/preview.yml@refs/pull/1/merge",
            **variables,
        }

    def pull_request(self) -> None:
        self.event(self.forge.pull_request(self.temp / "event.json"), GITHUB_BASE_REF="main")

    @property
    def comments(self) -> list[str]:
        return [remark.body for remark in self.forge.below(NUMBER)]


@pytest.fixture(scope="session")
def cloned(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    return clone(tmp_path_factory.mktemp("forge"))


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory, paths: Paths) -> Path:
    """What is built on this machine, and nothing of what was ever deployed or drawn on it."""
    folder = tmp_path_factory.mktemp("cache")
    for name in ("bin", "tools", "uv", "go", "images", "timings.json"):
        (folder / name).symlink_to(paths.root / name)
    return folder


@pytest.fixture
def scene(cloned: Clone, cache: Path, tmp_path: Path) -> Generator[Scene]:
    forge = Forge(cloned.head)
    with serving(forge) as address:
        forge.address = address
        (tmp_path / "runner").mkdir()
        runner = Runner(
            clone=cloned.folder,
            temp=tmp_path / "runner",
            artifacts=tmp_path / "artifacts",
            variables={},
            cache=cache,
            contexts={
                "github.token": TOKEN,
                "github.event.pull_request.number": str(NUMBER),
            },
        )
        made = Scene(forge, runner, tmp_path, address)
        made.pull_request()
        yield made


def well(ran: list[Ran]) -> None:
    for one in ran:
        assert one.code == 0, f"{one.command} ended with {one.code}:\n{one.output[-6000:]}"
    assert ran


def test_each_step_is_run_here_or_covered_elsewhere() -> None:
    there = {step.run for w in workflows() for _, step in w.steps if step.run}
    assert there == HERE | set(COVERED)
    ours = (FOLDER.parents[1] / ".ci" / "run").read_text()
    assert "parts=(test rehearse e2e)" in ours


def test_a_pull_request_of_a_branch_gets_its_report_as_one_comment(scene: Scene) -> None:
    preview = workflow("preview.yml")
    well(scene.runner.run(preview, "offline"))
    report = scene.runner.artifacts / f"preview-{NUMBER}" / "report.md"
    assert "prod" in report.read_text()
    assert {f.name for f in report.parent.iterdir()} == {
        *("report.md", "report.html", "report.json"),
        "pull-request.txt",
    }
    well(scene.runner.run(preview, "comment"))
    (first,) = scene.comments
    assert report.read_text().strip() in first
    scene.pull_request()
    scene.runner.variables = {**scene.runner.variables, "GITHUB_RUN_NUMBER": "4"}
    well(scene.runner.run(preview, "comment"))
    assert len(scene.comments) == 1


def test_a_forks_pull_request_gets_its_report_through_the_other_workflow(scene: Scene) -> None:
    scene.forge.source = FORK
    scene.pull_request()
    well(scene.runner.run(workflow("preview.yml"), "offline"))
    assert scene.comments == []
    scene.event(scene.forge.workflow_run(scene.temp / "event.json"))
    well(scene.runner.run(with_folder(scene), "comment"))
    (body,) = scene.comments
    assert f"Made by code of the fork `{FORK}`" in body


def with_folder(scene: Scene) -> Workflow:
    """The workflow that comments; its checkout knows no run's id."""
    scene.runner.contexts = {
        **scene.runner.contexts,
        "github.event.workflow_run.id": "4711",
        "github.event.repository.default_branch": "main",
    }
    return workflow("comment.yml")


def test_policies_hold_on_both_stacks(scene: Scene) -> None:
    well(scene.runner.run(workflow("ci.yml"), "policies"))


def test_workflows_are_linted(scene: Scene) -> None:
    well(scene.runner.run(workflow("ci.yml"), "workflows"))


def test_neither_files_nor_history_have_secrets(scene: Scene) -> None:
    well(scene.runner.run(workflow("ci.yml"), "secrets"))
    assert sorted(
        file.name for file in (scene.runner.artifacts / "findings-secrets").iterdir()
    ) == [
        "secrets-files.sarif",
        "secrets-history.sarif",
    ]


def test_dependencies_are_audited_where_the_databases_are_within_reach(
    scene: Scene, tmp_path: Path
) -> None:
    database = databases.for_govulncheck(tmp_path / "go", GO_2026_0001="example.com/none/such")
    with osv({}) as (address, asked):
        scene.runner.extra = {packages.SERVICE: address, modules.DATABASE: database}
        well(scene.runner.run(workflow("ci.yml"), "audit"))
    assert _names(asked) >= {"pulumi", "fastapi", "pytest"}


def _names(asked: list[Asked]) -> set[str]:
    return {one.package.name for one in asked}


def test_where_no_database_is_within_reach_the_audit_fails_and_says_so(scene: Scene) -> None:
    nowhere = "http://127.0.0.1:1"
    scene.runner.extra = {packages.SERVICE: nowhere, modules.DATABASE: nowhere}
    (ran,) = scene.runner.run(workflow("ci.yml"), "audit")
    assert ran.code != 0
    assert ran.output.count("NOT CHECKED") == 5
    scene.runner.extra = {**scene.runner.extra, "UNCHECKED": "allow"}
    (allowed,) = scene.runner.run(workflow("ci.yml"), "audit")
    assert allowed.code == 0
    assert allowed.output.count("NOT CHECKED") == 5


def test_images_are_built_and_scanned(scene: Scene, tmp_path: Path, paths: Paths) -> None:
    # Of nothing that is in the images: whether it finds what is there is told by the scanner's own tests.
    scene.runner.extra = databases.for_grype(tmp_path / "db", "none-such", "none-such", paths)
    well(scene.runner.run(workflow("ci.yml"), "images"))
    locked = yaml.safe_load((scene.runner.clone / "images.lock.yaml").read_text())["images"]
    assert {"agent-runtime", "postgres", "redis", "traefik"} <= set(locked)
    found = scene.runner.artifacts / "findings-images"
    assert "image-agent-runtime.sarif" in {file.name for file in found.iterdir()}


def test_without_a_backend_the_look_for_drift_says_so_and_tells_nobody(scene: Scene) -> None:
    drift = workflow("drift.yml")
    scene.event(scene.temp / "none.json")
    (scene.temp / "none.json").write_text("{}")
    ran = scene.runner.run(drift, "look")
    well(ran)
    assert "::notice::" in ran[0].output
    assert not (scene.runner.artifacts / "drift").exists()
    well(scene.runner.run(drift, "tell"))
    assert scene.forge.issues == []


@pytest.fixture(autouse=True)
def clean(cloned: Clone) -> Generator[None]:
    yield
    shutil.rmtree(cloned.folder / "reports", ignore_errors=True)
