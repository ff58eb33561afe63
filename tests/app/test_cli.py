"""The command line as a person meets it: one line, the right exit status, never a traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from vr_app.script import script_names

QUICK = ["run", "--headset", "headless", "--plan", "demo", "--virtual", "--size", "64x64", "--minutes", "0.3"]


def harborlight(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "vr_app.cli", *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env=os.environ | environment,
        timeout=100,
    )


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["run", "--headset", "headless", "--plan", "nowhere"], 2, "plan 'nowhere': No such file"),
        (["run", "--headset", "headless", "--minutes", "-3"], 2, "--minutes must lie in 0.1..60, not -3"),
        (["run", "--headset", "headless", "--size", "0x0"], 2, "--size must be WIDTHxHEIGHT"),
        (["run", "--headset", "headless", "--hz", "0"], 2, "--hz must be 72, 80, 90 or 120, not 0"),
        (["run", "--headset", "headless", "--report", "/proc/none/r.json"], 1, "cannot write /proc/none/r.json"),
        (["run", "--headset", "headless", "--record", "/proc/none/r.jsonl"], 1, "cannot write /proc/none/r.jsonl"),
        (["run", "--headset", "headless", "--script", "none.jsonl"], 2, "none.jsonl"),
        (
            ["run", "--headset", "headless", "--name", "\N{HEBREW LETTER ALEF}"],
            2,
            "cannot be shown; write these words in the Latin script",
        ),
        (["tell", "stop"], 1, "Harborlight does not run here; start it with `harborlight run`"),
        (["run", "--headset", "headless", "--resume"], 1, "no session was interrupted; start one"),
        (["run", "--voices", "nowhere"], 2, "nowhere is no folder; name the folder that holds manifest.toml"),
        (["run", "--voices", "tests", "--rehearsal"], 2, "--voices and --rehearsal are two voices; choose one"),
        (["run", "--voices", "tests", "--virtual"], 1, "tests/manifest.toml: No such file"),
        (["run", "--headset", "theatre"], 2, "invalid choice: 'theatre'"),
        (["render", "cellar", "--out", "x.png"], 2, "no scene 'cellar'; there are"),
        (["render", "room", "--out", "x.png", "--size", "0x0"], 2, "--size must be WIDTHxHEIGHT"),
        (["render", "room", "--out", "x.jpg"], 2, "--out must end in .png"),
        (["render", "room", "--out", "x.png", "--at", "-1"], 2, "--at must lie in 0..3600"),
        (["render", "room", "--out", "/proc/none/x.png"], 1, "cannot write /proc/none/x.png"),
        (["script", "lint", "nowhere"], 2, "no script 'nowhere' in 'en'; there are "),
        (["script", "lint", "--language", "de"], 2, "no script in 'de'"),
        (["script", "captions", "tide", "--out", "tide.srt"], 2, "--out must end in .vtt, not 'tide.srt'"),
        (["script", "captions", "../tide", "--out", "tide.vtt"], 2, "no script '../tide' in 'en'"),
        (["script", "captions", "tide", "--out", "/proc/none/t.vtt"], 1, "cannot write /proc/none/t.vtt"),
        (["script"], 2, "required: WHAT"),
        (
            ["audio", "voice-pack", "check", "nowhere"],
            2,
            "nowhere is no folder; name the folder that holds manifest.toml",
        ),
        (["audio", "voice-pack", "check", "docs"], 1, "docs/manifest.toml: No such file or directory; a pack begins"),
        (["audio", "render", "--out", "x.flac"], 2, "name a scene, or a plan by --plan NAME"),
        (["audio", "render", "room", "--plan", "demo", "--out", "x.flac"], 2, "name a scene, or a plan by --plan"),
        (["audio", "render", "cellar", "--out", "x.flac"], 2, "no scene 'cellar'; there are"),
        (["audio", "render", "--plan", "nowhere", "--out", "x.flac"], 2, "plan 'nowhere': No such file"),
        (["audio", "render", "room", "--out", "x.mp3"], 2, "--out must end in .flac, not 'x.mp3'"),
        (["audio", "render", "room", "--out", "x.flac", "--minutes", "nan"], 2, "--minutes must lie in 0.1..60"),
        (["audio", "render", "room", "--out", "/proc/none/x.flac"], 1, "cannot write /proc/none/x.flac"),
        (["audio", "render", "room", "--out", "x.flac", "--voices", "nowhere"], 2, "nowhere is no folder"),
        ([], 2, "required: COMMAND"),
    ],
)
def test_what_cannot_be_done_is_one_line(arguments: list[str], status: int, told: str) -> None:
    done = harborlight(*arguments)
    assert done.returncode == status
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert told in last
    assert last.startswith("harborlight")


def test_no_runtime_is_said_with_its_remedy(tmp_path: Path) -> None:
    done = harborlight("run", "--headset", "openxr", XR_RUNTIME_JSON=str(tmp_path / "nowhere.json"))
    assert done.returncode == 1
    assert "nowhere.json" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_headless_run_leaves_what_it_promises(tmp_path: Path) -> None:
    report = tmp_path / "r.json"
    done = harborlight(*QUICK, "--report", str(report), "--record", str(tmp_path / "r.jsonl"))
    assert done.returncode == 0, done.stderr
    told = json.loads(report.read_text())
    assert [scene["scene"] for scene in told["scenes"]] == ["room", "tide_breath", "return"]
    assert told["faults"] == []
    assert told["missed"] == 0
    assert told["collections"] == 0
    for suffix in (".trace.json.gz", ".png", ".ledger.npz", ".sheet.jpg"):
        assert report.with_suffix(suffix).stat().st_size > 1000
        assert str(report.with_suffix(suffix)) in done.stdout
    assert (tmp_path / "r.jsonl").read_text().count("\n") == told["frames"]


def test_the_same_script_gives_the_same_session(tmp_path: Path) -> None:
    tellings = []
    for name in ("one", "two"):
        report = tmp_path / f"{name}.json"
        assert harborlight(*QUICK, "--report", str(report)).returncode == 0
        told = json.loads(report.read_text())
        tellings.append(
            ([(event["at"], event["what"]) for event in told["events"][1:]], report.with_suffix(".sheet.jpg"))
        )
    assert tellings[0][0] == tellings[1][0]
    assert tellings[0][1].read_bytes() == tellings[1][1].read_bytes()


@pytest.mark.parametrize("words", [b"leave\n", b"nonsense\nend\nleave\n"])
def test_words_from_the_terminal_are_obeyed(words: bytes) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "vr_app.cli", "run", "--headset", "headless", "--size", "64x64"],
        input=words,
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0
    assert (b"not understood: 'nonsense'" in done.stderr) is (b"nonsense" in words)


@pytest.mark.skipif(sys.platform == "win32", reason="unproven on Windows: Ctrl-C ends gently, twice leaves")
def test_ctrl_c_twice_leaves() -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "vr_app.cli", "run", "--headset", "headless", "--size", "64x64"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    assert running.stdout is not None
    for line in running.stdout:
        if line.startswith("playing"):
            break
    time.sleep(0.5)
    running.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert running.poll() is None  # the first one ends gently
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=20)
    assert running.returncode == 0
    assert "Traceback" not in errors


def test_scenes_are_listed_for_people_and_for_programs() -> None:
    assert "lantern" in harborlight("scenes").stdout
    told = {scene["id"]: scene for scene in json.loads(harborlight("scenes", "--json").stdout)}
    assert told["lantern"]["settings"]["breaths_per_minute"]["low"] == 5.5
    assert told["room"]["kind"] == "home"


def test_scripts_are_read_by_the_rules_and_written_as_captions(tmp_path: Path) -> None:
    done = harborlight("script", "lint")
    assert (done.returncode, done.stdout) == (0, f"{len(script_names())} scripts: nothing found\n")
    assert harborlight("script", "lint", "tide").stdout == "1 script: nothing found\n"
    out = tmp_path / "tide.vtt"
    assert harborlight("script", "captions", "tide", "--name", "Ada", "--out", str(out)).returncode == 0
    written = out.read_text(encoding="utf-8")
    assert written.startswith("WEBVTT\n\nthere\n00:00:00.000 --> ") and "So does a word to Ada." in written


def test_plans_are_read_as_a_session_would(tmp_path: Path) -> None:
    done = harborlight("plan", "check")
    assert done.returncode == 0
    assert "Tide 8: 8.0 minutes, room tide_breath return\n" in done.stdout
    wrong = tmp_path / "wrong.toml"
    wrong.write_text('[[step]]\nscene = "tide_breath"\nminutes = 2\nsettings = { depth = 9 }\n', encoding="utf-8")
    done = harborlight("plan", "check", str(wrong))
    assert (done.returncode, done.stdout.count("\n")) == (1, 1)
    assert done.stdout.startswith("wrong.toml, line 1: 'depth' must lie in 0.5..1")


def test_a_voice_pack_is_told_line_by_line(tmp_path: Path) -> None:
    manifest = 'language = "en"\nvoice = "A"\nscripts = ["room"]\nloudness = -20\nlicence = "ours"\nconsent = "yes"\n'
    (tmp_path / "manifest.toml").write_text(manifest, encoding="utf-8")
    (tmp_path / "room.exit.wav").write_bytes(b"nothing")
    done = harborlight("audio", "voice-pack", "check", str(tmp_path))
    assert (done.returncode, done.stderr) == (1, "")
    *told, sum_ = done.stdout.splitlines()
    assert [line.split()[0] for line in told] == ["room.place", "room.exit.wav", "room.nothing"]
    assert sum_ == "0 lines can be played, 3 cannot: they are read live, or stay captions"


def test_render_takes_a_photograph(tmp_path: Path) -> None:
    from PIL import Image

    out = tmp_path / "room.png"
    done = harborlight("render", "room", "--out", str(out), "--size", "120x80", "--yaw", "45")
    assert done.returncode == 0, done.stderr
    with Image.open(out) as picture:
        assert picture.size == (120, 80)
        assert len(picture.convert("RGB").getcolors(1 << 20) or ()) > 500
