"""Names and labels: one vocabulary for every object the platform makes."""

from typing import Final

TENANT: Final = "agents.platform/tenant"
"""On namespaces and everything in them: whose it is, and who pays."""

OBJECTIVE: Final = "agents.platform/slo"
"""Annotation of an agent's workload: what it promises, such as `99.9/500ms`."""

ACCESS: Final = "agents.platform/access-"
"""Prefix of the pod labels that store policies admit, such as `…/access-postgres: "true"`."""

NAMESPACE: Final = "kubernetes.io/metadata.name"
"""Set on every namespace by the API server, so that a policy can name one namespace."""


def selector(name: str, component: str) -> dict[str, str]:
    """Labels that select the pods of one workload.

    Selectors are immutable, so nothing that changes (a version, a digest) belongs here.
    """
    return {"app.kubernetes.io/name": name, "app.kubernetes.io/component": component}


def labels(name: str, component: str, tenant: str | None = None) -> dict[str, str]:
    """Labels of an object: its selector, the system it is part of and, where it has one, its tenant."""
    own = {**selector(name, component), "app.kubernetes.io/part-of": "agent-platform"}
    return own if tenant is None else {**own, TENANT: tenant}


def access(*stores: str) -> dict[str, str]:
    """Pod labels that let a pod through the network policies of `stores`."""
    return {f"{ACCESS}{store}": "true" for store in stores}
