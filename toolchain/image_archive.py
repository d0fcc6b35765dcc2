"""What a build leaves: OCI archives, and the lock that says which digest each image name means."""

import hashlib
import json
import re
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import yaml
from pydantic import BaseModel, Field, ValidationError

from toolchain import atomic
from toolchain.faults import MendableError

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class ArchiveError(MendableError):
    """An archive is not what containerd would import as one image."""


@dataclass(frozen=True)
class BuiltImage:
    """An image that exists: `archive` holds the manifest that `digest` names."""

    name: str
    reference: str
    """`localhost/<name>@sha256:…`: what a workload says."""
    digest: str
    archive: Path
    tag: str
    """`localhost/<name>:<key>`: the name inside the archive."""


def manifest_digest(archive: Path) -> str:
    """The digest of the archive's one manifest, verified: what containerd sees after an import."""
    try:
        with tarfile.open(archive) as tar:
            manifests: list[dict[str, Any]] = json.load(_member(tar, "index.json"))["manifests"]
            if len(manifests) != 1:
                raise ArchiveError(
                    f"got {len(manifests)} manifests in {archive}, wanted one image for one platform; "
                    "delete the file and build again"
                )
            digest = str(manifests[0]["digest"])
            blob = _member(tar, f"blobs/{digest.replace(':', '/')}").read()
    except (tarfile.TarError, KeyError, ValueError, EOFError) as error:
        raise ArchiveError(
            f"got {archive}, which is no OCI archive ({error}); wanted index.json and blobs/ in it. "
            "Delete the file and build again; a docker engine older than 25 cannot write one"
        ) from error
    if f"sha256:{hashlib.sha256(blob).hexdigest()}" != digest:
        raise ArchiveError(
            f"got a manifest in {archive} that does not hash to its name {digest}; "
            "the file is damaged: delete it and build again"
        )
    return digest


def _member(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    member = tar.extractfile(name)
    if member is None:
        raise KeyError(name)
    return member


class Lock(BaseModel, frozen=True, extra="forbid"):
    """`images.lock.yaml`: image name → reference by digest."""

    images: dict[str, str] = Field(default_factory=dict)


def read_lock(path: Path) -> dict[str, str]:
    """The references by name; none where nothing was built yet."""
    if not path.exists():
        return {}
    try:
        return Lock.model_validate(yaml.safe_load(path.read_text()) or {}).images
    except (yaml.YAMLError, ValidationError) as error:
        raise ArchiveError(
            f"got {path} with content of another form ({error}); wanted `images: {{name: reference}}`. "
            "Delete it and build again"
        ) from error


def unbuilt(name: str) -> BuiltImage:
    """A name by digest for an image that nothing pulls or runs: the program wants one all the same."""
    digest = f"sha256:{hashlib.sha256(f'simulated {name}'.encode()).hexdigest()}"
    return BuiltImage(name, f"localhost/{name}@{digest}", digest, Path(), f"localhost/{name}")


def write_lock(path: Path, built: Iterable[BuiltImage]) -> None:
    """Set these images' entries, keep the others; readers see the old file or the new one."""
    before = read_lock(path)
    after = before | {image.name: image.reference for image in built}
    if after == before:
        return
    text = "# Written by `python -m toolchain.images build`.\n" + yaml.safe_dump({"images": after})
    atomic.write(path, text)
