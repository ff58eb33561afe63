"""The real engine on real servers: it plays, loses its device and its life, and is heard again."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from headless_harness.sound.jack import JackServer
from headless_harness.sound.kept import kept_sound
from headless_harness.sound.pulse import PulseServer
from headless_harness.sound.recorded import onset
from headless_harness.sound_faults import position, rising_line
from vr_app.shared import now_ns
from vr_app.sound.desk import State
from vr_app.sound.options import SoundOptions

pytestmark = pytest.mark.sound
RATE = 48_000


def _level(samples: np.ndarray) -> float:
    return float(20.0 * np.log10(np.sqrt(np.mean(np.square(samples, dtype=float))) + 1e-12))


def test_a_line_is_heard_where_it_was_asked_for_and_goes_on_there_after_a_kill(tmp_path: Path) -> None:
    options = SoundOptions(voices=rising_line(tmp_path / "voices"))
    with (
        JackServer(tmp_path) as server,
        kept_sound(server.env, options) as kept,
        server.record(tmp_path / "heard") as recorder,
    ):
        time.sleep(0.5)
        began = time.monotonic() + 0.3
        kept.sound.say("rising", "line", now_ns() + 300_000_000)
        time.sleep(1.5)
        before = time.monotonic() - 0.5
        assert kept.host.child is not None and kept.host.child.process.pid is not None
        os.kill(kept.host.child.process.pid, signal.SIGKILL)
        assert kept.until(lambda: not kept.plays()) < 5.0
        assert kept.until(kept.plays) < 10.0
        time.sleep(1.5)
        after = time.monotonic() - 0.5
        time.sleep(0.3)
        heard = recorder.read()
    assert position(heard, before) == pytest.approx(before - began, abs=0.1)
    assert position(heard, after) == pytest.approx(after - began, abs=0.1)
    assert kept.sound.restarts == 1


def test_a_jack_server_that_goes_takes_the_engine_with_it_and_both_come_back(tmp_path: Path) -> None:
    with (
        JackServer(tmp_path) as server,
        kept_sound(server.env, SoundOptions()) as kept,
        server.record(tmp_path / "heard") as recorder,
    ):
        kept.sound.play("surf")
        time.sleep(3.0)
        server.kill()
        assert kept.until(lambda: kept.desk.state is State.LOST) < 5.0
        time.sleep(0.5)
        server.start()
        returned = time.monotonic()
        assert kept.until(kept.plays) < 10.0
        time.sleep(3.5)
        heard = recorder.read()
    first = onset(heard.samples, heard.frame(returned), above_db=-90.0)
    assert first is not None
    rising = heard.samples[first : first + 3 * RATE]
    assert _level(rising[: RATE // 10]) < _level(rising[-RATE // 2 :]) - 15.0  # it rises; it does not begin at once
    assert np.abs(rising).max() > 0.003


@pytest.mark.parametrize(("rate", "channels"), [(44_100, 1), (48_000, 8)])
def test_a_sink_that_sleeps_or_goes_is_told_and_another_one_is_taken(tmp_path: Path, rate: int, channels: int) -> None:
    with PulseServer(tmp_path) as server, kept_sound(server.env, SoundOptions()) as kept:
        kept.sound.play("surf")
        server.suspend(True)
        assert kept.until(lambda: kept.desk.state is State.LOST) < 5.0
        assert "connect it again" in kept.desk.told
        server.suspend(False)
        assert kept.until(kept.plays) < 10.0
        server.remove_sink()
        assert kept.until(lambda: kept.desk.state is State.LOST) < 5.0
        server.restore_sink(rate, channels)
        assert kept.until(kept.plays) < 10.0
        with server.record(tmp_path / "heard") as recorder:
            time.sleep(4.0)
        heard = recorder.read()
        assert kept.sound.restarts == 0
    assert _level(heard.samples[-RATE:]) > -55.0


def test_a_microphone_is_heard_over_it_and_measured(tmp_path: Path) -> None:
    at = np.arange(6 * RATE) / RATE
    hum = sum(np.sin(2.0 * np.pi * 150.0 * k * at) / k for k in range(1, 6))
    soundfile.write(tmp_path / "hum.wav", np.asarray(0.1 * hum, np.float32), RATE)
    options = SoundOptions(room_microphone="default", patient_microphone="default")
    with (
        PulseServer(tmp_path) as server,
        server.microphone(tmp_path / "hum.wav"),
        kept_sound(server.env, options) as kept,
        server.record(tmp_path / "heard") as recorder,
    ):
        time.sleep(0.3)
        assert kept.sound.voice() is None
        kept.sound.listen(True)
        kept.sound.hear(True)

        def hears() -> bool:
            voice = kept.sound.voice()
            return voice is not None and voice.confidence > 0.8 and abs(voice.pitch - 150.0) < 2.0

        assert kept.until(hears, 5.0) < 5.0
        time.sleep(1.0)
        heard = recorder.read()
    assert _level(heard.samples[-RATE // 2 :]) > -45.0
