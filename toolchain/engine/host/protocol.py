"""The engine's protocol classes, without the rest of the SDK.

`import pulumi.runtime.proto` runs `pulumi/__init__`, which loads the whole SDK: 0.4 s that every
preview would pay before its program has even started. The generated modules need only each other,
so they are loaded from the same folder under a package name of their own.
"""

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi.runtime.proto import language_pb2 as language
    from pulumi.runtime.proto import language_pb2_grpc as services
    from pulumi.runtime.proto import plugin_pb2 as plugin
else:
    _PACKAGE = "pulumi_protocol"

    def _generated(module: str) -> ModuleType:
        if _PACKAGE not in sys.modules:
            sdk = find_spec("pulumi")
            if sdk is None or not sdk.submodule_search_locations:
                raise ModuleNotFoundError(
                    f"{sys.executable} has no package `pulumi`, which holds the engine's protocol. "
                    "Install the project's requirements.lock into its virtual environment."
                )
            package = ModuleType(_PACKAGE)
            package.__path__ = [str(Path(next(iter(sdk.submodule_search_locations)), *_FOLDER))]
            sys.modules[_PACKAGE] = package
        return import_module(f"{_PACKAGE}.{module}")

    _FOLDER = ("runtime", "proto")
    language = _generated("language_pb2")
    plugin = _generated("plugin_pb2")
    services = _generated("language_pb2_grpc")

__all__ = ["language", "plugin", "services"]
