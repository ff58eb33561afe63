"""What is done to a work, as bytes: docs/formats/work.md. Little-endian; what is not known is passed over, never lost.

An operation is its kind (u8), the length of what follows (u16), and that.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from enum import IntEnum
from typing import Final

from vr_app.works.sketch import Sketch

_FRAME: Final = struct.Struct("<BH")
_STROKE: Final = struct.Struct("<4fBB")  # colour, turns, 1: mirrored
POINT_BYTES: Final = 16


class Kind(IntEnum):
    BEGIN = 1
    POINTS = 2
    END = 3
    ERASE = 4
    CLEAR = 5
    UNDO = 6
    REDO = 7
    PUT = 8
    FINISH = 9


def framed(kind: Kind, body: bytes = b"") -> bytes:
    return _FRAME.pack(kind, len(body)) + body


def begin(brush: str, colour: tuple[float, ...], turns: int, mirror: bool) -> bytes:
    return framed(Kind.BEGIN, _STROKE.pack(*colour, turns, mirror) + brush.encode())


def erase(strokes: tuple[int, ...]) -> bytes:
    return framed(Kind.ERASE, struct.pack(f"<{len(strokes)}I", *strokes))


def put(name: str, value: bytes) -> bytes:
    label = name.encode()
    return framed(Kind.PUT, bytes((len(label),)) + label + value)


def replay(sketch: Sketch, data: bytes) -> int:
    """Does all of it to a sketch; how many operations were not understood. Raises ValueError where one is broken."""
    at, strange = 0, 0
    while at < len(data):
        try:
            kind, length = _FRAME.unpack_from(data, at)
        except struct.error as error:
            raise ValueError("an operation is cut off") from error
        at += _FRAME.size
        body = data[at : at + length]
        if len(body) != length:
            raise ValueError("an operation is cut off")
        at += length
        strange += not _done(sketch, kind, body)
    return strange


def _done(sketch: Sketch, kind: int, body: bytes) -> bool:
    """Whether it was understood."""
    do = _DO.get(kind)
    if do is None:
        return False
    try:
        do(sketch, body)
    except (struct.error, UnicodeDecodeError, IndexError) as error:
        raise ValueError(f"an operation is broken ({error})") from error
    return True


def _begin(sketch: Sketch, body: bytes) -> None:
    red, green, blue, own, turns, flags = _STROKE.unpack_from(body)
    sketch.begin(body[_STROKE.size :].decode(), (red, green, blue, own), turns, bool(flags & 1))


def _points(sketch: Sketch, body: bytes) -> None:
    if len(body) % POINT_BYTES:
        raise ValueError("an operation is broken (a point is cut off)")
    sketch.extend(body)


def _put(sketch: Sketch, body: bytes) -> None:
    name = 1 + body[0]
    sketch.things[body[1:name].decode()] = body[name:]


def _finish(sketch: Sketch, body: bytes) -> None:
    sketch.finished = True


_DO: Final[dict[int, Callable[[Sketch, bytes], object]]] = {
    Kind.BEGIN: _begin,
    Kind.POINTS: _points,
    Kind.END: lambda sketch, body: sketch.end(),
    Kind.ERASE: lambda sketch, body: sketch.erase([number for (number,) in struct.iter_unpack("<I", body)]),
    Kind.CLEAR: lambda sketch, body: sketch.clear(),
    Kind.UNDO: lambda sketch, body: sketch.undo(),
    Kind.REDO: lambda sketch, body: sketch.redo(),
    Kind.PUT: _put,
    Kind.FINISH: _finish,
}
