"""Random sequences on the director, a sample of what `python -m headless_harness.sequences` plays by the hundred
thousand; and that it would notice."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import pytest

from headless_harness import sequences
from headless_harness.sequences import Begin, Body, Course, Wait, made, play, shrunk, told
from vr_app import headset as device
from vr_app.api import Inputs
from vr_app.commands import Go, PlaceView, SetQuiet, StopNow
from vr_app.course import ALLOWED, Cause, Mode, To
from vr_app.course import Course as Session
from vr_app.director import Director
from vr_app.mist import Mist
from vr_app.placement import Seat


@pytest.fixture(autouse=True)
def unlogged() -> Iterator[None]:
    """Thousands of planted faults are told to nobody."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("first", range(0, 2000, 250))
def test_whatever_happens_a_stop_answers_and_a_lock_holds(first: int) -> None:
    for number in range(first, first + 250):
        course = made(number)
        why = play(course)[1]
        assert why is None, told(number, why, course)


def test_the_same_number_is_the_same_sequence() -> None:
    assert repr(made(7)) == repr(made(7))
    assert repr(made(7)) != repr(made(8))


def _first_failure(count: int = 2500) -> str | None:
    return next((why for number in range(count) if (why := play(made(number))[1])), None)


def _go_while_locked(patch: pytest.MonkeyPatch) -> None:
    go = Session.go

    def goes(self: Session) -> str | None:
        if self.locked:
            self.mode = Mode.PLAYING
            return None
        return go(self)

    patch.setattr(Session, "go", goes)


def _deaf_while_quiet(patch: pytest.MonkeyPatch) -> None:
    stop = Session.stop
    patch.setattr(Session, "stop", lambda self, cause: None if self.quiet else stop(self, cause))


def _slow_stop(patch: pytest.MonkeyPatch) -> None:
    slow = {**ALLOWED[Mode.PLAYING], Cause.STOP: To(Mode.STOPPED, 0.6)}
    patch.setattr("vr_app.course.ALLOWED", {**ALLOWED, Mode.PLAYING: slow})


def _mist_that_jumps(patch: pytest.MonkeyPatch) -> None:
    def clear(self: Mist, seconds: float) -> None:
        self._progress = 0.0

    patch.setattr(Mist, "clear", clear)


def _view_that_moves_in_sight(patch: pytest.MonkeyPatch) -> None:
    def placed_behind(self: Director, how: PlaceView) -> None:
        self._pending = how
        self._place()

    patch.setattr(Director, "_place_behind_mist", placed_behind)


def _odd_poses_are_believed(patch: pytest.MonkeyPatch) -> None:
    def take(self: Seat, inputs: Inputs) -> Inputs:
        self.raw = inputs
        return self.placed(inputs)

    patch.setattr(Seat, "take", take)


def _unlocking_goes_on(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Session, "set_locked", lambda self, locked: setattr(self, "locked", locked))


def _queasy_and_still_heard(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Director, "_blend", lambda self, quiet: self._sound.blend({"quiet": 1.0}, over=0.3))


def _queasy_and_the_world_goes_on(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Director, "world_seconds", property(lambda self: self._now))


def _worn_for_ever(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Session, "enough", property(lambda self: False))


def _any_value_is_a_setting(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("vr_app.director.make_settings", lambda scene, values: None)


def _closed_eyes_in_the_dark(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("vr_app.lamp.GLOW", 0.0)


def _a_go_to_lands_beside(patch: pytest.MonkeyPatch) -> None:
    stand = Session._stand_at
    patch.setattr(Session, "_stand_at", lambda self, step, seconds=0.0: stand(self, max(step - 1, 0), seconds))


def _every_cue_waits(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Session, "waits", property(lambda self: self.mode is Mode.PLAYING))


@pytest.mark.parametrize(
    "plant",
    [
        _go_while_locked,
        _deaf_while_quiet,
        _slow_stop,
        _mist_that_jumps,
        _view_that_moves_in_sight,
        _odd_poses_are_believed,
        _unlocking_goes_on,
        _queasy_and_still_heard,
        _queasy_and_the_world_goes_on,
        _worn_for_ever,
        _any_value_is_a_setting,
        _closed_eyes_in_the_dark,
        _a_go_to_lands_beside,
        _every_cue_waits,
    ],
)
def test_a_planted_bug_is_found(plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    assert _first_failure() is not None


def test_a_failure_is_told_with_nothing_that_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    _deaf_while_quiet(monkeypatch)
    acts = (Wait(3, 0.1), Go(), Body("leaning"), Wait(5, 0.1), SetQuiet(True), device.RefreshRate(90.0), Wait(2, 0.1))
    course = Course(Begin(False, None), acts, StopNow())
    why = play(course)[1]
    assert why is not None
    least = shrunk(course, lambda shorter: play(shorter)[1] == why)
    assert least.acts == (Go(), SetQuiet(True))
    assert "SetQuiet(quiet=True)" in told(3, why, course)


def test_the_command_says_what_it_played_and_fails_when_something_breaks(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sequences.main(["--count", "20", "--seed", "5", "--json"]) == 0
    assert '"sequences": 20' in capsys.readouterr().out
    monkeypatch.setattr(sequences, "made", lambda number: Course(Begin(False, None), (), StopNow()))
    monkeypatch.setattr(Session, "stop", lambda self, cause: None)
    assert sequences.main(["--count", "1"]) == 1
    assert "sequence 0" in capsys.readouterr().err
