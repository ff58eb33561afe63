"""The tables. What is written here never leaves `vr_app/records/`: others get the values of values.py.

Events, notes, profiles, plans, artefacts, decisions and the audit are only ever added to, and triggers see to it
(migrations).
Ids of what may arrive by a spool are made by whoever writes it, so that it can arrive twice.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Dialect, ForeignKey, Index, LargeBinary, Text, TypeDecorator, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import Integer


class Moment(TypeDecorator[datetime]):
    """Microseconds since 1970, UTC: whole numbers sort, and no time zone can be lost."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else moment(value)


def microseconds(at: datetime) -> int:
    """Exact, where a float would round."""
    since = at - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def moment(count: int) -> datetime:
    return datetime.fromtimestamp(count // 1_000_000, UTC).replace(microsecond=count % 1_000_000)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Base(DeclarativeBase):
    type_annotation_map = {datetime: Moment, bytes: LargeBinary, str: Text}  # noqa: RUF012 - as SQLAlchemy has it


class OwnRow(Base):
    """What belongs to these records as a whole, by name: the clinic, the private half of the spool's key."""

    __tablename__ = "own"
    name: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[bytes]


class ClinicianRow(Base):
    __tablename__ = "clinician"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    here: Mapped[bool]


class PatientRow(Base):
    __tablename__ = "patient"
    id: Mapped[str] = mapped_column(primary_key=True)
    pseudonym: Mapped[str] = mapped_column(unique=True)
    note: Mapped[str]
    key: Mapped[bytes]  # of what they make: losing it erases all of that
    added: Mapped[datetime]


class ProfileRow(Base):
    """The newest of a patient's is theirs; those before it say what was known when."""

    __tablename__ = "profile"
    number: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[str]
    body: Mapped[bytes]  # JSON


class PlanRow(Base):
    __tablename__ = "plan"
    digest: Mapped[bytes] = mapped_column(primary_key=True)  # SHA-256 of the body: a plan is kept once
    name: Mapped[str]
    body: Mapped[bytes]  # JSON


class SessionRow(Base):
    __tablename__ = "session"
    id: Mapped[str] = mapped_column(primary_key=True)
    patient_id: Mapped[str | None] = mapped_column(ForeignKey("patient.id"), index=True)
    plan_digest: Mapped[bytes | None] = mapped_column(ForeignKey("plan.digest"))
    minutes: Mapped[float | None]
    by: Mapped[str]
    begun: Mapped[datetime] = mapped_column(index=True)
    ended: Mapped[datetime | None]
    how: Mapped[str]


class EventRow(Base):
    __tablename__ = "event"
    id: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("session.id"))
    at: Mapped[datetime]
    seconds: Mapped[float | None]
    by: Mapped[str]
    kind: Mapped[str]
    body: Mapped[bytes]  # JSON
    __table_args__ = (Index("event_by_session", "session_id", "at"),)


class NoteRow(Base):
    __tablename__ = "note"
    id: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("session.id"))
    at: Mapped[datetime]
    seconds: Mapped[float | None]
    by: Mapped[str]
    text: Mapped[str]
    amends: Mapped[str | None]  # a note's id; no foreign key: it may come home from the spool in either order
    __table_args__ = (Index("note_by_session", "session_id", "at"),)


class ArtefactRow(Base):
    __tablename__ = "artefact"
    id: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("session.id"), index=True)
    kind: Mapped[str]
    title: Mapped[str]
    file: Mapped[str] = mapped_column(unique=True)
    size: Mapped[int]  # bytes
    sha256: Mapped[bytes]
    at: Mapped[datetime]


class MemoryRow(Base):
    __tablename__ = "memory"
    number: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"))
    scene: Mapped[str]
    key: Mapped[str]
    version: Mapped[int]
    at: Mapped[datetime]
    body: Mapped[bytes]
    __table_args__ = (UniqueConstraint("patient_id", "scene", "key", "version"),)


class DecisionRow(Base):
    """What was decided about a work, a memory in pieces; the newest holds, but for what was erased, which stays so."""

    __tablename__ = "decision"
    number: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"))
    work: Mapped[str]  # its name, what stands before PIECE in the keys of its pieces
    what: Mapped[str]  # values.Decided
    at: Mapped[datetime]
    by: Mapped[str]
    __table_args__ = (Index("decision_by_work", "patient_id", "work"),)


class AuditRow(Base):
    __tablename__ = "audit"
    sequence: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[int]  # microseconds since 1970, as they are: a changed one may be no moment at all
    who: Mapped[str]
    what: Mapped[str]
    subject: Mapped[str]
    link: Mapped[bytes]  # HMAC of the line and of the one before it
