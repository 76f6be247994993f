"""Steps that several revisions take."""

from alembic import op

CURRENT_TENANT = "nullif(current_setting('app.current_tenant', true), '')::uuid"


def isolate_tenants(table: str, shared_rows: bool = False) -> None:
    """Row-level security, for the owner too: only the rows of app.current_tenant, and rows without a tenant when shared."""
    shared = "client_account_id is null or " if shared_rows else ""
    op.execute(f"alter table migration.{table} enable row level security")
    op.execute(f"alter table migration.{table} force row level security")
    op.execute(
        f"create policy tenant_isolation on migration.{table}"
        f" using ({shared}client_account_id = {CURRENT_TENANT})"
        f" with check (client_account_id = {CURRENT_TENANT})"
    )


def declare_compatible(revision: str, since: str) -> None:
    """Says which oldest revision's code still works with this schema, so that running pods stay ready during an upgrade."""
    op.execute(
        f"insert into migration.schema_compatibility (revision, compatible_since) values ('{revision}', '{since}')"
    )
