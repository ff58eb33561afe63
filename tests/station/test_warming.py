"""The sound is compiled beside the picture, once after an update."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from vr_app.sound import warming
from vr_app.sound.warming import Warming

_start = subprocess.Popen


@pytest.fixture
def stamp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where it is kept that all is compiled."""
    path = tmp_path / "sound" / "now.warm"
    monkeypatch.setattr(warming, "_stamp", lambda: path)
    return path


def _compiles_by(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(command: list[str], stdin: int) -> subprocess.Popen[bytes]:
        assert command == [sys.executable, "-m", "audio.warm"]
        return _start([sys.executable, "-S", "-c", code], stdin=stdin)

    monkeypatch.setattr(subprocess, "Popen", start)


def _wait(work: Warming) -> None:
    until = time.monotonic() + 10.0
    while not work.over():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_the_sound_waits_until_it_is_compiled_and_is_not_compiled_again(
    stamp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _compiles_by("import time; time.sleep(0.3)", monkeypatch)
    work = Warming()
    assert work.over()
    began = time.monotonic()
    work.begin()
    assert time.monotonic() - began < 0.2 and not work.over() and not stamp.exists()
    _wait(work)
    assert stamp.exists()
    _compiles_by("raise SystemExit(1)", monkeypatch)
    again = Warming()
    again.begin()
    assert again.over()


def test_what_cannot_be_compiled_is_tried_again_and_the_sound_is_started(
    stamp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _compiles_by("raise SystemExit(3)", monkeypatch)
    work = Warming()
    work.begin()
    _wait(work)
    assert not stamp.exists()


def test_a_session_that_ends_does_not_wait_for_it(stamp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _compiles_by("import time; time.sleep(60)", monkeypatch)
    work = Warming()
    work.begin()
    began = time.monotonic()
    work.close()
    assert time.monotonic() - began < 2.0 and not stamp.exists()
