"""What the patient's body tells beside its poses: breath from a controller on the belly, where asked for; stillness.

The hand whose controller lies on the belly is none to scenes and panels, but its stop button counts all the same: the
patient's stop is asked before. Taken up, it is a hand again, and nothing is sensed until it lies.
"""

from __future__ import annotations

from typing import Literal

from vr_app.api import Inputs
from vr_app.breath import NOTHING, BellyBreath
from vr_app.station import messages
from vr_app.stillness import Stillness

Side = Literal["left", "right", ""]


class Body:
    """`update` once a frame with inputs as they are tracked: a place that is put elsewhere moves nobody's belly."""

    def __init__(self) -> None:
        self._side: Side = ""
        self._belly = BellyBreath()
        self._breath = NOTHING
        self._stillness = Stillness()

    def sense(self, side: Side) -> None:
        """Whose controller lies on the belly; "": nobody's. The same once more changes nothing."""
        if side != self._side:
            self._side, self._belly, self._breath = side, BellyBreath(), NOTHING

    def update(self, time: float, tracked: Inputs) -> None:
        """At session time `time`."""
        self._stillness.update(time, tracked.head, tracked=tracked.head_tracked)
        if self._side:
            hand = tracked.left if self._side == "left" else tracked.right
            self._breath = self._belly.update(time, None if hand is None else hand.grip, tracked.head)

    def offered(self, inputs: Inputs) -> Inputs:
        """What scenes and panels are given."""
        if not self._side:
            return inputs
        if not self._belly.resting:
            return inputs._replace(breath=self._breath)
        if self._side == "left":
            return inputs._replace(left=None, breath=self._breath)
        return inputs._replace(right=None, breath=self._breath)

    @property
    def breath(self) -> messages.Breath | None:
        """For Status; None: nobody asked for it."""
        return messages.Breath(*self._breath) if self._side else None

    @property
    def stillness(self) -> float:
        """0..1."""
        return self._stillness.amount
