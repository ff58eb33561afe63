"""What was played in the garden comes back: the same journal, the same samples; and of a damaged one what is whole."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio.performance import LEAVES_SECONDS, PerformanceError, blocks, export, read
from vr_app.limits import TRUE_PEAK_DBTP

SOUNDS = b"garden_bowl\ngarden_chime\ngarden_stone\nwind_harp\ndrone"


def played(ms: int, voice: int, cue: int, seed: int, *, gain: int = 100, fade: int = 0) -> bytes:
    return struct.pack("<BIIBhhhhHI", 1, ms, voice, cue, 400, 620, -980, gain, fade, seed)


PART = (
    played(0, 1, 4, 0, gain=-400, fade=200)
    + struct.pack("<BI", 4, 500)
    + played(500, 2, 0, 801_200)
    + played(900, 3, 1, 603_600)
    + struct.pack("<BIIhH", 2, 1000, 1, -900, 100)
    + struct.pack("<BIIH", 3, 1200, 3, 50)
)
END = struct.pack("<BI", 5, 2000)
THINGS = {"sounds": SOUNDS, "part0000": PART, "part0001": END}


def heard(things: dict[str, bytes]) -> np.ndarray:
    return np.concatenate([block.copy() for block in blocks(read(things))])


def test_the_same_journal_gives_the_same_samples() -> None:
    one, other = heard(THINGS), heard(THINGS)
    assert hashlib.sha256(one.tobytes()).digest() == hashlib.sha256(other.tobytes()).digest()
    assert len(one) == pytest.approx((2.0 + LEAVES_SECONDS) * 48_000, abs=256)
    loud = np.abs(one).max(axis=1)
    assert loud[: 48_000 // 4].max() < 0.006 and loud[26_000:60_000].max() > 0.02, "the bowl comes at half a second"
    assert loud[-4800:].max() < 1e-3 and loud.max() < 10.0 ** (TRUE_PEAK_DBTP / 20.0)


def test_it_sounds_as_it_did_when_this_was_written() -> None:
    """Levels of four octaves and of each half second, within a decibel: another machine's rounding is no change."""
    sound = heard(THINGS).mean(axis=1)
    halves = [np.sqrt(np.mean(sound[at : at + 24_000] ** 2)) for at in range(0, 120_000, 24_000)]
    spectrum = np.abs(np.fft.rfft(sound[24_000:72_000])) ** 2
    octaves = [np.sqrt(spectrum[low : 2 * low].sum()) / 48_000 for low in (100, 200, 400, 800)]
    assert 20.0 * np.log10(np.array(halves + octaves)) == pytest.approx(AS_IT_WAS, abs=1.0)


AS_IT_WAS = [-60.0, -27.5, -28.2, -32.9, -34.6, -32.7, -39.7, -37.5, -65.3]


def test_without_an_end_it_rings_out_after_what_was_last(tmp_path: Path) -> None:
    told = export({"sounds": SOUNDS, "part0000": PART}, tmp_path / "a.flac")
    assert told.remark == "" and told.seconds == pytest.approx(1.2 + LEAVES_SECONDS)
    info = soundfile.info(tmp_path / "a.flac")
    assert (info.format, info.subtype, info.samplerate, info.channels) == ("FLAC", "PCM_24", 48_000, 2)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"part0001": b"\x07\x00\x00"},
        {"part0001": END[:-1]},
        {"part0001": struct.pack("<BI", 4, 100)},
        {"part0001": struct.pack("<BI", 5, 4_000_000_000)},
    ],
)
def test_of_a_damaged_one_what_comes_before_is_heard(spoilt: dict[str, bytes]) -> None:
    found = read(THINGS | spoilt)
    assert found.remark.startswith("the recording is damaged") and found.seconds == pytest.approx(9.2)


def test_a_sound_that_is_not_known_is_left_out_and_told() -> None:
    found = read(THINGS | {"sounds": SOUNDS.replace(b"garden_chime", b"gamelan")})
    assert "not known" in found.remark and found.seconds == pytest.approx(10.0)


@pytest.mark.parametrize(
    "things", [{}, {"sounds": SOUNDS}, {"part0000": PART}, {"sounds": SOUNDS, "part0000": END}, {"sounds": b"\xff"}]
)
def test_nothing_is_told_in_a_line(things: dict[str, bytes], tmp_path: Path) -> None:
    with pytest.raises(PerformanceError, match="no sound in this recording; leave it out"):
        export(things, tmp_path / "a.flac")
    assert not list(tmp_path.iterdir())


def test_anything_at_all_is_read_or_refused() -> None:
    random = np.random.default_rng(3)
    for _ in range(300):
        data = bytearray(PART + END)
        for at in random.integers(0, len(data), 4):
            data[at] = random.integers(0, 256)
        try:
            found = read({"sounds": SOUNDS, "part0000": bytes(data)})
        except PerformanceError:
            continue
        assert 0.0 <= found.seconds <= 1800.0 + LEAVES_SECONDS


def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(PerformanceError, match="choose another folder"):
        export(THINGS, tmp_path / "none" / "a.flac")
