"""Processes that bake, one maker each at a time; one that is lost costs its maker, not the others."""

from __future__ import annotations

import logging
import pickle
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Final, Self

from vr_app.api import Arrays
from vr_app.baked import NotKept, keep
from vr_app.baking import places
from vr_app.station.child import SPAWN
from vr_app.station.parent import die_with_parent

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 0.1  # between two looks of whoever watches
LOST: Final = "the process that made it was lost; is there enough memory?"

Make = Callable[[], Arrays]


class BakeFailed(Exception):
    """A maker raised, or was lost: why."""


@dataclass(slots=True)
class _Hand:
    """One process, and the name of what it makes."""

    process: SpawnProcess
    pipe: Connection
    name: str = ""


class Crew:
    """Makes what is asked of it while somebody waits. Use in a `with`: at its end, what still works is killed."""

    def __init__(self, size: int, on_look: Callable[[], None]) -> None:
        self.done: dict[str, Exception | None] = {}  # by name, and why not, if not
        self._size = size
        self._on_look = on_look
        self._asked: deque[tuple[str, Make]] = deque()
        self._hands: list[_Hand] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for hand in self._hands:
            hand.process.kill()
        for hand in self._hands:
            hand.process.join()
            hand.pipe.close()

    @property
    def busy(self) -> list[str]:
        """What is being made."""
        return [hand.name for hand in self._hands if hand.name]

    def ask(self, name: str, make: Make) -> None:
        self._asked.append((name, make))

    def wait_for(self, name: str) -> None:
        """Until this one, asked for before, is kept. Raises BakeFailed or NotKept."""
        while name not in self.done:
            self._give_out()
            for ready in wait([hand.pipe for hand in self._hands if hand.name], LOOK_SECONDS):
                self._hear(next(hand for hand in self._hands if hand.pipe is ready))
            self._on_look()
        failed = self.done[name]
        if failed is not None:
            raise failed

    def _give_out(self) -> None:
        while self._asked:
            hand = next((hand for hand in self._hands if not hand.name), None) or self._another()
            if hand is None:
                return
            name, make = self._asked.popleft()
            try:
                hand.pipe.send(make)
            except OSError:
                self._lost(hand, name)
            except (pickle.PicklingError, AttributeError, TypeError) as error:
                self.done[name] = BakeFailed(f"{error}; a maker is a function of a module")
            else:
                hand.name = name

    def _another(self) -> _Hand | None:
        if len(self._hands) == self._size:
            return None
        ours, theirs = SPAWN.Pipe()
        process = SPAWN.Process(target=_work, args=(theirs,), name="bake")
        with _interrupts_wait():
            process.start()
        theirs.close()  # with ours closed, its end is seen
        self._hands.append(_Hand(process, ours))
        return self._hands[-1]

    def _hear(self, hand: _Hand) -> None:
        try:
            self.done[hand.name] = hand.pipe.recv()
            hand.name = ""
        except (OSError, EOFError):
            self._lost(hand, hand.name)

    def _lost(self, hand: _Hand, name: str) -> None:
        self.done[name] = BakeFailed(LOST)
        self._hands.remove(hand)
        hand.process.kill()
        hand.process.join()
        hand.pipe.close()


@contextmanager
def _interrupts_wait() -> Iterator[None]:
    """Ctrl-C is heard afterwards, and never by a process that has not yet learned to leave it to us."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(pipe: Connection) -> None:
    """The process's whole life: one maker after another, as they come."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the whole terminal; who started it hears it too
    while True:
        try:
            make: Make = pipe.recv()
        except (EOFError, OSError):
            return
        except Exception as error:  # noqa: BLE001 - its module may raise anything while it is imported
            pipe.send(BakeFailed(f"{type(error).__name__}: {error}"))
            continue
        pipe.send(_made(make))


def _made(make: Make) -> Exception | None:
    try:
        keep(make, make(), places())
    except NotKept as error:
        return error
    except Exception as error:  # noqa: BLE001 - a maker may raise anything
        return BakeFailed(f"{type(error).__name__}: {error}")
    return None
