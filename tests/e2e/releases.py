"""Another image of the agent: the same program under a different digest."""

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

from tests.e2e.platform import ROOT
from toolchain.cluster.detect import choose
from toolchain.image_archive import read_lock
from toolchain.paths import Paths


def another_image(name: str, folder: Path) -> str:
    """Loads a copy of the built image with one label more; returns its reference by digest."""
    reference = read_lock(ROOT / "images.lock.yaml")[name]
    archive, digest = _relabelled(_archive_of(name, reference), folder)
    other = f"{reference.partition('@')[0]}@{digest}"
    choose(None, print).load_image(archive, other)
    return other


def _archive_of(name: str, reference: str) -> Path:
    wanted = reference.partition("@")[2]
    for archive in Paths.from_environment().images.glob(f"{name}-*.tar"):
        with tarfile.open(archive) as tar:
            if _json(tar, "index.json")["manifests"][0]["digest"] == wanted:
                return archive
    raise AssertionError(f"no archive holds {reference}; build it: make images")


def _json(tar: tarfile.TarFile, member: str) -> dict[str, Any]:
    stream = tar.extractfile(member)
    assert stream is not None
    return json.load(stream)


def _relabelled(archive: Path, folder: Path) -> tuple[Path, str]:
    copy = folder / f"relabelled-{archive.name}"
    with tarfile.open(archive) as source, tarfile.open(copy, "w") as target:
        index = _json(source, "index.json")
        old_manifest = _blob(index["manifests"][0]["digest"])
        manifest = _json(source, old_manifest)
        old_config = _blob(manifest["config"]["digest"])
        config = _json(source, old_config)
        config["config"].setdefault("Labels", {})["org.opencontainers.image.version"] = "next"
        manifest["config"] |= _add(target, config)
        index["manifests"][0] |= _add(target, manifest)
        index["manifests"][0].pop("annotations", None)
        for member in source.getmembers():
            if member.name.lstrip("./") not in {old_manifest, old_config, "index.json"}:
                target.addfile(member, source.extractfile(member) if member.isfile() else None)
        _write(target, "index.json", json.dumps(index).encode())
    return copy, index["manifests"][0]["digest"]


def _blob(digest: str) -> str:
    return f"blobs/{digest.replace(':', '/')}"


def _add(target: tarfile.TarFile, content: dict[str, Any]) -> dict[str, Any]:
    data = json.dumps(content, separators=(",", ":")).encode()
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    _write(target, _blob(digest), data)
    return {"digest": digest, "size": len(data)}


def _write(target: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    target.addfile(member, io.BytesIO(data))
