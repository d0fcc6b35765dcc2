"""The images of the platform: where each is described and what goes into its build context."""

from dataclasses import dataclass
from pathlib import Path

from toolchain.paths import PROJECT

BASE = "python"
"""The image that the others stand on where no registry can be reached."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """One image. Only `files` (globs in `folder`) and `binaries` are seen by its build."""

    name: str
    folder: Path
    files: tuple[str, ...] = ("*",)
    binaries: tuple[str, ...] = ()
    """Names in the cache's bin/ folder, put beside the Dockerfile."""
    based: bool = True
    """False: stands on nothing, so a new base does not rebuild it."""
    squash: bool = False

    @property
    def dockerfile(self) -> Path:
        return self.folder / "Dockerfile"


def _described(name: str, *, binaries: tuple[str, ...] = (), based: bool = True) -> Image:
    folder = PROJECT / "toolchain" / "images" / name
    return Image(name=name, folder=folder, binaries=binaries, based=based)


def _static(name: str, *, based: bool = True) -> Image:
    return _described(name, binaries=(name,), based=based)


_ALL = (
    Image(name=BASE, folder=PROJECT / "toolchain" / "images" / BASE, based=False, squash=True),
    _static("pause", based=False),
    _described("postgres"),
    _described("redis"),
    _static("coredns"),
    _static("metrics-server"),
    _static("local-path-provisioner"),
    _static("traefik"),
    Image(
        name="agent-runtime",
        folder=PROJECT / "app",
        files=("requirements.lock", "src/**/*"),
    ),
)

IMAGES: dict[str, Image] = {image.name: image for image in _ALL}
"""In the order in which they are built."""

DEPLOYED = ("postgres", "redis", "traefik", "agent-runtime")
"""What a stack runs. What the cluster itself runs, it loads itself."""
