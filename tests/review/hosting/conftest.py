"""What the tests of posting start from."""

from collections.abc import Generator

import pytest

from tests.review.hosting.world import World, world


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction] - pytest uses it
    """The loopback is reached without whatever proxy the machine has."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def github() -> Generator[World]:
    with world() as made:
        yield made
