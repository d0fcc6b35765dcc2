"""An engine that builds nothing: its archives are real ones, made of what the build would see."""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from toolchain.commands import OnLine
from toolchain.image_engines import Request


def oci_archive(path: Path, content: str, manifests: int = 1) -> str:
    """Write an archive whose manifest holds this content; the manifest's digest."""
    manifest = json.dumps({"schemaVersion": 2, "content": content}).encode()
    digest = hashlib.sha256(manifest).hexdigest()
    index = {"manifests": [{"digest": f"sha256:{digest}"}] * manifests}
    with tarfile.open(path, "w") as tar:
        add(tar, f"blobs/sha256/{digest}", manifest)
        add(tar, "index.json", json.dumps(index).encode())
    return f"sha256:{digest}"


def add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


@dataclass
class FakeEngine:
    """Notes what it is asked for. `before_saving` may fail in the middle of a build."""

    name: str = "buildah"
    recipe: str = "fake-1"
    built: list[str] = field(default_factory=list[str])
    requests: list[Request] = field(default_factory=list[Request])
    fetched: list[str] = field(default_factory=list[str])
    loaded: list[str] = field(default_factory=list[str])
    removed: list[str] = field(default_factory=list[str])
    seen: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    before_saving: Callable[[Request], None] = lambda _: None

    def prepare(self, on_line: OnLine) -> None:
        on_line("fake engine ready")

    def build(self, request: Request, on_line: OnLine) -> None:
        on_line("STEP 1/1")
        context = _texts(request.context)
        self.seen[_name(request.tag)] = context
        self.built.append(_name(request.tag))
        self.requests.append(request)
        request.archive.write_text("half")
        self.before_saving(request)
        oci_archive(request.archive, json.dumps([request.base, context], sort_keys=True))

    def fetch(self, reference: str, tag: str, archive: Path, on_line: OnLine) -> None:
        on_line(f"pulled as {tag}")
        self.fetched.append(reference)
        oci_archive(archive, reference)

    def load(self, tag: str, archive: Path, on_line: OnLine) -> None:
        on_line("loaded")
        assert archive.exists()
        self.loaded.append(tag)

    def remove(self, tag: str) -> None:
        self.removed.append(tag)


def _name(tag: str) -> str:
    return tag.removeprefix("localhost/").partition(":")[0]


def _texts(folder: Path) -> dict[str, str]:
    files: Mapping[str, Path] = {
        str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()
    }
    return {name: path.read_text() for name, path in sorted(files.items())}
