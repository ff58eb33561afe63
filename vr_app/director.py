"""Leads a session: plays a plan's steps, puts mist between places, and always knows the way to the calm room."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import radians
from typing import Any, Literal, Protocol

from vr_app import headset as device
from vr_app import limits
from vr_app.api import Comfort, Frame, Haptics, Inputs, Kit, Pass, Pose, Scene, Stage
from vr_app.body import Body
from vr_app.captions import FADE_SECONDS as CAPTION_FADE_SECONDS
from vr_app.captions import Captions, passing, staying
from vr_app.catalogue import SettingsError, make_settings
from vr_app.clock import Moment
from vr_app.commands import (
    Adjust,
    Anchor,
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
    Rate,
    SenseBreath,
    SetAnchor,
    SetComfort,
    SetEyes,
    SetPhase,
    SetQuiet,
    SetText,
    SetVolume,
    Speak,
    StopNow,
    TakeBack,
    Veil,
)
from vr_app.course import ENDING, LOCKED, READING, THERAPIST, Cause, Course
from vr_app.course import Mode as Mode
from vr_app.guide import Guide, Recorded
from vr_app.lamp import Lamp
from vr_app.mist import Mist
from vr_app.panel import DISTANCE, BoardKit, Panels, Ring, StopMark, before
from vr_app.patient_stop import PatientStop
from vr_app.placement import Seat, comfort_with, seen_from, yaw_and_pitch
from vr_app.plan import AT_HOME, BETWEEN_PLACES_SECONDS, HOME, Plan
from vr_app.profile import listed, setting_flags
from vr_app.rating import Rating
from vr_app.remembered import Remembered
from vr_app.script import NO_PROMPT, Prompt, Question, prompt
from vr_app.sound.desk import State
from vr_app.sound.led import LedSound
from vr_app.sound.silent import Silent
from vr_app.station.messages import Position, Rated, Status
from vr_app.veil import Veil as WorkVeil
from vr_app.wording import Wording
from vr_app.works.works import Works

log = logging.getLogger(__name__)

CAPTION_DELAY_SECONDS = 3.0  # at least: arrive first, then words
RATE_SECONDS = 0.5  # into a cue: from then on its words have begun, and nobody is asked how they are
PLANNED = "planned"  # the panel of a plan's own question
MARK_METRES = 1.4
MARK_ASIDE, MARK_BELOW = radians(35.0), radians(30.0)
MARK_FAINT = 0.65  # opacity while nobody looks at it
RING_BELOW = radians(8.0)  # the line of sight as it is when a button or both palms begin to be held
BED_FADE_SECONDS = 3.0  # of a place's sounds when it is left
BLEND_SECONDS = {"silent": 0.2, "quiet": 0.3, "speak": limits.TALK_OVER_SECONDS, "eyes closed": 6.0}  # into it; else:
BLEND_BACK_SECONDS = {"silent": 0.4, "quiet": 0.4}  # out of it: a line begins again within half a second; else:
BLEND_USUALLY_SECONDS = 1.5
VOLUME_SECONDS = 1.0  # of a change
WAIT_FOR_SOUND_SECONDS = 30.0  # at most; then captions go on alone
TONE_SECONDS = 2.0  # at least, between two answers to the beginning of a stop: a gaze may wander over its mark


@dataclass(slots=True)
class Journal:
    """What happened, for the report: (session seconds, words)."""

    events: list[tuple[float, str]] = field(default_factory=list)
    faults: list[tuple[float, str]] = field(default_factory=list)
    scenes: list[tuple[float, str]] = field(default_factory=list)


NOTHING_RECORDED: Recorded = {}
ENGLISH = Wording()


class WordsKit(Kit, BoardKit, Protocol):
    """What the director asks of a kit beyond what scenes do."""

    def fill(self, name: str, words: str) -> str | None:
        """Show the patient's words in every label of slot `name`; why not, if not."""


