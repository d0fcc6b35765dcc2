"""supervisord: its generated configuration, and its XML-RPC interface over a unix socket."""

import os
import shlex
import xmlrpc.client
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any, cast

from supervisor.xmlrpc import (  # pyright: ignore[reportMissingTypeStubs] - it ships no types
    SupervisorTransport,
)

from toolchain.cluster.model import ClusterError

LOG_BYTES = "10MB"
LOG_BACKUPS = 3


@dataclass(frozen=True, kw_only=True)
class Program:
    """A process to be kept running."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    priority: int = 500
    """Lower is started first and stopped last."""
    autostart: bool = False
    """True for what needs nothing else to run; the rest is started once its needs are met."""
    stop_seconds: int = 10
    kill_children: bool = True
    """False where children outlive the program on purpose (containerd's shims)."""


@dataclass(frozen=True, kw_only=True)
class Process:
    """What supervisord knows of a program."""

    name: str
    state: str
    pid: int
    """As numbered where supervisord runs; 0 when not running."""
    uptime_seconds: float
    detail: str


def flags(options: Mapping[str, object]) -> tuple[str, ...]:
    """`--name=value`, as the components of Kubernetes have them."""
    return tuple(
        f"--{name}={str(value).lower() if isinstance(value, bool) else value}"
        for name, value in options.items()
    )


def render(programs: Iterable[Program], *, socket: Path, logs: Path, run: Path) -> str:
    """The whole supervisord.conf."""
    head = f"""\
[unix_http_server]
file={_escape(str(socket))}
chmod=0600

[supervisord]
nodaemon=true
logfile={_escape(str(logs / "supervisord.log"))}
logfile_maxbytes={LOG_BYTES}
logfile_backups={LOG_BACKUPS}
pidfile={_escape(str(run / "supervisord.pid"))}
childlogdir={_escape(str(logs))}
{"user=root" if os.geteuid() == 0 else ""}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=unix://{_escape(str(socket))}
"""
    return "\n".join([head, *(_section(program, logs) for program in programs)])


def _section(program: Program, logs: Path) -> str:
    environment = ",".join(
        f"{name}={_quoted(value)}" for name, value in sorted(program.environment.items())
    )
    group = str(program.kill_children).lower()
    lines = [
        f"[program:{program.name}]",
        f"command={_escape(shlex.join(program.command))}",
        *([f"environment={environment}"] if environment else []),
        f"priority={program.priority}",
        f"autostart={str(program.autostart).lower()}",
        "autorestart=true",
        "startsecs=1",
        # With the growing pause between tries: about two minutes before it is called FATAL.
        "startretries=15",
        f"stopwaitsecs={program.stop_seconds}",
        f"stopasgroup={group}",
        f"killasgroup={group}",
        "redirect_stderr=true",
        f"stdout_logfile={_escape(str(logs / f'{program.name}.log'))}",
        f"stdout_logfile_maxbytes={LOG_BYTES}",
        f"stdout_logfile_backups={LOG_BACKUPS}",
    ]
    return "\n".join([*lines, ""])


def _quoted(value: str) -> str:
    # supervisord's reader knows two kinds of quotes, and no escape inside them.
    for quote in ('"', "'"):
        if quote not in value:
            return f"{quote}{_escape(value)}{quote}"
    raise ClusterError(
        f"got the environment value {value!r} with both kinds of quotes, wanted one kind at most: "
        "supervisord cannot be told of it"
    )


def _escape(text: str) -> str:
    # supervisord expands %(name)s in every value.
    return text.replace("%", "%%")


class Supervisor:
    """A running supervisord."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    def _call(self, method: str, *arguments: object) -> Any:  # noqa: ANN401 - XML-RPC is untyped
        transport: Any = SupervisorTransport(serverurl=f"unix://{self._socket}")
        try:
            # The host name is not used: the transport always dials the socket.
            proxy: Any = xmlrpc.client.ServerProxy("http://supervisor", transport=transport)
            return getattr(proxy.supervisor, method)(*arguments)
        finally:
            transport.close()

    def answers(self) -> bool:
        """Whether it is there."""
        try:
            return str(self._call("getState")["statename"]) == "RUNNING"
        except (OSError, HTTPException, xmlrpc.client.Error):
            return False

    def pid(self) -> int:
        """Its own number, as seen where it runs."""
        return int(self._call("getPID"))

    def processes(self) -> dict[str, Process]:
        """Every program by name."""
        rows = cast(list[dict[str, Any]], self._call("getAllProcessInfo"))
        return {
            str(row["name"]): Process(
                name=str(row["name"]),
                state=str(row["statename"]),
                pid=int(row["pid"]),
                uptime_seconds=float(row["now"] - row["start"]) if row["pid"] else 0.0,
                detail=str(row["description"] or row["spawnerr"]),
            )
            for row in rows
        }

    def start(self, name: str) -> None:
        """Start one program unless it is running or starting already."""
        if self.processes()[name].state in {"RUNNING", "STARTING", "BACKOFF"}:
            return
        try:
            self._call("startProcess", name, False)
        except xmlrpc.client.Fault as fault:
            raise ClusterError(f"{name} could not be started: {fault.faultString}") from fault

    def stop(self, name: str) -> None:
        """Stop one program and wait for its end; nothing when it is not running."""
        if self.processes()[name].pid:
            self._call("stopProcess", name, True)

    def apply(self) -> None:
        """Take up a changed configuration: restart what changed, drop what is gone."""
        added, changed, removed = cast(
            tuple[list[str], list[str], list[str]], self._call("reloadConfig")[0]
        )
        for name in (*removed, *changed):
            self._call("stopProcessGroup", name, True)
            self._call("removeProcessGroup", name)
        for name in (*changed, *added):
            self._call("addProcessGroup", name)

    def shutdown(self) -> None:
        """Ask it to stop every program and end; returns at once."""
        self._call("shutdown")


def tail(path: Path, lines: int) -> str:
    """The last lines of a log; empty when nothing was written yet."""
    if not path.exists():
        return ""
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - 400 * lines))
        return "\n".join(stream.read().decode(errors="replace").splitlines()[-lines:])
