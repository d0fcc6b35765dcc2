"""The environment Pulumi runs in: nothing ambient decides where state, secrets or cluster are."""

import os
import secrets
import shlex
from collections.abc import Mapping
from pathlib import Path

from toolchain.engine.cli import Pulumi
from toolchain.paths import Paths


def home(paths: Paths, base: Mapping[str, str]) -> Path:
    """Pulumi's own folder (credentials, plugins, selected stacks): ours unless the user names one."""
    named = base.get("PULUMI_HOME")
    return Path(named) if named else paths.root / "pulumi"


def passphrase_file(paths: Paths) -> Path:
    """What secrets in our own backend are encrypted with, on this machine alone."""
    return paths.root / "passphrase"


def own_backend(base: Mapping[str, str], paths: Paths) -> bool:
    """State is in the cache: the user has named no other backend. CI has an empty name for none."""
    return base.get("PULUMI_BACKEND_URL") in {None, "", _backend(paths)}


def variables(pulumi: Pulumi, paths: Paths, base: Mapping[str, str]) -> dict[str, str]:
    """What to set over `base` to run `pulumi`; what the user has decided in `base` stays."""
    chosen = {
        "PATH": _search_path(pulumi, paths, base.get("PATH", os.defpath)),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        # Plugins are taken from Pulumi's folder by version, never from PATH: ours are there as well, and
        # an official engine would take them for its own.
        "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
        # Deploying to whatever cluster the shell happens to point at is the accident to prevent.
        "KUBECONFIG": str(paths.cluster / "kubeconfig"),
    }
    if not pulumi.official:
        # Plugins of ours stand there under official names: an official engine has its own folder.
        chosen["PULUMI_HOME"] = str(home(paths, base))
        chosen["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] = "true"
    if own_backend(base, paths):
        chosen["PULUMI_BACKEND_URL"] = _backend(paths)
        # The state keeps the salt, so a stack's settings file need not: see settings.py.
        chosen["PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER"] = "true"
        if "PULUMI_CONFIG_PASSPHRASE" not in base and "PULUMI_CONFIG_PASSPHRASE_FILE" not in base:
            chosen["PULUMI_CONFIG_PASSPHRASE_FILE"] = str(passphrase_file(paths))
    return {name: value for name, value in chosen.items() if base.get(name) != value}


def exports(chosen: Mapping[str, str]) -> str:
    """`chosen` as lines for a POSIX shell to eval."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in chosen.items())


def create_passphrase(file: Path) -> None:
    """Draw the machine's passphrase, once, for its owner's eyes only."""
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(secrets.token_urlsafe(32) + "\n")
    try:
        # A link fails where a rename would replace: of two that start at once, one passphrase stays.
        os.link(draft, file)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _backend(paths: Paths) -> str:
    return paths.state.as_uri()


def _search_path(pulumi: Pulumi, paths: Paths, path: str) -> str:
    folders = [folder for folder in path.split(os.pathsep) if folder and folder != str(paths.bin)]
    # An official CLI has to be found before our build of it; kubectl and the rest still are.
    ordered = [*folders, str(paths.bin)] if pulumi.official else [str(paths.bin), *folders]
    return os.pathsep.join(ordered)
