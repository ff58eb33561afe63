"""Works in the records: consent for each, by whom and when; what is erased is gone and never comes back."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.records.conftest import PASSPHRASE
from vr_app.records import database
from vr_app.records.errors import Refused, Unknown
from vr_app.records.records import DATABASE, Records, public_key
from vr_app.records.spool import Spool

FIRST, SECOND, THIRD = "0001abcdefgh", "0002abcdefgh", "0003abcdefgh"
NOWHERE = "0" * 32


@pytest.fixture
def patient(records: Records) -> str:
    return records.add_patient(by="Ann").id


def put(records: Records, patient: str, work: str, *bodies: bytes, scene: str = "light_paint", first: int = 0) -> None:
    for number, body in enumerate(bodies, first):
        records.put_memory(patient, scene, f"{work}/{number:05}", body)


def said(records: Records) -> list[tuple[str, str, str]]:
    return [(line.who, line.what, line.subject) for line in records.audit()]


def test_works_are_told_with_their_pieces_the_newest_first(folder: Path, records: Records, patient: str) -> None:
    put(records, patient, FIRST, b"a", b"b", b"c")
    put(records, patient, SECOND, b"m", scene="mandala")
    records.put_memory(patient, "values_tree", "tree", b"oak")
    put(records, records.add_patient(by="Ann").id, THIRD, b"another's")
    records.close()
    with Records.open(folder, PASSPHRASE) as opened:
        newest, oldest = opened.works(patient)
        assert (newest.work, newest.scene, newest.pieces) == (SECOND, "mandala", (b"m",))
        assert (oldest.work, oldest.scene, oldest.pieces) == (FIRST, "light_paint", (b"a", b"b", b"c"))
        assert oldest.begun < oldest.changed < newest.begun == newest.changed
        assert newest.consent is None


def test_consent_is_one_works_bears_a_name_and_can_be_taken_back(folder: Path, records: Records, patient: str) -> None:
    put(records, patient, FIRST, b"a")
    put(records, patient, SECOND, b"b")
    with pytest.raises(Refused, match=r"^2 of 2 works have no recorded consent; .*\.$"):
        records.hand_over(patient, [FIRST, SECOND], by="Ann")
    records.set_consent(patient, FIRST, given=True, by="Ann")
    with pytest.raises(Refused, match=r"^1 of 2 works"):
        records.hand_over(patient, [FIRST, SECOND], by="Ann")
    records.hand_over(patient, [FIRST], by="Ann")
    records.set_consent(patient, FIRST, given=False, by="Béa")
    with pytest.raises(Refused, match=r"^1 of 1 works"):
        records.hand_over(patient, [FIRST], by="Ann")
    records.close()
    with Records.open(folder, PASSPHRASE) as opened:
        second, first = opened.works(patient)
        assert first.consent is not None and second.consent is None
        assert (first.consent.given, first.consent.by) == (False, "Béa")
        assert said(opened)[2:5] == [
            ("Ann", "consent given", f"{patient} {FIRST}"),
            ("Ann", "works handed over", f"{patient} {FIRST}"),
            ("Béa", "consent taken back", f"{patient} {FIRST}"),
        ]
        assert opened.verify().good


def test_one_patients_consent_is_not_anothers(records: Records, patient: str) -> None:
    other = records.add_patient(by="Ann").id
    for each in (patient, other):
        put(records, each, FIRST, b"a")
    records.set_consent(patient, FIRST, given=True, by="Ann")
    with pytest.raises(Refused):
        records.hand_over(other, [FIRST], by="Ann")
    records.erase_work(patient, FIRST, by="Ann")
    assert [made.work for made in records.works(other)] == [FIRST]
    put(records, other, FIRST, b"b", first=1)
    assert records.erased_works(other) == ()


@pytest.mark.parametrize(
    "ask",
    [
        lambda records, patient: records.set_consent(patient, SECOND, given=True, by="Ann"),
        lambda records, patient: records.set_consent(patient, "", given=True, by="Ann"),
        lambda records, patient: records.set_consent(patient, "0001", given=True, by="Ann"),
        lambda records, patient: records.set_consent(NOWHERE, FIRST, given=True, by="Ann"),
        lambda records, patient: records.erase_work(patient, SECOND, by="Ann"),
        lambda records, patient: records.erase_work(patient, "tree", by="Ann"),
        lambda records, patient: records.works(NOWHERE),
        lambda records, patient: records.erased_works(NOWHERE),
    ],
)
def test_what_there_is_not_is_told_as_unknown_and_nothing_is_noted(
    records: Records, patient: str, ask: Callable[[Records, str], object]
) -> None:
    put(records, patient, FIRST, b"a")
    records.put_memory(patient, "values_tree", "tree", b"oak")
    before = said(records)
    with pytest.raises(Unknown):
        ask(records, patient)
    assert said(records) == before
    assert len(records.memories(patient)) == 2


def test_without_a_name_nothing_is_decided(records: Records, patient: str) -> None:
    put(records, patient, FIRST, b"a")
    with pytest.raises(Refused):
        records.set_consent(patient, FIRST, given=True, by="")
    with pytest.raises(Refused):
        records.erase_work(patient, FIRST, by="")
    (made,) = records.works(patient)
    assert made.consent is None


def test_what_is_erased_is_gone_also_from_what_travels_and_from_every_file(
    folder: Path, records: Records, patient: str
) -> None:
    for version in range(3):
        records.put_memory(patient, "triptych", "take_home", b"words of one %d" % version)
    put(records, patient, FIRST, b"a", b"b", scene="triptych")
    put(records, patient, SECOND, b"c", scene="triptych")
    records.set_consent(patient, SECOND, given=True, by="Ann")
    records.hand_over(patient, [SECOND], by="Ann")
    records.erase_work(patient, SECOND, by="Béa")
    with pytest.raises(Refused):
        records.hand_over(patient, [SECOND], by="Ann")
    kept = {("triptych", f"{FIRST}/00000"): b"a", ("triptych", f"{FIRST}/00001"): b"b"}
    assert records.memories(patient) == records.recalled(patient) == kept
    assert records.erased_works(patient) == (SECOND,)
    with pytest.raises(Unknown):
        records.set_consent(patient, SECOND, given=True, by="Ann")
    with records._engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM memory").scalar() == 2
    assert (folder / f"{DATABASE}-wal").stat().st_size == 0
    assert ("Béa", "work erased", f"{patient} {SECOND}") in said(records)


def test_what_a_scene_told_of_its_newest_work_stays_when_an_older_one_goes(records: Records, patient: str) -> None:
    put(records, patient, FIRST, b"a", scene="triptych")
    put(records, patient, SECOND, b"b", scene="triptych")
    put(records, patient, THIRD, b"c", scene="mandala")
    records.put_memory(patient, "triptych", "take_home", b"of the second")
    records.erase_work(patient, FIRST, by="Ann")
    assert records.memories(patient)["triptych", "take_home"] == b"of the second"


def test_a_piece_of_what_was_erased_is_kept_by_no_way(folder: Path, records: Records, patient: str) -> None:
    """Neither from a picture that still has it nor from what was kept aside before."""
    put(records, patient, FIRST, b"a")
    with Spool(folder / "aside", public_key(folder)) as aside:
        aside.put_memory(patient, "light_paint", f"{FIRST}/00001", b"late")
        aside.put_memory(patient, "light_paint", f"{SECOND}/00000", b"another")
        records.erase_work(patient, FIRST, by="Ann")
        with pytest.raises(Unknown, match="erased"):
            put(records, patient, FIRST, b"a")
        assert records.take_in(aside).records == 1
    assert [made.work for made in records.works(patient)] == [SECOND]


def test_decisions_are_only_added_to(records: Records, patient: str) -> None:
    put(records, patient, FIRST, b"a")
    records.set_consent(patient, FIRST, given=False, by="Ann")
    for change in ("UPDATE decision SET what = 'goes home'", "DELETE FROM decision"):
        with pytest.raises(Exception, match="only added to"), records._engine.begin() as connection:
            connection.exec_driver_sql(change)


steps = st.lists(
    st.tuples(st.sampled_from(("piece", "late", "yes", "no", "erase")), st.sampled_from((FIRST, SECOND, THIRD))),
    max_size=25,
)


@pytest.fixture
def aside(folder: Path, records: Records) -> Iterator[Spool]:
    with Spool(folder / "aside", public_key(folder)) as opened:
        yield opened


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_whatever_is_decided_in_whatever_order(records: Records, aside: Spool, asked: list[tuple[str, str]]) -> None:
    """The last word on each work holds, no word is no, and what is erased stays so."""
    patient = records.add_patient(by="Ann").id
    pieces: dict[str, int] = {}
    consent: dict[str, bool] = {}
    erased: set[str] = set()
    for step, work in asked:
        known, number = work in pieces, pieces.get(work, 0)
        try:
            match step:
                case "piece":
                    put(records, patient, work, b"p", first=number)
                case "late":
                    aside.put_memory(patient, "light_paint", f"{work}/{number:05}", b"p")
                    records.take_in(aside)
                case "erase":
                    records.erase_work(patient, work, by="Ann")
                case _:
                    records.set_consent(patient, work, given=step == "yes", by="Ann")
        except Unknown:
            assert not known and (work in erased or step not in ("piece", "late"))
            continue
        assert known or step in ("piece", "late")
        if step == "erase":
            del pieces[work]
            consent.pop(work, None)
            erased.add(work)
        elif step in ("piece", "late") and work not in erased:
            pieces[work] = number + 1
        elif known:
            consent[work] = step == "yes"
    found = records.works(patient)
    assert {made.work: len(made.pieces) for made in found} == pieces
    assert {made.work for made in found if made.consent is not None and made.consent.given} == {
        work for work, given in consent.items() if given
    }
    assert {*records.erased_works(patient)} == erased
    assert {key.partition("/")[0] for _, key in records.recalled(patient)} == {*pieces}


def test_records_of_the_first_version_are_brought_up_to_date(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tmp_path / "migrations"
    shutil.copytree(database._MIGRATIONS, before, ignore=shutil.ignore_patterns("__pycache__", "r0002*"))
    with monkeypatch.context() as patch:
        patch.setattr(database, "_MIGRATIONS", before)
        with Records.create(folder, PASSPHRASE)[0] as records:
            patient = records.add_patient(by="Ann").id
    with Records.open(folder, PASSPHRASE) as opened:
        put(opened, patient, FIRST, b"a")
        opened.set_consent(patient, FIRST, given=True, by="Ann")
        opened.hand_over(patient, [FIRST], by="Ann")
        assert opened.verify().good
