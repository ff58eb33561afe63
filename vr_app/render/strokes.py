"""Strokes drawn in the air: control points that the GPU sees as they are appended, all drawn by one call.

A control point is 32 bytes: position and radius, a direction across the stroke, a colour. A stroke lies in a row of
them, with a rounded tip of two more at either end; a command for each of its turned and mirrored copies says where it
lies and how long it is. The vertex stage makes a tube between each two (shaders/include/vertex_main.glsl).
"""

from __future__ import annotations

import struct
from bisect import insort
from dataclasses import dataclass
from math import cos, sin, sqrt, tau
from typing import Final

import numpy as np
import numpy.typing as npt
from OpenGL import GL

from vr_app.api import STROKE_TURNS, Vec3, Vec4
from vr_app.render.vertices import bytes_from, created, floats_from, mapped_buffer, static_buffer

POINT_BYTES: Final = 32
COMMAND_BYTES: Final = 20  # corners, instances, first corner, base vertex, base instance
SIDES: Final = 8  # of a tube
CORNERS: Final = SIDES * 6  # of a tube between two points
RINGS: Final = 2 * SIDES  # corners that a copy's tube is made of
TIPS: Final = 4  # points of a stroke beside its own
NEAREST: Final = 1e-4  # metres between two points; nearer ones are passed over
COPY: Final = 14  # location of the attribute that says how a copy is turned and mirrored
_point = struct.Struct("7f4B").pack_into
_NOTHING: Final = (0.0, 0.0, 0.0)


@dataclass(slots=True)
class _Placed:
    """Where a stroke lies in the buffers."""

    first: int  # its first point
    commands: int  # its first command
    counts: npt.NDArray[np.uint32]  # instances of its commands; written, never read
    tubes: int = 0
    seen: bool = True


