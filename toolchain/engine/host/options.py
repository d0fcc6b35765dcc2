"""What `runtime.options` of a Pulumi.yaml or PulumiPolicy.yaml means: which Python runs it."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TOOLCHAINS = ("pip", "uv")


class OptionsError(ValueError):
    """The runtime options name no Python that can run the program."""


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """A Python to run a program with, and the virtual environment it belongs to, if any."""

    interpreter: Path
    virtualenv: Path | None
    toolchain: str

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """`base` as it is after `source <virtualenv>/bin/activate`."""
        env = dict(base)
        if self.virtualenv is not None:
            env.pop("PYTHONHOME", None)
            env["VIRTUAL_ENV"] = str(self.virtualenv)
            env["PATH"] = os.pathsep.join([str(self.virtualenv / "bin"), env.get("PATH", "")])
        return env


def resolve(options: Mapping[str, object], root: Path, env: Mapping[str, str]) -> Runtime:
    """The Python that `options` ask for; a relative `virtualenv` starts at `root`."""
    toolchain = str(options.get("toolchain") or "pip")
    if toolchain not in TOOLCHAINS:
        raise OptionsError(
            f"runtime option toolchain is {toolchain!r}; this language host runs "
            f"{' and '.join(TOOLCHAINS)}. Name the virtual environment in `virtualenv` instead."
        )
    named = str(options.get("virtualenv") or (".venv" if toolchain == "uv" else ""))
    if not named:
        return Runtime(interpreter=_ambient(env), virtualenv=None, toolchain=toolchain)
    virtualenv = root / named
    interpreter = virtualenv / "bin" / "python"
    if not interpreter.exists():
        fault = "is not a virtual environment" if virtualenv.is_dir() else "does not exist"
        raise OptionsError(
            f"runtime option virtualenv is {named!r}, but {virtualenv} {fault}. Create it with "
            f"`uv venv {virtualenv}` and fill it with "
            f"`uv pip sync --python {interpreter} requirements.lock`."
        )
    return Runtime(interpreter=interpreter, virtualenv=virtualenv, toolchain=toolchain)


def _ambient(env: Mapping[str, str]) -> Path:
    for command in (env.get("PULUMI_PYTHON_CMD"), "python3", "python"):
        found = shutil.which(command, path=env.get("PATH")) if command else None
        if found:
            return Path(found)
    raise OptionsError(
        "no virtualenv is named in the runtime options and neither python3 nor python is on PATH. "
        "Set runtime.options.virtualenv."
    )
