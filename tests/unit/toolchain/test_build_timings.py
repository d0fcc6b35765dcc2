"""Unit tier: estimates of builds, and the commands that show them."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from toolchain.build_command import app
from toolchain.build_table import TOOLS, Tool
from toolchain.build_timings import Timings

TOOL = Tool(name="hello", folder=Path("/nowhere"), seconds=100)


def test_before_the_first_build_the_estimate_is_the_tables(tmp_path: Path) -> None:
    assert Timings(tmp_path / "timings.json").estimate(TOOL) == 100


def test_the_last_cold_build_is_the_next_estimate(tmp_path: Path) -> None:
    file = tmp_path / "timings.json"
    for seconds in (80, 70):
        Timings(file).record(TOOL, seconds, compiled=90, packages=100)

    assert Timings(file).estimate(TOOL) == 70


def test_a_build_out_of_the_cache_says_nothing_about_a_cold_one(tmp_path: Path) -> None:
    timings = Timings(tmp_path / "timings.json")
    timings.record(TOOL, 3, compiled=1, packages=100)

    assert timings.estimate(TOOL) == 100


def test_another_tools_build_is_not_an_estimate(tmp_path: Path) -> None:
    timings = Timings(tmp_path / "timings.json")
    timings.record(TOOL, 50, compiled=100, packages=100)

    assert timings.estimate(Tool(name="other", folder=Path("/nowhere"), seconds=7)) == 7


@pytest.mark.parametrize("text", ["", "{", '{"hello": 3}', '[{"tool": "hello"}]'])
def test_a_damaged_file_of_timings_is_begun_anew(tmp_path: Path, text: str) -> None:
    file = tmp_path / "timings.json"
    file.write_text(text)
    timings = Timings(file)
    assert timings.estimate(TOOL) == 100

    timings.record(TOOL, 60, compiled=100, packages=100)

    assert timings.estimate(TOOL) == 60


def test_the_list_names_every_tool(tmp_path: Path) -> None:
    environment = {"AGENT_PLATFORM_CACHE": str(tmp_path), "COLUMNS": "200"}

    result = CliRunner().invoke(app, ["list"], env=environment)

    assert result.exit_code == 0
    for name in TOOLS:
        assert f" {name} " in result.stdout


def test_building_an_unknown_tool_fails_with_the_known_ones(tmp_path: Path) -> None:
    environment = {"AGENT_PLATFORM_CACHE": str(tmp_path), "COLUMNS": "200"}

    result = CliRunner().invoke(app, ["build", "kubernets"], env=environment)

    assert result.exit_code == 1
    assert "got the tool 'kubernets', wanted one of etcd" in result.stderr
