"""A control surface's own process: its side of page and pipes, whatever it shows people."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

from vr_app.commands import Command
from vr_app.station.messages import (
    MOST_BYTES,
    Bookkeeping,
    Refused,
    Reply,
    Report,
    Status,
    decode_report,
    decode_status,
    encode_command,
)
from vr_app.station.page import Page
from vr_app.station.pipes import Sender, receive
from vr_app.station.ring import PictureRing


class Seat:
    """What every vr_app.station.surface.Surface has; its signs of life are its own."""

    def __init__(self, page_cells: Any, picture_cells: Any, commands: Connection, reports: Connection) -> None:
        self.pictures = PictureRing(picture_cells)
        self.page = Page(page_cells)
        self._sender = Sender(commands)
        self._numbers = itertools.count(1)
        self._answers: deque[Reply] = deque()
        self._status: Status | None = None
        self._alone = False
        receive(reports, self._heard, self._gone, MOST_BYTES)

    @property
    def ended(self) -> bool:
        return self._alone or self.page.over

    def status(self) -> Status | None:
        data = self.page.status()
        if data is not None:  # an empty one: another plan is being loaded, and nobody knows anything of it yet
            self._status = (decode_status(data) or self._status) if data else None
        return self._status

    def alarm(self) -> str:
        return self.page.notice()

    def send(self, command: Command | Bookkeeping, by: str = "") -> int:
        number = next(self._numbers)
        try:
            if not self._sender.send(encode_command(number, command, by)):
                self._answers.append(Reply(number, "the station does not listen"))
        except Refused as error:
            self._answers.append(Reply(number, str(error)))
        return number

    def answers(self) -> Sequence[Reply]:
        return [self._answers.popleft() for _ in range(len(self._answers))]

    def _heard(self, data: bytes) -> None:
        self.hear(decode_report(data))

    def hear(self, report: Report) -> None:
        """On the receiving thread."""
        if isinstance(report, Reply):
            self._answers.append(report)

    def _gone(self) -> None:
        self._alone = True
