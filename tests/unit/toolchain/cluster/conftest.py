"""Fixtures of the cluster's unit tests: a layout in a temporary folder."""

from pathlib import Path

import pytest

from toolchain.cluster.layout import Layout
from toolchain.cluster.settings import Settings


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    tools = tmp_path / "bin"
    tools.mkdir()
    return Layout(tmp_path / "cluster", tools)


@pytest.fixture
def settings() -> Settings:
    return Settings()
