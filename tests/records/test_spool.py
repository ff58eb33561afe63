"""The spool: what happens while the database is locked or the disk full is sealed, and comes home once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tests.records.conftest import PASSPHRASE
from tests.records.test_records import PLAN
from vr_app.records import spool as spools
from vr_app.records.errors import AlreadyOpen, Refused
from vr_app.records.journal import new_id
from vr_app.records.records import Records, public_key
from vr_app.records.spool import Spool, framed, sealed, unsealed, whole_frames
from vr_app.records.values import Memory, TakenIn

bodies = st.lists(st.binary(max_size=60) | st.just(b"HLS1" * 5) | st.just(framed(b"a frame in a frame")), max_size=8)


def spooled(folder: Path) -> list[Path]:
    return sorted(folder.glob("spool-*"))


# Frames


@given(bodies)
def test_frames_come_back_in_order(found: list[bytes]) -> None:
    data = b"".join(map(framed, found))
    assert whole_frames(data) == (found, 0)
    assert whole_frames(data + bytes(1000)) == (found, 0)


@given(bodies.filter(bool), st.data())
def test_a_torn_tail_is_skipped_and_told(found: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(map(framed, found))
    last = framed(found[-1])
    kept = data.draw(st.integers(1, len(last) - 1))
    torn = whole[: len(whole) - len(last) + kept]
    assert whole_frames(torn + bytes(100)) in ((found[:-1], 1), (found, 0))  # what was cut off may have been zeros
    assert whole_frames(torn + bytes(100))[0][: len(found) - 1] == found[:-1]


@given(bodies.filter(bool), st.data())
def test_one_changed_byte_costs_one_frame(found: list[bytes], data: st.DataObject) -> None:
    whole = bytearray(b"".join(map(framed, found)))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= data.draw(st.integers(1, 255))
    read, torn = whole_frames(bytes(whole))
    hit = next(number for number in range(len(found)) if place < sum(12 + len(body) for body in found[: number + 1]))
    assert read[:hit] == found[:hit]
    assert read[len(read) - len(found) + hit + 1 :] == found[hit + 1 :]
    assert torn >= 1


@given(st.binary(max_size=300))
def test_any_bytes_are_survived(data: bytes) -> None:
    whole_frames(data)
    unsealed(X25519PrivateKey.from_private_bytes(bytes(range(32))), data)


@given(st.binary(max_size=100), st.data())
def test_what_is_sealed_is_read_by_its_key_only_and_unchanged_only(data: bytes, more: st.DataObject) -> None:
    ours, theirs = X25519PrivateKey.generate(), X25519PrivateKey.generate()
    body = sealed(ours.public_key().public_bytes_raw(), data)
    assert unsealed(ours, body) == data
    assert unsealed(theirs, body) is None
    assert not data or len(data) < 8 or data not in body
    place = more.draw(st.integers(0, len(body) - 1))
    changed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
    assert unsealed(ours, changed) is None


def test_low_order_public_keys_open_nothing() -> None:
    assert unsealed(X25519PrivateKey.generate(), bytes(32) + bytes(64)) is None


# Home


def test_what_was_sealed_while_locked_comes_home_once(folder: Path, records: Records) -> None:
    patient = records.add_patient(by="Ann").id
    session = records.begin_session(PLAN, patient=patient, by="Ann", minutes=5.0)
    records.close()
    with Spool(folder, public_key(folder)) as spool:
        event = spool.add_event(session, "cue", {"a": "🌊"}, seconds=3.0)
        note = spool.add_note(session, "calm", by="Béa", seconds=4.0)
        spool.end_session(session, "ended gently", by="Béa")
        own = spool.begin_session(PLAN, by="Ann", minutes=2.0)
        copy = spooled(folder)[0].read_bytes()
        with Records.open(folder, PASSPHRASE) as opened:
            assert opened.take_in(spool) == TakenIn(4, 0, 0, 0)
            whole = opened.session(session)
            assert [(kept.id, kept.body, kept.seconds) for kept in whole.events] == [(event, {"a": "🌊"}, 3.0)]
            assert [(kept.id, kept.text, kept.by) for kept in whole.notes] == [(note, "calm", "Béa")]
            assert whole.line.how == "ended gently"
            assert opened.session(own).snapshot == PLAN
            assert opened.take_in(spool) == TakenIn(0, 0, 0, 0)
            (folder / "spool-000900.sealed").write_bytes(copy)  # the process died before it could remove it
            assert opened.take_in(spool) == TakenIn(0, 4, 0, 0)
            assert opened.session(session) == whole
            assert opened.verify().good
    assert not spooled(folder)


def test_what_a_scene_remembers_comes_home_unless_something_newer_is_there(folder: Path, records: Records) -> None:
    patient, other = (records.add_patient(by="Ann").id for _ in range(2))
    records.put_memory(patient, "values_tree", "tree", b"seed")
    with Spool(folder, public_key(folder)) as spool:
        spool.put_memory(patient, "values_tree", "tree", b"oak")
        spool.put_memory(patient, "values_tree", "stone", b"grey")
        spool.put_memory(new_id(), "values_tree", "tree", b"nobody's any more")
        copy = spooled(folder)[0].read_bytes()
        assert b"oak" not in copy
        records.put_memory(patient, "values_tree", "stone", b"white")  # the disk had room again
        assert records.take_in(spool) == TakenIn(1, 2, 0, 0)
        kept = {("values_tree", "tree"): b"oak", ("values_tree", "stone"): b"white"}
        assert records.memories(patient) == kept
        (folder / "spool-000900.sealed").write_bytes(copy)  # the process died before it could remove it
        assert records.take_in(spool) == TakenIn(0, 3, 0, 0)
    assert (records.memories(patient), records.memories(other)) == (kept, {})
    assert records.get_memory(patient, "values_tree", "tree") == Memory(2, b"oak")


def test_what_belongs_to_nothing_known_is_kept(folder: Path, records: Records) -> None:
    """The session was begun in a spool that is lost, or comes home later; its patient may be gone."""
    lost, late = new_id(), Spool(folder / "late", public_key(folder))
    session = late.begin_session(PLAN, by="Ann", minutes=2.0, patient=new_id())
    with Spool(folder, public_key(folder)) as spool:
        spool.add_note(lost, "calm", by="Ann")
        spool.end_session(session, "ended", by="Ann")
        assert records.take_in(spool) == TakenIn(2, 0, 0, 0)
    assert records.session(lost).notes[0].text == "calm"
    assert records.session(session).line.plan == "unknown"
    with late:
        assert records.take_in(late) == TakenIn(1, 0, 0, 0)
    line = records.session(session).line
    assert (line.plan, line.by, line.how, line.patient) == ("shore", "Ann", "ended", None)


def test_what_cannot_be_read_is_kept_aside_and_the_rest_comes_home(folder: Path, records: Records) -> None:
    session = records.begin_session(PLAN, by="Ann", minutes=5.0)
    stranger = X25519PrivateKey.generate().public_key().public_bytes_raw()
    with Spool(folder, public_key(folder)) as spool:
        spool.add_event(session, "cue")
        path = spooled(folder)[0]
        frame = path.read_bytes().rstrip(b"\0")
        other = framed(sealed(stranger, b"for somebody else")) + framed(sealed(public_key(folder), b"no item"))
        (folder / "spool-000500.sealed").write_bytes(frame[: len(frame) // 2] + other + frame)
        (folder / "spool-000501.sealed").write_bytes(frame[:-1])
        assert records.take_in(spool) == TakenIn(1, 1, 2, 2)
        assert (folder / "spool-000500.unread").read_bytes().endswith(frame)
        assert len(list(folder.glob("*.sealed"))) == 1  # the new one
        assert records.take_in(spool) == TakenIn(0, 0, 0, 0)
    assert records.verify().good


def test_its_place_on_the_disk_is_taken_before_it_is_needed(folder: Path, records: Records) -> None:
    with Spool(folder, public_key(folder)) as spool:
        assert spooled(folder)[0].stat().st_blocks * 512 >= spools.RESERVED_BYTES
        spool.add_event(new_id(), "cue")
        assert spooled(folder)[0].stat().st_size == spools.RESERVED_BYTES
        assert spooled(folder)[0].stat().st_mode & 0o077 == 0


def test_more_than_its_place_is_written_beyond(folder: Path, records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spools, "RESERVED_BYTES", 1000)
    session = records.begin_session(PLAN, by="Ann", minutes=5.0)
    with Spool(folder, public_key(folder)) as spool:
        for number in range(20):
            spool.add_note(session, f"{number} " + "calm " * 100, by="Ann")
        assert records.take_in(spool) == TakenIn(20, 0, 0, 0)


def test_what_was_left_by_processes_that_died_comes_home(folder: Path, records: Records) -> None:
    session = records.begin_session(PLAN, by="Ann", minutes=5.0)
    child = (
        "import os, signal, sys; from pathlib import Path; from vr_app.records.spool import Spool\n"
        "spool = Spool(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]))\n"
        "if sys.argv[4:]: spool.add_event(sys.argv[3], 'cue')\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    for more in ([], ["one"], [], ["one"]):
        subprocess.run(
            [sys.executable, "-c", child, str(folder), public_key(folder).hex(), session, *more], check=False
        )
    assert len(spooled(folder)) == 2  # what was empty is gone, as soon as there is a next one
    with Spool(folder, public_key(folder)) as spool:
        assert records.take_in(spool) == TakenIn(2, 0, 0, 0)
    assert not spooled(folder)


def test_two_processes_do_not_share_one(folder: Path, records: Records) -> None:
    told = r"^Another Harborlight keeps what happens here; close it first\.$"
    with Spool(folder, public_key(folder)), pytest.raises(AlreadyOpen, match=told):
        Spool(folder, public_key(folder))
    spool = Spool(folder, public_key(folder))
    spool.close()
    with pytest.raises(Refused):
        spool.add_event(new_id(), "cue")
    assert not spooled(folder)


def test_what_was_kept_aside_is_never_written_over(folder: Path, records: Records) -> None:
    stranger = framed(sealed(bytes(range(1, 33)), b"for somebody else"))
    for _ in range(3):
        with Spool(folder, public_key(folder)) as spool:
            path = folder / f"spool-{int(spooled(folder)[-1].stem[6:]) + 1:06}.sealed"
            path.write_bytes(stranger)
            assert records.take_in(spool).unread == 1
    assert [path.read_bytes() for path in sorted(folder.glob("*.unread"))] == [stranger] * 3


def test_what_cannot_be_kept_is_refused(folder: Path, records: Records) -> None:
    with Spool(folder, public_key(folder)) as spool:
        with pytest.raises(Refused):
            spool.add_note(new_id(), "half a \ud83d face", by="Ann")
        with pytest.raises(Refused):
            spool.add_event("no id", "cue")
        assert records.take_in(spool) == TakenIn(0, 0, 0, 0)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="unproven as root, who may write anywhere")
def test_a_folder_that_may_not_be_written_is_told_as_one(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(Refused, match="rights"):
        Spool(tmp_path / "spool", bytes(32))
