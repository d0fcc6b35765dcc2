"""Bringing the schema to what this code is written for."""

import asyncio
from typing import Any

import stamina
import structlog
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from agent_runtime.database import create_engine, reaching
from agent_runtime.problem import Problem
from agent_runtime.settings import Settings

_log = structlog.get_logger(__name__)
_LOCK = 7_221_019_448
"""Any number, as long as no other program on the database takes it for something else."""
_PATIENCE = 120.0
"""Seconds the database may take to appear: it may be starting at the same moment."""
_STATEMENT_PATIENCE = 600.0
"""Seconds for one statement, the wait for another process that migrates included."""


class MigrationError(Exception):
    """The schema could not be brought there."""


def run(settings: Settings) -> None:
    """Upgrade to the newest revision; several processes at once do it once."""
    asyncio.run(migrate(settings, "head"))


async def migrate(settings: Settings, revision: str, *, patience: float = _PATIENCE) -> None:
    """Bring the schema to a revision, up or down."""
    database = settings.database.model_copy(update={"command_timeout": _STATEMENT_PATIENCE})
    pool = create_engine(database, application=f"{settings.pod}-migrate")
    engine = pool.execution_options(isolation_level="READ COMMITTED")
    try:
        async for attempt in stamina.retry_context(
            on=_is_unavailable, attempts=None, timeout=patience, wait_initial=0.2, wait_max=3
        ):
            with attempt:
                async with reaching(), engine.begin() as connection:
                    # Held until the transaction ends, so whoever waits here finds the work done.
                    await connection.execute(
                        text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK}
                    )
                    await connection.run_sync(_move, revision)
    except Problem as error:
        raise MigrationError(
            f"no database at {database.host}:{database.port}/{database.name} as user "
            f"{database.user} within {patience:g} s: {error.__cause__!r}"
        ) from error
    finally:
        await engine.dispose()
    _log.info("migrated", revision=revision)


def _move(connection: Connection, revision: str) -> None:
    config = alembic_config(connection=connection)
    if revision in {"base"} or revision.startswith("-"):
        command.downgrade(config, revision)
    else:
        command.upgrade(config, revision)


def alembic_config(**attributes: Any) -> Config:  # noqa: ANN401 (alembic's own attributes)
    """Alembic's configuration, without a file."""
    config = Config(attributes=attributes)
    config.set_main_option("script_location", "agent_runtime:migrations")
    config.set_main_option("path_separator", "os")
    return config


def _is_unavailable(error: Exception) -> bool:
    return isinstance(error, Problem) and error.kind == "store-unavailable"
