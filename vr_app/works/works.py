"""What a patient makes, kept as it grows: a work's journal goes piece by piece where all that is remembered goes.

A piece is a memory of the scene under "<work>/<number>": to the records within moments, sealed, and back (ADR 66, 68).
"""

from __future__ import annotations

import logging
import secrets
import string
from array import array
from collections.abc import Mapping, Sequence
from typing import Final

from vr_app.api import Stroke, Vec3, Vec4
from vr_app.remembered import Remembered
from vr_app.station.messages import Making
from vr_app.works import operations
from vr_app.works.chunks import MOST_OPERATIONS, Read, chunk, read_chunks
from vr_app.works.operations import POINT_BYTES, Kind, framed
from vr_app.works.sketch import NAME_CHARACTERS, Drawn, Sketch

SAVE_SECONDS: Final = 1.0  # after which what was done is on its way; safety.md allows 5
ID_CHARACTERS: Final = 12
PAUSE_SECONDS: Final = 10.0  # without a stroke, then one looks, and the time that is made in stands still
NOTED_SECONDS: Final = 10.0  # of it, after which it is written into the work
TIME: Final = "seconds"  # the thing of a work that says how long it was made in
_LETTERS: Final = string.ascii_lowercase + string.digits
_POINTS_OF_A_PIECE: Final = (MOST_OPERATIONS - 64) // POINT_BYTES
MOST_PUT: Final = MOST_OPERATIONS - 64  # bytes of a thing
log = logging.getLogger(__name__)


class Works:
    """Of one patient, or of nobody for as long as a session lasts."""

    def __init__(self, remembered: Remembered | None = None) -> None:
        self._remembered = remembered or Remembered()
        self._works: dict[tuple[str, str], _Work] = {}  # by scene and id, in the order they were begun
        self._at: dict[str, _Work] = {}  # by scene: what is made there in this stay
        for (scene, name), pieces in sorted(self._remembered.pieces().items(), key=lambda each: each[0][1]):
            self._works[scene, name] = _Work(self._remembered, scene, name, read_chunks(pieces))

    def of(self, scene: str) -> _WorksOfScene:
        return _WorksOfScene(self, scene)

    def save(self, now: float) -> None:
        """Once a frame, `now` in session seconds; `finish` makes the last of it be on its way at once."""
        for work in self._works.values():
            work.save(now)

    def finish(self) -> None:
        """The session ends: all of it."""
        for work in self._works.values():
            work.flush()
        self._at.clear()

    def at(self, scene: str) -> Making | None:
        """What is made in a scene just now, for who sits beside the patient; None: nothing is."""
        work = self._at.get(scene)
        return None if work is None else Making(work.strokes, round(work.seconds))

    def open(self, scene: str) -> _Work:
        here = [work for (where, _), work in self._works.items() if where == scene and not work.finished]
        if not here:
            return self.new(scene)
        self._at[scene] = here[-1]
        return here[-1]

    def new(self, scene: str) -> _Work:
        number = 1 + max((int(name[:4], 36) for _, name in self._works), default=0)
        name = _base36(number) + "".join(secrets.choice(_LETTERS) for _ in range(ID_CHARACTERS - 4))
        work = self._works[scene, name] = _Work(self._remembered, scene, name, read_chunks(()))
        self._at[scene] = work
        return work

    def finished(self) -> Sequence[tuple[str, _Work]]:
        return [(scene, work) for (scene, _), work in self._works.items() if work.finished and work.shown()]


class _WorksOfScene:
    """Works, as one scene sees them."""

    def __init__(self, works: Works, scene: str) -> None:
        self._works, self._scene = works, scene

    def open(self) -> _Work:
        return self._works.open(self._scene)

    def new(self) -> _Work:
        return self._works.new(self._scene)

    def finished(self) -> Sequence[tuple[str, _Work]]:
        return self._works.finished()


