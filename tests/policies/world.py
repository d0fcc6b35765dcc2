"""A small stack that keeps every rule, and ways to change it in one place."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pulumi_policy.proxy import (
    UNKNOWN_STRING_VALUE,
    unknown_checking_proxy,
)

from policies.resource import Resource, Stack

UNKNOWN: Final = UNKNOWN_STRING_VALUE
"""What the engine sends for a value that the preview does not know."""
ABSENT: Final = object()
"""Not a value: the property is taken away."""

Path = tuple[str | int, ...]
Change = tuple[tuple[Path, object], ...]
"""What stands where. The first step of a path is the resource's name."""

DIGEST: Final = "@sha256:" + "ab" * 32
SELECTOR: Final = {"app.kubernetes.io/name": "planner"}
LABELS: Final = {
    **SELECTOR,
    "app.kubernetes.io/component": "agent",
    "app.kubernetes.io/part-of": "agent-platform",
    "agents.platform/tenant": "research",
}
SPREAD: Final = {
    "maxSkew": 1,
    "topologyKey": "kubernetes.io/hostname",
    "whenUnsatisfiable": "ScheduleAnyway",
    "labelSelector": {"matchLabels": dict(SELECTOR)},
}
PROBE: Final = {"httpGet": {"path": "/health", "port": "http"}, "periodSeconds": 5}


@dataclass(frozen=True)
class Declared:
    """A resource as the engine would send it."""

    type: str
    props: dict[str, Any]
    links: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """For each property, the names of the resources that its value comes from."""


def _object(kind: str, name: str, **fields: object) -> Declared:
    metadata = {"name": name, "namespace": "research", "labels": dict(LABELS)}
    group_version, _, bare = kind.rpartition(":")
    return Declared(
        f"kubernetes:{kind}",
        {
            "apiVersion": group_version.removeprefix("core/"),
            "kind": bare,
            "metadata": metadata,
            **fields,
        },
    )


