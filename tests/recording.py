"""Builds components on mocks, waits until every registration has drained, and returns plain data.

A function and not a fixture, so that Hypothesis can call it once per example. Each call has an
event loop and an engine of its own.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, cast

import pulumi
from google.protobuf import empty_pb2, json_format
from pulumi.runtime import rpc
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks, set_mocks
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.stack import run_pulumi_func

Properties = dict[str, Any]
_SECRET = "1b47061264138c4ac30d75fd1eb44270"
AWS_OUTPUTS: dict[str, Properties] = {
    "Certificate": {
        "domainValidationOptions": [
            {
                "domainName": domain,
                "resourceRecordName": f"_proof.{domain}.",
                "resourceRecordType": "CNAME",
                "resourceRecordValue": f"_{number}.acm-validations.aws.",
            }
            for number, domain in enumerate(
                ["api.example.com", "agents.example.com", "finance.example.com"]
            )
        ]
    },
    "Cluster": {
        "endpoint": "https://0A1B2C3D.eks.amazonaws.com",
        "certificateAuthority": {"data": "UEVN"},
        "identities": [{"oidcs": [{"issuer": "https://oidc.eks.amazonaws.com/id/0A1B2C3D"}]}],
        "vpcConfig": {"clusterSecurityGroupId": "sg-of-the-cluster"},
    },
    "Instance": {
        "address": "agents-prod-postgres.c0ffee.eu-central-1.rds.amazonaws.com",
        "masterUserSecrets": [
            {"secretArn": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:master"}
        ],
        "resourceId": "db-0A1B2C3D",
    },
    "LaunchTemplate": {"latestVersion": 1},
    "NodeGroup": {"nodeGroupName": "general-0a1b2c3d"},
    "LoadBalancer": {"dnsName": "lb-1.elb.amazonaws.com", "zoneId": "Z215JYRZR1TBD5"},
    "Record": {"fqdn": "record.example.com"},
    "ReplicationGroup": {"primaryEndpointAddress": "master.redis.c0ffee.cache.amazonaws.com"},
    "Repository": {"repositoryUrl": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/images"},
    "SecretVersion": {"versionId": "terraform-20260101000000000000000001"},
}
"""Outputs that AWS adds to a resource beyond its ARN, by the last part of its type."""


@dataclass(frozen=True, kw_only=True)
class Registered:
    """One resource as the program asked the engine for it."""

    urn: str
    type: str
    name: str
    parent: str
    inputs: Properties
    """Secrets are the plain values; `secrets` says where they were."""
    secrets: frozenset[str]
    """Paths of secret inputs, such as `stringData.password`."""
    dependencies: frozenset[str]
    """URNs it waits for."""
    custom: bool
    provider: str
    """Of what provider it is: URN and id; empty where the engine chooses."""
    ignored: tuple[str, ...]
    protected: bool
    """Whether the engine refuses to delete or replace it."""

    @property
    def kind(self) -> str:
        """Last part of the type: `Deployment`."""
        return self.type.rsplit(":", 1)[-1]


@dataclass
class Recording:
    """Everything a program registered, in order."""

    resources: list[Registered] = field(default_factory=list[Registered])
    outputs: dict[str, Properties] = field(default_factory=dict[str, Properties])
    """What each component registered as its outputs, by URN."""

    def kind(self, *kinds: str) -> list[Registered]:
        """Resources of these kinds."""
        return [each for each in self.resources if each.kind in kinds]

    def one(self, kind: str, name: str = "") -> Registered:
        """The resource of `kind` called `name`, or the only one whose name ends so."""
        found = [each for each in self.kind(kind) if each.name.endswith(name)]
        found = [each for each in found if each.name == name] or found
        assert len(found) == 1, f"{len(found)} of {kind} *{name}: {[f.name for f in found]}"
        return found[0]

    def pods(self) -> Iterator[tuple[str, Properties]]:
        """Name and pod spec of every workload."""
        for each in self.kind("Deployment", "StatefulSet", "DaemonSet", "Job"):
            yield each.name, each.inputs["spec"]["template"]["spec"]

    @property
    def components(self) -> list[Registered]:
        """Component resources."""
        return [each for each in self.resources if not each.custom]


class _Plain(Mocks):
    """Answers as a provider would that creates everything at once."""

    def call(self, args: MockCallArgs) -> tuple[dict[Any, Any], None]:
        raise AssertionError(f"the program asked a provider for {args.token}")

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        state = dict(cast("Properties", args.inputs))  # pyright: ignore[reportUnknownMemberType] (untyped SDK)
        if args.typ.startswith("kubernetes:"):
            metadata = dict(state.get("metadata") or {})
            metadata.setdefault("name", f"{args.name}-0a1b2c3d")
            state["metadata"] = metadata
        elif args.typ == "random:index/randomPassword:RandomPassword":
            state["result"] = f"password-of-{args.name}"
        elif args.typ.startswith("tls:"):
            state |= {"certPem": f"certificate-{args.name}", "certRequestPem": "request"}
            state |= {"privateKeyPem": f"key-of-{args.name}"}
        elif args.typ == "pulumi:pulumi:StackReference":
            state["outputs"] = dict[str, Any]()
        elif args.typ.startswith("aws:"):
            kind = args.typ.rsplit(":", 1)[-1]
            arn = f"arn:aws:test:eu-central-1:123456789012:{kind}/{args.name}"
            made: Properties = {"arn": arn, "name": args.name, **AWS_OUTPUTS.get(kind, {})}
            state = _merged(made, state)
        return f"{args.name}-id", state


def _merged(made: Properties, given: Properties) -> Properties:
    """What was given, with what AWS adds to it, down to nested blocks."""
    blocks = [key for key in given if isinstance(made.get(key), dict)]
    return {**made, **given, **{key: {**made[key], **given[key]} for key in blocks}}


class _Monitor(MockMonitor):
    def __init__(self, recording: Recording) -> None:
        super().__init__(_Plain())
        self._recording = recording

    def RegisterResource(  # noqa: N802 (the protocol's name)
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        # The SDK makes an event loop per thread and never closes it.
        with closing(asyncio.new_event_loop()) as loop:
            asyncio.set_event_loop(loop)
            response = super().RegisterResource(request)  # pyright: ignore[reportUnknownMemberType] (untyped SDK)
            asyncio.set_event_loop(None)
        if request.type != "pulumi:pulumi:Stack":
            plain = json_format.MessageToDict(request.object)
            self._recording.resources.append(
                Registered(
                    urn=response.urn,
                    type=request.type,
                    name=request.name,
                    parent=request.parent,
                    inputs=cast("Properties", _unwrap(plain)),
                    secrets=frozenset(_secret_paths(plain)),
                    dependencies=frozenset(request.dependencies),
                    custom=request.custom,
                    provider=request.provider,
                    ignored=tuple(request.ignoreChanges),
                    protected=request.protect,
                )
            )
        return response

    def ReadResource(  # noqa: N802 (the protocol's name)
        self, request: resource_pb2.ReadResourceRequest
    ) -> resource_pb2.ReadResourceResponse:
        with closing(asyncio.new_event_loop()) as loop:
            asyncio.set_event_loop(loop)
            response = super().ReadResource(request)  # pyright: ignore[reportUnknownMemberType] (untyped SDK)
            asyncio.set_event_loop(None)
        return response

    def RegisterResourceOutputs(  # noqa: N802 (the protocol's name)
        self, request: resource_pb2.RegisterResourceOutputsRequest
    ) -> empty_pb2.Empty:
        self._recording.outputs[request.urn] = json_format.MessageToDict(request.outputs)
        return empty_pb2.Empty()


def _marked(value: object) -> bool:
    return isinstance(value, dict) and rpc._special_sig_key in value  # pyright: ignore[reportPrivateUsage] (no public name)


def _unwrap(value: object) -> object:
    if isinstance(value, dict):
        mapping = cast("dict[str, object]", value)
        if _marked(mapping):
            return _unwrap(mapping.get("value"))
        return {key: _unwrap(each) for key, each in mapping.items()}
    if isinstance(value, list):
        return [_unwrap(each) for each in cast("list[object]", value)]
    return value


def _secret_paths(value: object, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        mapping = cast("dict[str, object]", value)
        if _marked(mapping):
            if mapping[rpc._special_sig_key] == _SECRET:  # pyright: ignore[reportPrivateUsage] (no public name)
                yield path
            return
        for key, each in mapping.items():
            yield from _secret_paths(each, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for index, each in enumerate(cast("list[object]", value)):
            yield from _secret_paths(each, f"{path}[{index}]")


def deploy(program: Callable[[], object]) -> Recording:
    """Runs `program` against a recording engine and returns what it registered."""
    recording = Recording()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        set_mocks(
            _Plain(),
            project="agent-platform",
            stack="test",
            preview=False,
            monitor=_Monitor(recording),
        )
        loop.run_until_complete(run_pulumi_func(lambda: _discard(program())))
    finally:
        asyncio.set_event_loop(None)
        loop.close()
    return recording


def _discard(_: object) -> None:
    pulumi.log.debug("built")
