"""The schema: up, down, up again, by several at once, and the same as the code's table."""

import asyncio
from collections.abc import Sequence
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from agent_runtime.database import create_engine
from agent_runtime.migrate import alembic_config, migrate
from agent_runtime.settings import DatabaseSettings, Settings
from agent_runtime.table import REVISIONS, metadata
from tests.certificates import Certificates
from tests.conftest import new_database, settings_for
from tests.servers import Server


async def tables(database: DatabaseSettings) -> set[str]:
    """The tables in the database."""
    engine = create_engine(database, "tests")
    async with engine.connect() as connection:
        names = await connection.run_sync(lambda c: inspect(c).get_table_names())
    await engine.dispose()
    return set(names)


async def fresh(postgres: Server, redis: Server, certificates: Certificates) -> Settings:
    """Settings of an agent with an empty database."""
    return settings_for(await new_database(postgres, certificates), redis, certificates)


async def test_up_down_and_up_again(
    postgres: Server, redis: Server, certificates: Certificates
) -> None:
    settings = await fresh(postgres, redis, certificates)
    await migrate(settings, "head")
    assert await tables(settings.database) == {"extractions", "alembic_version"}
    await migrate(settings, "base")
    assert await tables(settings.database) == {"alembic_version"}
    await migrate(settings, "head")
    await migrate(settings, "head")
    assert await tables(settings.database) == {"extractions", "alembic_version"}


async def test_several_at_once_migrate_once(
    postgres: Server, redis: Server, certificates: Certificates
) -> None:
    settings = await fresh(postgres, redis, certificates)
    await asyncio.gather(*(migrate(settings, "head") for _ in range(5)))
    assert await tables(settings.database) == {"extractions", "alembic_version"}


async def test_the_schema_is_the_table_that_the_code_uses(database: DatabaseSettings) -> None:
    def differences(connection: Connection) -> Sequence[Any]:
        return compare_metadata(MigrationContext.configure(connection), metadata)

    engine = create_engine(database, "tests")
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


def test_the_revisions_that_readiness_knows_are_those_there_are() -> None:
    script = ScriptDirectory.from_config(alembic_config())
    newest_first = [revision.revision for revision in script.walk_revisions()]
    assert tuple(reversed(newest_first)) == REVISIONS
