"""The first tables, and the triggers that let nobody change what was only to be added to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ADDED_TO_ONLY = ("audit", "event", "note", "profile", "plan", "artefact")


def upgrade() -> None:
    _people()
    _sessions()
    _within_sessions()
    op.create_table(
        "audit",
        sa.Column("sequence", sa.Integer, primary_key=True),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("link", sa.LargeBinary, nullable=False),
    )
    for table in _ADDED_TO_ONLY:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table}: only added to'); END"
            )


def _people() -> None:
    op.create_table(
        "own",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "clinician",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("here", sa.Boolean, nullable=False),
    )
    op.create_table(
        "patient",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("pseudonym", sa.Text, nullable=False, unique=True),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("added", sa.Integer, nullable=False),
    )
    op.create_table(
        "profile",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("patient_id", sa.Text, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_profile_patient_id", "profile", ["patient_id"])
    op.create_table(
        "memory",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("patient_id", sa.Text, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("scene", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("patient_id", "scene", "key", "version"),
    )


def _sessions() -> None:
    op.create_table(
        "plan",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "session",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("patient_id", sa.Text, sa.ForeignKey("patient.id")),
        sa.Column("plan_digest", sa.LargeBinary, sa.ForeignKey("plan.digest")),
        sa.Column("minutes", sa.Float),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("begun", sa.Integer, nullable=False),
        sa.Column("ended", sa.Integer),
        sa.Column("how", sa.Text, nullable=False),
    )
    op.create_index("ix_session_patient_id", "session", ["patient_id"])
    op.create_index("ix_session_begun", "session", ["begun"])


def _within_sessions() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("session_id", sa.Text, sa.ForeignKey("session.id"), nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Float),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_index("event_by_session", "event", ["session_id", "at"])
    op.create_table(
        "note",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("session_id", sa.Text, sa.ForeignKey("session.id"), nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Float),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("amends", sa.Text),
    )
    op.create_index("note_by_session", "note", ["session_id", "at"])
    op.create_table(
        "artefact",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("session_id", sa.Text, sa.ForeignKey("session.id"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("file", sa.Text, nullable=False, unique=True),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
    )
    op.create_index("ix_artefact_session_id", "artefact", ["session_id"])
