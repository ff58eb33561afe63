"""The course of a session: its mode and its place in the plan, and what each order, event and second does to them.

A pure state machine: it shows nothing, sounds nothing, reads no clock. Director does what follows from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from math import isfinite
from typing import Final, Literal, NamedTuple

from vr_app import limits
from vr_app.commands import Anchor
from vr_app.plan import BETWEEN_PLACES_SECONDS, HOME, Plan, Step
from vr_app.script import FRAMES_A_SECOND, Question, Script
from vr_app.station.messages import Position

STOP_CHANGE_SECONDS: Final = 0.46 * limits.STOP_NOW_SECONDS  # half of a change; a twelfth is left for the order's way
GENTLY_SECONDS: Final = limits.END_GENTLY_SECONDS / 2  # likewise
LONGEST_SECONDS: Final = 24 * 3600.0  # of a remembered scene
EXPOSURE_SECONDS: Final = limits.EXPOSURE_MINUTES * 60.0
ASK_SECONDS: Final = 3.0  # that a question comes after the end of its words: they begin so late
THERAPIST: Final = "therapist"  # who asked for quiet
LOCKED: Final = "VR is locked while the patient is dosed; unlock it first"
ENDING: Final = "the session is ending"
ENOUGH: Final = f"the headset has been worn for {limits.EXPOSURE_MINUTES:g} minutes; it is time to take it off"
NOT_PLAYING: Final = "an anchor is for a plan that plays; say Go first"
AT_THE_END: Final = "the way back has no other anchor"
WORDS_STAND: Final = "there are words to be read now; the picture stays bright"


class Mode(Enum):
    """What the session is doing; the words stand in reports."""

    WAITING = "waiting in the calm room"
    PLAYING = "playing"
    HELD = "held in the calm room"
    STOPPED = "stopped in the calm room"
    GROUNDED = "grounded in the calm room"
    QUEASY = "queasy: bright, still and silent"
    LOCKED = "locked: nothing plays"
    LEAVING = "leaving"
    OVER = "over"


class Cause(Enum):
    """What may lead from one mode to another."""

    GO = "the plan is to play"
    END = "it is to end gently"
    STOP = "the calm room, now"
    GROUND = "the calm room, now, with words"
    QUEASY = "the calm room, now, bright and still"
    LEAVE = "the end, now"
    HOLD = "equipment or patient interrupt"
    LOCK = "the patient is dosed"
    DONE = "the plan is at its end"
    ENOUGH = "the headset was worn for long enough"
    COVERED = "nothing is seen any more"
    EXIT = "the runtime wants it to end"


class To(NamedTuple):
    """Where a cause leads, and how fast: seconds to cover and again to clear; None: as it was."""

    mode: Mode
    seconds: float | None = None


_STOPS: Final = {
    Cause.STOP: To(Mode.STOPPED, STOP_CHANGE_SECONDS),
    Cause.GROUND: To(Mode.GROUNDED, STOP_CHANGE_SECONDS),
    Cause.QUEASY: To(Mode.QUEASY, STOP_CHANGE_SECONDS),
    Cause.LEAVE: To(Mode.LEAVING, STOP_CHANGE_SECONDS),
    Cause.EXIT: To(Mode.OVER),
}
_HELPED: Final = {
    **_STOPS,
    Cause.GO: To(Mode.PLAYING, BETWEEN_PLACES_SECONDS),
    Cause.END: To(Mode.PLAYING, GENTLY_SECONDS),
}
_CALM: Final = {**_HELPED, Cause.LOCK: To(Mode.LOCKED), Cause.ENOUGH: To(Mode.LEAVING, GENTLY_SECONDS)}

# What each mode allows. A cause that is not named changes nothing.
ALLOWED: Final[Mapping[Mode, Mapping[Cause, To]]] = {
    Mode.WAITING: _CALM,
    Mode.HELD: _CALM,
    Mode.STOPPED: _CALM,
    Mode.PLAYING: {
        **_STOPS,
        Cause.END: To(Mode.PLAYING, GENTLY_SECONDS),
        Cause.HOLD: To(Mode.HELD, STOP_CHANGE_SECONDS),
        Cause.LOCK: To(Mode.LOCKED, GENTLY_SECONDS),
        Cause.DONE: To(Mode.LEAVING, BETWEEN_PLACES_SECONDS),
        Cause.ENOUGH: To(Mode.LEAVING, GENTLY_SECONDS),
    },
    Mode.GROUNDED: _HELPED,  # words stand there that say how to take the headset off: a lock leaves them,
    Mode.QUEASY: _HELPED,  # and so does an exposure that lasts
    Mode.LOCKED: {
        **_STOPS,
        Cause.END: To(Mode.LEAVING, GENTLY_SECONDS),
        Cause.ENOUGH: To(Mode.LEAVING, GENTLY_SECONDS),
    },
    Mode.LEAVING: {
        **dict.fromkeys((Cause.STOP, Cause.GROUND, Cause.QUEASY, Cause.LEAVE), To(Mode.LEAVING, STOP_CHANGE_SECONDS)),
        Cause.COVERED: To(Mode.OVER),
        Cause.EXIT: To(Mode.OVER),
    },
    Mode.OVER: {},
}
INSTEAD_LOCKED: Final = {Mode.PLAYING: Mode.LEAVING, Mode.STOPPED: Mode.LOCKED}  # where a lock leads what it forbids
READING: Final = (Mode.GROUNDED, Mode.QUEASY)  # words stand before the patient, and nothing paces them


class Words(NamedTuple):
    """The script whose turn it is, where it stands and when it must be over, in guided seconds of its place."""

    script: Script | None
    time: float
    ends: float


class Course:
    """Orders say why not, where they are refused; each is absolute, so a repeated one changes nothing."""

    def __init__(
        self,
        plan: Plan,
        tell: Callable[[str | Mode], None],
        unfit: Callable[[str], str | None],
        *,
        locked: bool = False,
        resume: Position | None = None,
    ) -> None:
        """`tell` notes words and modes; `unfit` says why a scene is not for this patient. `resume`: see Director."""
        self._plan, self._tell, self._unfit = plan, tell, unfit
        place = _drawn_in(resume or Position(), plan)
        self.step, self.step_seconds, self.kept_seconds = place.step, place.step_seconds, place.scene_seconds
        self.exposure_seconds = place.exposure_seconds
        self.anchor: Anchor | Literal[""] = place.anchor
        self.anchor_seconds = 0.0  # guided, since its place was reached
        self.eyes_closed = place.eyes_closed
        self.quiet: set[str] = set()  # the reasons for being quiet
        self.locked = locked
        self.cut_short = False  # the way back was asked for, and did not come by itself
        self.returning = False  # to the plan's place, after a hold: its clock waits until it is there
        self.change_seconds = BETWEEN_PLACES_SECONDS  # half of the change that goes on, or comes next
        self._rest = Mode.HELD if resume else Mode.WAITING  # what unlocking leads to
        self._told_enough = False
        self.mode = Mode.LOCKED if locked else self._rest

    # --- what it is

    @property
    def cue(self) -> Step:
        return self._plan.steps[self.step]

    @property
    def place(self) -> str:
        """The scene that the mode leads to."""
        if self.mode is not Mode.PLAYING:
            return HOME
        return self._plan.anchors[self.anchor].scene if self.anchor else self.cue.scene

    @property
    def waits(self) -> bool:
        """The cue is over, and the next one begins at a Go."""
        playing = self.mode is Mode.PLAYING and not self.returning
        return playing and self.cue.advance == "go" and self.step_seconds >= self.cue.seconds

    @property
    def words(self) -> Words:
        """For these eyes. None while another anchor has none, and while the cue is over."""
        if self.waits:
            return Words(None, 0.0, 0.0)
        if not self.anchor:
            return Words(self._for_eyes(self.cue.script), self.step_seconds, self.cue.seconds)
        left, script = self.cue.seconds - self.step_seconds, self._plan.anchors[self.anchor].script
        return Words(self._for_eyes(script), self.anchor_seconds, self.anchor_seconds + left)

    @property
    def question(self) -> Question | None:
        """What the cue's script asks: from the end of its words until the cue is left; never of closed eyes."""
        script = self.cue.script
        if self.mode is not Mode.PLAYING or self.returning or self.anchor or self.eyes_closed or script is None:
            return None
        spoken = script.moments[-1].after / FRAMES_A_SECOND if script.moments else 0.0
        return script.question if self.waits or self.step_seconds >= spoken + ASK_SECONDS else None

    @property
    def enough(self) -> bool:
        """The headset has been worn for as long as it may be."""
        return self.exposure_seconds >= EXPOSURE_SECONDS and not self._plan.demonstration

    def position(self) -> Position:
        """Where the plan stands, whatever is shown meanwhile."""
        return Position(
            step=self.step,
            step_seconds=self.step_seconds,
            scene_seconds=self.kept_seconds,
            exposure_seconds=self.exposure_seconds,
            anchor=self.anchor,
            eyes_closed=self.eyes_closed,
        )

    # --- orders

    def go(self) -> str | None:
        """Play from here; where the cue is over, the next one."""
        if why := self._not_from(self.step):
            return why
        self.quiet.discard(THERAPIST)
        if self.waits:
            self._next()
        elif self._led_by(Cause.GO):
            self.returning = True
        return None

    def go_to(self, step: int, seconds: float = 0.0) -> str | None:
        """Play from cue `step` on, so many seconds into it."""
        count = len(self._plan.steps)
        if step >= count:
            return f"this plan has {count} cues, the last of them the way back; there is no cue {step + 1}"
        if why := self._not_from(step, anew=True):
            return why
        self.quiet.discard(THERAPIST)
        self.cut_short = False
        self._stand_at(step, min(seconds, self.cue_seconds(step)))
        self.kept_seconds = 0.0
        if self._led_by(Cause.GO):
            self.returning = True
        else:
            self.change_seconds = self.cue.fade
        return None

    def cue_seconds(self, step: int) -> float:
        return self._plan.steps[step].seconds

    def set_quiet(self, why: str, *, quiet: bool) -> None:
        (self.quiet.add if quiet else self.quiet.discard)(why)

    def set_anchor(self, anchor: Anchor | Literal[""]) -> str | None:
        """For the rest of this cue; the cue's own scene is one way to say "": back to it."""
        if anchor and (why := self._not_at(anchor)):
            return why
        wanted: Anchor | Literal[""] = anchor if anchor and self._plan.anchors[anchor].scene != self.cue.scene else ""
        if wanted != self.anchor:
            self.anchor, self.anchor_seconds = wanted, 0.0
            if self.mode is Mode.PLAYING:
                self.change_seconds = BETWEEN_PLACES_SECONDS
        return None

    def set_eyes(self, *, closed: bool) -> str | None:
        if closed and self.mode in READING:
            return WORDS_STAND
        self.eyes_closed = closed
        return None

    def set_locked(self, locked: bool) -> None:
        """Locked, a plan that plays gives way to the calm room; unlocked, it waits for a Go."""
        if locked == self.locked:
            return
        self.locked = locked
        self._tell("locked" if locked else "unlocked")
        if locked:
            self._rest = Mode.HELD if self.step or self.step_seconds else Mode.WAITING
            self._led_by(Cause.LOCK)
        elif self.mode is Mode.LOCKED:
            self._become(self._rest)

    def end_gently(self) -> None:
        """Straight to the plan's last cue, the return; locked, to the end."""
        if self.mode is Mode.LEAVING:
            return
        last = len(self._plan.steps) - 1
        if not self.locked:
            self.quiet.discard(THERAPIST)
            self.returning, self.cut_short = False, True
            if self.step != last:
                self._stand_at(last)
                self.kept_seconds = 0.0
        self.anchor, self.eyes_closed = "", False
        self._led_by(Cause.END)

    def stop(self, cause: Cause) -> None:
        """One of the causes that are answered at once; leaving already, it is only done faster."""
        self.eyes_closed = False
        self._led_by(cause)

    # --- events

    def hold(self) -> None:
        """The equipment or the patient interrupts: calm room, plan kept; only a Go continues it."""
        self._led_by(Cause.HOLD)

    def finish(self, scene: str) -> None:
        """What `scene` has to give is over: so is the cue, if it is the cue's."""
        if self.mode is Mode.PLAYING and scene == self.cue.scene:
            self.step_seconds = max(self.step_seconds, self.cue.seconds)

    def covered(self) -> None:
        """Nothing is seen: whoever was leaving is gone."""
        self._led_by(Cause.COVERED)

    def end(self) -> None:
        """The runtime wants it: at once."""
        self._led_by(Cause.EXIT)

    # --- time

    def advance(self, guided: float, *, ready: bool, there: bool) -> bool:
        """The plan's clock; whether the guide may run. `ready`: its place can be shown; `there`: it is shown."""
        if self.mode is not Mode.PLAYING or not ready:
            return False
        if self.returning and not there:
            return False
        self.returning = False
        self.step_seconds += guided
        if self.anchor and there:
            self.anchor_seconds += guided
        if self.step_seconds >= self.cue.seconds:
            if self.cue.advance == "go":
                self.step_seconds = self.cue.seconds
            else:
                self._next()
        return self.mode is Mode.PLAYING

    def rewind(self, seconds: float) -> None:
        """Of the words whose turn it is: a line begins again."""
        if self.anchor:
            self.anchor_seconds = max(seconds, 0.0)
        elif not self.waits:
            self.step_seconds = max(seconds, 0.0)

    def wear(self, seconds: float) -> None:
        """The headset was worn for so much longer. What plays then goes to its return; when that is over, it ends."""
        self.exposure_seconds += seconds
        if not self.enough:
            return
        if not self._told_enough:
            self._told_enough = True
            self._tell(ENOUGH)
        if self.mode is Mode.PLAYING and self.step != len(self._plan.steps) - 1:
            self.end_gently()
        elif self.exposure_seconds >= EXPOSURE_SECONDS + limits.RETURN_SECONDS[1]:
            self._led_by(Cause.ENOUGH)

    # --- inside

    def _for_eyes(self, script: Script | None) -> Script | None:
        return script.for_eyes(closed=self.eyes_closed) if script is not None else None

    def _not_from(self, step: int, *, anew: bool = False) -> str | None:
        """Why the plan cannot play from this cue on; `anew`: whether it plays already makes no difference."""
        if self.locked:
            return LOCKED
        if self.mode in (Mode.LEAVING, Mode.OVER):
            return ENDING
        if self.enough and (anew or self.mode is not Mode.PLAYING):
            return ENOUGH
        return next((why for cue in self._plan.steps[step:] if (why := self._unfit(cue.scene))), None)

    def _not_at(self, anchor: Anchor) -> str | None:
        """Why this anchor cannot be had now."""
        if self.mode is not Mode.PLAYING:
            return NOT_PLAYING
        if self.step == len(self._plan.steps) - 1:
            return AT_THE_END
        if anchor not in self._plan.anchors:
            return f"this plan has no anchor '{anchor}'; it has {', '.join(self._plan.anchors) or 'none'}"
        return self._unfit(self._plan.anchors[anchor].scene)

    def _next(self) -> None:
        if self.step + 1 == len(self._plan.steps):
            self._led_by(Cause.DONE)
            return
        before = self.cue
        self._stand_at(self.step + 1)
        if self.cue.scene != before.scene:
            self.kept_seconds = 0.0
        self.change_seconds = self.cue.fade
        if why := self._unfit(self.cue.scene):
            self._tell(why)
            self.hold()

    def _stand_at(self, step: int, seconds: float = 0.0) -> None:
        """Another anchor is for the rest of a cue; the way back is for open eyes."""
        self.step, self.step_seconds, self.anchor = step, seconds, ""
        if step == len(self._plan.steps) - 1:
            self.eyes_closed = False

    def _led_by(self, cause: Cause) -> bool:
        """Whether the mode has an answer to it."""
        to = ALLOWED[self.mode].get(cause)
        if to is None:
            return False
        if to.seconds is not None:
            self.change_seconds = to.seconds
        self._become(INSTEAD_LOCKED.get(to.mode, to.mode) if self.locked else to.mode)
        return True

    def _become(self, mode: Mode) -> None:
        if mode is not self.mode:
            self.mode = mode
            self._tell(mode)


def _drawn_in(position: Position, plan: Plan) -> Position:
    """A place in the plan, whatever was remembered."""
    step = min(max(position.step, 0), len(plan.steps) - 1)
    remembered = position.step_seconds, position.scene_seconds, position.exposure_seconds
    seconds, scene, exposure = (
        min(max(value, 0.0), LONGEST_SECONDS) if isfinite(value) else 0.0 for value in remembered
    )
    anchor = position.anchor if position.anchor in plan.anchors else ""
    return Position(step, min(seconds, plan.steps[step].seconds), scene, exposure, anchor, position.eyes_closed)
