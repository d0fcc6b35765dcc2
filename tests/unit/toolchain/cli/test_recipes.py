"""Unit tier: what `make up` consists of, for each kind of cluster."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.toolchain.cli.samples import FakeCluster
from toolchain.build_table import TOOLS
from toolchain.cli import checks, recipes
from toolchain.cli.steps import Step, ordered
from toolchain.image_table import DEPLOYED, IMAGES
from toolchain.paths import Paths

KINDS = tuple(recipes.CLUSTER_TOOLS)


def _steps(kind: str, tmp_path: Path, *, official: bool = False) -> dict[str, Step]:
    steps = recipes.deployment(
        FakeCluster(kind),
        "dev",
        Paths(tmp_path),
        official=official,
        url="http://127.0.0.1:8080",
        answer=tmp_path / "answer.json",
    )
    return {step.name: step for step in ordered(steps)}


@pytest.mark.parametrize("kind", KINDS)
def test_the_steps_of_every_kind_of_cluster_fit_together(kind: str, tmp_path: Path) -> None:
    steps = _steps(kind, tmp_path)
    assert list(steps)[-1] == "answer"


def test_the_cluster_starts_while_the_engine_and_the_gateway_are_still_built(
    tmp_path: Path,
) -> None:
    steps = _steps("embedded", tmp_path)
    before = _everything_before("cluster", steps)
    assert not before & {"tool-pulumi", "tool-traefik", "image-agent-runtime"}
    assert {"tool-kubernetes", "tool-cilium-agent", "image-coredns", "debian"} <= before


def test_nothing_is_deployed_before_its_images_are_in_the_cluster(tmp_path: Path) -> None:
    before = _everything_before("deploy", _steps("embedded", tmp_path))
    assert {"load", *(f"image-{name}" for name in DEPLOYED)} <= before


def test_an_image_waits_for_the_programs_in_it(tmp_path: Path) -> None:
    assert "tool-traefik" in _steps("embedded", tmp_path)["image-traefik"].needs


def test_a_pulumi_of_the_user_is_not_built_again(tmp_path: Path) -> None:
    steps = _steps("embedded", tmp_path, official=True)
    assert not {f"tool-{name}" for name in recipes.ENGINE_TOOLS} & set(steps)


def test_everything_in_the_table_of_images_is_built_for_the_embedded_cluster(
    tmp_path: Path,
) -> None:
    known = set(_steps("embedded", tmp_path))
    unused = {name for name in IMAGES if f"image-{name}" not in known}
    assert unused <= {"local-path-provisioner"}


@pytest.mark.parametrize("recipe", [checks.fast, checks.full])
def test_the_checks_fit_together_and_name_known_tools(
    recipe: Callable[[Paths], list[Step]], tmp_path: Path
) -> None:
    steps = ordered(recipe(Paths(tmp_path)))
    tools = {step.name.removeprefix("tool-") for step in steps if step.name.startswith("tool-")}
    assert tools <= set(TOOLS)


def test_where_no_pod_runs_a_local_process_answers(tmp_path: Path) -> None:
    steps = _steps("simulated", tmp_path)
    assert "local-agent" in steps["answer"].needs
    assert not [name for name in steps if name.startswith("image-")]


def test_images_are_loaded_unless_the_cluster_has_every_one_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = tmp_path / "images.lock.yaml"
    lock.write_text("images:\n  redis: localhost/redis@sha256:1\n  traefik: localhost/t@sha256:2\n")
    monkeypatch.setattr(recipes, "LOCK", lock)
    cluster = FakeCluster("embedded", images=("localhost/redis@sha256:1",))

    assert recipes.loaded(cluster, ["redis"])
    assert not recipes.loaded(cluster, ["redis", "traefik"])
    assert not recipes.loaded(cluster, ["redis", "never-built"])


def test_the_stack_is_destroyed_before_the_cluster_stops() -> None:
    assert [step.name for step in ordered(recipes.teardown("dev", destroy=True))] == [
        "destroy",
        "down",
    ]
    assert [step.name for step in recipes.teardown("dev", destroy=False)] == ["down"]


def _everything_before(name: str, steps: dict[str, Step]) -> set[str]:
    found: set[str] = set()
    waiting = list(steps[name].needs)
    while waiting:
        need = waiting.pop()
        if need not in found:
            found.add(need)
            waiting += steps[need].needs
    return found
