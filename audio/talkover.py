"""The therapist's own voice, live, in the patient's headphones: a microphone as a source of the graph.

Two devices have two clocks. What the microphone gives waits in a ring for a few milliseconds; how little of it was ever
left in half a second tells whether it comes faster or slower than it is played, and the ratio of a resampler follows,
by 0.4 % at most: 7 cents, and never a sample doubled or left out. Where nothing comes any more, what is left fades out.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from audio.block import BLOCK, CHANNELS, RATE, Doubles, Samples, frames, kernel
from audio.ring import Ring

MARGIN: Final = frames(0.008)  # what shall be left after each block: a microphone may come so much later than usual
MOST_MARGIN: Final = frames(0.024)  # each time that it was not enough, it grows by a block, until here
MOST_RATIO: Final = 0.004  # away from 1
TOO_MUCH: Final = frames(0.030)  # above the margin: after a hold or a pause of the output the rest is skipped

_RESERVE: Final = frames(0.0027)  # the last of what is there: it is for fading out
_RING: Final = frames(0.5)
_TAPS: Final = 16
_PHASES: Final = 128
_WINDOW: Final = 94  # blocks, half a second: callbacks and blocks of any usual size have met in every way by then
_QUICK: Final = 5.0e-6  # of the ratio, for each frame that is left too much: four seconds to settle
_STEADY: Final = 1.5e-7  # the same, each half second: what the clocks differ by
_MOST_DRIFT: Final = 0.001  # of two clocks; quartz has 0.0001


def _sinc() -> Doubles:
    """Weights of 16 samples for 129 moments between the middle two: right within -60 dB up to 18 kHz."""
    away = np.arange(_TAPS) - (_TAPS // 2 - 1) - np.arange(_PHASES + 1)[:, None] / _PHASES
    window = np.i0(6.0 * np.sqrt(np.maximum(1.0 - (away / (_TAPS // 2)) ** 2, 0.0))) / np.i0(6.0)
    weights = np.sinc(away) * window
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


_SINC: Final = _sinc()


class Flow(NamedTuple):
    """How a microphone has come so far."""

    starved: int  # times that it came too late, and its voice faded out
    skipped: int  # times that too much had gathered, and was left out
    dropped: int  # frames that found the ring full
    ratio: float  # of the microphone's clock to the output's, as it is followed now
    waiting: float  # seconds between the microphone's callback and the graph, as of the latest block


@kernel
def _resample(line: Samples, phase: float, ratio: float, sinc: Doubles, out: Samples) -> None:
    """Out of a line of 16 old and the new frames, `ratio` frames for each that is written to all channels."""
    for i in range(out.shape[0]):
        place = phase + i * ratio
        first = int(place)
        between = (place - first) * _PHASES
        low = int(between)
        high = between - low
        total = 0.0
        for tap in range(_TAPS):
            weight = sinc[low, tap] + high * (sinc[low + 1, tap] - sinc[low, tap])
            total += weight * line[first + tap, 0]
        for channel in range(out.shape[1]):
            out[i, channel] = np.float32(total)


@kernel
def _fade(out: Samples, over: int, rising: bool) -> None:
    """From silence, or to it, in `over` frames: half a cosine."""
    for i in range(out.shape[0]):
        level = 0.5 - 0.5 * np.cos(np.pi * min((i + 1) / over, 1.0))
        for channel in range(out.shape[1]):
            out[i, channel] *= np.float32(level if rising else 1.0 - level)


class Talkover:
    """A source for `Bus.VOICE`: `give` in the microphone's callback, `fill` in the graph's thread. Neither waits.

    Played again from its beginning it forgets what it had. It never ends by itself: `Graph.stop` fades it. There is no
    noise gate: it would cut the soft beginnings and ends of a calm voice.
    """

    def __init__(self, at_once: int = BLOCK) -> None:
        """`at_once`: how many frames the output asks the graph for at a time, one block or more."""
        self._ring = Ring(_RING, 1)
        self._at_once = max(at_once, BLOCK)
        self._callback = 0  # frames, of the largest, by the thread that gives
        self._line = np.zeros((_TAPS + BLOCK + 4, 1), np.float32)
        self._new = [self._line[_TAPS : _TAPS + count] for count in range(BLOCK + 5)]  # views, made once
        self._starved = self._skipped = self._left = 0
        self._begin()

    def give(self, block: Samples) -> None:
        """What the microphone brings, [n, channels] at 48 kHz; the first channel counts. Never waits, never raises."""
        self._callback = max(self._callback, len(block))
        self._ring.give(block[:, :1] if block.ndim == 2 else block)

    def fill(self, out: Samples, at: int) -> bool:
        """See `audio.graph.Source`."""
        if at == 0:
            self._begin()
        if self._silent:
            self._wait(out)
        else:
            self._play(out)
        return True

    @property
    def flow(self) -> Flow:
        waiting = max(self._left, 0) + BLOCK + _TAPS // 2
        return Flow(self._starved, self._skipped, self._ring.dropped, self._ratio, waiting / RATE)

    def _begin(self) -> None:
        self._margin = MARGIN
        self._ratio, self._drift = 1.0, 0.0
        self._fall_silent()

    def _fall_silent(self) -> None:
        """Whatever is there is old by the time that it would be heard."""
        self._ring.skip(_RING)
        self._silent = True
        self._left = 0

    def _wait(self, out: Samples) -> None:
        """Silence, until there is enough for both sides and the margin; then a voice that fades in."""
        enough = self._callback + self._at_once + self._margin
        if self._callback == 0 or self._ring.waiting < enough:
            out.fill(0.0)
            return
        self._ring.skip(self._ring.waiting - enough)
        self._silent = False
        self._phase = 0.0
        self._line.fill(0.0)
        self._least, self._blocks = _RING, 0
        self._play(out)
        _fade(out, BLOCK, True)

    def _play(self, out: Samples) -> None:
        end = self._phase + BLOCK * self._ratio
        wanted = int(end)
        self._left = self._ring.waiting - wanted
        taken = self._ring.take(self._new[wanted])
        self._new[wanted][taken:] = 0.0
        _resample(self._line, self._phase, self._ratio, _SINC, out)
        self._line[:_TAPS] = self._line[wanted : wanted + _TAPS]
        self._phase = end - wanted
        if self._left < _RESERVE:
            self._starved += 1
            self._margin = min(self._margin + BLOCK, MOST_MARGIN)
            self._end(out, min(max(taken, 1), BLOCK))
        elif self._left > self._margin + self._callback + self._at_once + TOO_MUCH:
            self._skipped += 1
            self._end(out, BLOCK)
        else:
            self._follow()

    def _end(self, out: Samples, over: int) -> None:
        _fade(out, over, False)
        self._fall_silent()

    def _follow(self) -> None:
        """The ratio, each half second, by how much the least that was left differs from the margin: a PI controller."""
        self._least = min(self._least, self._left)
        self._blocks += 1
        if self._blocks < _WINDOW:
            return
        extra = self._least - self._margin
        if abs(extra) * _QUICK < 0.5 * MOST_RATIO:
            self._drift = min(max(self._drift + _STEADY * extra, -_MOST_DRIFT), _MOST_DRIFT)
        self._ratio = 1.0 + min(max(_QUICK * extra + self._drift, -MOST_RATIO), MOST_RATIO)
        self._least, self._blocks = _RING, 0


def warm() -> None:
    """Compile, or load, every kernel: before a session, never in it."""
    out = np.zeros((BLOCK, CHANNELS), np.float32)
    _resample(np.zeros((_TAPS + BLOCK + 4, 1), np.float32), 0.0, 1.0, _SINC, out)
    _fade(out, BLOCK, True)
