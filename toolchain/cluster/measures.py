"""How big the components are: what supervisord knows, with memory and time from the kernel."""

from collections.abc import Iterable, Mapping

import psutil

from toolchain.cluster.model import ComponentStatus
from toolchain.cluster.supervision import Process

SHIM = "containerd-shim"


def components(
    processes: Iterable[Process], host_pids: Mapping[int, int]
) -> tuple[ComponentStatus, ...]:
    """Every supervised program; the processes that it started count with it."""
    return tuple(_component(one, host_pids.get(one.pid)) for one in processes)


def _component(process: Process, pid: int | None) -> ComponentStatus:
    memory, seconds = _usage(pid) if pid else (None, None)
    return ComponentStatus(
        name=process.name,
        state=process.state.lower(),
        uptime_seconds=process.uptime_seconds if process.pid else None,
        memory_bytes=memory,
        cpu_seconds=seconds,
        # While it runs, supervisord only repeats its number and age.
        detail="" if process.state == "RUNNING" else process.detail,
    )


def shims(host_pids: Iterable[int]) -> ComponentStatus | None:
    """The processes that hold the pods for containerd: one each, children of nobody."""
    found = [pid for pid in host_pids if _name(pid).startswith(SHIM)]
    if not found:
        return None
    usages = [_usage(pid, children=False) for pid in found]
    return ComponentStatus(
        name="containerd-shims",
        state="running",
        memory_bytes=sum(memory or 0 for memory, _ in usages),
        cpu_seconds=sum(seconds or 0.0 for _, seconds in usages),
        detail=f"{len(found)} pods",
    )


def _name(pid: int) -> str:
    try:
        return psutil.Process(pid).name()
    except psutil.NoSuchProcess:
        return ""


def _usage(pid: int, *, children: bool = True) -> tuple[int | None, float | None]:
    try:
        process = psutil.Process(pid)
        family = [process, *(process.children(recursive=True) if children else [])]
    except psutil.NoSuchProcess:
        return None, None
    memory, seconds = 0, 0.0
    for member in family:
        try:
            with member.oneshot():
                memory += member.memory_info().rss
                times = member.cpu_times()
                seconds += times.user + times.system
        except psutil.NoSuchProcess:
            continue  # it ended while we counted
    return memory, seconds
