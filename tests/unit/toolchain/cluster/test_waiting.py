"""Waiting and measuring: a condition is awaited with an explanation, a process with its size."""

import os

import pytest

from toolchain.cluster.measures import components
from toolchain.cluster.model import ClusterError
from toolchain.cluster.supervision import Process
from toolchain.cluster.waiting import until


def process(state: str, pid: int) -> Process:
    return Process(name="etcd", state=state, pid=pid, uptime_seconds=7.0, detail="said so")


def test_a_condition_that_holds_is_not_waited_for() -> None:
    until(lambda: True, seconds=0, what="thing", explain=lambda: "no reason")


def test_the_deadline_names_what_was_awaited_and_explains_it() -> None:
    with pytest.raises(ClusterError, match=r"got no ready thing within 0 s\.\nits log"):
        until(lambda: False, seconds=0, what="ready thing", explain=lambda: "its log")


def test_a_reason_to_give_up_ends_the_wait_at_once() -> None:
    with pytest.raises(ClusterError, match="etcd keeps ending"):
        until(
            lambda: False,
            seconds=600,
            what="ready thing",
            explain=lambda: "",
            failed=lambda: "etcd keeps ending",
        )


def test_a_running_component_has_a_size_and_a_time() -> None:
    row = components([process("RUNNING", 42)], {42: os.getpid()})[0]
    assert row.state == "running"
    assert (row.memory_bytes or 0) > 2**20
    assert (row.cpu_seconds or 0) > 0
    assert row.detail == ""


def test_a_component_that_ended_says_why_and_has_no_size() -> None:
    row = components([process("FATAL", 0)], {})[0]
    assert (row.state, row.detail) == ("fatal", "said so")
    assert row.uptime_seconds is None
    assert row.memory_bytes is None
