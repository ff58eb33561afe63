"""What ties a running session to those who steer it: orders in; answers, heartbeat and status out."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, Protocol

from vr_app.commands import Command

if TYPE_CHECKING:  # the supervisor reads this too, and imports nothing heavy
    from vr_app.api import Inputs
    from vr_app.director import Director
    from vr_app.headset import HeadsetInfo

PER_FRAME = 8  # a flood of commands never holds up a frame


class Order(NamedTuple):
    """A command and the number by which its answer is known."""

    id: int
    command: Command


class Link(Protocol):
    """The loop's side. Nothing here blocks or raises."""

    def wait(self) -> bool:
        """A sign of life while the session cannot begin yet; False when nobody waits for it any more."""

    def opened(self, info: HeadsetInfo, *, slow: bool) -> None:
        """The headset is there; `slow`: the processor draws every pixel, and nobody can say how long that takes."""

    def loading(self) -> None:
        """A sign of life while scenes are built."""

    def closing(self) -> None:
        """The session is over; the headset is given back next."""

    def writing(self) -> None:
        """The report is written next."""

    def take(self) -> Iterator[Order]:
        """At most PER_FRAME orders, stops first, then oldest first."""

    def answer(self, order: Order, refused: str | None) -> None:
        """`refused` says in one line why not; None: done."""

    def publish(self, director: Director, inputs: Inputs | None, *, frames: bool) -> None:
        """After every turn of the loop: heartbeat, head pose, and ten times a second the whole status.

        `frames` is False while the headset expects none.
        """


class Mailbox:
    """The link of a session in one process. Any thread may post."""

    def __init__(self) -> None:
        self._waiting: deque[Command] = deque()

    def post(self, command: Command) -> None:
        self._waiting.append(command)

    def wait(self) -> bool:
        return True

    def opened(self, info: HeadsetInfo, *, slow: bool) -> None:
        """Nobody asks."""

    def loading(self) -> None:
        """Nobody asks."""

    def closing(self) -> None:
        """Nobody asks."""

    def writing(self) -> None:
        """Nobody asks."""

    def take(self) -> Iterator[Order]:
        for _ in range(min(len(self._waiting), PER_FRAME)):
            yield Order(0, self._waiting.popleft())

    def answer(self, order: Order, refused: str | None) -> None:
        """Nobody waits for one."""

    def publish(self, director: Director, inputs: Inputs | None, *, frames: bool) -> None:
        """Nobody watches."""