class _Work:
    """A sketch, and what was done to it since its last piece was sent."""

    def __init__(self, remembered: Remembered, scene: str, name: str, read: Read) -> None:
        self._remembered, self._scene, self._name = remembered, scene, name
        self._sketch: Sketch = read.sketch
        self._next = read.chunks  # number of the next piece
        self._broken = read.broken  # until what could not be read is out of its way
        self._pending: list[bytes] = []  # operations, each whole
        self._told = 0  # values of the open stroke that are among them
        self._since: float | None = None  # session seconds of the first of them
        self._full = False
        self.seconds = self._noted = seconds_of(self._sketch)  # that it was made in; of them, those written into it
        self._saved_at = self._made_until = 0.0  # session seconds
        if read.trouble:
            log.warning("a work: %s", read.trouble)

    @property
    def id(self) -> str:
        return self._name

    @property
    def finished(self) -> bool:
        return self._sketch.finished

    @property
    def strokes(self) -> int:
        return self._sketch.seen

    def shown(self) -> Mapping[int, Stroke]:
        return self._sketch.shown()

    def stroke(self, number: int) -> Stroke:
        return self._sketch.strokes[number].stroke()

    def begin(self, brush: str, colour: Vec4, *, turns: int = 1, mirror: bool = False) -> int | None:
        self.end()
        number = None if self._full else self._sketch.begin(brush, colour, turns, mirror)
        if number is not None:
            self._pending.append(operations.begin(brush, colour, turns, mirror))
            self._told = 0
        return number

    def append(self, position: Vec3, radius: float) -> bool:
        return self._sketch.append(position, radius)

    def end(self) -> None:
        drawn = self._sketch.open
        if drawn is not None:
            self._tell_points(drawn)
            self._sketch.end()
            self._pending.append(framed(Kind.END))

    def erase(self, strokes: Sequence[int]) -> None:
        self.end()
        most = MOST_OPERATIONS // 4 - 8
        for first in range(0, len(strokes), most):  # more than a piece holds become several steps
            part = tuple(strokes[first : first + most])
            if self._sketch.erase(part):
                self._pending.append(operations.erase(part))

    def clear(self) -> None:
        self.end()
        if self._sketch.clear():
            self._pending.append(framed(Kind.CLEAR))

    def undo(self) -> Mapping[int, bool] | None:
        self.end()
        changed = self._sketch.undo()
        if changed is not None:
            self._pending.append(framed(Kind.UNDO))
        return changed

    def redo(self) -> Mapping[int, bool] | None:
        self.end()
        changed = self._sketch.redo()
        if changed is not None:
            self._pending.append(framed(Kind.REDO))
        return changed

    def put(self, name: str, value: bytes) -> None:
        """Raises ValueError for a name or value that is too long."""
        if not 0 < len(name) <= NAME_CHARACTERS or not name.isprintable() or len(name.encode()) + len(value) > MOST_PUT:
            raise ValueError(f"{name[:40]!r}, {len(value)} bytes, cannot be put into a work")
        if self._sketch.things.get(name) != value:
            self._tell_open()
            self._sketch.things[name] = value
            self._pending.append(operations.put(name, value))

    def get(self, name: str) -> bytes | None:
        return self._sketch.things.get(name)

    def finish(self) -> None:
        self.end()
        if not self._sketch.finished:
            self._sketch.finished = True
            self._pending.append(framed(Kind.FINISH))

    # --- its pieces

    def save(self, now: float) -> None:
        """Sends what is older than SAVE_SECONDS, or fills a piece."""
        drawn = self._sketch.open
        more = 0 if drawn is None else len(drawn.values) - self._told
        self._spend(now, made=bool(self._pending or more))
        if not self._pending and not more:
            return
        if self._since is None:
            self._since = now
        if now - self._since >= SAVE_SECONDS or more >= 4 * _POINTS_OF_A_PIECE:
            self.flush()

    def _spend(self, now: float, *, made: bool) -> None:
        if now < self._made_until:
            self.seconds += min(max(now - self._saved_at, 0.0), 1.0)
        if made:
            self._made_until = now + PAUSE_SECONDS
        self._saved_at = now

    def flush(self) -> None:
        """All that was done is on its way."""
        self._tell_open()
        if self._pending and self.seconds - self._noted >= NOTED_SECONDS:
            self._noted = self.seconds
            self._pending.append(operations.put(TIME, str(round(self.seconds)).encode()))
        self._since = None
        while self._pending:
            size, count = 0, 0
            while count < len(self._pending) and size + len(self._pending[count]) <= MOST_OPERATIONS:
                size += len(self._pending[count])
                count += 1
            if not self._sent(b"".join(self._pending[:count])):
                return
            del self._pending[:count]

    def _sent(self, done: bytes) -> bool:
        if self._broken:
            self._remembered.cut(self._scene, self._name, self._next)
            self._broken = False
        try:
            self._remembered.put(self._scene, f"{self._name}/{self._next:05}", chunk(self._next, done))
        except ValueError as error:
            if not self._full:
                log.warning("a work takes no more: %s", error)
            self._full = True
            return False
        self._next += 1
        return True

    def _tell_open(self) -> None:
        if self._sketch.open is not None:
            self._tell_points(self._sketch.open)

    def _tell_points(self, drawn: Drawn) -> None:
        values: array[float] = drawn.values
        while self._told < len(values):
            upto = min(len(values), self._told + 4 * _POINTS_OF_A_PIECE)
            self._pending.append(framed(Kind.POINTS, values[self._told : upto].tobytes()))
            self._told = upto


def seconds_of(sketch: Sketch) -> float:
    """That a work was made in; 0: nobody wrote them down."""
    told = sketch.things.get(TIME, b"")
    return float(told) if told.isdigit() and len(told) < 8 else 0.0


def _base36(number: int) -> str:
    digits = ""
    for _ in range(4):
        number, last = divmod(number, 36)
        digits = (string.digits + string.ascii_lowercase)[last] + digits
    return digits
