"""Small real Go modules for the tests of the builder, and a cache to build them in."""

from pathlib import Path

from toolchain.build_table import Patch, Tool
from toolchain.paths import Paths

GO_MOD = "module example.test/{name}\n\ngo 1.26.0\n"
HELLO = 'package main\n\nfunc main() {\n\tprint("hello")\n}\n'


def hello(folder: Path, name: str = "hello", source: str = HELLO) -> Tool:
    """A module of one file without dependencies."""
    folder.mkdir(parents=True)
    (folder / "go.mod").write_text(GO_MOD.format(name=name))
    (folder / "go.sum").touch()
    (folder / "main.go").write_text(source)
    return Tool(name=name, folder=folder, seconds=5)


def dependent(folder: Path) -> tuple[Tool, Path]:
    """A module that prints what its dependency answers, with a patch of that; and the patched file."""
    library = folder / "library"
    library.mkdir(parents=True)
    (library / "go.mod").write_text(GO_MOD.format(name="library"))
    answer = library / "answer.go"
    answer.write_text('package library\n\nfunc Answer() string { return "theirs" }\n')
    (library / "other.go").write_text("package library\n")

    source = (
        'package main\n\nimport "example.test/library"\n\nfunc main() {\n'
        "\tprint(library.Answer())\n}\n"
    )
    tool = hello(folder / "recipe", source=source)
    with (tool.folder / "go.mod").open("a") as file:
        file.write("\nrequire example.test/library v1.2.3\n")
        file.write("\nreplace example.test/library => ../library\n")
    (tool.folder / "patch").mkdir()
    patched = 'package library\n\nfunc Answer() string { return "ours" }\n'
    (tool.folder / "patch" / "answer.go").write_text(patched)
    patch = Patch(module="example.test/library", path="answer.go", text="patch/answer.go")
    return (
        Tool(
            name="hello",
            folder=tool.folder,
            module="example.test/library",
            patches=(patch,),
            seconds=5,
        ),
        answer,
    )


def cache(root: Path) -> Paths:
    """An empty cache, except that Go's own is this machine's: it is keyed by content."""
    paths = Paths(root)
    real = Paths.from_environment().go
    real.mkdir(parents=True, exist_ok=True)
    root.mkdir(parents=True)
    paths.go.symlink_to(real)
    return paths


def leftovers(paths: Paths, tool: Tool) -> list[str]:
    """What lies in the tool's folder besides the lock."""
    folder = paths.tools / tool.name
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")
