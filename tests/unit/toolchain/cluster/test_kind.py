"""kind, by the commands it is given: a recorded executable stands for kind and docker."""

import json
from pathlib import Path

import pytest
import yaml

from toolchain.cluster import kind
from toolchain.cluster.addons import definitions
from toolchain.cluster.kind import KindCluster
from toolchain.cluster.layout import Layout
from toolchain.cluster.model import ClusterError
from toolchain.cluster.settings import CONTEXT, Settings
from toolchain.image_archive import BuiltImage

REFERENCE = f"localhost/redis@sha256:{'a' * 64}"
LISTING = f"""\
REF                    TYPE                                      DIGEST                  SIZE
localhost/redis:abc    application/vnd.oci.image.manifest.v1+json sha256:{"a" * 64} 9 MiB linux/amd64
localhost/other:abc    application/vnd.oci.image.manifest.v1+json sha256:{"b" * 64} 9 MiB linux/amd64
localhost/metrics:abc  application/vnd.oci.image.manifest.v1+json sha256:{"d" * 64} 9 MiB linux/amd64
"""
METRICS = f"localhost/metrics-server@sha256:{'d' * 64}"
ROUTES = {
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "ingressroutes.traefik.io"},
    "spec": {"group": "traefik.io"},
}
RECORDER = """\
#!/bin/sh
RECORD="$(dirname "$0")/../record" ANSWERS="$(dirname "$0")/../answers"
printf '%s' "$(basename "$0")" >> "$RECORD"
for one in "$@"; do printf ' %s' "$one" >> "$RECORD"; done
echo >> "$RECORD"
case "$(basename "$0") $*" in
  "kind get clusters") cat "$ANSWERS/clusters" ;;
  "kind get kubeconfig"*) cat "$ANSWERS/kubeconfig" ;;
  "kind create"*) cat > "$ANSWERS/created" ;;
  *"images ls --quiet") cat "$ANSWERS/names" ;;
  *"images ls") cat "$ANSWERS/listing" ;;
  "kubectl"*"get nodes"*) cat "$ANSWERS/nodes" ;;
  "kubectl"*" apply "*) cat > "$ANSWERS/applied" ;;
esac
"""
KUBECONFIG = {
    "clusters": [{"name": "kind-x", "cluster": {"server": "https://127.0.0.1:16443"}}],
    "users": [{"name": "kind-x", "user": {"client-certificate-data": "QQ=="}}],
    "contexts": [{"name": "kind-x", "context": {"cluster": "kind-x", "user": "kind-x"}}],
    "current-context": "kind-x",
}


class Machine:
    """Recorded kind, docker and kubectl, with the answers that a test sets."""

    def __init__(self, folder: Path) -> None:
        self.record = folder / "record"
        self.answers = folder / "answers"
        self.answers.mkdir()
        self.answer("clusters", "")
        self.answer("names", "")
        self.answer("listing", LISTING)
        self.answer("nodes", json.dumps({"items": []}))
        self.answer("kubeconfig", yaml.safe_dump(KUBECONFIG))

    def answer(self, name: str, text: str) -> None:
        (self.answers / name).write_text(text)

    def commands(self) -> list[str]:
        return self.record.read_text().splitlines() if self.record.exists() else []


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    folder = tmp_path / "path"
    folder.mkdir()
    for name in ("kind", "docker", "kubectl"):
        (folder / name).write_text(RECORDER)
        (folder / name).chmod(0o755)
    made = Machine(tmp_path)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return made


@pytest.fixture
def cluster(layout: Layout, settings: Settings, tmp_path: Path) -> KindCluster:
    built = BuiltImage(
        name="metrics-server",
        reference=METRICS,
        digest=METRICS.partition("@")[2],
        archive=tmp_path / "metrics-server.tar",
        tag="localhost/metrics-server:abc",
    )
    folder = tmp_path / "module" / definitions.TRAEFIK_FOLDER
    folder.mkdir(parents=True)
    (folder / "routes.yml").write_text(yaml.safe_dump(ROUTES))
    return KindCluster(
        layout,
        settings,
        lambda _names, _progress: [built],
        lambda _tool, _module: tmp_path / "module",
    )


