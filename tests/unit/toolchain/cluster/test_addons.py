"""Manifests of the add-ons: hardened, pinned, and applied only when they changed."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from toolchain.cluster import pki
from toolchain.cluster.addons import (
    cilium,
    coredns,
    definitions,
    metrics_server,
    simulation,
    storage,
)
from toolchain.cluster.addons.bundles import Bundle
from toolchain.cluster.api import Manifest
from toolchain.cluster.layout import Layout
from toolchain.cluster.model import ClusterError
from toolchain.cluster.settings import Settings

IMAGE = f"localhost/x@sha256:{'a' * 64}"


@pytest.fixture
def manifests(layout: Layout, settings: Settings) -> list[Manifest]:
    layout.make()
    pki.ensure(layout.pki, pki.leaves(settings))
    return [
        *coredns.manifests(settings, IMAGE, upstream=True),
        *metrics_server.manifests(IMAGE, layout.pki),
        *storage.manifests(),
        *cilium.manifests(),
    ]


def of_kind(manifests: Iterable[Manifest], kind: str) -> list[Manifest]:
    return [one for one in manifests if one["kind"] == kind]


def containers(manifests: Iterable[Manifest]) -> list[dict[str, Any]]:
    pods = [one["spec"]["template"]["spec"] for one in of_kind(manifests, "Deployment")]
    return [container for pod in pods for container in pod["containers"]]


def test_every_add_on_pod_meets_the_restricted_standard(manifests: list[Manifest]) -> None:
    found = containers(manifests)
    assert len(found) == 2
    for container in found:
        security = container["securityContext"]
        assert security["runAsNonRoot"] is True
        assert security["readOnlyRootFilesystem"] is True
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}


def test_no_add_on_is_pulled(manifests: list[Manifest]) -> None:
    for container in containers(manifests):
        assert container["imagePullPolicy"] == "Never"
        assert "@sha256:" in container["image"]


def test_metrics_are_read_over_verified_certificates_both_ways(manifests: list[Manifest]) -> None:
    service = of_kind(manifests, "APIService")[0]["spec"]
    assert service["caBundle"]
    assert "insecureSkipTLSVerify" not in service
    arguments = next(one for one in containers(manifests) if one["name"] == "metrics-server")
    assert not any("insecure" in argument for argument in arguments["args"])


def test_names_are_answered_at_the_address_the_kubelet_hands_out(
    manifests: list[Manifest], settings: Settings
) -> None:
    services = {one["metadata"]["name"]: one for one in of_kind(manifests, "Service")}
    assert services["kube-dns"]["spec"]["clusterIP"] == settings.dns_ip


def test_without_name_servers_of_the_host_nothing_is_forwarded(settings: Settings) -> None:
    assert "forward" in coredns.corefile(settings, upstream=True)
    assert "forward" not in coredns.corefile(settings, upstream=False)


def test_exactly_one_storage_class_is_the_default(manifests: list[Manifest]) -> None:
    classes = of_kind(manifests, "StorageClass")
    assert [one["metadata"]["name"] for one in classes] == ["standard"]
    assert "true" in classes[0]["metadata"]["annotations"].values()


def test_no_add_on_may_do_everything(manifests: list[Manifest]) -> None:
    for role in of_kind(manifests, "ClusterRole"):
        for rule in role["rules"]:
            assert "*" not in rule["verbs"]
            assert "*" not in rule["apiGroups"]


def test_a_new_certificate_replaces_the_pod_that_serves_it(
    layout: Layout, settings: Settings
) -> None:
    layout.make()
    pki.ensure(layout.pki, pki.leaves(settings))
    before = of_kind(metrics_server.manifests(IMAGE, layout.pki), "Deployment")[0]
    (layout.pki / "metrics-server.crt").unlink()
    pki.ensure(layout.pki, pki.leaves(settings))
    after = of_kind(metrics_server.manifests(IMAGE, layout.pki), "Deployment")[0]
    assert before["spec"]["template"]["metadata"] != after["spec"]["template"]["metadata"]


def test_a_bundle_has_another_digest_when_any_manifest_changes(settings: Settings) -> None:
    one = Bundle(name="a", manifests=coredns.manifests(settings, IMAGE, upstream=True))
    same = Bundle(name="a", manifests=coredns.manifests(settings, IMAGE, upstream=True))
    other = Bundle(name="a", manifests=coredns.manifests(settings, IMAGE, upstream=False))
    assert one.digest == same.digest != other.digest


def test_definitions_of_other_groups_are_left_out(tmp_path: Path) -> None:
    folder = tmp_path / definitions.TRAEFIK_FOLDER
    folder.mkdir(parents=True)
    groups = {"ours": "traefik.io", "theirs": "gateway.networking.k8s.io"}
    for name, group in groups.items():
        one = {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": name},
            "spec": {"group": group},
        }
        # The module has each definition alone, and all of them in one file once more.
        (folder / f"{name}.yaml").write_text(yaml.safe_dump_all([one, {"kind": "ConfigMap"}]))
        (folder / f"{name}-again.yml").write_text(yaml.safe_dump(one))
    assert [one["metadata"]["name"] for one in definitions.traefik(tmp_path)] == ["ours"]


def test_a_module_without_definitions_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match="no custom resource definitions"):
        definitions.cilium(tmp_path)


def test_simulated_volumes_belong_to_our_storage_class(tmp_path: Path) -> None:
    for folder in simulation.FOLDERS:
        place = tmp_path / "kustomize" / "stage" / folder
        place.mkdir(parents=True)
        stage = {"kind": "Stage", "metadata": {"name": folder}, "class": "kwok-volume"}
        (place / "stage.yaml").write_text(yaml.safe_dump_all([stage, {"kind": "Kustomization"}]))
    found = list(yaml.safe_load_all(simulation.stages(tmp_path)))
    assert len(found) == len(simulation.FOLDERS)
    assert {stage["class"] for stage in found} == {"standard"}


def test_the_simulated_node_says_what_it_is() -> None:
    node = simulation.manifests("a")[0]
    assert node["metadata"]["labels"]["agent-platform.dev/node"] == "simulated"
