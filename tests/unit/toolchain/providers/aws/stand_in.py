"""Stands in for the engine: asks the provider what the engine would, and checks what it relies on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, cast

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import provider_pb2 as messages

from tests.moto import REGION
from toolchain.providers.aws.service import ResourceProvider
from toolchain.providers.aws.values import decode, encode

Inputs = Mapping[str, Any]
DEFAULT_TAGS = {"managed-by": "tests"}


class Refused(Exception):  # noqa: N818 - the provider's answer
    """The provider has refused a call."""

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code


class Context:
    """The side of gRPC that the provider sees."""

    metadata: tuple[tuple[str, bytes], ...] = ()

    def abort(self, code: grpc.StatusCode, message: str) -> NoReturn:
        raise Refused(code, message)

    def set_trailing_metadata(self, metadata: tuple[tuple[str, bytes], ...]) -> None:
        self.metadata = metadata


@dataclass(frozen=True, kw_only=True)
class Made:
    """A resource as the state has it."""

    token: str
    name: str
    id: str
    inputs: Inputs
    outputs: Inputs

    @property
    def urn(self) -> str:
        return urn(self.token, self.name)


def urn(token: str, name: str) -> str:
    return f"urn:pulumi:test::test::{token}::{name}"


@dataclass
class Engine:
    """One provider, and what is asked of it."""

    provider: ResourceProvider = field(default_factory=ResourceProvider)
    context: Context = field(default_factory=Context)
    seed: bytes = bytes.fromhex("0123456789abcdef")

    @property
    def _context(self) -> grpc.ServicerContext:
        return cast("grpc.ServicerContext", self.context)

    def configure(self, url: str | None, **more: object) -> None:
        """Configure the provider; without a `url` it can do previews only."""
        tags = {"defaultTags": {"tags": DEFAULT_TAGS}}
        where = {"endpoints": [{"ec2": url}]} if url else {}
        args = encode({"region": REGION, **tags, **where, **more})
        self.provider.Configure(messages.ConfigureRequest(args=args), self._context)

    def check(
        self, token: str, inputs: Inputs, *, name: str = "sample", old: Inputs | None = None
    ) -> tuple[Inputs, dict[str, str]]:
        """The completed inputs, and the reason of each failure by path."""
        request = messages.CheckRequest(
            urn=urn(token, name),
            type=token,
            name=name,
            olds=encode(old or {}),
            news=_struct(inputs),
            randomSeed=self.seed,
        )
        answer = self.provider.Check(request, self._context)
        return decode(answer.inputs).values, {
            each.property: each.reason for each in answer.failures
        }

    def preview(self, token: str, inputs: Inputs, *, name: str = "sample") -> Inputs:
        """Outputs that a preview of a create gives."""
        return decode(self._create(token, inputs, name, preview=True).properties).values

    def make(self, token: str, inputs: Inputs, *, name: str = "sample") -> Made:
        """Check and create."""
        checked, failures = self.check(token, inputs, name=name)
        assert failures == {}
        answer = self._create(token, checked, name, preview=False)
        outputs = decode(answer.properties).values
        return Made(token=token, name=name, id=answer.id, inputs=checked, outputs=outputs)

    def _create(
        self, token: str, inputs: Inputs, name: str, *, preview: bool
    ) -> messages.CreateResponse:
        request = messages.CreateRequest(
            urn=urn(token, name), type=token, name=name, properties=encode(inputs), preview=preview
        )
        return self.provider.Create(request, self._context)

    def diff(self, made: Made, inputs: Inputs) -> messages.DiffResponse:
        """What an update to the inputs would do."""
        checked, failures = self.check(made.token, inputs, name=made.name, old=made.inputs)
        assert failures == {}
        request = messages.DiffRequest(
            id=made.id,
            urn=made.urn,
            type=made.token,
            name=made.name,
            olds=encode(made.outputs),
            old_inputs=encode(made.inputs),
            news=encode(checked),
        )
        return self.provider.Diff(request, self._context)

    def change(self, made: Made, inputs: Inputs, *, preview: bool = False) -> Made:
        """Check and update in place."""
        checked, failures = self.check(made.token, inputs, name=made.name, old=made.inputs)
        assert failures == {}
        request = messages.UpdateRequest(
            id=made.id,
            urn=made.urn,
            type=made.token,
            name=made.name,
            olds=encode(made.outputs),
            old_inputs=encode(made.inputs),
            news=encode(checked),
            preview=preview,
        )
        answer = self.provider.Update(request, self._context)
        outputs = decode(answer.properties).values
        return Made(token=made.token, name=made.name, id=made.id, inputs=checked, outputs=outputs)

    def read(self, made: Made, *, imported: bool = False) -> Made | None:
        """The resource as it is now; `imported` by its id alone."""
        request = messages.ReadRequest(
            id=made.id,
            urn=made.urn,
            type=made.token,
            name=made.name,
            properties=encode({} if imported else made.outputs),
            inputs=encode({} if imported else made.inputs),
        )
        answer = self.provider.Read(request, self._context)
        if not answer.id:
            return None
        return Made(
            token=made.token,
            name=made.name,
            id=answer.id,
            inputs=decode(answer.inputs).values,
            outputs=decode(answer.properties).values,
        )

    def remove(self, made: Made) -> None:
        """Delete."""
        request = messages.DeleteRequest(
            id=made.id,
            urn=made.urn,
            type=made.token,
            properties=encode(made.outputs),
            old_inputs=encode(made.inputs),
        )
        assert self.provider.Delete(request, self._context) == Empty()


def _struct(inputs: Inputs | Struct) -> Struct:
    return inputs if isinstance(inputs, Struct) else encode(inputs)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One resource type's sample."""

    token: str
    inputs: "Callable[[World], Inputs]"
    """Inputs of a sample; what it refers to comes from the world: `world["aws:ec2/vpc:Vpc"].id`."""
    changes: Inputs = field(default_factory=dict[str, Any])
    """Inputs that are changed in place, with other values; None takes one away."""
    replaces: Inputs = field(default_factory=dict[str, Any])
    """Inputs whose change takes a new resource, with other values."""
    respelled: tuple[str, ...] = ()
    """Inputs that an import finds in another spelling than the sample's."""


@dataclass
class World:
    """Samples of every type, each made when somebody first refers to it."""

    engine: Engine
    cases: Mapping[str, Case]
    _made: dict[str, Made] = field(default_factory=dict[str, Made])

    def __getitem__(self, token: str) -> Made:
        if token not in self._made:
            inputs = self.cases[token].inputs(self)
            self._made[token] = self.engine.make(token, inputs, name="other")
        return self._made[token]
