"""Unit tier: the builder, on small Go modules that are really compiled."""

import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from tests.unit.toolchain.recipes import HELLO, cache, dependent, hello, leftovers
from toolchain import builds
from toolchain.build_lock import held
from toolchain.build_table import Patch, Tool
from toolchain.go_compiler import CompilerError
from toolchain.paths import Paths


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return cache(tmp_path / "cache")


def ignore(_: str) -> None:
    """No line is of interest."""


def output(binary: Path) -> str:
    """What the program prints; Go's print writes to stderr."""
    return subprocess.run([binary], capture_output=True, text=True, check=True).stderr


def test_a_built_tool_runs_under_each_of_its_names(tmp_path: Path, paths: Paths) -> None:
    recipe = hello(tmp_path / "recipe")
    tool = Tool(name="hello", folder=recipe.folder, links=("hi", "good-day"), seconds=5)

    binary = builds.build(tool, ignore, paths=paths)

    assert binary.parent.parent == paths.tools / "hello"
    assert sorted(path.name for path in paths.bin.iterdir()) == ["good-day", "hi"]
    assert [output(paths.bin / name) for name in ("hi", "good-day")] == ["hello", "hello"]


def test_a_tool_that_is_built_is_not_built_again(tmp_path: Path, paths: Paths) -> None:
    tool = hello(tmp_path / "recipe")
    binary = builds.build(tool, ignore, paths=paths)
    written = binary.stat().st_mtime_ns
    lines: list[str] = []

    again = builds.build(tool, lines.append, paths=paths)

    assert (again, again.stat().st_mtime_ns, lines) == (binary, written, [])


def test_a_changed_source_gives_another_binary_and_moves_the_link(
    tmp_path: Path, paths: Paths
) -> None:
    tool = hello(tmp_path / "recipe")
    before = builds.build(tool, ignore, paths=paths)
    main = tool.folder / "main.go"
    main.write_text(main.read_text().replace("hello", "goodbye"))
    assert builds.built(tool, paths) is None

    after = builds.build(tool, ignore, paths=paths)

    assert (output(before), output(after)) == ("hello", "goodbye")
    assert (paths.bin / "hello").resolve() == after


def test_going_back_to_an_earlier_source_finds_its_binary(tmp_path: Path, paths: Paths) -> None:
    tool = hello(tmp_path / "recipe")
    before = builds.build(tool, ignore, paths=paths)
    main = tool.folder / "main.go"
    original = main.read_text()
    main.write_text(original.replace("hello", "goodbye"))
    builds.build(tool, ignore, paths=paths)
    main.write_text(original)
    lines: list[str] = []

    assert builds.build(tool, lines.append, paths=paths) == before
    assert lines == []
    assert (paths.bin / "hello").resolve() == before


def test_old_builds_are_dropped(tmp_path: Path, paths: Paths) -> None:
    tool = hello(tmp_path / "recipe")
    main = tool.folder / "main.go"
    original = main.read_text()
    newest = [
        builds.build(tool, ignore, paths=paths)
        for number in range(builds.KEPT + 2)
        if main.write_text(original.replace("hello", str(number)))
    ]

    assert leftovers(paths, tool) == sorted(path.parent.name for path in newest[-builds.KEPT :])


def test_code_that_does_not_compile_shows_the_compilers_lines_and_leaves_nothing(
    tmp_path: Path, paths: Paths
) -> None:
    tool = hello(tmp_path / "recipe", source="package main\n\nfunc main() { undefinedThing() }\n")

    with pytest.raises(builds.BuildError) as caught:
        builds.build(tool, ignore, paths=paths)

    message = str(caught.value)
    assert message.startswith("hello: ")
    assert "main.go:3:15: undefined: undefinedThing" in message
    assert "Hint: the code does not compile" in message
    assert leftovers(paths, tool) == []
    assert not paths.bin.exists()


def test_a_module_of_a_newer_go_says_so(tmp_path: Path, paths: Paths) -> None:
    tool = hello(tmp_path / "recipe")
    (tool.folder / "go.mod").write_text("module example.test/hello\n\ngo 1.99.0\n")

    with pytest.raises(builds.BuildError, match="Hint: a module wants a newer Go"):
        builds.build(tool, ignore, paths=paths)


def test_an_interrupted_build_leaves_nothing(tmp_path: Path, paths: Paths) -> None:
    word = str(uuid4())
    tool = hello(tmp_path / "recipe", source=HELLO.replace("hello", word))

    def interrupt(line: str) -> None:
        if line == "example.test/hello":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        builds.build(tool, interrupt, paths=paths)

    assert leftovers(paths, tool) == []
    assert builds.built(tool, paths) is None
    assert output(builds.build(tool, ignore, paths=paths)) == word


