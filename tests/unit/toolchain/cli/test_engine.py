"""Unit tier: locks of the engine, stacks, and how a Pulumi command is run and ended."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import yaml

from toolchain.cli import clusters
from toolchain.cli import stack as stacks
from toolchain.cli.engine import Engine, EngineError, Lock, locks
from toolchain.cli.stack import StackError
from toolchain.engine.cli import Pulumi
from toolchain.engine.settings import Stack
from toolchain.paths import Paths

GONE = 2**22 + 1
"""Above every number that the kernel gives to a process."""


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    """A project with one stack, whose state is in a folder."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "Pulumi.yaml").write_text("name: agent-platform\n")
    settings = {"config": {"agent-platform:cluster": {"context": "agent-platform-dev"}}}
    (project / "Pulumi.dev.yaml").write_text(yaml.safe_dump(settings))
    return Stack(project, "dev", tmp_path / "state")


def _locked(stack: Stack, pid: int, host: str) -> None:
    folder = stack.state / ".pulumi/locks/organization/agent-platform/dev"
    folder.mkdir(parents=True, exist_ok=True)
    noted = {"pid": pid, "username": "me", "hostname": host, "timestamp": "2026-11-21T11:00:00Z"}
    (folder / f"{host}-{pid}.json").write_text(json.dumps(noted))


def test_a_lock_whose_process_is_gone_is_stale(stack: Stack) -> None:
    _locked(stack, GONE, os.uname().nodename)
    (lock,) = locks(stack)
    assert lock.stale()


def test_a_lock_of_another_machine_is_not_ours_to_judge(stack: Stack) -> None:
    _locked(stack, GONE, "another-machine")
    (lock,) = locks(stack)
    assert not lock.stale()


def test_a_number_that_another_program_has_by_now_holds_no_lock() -> None:
    host = os.uname().nodename
    assert Lock(file=Path("lock.json"), pid=os.getpid(), host=host, timestamp="").stale()


@pytest.fixture
def own_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    """The state is in our own folder, whatever the shell says."""
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)


@pytest.mark.usefixtures("own_backend")
def test_a_stale_lock_is_removed_and_said(stack: Stack, tmp_path: Path) -> None:
    _locked(stack, GONE, os.uname().nodename)
    engine = _engine(stack, tmp_path, "sys.exit('nobody asked for this')")
    said: list[str] = []

    engine.settle_lock(said.append)

    assert locks(stack) == []
    assert said == [
        f"note: stack dev was locked by process {GONE}, which is gone (since 2026-11-21T11:00:00Z): "
        "removing the lock"
    ]


@pytest.mark.usefixtures("own_backend")
def test_somebody_at_work_on_the_stack_is_named_and_not_disturbed(
    stack: Stack, tmp_path: Path
) -> None:
    _locked(stack, 4711, "another-machine")
    engine = _engine(stack, tmp_path, "sys.exit('nobody asked for this')")

    with pytest.raises(EngineError, match="process 4711 on another-machine changes it since 2026"):
        engine.settle_lock(lambda _: None)


@pytest.mark.usefixtures("own_backend")
def test_a_stale_lock_beside_a_live_one_is_left_alone(stack: Stack, tmp_path: Path) -> None:
    _locked(stack, GONE, os.uname().nodename)
    _locked(stack, 4711, "z-another-machine")
    engine = _engine(stack, tmp_path, "sys.exit('nobody asked for this')")

    with pytest.raises(EngineError, match="process 4711 on z-another-machine"):
        engine.settle_lock(lambda _: None)

    assert len(locks(stack)) == 2


def test_a_stack_that_nobody_works_on_has_no_lock(stack: Stack) -> None:
    assert locks(stack) == []


def _engine(stack: Stack, tmp_path: Path, script: str) -> Engine:
    """An engine whose Pulumi is a script that sees its arguments."""
    pulumi = tmp_path / "pulumi"
    pulumi.write_text(f"#!{sys.executable}\nimport sys\narguments = sys.argv[1:]\n{script}\n")
    pulumi.chmod(0o755)
    return Engine(stack, Paths(tmp_path / "cache"), Pulumi(pulumi, official=False), {})


WRITES_EVENTS = """
import json
log = arguments[arguments.index("--event-log") + 1]
with open(log, "w") as stream:
    for event in EVENTS:
        stream.write(json.dumps({"sequence": 0, "timestamp": 0, **event}) + "\\n")
"""


def test_an_update_is_summed_up_from_the_event_log(stack: Stack, tmp_path: Path) -> None:
    summary = {"summaryEvent": {"resourceChanges": {"create": 3}, "durationSeconds": 1}}
    engine = _engine(stack, tmp_path, f"EVENTS = [{summary}]\n{WRITES_EVENTS}")

    tally = engine.change("up", lambda _: None, "--policy-pack", "policies")

    assert tally.summary() == "3 created"


def _previewing(changes: dict[str, int], calls: Path) -> str:
    """A script that notes each verb and foresees these changes."""
    summary = {"summaryEvent": {"resourceChanges": changes, "durationSeconds": 1}}
    note = f"open({str(calls)!r}, 'a').write(arguments[0] + ' ')"
    return f"{note}\nEVENTS = [{summary}]\n{WRITES_EVENTS}"


