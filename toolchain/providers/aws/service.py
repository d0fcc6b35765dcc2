"""The ResourceProvider service: the engine's questions about AWS resources."""

# ruff: noqa: N802, ARG002 - the names and signatures are the protocol's

import threading
from collections.abc import Mapping
from typing import Any, NoReturn, Protocol

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import plugin_pb2 as plugin
from pulumi.runtime.proto import provider_pb2 as provider
from pulumi.runtime.proto import provider_pb2_grpc as services

from toolchain.providers.aws import call as calls
from toolchain.providers.aws import configuration as configurations
from toolchain.providers.aws.answers import answered, difference, failure, refuse, shown
from toolchain.providers.aws.aws import Aws
from toolchain.providers.aws.changes import changes
from toolchain.providers.aws.errors import Refusal, Unsupported
from toolchain.providers.aws.operations import Operations
from toolchain.providers.aws.recording import mode
from toolchain.providers.aws.recording.operations import Recorded
from toolchain.providers.aws.schema import SDK, schema
from toolchain.providers.aws.types import find
from toolchain.providers.aws.values import Properties, decode, encode

VERSION = SDK.rsplit(" ", 1)[-1]
NOT_HERE = (
    "{0} is not rehearsed: nothing that a rehearsal could answer would be true of AWS. Pass what it "
    f"tells as a setting, or install the official plugin (pulumi plugin install resource aws {VERSION})"
)


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
        self._records = False

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
        found = [failure(fault, news) for fault in configurations.check(news.values)]
        return provider.CheckResponse(inputs=request.news, failures=found)

    def DiffConfig(
        self, request: provider.DiffRequest, context: grpc.ServicerContext
    ) -> provider.DiffResponse:
        """Nothing replaces the provider: what moves a resource shows in the resource's region."""
        olds = decode(request.old_inputs).values
        news = decode(request.news).values
        return difference(changes(configurations.plain(olds), configurations.plain(news)))

    def Configure(
        self, request: provider.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider.ConfigureResponse:
        """Learn where AWS is, and whether it is to be left alone; it is asked nothing yet."""
        args = decode(request.args)

        def answer() -> provider.ConfigureResponse:
            self._records = mode.recording()
            self._aws = Aws(configurations.parse(args.values))
            return provider.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

        return answered(context, answer, args)

    def Check(
        self, request: provider.CheckRequest, context: grpc.ServicerContext
    ) -> provider.CheckResponse:
        """Refuses what the SDK does not know, and gives names."""
        news = decode(request.news)

        def answer() -> provider.CheckResponse:
            here = self._operations(request)
            found = [failure(fault, news) for fault in here.check(news.values)]
            olds = decode(request.olds).values
            inputs = Struct()
            inputs.CopyFrom(request.news)
            name = request.urn.rsplit("::", 1)[-1]
            added = here.named(news.values, olds, name, request.randomSeed)
            inputs.MergeFrom(encode(added))
            return provider.CheckResponse(inputs=inputs, failures=found)

        return answered(context, answer, news)

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
            return difference(found, deletes_first=here.deletes_first(news.values, name))

        return answered(context, answer, news)

    def Create(
        self, request: provider.CreateRequest, context: grpc.ServicerContext
    ) -> provider.CreateResponse:
        """Makes the resource, or says what is known of it before."""
        news = decode(request.properties)

        def answer() -> provider.CreateResponse:
            here = self._operations(request)
            if request.preview:
                outputs = here.preview(news.values, {}, {})
                return provider.CreateResponse(properties=shown(outputs, here.kind.secrets, news))
            call = self._call(request, here, news, {})
            identity, outputs = here.create(call, news.values)
            return provider.CreateResponse(
                id=identity, properties=shown(outputs, here.kind.secrets, news)
            )

        return answered(context, answer, news)

    def Read(
        self, request: provider.ReadRequest, context: grpc.ServicerContext
    ) -> provider.ReadResponse:
        """The resource as it is now; an empty answer says that it is gone."""
        state, inputs = decode(request.properties), decode(request.inputs)

        def answer() -> provider.ReadResponse:
            here = self._operations(request)
            call = self._call(request, here, inputs, state.values)
            found = here.read(call, request.id, inputs.values)
            if found is None:
                return provider.ReadResponse()
            outputs, kept = found
            return provider.ReadResponse(
                id=request.id,
                properties=shown(outputs, here.kind.secrets, state, inputs),
                inputs=encode(kept, inputs.secret),
            )

        return answered(context, answer, state, inputs)

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
                call = self._call(request, here, news, state.values)
                outputs = here.update(call, request.id, news.values, olds)
            return provider.UpdateResponse(properties=shown(outputs, here.kind.secrets, news))

        return answered(context, answer, state, news)

    def Delete(self, request: provider.DeleteRequest, context: grpc.ServicerContext) -> Empty:
        """Removes the resource."""
        state = decode(request.properties)

        def answer() -> Empty:
            here = self._operations(request)
            call = self._call(request, here, decode(request.old_inputs), state.values)
            here.delete(call, request.id)
            return Empty()

        return answered(context, answer, state)

    def Invoke(self, request: provider.InvokeRequest, context: grpc.ServicerContext) -> NoReturn:
        """Refuses the SDK's functions."""
        refuse(context, Unsupported.code, NOT_HERE.format(f"the function {request.tok}"))

    def Call(self, request: provider.CallRequest, context: grpc.ServicerContext) -> NoReturn:
        """Refuses methods."""
        refuse(context, Unsupported.code, NOT_HERE.format(f"the method {request.tok}"))

    def Construct(
        self, request: provider.ConstructRequest, context: grpc.ServicerContext
    ) -> NoReturn:
        """Refuses components."""
        refuse(context, Unsupported.code, NOT_HERE.format(f"the component {request.type}"))

    def Cancel(self, request: Empty, context: grpc.ServicerContext) -> Empty:
        """Ends every wait."""
        self._stopped.set()
        return Empty()

    def _operations(self, request: _Addressed) -> Operations:
        if self._aws is None:
            raise Refusal("the provider was not configured")
        operations = Recorded if self._records else Operations
        return operations(find(request.type), schema(request.type), self._aws.configuration)

    def _call(
        self,
        request: _Addressed,
        here: Operations,
        inputs: Properties,
        state: Mapping[str, Any],
    ) -> calls.Call:
        if self._aws is None:
            raise Refusal("the provider was not configured")
        mode.check(state, records=self._records)
        if not self._records:
            self._aws.configuration.required_endpoint()
        return calls.Call(
            aws=self._aws,
            urn=request.urn,
            service=here.kind.service,
            region=str(state.get("region") or here.region(inputs.values)),
            inputs=inputs.values,
            hidden=inputs.secret,
            state=state,
            tags=here.tags(inputs.values),
            stopped=self._stopped,
        )
