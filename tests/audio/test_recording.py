"""Recordings: sealed while they are made, readable to the last whole second, never in plain words on a disk."""

from __future__ import annotations

import hmac
import logging
import secrets
import signal
import struct
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audio import recording
from audio.block import BLOCK, RATE, Samples
from audio.recording import CHUNK, Exported, Purpose, Recorder, SealError, export, load
from audio.ring import Ring
from vr_app import logs

KEY = bytes(range(32))
LSB = 2.0**-23
CHECKOUT = Path(__file__).resolve().parents[2]
HEADER, FRAMING, TAG = 48, 5, 16


def hum(seconds: float, channels: int = 1, seed: int = 5) -> Samples:
    count = round(seconds * RATE)
    return np.asarray(np.random.default_rng(seed).uniform(-0.5, 0.5, (count, channels)), np.float32)


def give(recorder: Recorder, sound: Samples) -> None:
    for first in range(0, len(sound), BLOCK):
        recorder.give(sound[first : first + BLOCK])


def recorded(path: Path, sound: Samples) -> Path:
    recorder = Recorder(path, KEY, Purpose.MEMO)
    give(recorder, sound)
    recorder.finish()
    assert recorder.wait(20.0)
    assert (recorder.trouble, recorder.frames, recorder.dropped) == ("", len(sound), 0)
    return path


