"""What a patient makes, hidden in soft mist while the therapist wishes it so; the place about it stays."""

from __future__ import annotations

from typing import Final

VEIL_SECONDS: Final = 3.5  # into it, and out of it: slow enough to be no event, and within the 4 s of the issue


class Veil:
    """An amount in 0..1 on its way to 0 or 1."""

    def __init__(self) -> None:
        self.on = False
        self.amount = 0.0
        self._progress = 0.0

    def step(self, dt: float, *, unseen: bool) -> None:
        """`unseen`: there is no picture before the patient, so that it is there at once."""
        wanted = float(self.on)
        if self._progress == wanted:
            return
        most = 1.0 if unseen else dt / VEIL_SECONDS
        self._progress += min(max(wanted - self._progress, -most), most)
        p = self._progress
        self.amount = p * p * (3.0 - 2.0 * p)
