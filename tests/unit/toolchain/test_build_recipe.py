"""Unit tier: what a tool's key hangs on, what its go.mod says, and that the table holds together."""

import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from tests.unit.toolchain.recipes import dependent, hello
from toolchain.build_recipe import RecipeError, key, linker_flags, version
from toolchain.build_table import TOOLS, Tool

GO = "go1.26.0"


def test_the_same_recipe_has_the_same_key_wherever_it_lies(tmp_path: Path) -> None:
    assert key(hello(tmp_path / "a"), GO) == key(hello(tmp_path / "b"), GO)


@pytest.mark.parametrize("file", ["main.go", "go.mod", "go.sum", "new.go", "deeper/new.txt"])
def test_every_source_counts_in_the_key(tmp_path: Path, file: str) -> None:
    tool = hello(tmp_path / "recipe")
    before = key(tool, GO)
    path = tool.folder / file
    path.parent.mkdir(exist_ok=True)
    with path.open("a") as text:
        text.write("// changed\n")

    assert key(tool, GO) != before


@pytest.mark.parametrize(
    "file", ["main_test.go", "testdata/case.txt", "other/go.mod", "other/main.go", ".main.go.swp"]
)
def test_what_is_not_compiled_does_not_count_in_the_key(tmp_path: Path, file: str) -> None:
    tool = hello(tmp_path / "recipe")
    (tool.folder / "other").mkdir()
    (tool.folder / "other" / "go.mod").touch()
    before = key(tool, GO)
    path = tool.folder / file
    path.parent.mkdir(exist_ok=True)
    path.write_text("changed")

    assert key(tool, GO) == before


def test_moving_text_from_one_file_to_another_changes_the_key(tmp_path: Path) -> None:
    one, other = hello(tmp_path / "a"), hello(tmp_path / "b")
    (one.folder / "x.go").write_text("package main\n")
    (one.folder / "y.go").write_text("")
    (other.folder / "x.go").write_text("")
    (other.folder / "y.go").write_text("package main\n")

    assert key(one, GO) != key(other, GO)


def test_compiler_package_and_variables_count_in_the_key(tmp_path: Path) -> None:
    tool = hello(tmp_path / "recipe")
    keys = {
        key(tool, GO),
        key(tool, "go1.26.1"),
        key(replace(tool, package="./other"), GO),
        key(replace(tool, variables=(("main.version", "1"),)), GO),
    }

    assert len(keys) == 4


@pytest.mark.parametrize(
    "text",
    [
        "require example.test/tool/v2 v2.1.0\n",
        "require (\n\texample.test/tool v1.0.0\n\texample.test/tool/v2 v2.1.0 // indirect\n)\n",
    ],
)
def test_the_version_is_the_one_go_mod_requires(tmp_path: Path, text: str) -> None:
    tool = replace(hello(tmp_path / "recipe"), module="example.test/tool/v2")
    with (tool.folder / "go.mod").open("a") as file:
        file.write(text)

    assert version(tool) == "v2.1.0"


def test_a_recipe_that_does_not_require_its_module_says_how_to_mend_it(tmp_path: Path) -> None:
    tool = replace(hello(tmp_path / "recipe"), module="example.test/tool")

    with pytest.raises(RecipeError, match=r"does not require example\.test/tool.*run `go get "):
        version(tool)


def test_a_missing_recipe_is_named(tmp_path: Path) -> None:
    tool = Tool(name="gone", folder=tmp_path / "gone", module="example.test/gone", seconds=1)

    with pytest.raises(RecipeError, match=r"wanted the recipe of gone"):
        version(tool)


def test_the_linker_is_told_the_version_in_every_form(tmp_path: Path) -> None:
    tool, _ = dependent(tmp_path)
    tool = replace(tool, variables=(("main.v", "{version} {number} {major} {minor}"),))

    assert linker_flags(tool) == "-s -w -X 'main.v=v1.2.3 1.2.3 1 2'"


@pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS)
def test_each_tool_of_the_table_has_a_recipe_with_its_version_and_patches(tool: Tool) -> None:
    assert (tool.folder / "go.mod").is_file()
    assert (tool.folder / "go.sum").is_file() or tool.name == "pause"
    assert version(tool).startswith("v") == (tool.module is not None)
    for patch in tool.patches:
        assert patch.text is None or (tool.folder / patch.text).is_file()


def test_no_two_tools_have_the_same_name_on_the_path() -> None:
    names = [name for tool in TOOLS.values() for name in tool.names]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("part", ["api", "apimachinery", "client-go", "apiserver", "kubelet"])
def test_kubernetes_is_built_from_staging_modules_of_its_own_version(part: str) -> None:
    tool = TOOLS["kubernetes"]
    staging = "v0" + version(tool).removeprefix("v1")

    assert f"k8s.io/{part} => k8s.io/{part} {staging}\n" in (tool.folder / "go.mod").read_text()


ADD_ONS = ("coredns", "metrics-server", "traefik", "kwok")


def required(tool: Tool) -> dict[str, str]:
    """Module → version of a recipe."""
    text = (tool.folder / "go.mod").read_text()
    return dict(re.findall(r"^\t(\S+\.\S+) (v\S+)", text, flags=re.MULTILINE))


@pytest.mark.parametrize(("one", "other"), [*combinations(ADD_ONS, 2)])
def test_add_ons_agree_on_versions_so_that_what_they_share_is_compiled_once(
    one: str, other: str
) -> None:
    mine, theirs = required(TOOLS[one]), required(TOOLS[other])
    differing = {
        module: (mine[module], theirs[module])
        for module in mine.keys() & theirs.keys()
        if mine[module] != theirs[module]
    }

    assert len(mine.keys() & theirs.keys()) > 30
    assert differing == {}, "mend by `go mod edit -require=<module>@<higher>` and `go mod tidy`"
