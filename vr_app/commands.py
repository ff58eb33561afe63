"""What may be asked of a running session: a closed set, absolute and repeatable."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

Slot = Annotated[str, Meta(min_length=1, max_length=32)]
Words = Annotated[str, Meta(max_length=500)]
Hz = Annotated[float, Meta(ge=0.0, le=30.0)]
PatientId = Annotated[str, Meta(max_length=64, pattern="^[A-Za-z0-9_-]*$")]
Language = Annotated[str, Meta(max_length=3, pattern="^([a-z]{2,3})?$")]  # its code; "": as it was
MEMORY_BYTES = 2048  # of one thing that a scene remembers; api.MEMORY_BYTES is the same (test)
PIECE = "/"  # in the key of a thing: it is a piece of a work, <work>/<number>, and never changes
Spoken = Literal["all", "few", "none"]  # of a guide's words; the ways out are always said
When = Literal["before", "after"]  # the centering, as a rating tells
Anchor = Literal["breath", "sound", "sight", "hands"]  # the same as api.Anchor (test), without its numpy


class Go(Struct, frozen=True, tag=True):
    """Play the plan from where it stands: begins, continues after a hold, leaves quiet."""


class SetQuiet(Struct, frozen=True, tag=True):
    """Guide, pacing and plan clock stop (or go on); the world lives on."""

    quiet: bool


class Speak(Struct, frozen=True, tag=True):
    """The therapist speaks in the room: all that sounds steps back, guide and plan clock hold, until it is off."""

    on: bool


class EndGently(Struct, frozen=True, tag=True):
    """Four seconds to the calm room, time and place named, then the session is over."""


class StopNow(Struct, frozen=True, tag=True):
    """The calm room within a second; it stays until someone ends or continues."""


class GroundNow(Struct, frozen=True, tag=True):
    """The calm room, no pacing, three captions: how to take the headset off, where one is, who is here."""


class Queasy(Struct, frozen=True, tag=True):
    """The calm room, bright and still, and no sound; words say to take the headset off, and where the bowl is."""


class Leave(Struct, frozen=True, tag=True):
    """The calm room within a second, then the application ends."""


class GoTo(Struct, frozen=True, tag=True):
    """Play the plan from cue `step` on, counted from 0: next and back; and from where in it, in guided seconds."""

    step: Annotated[int, Meta(ge=0, le=99)]
    seconds: Annotated[float, Meta(ge=0.0, le=3600.0)] = 0.0


class Adjust(Struct, frozen=True, tag=True):
    """Another value of one setting of the scene that the plan plays now, while it plays."""

    scene: Slot
    name: Slot
    value: Annotated[float, Meta(ge=-1e6, le=1e6)] | Slot


class SetAnchor(Struct, frozen=True, tag=True):
    """For the rest of this cue, the place of another anchor; "": the plan's own again."""

    anchor: Anchor | Literal[""]


class SetEyes(Struct, frozen=True, tag=True):
    """The patient's eyes are closed: the picture dims to a slow glow and sound leads, until they are open."""

    closed: bool


class Veil(Struct, frozen=True, tag=True):
    """What the patient makes fades into soft mist, where it stands, or comes back out of it; the place stays."""

    on: bool


class SetVolume(Struct, frozen=True, tag=True):
    """How much softer than usual all is, in dB; *Softer* goes down by 3."""

    db: Annotated[float, Meta(ge=-24.0, le=0.0)]


class SenseBreath(Struct, frozen=True, tag=True):
    """The controller of this hand lies on the patient's belly, by their choice, and tells their breath; "": none."""

    hand: Literal["left", "right", ""]


class LoadPlan(Struct, frozen=True, tag=True):
    """Another plan, held in the calm room until Go; the supervisor's to do. `avoid`: what a profile leaves out.

    `patient`: id of whose visit begins, after what their places remember has come; "": nobody's.
    """

    plan: Slot
    minutes: Annotated[float, Meta(ge=0.1, le=60.0)] | None = None
    name: Annotated[str, Meta(max_length=60)] = ""  # who sits beside the patient; "": as before
    avoid: frozenset[Slot] = frozenset()
    words: Spoken = "all"
    patient: PatientId = ""
    language: Language = ""
    visit: PatientId = ""  # a mark that comes back in Status: whose it is, for who records it


class Rate(Struct, frozen=True, tag=True):
    """Ask how the patient is, from 0 to 10, in the session's own words; it may be left, and goes by itself."""

    when: When


class SetPhase(Struct, frozen=True, tag=True):
    """Lock the session while a patient is dosed: nothing plays until it is unlocked."""

    locked: bool


class SetText(Struct, frozen=True, tag=True):
    """The patient's own words in one of the slots that scenes show; empty words clear it."""

    slot: Slot
    text: Words


class PlaceView(Struct, frozen=True, tag=True):
    """Put the place before the patient as they sit or lie now; `level` keeps the horizon level all the same."""

    level: bool = False


class SetComfort(Struct, frozen=True, tag=True):
    """What suits this patient's eyes and body. `seated_height` is the eyes' height in metres; None: as measured."""

    brightness: Annotated[float, Meta(ge=0.3, le=1.0)] = 1.0
    text: Literal["regular", "large"] = "regular"
    hand: Literal["left", "right"] = "right"
    seated_height: Annotated[float, Meta(ge=0.3, le=1.6)] | None = None


class Ask(Struct, frozen=True, tag=True):
    """Show a panel; its answer stands in Status under `name`. A scale goes from 0 to 10, `options` name its ends."""

    name: Slot
    kind: Literal["label", "choice", "scale"]
    words: Words
    options: Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=60)], ...], Meta(max_length=5)] = ()


class TakeBack(Struct, frozen=True, tag=True):
    """Take the panel `name` away, answered or not."""

    name: Slot


class Orbit(Struct, frozen=True):
    """Where the camera around a patient's work stands: `yaw` in radians about it, 0 behind the patient, to the left;
    metres above the floor and away from the work. It moves nothing but the picture of who watches.
    """

    yaw: Annotated[float, Meta(ge=-3.2, le=3.2)] = 0.0
    height: Annotated[float, Meta(ge=0.2, le=3.0)] = 1.5
    distance: Annotated[float, Meta(ge=0.6, le=5.0)] = 2.0


class Watch(Struct, frozen=True, tag=True):
    """Send the mirror `hz` pictures a second: of what the patient sees, or of a camera beside them or around their
    work; 0: none."""

    camera: Literal["eye", "beside", "around"] = "eye"
    hz: Hz = 0.0
    orbit: Orbit = Orbit()


Stop = EndGently | StopNow | GroundNow | Queasy | Leave  # what is answered whatever else is wrong
Steer = Go | GoTo | Adjust | SetAnchor | SetEyes | Veil | SetVolume | SetQuiet | Speak | SenseBreath | Rate | LoadPlan
Command = Stop | Steer | SetPhase | SetText | PlaceView | SetComfort | Ask | TakeBack | Watch
