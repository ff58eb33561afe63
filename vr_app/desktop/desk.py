"""What the therapist's window knows and asks, without its pixels: keys become commands, a snapshot becomes words."""

from __future__ import annotations

from enum import Enum
from typing import Final, Literal

from vr_app.commands import Command, EndGently, Go, GroundNow, PlaceView, SetQuiet, StopNow, Watch
from vr_app.course import Mode
from vr_app.station.messages import Status
from vr_app.station.ring import Picture
from vr_app.station.surface import Surface

WATCH_HZ: Final = 15.0
TWICE_SECONDS: Final = 2.0  # a second Esc within this stops now
TOLD_SECONDS: Final = 6.0  # a refusal stays to be read
OLD_SECONDS: Final = 2.0  # a picture older than this is called so
_ASK_AGAIN_SECONDS: Final = 1.0  # for pictures, while none come: the render process may be a new one
_LIT_SECONDS: Final = 0.4  # a button shows that it was heard


class Act(Enum):
    """What a key or a button asks for: the key as it is named, and the words on the button."""

    GO = "G", "Go"
    QUIET = "Q", "Quiet"
    PLACE = "P", "Place view"
    CAMERA = "B", "From beside"
    GROUND = "R", "Ground now"
    END = "E or Esc", "End gently"
    STOP = "S", "Stop now"

    @property
    def key(self) -> str:
        return self.value[0]

    @property
    def words(self) -> str:
        return self.value[1]


class Desk:
    """Times are monotonic seconds. Nothing here blocks or raises."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        self.status: Status | None = None
        self.picture: Picture | None = None
        self.camera: Literal["eye", "beside"] = "eye"
        self.alarm = ""
        self.told = ""  # why the last command was refused
        self.no_picture = ""  # why none come
        self._told_until = 0.0
        self._asked: dict[int, Act] = {}  # commands not yet answered
        self._watch_number = 0
        self._watching = False
        self._ask_at = 0.0
        self._escaped_at = -TWICE_SECONDS
        self._lit: dict[Act, float] = {}

    # --- what the therapist does

    def act(self, act: Act, now: float) -> None:
        self._lit[act] = now + _LIT_SECONDS
        if act is Act.CAMERA:
            self.camera = "beside" if self.camera == "eye" else "eye"
            self._watch(WATCH_HZ if self._watching else 0.0, now)
            return
        self._asked[self._surface.send(self._command(act))] = act

    def escape(self, now: float) -> None:
        """Ends gently; twice stops now."""
        twice = now - self._escaped_at <= TWICE_SECONDS
        self._escaped_at = now
        self.act(Act.STOP if twice else Act.END, now)

    def lit(self, act: Act, now: float) -> bool:
        return now < self._lit.get(act, 0.0)

    def _command(self, act: Act) -> Command:
        match act:
            case Act.GO:
                return Go()
            case Act.QUIET:
                return SetQuiet(not (self.status is not None and self.status.quiet))
            case Act.PLACE:
                return PlaceView()
            case Act.GROUND:
                return GroundNow()
            case Act.STOP:
                return StopNow()
            case _:
                return EndGently()

    # --- what the station says

    def heed(self, now: float, *, visible: bool) -> bool:
        """Take in what is new; True when there is something to show. Pictures are asked for while `visible`."""
        before = self.status, self.alarm, self.told, self.no_picture
        self._surface.beat()
        self.status = self._surface.status()
        self.alarm = self._surface.alarm()
        if now >= self._told_until:
            self.told = ""
        for reply in self._surface.answers():
            self._hear(reply.id, reply.refused, now)
        picture = self._surface.pictures.latest() if visible else None
        if picture is not None:
            self.picture, self.no_picture = picture, ""
            self._ask_at = now + _ASK_AGAIN_SECONDS
        if visible != self._watching or (visible and now >= self._ask_at):
            self._watching = visible
            self._watch(WATCH_HZ if visible else 0.0, now)
        return picture is not None or before != (self.status, self.alarm, self.told, self.no_picture)

    def close(self) -> None:
        """Nobody watches any longer."""
        self._surface.send(Watch(self.camera, 0.0))

    def picture_age(self, now_ns: int) -> float:
        """Seconds; 0 without a picture."""
        return max((now_ns - self.picture.host_ns) / 1e9, 0.0) if self.picture else 0.0

    def _watch(self, hz: float, now: float) -> None:
        self._ask_at = now + _ASK_AGAIN_SECONDS
        self._watch_number = self._surface.send(Watch(self.camera, hz))

    def _hear(self, number: int, refused: str | None, now: float) -> None:
        act = self._asked.pop(number, None)
        if number == self._watch_number:
            self.no_picture = refused or ""
        elif act is not None and refused:
            self.told, self._told_until = f"{act.words} was not done: {refused}", now + TOLD_SECONDS


def sentence(status: Status | None) -> str:
    """What the session is doing, for somebody beside the patient."""
    if status is None:
        return "Waiting for the headset"
    if status.locked:
        return "VR is locked: nothing plays until it is unlocked"
    words = {
        Mode.WAITING.value: "In the calm room, waiting for Go",
        Mode.HELD.value: "Held in the calm room; Go continues",
        Mode.STOPPED.value: "Stopped, in the calm room; Go continues",
        Mode.GROUNDED.value: "Grounding, in the calm room; Go continues",
        Mode.QUEASY.value: "Queasy: bright, still, no sound; Go continues",
        Mode.LEAVING.value: "The picture fades; the headset may come off",
        Mode.OVER.value: "The session is over",
    }
    if status.mode != Mode.PLAYING.value:
        return words.get(status.mode) or status.mode[:1].upper() + status.mode[1:]
    if status.waits:
        return f"“{status.cue}” is over; Go leads to “{status.next_cue}”"
    left = f"{clock(status.seconds_left)} left"
    if status.speak:
        return f"You are speaking: guide and sound step back. {status.plan}, {left}"
    return f"Quiet: the guide rests. {status.plan}, {left}" if status.quiet else f"Playing {status.plan}, {left}"


def detail(status: Status | None) -> str:
    """What else is worth a glance: the headset first, then the words that the patient reads."""
    if status is None:
        return "The window shows what the patient sees as soon as there is a picture"
    if not status.worn:
        return "The headset is not worn"
    if not status.head_tracked:
        return "The headset has lost its place; the picture stands still"
    if status.sound_wrong:
        return f"Sound: {status.sound}"
    if not status.focused:
        return "A menu of the headset lies in front; the guide rests"
    if status.rehearsal:
        return "A rehearsal: a synthesiser speaks; this is no session for a patient"
    if status.eyes_closed:
        return "The patient's eyes are closed: the picture is a slow glow, and words are hidden"
    if status.caption:
        return f"The patient reads: “{status.caption}”"
    return f"Headset: {status.headset}"


def clock(seconds: float) -> str:
    """Minutes and seconds, such as 2:05."""
    whole = max(round(seconds), 0)
    return f"{whole // 60}:{whole % 60:02d}"
