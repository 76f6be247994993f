"""Expand: `outcome` and `priority` beside `summary`; a trigger keeps both forms equal, so that 1.0.0 and 1.1.0 run side by side."""

from alembic import op
from sqlalchemy import text

from app.migrations.steps import declare_compatible

revision = "0003"
down_revision = "0002"

# One statement, and so one transaction: rows of every tenant are seen outside row-level security for its length only, and nobody waits longer.
_NEXT_ROWS = """
    do $$
    declare changed integer;
    begin
        alter table migration.assessment no force row level security;
        update migration.assessment set outcome = summary::jsonb where id in (
            select id from migration.assessment where summary is not null and outcome is null limit 500);
        get diagnostics changed = row_count;
        alter table migration.assessment force row level security;
        perform set_config('app.changed', changed::text, false);
    end $$"""


def upgrade() -> None:
    # Everything may be there already: a try that was cut off while it filled the rows has left it.
    op.execute("alter table migration.assessment add column if not exists outcome jsonb,"
               " add column if not exists priority smallint not null default 0, add column if not exists completed_at timestamptz")
    op.execute("alter table migration.agent_discovered_patterns add column if not exists confidence real")
    op.execute("""
        create or replace function migration.keep_outcome_and_summary_equal() returns trigger language plpgsql as $$
        begin
            if new.outcome is null then
                new.outcome := new.summary::jsonb;
            elsif new.summary is null then
                new.summary := new.outcome::text;
            end if;
            if new.status = 'completed' and new.completed_at is null then
                new.completed_at := now();
            end if;
            return new;
        end $$""")
    op.execute("create or replace trigger keep_outcome_and_summary_equal before insert or update on migration.assessment"
               " for each row execute function migration.keep_outcome_and_summary_equal()")
    # Row by row the table would be locked for as long as there are rows; a few at a time, everybody else gets a turn.
    with op.get_context().autocommit_block():
        while True:
            op.execute(_NEXT_ROWS)
            if op.get_bind().execute(text("select current_setting('app.changed')")).scalar_one() == "0":
                break
    declare_compatible("0003", since="0002")
