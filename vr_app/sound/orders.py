"""What may be asked of the sound: a closed set, in msgpack, each small enough for a cell of the desk.

Voices are numbers that whoever asks chooses. Times are nanoseconds of `vr_app.shared.now_ns` at which something is to
be heard; 0 is as soon as may be. Lengths of ramps are seconds, positions metres in the world.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Struct

Vec3 = tuple[float, float, float]


class Begin(Struct, frozen=True, tag=True, array_like=True):
    """A render process begins: what sounded for another one is faded out, and a hold is over."""


class Play(Struct, frozen=True, tag=True, array_like=True):
    """A cue of `audio/cues/`, at a place or without one. What is late by more than a strike may be is left out."""

    voice: int
    cue: str
    at: int = 0
    gain_db: float = 0.0
    fade: float = 0.0
    position: Vec3 | None = None
    seed: int = 0


class Say(Struct, frozen=True, tag=True, array_like=True):
    """A recorded line, heard from its beginning at `at`; late, it is taken up where it would be by then."""

    voice: int
    script: str
    line: str
    at: int = 0


class Shape(Struct, frozen=True, tag=True, array_like=True):
    """Another gain."""

    voice: int
    gain_db: float
    over: float


class Turn(Struct, frozen=True, tag=True, array_like=True):
    """A parameter of a cue, kept within its range."""

    voice: int
    name: str
    value: float
    over: float = 0.5


class Move(Struct, frozen=True, tag=True, array_like=True):
    """Another place, of a voice that has one."""

    voice: int
    position: Vec3


class Cease(Struct, frozen=True, tag=True, array_like=True):
    """Fade a voice out and end it."""

    voice: int
    fade: float = 1.0


class Silence(Struct, frozen=True, tag=True, array_like=True):
    """All that sounds is silent within `limits.SILENCE_SECONDS`; what is asked for afterwards sounds."""


class Blend(Struct, frozen=True, tag=True, array_like=True):
    """Go to a blend of the snapshots of `audio/duck.py`."""

    weights: dict[str, float]
    over: float = 1.0


class Level(Struct, frozen=True, tag=True, array_like=True):
    """How much softer than usual all is, in dB from -24 to 0."""

    db: float
    over: float = 1.0


class Enter(Struct, frozen=True, tag=True, array_like=True):
    """Be in one of the rooms of `audio/reverb.py`."""

    room: str


class Gesture(Struct, frozen=True, tag=True, array_like=True):
    """The patient's own hand did something: for 150 ms its sound may be louder."""

    at: int = 0


class Hear(Struct, frozen=True, tag=True, array_like=True):
    """The therapist's microphone is heard, or no more."""

    on: bool


class Listen(Struct, frozen=True, tag=True, array_like=True):
    """What the patient's microphone hears of a voice is posted on the desk, or no more."""

    on: bool


class Record(Struct, frozen=True, tag=True, array_like=True):
    """Record a "memo" (the patient's microphone); "" ends it."""

    purpose: Literal["memo", ""]


Change = Shape | Turn | Move | Cease  # of a voice
Mix = Silence | Blend | Level | Enter | Gesture  # of all that sounds
Order = Begin | Play | Say | Change | Mix | Hear | Listen | Record

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Order)


def encode(order: Order) -> bytes:
    return _encoder.encode(order)


def decode(data: bytes) -> Order | None:
    """None for anything else."""
    try:
        order: Order = _decoder.decode(data)
    except msgspec.MsgspecError:
        return None
    return order
