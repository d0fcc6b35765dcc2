"""Tier e2e: the embedded cluster for real, from nothing to nothing.

It is a second cluster beside the one of `make up`: own folder, own ports, own network.
"""

import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Generator
from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests import ports
from tests.e2e.machine import (
    PATHS,
    SERVE,
    SPACE,
    Machine,
    free_network,
    left_behind,
    pod,
    prepare,
    said,
    service,
    system_images,
)
from tests.e2e.platform import eventually
from toolchain import builds, images
from toolchain.cluster import configuration
from toolchain.cluster.embedded import EmbeddedCluster
from toolchain.cluster.layout import Layout
from toolchain.cluster.model import ClusterError
from toolchain.cluster.requirements import reason_against_containers
from toolchain.cluster.settings import Settings

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600), pytest.mark.xdist_group("cluster")]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Generator[Machine]:
    layout = Layout(tmp_path_factory.mktemp("node") / "cluster", PATHS.bin)
    reason = reason_against_containers(layout.root)
    if reason:
        pytest.fail(f"containers cannot run here: {reason}")
    api, edge = ports.free(2)
    settings = Settings(
        api_port=api,
        edge_port=edge,
        node_network=free_network(),
    )
    cluster = EmbeddedCluster(layout, settings, system_images, builds.module_dir)
    python = images.build("python", said, images.workshop(PATHS))
    cluster.up(said)
    try:
        made = Machine(cluster, layout, settings, python.reference)
        prepare(made)
        yield made
    finally:
        cluster.clean(said)


def test_a_machine_without_the_packages_can_still_run_containers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = tmp_path / "bin"
    few.mkdir()
    for name in ("unshare", "sh", "mount", "mkdir"):
        found = shutil.which(name)
        assert found
        (few / name).symlink_to(found)
    monkeypatch.setenv("PATH", str(few))

    assert reason_against_containers(tmp_path / "cluster") is None


def test_a_restricted_pod_runs_as_nobody_in_particular(machine: Machine) -> None:
    assert machine.python("server", "import os; print(os.getuid())") == "1001"


def test_a_pod_that_wants_more_is_refused_in_a_restricted_namespace(machine: Machine) -> None:
    wanted = pod(machine, "greedy", SERVE)
    wanted["spec"]["hostNetwork"] = True
    answer = machine.kubectl("apply", "-f", "-", stdin=wanted, check=False)
    assert "violates PodSecurity" in answer


@pytest.mark.parametrize("name", ["server", "server.restricted", "kubernetes.default.svc"])
def test_services_are_found_by_name(machine: Machine, name: str) -> None:
    address = machine.python("client", f"import socket; print(socket.gethostbyname({name!r}))")
    assert address.startswith("10.96."), address


def test_a_service_leads_to_its_pod(machine: Machine) -> None:
    assert machine.fetch("client", "http://server") == "200"


def test_a_pod_asks_the_api_server_and_is_told_that_it_may_not(machine: Machine) -> None:
    code = (
        "import ssl, urllib.request as r, urllib.error as e\n"
        "at = '/var/run/secrets/kubernetes.io/serviceaccount/'\n"
        "c = ssl.create_default_context(cafile=at + 'ca.crt')\n"
        "q = r.Request('https://kubernetes.default.svc/api/v1/secrets', "
        "headers={'Authorization': 'Bearer ' + open(at + 'token').read()})\n"
        "try: r.urlopen(q, context=c, timeout=5)\n"
        "except e.HTTPError as x: print(x.code)"
    )
    assert machine.python("client", code) == "403"


def test_network_policy_denies_and_allows(machine: Machine) -> None:
    policy: dict[str, Any] = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "server", "namespace": SPACE},
        "spec": {"podSelector": {"matchLabels": {"app": "server"}}, "policyTypes": ["Ingress"]},
    }
    assert machine.fetch("client", "http://server") == "200"
    machine.apply(policy)
    eventually(
        "a refused connection",
        lambda: machine.fetch("client", "http://server").startswith("refused"),
    )
    policy["spec"]["ingress"] = [{"from": [{"podSelector": {"matchLabels": {"app": "client"}}}]}]
    machine.apply(policy)
    eventually("an answer", lambda: machine.fetch("client", "http://server") == "200")
    machine.kubectl("delete", "networkpolicy", "server", "-n", SPACE)


def test_the_gateways_port_on_loopback_reaches_a_pod(machine: Machine) -> None:
    port = machine.settings.edge_node_port
    machine.apply(pod(machine, "gateway", SERVE), service("gateway", port))
    machine.ready("gateway")
    url = f"http://127.0.0.1:{machine.settings.edge_port}/"

    def answered() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=3) as answer:
                return answer.status == 200
        except OSError:
            return False

    eventually("an answer on the gateway's port", answered)


