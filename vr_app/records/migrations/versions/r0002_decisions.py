"""What is decided about works: whether they may go home, and that they were erased. Only added to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "decision",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("patient_id", sa.Text, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("work", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
    )
    op.create_index("decision_by_work", "decision", ["patient_id", "work"])
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER decision_no_{change.lower()} BEFORE {change} ON decision "
            "BEGIN SELECT RAISE(ABORT, 'decision: only added to'); END"
        )
