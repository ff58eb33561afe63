"""What is given to the records comes back as it was, also after they were closed; what cannot be kept is refused."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.records.conftest import PASSPHRASE
from vr_app.profile import Profile
from vr_app.records import rows
from vr_app.records.errors import Refused, Unknown
from vr_app.records.journal import MEMORY_BYTES
from vr_app.records.pseudonyms import new_pseudonym
from vr_app.records.records import Records, exist
from vr_app.records.rows import VERSIONS_KEPT
from vr_app.records.travelling import travelling
from vr_app.records.values import Clinic, Memory, Plan, Thresholds

PLAN = Plan(
    "shore", {"title": "The shore", "cues": [{"scene": "tide_breath", "minutes": 5.0, "settings": {"sun": 12}}]}
)
CLINIC = Clinic("Harbour clinic", "Room 2", Thresholds(160, 100, 110, 92), -6.0, rehearsal=True)
NOWHERE = "0" * 32
MIDDLE = Profile(hand="middle")  # type: ignore[arg-type]  # which there is not


def begun(records: Records, patient: str | None = None) -> str:
    return records.begin_session(PLAN, by="Ann", minutes=5.0, patient=patient)


def again(records: Records, folder: Path) -> Records:
    records.close()
    return Records.open(folder, PASSPHRASE)


def test_there_are_none_until_they_are_made(folder: Path) -> None:
    assert not exist(folder)
    Records.create(folder, PASSPHRASE)[0].close()
    assert exist(folder)


def test_the_clinic_and_who_works_there(folder: Path, records: Records) -> None:
    assert records.clinic() is None
    records.set_clinic(CLINIC, by="Ann")
    records.set_clinicians(["Ann", "Béa", " Chidi "], by="Ann")
    records.set_clinicians(["Ann", "Dee"], by="Ann")
    with again(records, folder) as opened:
        assert opened.clinic() == CLINIC
        assert [(one.name, one.here) for one in opened.clinicians()] == [
            ("Ann", True), ("Béa", False), ("Chidi", False), ("Dee", True),
        ]  # fmt: skip
        opened.set_clinic(Clinic("Harbour clinic"), by="Ann")
        assert opened.clinic() == Clinic("Harbour clinic")


def test_patients_are_called_by_chance(folder: Path, records: Records) -> None:
    added = [records.add_patient(f"note {number}", by="Ann") for number in range(40)]
    assert len({patient.pseudonym for patient in added}) == len({patient.id for patient in added}) == 40
    assert len({records.artefact_key(patient.id) for patient in added}) == 40
    assert all(len(patient.pseudonym.split()) == 2 for patient in added)
    with again(records, folder) as opened:
        assert set(opened.patients()) == set(added)


def test_a_pseudonym_is_found_however_many_there_are() -> None:
    class Most:
        """All that have fewer than six figures."""

        def __contains__(self, pseudonym: object) -> bool:
            return len(str(pseudonym).split()[1]) < 6

    assert len(new_pseudonym(Most()).split()[1]) == 6


def test_a_profile_holds_until_the_next(folder: Path, records: Records) -> None:
    patient = records.add_patient(by="Ann").id
    assert records.profile(patient) == Profile()
    first = Profile(
        avoid=frozenset({"water", "dark"}), hand="left", text="large", brightness=0.5, posture="lying", words="few"
    )
    records.set_profile(patient, first, by="Ann")
    assert records.profile(patient) == first
    records.set_profile(patient, Profile(), by="Ann")
    with again(records, folder) as opened:
        assert opened.profile(patient) == Profile()


def test_a_session_is_kept_with_its_plan_as_it_was(folder: Path, records: Records) -> None:
    patient = records.add_patient(by="Ann").id
    session = begun(records, patient)
    first = records.add_event(session, "cue", {"title": "The tide", "number": 1}, seconds=12.5, by="Béa")
    second = records.add_event(session, "headset off")
    note = records.add_note(session, "calm", by="Ann", seconds=20.0)
    better = records.add_note(session, "calm, then tired", by="Béa", amends=note)
    records.end_session(session, "ended gently", by="Ann")
    records.end_session(session, "ended twice", by="Ann")
    other = begun(records)
    with again(records, folder) as opened:
        assert [line.id for line in opened.sessions()] == [other, session]
        assert [line.id for line in opened.sessions(patient)] == [session]
        whole = opened.session(session)
        assert (whole.snapshot, whole.minutes) == (PLAN, 5.0)
        line = whole.line
        assert (line.plan, line.by, line.patient, line.how) == ("shore", "Ann", patient, "ended gently")
        assert line.ended is not None and line.begun < line.ended
        assert [(event.id, event.kind, event.body, event.seconds, event.by) for event in whole.events] == [
            (first, "cue", {"title": "The tide", "number": 1}, 12.5, "Béa"),
            (second, "headset off", {}, None, ""),
        ]
        assert [(kept.id, kept.text, kept.by, kept.amends) for kept in whole.notes] == [
            (note, "calm", "Ann", None),
            (better, "calm, then tired", "Béa", note),
        ]
        assert opened.session(other).line.patient is None


def test_times_are_utc_to_the_microsecond_whatever_the_clock_does(folder: Path) -> None:
    """A clock that was put back is believed: what it says is the order of what happened."""
    late, early = datetime(2026, 10, 25, 0, 59, 59, 999_999, UTC), datetime(1969, 12, 31, 23, 59, 59, 1, UTC)
    now = late
    with Records.create(folder, PASSPHRASE, clock=lambda: now)[0] as records:
        session = begun(records)
        records.add_event(session, "cue")
        now = early
        records.add_event(session, "quiet")
        records.add_event(session, "go")
        whole = records.session(session)
        assert [(event.kind, event.at) for event in whole.events] == [("quiet", early), ("go", early), ("cue", late)]
        assert whole.line.begun == late
        assert records.verify().good


TEXTS = {
    "html": "<script>alert('x')</script><b>calm</b> & \"quoted\"; DROP TABLE note;--",
    "right to left": "المريضة هادئة \u202eabc\u202c שלום",
    "emoji": "🌊👩🏽‍⚕️🏳️‍🌈 e\u0301 \u200b",
    "controls": "a\0b\r\n\tc\x7f\ufeff",
    "10,000 lines": "\n".join(f"{number}: the shore, and then the shore again" for number in range(10_000)),
    "empty": "",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_note_comes_back_to_the_last_character(folder: Path, records: Records, text: str) -> None:
    session = begun(records, records.add_patient(text, by="Ann").id)
    records.add_note(session, text, by="Ann")
    records.add_event(session, "said", {text: [text]})
    with again(records, folder) as opened:
        whole = opened.session(session)
        assert (whole.notes[0].text, whole.events[0].body) == (text, {text: [text]})
        assert opened.patients()[0].note == text


@pytest.mark.parametrize("text", ["x" * 1_000_001, "half a \ud83d face"], ids=["too long", "no text"])
def test_what_is_no_note_is_refused_and_leaves_nothing(records: Records, text: str) -> None:
    session = begun(records)
    with pytest.raises(Refused, match=r"^This cannot be kept: .*\.$"):
        records.add_note(session, text, by="Ann")
    assert not records.session(session).notes


WRONG: list[Any] = [
    lambda records: records.add_patient("x" * 1_000_001, by="Ann"),
    lambda records: records.set_profile(records.add_patient(by="Ann").id, MIDDLE, by="Ann"),
    lambda records: records.set_profile(NOWHERE, Profile(), by="Ann"),
    lambda records: records.profile(NOWHERE),
    lambda records: records.artefact_key(NOWHERE),
    lambda records: records.add_patient("half a \ud83d face", by="Ann"),
    lambda records: records.witness("\ud83d", "looked at"),
    lambda records: records.set_clinicians(["\ud83d"], by="Ann"),
    lambda records: records.set_clinic(Clinic(""), by="Ann"),
    lambda records: records.set_clinic(Clinic("clinic", volume_db=90.0), by="Ann"),
    lambda records: records.set_clinic(Clinic("clinic", thresholds=Thresholds(-1, 0, 0, 0)), by="Ann"),
    lambda records: records.set_clinicians([" "], by="Ann"),
    lambda records: records.session(NOWHERE),
    lambda records: records.add_event(NOWHERE, "cue"),
    lambda records: records.add_event("' OR 1=1 --", "cue"),
    lambda records: records.add_event(begun(records), ""),
    lambda records: records.add_event(begun(records), "cue", {"a": object()}),
    lambda records: records.add_event(begun(records), "cue", seconds=float("nan")),
    lambda records: records.add_note(NOWHERE, "text", by="Ann"),
    lambda records: records.add_note(begun(records), "text", by=""),
    lambda records: records.end_session(NOWHERE, "ended", by="Ann"),
    lambda records: begun(records, NOWHERE),
    lambda records: records.put_memory(NOWHERE, "values_tree", "tree", b""),
    lambda records: records.put_memory(records.add_patient(by="Ann").id, "tree", "tree", bytes(MEMORY_BYTES + 1)),
    lambda records: records.get_memory(NOWHERE, "values_tree", "tree"),
    lambda records: records.memories(NOWHERE),
    lambda records: records.add_artefact(begun(records), "picture", "My place", "not-there", by="Ann"),
    lambda records: records.add_artefact(begun(records), "picture", "My place", "../records.db", by="Ann"),
]


@pytest.mark.parametrize("wrong", WRONG, ids=range(len(WRONG)))
def test_what_cannot_be_kept_is_refused_in_one_sentence(records: Records, wrong: Any) -> None:
    with pytest.raises(Refused, match=r"^[A-Z][^.]*\.$"):
        wrong(records)
    assert records.verify().good


@pytest.mark.parametrize("ask", [Records.session, Records.profile, Records.artefact_key])
def test_an_unknown_id_is_told_from_what_is_refused(records: Records, ask: Callable[[Records, str], object]) -> None:
    with pytest.raises(Unknown):
        ask(records, NOWHERE)


def test_no_error_holds_what_was_written(records: Records) -> None:
    with pytest.raises(Refused) as caught:
        records.add_note(begun(records), "a canary" + "x" * 1_000_001, by="Ann")
    assert "canary" not in repr(caught.value) and caught.value.__cause__ is None and caught.value.__suppress_context__


def test_a_scene_remembers_and_old_versions_go(folder: Path, records: Records) -> None:
    patient, other = (records.add_patient(by="Ann").id for _ in range(2))
    assert records.get_memory(patient, "values_tree", "tree") is None
    for number in range(VERSIONS_KEPT + 5):
        assert records.put_memory(patient, "values_tree", "tree", bytes([number])) == number + 1
    records.put_memory(patient, "values_tree", "stone", b"")
    with again(records, folder) as opened:
        newest = Memory(VERSIONS_KEPT + 5, bytes([VERSIONS_KEPT + 4]))
        assert opened.get_memory(patient, "values_tree", "tree") == newest
        assert opened.get_memory(patient, "values_tree", "stone") == Memory(1, b"")
        assert opened.get_memory(patient, "constellation", "tree") is None
        assert opened.get_memory(other, "values_tree", "tree") is None
        assert opened.memories(patient) == {("values_tree", "tree"): newest.body, ("values_tree", "stone"): b""}
        assert opened.memories(other) == {}
        with opened._engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM memory").scalar() == VERSIONS_KEPT + 1


def test_an_artefact_is_a_sealed_file_that_must_stay_as_it_is(folder: Path, records: Records) -> None:
    session = begun(records)
    (records.artefacts / "a.sealed").write_bytes(b"sealed" * 1000)
    made = records.add_artefact(session, "picture", "My place 🌊", "a.sealed", by="Ann")
    with pytest.raises(Refused, match="already"):
        records.add_artefact(session, "picture", "again", "a.sealed", by="Ann")
    found = records.session(session).artefacts[0]
    assert (found.id, found.session, found.kind, found.title, found.file, found.size) == (
        made, session, "picture", "My place 🌊", "a.sealed", 6000,
    )  # fmt: skip
    assert records.verify().good
    (records.artefacts / "a.sealed").write_bytes(b"Sealed" + b"sealed" * 999)
    assert records.verify().artefacts == "Of 1 things that patients made, 1 are missing or damaged."
    (records.artefacts / "a.sealed").unlink()
    assert not records.verify().good


@pytest.mark.parametrize("table", ["event", "note", "profile", "plan", "artefact", "audit"])
@pytest.mark.parametrize("change", ["UPDATE {} SET rowid = rowid + 1000", "DELETE FROM {}"])
def test_what_is_only_added_to_cannot_be_changed(records: Records, table: str, change: str) -> None:
    patient = records.add_patient(by="Ann").id
    session = begun(records, patient)
    records.add_event(session, "cue")
    records.add_note(session, "calm", by="Ann")
    records.set_profile(patient, Profile(), by="Ann")
    (records.artefacts / "a").write_bytes(b"a")
    records.add_artefact(session, "card", "card", "a", by="Ann")
    with pytest.raises(Exception, match="only added to"), records._engine.begin() as connection:
        connection.exec_driver_sql(change.format(table))
    assert records.verify().good


def test_closed_records_stay_closed(folder: Path, records: Records) -> None:
    session = begun(records)
    records.close()
    for ask in (records.patients, records.audit, lambda: records.add_event(session, "cue"), records.verify):
        with pytest.raises(Refused, match=r"^The records are closed; open them with the passphrase\.$"):
            ask()
    assert not (folder / "records.db-wal").exists()


def test_values_that_come_out_can_go_to_a_page(records: Records) -> None:
    session = begun(records, records.add_patient(by="Ann").id)
    records.add_event(session, "cue", {"a": 1})
    values = (records.patients(), records.sessions(), records.session(session), records.audit(), records.verify())
    assert msgspec.json.decode(msgspec.json.encode(values))


def pieces(records: Records, patient: str, work: str, count: int, scene: str = "light_paint") -> None:
    with records._writing() as session:
        for number in range(count):
            item = records._remembered(patient, scene, f"{work}/{number:05}", bytes([number % 256]) * 2000)
            rows.remember(session, item)


def test_a_visit_begins_with_all_things_and_the_newest_works_only(records: Records) -> None:
    patient, other = records.add_patient(by="Ann").id, records.add_patient(by="Ann").id
    for version in range(3):
        records.put_memory(patient, "values_tree", "tree", bytes([version]))
    for number in range(15):
        pieces(records, patient, f"{number:04}abcdefgh", 3, "mandala" if number % 2 else "light_paint")
    pieces(records, other, "0099abcdefgh", 2)
    found = records.recalled(patient)
    assert found["values_tree", "tree"] == bytes([2])
    works = {key.partition("/")[0] for _, key in found if "/" in key}
    assert works == {f"{number:04}abcdefgh" for number in range(3, 15)}
    assert len(found) == 1 + 12 * 3
    assert len(records.memories(patient)) == 1 + 15 * 3  # nothing of them is gone


def test_the_newest_work_comes_however_long_and_leaves_the_others_behind() -> None:
    assert travelling({("a", "0001x"): 4, ("a", "0002x"): 3000}) == [("a", "0002x")]
    assert travelling({("a", "0001x"): 2000, ("a", "0002x"): 40, ("b", "0003x"): 8}) == [
        *(("b", "0003x"), ("a", "0002x"), ("a", "0001x")),
    ]
    assert travelling({("a", "0001x"): 1, ("a", "0002x"): 2041, ("b", "0003x"): 8}) == [("b", "0003x")]


def test_pieces_of_a_work_are_never_pruned_nor_slow_to_be_recalled(records: Records) -> None:
    patient = records.add_patient(by="Ann").id
    pieces(records, patient, "0001abcdefgh", 4000)
    begun = time.process_time()
    found = records.recalled(patient)
    assert time.process_time() - begun < 2.0
    assert len(found) == 4000
    assert found["light_paint", "0001abcdefgh/03999"] == bytes([3999 % 256]) * 2000
