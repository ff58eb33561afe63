"""The PulseAudio rig: what is played is heard; a sink that sleeps, goes, changes, and a server that is killed."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from headless_harness.sound.pulse import SINK, PulseServer
from headless_harness.sound.recorded import Recording, holes
from headless_harness.sound.server import wait_for
from tests.sound.playing import HERTZ, LEVEL_DB, heard_db, middle, playing

pytestmark = pytest.mark.sound
PULSE = ("ALSA", "pulse", "0.4")  # a player in Python on a busy machine is late by 0.1 s at times


@pytest.fixture
def pulse(tmp_path: Path) -> Iterator[PulseServer]:
    with PulseServer(tmp_path) as server:
        yield server


def test_what_is_played_is_heard_whole(pulse: PulseServer, tmp_path: Path) -> None:
    with pulse.record(tmp_path / "heard") as recorder:
        with playing(pulse.env, *PULSE):
            time.sleep(1.2)
        time.sleep(0.3)
    heard = recorder.read()
    assert heard_db(middle(heard, 0.8)) == pytest.approx(LEVEL_DB, abs=0.1)
    assert holes(middle(heard, 0.8)) == []


@pytest.mark.parametrize(("rate", "channels"), [(44_100, 1), (48_000, 8)])
def test_other_devices_play_the_same_tone(tmp_path: Path, rate: int, channels: int) -> None:
    with PulseServer(tmp_path, rate, channels) as pulse, pulse.record(tmp_path / "heard") as recorder:
        with playing(pulse.env, *PULSE):
            time.sleep(1.0)
        time.sleep(0.2)
    assert heard_db(middle(recorder.read(), 0.3)) == pytest.approx(LEVEL_DB, abs=0.1)


def test_a_sink_that_sleeps_goes_and_returns(pulse: PulseServer, tmp_path: Path) -> None:
    with playing(pulse.env, *PULSE):
        wait_for(lambda: pulse.sinks() == {SINK: "RUNNING"}, "the tone")
        pulse.suspend(True)
        assert pulse.sinks() == {SINK: "SUSPENDED"}
        pulse.suspend(False)
        assert pulse.sinks() == {SINK: "RUNNING"}
        pulse.remove_sink()
        assert pulse.players() == []
    pulse.restore_sink(channels=8)
    with pulse.record(tmp_path / "heard") as recorder, playing(pulse.env, *PULSE):
        wait_for(lambda: bool(recorder.read().samples.any()), "the tone again")


def test_a_server_that_is_killed_comes_back_in_the_same_recording(pulse: PulseServer, tmp_path: Path) -> None:
    with pulse.record(tmp_path / "heard") as recorder:
        before = time.monotonic()
        pulse.kill()
        time.sleep(0.3)
        pulse.start()
        with playing(pulse.env, *PULSE):
            wait_for(lambda: bool(recorder.read().samples.any()), "the tone")
    assert any(first > before - 0.5 and end > before + 0.3 for first, end in recorder.read().pauses(0.2))


def test_a_microphone_is_fed_by_a_file(pulse: PulseServer, tmp_path: Path) -> None:
    sine = 0.25 * np.sin(2 * np.pi * HERTZ * np.arange(48_000) / 48_000)
    soundfile.write(tmp_path / "voice.wav", sine, 48_000)
    form = ["--raw", "--format=float32le", "--rate=48000", "--channels=2", "--latency-msec=20"]
    with (
        pulse.microphone(tmp_path / "voice.wav"),
        (tmp_path / "mic.f32").open("wb") as out,
        subprocess.Popen(["parec", *form], env={**os.environ, **pulse.env}, stdout=out) as parec,
    ):
        time.sleep(1.0)
        parec.terminate()
    heard = Recording.read(tmp_path / "mic", 48_000)
    assert heard_db(middle(heard, 0.3)) == pytest.approx(LEVEL_DB, abs=0.2)
    assert list(pulse.sinks()) == [SINK]
