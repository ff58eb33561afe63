"""The monitor's process: a window for the therapist."""

from __future__ import annotations

from multiprocessing.connection import Connection
from typing import Any

from vr_app import logs
from vr_app.station.parent import die_with_parent, leave_signals_to_the_supervisor
from vr_app.station.seat import Seat


class StationSurface(Seat):
    """See vr_app.station.surface.Surface."""

    def __init__(self, page_cells: Any, picture_cells: Any, commands: Connection, reports: Connection) -> None:
        super().__init__(page_cells, picture_cells, commands, reports)
        self.beat()

    def beat(self) -> None:
        self.page.surface_live()


def main(page_cells: Any, picture_cells: Any, verbose: bool, reports: Connection, commands: Connection) -> None:
    """The process's whole life: until the window is closed or the station is over."""
    die_with_parent()
    leave_signals_to_the_supervisor()
    from vr_app.desktop.monitor import show

    with logs.start("monitor", verbose=verbose):
        show(StationSurface(page_cells, picture_cells, commands, reports))
