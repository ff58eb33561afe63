"""Three pictures in shared memory: one writer, one reader, the latest wins and nobody waits.

Picture `n` goes into slot n % 3. A slot bears its picture's number only while it is whole: 0 from the moment it is
written over, and the newest number is told after the slot bears it. So a reader that finds the same number in the
slot before and after copying has one whole picture, and the writer comes back to a slot it may be copying only after
two newer ones. Nothing else is remembered anywhere: a writer that dies at any point leaves the last whole picture
standing, and the next one goes on counting from it. This needs stores and loads to be seen in program order and aligned
8-byte ones in one piece, as x86-64 has them; copying itself is done by C calls, which no compiler moves.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from multiprocessing.context import SpawnContext
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, get_args

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Camera = Literal["eye", "beside", "around"]

SIDE: Final = 512  # pixels: the longest side of a picture
SLOT_BYTES: Final = SIDE * SIDE * 4
SLOTS: Final = 3
_CAMERAS: Final[Sequence[Camera]] = get_args(Camera)
_TRIES: Final = 3  # of a reader that is overtaken; after that it comes again when it likes

# Header, in cells of 8 bytes: the newest number, then a row for each slot.
_NEWEST: Final = 0
_ROW: Final = 8
_NUMBER, _WIDTH, _HEIGHT, _CAMERA, _HOST_NS, _TIME = range(6)
_HEAD_BYTES: Final = 4096  # so that every slot begins on a page of its own where the memory does


class Picture(NamedTuple):
    """(h, w, 4) uint8, sRGB-encoded, top row first; session seconds and host monotonic ns at which it was drawn."""

    camera: Camera
    time: float
    host_ns: int
    pixels: npt.NDArray[np.uint8]


def fitted(width: int, height: int) -> tuple[int, int]:
    """The largest size of the same shape that a slot takes, never larger than asked for."""
    longest = max(width, height)
    if longest <= SIDE:
        return width, height
    return max(round(width * SIDE / longest), 1), max(round(height * SIDE / longest), 1)


class PictureRing:
    """Works on `cells` from `PictureRing.cells(context)`, in whichever process they are handed to at its spawn."""

    def __init__(self, cells: Any) -> None:
        memory = memoryview(cells).cast("B")
        self._head = memory[:_HEAD_BYTES].cast("q")
        self._seconds = memory[:_HEAD_BYTES].cast("d")
        import numpy as np  # only here: the supervisor makes the cells and imports nothing heavy

        self._slots = [np.frombuffer(cells, np.uint8, SLOT_BYTES, _HEAD_BYTES + k * SLOT_BYTES) for k in range(SLOTS)]
        first = ctypes.addressof(cells) + _HEAD_BYTES
        self._addresses = [first + k * SLOT_BYTES for k in range(SLOTS)]
        self._given = 0

    @staticmethod
    def cells(context: SpawnContext) -> Any:
        """Shared memory without a name, so none can be left behind."""
        return context.RawArray("B", _HEAD_BYTES + SLOTS * SLOT_BYTES)

    # --- the writer's side

    def begin(self) -> int:
        """The address where the next picture's rows go, top first and without gaps: at most SLOT_BYTES."""
        head = self._head
        slot = (head[_NEWEST] + 1) % SLOTS
        head[_ROW + slot * _ROW] = 0
        return self._addresses[slot]

    def publish(self, width: int, height: int, camera: Camera, time: float, host_ns: int) -> None:
        """What was written since `begin` is the newest picture. Width and height are `fitted`."""
        head = self._head
        number = head[_NEWEST] + 1
        row = _ROW + number % SLOTS * _ROW
        head[row + _WIDTH], head[row + _HEIGHT] = width, height
        head[row + _CAMERA], head[row + _HOST_NS] = _CAMERAS.index(camera), host_ns
        self._seconds[row + _TIME] = time
        head[row + _NUMBER] = number
        head[_NEWEST] = number

    # --- the reader's side

    def latest(self) -> Picture | None:
        """The newest picture, copied; None when there is none newer than the last one given."""
        head = self._head
        for _ in range(_TRIES):
            number = head[_NEWEST]
            if number == self._given:
                return None
            row = _ROW + number % SLOTS * _ROW
            if head[row + _NUMBER] != number:
                continue
            picture = self._copied(number % SLOTS, row)
            if head[row + _NUMBER] == number:
                self._given = number
                return picture
        return None

    def _copied(self, slot: int, row: int) -> Picture:
        """Perhaps of two pictures, if the writer is at it: a size is in range all the same."""
        _, width, height, camera, host_ns = self._head[row : row + _TIME]
        pixels = self._slots[slot][: width * height * 4].copy().reshape(height, width, 4)
        return Picture(_CAMERAS[camera], self._seconds[row + _TIME], host_ns, pixels)
