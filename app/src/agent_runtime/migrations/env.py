"""Run by alembic: moves the schema on the connection that `migrate` holds the lock on."""

from alembic import context
from sqlalchemy import Connection

from agent_runtime.table import metadata

connection: Connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
