"""What a control surface (the monitor window, later the companion) has of the station."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vr_app.commands import Command
from vr_app.station.messages import Reply, Status
from vr_app.station.ring import Picture


class Pictures(Protocol):
    """See vr_app.station.ring.PictureRing."""

    def latest(self) -> Picture | None: ...


class Surface(Protocol):
    """Nothing here blocks or raises."""

    @property
    def pictures(self) -> Pictures: ...

    @property
    def ended(self) -> bool:
        """The station is over: close."""

    def beat(self) -> None:
        """Still alive; at least twice a second, or the station starts this surface anew."""

    def status(self) -> Status | None:
        """The newest snapshot; None before the first."""

    def alarm(self) -> str:
        """Words for everybody to see, large; "" when all is well."""

    def send(self, command: Command) -> int:
        """The number by which the answer is known."""

    def answers(self) -> Sequence[Reply]:
        """Those that have come since the last call."""
