"""The table mandala with a hand that draws by itself, for pictures:

`python -m headless_harness.look headless_harness/drawn_mandala.py --class DrawnMandala --out FILE.png --at 12`
"""

from __future__ import annotations

from dataclasses import replace
from math import cos, sin, tau
from typing import Final

from scenes.mandala import Mandala
from vr_app.api import Frame, Hand, Inputs, Pose

STROKE_SECONDS, PAUSE_SECONDS = 2.2, 0.3
STROKES: Final = (  # radius and turn at both ends, and how far the line bends
    (0.03, 0.0, 0.09, 0.35, 0.5),
    (0.09, 0.35, 0.15, 0.0, -0.4),
    (0.15, 0.05, 0.205, 0.38, 0.35),
    (0.205, 0.38, 0.12, 0.39, 0.0),
)


class DrawnMandala(Mandala):
    """Four strokes with the right hand, then it is taken away."""

    def update(self, frame: Frame) -> None:
        super().update(replace(frame, inputs=Inputs(frame.inputs.head, right=self._hand(frame.scene_time))))

    def _hand(self, time: float) -> Hand | None:
        number, share = divmod(time - 0.5, STROKE_SECONDS + PAUSE_SECONDS)
        if not 0 <= number < len(STROKES) or self.comfort is None:
            return None
        t = share / STROKE_SECONDS
        r0, a0, r1, a1, bend = STROKES[int(number)]
        s = min(t, 1.0)
        r, a = r0 + (r1 - r0) * s, a0 + (a1 - a0) * s + bend * sin(0.5 * tau * s) * 0.5
        high = 0.06 if t > 1.0 else 0.004 + 0.012 * cos(0.5 * tau * s) ** 2
        return Hand(Pose(self.table.world((r * sin(a), high, -r * cos(a)))))
