"""Fixtures of the rules on networks, workloads, wiring and tenancy; and of all rules together."""

from typing import Final

from tests.policies.cases import (
    ACCESS,
    CONTAINER,
    EGRESS,
    IMAGES,
    INGRESS,
    POD,
    SECRETS,
    STATEFUL_SET,
    Case,
    each,
    field_case,
    one,
)
from tests.policies.pod_cases import BASELINE, RESTRICTED
from tests.policies.world import ABSENT, SELECTOR, UNKNOWN, Declared

_PRIVATE: Final = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]
_METADATA: Final = "169.254.0.0/16"
_TENANT: Final = "agents.platform/tenant"


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
            _to("::/0", "fc00::/7", "fe80::/10"),
        ),
        bad=(
            [],
            ABSENT,
            _to("0.0.0.0/0"),
            _to("0.0.0.0/0", *_PRIVATE),
            _to("0.0.0.0/0", "10.0.0.0/9", "172.16.0.0/12", "192.168.0.0/16", _METADATA),
            _to("169.254.169.254/32"),
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
}

WIRING: Final[dict[str, Case]] = {
    "forbid-dangling-service": Case(
        each(("service", "spec", "selector"), ABSENT, {}),
        each(("service", "spec", "selector"), {"app.kubernetes.io/name": "other"}),
        each(("service", "spec", "selector"), UNKNOWN),
    ),
    "forbid-dangling-network-policy": Case(
        each(("network", "spec", "podSelector", "matchLabels"), dict(SELECTOR)),
        each(
            ("network", "spec", "podSelector"),
            {"matchLabels": {"app.kubernetes.io/name": "other"}},
            {"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]},
        ),
        each(("network", "spec", "podSelector"), UNKNOWN),
    ),
    "forbid-dangling-disruption-budget": Case(
        (),
        each(("budget", "spec", "selector", "matchLabels"), {"app.kubernetes.io/name": "other"}),
        each(("budget", "spec", "selector"), UNKNOWN),
        also=frozenset({"require-disruption-budget"}),
    ),
    "forbid-dangling-autoscaler": Case(
        (),
        (
            one(("autoscaler", "spec", "scaleTargetRef", "name"), "other"),
            one(("autoscaler", "metadata", "namespace"), "elsewhere"),
        ),
        each(("autoscaler", "spec", "scaleTargetRef", "name"), UNKNOWN),
    ),
    "forbid-fixed-replicas": field_case(
        ("deployment", "spec", "replicas"), good=(None,), bad=(1, 3)
    ),
    "forbid-blocking-disruption-budget": Case(
        (),
        (
            (
                (("budget", "spec", "maxUnavailable"), ABSENT),
                (("budget", "spec", "minAvailable"), 2),
            ),
            (
                (("budget", "spec", "maxUnavailable"), ABSENT),
                (("budget", "spec", "minAvailable"), "100%"),
            ),
        ),
        each(("budget", "spec", "minAvailable"), UNKNOWN),
        also=frozenset({"require-max-unavailable"}),
    ),
    "require-disruption-budget": Case(
        (((("budget",), ABSENT), (("autoscaler", "spec", "minReplicas"), 1)),),
        (
            one(("budget",), ABSENT),
            (
                (("budget",), ABSENT),
                (("autoscaler",), ABSENT),
                (("deployment", "spec", "replicas"), 2),
            ),
        ),
        each(("budget", "spec", "selector"), UNKNOWN),
    ),
}

_RELEASE: Final = Declared("kubernetes:helm.sh/v3:Release", {"chart": "planner"})
_PATCH: Final = Declared(
    "kubernetes:apps/v1:DeploymentPatch", {"metadata": {"namespace": "research"}}
)

TENANCY: Final[dict[str, Case]] = {
    "forbid-default-namespace": field_case(
        ("config", "metadata", "namespace"), good=("research",), bad=("default", ABSENT)
    ),
    "forbid-unseen-workloads": Case(
        each(("other",), Declared("kubernetes:helm.sh/v4:Chart", {"chart": "planner"})),
        each(("other",), _RELEASE, _PATCH),
        # It looks at the type alone, which is always known.
        (),
    ),
    "require-tenant-quota": Case(
        (
            (
                (("namespace", "metadata", "labels", _TENANT), ABSENT),
                (("quota",), ABSENT),
            ),
        ),
        (
            one(("quota",), ABSENT),
            one(("limits",), ABSENT),
            one(("quota", "metadata", "namespace"), "elsewhere"),
        ),
        each(("quota", "metadata", "namespace"), UNKNOWN),
    ),
    "require-tenant-label": field_case(
        ("deployment", "metadata", "labels", _TENANT), good=("research",), bad=("sales", ABSENT)
    ),
}

CASES: Final = {
    **BASELINE,
    **RESTRICTED,
    **IMAGES,
    **SECRETS,
    **ACCESS,
    **NETWORK,
    **WORKLOADS,
    **WIRING,
    **TENANCY,
}
