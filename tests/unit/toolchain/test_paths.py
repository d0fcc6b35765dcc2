"""Unit tier: where the cache lies, and what Go is told."""

from pathlib import Path

import pytest

from toolchain.paths import Paths, go_environment


@pytest.mark.parametrize(
    ("environment", "root"),
    [
        ({"AGENT_PLATFORM_CACHE": "/a/b", "XDG_CACHE_HOME": "/c"}, Path("/a/b")),
        ({"XDG_CACHE_HOME": "/c"}, Path("/c/agent-platform")),
        ({"AGENT_PLATFORM_CACHE": ""}, Path.home() / ".cache/agent-platform"),
        ({"AGENT_PLATFORM_CACHE": "~/x"}, Path.home() / "x"),
        ({}, Path.home() / ".cache/agent-platform"),
    ],
)
def test_the_cache_is_where_the_environment_says(environment: dict[str, str], root: Path) -> None:
    assert Paths.from_environment(environment).root == root


def test_a_relative_cache_does_not_move_with_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    paths = Paths.from_environment({"AGENT_PLATFORM_CACHE": "cache"})
    monkeypatch.chdir("/")

    assert paths.root == tmp_path / "cache"


def test_everything_lies_below_the_root() -> None:
    paths = Paths(Path("/cache"))
    places = [paths.bin, paths.tools, paths.images, paths.cluster, paths.state, paths.logs]
    places += [paths.go, paths.timings]

    assert {place.parent for place in places} == {paths.root}
    assert len(set(places)) == len(places)


def test_go_keeps_its_modules_and_objects_in_the_cache_and_fetches_no_compiler() -> None:
    environment = go_environment(Paths(Path("/cache")))

    assert environment["GOPATH"] == "/cache/go"
    assert environment["GOCACHE"] == "/cache/go/build"
    assert environment["GOTOOLCHAIN"] == "local"
    assert environment["CGO_ENABLED"] == "0"
