"""Compiling a dependency with one of its files exchanged.

Go refuses an overlay over its module cache, so the module is linked file by file into a folder of
its own, the file is put in its place there, and a second go.mod leads to that folder.
"""

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from toolchain.build_errors import BuildError
from toolchain.build_table import Patch


class PatchError(BuildError):
    """The module is not what the patch was written for."""


def apply(
    patches: Sequence[Patch],
    *,
    recipe: Path,
    scratch: Path,
    module_dir: Callable[[str], Path],
) -> tuple[Path, dict[str, Path]]:
    """The go.mod to build with, and for each patched module the folder it has to point to."""
    scratch.mkdir()
    modfile = scratch / "go.mod"
    shutil.copyfile(recipe / "go.mod", modfile)
    shutil.copyfile(recipe / "go.sum", scratch / "go.sum")
    folders: dict[str, Path] = {}
    for patch in patches:
        if patch.module not in folders:
            folders[patch.module] = scratch / "patched" / str(len(folders))
            mirror(module_dir(patch.module), folders[patch.module])
        text = None if patch.text is None else recipe / patch.text
        exchange(folders[patch.module] / patch.path, text)
    return modfile, folders


def mirror(source: Path, target: Path) -> None:
    """The same tree with folders of our own, in which files can be exchanged; contents are shared."""
    for folder, _, files in os.walk(source):
        copy = target / Path(folder).relative_to(source)
        copy.mkdir(parents=True)
        for name in files:
            (copy / name).hardlink_to(Path(folder) / name)


def exchange(file: Path, text: Path | None) -> None:
    """Put `text` where the module has `file`, or nothing, without touching what is linked to it."""
    if not file.exists():
        raise PatchError(
            f"got a patch for {file.name}, which the module does not have at that place, wanted a "
            f"file to exchange for {text or 'nothing'}: adapt the table to the module's version"
        )
    file.unlink()
    if text is not None:
        shutil.copyfile(text, file)
