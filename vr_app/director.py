"""Leads a session: plays a plan's steps, puts mist between places, and always knows the way to the calm room."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from math import isfinite, radians
from typing import Literal, Protocol

from vr_app import headset as device
from vr_app import limits
from vr_app.api import Comfort, Frame, Haptics, Inputs, Kit, Label, Pass, Pose, Scene, Stage
from vr_app.body import Body
from vr_app.clock import Moment
from vr_app.commands import (
    Ask,
    Command,
    EndGently,
    Go,
    GroundNow,
    Leave,
    PlaceView,
    SenseBreath,
    SetComfort,
    SetPhase,
    SetQuiet,
    SetText,
    Speak,
    StopNow,
    TakeBack,
)
from vr_app.guide import Guide, Recorded
from vr_app.mist import Mist
from vr_app.panel import DISTANCE, BoardKit, Panels, Ring, StopMark, before
from vr_app.patient_stop import PatientStop
from vr_app.placement import RAISED_MOST, Seat, comfort_with, seen_from, yaw_and_pitch
from vr_app.plan import HOME, Plan, Step
from vr_app.script import NO_PROMPT, Prompt, Script, prompt
from vr_app.sound.desk import State
from vr_app.sound.led import LedSound
from vr_app.sound.silent import Silent
from vr_app.station.messages import Position, Status

log = logging.getLogger(__name__)

BETWEEN_PLACES_SECONDS = 2.0  # half of a change: to cover, and again to clear
STOP_CHANGE_SECONDS = 0.46 * limits.STOP_NOW_SECONDS  # likewise, and a twelfth is left for the order's way here
CAPTION_FADE_SECONDS = 1.0
CAPTION_DELAY_SECONDS = 3.0  # arrive first, then words
CAPTION_BELOW = radians(11.0)  # the eyes' own line of sight
CAPTION_METRES = 1.78
CAPTION_NEAR_METRES = 1.35  # where words stand high: below the ceiling
CAPTION_SIZES = ((0.021, 0.9), (0.0311, 1.25))  # regular, large: 0.68 and 1.0 degrees at CAPTION_METRES, and width
MARK_METRES = 1.4
MARK_ASIDE, MARK_BELOW = radians(35.0), radians(30.0)
MARK_FAINT = 0.65  # opacity while nobody looks at it
MARK_WORDS = ("Stop", "Keep looking to stop")  # and when it asks whether that is meant
RING_BELOW = radians(8.0)  # the line of sight as it is when a button or both palms begin to be held
BRIGHTER_PER_SECOND = limits.LUMINANCE_CHANGE_PER_SECOND
BED_FADE_SECONDS = 3.0  # of a place's sounds when it is left
BLEND_SECONDS = {"quiet": 0.3, "speak": limits.TALK_OVER_SECONDS}  # into a snapshot; into the others:
BLEND_USUALLY_SECONDS = 1.5
WAIT_FOR_SOUND_SECONDS = 30.0  # at most; then captions go on alone
TONE_SECONDS = 2.0  # at least, between two answers to the beginning of a stop: a gaze may wander over its mark
LONGEST_SECONDS = 24 * 3600.0
LOCKED = "VR is locked while the patient is dosed; unlock it first"


class Mode(Enum):
    """What the session is doing; the words stand in reports."""

    WAITING = "waiting in the calm room"
    PLAYING = "playing"
    HELD = "held in the calm room"
    STOPPED = "stopped in the calm room"
    GROUNDED = "grounded in the calm room"
    LOCKED = "locked: nothing plays"
    LEAVING = "leaving"
    OVER = "over"


@dataclass(slots=True)
class Journal:
    """What happened, for the report: (session seconds, words)."""

    events: list[tuple[float, str]] = field(default_factory=list)
    faults: list[tuple[float, str]] = field(default_factory=list)
    scenes: list[tuple[float, str]] = field(default_factory=list)


NOTHING_RECORDED: Recorded = {}


class WordsKit(Kit, BoardKit, Protocol):
    """What the director asks of a kit beyond what scenes do."""

    def fill(self, name: str, words: str) -> str | None:
        """Show the patient's words in every label of slot `name`; why not, if not."""


