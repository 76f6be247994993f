"""Assessments and their trail in Postgres. What differs between releases is in app.outcome."""

import json
import uuid
from typing import Any

from sqlalchemy import Connection, text

from app import outcome
from app.embedding import embed, literal
from app.tenants import Tenant

Row = dict[str, Any]


def create(connection: Connection, tenant: Tenant, name: str, description: str, queue: str) -> str:
    assessment_id = str(uuid.uuid4())
    connection.execute(
        text("insert into migration.client_account (id, tenant) values (:id, :tenant) on conflict do nothing"),
        {"id": str(tenant.client_account_id), "tenant": tenant.id},
    )
    connection.execute(
        text(
            "insert into migration.assessment (id, client_account_id, name, description, queue)"
            " values (:id, :account, :name, :description, :queue)"
        ),
        {"id": assessment_id, "account": str(tenant.client_account_id), "name": name, "description": description,
         "queue": queue},
    )
    return assessment_id


def record(connection: Connection, assessment_id: str, component: str, pod: str, action: str, **detail: Any) -> None:
    """Adds to the trail: which pod did what, when."""
    connection.execute(
        text(
            "insert into migration.assessment_event (assessment_id, client_account_id, component, pod, action, detail)"
            " select id, client_account_id, :component, :pod, :action, cast(:detail as jsonb)"
            " from migration.assessment where id = :id"
        ),
        {"id": assessment_id, "component": component, "pod": pod, "action": action, "detail": json.dumps(detail)},
    )


def start(connection: Connection, assessment_id: str) -> Row | None:
    """Marks the assessment as running; None when it is finished already (a job delivered twice) or was erased."""
    row = connection.execute(
        text(
            "update migration.assessment set status = 'running', updated_at = now()"
            " where id = :id and status in ('queued', 'running') returning name, description"
        ),
        {"id": assessment_id},
    ).mappings().first()
    return dict(row) if row else None


def fail(connection: Connection, assessment_id: str) -> None:
    connection.execute(
        text("update migration.assessment set status = 'failed', updated_at = now() where id = :id"),
        {"id": assessment_id},
    )


def store_pattern(connection: Connection, tenant: Tenant, assessment_id: str, name: str, description: str) -> None:
    """Keeps what the crew learned; once per assessment however often the job is delivered."""
    connection.execute(
        text(
            "insert into migration.agent_discovered_patterns"
            " (id, client_account_id, assessment_id, name, description, embedding)"
            " values (:id, :account, :assessment, :name, :description, cast(:embedding as vector))"
            " on conflict (id) do nothing"
        ),
        {"id": str(uuid.uuid5(uuid.UUID(assessment_id), "pattern")), "account": str(tenant.client_account_id),
         "assessment": assessment_id, "name": name, "description": description,
         "embedding": literal(embed(f"{name} {description}"))},
    )


def nearest(connection: Connection, description: str, excluding: str, limit: int = 5) -> list[Row]:
    """The nearest patterns by cosine distance, over the HNSW index, of the tenant and of the vendor's catalogue."""
    rows = connection.execute(
        text(
            "select name, strategy, round((embedding <=> cast(:v as vector))::numeric, 4)::float8 as distance"
            " from migration.agent_discovered_patterns"
            " where assessment_id is distinct from cast(:excluding as uuid)"
            " order by embedding <=> cast(:v as vector) limit :limit"
        ),
        {"v": literal(embed(description)), "excluding": excluding, "limit": limit},
    ).mappings()
    return [dict(row) for row in rows]


def complete(connection: Connection, assessment_id: str, result: Row) -> None:
    outcome.write(connection, assessment_id, result)


def find(connection: Connection, assessment_id: str) -> Row | None:
    """The assessment with its outcome and trail, or None when the tenant has none of that id."""
    row = connection.execute(
        text(
            f"select id, name, description, status, queue, created_at, updated_at, {outcome.COLUMNS}"
            " from migration.assessment where id = :id"
        ),
        {"id": assessment_id},
    ).mappings().first()
    if row is None:
        return None
    events = connection.execute(
        text(
            "select at, component, pod, action, detail from migration.assessment_event"
            " where assessment_id = :id order by id"
        ),
        {"id": assessment_id},
    ).mappings()
    return outcome.present(dict(row)) | {"trail": [dict(event) for event in events]}