def container(name: str, **fields: object) -> dict[str, Any]:
    """A hardened container."""
    return {
        "name": name,
        "image": f"localhost/planner{DIGEST}",
        "env": [{"name": "LOG_LEVEL", "value": "info"}],
        "args": ["serve"],
        "resources": {
            "requests": {"cpu": "100m", "memory": "128Mi"},
            "limits": {"memory": "256Mi"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        **fields,
    }


def pod_spec() -> dict[str, Any]:
    """A hardened pod with a main and an init container."""
    return {
        "serviceAccountName": "planner",
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 1001,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "priorityClassName": "agents",
        "topologySpreadConstraints": [SPREAD],
        "containers": [
            container(
                "app",
                ports=[{"name": "http", "containerPort": 8000}],
                readinessProbe=dict(PROBE),
                livenessProbe={**PROBE, "periodSeconds": 10},
            ),
        ],
        "initContainers": [container("migrate")],
        "volumes": [{"name": "tmp", "emptyDir": {}}],
    }


def template() -> dict[str, Any]:
    """A pod template."""
    return {"metadata": {"labels": dict(LABELS)}, "spec": pod_spec()}


def world() -> dict[str, Declared]:
    """A tenant with one agent, by the names of the resources in the program."""
    return {**_tenant(), **_agent(), **_access()}


def _tenant() -> dict[str, Declared]:
    namespace = _object("core/v1:Namespace", "research")
    namespace.props["metadata"] = {
        "name": "research",
        "labels": {**LABELS, "pod-security.kubernetes.io/enforce": "restricted"},
    }
    return {
        "namespace": namespace,
        "default-deny": _object(
            "networking.k8s.io/v1:NetworkPolicy",
            "default-deny",
            spec={"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
        ),
        "quota": _object("core/v1:ResourceQuota", "quota", spec={"hard": {"requests.cpu": "2"}}),
        "limits": _object("core/v1:LimitRange", "limits", spec={"limits": []}),
    }


def _agent() -> dict[str, Declared]:
    deployment = _object(
        "apps/v1:Deployment",
        "planner",
        spec={"selector": {"matchLabels": dict(SELECTOR)}, "template": template()},
    )
    deployment.props["metadata"]["annotations"] = {"agents.platform/slo": "99.9/500ms"}
    return {
        "account": _object("core/v1:ServiceAccount", "planner", automountServiceAccountToken=False),
        "config": _object("core/v1:ConfigMap", "planner", data={"LOG_LEVEL": "info"}),
        "deployment": deployment,
        "service": _object(
            "core/v1:Service",
            "planner",
            spec={
                "selector": dict(SELECTOR),
                "ports": [{"name": "http", "port": 80, "targetPort": "http"}],
            },
        ),
        "autoscaler": _object(
            "autoscaling/v2:HorizontalPodAutoscaler",
            "planner",
            spec={
                "scaleTargetRef": {
                    "apiVersion": "apps/v1",
                    "kind": "Deployment",
                    "name": "planner",
                },
                "minReplicas": 2,
                "maxReplicas": 4,
            },
        ),
        "budget": _object(
            "policy/v1:PodDisruptionBudget",
            "planner",
            spec={
                "maxUnavailable": 1,
                "unhealthyPodEvictionPolicy": "AlwaysAllow",
                "selector": {"matchLabels": dict(SELECTOR)},
            },
        ),
    }


def _access() -> dict[str, Declared]:
    return {
        "network": _object(
            "networking.k8s.io/v1:NetworkPolicy",
            "planner",
            spec={
                "podSelector": {"matchLabels": dict(SELECTOR)},
                "policyTypes": ["Ingress", "Egress"],
                "ingress": [{"from": [{"podSelector": {"matchLabels": {"role": "gateway"}}}]}],
                "egress": [
                    {
                        "to": [
                            {
                                "ipBlock": {
                                    "cidr": "0.0.0.0/0",
                                    "except": [
                                        "10.0.0.0/8",
                                        "172.16.0.0/12",
                                        "192.168.0.0/16",
                                        "169.254.0.0/16",
                                    ],
                                }
                            }
                        ]
                    }
                ],
            },
        ),
        "role": _object(
            "rbac.authorization.k8s.io/v1:Role",
            "operator",
            rules=[{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get"]}],
        ),
        "binding": _object(
            "rbac.authorization.k8s.io/v1:RoleBinding",
            "operator",
            roleRef={"kind": "Role", "name": "operator"},
            subjects=[{"kind": "Group", "name": "researchers"}],
        ),
    }


def changed(change: Change, base: Mapping[str, Declared] | None = None) -> dict[str, Declared]:
    """The stack with one change made. A resource set to ABSENT is taken away."""
    stack = copy.deepcopy(world() if base is None else dict(base))
    for path, value in change:
        name, steps = str(path[0]), path[1:]
        if not steps:
            _replace(stack, name, value)
            continue
        node: Any = stack[name].props
        for step in steps[:-1]:
            node = node[step] if isinstance(step, int) else node.setdefault(step, {})
        if value is ABSENT:
            del node[steps[-1]]
        else:
            node[steps[-1]] = copy.deepcopy(value)
    return stack


def _replace(stack: dict[str, Declared], name: str, value: object) -> None:
    if value is ABSENT:
        del stack[name]
    else:
        assert isinstance(value, Declared)
        stack[name] = copy.deepcopy(value)


def urn(type_token: str, name: str, stack: str = "dev") -> str:
    """The URN that the engine would give."""
    return f"urn:pulumi:{stack}::agent-platform::{type_token}::{name}"


def resource(name: str, declared: Declared) -> Resource:
    """What a rule gets, with the SDK's guard on unknown values around the properties."""
    props: Mapping[str, Any] = unknown_checking_proxy(declared.props)
    return Resource(declared.type, name, urn(declared.type, name), props)


def origins(
    declared: Declared, resources: Mapping[str, Declared], stack: str = "dev"
) -> dict[str, frozenset[str]]:
    """For each property, the URNs that the engine would give for where its value comes from."""
    return {
        key: frozenset(
            urn(resources[name].type, name, stack) for name in names if name in resources
        )
        for key, names in declared.links.items()
    }


def judged(stack: Mapping[str, Declared]) -> Stack:
    """What a stack rule gets."""
    return Stack(
        tuple(
            replace(resource(name, declared), links=origins(declared, stack))
            for name, declared in stack.items()
        )
    )
