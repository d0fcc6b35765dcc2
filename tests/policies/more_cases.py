"""Fixtures of the rules on networks and workloads."""

from typing import Final

from tests.policies.cases import (
    CONTAINER,
    EGRESS,
    INGRESS,
    POD,
    STATEFUL_SET,
    Case,
    each,
    field_case,
    one,
    workload,
)
from tests.policies.world import ABSENT, PROBE, SELECTOR, UNKNOWN, Declared

_PRIVATE: Final = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]
_METADATA: Final = "169.254.0.0/16"
_SLO: Final = "agents.platform/slo"


def _ingress(**spec: object) -> Declared:
    return workload("networking.k8s.io/v1:Ingress", **spec)


_TLS: Final = {"tls": [{"hosts": ["agents.example.com"]}]}


_EVERY_POD: Final[dict[str, object]] = {"podSelector": {}}
_EVERY_NAMESPACE: Final[dict[str, object]] = {"namespaceSelector": {}}


def _to(cidr: str, *excepted: str) -> list[object]:
    return [{"ipBlock": {"cidr": cidr, "except": list(excepted)}}]


NETWORK: Final[dict[str, Case]] = {
    "forbid-open-egress": field_case(
        (*EGRESS, "to"),
        good=(
            [_EVERY_POD],
            [{**_EVERY_NAMESPACE, "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}],
            _to("0.0.0.0/0", *_PRIVATE, _METADATA),
            _to("10.0.0.0/8"),
            _to("10.1.2.0/24"),
            _to("203.0.113.0/24"),
            _to("169.254.170.23/32"),
            _to("::/0", "fc00::/7", "fe80::/10"),
        ),
        bad=(
            [],
            ABSENT,
            _to("0.0.0.0/0"),
            _to("0.0.0.0/0", *_PRIVATE),
            _to("0.0.0.0/0", "10.0.0.0/9", "172.16.0.0/12", "192.168.0.0/16", _METADATA),
            _to("169.254.169.254/32"),
            _to("169.254.170.22/31"),
            _to("0.0.0.0/1"),
            _to("::/0"),
            _to("all of it"),
            [_EVERY_NAMESPACE],
            [{**_EVERY_NAMESPACE, **_EVERY_POD}],
        ),
    ),
    "forbid-open-ingress": field_case(
        (*INGRESS, "from"),
        good=([_EVERY_POD], [{"ipBlock": {"cidr": "10.0.0.0/8"}}]),
        bad=(
            [],
            ABSENT,
            [_EVERY_NAMESPACE],
            [{"ipBlock": {"cidr": "0.0.0.0/0"}}],
            [{"ipBlock": {"cidr": "::/0"}}],
        ),
    ),
    "forbid-exposed-service": field_case(
        ("service", "spec", "type"), good=("ClusterIP",), bad=("NodePort", "LoadBalancer")
    ),
    "forbid-external-addresses": field_case(
        ("service", "spec", "externalIPs"), good=([],), bad=(["203.0.113.1"],)
    ),
    "require-pod-security-label": field_case(
        ("namespace", "metadata", "labels", "pod-security.kubernetes.io/enforce"),
        good=("restricted",),
        bad=("baseline", ABSENT),
    ),
    "require-default-deny": Case(
        each(("network", "spec", "ingress"), []),
        (
            one(("default-deny",), ABSENT),
            one(("default-deny", "spec", "policyTypes"), ["Ingress"]),
            one(("default-deny", "spec", "podSelector"), {"matchLabels": dict(SELECTOR)}),
            one(("default-deny", "spec", "egress"), [{"to": [_EVERY_POD]}]),
            one(("default-deny", "metadata", "namespace"), "elsewhere"),
        ),
        each(("default-deny", "spec", "policyTypes"), UNKNOWN),
    ),
    "require-network-policy": Case(
        each(
            ("network", "spec", "podSelector"),
            {"matchExpressions": [{"key": "app.kubernetes.io/name", "operator": "Exists"}]},
        ),
        each(("network",), ABSENT),
        each(("network", "spec", "podSelector"), UNKNOWN),
    ),
    "require-ingress-tls": Case(
        each(("other",), _ingress(**_TLS)),
        each(("other",), _ingress()),
        each(("other",), _ingress(tls=UNKNOWN)),
    ),
    "require-ingress-host": Case(
        each(("other",), _ingress(**_TLS, rules=[{"host": "agents.example.com"}])),
        (
            one(("other",), _ingress(**_TLS, rules=[{"host": ""}])),
            one(("other",), _ingress(**_TLS, rules=[{"path": "/"}])),
            one(("other",), _ingress(**_TLS, rules=[{"host": "*"}])),
        ),
        each(("other",), _ingress(**_TLS, rules=[{"host": UNKNOWN}])),
    ),
}

WORKLOADS: Final[dict[str, Case]] = {
    "require-requests": field_case(
        (*CONTAINER, "resources", "requests"),
        good=({"cpu": "1", "memory": "1Gi"},),
        bad=({"cpu": "1"}, {"memory": "1Gi"}, ABSENT),
    ),
    "require-memory-limit": field_case(
        (*CONTAINER, "resources", "limits"), good=({"memory": "1Gi"},), bad=({"cpu": "1"}, ABSENT)
    ),
    "require-readiness-probe": field_case(
        (*CONTAINER, "readinessProbe"), good=({"tcpSocket": {"port": 8000}},), bad=(ABSENT, {})
    ),
    "require-liveness-probe": field_case(
        (*CONTAINER, "livenessProbe"), good=({"exec": {"command": ["true"]}},), bad=(ABSENT, {})
    ),
    "forbid-duplicate-variables": Case(
        each((*CONTAINER, "env"), [{"name": "A", "value": "a"}, {"name": "B", "value": "a"}]),
        each((*CONTAINER, "env"), [{"name": "A", "value": "a"}, {"name": "A", "value": "b"}]),
        each((*CONTAINER, "env"), [{"name": UNKNOWN, "value": "a"}]),
    ),
    "forbid-dangling-probe-port": field_case(
        (*CONTAINER, "livenessProbe", "httpGet", "port"),
        good=("http", 9090, "9090"),
        bad=("metrics",),
    ),
    "require-own-account": field_case(
        (*POD, "serviceAccountName"), good=("planner",), bad=("default", "", ABSENT)
    ),
    "require-topology-spread": Case(
        (
            one((*POD, "affinity"), {"podAntiAffinity": {"required": True}}),
            one(("single",), STATEFUL_SET),
        ),
        each((*POD, "topologySpreadConstraints"), ABSENT, []),
        each((*POD, "topologySpreadConstraints"), UNKNOWN),
    ),
    "require-matching-selector": Case(
        each(
            ("deployment", "spec", "selector"),
            {"matchExpressions": [{"key": "app.kubernetes.io/name", "operator": "Exists"}]},
        ),
        each(
            ("deployment", "spec", "selector"),
            {"matchLabels": {"app.kubernetes.io/name": "other"}},
            {"matchExpressions": [{"key": "absent", "operator": "Exists"}]},
        ),
        each(("deployment", "spec", "selector", "matchLabels"), UNKNOWN),
    ),
    "require-max-unavailable": Case(
        each(("budget", "spec", "maxUnavailable"), 1, "25%"),
        (
            one(("budget", "spec", "maxUnavailable"), 0),
            one(("budget", "spec", "maxUnavailable"), "0%"),
            one(("budget", "spec", "maxUnavailable"), ABSENT),
            (
                (("budget", "spec", "maxUnavailable"), ABSENT),
                (("budget", "spec", "minAvailable"), 1),
            ),
        ),
        each(("budget", "spec", "maxUnavailable"), UNKNOWN),
    ),
    "require-unhealthy-eviction": field_case(
        ("budget", "spec", "unhealthyPodEvictionPolicy"),
        good=("AlwaysAllow",),
        bad=("IfHealthyBudget", ABSENT),
    ),
    "forbid-equal-probes": Case(
        each((*CONTAINER, "livenessProbe", "periodSeconds"), 7),
        each((*CONTAINER, "livenessProbe"), PROBE),
        each((*CONTAINER, "livenessProbe", "periodSeconds"), UNKNOWN),
    ),
    "require-labels": field_case(
        ("deployment", "metadata", "labels", "app.kubernetes.io/part-of"),
        good=("agent-platform",),
        bad=("", ABSENT),
    ),
    "require-priority-class": field_case(
        (*POD, "priorityClassName"), good=("agents",), bad=("", ABSENT)
    ),
    "require-autoscaler-room": Case(
        each(("autoscaler", "spec", "maxReplicas"), 3),
        (
            one(("autoscaler", "spec", "minReplicas"), 1),
            one(("autoscaler", "spec", "minReplicas"), ABSENT),
            one(("autoscaler", "spec", "maxReplicas"), 2),
        ),
        each(("autoscaler", "spec", "minReplicas"), UNKNOWN),
    ),
    "require-objective": field_case(
        ("deployment", "metadata", "annotations", _SLO),
        good=("99/1ms", "99.95/1500ms"),
        bad=(ABSENT, "99.9", "100/500ms", "99.9/0ms"),
    ),
}
