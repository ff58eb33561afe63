"""Garbage collection at times of our choosing: never inside a frame."""

from __future__ import annotations

import gc
import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self

from vr_app.timing.ledger import COLLECTED, COLLECTIONS, Ledger

_YOUNG_EVERY: Final = 4  # frames; a pass costs 12 us at 90 Hz, and a frame leaves next to nothing
_MIDDLE_EVERY: Final = 32  # frames; with 400k live objects the worst pass took 0.43 ms (docs/design/platform-facts.md)
_SWITCH_SECONDS: Final = 0.0005  # a waiting thread gets the interpreter lock after this long; Python's own is 0.005


class Collector:
    """Within the `with` automatic collection is off; the loop collects young objects after every fourth frame.

    `automatic` counts the collections that Python started by itself meanwhile: it must stay 0.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._frame = 0
        self._ours = False
        self._reported = 0
        self.automatic = 0

    def __enter__(self) -> Self:
        self._was_enabled = gc.isenabled()
        self._switch_seconds = sys.getswitchinterval()
        gc.disable()
        sys.setswitchinterval(_SWITCH_SECONDS)
        self.between_scenes()
        gc.callbacks.append(self._heard)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        gc.callbacks.remove(self._heard)
        gc.unfreeze()
        sys.setswitchinterval(self._switch_seconds)
        if self._was_enabled:
            gc.enable()

    def after_frame(self) -> None:
        """Collect what the last frames left, well under 0.1 ms, and mark COLLECTED."""
        self._ledger.put(COLLECTIONS, self.automatic - self._reported)
        self._reported = self.automatic
        self._frame += 1
        if self._frame % _YOUNG_EVERY == 0:
            self._ours = True
            gc.collect(0 if self._frame % _MIDDLE_EVERY else 1)
            self._ours = False
        self._ledger.mark(COLLECTED)

    def between_scenes(self) -> None:
        """A full pass, then what survived is set aside. May take 0.1 s: only behind a fade or before any frame."""
        self._ours = True
        gc.collect()
        gc.freeze()
        self._ours = False

    def _heard(self, phase: str, info: Mapping[str, int]) -> None:
        if phase == "start" and not self._ours:
            self.automatic += 1