class Director:
    """What follows from the course of a session. Nothing here blocks, raises or touches a device."""

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
        remembered: Remembered | None = None,
        wording: Wording = ENGLISH,
        visit: str = "",
        avoid: frozenset[str] = frozenset(),
        rated: Sequence[Rated] = (),
    ) -> None:
        """`resume`: where the plan goes on when it is told to; until then it is held.

        `visit`: the mark of who is here, for Status; `avoid`: what their profile leaves out; `rated`: what they have
        answered in this session already.

        `ready` says of a scene whether it can be shown; until then the plan waits in the calm room. `recorded` lines
        are said by `sound`, and the plan's scripts know how long they are; `rehearsal`: by a synthesiser.
        """
        self.journal = Journal()
        self.detail = 2  # of the picture, as Frame.detail
        self.changed_place = False  # in this frame, behind the mist: the one moment for slow housekeeping
        self._plan = plan
        self._scenes = dict(scenes)
        self._defaults = {name: scene.Settings() for name, scene in scenes.items()}
        self._adjusted: dict[str, dict[str, float | str]] = {}  # by scene: what was asked for while the plan lives
        self._made: dict[str, tuple[Any, Any]] = {}  # by scene: settings, and what they are once adjusted
        self._anchor_scenes = frozenset(place.scene for place in plan.anchors.values())
        self._haptics = haptics
        self._ready = ready
        self._captions = Captions()
        self._lamp = Lamp()
        self._mist = Mist()
        self._veil = WorkVeil()
        self._course = Course(plan, self._told, self._unfit, locked=locked, resume=resume)
        self._here = ""  # id of the scene that is shown; "" is mist alone
        self._scene_seconds = self._course.kept_seconds if self._course.cue.scene == HOME else 0.0
        self._reading_seconds = 0.0  # since the words of a grounding, or of *Queasy*, began
        self._guide = 0.0  # 0..1, how much of the guide is seen
        self._worn = self._focused = self._visible = True
        self._now = 0.0
        self._world = self._stood_still = 0.0  # seconds of the world, and for which it has stood still
        self._frame: Frame | None = None
        self._sound: LedSound = sound or Silent()
        self._speech = Guide(self._sound, recorded)
        self.remembered = remembered or Remembered()
        self._works = Works(self.remembered)
        self._stages = {
            name: Stage(
                *(haptics, self._sound, self.remembered.of(name), self._works.of(name)), self.note, self._finish_scene
            )
            for name in scenes
        }
        self._rehearsal = rehearsal
        self._wording, self._visit, self._rated, self._avoid = wording, visit, rated, avoid
        self._asked_how: set[str] = set()  # they are, by the plan
        self._rated_in = (self._course.mode, self._course.step)
        self._volume_db = 0.0
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
        self._planned: Question | None = None  # that stands before the patient
        self._asked = SetComfort()
        self._comfort = Comfort()
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
        self._rating = Rating(self._panels, self._wording, self._rated)
        marks = self._wording.stop, self._wording.confirm  # and when it asks whether that is meant
        self._marks = tuple(StopMark(kit, MARK_METRES, words) for words in marks)
        plan = self._plan
        anchored = (place.script for place in plan.anchors.values())
        for script in (*(step.script for step in plan.steps), *anchored, plan.ground, plan.queasy):
            for caption in script.captions if script else ():
                self._lay_out(kit, caption.words)

    def _lay_out(self, kit: Kit, words: str) -> None:
        try:
            self._captions.lay_out(kit, words)
        except ValueError as error:  # somebody's name in another script, say: the plan plays without that line
            self._fault(f"a caption cannot be shown: {error}")

    # --- what reaches it from outside

    @property
    def mode(self) -> Mode:
        return self._course.mode

    @property
    def finished(self) -> bool:
        return self.mode is Mode.OVER

    @property
    def mist(self) -> float:
        return self._mist.amount

    @property
    def brightness(self) -> float:
        return self._lamp.brightness

    @property
    def world_seconds(self) -> float:
        """What scenes are told of the time: session seconds without those for which the world stood still."""
        return self._world

    @property
    def scene_seconds(self) -> float:
        return self._scene_seconds

    def position(self) -> Position:
        """Where the plan stands, whatever is shown meanwhile."""
        return self._course.position()

    def status(self, headset: str) -> Status:
        """The whole session as it is now, for those who steer it; made ten times a second, not in every frame."""
        words, opacity = self._caption()
        course, steps = self._course, self._plan.steps
        left = sum(step.seconds for step in steps[course.step :]) - course.step_seconds
        titles = [*(step.title for step in steps), ""]
        return Status(
            time=self._now,
            mode=self.mode.value,
            here=self._here,
            clear=self._mist.amount == 0.0,
            plan=self._plan.title,
            position=self.position(),
            steps=len(steps),
            seconds_left=max(left, 0.0),
            locked=course.locked,
            quiet=bool(course.quiet),
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
            plan_name=self._plan.name,
            cue=titles[course.step],
            next_cue=titles[course.step + 1],
            waits=course.waits,
            anchors=self._anchors(),
            anchor=course.anchor,
            eyes_closed=course.eyes_closed,
            volume_db=self._volume_db,
            exposure_seconds=course.exposure_seconds,
            settings=self._settings_told(),
            breath=self._body.breath,
            stillness=self._body.stillness,
            visit=self._visit,
            veiled=self._veil.on,
            making=self._works.at(self._here),
            rating=self._rating.when,
            ratings=tuple(self._rating.rated),
        )

    def obey(self, command: Command) -> str | None:
        """Carry out one command and say why not, if not; all are absolute, so a repeated one changes nothing."""
        if self.mode is Mode.OVER:
            return "the session is over"
        match command:
            case EndGently() | StopNow() | GroundNow() | Queasy() | Leave():
                self._obey_stop(command)
            case Go() | GoTo() | SetAnchor() | SetQuiet() | SetPhase():
                return self._obey_about_plan(command)
            case Speak() | SetVolume() | SetEyes() | Veil() | Adjust() | SetComfort() | SenseBreath():
                return self._obey_about_senses(command)
            case PlaceView() | SetText() | Ask() | TakeBack() | Rate():
                return self._obey_about_view(command)
            case LoadPlan():
                return "the picture plays one plan; the station loads another, so ask it there"
            case _:
                return f"not understood: {type(command).__name__}"
        return None

    def _obey_stop(self, command: EndGently | StopNow | GroundNow | Queasy | Leave) -> None:
        match command:
            case EndGently():
                self._course.end_gently()
            case StopNow():
                self._stop_with(Cause.STOP)
            case GroundNow():
                self._stop_with(Cause.GROUND)
            case Queasy():
                self._stop_with(Cause.QUEASY)
            case Leave():
                self._stop_with(Cause.LEAVE)

    def _obey_about_plan(self, command: Go | GoTo | SetAnchor | SetQuiet | SetPhase) -> str | None:
        course = self._course
        match command:
            case Go():
                return course.go()
            case GoTo(step, seconds):
                refused = course.go_to(step, seconds)
                if refused is None:
                    self._speech.cease(0.0)  # the same line may be next
                return refused
            case SetAnchor(anchor):
                if anchor in self._plan.anchors and anchor not in self._anchors():
                    return f"the place of the anchor '{anchor}' could not be built"
                return course.set_anchor(anchor)
            case SetQuiet(quiet):
                course.set_quiet(THERAPIST, quiet=quiet)
            case SetPhase(locked):
                course.set_locked(locked)
        return None

    def _obey_about_senses(
        self, command: Speak | SetVolume | SetEyes | Veil | Adjust | SetComfort | SenseBreath
    ) -> str | None:
        match command:
            case Speak(on):
                self._speak = on
                self._sound.hear(on)
            case SetVolume(db):
                self._volume_db = db
                self._sound.level(db, over=VOLUME_SECONDS)
            case SetEyes(closed):
                return self._course.set_eyes(closed=closed)
            case Veil(on):
                self._veil.on = on
            case Adjust():
                return self._adjust(command)
            case SetComfort():
                self._set_comfort(command)
            case SenseBreath(hand):
                self._body.sense(hand)
        return None

    def _obey_about_view(self, command: PlaceView | SetText | Ask | TakeBack | Rate) -> str | None:
        match command:
            case SetText(slot, text):
                return self._kit.fill(slot, text)
            case TakeBack(name):
                self._panels.take_back(name)
            case PlaceView():
                if self.mode is Mode.LEAVING:
                    return ENDING
                if not self._seat.raw.head_tracked:
                    return "the headset is not tracked; place the view once it is"
                self._place_behind_mist(command)
            case Ask() | Rate():
                return self._ask_for(command)
        return None

    def _ask_for(self, command: Ask | Rate) -> str | None:
        if self._course.locked:
            return LOCKED
        if self.mode is Mode.LEAVING or self.mode in READING:
            return f"nothing is asked while the session is {self.mode.value}"
        if isinstance(command, Rate):
            return self._rating.ask(command.when, self._comfort, self._now)
        return self._panels.ask(command, self._comfort)

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
                    self._course.hold()
            case device.Visibility(visible, focused):
                self._visible, self._focused = visible, focused
                self.note("focused" if focused else "visible, not focused" if visible else "not visible")
                self._course.set_quiet("focus", quiet=not focused)
            case device.Running(running, why):
                self.note(f"{'frames expected' if running else 'no frames expected'}: {why}")
                if not running:
                    self._hold_unseen()
            case device.Lost(why):
                self._fault(f"runtime lost: {why}")
                self._hold_unseen()
            case device.ExitAsked(why):
                self.note(f"the runtime asks to end: {why}")
                self._course.end()
            case device.Recentred() | device.Found():
                self.note(_words(event))
                self._seat.forget()
                self._recentred = True
            case _:
                self.note(_words(event))

    # --- each frame

    def update(self, index: int, moment: Moment, inputs: Inputs) -> None:
        """Move everything on to this moment."""
        passed = max(moment.time - self._now, 0.0)
        self._now = moment.time
        if self._worn and self._visible:
            self._course.wear(passed)
        self.changed_place = False
        inputs = self._follow_tracking(moment.time, inputs)
        self._heed_patient(inputs, moment.dt)
        self._body.update(moment.time, self._seat.raw)
        quiet = bool(self._course.quiet) or self.mode in READING
        guided = 0.0 if quiet else moment.dt
        self._await_sound(moment.dt)
        rates = self.mode is Mode.PLAYING and bool(self._rating.when)  # the words wait for it
        hushed = quiet or self._speak or rates
        runs = self._advance(0.0 if self._speak or self._waits or rates else guided) and not (hushed or self._turns)
        self._lead_speech(moment.shown, runs=runs)
        self._blend(quiet)
        self._works.save(moment.time)
        covered = self._mist.amount > 0.0
        self._mist.step(moment.dt)
        self._veil.step(moment.dt, unseen=self._mist.covered)
        if covered and self._mist.amount == 0.0:
            log.info("%8.2f s  clear in '%s'", self._now, self._here)
        inputs = self._body.offered(self._change_place(inputs))
        self._fade_guide(moment.dt, hushed or self._turns)
        still = self.mode is Mode.QUEASY
        if still:
            self._stood_still = self._now - self._world
        else:
            self._world = self._now - self._stood_still
        self._lamp.step(moment.time, moment.dt, closed=self._course.eyes_closed, full=still)
        self._ask_patient(inputs, moment.dt)
        self._scene_seconds += guided
        self._update_scene(index, guided, quiet, inputs)
        self._captions.step(*self._caption(), moment.dt, clear=1.0 - self._mist.amount)

    def _update_scene(self, index: int, guided: float, quiet: bool, inputs: Inputs) -> None:
        scene, course = self._scenes.get(self._here), self._course
        if scene is None:
            return
        if course.cue.scene == self._here and self.mode is Mode.PLAYING and not course.returning:
            course.kept_seconds = self._scene_seconds
        self._frame = Frame(
            index=index,
            time=self.world_seconds,
            scene_time=self._scene_seconds,
            dt=guided,
            quiet=quiet,
            inputs=inputs,
            settings=self._settings(self._here),
            comfort=self._comfort,
            detail=self.detail,
            veil=self._veil.amount,
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
        self._captions.draw(out, large=self._comfort.large_text)

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
            self._course.change_seconds = min(self._course.change_seconds, limits.FADE_SECONDS)
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
            if self.mode not in READING:  # there already, with words
                self._stop_with(Cause.STOP)

    @property
    def _may_ask(self) -> bool:
        return not self._course.locked and self.mode is not Mode.LEAVING and self.mode not in READING

    def _ask_as_planned(self) -> None:
        """The question of the cue's words, while it stands."""
        question = self._course.question
        if question is self._planned:
            return
        if self._planned is not None:
            self._panels.take_back(PLANNED)
        self._planned = question
        if question is not None and (
            why := self._panels.ask(Ask(PLANNED, "choice", question.words, question.options), self._comfort)
        ):
            self._fault(f"a question cannot be shown: {why}")

    def _ask_how_they_are(self, dt: float) -> None:
        """Before the first words and before those of the way back, where the plan wants it; and as the therapist does.

        A question that was left behind by the plan, or by a stop, goes.
        """
        rating, place = self._rating, (self.mode, self._course.step)
        due, count = self._due_rating(), len(rating.rated)
        if place != self._rated_in:
            self._rated_in = place
            if rating.when != due:
                rating.leave(self._now)
        if due:
            self._asked_how.add(due)
            if why := rating.ask(due, self._comfort, self._now):
                self._fault(f"how the patient is cannot be asked: {why}")
        rating.update(self._now, dt, clear=self._may_ask and self._mist.amount == 0.0)
        if len(rating.rated) > count:
            self.note(f"the patient said how they are ({rating.rated[-1].when})")

    def _due_rating(self) -> Literal["before", "after", ""]:
        course, last = self._course, len(self._plan.steps) - 1
        if not self._plan.ratings or self.mode is not Mode.PLAYING or course.step_seconds >= RATE_SECONDS:
            return ""
        when: Literal["before", "after", ""] = "before" if course.step == 0 else ""
        if course.step == last and not course.cut_short:
            when = "after"
        return when if when and when not in self._asked_how and self._rating.wants(when) else ""

    def _ask_patient(self, inputs: Inputs, dt: float) -> None:
        """Panels, while the picture is clear."""
        self._ask_as_planned()
        self._ask_how_they_are(dt)
        if self._may_ask and self._mist.amount == 0.0:
            self._panels.update(dt, inputs, self._comfort, self._eyes)
            if self._panels.chose:
                self._sound.play("acknowledge", once=True)

    def _fade_guide(self, dt: float, quiet: bool) -> None:
        """Words come within a second and are gone within a tenth."""
        if self.mode in READING:
            self._guide = 0.0
            if self._here == self._wanted():
                self._reading_seconds += dt
        elif quiet or self.mode is not Mode.PLAYING:
            self._guide = max(self._guide - dt / limits.STOP_NOW_ANSWER_SECONDS, 0.0)
        elif self._guide < 1.0:
            self._guide = min(self._guide + dt / CAPTION_FADE_SECONDS, 1.0)

    # --- words and view

    def _set_comfort(self, command: SetComfort) -> None:
        before, self._asked = self._asked, command
        self._lamp.ask(command.brightness)
        if command.seated_height != before.seated_height and self._pending is None:
            self._place_behind_mist("height")
        self._place_words()

    def _place_behind_mist(self, how: PlaceView | Literal["height"]) -> None:
        self._pending = how
        self._course.change_seconds = min(self._course.change_seconds, limits.FADE_SECONDS)

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
        if self.mode is Mode.PLAYING and (why := self._unfit(self._course.place)):
            self.note(why)
            self._course.hold()

    def _place_words(self) -> None:
        """Where captions and the mark stand, and what scenes are told, after any change of view or comfort."""
        seat, asked = self._seat, self._asked
        self._comfort = comfort_with(seat, asked.hand, large_text=asked.text == "large")
        self._eyes = Pose(seat.eyes)
        self._captions.place(seat)
        self._mark_at = before(self._eyes, self._comfort, -MARK_BELOW, MARK_ASIDE, MARK_METRES)

    def _unfit(self, name: str) -> str | None:
        """Why a scene cannot be shown to a patient in this posture."""
        scene = self._scenes.get(name)
        if self._comfort.posture != "lying" or name in AT_HOME or scene is None or "sky" in scene.info.flags:
            return None
        title = scene.info.title
        return f"'{title}' is not for lying down; choose a plan under the sky, or raise the chair and place the view"

    # --- the plan

    def _advance(self, guided: float) -> bool:
        """The plan's clock; whether it may run at all."""
        course = self._course
        return course.advance(guided, ready=self._ready(course.place), there=self._here == self._wanted())

    @property
    def _turns(self) -> bool:
        """Another anchor was asked for, or the cue's own again, and is not here yet: words wait."""
        return bool(self._course.anchor or self._here in self._anchor_scenes) and self._here != self._wanted()

    @property
    def _delay(self) -> float:
        """Guided seconds from the beginning of a stay to its first words: arrive first."""
        if self._course.anchor:
            return CAPTION_DELAY_SECONDS
        return CAPTION_DELAY_SECONDS * max(1.0, self._course.cue.fade / BETWEEN_PLACES_SECONDS)

    def _anchors(self) -> tuple[Anchor, ...]:
        """Those that can be shown."""
        return tuple(anchor for anchor, place in self._plan.anchors.items() if place.scene in self._scenes)

    def _adjust(self, asked: Adjust) -> str | None:
        """Before the first frame of any scene of the plan: what held before another process was lost."""
        scene = self._scenes.get(asked.scene)
        if scene is None or (self._here and asked.scene not in (self._course.cue.scene, self._course.place)):
            return f"scene '{asked.scene}' does not play now; adjust '{self._course.cue.scene}'"
        values = self._adjusted.get(asked.scene, {}) | {asked.name: asked.value}
        try:
            made = make_settings(type(scene), values)
        except SettingsError as error:
            return str(error)
        if left_out := self._avoid & setting_flags(made):
            return f"this patient's profile leaves out {listed(sorted(left_out))}; choose another value"
        self._adjusted[asked.scene] = values
        self._made.pop(asked.scene, None)
        return None

    def _settings(self, name: str) -> Any:
        """Of a scene as it is shown now."""
        cue, anchors = self._course.cue, self._plan.anchors
        settings = cue.settings if name == cue.scene else self._defaults[name]
        if name != cue.scene and self._course.anchor and anchors[self._course.anchor].scene == name:
            settings = anchors[self._course.anchor].settings
        if (asked := self._adjusted.get(name)) is None:
            return settings
        base = settings or self._defaults[name]
        made = self._made.get(name)
        if made is None or made[0] is not base:
            made = self._made[name] = base, dataclasses.replace(base, **asked)
        return made[1]

    def _settings_told(self) -> dict[str, float | str]:
        place = self._course.place if self.mode is Mode.PLAYING else self._course.cue.scene
        settings = self._settings(place) if place in self._scenes else None
        if not dataclasses.is_dataclass(settings):
            return {}
        return {each.name: getattr(settings, each.name) for each in dataclasses.fields(settings)}

    # --- what is heard

    def _await_sound(self, dt: float) -> None:
        """Where a recording guides, the plan's clock waits for a sound that is away, but not for ever."""
        away = self.mode is Mode.PLAYING and self._speech.waits(self._course.words.script)
        self._away = self._away + dt if away else 0.0
        self._waits = away and self._away < WAIT_FOR_SOUND_SECONDS

    def _lead_speech(self, shown: int, *, runs: bool) -> None:
        """Recorded lines, where the plan's clock has them."""
        script, seconds, ends = self._course.words
        delay = self._delay
        time = seconds - delay
        if self._waits and runs:
            self._speech.lose()
            return
        back = self._speech.follow(script, time, ends - delay, shown) if runs else self._speech.cease(time)
        if back is not None:
            self._course.rewind(back + delay)

    def _blend(self, quiet: bool) -> None:
        """Who makes room for whom, when it changes."""
        if self.mode is Mode.QUEASY:
            wanted = "silent"
        elif self._speak:
            wanted = "speak"
        elif quiet:
            wanted = "quiet"
        elif self._course.eyes_closed:
            wanted = "eyes closed"
        else:
            script, seconds, _ = self._course.words
            guided = self.mode is Mode.PLAYING and self._speech.within(script, seconds - self._delay)
            wanted = "guided" if guided else "calm"
        if wanted != self._snapshot:
            back = BLEND_BACK_SECONDS.get(self._snapshot, BLEND_USUALLY_SECONDS)
            self._snapshot = wanted
            self._sound.blend({wanted: 1.0}, over=BLEND_SECONDS.get(wanted, back))

    def _silence(self) -> None:
        """All that sounds, at once; what belongs to this place comes back if one stays in it."""
        self._sound.silence()
        self._silenced = True

    def _told_sound(self) -> str:
        told = self._sound.told
        return f"{told or 'the sound is starting'}; the guide waits for it" if self._waits else told

    def _prompt(self) -> Prompt:
        """What is said now, and what is left of it."""
        script, seconds, _ = self._course.words
        if self.mode is not Mode.PLAYING or script is None or self._turns:
            return NO_PROMPT
        time = self._speech.heard(seconds - self._delay)
        heard = self._waits or self._sound.state is State.PLAYING
        return prompt(script, time, self._speech.of(script) if heard else frozenset())

    def _change_place(self, inputs: Inputs) -> Inputs:
        """Cover, change while nothing is seen, clear. Returns the inputs as they are in the view now placed."""
        wanted, seconds = self._wanted(), self._course.change_seconds
        leaving = self.mode is Mode.LEAVING
        if wanted == self._here and not leaving and self._silenced and self.mode is not Mode.QUEASY:
            self._silenced = False
            self._sound.resume()
        if wanted == self._here and not leaving and self._pending is None:
            if self._mist.amount > 0.0:
                self._mist.clear(seconds)
            return inputs
        if not self._mist.covered:
            self._mist.cover(seconds)
            return inputs
        if leaving:
            self._course.covered()
            return inputs
        if self._pending is not None:
            self._place()
            inputs = self._seat.placed(self._seat.raw)
            wanted = self._wanted()
        if wanted != self._here:
            self._arrive(wanted)
        self._mist.clear(self._course.change_seconds)
        return inputs

    def _arrive(self, wanted: str) -> None:
        self._leave_here()
        self._sound.end_all(fade=BED_FADE_SECONDS)
        self._silenced = False
        self._here = wanted
        planned = self.mode is Mode.PLAYING and wanted == self._course.cue.scene
        self._scene_seconds = self._course.kept_seconds if planned else 0.0
        self.changed_place = True
        self.journal.scenes.append((self._now, wanted))
        if wanted:
            self._guarded(partial(self._scenes[wanted].enter, self._stages[wanted]))

    def _wanted(self) -> str:
        wanted = self._course.place
        if wanted not in self._scenes or not self._ready(wanted):
            wanted = HOME if HOME in self._scenes else ""
        return wanted

    def _leave_here(self) -> None:
        scene = self._scenes.get(self._here)
        if scene is not None:
            self._guarded(scene.leave)
            self._works.finish()

    def _guarded(self, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception as error:  # noqa: BLE001
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        """A scene raised: it is logged once, the calm room stands in for it, and what was made there is on its way."""
        log.error("scene '%s' failed", self._here, exc_info=error)
        self._fault(f"scene '{self._here}' failed: {type(error).__name__}: {error}; the calm room stands in for it")
        self._scenes.pop(self._here, None)
        self._works.finish()
        self._sound.end_all(fade=limits.FADE_SECONDS)
        self._here = ""
        self._mist.cover_at_once()

    def _caption(self) -> tuple[str, float]:
        """The words to be read now and how much of them is seen."""
        clear, course = 1.0 - self._mist.amount, self._course
        if self.mode in READING:
            plan = self._plan
            words, opacity = staying(plan.queasy if self.mode is Mode.QUEASY else plan.ground, self._reading_seconds)
            return words, clear * opacity
        if self._guide * clear <= 0.0 or self._panels.showing or course.eyes_closed:
            return "", 0.0
        script, seconds, ends = course.words
        delay = self._delay
        time = self._speech.heard(seconds - delay)
        words, opacity = passing(script, time, ends - delay)
        return words, self._guide * clear * opacity

    # --- stopping, holding

    def _stop_with(self, cause: Cause) -> None:
        """Leaving already, it is only done faster."""
        self._silence()
        before = self.mode
        self._course.stop(cause)
        if self.mode is not before:
            self._reading_seconds = 0.0

    def _hold_unseen(self) -> None:
        """No picture of ours is shown: the next one rises out of the mist. What was made is on its way."""
        self._works.finish()
        self._course.hold()
        self._mist.cover_at_once()
        self._seat.forget()

    def _finish_scene(self) -> None:
        self._course.finish(self._here)

    def _told(self, what: str | Mode) -> None:
        """By the course."""
        self.journal.events.append((self._now, what.value if isinstance(what, Mode) else what))
        log.info("%8.2f s  %s", self._now, what)

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
