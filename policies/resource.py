"""A resource as a rule sees it, and ways to read its properties.

Properties come from the engine as JSON. Reading one that is not known in a preview raises
`pulumi_policy.proxy.UnknownValueError`; `policies.rule` catches it and notes what was not judged,
so that a rule never has to think of it.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any, Final, TypeAlias, cast

Props: TypeAlias = Mapping[str, Any]
"""A JSON object: the inputs of a resource, or a part of them."""

RELEASE: Final = "helm.sh/Release"
"""Kind of what Helm installs, which is placed by its own properties instead of metadata."""
NOTHING: Final[Props] = MappingProxyType({})
Links: TypeAlias = Mapping[str, frozenset[str]]
"""For each property of a resource, the URNs of the resources that its value comes from."""
_KUBERNETES: Final = re.compile(r"kubernetes:(?:(?P<group>[^/:]+)/)?[^/:]+:(?P<kind>[^/:]+)")
_OTHER: Final = re.compile(r"(?P<module>[^/:]+:[^/:]+)(?:/[^/:]+)?:(?P<kind>[^/:]+)")
# What AWS resources are known by where a program writes a name down instead of passing it on.
_NAMES: Final = ("bucket", "name", "identifier", "replicationGroupId")


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


def has(props: Props, key: str) -> bool:
    """Whether a property is set, to whatever it may be: of one that is not known yet, that is known."""
    # Asking for the key itself would read the value.
    return any(each == key for each in props)


def whole(value: object) -> int | None:
    """`value` if it is a whole number, else None. The engine hands on every number as a float."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        return None
    return int(value)


def plain(value: object) -> object:
    """The same in lists and dictionaries of Python, which compare by what they hold."""
    if isinstance(value, Mapping):
        props = mapping(cast(object, value))
        return {key: plain(props[key]) for key in props}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(entry) for entry in items(cast(object, value))]
    return value


def document(value: object) -> Props:
    """A JSON object that is kept as text, as AWS takes policies. Empty if it is none."""
    if not isinstance(value, str):
        return mapping(value)
    try:
        return mapping(json.loads(value))
    except ValueError:
        return NOTHING


@cache
def kind_of(type_token: str) -> str:
    """What rules call a type: `apps/Deployment`, `aws:eks/Cluster`, `pulumi:providers/aws`.

    Versions of Kubernetes' groups and the doubled names of AWS types are left out.
    """
    match = _KUBERNETES.fullmatch(type_token)
    if match is not None:
        return f"{match['group'] or 'core'}/{match['kind']}"
    match = _OTHER.fullmatch(type_token)
    return "" if match is None else f"{match['module']}/{match['kind']}"


@dataclass(frozen=True)
class Resource:
    """One resource of the stack: its type token, its name in the program, its URN, its properties."""

    type: str
    name: str
    urn: str
    props: Props
    label: str = ""
    """A complaint about a whole resource needs no further place."""
    links: Links = field(default_factory=dict[str, frozenset[str]])
    """Known to the rules on the stack only."""

    @property
    def kind(self) -> str:
        """Type without what differs between versions of it, such as `apps/Deployment`."""
        return kind_of(self.type)

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
        placed = self.props if self.kind == RELEASE else self.metadata
        return str(placed.get("namespace") or "default")

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


def refers(resource: Resource, key: str, target: Resource) -> bool:
    """Whether property `key` of `resource` names `target`, by what it comes from or by its name.

    In a preview the ids of new resources are not known, but where a value comes from is.
    """
    origins = resource.links.get(key, frozenset[str]())
    if target.urn in origins:
        return True
    if origins or not has(resource.props, key):
        return False
    value = resource.props[key]
    names = [target.props.get(name) for name in _NAMES if name in target.props]
    return any(name in (items(value) or (value,)) for name in names)


@dataclass(frozen=True)
class Stack:
    """All resources of a stack, for the rules that look at more than one."""

    resources: tuple[Resource, ...]

    @cached_property
    def _by_kind(self) -> Mapping[str, Sequence[Resource]]:
        found: defaultdict[str, list[Resource]] = defaultdict(list)
        for resource in self.resources:
            found[resource.kind].append(resource)
        return found

    def of(self, *kinds: str) -> Iterator[Resource]:
        """The resources of these kinds."""
        return (resource for kind in kinds for resource in self._by_kind.get(kind, ()))

    def origins(self, resource: Resource, key: str, kind: str) -> Iterator[Resource]:
        """The resources of `kind` that property `key` of `resource` comes from."""
        return (other for other in self.of(kind) if refers(resource, key, other))
