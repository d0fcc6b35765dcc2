"""The programs that build images: docker where an engine answers, else buildah."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from toolchain import debian
from toolchain.commands import OnLine, read, run
from toolchain.faults import MendableError
from toolchain.image_rootfs import ISOLATED

EPOCH = 1_767_225_600
"""2026-01-01: the time of every file and image, so that equal content has an equal digest."""


class EngineError(MendableError):
    """No engine can build here."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One build, ready to run: a staged context and where its archive goes."""

    tag: str
    context: Path
    archive: Path
    base: str | None
    secrets: Mapping[str, Path]
    squash: bool = False


class Engine(Protocol):
    """What builds an image from a Dockerfile and saves it as an OCI archive."""

    @property
    def name(self) -> str: ...

    @property
    def recipe(self) -> str:
        """How it builds: part of every image's key, changed when the way of building changes."""
        ...

    def prepare(self, on_line: OnLine) -> None:
        """Make ready to build; called once, before the first request."""
        ...

    def build(self, request: Request, on_line: OnLine) -> None: ...

    def fetch(self, reference: str, tag: str, archive: Path, on_line: OnLine) -> None:
        """Pull an image from its registry and save it under our tag."""
        ...

    def load(self, tag: str, archive: Path, on_line: OnLine) -> None:
        """Have an archive's image at hand as the base of others."""
        ...

    def remove(self, tag: str) -> None:
        """Forget a superseded image; the layers that others use stay."""
        ...


@dataclass(frozen=True)
class Docker:
    """A docker engine that answers, with BuildKit."""

    name: str = "docker"
    recipe: str = "docker-1"

    def prepare(self, on_line: OnLine) -> None:
        """Nothing: the engine is running."""

    def build(self, request: Request, on_line: OnLine) -> None:
        # Attestations carry times, and make an index of what is to be one manifest.
        environment = {"DOCKER_BUILDKIT": "1", "BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}
        command = ["docker", "build", "--progress=plain", f"--tag={request.tag}"]
        command += ["--build-arg", f"SOURCE_DATE_EPOCH={EPOCH}"]
        command += _options(request)
        run([*command, str(request.context)], on_line, env=environment)
        self._save(request.tag, request.archive, on_line)

    def fetch(self, reference: str, tag: str, archive: Path, on_line: OnLine) -> None:
        run(["docker", "pull", reference], on_line)
        run(["docker", "tag", reference, tag], on_line)
        self._save(tag, archive, on_line)

    def load(self, tag: str, archive: Path, on_line: OnLine) -> None:
        if read(["docker", "image", "inspect", tag]) is None:
            run(["docker", "load", f"--input={archive}"], on_line)

    def remove(self, tag: str) -> None:
        read(["docker", "image", "rm", tag])

    def _save(self, tag: str, archive: Path, on_line: OnLine) -> None:
        run(["docker", "save", f"--output={archive}", tag], on_line)


@dataclass(frozen=True)
class Buildah:
    """buildah in namespaces that end with it: no daemon, and no mount of its is seen outside."""

    folder: Path
    name: str = "buildah"
    recipe: str = "buildah-zstd-1"

    def prepare(self, on_line: OnLine) -> None:
        if os.geteuid() != 0:
            raise EngineError(
                f"got uid {os.geteuid()} and no docker engine that answers, wanted root for buildah; "
                "run with sudo or start docker"
            )
        debian.ensure(["buildah", "util-linux"], on_line)
        # No mount outlives its command, so what an earlier one noted about mounts is stale.
        shutil.rmtree(self.folder / "run", ignore_errors=True)
        driver = self._driver_file()
        if not driver.exists():
            probe = [*self._command("overlay"), "images", "--quiet"]
            usable = read(probe) is not None
            driver.parent.mkdir(parents=True, exist_ok=True)
            driver.write_text("overlay" if usable else "vfs")
            if not usable:
                on_line("images: no overlay file system here, so vfs: builds are slower and larger")
        # Working containers that an interrupted build left.
        run([*self._command(), "rm", "--all"], lambda _: None)

    def build(self, request: Request, on_line: OnLine) -> None:
        command = [*self._command(), "bud", f"--tag={request.tag}", f"--timestamp={EPOCH}"]
        command += ["--layers", "--identity-label=false", "--pull=false", "--format=oci"]
        command += ["--squash"] if request.squash else []
        command += _options(request)
        run([*command, str(request.context)], on_line, env=self._environment())
        self._push(request.tag, request.archive, on_line)

    def fetch(self, reference: str, tag: str, archive: Path, on_line: OnLine) -> None:
        run([*self._command(), "pull", reference], on_line, env=self._environment())
        run([*self._command(), "tag", reference, tag], on_line)
        self._push(tag, archive, on_line)

    def load(self, tag: str, archive: Path, on_line: OnLine) -> None:
        if not read([*self._command(), "images", "--quiet", tag]):
            environment = self._environment()
            run([*self._command(), "pull", f"oci-archive:{archive}"], on_line, env=environment)

    def remove(self, tag: str) -> None:
        read([*self._command(), "rmi", tag])

    def _push(self, tag: str, archive: Path, on_line: OnLine) -> None:
        # The archive stays on this machine: gzip would take most of a build's time to save little.
        command = [*self._command(), "push", "--quiet", "--compression-format=zstd"]
        target = f"oci-archive:{archive}:{tag}"
        run([*command, "--compression-level=1", tag, target], on_line, env=self._environment())

    def _driver_file(self) -> Path:
        return self.folder / "storage" / "driver"

    def _command(self, driver: str | None = None) -> list[str]:
        chosen = driver or self._driver_file().read_text()
        folders = ["--root", str(self.folder / "storage"), "--runroot", str(self.folder / "run")]
        return [*ISOLATED, "buildah", *folders, "--storage-driver", chosen]

    def _environment(self) -> dict[str, str]:
        return {"BUILDAH_ISOLATION": "chroot", "TMPDIR": str(self.folder)}


def _options(request: Request) -> list[str]:
    options: list[str] = []
    if request.base is not None:
        options += ["--build-arg", f"BASE_IMAGE={request.base}"]
    for name, path in sorted(request.secrets.items()):
        options += ["--secret", f"id={name},src={path}"]
    return options


def choose(folder: Path) -> Engine:
    """Docker when its engine really answers (a client alone does not count), else buildah."""
    version = read(["docker", "version", "--format", "{{.Server.Version}}"])
    return Docker() if version else Buildah(folder)
