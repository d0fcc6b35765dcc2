"""Makes a Python environment from its lock: `python3 -m toolchain.bootstrap .venv requirements.lock`.

Runs before anything is installed, so on the standard library alone. A stamp in the environment holds
the hash of what it was made from: unchanged, nothing is done. An environment that was interrupted
half-way is made again.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from toolchain.faults import MendableError
from toolchain.paths import PROJECT, Paths

UV_LOCK = PROJECT / "requirements-uv.lock"
WANTED = (3, 11)
STAMP = ".stamp"
UNFINISHED = ".unfinished"
NEEDED_BYTES = 2 * 2**30

# What pip is told about indexes and authorities → the variable under which uv is told the same.
PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}


class BootstrapError(MendableError):
    """The environment cannot be made; says what was got, what was wanted and how to mend it."""


def main(arguments: list[str]) -> int:
    """Make the environment named first from the lock named second; 0 when it is there."""
    if sys.version_info < WANTED:
        return _with_another_python()
    try:
        environment, lock = (Path(argument).absolute() for argument in arguments)
        make(environment, lock)
    except BootstrapError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "\nInterrupted. Run the same command again: it continues where it stopped.",
            file=sys.stderr,
        )
        return 130
    return 0


def make(environment: Path, lock: Path) -> None:
    """Have `environment` hold exactly what `lock` names."""
    wanted = fingerprint(lock)
    stamp = environment / STAMP
    if stamp.exists() and stamp.read_text() == wanted:
        # For make, which compares times: a checkout may have given the lock a later one.
        stamp.touch()
        return
    free = shutil.disk_usage(environment.parent).free
    if free < NEEDED_BYTES:
        raise BootstrapError(
            f"got {free / 2**30:.1f} GiB free at {environment.parent}, wanted 2 GiB for the Python "
            "environment; free some disk"
        )
    # To stderr: what `make env` prints is evaluated by a shell.
    print(f"Python packages of {lock.name} → {environment} …", file=sys.stderr, flush=True)
    uv = pinned_uv()
    settings = uv_settings(pip_settings(uv), os.environ)
    _create(uv, environment, settings)
    command = [uv, "pip", "sync", "--quiet", "--require-hashes"]
    _run([*command, "--python", environment / "bin/python", lock], settings)
    (environment / UNFINISHED).unlink()
    stamp.write_text(wanted)


def fingerprint(lock: Path, python: tuple[int, ...] = sys.version_info[:2]) -> str:
    """What an environment is made from, in one word: another one means that it has to be made again."""
    digest = hashlib.sha256(repr(python).encode())
    for file in (lock, UV_LOCK):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _create(uv: Path, environment: Path, settings: dict[str, str]) -> None:
    unfinished = environment / UNFINISHED
    made = environment / "pyvenv.cfg"
    if unfinished.exists() or not made.exists() or not _same_python(made):
        command = [uv, "venv", "--quiet", "--clear", "--no-project", "--python", sys.executable]
        environment.mkdir(parents=True, exist_ok=True)
        _run([*command, environment], settings)
    unfinished.touch()


def _same_python(made: Path) -> bool:
    version = ".".join(str(part) for part in sys.version_info[:2])
    lines = made.read_text().splitlines()
    return any(line.startswith("version") and version in line for line in lines)


def uv_settings(pip: dict[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """Variables for uv: the mirror and the authorities that pip is set up with hold for it as well."""
    settings = {
        "UV_CACHE_DIR": str(Paths.from_environment().root / "uv" / "cache"),
        "UV_NO_PROGRESS": "1",
    }
    # A person's own project settings for uv must not decide what is installed here.
    settings["UV_NO_CONFIG"] = "1"
    for option, variable in PIP_TO_UV.items():
        if option in pip:
            # pip separates by blanks; uv's list of links by commas.
            separator = "," if option == "find-links" else " "
            settings[variable] = separator.join(pip[option].split())
    return {name: value for name, value in settings.items() if name not in environment}


def pip_settings(uv: Path) -> dict[str, str]:
    answer = subprocess.run(
        [uv.with_name("python"), "-m", "pip", "config", "list"],
        capture_output=True,
        text=True,
        check=False,  # no settings at all is an answer too
    ).stdout
    settings: dict[str, str] = {}
    for line in answer.splitlines():
        name, _, value = line.partition("=")
        # `:env:.cert` overrides `install.cert`, which overrides `global.cert`: pip lists them sorted.
        option = name.rpartition(".")[2]
        if option not in settings or not name.startswith("global."):
            settings[option] = value.strip("'\"").replace("\\n", " ")
    return settings


def pinned_uv() -> Path:
    """The pinned uv, in an environment of its own in the cache."""
    key = fingerprint(UV_LOCK)[:16]
    folder = Paths.from_environment().root / "uv" / key
    uv = folder / "bin" / "uv"
    done = folder / STAMP
    if not done.exists():
        _need_ensurepip()
        folder.parent.mkdir(parents=True, exist_ok=True)
        _run([Path(sys.executable), "-m", "venv", "--clear", folder], {})
        pip = [
            folder / "bin/python",
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ]
        _run([*pip, "--no-deps", "--only-binary=:all:", "--require-hashes", "-r", UV_LOCK], {})
        done.touch()
    return uv


def _need_ensurepip() -> None:
    probe = [sys.executable, "-c", "import ensurepip, venv"]
    if subprocess.run(probe, capture_output=True, check=False).returncode == 0:
        return
    package = f"python3.{sys.version_info[1]}-venv"
    install = ["apt-get", "install", "--yes", "--no-install-recommends", package]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["apt-get", "update", "--quiet"], install):
            _run([Path(part) if part == "apt-get" else part for part in command], {})
        return
    raise BootstrapError(
        f"got a Python at {sys.executable} without ensurepip, wanted one that can make environments; "
        f"run: sudo {' '.join(install)}"
    )


def _run(command: "list[Path | str]", settings: dict[str, str]) -> None:
    """Quiet where all is well; where not, everything the program said."""
    result = subprocess.run(
        command,
        env={**os.environ, **settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if result.returncode:
        shown = " ".join(str(part) for part in command)
        raise BootstrapError(
            f"`{shown}` ended with {result.returncode}, wanted 0. It said:\n{result.stdout.rstrip()}\n"
            "Wanted a Python index within reach: set PIP_INDEX_URL to a mirror of your own, and "
            "SSL_CERT_FILE where a private authority signs. Then run the same command again."
        )


def _with_another_python() -> int:
    """Run again with a newer Python of this machine, or say which is wanted."""
    for minor in (11, 12, 13):
        other = shutil.which(f"python3.{minor}")
        if other:
            os.execv(other, [other, "-m", "toolchain.bootstrap", *sys.argv[1:]])  # noqa: S606 - the same program, by another interpreter
    got = ".".join(str(part) for part in sys.version_info[:3])
    print(
        f"error: got Python {got} at {sys.executable}, wanted 3.11 or newer; "
        "install it (Debian 12: apt-get install python3), or name one: make PYTHON=/path/to/python3.11",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
