"""The audit: whatever is changed, taken out, put in or cut off in it is found, and the first place is named."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy.orm import Session as Transaction

from tests.records.conftest import PASSPHRASE
from tests.records.test_records import PLAN
from vr_app.profile import Profile
from vr_app.records import audit
from vr_app.records.audit import MARK, Mark
from vr_app.records.models import AuditRow, Base
from vr_app.records.records import Records

KEY = bytes(range(32))
NOT_AS_NOTED = "The audit ends at line {}, but not as it was noted when the last line was written."
NOW = datetime(2026, 11, 28, 9, 0, 0, 123_456, UTC)

words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
chains = st.lists(st.tuples(words, words, words), min_size=1, max_size=12)


@contextmanager
def chained(lines: list[tuple[str, str, str]]) -> Iterator[tuple[Transaction, Mark]]:
    """A chain in a database of its own, in memory; only here is it without triggers."""
    engine = create_engine("sqlite://")
    try:
        Base.metadata.create_all(engine)
        with Transaction(engine) as session:
            for line in lines:
                mark = audit.add(session, KEY, NOW, *line)
                session.flush()
            yield session, mark
    finally:
        engine.dispose()


@given(chains)
@settings(max_examples=30, deadline=None)
def test_a_chain_that_nobody_touched_is_whole(lines: list[tuple[str, str, str]]) -> None:
    with chained(lines) as (session, mark):
        assert audit.verify(session, KEY, mark) == (len(lines), "")
        assert [(line.who, line.what, line.subject) for line in audit.lines(session)] == lines
        assert audit.lines(session)[0].at == NOW


@given(chains, st.data())
@settings(max_examples=80, deadline=None)
def test_the_first_changed_line_is_named(lines: list[tuple[str, str, str]], data: st.DataObject) -> None:
    with chained(lines) as (session, mark):
        place = data.draw(st.integers(1, len(lines)))
        row = session.get_one(AuditRow, place)
        what = data.draw(st.sampled_from(("at", "who", "what", "subject", "link", "taken out", "cut off")))
        match what:
            case "at":
                row.at += data.draw(st.integers(1, 10**15))
            case "link":
                at = data.draw(st.integers(0, 31))
                row.link = (
                    row.link[:at] + bytes([row.link[at] ^ 1 << data.draw(st.integers(0, 7))]) + row.link[at + 1 :]
                )
            case "taken out":
                session.delete(row)
            case "cut off":
                for later in range(place, len(lines) + 1):
                    session.delete(session.get_one(AuditRow, later))
            case _:
                setattr(row, what, getattr(row, what) + data.draw(st.sampled_from(("x", " ", "\u202e"))))
        session.flush()
        session.expire_all()
        count, wrong = audit.verify(session, KEY, mark)
        last = place == len(lines)
        assert count == place - 1
        if what == "cut off" or (what == "taken out" and last):
            assert wrong == NOT_AS_NOTED.format(place - 1)
        else:
            assert wrong.startswith(
                f"Line {place} of the audit is missing" if what == "taken out" else f"Line {place} of"
            )


def test_a_line_that_is_put_in_by_somebody_without_the_key_is_found() -> None:
    with chained([("Ann", "opened", "")] * 3) as (session, mark):
        forged = AuditRow(sequence=4, at=0, who="Ann", what="opened", subject="")
        forged.link = audit.link(bytes(32), session.get_one(AuditRow, 3).link, forged)
        session.add(forged)
        session.flush()
        assert audit.verify(session, KEY, mark) == (3, "Line 4 of the audit was changed or put in by somebody.")


def test_what_is_done_stands_in_it(folder: Path, records: Records) -> None:
    patient = records.add_patient(by="Ann").id
    records.set_profile(patient, Profile(), by="Béa")
    session = records.begin_session(PLAN, patient=patient, by="Ann", minutes=5.0)
    records.add_event(session, "cue")
    note = records.add_note(session, "calm", by="Ann")
    records.end_session(session, "ended", by="Ann")
    records.witness("Ann", "looked at", session)
    records.close()
    with Records.open(folder, PASSPHRASE, by="Béa") as opened:
        assert [(line.who, line.what, line.subject) for line in opened.audit()] == [
            ("Ann", "made", ""),
            ("Ann", "patient added", patient),
            ("Béa", "profile set", patient),
            ("Ann", "session begun", session),
            ("Ann", "note added", note),
            ("Ann", "session ended", session),
            ("Ann", "looked at", session),
            ("Béa", "opened", ""),
        ]
        assert [line.sequence for line in opened.audit()] == [*range(1, 9)]
        assert opened.verify().lines == 8
        assert opened.verify().good


def _tampered(records: Records, *statements: str) -> None:
    """By somebody who has the key and drops the triggers first."""
    with records._engine.begin() as connection:
        for change in ("update", "delete"):
            connection.exec_driver_sql(f"DROP TRIGGER audit_no_{change}")
        for statement in statements:
            connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE audit SET who = 'Ban' WHERE sequence = 2", "Line 2 of the audit was changed"),
        ("UPDATE audit SET at = at + 1 WHERE sequence = 3", "Line 3 of the audit was changed"),
        ("UPDATE audit SET at = 9000000000000000000 WHERE sequence = 3", "Line 3 of the audit was changed"),
        ("UPDATE audit SET at = 'yesterday' WHERE sequence = 3", "Line 3 of the audit was changed"),
        ("UPDATE audit SET link = zeroblob(32) WHERE sequence = 1", "Line 1 of the audit was changed"),
        ("UPDATE audit SET who = CAST(x'ff' AS TEXT) WHERE sequence = 2", "damaged or was changed"),
        ("DELETE FROM audit WHERE sequence = 1", "Line 1 of the audit is missing"),
        ("DELETE FROM audit WHERE sequence > 2", NOT_AS_NOTED.format(2)),
        ("DELETE FROM audit", NOT_AS_NOTED.format(0)),
    ],
)
def test_one_changed_byte_is_found_in_the_database(records: Records, statement: str, told: str) -> None:
    for _ in range(4):
        records.witness("Ann", "looked at", "x")
    assert records.verify().good
    _tampered(records, statement)
    assert told in records.verify().audit


def test_an_older_database_put_in_place_is_found_and_never_forgotten(folder: Path, records: Records) -> None:
    records.close()
    old = (folder / "records.db").read_bytes()
    with Records.open(folder, PASSPHRASE) as opened:
        opened.add_patient("was here", by="Ann")
    (folder / "records.db").write_bytes(old)
    for _ in range(2):
        with Records.open(folder, PASSPHRASE, by="Ann") as opened:
            assert opened.verify().audit == "The end of the audit was cut off before line 2 was written."


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"{}")])
def test_without_its_mark_the_audit_is_not_called_whole(
    folder: Path, records: Records, spoil: Callable[[Path], object]
) -> None:
    spoil(folder / MARK)
    assert records.verify().audit == NOT_AS_NOTED.format(1)
    records.close()
    with Records.open(folder, PASSPHRASE) as opened:
        assert opened.verify().audit == "The end of the audit was cut off before line 2 was written."


def test_a_mark_that_a_crash_left_behind_is_no_fault(folder: Path, records: Records) -> None:
    behind = (folder / MARK).read_bytes()
    records.add_patient(by="Ann")
    (folder / MARK).write_bytes(behind)
    assert records.verify().good


def test_plain_sqlite_reads_nothing(folder: Path, records: Records) -> None:
    records.close()
    connection = sqlite3.connect(folder / "records.db")
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        connection.execute("SELECT * FROM audit")
    connection.close()