def test_haproxy_takes_its_configuration(machine: Machine, tmp_path: Path) -> None:
    path = tmp_path / "haproxy.cfg"
    path.write_text(configuration.haproxy(machine.settings))
    done = subprocess.run(
        ["haproxy", "-c", "-f", path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert f"127.0.0.1:{machine.settings.api_port}" in path.read_text()
    assert f"{machine.settings.node_ip}:30080" in path.read_text()


def test_logs_and_figures_of_a_pod_can_be_read(machine: Machine) -> None:
    machine.fetch("client", "http://server/seen")
    eventually(
        "the request in the log", lambda: "/seen" in machine.kubectl("logs", "-n", SPACE, "server")
    )
    eventually(
        "figures", lambda: "server" in machine.kubectl("top", "pods", "-n", SPACE, check=False)
    )
    assert "agent-platform-dev" in machine.kubectl("top", "nodes")


def test_a_secret_is_not_readable_in_the_database(machine: Machine) -> None:
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "key", "namespace": SPACE},
        "stringData": {"value": "plain-to-see"},
    }
    machine.apply(secret)
    stored = b"".join(p.read_bytes() for p in machine.layout.etcd.rglob("*") if p.is_file())
    assert b"k8s:enc:secretbox:v1:" in stored
    assert b"plain-to-see" not in stored


def test_the_state_of_every_component_is_told(machine: Machine) -> None:
    status = machine.cluster.status()
    assert status.running
    assert {row.state for row in status.components} == {"running"}
    assert all((row.memory_bytes or 0) > 2**20 for row in status.components)
    assert [node.ready for node in status.nodes] == [True]


def test_a_component_that_dies_is_back_by_itself(machine: Machine) -> None:
    def scheduler() -> float:
        rows = {row.name: row for row in machine.cluster.status().components}
        return rows["kube-scheduler"].uptime_seconds or 0

    eventually("a scheduler of some seconds", lambda: scheduler() > 3)
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if "kube-scheduler" in line and str(machine.layout.root) in line:
            process.kill()
    eventually("another scheduler", lambda: 0 < scheduler() < 3)


def test_a_second_cluster_on_the_same_ports_is_refused(machine: Machine, tmp_path: Path) -> None:
    other = EmbeddedCluster(
        Layout(tmp_path / "cluster", PATHS.bin),
        machine.settings,
        system_images,
        builds.module_dir,
    )
    with pytest.raises(ClusterError, match=f"port {machine.settings.api_port} .* by haproxy"):
        other.up(said)


def test_an_image_that_nothing_names_is_removed_and_a_used_one_stays(machine: Machine) -> None:
    unused = images.build("redis", said, images.workshop(PATHS))
    machine.cluster.load_image(unused.archive, unused.reference)
    assert machine.cluster.has_image(unused.reference)
    machine.cluster.up(said)
    assert not machine.cluster.has_image(unused.reference)
    assert machine.cluster.has_image(machine.image)


def test_another_node_network_is_refused_while_the_node_runs(machine: Machine) -> None:
    other = replace(machine.settings, node_network=IPv4Network("192.168.191.0/30"))
    cluster = EmbeddedCluster(machine.layout, other, system_images, builds.module_dir)
    with pytest.raises(ClusterError, match="AGENT_PLATFORM_NODE_NETWORK"):
        cluster.up(said)


def test_an_interrupted_start_is_continued(machine: Machine) -> None:
    def interrupt(line: str) -> None:
        if "waiting for the API server" in line:
            raise KeyboardInterrupt

    machine.cluster.down(said)
    with pytest.raises(KeyboardInterrupt):
        machine.cluster.up(interrupt)
    machine.cluster.up(said)
    assert machine.cluster.status().running
    machine.ready("server")


def test_a_volume_and_its_pod_survive_the_clusters_end(machine: Machine) -> None:
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "kept", "namespace": SPACE},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}},
    }
    volume = {"persistentVolumeClaim": {"claimName": "kept"}}
    machine.apply(claim, pod(machine, "keeper", SERVE, volume=volume))
    machine.ready("keeper")
    machine.python("keeper", "open('/data/note', 'w').write('still here')")

    machine.cluster.down(said)
    assert left_behind(machine) == []
    assert not machine.cluster.status().running
    began = time.monotonic()
    machine.cluster.up(said)
    print(f"warm start: {time.monotonic() - began:.1f} s")

    machine.ready("keeper")
    assert machine.python("keeper", "print(open('/data/note').read())") == "still here"
    machine.ready("server")
    machine.ready("client")
    eventually("an answer", lambda: machine.fetch("client", "http://server") == "200")


def test_a_node_that_was_killed_is_swept_up_and_started_again(machine: Machine) -> None:
    record = json.loads(machine.layout.node_record.read_text())
    os.kill(record["pid"], 9)
    eventually("the node's end", lambda: not machine.cluster.status().running)
    machine.cluster.up(said)
    assert machine.cluster.status().running
    machine.ready("server")


def test_the_end_leaves_nothing_on_the_host(machine: Machine) -> None:
    machine.cluster.down(said)
    assert left_behind(machine) == []
    machine.cluster.down(said)  # a second time is no error
