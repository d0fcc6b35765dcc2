"""For each rule, what it lets pass, what it complains of, and a value that a preview does not know.

A failing change breaks no other rule than those in `also`; that is tested as well.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from tests.policies.world import (
    DIGEST,
    LABELS,
    UNKNOWN,
    Change,
    Declared,
    Path,
    template,
)

POD: Final[Path] = ("deployment", "spec", "template", "spec")
CONTAINER: Final[Path] = (*POD, "containers", 0)
INIT: Final[Path] = (*POD, "initContainers", 0)
SECURITY: Final[Path] = (*CONTAINER, "securityContext")
POD_SECURITY: Final[Path] = (*POD, "securityContext")
EGRESS: Final[Path] = ("network", "spec", "egress", 0)
INGRESS: Final[Path] = ("network", "spec", "ingress", 0)
PERMISSION: Final[Path] = ("role", "rules", 0)
HEX: Final = "ab" * 32
# Put together here so that no scanner takes them for leaked ones.
RANDOM: Final = "q7Zf" + "2LxV9tKp" + "3MwB8nRc" + "5HdY1"
GITHUB: Final = "ghp" + "_" + "a1B2" * 9


@dataclass(frozen=True)
class Case:
    """The three kinds of fixture that every rule has."""

    passing: tuple[Change, ...]
    failing: tuple[Change, ...]
    unknown: tuple[Change, ...]
    also: frozenset[str] = field(default_factory=frozenset[str])


def one(path: Path, value: object) -> Change:
    """A single change."""
    return ((path, value),)


def each(path: Path, *values: object) -> tuple[Change, ...]:
    """A change for each value."""
    return tuple(one(path, value) for value in values)


def field_case(path: Path, *, good: tuple[object, ...], bad: tuple[object, ...]) -> Case:
    """A rule that looks at one field."""
    return Case(each(path, *good), each(path, *bad), each(path, UNKNOWN))


def workload(kind: str, **spec: Any) -> Declared:  # noqa: ANN401 (any part of a spec)
    """An object of another kind in the same namespace."""
    group_version = kind.rpartition(":")[0]
    return Declared(
        f"kubernetes:{kind}",
        {
            "apiVersion": group_version,
            "kind": kind.rpartition(":")[2],
            "metadata": {
                "name": "other",
                "namespace": "research",
                "labels": dict(LABELS) | {"app.kubernetes.io/component": "store"},
            },
            "spec": spec,
        },
    )


STATEFUL_SET: Final = workload(
    "apps/v1:StatefulSet",
    replicas=1,
    selector={"matchLabels": {"app.kubernetes.io/name": "planner"}},
    template=template(),
)

IMAGES: Final[dict[str, Case]] = {
    "require-image-digest": field_case(
        (*CONTAINER, "image"),
        good=(f"localhost/planner{DIGEST}", f"localhost/planner:1.2{DIGEST}"),
        bad=("localhost/planner:1.2", "localhost/planner:1.2@sha256:abc"),
    ),
    "forbid-latest-tag": field_case(
        (*CONTAINER, "image"),
        good=(f"localhost/planner:1.2{DIGEST}",),
        bad=(f"localhost/planner:latest{DIGEST}",),
    ),
    "require-allowed-registry": field_case(
        (*CONTAINER, "image"),
        good=(f"localhost/planner{DIGEST}",),
        bad=(
            f"registry.example/planner{DIGEST}",
            f"planner{DIGEST}",
            f"library/planner{DIGEST}",
            f"localhost.example/planner{DIGEST}",
        ),
    ),
}

SECRETS: Final[dict[str, Case]] = {
    "forbid-secret-in-environment": field_case(
        (*CONTAINER, "env"),
        good=(
            [{"name": "DATABASE_PASSWORD_FILE", "value": "/run/secrets/password"}],
            [{"name": "MAX_TOKENS", "value": "4096"}, {"name": "REQUIRE_TOKEN", "value": "true"}],
            [{"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
        ),
        bad=(
            [{"name": "DATABASE_PASSWORD", "value": "hunter2!"}],
            [{"name": "modelApiKey", "value": "whatever"}],
            [{"name": "EXTRA", "value": RANDOM}],
            [{"name": "URL", "value": "postgres://agent:hunter2@db/agent"}],
        ),
    ),
    "forbid-secret-variables": field_case(
        (*CONTAINER, "envFrom"),
        good=([{"configMapRef": {"name": "planner"}}],),
        bad=([{"secretRef": {"name": "planner"}}],),
    ),
    "forbid-secret-in-arguments": field_case(
        (*CONTAINER, "args"),
        good=(["--password-file=/run/secrets/password"], ["serve", "--port=8000"]),
        bad=(["--password=hunter2!"], [GITHUB]),
    ),
    "forbid-secret-in-config-map": field_case(
        ("config", "data"),
        good=({"agent.yaml": "model: small\ntoken_limit: 4096\npassword: ${PASSWORD}\n"},),
        bad=(
            {"API_KEY": "hunter2!"},
            {"agent.yaml": "model: small\npassword: hunter2!\n"},
            {"key.pem": "-----BEGIN " + "PRIVATE KEY-----\nMIIE\n"},
        ),
    ),
}

ACCESS: Final[dict[str, Case]] = {
    "forbid-wildcard-permissions": field_case(
        (*PERMISSION, "verbs"), good=(["get", "list"],), bad=(["*"], ["get", "*"])
    ),
    "forbid-cluster-admin": field_case(
        ("binding", "roleRef", "name"), good=("operator",), bad=("cluster-admin",)
    ),
    "forbid-reading-secrets": Case(
        (
            (((*PERMISSION, "resources"), ["secrets"]), ((*PERMISSION, "verbs"), ["create"])),
            (((*PERMISSION, "resources"), ["secrets"]), ((*PERMISSION, "resourceNames"), ["one"])),
        ),
        (
            one((*PERMISSION, "resources"), ["pods", "secrets"]),
            (
                ((*PERMISSION, "resources"), ["secrets"]),
                ((*PERMISSION, "resourceNames"), ["one"]),
                ((*PERMISSION, "verbs"), ["get", "watch"]),
            ),
        ),
        each((*PERMISSION, "resources"), UNKNOWN),
    ),
    "forbid-escalating-verbs": field_case(
        (*PERMISSION, "verbs"), good=(["get"],), bad=(["escalate"], ["bind"], ["impersonate"])
    ),
    "forbid-entering-pods": field_case(
        (*PERMISSION, "resources"), good=(["pods", "pods/log"],), bad=(["pods/exec"],)
    ),
    "forbid-making-pods": field_case(
        (*PERMISSION, "verbs"), good=(["get", "patch"],), bad=(["get", "create"],)
    ),
    "forbid-binding-everybody": field_case(
        ("binding", "subjects", 0, "name"),
        good=("researchers",),
        bad=("system:authenticated", "system:anonymous"),
    ),
}
