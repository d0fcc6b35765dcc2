"""Putting the engine's companions where it looks for them."""

import json
import os
import shlex
import sys
from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from toolchain import atomic
from toolchain.engine.cli import LANGUAGE_HOST
from toolchain.engine.environment import home
from toolchain.paths import PROJECT, Paths

DYNAMIC_PROVIDER = "pulumi-resource-pulumi-python"
REHEARSAL_PROVIDER = "pulumi-resource-aws"
PROVIDERS = ("kubernetes", "random", "tls")


def install(paths: Paths, environment: Mapping[str, str] = os.environ) -> Path:
    """Install the language host and link the providers that are built; the host's path."""
    engine = version("pulumi")
    plugins = home(paths, environment) / "plugins"
    folder = paths.tools / LANGUAGE_HOST / engine
    host = _script(folder / LANGUAGE_HOST, _python_script("toolchain.engine.host.server"))
    dynamic = _script(folder / DYNAMIC_PROVIDER, _dynamic_script())
    rehearsal = _script(
        paths.tools / REHEARSAL_PROVIDER / sdk_version("aws") / REHEARSAL_PROVIDER,
        _python_script("toolchain.providers.aws.server"),
    )
    for script in (host, dynamic, rehearsal):
        link(paths.bin / script.name, script)
    link(plugins / f"language-python-v{engine}" / host.name, host)
    link(plugins / f"resource-pulumi-python-v{engine}" / dynamic.name, dynamic)
    link(plugins / f"resource-aws-v{sdk_version('aws')}" / rehearsal.name, rehearsal)
    for provider in PROVIDERS:
        binary = paths.bin / f"pulumi-resource-{provider}"
        if binary.exists():
            link(plugins / f"resource-{provider}-v{sdk_version(provider)}" / binary.name, binary)
    return host


def sdk_version(provider: str) -> str:
    """The version of a provider that its installed SDK asks the engine for."""
    package = find_spec(f"pulumi_{provider}")
    if package is None or package.origin is None:
        raise ModuleNotFoundError(
            f"{sys.executable} has no package pulumi_{provider}. Install requirements.lock into "
            "the virtual environment."
        )
    declared = Path(package.origin).with_name("pulumi-plugin.json").read_text()
    return str(json.loads(declared)["version"]).removeprefix("v")


def link(where: Path, target: Path) -> None:
    """Make `where` a symlink to `target`, in one step, so that a running engine sees no gap."""
    if where.exists() and not where.is_symlink():
        # An official plugin, in a PULUMI_HOME of the user's: the better one, and not ours to take.
        return
    where.parent.mkdir(parents=True, exist_ok=True)
    atomic.link(where, target)


def _python_script(module: str) -> str:
    start = (
        f"import sys; sys.path.insert(0, {str(PROJECT)!r}); "
        f"from {module} import main; sys.exit(main(sys.argv[1:]))"
    )
    # -I: a project's own modules and the user's site must not reach the plugin.
    return f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -I -c {shlex.quote(start)} "$@"\n'


def _dynamic_script() -> str:
    """Serves the dynamic providers of a program; the engine passes the runtime's options on."""
    return (
        "#!/bin/sh\n"
        'exec "${PULUMI_RUNTIME_VIRTUALENV:-.venv}/bin/python" -u -m pulumi.dynamic "$@"\n'
    )


def _script(file: Path, text: str) -> Path:
    if not file.exists() or file.read_text() != text:
        file.parent.mkdir(parents=True, exist_ok=True)
        atomic.write(file, text, mode=0o755)
    return file
