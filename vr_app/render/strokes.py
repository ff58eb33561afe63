"""Strokes drawn in the air: control points that the GPU sees as they are appended, all drawn by one call.

A control point is 32 bytes: position and radius, a direction across the stroke, a colour. A stroke lies in a row of
them, with a rounded tip of two more at either end; a command says where it lies and how long it is. The vertex stage
makes a tube between each two (shaders/include/vertex_main.glsl).
"""

from __future__ import annotations

import struct
from math import cos, sin, sqrt, tau
from typing import Final

import numpy as np
from OpenGL import GL

from vr_app.api import Vec3, Vec4
from vr_app.render.vertices import bytes_from, created, floats_from, mapped_buffer, static_buffer

POINT_BYTES: Final = 32
COMMAND_BYTES: Final = 20  # corners, instances, first corner, base vertex, base instance
SIDES: Final = 8  # of a tube
CORNERS: Final = SIDES * 6  # of a tube between two points
TIPS: Final = 4  # points of a stroke beside its own
NEAREST: Final = 1e-4  # metres between two points; nearer ones are passed over
_point = struct.Struct("7f4B").pack_into
_NOTHING: Final = (0.0, 0.0, 0.0)


class GpuStrokes:
    """Looks like a mesh to a recording: `count` commands in the buffer -`copies`."""

    def __init__(self, points: int, most: int, step: int) -> None:
        """Room for so many points in at most so many strokes. `step`: instances of each tube, one an eye."""
        if points < 1 or most < 1:
            raise ValueError(f"strokes: there must be room for at least one point and stroke, not {points} and {most}")
        self._room = points + TIPS * most
        self._most = most
        self._step = step
        # the first tube reads one point before, the last one after
        buffer, self._memory = mapped_buffer((self._room + 2) * POINT_BYTES)
        table, commands = mapped_buffer(most * COMMAND_BYTES)
        self._commands = memoryview(commands).cast("B").cast("I")
        self.vertex_array = _tubes(buffer, step)
        self.copies = -table
        self.count = 0  # strokes, undone ones among them until the next begins
        self._shown = 0  # strokes that are not undone
        self._first: list[int] = []  # where each stroke begins, in points
        self._tubes: list[int] = []  # of each stroke
        self._next = 0  # where the next point goes, in points
        self._open = False
        self._ink = (0, 0, 0, 0)
        self._at, self._radius, self._along, self._side = _NOTHING, 0.0, _NOTHING, _NOTHING

    @property
    def shown(self) -> int:
        return self._shown

    def spans(self) -> list[tuple[int, int]]:
        """Where each stroke that is seen lies: first point and how many, its tips among them."""
        shown = zip(self._first, self._tubes, strict=True)
        return [(first, tubes + 1 if tubes else 0) for first, tubes in list(shown)[: self._shown]]

    def begin(self, colour: Vec4) -> bool:
        self.end()
        while self.count > self._shown:  # what was undone is gone now
            self.count -= 1
            self._next = self._first.pop()
            self._tubes.pop()
        self._open = self.count < self._most and self._next + TIPS < self._room
        if self._open:
            red, green, blue, more = (round(255.0 * min(max(value, 0.0), 1.0)) for value in colour)
            self._ink = red, green, blue, more
            command = 5 * self.count
            for at, value in enumerate((CORNERS, 0, 0, 0, self._next)):
                self._commands[command + at] = value
            self._first.append(self._next)
            self._tubes.append(0)
            self.count += 1
            self._shown = self.count
        return self._open

    def append(self, position: Vec3, radius: float) -> bool:
        if not self._open:
            return False
        tubes, at = self._tubes[-1], self._next
        if not tubes:
            self._dot(at, position, radius)
            return True
        x, y, z = self._at
        dx, dy, dz = position[0] - x, position[1] - y, position[2] - z
        length = sqrt(dx * dx + dy * dy + dz * dz)
        if length < NEAREST:
            return True
        if at + 3 > self._room - TIPS * (self._most - self.count):
            return False
        dx, dy, dz = self._along = dx / length, dy / length, dz / length
        if tubes == TIPS:  # the dot's tip looks back along the stroke from now on
            self._side = _across(self._along)
            self._begin_with(self._at, self._radius)
        else:
            self._side = _turned(self._side, self._along)
        self._at, self._radius = position, radius
        memory, offset, looks, (x, y, z) = self._memory, (at + 1) * POINT_BYTES, self._side + self._ink, position
        half, less = 0.5 * radius, 0.8660254 * radius
        _point(memory, offset + 64, x + dx * radius, y + dy * radius, z + dz * radius, 0.0, *looks)
        _point(memory, offset + 32, x + dx * half, y + dy * half, z + dz * half, less, *looks)
        _point(memory, offset, x, y, z, radius, *looks)
        self._next = at + 1
        self._tubes[-1] = tubes + 1
        self._commands[5 * self.count - 4] = (tubes + 1) * self._step
        return True

    def end(self) -> None:
        """Its tip stands behind its last point and stays."""
        if self._open and self._tubes[-1]:
            self._next += 2
        self._open = False

    def undo(self) -> bool:
        if not self._shown:
            return False
        self.end()
        self._shown -= 1
        self._commands[5 * self._shown + 1] = 0
        return True

    def redo(self) -> bool:
        if self._shown == self.count:
            return False
        self._commands[5 * self._shown + 1] = self._tubes[self._shown] * self._step
        self._shown += 1
        return True

    def clear(self) -> None:
        while self.undo():
            pass

    def _dot(self, at: int, position: Vec3, radius: float) -> None:
        """A stroke of one point, round until it is told where it goes."""
        self._at, self._radius, self._along, self._side = position, radius, (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)
        self._next = at + 3
        self._tubes[-1] = TIPS
        self._begin_with(position, radius)
        self._put(at + 3, 0.5, 0.8660254)
        self._put(at + 4, 1.0, 0.0)
        self._commands[5 * self.count - 4] = TIPS * self._step

    def _begin_with(self, position: Vec3, radius: float) -> None:
        self._at, self._radius = position, radius
        for index, (away, share) in enumerate(((-1.0, 0.0), (-0.5, 0.8660254), (0.0, 1.0))):
            self._put(self._first[-1] + index, away, share)

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


def _tubes(points: int, step: int) -> int:
    """The vertex array of a tube between two control points."""
    around = [(cos(tau * side / SIDES), sin(tau * side / SIDES)) for side in range(SIDES)]
    rings = np.array([(x, y, end) for end in (0.0, 1.0) for x, y in around], np.float32)
    index = [
        corner
        for side, beside in ((side, (side + 1) % SIDES) for side in range(SIDES))
        for corner in (side, beside, SIDES + beside, side, SIDES + beside, SIDES + side)
    ]
    vertex_array = created(GL.glCreateVertexArrays)
    GL.glVertexArrayElementBuffer(vertex_array, static_buffer(np.array(index, np.uint32)))
    floats_from(vertex_array, 0, static_buffer(rings), 3)
    for point in range(4):
        at = point * POINT_BYTES
        floats_from(vertex_array, 10 + point, points, 4, stride=POINT_BYTES, offset=at, step=step)
    for end in range(2):
        at = (end + 1) * POINT_BYTES
        floats_from(vertex_array, 6 + end, points, 3, stride=POINT_BYTES, offset=at + 16, step=step)
        bytes_from(vertex_array, 8 + end, points, stride=POINT_BYTES, offset=at + 28, step=step)
    return vertex_array
