"""The LanguageRuntime service: answers the engine about Python programs and runs them."""

# ruff: noqa: N802, ARG002 - the names and signatures are the protocol's

import json
import os
import subprocess
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import MessageToDict

from toolchain.engine.host import packages
from toolchain.engine.host.options import OptionsError, Runtime, resolve
from toolchain.engine.host.processes import Children, end, output
from toolchain.engine.host.program import REPORTED, Launch
from toolchain.engine.host.protocol import language, plugin, services

PROGRAM = Path(__file__).with_name("program.py")


class LanguageRuntime(services.LanguageRuntimeServicer):
    """One engine's language runtime for Python."""

    def __init__(self, engine: str, children: Children) -> None:
        self._engine = engine
        self._children = children

    def Handshake(
        self, request: language.LanguageHandshakeRequest, context: grpc.ServicerContext
    ) -> language.LanguageHandshakeResponse:
        """Learn where the engine listens."""
        self._engine = request.engine_address
        return language.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Empty, context: grpc.ServicerContext) -> plugin.PluginInfo:
        """The host speaks the protocol of the SDK it is installed with."""
        return plugin.PluginInfo(version=version("pulumi"))

    def GetRequiredPackages(
        self, request: language.GetRequiredPackagesRequest, context: grpc.ServicerContext
    ) -> language.GetRequiredPackagesResponse:
        """The plugins of the SDKs installed for the program."""
        runtime = _runtime(request.info, context)
        found = packages.required(packages.search_path(runtime))
        return language.GetRequiredPackagesResponse(packages=[_dependency(one) for one in found])

    def GetRequiredPlugins(
        self, request: language.GetRequiredPluginsRequest, context: grpc.ServicerContext
    ) -> language.GetRequiredPluginsResponse:
        """As GetRequiredPackages, for engines that do not know it."""
        runtime = _runtime(request.info, context)
        return language.GetRequiredPluginsResponse(
            plugins=[
                plugin.PluginDependency(
                    name=one.name, kind="resource", version=one.version, server=one.server
                )
                for one in packages.required(packages.search_path(runtime))
            ]
        )

    def Run(
        self, request: language.RunRequest, context: grpc.ServicerContext
    ) -> language.RunResponse:
        """Run the program; `bail` says that it failed and has told the user why."""
        if request.attach_debugger:
            return language.RunResponse(
                error="this language host cannot attach a debugger; run without --attach-debugger, "
                "or install the official Pulumi CLI, whose language host can"
            )
        try:
            runtime = _resolved(request.info)
        except OptionsError as error:
            return language.RunResponse(error=str(error))
        child = self._children.start(
            [str(runtime.interpreter), "-u", str(PROGRAM)],
            cwd=Path(request.info.program_directory or request.pwd),
            env=runtime.environment(os.environ),
            piped=False,
            # An argument or a variable holds 128 KiB at most: the settings of some 400 agents.
            told=json.dumps(self._launch(request)),
        )
        _end_with_call(context, child)
        return _outcome(self._children.wait(child))

    def RunPlugin(
        self, request: language.RunPluginRequest, context: grpc.ServicerContext
    ) -> Iterator[language.RunPluginResponse]:
        """Run a plugin written in Python and pass on what it writes until it ends."""
        runtime = _runtime(request.info, context)
        child = self._children.start(
            [str(runtime.interpreter), *plugin_arguments(request)],
            cwd=Path(request.pwd),
            env=runtime.environment(dict(entry.split("=", 1) for entry in request.env)),
            piped=True,
        )
        _end_with_call(context, child)
        for stream, chunk in output(child):
            if stream == "stdout":
                yield language.RunPluginResponse(stdout=chunk)
            else:
                yield language.RunPluginResponse(stderr=chunk)
        yield language.RunPluginResponse(exitcode=self._children.wait(child))

    def About(
        self, request: language.AboutRequest, context: grpc.ServicerContext
    ) -> language.AboutResponse:
        """Which Python a program here runs on."""
        runtime = _runtime(request.info, context)
        return language.AboutResponse(
            executable=str(runtime.interpreter),
            version=packages.python_version(runtime),
            metadata={"toolchain": runtime.toolchain, "virtualenv": str(runtime.virtualenv or "")},
        )

    def GetProgramDependencies(
        self, request: language.GetProgramDependenciesRequest, context: grpc.ServicerContext
    ) -> language.GetProgramDependenciesResponse:
        """The distributions installed for the program."""
        folders = packages.search_path(_runtime(request.info, context))
        found = packages.dependencies(folders, transitive=request.transitiveDependencies)
        return language.GetProgramDependenciesResponse(
            dependencies=[
                language.DependencyInfo(name=name, version=number) for name, number in found
            ]
        )

    def InstallDependencies(
        self, request: language.InstallDependenciesRequest, context: grpc.ServicerContext
    ) -> Iterator[language.InstallDependenciesResponse]:
        """Say whether the environment is there; making it is `make up`'s, from the lock."""
        runtime = _runtime(request.info, context)
        note = f"{runtime.interpreter} runs the program; `make up` keeps it as the lock says\n"
        yield language.InstallDependenciesResponse(stdout=note.encode())

    def RuntimeOptionsPrompts(
        self, request: language.RuntimeOptionsRequest, context: grpc.ServicerContext
    ) -> language.RuntimeOptionsResponse:
        """Nothing to ask: the options are in the committed Pulumi.yaml."""
        return language.RuntimeOptionsResponse()

    def Cancel(self, request: Empty, context: grpc.ServicerContext) -> Empty:
        """End whatever runs."""
        self._children.end_all()
        return Empty()

    def _launch(self, request: language.RunRequest) -> Launch:
        return Launch(
            program=request.info.entry_point or ".",
            args=list(request.args),
            pwd=request.info.program_directory or request.pwd,
            root_directory=request.info.root_directory,
            monitor=request.monitor_address,
            engine=self._engine,
            project=request.project,
            stack=request.stack,
            organization=request.organization,
            parallel=request.parallel,
            dry_run=request.dryRun,
            config=dict(request.config),
            secret_keys=list(request.configSecretKeys),
        )


