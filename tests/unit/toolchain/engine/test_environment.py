"""Unit: what the engine's environment decides, and what it leaves to the user."""

import os
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolchain.engine.cli import Pulumi, find_pulumi
from toolchain.engine.environment import create_passphrase, exports, variables
from toolchain.paths import Paths

CACHE = Paths(Path("/cache"))
BUILT = Pulumi(CACHE.bin / "pulumi", official=False)
OFFICIAL = Pulumi(Path("/opt/pulumi/pulumi"), official=True)


def test_state_secrets_and_cluster_are_in_the_cache_by_default() -> None:
    chosen = variables(BUILT, CACHE, {"PATH": "/usr/bin"})
    assert chosen["PULUMI_BACKEND_URL"] == "file:///cache/state"
    assert chosen["PULUMI_CONFIG_PASSPHRASE_FILE"] == "/cache/passphrase"
    assert chosen["PULUMI_HOME"] == "/cache/pulumi"
    assert chosen["KUBECONFIG"] == "/cache/cluster/kubeconfig"
    assert chosen["PATH"] == "/cache/bin:/usr/bin"


def test_our_build_fetches_no_plugins_and_an_official_one_does() -> None:
    acquisition = "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"
    assert variables(BUILT, CACHE, {})[acquisition] == "true"
    assert acquisition not in variables(OFFICIAL, CACHE, {})


def test_an_official_engine_never_takes_our_plugins_for_its_own() -> None:
    chosen = variables(OFFICIAL, CACHE, {})
    assert chosen["PULUMI_IGNORE_AMBIENT_PLUGINS"] == "true"
    assert "PULUMI_HOME" not in chosen


def test_an_official_command_is_found_before_our_build_of_it() -> None:
    chosen = variables(OFFICIAL, CACHE, {"PATH": "/cache/bin:/opt/pulumi"})
    assert chosen["PATH"] == "/opt/pulumi:/cache/bin"


@pytest.mark.parametrize(
    "own",
    [
        {"PULUMI_CONFIG_PASSPHRASE": ""},
        {"PULUMI_CONFIG_PASSPHRASE": "mine"},
        {"PULUMI_CONFIG_PASSPHRASE_FILE": "/mine"},
    ],
)
def test_a_passphrase_of_the_users_own_stays(own: Mapping[str, str]) -> None:
    assert not {"PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"} & set(
        variables(BUILT, CACHE, own)
    )


def test_a_backend_of_the_users_own_stays_and_is_given_no_passphrase_of_this_machine() -> None:
    chosen = variables(BUILT, CACHE, {"PULUMI_BACKEND_URL": "s3://team-state"})
    assert "PULUMI_BACKEND_URL" not in chosen
    assert "PULUMI_CONFIG_PASSPHRASE_FILE" not in chosen
    assert "PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER" not in chosen


@given(st.dictionaries(st.sampled_from(["PATH", "KUBECONFIG", "PULUMI_HOME"]), st.text("/ab:")))
def test_applied_once_it_changes_nothing_more(base: dict[str, str]) -> None:
    applied = base | variables(BUILT, CACHE, base)
    assert variables(BUILT, CACHE, applied) == {}


def test_exports_survive_a_shell_whatever_they_hold() -> None:
    value = "a 'quoted' $HOME `id` \"folder\""
    script = exports({"CHOSEN": value}) + 'printf %s "$CHOSEN"'
    assert subprocess.run(["/bin/sh", "-c", script], check=True, capture_output=True).stdout == (
        value.encode()
    )


def test_the_passphrase_is_drawn_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "new" / "passphrase"
    create_passphrase(file)
    first = file.read_text()
    create_passphrase(file)
    assert file.read_text() == first
    assert len(first.strip()) >= 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert os.listdir(file.parent) == ["passphrase"]  # noqa: PTH208 - plain names are compared


def _command(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    command = folder / name
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    return command


def test_an_installed_pulumi_with_its_language_host_is_taken(tmp_path: Path) -> None:
    real = _command(tmp_path / "opt", "pulumi")
    _command(tmp_path / "opt", "pulumi-language-python")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "pulumi").symlink_to(real)
    found = find_pulumi(CACHE, {"PATH": str(tmp_path / "bin")})
    assert found == Pulumi(tmp_path / "bin" / "pulumi", official=True)


def test_a_pulumi_that_cannot_run_python_is_passed_over(tmp_path: Path) -> None:
    _command(tmp_path, "pulumi")
    assert find_pulumi(CACHE, {"PATH": str(tmp_path)}) == BUILT


def test_our_own_build_on_the_path_is_not_mistaken_for_an_official_one(tmp_path: Path) -> None:
    cache = Paths(tmp_path)
    _command(cache.bin, "pulumi")
    _command(cache.bin, "pulumi-language-python")
    assert find_pulumi(cache, {"PATH": str(cache.bin)}).official is False
