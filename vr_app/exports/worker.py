"""Makes a hand-over folder in a process of its own, at the lowest priority: nothing heavy is done where people wait."""

from __future__ import annotations

import os
from collections.abc import Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from vr_app.exports.handover import HandOverError, Item, Language, hand_over
from vr_app.station.parent import die_with_parent

LOWEST: Final = 19  # nice; Windows has none


class Exporting:
    """Begins at once. `wait` from a thread; a process that is killed leaves nothing half."""

    def __init__(self, folder: Path, items: Sequence[Item], language: Language = "en") -> None:
        context = get_context("spawn")
        self._answer, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=_run, args=(theirs, folder, tuple(items), language), daemon=True)
        self._process.start()
        theirs.close()

    def wait(self, seconds: float) -> Path:
        """The folder. Raises HandOverError, also when it takes longer."""
        try:
            if not self._answer.poll(seconds):
                raise HandOverError(f"It was not done within {seconds:.0f} seconds; hand over fewer things at once.")
            made, why = self._answer.recv()
        except EOFError:
            raise HandOverError("The export ended before it was done; nothing was written. Try once more.") from None
        finally:
            self.close()
        if why:
            raise HandOverError(why)
        return Path(made)

    def close(self) -> None:
        """It is ended, whatever it does."""
        self._process.kill()
        self._process.join(5.0)


def _run(answer: Connection, folder: Path, items: Sequence[Item], language: Language) -> None:
    die_with_parent()
    if hasattr(os, "nice"):
        os.nice(LOWEST)
    made, why = "", ""
    try:
        made = str(hand_over(folder, items, language))
    except HandOverError as error:
        why = str(error)
    except Exception as error:  # noqa: BLE001 - whatever a file holds, who waits gets one line
        why = f"It could not be made ({type(error).__name__}: {error}); report this."
    answer.send((made, why))
