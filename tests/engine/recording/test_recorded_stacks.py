"""Engine: both stacks are deployed in a recording, and changes are previewed against what it leaves."""

import json
import socket
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.engine.recording.stacks import Document, Run, Stack, Trap
from toolchain import builds
from toolchain.paths import Paths

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]

AGENT = "feature-extractor"
BUILT = ("pulumi", "pulumi-resource-kubernetes", "pulumi-resource-random", "pulumi-resource-tls")
INSTANCE = "postgres-instance"


@dataclass(frozen=True)
class Seen:
    """What became of one stack."""

    deployed: Run
    state: str
    unchanged: Run

    @property
    def resources(self) -> list[Document]:
        return json.loads(self.state)["deployment"]["resources"]


@pytest.fixture(scope="module")
def paths() -> Paths:
    paths = Paths.from_environment()
    for tool in BUILT:
        builds.build(tool, lambda _: None, paths=paths)
    return paths


@pytest.fixture(scope="module")
def trap() -> Generator[Trap]:
    trap = Trap.set()
    with closing(trap.listener):
        yield trap


@pytest.fixture(scope="module")
def stacks(paths: Paths, trap: Trap, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Stack]:
    folder = tmp_path_factory.mktemp("recording")
    return {name: Stack.create(name, folder, paths, trap) for name in ("dev", "prod")}


@pytest.fixture(scope="module")
def seen(stacks: dict[str, Stack]) -> dict[str, Seen]:
    """Each stack deployed, and previewed as it is."""
    found: dict[str, Seen] = {}
    for name, stack in stacks.items():
        deployed = stack.deploy()
        assert deployed.code == 0, deployed.said
        found[name] = Seen(deployed, stack.state, stack.preview())
    return found


@pytest.fixture
def dev(stacks: dict[str, Stack], seen: dict[str, Seen]) -> Stack:
    assert seen["dev"].deployed.code == 0
    return stacks["dev"]


@pytest.fixture
def prod(stacks: dict[str, Stack], seen: dict[str, Seen]) -> Stack:
    assert seen["prod"].deployed.code == 0
    return stacks["prod"]


each_stack = pytest.mark.parametrize("name", ["dev", "prod"])


@each_stack
def test_a_stack_is_deployed_with_nothing_to_deploy_it_to(
    name: str, seen: dict[str, Seen], trap: Trap
) -> None:
    deployed, resources = seen[name].deployed, seen[name].resources
    assert set(deployed.operations) == {"create"}
    assert deployed.complaints == []
    assert not trap.sprung
    kinds = {each["type"].split(":", 1)[0] for each in resources}
    assert kinds >= {"kubernetes", "aws"} if name == "prod" else {"kubernetes", "tls", "random"}
    assert all(each["id"] for each in resources if each["custom"])


@each_stack
def test_the_state_of_a_recording_is_whole_and_keeps_its_secrets(
    name: str, seen: dict[str, Seen]
) -> None:
    state = seen[name].state
    deployment = json.loads(state)["deployment"]
    assert not deployment.get("pending_operations")
    # What the engine writes for a value that it does not know.
    assert "04da6b54-80e4-46f7-96ec-b56ff0331ba9" not in state
    assert "PRIVATE KEY" not in state
    for each in seen[name].resources:
        if each["type"] == "random:index/randomPassword:RandomPassword":
            assert "ciphertext" in each["outputs"]["result"]


@each_stack
def test_a_program_that_did_not_change_changes_nothing(
    name: str, seen: dict[str, Seen], trap: Trap
) -> None:
    unchanged = seen[name].unchanged
    assert unchanged.code == 0, unchanged.said
    assert unchanged.steps == []
    assert unchanged.complaints == []
    assert not trap.sprung


def test_another_image_of_an_agent_is_an_update(dev: Stack, trap: Trap) -> None:
    lock = (dev.folder / "images.lock.yaml").read_text()
    dev.rebuild("agent-runtime")
    run = dev.preview()
    (dev.folder / "images.lock.yaml").write_text(lock)
    assert run.code == 0, run.said
    done = run.by_name()
    assert done.pop(f"{AGENT}-deployment") == "update"
    # A job cannot be changed, so that there is a new one.
    assert done.pop(f"{AGENT}-migration") == "replace"
    assert done == {}
    path = "spec.template.spec.containers[0].image"
    assert run.differences(f"{AGENT}-deployment") == {path: "update"}
    assert run.differences(f"{AGENT}-migration") == {path: "update-replace"}
    assert run.complaints == []
    assert not trap.sprung


def test_an_agent_that_is_gone_is_deleted_with_all_it_had(dev: Stack, trap: Trap) -> None:
    dev.configure(agents=[])
    run = dev.preview()
    dev.configure()
    assert run.code == 0, run.said
    done = run.by_name()
    assert set(done.values()) == {"delete"}
    assert {AGENT, f"{AGENT}-deployment", f"{AGENT}-service", f"{AGENT}-secrets"} <= set(done)
    assert all(name.startswith(AGENT) for name in done)
    assert not trap.sprung


def test_a_database_that_cannot_be_changed_is_replaced(prod: Stack, trap: Trap) -> None:
    prod.unprotect()
    prod.edit("components/stores/rds.py", 'MASTER: Final = "postgres"', 'MASTER: Final = "owner"')
    run = prod.preview()
    prod.edit("components/stores/rds.py", 'MASTER: Final = "owner"', 'MASTER: Final = "postgres"')
    assert run.code == 0, run.said
    done = run.by_name()
    assert done[INSTANCE] == "replace"
    assert run.differences(INSTANCE)["username"] == "update-replace"
    # The secret with the master's password is the old database's.
    assert done["postgres-rotation"] == "replace"
    assert not trap.sprung


def test_the_trap_is_sprung_by_whoever_calls(tmp_path: Path) -> None:
    trap = Trap.set()
    with closing(trap.listener):
        assert not trap.sprung
        assert trap.url in trap.kubeconfig(tmp_path / "kubeconfig").read_text()
        with closing(socket.create_connection(trap.listener.getsockname())):
            assert trap.sprung
        assert not trap.sprung
