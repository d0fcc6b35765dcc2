"""Policy documents: what IAM and resources allow to whom, statement by statement."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from policies.aws.conditions import bound_keys
from policies.resource import Props, Resource, document, items, mapping

_IDENTITY: Final = {
    "aws:iam/Policy": "policy",
    "aws:iam/RolePolicy": "policy",
    "aws:iam/UserPolicy": "policy",
    "aws:iam/GroupPolicy": "policy",
}
_RESOURCE: Final = {
    "aws:backup/VaultPolicy": "policy",
    "aws:ecr/RepositoryPolicy": "policy",
    "aws:kms/Key": "policy",
    "aws:s3/BucketPolicy": "policy",
    "aws:secretsmanager/Secret": "policy",
    "aws:secretsmanager/SecretPolicy": "policy",
    "aws:sns/TopicPolicy": "policy",
    "aws:sqs/QueuePolicy": "policy",
}
"""Policies of endpoints are not among them: those only take away from what others allow."""


@dataclass(frozen=True)
class Statement:
    """One statement of a policy document."""

    label: str
    props: Props
    resource: Resource

    @property
    def allows(self) -> bool:
        """Whether it gives anything; one that denies can only take away."""
        return self.props.get("Effect") == "Allow"

    @property
    def actions(self) -> tuple[str, ...]:
        """What it is about. What a `NotAction` leaves is everything."""
        return ("*",) if "NotAction" in self.props else _texts(self.props.get("Action"))

    @property
    def resources(self) -> tuple[str, ...]:
        """Which resources it is about."""
        return ("*",) if "NotResource" in self.props else _texts(self.props.get("Resource"))

    def principals(self, kind: str) -> tuple[str, ...]:
        """Who it is for: `AWS`, `Service` or `Federated`. `*` alone is everybody of AWS."""
        principal = self.props.get("Principal")
        if isinstance(principal, str) or "NotPrincipal" in self.props:
            return ("*",) if kind == "AWS" else ()
        return _texts(mapping(principal).get(kind))

    @property
    def bound_keys(self) -> frozenset[str]:
        """The keys that its conditions tie to what they name, in lower case."""
        return bound_keys(mapping(self.props.get("Condition")))


def _texts(value: Any) -> tuple[str, ...]:  # noqa: ANN401 (a text or a list of them)
    return (value,) if isinstance(value, str) else tuple(str(each) for each in items(value))


def statements(resource: Resource, text: object, place: str = "") -> Iterator[Statement]:
    """The statements of a document. AWS takes a single one without a list around it."""
    body = document(text).get("Statement")
    entries: Sequence[Any] = items(body) or ([body] if mapping(body) else [])
    for index in range(len(entries)):
        entry = mapping(entries[index])
        label = f"statement {entry.get('Sid') or index + 1}"
        yield Statement(f"{place}, {label}" if place else label, entry, resource)


def identity_statements(resource: Resource) -> Iterator[Statement]:
    """What roles, users and groups are given."""
    if resource.kind in _IDENTITY:
        yield from statements(resource, resource.props.get(_IDENTITY[resource.kind]))
    elif resource.kind == "aws:iam/Role":
        for entry in items(resource.props.get("inlinePolicies")):
            inline = mapping(entry)
            yield from statements(
                resource, inline.get("policy"), f"inline policy {inline.get('name')}"
            )


def trust_statements(resource: Resource) -> Iterator[Statement]:
    """Who may take a role on."""
    if resource.kind == "aws:iam/Role":
        yield from statements(resource, resource.props.get("assumeRolePolicy"))


def resource_statements(resource: Resource) -> Iterator[Statement]:
    """Whom a resource lets in by itself."""
    if resource.kind in _RESOURCE:
        yield from statements(resource, resource.props.get(_RESOURCE[resource.kind]))
