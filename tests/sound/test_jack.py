"""The JACK rig: what is played is heard, who is late is named, and a server that goes comes back."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from headless_harness.sound.accuracy import errors
from headless_harness.sound.jack import PLAYER, JackServer
from headless_harness.sound.recorded import holes
from headless_harness.sound.server import SoundRigError, wait_for
from tests.sound.playing import LEVEL_DB, heard_db, middle, playing

pytestmark = pytest.mark.sound
JACK = ("JACK Audio Connection Kit", "system", "0.01")


@pytest.fixture
def jack(tmp_path: Path) -> Iterator[JackServer]:
    with JackServer(tmp_path) as server:
        yield server


def test_what_is_played_is_heard_and_a_hole_is_found(jack: JackServer, tmp_path: Path) -> None:
    with jack.record(tmp_path / "heard") as recorder, playing(jack.env, *JACK, "24000", "64"):
        wait_for(lambda: len(recorder.read().samples) > 0, "sound")
        began = time.monotonic()
        wait_for(lambda: recorder.clients() == 2, "both ports")
        time.sleep(1.3)
    heard = recorder.read()
    assert heard_db(middle(heard, 0.5)) == pytest.approx(LEVEL_DB, abs=0.1)
    found = [hole for hole in holes(heard.samples) if 63 <= hole.end - hole.first <= 65]
    assert len(found) == 1
    assert len(holes(heard.samples)) - 1 <= sum(jack.late().values()) + jack.own_xruns()
    assert began - 1.0 < heard.moment(found[0].first) < time.monotonic()
    assert (np.diff(heard.times[:, 1]) > 0).all()


def test_who_is_late_is_named_and_the_client_beside_it_is_not(jack: JackServer, tmp_path: Path) -> None:
    with jack.beside() as beside, playing(jack.env, *JACK) as player:
        before = jack.late()
        player.send_signal(signal.SIGSTOP)
        time.sleep(0.3)
        player.send_signal(signal.SIGCONT)
        time.sleep(0.1)
        late = jack.late() - before
        assert late[PLAYER] >= 10
        assert late[beside] < late[PLAYER]


def test_a_server_that_stands_still_or_is_killed_is_seen_and_comes_back(jack: JackServer, tmp_path: Path) -> None:
    with jack.record(tmp_path / "heard") as recorder:
        with playing(jack.env, *JACK):
            time.sleep(0.3)
            paused = time.monotonic()
            jack.pause()
            time.sleep(0.3)
            jack.go_on()
            time.sleep(0.3)
            killed = time.monotonic()
            jack.kill()
        started = time.monotonic()
        jack.start()
        with playing(jack.env, *JACK):
            wait_for(lambda: recorder.clients() == 4, "both ports again")
            time.sleep(0.8)
    heard = recorder.read()
    assert any(first < paused + 0.1 and end > paused + 0.3 for first, end in heard.pauses())
    assert any(first < killed + 0.1 and end > started for first, end in heard.pauses())
    assert heard_db(middle(heard, 0.3)) == pytest.approx(LEVEL_DB, abs=0.5)


def test_two_servers_do_not_hear_each_other(jack: JackServer, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with JackServer(tmp_path / "other", rate=44_100, period=256) as other, jack.beside() as beside:
        assert any(port.startswith(beside) for port in jack.ports())
        assert not any(port.startswith(beside) for port in other.ports())


def test_a_recorder_without_a_server_says_so(jack: JackServer, tmp_path: Path) -> None:
    jack.kill()
    with pytest.raises(SoundRigError, match="no JACK server"), jack.record(tmp_path / "heard"):
        pass


def test_a_strike_is_heard_after_it_was_played() -> None:
    late = errors(5)
    assert len(late) == 5
    assert min(late) >= 0.0