def test_what_killed_builds_left_is_cleared_away(tmp_path: Path, paths: Paths) -> None:
    tool = hello(tmp_path / "recipe")
    binary = builds.build(tool, ignore, paths=paths)
    binary.unlink()
    binary.parent.rmdir()
    for key in (binary.parent.name, "of-an-older-recipe"):
        partial = binary.parent.with_name(f".{key}.partial")
        partial.mkdir()
        (partial / "hello").write_text("half a binary")

    assert output(builds.build(tool, ignore, paths=paths)) == "hello"
    assert leftovers(paths, tool) == [binary.parent.name]


def test_a_second_builder_waits_and_is_told_for_whom(tmp_path: Path, paths: Paths) -> None:
    tool = hello(tmp_path / "recipe")
    waiting = threading.Event()
    lines: list[str] = []

    def line(text: str) -> None:
        lines.append(text)
        waiting.set()

    second = threading.Thread(target=lambda: builds.build(tool, line, paths=paths))
    with held(paths.tools / "hello" / ".lock", "build hello", ignore):
        second.start()
        assert waiting.wait(30)
        assert builds.built(tool, paths) is None
    second.join(120)

    assert lines[0].startswith("waiting to build hello: process ")
    assert builds.built(tool, paths)


def test_two_builders_at_once_build_once(tmp_path: Path, paths: Paths) -> None:
    tool = hello(tmp_path / "recipe")
    lines: list[str] = []
    with ThreadPoolExecutor(2) as builders:
        began = [builders.submit(builds.build, tool, lines.append, paths=paths) for _ in range(2)]
        binaries = {one.result(timeout=120) for one in began}

    assert len(binaries) == 1
    assert sum(line.startswith("hello: built in ") for line in lines) == 1


def test_progress_counts_packages_up_to_the_whole(tmp_path: Path, paths: Paths) -> None:
    # A text that Go's cache cannot have, so that at least this package is compiled.
    tool = hello(tmp_path / "recipe", source=HELLO.replace("hello", str(uuid4())))
    seen: list[builds.Progress] = []

    builds.build(tool, ignore, on_progress=seen.append, paths=paths)

    assert [now.compiled for now in seen] == list(range(1, len(seen) + 1))
    assert 1 <= len(seen) <= seen[0].packages
    assert (seen[-1].tool, seen[-1].estimate) == ("hello", 5.0)


@pytest.mark.parametrize(("seconds", "left"), [(40, 60), (99, 1), (200, 600)])
def test_what_is_left_follows_the_estimate_and_then_the_packages(seconds: int, left: int) -> None:
    now = builds.Progress(tool="hello", compiled=25, packages=100, seconds=seconds, estimate=100)

    assert now.left == pytest.approx(left)


def test_a_patched_dependency_is_compiled_and_the_original_untouched(
    tmp_path: Path, paths: Paths
) -> None:
    tool, original = dependent(tmp_path)

    binary = builds.build(tool, ignore, paths=paths)

    assert output(binary) == "ours"
    assert "theirs" in original.read_text()
    assert binary.parent.name.startswith("v1.2.3-")
    assert sorted(path.name for path in binary.parent.iterdir()) == ["hello"]


def test_a_patch_can_leave_a_file_out(tmp_path: Path, paths: Paths) -> None:
    tool, original = dependent(tmp_path)
    broken = original.with_name("broken.go")
    broken.write_text("package library\n\nvar _ = undefined\n")
    out = Patch(module="example.test/library", path="broken.go", text=None)

    binary = builds.build(replace(tool, patches=(*tool.patches, out)), ignore, paths=paths)

    assert output(binary) == "ours"
    assert broken.exists()


def test_a_patch_for_a_file_that_the_module_lost_says_so(tmp_path: Path, paths: Paths) -> None:
    tool, original = dependent(tmp_path)
    original.rename(original.with_name("moved.go"))

    with pytest.raises(builds.BuildError, match=r"got a patch for answer\.go.*adapt the table"):
        builds.build(tool, ignore, paths=paths)
    assert leftovers(paths, tool) == []


def test_a_modules_folder_is_found(tmp_path: Path, paths: Paths) -> None:
    tool, original = dependent(tmp_path)

    assert builds.module_dir(tool, "example.test/library", paths) == original.parent


def test_a_module_that_the_recipe_does_not_require_is_refused(tmp_path: Path, paths: Paths) -> None:
    tool, _ = dependent(tmp_path)

    with pytest.raises(builds.BuildError, match="unrelated"):
        builds.module_dir(tool, "example.test/unrelated", paths)


def test_an_unknown_tool_is_answered_with_the_known_ones() -> None:
    with pytest.raises(builds.BuildError, match=r"got the tool 'kubernets', wanted one of etcd, "):
        builds.named("kubernets")


def test_a_full_disk_is_told_before_anything_is_compiled(
    tmp_path: Path, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = hello(tmp_path / "recipe")
    monkeypatch.setattr("toolchain.go_compiler.WANTED_BYTES", 2**60)

    with pytest.raises(CompilerError, match=r"GiB free at .*, wanted .*AGENT_PLATFORM_CACHE"):
        builds.build(tool, ignore, paths=paths)
    assert leftovers(paths, tool) == []
