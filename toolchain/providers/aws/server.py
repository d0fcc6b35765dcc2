"""Serve the provider to the engine that started this process."""

import gc
import os
import signal
import stat
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import NoReturn

import grpc
from pulumi.runtime.proto import provider_pb2_grpc as services

from toolchain.engine.host.server import UNLIMITED
from toolchain.providers.aws.service import ResourceProvider


def main(_arguments: Sequence[str]) -> NoReturn:
    """Serve until interrupted or until the engine is gone; the first line printed is the port."""
    # The SDK's modules are thousands of classes that stay. To look through them again and again takes
    # a quarter of the time in which they are loaded.
    gc.set_threshold(50_000, 20, 20)
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    server = grpc.server(ThreadPoolExecutor(max_workers=32), options=UNLIMITED)
    services.add_ResourceProviderServicer_to_server(ResourceProvider(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    threading.Thread(target=_stop_with_engine, args=(stop,), daemon=True).start()
    stop.wait()
    server.stop(grace=0.5).wait()
    # Without freeing them one by one at the end: the engine waits for that.
    os._exit(0)


def _stop_with_engine(stop: threading.Event) -> None:
    """The engine holds the other end of our input: its end is the engine's end."""
    if stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode):
        while os.read(sys.stdin.fileno(), 4096):
            pass
        stop.set()
