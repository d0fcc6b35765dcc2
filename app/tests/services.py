"""Servers that somebody else runs, such as a CI's services: made ready for tests, reached over TLS.

The runtime speaks TLS and nothing else, with a certificate for localhost that an authority of the
tests signs. A service knows of neither: a front on localhost ends the TLS and hands on the rest.
"""

import asyncio
import socket
import ssl
import struct
import threading
from collections.abc import Coroutine, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedRWPair
from typing import Any, Protocol
from urllib.parse import urlsplit

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.certificates import Certificates
from tests.servers import PASSWORD

POSTGRES = "AGENT_TESTS_POSTGRES"
"""Variable with the address of a PostgreSQL, as one of its superusers: postgresql://user:password@host."""
REDIS = "AGENT_TESTS_REDIS"
"""Variable with the address of a Redis, which is emptied: redis://host:6379."""

_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
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
    with _front(url, 5432, certificates, asks_first=True) as front:
        yield front


@contextmanager
def redis(url: str, certificates: Certificates) -> Generator[Front]:
    """A Redis with the password and the guest that the tests log in with."""
    _prepare_redis(url)
    with _front(url, 6379, certificates, asks_first=False) as front:
        yield front


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
    with socket.create_connection(_place(url, 6379), timeout=10) as connection:
        stream = connection.makefile("rwb")
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
def _front(
    url: str, default_port: int, certificates: Certificates, *, asks_first: bool
) -> Generator[Front]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates.server, certificates.key)
    listening = socket.create_server(("127.0.0.1", 0), backlog=256)
    listening.setblocking(False)
    relay = _Relay(context, _place(url, default_port), asks_first=asks_first)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="front", daemon=True)
    thread.start()
    serving = asyncio.run_coroutine_threadsafe(relay.serve(listening), loop)
    try:
        yield Front(int(listening.getsockname()[1]))
    finally:
        serving.cancel()
        asyncio.run_coroutine_threadsafe(relay.close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        listening.close()
        loop.close()


class _Relay:
    """Hands on what clients say once the TLS is taken off, and back what the service answers."""

    def __init__(
        self, context: ssl.SSLContext, service: tuple[str, int], *, asks_first: bool
    ) -> None:
        self._context = context
        self._service = service
        self._asks_first = asks_first
        """PostgreSQL's clients ask whether there is TLS before they begin with it."""
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            accepted, _ = await loop.sock_accept(listening)
            self._start(self._welcome(accepted))

    async def close(self) -> None:
        """End what is still open."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        # A client that leaves in the middle, or does not trust the certificate, is no fault.
        if not task.cancelled() and not isinstance(task.exception(), OSError | EOFError | None):
            raise AssertionError("the front itself failed") from task.exception()

    async def _welcome(self, accepted: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        if self._asks_first:
            asked = await loop.sock_recv(accepted, len(_SSL_REQUEST))
            if asked != _SSL_REQUEST:
                accepted.close()
                return
            await loop.sock_sendall(accepted, b"S")
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader, lambda r, w: self._start(self._relay(r, w)))
        await loop.connect_accepted_socket(lambda: protocol, accepted, ssl=self._context)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            upstream, downstream = await asyncio.open_connection(*self._service)
            try:
                pumps = (_pump(reader, downstream), _pump(upstream, writer))
                await asyncio.gather(*pumps)
            finally:
                downstream.close()
        finally:
            writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    # The other direction has nothing to wait for either.
    writer.close()
