"""Trust: the documents that say who may take on a role."""

from typing import Any, Final, Literal

import pulumi

from components.identity.statements import VERSION

Mode = Literal["pod_identity", "irsa"]
"""How a pod comes to its role: EKS Pod Identity, or a token of the cluster's OpenID Connect provider."""

PODS: Final = "pods.eks.amazonaws.com"
AUDIENCE: Final = "sts.amazonaws.com"
"""Whom the token of a service account is for, in the mode `irsa`."""


def _trusting(
    principal: dict[str, Any], actions: list[str], conditions: dict[str, Any] | None = None
) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": actions}
    if conditions:
        statement["Condition"] = conditions
    return {"Version": VERSION, "Statement": [statement]}


def by_service(service: str) -> dict[str, Any]:
    """An AWS service, such as `ec2.amazonaws.com`, takes the role on for itself."""
    return _trusting({"Service": service}, ["sts:AssumeRole"])


def by_pod_identity(
    account: str,
    cluster_arn: str,
    namespace: pulumi.Input[str],
    service_account: pulumi.Input[str],
) -> dict[str, Any]:
    """Pods of one service account, in one namespace of one cluster.

    The agent calls for the cluster (`aws:SourceArn`) and tags the session with whom it is for, which
    is why `sts:TagSession` is needed and what the conditions go by.
    """
    return _trusting(
        {"Service": PODS},
        ["sts:AssumeRole", "sts:TagSession"],
        {
            "StringEquals": {
                "aws:SourceAccount": account,
                "aws:RequestTag/kubernetes-namespace": namespace,
                "aws:RequestTag/kubernetes-service-account": service_account,
            },
            "ArnEquals": {"aws:SourceArn": cluster_arn},
        },
    )


def by_web_identity(
    provider_arn: str, issuer: str, namespace: str, service_account: str
) -> dict[str, Any]:
    """Pods whose token was issued to one service account by one cluster, for AWS.

    `issuer` is a URL; the condition keys are named after it, without its scheme.
    """
    host = issuer.removeprefix("https://")
    subject = f"system:serviceaccount:{namespace}:{service_account}"
    return _trusting(
        {"Federated": provider_arn},
        ["sts:AssumeRoleWithWebIdentity"],
        {"StringEquals": {f"{host}:sub": subject, f"{host}:aud": AUDIENCE}},
    )
