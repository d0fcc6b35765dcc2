"""One run of the image builder: what is built, from what, and how nothing half-made is left."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from toolchain import image_context, image_rootfs
from toolchain.commands import OnLine
from toolchain.faults import MendableError
from toolchain.image_archive import BuiltImage, manifest_digest
from toolchain.image_engines import EPOCH, Engine, Request
from toolchain.image_table import BASE, IMAGES, Image
from toolchain.paths import PROJECT, Paths

KEPT = 3
"""Archives kept for an image, so that going back to the last state but one needs no build."""
NEEDED_BYTES = 3 * 2**30
"""Free disk that a build is not begun without."""


class ImageError(MendableError):
    """An image cannot be built; says what was got, what was wanted and how to mend it."""


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """The folders and the engine of one run."""

    paths: Paths
    lock: Path
    engine: Engine
    images: Mapping[str, Image] = field(default_factory=lambda: IMAGES)

    @property
    def folder(self) -> Path:
        return self.paths.images

    @property
    def work(self) -> Path:
        """For what is half-made; emptied when a build begins."""
        return self.folder / "work"


class NotBuiltError(Exception):
    """There is no archive of this state of the sources, and none was to be built."""


class Run:
    """One run's builds: the base and the host's settings are looked up once."""

    def __init__(self, shop: Workshop, on_line: OnLine, *, build: bool = True) -> None:
        self._shop = shop
        self._on_line = on_line
        self._build = build
        self._prepared = False
        self._built: dict[str, BuiltImage] = {}

    def image(self, name: str) -> BuiltImage:
        """The image, built once in a run."""
        if name not in self._built:
            self._built[name] = self._current(self._shop.images[name])
        return self._built[name]

    def _current(self, image: Image) -> BuiltImage:
        parts = {"recipe": self._shop.engine.recipe, "epoch": str(EPOCH)}
        parts |= {"base": self._base_identity()} if image.based else {}
        parts |= image_rootfs.recipe() if image.name == BASE else {}
        parts |= {"fetched": self._fetched() or ""} if image.name == BASE else {}
        files = image_context.sources(image, self._shop.paths.bin)
        key = image_context.key(parts, files)
        archive = self._shop.folder / f"{image.name}-{key}.tar"
        tag = f"localhost/{image.name}:{key}"
        began = time.monotonic()
        if archive.exists():
            os.utime(archive)
        elif not self._build:
            raise NotBuiltError(image.name)
        else:
            self._on_line(f"{image.name}: building with {self._shop.engine.name}")
            self._make(image, tag, archive, files)
        digest = manifest_digest(archive)
        took = time.monotonic() - began
        self._on_line(f"{image.name}: {digest[:19]} ({took:.1f} s)")
        reference = f"localhost/{image.name}@{digest}"
        return BuiltImage(image.name, reference, digest, archive, tag)

    def _fetched(self) -> str | None:
        """The base that a registry gives: docker has one at hand, elsewhere it has to be asked for."""
        named = os.environ.get("AGENT_PLATFORM_BASE_IMAGE")
        return named or (pinned_base() if self._shop.engine.name == "docker" else None)

    def _base_identity(self) -> str:
        return self._fetched() or self.image(BASE).digest

    def _make(self, image: Image, tag: str, archive: Path, files: dict[str, Path]) -> None:
        self._prepare()
        with tempfile.TemporaryDirectory(dir=self._shop.work) as name:
            folder = Path(name)
            partial = folder / "archive.tar"
            if image.name == BASE and (fetched := self._fetched()):
                self._shop.engine.fetch(fetched, tag, partial, self._on_line)
            else:
                request = self._request(image, tag, partial, files, folder)
                self._shop.engine.build(request, self._on_line)
            manifest_digest(partial)
            partial.replace(archive)
        self._prune(image)

    def _request(
        self, image: Image, tag: str, partial: Path, files: dict[str, Path], folder: Path
    ) -> Request:
        context = folder / "context"
        context.mkdir()
        if image.name == BASE:
            made = image_rootfs.rootfs(self._shop.folder, EPOCH, self._on_line)
            files = files | {"rootfs.tar": made}
        image_context.stage(files, context, EPOCH)
        base = None
        if image.based and (base := self._fetched()) is None:
            own = self.image(BASE)
            self._shop.engine.load(own.tag, own.archive, self._on_line)
            base = own.tag
        return Request(
            tag=tag,
            context=context,
            archive=partial,
            base=base,
            secrets=image_context.lend(folder / "lent"),
            squash=image.squash,
        )

    def _prepare(self) -> None:
        if self._prepared:
            return
        free = shutil.disk_usage(self._shop.folder).free
        if free < NEEDED_BYTES:
            raise ImageError(
                f"got {free / 2**30:.1f} GiB free at {self._shop.folder}, wanted "
                f"{NEEDED_BYTES / 2**30:.0f} GiB to build; free some, or set AGENT_PLATFORM_CACHE to a "
                "folder on a larger disk"
            )
        shutil.rmtree(self._shop.work, ignore_errors=True)
        self._shop.work.mkdir()
        self._shop.engine.prepare(self._on_line)
        self._prepared = True

    def _prune(self, image: Image) -> None:
        archives = self._shop.folder.glob(f"{image.name}-{'[0-9a-f]' * 16}.tar")
        newest_first = sorted(archives, key=lambda path: path.stat().st_mtime, reverse=True)
        for archive in newest_first[KEPT:]:
            archive.unlink()
            self._shop.engine.remove(f"localhost/{image.name}:{archive.stem[-16:]}")


def pinned_base() -> str:
    """The base image of versions.yaml, by digest."""
    versions: dict[str, dict[str, str]] = yaml.safe_load((PROJECT / "versions.yaml").read_text())
    return versions["images"][BASE]


@contextmanager
def alone(shop: Workshop, on_line: OnLine) -> Generator[None]:
    """One builder at a time in a cache; another waits and says so."""
    shop.folder.mkdir(parents=True, exist_ok=True)
    with (shop.folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_line("images: another build is running; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
