"""Sessions, what happens in them, what scenes remember: from items to rows, and from rows to values."""

from __future__ import annotations

import hashlib
from typing import Any, Final, TypeVar, cast

import msgspec
from sqlalchemy import ColumnElement, CursorResult, Select, delete, func, literal_column, select
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.orm import Session as Transaction

from vr_app.commands import PIECE
from vr_app.records.errors import Unknown
from vr_app.records.journal import Begun, Ended, Happened, Item, Noted, Remembered
from vr_app.records.models import (
    ArtefactRow,
    Base,
    DecisionRow,
    EventRow,
    MemoryRow,
    NoteRow,
    PatientRow,
    PlanRow,
    SessionRow,
)
from vr_app.records.travelling import travelling
from vr_app.records.values import Artefact, ArtefactKind, Event, Memory, Note, Plan, Session, SessionLine

VERSIONS_KEPT: Final = 8  # of each memory; the newest are
_NO_PLAN: Final = Plan("unknown", {})

_Row = TypeVar("_Row", bound=Base)
_Within = TypeVar("_Within", EventRow, NoteRow, ArtefactRow)


def known(session: Transaction, kind: type[_Row], row_id: str | bytes) -> _Row:
    """Raises Unknown when there is none."""
    row = session.get(kind, row_id)
    if row is None:
        raise Unknown("There is no such patient or session in these records; look at the list again.")
    return row


# --- to rows


def store(session: Transaction, item: Item) -> bool:
    """Whether it was new. Raises Unknown."""
    match item:
        case Begun():
            return _begin(session, item)
        case Ended():
            row = known(session, SessionRow, item.session)
            if row.ended is not None:
                return False
            row.ended, row.how = item.at, item.how
            return True
        case Happened() | Noted():
            known(session, SessionRow, item.session)
            added = session.execute(_insert(item).on_conflict_do_nothing(index_elements=["id"]))
            return cast("CursorResult[Any]", added).rowcount == 1
        case Remembered():
            remember(session, item)
            return True


def remember(session: Transaction, item: Remembered) -> int:
    """Its version. Raises Unknown, also for a piece of a work that was erased."""
    known(session, PatientRow, item.patient)
    if is_erased(session, item.patient, item.key):
        raise Unknown("This work was erased; nothing more of it is kept.")
    mine = _memory(item.patient, item.scene, item.key)
    version = 1 + (session.scalar(select(func.max(MemoryRow.version)).where(*mine)) or 0)
    place = {"patient_id": item.patient, "scene": item.scene, "key": item.key}
    session.add(MemoryRow(**place, version=version, at=item.at, body=item.body))
    session.execute(delete(MemoryRow).where(*mine, MemoryRow.version <= version - VERSIONS_KEPT))
    return version


def is_erased(session: Transaction, patient: str, key: str) -> bool:
    """Whether `key` is that of a piece of a work that was erased."""
    work, piece, _ = key.partition(PIECE)
    if not piece:
        return False
    mine = DecisionRow.patient_id == patient, DecisionRow.work == work, DecisionRow.what == "erased"
    return session.scalars(select(DecisionRow.number).where(*mine).limit(1)).first() is not None


def memory(session: Transaction, patient: str, scene: str, key: str) -> Memory | None:
    """The newest; None: nothing was kept. Raises Unknown."""
    known(session, PatientRow, patient)
    newest = select(MemoryRow).where(*_memory(patient, scene, key)).order_by(MemoryRow.version.desc())
    row = session.scalars(newest.limit(1)).first()
    return None if row is None else Memory(row.version, row.body)


def memories(session: Transaction, patient: str) -> dict[tuple[str, str], bytes]:
    """The newest of all, by scene and key. Raises Unknown."""
    known(session, PatientRow, patient)
    return newest_of(session, MemoryRow.patient_id == patient)


def recalled(session: Transaction, patient: str) -> dict[tuple[str, str], bytes]:
    """The newest that a visit begins with: all things, and the newest works as far as they may travel."""
    known(session, PatientRow, patient)
    mine, slash = MemoryRow.patient_id == patient, func.instr(MemoryRow.key, PIECE)
    work = func.substr(MemoryRow.key, 1, slash - 1)
    pieces = select(MemoryRow.scene, work, func.count(MemoryRow.key.distinct())).where(mine, slash > 0)
    sizes = {(scene, name): count for scene, name, count in session.execute(pieces.group_by(MemoryRow.scene, work))}
    names = [name for _, name in travelling(sizes)]
    return newest_of(session, mine, (slash == 0) | work.in_(names))


