"""Fixtures of the rules on load balancers, Helm releases and spending."""

from typing import Any, Final

from tests.policies.aws_parts import aws
from tests.policies.aws_world import aws_world
from tests.policies.cases import GITHUB, Case, each, field_case, one
from tests.policies.world import ABSENT, UNKNOWN, Declared

_REDIRECT: Final = ("plain-listener", "defaultActions")


def _redirect(protocol: str, status: str) -> list[dict[str, Any]]:
    return [{"type": "redirect", "redirect": {"protocol": protocol, "statusCode": status}}]


def _from(name: str, links: dict[str, tuple[str, ...]], **props: object) -> Declared:
    """A resource whose properties come from elsewhere."""
    declared = aws_world()[name]
    return Declared(declared.type, {**declared.props, **props}, links)


BALANCER_CASES: Final[dict[str, Case]] = {
    "forbid-classic-balancer": Case(
        (),
        each(("other",), aws("elb/loadBalancer:LoadBalancer")),
        (),
        also=frozenset({"require-known-prices", "forbid-cost-over-ceiling"}),
    ),
    "require-access-logs": field_case(
        ("balancer", "accessLogs"),
        good=({"bucket": "other", "enabled": True},),
        bad=(ABSENT, {"bucket": "other"}, {"bucket": "other", "enabled": False}),
    ),
    "require-balancer-protection": field_case(
        ("balancer", "enableDeletionProtection"), good=(True,), bad=(False, ABSENT)
    ),
    "require-valid-headers": field_case(
        ("balancer", "dropInvalidHeaderFields"), good=(True,), bad=(False, ABSENT)
    ),
    "require-desync-mitigation": field_case(
        ("balancer", "desyncMitigationMode"), good=("defensive", "strictest"), bad=("monitor",)
    ),
    "require-modern-tls": field_case(
        ("listener", "sslPolicy"),
        good=(
            "ELBSecurityPolicy-TLS13-1-2-2021-06",
            "ELBSecurityPolicy-TLS13-1-3-2021-06",
            "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
        ),
        bad=(
            ABSENT,
            "ELBSecurityPolicy-2016-08",
            "ELBSecurityPolicy-TLS13-1-0-2021-06",
            "ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06",
        ),
    ),
    "require-https-redirect": field_case(
        _REDIRECT,
        good=(_redirect("HTTPS", "HTTP_301"),),
        bad=(
            [{"type": "forward", "targetGroupArn": "arn:x"}],
            _redirect("HTTPS", "HTTP_302"),
            _redirect("HTTP", "HTTP_301"),
        ),
    ),
    "forbid-rules-without-tls": Case(
        (),
        (one(("listener-rule",), _from("listener-rule", {"listenerArn": ("plain-listener",)})),),
        each(("listener", "protocol"), UNKNOWN),
    ),
    "require-tls-listener": Case(
        (
            (
                (("balancer", "loadBalancerType"), "network"),
                (("listener", "protocol"), "TCP"),
            ),
        ),
        (
            one(("listener",), _from("listener", {}, loadBalancerArn="arn:other")),
            (
                (("balancer", "loadBalancerType"), "network"),
                (("listener", "protocol"), "HTTP"),
                (("listener", "defaultActions"), _redirect("HTTPS", "HTTP_301")),
                (("listener-rule",), ABSENT),
            ),
        ),
        each(("listener", "protocol"), UNKNOWN),
    ),
    "require-web-firewall": Case(
        (
            ((("firewall-association",), ABSENT), (("balancer", "internal"), True)),
            (
                (("firewall-association",), ABSENT),
                (("balancer", "loadBalancerType"), "network"),
                (("listener", "protocol"), "TLS"),
            ),
        ),
        (one(("firewall-association",), ABSENT),),
        each(("balancer", "internal"), UNKNOWN),
    ),
    "require-firewall-rules": Case(
        (((("firewall", "rules"), ABSENT), (("firewall", "ruleJson"), "[{}]")),),
        each(("firewall", "rules"), [], ABSENT),
        each(("firewall", "rules"), UNKNOWN),
    ),
    "require-pod-targets": field_case(
        ("targets", "targetType"), good=("ip",), bad=("instance", ABSENT)
    ),
    "require-target-health": Case(
        each(("targets", "healthCheck"), {"protocol": "TCP"}),
        each(
            ("targets", "healthCheck"),
            ABSENT,
            {"enabled": False, "path": "/ping"},
            {"protocol": "HTTP"},
        ),
        each(("targets", "healthCheck"), UNKNOWN),
    ),
}