class Director:
    """The session's state machine. Nothing here blocks, raises or touches a device."""

    def __init__(
        self,
        plan: Plan,
        scenes: Mapping[str, Scene],
        haptics: Haptics,
        *,
        locked: bool = False,
        resume: Position | None = None,
        ready: Callable[[str], bool] = lambda name: True,
        sound: LedSound | None = None,
        recorded: Recorded = NOTHING_RECORDED,
        rehearsal: bool = False,
    ) -> None:
        """`resume`: where the plan goes on when it is told to; until then it is held.

        `ready` says of a scene whether it can be shown; until then the plan waits in the calm room. `recorded` lines
        are said by `sound`, and the plan's scripts know how long they are; `rehearsal`: by a synthesiser.
        """
        self.journal = Journal()
        self.detail = 2  # of the picture, as Frame.detail
        self.brightness = 1.0
        self.changed_place = False  # in this frame, behind the mist: the one moment for slow housekeeping
        self._plan = plan
        self._scenes = dict(scenes)
        self._defaults = {name: scene.Settings() for name, scene in scenes.items()}
        self._haptics = haptics
        self._ready = ready
        self._captions: dict[str, tuple[Label, Label]] = {}  # by words: regular and large
        self._mist = Mist()
        self._change_seconds = BETWEEN_PLACES_SECONDS
        self._here = ""  # id of the scene that is shown; "" is mist alone
        self._step, self._step_seconds, self._kept_seconds = _clamped(resume or Position(), plan)
        self._scene_seconds = self._kept_seconds if self._playing_step.scene == HOME else 0.0
        self._returning = False  # to the plan's place, after a hold: its clock waits until it is there
        self._ground_seconds = 0.0
        self._guide = 0.0  # 0..1, how much of the guide is seen
        self._quiet: set[str] = set()  # the reasons for being quiet
        self._locked = locked
        self._rest = Mode.HELD if resume else Mode.WAITING  # what unlocking leads to
        self.mode = Mode.LOCKED if locked else self._rest
        self._worn = self._focused = True
        self._now = 0.0
        self._frame: Frame | None = None
        self._sound: LedSound = sound or Silent()
        self._speech = Guide(self._sound, recorded)
        self._stage = Stage(haptics, self._sound, self.note, self._finish_scene)
        self._rehearsal = rehearsal
        self._speak = False  # the therapist speaks
        self._waits = False  # the guide, for the sound
        self._away = 0.0  # seconds for which it has
        self._snapshot = ""
        self._silenced = False  # what sounds here is to be resumed if one stays
        self._tone_at = -TONE_SECONDS  # when the beginning of a stop was answered last
        self._seat = Seat()
        self._stop = PatientStop()
        self._body = Body()
        self._ring_from = self._seat.raw.head  # where the patient looked when something began to be held
        self._asked = SetComfort()
        self._comfort = Comfort()
        self._dimming = BRIGHTER_PER_SECOND
        self._pending: PlaceView | Literal["height"] | None = None  # to be done behind the mist
        self._recentred = False  # the runtime's origin is another from the next frame on
        self._place_words()

    # --- before the first frame

    def build(self, kit: WordsKit, failures: Mapping[str, str]) -> None:
        """Lay out every caption; take in the scenes that could not be built."""
        for name, why in failures.items():
            self._fault(f"scene '{name}' cannot be built: {why}; the calm room stands in for it")
            self._scenes.pop(name, None)
        self._kit = kit
        self._panels, self._ring = Panels(kit), Ring(kit)
        self._marks = tuple(StopMark(kit, MARK_METRES, words) for words in MARK_WORDS)
        for script in (*(step.script for step in self._plan.steps), self._plan.ground):
            for caption in script.captions if script else ():
                self._lay_out(kit, caption.words)

    def _lay_out(self, kit: Kit, words: str) -> None:
        if words in self._captions:
            return
        (height, width), (large, wide) = CAPTION_SIZES
        try:
            self._captions[words] = (
                kit.text(words, height=height, width=width),
                kit.text(words, height=large, width=wide),
            )
        except ValueError as error:  # somebody's name in another script, say: the plan plays without that line
            self._fault(f"a caption cannot be shown: {error}")

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

    def position(self) -> Position:
        """Where the plan stands, whatever is shown meanwhile."""
        return Position(self._step, self._step_seconds, self._kept_seconds)

    def status(self, headset: str) -> Status:
        """The whole session as it is now, for those who steer it; made ten times a second, not in every frame."""
        words, opacity = self._caption()
        left = sum(step.seconds for step in self._plan.steps[self._step :]) - self._step_seconds
        return Status(
            time=self._now,
            mode=self.mode.value,
            here=self._here,
            clear=self._mist.amount == 0.0,
            plan=self._plan.title,
            position=self.position(),
            steps=len(self._plan.steps),
            seconds_left=max(left, 0.0),
            locked=self._locked,
            quiet=bool(self._quiet),
            worn=self._worn,
            focused=self._focused,
            head_tracked=self._seat.raw.head_tracked,
            headset=headset,
            posture=self._comfort.posture,
            caption=words if opacity > 0.0 else "",
            answers=dict(self._panels.answers),
            fault=self.journal.faults[-1][1] if self.journal.faults else "",
            prompt=self._prompt(),
            speak=self._speak,
            sound=self._told_sound(),
            sound_wrong=self._sound.state is not State.PLAYING and bool(self._sound.told),
            rehearsal=self._rehearsal,
            breath=self._body.breath,
            stillness=self._body.stillness,
        )

    def obey(self, command: Command) -> str | None:
        """Carry out one command and say why not, if not; all are absolute, so a repeated one changes nothing."""
        if self.mode is Mode.OVER:
            return "the session is over"
        match command:
            case EndGently() | StopNow() | GroundNow() | Leave():
                self._obey_stop(command)
            case Go():
                return self._go()
            case SetQuiet(quiet):
                (self._quiet.add if quiet else self._quiet.discard)("therapist")
            case Speak(on):
                self._speak = on
                self._sound.hear(on)
            case SenseBreath(hand):
                self._body.sense(hand)
            case SetPhase(locked):
                self._set_locked(locked)
            case SetComfort():
                self._set_comfort(command)
            case PlaceView() | SetText() | Ask() | TakeBack():
                return self._obey_about_view(command)
            case _:
                return f"not understood: {type(command).__name__}"
        return None

    def _obey_stop(self, command: EndGently | StopNow | GroundNow | Leave) -> None:
        match command:
            case EndGently():
                self._end_gently()
            case StopNow():
                self._stop_now()
            case GroundNow():
                self._ground_now()
            case Leave():
                self._silence()
                self._enter(Mode.LEAVING, STOP_CHANGE_SECONDS)

    def _obey_about_view(self, command: PlaceView | SetText | Ask | TakeBack) -> str | None:
        match command:
            case SetText(slot, text):
                return self._kit.fill(slot, text)
            case TakeBack(name):
                self._panels.take_back(name)
            case PlaceView():
                if self.mode is Mode.LEAVING:
                    return "the session is ending"
                if not self._seat.raw.head_tracked:
                    return "the headset is not tracked; place the view once it is"
                self._place_behind_mist(command)
            case Ask():
                if self._locked:
                    return LOCKED
                if self.mode in (Mode.LEAVING, Mode.GROUNDED):
                    return f"nothing is asked while the session is {self.mode.value}"
                return self._panels.ask(command, self._comfort)
        return None

    def placed_inputs(self, inputs: Inputs) -> Inputs:
        """The patient's body in the world, wherever the chair stands in the room. Once a frame, before `update`."""
        return self._seat.take(inputs)

    def placed_views(self, views: Sequence[device.View]) -> tuple[device.View, ...]:
        """The same of both eyes."""
        return self._seat.placed_views(tuple(views))

    def hear(self, event: device.Event) -> None:
        """Take in what the headset reports."""
        match event:
            case device.Presence(worn):
                self._worn = worn
                self.note("headset on" if worn else "headset off")
                if not worn:
                    self._hold()
            case device.Visibility(visible, focused):
                self._focused = focused
                self.note("focused" if focused else "visible, not focused" if visible else "not visible")
                (self._quiet.discard if focused else self._quiet.add)("focus")
            case device.Running(running, why):
                self.note(f"{'frames expected' if running else 'no frames expected'}: {why}")
                if not running:
                    self._hold_unseen()
            case device.Lost(why):
                self._fault(f"runtime lost: {why}")
                self._hold_unseen()
            case device.ExitAsked(why):
                self.note(f"the runtime asks to end: {why}")
                self._set_mode(Mode.OVER)
            case device.Recentred() | device.Found():
                self.note(_words(event))
                self._seat.forget()
                self._recentred = True
            case _:
                self.note(_words(event))

    # --- each frame

    def update(self, index: int, moment: Moment, inputs: Inputs) -> None:
        """Move everything on to this moment."""
        self._now = moment.time
        self.changed_place = False
        inputs = self._follow_tracking(moment.time, inputs)
        self._heed_patient(inputs, moment.dt)
        self._body.update(moment.time, self._seat.raw)
        quiet = bool(self._quiet) or self.mode is Mode.GROUNDED
        guided = 0.0 if quiet else moment.dt
        self._await_sound(moment.dt)
        runs = self._advance(0.0 if self._speak or self._waits else guided) and not (quiet or self._speak)
        self._lead_speech(moment.shown, runs=runs)
        self._blend(quiet)
        covered = self._mist.amount > 0.0
        self._mist.step(moment.dt)
        if covered and self._mist.amount == 0.0:
            log.info("%8.2f s  clear in '%s'", self._now, self._here)
        inputs = self._body.offered(self._change_place(inputs))
        self._fade_guide(moment.dt, quiet or self._speak)
        self._fade_brightness(moment.dt)
        self._ask_patient(inputs, moment.dt)
        self._scene_seconds += guided
        scene = self._scenes.get(self._here)
        if scene is None:
            return
        step = self._plan.steps[self._step]
        settings = self._defaults[self._here]
        if step.scene == self._here:
            settings = step.settings
            if self.mode is Mode.PLAYING and not self._returning:
                self._kept_seconds = self._scene_seconds
        self._frame = Frame(
            *(index, moment.time, self._scene_seconds, guided, quiet, inputs, settings, self._comfort, self.detail)
        )
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
        clear = 1.0 - self._mist.amount
        if self.mode is not Mode.LEAVING:
            self._draw_stop(out, clear)
        if clear <= 0.0:
            return
        if self._may_ask:
            self._panels.draw(out, clear)
        words, opacity = self._caption()
        if opacity > 0.0 and words in self._captions:
            out.text(self._captions[words][self._comfort.large_text], self._caption_at, opacity)

    def _draw_stop(self, out: Pass, clear: float) -> None:
        """The mark for the gaze, low to one side; the ring for what is held, also in the mist."""
        stop = self._stop
        seen = clear * (MARK_FAINT + (1.0 - MARK_FAINT) * stop.near)
        mark = self._marks[stop.confirming]
        mark.draw(out, stop.looked, self._mark_at, seen, large=self._comfort.large_text)
        if stop.held > 0.0:
            yaw, pitch = yaw_and_pitch(self._ring_from)
            at = seen_from(self._ring_from.position, yaw, pitch - RING_BELOW, DISTANCE)
            self._ring.draw(out, stop.held, at, min(stop.held / 0.1, 1.0))

    # --- inside

    def _follow_tracking(self, time: float, inputs: Inputs) -> Inputs:
        """What tracking did to the view, covered at once: a jump, or another origin."""
        jumped = self._seat.jumped(time)
        if jumped or self._recentred:
            if jumped and self._mist.amount < 0.5:  # told once, however often it jumps
                self.note("tracking jumped")
            if self._recentred:
                self._seat.recentre()
                self._recentred = False
            self._mist.cover_at_once()
            self._change_seconds = min(self._change_seconds, limits.FADE_SECONDS)
            return self._seat.placed(self._seat.raw)
        return inputs

    def _heed_patient(self, inputs: Inputs, dt: float) -> None:
        """The patient's own stop, felt when it begins and when it is done."""
        stop, mark = self._stop, self._mark_at.position
        if stop.held == 0.0:
            self._ring_from = inputs.head
        stopped = stop.update(inputs, dt, mark, self._comfort.raised, pressed=self._seat.stop_pressed)
        if stop.begins and self._now - self._tone_at >= TONE_SECONDS:
            self._tone_at = self._now
            self._sound.play("stop_answer", once=True)
        if stop.begins or stopped:
            for hand, there in (("left", inputs.left), ("right", inputs.right)):
                if there is not None:
                    self._haptics.pulse(hand, 0.4 if stopped else 0.2, 0.2 if stopped else 0.08)  # type: ignore[arg-type]
        if stopped:
            self.note("the patient stops")
            if self.mode is not Mode.GROUNDED:  # there already, with words
                self._stop_now()

    @property
    def _may_ask(self) -> bool:
        return not self._locked and self.mode is not Mode.LEAVING and self.mode is not Mode.GROUNDED

    def _ask_patient(self, inputs: Inputs, dt: float) -> None:
        """Panels, while the picture is clear."""
        if self._may_ask and self._mist.amount == 0.0:
            self._panels.update(dt, inputs, self._comfort, self._eyes)
            if self._panels.chose:
                self._sound.play("acknowledge", once=True)

    def _fade_guide(self, dt: float, quiet: bool) -> None:
        """Words come within a second and are gone within a tenth."""
        if self.mode is Mode.GROUNDED:
            self._guide = 0.0
            if self._here == self._wanted():
                self._ground_seconds += dt
        elif quiet or self.mode is not Mode.PLAYING:
            self._guide = max(self._guide - dt / limits.STOP_NOW_ANSWER_SECONDS, 0.0)
        elif self._guide < 1.0:
            self._guide = min(self._guide + dt / CAPTION_FADE_SECONDS, 1.0)

    def _fade_brightness(self, dt: float) -> None:
        off = self._asked.brightness - self.brightness
        if off:
            step = self._dimming * dt
            self.brightness += min(max(off, -step), step)

    # --- words and view

    def _set_comfort(self, command: SetComfort) -> None:
        before, self._asked = self._asked, command
        if command.brightness != before.brightness:
            off = abs(command.brightness - self.brightness)
            self._dimming = min(off / limits.FADE_SECONDS, BRIGHTER_PER_SECOND)
        if command.seated_height != before.seated_height and self._pending is None:
            self._place_behind_mist("height")
        self._place_words()

    def _place_behind_mist(self, how: PlaceView | Literal["height"]) -> None:
        self._pending = how
        self._change_seconds = min(self._change_seconds, limits.FADE_SECONDS)

    def _place(self) -> None:
        """Nothing is seen: put the world before the patient."""
        match self._pending:
            case PlaceView(level):
                self._seat.place(level=level, eye_height=self._asked.seated_height)
                self.note(f"view placed: {self._seat.posture}")
            case "height":
                self._seat.raise_eyes(self._asked.seated_height)
        self._pending = None
        self._place_words()
        if self.mode is Mode.PLAYING and (why := self._unfit(self._playing_step)):
            self._refuse_place(why)

    def _place_words(self) -> None:
        """Where captions and the mark stand, and what scenes are told, after any change of view or comfort."""
        seat, asked = self._seat, self._asked
        self._comfort = comfort_with(seat, asked.hand, large_text=asked.text == "large")
        self._eyes = Pose(seat.eyes)
        metres = CAPTION_METRES if seat.raised <= RAISED_MOST else CAPTION_NEAR_METRES
        self._caption_at = seen_from(seat.eyes, 0.0, seat.raised - CAPTION_BELOW, metres)
        self._mark_at = before(self._eyes, self._comfort, -MARK_BELOW, MARK_ASIDE, MARK_METRES)

    def _unfit(self, step: Step) -> str | None:
        """Why a step cannot be shown to a patient in this posture."""
        scene = self._scenes.get(step.scene)
        if self._comfort.posture != "lying" or step.scene == HOME or scene is None or "sky" in scene.info.flags:
            return None
        title = scene.info.title
        return f"'{title}' is not for lying down; choose a plan under the sky, or raise the chair and place the view"

    def _refuse_place(self, why: str) -> None:
        self.note(why)
        self._hold()

    # --- the plan

    @property
    def _playing_step(self) -> Step:
        return self._plan.steps[self._step]

    def _advance(self, guided: float) -> bool:
        """The plan's clock; whether it may run at all."""
        if self.mode is not Mode.PLAYING or not self._ready(self._playing_step.scene):
            return False
        if self._returning:
            if self._here != self._wanted():
                return False
            self._returning = False
        self._step_seconds += guided
        if self._step_seconds >= self._playing_step.seconds:
            self._next_step()
        return self.mode is Mode.PLAYING

    def _next_step(self) -> None:
        if self._step + 1 < len(self._plan.steps):
            if self._plan.steps[self._step + 1].scene != self._playing_step.scene:
                self._kept_seconds = 0.0
            self._step += 1
            self._step_seconds = 0.0
            self._change_seconds = BETWEEN_PLACES_SECONDS
            if why := self._unfit(self._playing_step):
                self._refuse_place(why)
        else:
            self._enter(Mode.LEAVING, BETWEEN_PLACES_SECONDS)

    # --- what is heard

    def _await_sound(self, dt: float) -> None:
        """Where a recording guides, the plan's clock waits for a sound that is away, but not for ever."""
        away = self.mode is Mode.PLAYING and self._speech.waits(self._playing_step.script)
        self._away = self._away + dt if away else 0.0
        self._waits = away and self._away < WAIT_FOR_SOUND_SECONDS

    def _lead_speech(self, shown: int, *, runs: bool) -> None:
        """Recorded lines, where the plan's clock has them."""
        time = self._step_seconds - CAPTION_DELAY_SECONDS
        if self._waits and runs:
            self._speech.lose()
            return
        if runs:
            step = self._playing_step
            back = self._speech.follow(step.script, time, step.seconds - CAPTION_DELAY_SECONDS, shown)
        else:
            back = self._speech.cease(time)
        if back is not None:
            self._step_seconds = max(back + CAPTION_DELAY_SECONDS, 0.0)

    def _blend(self, quiet: bool) -> None:
        """Who makes room for whom, when it changes."""
        if self._speak:
            wanted = "speak"
        elif quiet:
            wanted = "quiet"
        else:
            step, time = self._playing_step, self._step_seconds - CAPTION_DELAY_SECONDS
            guided = self.mode is Mode.PLAYING and self._speech.within(step.script, time)
            wanted = "guided" if guided else "calm"
        if wanted != self._snapshot:
            self._snapshot = wanted
            self._sound.blend({wanted: 1.0}, over=BLEND_SECONDS.get(wanted, BLEND_USUALLY_SECONDS))

    def _silence(self) -> None:
        """All that sounds, at once; what belongs to this place comes back if one stays in it."""
        self._sound.silence()
        self._silenced = True

    def _told_sound(self) -> str:
        told = self._sound.told
        return f"{told or 'the sound is starting'}; the guide waits for it" if self._waits else told

    def _prompt(self) -> Prompt:
        """What is said now, and what is left of it."""
        script = self._playing_step.script
        if self.mode is not Mode.PLAYING or script is None:
            return NO_PROMPT
        time = self._speech.heard(self._step_seconds - CAPTION_DELAY_SECONDS)
        heard = self._waits or self._sound.state is State.PLAYING
        return prompt(script, time, self._speech.of(script) if heard else frozenset())

    def _change_place(self, inputs: Inputs) -> Inputs:
        """Cover, change while nothing is seen, clear. Returns the inputs as they are in the view now placed."""
        wanted = self._wanted()
        leaving = self.mode is Mode.LEAVING
        if wanted == self._here and not leaving and self._silenced:
            self._silenced = False
            self._sound.resume()
        if wanted == self._here and not leaving and self._pending is None:
            if self._mist.amount > 0.0:
                self._mist.clear(self._change_seconds)
            return inputs
        if not self._mist.covered:
            self._mist.cover(self._change_seconds)
            return inputs
        if leaving:
            self._set_mode(Mode.OVER)
            return inputs
        if self._pending is not None:
            self._place()
            inputs = self._seat.placed(self._seat.raw)
            wanted = self._wanted()
        if wanted != self._here:
            self._arrive(wanted)
        self._mist.clear(self._change_seconds)
        return inputs

    def _arrive(self, wanted: str) -> None:
        self._leave_here()
        self._sound.end_all(fade=BED_FADE_SECONDS)
        self._silenced = False
        self._here = wanted
        planned = self.mode is Mode.PLAYING and wanted == self._playing_step.scene
        self._scene_seconds = self._kept_seconds if planned else 0.0
        self.changed_place = True
        self.journal.scenes.append((self._now, wanted))
        if wanted:
            self._guarded(partial(self._scenes[wanted].enter, self._stage))

    def _wanted(self) -> str:
        wanted = self._playing_step.scene if self.mode is Mode.PLAYING else HOME
        if wanted not in self._scenes or not self._ready(wanted):
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
        self._sound.end_all(fade=limits.FADE_SECONDS)
        self._here = ""
        self._mist.cover_at_once()

    def _caption(self) -> tuple[str, float]:
        """The words to be read now and how much of them is seen."""
        clear = 1.0 - self._mist.amount
        if self.mode is Mode.GROUNDED:
            words, opacity = _staying(self._plan.ground, self._ground_seconds)
            return words, clear * opacity
        script = self._playing_step.script
        opacity = self._guide * clear
        if script is None or opacity <= 0.0 or self._panels.showing:
            return "", 0.0
        time = self._speech.heard(self._step_seconds - CAPTION_DELAY_SECONDS)
        caption = script.at(time)
        if caption is None or caption.ends + CAPTION_DELAY_SECONDS > self._playing_step.seconds:
            return "", 0.0  # words that could not be said to their end are not begun
        return caption.words, opacity * min((time - caption.begins) / CAPTION_FADE_SECONDS, caption.ends - time, 1.0)

    # --- going, stopping, holding

    def _go(self) -> str | None:
        if self._locked:
            return LOCKED
        if self.mode is Mode.LEAVING:
            return "the session is ending"
        for step in self._plan.steps[self._step :]:
            if why := self._unfit(step):
                return why
        self._quiet.discard("therapist")
        if self.mode is not Mode.PLAYING:
            self._returning = True
            self._enter(Mode.PLAYING, BETWEEN_PLACES_SECONDS)
        return None

    def _set_locked(self, locked: bool) -> None:
        """Locked, a plan that plays gives way to the calm room; unlocked, it waits for a Go."""
        if locked == self._locked:
            return
        self._locked = locked
        self.note("locked" if locked else "unlocked")
        if locked:
            self._rest = Mode.HELD if self._step or self._step_seconds else Mode.WAITING
            if self.mode is Mode.PLAYING:
                self._enter(Mode.LOCKED, limits.END_GENTLY_SECONDS / 2)
            elif self.mode in (Mode.WAITING, Mode.HELD, Mode.STOPPED):
                self._set_mode(Mode.LOCKED)
        elif self.mode is Mode.LOCKED:
            self._set_mode(self._rest)

    def _end_gently(self) -> None:
        """Straight to the plan's last step, the return; locked, to the end."""
        if self.mode is Mode.LEAVING:
            return
        if self._locked:
            self._enter(Mode.LEAVING, limits.END_GENTLY_SECONDS / 2)
            return
        self._quiet.discard("therapist")
        last = len(self._plan.steps) - 1
        if self._step != last:
            self._step, self._step_seconds, self._kept_seconds = last, 0.0, 0.0
        self._returning = False
        self._enter(Mode.PLAYING, limits.END_GENTLY_SECONDS / 2)

    def _stop_now(self) -> None:
        """Leaving already, it is only done faster."""
        self._silence()
        self._change_seconds = STOP_CHANGE_SECONDS
        if self.mode is not Mode.LEAVING:
            self._set_mode(Mode.LOCKED if self._locked else Mode.STOPPED)

    def _ground_now(self) -> None:
        self._silence()
        self._change_seconds = STOP_CHANGE_SECONDS
        if self.mode not in (Mode.LEAVING, Mode.GROUNDED):
            self._ground_seconds = 0.0
            self._set_mode(Mode.GROUNDED)

    def _hold(self) -> None:
        """The equipment or the patient interrupts: calm room, plan kept; only a Go continues it."""
        if self.mode is Mode.PLAYING:
            self._enter(Mode.HELD, STOP_CHANGE_SECONDS)

    def _hold_unseen(self) -> None:
        """The same while no picture of ours is shown: the next one rises out of the mist."""
        self._hold()
        self._mist.cover_at_once()
        self._seat.forget()

    def _finish_scene(self) -> None:
        if self.mode is Mode.PLAYING and self._here == self._playing_step.scene:
            self._step_seconds = max(self._step_seconds, self._playing_step.seconds)

    def _enter(self, mode: Mode, change_seconds: float) -> None:
        self._change_seconds = change_seconds
        self._set_mode(mode)

    def _set_mode(self, mode: Mode) -> None:
        if mode is not self.mode:
            self.mode = mode
            self.journal.events.append((self._now, mode.value))
            log.info("%8.2f s  %s", self._now, mode)

    def note(self, words: str) -> None:
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


def _clamped(position: Position, plan: Plan) -> tuple[int, float, float]:
    """A place in the plan, whatever was remembered: step, seconds in it, seconds of its scene."""
    step = min(max(position.step, 0), len(plan.steps) - 1)
    seconds, scene = (value if isfinite(value) else 0.0 for value in (position.step_seconds, position.scene_seconds))
    return step, min(max(seconds, 0.0), plan.steps[step].seconds), min(max(scene, 0.0), LONGEST_SECONDS)


def _staying(script: Script | None, time: float) -> tuple[str, float]:
    """The caption at `time` of a script whose every caption stays until the next one, and the last for good."""
    if script is None:
        return "", 0.0
    number = max(index for index, caption in enumerate(script.captions) if caption.begins <= time)
    caption, after = script.captions[number], script.captions[number + 1 :]
    ends = after[0].begins if after else time + CAPTION_FADE_SECONDS
    return caption.words, min((time - caption.begins) / CAPTION_FADE_SECONDS, ends - time, 1.0)
