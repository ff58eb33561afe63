"""A finished work as it hangs: fitted into a small space, thinned, and drawn again there stroke by stroke.

Lengths are metres. What is far too much to be seen at that size is passed over; the work itself is never changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import cos, inf, sin, tau
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from scenes.making.brushes import brush, paint
from scenes.making.placed import Thing, thing_of
from scenes.valley.grove_frames import GAP, TALL, WING
from scenes.valley.shapes import Floats
from scenes.valley.small_things import THINGS
from scenes.valley.three_bays import AWAY, HALF_HIGH, HALF_WIDE, MIDDLE, TURNS, bay_of
from vr_app.api import Kit, Pass, Pose, Stroke, Strokes, Vec3, Vec4, Work

Points = npt.NDArray[np.float32]  # (n, 4): position and radius
Kind = Literal["air", "round", "three", "bowl"]  # free in the air, or before what it was made on
KINDS: Final[dict[str, Kind]] = {"mandala": "round", "triptych": "three", "sound_garden": "bowl"}  # by scene; else air
SPACE: Final[dict[Kind, Vec3]] = {  # width, height and depth that a work may take
    "air": (0.72, 0.66, 0.46),
    "round": (0.60, 0.60, 0.05),
    "three": (3.0 * WING + 2.0 * GAP, TALL, 0.16),
    "bowl": (0.50, 0.40, 0.40),
}
PITCH: Final = 2.0 * HALF_WIDE * (WING + GAP) / WING  # from cloth to cloth, so that each lies on its board
LARGEST: Final = 1.5  # times its own size: a small thing stays one
TUBES: Final = 9_000  # of a work, at most
MOST: Final = 1_536  # strokes, copies counted, at most: the longest are kept
SPACING: Final = 0.004  # between two points of a stroke, at least
THIN, THICK = 0.0013, 0.05  # radius that a stroke has at least and at most
POINTS_A_SECOND: Final = 32_000
MOST_OF_A_FRAME: Final = 450  # points: about 1.5 ms
PIECE: Final = 200  # points of a stroke, drawn before it is asked whether there is time for more
PREPARED_AS: Final = 450  # what opening a work counts as: it takes a frame of its own
STROKE_AS: Final = 8  # what a stroke counts as beside its points
LEAVES_SECONDS: Final = 1.2  # in which its strokes are gone


CLOTHS: Final = np.array([PITCH + HALF_WIDE, HALF_HIGH, 0.0])  # half of what three bays take


class Look(NamedTuple):
    """What a stroke is made with."""

    brush: str
    colour: Vec4


class Fit:
    """A work's strokes in the space that it has, about its middle; +z is toward who looks.

    First all of `measure`, then `copies`, both a little at a time.
    """

    def __init__(self, strokes: Sequence[Stroke], kind: Kind) -> None:
        self.kind = kind
        things = [thing_of(stroke, THINGS) for stroke in strokes]
        self._strokes = [stroke for stroke, thing in zip(strokes, things, strict=True) if thing is None]
        self._things = [thing for thing in things if thing is not None]
        self._low, self._high = np.full(3, inf), np.full(3, -inf)
        self._long: list[float] = []  # metres of each stroke
        self._middle, self._scale, self._spacing = np.zeros(3), 1.0, SPACING
        self._chosen: list[int] = []  # the longest strokes, in the order they were drawn
        self.light = 0.0  # mean luminance of its strokes, 0..1

    def measure(self) -> Iterator[int]:
        """Says after each stroke what that counts as, in points."""
        shine, count = 0.0, 0
        for n, stroke in enumerate(self._strokes):
            points = _finite(stroke.points)
            if self.kind == "three":
                points = _unfolded(points)
                stroke = self._strokes[n] = stroke._replace(points=points)
            self._long.append(_length(points))
            if len(points):
                self._reach(points, stroke)
                red, green, blue, _ = stroke.colour
                shine += len(points) * (0.2126 * red + 0.7152 * green + 0.0722 * blue)
                count += len(points)
            yield STROKE_AS + len(points) // 100
        if count:
            self.light = shine / count
        if count or self._things:
            self._place()

    def _reach(self, points: Points, stroke: Stroke) -> None:
        thick = points[:, 3:]
        low, high = (points[:, :3] - thick).min(axis=0), (points[:, :3] + thick).max(axis=0)
        if stroke.turns > 1:
            far = float(np.hypot(points[:, 0], points[:, 2]).max() + thick.max())
            low[[0, 2]], high[[0, 2]] = -far, far
        if stroke.mirror:
            far = max(float(high[0]), -float(low[0]))
            low[0], high[0] = -far, far
        np.minimum(self._low, low, out=self._low)
        np.maximum(self._high, high, out=self._high)

    def _place(self) -> None:
        """Its scale and middle; which strokes are drawn and how finely."""
        low, high = self._low, self._high
        if self.kind == "three":  # as they stood beside each other, whatever was made in which
            low, high = np.minimum(low, -CLOTHS), np.maximum(high, CLOTHS)
            low = -(high := np.maximum(high, -low))
        self._middle = 0.5 * (low + high)
        if self.kind == "round":  # about its axis
            half = float(np.abs(np.stack([low, high])[:, [0, 2]]).max())
            low, high = np.array([-half, low[1], -half]), np.array([half, high[1], half])
            self._middle = np.array([0.0, low[1], 0.0])
        wide, tall, deep = np.maximum(high - low, 1e-6)
        size = (wide, deep, tall) if self.kind == "round" else (wide, tall, deep)
        self._scale = min(LARGEST, *(space / long for space, long in zip(SPACE[self.kind], size, strict=True)))
        long, copies = np.array(self._long), np.array([_count(stroke) for stroke in self._strokes])
        order = np.argsort(-long, kind="stable")
        order = order[np.cumsum(copies[order]) <= MOST]
        whole, ends = float((long * copies)[order].sum()) * self._scale, 3 * int(copies[order].sum())
        self._spacing = max(SPACING, whole / max(TUBES - ends, 1))
        self._chosen = sorted(order.tolist())

    def things(self) -> list[Thing]:
        """Each of them, hung."""
        made = []
        for name, place, size, turn in self._things:
            flat = _unfolded(np.array([[*place, size]], np.float32)).astype(np.float64)
            x, y, z, radius = self._hung(flat)[0].tolist()
            made.append(Thing(name, (x, y, z), radius, turn))
        return made

    def copies(self) -> Iterator[tuple[Look, Points]]:
        """All that are seen, one after the other."""
        for n in self._chosen:
            stroke = self._strokes[n]
            own = _thinned(_finite(stroke.points).astype(np.float64), self._spacing / self._scale)
            if not len(own):
                continue
            look = Look(stroke.brush, stroke.colour)
            for turn in range(stroke.turns):
                copy = own if turn == 0 else _turned(own, tau * turn / stroke.turns)
                yield look, self._hung(copy)
                if stroke.mirror:
                    yield look, self._hung(copy * np.array([-1.0, 1.0, 1.0, 1.0]))

    def _hung(self, points: Floats) -> Points:
        made = np.empty(points.shape, np.float32)
        place = (points[:, :3] - self._middle) * self._scale
        made[:, :3] = place
        if self.kind == "round":  # it lay on a table: its +y comes toward who looks
            made[:, 1], made[:, 2] = -place[:, 2], place[:, 1]
        made[:, 3] = np.clip(points[:, 3] * self._scale, THIN, THICK)
        return made


def _unfolded(points: Points) -> Points:
    """What was made in one of three bays, as if their cloths hung beside each other in one plane."""
    if not len(points):
        return points
    x, y, z, _ = points[len(points) // 2].tolist()
    bay = bay_of((x, y, z)).bay
    s, c = sin(TURNS[bay]), cos(TURNS[bay])
    made = points.copy()
    made[:, 0] = points[:, 0] * c - points[:, 2] * s + (bay - 1) * PITCH
    made[:, 1] -= MIDDLE
    made[:, 2] = points[:, 0] * s + points[:, 2] * c + AWAY
    return made


def _count(stroke: Stroke) -> int:
    return stroke.turns * (2 if stroke.mirror else 1)


def _finite(points: Points) -> Points:
    fine = np.isfinite(points).all(axis=1)
    return points if fine.all() else points[fine]


def _length(points: Points) -> float:
    return float(np.linalg.norm(np.diff(points[:, :3], axis=0), axis=1).sum())


def _turned(points: Floats, angle: float) -> Floats:
    c, s = cos(angle), sin(angle)
    made = points.copy()
    made[:, 0], made[:, 2] = c * points[:, 0] + s * points[:, 2], c * points[:, 2] - s * points[:, 0]
    return made


def _thinned(points: Floats, spacing: float) -> Floats:
    """A point every so often along a stroke, its ends among them."""
    if len(points) < 3:
        return points
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points[:, :3], axis=0), axis=1))])
    cell = np.floor(along / spacing)
    keep = np.append(True, cell[1:] != cell[:-1])
    keep[-1] = True
    return np.asarray(points[keep])


class Hung:
    """Room for one work. `show` says which; `step` brings what is seen nearer to that, a little in every frame."""

    def __init__(self, kit: Kit) -> None:
        self._matter, self._light = kit.strokes(TUBES, MOST), kit.strokes(TUBES, MOST)
        self._wax, self._brush, self._shine = (kit.material(name) for name in ("strokes", "brush", "brush_light"))
        self.empty()

    def empty(self) -> None:
        """At once; nobody sees it."""
        self._matter.clear()
        self._light.clear()
        self._seen: list[tuple[Strokes, int]] = []  # in the order they were drawn
        self._loading: Iterator[int] | None = None
        self._wanted: tuple[Work, Kind] | None = None
        self._leaving = 0.0  # strokes a second
        self._owed = 0.0  # of a stroke
        self.kind: Kind | None = None  # of what is seen
        self.things: list[Thing] = []  # that lie among it
        self.pale = False  # what it lies on

    def show(self, work: Work | None, kind: Kind = "air") -> None:
        """From now on; what was there leaves first."""
        self._loading = None
        self._wanted = None if work is None else (work, kind)
        self._leaving = 0.0 if self.kind is None else max(len(self._seen), 1) / LEAVES_SECONDS

    @property
    def whole(self) -> bool:
        """All of what is wanted is there."""
        return self._loading is None and self._wanted is None and not self._leaving

    @property
    def strokes(self) -> int:
        """That are seen, copies counted."""
        return len(self._seen)

    def step(self, points: int, passed: float) -> int:
        """`passed` seconds on, with so many points at most; how many it took."""
        if self._leaving:
            self._leave(passed)
            return 0
        if self._wanted is not None and points > 0:
            (work, kind), self._wanted = self._wanted, None
            self._loading = self._drawn(work, kind)
        taken = 0
        while self._loading is not None and taken < points:
            more = next(self._loading, None)
            if more is None:
                self._loading = None
            else:
                taken += more
        return taken

    def _leave(self, passed: float) -> None:
        self._owed += self._leaving * passed
        while self._owed >= 1.0 and self._seen:
            strokes, number = self._seen.pop()
            strokes.show(number, False)
            self._owed -= 1.0
        if not self._seen:
            self._matter.clear()
            self._light.clear()
            self._leaving = self._owed = 0.0
            self.kind, self.things = None, []

    def _drawn(self, work: Work, kind: Kind) -> Iterator[int]:
        """Draws it, and says after each piece how many points that was."""
        strokes = list(work.shown().values())
        yield PREPARED_AS
        if not strokes:
            return
        fit = Fit(strokes, kind)
        yield from fit.measure()
        self.kind, self.pale = kind, fit.light < 0.22
        self.things = fit.things()
        for look, points in fit.copies():
            shines = brush(look.brush).light
            ink = self._light if shines else self._matter
            number = ink.begin(paint(look.brush, look.colour) if shines or kind == "air" else look.colour)
            if number is None:
                continue
            self._seen.append((ink, number))
            for first in range(0, len(points), PIECE):
                piece = points[first : first + PIECE]
                for x, y, z, radius in piece.tolist():
                    ink.append((x, y, z), radius)
                yield STROKE_AS + len(piece)
            ink.end()

    def draw(self, out: Pass, at: Pose, own: float, veil: float) -> None:
        """What is solid of it. `at`: its middle, facing who looks; `own`, `veil` 0..1 as the shaders have them."""
        if self.kind == "air":
            out.strokes(self._matter, self._brush, at, veil=veil)
        elif self.kind is not None:
            out.strokes(self._matter, self._wax, at, own=own)

    def draw_light(self, out: Pass, at: Pose, veil: float) -> None:
        """What shines of it, after all that is solid."""
        if self.kind is not None:
            out.strokes(self._light, self._shine, at, veil=veil)