_VALUES: Final = ("release", "values")
_WEBHOOK: Final = (*_VALUES, "webhook")

HELM_CASES: Final[dict[str, Case]] = {
    "require-chart-version": field_case(
        ("release", "version"),
        good=("1.2.3", "v1.14.0", "1.0.0-rc.1"),
        bad=(ABSENT, "1.2", "^1.2.3", ">=1.0.0", "latest"),
    ),
    "require-allowed-chart": Case(
        (
            (
                (("release", "chart"), "oci://charts.example.com/stable/external-secrets"),
                (("release", "repositoryOpts"), {"repo": "https://charts.example.com/stable/"}),
            ),
        ),
        (
            one(("release", "repositoryOpts"), ABSENT),
            one(("release", "repositoryOpts"), {"repo": "http://charts.example.com/stable"}),
            one(("release", "repositoryOpts"), {"repo": "https://charts.example.com/stable-not"}),
            one(("release", "repositoryOpts"), {"repo": "https://elsewhere.example.com"}),
        ),
        each(("release", "repositoryOpts", "repo"), UNKNOWN),
    ),
    "forbid-namespace-by-chart": field_case(
        ("release", "createNamespace"), good=(False,), bad=(True,)
    ),
    "forbid-latest-in-values": Case(
        each((*_VALUES, "image"), "controller:v1", {"tag": "1.0", "pullPolicy": "latest"}),
        (
            one((*_VALUES, "image", "tag"), "latest"),
            one((*_VALUES, "sidecars"), [{"image": "controller:latest"}]),
        ),
        each((*_VALUES, "image", "tag"), UNKNOWN),
    ),
    "forbid-privileges-in-values": Case(
        each((*_VALUES, "hostNetwork"), False),
        (
            one((*_VALUES, "hostNetwork"), True),
            one((*_VALUES, "securityContext", "runAsNonRoot"), False),
            one((*_VALUES, "securityContext", "runAsUser"), 0),
            one((*_VALUES, "securityContext", "capabilities"), {"add": ["SYS_ADMIN"]}),
            one((*_VALUES, "sidecars"), [{"securityContext": {"privileged": True}}]),
            one((*_VALUES, "volumes"), [{"hostPath": {"path": "/"}}]),
        ),
        each((*_VALUES, "securityContext", "runAsNonRoot"), UNKNOWN),
    ),
    "forbid-secret-in-values": Case(
        each((*_VALUES, "serviceAccount"), {"name": "secrets", "tokenSecretName": "token"}),
        (
            one((*_VALUES, "admin"), {"password": "hunter2!"}),
            one((*_VALUES, "extraEnv"), [{"name": "X", "value": GITHUB}]),
        ),
        each((*_VALUES, "password"), UNKNOWN),
    ),
    "require-steady-webhooks": Case(
        (
            one(_WEBHOOK, {"replicas": 3, "podDisruptionBudget": {"maxUnavailable": 1}}),
            ((("release", "chart"), "metrics-server"), (_WEBHOOK, {})),
        ),
        (
            one(_WEBHOOK, ABSENT),
            one((*_WEBHOOK, "replicaCount"), 1),
            one((*_WEBHOOK, "podDisruptionBudget"), {"enabled": False}),
            (
                (("release", "chart"), "aws-load-balancer-controller"),
                ((*_VALUES, "replicaCount"), 2),
            ),
        ),
        each((*_WEBHOOK, "replicaCount"), UNKNOWN),
    ),
}

_SIZE: Final = ("nodes", "scalingConfig", "desiredSize")

SPENDING_CASES: Final[dict[str, Case]] = {
    "forbid-cost-over-ceiling": Case(
        each(_SIZE, 4),
        (
            one(_SIZE, 60),
            (
                (("nodes", "instanceTypes"), ["r7g.4xlarge"]),
                (_SIZE, 6),
                (("database", "instanceClass"), "db.r7g.2xlarge"),
            ),
        ),
        each(_SIZE, UNKNOWN),
    ),
    "require-known-prices": Case(
        each(("nodes", "instanceTypes"), ["m7i.xlarge", "m9x.metal"]),
        (
            one(("nodes", "instanceTypes"), ["m9x.metal"]),
            one(("other",), aws("redshift/cluster:Cluster")),
            one(("aws-provider", "region"), "mars-north-1"),
        ),
        each(("database", "instanceClass"), UNKNOWN),
        # What has no price is not taken for free.
        also=frozenset({"forbid-cost-over-ceiling"}),
    ),
}
