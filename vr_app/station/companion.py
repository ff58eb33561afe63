"""The companion's process: pages for the therapist's browsers, and its side of page and pipes."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

from vr_app import logs
from vr_app.options import Options
from vr_app.station.door import Door
from vr_app.station.messages import Keep, Report
from vr_app.station.parent import die_with_parent, leave_signals_to_the_supervisor
from vr_app.station.seat import Seat


class CompanionSurface(Seat):
    """See vr_app.companion.hub.Station."""

    def __init__(self, page_cells: Any, picture_cells: Any, commands: Connection, reports: Connection) -> None:
        self._to_keep: deque[Keep] = deque()
        super().__init__(page_cells, picture_cells, commands, reports)

    def beat(self, clients: int, lost: int) -> None:
        self.page.companion_live(clients, lost)

    def enter(self, number: int) -> bool:
        """Whether key `number` had not been used before; now it is."""
        return self.page.use_key(number)

    def hear(self, report: Report) -> None:
        if isinstance(report, Keep):
            self._to_keep.append(report)
        else:
            super().hear(report)

    def to_keep(self) -> Sequence[Keep]:
        """What has come since the last call."""
        return [self._to_keep.popleft() for _ in range(len(self._to_keep))]


def main(
    page_cells: Any, picture_cells: Any, door: Door, options: Options, reports: Connection, commands: Connection
) -> None:
    """The process's whole life: until the station is over."""
    die_with_parent()
    leave_signals_to_the_supervisor()
    with logs.start("companion", verbose=options.verbose):
        surface = CompanionSurface(page_cells, picture_cells, commands, reports)
        from vr_app.companion.server import serve

        serve(surface, door, options)
