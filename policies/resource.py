"""A resource as a rule sees it, and ways to read its properties.

Properties come from the engine as JSON. Reading one that is not known in a preview raises
`pulumi_policy.proxy.UnknownValueError`; `policies.rule` catches it and notes what was not judged,
so that a rule never has to think of it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, TypeAlias, cast

Props: TypeAlias = Mapping[str, Any]
"""A JSON object: the inputs of a resource, or a part of them."""

NOTHING: Final[Props] = MappingProxyType({})
_KUBERNETES: Final = re.compile(r"kubernetes:(?:(?P<group>[^/:]+)/)?[^/:]+:(?P<kind>[^/:]+)")


def mapping(value: object) -> Props:
    """`value` if it is a JSON object, else an empty one."""
    return cast(Props, value) if isinstance(value, Mapping) else NOTHING


def items(value: object) -> Sequence[Any]:
    """`value` if it is a JSON array, else an empty one."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return cast(Sequence[Any], value)
    return ()


def at(props: Props, *path: str) -> Any:  # noqa: ANN401 (whatever stands there)
    """What stands at `path`, or None where it, or a part of the way there, is missing."""
    node: Any = props
    for key in path:
        node = mapping(node).get(key)
    return node


def whole(value: object) -> int | None:
    """`value` if it is a whole number, else None. The engine hands on every number as a float."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        return None
    return int(value)


@dataclass(frozen=True)
class Resource:
    """One resource of the stack: its type token, its name in the program, its URN, its properties."""

    type: str
    name: str
    urn: str
    props: Props
    label: str = ""
    """A complaint about a whole resource needs no further place."""

    @cached_property
    def kind(self) -> str:
        """Kubernetes group and kind without a version, such as `apps/Deployment`; else empty."""
        match = _KUBERNETES.fullmatch(self.type)
        return "" if match is None else f"{match['group'] or 'core'}/{match['kind']}"

    @property
    def metadata(self) -> Props:
        """The object's metadata."""
        return mapping(self.props.get("metadata"))

    @property
    def spec(self) -> Props:
        """The object's spec."""
        return mapping(self.props.get("spec"))

    @property
    def object_name(self) -> str:
        """The name in the cluster, empty where the provider has yet to choose it."""
        return str(self.metadata.get("name") or "")

    @property
    def namespace(self) -> str:
        """The namespace in the cluster; Kubernetes takes none as `default`."""
        return str(self.metadata.get("namespace") or "default")

    @property
    def stack(self) -> str:
        """The stack's name, which the URN begins with."""
        return self.urn.removeprefix("urn:pulumi:").partition("::")[0]


@dataclass(frozen=True)
class Part:
    """A part of a resource that can be judged by itself, such as one rule of a network policy."""

    label: str
    props: Props
    resource: Resource


def parts(resource: Resource, word: str, *path: str) -> Iterator[Part]:
    """The objects of the array at `path`, labelled `word` and their number, from 1."""
    entries = items(at(resource.props, *path))
    for index in range(len(entries)):
        yield Part(f"{word} {index + 1}", mapping(entries[index]), resource)


@dataclass(frozen=True)
class Stack:
    """All resources of a stack, for the rules that look at more than one."""

    resources: tuple[Resource, ...]

    def of(self, *kinds: str) -> Iterator[Resource]:
        """The resources of these Kubernetes kinds."""
        return (resource for resource in self.resources if resource.kind in kinds)
