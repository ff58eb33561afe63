"""What a microphone brings: a ring that PortAudio's own thread fills by native code, and the filler empties."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import carray, cfunc, types

from audio.block import BLOCK, Integers, Samples, kernel

FRAMES: Final = 16_384  # of the ring, 341 ms; a power of two
# Where things lie in the memory that both sides share, in 8 bytes each.
WRITTEN, READ, CALLS, WIDTH, DROPPED = range(5)
_CONTROLS: Final = 16
_WORDS: Final = _CONTROLS + FRAMES // 2


@kernel
def bring(memory: Integers, brought: Samples) -> None:
    """The first channel of what a device brought; what does not fit is dropped."""
    ring = memory[_CONTROLS:].view(np.float32)
    at, count = memory[WRITTEN], brought.shape[0]
    if at - memory[READ] + count > FRAMES:
        memory[DROPPED] += count
        return
    for i in range(count):
        ring[(at + i) % FRAMES] = brought[i, 0]
    memory[WRITTEN] = at + count


@kernel
def take(memory: Integers, out: Samples) -> bool:
    """A whole block, if there is one."""
    ring = memory[_CONTROLS:].view(np.float32)
    at = memory[READ]
    if memory[WRITTEN] - at < out.shape[0]:
        return False
    for i in range(out.shape[0]):
        out[i, 0] = ring[(at + i) % FRAMES]
    memory[READ] = at + out.shape[0]
    return True


@cfunc(
    types.int32(
        types.CPointer(types.float32), types.voidptr, types.uint64, types.voidptr, types.uint64,
        types.CPointer(types.int64),
    ),
    cache=True,
)  # type: ignore[untyped-decorator]  # fmt: skip
def listen(brought: Any, nothing: Any, count: Any, moments: Any, flags: Any, shared: Any) -> Any:
    """PaStreamCallback; `shared` is the memory."""
    memory = carray(shared, (_WORDS,))
    bring(memory, carray(brought, (count, memory[WIDTH])))
    memory[CALLS] += 1
    return 0  # paContinue


class Capture:
    """One microphone, mono, 48 kHz."""

    def __init__(self) -> None:
        self.memory = np.zeros(_WORDS, np.int64)
        self.block = np.zeros((BLOCK, 1), np.float32)  # what was taken last

    def attach(self, channels: int) -> None:
        """A device with so many channels begins; what another one brought is forgotten."""
        self.memory[WIDTH] = channels
        self.memory[READ] = self.memory[WRITTEN]

    def next(self) -> bool:
        """Whether `block` holds the next one."""
        return bool(take(self.memory, self.block))

    @property
    def calls(self) -> int:
        """Of the device so far."""
        return int(self.memory[CALLS])


def warm() -> None:
    """Load what the filler calls: before a session, never in it."""
    Capture().next()
