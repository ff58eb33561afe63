"""Sound from one thread to another: a ring in memory that neither of them waits for."""

from __future__ import annotations

import numpy as np

from audio.block import Samples


class Ring:
    """One thread gives, one takes. No lock, no file, no memory but what was made here; what does not fit is dropped.

    Each count is written by one thread only, after the samples that it speaks of (the interpreter's lock orders them).
    """

    def __init__(self, frames: int, channels: int) -> None:
        self._memory = np.full((frames, channels), 0.0, np.float32)  # written, so that no page is still to be found
        self.channels = channels
        self._frames = frames
        self._given = 0  # frames since the beginning, by the thread that gives
        self._taken = 0  # the same, by the thread that takes
        self.dropped = 0  # frames that did not fit or had another number of channels, by the thread that gives

    def give(self, block: Samples) -> None:
        """All of a block, [n, channels], or nothing of it. Never waits, never raises."""
        count = len(block)
        if block.ndim != 2 or block.shape[1] != self.channels or count > self._frames - self.waiting:
            self.dropped += count
            return
        first = self._given % self._frames
        whole = min(count, self._frames - first)
        self._memory[first : first + whole] = block[:whole]
        self._memory[: count - whole] = block[whole:]
        self._given += count

    def take(self, out: Samples) -> int:
        """As much as there is and fits into `out`, [n, channels], from its beginning on; how many frames."""
        count = min(len(out), self.waiting)
        first = self._taken % self._frames
        whole = min(count, self._frames - first)
        out[:whole] = self._memory[first : first + whole]
        out[whole:count] = self._memory[: count - whole]
        self._taken += count
        return count

    def skip(self, frames: int) -> None:
        """Forget the oldest so many, by the thread that takes."""
        self._taken += min(max(frames, 0), self.waiting)

    @property
    def waiting(self) -> int:
        """How many frames can be taken."""
        return self._given - self._taken
