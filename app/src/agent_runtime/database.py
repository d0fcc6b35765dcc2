"""The connection pool to PostgreSQL: verified TLS, short timeouts, no silent plain text."""

import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy import URL
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InternalError,
    NotSupportedError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from agent_runtime import problem
from agent_runtime.settings import DatabaseSettings

_OURS = (DataError, IntegrityError, InternalError, NotSupportedError, ProgrammingError)
"""Faults of a statement; every other database error is one of reaching the database."""


def create_engine(settings: DatabaseSettings, application: str) -> AsyncEngine:
    """A pool that connects when first used, so that a process starts without its database."""
    return create_async_engine(
        URL.create(
            "postgresql+asyncpg",
            username=settings.user,
            password=settings.password.get_secret_value(),
            host=settings.host,
            port=settings.port,
            database=settings.name,
        ),
        pool_size=settings.pool_size,
        max_overflow=settings.max_overflow,
        pool_timeout=settings.pool_timeout,
        pool_recycle=settings.pool_recycle,
        pool_pre_ping=True,
        # The store's changes are single statements, each its own transaction: fewer round trips.
        isolation_level="AUTOCOMMIT",
        connect_args={
            # The context checks chain and host name: what libpq calls verify-full.
            "ssl": ssl.create_default_context(cafile=settings.ca_file),
            "timeout": settings.connect_timeout,
            "command_timeout": settings.command_timeout,
            "server_settings": {"application_name": application},
        },
    )


@asynccontextmanager
async def reaching() -> AsyncGenerator[None]:
    """Turn every way of not reaching the database into one problem; let our own faults through."""
    try:
        yield
    except _OURS:
        raise
    except (DBAPIError, PoolTimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise problem.store_unavailable(type(error).__name__) from error
    except OSError as error:  # covers refused, unresolved, TLS and timeouts
        raise problem.store_unavailable(type(error).__name__) from error
