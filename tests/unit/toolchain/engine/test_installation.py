"""Unit: the engine's companions are where it looks for them, under the versions it asks for."""

import json
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from toolchain.engine import installation
from toolchain.paths import PROJECT, Paths


def test_the_language_host_starts_and_says_where_it_listens(tmp_path: Path) -> None:
    host = installation.install(Paths(tmp_path), {})
    with subprocess.Popen(
        [host, "127.0.0.1:1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert 0 < int(process.stdout.readline()) < 65536
        # The engine's end of the pipe closes when the engine is gone: the host must not stay.
        process.stdin.close()
        assert process.wait(timeout=10) == 0


def test_plugins_are_linked_under_the_version_their_sdk_asks_for(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    paths.bin.mkdir()
    (paths.bin / "pulumi-resource-random").touch()
    installation.install(paths, {})
    plugins = {folder.name for folder in (tmp_path / "pulumi" / "plugins").iterdir()}
    engine = version("pulumi")
    assert plugins == {
        f"language-python-v{engine}",
        f"resource-pulumi-python-v{engine}",
        f"resource-random-v{version('pulumi-random')}",
        f"resource-aws-v{version('pulumi-aws')}",
    }


def test_installing_again_changes_nothing(tmp_path: Path) -> None:
    def snapshot() -> dict[str, int]:
        return {str(file): file.lstat().st_mtime_ns for file in tmp_path.rglob("*")}

    installation.install(Paths(tmp_path), {})
    before = snapshot()
    installation.install(Paths(tmp_path), {})
    assert snapshot() == before


def test_a_link_to_an_older_build_is_turned(tmp_path: Path) -> None:
    (tmp_path / "tool").symlink_to(tmp_path / "old")
    installation.link(tmp_path / "tool", tmp_path / "new")
    assert (tmp_path / "tool").readlink() == tmp_path / "new"
    assert os.listdir(tmp_path) == ["tool"]  # noqa: PTH208 - plain names are compared


def test_an_official_plugin_that_is_installed_is_kept(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "cache")
    paths.bin.mkdir(parents=True)
    (paths.bin / "pulumi-resource-tls").touch()
    home = tmp_path / "home"
    name = f"resource-tls-v{version('pulumi-tls')}"
    official = home / "plugins" / name / "pulumi-resource-tls"
    official.parent.mkdir(parents=True)
    official.write_text("official")
    installation.install(paths, {"PULUMI_HOME": str(home)})
    assert official.read_text() == "official"


@pytest.mark.parametrize("provider", ["random", "tls"])
def test_our_provider_claims_the_version_its_sdk_asks_for(provider: str) -> None:
    source = (PROJECT / "toolchain" / "providers" / provider / "main.go").read_text()
    declared = re.search(r'^const version = "(.+)"$', source, re.MULTILINE)
    assert declared is not None
    assert declared[1] == installation.sdk_version(provider)


def test_a_provider_without_an_sdk_is_named() -> None:
    with pytest.raises(ModuleNotFoundError, match="pulumi_absent"):
        installation.sdk_version("absent")


def test_the_version_in_a_declaration_may_have_a_v(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "pulumi_sample"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "pulumi-plugin.json").write_text(json.dumps({"version": "v1.2.3"}))
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    assert installation.sdk_version("sample") == "1.2.3"
