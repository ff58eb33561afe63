"""The state machine of a session, alone: every mode, every order, and where the plan stands after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from vr_app import limits
from vr_app.course import (
    ALLOWED,
    AT_THE_END,
    ENDING,
    ENOUGH,
    EXPOSURE_SECONDS,
    LOCKED,
    NOT_PLAYING,
    WORDS_STAND,
    Cause,
    Course,
    Mode,
    Words,
)
from vr_app.plan import AnchorPlace, Plan, Step
from vr_app.script import Caption, Script
from vr_app.station.messages import Position

WORDS, OTHER = Script("words", (Caption(0.0, 5.0, "One."),)), Script("other", (Caption(0.0, 5.0, "Two."),))
STEPS = (
    Step("room", 10.0, None, None),
    Step("lantern", 20.0, None, WORDS, fade=3.0),
    Step("lantern", 30.0, None, None, fade=4.0, advance="go"),
    Step("stars", 40.0, None, None, fade=5.0),
    Step("room", 60.0, None, WORDS),
)
ANCHORS: dict[Any, AnchorPlace] = {
    "breath": AnchorPlace("lantern", None, None),
    "sight": AnchorPlace("garden", None, OTHER),
}
PLAN = Plan("test", "Test", STEPS, anchors=ANCHORS)
GENTLY, AT_ONCE, USUALLY = limits.END_GENTLY_SECONDS / 2, 0.46 * limits.STOP_NOW_SECONDS, 2.0
LAST = 4


class Made(Course):
    """With what it told, and a change that nobody asked for before."""

    def __init__(self, plan: Plan = PLAN, **how: Any) -> None:
        self.told: list[str] = []  # modes by their words
        self.unfits: set[str] = set()
        super().__init__(plan, self._hear, lambda name: f"not {name}" if name in self.unfits else None, **how)

    def _hear(self, what: str | Mode) -> None:
        self.told.append(what.value if isinstance(what, Mode) else what)

    def now(self, name: str) -> Any:
        """An attribute of it, for mypy believes that what was looked at once stays so."""
        return getattr(self, name)

    def run(self, seconds: float, *, ready: bool = True, there: bool = True) -> bool:
        return self.advance(seconds, ready=ready, there=there)


def playing_in(made: Made) -> Made:
    assert made.go_to(1, 5.0) is None
    made.run(0.0)
    return made


def playing(step: int = 1, seconds: float = 5.0, **how: Any) -> Made:
    made = Made(**how)
    assert made.go_to(step, seconds) is None
    made.run(0.0)
    made.told.clear()
    return made


WAYS: dict[Mode, Callable[[Made], object]] = {
    Mode.WAITING: lambda made: None,
    Mode.PLAYING: lambda made: playing_in(made),
    Mode.HELD: lambda made: playing_in(made).hold(),
    Mode.STOPPED: lambda made: made.stop(Cause.STOP),
    Mode.GROUNDED: lambda made: made.stop(Cause.GROUND),
    Mode.QUEASY: lambda made: made.stop(Cause.QUEASY),
    Mode.LOCKED: lambda made: made.set_locked(True),
    Mode.LEAVING: lambda made: made.stop(Cause.LEAVE),
    Mode.OVER: lambda made: made.end(),
}
ORDERS: dict[str, Callable[[Made], object]] = {
    "go": lambda made: made.go(),
    "end": lambda made: made.end_gently(),
    "stop": lambda made: made.stop(Cause.STOP),
    "ground": lambda made: made.stop(Cause.GROUND),
    "queasy": lambda made: made.stop(Cause.QUEASY),
    "leave": lambda made: made.stop(Cause.LEAVE),
    "hold": lambda made: made.hold(),
    "lock": lambda made: made.set_locked(True),
    "covered": lambda made: made.covered(),
    "exit": lambda made: made.end(),
}
STOPS = {
    "stop": (Mode.STOPPED, AT_ONCE),
    "ground": (Mode.GROUNDED, AT_ONCE),
    "queasy": (Mode.QUEASY, AT_ONCE),
    "leave": (Mode.LEAVING, AT_ONCE),
    "exit": (Mode.OVER, None),
}
CALM = {**STOPS, "go": (Mode.PLAYING, USUALLY), "end": (Mode.PLAYING, GENTLY), "lock": (Mode.LOCKED, None)}
LEADS: dict[Mode, dict[str, tuple[Mode, float | None]]] = {
    Mode.WAITING: CALM,
    Mode.HELD: CALM,
    Mode.STOPPED: CALM,
    Mode.PLAYING: {
        **STOPS,
        "end": (Mode.PLAYING, GENTLY),
        "hold": (Mode.HELD, AT_ONCE),
        "lock": (Mode.LOCKED, GENTLY),
    },
    Mode.GROUNDED: {name: to for name, to in CALM.items() if name != "lock"},
    Mode.QUEASY: {name: to for name, to in CALM.items() if name != "lock"},
    Mode.LOCKED: {**STOPS, "stop": (Mode.LOCKED, AT_ONCE), "end": (Mode.LEAVING, GENTLY)},
    Mode.LEAVING: {
        **dict.fromkeys(("stop", "ground", "queasy", "leave"), (Mode.LEAVING, AT_ONCE)),
        "covered": (Mode.OVER, None),
        "exit": (Mode.OVER, None),
    },
    Mode.OVER: {},
}


@pytest.mark.parametrize("mode", Mode, ids=lambda mode: mode.name)
@pytest.mark.parametrize("order", ORDERS)
def test_every_mode_answers_every_order_as_it_should(mode: Mode, order: str) -> None:
    made = Made()
    WAYS[mode](made)
    assert made.mode is mode
    made.told.clear()
    made.change_seconds = 99.0
    ORDERS[order](made)
    wanted, seconds = LEADS[mode].get(order, (mode, None))
    assert made.mode is wanted
    assert made.change_seconds == (99.0 if seconds is None else seconds)
    assert (wanted.value in made.told) == (wanted is not mode)
    assert made.told.count(wanted.value) <= 1


@pytest.mark.parametrize("mode", [mode for mode in Mode if mode is not Mode.OVER])
def test_in_every_mode_there_is_a_way_out(mode: Mode) -> None:
    assert {Cause.STOP, Cause.GROUND, Cause.QUEASY, Cause.LEAVE, Cause.EXIT} <= set(ALLOWED[mode])


# --- the lock


@pytest.mark.parametrize("mode", [Mode.GROUNDED, Mode.QUEASY])
def test_locked_beside_words_nothing_that_plays_comes_of_it(mode: Mode) -> None:
    for order, wanted in (("stop", Mode.LOCKED), ("end", Mode.LEAVING), ("go", mode), ("ground", Mode.GROUNDED)):
        made = Made()
        WAYS[mode](made)
        made.set_locked(True)
        assert made.mode is mode
        ORDERS[order](made)
        assert made.mode is wanted
    made.set_locked(False)
    assert made.mode is Mode.GROUNDED


def test_a_lock_refuses_what_plays_and_says_so_once() -> None:
    made = Made(locked=True)
    assert made.mode is Mode.LOCKED
    assert made.go() == LOCKED
    assert made.go_to(1) == LOCKED
    assert made.set_anchor("sight") == NOT_PLAYING
    assert made.position() == Position()
    made.set_locked(True)
    assert made.told == []
    made.set_locked(False)
    made.set_locked(False)
    assert made.told == ["unlocked", Mode.WAITING.value]
    assert made.locked is False
    made.set_locked(True)
    assert made.told[2:] == ["locked", Mode.LOCKED.value]


@pytest.mark.parametrize(
    ("step", "seconds", "rest"), [(0, 0.0, Mode.WAITING), (0, 3.0, Mode.HELD), (1, 0.0, Mode.HELD)]
)
def test_unlocked_it_waits_for_a_go_where_the_plan_stood(step: int, seconds: float, rest: Mode) -> None:
    made = playing(step, seconds)
    made.set_locked(True)
    made.set_locked(False)
    assert made.mode is rest
    assert (made.step, made.step_seconds) == (step, seconds)


def test_taken_up_while_locked_it_is_held_afterwards() -> None:
    made = Made(locked=True, resume=Position())
    made.set_locked(False)
    assert made.mode is Mode.HELD
    assert Made(resume=Position()).mode is Mode.HELD
    assert Made().mode is Mode.WAITING


def test_unlocking_leaves_other_modes_alone() -> None:
    for mode in (Mode.GROUNDED, Mode.LEAVING):
        made = Made()
        WAYS[mode](made)
        made.set_locked(True)
        made.set_locked(False)
        assert made.mode is mode


def test_an_end_while_locked_keeps_the_place_and_quiet() -> None:
    made = playing(1)
    made.set_quiet("therapist", quiet=True)
    made.set_locked(True)
    made.end_gently()
    assert (made.mode, made.step, made.quiet) == (Mode.LEAVING, 1, {"therapist"})


# --- the plan's clock


def test_cues_follow_each_other_and_then_the_session_leaves() -> None:
    made = Made(replace(PLAN, steps=tuple(replace(step, advance="by itself") for step in STEPS)))
    assert made.go() is None
    seen: list[int] = []
    changes: list[float] = []
    for _ in range(1000):
        if made.mode is not Mode.PLAYING:
            break
        if not seen or seen[-1] != made.step:
            seen.append(made.step)
            changes.append(made.change_seconds)
        assert made.run(1.0) is (made.mode is Mode.PLAYING)
    assert seen == [0, 1, 2, 3, 4]
    assert changes == [USUALLY, 3.0, 4.0, 5.0, USUALLY]
    assert (made.mode, made.change_seconds) == (Mode.LEAVING, USUALLY)
    assert made.told == [Mode.PLAYING.value, Mode.LEAVING.value]


def test_a_cue_ends_when_its_seconds_are_over_and_not_before() -> None:
    made = playing(1, 0.0)
    made.run(19.75)
    assert (made.step, made.step_seconds) == (1, 19.75)
    assert made.run(0.25)
    assert (made.step, made.step_seconds) == (2, 0.0)


def test_a_scene_that_goes_on_keeps_its_seconds_and_another_begins_anew() -> None:
    made = playing(1, 19.0)
    made.kept_seconds = 18.0
    made.run(2.0)
    assert (made.step, made.kept_seconds) == (2, 18.0)
    made.run(30.0)
    assert made.go() is None
    assert (made.step, made.kept_seconds) == (3, 0.0)


def test_the_clock_stands_while_nothing_plays_or_is_ready_and_until_one_is_back() -> None:
    made = Made()
    assert not made.run(1.0)
    assert made.step_seconds == 0.0
    made.go()
    assert not made.run(1.0, ready=False)
    assert not made.run(1.0, there=False)
    assert made.step_seconds == 0.0
    assert made.now("returning")
    assert made.run(1.0)
    assert not made.now("returning")
    assert made.run(1.0, there=False)  # on the way to the next place it runs
    assert made.step_seconds == 2.0
    made.hold()
    assert not made.run(1.0)
    assert made.step_seconds == 2.0
    made.go()
    assert made.now("returning")
    made.go()
    assert made.step_seconds == 2.0


def test_a_cue_that_waits_for_a_go_stays_at_its_end() -> None:
    made = playing(2, 29.0)
    assert not made.now("waits")
    assert made.words == Words(None, 29.0, 30.0)
    assert made.run(5.0)
    assert made.now("waits")
    assert (made.step, made.step_seconds) == (2, 30.0)
    assert made.words == Words(None, 0.0, 0.0)
    made.rewind(3.0)
    assert made.step_seconds == 30.0
    made.set_quiet("therapist", quiet=True)
    made.hold()
    assert not made.now("waits")
    assert made.go() is None
    assert made.now("returning")
    assert not made.now("waits")
    assert made.go() is None  # said again on the way back, it changes nothing
    assert made.step == 2
    made.run(0.0)
    assert made.now("waits")
    assert made.go() is None
    assert (made.step, made.step_seconds, made.change_seconds) == (3, 0.0, 5.0)
    assert made.quiet == set()
    made.go()
    assert made.step == 3


def test_only_a_cue_that_says_so_waits() -> None:
    made = playing(1, 5.0)
    made.step_seconds = 20.0
    assert not made.now("waits")


def test_a_scene_that_finishes_ends_its_own_cue_and_no_other() -> None:
    made = playing(1, 5.0)
    made.finish("stars")
    assert made.step_seconds == 5.0
    made.finish("lantern")
    assert made.step_seconds == 20.0
    made.step_seconds = 25.0
    made.finish("lantern")
    assert made.step_seconds == 25.0
    made = playing(1, 5.0)
    made.hold()
    made.finish("lantern")
    assert made.step_seconds == 5.0


def test_a_cue_that_is_not_for_this_patient_is_held_with_the_reason() -> None:
    made = playing(2, 30.0)
    made.unfits.add("stars")
    assert made.go() == "not stars"
    made.unfits.clear()
    made.run(0.0)
    made.unfits.add("stars")
    made._next()
    assert (made.mode, made.step, made.told) == (Mode.HELD, 3, ["not stars", Mode.HELD.value])
    assert made.change_seconds == AT_ONCE
    assert made.go() == "not stars"
    assert made.go_to(4) is None  # what lies behind does not matter


# --- going to a cue


def test_it_goes_to_any_cue_from_its_beginning_or_within() -> None:
    made = playing(1, 5.0)
    made.kept_seconds = 4.0
    made.set_quiet("therapist", quiet=True)
    made.set_quiet("focus", quiet=True)
    assert made.go_to(3) is None
    assert (made.step, made.step_seconds, made.kept_seconds) == (3, 0.0, 0.0)
    assert (made.mode, made.returning, made.change_seconds) == (Mode.PLAYING, False, 5.0)
    assert made.quiet == {"focus"}
    assert made.go_to(1, 7.5) is None
    assert (made.step, made.step_seconds) == (1, 7.5)
    assert made.go_to(1, 99.0) is None
    assert made.step_seconds == 20.0
    assert made.go_to(0) is None
    assert made.step == 0
    assert made.told == []


@pytest.mark.parametrize("mode", [Mode.WAITING, Mode.HELD, Mode.STOPPED, Mode.GROUNDED, Mode.QUEASY])
def test_from_the_calm_room_it_goes_there_first(mode: Mode) -> None:
    made = Made()
    WAYS[mode](made)
    assert made.go_to(3) is None
    assert (made.mode, made.step, made.returning, made.change_seconds) == (Mode.PLAYING, 3, True, USUALLY)


def test_beyond_the_end_there_is_nothing() -> None:
    made = playing()
    assert made.go_to(4) is None
    assert made.go_to(5) == "this plan has 5 cues, the last of them the way back; there is no cue 6"
    assert made.step == 4


@pytest.mark.parametrize("mode", [Mode.LEAVING, Mode.OVER])
def test_what_ends_goes_nowhere(mode: Mode) -> None:
    made = Made()
    WAYS[mode](made)
    assert (made.go(), made.go_to(0)) == (ENDING, ENDING)
    assert made.step == 0


def test_go_leaves_the_therapists_quiet_and_no_other() -> None:
    made = playing()
    assert made.go() is None
    assert not made.now("returning")  # it is there already
    for why in ("therapist", "focus"):
        made.set_quiet(why, quiet=True)
    assert made.go() is None
    assert made.quiet == {"focus"}
    made.set_quiet("focus", quiet=False)
    assert made.quiet == set()


# --- ending


def test_an_end_leads_straight_to_the_way_back() -> None:
    made = playing(1, 5.0)
    made.kept_seconds = 4.0
    made.set_anchor("sight")
    made.set_eyes(closed=True)
    made.set_quiet("therapist", quiet=True)
    made.end_gently()
    assert (made.mode, made.step, made.step_seconds, made.kept_seconds) == (Mode.PLAYING, LAST, 0.0, 0.0)
    assert (made.anchor, made.eyes_closed, made.quiet, made.returning) == ("", False, set(), False)
    assert made.change_seconds == GENTLY
    made.run(7.0)
    made.kept_seconds = 6.0
    made.set_eyes(closed=True)
    made.end_gently()  # said again, it does not begin anew
    assert (made.step, made.step_seconds, made.kept_seconds, made.eyes_closed) == (LAST, 7.0, 6.0, False)


def test_from_the_calm_room_the_way_back_does_not_wait() -> None:
    made = Made()
    made.go()
    assert made.now("returning")
    made.stop(Cause.STOP)
    made.end_gently()
    assert (made.mode, made.returning) == (Mode.PLAYING, False)


def test_an_end_while_it_leaves_changes_nothing() -> None:
    made = playing(1, 5.0)
    made.stop(Cause.LEAVE)
    made.end_gently()
    assert (made.mode, made.step, made.step_seconds) == (Mode.LEAVING, 1, 5.0)


# --- anchors


def test_another_anchor_is_for_the_rest_of_the_cue() -> None:
    made = playing(1, 5.0)
    made.kept_seconds = 4.0
    made.change_seconds = 99.0
    assert made.place == "lantern"
    assert made.words == Words(WORDS, 5.0, 20.0)
    assert made.set_anchor("sight") is None
    assert (made.anchor, made.place, made.change_seconds) == ("sight", "garden", USUALLY)
    made.run(1.0, there=False)
    assert made.words == Words(OTHER, 0.0, 14.0)
    made.run(2.0)
    assert made.words == Words(OTHER, 2.0, 14.0)
    assert made.step_seconds == 8.0  # the cue's clock goes on
    made.change_seconds = 99.0
    assert made.set_anchor("sight") is None
    assert (made.anchor_seconds, made.change_seconds) == (2.0, 99.0)  # said again, it changes nothing
    made.rewind(0.5)
    assert (made.anchor_seconds, made.step_seconds) == (0.5, 8.0)
    made.rewind(-1.0)
    assert made.anchor_seconds == 0.0
    made.hold()
    assert made.place == "room"
    made.go()
    assert made.place == "garden"
    made.run(11.0)
    assert made.anchor == "sight"
    made.run(1.0)
    assert (made.step, made.anchor, made.place, made.kept_seconds) == (2, "", "lantern", 4.0)


def test_the_cues_own_place_is_the_way_back_from_an_anchor() -> None:
    for own in ("", "breath"):
        made = playing(1, 5.0)
        assert made.set_anchor(own) is None
        assert made.anchor == ""
        made.set_anchor("sight")
        made.run(3.0)
        made.change_seconds = 99.0
        assert made.set_anchor(own) is None
        assert (made.anchor, made.place, made.anchor_seconds) == ("", "lantern", 0.0)
        assert made.change_seconds == USUALLY


def test_in_the_calm_room_the_own_place_comes_back_without_a_change() -> None:
    made = playing(1, 5.0)
    made.set_anchor("sight")
    made.stop(Cause.STOP)
    made.change_seconds = 99.0
    assert made.set_anchor("") is None
    assert (made.anchor, made.change_seconds) == ("", 99.0)


def test_an_anchor_that_cannot_be_had_is_refused_with_the_reason() -> None:
    made = Made()
    assert made.set_anchor("sight") == NOT_PLAYING
    made = playing(1)
    assert made.set_anchor("hands") == "this plan has no anchor 'hands'; it has breath, sight"
    made.unfits.add("garden")
    assert made.set_anchor("sight") == "not garden"
    assert made.go_to(LAST) is None
    assert made.set_anchor("sight") == AT_THE_END
    assert made.set_anchor("") is None
    assert playing(0, 1.0, plan=replace(PLAN, anchors={})).set_anchor("sight") == (
        "this plan has no anchor 'sight'; it has none"
    )


def test_going_to_a_cue_goes_to_its_own_place() -> None:
    made = playing(1)
    made.set_anchor("sight")
    made.go_to(1)
    assert made.anchor == ""


# --- eyes


def test_closed_eyes_stay_closed_until_a_stop_or_the_way_back() -> None:
    for order in ("stop", "ground", "queasy", "leave", "end"):
        made = playing(1)
        assert made.set_eyes(closed=True) is None
        made.run(1.0)
        made.hold()
        made.go()
        assert made.now("eyes_closed")
        ORDERS[order](made)
        assert not made.now("eyes_closed")
    made = playing(1)
    made.set_eyes(closed=True)
    made.go_to(3)
    assert made.now("eyes_closed")
    made.run(40.0)
    assert (made.step, made.eyes_closed) == (LAST, False)
    assert made.set_eyes(closed=True) is None
    assert made.now("eyes_closed")
    assert made.set_eyes(closed=False) is None
    assert not made.now("eyes_closed")


@pytest.mark.parametrize("mode", [Mode.GROUNDED, Mode.QUEASY])
def test_while_words_stand_the_eyes_are_open(mode: Mode) -> None:
    made = Made()
    WAYS[mode](made)
    assert made.set_eyes(closed=True) == WORDS_STAND
    assert not made.now("eyes_closed")
    assert made.set_eyes(closed=False) is None


# --- how long a headset is worn


def worn(seconds: float, mode: Mode = Mode.PLAYING, plan: Plan = PLAN) -> Made:
    made = Made(plan)
    WAYS[mode](made)
    made.told.clear()
    made.wear(seconds)
    return made


def test_what_plays_goes_to_its_return_after_the_longest_exposure() -> None:
    made = worn(EXPOSURE_SECONDS - 1.0)
    assert not made.now("enough")
    assert (made.step, made.told) == (1, [])
    made.wear(1.0)
    assert made.now("enough")
    assert (made.mode, made.step, made.change_seconds, made.told) == (Mode.PLAYING, LAST, GENTLY, [ENOUGH])
    made.run(5.0)
    made.wear(5.0)
    assert (made.step_seconds, made.told) == (5.0, [ENOUGH])  # told once, ended once
    made.set_quiet("therapist", quiet=True)
    assert made.go() is None  # in the return it leaves quiet as ever
    assert made.quiet == set()
    assert made.go_to(1) == ENOUGH
    assert made.go_to(LAST) == ENOUGH


def test_a_return_that_is_held_up_ends_when_it_should_have() -> None:
    made = worn(EXPOSURE_SECONDS)
    made.wear(limits.RETURN_SECONDS[1] - 1.0)
    assert made.mode is Mode.PLAYING
    made.change_seconds = 99.0
    made.wear(1.0)
    assert (made.mode, made.change_seconds) == (Mode.LEAVING, GENTLY)


@pytest.mark.parametrize("mode", [Mode.WAITING, Mode.HELD, Mode.STOPPED, Mode.LOCKED])
def test_whatever_waits_in_the_calm_room_ends_too(mode: Mode) -> None:
    made = worn(EXPOSURE_SECONDS, mode)
    assert made.mode is mode
    if mode is not Mode.LOCKED:
        assert made.go() == ENOUGH
    made.change_seconds = 99.0
    made.wear(limits.RETURN_SECONDS[1])
    assert (made.mode, made.change_seconds) == (Mode.LEAVING, GENTLY)


@pytest.mark.parametrize("mode", [Mode.GROUNDED, Mode.QUEASY, Mode.LEAVING, Mode.OVER])
def test_words_that_help_stay(mode: Mode) -> None:
    made = worn(EXPOSURE_SECONDS, mode)
    made.wear(1000.0)
    assert made.mode is mode


def test_a_demonstration_is_for_nobody_and_never_enough() -> None:
    made = worn(EXPOSURE_SECONDS * 2, plan=replace(PLAN, demonstration=True))
    assert not made.now("enough")
    assert (made.mode, made.step, made.told) == (Mode.PLAYING, 1, [])
    assert made.position().exposure_seconds == EXPOSURE_SECONDS * 2


def test_the_limit_is_the_one_of_safety() -> None:
    assert EXPOSURE_SECONDS == limits.EXPOSURE_MINUTES * 60.0
    assert f"{limits.EXPOSURE_MINUTES:g} minutes" in ENOUGH


# --- remembering


def test_a_position_is_taken_up_as_it_was() -> None:
    wanted = Position(1, 5.0, 4.0, 300.0, "sight", eyes_closed=True)
    made = Made(resume=wanted)
    assert made.position() == wanted
    assert (made.mode, made.place, made.cue, made.cue_seconds(3)) == (Mode.HELD, "room", STEPS[1], 40.0)
    assert (made.returning, made.change_seconds, made.quiet, made.anchor_seconds) == (False, USUALLY, set(), 0.0)
    made.go()
    assert made.place == "garden"


@pytest.mark.parametrize(
    ("odd", "drawn"),
    [
        (Position(-1, -1.0, -1.0, -1.0), Position()),
        (Position(99, 99.0, 99.0, 99.0), Position(LAST, 60.0, 99.0, 99.0)),
        (Position(1, float("nan"), float("inf"), float("-inf")), Position(1)),
        (Position(2, 1e300, 1e300, 1e300), Position(2, 30.0, 86400.0, 86400.0)),
        (Position(1, anchor="hands"), Position(1)),
    ],
)
def test_an_odd_position_is_drawn_into_the_plan(odd: Position, drawn: Position) -> None:
    assert Made(resume=odd).position() == drawn


def test_a_line_that_begins_again_takes_the_clock_back() -> None:
    made = playing(1, 5.0)
    made.rewind(3.0)
    assert made.step_seconds == 3.0
    made.rewind(-2.0)
    assert made.step_seconds == 0.0
