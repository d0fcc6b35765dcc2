"""The pack as the engine runs it: a process of its own, asked over gRPC.

The order of calls is the engine's: ConfigureStack, GetAnalyzerInfo, Configure with the defaults of
the rules' schemas and the environment's file laid over them, then Analyze for each resource and
AnalyzeStack at the end.
"""

import json
import select
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol, cast

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from policies.resource import NOTHING, Props
from tests.policies.world import Declared, origins, urn

ROOT: Final = Path(__file__).resolve().parents[2]
PACK: Final = ROOT / "policies"
START_SECONDS: Final = 60
_LEVELS: Final = {
    "advisory": analyzer_pb2.ADVISORY,
    "mandatory": analyzer_pb2.MANDATORY,
    "disabled": analyzer_pb2.DISABLED,
}
# What the engine wraps a secret in (`sdk/go/common/resource/properties.go`).
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"


def secret(value: object) -> dict[str, object]:
    """`value` as the engine sends a secret."""
    return {_SIGNATURE: _SECRET, "value": value}


def struct(props: Mapping[str, Any]) -> struct_pb2.Struct:
    """Properties as they go over the wire."""
    message = struct_pb2.Struct()
    json_format.ParseDict(dict(props), message)
    return message


class _Stub(Protocol):
    """The calls that the tests make; the generated stub's own types do not resolve."""

    def ConfigureStack(self, request: analyzer_pb2.AnalyzerStackConfigureRequest) -> object: ...  # noqa: N802 (the protocol's name)
    def GetAnalyzerInfo(self, request: empty_pb2.Empty) -> analyzer_pb2.AnalyzerInfo: ...  # noqa: N802 (the protocol's name)
    def Configure(self, request: analyzer_pb2.ConfigureAnalyzerRequest) -> object: ...  # noqa: N802 (the protocol's name)
    def Analyze(self, request: analyzer_pb2.AnalyzeRequest) -> analyzer_pb2.AnalyzeResponse: ...  # noqa: N802 (the protocol's name)
    def AnalyzeStack(  # noqa: N802 (the protocol's name)
        self, request: analyzer_pb2.AnalyzeStackRequest
    ) -> analyzer_pb2.AnalyzeResponse: ...


@dataclass(frozen=True)
class Analyzer:
    """A running pack."""

    stub: _Stub
    stack: str
    last: dict[str, Declared] = field(default_factory=dict[str, Declared])
    """What each resource was when it was analyzed last."""

    def info(self) -> analyzer_pb2.AnalyzerInfo:
        """What the pack says of itself."""
        return self.stub.GetAnalyzerInfo(empty_pb2.Empty())

    def configure(self, environment: str | None, options: Mapping[str, Props] = NOTHING) -> None:
        """Send each rule's level and options: the pack's own, then those of the environment's file.

        Without an environment, `options` says what rules are told.
        """
        chosen: dict[str, Any] = dict(options)
        if environment is not None:
            chosen = json.loads((PACK / "environments" / f"{environment}.json").read_text())
        request = analyzer_pb2.ConfigureAnalyzerRequest()
        for policy in self.info().policies:
            entry = request.policyConfig[policy.name]
            entry.enforcementLevel = policy.enforcementLevel
            schema = json_format.MessageToDict(policy.configSchema.properties)
            options = {key: each["default"] for key, each in schema.items() if "default" in each}
            given = chosen.pop(policy.name, {})
            given = {"enforcementLevel": given} if isinstance(given, str) else dict(given)
            if level := given.pop("enforcementLevel", None):
                entry.enforcementLevel = _LEVELS[level]
            entry.properties.update({**options, **given})
        assert not chosen, (
            f"policies/environments/{environment}.json names no rule: {sorted(chosen)}"
        )
        self.stub.Configure(request)

    def analyze(self, name: str, declared: Declared) -> analyzer_pb2.AnalyzeResponse:
        """What the pack says of one resource before it is created."""
        self.last[name] = declared
        return self.stub.Analyze(
            analyzer_pb2.AnalyzeRequest(
                type=declared.type,
                name=name,
                urn=urn(declared.type, name, self.stack),
                properties=struct(declared.props),
            )
        )

    def analyze_stack(self, outputs: Mapping[str, Declared]) -> analyzer_pb2.AnalyzeResponse:
        """What the pack says of all resources in the end."""
        return self.stub.AnalyzeStack(
            analyzer_pb2.AnalyzeStackRequest(
                resources=[
                    analyzer_pb2.AnalyzerResource(
                        type=declared.type,
                        name=name,
                        urn=urn(declared.type, name, self.stack),
                        properties=struct(declared.props),
                        propertyDependencies={
                            key: analyzer_pb2.AnalyzerPropertyDependencies(urns=sorted(urns))
                            for key, urns in origins(declared, outputs, self.stack).items()
                        },
                    )
                    for name, declared in outputs.items()
                ]
            )
        )


@contextmanager
def running(
    *,
    environment: str | None = None,
    stack: str = "dev",
    pack: Path = PACK,
    options: Mapping[str, Props] = NOTHING,
) -> Generator[Analyzer]:
    """Start the pack, wait until it says its port, and end it afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:0", str(pack)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        address = f"127.0.0.1:{_port(process)}"
        with grpc.insecure_channel(address) as channel:
            stub = cast("_Stub", analyzer_pb2_grpc.AnalyzerStub(channel))
            analyzer = Analyzer(stub, stack)
            analyzer.stub.ConfigureStack(
                analyzer_pb2.AnalyzerStackConfigureRequest(
                    stack=stack, project="agent-platform", organization="organization", dry_run=True
                )
            )
            analyzer.configure(environment, options)
            yield analyzer
    finally:
        process.terminate()
        process.wait(timeout=START_SECONDS)
        if process.stdout is not None:
            process.stdout.close()


def _port(process: subprocess.Popen[bytes]) -> int:
    assert process.stdout is not None
    deadline = time.monotonic() + START_SECONDS
    if not select.select([process.stdout], [], [], deadline - time.monotonic())[0]:
        raise TimeoutError(f"the pack said no port within {START_SECONDS} s")
    line = process.stdout.readline()
    if not line.strip().isdigit():
        process.terminate()
        raise RuntimeError((line + process.stdout.read()).decode())
    return int(line)
