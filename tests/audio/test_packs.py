"""Voice packs: what is wrong is one line with its remedy, and what is right plays on at its loudness."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import signal

from audio.block import BLOCK, RATE, frames
from audio.narration import timeline
from audio.offline import render
from audio.packs import KEPT_AFTER, KEPT_BEFORE, Pack, PackError, Recording, load
from audio.resample import resampled
from tests.audio.sounds import integrated, speech, tone
from vr_app.limits import VOICE_LUFS, VOICE_TOLERANCE_LU
from vr_app.script import FRAMES_A_SECOND, estimated, load_script

MANIFEST = """
language = "en"
voice = "Ada Byron"
scripts = ["room"]
loudness = -20
licence = "this clinic only"
consent = "signed on paper, 2026-11-02"
[says]
name = "Ada"
"""
ROOM = load_script("room", names={"name": "Ada"})
SECONDS = {line.id: estimated(line.words) / FRAMES_A_SECOND for line in ROOM.lines()}
OTHERS = sorted(set(SECONDS) - {"place", "exit", "nothing"})  # what may be said in place of a line
SILENCE = np.zeros((RATE // 2, 2), np.float32)


def said(line: str, lufs: float = -20.0) -> NDArray[np.float32]:
    """As long as guidance takes for it, with half a second of silence around."""
    return np.concatenate([SILENCE, speech(round(SECONDS[line], 1), lufs), SILENCE])


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All three lines of `room`, in three formats, and what may be said in their place."""
    folder = tmp_path_factory.mktemp("packs") / "ada"
    folder.mkdir()
    (folder / "manifest.toml").write_text(MANIFEST, encoding="utf-8")
    soundfile.write(folder / "room.place.flac", said("place", -27.0), RATE, "PCM_24")
    soundfile.write(folder / "room.exit.wav", said("exit", -14.0)[:, 0], RATE)
    with soundfile.SoundFile(folder / "room.nothing.ogg", "w", RATE, 2) as file:
        for part in np.array_split(said("nothing"), 200):
            file.write(part)
    for line in OTHERS:
        soundfile.write(folder / f"room.{line}.flac", said(line), RATE)
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "ada"))


def others_play(pack: Pack, without: str = "exit") -> bool:
    return set(pack.of("room")) == set(SECONDS) - {without}


def played(recording: Recording) -> NDArray[np.float32]:
    blocks, at, more = [], 0, True
    while more:
        out = np.full((BLOCK, 2), np.nan, np.float32)
        more = recording.fill(out, at)
        at += BLOCK
        blocks.append(out)
    return np.concatenate(blocks)


def test_a_whole_pack_plays_at_the_loudness_of_a_voice(whole: Path) -> None:
    pack = load(whole, {"name": "Ada"})
    assert pack.problems == () and len(pack.recordings) == len(SECONDS)
    assert (pack.manifest.voice, pack.manifest.language) == ("Ada Byron", "en")
    for (_, line), recording in pack.recordings.items():
        sound = played(recording)
        assert np.isfinite(sound).all() and np.array_equal(sound[:, 0], sound[:, 1])
        assert integrated(sound) == pytest.approx(VOICE_LUFS, abs=VOICE_TOLERANCE_LU / 4)
        assert recording.frames <= frames(SECONDS[line]) + KEPT_BEFORE + KEPT_AFTER + frames(0.1)  # trimmed
        assert abs(sound[0, 0]) == 0.0 and np.abs(sound[-BLOCK:]).max() < 1e-3


def test_a_loaded_pack_plays_without_its_folder(folder: Path) -> None:
    recordings = load(folder).of("room")
    shutil.rmtree(folder)
    cast = ROOM.spoken({line: found.frames for line, found in recordings.items()})
    sound = render(timeline(cast, recordings), 6.0)
    assert integrated(sound[: cast.moments[0].ends]) == pytest.approx(VOICE_LUFS, abs=VOICE_TOLERANCE_LU)


