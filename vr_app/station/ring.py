"""Three pictures in shared memory: one writer, one reader, the latest wins and nobody waits."""

from __future__ import annotations

from multiprocessing.context import SpawnContext
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt


class Picture(NamedTuple):
    """(h, w, 4) uint8, sRGB-encoded, top row first; session seconds and host monotonic ns at which it was drawn."""

    camera: str
    time: float
    host_ns: int
    pixels: npt.NDArray[np.uint8]


class PictureRing:
    """Works on `cells` from `PictureRing.cells(context)`, in whichever process they are handed to at its spawn."""

    def __init__(self, cells: Any) -> None:
        self._cells = cells

    @staticmethod
    def cells(context: SpawnContext) -> Any:
        """Shared memory without a name, so none can be left behind."""
        return context.RawArray("B", 1)

    def latest(self) -> Picture | None:
        """The newest picture, copied; None when there is none newer than the last one given."""
        return None
