"""What the pulumi_aws SDK knows of a resource type: its inputs, their types, and its outputs.

The SDK carries no schema, but its classes say the same. Only the module of the type in question is
imported: all of them together take a minute.
"""

import re
import threading
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from importlib.metadata import version
from types import NoneType
from typing import Any, cast, get_args, get_origin

import pulumi
from pulumi import _types as sdk  # pyright: ignore[reportPrivateUsage] - what its SDKs are made of
from pulumi.runtime.rpc import get_resource_module

from toolchain.providers.aws.shape import Fault, faults, properties

SDK = f"pulumi-aws {version('pulumi-aws')}"
_ONE_AT_A_TIME = threading.Lock()


class UnknownTypeError(ValueError):
    """The SDK has no such resource type."""


@dataclass(frozen=True, kw_only=True)
class Schema:
    """One resource type as the SDK has it, by wire names."""

    token: str
    inputs: Mapping[str, Any]
    """Type hints of the inputs."""
    required: frozenset[str]
    """Inputs that have to be there."""
    outputs: Mapping[str, bool]
    """Outputs; true for those that always have a value."""
    resource: type
    """The class of the SDK."""

    def check(self, inputs: Mapping[str, Any]) -> Iterator[Fault]:
        """What the SDK would not have let through. What is unknown passes."""
        yield from faults(self.inputs, self.required, inputs, "", self.token)

    @cached_property
    def output_types(self) -> Mapping[str, Any]:
        """Type hints of the outputs."""
        return sdk.resource_types(self.resource)

    @property
    def promised(self) -> frozenset[str]:
        """Outputs that always have a value."""
        return frozenset(name for name, always in self.outputs.items() if always)


def schema(token: str) -> Schema:
    """The schema of a type such as `aws:ec2/vpc:Vpc`."""
    # Modules refer to each other: two threads that import them can wait for each other.
    with _ONE_AT_A_TIME:
        return _schema(token)


@cache
def provider() -> Schema:
    """The schema of the provider's own configuration."""
    with _ONE_AT_A_TIME:
        return _read("pulumi:providers:aws", import_module("pulumi_aws.provider"), "Provider")


@cache
def _schema(token: str) -> Schema:
    import_module("pulumi_aws")  # registers the types
    package, module, _ = token.split(":")
    registered = get_resource_module(package, module, "")
    known: dict[str, Any] = getattr(registered, "mod_info", {})
    if token not in known.get("classes", {}):
        raise UnknownTypeError(
            f"{SDK} has no resource type {token}; compare with its documentation, or take the "
            "version of the SDK that the program was written for"
        )
    # The folder's `__init__` imports every type of the service.
    file = re.sub(r"(?<!^)(?=[A-Z])", "_", module.rsplit("/", 1)[-1]).lower()
    with warnings.catch_warnings():
        # Of types beside the one in question.
        warnings.simplefilter("ignore", DeprecationWarning)
        return _read(token, import_module(f"{known['fqn']}.{file}"), known["classes"][token])


def _read(token: str, module: object, name: str) -> Schema:
    resource = getattr(module, name)
    # Where an object inside another resource has taken the name, it is told apart by `Init`.
    arguments = getattr(module, f"{name}InitArgs", None) or getattr(module, f"{name}Args")
    inputs, required = properties(arguments)
    return Schema(
        token=token,
        inputs=inputs,
        required=frozenset(required),
        outputs=dict(_outputs(resource)),
        resource=resource,
    )


def _outputs(resource: type) -> Iterator[tuple[str, bool]]:
    for name, member in vars(resource).items():
        if not isinstance(member, property) or member.fget is None:
            continue
        hint = member.fget.__annotations__.get("return")
        if get_origin(hint) is pulumi.Output:
            inner = cast("object", get_args(hint)[0])
            wire = str(getattr(member.fget, "_pulumi_name", name))
            yield wire, NoneType not in get_args(inner)
