"""The ResourceProvider service: the engine's questions about AWS resources."""

# ruff: noqa: N802, ARG002 - the names and signatures are the protocol's

import threading
import traceback
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, Protocol, TypeVar

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct
from google.rpc.status_pb2 import Status
from pulumi.runtime.proto import plugin_pb2 as plugin
from pulumi.runtime.proto import provider_pb2 as provider
from pulumi.runtime.proto import provider_pb2_grpc as services

from toolchain.providers.aws import call as calls
from toolchain.providers.aws import configuration as configurations
from toolchain.providers.aws.aws import Aws
from toolchain.providers.aws.changes import Change, changes
from toolchain.providers.aws.errors import HalfMade, Refusal, Unsupported, without
from toolchain.providers.aws.operations import Operations
from toolchain.providers.aws.paths import top
from toolchain.providers.aws.schema import SDK, UnknownTypeError, schema
from toolchain.providers.aws.shape import Fault
from toolchain.providers.aws.types import find
from toolchain.providers.aws.values import Properties, decode, encode

VERSION = SDK.rsplit(" ", 1)[-1]
NOT_HERE = (
    "{0} is not rehearsed: nothing that a rehearsal could answer would be true of AWS. Pass what it "
    f"tells as a setting, or install the official plugin (pulumi plugin install resource aws {VERSION})"
)
T = TypeVar("T")


class _Addressed(Protocol):
    """What the requests about one resource have in common."""

    @property
    def urn(self) -> str: ...
    @property
    def type(self) -> str: ...