def test_behind_its_end_a_recording_is_silent(whole: Path) -> None:
    out = np.ones((BLOCK, 2), np.float32)
    assert not load(whole).of("room")["exit"].fill(out, 1000 * RATE // BLOCK * BLOCK)
    assert not out.any()


def test_lines_of_another_length_move_what_follows(folder: Path) -> None:
    soundfile.write(folder / "room.place.flac", np.concatenate([speech(9.0), SILENCE]), RATE)
    pack = load(folder)
    cast = pack.cast(ROOM)
    assert cast.moments[0].ends == pack.of("room")["place"].frames
    assert cast.moments[1].begins == cast.moments[0].ends + 4 * RATE
    assert cast.captions[1].begins == cast.moments[1].begins / RATE > ROOM.captions[1].begins + 1.5
    shown = cast.at((cast.moments[1].begins + 1) / FRAMES_A_SECOND)
    assert shown is not None and shown.words == ROOM.captions[1].words


def _damaged(name: str) -> dict[str, Any]:
    """Sound and rate of one bad `exit`."""
    good = said("exit")
    sounds: dict[str, tuple[Any, int]] = {
        "silent": (np.zeros_like(good), RATE),
        "faint": (good * 5e-3, RATE),
        "clipped": (np.clip(good * 12.0, -1.0, 1.0), RATE),
        "clipped softer": (np.clip(good * 12.0, -0.95, 0.95), RATE),
        "breaks off": (good[: frames(3.0) + int(np.abs(good[frames(3.0) :, 0]).argmax())], RATE),
        "short": (np.concatenate([good[: frames(1.2)], SILENCE]), RATE),
        "eight": (np.repeat(good[:, :1], 8, axis=1), RATE),
        "odd": (good, 47_999),
        "telephone": (good, 8_000),
        "empty": (good[:0], RATE),
        "nan": (np.where(np.arange(len(good))[:, None] == 9000, np.nan, good), RATE),
        "long": (np.zeros((61 * 16_000, 1)), 16_000),
    }
    sound, rate = sounds[name]
    return {"data": sound, "samplerate": rate, "subtype": "FLOAT"}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("silent", "is silent; record it again"),
        ("faint", "is nearly silent"),
        ("clipped", "is clipped; record it again with the input turned down"),
        ("clipped softer", "is clipped"),
        ("breaks off", "breaks off in the middle of a sound"),
        ("short", "too short for 9 words; record the whole line"),
        ("eight", "has 8 channels; export it with one or two"),
        ("odd", "is at 47999 Hz; export it at 48000 Hz"),
        ("telephone", "is at 8000 Hz; export it at 48000 Hz"),
        ("empty", "is silent"),
        ("nan", "holds values that are no numbers"),
        ("long", "is longer than 60 s; one file holds one line"),
    ],
)
def test_a_bad_recording_is_one_line_and_the_others_play(folder: Path, name: str, told: str) -> None:
    soundfile.write(folder / "room.exit.wav", **_damaged(name))
    pack = load(folder)
    (problem,) = pack.problems
    assert str(problem).startswith("room.exit.wav ") and told in str(problem) and "\n" not in str(problem)
    assert problem.lost and others_play(pack)


@pytest.mark.parametrize("line", ["place.flac", "exit.wav", "nothing.ogg"])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.55, 0.8])
def test_a_truncated_file_is_told(folder: Path, line: str, share: float) -> None:
    path = folder / f"room.{line}"
    path.write_bytes(path.read_bytes()[: round(path.stat().st_size * share)])
    pack = load(folder)
    (problem,) = pack.problems
    assert problem.what == path.name and others_play(pack, line.split(".")[0])


def test_192_khz_is_used_and_told(folder: Path) -> None:
    soundfile.write(folder / "room.exit.wav", signal.resample_poly(said("exit"), 4, 1, axis=0) * 0.9, 192_000)
    pack = load(folder)
    (problem,) = pack.problems
    assert "is at 192000 Hz and is brought to 48000" in str(problem) and not problem.lost
    assert integrated(played(pack.of("room")["exit"])) == pytest.approx(VOICE_LUFS, abs=0.25)


def test_missing_strange_and_double_files_are_told(folder: Path) -> None:
    (folder / "room.place.flac").rename(folder / "room.palce.flac")
    shutil.copy(folder / "room.exit.wav", folder / "room.exit.flac")
    (folder / "notes.txt").write_text("recorded in May")
    told = [str(problem) for problem in load(folder).problems]
    assert "room.palce.flac belongs to no line; rename it to room.place.flac, or take it out" in told
    assert any("room.exit.wav says the line of room.exit.flac; keep one of them" in line for line in told)
    assert any(line.startswith("room.place is missing; record \"You're in the clinic") for line in told)
    assert len(told) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="unproven on Windows: no such names there")
def test_a_file_called_anything_is_one_line(folder: Path) -> None:
    (folder / "room.\x1b[2J\n.wav").write_bytes(b"")
    (problem,) = load(folder).problems
    assert str(problem).startswith("room.?[2J?.wav belongs to no line")


def test_another_format_is_told(folder: Path) -> None:
    (folder / "room.exit.wav").rename(folder / "room.exit.mp3")
    told = [str(problem) for problem in load(folder).problems]
    assert told[0] == "room.exit.mp3 is no FLAC, WAV or OGG file; save it as one"


def test_a_recorded_name_fits_only_who_is_there(folder: Path) -> None:
    (problem,) = load(folder, {"name": "Bo"}).problems
    assert str(problem) == ("room.place.flac names Ada, and this session has Bo: it is read live or a caption")
    assert load(folder, {"name": "Ada"}).problems == ()
    (folder / "manifest.toml").write_text(MANIFEST.split("[says]")[0], encoding="utf-8")
    (problem,) = load(folder).problems
    assert "speaks a {name} that the manifest does not tell; add [says] name = ..." in str(problem)


def test_lines_that_are_not_as_loud_as_the_manifest_says_are_told(folder: Path) -> None:
    (folder / "manifest.toml").write_text(MANIFEST.replace("-20", "-30"), encoding="utf-8")
    (problem,) = load(folder).problems
    assert "manifest.toml says -30 LUFS, and the lines are at -20; correct it" in str(problem) and not problem.lost


