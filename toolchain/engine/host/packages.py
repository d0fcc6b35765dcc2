"""What is installed beside a program: Pulumi packages with their plugins, and distributions."""

import base64
import json
import re
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from toolchain.engine.host.options import Runtime


@dataclass(frozen=True, kw_only=True)
class Parameterization:
    """The package that a parameterized plugin stands for."""

    name: str
    version: str
    value: bytes


@dataclass(frozen=True, kw_only=True)
class Package:
    """A provider plugin that an installed SDK needs, by the name and version it asks for."""

    name: str
    version: str
    server: str = ""
    parameterization: Parameterization | None = None


def search_path(runtime: Runtime) -> list[Path]:
    """The folders `runtime` imports packages from."""
    if runtime.virtualenv is not None:
        return sorted(runtime.virtualenv.glob("lib/python3*/site-packages"))
    answer = _ask(runtime, "import json, sys; print(json.dumps([p for p in sys.path if p]))")
    return [Path(entry) for entry in json.loads(answer)]


def python_version(runtime: Runtime) -> str:
    """As in 3.11.7."""
    return _ask(runtime, "import platform; print(platform.python_version())").strip()


def _ask(runtime: Runtime, script: str) -> str:
    command = [str(runtime.interpreter), "-c", script]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def required(folders: Iterable[Path]) -> list[Package]:
    """The plugins of every Pulumi SDK in `folders`, sorted by name, each once."""
    found: dict[str, Package] = {}
    for folder in folders:
        for file in folder.glob("*/pulumi-plugin.json"):
            package = parse(json.loads(file.read_text()), file)
            if package is not None:
                found.setdefault(package.name, package)
    return [found[name] for name in sorted(found)]


def parse(document: dict[str, Any], file: Path) -> Package | None:
    """The package that a `pulumi-plugin.json` declares; None if it needs no plugin."""
    if not document.get("resource"):
        return None
    try:
        name, version = str(document["name"]), str(document["version"])
    except KeyError as missing:
        raise ValueError(
            f"{file} declares a resource plugin without {missing}; it should name `name` and "
            "`version`. Reinstall the package it belongs to."
        ) from missing
    parameters = document.get("parameterization")
    return Package(
        name=name,
        version=version.removeprefix("v"),
        server=str(document.get("server") or ""),
        parameterization=Parameterization(
            name=str(parameters["name"]),
            version=str(parameters["version"]),
            value=base64.b64decode(parameters["value"]),
        )
        if parameters
        else None,
    )


def dependencies(folders: Sequence[Path], *, transitive: bool) -> list[tuple[str, str]]:
    """Installed distributions as (name, version); without `transitive`, those nothing requires."""
    installed = list(distributions(path=[str(folder) for folder in folders]))
    inner = {name for one in installed for name in _requirements(one)}
    return sorted(
        (one.name, one.version)
        for one in installed
        if transitive or _normalized(one.name) not in inner
    )


def _requirements(distribution: Distribution) -> Iterable[str]:
    for requirement in distribution.requires or ():
        # An extra's requirement says nothing about who asked for the package.
        if "extra ==" not in requirement:
            yield _normalized(re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0])


def _normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
