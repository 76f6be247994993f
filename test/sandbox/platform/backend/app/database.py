"""Connections to Postgres. Through PgBouncer in transaction mode nothing may outlive a transaction: tenants are set with SET LOCAL."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from app.release import RELEASE
from app.settings import Settings, read_secret
from app.tenants import Tenant

log = logging.getLogger(__name__)


def make_engine(settings: Settings, host: str) -> Engine:
    def connect() -> "psycopg2.extensions.connection":
        return psycopg2.connect(
            host=host,
            port=settings.db_port,
            dbname=settings.db_name,
            user=settings.db_user,
            password=read_secret(settings.db_password_file),
            application_name=settings.pod_name,
            connect_timeout=5,
        )

    return create_engine(
        "postgresql+psycopg2://", creator=connect, pool_size=5, max_overflow=5, pool_timeout=10, pool_pre_ping=True,
        pool_recycle=1800,
    )


class Database:
    """The primary, and the read replicas for vector searches when there are any."""

    def __init__(self, settings: Settings) -> None:
        self.primary = make_engine(settings, settings.db_host)
        self._replicas = make_engine(settings, settings.db_read_host) if settings.db_read_host else None

    @contextmanager
    def transaction(self, tenant: Tenant | None = None) -> Iterator[Connection]:
        with self.primary.begin() as connection:
            if tenant is not None:
                scope_to(connection, tenant)
            yield connection

    @contextmanager
    def search(self, tenant: Tenant) -> Iterator[tuple[Connection, str]]:
        """A transaction for vector searches and where it runs: a replica, or the primary when no replica answers."""
        connection, where = self._search_connection()
        with connection, connection.begin():
            scope_to(connection, tenant)
            connection.execute(text("set local hnsw.iterative_scan = strict_order"))
            yield connection, where

    def _search_connection(self) -> tuple[Connection, str]:
        if self._replicas is not None:
            try:
                return self._replicas.connect(), "replica"
            except OperationalError as error:
                log.warning("no read replica answers, searching on the primary", extra={"cause": str(error.orig)})
        return self.primary.connect(), "primary"


def scope_to(connection: Connection, tenant: Tenant) -> None:
    """Row-level security shows this transaction the rows of one tenant only."""
    connection.execute(
        text("select set_config('app.current_tenant', :id, true)"), {"id": str(tenant.client_account_id)}
    )


def schema_revision(connection: Connection) -> str | None:
    """The Alembic revision of the database, or None when no migration ever ran."""
    if connection.execute(text("select to_regclass('migration.alembic_version')")).scalar() is None:
        return None
    return connection.execute(text("select version_num from migration.alembic_version")).scalar()


def schema_fits(connection: Connection, revision: str | None) -> bool:
    """True when this release's code works with the schema: from its minimum to its own, or a later one that says it still does."""
    if revision is None:
        return False
    if revision < RELEASE.schema_revision:
        minimum = RELEASE.minimum_schema_revision
        return minimum is not None and revision >= minimum
    oldest = connection.execute(
        text("select compatible_since from migration.schema_compatibility where revision = :r"), {"r": revision}
    ).scalar()
    return oldest is not None and oldest <= RELEASE.schema_revision
