"""A monitor on a station in memory, as a program: what it asks is printed, a line each."""

from __future__ import annotations

import sys

import numpy as np

from tests.desktop.fakes import FakeSurface, status
from vr_app.commands import Command, Orbit
from vr_app.desktop.monitor import show
from vr_app.station.messages import Reply
from vr_app.station.ring import Picture


class _Printing(FakeSurface):
    def send(self, command: Command) -> int:
        fields = (getattr(command, name) for name in command.__struct_fields__)
        print(type(command).__name__, *(field for field in fields if not isinstance(field, Orbit)), flush=True)
        number = super().send(command)
        self.replies.append(Reply(number))
        return number


def main() -> None:
    surface = _Printing()
    if "nothing" not in sys.argv:
        surface.now = status()
        surface.picture = Picture("eye", 0.0, 0, np.full((400, 640, 4), (40, 120, 60, 255), np.uint8))
    surface.words = "The picture has stopped." if "alarm" in sys.argv else ""
    show(surface)
    print("closed")


if __name__ == "__main__":
    main()
