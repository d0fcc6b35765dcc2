"""Who may use an EKS cluster, and which pod has which role. Moto has none of it: records stand in."""

import hashlib

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import refused
from toolchain.providers.aws.records import played
from toolchain.providers.aws.translation import plain
from toolchain.providers.aws.types import cluster_rules as rules
from toolchain.providers.aws.types import clusters, references
from toolchain.providers.aws.values import Inputs, Outputs

PODS = "pods.eks.amazonaws.com"
ENTRY = "aws:eks/accessEntry:AccessEntry"
MODES = ("API", "API_AND_CONFIG_MAP")


def since(call: Call, cluster: str) -> str:
    """When the cluster was made; AWS's NotFound if it is gone, and all that is in it with it."""
    return str(plain(clusters.describe(call, cluster)["createdAt"]))


def _check_entry(call: Call, inputs: Inputs) -> None:
    operation = "CreateAccessEntry"
    cluster = clusters.describe(call, inputs["clusterName"])
    if cluster["accessConfig"]["authenticationMode"] not in MODES:
        raise refused(
            "InvalidRequestException",
            "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to "
            "perform this operation.",
            operation,
        )
    principal = inputs["principalArn"].split(":", 5)
    if principal[2] != "iam" or not principal[-1].startswith(("role/", "user/")):
        raise refused(
            rules.INVALID, "The specified principalArn is invalid: invalid principal.", operation
        )
    for group in inputs.get("kubernetesGroups", ()):
        if group.startswith("system:"):
            message = f"The kubernetes group name {group} is invalid, it cannot start with system:"
            raise refused(rules.INVALID, message, operation)


def _entry(call: Call, _: str, inputs: Inputs) -> Outputs:
    cluster, principal = inputs["clusterName"], str(inputs["principalArn"])
    made = since(call, cluster)
    kind, name = principal.split(":", 5)[-1].split("/", 1)
    user = principal
    if kind == "role":
        taken_on = f"assumed-role/{name.rsplit('/', 1)[-1]}/{{{{SessionName}}}}"
        user = call.arn(taken_on, service="sts", regional=False)
    suffix = _digest(cluster, principal)
    return {
        "accessEntryArn": call.arn(f"access-entry/{cluster}/{kind}/{call.account}/{name}/{suffix}"),
        "createdAt": made,
        "modifiedAt": made,
        "kubernetesGroups": inputs.get("kubernetesGroups", []),
        "type": inputs.get("type", "STANDARD"),
        "userName": inputs.get("userName", user),
    }


ACCESS_ENTRY = played(
    ENTRY,
    service="eks",
    identity=lambda _, inputs: f"{inputs['clusterName']}:{inputs['principalArn']}",
    outputs=_entry,
    check=_check_entry,
    updates=("kubernetesGroups", "userName"),
    replaces=("clusterName", "principalArn", "type"),
)


def _entry_of(call: Call, inputs: Inputs) -> None:
    entry = f"{inputs['clusterName']}:{inputs['principalArn']}"
    if references.played(call, ENTRY, entry) is None:
        raise refused(
            "ResourceNotFoundException",
            "The specified principalArn could not be found. You can view your available access "
            "entries with 'list-access-entries'.",
            "AssociateAccessPolicy",
        )


def _check_right(call: Call, inputs: Inputs) -> None:
    if ":eks::aws:cluster-access-policy/" not in inputs["policyArn"]:
        raise refused(
            rules.INVALID, "The policyArn parameter format is not valid", "AssociateAccessPolicy"
        )
    scope = inputs["accessScope"]
    if (scope["type"] == "namespace") != bool(scope.get("namespaces")):
        raise refused(
            rules.INVALID,
            "Namespaces go with the access scope of type namespace, and with no other",
            "AssociateAccessPolicy",
        )
    _entry_of(call, inputs)


def _right(call: Call, _: str, inputs: Inputs) -> Outputs:
    _entry_of(call, inputs)
    made = since(call, inputs["clusterName"])
    return {"associatedAt": made, "modifiedAt": made}


ACCESS_POLICY_ASSOCIATION = played(
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
    service="eks",
    identity=lambda _, i: f"{i['clusterName']}#{i['principalArn']}#{i['policyArn']}",
    outputs=_right,
    check=_check_right,
    tagged=False,
    replaces=("accessScope", "clusterName", "policyArn", "principalArn"),
)


def for_pods(call: Call, role: str, operation: str) -> None:
    """Refuses a role that EKS could not give to a pod."""
    rules.trusted(call, role, PODS, operation)


def _association(call: Call, identity: str, inputs: Inputs) -> Outputs:
    cluster = inputs["clusterName"]
    since(call, cluster)
    return {
        "associationArn": call.arn(f"podidentityassociation/{cluster}/{identity}"),
        "associationId": identity,
        "disableSessionTags": inputs.get("disableSessionTags", False),
    }


def _digest(*parts: str) -> str:
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:17]


def _check_association(call: Call, inputs: Inputs) -> None:
    since(call, inputs["clusterName"])
    for_pods(call, inputs["roleArn"], "CreatePodIdentityAssociation")


POD_IDENTITY_ASSOCIATION = played(
    "aws:eks/podIdentityAssociation:PodIdentityAssociation",
    service="eks",
    # A service account has one, so that the second meets the first.
    identity=lambda _, i: "a-" + _digest(i["clusterName"], i["namespace"], i["serviceAccount"]),
    outputs=_association,
    check=_check_association,
    updates=("disableSessionTags", "roleArn"),
    replaces=("clusterName", "namespace", "serviceAccount"),
    # Of roles in other accounts.
    absent=("externalId",),
)

TYPES = (ACCESS_ENTRY, ACCESS_POLICY_ASSOCIATION, POD_IDENTITY_ASSOCIATION)
