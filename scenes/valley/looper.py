"""Four loops of strikes: each is begun, kept, softened and taken away by one and the same act, and that can be undone.

A loop remembers which thing was struck and how softly, never a pitch: in another scale it is still right.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, replace
from typing import Final

LOOPS: Final = 4
MOST_SECONDS, LEAST_SECONDS = 24.0, 2.0
MOST_STRIKES: Final = 200  # of one loop
PULL: Final = 0.6  # share of the way to the nearest beat that a strike is drawn
_HEAD, _ONE = struct.Struct("<BBH"), struct.Struct("<HBB")
EMPTY, LISTENS, PLAYS, SOFT = range(4)


@dataclass(frozen=True, slots=True)
class Loop:
    """Strikes (seconds, thing, softness 0..100) that come again after `seconds`."""

    state: int = EMPTY
    seconds: float = 0.0
    strikes: tuple[tuple[float, int, int], ...] = ()

    def packed(self) -> bytes:
        made = [_HEAD.pack(1, self.state, round(1000 * self.seconds))]
        return b"".join(made + [_ONE.pack(round(1000 * at), thing, soft) for at, thing, soft in self.strikes])


def unpacked(data: bytes | None) -> Loop:
    """What makes no sense is an empty one."""
    try:
        version, state, ms = _HEAD.unpack_from(data or b"")
        found = tuple((at / 1000.0, thing, soft) for at, thing, soft in _ONE.iter_unpack((data or b"")[_HEAD.size :]))
    except struct.error:
        return Loop()
    whole = version == 1 and state in (PLAYS, SOFT) and ms >= 1000 * LEAST_SECONDS and len(found) <= MOST_STRIKES
    return Loop(state, ms / 1000.0, found) if whole else Loop()


@dataclass(slots=True)
class Looper:
    """`update` once a frame gives what the loops strike in it."""

    loops: list[Loop] = field(default_factory=lambda: [Loop() for _ in range(LOOPS)])
    at: list[float] = field(default_factory=lambda: [0.0] * LOOPS)  # seconds within each
    beat: float = 0.0  # seconds; 0: free
    _before: list[tuple[int, Loop]] = field(default_factory=list)
    _taken: list[tuple[float, int, int]] = field(default_factory=list)

    def touch(self, n: int) -> None:
        """On to the next: listens, plays, plays softly, is empty."""
        loop = self.loops[n]
        match loop.state:
            case 0:
                self._end_listening()
                self.loops[n], self.at[n] = Loop(LISTENS), 0.0
                self._taken.clear()
            case 1:
                self._keep(n)
            case 2:
                self._change(n, replace(loop, state=SOFT))
            case _:
                self._change(n, Loop())

    def undo(self) -> int | None:
        """Which one is as it was before."""
        if not self._before:
            return None
        n, loop = self._before.pop()
        self.loops[n] = loop
        return n

    def hear(self, thing: int, soft: int) -> None:
        """The patient struck something."""
        for n, loop in enumerate(self.loops):
            if loop.state == LISTENS and len(self._taken) < MOST_STRIKES:
                if not self._taken:
                    self.at[n] = 0.0  # it begins with the first strike
                self._taken.append((self.at[n], thing, soft))

    def update(self, passed: float) -> list[tuple[int, int, int]]:
        """Loop, thing and softness of each strike that is due."""
        due: list[tuple[int, int, int]] = []
        for n, loop in enumerate(self.loops):
            if loop.state == EMPTY:
                continue
            before, now = self.at[n], self.at[n] + passed
            if loop.state == LISTENS:
                self.at[n] = now
                if now >= MOST_SECONDS:
                    self._keep(n)
                continue
            self.at[n] = now % loop.seconds
            for at, thing, soft in loop.strikes:
                if before <= at < now or at < now - loop.seconds:
                    due.append((n, thing, soft))
        return due

    def _keep(self, n: int) -> None:
        if not self._taken:
            self.loops[n] = Loop()
            return
        seconds = min(max(self.at[n], LEAST_SECONDS), MOST_SECONDS)
        if self.beat > 0.0:
            seconds = max(round(seconds / self.beat), 1) * self.beat
        strikes = tuple((min(self._drawn(at), seconds - 0.001), thing, soft) for at, thing, soft in self._taken)
        self._before.append((n, Loop()))
        self.loops[n], self.at[n] = Loop(PLAYS, seconds, strikes), 0.0

    def _drawn(self, at: float) -> float:
        if self.beat <= 0.0:
            return at
        step = self.beat / 4.0
        return at + PULL * (round(at / step) * step - at)

    def _change(self, n: int, loop: Loop) -> None:
        self._before.append((n, self.loops[n]))
        self.loops[n] = loop

    def _end_listening(self) -> None:
        for n, loop in enumerate(self.loops):
            if loop.state == LISTENS:
                self._keep(n)
