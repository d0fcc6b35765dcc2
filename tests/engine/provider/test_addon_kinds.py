"""The kinds of a rehearsal: they take what the platform makes, and refuse what production would."""

from typing import Any

import pytest
import yaml

from tests.engine.control_plane import ControlPlane, Manifest
from toolchain import builds
from toolchain.paths import Paths
from toolchain.rehearsal import definitions

pytestmark = pytest.mark.engine

GROUP = (
    "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/agents-stable-0a1b/0a1b2c"
)
BINDING: Manifest = {
    "apiVersion": "elbv2.k8s.aws/v1beta1",
    "kind": "TargetGroupBinding",
    "metadata": {"name": "gateway", "namespace": "default"},
    "spec": {
        "targetGroupARN": GROUP,
        "targetType": "ip",
        "ipAddressType": "ipv4",
        "vpcID": "vpc-0a1b2c3d4e5f60718",
        "serviceRef": {"name": "gateway", "port": "web"},
        "networking": {
            "ingress": [
                {
                    "from": [{"securityGroup": {"groupID": "sg-0a1b2c3d"}}],
                    "ports": [{"protocol": "TCP", "port": 8080}],
                }
            ]
        },
    },
}
SECRET: Manifest = {
    "apiVersion": "external-secrets.io/v1",
    "kind": "ExternalSecret",
    "metadata": {"name": "keys", "namespace": "default"},
    "spec": {
        "secretStoreRef": {"kind": "SecretStore", "name": "secrets-manager"},
        "refreshPolicy": "CreatedOnce",
        "target": {"creationPolicy": "Owner", "deletionPolicy": "Retain", "immutable": True},
        "dataFrom": [{"extract": {"key": "agents/keys", "version": "uuid/0a1b"}}],
    },
}


@pytest.fixture(scope="module")
def plane(control_plane: ControlPlane, paths: Paths) -> ControlPlane:
    """The control plane with the kinds, once they are served."""
    made = definitions.manifests(lambda tool, module: builds.module_dir(tool, module, paths))
    control_plane.apply(*(dict(one) for one in made))
    names = [f"crd/{one['metadata']['name']}" for one in made]
    control_plane.kubectl("wait", "--for=condition=Established", "--timeout=60s", *names)
    assert {"IngressRoute", "ExternalSecret", "SecretStore", "TargetGroupBinding"} <= {
        one["spec"]["names"]["kind"] for one in made
    }
    return control_plane


def offer(plane: ControlPlane, manifest: Manifest, *options: str) -> None:
    """Apply the manifest as Pulumi would; a refusal raises with what the API server said."""
    flags = ("--server-side", "--field-manager=platform", "-f-", *options)
    plane.kubectl("apply", *flags, stdin=yaml.safe_dump(manifest))


def changed(**fields: object) -> Manifest:
    return {**BINDING, "spec": {**BINDING["spec"], **fields}}


@pytest.mark.parametrize("manifest", [BINDING, SECRET], ids=["binding", "secret"])
def test_what_the_platform_makes_is_taken(plane: ControlPlane, manifest: Manifest) -> None:
    offer(plane, manifest, "--dry-run=server")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"targetGroupArn": GROUP}, "field not declared in schema"),
        ({"vpcID": "default"}, "spec.vpcID"),
        ({"serviceRef": {"name": "gateway"}}, "spec.serviceRef.port: Required"),
        ({"targetType": "instance"}, "spec.targetType: Unsupported value"),
    ],
)
def test_a_wrong_binding_is_refused(plane: ControlPlane, fields: dict[str, Any], said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        offer(plane, changed(**fields), "--dry-run=server")


def test_a_binding_keeps_its_target_group(plane: ControlPlane) -> None:
    offer(plane, BINDING)
    try:
        with pytest.raises(AssertionError, match="targetGroupARN cannot change"):
            offer(plane, changed(targetGroupARN=f"{GROUP}3d"))
        offer(plane, changed(serviceRef={"name": "gateway", "port": 80}))
    finally:
        plane.kubectl("delete", "targetgroupbinding", "gateway")
