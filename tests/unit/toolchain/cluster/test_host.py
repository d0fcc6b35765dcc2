"""The host's side: names that fit, ports that are taken, records of processes that are gone."""

import os
import socket
import subprocess
from pathlib import Path

import psutil
import pytest

from toolchain.cluster import cgroups, network, requirements
from toolchain.cluster.layout import Layout
from toolchain.cluster.model import ClusterError
from toolchain.cluster.network import WayOut
from toolchain.cluster.process import Record
from toolchain.cluster.settings import Settings

HYBRID = """\
tmpfs /sys/fs/cgroup tmpfs rw 0 0
cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0
cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0
"""
PURE = "proc /proc proc rw 0 0\ncgroup2 /sys/fs/cgroup cgroup2 rw,nsdelegate 0 0\n"


def test_a_hybrid_machine_has_controllers_in_v1_and_a_v2_tree_beside_them() -> None:
    found = cgroups.hierarchies(HYBRID)
    assert found.v1 == (Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup/memory"))
    assert found.v2 == Path("/sys/fs/cgroup/unified")
    assert not found.pure_v2


def test_a_machine_with_v2_alone_has_its_controllers_there() -> None:
    found = cgroups.hierarchies(PURE)
    assert found.pure_v2
    assert found.all == (Path("/sys/fs/cgroup"),)


def test_two_caches_have_different_names_on_the_host(tmp_path: Path) -> None:
    one, other = Layout(tmp_path / "a", tmp_path), Layout(tmp_path / "b", tmp_path)
    for name in ("link", "nft_table", "cgroup"):
        assert getattr(one, name) != getattr(other, name)


def test_the_link_has_a_name_that_the_kernel_takes(layout: Layout) -> None:
    assert len(layout.link) <= 15


def test_a_taken_port_is_named_with_its_holder_and_the_setting_to_change() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port: int = taken.getsockname()[1]
        with pytest.raises(ClusterError) as refused:
            network.require_free_port(port, "AGENT_PLATFORM_EDGE_PORT")
    message = str(refused.value)
    assert str(port) in message
    assert f"pid {os.getpid()}" in message
    assert "AGENT_PLATFORM_EDGE_PORT" in message
    network.require_free_port(port, "AGENT_PLATFORM_EDGE_PORT")


def test_the_rules_are_one_table_of_ours_that_lets_nothing_in(
    layout: Layout, settings: Settings
) -> None:
    rules = network.way_out_rules(layout.nft_table, layout.link, settings)
    assert rules.count("table ") == 1
    assert f'oifname "{layout.link}" drop' in rules
    assert "flush" not in rules


def test_a_record_names_one_process_and_not_the_next_with_its_number(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "600"]) as process:
        started = psutil.Process(process.pid).create_time()
        way_out = WayOut(table="t", uplink="eth0", forwarding_before="0")
        path = tmp_path / "node.json"
        Record(pid=process.pid, started=started, way_out=way_out).write(path)
        found = Record.read(path)
        assert found is not None
        assert found.way_out == way_out
        assert found.outer() is not None
        another = Record(pid=process.pid, started=started - 60)
        assert another.outer() is None
        process.kill()
    assert found.outer() is None


@pytest.mark.parametrize("text", ["", "{", '{"pid": 1}', "[]"])
def test_a_record_cut_off_half_way_counts_as_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "node.json"
    path.write_text(text)
    assert Record.read(path) is None


def test_too_little_disk_is_told_with_the_setting_that_moves_the_cache(tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match="AGENT_PLATFORM_CACHE"):
        requirements.require_disk(tmp_path, needed=2**62)
    requirements.require_disk(tmp_path, needed=1)
