"""Plays random sequences of commands, headset events, failing scenes and odd inputs straight on the director.

    python -m headless_harness.sequences --count 100000 [--seed N] [--json]

What must hold in every frame and after every sequence stands in `Trial`. What breaks it is shrunk and printed.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

import numpy as np

from vr_app import headset as device
from vr_app import limits
from vr_app.api import Frame, Hand, Inputs, Pass, Pose, Range, Scene, SceneInfo, Stage
from vr_app.clock import LONGEST_STEP, Moment
from vr_app.commands import (
    Adjust,
    Ask,
    Command,
    EndGently,
    Go,
    GoTo,
    GroundNow,
    Leave,
    LoadPlan,
    PlaceView,
    Queasy,
    SenseBreath,
    SetAnchor,
    SetComfort,
    SetEyes,
    SetPhase,
    SetQuiet,
    SetText,
    SetVolume,
    Speak,
    Stop,
    StopNow,
    TakeBack,
    Veil,
    Watch,
)
from vr_app.course import EXPOSURE_SECONDS, READING, STOP_CHANGE_SECONDS, Mode
from vr_app.director import Director
from vr_app.headset import Event, Fov, View
from vr_app.lamp import GLOW, GLOW_SWELL
from vr_app.placement import about_x, about_y, product
from vr_app.plan import HOME, AnchorPlace, Plan, Step
from vr_app.script import Caption, Script
from vr_app.sound.silent import Silent
from vr_app.station.messages import Position, decode_status, encode

LONGEST = 16  # steps in a sequence
FRAME = 1 / 90
# Frames after a stop, coarse so that a hundred thousand take minutes: 1.03 and 4.03 seconds.
AT_ONCE = (FRAME, *(0.0502,) * 20, FRAME)
GENTLY = (FRAME, *(0.1003,) * 40)
STEEPEST = 1.5 / STOP_CHANGE_SECONDS  # of the mist's way in a second: the slope of its curve at the fastest change
LOCK_SECONDS = limits.END_GENTLY_SECONDS / 2 + 2 * LONGEST_STEP  # the fade, and the frames at its ends
FOV = Fov(-0.8, 0.8, 0.8, -0.8)
PROBE: tuple[View, ...] = (View(Pose((0.1, 0.2, 0.3), (0.5, 0.5, 0.5, 0.5)), FOV),)


class Wait(NamedTuple):
    """So many frames, `dt` seconds apart."""

    frames: int
    dt: float


class Body(NamedTuple):
    """From now on the patient is as BODIES says under this name."""

    name: str


class Plant(NamedTuple):
    """From now on a scene raises."""

    scene: str
    where: str


Act = Command | Event | Wait | Body | Plant


class Begin(NamedTuple):
    """How a session begins."""

    locked: bool
    resume: Position | None


class Course(NamedTuple):
    """What happens, and which stop must answer in the end."""

    begin: Begin
    acts: tuple[Act, ...]
    stop: Stop


# --- what patients do


def _turned(yaw: float, pitch: float, at: tuple[float, float, float] = (0.0, 1.2, 0.0)) -> Pose:
    return Pose(at, product(about_y(math.radians(yaw)), about_x(math.radians(pitch))))


def _hand(grip: Pose, *, stop: bool = False) -> Hand:
    joints = np.zeros((26, 8), np.float32)
    joints[:, :3], joints[:, 3:7] = grip.position, grip.orientation
    return Hand(grip, grip, 1.0, 1.0, stop, joints)


_NAN = float("nan")
_OUT = about_x(math.pi / 2)
BODIES: dict[str, Inputs] = {
    "steady": Inputs(),
    "leaning": Inputs(_turned(4.0, -6.0, (0.05, 1.15, 0.05))),
    "reclined": Inputs(_turned(-9.0, 12.0, (0.0, 1.1, 0.1))),
    "far back": Inputs(_turned(0.0, 40.0, (0.0, 0.9, 0.2))),
    "lying": Inputs(_turned(120.0, 78.0, (0.5, 0.6, 0.9))),
    "elsewhere": Inputs(_turned(170.0, 0.0, (3.0, 1.7, -2.0))),
    "looks at the mark": Inputs(_turned(-35.0, -30.0)),
    "not tracked": Inputs(_turned(3.0, 0.0), head_tracked=False),
    "nowhere": Inputs(Pose((_NAN, 1.2, 0.0))),
    "no quaternion": Inputs(Pose((0.0, 1.2, 0.0), (0.0, 0.0, 0.0, 0.0))),
    "infinitely far": Inputs(Pose((math.inf, 1.2, 0.0), (_NAN, 0.0, 0.0, 1.0))),
    "button": Inputs(left=Hand(Pose(), stop=True)),
    "button nowhere": Inputs(right=Hand(Pose((_NAN,) * 3), stop=True)),
    "palms": Inputs(
        left=_hand(Pose((-0.15, 1.05, -0.45), _OUT)),
        right=_hand(Pose((0.15, 1.05, -0.45), _OUT)),
    ),
    "odd hands": Inputs(left=_hand(Pose((0.0, _NAN, 0.0))), right=Hand(Pose(), Pose((1e30, 0.0, 0.0)), _NAN, _NAN)),
    "odd joints": Inputs(left=_hand(Pose()), right=Hand(Pose(), joints=np.full((26, 8), np.nan, np.float32))),
}

COMMANDS: tuple[Command, ...] = (
    *(Go(), Go(), Go(), SetQuiet(True), SetQuiet(False), StopNow(), GroundNow()),
    *(SetPhase(True), SetPhase(False), SetPhase(False), PlaceView(), PlaceView(True), Watch()),
    *(SetComfort(), SetComfort(0.3, "large", "left", 0.9), SetComfort(0.6, seated_height=1.5)),
    *(Speak(True), Speak(False), SetText("value", "The sea"), SetText("value", ""), TakeBack("now")),
    *(GoTo(0), GoTo(1), GoTo(1, 4.0), GoTo(2), GoTo(2, 60.0), GoTo(3), GoTo(4), GoTo(99)),
    *(SetAnchor("sight"), SetAnchor("sight"), SetAnchor("breath"), SetAnchor("hands"), SetAnchor("")),
    *(
        Adjust("lantern", "glow", 0.8),
        Adjust("lantern", "glow", 2.0),
        Adjust("stars", "glow", _NAN),
        Adjust("x", "y", "z"),
    ),
    *(SetEyes(True), SetEyes(True), SetEyes(False), Veil(True), Veil(False), Queasy(), LoadPlan("tide")),
    *(SenseBreath("left"), SenseBreath("right"), SenseBreath(""), SetVolume(-3.0), SetVolume(0.0)),
    *(Ask("now", "scale", "How is it?"), Ask("now", "choice", "Which?", ("This", "That")), Ask("x", "choice", "?")),
)
EVENTS: tuple[Event, ...] = (
    *(device.Presence(False), device.Presence(True), device.Visibility(True, False), device.Visibility(True, True)),
    *(device.Visibility(False, False), device.Running(False, "x"), device.Running(True, "x"), device.Lost("x")),
    *(device.Found("x"), device.Recentred(None), device.Recentred(Pose()), device.RefreshRate(120.0)),
    *(device.HandsChanged("", ""), device.HiddenAreaChanged()),
)
WAITS = (Wait(1, 0.0), Wait(1, FRAME), Wait(3, FRAME), Wait(30, FRAME), Wait(2, 1 / 72), Wait(5, 0.1), Wait(12, 0.1),
         Wait(25, 0.1), Wait(60, 0.1), Wait(1, 0.35), Wait(1, 30.0))  # fmt: skip
SCENES = (HOME, "lantern", "stars", "garden")
STOPS: tuple[Stop, ...] = (StopNow(), StopNow(), StopNow(), GroundNow(), Queasy(), EndGently(), Leave())
BEGINS = (
    *(Begin(False, None), Begin(False, None), Begin(True, None), Begin(True, Position(1, 3.0, 2.0))),
    *(Begin(False, Position(2, 1.0, 1.0)), Begin(False, Position(99, _NAN, math.inf))),
    *(
        Begin(False, Position(1, 2.0, 1.0, 900.0, "sight", eyes_closed=True)),
        Begin(False, Position(0, 0.0, 0.0, 1195.0)),
    ),
)


# What only a few steps in the right order bring about.
PHRASES: tuple[tuple[Act, ...], ...] = (
    (SetPhase(False), Go(), Wait(45, 0.1)),
    (SetPhase(False), Go(), Wait(110, 0.1)),
    (Go(), Wait(60, 0.1)),
    (SetPhase(False), GoTo(1), Wait(30, 0.1), SetAnchor("sight"), Wait(45, 0.1)),
    (SetPhase(False), GoTo(2), Wait(95, 0.1)),
    (Queasy(), Wait(15, 0.1)),
    (SetEyes(True), Wait(95, 0.1)),
    (Wait(1, 400.0), Go(), Wait(3, 0.1)),
    (Body("far back"), Wait(3, 0.1), PlaceView(), Wait(25, 0.1)),
    (Body("lying"), Wait(3, 0.1), PlaceView(), Wait(25, 0.1)),
    (Body("reclined"), PlaceView(), Wait(8, 0.1), Body("elsewhere"), Wait(1, FRAME)),
    (Body("button"), Wait(17, 0.1), Body("steady")),
    (Body("palms"), Wait(12, 0.1), Body("steady")),
    (Body("looks at the mark"), Wait(32, 0.1), Body("steady")),
)


def made(number: int) -> Course:
    """The sequence of that number, always the same."""
    dice = random.Random(number)
    acts: list[Act] = []
    for _ in range(dice.randint(1, LONGEST)):
        kind = dice.random()
        if kind < 0.30:
            acts.append(dice.choice(COMMANDS))
        elif kind < 0.52:
            acts.append(dice.choice(WAITS))
        elif kind < 0.68:
            acts += dice.choice(PHRASES)
        elif kind < 0.82:
            acts.append(Body(dice.choice(tuple(BODIES))))
        elif kind < 0.98:
            acts.append(dice.choice(EVENTS))
        else:
            acts.append(Plant(dice.choice(SCENES), dice.choice(("enter", "update", "draw", "leave"))))
    for last in (Leave(), EndGently(), device.ExitAsked("x")):  # they end most of what could still happen
        if dice.random() < 0.1:
            acts += [last, dice.choice(WAITS), dice.choice(COMMANDS)]
    return Course(dice.choice(BEGINS), tuple(acts), dice.choice(STOPS))


# --- a session without a picture


@dataclass(frozen=True, slots=True)
class _Settings:
    glow: Annotated[float, Range(0.0, 1.0)] = 0.5


class _Place(Scene):
    """Counts its updates; raises where it is told to."""

    Settings = _Settings

    def __init__(self, flags: frozenset[str] = frozenset()) -> None:
        self.info = SceneInfo("place", "Place", "", "home", flags=flags)  # type: ignore[misc]
        self.raises = ""
        self.updates = 0
        self.stage: Stage | None = None
        self.time = 0.0  # of the world, as it was told
        self.glow = 0.0

    def _do(self, what: str) -> None:
        if what == self.raises:
            raise RuntimeError(f"planted in {what}")

    def enter(self, stage: Stage) -> None:
        self.stage = stage
        self._do("enter")

    def update(self, frame: Frame) -> None:
        self.updates += 1
        self.time = frame.time
        self.glow = frame.settings.glow
        self._do("update")

    def draw(self, frame: Frame, out: Pass) -> None:
        self._do("draw")

    def leave(self) -> None:
        self._do("leave")


class _Paper:
    """A kit, a pass, a board, its sheet and what stands on it: all that words need, and nothing seen."""

    size = (1.0, 0.1)
    capital, width, height = 0.02, 0.5, 0.05
    mesh = material = None

    def nothing(self, *what: object, **how: object) -> None:
        """Drawn, shown, felt."""

    draw = plate = pill = ring = words = show = pulse = nothing

    def text(self, *what: object, **how: object) -> Any:
        return self

    board = sheet = block = text

    def __len__(self) -> int:
        return 1

    def fill(self, name: str, words: str) -> str | None:
        return None


class _Ear(Silent):
    """Remembers what would be heard."""

    def __init__(self) -> None:
        self.snapshot: Mapping[str, float] = {}
        self.said = 0

    def blend(self, weights: Mapping[str, float], *, over: float) -> None:
        self.snapshot = weights

    def say(self, script: str, line: str, at: int) -> int:
        self.said += 1
        return self.said


_PAPER: Any = _Paper()
_WORDS = Script("words", (Caption(0.0, 2.0, "One."), Caption(3.0, 4.0, "Two.")))
_GROUND = Script("ground", (Caption(0.0, 2.0, "Off."), Caption(3.0, 5.0, "Here."), Caption(6.0, 8.0, "Chair.")))
_QUEASY = Script("queasy", (Caption(0.0, 2.0, "Off."), Caption(3.0, 5.0, "Bowl."), Caption(6.0, 8.0, "Here.")))
_STEPS = (
    Step(HOME, 2.5, _Settings(), None),
    Step("lantern", 11.0, _Settings(0.2), _WORDS, "Lantern", fade=1.0),
    Step("stars", 7.0, _Settings(), None, advance="go", fade=4.0),
    Step(HOME, 6.0, _Settings(), _WORDS),
)
PLAN = Plan(
    "test", "Test", _STEPS, _GROUND, _QUEASY,
    anchors={
        "breath": AnchorPlace("lantern", _Settings(), None),
        "sight": AnchorPlace("garden", _Settings(1.0), _WORDS),
    },
)  # fmt: skip
LAST = len(_STEPS) - 1


class Broken(Exception):
    """Something that must hold did not."""


class Trial:
    """One session, and what must hold in it whatever happens."""

    def __init__(self, begin: Begin) -> None:
        self.scenes = {
            HOME: _Place(), "lantern": _Place(), "stars": _Place(frozenset({"sky"})), "garden": _Place()
        }  # fmt: skip
        self.sound = _Ear()
        self.director = Director(
            PLAN, self.scenes, _PAPER, locked=begin.locked, resume=begin.resume, sound=self.sound,
            recorded={"words": frozenset()},
        )  # fmt: skip
        self.director.build(_PAPER, {})
        self.locked_seconds = 0.0
        self.locked = begin.locked
        self.body = BODIES["steady"]
        self.frames = 0
        self.time = 0.0
        self._moved = False  # something happened for which the picture is covered at once
        self._last = self.body
        self._view = PROBE

    def do(self, act: Act) -> None:
        match act:
            case Wait(frames, dt):
                for _ in range(frames):
                    self.frame(dt)
            case Body(name):
                self.body = BODIES[name]
            case Plant(scene, where):
                self.scenes[scene].raises = where
            case _ if isinstance(act, Command):
                self._order(act)
            case _:
                before = self.director.mist
                self.director.hear(act)
                if self.director.mist != before:
                    _require(self.director.mist == 1.0, "an event moved the mist, but not to cover")
                self._moved = True

    def frame(self, dt: float) -> None:
        """One turn of the loop."""
        director = self.director
        if director.finished:
            return
        step = min(dt, LONGEST_STEP)
        self.frames += 1
        self.time += dt
        before = director.mist
        bright, faults = director.brightness, len(director.journal.faults)
        elsewhere = self._elsewhere() if self.locked else 0
        updates, said, still = self._updates(), self.sound.said, director.world_seconds
        was_queasy, worn = director.mode is Mode.QUEASY, director.position().exposure_seconds
        director.update(self.frames, Moment(self.time, step), director.placed_inputs(self.body))
        director.draw(_PAPER)
        mist = director.mist
        covered_at_once = mist == 1.0 and (
            self._moved or self.body is not self._last or len(director.journal.faults) > faults
        )
        _require(abs(mist - before) <= STEEPEST * step + 1e-9 or covered_at_once, f"the mist jumps to {mist:.2f}")
        _require(0.0 <= mist <= 1.0, "the mist is nowhere")
        view = director.placed_views(PROBE)
        _require(view == self._view or mist == 1.0, "the view moves where it is seen")
        self._view = view
        dimmed = abs(director.brightness - bright)
        _require(dimmed <= limits.LUMINANCE_CHANGE_PER_SECOND * step + 1e-9, "the brightness jumps")
        _require(director.brightness >= min(GLOW - GLOW_SWELL, bright) - 1e-9, "the picture is black")
        _require(
            sum(now != then for now, then in zip(self._updates(), updates, strict=True)) <= 1, "two places at once"
        )
        _require(all(0.0 <= scene.glow <= 1.0 for scene in self.scenes.values()), "a setting out of its range")
        if director.mode is Mode.QUEASY:
            _require(self.sound.snapshot == {"silent": 1.0} and self.sound.said == said, "queasy, and not silent")
            _require(not was_queasy or director.world_seconds == still, "queasy, and the world moves")
        updated = [scene for scene, then in zip(self.scenes.values(), updates, strict=True) if scene.updates != then]
        _require(all(scene.time == director.world_seconds for scene in updated), "a scene has another time")
        self._judge_place()
        if director.position().exposure_seconds > worn:  # the headset is worn, and seen
            self._judge_exposure(dt)
        if self.locked:
            self.locked_seconds += step
            played = self._elsewhere() != elsewhere
            _require(not played or self.locked_seconds <= LOCK_SECONDS, "a scene plays while locked")
            _require(director.mode is not Mode.PLAYING, "a plan plays while locked")
        self._moved = False
        self._last = self.body

    def _updates(self) -> list[int]:
        return [scene.updates for scene in self.scenes.values()]

    def _elsewhere(self) -> int:
        """Updates of all scenes but the calm room."""
        return sum(self._updates()) - self.scenes[HOME].updates

    def _judge_place(self) -> None:
        """Where the plan stands fits what it is doing."""
        position, course = self.director.position(), self.director._course
        _require(0 <= position.step <= LAST, "the plan stands nowhere")
        cue = _STEPS[position.step]
        _require(0.0 <= position.step_seconds <= cue.seconds + LONGEST_STEP, "the plan stands beyond its cue")
        _require(not course.waits or cue.advance == "go", "a cue waits that should not")
        _require(not position.anchor or position.step != LAST, "the way back is elsewhere")

    def _judge_exposure(self, dt: float) -> None:
        """What plays goes to its return, and that is over in time; words that were asked for may stay."""
        position, mode = self.director.position(), self.director.mode
        if position.exposure_seconds < EXPOSURE_SECONDS:
            return
        _require(mode is not Mode.PLAYING or position.step == LAST, "it plays on after the longest exposure")
        over = position.exposure_seconds - EXPOSURE_SECONDS
        ends = mode in (*READING, Mode.LEAVING, Mode.OVER)
        _require(ends or over <= limits.RETURN_SECONDS[1] + 1.0 + dt, "it does not end after the longest exposure")

    def stop(self, command: Stop) -> None:
        """It must lead to the calm room, or to the end, in time, with a patient who sits still."""
        self.body = BODIES["steady"]
        self._order(command)
        gently = isinstance(command, EndGently)
        for dt in GENTLY if gently else AT_ONCE:
            self.frame(dt)
        if self.scenes[HOME].raises:  # even the calm room fails as it is shown: the mist clears from anew
            self.frame(GENTLY[-1] if gently else 2 * FRAME)
            self.frame(2 * FRAME)
        worn = self.director.position().exposure_seconds
        timed_out = worn >= EXPOSURE_SECONDS + limits.RETURN_SECONDS[1]
        if self.director.finished or ((gently or timed_out) and self.director.mode is Mode.LEAVING):
            return
        _require(not isinstance(command, Leave), "Leave did not leave")
        rests = {StopNow: (Mode.STOPPED, Mode.LOCKED), GroundNow: (Mode.GROUNDED,), Queasy: (Mode.QUEASY,)}
        _require(
            gently or self.director.mode in rests[type(command)], f"after the stop it is {self.director.mode.value}"
        )
        status = self.director.status("test")
        _require(status.here == HOME or self.scenes[HOME].raises != "", f"a stop led to '{status.here}'")
        _require(self.director.mist < 1e-6, f"{self.director.mist:.3f} of mist after the stop")

    def _order(self, command: Command) -> None:
        before = self.director.mist
        refused = self.director.obey(command)
        _require(self.director.mist == before, "a command moves the mist at once")
        _require(refused is None or (bool(refused) and "\n" not in refused), "a refusal that is not one line")
        if isinstance(command, SetPhase) and refused is None:
            if command.locked != self.locked:
                self.locked_seconds = 0.0
            self.locked = command.locked
        _require(not (self.locked and isinstance(command, (Go, GoTo)) and refused is None), "locked, it obeyed a Go")
        _require(not isinstance(command, Stop) or refused is None or self.director.finished, "a stop was refused")
        if isinstance(command, GoTo) and refused is None:
            _require(self.director.position().step == command.step <= LAST, "it went to another cue than asked")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Broken(otherwise)


def play(sequence: Course) -> tuple[int, str | None]:
    """How many frames it took, and what broke."""
    trial = Trial(sequence.begin)
    try:
        for act in sequence.acts:
            trial.do(act)
        status = decode_status(encode(trial.director.status("test")))
        _require(status is not None and 0 <= status.position.step < status.steps, "the plan stands nowhere")
        trial.stop(sequence.stop)
    except Broken as error:
        return trial.frames, str(error)
    except Exception as error:  # noqa: BLE001 - none may ever come: that is what is tried
        return trial.frames, f"{type(error).__name__}: {error}"
    return trial.frames, None


def shrunk(sequence: Course, breaks: Callable[[Course], bool]) -> Course:
    """The same failure with as few acts as can be found by leaving some out."""
    acts = list(sequence.acts)
    size = len(acts)
    while size:
        index = 0
        while index < len(acts):
            fewer = acts[:index] + acts[index + size :]
            if breaks(sequence._replace(acts=tuple(fewer))):
                acts = fewer
            else:
                index += size
        size //= 2
    return sequence._replace(acts=tuple(acts))


def told(number: int, why: str, sequence: Course) -> str:
    """A failure, for a person."""
    least = shrunk(sequence, lambda shorter: play(shorter)[1] == why)
    acts = "".join(f"\n    {act!r}" for act in least.acts)
    return f"sequence {number}: {why}\n  {least.begin!r}{acts}\n    then {least.stop!r}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="sequences", description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0, help="number of the first sequence")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    begun, frames = time.monotonic(), 0
    for number in range(options.seed, options.seed + options.count):
        sequence = made(number)
        played, why = play(sequence)
        frames += played
        if why is not None:
            print(told(number, why, sequence), file=sys.stderr)
            return 1
    seconds = time.monotonic() - begun
    if options.json:
        print(json.dumps({"sequences": options.count, "frames": frames, "seconds": round(seconds, 1), "failed": 0}))
    else:
        print(f"{options.count} sequences, {frames} frames, {seconds:.0f} s: every stop answered, nothing broke")
    return 0


if __name__ == "__main__":
    sys.exit(main())
