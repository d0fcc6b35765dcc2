"""Builds the platform's images: `python -m toolchain.images build [name…]`, `list`.

An image is named by a hash of everything that goes into it. Where the archive of that name exists,
nothing is built; so an unchanged run is instant and gives the same digest.
"""

import signal
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from toolchain import image_context
from toolchain.commands import OnLine
from toolchain.faults import MENDABLE, text
from toolchain.image_archive import BuiltImage, read_lock, write_lock
from toolchain.image_engines import choose
from toolchain.image_run import ImageError, NotBuiltError, Run, Workshop, alone
from toolchain.image_table import IMAGES
from toolchain.paths import PROJECT, Paths

LOCK = PROJECT / "images.lock.yaml"


def workshop(paths: Paths | None = None, lock: Path = LOCK) -> Workshop:
    """Where this machine builds: the cache, and docker or buildah."""
    paths = paths or Paths.from_environment()
    return Workshop(paths=paths, lock=lock, engine=choose(paths.images))


def build(image: str, on_line: OnLine, shop: Workshop | None = None) -> BuiltImage:
    """The image as the sources are now: built if its archive is not there, and noted in the lock."""
    return build_all([image], on_line, shop)[0]


def build_all(
    names: Sequence[str], on_line: OnLine, shop: Workshop | None = None
) -> list[BuiltImage]:
    """All these images, in the order given; each is in the lock as soon as it exists."""
    shop = shop or workshop()
    if unknown := [name for name in names if name not in shop.images]:
        raise ImageError(f"got {unknown}, wanted names among: {', '.join(shop.images)}")
    built: list[BuiltImage] = []
    with alone(shop, on_line):
        run = Run(shop, on_line)
        for name in names:
            built.append(run.image(name))
            write_lock(shop.lock, built)
    return built


def current(name: str, shop: Workshop | None = None) -> BuiltImage | None:
    """The image as the sources are now, if it is built and in the lock; nothing is built."""
    shop = shop or workshop()
    try:
        image = Run(shop, _silent, build=False).image(name)
    except (NotBuiltError, image_context.ContextError):
        return None
    return image if read_lock(shop.lock).get(name) == image.reference else None


def _silent(_: str) -> None:
    """For questions: nobody waits for lines."""


app = typer.Typer(help="The platform's images.", no_args_is_help=True, add_completion=False)


@app.command("build")
def build_command(
    names: Annotated[
        list[str] | None, typer.Argument(help="All images when none is named.")
    ] = None,
    *,
    verbose: Annotated[bool, typer.Option(help="Every line of the build.")] = False,
) -> None:
    """Build images and note their digests in images.lock.yaml."""
    signal.signal(signal.SIGTERM, _interrupt)
    began = time.monotonic()
    try:
        built = build_all(names or list(IMAGES), print if verbose else _terse)
    except MENDABLE as error:
        typer.echo(f"error: {text(error)}", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{len(built)} images in {time.monotonic() - began:.1f} s, noted in {LOCK.name}")


@app.command("list")
def list_command() -> None:
    """What the lock says of each image."""
    locked = read_lock(LOCK)
    for name in IMAGES:
        typer.echo(f"{name:24} {locked.get(name, 'not built')}")


def _terse(line: str) -> None:
    named = line.split(":", 1)[0]
    if "STEP " in line or named in IMAGES or named in ("images", "base", "error"):
        typer.echo(line[:160])


def _interrupt(_signum: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    app()