def silent(_: str) -> None:
    """Progress that nobody reads."""


def test_a_first_start_creates_the_node_with_both_ports_on_loopback(
    machine: Machine, cluster: KindCluster
) -> None:
    cluster.up(silent)
    created = yaml.safe_load((machine.answers / "created").read_text())
    assert created["networking"]["apiServerAddress"] == "127.0.0.1"
    mapping = created["nodes"][0]["extraPortMappings"][0]
    assert (mapping["hostPort"], mapping["containerPort"]) == (8080, 30080)
    assert mapping["listenAddress"] == "127.0.0.1"


def test_the_kubeconfig_has_our_context_and_the_users_own_file_is_left_alone(
    machine: Machine, cluster: KindCluster
) -> None:
    cluster.up(silent)
    found = yaml.safe_load(cluster.kubeconfig.read_text())
    assert found["current-context"] == CONTEXT
    assert found["clusters"][0]["cluster"]["server"] == "https://127.0.0.1:16443"
    create = next(line for line in machine.commands() if line.startswith("kind create"))
    assert "--kubeconfig=" in create


def test_a_second_start_creates_nothing(machine: Machine, cluster: KindCluster) -> None:
    machine.answer("clusters", "agent-platform-dev\n")
    cluster.up(silent)
    commands = machine.commands()
    assert not any(line.startswith("kind create") for line in commands)
    assert "docker start agent-platform-dev-control-plane" in commands


def test_the_node_gets_the_gateways_kinds_and_figures_for_the_autoscaler(
    machine: Machine, cluster: KindCluster
) -> None:
    cluster.up(silent)
    applied = json.loads((machine.answers / "applied").read_text())["items"]
    assert applied[0]["metadata"]["name"] == "ingressroutes.traefik.io"
    (deployment,) = [one for one in applied if one["kind"] == "Deployment"]
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["image"] == METRICS
    assert "--kubelet-insecure-tls" in container["args"]


def test_an_image_is_loaded_and_named_by_its_digest(
    machine: Machine, cluster: KindCluster, tmp_path: Path
) -> None:
    cluster.load_image(tmp_path / "redis.tar", REFERENCE)
    commands = machine.commands()
    assert f"kind load image-archive {tmp_path / 'redis.tar'} --name={kind.NAME}" in commands
    assert commands[-1].endswith(f"images tag --force localhost/redis:abc {REFERENCE}")


def test_an_image_that_is_there_is_not_loaded_again(
    machine: Machine, cluster: KindCluster, tmp_path: Path
) -> None:
    machine.answer("names", REFERENCE)
    cluster.load_image(tmp_path / "redis.tar", REFERENCE)
    assert not any("load" in line for line in machine.commands())


def test_another_image_in_the_archive_is_refused(
    machine: Machine, cluster: KindCluster, tmp_path: Path
) -> None:
    with pytest.raises(ClusterError, match="no image in the node has the digest"):
        cluster.load_image(tmp_path / "redis.tar", f"localhost/redis@sha256:{'c' * 64}")


def test_down_stops_the_node_and_keeps_its_data(machine: Machine, cluster: KindCluster) -> None:
    machine.answer("clusters", "agent-platform-dev\n")
    cluster.down(silent)
    assert machine.commands()[-1] == "docker stop agent-platform-dev-control-plane"
    assert not any("delete" in line for line in machine.commands())


def test_a_missing_program_is_named(cluster: KindCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(ClusterError, match="no kind on PATH"):
        cluster.up(silent)


def test_without_a_kubeconfig_the_cluster_is_not_running(cluster: KindCluster) -> None:
    assert not cluster.status().running


def test_the_settings_ports_reach_the_node() -> None:
    made = kind.node_configuration(Settings(api_port=26443, edge_port=18080))
    assert made["networking"]["apiServerPort"] == 26443
    assert made["nodes"][0]["extraPortMappings"][0]["hostPort"] == 18080
