"""Makes a hand-over folder in a process of its own, at the lowest priority: nothing heavy is done where people wait."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from shutil import rmtree
from time import monotonic
from typing import Final

from vr_app.exports.items import HandOverError, Item, Language, part_of
from vr_app.station.parent import die_with_parent

LOWEST: Final = 19  # nice
_IDLE: Final = 0x40  # IDLE_PRIORITY_CLASS


class Exporting:
    """Begins at once. `wait` from a thread; of one that is killed nothing is left, neither half nor hidden."""

    def __init__(self, folder: Path, items: Sequence[Item], language: Language = "en") -> None:
        self.remarks: list[str] = []  # after `wait`: what is less than it should be, a line each
        self._part = part_of(folder)
        context = get_context("spawn")
        self._answer, theirs = context.Pipe(duplex=False)
        work = theirs, folder, tuple(items), language, self._part
        self._process = context.Process(target=_run, args=work, daemon=True, name="export")
        self._process.start()
        theirs.close()

    def wait(self, seconds: float, count: Callable[[int], object] = lambda done: None) -> Path:
        """The folder. `count` hears how many things are done. Raises HandOverError, also when it takes longer."""
        until = monotonic() + seconds
        try:
            while True:
                if not self._answer.poll(max(until - monotonic(), 0.0)):
                    raise HandOverError(f"It was not done in {seconds:.0f} seconds; hand over fewer things at once.")
                told = self._answer.recv()
                if not isinstance(told, int):
                    break
                count(told)
            made, why, self.remarks = told
        except EOFError:
            raise HandOverError("The export ended before it was done; nothing was written. Try once more.") from None
        finally:
            self.close()
        if why:
            raise HandOverError(why)
        return Path(made)

    def end(self) -> None:
        """From any thread: whoever waits hears that it ended."""
        self._process.kill()

    def close(self) -> None:
        """It is ended, whatever it does."""
        self.end()
        self._process.join(5.0)
        rmtree(self._part, ignore_errors=True)


def _run(answer: Connection, folder: Path, items: Sequence[Item], language: Language, part: Path) -> None:
    die_with_parent()
    lowest_priority()
    from vr_app.exports.handover import hand_over  # sound and drawing: too much for whoever asks

    made, why, remarks = "", "", list[str]()
    try:
        made = str(hand_over(folder, items, language, part=part, tell=remarks.append, count=answer.send))
    except HandOverError as error:
        why = str(error)
    except Exception as error:  # noqa: BLE001 - whatever a file holds, who waits gets one line
        why = f"It could not be made ({type(error).__name__}: {error}); report this."
    answer.send((made, why, remarks))


def lowest_priority() -> None:
    """All else on the machine goes first."""
    if sys.platform == "win32":
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.GetCurrentProcess.restype = ctypes.c_void_p
        kernel.SetPriorityClass.argtypes = ctypes.c_void_p, ctypes.c_uint32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), _IDLE)
    else:
        os.nice(LOWEST)
