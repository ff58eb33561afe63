"""Paint on the bays' cloths: with a hand that presses, or by looking, where no hand is in use. Metres, seconds."""

from __future__ import annotations

from typing import Final

from scenes.making.canvas import Canvas
from scenes.making.felt import Felt
from scenes.making.gaze_pen import PRESSURE, GazePen
from scenes.making.nib import Mark, Nib, Side, by_ray, hand_of
from scenes.making.reaching import Reaching
from scenes.valley.shapes import srgb
from scenes.valley.three_bays import CHALK, INK, LIGHT, PAINTS, PIGMENT, Hit, bay_of, place_of, within
from vr_app.api import Frame, Stage, Vec3, Vec4

BRUSHES: Final = {INK: "ink", CHALK: "chalk", LIGHT: "tube"}  # by tool, as works name them
OWN: Final = {INK: 0.5, CHALK: 1.0, LIGHT: 0.5}  # of the brush's own value; chalk: all light comes through it
LEAST, WIDE = 0.0035, {INK: 0.0075, CHALK: 0.0200, LIGHT: 0.0090}  # radius without pressure, and with it
BEFORE: Final = 0.012  # of the cloth's plane, at which paint lies
HEM: Final = 0.016  # of a cloth's edge that stays free
HAND_SECONDS, GAZE_SECONDS = 0.07, 0.30  # that a line follows behind
GAZE_SPEED: Final = 0.45  # metres a second
STILL: Final = 0.033  # within which a gaze rests
PULSE, PULSE_METRES, SOUND_DB = 0.05, 0.06, -20.0  # of a line that goes on
BUSY: Final[frozenset[Side]] = frozenset(("left", "right"))


def colour_of(tool: str) -> Vec4:
    red, green, blue = srgb(PIGMENT[tool]).tolist()
    return red, green, blue, OWN[tool]


class ClothPen:
    """`update` once a frame: whether a line was finished in it."""

    def __init__(self, canvas: Canvas, reaching: Reaching[Hit], stage: Stage) -> None:
        """`reaching`: of this frame, when `update` is called."""
        self._canvas, self._reaching, self._felt = canvas, reaching, Felt(stage, PULSE, PULSE_METRES)
        self._nib, self._gaze = Nib(self._mark), GazePen(STILL, GAZE_SECONDS, GAZE_SPEED)

    @property
    def drawing(self) -> bool:
        return self._canvas.drawing

    def update(self, frame: Frame, tool: str, dwell: float, passed: float) -> bool:
        """`tool` that is held, if any; `dwell` seconds of a gaze that rests, until a line begins or ends."""
        nib, pen, painting = self._nib, self._gaze, tool in PAINTS
        nib.update(frame, frozenset() if painting else BUSY)
        at = self._reaching.at
        met = _place(at.at) if painting and at is not None and at.by == "gaze" else None
        if met is not None and pen.drawing and pen.at is not None and bay_of(met).bay != bay_of(pen.at).bay:
            met = None  # it went to another cloth
        pen.update(frame, met, passed, dwell, dwell)
        ended = self._canvas.drawing and (not (nib.drawing or pen.drawing) or nib.began or pen.began)
        if ended:
            self._canvas.end()
            self._felt.lift()
        place, pressure = (nib.tip, nib.pressure) if nib.drawing else (pen.at, PRESSURE)
        if place is None:
            return ended
        if (nib.began or pen.began) and self._canvas.begin(BRUSHES[tool], colour_of(tool)) is not None:
            self._felt.begin(place)
        if self._canvas.drawing:
            self._canvas.append(place, LEAST + (WIDE[tool] - LEAST) * pressure)
            self._felt.go(place, nib.hand if nib.drawing else None, passed, SOUND_DB)
        return ended

    def _mark(self, frame: Frame, side: Side) -> Mark | None:
        hand, at = hand_of(frame, side), self._reaching.by_hand(frame, side)
        return None if hand is None or at is None else Mark(_place(at), by_ray(hand.select), HAND_SECONDS)


def _place(at: Hit) -> Vec3:
    """In the work's frame, nothing raised."""
    return place_of(within(at, HEM), BEFORE)
