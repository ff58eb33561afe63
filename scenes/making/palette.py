"""What one may take while painting: colours, brushes, and small words; in an arc below the painting, one by one.

Places are metres; angles are degrees, to the right and up, as seen from the seat.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, radians, sin, tau
from typing import Final, Literal, NamedTuple

from scenes.making.brushes import BRUSHES, Brush, brush, paint
from scenes.valley.attention import Attention, Spot
from vr_app.api import Frame, Kit, Label, Pass, Pose, Vec3, Vec4

EYE: Final[Vec3] = (0.0, 1.2, 0.0)
AWAY: Final = 1.18
# Of the valley's palette, and a little of the sky's blue: linear.
COLOURS: Final[tuple[Vec4, ...]] = (
    (1.00, 0.55, 0.20, 0.5),  # lantern
    (0.85, 0.30, 0.24, 0.5),  # embers
    (0.30, 0.52, 0.22, 0.5),  # grass
    (0.16, 0.42, 0.72, 0.5),  # bay
    (0.55, 0.38, 0.78, 0.5),  # dusk
    (0.92, 0.84, 0.72, 0.5),  # foam
)
Word = Literal["undo", "redo", "erase", "mirror", "clear", "keep", "another"]
WORDS: Final[dict[Word, str]] = {
    "undo": "Undo", "redo": "Again", "erase": "Erase", "mirror": "Mirror", "clear": "Clear", "keep": "Keep it",
    "another": "A new one",
}  # fmt: skip
# Guided seconds at which they come; a patient who knows them finds all at once.
COMES: Final = {"colours": 14.0, "undo": 30.0, "keep": 45.0, "redo": 60.0, "brushes": 70.0, "mirror": 110.0,
                "erase": 110.0, "clear": 140.0, "another": 45.0}  # fmt: skip
FADE_SECONDS: Final = 3.0
COLOUR_ROW, BRUSH_ROW, WORD_ROW = -21.0, -28.0, -35.0  # degrees above the line of sight
BESIDE: Final = 6.5  # degrees between two
WIDER: Final = 9.5  # between two words
BEAD: Final = 0.017
RING: Final = 0.034


class Taken(NamedTuple):
    """What was chosen in this frame."""

    kind: Literal["colour", "brush", "word"]
    which: int | str


class Palette:
    """`update` once a frame says what is taken; `draw`."""

    def __init__(self, kit: Kit) -> None:
        self._solid, self._shines = kit.material("brush"), kit.material("brush_light")
        self._beads = kit.strokes(len(COLOURS) * 8, len(COLOURS))
        self._swatches = kit.strokes(400, 8), kit.strokes(400, 8)  # matter, light
        self._ring = kit.strokes(64, 1)
        self._labels: dict[Word, Label] = {word: kit.text(said, height=0.020) for word, said in WORDS.items()}
        self._draw_ring()
        self._names: list[tuple[str, str]] = [("colour", str(n)) for n in range(len(COLOURS))]
        self._names += [("brush", name) for name in BRUSHES] + [("word", word) for word in WORDS]
        self.attention = Attention([Spot((0.0, 0.0, 0.0), 0.03)] * len(self._names))
        self._at: list[Pose] = []
        self._raised: float | None = None
        self.seen = [0.0] * len(self._names)  # of each, 0..1
        self.colour, self.brush = 0, "ribbon"
        self.on: set[str] = set()  # words that hold: erase, mirror

    def enter(self, *, known: bool) -> None:
        """`known`: who comes back finds all of it at once."""
        self._known = known
        self.seen = [0.0] * len(self._names)
        self.on.clear()

    def update(self, frame: Frame, passed: float, *, all_at_once: bool, kept: bool, busy: bool) -> Taken | None:
        """`busy`: a hand paints, nothing is taken meanwhile. `kept`: the work hangs in the gallery already."""
        self._arrange(frame.comfort.raised)
        for n, (kind, name) in enumerate(self._names):
            key = "colours" if kind == "colour" else "brushes" if kind == "brush" else name
            comes = all_at_once or self._known or frame.scene_time >= COMES[key]
            comes = comes and (name != "another" or kept) and (name != "keep" or not kept)
            step = passed / FADE_SECONDS
            self.seen[n] = min(max(self.seen[n] + (step if comes else -step), 0.0), 1.0)
        if busy:
            return None
        taken = self.attention.update(frame)
        if taken is None or self.seen[taken] < 0.5:
            return None
        kind, name = self._names[taken]
        if kind == "colour":
            self.colour = int(name)
            self._draw_swatches()
            return Taken("colour", self.colour)
        if kind == "brush":
            self.brush = name
            self.on.discard("erase")
            return Taken("brush", name)
        if name in ("erase", "mirror"):
            (self.on.discard if name in self.on else self.on.add)(name)
        return Taken("word", name)

    def aimed_at(self) -> bool:
        """Something that can be taken is rested on."""
        at = self.attention.at
        return at is not None and self.seen[at] > 0.0

    def centre(self, n: int) -> Vec3:
        return self.attention.spots[n].centre

    def draw(self, out: Pass) -> None:
        colours, brushes = self.seen[0], self.seen[len(COLOURS)]
        if colours > 0.0:
            out.strokes(self._beads, self._shines, veil=1.0 - colours)
            out.strokes(self._ring, self._shines, self._at[self.colour], veil=1.0 - 0.7 * colours)
        if brushes > 0.0:
            out.strokes(self._swatches[0], self._solid, veil=1.0 - brushes)
            out.strokes(self._swatches[1], self._shines, veil=1.0 - brushes)
            which = len(COLOURS) + list(BRUSHES).index(self.brush)
            out.strokes(self._ring, self._shines, self._at[which], veil=1.0 - 0.7 * brushes)
        first = len(COLOURS) + len(BRUSHES)
        for n, word in enumerate(WORDS, first):
            if self.seen[n] > 0.0:
                lit = 1.0 if word in self.on else 0.62 + 0.38 * self.attention.warmth[n]
                out.text(self._labels[word], self._at[n], self.seen[n] * lit)

    # --- where things are

    def _arrange(self, raised: float) -> None:
        if raised == self._raised:
            return
        self._raised = raised
        self._at = [*_row(len(COLOURS), COLOUR_ROW, BESIDE, raised), *_row(len(BRUSHES), BRUSH_ROW, BESIDE, raised)]
        self._at += _row(len(WORDS), WORD_ROW, WIDER, raised)
        for n, pose in enumerate(self._at):
            self.attention.spots[n] = Spot(pose.position, 0.03)
        self._draw_things()

    def _draw_things(self) -> None:
        self._beads.clear()
        for pose, colour in zip(self._at, COLOURS, strict=False):
            self._beads.begin(paint("tube", colour))
            self._beads.append(pose.position, BEAD)
            self._beads.end()
        self._draw_swatches()

    def _draw_swatches(self) -> None:
        """Each brush as it paints, in the colour that is taken."""
        for strokes in self._swatches:
            strokes.clear()
        for pose, name in zip(self._at[len(COLOURS) :], BRUSHES, strict=False):
            strokes = self._swatches[brush(name).light]
            strokes.begin(paint(name, COLOURS[self.colour]))
            _swatch(strokes.append, pose, brush(name))
            strokes.end()

    def _draw_ring(self) -> None:
        self._ring.begin(paint("tube", (1.0, 0.72, 0.42, 0.5)))
        for step in range(49):
            turn = tau * step / 48
            self._ring.append((RING * cos(turn), RING * sin(turn), 0.0), 0.0016)
        self._ring.end()


def _row(count: int, up: float, beside: float, raised: float) -> Sequence[Pose]:
    """Before the eyes, each facing them."""
    return [_seen_at((n - (count - 1) / 2.0) * beside, radians(up) + raised) for n in range(count)]


def _seen_at(right: float, pitch: float) -> Pose:
    yaw = -radians(right)
    out, up = AWAY * cos(pitch), AWAY * sin(pitch)
    return Pose.facing((EYE[0] - out * sin(yaw), EYE[1] + up, EYE[2] - out * cos(yaw)), yaw, pitch)


def _swatch(append: object, pose: Pose, made: Brush) -> None:
    """A small wave, as one tries a brush."""
    assert callable(append)
    (x, y, z), (_, j, _, w) = pose
    c, s = 1.0 - 2.0 * j * j, 2.0 * j * w  # about +y
    radius = min(made.radius, 0.014)
    steps = 24 if made.radius > made.spacing else 4  # leaves are as long as the piece from point to point
    for step in range(steps + 1):
        along = (step / steps - 0.5) * 0.074
        append((x + c * along, y + 0.010 * sin(step / steps * tau), z - s * along), radius)
