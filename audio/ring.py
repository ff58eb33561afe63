"""The ring between the filler and the device: native code on both sides, no lock, no Python in the device's callback.

PortAudio calls `play` in its own thread. It copies what is ready; where that is too little, it lets the last frame sink
to silence in 5 ms instead of cutting it off, and what comes afterwards rises as softly. Nothing ends it, so nothing has
to be armed again (ADR 54).
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from llvmlite import ir
from numba import carray, cfunc, types
from numba.extending import intrinsic

from audio.block import CHANNELS, Integers, Samples, kernel

FRAMES: Final = 16_384  # of the ring, 341 ms; a power of two
SINK: Final = 240  # frames from a sound to silence, 5 ms
RISE: Final = 480  # frames from silence to a sound

# Where things lie in the memory that both sides share, in 8 bytes each. Times are nanoseconds of the stream's clock.
WRITTEN, READ, OPEN, CALLS, STARVED, WIDTH = range(6)
BEFORE, PAIR_READ, PAIR_TIME, BEHIND = range(6, 10)  # a frame and when it is heard, between two equal counters
GAIN, LAST = 10, 11  # the callback's own: floats, of the softening
_CONTROLS: Final = 16
_WORDS: Final = _CONTROLS + FRAMES * CHANNELS // 2


@intrinsic  # type: ignore[untyped-decorator]
def _fence(typing_context: Any) -> Any:
    """What was written before is seen by others before what is written after."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.fence("seq_cst")
        return ir.Constant(ir.IntType(64), 0)

    return types.int64(), generate


@kernel
def write(memory: Integers, block: Samples) -> None:
    """Append a block. Only the filler calls it, and only where `FRAMES` leave room."""
    ring = memory[_CONTROLS:].view(np.float32)
    at = memory[WRITTEN]
    for i in range(block.shape[0]):
        place = ((at + i) % FRAMES) * CHANNELS
        for channel in range(CHANNELS):
            ring[place + channel] = block[i, channel]
    _fence()
    memory[WRITTEN] = at + block.shape[0]


@kernel
def take(memory: Integers, out: Samples) -> None:
    """What a device is given: `out` is [frames, channels of the device]; one channel has the mean of both."""
    ring, soft = memory[_CONTROLS:].view(np.float32), memory[GAIN : LAST + 2].view(np.float64)
    at, count, width = memory[READ], out.shape[0], out.shape[1]
    ready = min(memory[WRITTEN] - at, count) if memory[OPEN] else 0
    _fence()
    if ready < count and memory[OPEN]:
        memory[STARVED] += 1
    for i in range(count):
        soft[0] = min(soft[0] + 1.0 / RISE, 1.0) if i < ready else max(soft[0] - 1.0 / SINK, 0.0)
        place = ((at + i) % FRAMES) * CHANNELS
        for channel in range(CHANNELS):
            if i < ready:
                soft[1 + channel] = ring[place + channel]
        if width == 1:
            out[i, 0] = np.float32(soft[0] * 0.5 * (soft[1] + soft[2]))
        for channel in range(width if width > 1 else 0):
            out[i, channel] = np.float32(soft[0] * soft[1 + channel]) if channel < CHANNELS else np.float32(0.0)
    _fence()
    if memory[OPEN]:  # else the filler counts for itself
        memory[READ] = at + ready


@kernel
def note_time(memory: Integers, seconds: float) -> None:
    """The frame that is taken next is heard at this time of the stream's clock."""
    memory[BEFORE] += 1
    _fence()
    memory[PAIR_READ], memory[PAIR_TIME] = memory[READ], np.int64(seconds * 1e9)
    _fence()
    memory[BEHIND] = memory[BEFORE]


@cfunc(
    types.int32(
        types.voidptr, types.CPointer(types.float32), types.uint64, types.CPointer(types.float64), types.uint64,
        types.CPointer(types.int64),
    ),
    cache=True,
)  # type: ignore[untyped-decorator]  # fmt: skip
def play(nothing: Any, output: Any, count: Any, moments: Any, flags: Any, shared: Any) -> Any:
    """PaStreamCallback; `moments` is PaStreamCallbackTimeInfo, `shared` the ring's memory."""
    memory, times = carray(shared, (_WORDS,)), carray(moments, (3,))
    if memory[OPEN]:
        note_time(memory, max(times[1], times[2]))
    take(memory, carray(output, (count, memory[WIDTH])))
    memory[CALLS] += 1
    return 0  # paContinue


class Pair(NamedTuple):
    """This frame of the ring is heard at this time of the stream's clock, ns."""

    frame: int
    time: int


class Ring:
    """One filler, one device at a time. Frames are counted from 0 as long as the ring lives."""

    def __init__(self) -> None:
        self.memory = np.zeros(_WORDS, np.int64)
        self._pairs = 0

    def attach(self, channels: int) -> None:
        """A device with so many channels begins: what was ready for another one is left out."""
        self.memory[OPEN] = 0
        self.memory[WIDTH] = channels
        self.memory[READ] = self.memory[WRITTEN]
        self.memory[GAIN] = 0

    def open(self) -> None:
        """From here on what is ready is played, and what is not is missed."""
        self.memory[OPEN] = 1

    def shut(self) -> None:
        """Silence; nothing is missed."""
        self.memory[OPEN] = 0

    def skip(self, frames: int) -> None:
        """So many frames are heard by nobody: while it is shut."""
        self.memory[READ] += min(frames, self.ready)

    def write(self, block: Samples) -> None:
        write(self.memory, block)

    @property
    def ready(self) -> int:
        """Frames that wait for the device."""
        return int(self.memory[WRITTEN] - self.memory[READ])

    @property
    def is_open(self) -> bool:
        return bool(self.memory[OPEN])

    @property
    def read(self) -> int:
        """Frames that a device has taken, or that were skipped."""
        return int(self.memory[READ])

    @property
    def written(self) -> int:
        return int(self.memory[WRITTEN])

    @property
    def calls(self) -> int:
        """Of the device so far."""
        return int(self.memory[CALLS])

    @property
    def starved(self) -> int:
        """Calls that found too little."""
        return int(self.memory[STARVED])

    def pair(self) -> Pair | None:
        """The newest one, once; None while there is none, or it is just being written."""
        number = int(self.memory[BEHIND])
        if number == self._pairs:
            return None
        pair = Pair(int(self.memory[PAIR_READ]), int(self.memory[PAIR_TIME]))
        if self.memory[BEFORE] != number:
            return None
        self._pairs = number
        return pair
