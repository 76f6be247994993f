"""How 1.1.0 keeps an outcome: as the structured column `outcome`; a trigger of revision 0003 keeps `summary` equal for 1.0.0."""

import json
from typing import Any

from sqlalchemy import Connection, text

COLUMNS = "outcome, priority"


def write(connection: Connection, assessment_id: str, result: dict[str, Any]) -> None:
    connection.execute(
        text(
            "update migration.assessment set status = 'completed', outcome = cast(:outcome as jsonb), updated_at = now()"
            " where id = :id and status = 'running'"
        ),
        {"id": assessment_id, "outcome": json.dumps(result)},
    )


def present(row: dict[str, Any]) -> dict[str, Any]:
    return row | (row.pop("outcome") or {})
