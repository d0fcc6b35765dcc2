"""Serve the language runtime to the engine that started this process."""

import os
import signal
import stat
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from types import FrameType

import grpc

from toolchain.engine.host.processes import Children
from toolchain.engine.host.protocol import services
from toolchain.engine.host.service import LanguageRuntime

# A stack's state travels in single messages; the SDK lifts the limit in the same way.
UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


def main(arguments: Sequence[str]) -> int:
    """Serve until interrupted or until the engine is gone; the first line printed is the port."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    children = Children()
    # A policy pack holds a thread for as long as it runs.
    server = grpc.server(ThreadPoolExecutor(max_workers=32), options=UNLIMITED)
    # The engine's address comes last; flags of its logging and tracing may come before it.
    engine = arguments[-1] if arguments else ""
    services.add_LanguageRuntimeServicer_to_server(LanguageRuntime(engine, children), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    threading.Thread(target=_stop_with_engine, args=(stop,), daemon=True).start()
    stop.wait()
    children.end_all()
    server.stop(grace=0.5).wait()
    return 0


def _stop_with_engine(stop: threading.Event) -> None:
    """The engine holds the other end of our input: its end is the engine's end."""
    if stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode):
        while os.read(sys.stdin.fileno(), 4096):
            pass
        stop.set()
