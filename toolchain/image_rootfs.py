"""The root file system of our own base image: debootstrap, from the mirror that the host uses."""

import os
import shutil
import tempfile
from pathlib import Path

from toolchain import debian
from toolchain.commands import OnLine, run
from toolchain.faults import MendableError
from toolchain.image_context import SUITE, key, mirror

PACKAGES = ("python3", "ca-certificates", "tzdata")
"""On top of minbase. Everything that stands on the base pays for each of them."""

# What of the host, of the moment or of the download must not be in an image.
_UNWANTED = (
    "etc/resolv.conf",
    "etc/hostname",
    "etc/machine-id",
    "var/lib/apt/lists/*",
    "var/cache/apt/archives/*.deb",
    "var/cache/apt/*.bin",
    "var/cache/ldconfig/aux-cache",
    "var/log/**/*",
    "dev/*",
)

# What is started this way ends with us, and its mounts and processes with it, however we end.
ISOLATED = (
    *("setpriv", "--pdeathsig=KILL"),
    *("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"),
)


class RootfsError(MendableError):
    """The base's root file system cannot be made here."""


def recipe() -> dict[str, str]:
    """What the root file system depends on. A newer package in the mirror does not make a new one."""
    return {
        "suite": SUITE,
        "packages": ",".join(PACKAGES),
        "strip": ",".join(_UNWANTED),
        "sources": "lent",
    }


def rootfs(folder: Path, epoch: int, on_line: OnLine) -> Path:
    """The tar of the root file system in this folder, made when there is none for the recipe."""
    archive = folder / f"rootfs-{key(recipe(), {})}.tar"
    if archive.exists():
        return archive
    if os.geteuid() != 0:
        raise RootfsError(
            f"got uid {os.geteuid()}, wanted root: debootstrap makes devices and owners. Run it with "
            "sudo, start a docker engine, or set AGENT_PLATFORM_BASE_IMAGE to an image that can be pulled"
        )
    debian.ensure(["debootstrap"], on_line)
    with tempfile.TemporaryDirectory(dir=folder, prefix="rootfs-") as name:
        root = Path(name) / "root"
        uri = mirror()
        on_line(f"base: debootstrap {SUITE} from {uri or 'its default mirror'}")
        command = ["debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", SUITE]
        run([*ISOLATED, *command, str(root), *([uri] if uri else [])], on_line)
        _strip(root)
        if uri:
            # A mirror of the host's own may carry a login; builds get it lent again.
            (root / "etc/apt/sources.list").unlink()
        partial = Path(name) / "rootfs.tar"
        run(_tar(root, partial, epoch), on_line)
        partial.replace(archive)
    return archive


def _strip(root: Path) -> None:
    for pattern in _UNWANTED:
        for path in root.glob(pattern):
            if path.is_dir() and not path.is_symlink():
                if pattern.startswith("dev"):
                    shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def _tar(root: Path, archive: Path, epoch: int) -> list[str]:
    order = ["--sort=name", "--numeric-owner", f"--mtime=@{epoch}", "--format=gnu"]
    return ["tar", "--create", f"--file={archive}", f"--directory={root}", *order, "."]
