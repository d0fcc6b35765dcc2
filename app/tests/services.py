"""Servers that somebody else runs, such as a CI's services: made ready for tests, reached over TLS.

The runtime speaks TLS and nothing else, with a certificate for localhost that an authority of the
tests signs. A service knows of neither: a front on localhost ends the TLS and hands on the rest.
"""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedRWPair
from typing import Protocol
from urllib.parse import urlsplit

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests import front
from tests.certificates import Certificates
from tests.servers import PASSWORD

POSTGRES = "AGENT_TESTS_POSTGRES"
"""Variable with the address of a PostgreSQL, as one of its superusers: postgresql://user:password@host."""
REDIS = "AGENT_TESTS_REDIS"
"""Variable with the address of a Redis, which is emptied: redis://host:6379."""

_ROLE = """
DO $$ BEGIN
    CREATE ROLE agent;
EXCEPTION WHEN duplicate_object THEN
END $$
"""
_GUEST = ("on", f">{PASSWORD}", "~guest:*", "&guest:*", "+@all", "-@admin", "-@dangerous", "+info")


class Endpoint(Protocol):
    """Something that listens on localhost."""

    @property
    def port(self) -> int:
        """Where."""
        ...


@dataclass(frozen=True)
class Front:
    """TLS on localhost, and a service behind it."""

    port: int


@contextmanager
def postgres(url: str, certificates: Certificates) -> Generator[Front]:
    """A PostgreSQL with the role that the tests log in as."""
    asyncio.run(_prepare_postgres(url))
    with _front(url, 5432, certificates, "postgres") as found:
        yield found


@contextmanager
def redis(url: str, certificates: Certificates) -> Generator[Front]:
    """A Redis with the password and the guest that the tests log in with."""
    _prepare_redis(url)
    with _front(url, 6379, certificates, "redis") as found:
        yield found


async def _prepare_postgres(url: str) -> None:
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://", 1))
    try:
        async with engine.begin() as connection:
            await connection.execute(text(_ROLE))
            # What is no value of a query cannot be handed over apart from it.
            await connection.execute(
                text(f"ALTER ROLE agent LOGIN SUPERUSER PASSWORD '{PASSWORD}'")
            )
    finally:
        await engine.dispose()


def _prepare_redis(url: str) -> None:
    with (
        socket.create_connection(_place(url, 6379), timeout=10) as connection,
        connection.makefile("rwb") as stream,
    ):
        # Refused on a new one, which has no password yet; a run before this one has set it.
        _say(stream, "AUTH", PASSWORD)
        # A tenant of the run before may have the name of one of this run.
        password = ("CONFIG", "SET", "requirepass", PASSWORD)
        for command in (password, ("ACL", "SETUSER", "guest", *_GUEST), ("FLUSHALL",)):
            answer = _say(stream, *command)
            assert answer == "+OK", f"Redis answers {answer} to {command[:2]}"


def _say(stream: BufferedRWPair, *words: str) -> str:
    parts = [b"$%d\r\n%s\r\n" % (len(word.encode()), word.encode()) for word in words]
    stream.write(b"*%d\r\n" % len(parts) + b"".join(parts))
    stream.flush()
    return stream.readline().decode().strip()


def _place(url: str, default_port: int) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "localhost", parts.port or default_port


@contextmanager
def _front(url: str, default_port: int, certificates: Certificates, kind: str) -> Generator[Front]:
    host, port = _place(url, default_port)
    files = (str(certificates.server), str(certificates.key))
    command = [sys.executable, front.__file__, host, str(port), *files, kind]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said, f"no front for {host}:{port}: it ended with {process.wait(10)}"
        yield Front(int(said))
        process.stdin.close()
        process.wait(20)
