"""Runs the revisions on the connection that app.migrate opened, each in its own transaction."""

from alembic import context
from sqlalchemy import Connection

connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection, version_table_schema="migration", transaction_per_migration=True, target_metadata=None
)
with context.begin_transaction():
    context.run_migrations()
