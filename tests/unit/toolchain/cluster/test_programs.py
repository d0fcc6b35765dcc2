"""Command lines and configuration files: every promise that the node rests on."""

import json
import tomllib
from pathlib import Path

import pytest
import yaml

from toolchain.cluster import configuration, control_plane, kubeconfig, pki, programs
from toolchain.cluster.layout import HOST_NETWORK, Layout
from toolchain.cluster.settings import CONTEXT, Settings
from toolchain.cluster.supervision import Program


def flags(program: Program) -> dict[str, str]:
    pairs = (argument[2:].partition("=") for argument in program.command if argument[:2] == "--")
    return {name: value for name, _, value in pairs}


@pytest.fixture
def node(layout: Layout, settings: Settings) -> dict[str, Program]:
    addresses = control_plane.node_addresses(settings)
    wanted = (
        *control_plane.control_plane(layout, settings, addresses),
        *programs.node_programs(layout, settings, Path("/sys/fs/cgroup/unified")),
    )
    return {program.name: program for program in wanted}


def test_the_api_server_refuses_strangers_and_encrypts_secrets(node: dict[str, Program]) -> None:
    api = flags(node["kube-apiserver"])
    assert api["authorization-mode"] == "Node,RBAC"
    assert api["anonymous-auth"] == "false"
    assert api["encryption-provider-config"].endswith("/encryption.yaml")
    assert "kubelet-certificate-authority" in api
    assert "disable-admission-plugins" not in api


def test_etcd_takes_only_the_api_servers_certificate_and_only_on_loopback(
    node: dict[str, Program],
) -> None:
    etcd = flags(node["etcd"])
    assert etcd["client-cert-auth"] == "true"
    assert etcd["listen-client-urls"].startswith("https://127.0.0.1:")


def test_no_component_listens_beyond_the_node_but_the_api_server(node: dict[str, Program]) -> None:
    for name in ("kube-controller-manager", "kube-scheduler"):
        assert flags(node[name])["bind-address"] == "127.0.0.1"
    for address in ("metrics-bind-address", "healthz-bind-address"):
        assert flags(node["kube-proxy"])[address].startswith("127.0.0.1:")


def test_cilium_finds_debians_compiler_under_the_names_it_knows(
    node: dict[str, Program], layout: Layout
) -> None:
    assert node["cilium-agent"].environment["PATH"].startswith(f"{layout.node_bin}:")


def test_the_forwarder_runs_in_the_hosts_network(node: dict[str, Program]) -> None:
    assert node["haproxy"].command[:2] == ("nsenter", f"--net={HOST_NETWORK}")


def test_pods_outlive_a_restart_of_their_runtime(node: dict[str, Program]) -> None:
    assert not node["containerd"].kill_children
    assert node["kubelet"].kill_children


def test_what_is_stored_stops_last(node: dict[str, Program]) -> None:
    assert node["etcd"].priority < node["kube-apiserver"].priority < node["kubelet"].priority


def test_the_kubelet_never_removes_an_image_or_evicts_for_disk(
    layout: Layout, settings: Settings
) -> None:
    found = yaml.safe_load(configuration.kubelet(layout, settings))
    assert found["imageGCHighThresholdPercent"] == 100
    assert {value for name, value in found["evictionHard"].items() if "fs." in name} == {"0%"}
    assert found["cgroupRoot"] == f"/{layout.cgroup}"
    assert found["authentication"]["anonymous"]["enabled"] is False


def test_containerds_configuration_is_valid_toml_with_the_given_sandbox(layout: Layout) -> None:
    found = tomllib.loads(configuration.containerd(layout, 'localhost/pause@sha256:"'))
    cri = found["plugins"]["io.containerd.grpc.v1.cri"]
    assert cri["sandbox_image"] == 'localhost/pause@sha256:"'
    assert cri["restrict_oom_score_adj"] is True
    assert found["root"] == str(layout.containerd)


def test_the_key_for_stored_secrets_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "encryption.yaml"
    configuration.write_encryption(path)
    first = path.read_text()
    configuration.write_encryption(path)
    assert path.read_text() == first
    assert path.stat().st_mode & 0o777 == 0o600
    providers = yaml.safe_load(first)["resources"][0]["providers"]
    assert [next(iter(provider)) for provider in providers] == ["secretbox", "identity"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("nameserver 10.0.0.53\nsearch a.example\n", "nameserver 10.0.0.53\n"),
        ("nameserver 127.0.0.53\nnameserver 10.0.0.53\n", "nameserver 10.0.0.53\n"),
        ("nameserver 127.0.0.53\n", ""),
        ("nameserver fe80::1%eth0\n", ""),
    ],
)
def test_only_name_servers_that_the_node_can_reach_are_used(
    tmp_path: Path, text: str, wanted: str
) -> None:
    path = tmp_path / "resolv.conf"
    path.write_text(text)
    assert configuration.resolv_conf((path,)) == wanted


def test_the_real_name_servers_are_found_behind_a_stub(tmp_path: Path) -> None:
    stub, real = tmp_path / "stub", tmp_path / "real"
    stub.write_text("nameserver 127.0.0.53\n")
    real.write_text("nameserver 10.0.0.53\n")
    assert configuration.resolv_conf((stub, tmp_path / "none", real)) == "nameserver 10.0.0.53\n"


def test_volumes_are_folders_of_the_clusters_data(layout: Layout) -> None:
    found = json.loads(configuration.volumes(layout))
    assert found["nodePathMap"][0]["paths"] == [str(layout.volumes)]


def test_the_kubeconfig_has_one_context_and_is_for_its_owner_alone(
    layout: Layout, settings: Settings
) -> None:
    layout.make()
    pki.ensure(layout.pki, pki.leaves(settings))
    kubeconfig.write(layout.kubeconfig, layout.pki, "admin", "https://127.0.0.1:16443")
    found = yaml.safe_load(layout.kubeconfig.read_text())
    assert [context["name"] for context in found["contexts"]] == [CONTEXT]
    assert found["current-context"] == CONTEXT
    assert layout.kubeconfig.stat().st_mode & 0o777 == 0o600
