"""The sound as the render process has it: asks by the desk, remembers what lasts, and never waits.

When the engine was started anew, what still sounds is asked for again, and a line is taken up where it would be by now.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from msgspec.structs import replace

from vr_app.api import Pose, Voice
from vr_app.shared import now_ns
from vr_app.sound.desk import Desk, Ear, Heard, State, frame_at
from vr_app.sound.orders import (
    Begin,
    Blend,
    Cease,
    Enter,
    Gesture,
    Hear,
    Level,
    Listen,
    Move,
    Order,
    Play,
    Record,
    Say,
    Shape,
    Silence,
    Turn,
    Vec3,
)

NAN: Final = float("nan")
UNSAY_SECONDS: Final = 0.1  # in which a line that ceases falls silent


class Sound:
    """See vr_app.sound.led.LedSound. Nothing here blocks or raises."""

    def __init__(self, desk: Desk, now: Callable[[], int] = now_ns) -> None:
        self.refused = 0  # orders for which there was no room
        self._now = now
        self._desk = desk
        self._numbers = itertools.count(1)
        self._reader = desk.reader
        self._lasting: dict[int, Play | Say] = {}  # by voice: what would sound still
        self._turned: dict[tuple[int, str], Turn] = {}
        self._held_to: dict[str, Order] = {}  # by kind: snapshot, level, room, microphones
        self._breath = (NAN, 0.0)
        self._dormant: dict[int, Play | Say] = {}  # what lasted when it was silenced
        self._line = 0  # the voice that says a line, or is about to; 0: none
        self._heard: Heard | None = None
        self._ask(Begin())

    # --- for scenes

    def play(
        self, cue: str, *, delay: float = 0.0, position: Vec3 | None = None, gain_db: float = 0.0, fade: float = 0.0,
        once: bool = False, seed: int = 0,
    ) -> int:  # fmt: skip
        """A cue; `once`: it ends by itself, and nobody asks for it again. Returns its voice."""
        self._follow_engine()
        voice = next(self._numbers)
        at = self._now() + round(delay * 1e9) if delay > 0.0 else 0
        order = Play(voice, cue, at, gain_db, fade, position, seed)
        if not once:
            self._lasting[voice] = order
        self._ask(order)
        return voice

    def shape(self, voice: int, *, gain_db: float, over: float) -> None:
        self._keep(voice, gain_db=gain_db)
        self._ask(Shape(voice, gain_db, over))

    def turn(self, voice: int, name: str, value: float, *, over: float = 0.5) -> None:
        """A parameter of a cue."""
        order = Turn(voice, name, value, over)
        if voice in self._lasting or voice in self._dormant:
            self._turned[voice, name] = order
        self._ask(order)

    def move(self, voice: int, position: Vec3) -> None:
        self._keep(voice, position=position)
        self._ask(Move(voice, position))

    def stop(self, voice: int, *, fade: float = 1.0) -> None:
        self._forget(voice)
        self._ask(Cease(voice, fade))

    def gesture(self) -> None:
        self._ask(Gesture())

    def breathe(self, phase: float, depth: float) -> None:
        """The breath that leads the sea, for this frame."""
        self._breath = (phase, depth)

    def enter(self, room: str) -> None:
        self._hold_to("room", Enter(room))

    def listen(self, on: bool) -> None:
        self._hold_to("listen", Listen(on))

    def voice(self) -> Voice | None:
        found = self._desk.voice()
        return Voice(int(found[0]), *found[1:]) if found else None

    def record(self, purpose: Literal["memo", ""]) -> None:
        self._hold_to("record", Record(purpose))

    # --- for the director

    def hear(self, on: bool) -> None:
        self._hold_to("hear", Hear(on))

    def say(self, script: str, line: str, at: int) -> int:
        """A recorded line, heard from its beginning at `at` ns; one that began before is taken up where it is."""
        self._follow_engine()
        self.unsay()
        self._line = next(self._numbers)
        order = Say(self._line, script, line, at)
        self._lasting[self._line] = order
        self._ask(order)
        return self._line

    def unsay(self) -> None:
        if self._line:
            self.stop(self._line, fade=UNSAY_SECONDS)
            self._line = 0

    def heard_at(self, time: int) -> float | None:
        """By the newest pair; one that was being written just now is not waited for."""
        if self._desk.state is not State.PLAYING or self._desk.reader != self._reader:
            return None
        self._heard = self._desk.heard() or self._heard
        return frame_at(self._heard, time) if self._heard is not None else None

    def silence(self) -> None:
        """Everything, at once and softly."""
        self._lasting.pop(self._line, None)
        self._line = 0
        self._dormant |= self._lasting
        self._lasting.clear()
        self._ask(Silence())

    def resume(self) -> None:
        """What lasted when it was silenced."""
        self._follow_engine()
        self._lasting |= self._dormant
        for order in (*self._dormant.values(), *self._turned.values()):
            self._ask(order)
        self._dormant.clear()

    def end_all(self, *, fade: float) -> None:
        for voice in [*self._lasting, *self._dormant]:
            if voice != self._line:
                self.stop(voice, fade=fade)

    def blend(self, weights: Mapping[str, float], *, over: float = 1.0) -> None:
        self._hold_to("snapshot", Blend(dict(weights), over))

    def level(self, db: float, *, over: float) -> None:
        self._hold_to("level", Level(db, over))

    def listen_from(self, head: Pose, time: int) -> None:
        self._follow_engine()
        self._desk.post_ear(Ear(time, head.position, head.orientation, *self._breath))
        self._breath = (NAN, 0.0)

    @property
    def state(self) -> State:
        return self._desk.state

    @property
    def told(self) -> str:
        return self._desk.told

    @property
    def starvations(self) -> int:
        return self._desk.starved

    @property
    def restarts(self) -> int:
        return max(self._desk.engine - 1, 0)

    # --- inside

    def _hold_to(self, kind: str, order: Order) -> None:
        self._follow_engine()
        self._held_to[kind] = order
        self._ask(order)

    def _keep(self, voice: int, **changes: Any) -> None:
        for kept in (self._lasting, self._dormant):
            if isinstance(order := kept.get(voice), Play):
                kept[voice] = replace(order, **changes)

    def _forget(self, voice: int) -> None:
        self._lasting.pop(voice, None)
        self._dormant.pop(voice, None)
        for key in [key for key in self._turned if key[0] == voice]:
            del self._turned[key]

    def _ask(self, order: Order) -> None:
        if not self._desk.ask(order):
            self.refused += 1

    def _follow_engine(self) -> None:
        """Another one knows nothing: what lasts is asked for again, before anything else is."""
        if self._desk.reader == self._reader:
            return
        self._reader = self._desk.reader
        self._heard = None  # it counted for another engine
        for order in (Begin(), *self._held_to.values(), *self._lasting.values(), *self._turned.values()):
            self._ask(order)