class ResourceProvider(services.ResourceProviderServicer):
    """One configured provider. Its calls may run at once."""

    def __init__(self) -> None:
        self._aws: Aws | None = None
        self._stopped = threading.Event()

    def Handshake(
        self, request: provider.ProviderHandshakeRequest, context: grpc.ServicerContext
    ) -> provider.ProviderHandshakeResponse:
        """Secrets are taken as such; outputs and references come as their plain values."""
        return provider.ProviderHandshakeResponse(accept_secrets=True)

    def Attach(self, request: plugin.PluginAttach, context: grpc.ServicerContext) -> Empty:
        """An engine found the provider running."""
        return Empty()

    def GetPluginInfo(self, request: Empty, context: grpc.ServicerContext) -> plugin.PluginInfo:
        """The release whose plugin this stands in for."""
        return plugin.PluginInfo(version=VERSION)

    def GetSchema(
        self, request: provider.GetSchemaRequest, context: grpc.ServicerContext
    ) -> provider.GetSchemaResponse:
        """A schema without resources: the SDK is generated already."""
        return provider.GetSchemaResponse(schema=f'{{"name": "aws", "version": "{VERSION}"}}')

    def CheckConfig(
        self, request: provider.CheckRequest, context: grpc.ServicerContext
    ) -> provider.CheckResponse:
        """Refuses what leads off this machine, and what would not be rehearsed."""
        news = decode(request.news)
        found = [_failure(fault, news) for fault in configurations.check(news.values)]
        return provider.CheckResponse(inputs=request.news, failures=found)

    def DiffConfig(
        self, request: provider.DiffRequest, context: grpc.ServicerContext
    ) -> provider.DiffResponse:
        """Nothing replaces the provider: what moves a resource shows in the resource's region."""
        olds = decode(request.old_inputs).values
        news = decode(request.news).values
        return _difference(changes(configurations.plain(olds), configurations.plain(news)))

    def Configure(
        self, request: provider.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider.ConfigureResponse:
        """Learn where AWS is; it is asked nothing yet."""
        self._aws = Aws(configurations.parse(decode(request.args).values))
        return provider.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Check(
        self, request: provider.CheckRequest, context: grpc.ServicerContext
    ) -> provider.CheckResponse:
        """Refuses what the SDK does not know, and gives names."""
        news = decode(request.news)

        def answer() -> provider.CheckResponse:
            here = self._operations(request)
            found = [_failure(fault, news) for fault in here.check(news.values)]
            olds = decode(request.olds).values
            inputs = Struct()
            inputs.CopyFrom(request.news)
            name = request.urn.rsplit("::", 1)[-1]
            added = here.named(news.values, olds, name, request.randomSeed)
            inputs.MergeFrom(encode(added))
            return provider.CheckResponse(inputs=inputs, failures=found)

        return _answered(context, answer, news)

    def Diff(
        self, request: provider.DiffRequest, context: grpc.ServicerContext
    ) -> provider.DiffResponse:
        """Compares inputs; AWS is not asked. A refresh brings in what changed there."""
        news = decode(request.news)

        def answer() -> provider.DiffResponse:
            here = self._operations(request)
            olds = decode(request.old_inputs).values
            found = here.diff(decode(request.olds).values, olds, news.values)
            name = request.urn.rsplit("::", 1)[-1]
            return _difference(found, here.deletes_first(news.values, name))

        return _answered(context, answer, news)

    def Create(
        self, request: provider.CreateRequest, context: grpc.ServicerContext
    ) -> provider.CreateResponse:
        """Makes the resource, or says what is known of it before."""
        news = decode(request.properties)

        def answer() -> provider.CreateResponse:
            here = self._operations(request)
            if request.preview:
                outputs = here.preview(news.values, {}, {})
                return provider.CreateResponse(properties=_shown(here, outputs, news))
            call = self._call(request, here, news.values, {})
            identity, outputs = here.create(call, news.values)
            return provider.CreateResponse(id=identity, properties=_shown(here, outputs, news))

        return _answered(context, answer, news)

    def Read(
        self, request: provider.ReadRequest, context: grpc.ServicerContext
    ) -> provider.ReadResponse:
        """The resource as it is now; an empty answer says that it is gone."""
        state, inputs = decode(request.properties), decode(request.inputs)

        def answer() -> provider.ReadResponse:
            here = self._operations(request)
            call = self._call(request, here, inputs.values, state.values)
            found = here.read(call, request.id, inputs.values)
            if found is None:
                return provider.ReadResponse()
            outputs, kept = found
            return provider.ReadResponse(
                id=request.id,
                properties=_shown(here, outputs, state, inputs),
                inputs=encode(kept, inputs.secret),
            )

        return _answered(context, answer, state, inputs)

    def Update(
        self, request: provider.UpdateRequest, context: grpc.ServicerContext
    ) -> provider.UpdateResponse:
        """Changes the resource in place, or says what is known of it before."""
        state, news = decode(request.olds), decode(request.news)
        olds = decode(request.old_inputs).values

        def answer() -> provider.UpdateResponse:
            here = self._operations(request)
            if request.preview:
                outputs = here.preview(news.values, state.values, olds)
            else:
                call = self._call(request, here, news.values, state.values)
                outputs = here.update(call, request.id, news.values, olds)
            return provider.UpdateResponse(properties=_shown(here, outputs, news))

        return _answered(context, answer, state, news)

    def Delete(self, request: provider.DeleteRequest, context: grpc.ServicerContext) -> Empty:
        """Removes the resource."""
        state = decode(request.properties)

        def answer() -> Empty:
            here = self._operations(request)
            call = self._call(request, here, decode(request.old_inputs).values, state.values)
            here.delete(call, request.id)
            return Empty()

        return _answered(context, answer, state)

    def Invoke(self, request: provider.InvokeRequest, context: grpc.ServicerContext) -> NoReturn:
        """Refuses the SDK's functions."""
        _refuse(context, Unsupported.code, NOT_HERE.format(f"the function {request.tok}"))

    def Call(self, request: provider.CallRequest, context: grpc.ServicerContext) -> NoReturn:
        """Refuses methods."""
        _refuse(context, Unsupported.code, NOT_HERE.format(f"the method {request.tok}"))

    def Construct(
        self, request: provider.ConstructRequest, context: grpc.ServicerContext
    ) -> NoReturn:
        """Refuses components."""
        _refuse(context, Unsupported.code, NOT_HERE.format(f"the component {request.type}"))

    def Cancel(self, request: Empty, context: grpc.ServicerContext) -> Empty:
        """Ends every wait."""
        self._stopped.set()
        return Empty()

    def _operations(self, request: _Addressed) -> Operations:
        if self._aws is None:
            raise Refusal("the provider was not configured")
        return Operations(find(request.type), schema(request.type), self._aws.configuration)

    def _call(
        self,
        request: _Addressed,
        here: Operations,
        inputs: Mapping[str, Any],
        state: Mapping[str, Any],
    ) -> calls.Call:
        if self._aws is None:
            raise Refusal("the provider was not configured")
        self._aws.configuration.required_endpoint()
        return calls.Call(
            aws=self._aws,
            urn=request.urn,
            service=here.kind.service,
            region=str(state.get("region") or here.region(inputs)),
            inputs=inputs,
            state=state,
            tags=here.tags(inputs),
            stopped=self._stopped,
        )


def _answered(context: grpc.ServicerContext, answer: Callable[[], T], *seen: Properties) -> T:
    """The answer, or a refusal of the call that has no secret in it."""
    secrets = frozenset[str]().union(*(each.secrets for each in seen))
    try:
        return answer()
    except HalfMade as error:
        message = without(str(error), secrets)
        detail = provider.ErrorResourceInitFailed(
            id=error.resource,
            properties=encode(error.outputs, seen[0].secret),
            inputs=encode(seen[0].values, seen[0].secret),
            reasons=[message],
        )
        status = Status(code=grpc.StatusCode.UNKNOWN.value[0], message=message)
        status.details.add().Pack(detail)
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
        _refuse(context, grpc.StatusCode.UNKNOWN, message)
    except Refusal as error:
        _refuse(context, error.code, without(str(error), secrets))
    except UnknownTypeError as error:
        _refuse(context, grpc.StatusCode.INVALID_ARGUMENT, str(error))
    except Exception:  # a mistake of this provider's own has to name its place
        _refuse(context, grpc.StatusCode.INTERNAL, without(traceback.format_exc(), secrets))


def _refuse(context: grpc.ServicerContext, code: grpc.StatusCode, message: str) -> NoReturn:
    context.abort(code, message)
    raise AssertionError("unreachable: abort raises")


def _failure(fault: Fault, seen: Properties) -> provider.CheckFailure:
    return provider.CheckFailure(property=fault.path, reason=without(fault.reason, seen.secrets))


def _shown(here: Operations, outputs: Mapping[str, Any], *seen: Properties) -> Struct:
    secret = frozenset(here.kind.secrets).union(*(each.secret for each in seen))
    return encode(outputs, secret | ({"tagsAll"} if "tags" in secret else frozenset[str]()))


def _difference(found: list[Change], deletes_first: bool = False) -> provider.DiffResponse:
    replaces = sorted({top(change.path) for change in found if change.replaces})
    return provider.DiffResponse(
        changes=provider.DiffResponse.DIFF_SOME if found else provider.DiffResponse.DIFF_NONE,
        diffs=sorted({top(change.path) for change in found}),
        replaces=replaces,
        detailedDiff={change.path: _property(change) for change in found},
        hasDetailedDiff=True,
        deleteBeforeReplace=bool(replaces) and deletes_first,
    )


def _property(change: Change) -> provider.PropertyDiff:
    kind = f"{change.kind}_REPLACE" if change.replaces else change.kind
    return provider.PropertyDiff(
        kind=provider.PropertyDiff.Kind.Value(kind), inputDiff=change.path != "tagsAll"
    )
