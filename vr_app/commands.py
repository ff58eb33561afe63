"""What may be asked of a running session: a closed set, absolute and repeatable."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

PER_FRAME = 8  # a flood of commands never holds up a frame


class Go(NamedTuple):
    """Play the plan from where it stands: begins, continues after a hold, leaves quiet."""


class SetQuiet(NamedTuple):
    """Guide, pacing and plan clock stop (or go on); the world lives on."""

    quiet: bool


class EndGently(NamedTuple):
    """Four seconds to the calm room, time and place named, then the session is over."""


class StopNow(NamedTuple):
    """The calm room within a second; it stays until someone ends or continues."""


class Leave(NamedTuple):
    """The calm room within a second, then the application ends."""


Command = Go | SetQuiet | EndGently | StopNow | Leave


class Mailbox:
    """Commands on their way to the loop. Any thread may post; taking never blocks."""

    def __init__(self) -> None:
        self._waiting: deque[Command] = deque()

    def post(self, command: Command) -> None:
        self._waiting.append(command)

    def take(self) -> Iterator[Command]:
        """At most PER_FRAME commands, oldest first."""
        for _ in range(min(len(self._waiting), PER_FRAME)):
            yield self._waiting.popleft()