def newest_of(session: Transaction, *where: ColumnElement[bool]) -> dict[tuple[str, str], bytes]:
    """Of each memory, by scene and key."""
    columns = MemoryRow.scene, MemoryRow.key, MemoryRow.body, func.max(MemoryRow.version)
    found = session.execute(select(*columns).where(*where).group_by(MemoryRow.scene, MemoryRow.key))
    return {(scene, key): body for scene, key, body, _ in found}  # SQLite gives the row that has the maximum


def _memory(patient: str, scene: str, key: str) -> tuple[ColumnElement[bool], ...]:
    return MemoryRow.patient_id == patient, MemoryRow.scene == scene, MemoryRow.key == key


def store_spooled(session: Transaction, item: Item) -> bool:
    """The same for what comes home late: what it belongs to may come later, or never."""
    if isinstance(item, Remembered):
        return _remember_late(session, item)
    if isinstance(item, Begun):
        if item.patient is not None and session.get(PatientRow, item.patient) is None:
            item = msgspec.structs.replace(item, patient=None)
    elif session.get(SessionRow, item.session) is None:
        session.add(SessionRow(id=item.session, by="", begun=item.at, how=""))
    return store(session, item)


def _remember_late(session: Transaction, item: Remembered) -> bool:
    """Not if it is there already, or what is there is newer, or there is no such patient, or the work was erased."""
    if session.get(PatientRow, item.patient) is None or is_erased(session, item.patient, item.key):
        return False
    newest = session.scalar(select(func.max(MemoryRow.at)).where(*_memory(item.patient, item.scene, item.key)))
    if newest is not None and newest >= item.at:
        return False
    remember(session, item)
    return True


def _begin(session: Transaction, item: Begun) -> bool:
    row = session.get(SessionRow, item.id)
    if row is not None and row.plan_digest is not None:
        return False
    if item.patient is not None:
        known(session, PatientRow, item.patient)
    body = msgspec.json.encode(item.plan.body, order="sorted")
    digest = hashlib.sha256(msgspec.msgpack.encode((item.plan.name, body))).digest()
    if session.get(PlanRow, digest) is None:
        session.add(PlanRow(digest=digest, name=item.plan.name, body=body))
        session.flush()
    if row is None:
        row = SessionRow(id=item.id, how="")
        session.add(row)
    row.patient_id, row.plan_digest, row.minutes = item.patient, digest, item.minutes
    row.by, row.begun = item.by, item.at
    return True


def _insert(item: Happened | Noted) -> Insert:
    common = {"id": item.id, "session_id": item.session, "at": item.at, "seconds": item.seconds}
    if isinstance(item, Happened):
        return insert(EventRow).values(**common, by=item.by, kind=item.kind, body=msgspec.json.encode(item.body))
    return insert(NoteRow).values(**common, by=item.by, text=item.text, amends=item.amends)


# --- from rows


def lines(session: Transaction, patient: str | None) -> tuple[SessionLine, ...]:
    """Of this patient, or all; the newest first."""
    wanted = select(SessionRow, PlanRow.name).outerjoin(PlanRow).order_by(SessionRow.begun.desc(), SessionRow.id)
    if patient is not None:
        wanted = wanted.where(SessionRow.patient_id == patient)
    return tuple(_line(row, plan or _NO_PLAN.name) for row, plan in session.execute(wanted))


def whole(session: Transaction, session_id: str) -> Session:
    """Raises Unknown."""
    row = known(session, SessionRow, session_id)
    plan = None if row.plan_digest is None else known(session, PlanRow, row.plan_digest)
    snapshot = _NO_PLAN if plan is None else Plan(plan.name, msgspec.json.decode(plan.body))
    return Session(
        line=_line(row, snapshot.name),
        minutes=row.minutes,
        snapshot=snapshot,
        events=tuple(_event(event) for event in session.scalars(_within(EventRow, session_id))),
        notes=tuple(_note(note) for note in session.scalars(_within(NoteRow, session_id))),
        artefacts=tuple(_artefact(made) for made in session.scalars(_within(ArtefactRow, session_id))),
    )


def _within(kind: type[_Within], session_id: str) -> Select[_Within]:
    """By time; what has the same, as it was written."""
    return select(kind).where(kind.session_id == session_id).order_by(kind.at, literal_column("rowid"))


def _line(row: SessionRow, plan: str) -> SessionLine:
    return SessionLine(row.id, row.patient_id, plan, row.by, row.begun, row.ended, row.how)


def _event(row: EventRow) -> Event:
    return Event(row.id, row.at, row.seconds, row.by, row.kind, msgspec.json.decode(row.body))


def _note(row: NoteRow) -> Note:
    return Note(row.id, row.at, row.seconds, row.by, row.text, row.amends)


def _artefact(row: ArtefactRow) -> Artefact:
    kind = msgspec.convert(row.kind, ArtefactKind)
    return Artefact(row.id, row.session_id, kind, row.title, row.file, row.size, row.sha256, row.at)
