"""What pages and server say to each other: JSON by msgspec, every struct with its name under `type`."""

from __future__ import annotations

import re
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from vr_app.commands import Command, Orbit
from vr_app.station.messages import Status
from vr_app.station.ring import Camera

Number = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Token = Annotated[str, Meta(min_length=1, max_length=64, pattern="^[A-Za-z0-9_-]+$")]
Name = Annotated[str, Meta(max_length=60)]
MOST_PICTURES_HZ: Final = 30.0


class NotUnderstood(Exception):
    """The text is the one sentence for whoever sent it; `id` is that of what was asked, 0 when that is not known."""

    def __init__(self, words: str, number: int = 0) -> None:
        super().__init__(words)
        self.id = number


# --- from a page


class Hello(Struct, frozen=True, tag=True):
    """The first frame. `client` is the tab's own random id, kept over reconnects; `name` the clinician's."""

    build: Annotated[str, Meta(max_length=64)]
    client: Token
    name: Name = ""


class Do(Struct, frozen=True, tag=True):
    """Any command, answered under `id`. Stops are taken from every page, all else from the one that drives."""

    id: Number
    command: Command


class Drive(Struct, frozen=True, tag=True):
    """This page drives from now on."""

    id: Number


class Seen(Struct, frozen=True, tag=True):
    """Picture number `picture` is on the screen; the next may be sent."""

    picture: Number


class View(Struct, frozen=True, tag=True):
    """Which pictures are wanted, and how many a second; 0: none."""

    camera: Camera = "eye"
    hz: Annotated[float, Meta(ge=0.0, le=MOST_PICTURES_HZ)] = 0.0
    orbit: Orbit = Orbit()  # of the camera "around"


class Undo(Struct, frozen=True, tag=True):
    """Take back an end that was asked for a moment ago: the plan goes on where it was."""

    id: Number


Said = Hello | Do | Drive | Seen | View | Undo


# --- to a page


class State(Struct, frozen=True, tag=True):
    """All that a page shows of the session, never a difference, so whoever reconnects is right at once."""

    status: Status | None  # None: no picture process has told anything yet
    age: float  # seconds since that status
    words: str  # the state in one sentence
    notice: str  # the station's alarm; "": all is well
    phase_locked: bool
    driver: str  # client id of the page that drives; "": none
    driver_name: str  # whose it is
    clients: tuple[str, ...]  # names of those connected
    session: str | None  # id of the record that is being kept
    patient: str  # pseudonym
    cues: tuple[str, ...]  # titles of the loaded plan's
    undo: float  # seconds left to take an end back; 0: nothing to take back
    recording: str  # "saved", or what is wrong with that


class Answer(Struct, frozen=True, tag=True):
    """To what was asked under `id`; `refused` says in one sentence why not, None: done."""

    id: int
    refused: str | None = None


class Gone(Struct, frozen=True, tag=True):
    """The server closes this connection."""

    why: str


Told = State | Answer | Gone


# --- bytes


class _Numbered(Struct):
    """Whatever else a frame holds."""

    id: Number = 0


_encoder: Final = msgspec.json.Encoder()
_said: Final = msgspec.json.Decoder(Said)
_numbered: Final = msgspec.json.Decoder(_Numbered)
_WHERE: Final = re.compile(r" - at `\$\.?(?P<where>[^`]*)`$")


def encode(told: Told) -> bytes:
    return _encoder.encode(told)


def decode(frame: str | bytes) -> Said:
    """Raises NotUnderstood for anything that is not exactly one of these, values out of their range included."""
    try:
        said: Said = _said.decode(frame)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise NotUnderstood(sentence(error), _number(frame)) from None
    return said


def sentence(error: Exception) -> str:
    """What msgspec has against some JSON, for people: what was expected, and of which field."""
    words = str(error)
    found = _WHERE.search(words)
    if isinstance(error, (msgspec.ValidationError, UnicodeError)) and found:
        return f"not understood: {found['where']}: {words[: found.start()]}"
    if isinstance(error, msgspec.ValidationError):
        return f"not understood: {words}"
    return "not understood: this is no JSON; reload the page"


def _number(frame: str | bytes) -> int:
    try:
        return _numbered.decode(frame).id
    except (msgspec.MsgspecError, UnicodeError):
        return 0


PICTURE_HEAD: Final = "<IB3xdd"  # number, camera, session seconds, age in seconds at sending; 24 bytes
CAMERAS: Final[tuple[Camera, ...]] = ("eye", "beside", "around")