def test_a_hurried_line_is_played_and_told(folder: Path) -> None:
    soundfile.write(folder / "room.exit.wav", np.concatenate([speech(3.0), SILENCE]), RATE)
    pack = load(folder)
    (problem,) = pack.problems
    assert "words a minute; calm is 100 to 115" in str(problem) and not problem.lost
    assert others_play(pack, "")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("language =", "tongue ="), "unknown keys \\['tongue'\\]; there are"),
        (('language = "en"', ""), "language is missing; write the language's code"),
        (('"en"', '"English"'), "language is 'English'; write two or three small letters"),
        (('"Ada Byron"', '" "'), "voice is missing; say whose voice it is"),
        (("consent", "#"), "consent is missing; say when and how the speaker agreed"),
        (("licence", "#"), "licence is missing"),
        (('["room"]', '"room"'), "scripts is missing; list what is spoken"),
        (('["room"]', "[]"), "scripts is missing"),
        (("-20", "'loud'"), "loudness must be a number in LUFS"),
        (("-20", "nan"), "loudness must be a number in LUFS"),
        (('"Ada"', "3"), "\\[says\\] must hold names as text"),
        (("=", "=="), "ada/manifest.toml: Invalid value .*line 2"),
        (("language", "language = " + "[" * 5000), "ada/manifest.toml: "),
    ],
)
def test_a_bad_manifest_is_one_line(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    folder = tmp_path / "ada"
    folder.mkdir()
    (folder / "manifest.toml").write_text(MANIFEST.replace(*change, 1), encoding="utf-8")
    with pytest.raises(PackError, match=told) as caught:
        load(folder)
    assert "\n" not in str(caught.value)


def test_no_manifest_no_folder_and_bad_utf8_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"No such file or directory; a pack begins with a manifest\.toml"):
        load(tmp_path)
    with pytest.raises(PackError, match="is no folder"):
        load(tmp_path / "nowhere")
    (tmp_path / "manifest.toml").write_bytes(b'voice = "\xff"')
    with pytest.raises(PackError, match="is not UTF-8; save it as UTF-8"):
        load(tmp_path)


def test_the_mark_that_windows_writes_before_a_manifest_is_let_be(folder: Path) -> None:
    (folder / "manifest.toml").write_text(MANIFEST.replace("\n", "\r\n"), encoding="utf-8-sig", newline="")
    assert load(folder).problems == ()


def test_an_unknown_script_is_told_and_the_others_play(folder: Path) -> None:
    (folder / "manifest.toml").write_text(MANIFEST.replace('["room"]', '["rom", "room"]'), encoding="utf-8")
    pack = load(folder)
    (problem,) = pack.problems
    assert "names the script 'rom', which is not one of " in str(problem)
    assert others_play(pack, "")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=400), st.sampled_from([".wav", ".flac", ".ogg"]), st.booleans())
def test_any_bytes_as_a_sound_are_one_line(tmp_path: Path, content: bytes, ending: str, headed: bool) -> None:
    (tmp_path / "manifest.toml").write_text(MANIFEST, encoding="utf-8")
    header = {".wav": b"RIFF\x00\x01\x00\x00WAVEfmt ", ".flac": b"fLaC", ".ogg": b"OggS"}[ending]
    for old in tmp_path.glob("room.*"):
        old.unlink()
    (tmp_path / f"room.exit{ending}").write_bytes(header * headed + content)
    told = [str(problem) for problem in load(tmp_path).problems]
    assert len(told) == len(SECONDS) and all("\n" not in line for line in told)


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_any_bytes_as_a_manifest_are_one_line(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("pack")
    (folder / "manifest.toml").write_bytes(content)
    with pytest.raises(PackError) as caught:
        load(folder)
    assert "\n" not in str(caught.value)


# Rates


@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100, 96_000, 192_000])
def test_another_rate_leaves_a_tone_as_it_is(rate: int) -> None:
    time = np.arange(rate) / rate
    found = resampled(np.sin(2 * np.pi * 997.0 * time).astype(np.float32), rate, RATE)
    assert len(found) == RATE
    ideal = np.sin(2 * np.pi * 997.0 * np.arange(RATE) / RATE)
    assert np.abs(found - ideal)[2400:-2400].max() < 1e-5  # -100 dB
    judge = signal.resample_poly(np.sin(2 * np.pi * 997.0 * time), RATE, rate)
    assert np.abs(found - judge)[2400:-2400].max() < 2e-3


def test_what_the_lower_rate_cannot_hold_is_taken_away() -> None:
    high = tone(1.0, 30_000.0 * RATE / 192_000, 1.0)[:, 0]  # 30 kHz when read at 192 kHz
    assert np.abs(resampled(high, 192_000, RATE)[2400:-2400]).max() < 1e-5
    assert resampled(np.zeros(0, np.float32), 44_100, RATE).size == 0
