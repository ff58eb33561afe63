"""The audit: who did what and when, each line chained to the one before it, so that no change goes unnoticed.

A line's link is HMAC-SHA256 of the line and the link before it, by a key that only an open database has. Where the
chain ends is written to a file beside the database, too, so that a cut-off end, or an older database put in its place,
is found when the records are opened, and stays in the audit as a line of its own. That file may be behind by what a
crash fell into, and is never ahead.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from vr_app.files import replace_file
from vr_app.records.models import AuditRow, microseconds, moment
from vr_app.records.values import AuditLine

MARK: Final = "records.mark"
CUT_OFF: Final = "the end before this line was cut off"  # what the line says that is written when this is found
_FIRST: Final = bytes(32)
_AT_A_TIME: Final = 1000

log = logging.getLogger(__name__)


class Mark(Struct, frozen=True):
    """The last line that was acknowledged."""

    sequence: int
    link: bytes


def add(session: Session, key: bytes, at: datetime, who: str, what: str, subject: str) -> Mark:
    """One more line, in the transaction of what it tells of."""
    last = session.scalars(select(AuditRow).order_by(AuditRow.sequence.desc()).limit(1)).first()
    before, sequence = (last.link, last.sequence + 1) if last else (_FIRST, 1)
    row = AuditRow(sequence=sequence, at=microseconds(at), who=who, what=what, subject=subject)
    row.link = link(key, before, row)
    session.add(row)
    return Mark(sequence, row.link)


def link(key: bytes, before: bytes, row: AuditRow) -> bytes:
    said = msgspec.msgpack.encode((row.sequence, row.at, row.who, row.what, row.subject))
    return hmac.digest(key, before + said, hashlib.sha256)


def lines(session: Session) -> tuple[AuditLine, ...]:
    rows = session.scalars(select(AuditRow).order_by(AuditRow.sequence))
    return tuple(AuditLine(row.sequence, moment(row.at), row.who, row.what, row.subject) for row in rows)


def verify(session: Session, key: bytes, mark: Mark | None) -> tuple[int, str]:
    """How many lines are there, and a sentence on the first that is wrong, or ""."""
    expected, before, cut = 1, _FIRST, 0
    wanted = select(AuditRow).order_by(AuditRow.sequence).execution_options(yield_per=_AT_A_TIME)
    with closing(session.scalars(wanted)) as rows:
        for row in rows:
            if row.sequence != expected:
                return expected - 1, f"Line {expected} of the audit is missing."
            if row.link != link(key, before, row):
                return expected - 1, f"Line {expected} of the audit was changed or put in by somebody."
            cut = cut or (row.sequence if row.what == CUT_OFF else 0)
            expected, before = expected + 1, row.link
    count = expected - 1
    if not goes_on_from(session, mark):
        return count, f"The audit ends at line {count}, but not as it was noted when the last line was written."
    return count, f"The end of the audit was cut off before line {cut} was written." if cut else ""


def goes_on_from(session: Session, mark: Mark | None) -> bool:
    """Whether the line of the mark is there; without a mark, whether there is no line."""
    if mark is None:
        return session.scalars(select(AuditRow.sequence).limit(1)).first() is None
    row = session.get(AuditRow, mark.sequence)
    return row is not None and row.link == mark.link


def read_mark(folder: Path) -> Mark | None:
    """None: it is missing or damaged."""
    try:
        return msgspec.json.decode((folder / MARK).read_bytes(), type=Mark)
    except (OSError, msgspec.MsgspecError):
        return None


def write_mark(folder: Path, mark: Mark) -> None:
    """After the line itself is on the disk. What goes wrong is logged: the next line's mark holds for this one, too."""
    try:
        replace_file(folder / MARK, lambda file: file.write(msgspec.json.encode(mark)), lasting=True)
    except OSError as error:
        log.warning("where the audit ends could not be noted: %s", error)
