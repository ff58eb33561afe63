"""How bright the picture is: as asked for, or a slow glow before closed eyes; never changing faster than it may."""

from __future__ import annotations

from math import sin, tau
from typing import Final

from vr_app import limits

GLOW: Final = 0.14  # of the picture's own brightness, before closed eyes: seen through lids, never black
GLOW_SWELL: Final = 0.03  # by which it swells and settles
GLOW_SECONDS: Final = 14.0  # in which it does: no breath to follow
FASTEST: Final = limits.LUMINANCE_CHANGE_PER_SECOND


class Lamp:
    """A factor in 0..1 of the whole picture."""

    def __init__(self) -> None:
        self.brightness = 1.0
        self._asked = 1.0
        self._meant = (1.0, False, False)  # what it is on its way to
        self._rate = FASTEST

    def ask(self, brightness: float) -> None:
        """Whatever suits the patient's open eyes."""
        self._asked = brightness

    def step(self, time: float, dt: float, *, closed: bool, full: bool) -> None:
        """`closed` eyes; `full` brightness, whatever was asked for. Any change takes a second or longer."""
        meant = self._asked, closed, full
        wanted = 1.0 if full else GLOW + GLOW_SWELL * sin(tau * time / GLOW_SECONDS) if closed else self._asked
        if meant != self._meant:
            self._meant = meant
            off = abs(wanted - self.brightness)
            self._rate = FASTEST if closed else min(off / limits.FADE_SECONDS, FASTEST)
        most = self._rate * dt
        self.brightness += min(max(wanted - self.brightness, -most), most)
