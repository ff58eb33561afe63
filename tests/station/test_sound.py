"""The sound's host: a process that may die, hang or never start, and a session that goes on."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from vr_app.commands import EndGently, GroundNow, Leave, Stop, StopNow
from vr_app.options import Options
from vr_app.shared import Duty
from vr_app.sound.desk import Desk, State
from vr_app.sound.options import NO_DEVICE, SoundOptions
from vr_app.station import hosts, sound
from vr_app.station.child import SPAWN
from vr_app.station.hosts import FRUITLESS, RETRY_SECONDS, SoundHost
from vr_app.station.supervisor import Supervisor
from vr_app.station.words import Asked

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="unproven here: processes are killed and stopped")

BACK_SECONDS = 10.0  # of patience; the promise is measured by headless_harness.station


def beating(cells: Any, options: SoundOptions, verbose: bool, hears: Connection, says: Connection) -> None:
    """An engine that plays nothing."""
    desk = Desk(cells)
    while not hears.poll(0.01):
        desk.live(Duty.FRAMES)
        desk.tell(State.PLAYING, "a loudspeaker")


def failing(cells: Any, options: SoundOptions, verbose: bool, hears: Connection, says: Connection) -> None:
    os._exit(3)


def moving(cells: Any, options: SoundOptions, verbose: bool, hears: Connection, says: Connection) -> None:
    """Its device can be had by another process only."""
    os._exit(sound.ANOTHER)


class Hosted:
    """A host that is looked after until something holds."""

    def __init__(self) -> None:
        self.host = SoundHost(Desk.cells(SPAWN), SoundOptions(), verbose=False)
        assert self.host.desk is not None
        self.desk = self.host.desk

    def until(self, holds: Callable[[], bool], *, led: bool = True) -> None:
        end = time.monotonic() + BACK_SECONDS
        while not holds():
            assert time.monotonic() < end
            self.host.look_after(time.monotonic(), led=led)
            time.sleep(0.01)

    def pid(self) -> int:
        self.until(lambda: self.host.child is not None and self.desk.state is State.PLAYING)
        assert self.host.child is not None
        assert self.host.child.process.pid is not None
        return self.host.child.process.pid


@pytest.fixture
def hosted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hosted]:
    monkeypatch.setattr(sound, "main", beating)
    kept = Hosted()
    yield kept
    kept.host.close()


@pytest.mark.parametrize("fault", [signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV], ids=lambda fault: fault.name)
def test_a_lost_sound_is_started_anew(
    hosted: Hosted, fault: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    first = hosted.pid()
    os.kill(first, fault)
    hosted.until(lambda: hosted.desk.engine == 2)
    assert hosted.desk.state is State.LOST  # until it plays, whoever guides waits
    assert hosted.pid() != first
    assert capsys.readouterr().err.count("the sound has stopped") == 1


def test_it_ends_by_itself_when_it_is_told(hosted: Hosted) -> None:
    hosted.pid()
    child = hosted.host.child
    assert child is not None
    hosted.host.close()
    assert child.exit_status == 0


def test_it_is_held_while_nobody_leads_it(hosted: Hosted) -> None:
    hosted.pid()
    held = []
    for led in (True, False, True):
        hosted.host.look_after(time.monotonic(), led=led)
        held.append(hosted.desk.held)
    assert held == [False, True, False]


def test_one_that_never_starts_is_given_up_in_words_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sound, "main", failing)
    hosted = Hosted()
    try:
        hosted.until(lambda: hosted.desk.engine == FRUITLESS + 2)
        assert hosted.desk.state is State.NONE  # nobody waits for it
        assert hosted.desk.told == hosts.NO_ENGINE
        assert capsys.readouterr().err.count("the sound cannot be started") == 1
        now = time.monotonic()
        monkeypatch.setattr(sound, "main", beating)
        hosted.pid()
        assert time.monotonic() - now < RETRY_SECONDS + BACK_SECONDS
        assert hosted.desk.told == "a loudspeaker"
    finally:
        hosted.host.close()


def test_a_process_that_must_be_another_is_no_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sound, "main", moving)
    hosted = Hosted()
    try:
        hosted.until(lambda: hosted.desk.engine == FRUITLESS + 1)
        assert hosted.desk.state is State.STARTING
        assert not capsys.readouterr().err
    finally:
        hosted.host.close()


def test_nobody_starts_a_sound_that_is_not_wanted() -> None:
    host = SoundHost(None, SoundOptions(NO_DEVICE), verbose=False)
    host.look_after(1.0, led=True)
    host.silence()
    host.close()
    assert host.child is None
    assert host.told() is None


@pytest.mark.parametrize(("stop", "times"), [(StopNow(), 1), (GroundNow(), 1), (Leave(), 1), (EndGently(), 0)])
def test_a_stop_silences_though_no_picture_lives(
    stop: Stop, times: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARBORLIGHT_HOME", str(tmp_path))
    supervisor = Supervisor(Options(), None, monitor=False, afterwards=lambda options, played: None)
    answers: list[str] = []
    supervisor.ask(Asked(stop), lambda ok, words: answers.append(words))
    desk = supervisor._sound.desk
    assert desk is not None
    assert desk.silences == times
    assert answers
    supervisor._disk.close()
