"""A moto server for the tests of the provider, and the provider on it."""

from collections.abc import Generator

import pytest

from tests import moto
from tests.moto import Moto
from tests.unit.toolchain.providers.aws.stand_in import Engine


@pytest.fixture(scope="session")
def server() -> Generator[Moto]:
    with moto.running() as running:
        yield running


@pytest.fixture
def aws(server: Moto) -> Moto:
    """An AWS without anything of the user's."""
    server.reset()
    return server


@pytest.fixture(scope="session")
def connected(server: Moto) -> Engine:
    # Once: clients of boto3 take longer to make than to use.
    engine = Engine()
    engine.configure(server.url)
    return engine


@pytest.fixture
def engine(connected: Engine, aws: Moto) -> Engine:
    """A provider on an AWS without anything of the user's."""
    return connected


@pytest.fixture
def offline() -> Engine:
    """A provider that was configured without an endpoint."""
    engine = Engine()
    engine.configure(None)
    return engine
