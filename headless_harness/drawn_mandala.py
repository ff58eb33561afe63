"""The table mandala with a hand that draws by itself, for pictures:

`python -m headless_harness.look headless_harness/drawn_mandala.py --class DrawnMandala --out FILE.png --at 20`
"""

from __future__ import annotations

from dataclasses import replace
from math import cos, sin, tau
from typing import Final

from scenes.mandala import Mandala
from vr_app.api import Frame, Hand, Inputs, Pose

STROKE_SECONDS, PAUSE_SECONDS = 1.9, 0.3
STROKES: Final = (  # radius and turn at both ends, how far the line bends, and how often it swings
    (0.030, 0.00, 0.090, 0.35, 0.50, 0.0),
    (0.090, 0.35, 0.150, 0.00, -0.40, 0.0),
    (0.108, 0.00, 0.128, 0.39, 0.00, 0.0),
    (0.150, 0.05, 0.205, 0.38, 0.35, 0.0),
    (0.176, 0.00, 0.176, 0.39, 0.00, 0.012),
    (0.050, 0.39, 0.086, 0.39, 0.00, 0.0),
    (0.208, 0.08, 0.208, 0.30, 0.00, 0.006),
)


class DrawnMandala(Mandala):
    """Some strokes with the right hand, then it is taken away."""

    def update(self, frame: Frame) -> None:
        super().update(replace(frame, inputs=Inputs(frame.inputs.head, right=self._hand(frame.scene_time))))

    def _hand(self, time: float) -> Hand | None:
        number, share = divmod(time - 0.5, STROKE_SECONDS + PAUSE_SECONDS)
        if not 0 <= number < len(STROKES) or self.comfort is None:
            return None
        t = share / STROKE_SECONDS
        r0, a0, r1, a1, bend, swing = STROKES[int(number)]
        s = min(t, 1.0)
        r = r0 + (r1 - r0) * s + swing * sin(tau * s)
        a = a0 + (a1 - a0) * s + bend * sin(0.5 * tau * s) * 0.5
        high = 0.06 if t > 1.0 else 0.004 + 0.012 * cos(0.5 * tau * s) ** 2
        return Hand(Pose(self.table.world((r * sin(a), high, -r * cos(a)))))
