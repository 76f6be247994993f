"""One pass of data retention: deletes what is older than its class's days, tenant by tenant, and leaves an audit record."""

import json
import logging
import sys
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.database import Database
from app.jsonlog import configure_logging
from app.settings import Settings
from app.tenants import Tenant

log = logging.getLogger(__name__)
AUDIT_MINIMUM_DAYS = 365


@dataclass(frozen=True)
class DataClass:
    key: str
    table: str
    column: str
    minimum_days: int = 1


DATA_CLASSES = (
    DataClass("patterns", "migration.agent_discovered_patterns", "created_at"),
    DataClass("crewState", "migration.crew_state", "updated_at"),
    DataClass("assessments", "migration.assessment", "created_at"),
    DataClass("auditLog", "migration.audit_log", "at", AUDIT_MINIMUM_DAYS),
)


def load_days(file: Path) -> dict[str, int]:
    """Days per data class. Raises ValueError for an unknown class or a period that is too short."""
    days = json.loads(file.read_text())
    known = {c.key: c for c in DATA_CLASSES}
    for key, value in days.items():
        if key not in known:
            raise ValueError(f"unknown data class {key}; known: {', '.join(known)}")
        if not isinstance(value, int) or value < known[key].minimum_days:
            raise ValueError(f"{key} must be kept at least {known[key].minimum_days} days")
    return days


def tenants(database: Database) -> list[Tenant]:
    with database.transaction() as connection:
        rows = connection.execute(text("select id, tenant from migration.client_account order by tenant")).all()
    return [Tenant(id=row.tenant, client_account_id=row.id, display_name=row.tenant) for row in rows]


def sweep(database: Database, tenant: Tenant, days: dict[str, int]) -> dict[str, int]:
    """Deletes one tenant's expired rows in one transaction; the number of rows per class."""
    deleted: dict[str, int] = {}
    with database.transaction(tenant) as connection:
        for data_class in DATA_CLASSES:
            if data_class.key in days:
                deleted[data_class.key] = connection.execute(
                    text(
                        f"delete from {data_class.table} where client_account_id = :account"
                        f" and {data_class.column} < now() - make_interval(days => :days)"
                    ),
                    {"account": str(tenant.client_account_id), "days": days[data_class.key]},
                ).rowcount
        connection.execute(
            text(
                "insert into migration.audit_log (client_account_id, action, detail)"
                " values (:account, 'retention', cast(:detail as jsonb))"
            ),
            {"account": str(tenant.client_account_id), "detail": json.dumps(deleted)},
        )
    return deleted


def main() -> int:
    settings = Settings.from_env()
    configure_logging("retention", settings.pod_name, settings.log_level)
    try:
        days = load_days(settings.retention_file)
        database = Database(settings)
        for tenant in tenants(database):
            log.info("swept", extra={"tenant": tenant.id, "deleted": sweep(database, tenant, days)})
    except (OSError, ValueError, SQLAlchemyError) as error:
        log.error("retention did not finish", extra={"cause": str(error)})
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
