"""How 1.0.0 keeps an outcome: as the text column `summary`."""

import json
from typing import Any

from sqlalchemy import Connection, text

COLUMNS = "summary"


def write(connection: Connection, assessment_id: str, result: dict[str, Any]) -> None:
    connection.execute(
        text(
            "update migration.assessment set status = 'completed', summary = :summary, updated_at = now()"
            " where id = :id and status = 'running'"
        ),
        {"id": assessment_id, "summary": json.dumps(result)},
    )


def present(row: dict[str, Any]) -> dict[str, Any]:
    summary = row.pop("summary")
    return row | (json.loads(summary) if summary else {})
