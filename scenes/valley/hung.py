"""A finished work as it hangs: fitted into a small space, thinned, and drawn again there stroke by stroke.

Lengths are metres. What is far too much to be seen at that size is passed over; the work itself is never changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import cos, sin, tau
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from scenes.valley.shapes import Floats
from vr_app.api import Kit, Material, Pass, Pose, Stroke, Vec3, Vec4, Work

Kind = Literal["air", "round", "three", "bowl"]  # free in the air, or before what it was made on
KINDS: Final[dict[str, Kind]] = {"mandala": "round", "triptych": "three", "sound_garden": "bowl"}  # by scene; else air
SPACE: Final[dict[Kind, Vec3]] = {  # width, height and depth that a work may take
    "air": (0.72, 0.66, 0.46),
    "round": (0.60, 0.60, 0.05),
    "three": (0.68, 0.46, 0.16),
    "bowl": (0.50, 0.40, 0.40),
}
LARGEST: Final = 1.5  # times its own size: a small thing stays one
TUBES: Final = 9_000  # of a work, at most
MOST: Final = 1_536  # strokes, copies counted, at most: the longest are kept
SPACING: Final = 0.004  # between two points of a stroke, at least
THIN, THICK = 0.0013, 0.05  # radius that a stroke has at least and at most
POINTS_A_SECOND: Final = 32_000
MOST_OF_A_FRAME: Final = 450  # points: about 1.5 ms
PREPARED_AS: Final = 450  # what fitting a work counts as: it takes a frame of its own
LEAVES_SECONDS: Final = 1.2  # in which its strokes are gone


class Fitted(NamedTuple):
    """A work in the space that it has, about its middle; +z is toward who looks."""

    points: npt.NDArray[np.float32]  # (n, 4)
    starts: list[int]  # of each stroke in them, and their end
    colours: list[Vec4]
    low: float  # lowest and rearmost
    back: float
    light: float  # mean luminance of its strokes, 0..1


@dataclass(frozen=True, slots=True)
class _All:
    """The strokes of a work with all their copies, one after the other."""

    points: Floats  # (n, 4)
    starts: npt.NDArray[np.int64]
    colours: list[Vec4]


def fitted(strokes: Sequence[Stroke], kind: Kind) -> Fitted:
    """Of at least one stroke."""
    made = _with_copies(strokes)
    points = made.points
    if kind == "round":  # it lay on a table: its +y comes toward who looks
        points[:, :3] = np.stack([points[:, 0], -points[:, 2], points[:, 1]], axis=-1)
    reach = points[:, 3:]
    low, high = (points[:, :3] - reach).min(axis=0), (points[:, :3] + reach).max(axis=0)
    middle = 0.5 * (low + high)
    if kind == "round":
        half = float(np.abs(np.stack([low[:2], high[:2]])).max())
        low[:2], high[:2], middle = -half, half, np.array([0.0, 0.0, low[2]])
    if kind == "three":
        middle[2] = low[2]
    size = np.maximum(high - low, 1e-6)
    scale = min(LARGEST, float(np.min(np.array(SPACE[kind]) / size)))
    points[:, :3] = (points[:, :3] - middle) * scale
    points[:, 3] = np.clip(points[:, 3] * scale, THIN, THICK)
    kept = _thinned(made)
    back, down = float(points[:, 2].min()), float(points[:, 1].min())
    return Fitted(kept.points.astype(np.float32), kept.starts.tolist(), kept.colours, down, back, _light(strokes))


def _light(strokes: Sequence[Stroke]) -> float:
    weights = np.array([len(stroke.points) for stroke in strokes], float)
    colours = np.array([stroke.colour[:3] for stroke in strokes]) @ np.array([0.2126, 0.7152, 0.0722])
    return float((weights @ colours) / weights.sum())


def _with_copies(strokes: Sequence[Stroke]) -> _All:
    """Turned and mirrored as they are seen; values that are not finite are left out."""
    parts: list[Floats] = []
    colours: list[Vec4] = []
    for stroke in strokes:
        own = stroke.points.astype(np.float64)
        own = own[np.isfinite(own).all(axis=1)]
        if not len(own):
            continue
        for turn in range(stroke.turns):
            copy = own if turn == 0 else _turned(own, tau * turn / stroke.turns)
            parts.append(copy)
            colours.append(stroke.colour)
            if stroke.mirror:
                parts.append(copy * np.array([-1.0, 1.0, 1.0, 1.0]))
                colours.append(stroke.colour)
    starts = np.concatenate([[0], np.cumsum([len(part) for part in parts])])
    return _All(np.concatenate(parts) if parts else np.zeros((1, 4)), starts, colours)


def _turned(points: Floats, angle: float) -> Floats:
    c, s = cos(angle), sin(angle)
    made = points.copy()
    made[:, 0], made[:, 2] = c * points[:, 0] + s * points[:, 2], c * points[:, 2] - s * points[:, 0]
    return made


def _thinned(made: _All) -> _All:
    """Of strokes that are too many the longest, and of each a point every so often, its ends among them."""
    points, starts = made.points, made.starts
    step = np.zeros(len(points))
    step[1:] = np.linalg.norm(np.diff(points[:, :3], axis=0), axis=1)
    step[starts[:-1]] = 0.0
    along = np.cumsum(step)
    long = along[starts[1:] - 1] - along[starts[:-1]]
    chosen = np.sort(np.argsort(-long, kind="stable")[:MOST])
    spacing = max(SPACING, float(long[chosen].sum()) / max(TUBES - 3 * len(chosen), 1))
    cell = np.floor(along / spacing)
    keep = np.zeros(len(points), bool)
    keep[1:] = cell[1:] != cell[:-1]
    keep[starts[:-1]] = keep[starts[1:] - 1] = True
    parts = [points[first:end][keep[first:end]] for first, end in zip(starts[chosen], starts[chosen + 1], strict=True)]
    begins = np.concatenate([[0], np.cumsum([len(part) for part in parts])])
    return _All(np.concatenate(parts), begins, [made.colours[n] for n in chosen])


class Hung:
    """Room for one work. `show` says which; `step` brings what is seen nearer to that, a little in every frame."""

    def __init__(self, kit: Kit) -> None:
        self._strokes = kit.strokes(TUBES, MOST)
        self.empty()

    def empty(self) -> None:
        """At once; nobody sees it."""
        self._strokes.clear()
        self._seen = 0  # strokes
        self._numbers: list[int] = []
        self._loading: Iterator[int] | None = None
        self._wanted: tuple[Work, Kind] | None = None
        self._leaving = 0.0  # strokes a second
        self._owed = 0.0  # of a stroke
        self.kind: Kind | None = None  # of what is seen
        self.back = self.low = 0.0
        self.pale = False  # what it lies on

    def show(self, work: Work | None, kind: Kind = "air") -> None:
        """From now on; what was there leaves first."""
        self._loading = None
        self._wanted = None if work is None else (work, kind)
        self._leaving = self._seen / LEAVES_SECONDS

    @property
    def whole(self) -> bool:
        """All of what is wanted is there."""
        return self._loading is None and self._wanted is None

    def step(self, points: int, passed: float) -> int:
        """`passed` seconds on, with so many points at most; how many it took."""
        if self._leaving:
            self._leave(passed)
            return 0
        if self._wanted is not None:
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
            self._strokes.show(self._numbers.pop(), False)
            self._seen -= 1
            self._owed -= 1.0
        if not self._seen:
            self._strokes.clear()
            self._numbers.clear()
            self._leaving = self._owed = 0.0
            self.kind = None

    def _drawn(self, work: Work, kind: Kind) -> Iterator[int]:
        """Draws it, and says after each piece how many points that was."""
        strokes = list(work.shown().values())
        yield PREPARED_AS
        if not strokes:
            return
        made = fitted(strokes, kind)
        self.kind, self.back, self.low, self.pale = kind, made.back, made.low, made.light < 0.22
        yield PREPARED_AS
        ink = self._strokes
        for n, colour in enumerate(made.colours):
            number = ink.begin(colour)
            if number is None:
                return
            self._numbers.append(number)
            self._seen += 1
            for x, y, z, radius in made.points[made.starts[n] : made.starts[n + 1]].tolist():
                ink.append((x, y, z), radius)
            ink.end()
            yield 2 + made.starts[n + 1] - made.starts[n]

    def draw(self, out: Pass, material: Material, at: Pose, own: float) -> None:
        """`at`: its middle, facing who looks; `own` as shaders/strokes.glsl has it."""
        if self._seen:
            out.strokes(self._strokes, material, at, own=own)
