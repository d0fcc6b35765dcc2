"""Helm releases: which chart, and what can be seen of its pods in the values given to it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from pulumi_policy.proxy import UnknownValueError

from policies.pod_baseline import CAPABILITIES
from policies.resource import RELEASE, Part, Props, Resource, at, items, mapping, whole
from policies.rule import (
    Severity,
    cis,
    configured_rule,
    of,
    option,
    rule,
)
from policies.secrets import findings

_VERSION: Final = re.compile(r"v?\d+\.\d+\.\d+([-+][\w.+-]+)?")
_HOST: Final = ("hostNetwork", "hostPID", "hostIPC")
_LATEST: Final = re.compile(r"(.*:)?latest(@.*)?")

_release = of(RELEASE)


@dataclass(frozen=True)
class Value:
    """One entry of a release's values, wherever in the tree it stands. It is read when it is judged."""

    label: str
    key: str
    holder: Any

    @property
    def value(self) -> Any:  # noqa: ANN401 (whatever stands there)
        """What stands there."""
        return self.holder[int(self.key) if items(self.holder) else self.key]


def values(resource: Resource) -> Iterator[Value]:
    """Every entry of a release's values, the outer ones first."""
    if resource.kind == RELEASE:
        yield from _entries(resource.props.get("values"), "")


def _entries(holder: Any, path: str) -> Iterator[Value]:  # noqa: ANN401 (whatever stands there)
    keys = [str(index) for index in range(len(items(holder)))] or list(mapping(holder))
    for key in keys:
        entry = Value(f"values{path}.{key}", key, holder)
        yield entry
        try:
            nested = entry.value
        except UnknownValueError:
            # Whichever rule reads it says so; the other entries are judged all the same.
            continue
        if mapping(nested) or items(nested):
            yield from _entries(nested, f"{path}.{key}")


@rule(
    _release,
    severity=Severity.HIGH,
    remedy="set version to one version of the chart, such as 1.14.0.",
    everywhere=True,
)
def require_chart_version(release: Resource) -> Iterator[str]:
    """A release is of one version of its chart, so that what was tested is what runs."""
    version = release.props.get("version")
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        yield f"version is {version or 'not set'}"
    if release.props.get("devel"):
        yield "devel is true"


@configured_rule(
    _release,
    severity=Severity.HIGH,
    remedy="use another chart, or add its repository to `repositories` of this rule in "
    "policies/environments/.",
    reference=cis("5.1.4 Only approved container registries"),
    everywhere=True,
    options={
        "repositories": option(
            "strings", [], "Repositories that charts may come from: https:// or oci:// addresses"
        )
    },
)
def require_allowed_chart(release: Resource, settings: Props) -> Iterator[str]:
    """Charts come over TLS from the repositories that the environment names."""
    chart = str(release.props.get("chart"))
    source = at(release.props, "repositoryOpts", "repo") or chart
    allowed = [str(entry).rstrip("/") for entry in items(settings.get("repositories"))]
    if not str(source).startswith(("https://", "oci://")):
        yield f"chart {chart} comes from {source}, which is no https:// or oci:// address"
    elif not any(f"{str(source).rstrip('/')}/".startswith(f"{entry}/") for entry in allowed):
        yield f"chart {chart} comes from {source}, wanted {', '.join(allowed) or 'none'}"


@rule(
    _release,
    severity=Severity.MEDIUM,
    remedy="make the namespace as a resource, with its pod security label, and name it.",
    reference=cis("4.5.1 Boundaries between resources by namespaces"),
    everywhere=True,
)
def forbid_namespace_by_chart(release: Resource) -> Iterator[str]:
    """No chart makes a namespace that the other rules do not see."""
    if release.props.get("createNamespace"):
        yield "createNamespace is true"


@rule(
    values,
    severity=Severity.MEDIUM,
    remedy="leave it out, which takes the chart's own, or name the version's tag or digest.",
    everywhere=True,
)
def forbid_latest_in_values(entry: Value) -> Iterator[str]:
    """No value makes a chart run whatever image is latest."""
    about_images = entry.key.lower().endswith(("image", "tag"))
    if about_images and isinstance(entry.value, str) and _LATEST.fullmatch(entry.value):
        yield f"it is {entry.value}"


@rule(
    values,
    severity=Severity.CRITICAL,
    remedy="remove it; a chart that cannot do without belongs among the cluster's own add-ons.",
    reference=cis("4.2 Pod Security Standards"),
    everywhere=True,
)
def forbid_privileges_in_values(entry: Value) -> Iterator[str]:
    """No value gives a chart's pods more than the standard for pods does."""
    switched_on = (*_HOST, "privileged", "allowPrivilegeEscalation")
    if entry.key in switched_on and entry.value is True:
        yield f"{entry.key} is true"
    elif entry.key in ("runAsNonRoot", "readOnlyRootFilesystem") and entry.value is False:
        yield f"{entry.key} is false"
    elif entry.key in ("runAsUser", "runAsGroup") and whole(entry.value) == 0:
        yield f"{entry.key} is 0"
    elif entry.key == "hostPath" and mapping(entry.value):
        yield "a path of the node is mounted"
    elif entry.key == "capabilities":
        added = [str(each) for each in items(mapping(entry.value).get("add"))]
        if beyond := sorted(set(added) - CAPABILITIES):
            yield f"capability {', '.join(beyond)} is added"


@rule(
    values,
    severity=Severity.CRITICAL,
    remedy="name a Secret in the values instead; values are kept in the release and in the state.",
    reference=cis("4.4.1 Secrets as files"),
    everywhere=True,
)
def forbid_secret_in_values(entry: Value) -> Iterator[str]:
    """No value is a secret."""
    if isinstance(entry.value, str):
        yield from findings(entry.key, entry.value)


def _webhooks(resource: Resource) -> Iterator[Part]:
    if resource.kind == RELEASE:
        yield Part("", resource.props, resource)


@configured_rule(
    _webhooks,
    severity=Severity.HIGH,
    remedy="set replicaCount (or replicas) to 2 or more and podDisruptionBudget there.",
    options={
        "charts": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
            "default": {
                "aws-load-balancer-controller": [""],
                "cert-manager": ["webhook"],
                "external-secrets": ["webhook"],
                "karpenter": [""],
            },
            "description": "Charts that the API server asks, and where in their values those pods "
            "are; empty means the values as a whole",
        }
    },
)
def require_steady_webhooks(release: Part, settings: Props) -> Iterator[str]:
    """What the API server asks before it accepts an object never goes away all at once."""
    chart = str(release.props.get("chart")).rstrip("/").rpartition("/")[2]
    for place in items(mapping(settings.get("charts")).get(chart)):
        path = ("values", *filter(None, str(place).split(".")))
        pods = mapping(at(release.props, *path))
        count = whole(pods.get("replicaCount", pods.get("replicas")))
        where = ".".join(path)
        if count is None or count < 2:
            yield f"{where} has {'no number of replicas' if count is None else count}"
        budget = mapping(pods.get("podDisruptionBudget"))
        if not budget or budget.get("enabled") is False:
            yield f"{where}.podDisruptionBudget is not set"


RULES: Final = (
    require_chart_version,
    require_allowed_chart,
    forbid_namespace_by_chart,
    forbid_latest_in_values,
    forbid_privileges_in_values,
    forbid_secret_in_values,
    require_steady_webhooks,
)
