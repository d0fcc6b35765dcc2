"""The runtime as its own process, as in a pod."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from httpx2 import AsyncClient, ConnectError

from agent_runtime.settings import Settings
from tests.servers import PASSWORD, free_port

SOURCE = Path(__file__).parents[1] / "src"


def write_secrets(folder: Path) -> Path:
    """The secret files of an agent."""
    secrets = folder / "secrets"
    secrets.mkdir(exist_ok=True)
    for name in ("database__password", "redis__password"):
        (secrets / name).write_text(PASSWORD + "\n")
    return secrets


def environment_of(settings: Settings, secrets: Path, **changes: str) -> dict[str, str]:
    """The variables that make a process of these settings."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(SOURCE),
        "AGENT_SECRETS_DIR": str(secrets),
        "AGENT_NAME": settings.name,
        "AGENT_TENANT": settings.tenant,
        "AGENT_ENVIRONMENT": "test",
        "AGENT_HOST": "127.0.0.1",
        "AGENT_DATABASE__HOST": settings.database.host,
        "AGENT_DATABASE__PORT": str(settings.database.port),
        "AGENT_DATABASE__NAME": settings.database.name,
        "AGENT_DATABASE__USER": settings.database.user,
        "AGENT_DATABASE__CA_FILE": str(settings.database.ca_file),
        "AGENT_REDIS__HOST": settings.redis.host,
        "AGENT_REDIS__PORT": str(settings.redis.port),
        "AGENT_REDIS__CA_FILE": str(settings.redis.ca_file),
        "AGENT_RUN__POLL_INTERVAL": "0.1",
        "POD_NAME": "pod-under-test",
        "NAMESPACE": "tests",
        **changes,
    }


@dataclass
class Runtime:
    """A running process and how to talk to it."""

    process: asyncio.subprocess.Process
    client: AsyncClient
    metrics_url: str
    begun: float
    lines: list[str] = field(default_factory=list[str])

    def terminate(self) -> None:
        """What the kubelet does."""
        self.process.send_signal(signal.SIGTERM)

    async def ended(self, seconds: float = 30) -> int:
        """The exit code, once there is one."""
        async with asyncio.timeout(seconds):
            return await self.process.wait()

    def events(self, name: str) -> list[Mapping[str, object]]:
        """The log lines of this event."""
        return [line for line in map(json.loads, self.lines) if line.get("event") == name]


@asynccontextmanager
async def runtime(
    environment: Mapping[str, str], *, once: str | None = "/ready"
) -> AsyncGenerator[Runtime]:
    """A process, once this path answers 200; ended with the block, however that ends."""
    port, metrics_port = free_port(), free_port()
    begun = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", "-m", "agent_runtime", "serve"),
        env={
            **environment,
            "AGENT_PORT": str(port),
            "AGENT_MONITORING__METRICS_PORT": str(metrics_port),
        },
        stderr=asyncio.subprocess.PIPE,
    )
    async with AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        found = Runtime(process, client, f"http://127.0.0.1:{metrics_port}/metrics", begun)
        reading = asyncio.create_task(_read(process, found.lines))
        try:
            if once is not None:
                await _answers(found, once)
            yield found
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
            await reading


async def finished(
    environment: Mapping[str, str], command: str, seconds: float = 60
) -> tuple[int, str]:
    """Exit code and standard error of a command that ends by itself."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", "-m", "agent_runtime", command),
        env=environment,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(seconds):
        _, said = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def _read(process: asyncio.subprocess.Process, lines: list[str]) -> None:
    assert process.stderr is not None
    while line := await process.stderr.readline():
        lines.append(line.decode().rstrip())


async def _answers(found: Runtime, path: str) -> None:
    deadline = time.monotonic() + 30
    said = "nothing"
    while time.monotonic() < deadline and found.process.returncode is None:
        try:
            answer = await found.client.get(path)
        except ConnectError:
            await asyncio.sleep(0.02)
            continue
        if answer.status_code == 200:
            return
        said = answer.text
        await asyncio.sleep(0.02)
    raise AssertionError(f"{path} never answered 200 but {said}; log:\n" + "\n".join(found.lines))
