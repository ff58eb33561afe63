"""The sound as the render process has it: asks by the desk, remembers what lasts, and never waits.

When the engine was started anew, what still sounds is asked for again, and a line is taken up where it would be by now.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from vr_app.api import Pose
from vr_app.shared import now_ns
from vr_app.sound.desk import Desk, Ear, State
from vr_app.sound.orders import (
    Begin,
    Blend,
    Cease,
    Enter,
    Gesture,
    Move,
    Order,
    Play,
    Say,
    Shape,
    Silence,
    Turn,
    Vec3,
)

NAN: Final = float("nan")


class Sound:
    """See vr_app.api.AudioEngine; the director asks for more. Nothing here blocks or raises."""

    def __init__(self, desk: Desk) -> None:
        self.refused = 0  # orders for which there was no room
        self._desk = desk
        self._numbers = itertools.count(1)
        self._reader = desk.reader
        self._lasting: dict[int, Play | Say] = {}  # by voice: what would sound still
        self._turned: dict[tuple[int, str], Turn] = {}
        self._rooms: dict[str, Order] = {}  # the snapshot and the room
        self._breath = (NAN, 0.0)
        self._ask(Begin())

    # --- for scenes

    def play(
        self, cue: str, *, delay: float = 0.0, position: Vec3 | None = None, gain_db: float = 0.0, fade: float = 0.0,
        once: bool = False, seed: int = 0,
    ) -> int:  # fmt: skip
        """A cue; `once`: it ends by itself, and nobody asks for it again. Returns its voice."""
        voice = next(self._numbers)
        at = now_ns() + round(delay * 1e9) if delay > 0.0 else 0
        order = Play(voice, cue, at, gain_db, fade, position, seed)
        if not once:
            self._lasting[voice] = order
        self._ask(order)
        return voice

    def shape(self, voice: int, *, gain_db: float, over: float) -> None:
        kept = self._lasting.get(voice)
        if isinstance(kept, Play):
            self._lasting[voice] = replace(kept, gain_db=gain_db)
        self._ask(Shape(voice, gain_db, over))

    def turn(self, voice: int, name: str, value: float, *, over: float = 0.5) -> None:
        """A parameter of a cue."""
        order = Turn(voice, name, value, over)
        if voice in self._lasting:
            self._turned[voice, name] = order
        self._ask(order)

    def move(self, voice: int, position: Vec3) -> None:
        kept = self._lasting.get(voice)
        if isinstance(kept, Play):
            self._lasting[voice] = replace(kept, position=position)
        self._ask(Move(voice, position))

    def stop(self, voice: int, *, fade: float = 1.0) -> None:
        self._forget(voice)
        self._ask(Cease(voice, fade))

    def gesture(self) -> None:
        self._ask(Gesture())

    def breathe(self, phase: float, depth: float) -> None:
        """The breath that leads the sea, for this frame."""
        self._breath = (phase, depth)

    # --- for the director

    def say(self, script: str, line: str, *, delay: float = 0.0, since: float = 0.0) -> int:
        """A recorded line in `delay` seconds, or as if it had begun `since` seconds ago."""
        for kept in [kept for kept, order in self._lasting.items() if isinstance(order, Say)]:
            self._forget(kept)
        voice = next(self._numbers)
        order = Say(voice, script, line, now_ns() + round((delay - since) * 1e9))
        self._lasting[voice] = order
        self._ask(order)
        return voice

    def silence(self) -> None:
        """Everything, at once and softly."""
        self._lasting.clear()
        self._turned.clear()
        self._ask(Silence())

    def blend(self, weights: Mapping[str, float], *, over: float = 1.0) -> None:
        self._lasting_room("snapshot", Blend(dict(weights), over))

    def enter(self, room: str) -> None:
        self._lasting_room("room", Enter(room))

    def listen_from(self, head: Pose, time: int) -> None:
        """The head as it is when the picture is seen, at `time` ns; once a frame."""
        if self._desk.reader != self._reader:
            self._ask_again()
        self._desk.post_ear(Ear(time, head.position, head.orientation, *self._breath))
        self._breath = (NAN, 0.0)

    @property
    def state(self) -> State:
        return self._desk.state

    # --- inside

    def _lasting_room(self, kind: str, order: Order) -> None:
        self._rooms[kind] = order
        self._ask(order)

    def _forget(self, voice: int) -> None:
        self._lasting.pop(voice, None)
        for key in [key for key in self._turned if key[0] == voice]:
            del self._turned[key]

    def _ask(self, order: Order) -> None:
        if not self._desk.ask(order):
            self.refused += 1

    def _ask_again(self) -> None:
        self._reader = self._desk.reader
        for order in (Begin(), *self._rooms.values(), *self._lasting.values(), *self._turned.values()):
            self._ask(order)
