"""The project as a rehearsal runs it: the same program and settings, a state and an AWS of its own."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import yaml

from toolchain.engine.settings import without_salt
from toolchain.faults import MendableError
from toolchain.image_archive import BuiltImage, read_lock, unbuilt, write_lock
from toolchain.image_table import DEPLOYED
from toolchain.images import LOCK
from toolchain.paths import PROJECT

NAMESPACE: Final = "agent-platform:"
CLUSTER: Final = f"{NAMESPACE}cluster"
TENANTS: Final = f"{NAMESPACE}tenants"
CREDENTIALS: Final = f"{NAMESPACE}credentials"
PLACEHOLDER: Final = "of-a-rehearsal"
"""Stands for each secret of the stack, which only its team can decrypt."""
ENVIRONMENT: Final = ".venv"
PROGRAM: Final = (
    "Pulumi.yaml",
    "__main__.py",
    "config.py",
    "components",
    "policies",
    "versions.yaml",
    ENVIRONMENT,
)

Document = dict[str, Any]


class NotRehearsableError(MendableError):
    """The stack is not one that is rehearsed; the message says which are."""


class SettingsError(MendableError):
    """A settings file cannot be read; the message says where."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of the stack that is rehearsed."""

    stack: str
    values: Document
    """What its file says under `config`."""

    @classmethod
    def read(cls, stack: str, project: Path = PROJECT) -> "Settings":
        """Read the file. Raises `NotRehearsableError` for a stack that is not on EKS."""
        file = project / f"Pulumi.{stack}.yaml"
        if not file.is_file():
            raise NotRehearsableError(f"got no {file.name}, wanted the settings of stack {stack}")
        values = read_values(file)
        cluster = values.get(CLUSTER)
        if not isinstance(cluster, dict) or cast("Document", cluster).get("kind") != "eks":
            raise NotRehearsableError(
                f"got stack {stack}, whose {CLUSTER} is no EKS cluster, wanted one with kind: eks; "
                "a stack on another cluster is tried by deploying it: make up"
            )
        return cls(stack=stack, values=values)

    @property
    def account(self) -> str:
        return str(self.values[CLUSTER]["account"])

    @property
    def region(self) -> str:
        return str(self.values[CLUSTER]["region"])

    @property
    def clusters(self) -> tuple[str, ...]:
        """Names of the EKS clusters: the platform's, and one for each tenant that has its own."""
        name = str(self.values[CLUSTER]["name"])
        tenants: list[Document] = self.values.get(TENANTS) or []
        own = (t["name"] for t in tenants if t.get("isolation") == "physical")
        return (name, *(f"{name}-{tenant}" for tenant in own))

    @property
    def plain(self) -> Document:
        """The same values, with placeholders for secrets."""
        return plain(self.values)

    def rehearsed(self, endpoint: str) -> Document:
        """The plain values, leading to the AWS at `endpoint`."""
        return {**self.plain, CLUSTER: {**self.values[CLUSTER], "endpoint": endpoint}}


def read_values(file: Path) -> Document:
    """What a stack's settings file says under `config`. Raises `SettingsError` for one that is no YAML."""
    try:
        document: Document = yaml.safe_load(without_salt(file.read_text())) or {}
    except yaml.MarkedYAMLError as error:
        where = "" if error.problem_mark is None else f", line {error.problem_mark.line + 1}"
        raise SettingsError(
            f"got no YAML in {file.name}{where}: {error.problem}; wanted the stack's settings: mend it there"
        ) from None
    return document.get("config") or {}


def plain(values: Document) -> Document:
    """The values with placeholders for secrets, which only their team can decrypt."""
    return {
        key: PLACEHOLDER if isinstance(value, dict) and "secure" in value else value
        for key, value in values.items()
    }


def rotated(values: Document) -> Document:
    """A day-2 change: every credential is made anew."""
    credentials = values[CREDENTIALS]
    generation = int(credentials.get("generation", 0)) + 1
    return {**values, CREDENTIALS: {**credentials, "generation": generation}}


def unprotected(values: Document) -> Document:
    """What protects from deletion is taken off."""
    return {**values, CLUSTER: {**values[CLUSTER], "protect": False}}


def make(folder: Path, project: Path = PROJECT) -> None:
    """A folder that runs the program as it is now, whatever is edited meanwhile."""
    copy(folder, project)
    known = read_lock(project / LOCK.name)
    built = [BuiltImage(name, reference, "", Path(), "") for name, reference in known.items()]
    missing = [unbuilt(name) for name in DEPLOYED if name not in known]
    write_lock(folder / LOCK.name, [*built, *missing])


def copy(folder: Path, project: Path) -> None:
    """What `project` has of the program in a folder of its own, with this environment's packages."""
    folder.mkdir(parents=True)
    for name in PROGRAM:
        source = project / name
        if name == ENVIRONMENT:
            (folder / name).symlink_to(PROJECT / name)
        elif source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copyfile(source, folder / name)


def configure(folder: Path, stack: str, values: Document) -> None:
    """Write the settings of the stack."""
    text = yaml.safe_dump({"config": values}, sort_keys=False)
    (folder / f"Pulumi.{stack}.yaml").write_text(text)


def environment(folder: Path) -> dict[str, str]:
    """Variables that keep the engine's state and secrets in the folder, and the person's out of it."""
    state = folder / "state"
    state.mkdir(exist_ok=True)
    return {
        "PULUMI_BACKEND_URL": state.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": PLACEHOLDER,
        "PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true",
        # Nothing may come from a kubeconfig of the person's.
        "KUBECONFIG": os.devnull,
    }
