"""TLS on localhost for a service without: `front.py HOST PORT CERTIFICATE KEY [postgres]`.

A process of its own, as a test that keeps its own loop busy must not slow down its stores. It says
its port and ends with its standard input.
"""

import asyncio
import socket
import ssl
import struct
import sys
from collections.abc import Coroutine
from typing import Any

SSL_REQUEST = struct.pack("!ii", 8, 80877103)


class Relay:
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
        """Welcome clients for ever."""
        loop = asyncio.get_running_loop()
        while True:
            accepted, _ = await loop.sock_accept(listening)
            self._start(self._welcome(accepted))

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
            asked = await loop.sock_recv(accepted, len(SSL_REQUEST))
            if asked != SSL_REQUEST:
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
                await asyncio.gather(_pump(reader, downstream), _pump(upstream, writer))
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


async def main(host: str, port: str, certificate: str, key: str, kind: str = "") -> None:
    """Serve until standard input ends."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listening:
        listening.setblocking(False)
        print(listening.getsockname()[1], flush=True)
        relay = Relay(context, (host, int(port)), asks_first=kind == "postgres")
        serving = asyncio.create_task(relay.serve(listening))
        await asyncio.to_thread(sys.stdin.read)
        serving.cancel()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
