"""EKS add-ons. Moto has none: records stand in, and nothing is installed anywhere."""

import json
import re

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import refused
from toolchain.providers.aws.records import played
from toolchain.providers.aws.types import cluster_rules as rules
from toolchain.providers.aws.types import clusters
from toolchain.providers.aws.types.cluster_access import for_pods, since
from toolchain.providers.aws.values import Inputs, Outputs

_VERSION = re.compile(r"v\d+\.(\d+)\.\d+-eksbuild\.\d+")
_NEWEST = "v1.0.0-eksbuild.1"
"""Stands for what EKS would choose."""


def _check(call: Call, inputs: Inputs) -> None:
    operation = "UpdateAddon" if call.state else "CreateAddon"
    cluster = clusters.describe(call, inputs["clusterName"])
    version = str(inputs.get("addonVersion", _NEWEST))
    match = _VERSION.fullmatch(version)
    # Of kube-proxy the version is that of Kubernetes, and may not be ahead of it.
    ahead = inputs["addonName"] == "kube-proxy" and (
        match is not None and int(match[1]) > rules.minor(cluster["version"], operation)
    )
    if match is None or ahead:
        message = (
            f"Addon version specified is not supported: {inputs['addonName']} {version} on "
            f"Kubernetes {cluster['version']}"
        )
        raise refused(rules.INVALID, message, operation)
    try:
        json.loads(inputs.get("configurationValues") or "{}")
    except ValueError as error:
        message = "ConfigurationValue provided in request is not supported: it is no JSON"
        raise refused(rules.INVALID, message, operation) from error
    for each in inputs.get("podIdentityAssociations", ()):
        for_pods(call, each["roleArn"], operation)


def _outputs(call: Call, _: str, inputs: Inputs) -> Outputs:
    cluster, addon = inputs["clusterName"], inputs["addonName"]
    made = since(call, cluster)
    return {
        "arn": call.arn(f"addon/{cluster}/{addon}/00000000-0000-0000-0000-000000000000"),
        "addonVersion": inputs.get("addonVersion", _NEWEST),
        "configurationValues": inputs.get("configurationValues", ""),
        "namespaceConfig": inputs.get("namespaceConfig", {"namespace": "kube-system"}),
        "createdAt": made,
        "modifiedAt": made,
    }


ADDON = played(
    "aws:eks/addon:Addon",
    service="eks",
    identity=lambda _, inputs: f"{inputs['clusterName']}:{inputs['addonName']}",
    outputs=_outputs,
    check=_check,
    updates=(
        *("addonVersion", "configurationValues", "podIdentityAssociations", "preserve"),
        *("resolveConflictsOnCreate", "resolveConflictsOnUpdate", "serviceAccountRoleArn"),
    ),
    replaces=("addonName", "clusterName", "namespaceConfig"),
)

TYPES = (ADDON,)
