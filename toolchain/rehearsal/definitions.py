"""The kinds that the add-ons' charts would bring: read from modules, or written where there is none."""

from typing import Any, Final

from toolchain import builds
from toolchain.build_table import Tool
from toolchain.cluster.addons import definitions
from toolchain.cluster.api import Manifest
from toolchain.cluster.model import Modules
from toolchain.paths import PROJECT

EXTERNAL_SECRETS_MODULE: Final = "github.com/external-secrets/external-secrets"
EXTERNAL_SECRETS_FOLDER: Final = "config/crds/bases"
EXTERNAL_SECRETS_KINDS: Final = frozenset({"ExternalSecret", "SecretStore"})
"""Those in use. The others fill two megabytes, and the chart is told not to bring most of them."""

KINDS: Final = Tool(name="kinds", folder=PROJECT / "toolchain" / "rehearsal" / "kinds", seconds=1)
"""Nothing is built of it: its go.mod names the modules with kinds, and their versions.

External Secrets is at the last version that Go calls by this name; its later ones, 2.x, have the same
`external-secrets.io/v1`, of which the chart in use is one.
"""


def manifests(module_folder: Modules) -> list[Manifest]:
    """Definitions for a simulated cluster; `module_folder` gives that of a tool's Go module."""
    return [
        *definitions.traefik(module_folder("traefik", definitions.TRAEFIK_MODULE)),
        *external_secrets(),
        target_group_binding(),
    ]


def external_secrets() -> list[Manifest]:
    """External Secrets' own definitions of the kinds in use."""
    folder = builds.module_dir(KINDS, EXTERNAL_SECRETS_MODULE) / EXTERNAL_SECRETS_FOLDER
    return [
        one
        for one in definitions.read(folder)
        if one["spec"]["names"]["kind"] in EXTERNAL_SECRETS_KINDS
    ]


def target_group_binding() -> Manifest:
    """TargetGroupBinding, written here: AWS Load Balancer Controller's module cannot be had as one.

    Names, types and limits are those of its documentation (v1beta1). Fields that the platform has no use
    for are left out, so that the API server refuses them; and what the controller's webhook refuses to
    change, this does.
    """
    schema = _object({"spec": _spec(), "status": _object({"observedGeneration": _INTEGER})})
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": "targetgroupbindings.elbv2.k8s.aws",
            "annotations": {"agent-platform.dev/origin": "written for rehearsals"},
        },
        "spec": {
            "group": "elbv2.k8s.aws",
            "scope": "Namespaced",
            "names": {
                "kind": "TargetGroupBinding",
                "listKind": "TargetGroupBindingList",
                "plural": "targetgroupbindings",
                "singular": "targetgroupbinding",
            },
            "versions": [
                {
                    "name": "v1beta1",
                    "served": True,
                    "storage": True,
                    "subresources": {"status": {}},
                    "schema": {"openAPIV3Schema": schema},
                }
            ],
        },
    }


_TEXT: Final = {"type": "string", "minLength": 1}
_INTEGER: Final = {"type": "integer", "format": "int64"}
_PORT: Final = {"x-kubernetes-int-or-string": True}


def _object(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        **({"required": [*required]} if required else {}),
    }


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _choice(*values: str) -> dict[str, Any]:
    return {"type": "string", "enum": [*values]}


def _spec() -> dict[str, Any]:
    spec = _object(
        {
            "targetGroupARN": {
                **_TEXT,
                "pattern": r"^arn:[a-z-]+:elasticloadbalancing:[a-z0-9-]+:\d{12}:targetgroup/",
            },
            "targetType": _choice("ip"),
            "ipAddressType": _choice("ipv4", "ipv6"),
            "vpcID": {"type": "string", "pattern": "^vpc-[0-9a-f]{8}([0-9a-f]{9})?$"},
            "serviceRef": _object({"name": _TEXT, "port": _PORT}, "name", "port"),
            "networking": _networking(),
        },
        "targetGroupARN",
        "serviceRef",
    )
    fixed = ("targetGroupARN", "targetType", "ipAddressType", "vpcID")
    spec["x-kubernetes-validations"] = [
        {
            "rule": f"has(self.{field}) == has(oldSelf.{field})"
            f" && (!has(self.{field}) || self.{field} == oldSelf.{field})",
            "message": f"{field} cannot change: make another TargetGroupBinding",
        }
        for field in fixed
    ]
    return spec


def _networking() -> dict[str, Any]:
    """Whom the controller lets in to the pods, by rules of their security groups."""
    peer = _object(
        {
            "ipBlock": _object({"cidr": _TEXT}, "cidr"),
            "securityGroup": _object({"groupID": _TEXT}, "groupID"),
        }
    )
    port = _object({"protocol": _choice("TCP", "UDP"), "port": _PORT})
    rule = _object({"from": _list(peer), "ports": _list(port)}, "from", "ports")
    return _object({"ingress": _list(rule)})
