"""Fixtures of the rules on what has to fit together, and on tenancy."""

from typing import Any, Final

from tests.policies.aws_world import aws_world
from tests.policies.cases import POD, Case, each, field_case, one, workload
from tests.policies.world import ABSENT, SELECTOR, UNKNOWN, Declared, world

_TENANT: Final = "agents.platform/tenant"


_LABELLED: Final = {"controller": {"podLabels": {"app.kubernetes.io/name": "controller"}}}


def _release(**props: object) -> Declared:
    release = aws_world()["release"]
    return Declared(release.type, {**release.props, **props})


def _policy(name: str) -> Declared:
    """A network policy for the pods of that name."""
    selector = {"matchLabels": {"app.kubernetes.io/name": name}}
    return workload("networking.k8s.io/v1:NetworkPolicy", podSelector=selector)


def _monitor(labels: Any, **more: Any) -> Declared:  # noqa: ANN401 (any part of a spec)
    return workload(
        "monitoring.coreos.com/v1:ServiceMonitor", selector={"matchLabels": labels}, **more
    )


def _second(**spec: object) -> Declared:
    first = world()["autoscaler"]
    return Declared(first.type, {**first.props, "spec": {**first.props["spec"], **spec}})


_SECOND_UNKNOWN: Final = _second(scaleTargetRef=UNKNOWN)


WIRING: Final[dict[str, Case]] = {
    "forbid-dangling-service": Case(
        each(("service", "spec", "selector"), ABSENT, {}),
        each(("service", "spec", "selector"), {"app.kubernetes.io/name": "other"}),
        each(("service", "spec", "selector"), UNKNOWN),
    ),
    "forbid-dangling-network-policy": Case(
        (
            one(("network", "spec", "podSelector", "matchLabels"), dict(SELECTOR)),
            (
                (("second",), _policy("controller")),
                (
                    ("other",),
                    _release(namespace="research", chart="metrics-server", values=_LABELLED),
                ),
            ),
        ),
        each(
            ("network", "spec", "podSelector"),
            {"matchLabels": {"app.kubernetes.io/name": "other"}},
            {"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]},
        ),
        each(("network", "spec", "podSelector"), UNKNOWN),
        also=frozenset({"require-network-policy"}),
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
    "forbid-duplicate-autoscaler": Case(
        (),
        (one(("other",), world()["autoscaler"]),),
        (one(("other",), _SECOND_UNKNOWN),),
    ),
    "forbid-invalid-target-port": Case(
        each(("service", "spec", "ports"), [{"port": 8000}], [{"port": 80, "targetPort": 8000}]),
        each(
            ("service", "spec", "ports"),
            [{"port": 80}],
            [{"port": 80, "targetPort": "metrics"}],
            [{"port": 8000, "targetPort": 9}],
        ),
        each(("service", "spec", "ports"), [{"port": 80, "targetPort": UNKNOWN}]),
    ),
    "forbid-dangling-monitor": Case(
        (
            one(("other",), _monitor(dict(SELECTOR))),
            one(
                ("other",),
                workload(
                    "monitoring.coreos.com/v1:PodMonitor",
                    selector={"matchLabels": dict(SELECTOR)},
                    namespaceSelector={"any": True},
                ),
            ),
        ),
        (
            one(("other",), _monitor({"app.kubernetes.io/name": "other"})),
            one(
                ("other",),
                _monitor(dict(SELECTOR), namespaceSelector={"matchNames": ["elsewhere"]}),
            ),
        ),
        (one(("other",), _monitor(UNKNOWN)),),
    ),
    "forbid-missing-account": Case(
        (),
        (
            one(("account",), ABSENT),
            one(("account", "metadata", "namespace"), "elsewhere"),
            one((*POD, "serviceAccountName"), "other"),
        ),
        each((*POD, "serviceAccountName"), UNKNOWN),
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
        (
            (
                (("budget",), ABSENT),
                (("autoscaler",), ABSENT),
                (("deployment", "spec", "replicas"), 1),
            ),
        ),
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

_PATCH: Final = Declared(
    "kubernetes:apps/v1:DeploymentPatch", {"metadata": {"namespace": "research"}}
)


TENANCY: Final[dict[str, Case]] = {
    "forbid-default-namespace": Case(
        each(("config", "metadata", "namespace"), "research"),
        (
            *each(("config", "metadata", "namespace"), "default", ABSENT),
            *each(("other",), _release(namespace="default"), _release(namespace=None)),
        ),
        each(("config", "metadata", "namespace"), UNKNOWN),
    ),
    "forbid-unseen-workloads": Case(
        each(("other",), Declared("kubernetes:helm.sh/v4:Chart", {"chart": "planner"})),
        (
            one(("other",), _PATCH),
            *each(("other",), _release(valueYamlFiles="values.yaml"), _release(postrender="more")),
        ),
        each(("other",), _release(valueYamlFiles=UNKNOWN)),
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
