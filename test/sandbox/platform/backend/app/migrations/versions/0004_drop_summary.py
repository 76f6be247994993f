"""Contract: `summary` goes, now that no release that reads it can run."""

from alembic import op
from sqlalchemy import text

from app.migrations.steps import declare_compatible

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("alter table migration.assessment no force row level security")
    lost = op.get_bind().execute(text(
        "select count(*) from migration.assessment where summary is not null and outcome is null"
    )).scalar_one()
    if lost:
        raise RuntimeError(f"{lost} assessments have a summary and no outcome: dropping summary would lose them")
    op.execute("drop trigger keep_outcome_and_summary_equal on migration.assessment")
    op.execute("drop function migration.keep_outcome_and_summary_equal()")
    op.execute("alter table migration.assessment drop column summary")
    op.execute("alter table migration.assessment force row level security")
    declare_compatible("0004", since="0003")
