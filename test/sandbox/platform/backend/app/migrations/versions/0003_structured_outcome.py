"""Expand: `outcome` and `priority` beside `summary`; a trigger keeps both forms equal, so that 1.0.0 and 1.1.0 run side by side."""

from alembic import op

from app.migrations.steps import declare_compatible

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("alter table migration.assessment add column outcome jsonb,"
               " add column priority smallint not null default 0, add column completed_at timestamptz")
    op.execute("alter table migration.agent_discovered_patterns add column confidence real")
    op.execute("""
        create function migration.keep_outcome_and_summary_equal() returns trigger language plpgsql as $$
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
    op.execute("create trigger keep_outcome_and_summary_equal before insert or update on migration.assessment"
               " for each row execute function migration.keep_outcome_and_summary_equal()")
    # Rows of every tenant: the owner steps outside row-level security for the length of this statement only.
    op.execute("alter table migration.assessment no force row level security")
    op.execute("update migration.assessment set outcome = summary::jsonb where summary is not null")
    op.execute("alter table migration.assessment force row level security")
    declare_compatible("0003", since="0002")
