"""The names that a previewed program has for images nobody builds: a change of their sources changes them."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from toolchain.image_archive import BuiltImage
from toolchain.image_context import ContextError, key, sources
from toolchain.image_table import BASE, DEPLOYED, IMAGES, Image
from toolchain.paths import PROJECT

PATHS: Final = ("app", "toolchain/images", "toolchain/builds")
"""Where images come from."""


def images(tree: Path) -> list[BuiltImage]:
    """What stacks deploy, each under a digest of its sources in `tree`.

    It is not the digest that a build will have, which hangs on packages, too: all that is asked of
    it is that it changes when the sources do.
    """
    base = _digest(IMAGES[BASE], tree, "")
    return [_named(name, _digest(IMAGES[name], tree, base)) for name in DEPLOYED]


def _named(name: str, digest: str) -> BuiltImage:
    return BuiltImage(
        name, f"localhost/{name}@sha256:{digest}", digest, Path(), f"localhost/{name}"
    )


def _digest(image: Image, tree: Path, base: str) -> str:
    there = replace(image, folder=tree / image.folder.relative_to(PROJECT), binaries=())
    try:
        files = sources(there, tree)
    except ContextError:
        # A revision that has no such image yet.
        files = {}
    files |= {
        str(path.relative_to(tree)): path
        for binary in image.binaries
        for path in _recipe(tree / "toolchain" / "builds" / binary)
    }
    parts = {"image": image.name, "base": base if image.based else ""}
    return hashlib.sha256(key(parts, files).encode()).hexdigest()


def _recipe(folder: Path) -> Iterator[Path]:
    yield from (path for path in sorted(folder.rglob("*")) if path.is_file())
