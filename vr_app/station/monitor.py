"""The monitor's process: a window for the therapist, and its side of page and pipes."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

from vr_app import logs
from vr_app.commands import Command
from vr_app.station.messages import MOST_BYTES, Refused, Reply, Status, decode_report, decode_status, encode_command
from vr_app.station.page import Page
from vr_app.station.parent import die_with_parent, leave_signals_to_the_supervisor
from vr_app.station.pipes import Sender, receive
from vr_app.station.ring import PictureRing


class StationSurface:
    """See vr_app.station.surface.Surface."""

    def __init__(self, page_cells: Any, picture_cells: Any, commands: Connection, reports: Connection) -> None:
        self.pictures = PictureRing(picture_cells)
        self._page = Page(page_cells)
        self._sender = Sender(commands)
        self._numbers = itertools.count(1)
        self._answers: deque[Reply] = deque()
        self._status: Status | None = None
        self._alone = False
        receive(reports, self._heard, self._gone, MOST_BYTES)
        self.beat()

    @property
    def ended(self) -> bool:
        return self._alone or self._page.over

    def beat(self) -> None:
        self._page.surface_live()

    def status(self) -> Status | None:
        data = self._page.status()
        if data is not None:
            self._status = decode_status(data) or self._status
        return self._status

    def alarm(self) -> str:
        return self._page.notice()

    def send(self, command: Command) -> int:
        number = next(self._numbers)
        try:
            if not self._sender.send(encode_command(number, command)):
                self._answers.append(Reply(number, "the station does not listen"))
        except Refused as error:
            self._answers.append(Reply(number, str(error)))
        return number

    def answers(self) -> Sequence[Reply]:
        return [self._answers.popleft() for _ in range(len(self._answers))]

    def _heard(self, data: bytes) -> None:
        report = decode_report(data)
        if isinstance(report, Reply):
            self._answers.append(report)

    def _gone(self) -> None:
        self._alone = True


def main(page_cells: Any, picture_cells: Any, verbose: bool, reports: Connection, commands: Connection) -> None:
    """The process's whole life: until the window is closed or the station is over."""
    die_with_parent()
    leave_signals_to_the_supervisor()
    from vr_app.desktop.monitor import show

    with logs.start("monitor", verbose=verbose):
        show(StationSurface(page_cells, picture_cells, commands, reports))
