"""A recipe's identity: the version it names, and a key that changes with everything it is made of."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from toolchain.build_errors import BuildError
from toolchain.build_table import Tool
from toolchain.paths import GO_FLAGS


class RecipeError(BuildError):
    """A recipe's folder is not what the table says."""


def version(tool: Tool) -> str:
    """The version its go.mod requires; "local" for code of our own."""
    if tool.module is None:
        return "local"
    text = _go_mod(tool).read_text()
    required = re.search(
        rf"^(?:require)?\s+{re.escape(tool.module)} (v\S+)", text, flags=re.MULTILINE
    )
    if required is None:
        raise RecipeError(
            f"{_go_mod(tool)} does not require {tool.module}, wanted a line with its version: "
            f"run `go get {tool.module}@<version>` in that folder"
        )
    return required[1]


def key(tool: Tool, go: str) -> str:
    """Version plus hash of compiler, table entry and sources: the same exactly as long as all are."""
    patches = [(patch.module, patch.path, patch.text) for patch in tool.patches]
    parts = hashlib.sha256()
    parts.update(f"{(go, GO_FLAGS, tool.package, linker_flags(tool), patches)}\n".encode())
    for path in sources(tool.folder):
        content = path.read_bytes()
        parts.update(f"{path.relative_to(tool.folder)} {len(content)}\n".encode())
        parts.update(content)
    return f"{version(tool)}-{parts.hexdigest()[:12]}"


UNUSED = ("_test.go", ".py", ".pyc", ".md")
"""What the compiler never sees, by the end of its name."""


def sources(folder: Path) -> Iterator[Path]:
    """The files of a Go module that can change its binary: no tests, no module further down."""
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            if path.name != "testdata" and not (path / "go.mod").exists():
                yield from sources(path)
        elif not path.name.startswith(".") and not path.name.endswith(UNUSED):
            yield path


def linker_flags(tool: Tool) -> str:
    """`-ldflags`: no debugger's tables, and the variables with the version filled in."""
    full = version(tool)
    number = full.removeprefix("v")
    major, _, rest = number.partition(".")
    words = ["-s", "-w"]
    for variable, template in tool.variables:
        value = template.format(
            version=full, number=number, major=major, minor=rest.partition(".")[0]
        )
        words += ["-X", f"'{variable}={value}'"]
    return " ".join(words)


def _go_mod(tool: Tool) -> Path:
    path = tool.folder / "go.mod"
    if not path.exists():
        raise RecipeError(
            f"got no {path}, wanted the recipe of {tool.name}: the checkout is incomplete, "
            "restore the folder"
        )
    return path