class GpuStrokes:
    """Looks like a mesh to a recording: `count` commands in the buffer -`copies`."""

    def __init__(self, points: int, most: int, step: int) -> None:
        """Room for so many points in at most so many copies of strokes. `step`: instances of each tube, one an eye."""
        if points < 1 or most < 1:
            raise ValueError(f"strokes: there must be room for at least one point and stroke, not {points} and {most}")
        self._room = points + TIPS * most
        self._most = most
        self._step = step
        # the first tube reads one point before, the last one after
        buffer, self._memory = mapped_buffer((self._room + 2) * POINT_BYTES)
        table, commands = mapped_buffer(most * COMMAND_BYTES)
        self._commands = np.frombuffer(commands, np.uint32).reshape(most, COMMAND_BYTES // 4)
        self.vertex_array = _tubes(buffer, step)
        self.copies = -table
        self.count = 0  # commands, hidden ones and free ones among them
        self._placed: dict[int, _Placed] = {}
        self._number = 0  # of the next stroke
        self._tail = 0  # where the points end that were ever used and are not free
        self._gaps: list[
            tuple[int, int]
        ] = []  # free points before that: first and how many, in order, none side by side
        self._unused: dict[int, list[int]] = {}  # free commands before `count`, by how many there are in a row
        self._open: _Placed | None = None
        self._next = 0  # where its next point goes
        self._end = 0  # where its room ends
        self._ink = (0, 0, 0, 0)
        self._at, self._radius, self._along, self._side = _NOTHING, 0.0, _NOTHING, _NOTHING

    def spans(self) -> list[tuple[int, int]]:
        """Where each stroke that is seen lies: first point and how many, its tips among them."""
        return [(each.first, each.tubes + 1 if each.tubes else 0) for each in self._placed.values() if each.seen]

    def begin(self, colour: Vec4, *, turns: int = 1, mirror: bool = False) -> int | None:
        self.end()
        copies = _copies(turns, mirror)
        room = self._points_free() if self._has_commands(copies) else None
        if room is None:
            return None
        commands = self._take_commands(copies)
        first, self._end = room
        red, green, blue, more = (round(255.0 * min(max(value, 0.0), 1.0)) for value in colour)
        self._ink = red, green, blue, more
        rows = self._commands[commands : commands + copies]
        self._open = _Placed(first, commands, rows[:, 1])
        for row, variant in zip(rows, _variants(turns, mirror), strict=True):
            row[:] = CORNERS, 0, CORNERS if variant >= _MIRRORED else 0, RINGS * variant, first
        self._next = first
        number, self._number = self._number, self._number + 1
        self._placed[number] = self._open
        return number

    def append(self, position: Vec3, radius: float) -> bool:
        placed, at = self._open, self._next
        if placed is None:
            return False
        tubes = placed.tubes
        if not tubes:
            self._dot(placed, position, radius)
            return True
        x, y, z = self._at
        dx, dy, dz = position[0] - x, position[1] - y, position[2] - z
        length = sqrt(dx * dx + dy * dy + dz * dz)
        if length < NEAREST:
            return True
        if at + 3 > self._end:
            return False
        dx, dy, dz = self._along = dx / length, dy / length, dz / length
        if tubes == TIPS:  # the dot's tip looks back along the stroke from now on
            self._side = _across(self._along)
            self._begin_with(placed, self._at, self._radius)
        else:
            self._side = _turned(self._side, self._along)
        self._at, self._radius = position, radius
        memory, offset, looks, (x, y, z) = self._memory, (at + 1) * POINT_BYTES, self._side + self._ink, position
        half, less = 0.5 * radius, 0.8660254 * radius
        _point(memory, offset + 64, x + dx * radius, y + dy * radius, z + dz * radius, 0.0, *looks)
        _point(memory, offset + 32, x + dx * half, y + dy * half, z + dz * half, less, *looks)
        _point(memory, offset, x, y, z, radius, *looks)
        self._next = at + 1
        placed.tubes = tubes + 1
        if placed.seen:
            placed.counts.fill((tubes + 1) * self._step)
        return True

    def end(self) -> None:
        """Its tip stands behind its last point and stays."""
        placed, self._open = self._open, None
        if placed is None:
            return
        if placed.tubes:
            self._next += 2
        self._free(self._next, self._end)

    def show(self, stroke: int, seen: bool) -> None:
        placed = self._placed.get(stroke)
        if placed is not None:
            placed.seen = seen
            placed.counts.fill(placed.tubes * self._step if seen else 0)

    def forget(self, stroke: int) -> None:
        placed = self._placed.get(stroke)
        if placed is None:
            return
        if placed is self._open:
            self.end()
        del self._placed[stroke]
        placed.counts.fill(0)
        self._unused.setdefault(len(placed.counts), []).append(placed.commands)
        self._free(placed.first, placed.first + (placed.tubes + 1 if placed.tubes else 0))

    def clear(self) -> None:
        self._open = None
        self._commands[: self.count, 1] = 0
        self._placed.clear()
        self._unused.clear()
        self._gaps.clear()
        self.count = self._tail = 0

    # --- room

    def _points_free(self) -> tuple[int, int] | None:
        """Where a stroke may lie, first and last: behind all others, or in the largest gap; it is taken now."""
        if self._tail + TIPS < self._room:
            first, self._tail = self._tail, self._room
            return first, self._room
        gap = max(self._gaps, key=lambda gap: gap[1], default=(0, 0))
        if gap[1] <= TIPS:
            return None
        self._gaps.remove(gap)
        return gap[0], gap[0] + gap[1]

    def _free(self, first: int, end: int) -> None:
        """These points may be used again; with free ones beside them they are one gap."""
        if first >= end:
            return
        for gap in [gap for gap in self._gaps if gap[0] == end or gap[0] + gap[1] == first]:
            self._gaps.remove(gap)
            first, end = min(first, gap[0]), max(end, gap[0] + gap[1])
        if end == self._tail:
            self._tail = first
        else:
            insort(self._gaps, (first, end - first))

    def _has_commands(self, copies: int) -> bool:
        return bool(self._unused.get(copies)) or self.count + copies <= self._most

    def _take_commands(self, copies: int) -> int:
        """The first of so many in a row."""
        free = self._unused.get(copies)
        if free:
            return free.pop()
        self.count += copies
        return self.count - copies

    # --- points

    def _dot(self, placed: _Placed, position: Vec3, radius: float) -> None:
        """A stroke of one point, round until it is told where it goes."""
        self._at, self._radius, self._along, self._side = position, radius, (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)
        at = self._next
        self._next = at + 3
        placed.tubes = TIPS
        self._begin_with(placed, position, radius)
        self._put(at + 3, 0.5, 0.8660254)
        self._put(at + 4, 1.0, 0.0)
        if placed.seen:
            placed.counts.fill(TIPS * self._step)

    def _begin_with(self, placed: _Placed, position: Vec3, radius: float) -> None:
        self._at, self._radius = position, radius
        for index, (away, share) in enumerate(((-1.0, 0.0), (-0.5, 0.8660254), (0.0, 1.0))):
            self._put(placed.first + index, away, share)

    def _put(self, index: int, away: float, share: float) -> None:
        """A point so many radii beyond the last one along the stroke, with this share of its radius."""
        x, y, z = (p + d * away * self._radius for p, d in zip(self._at, self._along, strict=True))
        _point(self._memory, (index + 1) * POINT_BYTES, x, y, z, share * self._radius, *self._side, *self._ink)


def _across(along: Vec3) -> Vec3:
    """A unit direction square to this one."""
    x, y, z = along
    other = (0.0, 1.0, 0.0) if abs(y) < 0.8 else (1.0, 0.0, 0.0)
    return _turned(other, (x, y, z))


def _turned(side: Vec3, along: Vec3) -> Vec3:
    """`side` carried on to where the stroke runs `along`: it never turns about the stroke."""
    x, y, z = side
    dx, dy, dz = along
    share = x * dx + y * dy + z * dz
    x, y, z = x - share * dx, y - share * dy, z - share * dz
    length = sqrt(x * x + y * y + z * z)
    if length < 1e-3:
        return _across(along)
    return x / length, y / length, z / length


# --- copies

_MIRRORED: Final = STROKE_TURNS * (STROKE_TURNS + 1) // 2  # copies in the table that are not mirrored: turn k of n


def _copies(turns: int, mirror: bool) -> int:
    if not 1 <= turns <= STROKE_TURNS:
        raise ValueError(f"a stroke is seen 1 to {STROKE_TURNS} times about its middle, not {turns} times")
    return 2 * turns if mirror else turns


def _variants(turns: int, mirror: bool) -> list[int]:
    """Which copies of the table these are."""
    first = turns * (turns - 1) // 2
    turned = list(range(first, first + turns))
    return turned + [_MIRRORED + variant for variant in turned] if mirror else turned


def _copy_table() -> npt.NDArray[np.float32]:
    """Cosine, sine and -1 where mirrored, of each copy."""
    turns = [tau * turn / of for of in range(1, STROKE_TURNS + 1) for turn in range(of)]
    return np.array([(cos(turn), sin(turn), side) for side in (1.0, -1.0) for turn in turns], np.float32)


def _tubes(points: int, step: int) -> int:
    """The vertex array of a tube between two control points, once for each way in which a copy may be turned."""
    around = [(cos(tau * side / SIDES), sin(tau * side / SIDES)) for side in range(SIDES)]
    rings = np.array([(x, y, end) for end in (0.0, 1.0) for x, y in around], np.float32)
    index = [
        corner
        for side, beside in ((side, (side + 1) % SIDES) for side in range(SIDES))
        for corner in (side, beside, SIDES + beside, side, SIDES + beside, SIDES + side)
    ]
    copies = _copy_table()
    vertex_array = created(GL.glCreateVertexArrays)
    # a mirror turns inside out: mirrored copies have their corners in the other order
    GL.glVertexArrayElementBuffer(vertex_array, static_buffer(np.array(index + index[::-1], np.uint32)))
    floats_from(vertex_array, 0, static_buffer(np.tile(rings, (len(copies), 1))), 3)
    floats_from(vertex_array, COPY, static_buffer(copies.repeat(RINGS, axis=0)), 3)
    for point in range(4):
        at = point * POINT_BYTES
        floats_from(vertex_array, 10 + point, points, 4, stride=POINT_BYTES, offset=at, step=step)
    for end in range(2):
        at = (end + 1) * POINT_BYTES
        floats_from(vertex_array, 6 + end, points, 3, stride=POINT_BYTES, offset=at + 16, step=step)
        bytes_from(vertex_array, 8 + end, points, stride=POINT_BYTES, offset=at + 28, step=step)
    return vertex_array
