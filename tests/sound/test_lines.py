"""A session's voice: prepared once, whole or not there, and never a synthesiser's for a patient."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile

from audio import prepare
from audio.packs import Recording
from audio.placeholder import ESPEAK, Audience, Voice
from vr_app.plan import Plan, Step
from vr_app.script import Script, load_script
from vr_app.sound import lines
from vr_app.sound.lines import CannotSpeak, Speech, intact, lengths_in, place_of, prepared_in_worker

MANIFEST = """language = "en"
voice = "Ada Byron"
scripts = ["ground"]
loudness = -20
licence = "for tests"
consent = "given for tests"
[says]
name = "Ada"
"""
TONE = Recording(np.sin(np.arange(24_000) / 20.0).astype(np.float32) * 0.1)
LINES = {("tide", "one"): TONE, ("tide", "two"): TONE, ("room", "one"): TONE}


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "cache_folder", lambda: tmp_path / "cache")


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """Murmurs in place of words: one line of the script is missing."""
    folder = tmp_path / "ada"
    folder.mkdir()
    (folder / "manifest.toml").write_text(MANIFEST)
    script = load_script("ground", names={"name": "Ada"})
    for moment in script.moments[:-1]:
        time = np.linspace(0.0, 1.0, moment.ends - moment.begins)
        murmur = 0.2 * np.sin(3000.0 * time) * np.sin(np.pi * time) * (1.0 + np.sin(60.0 * time))
        soundfile.write(folder / f"ground.{moment.line.id}.wav", murmur.astype(np.float32), 48_000)
    return folder


def test_a_pack_is_prepared_once_and_told_line_by_line(pack: Path, capfd: pytest.CaptureFixture[str]) -> None:
    kept = prepared_in_worker(Speech(pack, "Ada"))
    told = capfd.readouterr()
    assert "is missing" in told.err
    assert lengths_in(kept)["ground"].keys() == {path.stem.split(".")[1] for path in pack.glob("*.wav")}
    for script, found in lengths_in(kept).items():
        for line, frames in found.items():
            sound = np.load(kept / f"{script}.{line}.npy", mmap_mode="r")
            assert (sound.dtype, sound.shape) == (np.float32, (frames,))
    assert prepared_in_worker(Speech(pack, "Ada")) == kept
    assert "preparing" not in capfd.readouterr().out


def test_what_is_kept_is_named_by_what_it_was_made_from(pack: Path) -> None:
    first = place_of(Speech(pack, "Ada"))
    assert place_of(Speech(pack, "Ada")) == first
    assert place_of(Speech(pack, "Bea")) != first
    assert place_of(Speech(None, "Ada")) != first
    (pack / "manifest.toml").write_text(MANIFEST.replace("-20", "-21"))
    assert place_of(Speech(pack, "Ada")) != first


def test_a_synthesiser_speaks_for_a_rehearsal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Audience] = []

    def rehearse(script: Script, voice: Voice, *, audience: Audience) -> dict[str, Recording]:
        asked.append(audience)
        return {"one": TONE}

    monkeypatch.setattr(prepare, "rehearse", rehearse)
    monkeypatch.setattr(prepare, "system_voice", lambda: ESPEAK)
    assert prepare._of_synthesiser("Ada")
    assert set(asked) == {Audience.REHEARSAL}


def test_a_pack_without_a_manifest_is_refused_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(CannotSpeak, match=r"manifest\.toml"):
        prepared_in_worker(Speech(tmp_path, "Ada"))


def test_a_broken_folder_is_made_anew_and_a_whole_one_is_left(tmp_path: Path) -> None:
    kept = tmp_path / "voices" / "kept"
    prepare.keep(LINES, kept)
    before = (kept / "tide.one.npy").stat().st_ino
    prepare.keep(LINES, kept)
    assert (kept / "tide.one.npy").stat().st_ino == before
    for name, harm in (("tide.one.npy", b"\x00"), (lines.LENGTHS, b" "), (lines.SUMS, b"{}")):
        (kept / name).write_bytes(harm)
        assert not intact(kept)
        prepare.keep(LINES, kept)
        assert intact(kept)
    (kept / "room.one.npy").unlink()
    assert not intact(kept)
    prepare.keep(LINES, kept)
    assert lengths_in(kept) == {"tide": {"one": 24_000, "two": 24_000}, "room": {"one": 24_000}}
    assert [path.name for path in kept.parent.iterdir()] == ["kept"]


def test_many_at_once_leave_one_whole_folder(tmp_path: Path) -> None:
    kept = tmp_path / "voices" / "kept"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: prepare.keep(LINES, kept), range(24)))
    assert intact(kept)
    assert [path.name for path in kept.parent.iterdir()] == ["kept"]


def test_a_worker_that_is_killed_leaves_nothing_half(tmp_path: Path) -> None:
    kept = tmp_path / "voices" / "kept"
    command = [sys.executable, "-m", "audio.prepare", "--name", "Ada", "--to", str(kept)]
    worker = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    worker.kill()
    worker.wait()
    assert not kept.exists()


def test_lengths_that_cannot_be_read_are_none(tmp_path: Path) -> None:
    assert lengths_in(None) == {}
    assert lengths_in(tmp_path) == {}
    (tmp_path / lines.LENGTHS).write_bytes(msgspec.json.encode({"tide": 3}))
    assert lengths_in(tmp_path) == {}


def test_a_plan_moves_with_the_recordings() -> None:
    script = load_script("tide", names={"name": "Ada"})
    first = script.moments[0]
    plan = Plan("test", "Test", (Step("room", 9.0, None, None), Step("tide_breath", 99.0, None, script)))
    longer = plan.spoken({"tide": {first.line.id: first.ends + 48_000}}).steps[1].script
    assert longer is not None
    assert longer.moments[1].begins == script.moments[1].begins + 48_000
    assert plan.spoken({}) == plan
