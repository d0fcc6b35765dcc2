"""Memory and CPU of everything that `make up` leaves running, while nobody asks anything of it.

The baseline is in the same run: what a component used when the window began is taken off what it
used when the window ended.
"""

import sys
import time

from rich.console import Console

from benchmarks.report import Figure, Report
from toolchain.cli.up import Platform
from toolchain.cluster import ComponentStatus
from toolchain.paths import Paths

WINDOW = 20.0
"""Seconds over which CPU time is taken."""
MIB = 2**20


def main() -> int:
    """Measure and report."""
    paths = Paths.from_environment()
    platform = Platform("dev", paths, Console(stderr=True))
    before = _components(platform)
    if not before:
        print("error: got no running component of a cluster of ours, wanted one; run: make up")
        return 1
    began = time.monotonic()
    time.sleep(WINDOW)
    after = _components(platform)
    seconds = time.monotonic() - began
    workloads = platform.kubectl().workloads()
    figures = [
        *(_memory(one.name, one.memory_bytes or 0) for one in after.values()),
        *(_memory(f"pods of {one.name}", one.memory_bytes) for one in workloads),
    ]
    used = [_cores(before, one, seconds) for one in after.values()]
    pods = sum(one.cpu_millicores for one in workloads) / 1000
    memory = sum(figure.value for figure in figures)
    report = Report(
        name="footprint",
        title="What `make up` leaves running",
        method=f"CPU over {WINDOW:.0f} s without a request; of pods, as metrics-server has it.",
        figures=(
            Figure(what="memory, all together", value=memory, unit="MiB"),
            Figure(what="CPU, the cluster", value=sum(used), unit="cores"),
            Figure(what="CPU, the platform's pods", value=pods, unit="cores"),
            *sorted(figures, key=lambda figure: -figure.value),
        ),
    )
    report.write()
    print(f"{memory:.0f} MiB, {sum(used) + pods:.2f} cores at rest")
    return 0


def _components(platform: Platform) -> dict[str, ComponentStatus]:
    return {one.name: one for one in platform.cluster.status().components}


def _memory(what: str, size: int) -> Figure:
    return Figure(what=what, value=size / MIB, unit="MiB")


def _cores(before: dict[str, ComponentStatus], now: ComponentStatus, seconds: float) -> float:
    earlier = before.get(now.name)
    started = earlier.cpu_seconds if earlier else 0.0
    return max(0.0, (now.cpu_seconds or 0.0) - (started or 0.0)) / seconds


if __name__ == "__main__":
    sys.exit(main())
