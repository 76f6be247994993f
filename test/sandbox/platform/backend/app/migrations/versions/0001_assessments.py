"""Client accounts, assessments with their trail, crew state, audit log; each tenant sees its own rows only."""

from alembic import op

from app.migrations.steps import declare_compatible, isolate_tenants

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute("create table migration.schema_compatibility ("
               " revision text primary key, compatible_since text not null, applied_at timestamptz not null default now())")
    op.execute("create table migration.client_account ("
               " id uuid primary key, tenant text not null unique, created_at timestamptz not null default now())")
    op.execute("""
        create table migration.assessment (
            id uuid primary key,
            client_account_id uuid not null references migration.client_account (id) on delete cascade,
            name text not null,
            description text not null,
            queue text not null,
            status text not null default 'queued' check (status in ('queued', 'running', 'completed', 'failed')),
            summary text,
            created_at timestamptz not null default now(),
            updated_at timestamptz not null default now())""")
    op.execute("create index on migration.assessment (client_account_id, created_at)")
    op.execute("""
        create table migration.assessment_event (
            id bigint generated always as identity primary key,
            assessment_id uuid not null references migration.assessment (id) on delete cascade,
            client_account_id uuid not null,
            at timestamptz not null default clock_timestamp(),
            component text not null,
            pod text not null,
            action text not null,
            detail jsonb not null default '{}')""")
    op.execute("create index on migration.assessment_event (assessment_id, id)")
    op.execute("""
        create table migration.crew_state (
            flow_id uuid primary key,
            client_account_id uuid not null,
            state jsonb not null,
            version integer not null default 1,
            updated_at timestamptz not null default now())""")
    op.execute("""
        create table migration.audit_log (
            id bigint generated always as identity primary key,
            client_account_id uuid not null,
            at timestamptz not null default now(),
            action text not null,
            detail jsonb not null default '{}')""")
    for table in ("assessment", "assessment_event", "crew_state", "audit_log"):
        isolate_tenants(table)
    declare_compatible("0001", since="0001")
