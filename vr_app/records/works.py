"""What a patient made, as it stands in memories under "<work>/<number>": consent for each, and erasing it for good."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session as Transaction

from vr_app.commands import PIECE
from vr_app.records import rows
from vr_app.records.errors import Refused, Unknown
from vr_app.records.models import DecisionRow, MemoryRow, PatientRow
from vr_app.records.values import Consent, Decided, Made

_CARD: Final = "take_home"  # what a scene tells of the work that was kept in it last, in words


def works(session: Transaction, patient: str) -> tuple[Made, ...]:
    """The newest first. Raises Unknown."""
    rows.known(session, PatientRow, patient)
    pieces: dict[tuple[str, str], list[bytes]] = {}
    for (scene, key), body in sorted(rows.newest_of(session, _pieces_of(patient)).items()):
        pieces.setdefault((scene, key.partition(PIECE)[0]), []).append(body)
    times, consents = _times(session, patient), _consents(session, patient)
    found = [
        Made(work, scene, *times[scene, work], tuple(bodies), consents.get(work))
        for (scene, work), bodies in pieces.items()
    ]
    return tuple(sorted(found, key=lambda made: made.work, reverse=True))


def decide(session: Transaction, patient: str, work: str, what: Decided, at: datetime, by: str) -> None:
    """Raises Unknown when there is no such work."""
    _scene_of(session, patient, work)
    session.add(DecisionRow(patient_id=patient, work=work, what=what, at=at, by=by))


def erase(session: Transaction, patient: str, work: str, at: datetime, by: str) -> None:
    """All its pieces, in every version, and with a scene's newest work what the scene told of it. Raises Unknown."""
    scene = _scene_of(session, patient, work)
    decide(session, patient, work, "erased", at, by)
    mine, prefix = MemoryRow.patient_id == patient, func.substr(MemoryRow.key, 1, len(work) + len(PIECE))
    newest = session.scalar(select(func.max(MemoryRow.key)).where(_pieces_of(patient), MemoryRow.scene == scene))
    if newest is not None and newest.startswith(work + PIECE):
        session.execute(delete(MemoryRow).where(mine, MemoryRow.scene == scene, MemoryRow.key == _CARD))
    session.execute(delete(MemoryRow).where(mine, prefix == work + PIECE))


def erased(session: Transaction, patient: str) -> tuple[str, ...]:
    """Names of this patient's works that were. Raises Unknown."""
    rows.known(session, PatientRow, patient)
    mine = DecisionRow.patient_id == patient, DecisionRow.what == "erased"
    return tuple(session.scalars(select(DecisionRow.work).where(*mine).order_by(DecisionRow.number)))


def may_go(session: Transaction, patient: str, names: Sequence[str]) -> None:
    """Raises Refused unless the patient wants to have each of them out of the records."""
    consents = _consents(session, patient)
    without = sum(name not in consents or not consents[name].given for name in names)
    if without:
        raise Refused(f"{without} of {len(names)} works have no recorded consent; record it, or leave them here.")


def _scene_of(session: Transaction, patient: str, work: str) -> str:
    """Raises Unknown."""
    rows.known(session, PatientRow, patient)
    prefix = func.substr(MemoryRow.key, 1, len(work) + len(PIECE)) == work + PIECE
    scene = session.scalar(select(MemoryRow.scene).where(MemoryRow.patient_id == patient, prefix).limit(1))
    if scene is None or not work:
        raise Unknown("There is no such work in these records any more; look at the list again.")
    return scene


def _times(session: Transaction, patient: str) -> dict[tuple[str, str], tuple[datetime, datetime]]:
    """When the first and the last of each one's pieces came."""
    work = func.substr(MemoryRow.key, 1, func.instr(MemoryRow.key, PIECE) - 1)
    columns = MemoryRow.scene, work, func.min(MemoryRow.at), func.max(MemoryRow.at)
    found = session.execute(select(*columns).where(_pieces_of(patient)).group_by(MemoryRow.scene, work))
    return {(scene, name): (first, last) for scene, name, first, last in found}


def _consents(session: Transaction, patient: str) -> dict[str, Consent]:
    """By work that was not erased: what was said last."""
    said = session.scalars(select(DecisionRow).where(DecisionRow.patient_id == patient).order_by(DecisionRow.number))
    last = {row.work: row for row in said}.values()
    return {row.work: Consent(row.what == "goes home", row.at, row.by) for row in last if row.what != "erased"}


def _pieces_of(patient: str) -> ColumnElement[bool]:
    return (MemoryRow.patient_id == patient) & (func.instr(MemoryRow.key, PIECE) > 0)
