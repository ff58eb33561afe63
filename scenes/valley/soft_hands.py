"""Soft lights where the patient's hands are: a few glows for each, no picture of a hand.

A hand that is tracked is followed, by its joints or by what it holds; one that is not has its light on the lap. A light
never leaps: it eases to where its hand went, or to the lap. Metres and seconds; [0] is the right hand, [1] the left.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, exp, radians, sin
from typing import Final

import numpy as np
import numpy.typing as npt

from scenes.valley.shapes import Floats
from scenes.valley.sky import CARD
from vr_app.api import Hand, Inputs, Kit, Pass, Pose, Vec3

FOLLOW_SECONDS: Final = 0.07  # behind a hand that is tracked
EASE_SECONDS: Final = 0.9  # to a hand that came, or to the lap
LAID_SECONDS: Final = 8.0  # after which a light that went to the lap moves no more
SETTLE_SECONDS: Final = 2.5  # until a hand that came is followed closely
LAP: Final = ((0.19, 0.58, -0.16), (-0.19, 0.58, -0.16))  # where hands lie
PALM, WRIST = 0, 1  # of XrHandJointEXT
TIPS: Final = (5, 10, 15, 20, 25)
KNUCKLES: Final = (3, 7, 12, 17, 22)
JOINTS: Final = np.array((PALM, WRIST, *TIPS, *KNUCKLES))
GLOWS: Final = len(JOINTS)  # of a hand
RADII: Final = np.array((0.088, 0.070, *(0.044,) * 5, *(0.056,) * 5))
STRENGTH: Final = np.array((0.36, 0.22, *(0.17,) * 5, *(0.17,) * 5))
COLOUR: Final = (1.0, 0.78, 0.52)


def _resting() -> Floats:
    """Glows (GLOWS, 3) about the middle of a hand that nothing is known of, open and pointing to -z."""
    fan = [radians(a) for a in (-58.0, -24.0, -6.0, 12.0, 30.0)]
    tips = [(0.098 * sin(a), 0.004, -0.098 * cos(a)) for a in fan]
    knuckles = [(0.052 * sin(a), 0.008, -0.052 * cos(a)) for a in fan]
    return np.array([(0.0, 0.0, 0.0), (0.0, 0.0, 0.065), *tips, *knuckles])


RESTING: Final = _resting()
SHAPES: Final = np.stack([RESTING, RESTING * (-1.0, 1.0, 1.0)])
LAID: Final = SHAPES + np.array(LAP)[:, None]


class SoftHands:
    """`update` once a frame; `bright` is how bright each hand's light is, 0..1."""

    def __init__(self, kit: Kit) -> None:
        self._rows = np.zeros((2 * GLOWS, 16), np.float32)
        self._rows[:, 4:7] = np.tile(RADII, 2)[:, None]
        self._rows[:, 8:11], self._rows[:, 11] = COLOUR, 1.0
        self._rows[:, 12], self._rows[GLOWS:, 13] = np.tile(STRENGTH, 2), 1.0
        self._buffer = kit.buffer(self._rows)
        self._cards = kit.mesh(CARD, self._buffer), kit.material("glow")
        self.enter()

    def enter(self) -> None:
        """Both lights lie on the lap."""
        self.places = LAID.copy()
        self._wanted = LAID.copy()
        self._way = np.zeros_like(LAID)
        self._pull = np.zeros((2, 1, 1))
        self._grips: list[Pose | None] = [None, None]  # that are wanted just now
        self._tracked = [False, False]
        self._new = [0.0, 0.0]  # 1 when a hand just came or went, then ever less
        self._lain = [LAID_SECONDS, LAID_SECONDS]  # seconds for which each has had no hand
        self._bright = 0.0, 0.0
        self._rows[:, :3] = LAID.reshape(-1, 3)
        self._stale = True  # the buffer has not been told

    def update(self, passed: float, inputs: Inputs, bright: Sequence[float]) -> None:
        """`passed` seconds on. What lies still costs nothing."""
        self._bright = bright[0], bright[1]
        moved, self._stale = self._stale, False
        for n, hand in enumerate((inputs.right, inputs.left)):
            tracked = hand is not None and self._follow(n, hand)
            self._lain[n] = 0.0 if tracked else self._lain[n] + passed
            if self._lain[n] >= LAID_SECONDS:
                self._pull[n] = 0.0
                continue
            moved = True
            if tracked is not self._tracked[n]:
                self._tracked[n], self._new[n] = tracked, 1.0
                if not tracked:
                    self._wanted[n], self._grips[n] = LAID[n], None
            self._new[n] = max(self._new[n] - passed / SETTLE_SECONDS, 0.0)
            new = 1.0 if not tracked else self._new[n]
            self._pull[n] = 1.0 - exp(-passed / (FOLLOW_SECONDS + (EASE_SECONDS - FOLLOW_SECONDS) * new))
        if moved:
            np.subtract(self._wanted, self.places, out=self._way)
            self._way *= self._pull
            self.places += self._way
            self._rows.reshape(2, GLOWS, 16)[:, :, :3] = self.places
            self._buffer.write(0, self._rows)

    def draw(self, out: Pass) -> None:
        """After everything that is solid."""
        right, left = self._bright
        out.draw(*self._cards, right=right, left=left)

    def middle(self, n: int) -> Vec3:
        """Of a hand's light."""
        x, y, z = self.places[n, 0].tolist()
        return x, y, z

    def _follow(self, n: int, hand: Hand) -> bool:
        """Whether it is somewhere: a grip or joints without numbers are not."""
        if hand.joints is not None:
            found: npt.NDArray[np.float32] = hand.joints[JOINTS, :3]
            if np.isfinite(found).all():
                self._wanted[n], self._grips[n] = found, None
                return True
        if hand.grip == self._grips[n]:
            return True
        (px, py, pz), (x, y, z, w) = hand.grip
        total = px + py + pz + x + y + z + w
        if not -1e6 < total < 1e6:
            return False
        turn = np.array(
            (
                (1 - 2 * (y * y + z * z), 2 * (x * y + z * w), 2 * (x * z - y * w)),
                (2 * (x * y - z * w), 1 - 2 * (x * x + z * z), 2 * (y * z + x * w)),
                (2 * (x * z + y * w), 2 * (y * z - x * w), 1 - 2 * (x * x + y * y)),
            )
        )
        np.matmul(SHAPES[n], turn, out=self._wanted[n])
        self._wanted[n] += (px, py, pz)
        self._grips[n] = hand.grip
        return True
