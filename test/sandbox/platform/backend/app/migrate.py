"""Brings the schema to this release's revision, or says why it may not."""

import argparse
import logging
import sys
import time
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from app.database import make_engine, schema_fits, schema_revision
from app.jsonlog import configure_logging
from app.release import RELEASE
from app.settings import Settings

log = logging.getLogger(__name__)
PAUSE_SECONDS = 2.0
REFUSED = 3
HEAD = "head"
# Two migration jobs at once (a retried hook) take turns: the lock is a number of our own.
_LOCK = 7_266_041


def wait_for_database(engine: Engine, deadline_seconds: float) -> Connection:
    """A connection, as soon as there is one. Raises OperationalError at the deadline."""
    deadline = time.monotonic() + deadline_seconds
    while True:
        try:
            return engine.connect()
        except OperationalError as error:
            if time.monotonic() > deadline:
                raise
            log.info("waiting for the database", extra={"cause": str(error.orig).strip()})
            time.sleep(PAUSE_SECONDS)


def migrate(connection: Connection, to: str) -> int:
    current = schema_revision(connection)
    if current is not None and current > RELEASE.schema_revision:
        if schema_fits(connection, current):
            log.info("schema is newer and compatible, nothing to do", extra={"schemaRevision": current})
            return 0
        log.error(
            "schema is newer than this release and no longer compatible with it",
            extra={"schemaRevision": current, "releaseSchemaRevision": RELEASE.schema_revision},
        )
        return REFUSED
    minimum = RELEASE.minimum_schema_revision
    if current is not None and minimum is not None and current < minimum:
        log.error(
            f"schema revision {current} is older than {minimum}: install release 1.1.0 first",
            extra={"schemaRevision": current, "minimumSchemaRevision": minimum},
        )
        return REFUSED
    if current is not None and to != HEAD and current >= to:
        log.info("schema is as far as it is to be brought", extra={"schemaRevision": current, "to": to})
        return 0
    # What was asked above has begun a transaction; every revision is to have one of its own.
    connection.rollback()
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    command.upgrade(config, to)
    connection.commit()
    log.info("schema is up to date", extra={"from": current, "schemaRevision": schema_revision(connection)})
    return 0


def main() -> int:
    arguments = argparse.ArgumentParser(description="Brings the schema to this release's revision.")
    arguments.add_argument("--to", default=HEAD, metavar="REVISION", help="the revision to stop at")
    to: str = arguments.parse_args().to
    settings = Settings.from_env()
    configure_logging("migrations", settings.pod_name, settings.log_level)
    engine = make_engine(settings, settings.db_host)
    try:
        connection = wait_for_database(engine, settings.db_wait_seconds)
    except OperationalError as error:
        log.error("the database does not answer", extra={"cause": str(error.orig).strip()})
        return 1
    try:
        with connection:
            # A turn may be waited for as long as it takes: nobody else waits behind it.
            connection.execute(text("set local lock_timeout = 0"))
            connection.execute(text("select pg_advisory_lock(:lock)"), {"lock": _LOCK})
            connection.commit()
            return migrate(connection, to)
    except DBAPIError as error:
        # One line that a person can act on; what the revision that failed has done is undone, or harmless and done again by the next try.
        log.error(f"a migration failed: {str(error.orig).strip().splitlines()[0]}", extra={"statement": error.statement})
        return 1


if __name__ == "__main__":
    sys.exit(main())