def test_where_a_preview_finds_nothing_to_do_nothing_is_deployed(
    stack: Stack, tmp_path: Path
) -> None:
    calls = tmp_path / "calls"

    tally = _engine(stack, tmp_path, _previewing({"same": 77}, calls)).deploy(lambda _: None)

    assert tally.summary() == "no change (77 resources)"
    assert calls.read_text() == "preview "


def test_what_a_preview_finds_is_deployed(stack: Stack, tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    _engine(stack, tmp_path, _previewing({"create": 2}, calls)).deploy(lambda _: None)
    assert calls.read_text() == "preview up "


def test_what_a_policy_forbids_is_stopped_before_anything_is_made(
    stack: Stack, tmp_path: Path
) -> None:
    calls = tmp_path / "calls"
    script = f"{_previewing({'create': 2}, calls)}\nsys.exit(1)"

    with pytest.raises(EngineError, match="`pulumi preview` of stack dev ended with 1"):
        _engine(stack, tmp_path, script).deploy(lambda _: None)

    assert calls.read_text() == "preview "


def test_a_failed_update_ends_with_the_engine_s_complaint(stack: Stack, tmp_path: Path) -> None:
    fault = {"diagnosticEvent": {"message": "no such image", "severity": "error", "color": "never"}}
    script = f"EVENTS = [{fault}]\n{WRITES_EVENTS}\nsys.exit(255)"

    with pytest.raises(
        EngineError, match="`pulumi up` of stack dev ended with 255, wanted 0:\nno such image"
    ):
        _engine(stack, tmp_path, script).change("up", lambda _: None)


def test_a_failure_without_events_shows_what_was_printed(stack: Stack, tmp_path: Path) -> None:
    script = "print('error: the stack is currently locked'); sys.exit(255)"
    with pytest.raises(EngineError, match="currently locked"):
        _engine(stack, tmp_path, script).change("up", lambda _: None)


def test_the_engine_is_interrupted_politely_and_waited_for(stack: Stack, tmp_path: Path) -> None:
    done = tmp_path / "done"
    script = f"""
import pathlib, signal, time
def end(*_):
    pathlib.Path({str(done)!r}).write_text("state saved")
    sys.exit(1)
signal.signal(signal.SIGINT, end)
print("working", flush=True)
time.sleep(60)
"""
    engine = _engine(stack, tmp_path, script)

    def on_line(line: str) -> None:
        if line == "working":
            threading.Thread(target=os.kill, args=(os.getpid(), signal.SIGINT)).start()

    with pytest.raises(KeyboardInterrupt):
        engine.change("up", on_line)

    assert done.read_text() == "state saved"


def test_a_query_that_fails_says_what_the_engine_said(stack: Stack, tmp_path: Path) -> None:
    engine = _engine(stack, tmp_path, "sys.exit('no such stack')")
    with pytest.raises(EngineError, match="ended with 1, wanted 0: no such stack"):
        engine.query("stack", "output")


def test_a_stack_that_is_not_there_is_named_with_those_that_are(
    stack: Stack, tmp_path: Path
) -> None:
    with pytest.raises(StackError, match=r"got stack staging, wanted one of: dev"):
        stacks.named("staging", Paths(tmp_path), stack.project)


def test_a_context_that_no_kubeconfig_has_is_not_replaced_by_a_cluster_of_ours(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    settings = {"config": {"agent-platform:cluster": {"context": "eks-prod"}}}
    stack.settings.write_text(yaml.safe_dump(settings))

    with pytest.raises(StackError, match=r"got the context 'eks-prod' in Pulumi\.dev\.yaml"):
        clusters.of(stack, Paths(tmp_path), lambda _: None)


@pytest.mark.parametrize(
    "text", ["", "config: {}", "config: [", "config: {agent-platform:cluster: 3}"]
)
def test_settings_without_a_context_are_the_program_s_to_report(stack: Stack, text: str) -> None:
    stack.settings.write_text(text)
    assert stacks.context(stack) is None


def test_the_first_agent_of_a_stack_is_named(stack: Stack) -> None:
    agents = [{"name": "reader", "tenant": "research"}, {"name": "other", "tenant": "research"}]
    stack.settings.write_text(yaml.safe_dump({"config": {"agent-platform:agents": agents}}))
    assert stacks.first_agent(stack) == ("reader", "research")


def test_a_stack_without_an_agent_is_told_so(stack: Stack) -> None:
    with pytest.raises(StackError, match=r"got no agent in Pulumi\.dev\.yaml"):
        stacks.first_agent(stack)


def test_a_step_s_fault_is_its_last_word(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "toolchain.cli.perform", "cluster", "no-such-stack"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "AGENT_PLATFORM_CACHE": str(tmp_path)},
    )
    assert done.returncode == 1
    assert done.stdout.startswith("error: got stack no-such-stack, wanted one of: dev, prod")
    assert done.stderr == ""
