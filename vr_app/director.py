"""Leads a session: plays a plan's steps, puts mist between places, and always knows the way to the calm room."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import partial

from vr_app import headset as device
from vr_app import limits
from vr_app.api import Frame, Haptics, Inputs, Kit, Label, Pass, Pose, Scene, Stage
from vr_app.clock import Moment
from vr_app.commands import Command, EndGently, Go, Leave, SetQuiet, StopNow
from vr_app.mist import Mist
from vr_app.plan import HOME, Plan, Step
from vr_app.script import Caption

log = logging.getLogger(__name__)

BETWEEN_PLACES_SECONDS = 2.0  # half of a change: to cover, and again to clear
CAPTION_FADE_SECONDS = 1.0
CAPTION_DELAY_SECONDS = 3.0  # arrive first, then words
CAPTION_AT = Pose((0.0, 0.86, -1.75), (-0.0697565, 0.0, 0.0, 0.9975641))  # tilted up by 8 degrees towards the eyes
CAPTION_HEIGHT = 0.021  # metres: 0.65 degrees at that distance


class Mode(Enum):
    """What the session is doing; the words stand in reports."""

    WAITING = "waiting in the calm room"
    PLAYING = "playing"
    HELD = "held in the calm room"
    STOPPED = "stopped in the calm room"
    LEAVING = "leaving"
    OVER = "over"


@dataclass(slots=True)
class Journal:
    """What happened, for the report: (session seconds, words)."""

    events: list[tuple[float, str]] = field(default_factory=list)
    faults: list[tuple[float, str]] = field(default_factory=list)
    scenes: list[tuple[float, str]] = field(default_factory=list)


class Director:
    """The session's state machine. Nothing here blocks, raises or touches a device."""

    def __init__(self, plan: Plan, scenes: Mapping[str, Scene], haptics: Haptics) -> None:
        self.journal = Journal()
        self.mode = Mode.WAITING
        self.detail = 2  # of the picture, as Frame.detail
        self.brightness = 1.0
        self.changed_place = False  # in this frame, behind the mist: the one moment for slow housekeeping
        self._plan = plan
        self._scenes = dict(scenes)
        self._defaults = {name: scene.Settings() for name, scene in scenes.items()}
        self._captions: dict[str, Label] = {}
        self._mist = Mist()
        self._change_seconds = BETWEEN_PLACES_SECONDS
        self._here = ""  # id of the scene that is shown; "" is mist alone
        self._step = 0
        self._step_seconds = 0.0
        self._scene_seconds = 0.0
        self._guide = 0.0  # 0..1, how much of the guide is seen
        self._quiet: set[str] = set()  # the reasons for being quiet
        self._stop_held = 0.0
        self._now = 0.0
        self._frame: Frame | None = None
        self._stage = Stage(haptics, self._note, self._finish_scene)

    # --- before the first frame

    def build(self, kit: Kit, failures: Mapping[str, str]) -> None:
        """Lay out every caption; take in the scenes that could not be built."""
        for name, why in failures.items():
            self._fault(f"scene '{name}' cannot be built: {why}; the calm room stands in for it")
            self._scenes.pop(name, None)
        for step in self._plan.steps:
            for caption in step.script.captions if step.script else ():
                if caption.words not in self._captions:
                    self._captions[caption.words] = kit.text(caption.words, height=CAPTION_HEIGHT, width=0.9)

    # --- what reaches it from outside

    @property
    def finished(self) -> bool:
        return self.mode is Mode.OVER

    @property
    def mist(self) -> float:
        return self._mist.amount

    @property
    def scene_seconds(self) -> float:
        return self._scene_seconds

    def obey(self, command: Command) -> str | None:
        """Carry out one command and say why not, if not; all are absolute, so a repeated one changes nothing."""
        if self.mode is Mode.OVER:
            return "the session is over"
        match command:
            case Go():
                self._quiet.discard("therapist")
                if self.mode in (Mode.WAITING, Mode.HELD, Mode.STOPPED):
                    self._enter(Mode.PLAYING, BETWEEN_PLACES_SECONDS)
            case SetQuiet(quiet):
                (self._quiet.add if quiet else self._quiet.discard)("therapist")
            case EndGently():
                self._end_gently()
            case StopNow():
                self._stop_now()
            case Leave():
                self._enter(Mode.LEAVING, limits.STOP_NOW_SECONDS / 2)
            case _:
                return f"not understood yet: {type(command).__name__}"
        return None

    def placed_inputs(self, inputs: Inputs) -> Inputs:
        """The patient's body in the world, wherever the chair stands in the room."""
        return inputs

    def placed_views(self, views: Sequence[device.View]) -> tuple[device.View, ...]:
        """The same of both eyes."""
        return tuple(views)

    def hear(self, event: device.Event) -> None:
        """Take in what the headset reports."""
        match event:
            case device.Presence(worn):
                self._note("headset on" if worn else "headset off")
                if not worn:
                    self._hold()
            case device.Visibility(visible, focused):
                self._note("focused" if focused else "visible, not focused" if visible else "not visible")
                (self._quiet.discard if focused else self._quiet.add)("focus")
            case device.Running(running, why):
                self._note(f"{'frames expected' if running else 'no frames expected'}: {why}")
                if not running:
                    self._hold_unseen()
            case device.Lost(why):
                self._fault(f"runtime lost: {why}")
                self._hold_unseen()
            case device.ExitAsked(why):
                self._note(f"the runtime asks to end: {why}")
                self._set_mode(Mode.OVER)
            case _:
                self._note(_words(event))

    # --- each frame

    def update(self, index: int, moment: Moment, inputs: Inputs) -> None:
        """Move everything on to this moment."""
        self._now = moment.time
        self.changed_place = False
        self._patient_stop(inputs, moment.dt)
        quiet = bool(self._quiet)
        guided = 0.0 if quiet else moment.dt
        self._advance(guided)
        covered = self._mist.amount > 0.0
        self._mist.step(moment.dt)
        if covered and self._mist.amount == 0.0:
            log.info("%8.2f s  clear in '%s'", self._now, self._here)
        self._change_place()
        self._fade_guide(moment.dt, quiet)
        self._scene_seconds += guided
        scene = self._scenes.get(self._here)
        if scene is None:
            return
        step = self._plan.steps[self._step]
        settings = step.settings if step.scene == self._here else self._defaults[self._here]
        self._frame = Frame(index, moment.time, self._scene_seconds, guided, quiet, inputs, settings)
        try:
            scene.update(self._frame)
        except Exception as error:  # noqa: BLE001 - a scene may raise anything; the patient must see none of it
            self._failed(error)

    def draw(self, out: Pass) -> None:
        """Record the place and the words."""
        scene = self._scenes.get(self._here)
        if scene is not None and self._frame is not None:
            try:
                scene.draw(self._frame, out)
            except Exception as error:  # noqa: BLE001
                self._failed(error)
        caption, opacity = self._caption()
        if caption is not None:
            out.text(self._captions[caption.words], CAPTION_AT, opacity)

    # --- inside

    def _fade_guide(self, dt: float, quiet: bool) -> None:
        """Words come within a second and are gone within a tenth."""
        if quiet or self.mode is not Mode.PLAYING:
            self._guide = max(self._guide - dt / limits.STOP_NOW_ANSWER_SECONDS, 0.0)
        elif self._guide < 1.0:
            self._guide = min(self._guide + dt / CAPTION_FADE_SECONDS, 1.0)

    @property
    def _playing_step(self) -> Step:
        return self._plan.steps[self._step]

    def _advance(self, guided: float) -> None:
        """The plan's clock."""
        if self.mode is not Mode.PLAYING:
            return
        self._step_seconds += guided
        if self._step_seconds < self._playing_step.seconds:
            return
        if self._step + 1 < len(self._plan.steps):
            self._step += 1
            self._step_seconds = 0.0
            self._change_seconds = BETWEEN_PLACES_SECONDS
        else:
            self._enter(Mode.LEAVING, BETWEEN_PLACES_SECONDS)

    def _change_place(self) -> None:
        """Cover, change while nothing is seen, clear."""
        wanted = self._wanted()
        if wanted == self._here and self.mode is not Mode.LEAVING:
            if self._mist.amount > 0.0:
                self._mist.clear(self._change_seconds)
            return
        if not self._mist.covered:
            self._mist.cover(self._change_seconds)
            return
        if self.mode is Mode.LEAVING:
            self._set_mode(Mode.OVER)
            return
        self._leave_here()
        self._here = wanted
        self._scene_seconds = 0.0
        self.changed_place = True
        self.journal.scenes.append((self._now, wanted))
        self._mist.clear(self._change_seconds)
        if wanted:
            self._guarded(partial(self._scenes[wanted].enter, self._stage))

    def _wanted(self) -> str:
        wanted = self._playing_step.scene if self.mode is Mode.PLAYING else HOME
        if wanted not in self._scenes:
            wanted = HOME if HOME in self._scenes else ""
        return wanted

    def _leave_here(self) -> None:
        scene = self._scenes.get(self._here)
        if scene is not None:
            self._guarded(scene.leave)

    def _guarded(self, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception as error:  # noqa: BLE001
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        """A scene raised: it is logged once and the calm room stands in for it."""
        log.error("scene '%s' failed", self._here, exc_info=error)
        self._fault(f"scene '{self._here}' failed: {type(error).__name__}: {error}; the calm room stands in for it")
        self._scenes.pop(self._here, None)
        self._here = ""
        self._mist.cover_at_once()

    def _caption(self) -> tuple[Caption | None, float]:
        script = self._playing_step.script
        opacity = self._guide * (1.0 - self._mist.amount)
        if script is None or opacity <= 0.0:
            return None, 0.0
        time = self._step_seconds - CAPTION_DELAY_SECONDS
        caption = script.at(time)
        if caption is None or caption.ends + CAPTION_DELAY_SECONDS > self._playing_step.seconds:
            return None, 0.0  # words that could not be said to their end are not begun
        return caption, opacity * min((time - caption.begins) / CAPTION_FADE_SECONDS, caption.ends - time, 1.0)

    def _patient_stop(self, inputs: Inputs, dt: float) -> None:
        """The menu or upper face button, held."""
        left, right = inputs.left, inputs.right
        held = (left is not None and left.stop) or (right is not None and right.stop)
        self._stop_held = self._stop_held + dt if held else 0.0
        if self._stop_held >= limits.STOP_BUTTON_SECONDS and self.mode is Mode.PLAYING:
            self._note("the patient stops")
            self._stop_now()

    def _end_gently(self) -> None:
        """Straight to the plan's last step, the return."""
        if self.mode is Mode.LEAVING:
            return
        self._quiet.discard("therapist")
        last = len(self._plan.steps) - 1
        if self._step != last:
            self._step, self._step_seconds = last, 0.0
        self._enter(Mode.PLAYING, limits.END_GENTLY_SECONDS / 2)

    def _stop_now(self) -> None:
        if self.mode is not Mode.LEAVING:
            self._enter(Mode.STOPPED, limits.STOP_NOW_SECONDS / 2)

    def _hold(self) -> None:
        """The equipment or the patient interrupts: calm room, plan kept; only a Go continues it."""
        if self.mode is Mode.PLAYING:
            self._enter(Mode.HELD, limits.STOP_NOW_SECONDS / 2)

    def _hold_unseen(self) -> None:
        """The same while no picture of ours is shown: the next one rises out of the mist."""
        self._hold()
        self._mist.cover_at_once()

    def _finish_scene(self) -> None:
        self._step_seconds = max(self._step_seconds, self._playing_step.seconds)

    def _enter(self, mode: Mode, change_seconds: float) -> None:
        self._change_seconds = change_seconds
        self._set_mode(mode)

    def _set_mode(self, mode: Mode) -> None:
        if mode is not self.mode:
            self.mode = mode
            self._note(mode.value)

    def _note(self, words: str) -> None:
        self.journal.events.append((self._now, words))
        log.info("%8.2f s  %s", self._now, words)

    def _fault(self, words: str) -> None:
        self.journal.faults.append((self._now, words))
        log.warning("%8.2f s  %s", self._now, words)


def _words(event: device.Event) -> str:
    """For the journal: events that change nothing in the session."""
    match event:
        case device.Found(runtime):
            return f"runtime found: {runtime}"
        case device.RefreshRate(hz):
            return f"refresh rate {hz:g} Hz"
        case device.HandsChanged(left, right):
            return f"hands: left {left or 'none'}, right {right or 'none'}"
        case _:
            return type(event).__name__