def plugin_arguments(request: language.RunPluginRequest) -> list[str]:
    """How Python starts the plugin: a policy pack by the SDK's loader, others as a program."""
    folder = request.info.program_directory
    if request.kind == "analyzer":
        return ["-u", "-m", "pulumi.policy", *request.args, folder]
    return ["-u", folder, *request.args]


def _end_with_call(context: grpc.ServicerContext, child: subprocess.Popen[bytes]) -> None:
    """The engine ends programs and plugins by cancelling the call that runs them."""
    if not context.add_callback(lambda: end(child)):
        end(child)  # cancelled before there was a child


def _outcome(status: int) -> language.RunResponse:
    if status == 0:
        return language.RunResponse()
    if status == REPORTED:
        return language.RunResponse(bail=True)
    if status < 0:
        return language.RunResponse(error=f"Program was ended by signal {-status}")
    return language.RunResponse(error=f"Program exited with status {status}")


def _dependency(package: packages.Package) -> plugin.PackageDependency:
    parameters = package.parameterization
    return plugin.PackageDependency(
        name=package.name,
        kind="resource",
        version=package.version,
        server=package.server,
        parameterization=plugin.PackageParameterization(
            name=parameters.name, version=parameters.version, value=parameters.value
        )
        if parameters
        else None,
    )


def _resolved(info: language.ProgramInfo) -> Runtime:
    options: dict[str, Any] = MessageToDict(info.options)
    return resolve(options, Path(info.root_directory), os.environ)


def _runtime(info: language.ProgramInfo, context: grpc.ServicerContext) -> Runtime:
    try:
        return _resolved(info)
    except OptionsError as error:
        _refuse(context, str(error))


def _refuse(context: grpc.ServicerContext, reason: str) -> NoReturn:
    context.abort(grpc.StatusCode.FAILED_PRECONDITION, reason)
    raise AssertionError("unreachable: abort raises")