def until(true: Callable[[], object], seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return bool(true())


@pytest.fixture(scope="module")
def memo(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A sealed file of 2.5 s."""
    return recorded(tmp_path_factory.mktemp("sealed") / "memo", hum(2.5)).read_bytes()


# Whole


def test_what_was_given_comes_back_to_the_last_bit(tmp_path: Path) -> None:
    sound = hum(2.3)
    sealed = recorded(tmp_path / "a", sound)
    found = load(sealed, KEY)
    assert (found.remark, found.dropped) == ("", 0)
    assert found.sound.shape == sound.shape
    assert np.abs(found.sound - sound).max() <= LSB
    told = export(sealed, KEY, tmp_path / "a.flac")
    assert told == Exported(len(sound), 0, "")
    flac, rate = soundfile.read(tmp_path / "a.flac", dtype="float64", always_2d=True)
    assert (rate, soundfile.info(tmp_path / "a.flac").subtype) == (RATE, "PCM_24")
    assert np.abs(flac - sound).max() <= LSB


def test_too_loud_is_clipped_and_no_number_is_silence(tmp_path: Path) -> None:
    sound = np.array([[1.0], [-1.0], [7.0], [-9.0], [np.inf], [-np.inf], [np.nan], [0.0]], np.float32)
    found = load(recorded(tmp_path / "a", sound), KEY).sound[:, 0]
    assert found.tolist() == [1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 0.0, 0.0]


def test_nothing_given_is_a_whole_recording_of_nothing(tmp_path: Path) -> None:
    sealed = recorded(tmp_path / "a", hum(0.0))
    assert load(sealed, KEY).sound.shape == (0, 1)
    assert export(sealed, KEY, tmp_path / "a.flac") == Exported(0, 0, "")


def test_the_length_of_a_chunk_says_nothing_of_what_is_heard(tmp_path: Path) -> None:
    silent, loud = (recorded(tmp_path / name, sound) for name, sound in (("s", 0.0 * hum(2.0)), ("l", hum(2.0))))
    assert silent.stat().st_size == loud.stat().st_size


def test_no_two_files_have_anything_in_common_but_their_kind(tmp_path: Path) -> None:
    one, two = (recorded(tmp_path / name, hum(1.0)).read_bytes() for name in "ab")
    assert one[:16] == two[:16]
    assert one[16:48] != two[16:48]
    same = np.frombuffer(one[53:], np.uint8) == np.frombuffer(two[53:], np.uint8)
    assert same.mean() < 0.01  # 1 in 256 by chance


def test_another_key_reads_nothing(tmp_path: Path, memo: bytes) -> None:
    sealed = tmp_path / "a"
    sealed.write_bytes(memo)
    with pytest.raises(SealError, match="another key"):
        load(sealed, secrets.token_bytes(32))
    with pytest.raises(SealError, match="32 bytes"):
        load(sealed, KEY[:16])
    with pytest.raises(SealError, match="another key"):
        export(sealed, secrets.token_bytes(32), tmp_path / "a.flac")
    assert list(tmp_path.iterdir()) == [sealed]


@pytest.mark.parametrize("data", [b"", b"HLSEALED", b"RIFF" + bytes(100), b"HLSEALED\x02" + bytes(60)])
def test_what_is_no_recording_of_ours_is_said_in_a_sentence(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a").write_bytes(data)
    with pytest.raises(SealError, match=r"choose another file|another version"):
        load(tmp_path / "a", KEY)
    with pytest.raises(SealError, match="look whether it is there"):
        load(tmp_path / "b", KEY)


def test_a_file_is_as_it_is_described_and_stays_readable(memo: bytes) -> None:
    """The description of audio/recording.py by other code: what is sealed today is opened in ten years."""
    head, chunks = memo[:HEADER], _chunks(memo)
    assert struct.unpack(">8sBBBxI", head[:16]) == (b"HLSEALED", 1, Purpose.MEMO.value, 1, RATE)
    pseudorandom = hmac.digest(head[16:], KEY, "sha256")  # RFC 5869, extract, then expand
    own = hmac.digest(pseudorandom, b"harborlight recording" + head + b"\x01", "sha256")
    found = []
    for number, chunk in enumerate(chunks):
        kind, length = struct.unpack(">BI", chunk[:FRAMING])
        nonce = bytes([kind, 0, 0, 0]) + number.to_bytes(8)
        bound = head + bytes([kind]) + number.to_bytes(8) + length.to_bytes(4)
        found.append((kind, AESGCM(own).decrypt(nonce, chunk[FRAMING:], bound)))
    assert [kind for kind, _ in found] == [0, 0, 0, 1]
    assert struct.unpack(">QQ", found[-1][1]) == (len(hum(2.5)), 0)
    samples = b"".join(data for _, data in found[:-1])
    first = [int.from_bytes(samples[3 * i : 3 * i + 3], "little", signed=True) for i in range(1000)]
    assert np.abs(np.array(first) / 8_388_607.0 - hum(2.5)[:1000, 0]).max() <= LSB


# Changed


def _chunks(data: bytes) -> list[bytes]:
    parts, place = [], HEADER
    while place < len(data):
        length = FRAMING + int.from_bytes(data[place + 1 : place + FRAMING])
        parts.append(data[place : place + length])
        place += length
    return parts


def outcome(path: Path, data: bytes) -> tuple[int, str]:
    """Frames that are read, which must be the true ones, and the remark."""
    path.write_bytes(data)
    try:
        found = load(path, KEY)
    except SealError as error:
        return 0, str(error)
    true = hum(2.5)[: len(found.sound)]
    assert np.abs(found.sound - true).max(initial=0.0) <= LSB
    return len(found.sound), found.remark


def test_moved_doubled_dropped_or_cut_off_chunks_are_noticed(tmp_path: Path, memo: bytes) -> None:
    head, (one, two, three, end) = memo[:HEADER], _chunks(memo)
    for kept, parts in {
        0: (two, one, three, end),
        1: (one, one, two, three, end),
        CHUNK: (one, three, end),
        2 * CHUNK: (one, two, end),
        len(hum(2.5)): (one, two, three),
    }.items():
        frames, remark = outcome(tmp_path / "a", head + b"".join(parts))
        assert remark
        assert frames == (CHUNK if kept == 1 else kept)
    frames, remark = outcome(tmp_path / "a", memo + one)
    assert frames == len(hum(2.5))
    assert "changed" in remark


def test_chunks_of_another_file_with_the_same_key_do_not_fit(tmp_path: Path, memo: bytes) -> None:
    other = recorded(tmp_path / "b", hum(2.5)).read_bytes()
    mixed = memo[:HEADER] + b"".join([_chunks(memo)[0], *_chunks(other)[1:]])
    frames, remark = outcome(tmp_path / "a", mixed)
    assert frames == CHUNK
    assert "changed" in remark


@given(place=st.integers(0), flip=st.integers(1, 255))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_changed_byte_is_found(tmp_path: Path, memo: bytes, place: int, flip: int) -> None:
    changed = bytearray(memo)
    changed[place % len(memo)] ^= flip
    assert outcome(tmp_path / "a", bytes(changed))[1]


@pytest.mark.parametrize("place", range(HEADER + FRAMING))
def test_one_changed_byte_of_the_beginning_is_found(tmp_path: Path, memo: bytes, place: int) -> None:
    for flip in (1, 2, 128):
        changed = bytearray(memo)
        changed[place] ^= flip
        assert outcome(tmp_path / "a", bytes(changed))[0] == 0


@given(left=st.integers(0))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_wherever_it_is_cut_off_the_whole_chunks_before_are_read(tmp_path: Path, memo: bytes, left: int) -> None:
    data = memo[: left % len(memo)]
    sound = FRAMING + 3 * CHUNK + TAG
    whole = max(len(data) - HEADER, 0) // sound * CHUNK
    if len(data) >= len(memo) - (FRAMING + TAG + 16):
        whole = len(hum(2.5))
    frames, remark = outcome(tmp_path / "a", data)
    assert frames == whole
    assert remark


def test_an_export_of_a_damaged_file_says_so_and_holds_what_is_true(tmp_path: Path, memo: bytes) -> None:
    changed = bytearray(memo)
    changed[HEADER + 3 * CHUNK + 1000] ^= 1
    (tmp_path / "a").write_bytes(changed)
    told = export(tmp_path / "a", KEY, tmp_path / "a.flac")
    assert told.frames == CHUNK
    assert "changed" in told.remark
    assert soundfile.info(tmp_path / "a.flac").frames == CHUNK


# While it is made

_ENDLESS = """
import sys, time, numpy as np
from pathlib import Path
from audio.recording import Purpose, Recorder
recorder = Recorder(Path(sys.argv[1]), bytes(range(32)), Purpose.MEMO)
sound = np.random.default_rng(5).uniform(-0.5, 0.5, (120000, 1)).astype(np.float32)
for first in range(0, 120000, 256):
    recorder.give(sound[first : first + 256])
while recorder.frames < 96000:
    time.sleep(0.01)
print("two", flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="unproven on Windows: what a killed writer sealed is left")
def test_a_killed_writer_leaves_what_it_sealed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _ENDLESS, tmp_path / "a"], cwd=CHECKOUT, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"two\n"
        child.send_signal(signal.SIGKILL)
    found = load(tmp_path / "a", KEY)
    assert np.abs(found.sound - hum(2.5)[: 2 * CHUNK]).max() <= LSB
    assert found.remark.startswith("the recording was never finished")


_LITTLE_ROOM = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
from tests.audio.test_recording import KEY, give, hum
from audio.recording import Purpose, Recorder
recorder = Recorder(Path(sys.argv[1]), KEY, Purpose.MEMO)
give(recorder, hum(2.5))
assert recorder.wait(20)
give(recorder, hum(30.0))
print(recorder.frames, recorder.trouble)
"""


@pytest.mark.skipif(
    sys.platform == "win32",
    reason="unproven on Windows: a full disk ends a recording in words; no limit on file sizes there",
)
def test_a_file_that_cannot_grow_ends_with_a_sentence_and_keeps_whole_chunks(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", _LITTLE_ROOM, tmp_path / "a"], cwd=CHECKOUT, capture_output=True, text=True, check=True
    ).stdout
    assert told.startswith("48000 the recording ended: the disk is nearly full; what came before is kept")
    assert (tmp_path / "a").stat().st_size == HEADER + FRAMING + 3 * CHUNK + TAG
    assert len(load(tmp_path / "a", KEY).sound) == CHUNK


def test_a_disk_that_is_nearly_full_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder(tmp_path / "a", KEY, Purpose.MEMO)
    give(recorder, hum(1.0))
    assert until(lambda: recorder.frames == CHUNK)
    monkeypatch.setattr(recording, "LEAST_FREE_BYTES", 2**60)
    give(recorder, hum(1.5))
    assert recorder.wait(20.0)
    assert "nearly full; what came before is kept" in recorder.trouble
    give(recorder, hum(20.0))
    recorder.finish()
    assert recorder.dropped == 0  # it ended; nothing was dropped on the way
    assert len(load(tmp_path / "a", KEY).sound) == CHUNK


@pytest.mark.skipif(
    sys.platform == "win32", reason="unproven on Windows: a file removed meanwhile; no open file can be there"
)
def test_a_removed_file_ends_it(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a", KEY, Purpose.MEMO)
    assert until((tmp_path / "a").exists)
    (tmp_path / "a").unlink()
    give(recorder, hum(1.0))
    assert recorder.wait(20.0)
    assert "is gone" in recorder.trouble


def test_what_is_there_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"mine")
    recorder = Recorder(tmp_path / "a", KEY, Purpose.MEMO)
    assert recorder.wait(20.0)
    assert "there already" in recorder.trouble
    assert (tmp_path / "a").read_bytes() == b"mine"


def test_no_folder_is_a_sentence(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "none" / "a", KEY, Purpose.MEMO)
    give(recorder, hum(0.1))
    assert recorder.wait(20.0)
    assert "folder is gone" in recorder.trouble


@pytest.mark.skipif(sys.platform == "win32", reason="unproven on Windows: a folder that may not be written")
def test_a_folder_that_may_not_be_written_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.open", refused)  # root may write everywhere
    recorder = Recorder(tmp_path / "a", KEY, Purpose.MEMO)
    assert recorder.wait(20.0)
    assert "may not be written" in recorder.trouble


@pytest.mark.skipif(sys.platform == "win32", reason="unproven on Windows: only its owner may read it")
def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    assert recorded(tmp_path / "a", hum(0.1)).stat().st_mode & 0o777 == 0o600


def test_a_disk_that_hangs_costs_frames_and_they_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hangs = True

    def slow(_: int) -> None:
        while hangs:
            time.sleep(0.01)

    monkeypatch.setattr("os.fsync", slow)
    recorder = Recorder(tmp_path / "a", KEY, Purpose.MEMO)
    given = hum(recording.RING_SECONDS + 2.0)
    give(recorder, given)  # while nothing at all is written
    hangs = False
    recorder.finish()
    assert recorder.wait(20.0)
    assert RATE < recorder.dropped <= 2 * RATE
    found = load(tmp_path / "a", KEY)
    assert (len(found.sound), found.dropped) == (len(given) - recorder.dropped, recorder.dropped)


def test_a_block_of_another_shape_is_dropped_and_never_raises(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a", KEY, Purpose.MEMO)
    recorder.give(np.zeros((BLOCK, 2), np.float32))
    recorder.give(np.zeros(BLOCK, np.float32))
    recorder.finish()
    recorder.give(np.zeros((BLOCK, 1), np.float32))  # too late: not counted either
    assert recorder.wait(20.0)
    assert (recorder.trouble, recorder.dropped) == ("", 2 * BLOCK)


# Secrets


def test_neither_sound_nor_key_is_on_the_disk_or_in_a_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("HARBORLIGHT_HOME", str(home))
    monkeypatch.setenv("TMPDIR", str(home))
    canary = np.tile(np.frombuffer(b"CANARYcanary", "<f4"), 40)[:, None]  # as float32 these are numbers
    low = np.full((3 * RATE, 1), 0x434E52 / 8388607.0, np.float32)  # as 24 bits these say "RNC"
    key = secrets.token_bytes(32)
    with logs.start("supervisor"), caplog.at_level(logging.DEBUG):
        recorder = Recorder(home / "a", key, Purpose.MEMO)
        give(recorder, np.concatenate([canary, low]))
        recorder.finish()
        assert recorder.wait(20.0)
        logging.getLogger("vr_app.test").warning("%s %s %s", recorder, recorder.__dict__, recorder.trouble)
        assert load(home / "a", key).remark == ""
    secret = [b"CANARY", b"RNCRNC", key, key.hex().encode(), repr(key).encode()[2:-1]]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) >= 2  # the recording and a log
    assert not [(path, word) for path in files for word in secret if word in path.read_bytes()]
    assert not [word for word in secret if word in caplog.text.encode()]


def test_the_canary_would_be_found(tmp_path: Path) -> None:
    """The same sound in the open: the search above can fail."""
    low = np.full((RATE, 1), 0x434E52 / 8388607.0, np.float32)
    soundfile.write(tmp_path / "a.wav", low, RATE, "PCM_24")
    assert b"RNCRNC" in (tmp_path / "a.wav").read_bytes()


# The ring


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 70)), max_size=60), st.integers(1, 64))
@settings(deadline=None)
def test_a_ring_gives_in_order_what_it_took(steps: list[tuple[bool, int]], room: int) -> None:
    ring, given, taken, dropped = Ring(room, 2), 0, 0, 0
    for gives, count in steps:
        if gives:
            block = np.repeat(np.arange(given, given + count, dtype=np.float32)[:, None], 2, axis=1)
            if count <= room - (given - taken):
                given += count
            else:
                dropped += count
            ring.give(block)
        else:
            out = np.full((count, 2), -1.0, np.float32)
            found = ring.take(out)
            assert found == min(count, given - taken)
            assert out[:found, 1].tolist() == list(range(taken, taken + found))
            taken += found
        assert (ring.waiting, ring.dropped) == (given - taken, dropped)


def test_two_threads_at_one_ring_lose_and_double_nothing() -> None:
    ring, total, found = Ring(1000, 1), 300_000, [np.zeros((0, 1), np.float32)]

    def give_all() -> None:
        at = 0
        while at < total:
            count = min(37 + at % 211, total - at)
            if count <= 1000 - ring.waiting:
                ring.give(np.arange(at, at + count, dtype=np.float32)[:, None])
                at += count
            else:
                time.sleep(0.0)

    giver = threading.Thread(target=give_all)
    giver.start()
    out = np.zeros((256, 1), np.float32)
    while giver.is_alive() or ring.waiting:
        found.append(out[: ring.take(out)].copy())
    giver.join()
    assert ring.dropped == 0
    assert (np.concatenate(found)[:, 0] == np.arange(total)).all()


def test_giving_makes_no_garbage() -> None:
    ring, block = Ring(10 * RATE, 2), np.zeros((BLOCK, 2), np.float32)
    for _ in range(10):
        ring.give(block)
    tracemalloc.start()
    try:
        for _ in range(1000):
            ring.give(block)
        left, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert left < 500  # its counts
    assert most < 2000  # views
