"""A child process of the station: how it is started, whether it lives, how it is ended. Always by spawn."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from typing import Any, Final

from vr_app.station.pipes import Sender

KILL_SECONDS: Final = 1.0  # the most that anybody waits for what is killed; the next start takes its remains
SPAWN: Final = multiprocessing.get_context("spawn")


class Child:
    """One process with a pipe each way.

    `main` is called with `arguments`, the child's ends (what it hears, what it says), and `more`.
    """

    def __init__(self, name: str, main: Callable[..., None], *arguments: Any, more: tuple[Any, ...] = ()) -> None:
        hears, self._to = SPAWN.Pipe(duplex=False)
        self.reports, says = SPAWN.Pipe(duplex=False)
        self.process = SPAWN.Process(target=main, args=(*arguments, hears, says, *more), name=name)
        self.process.start()
        hears.close()  # the child has its own copies: with ours closed, the end of one side is seen by the other
        says.close()
        self.sender = Sender(self._to)
        self.name = name
        self.mute = False

    @property
    def sentinel(self) -> int:
        return self.process.sentinel

    @property
    def ended(self) -> bool:
        return self.exit_status is not None

    @property
    def exit_status(self) -> int | None:
        """Negative: the signal that killed it; None: it lives."""
        return self.process.exitcode

    def kill(self) -> None:
        """End it at once, stopped or not, and take its last remains from the system."""
        self.process.kill()
        self.process.join(KILL_SECONDS)
        self.sender.close(KILL_SECONDS)  # nobody reads any more: its thread must have ended before its pipe is closed
        self.reports.close()
        self._to.close()

    def hang_up(self) -> None:
        """It hears that its pipe is closed: to be said to one that waits for nothing else."""
        self.sender.close(KILL_SECONDS)
        self._to.close()

    def gone(self, seconds: float) -> bool:
        """Wait so long for its own end."""
        self.process.join(seconds)
        return self.ended

    def how(self) -> str:
        """How it ended, for people who mend it."""
        code = self.exit_status
        return f"signal {-code}" if code is not None and code < 0 else f"exit status {code}"


def messages(child: Child) -> Iterator[bytes]:
    """What has come from a child, without waiting."""
    try:
        while not child.mute and child.reports.poll():
            yield child.reports.recv_bytes(65_536)
    except (OSError, EOFError):  # its end of the pipe is closed: it has nothing more to say
        child.mute = True
