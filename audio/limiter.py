"""The last of the chain: the programme's loudness, a true-peak limiter with look-ahead, and a guard that cannot fail.

True peaks are found as BS.1770-4, annex 2, finds them: four times oversampled by its own filter of 48 taps. Its reading
may be 0.6 dB low, hence a ceiling 1 dB under the limit. The gain is the least that the next 5 ms need, averaged over as
long: it is down before the peak arrives, and has no corners (Hämäläinen 2002, "Smoothing of the control signal without
clipped output in digital peak limiters").
"""

from __future__ import annotations

from typing import Final

import numpy as np

from audio.block import BLOCK, CHANNELS, RATE, Doubles, Integers, Samples, block_dc, gain, kernel, power, scale
from audio.loudness import Meter, weigh, weighting
from audio.onset import WINDOW
from vr_app.limits import GUIDED_PLAN_LUFS, MOMENTARY_LUFS, TRUE_PEAK_DBTP, VOICE_TOLERANCE_LU

CEILING_DBTP: Final = TRUE_PEAK_DBTP - 1.0

_CEILING: Final = gain(CEILING_DBTP)
_CLIP: Final = gain(TRUE_PEAK_DBTP)
LOOK_AHEAD: Final = 240  # frames, 5 ms
_TAPS: Final = 12
_MASK: Final = 511  # frames of the ring, less one
_CENTRE: Final = 6  # frames by which a reading of the filter is late
LATENCY: Final = LOOK_AHEAD - 1 + _CENTRE  # frames
_RELEASE: Final = 1.0 - float(np.exp(-1.0 / (0.150 * RATE)))

# BS.1770-4, annex 2, table: phases 0 and 1; 3 and 2 are their mirror images.
_PHASE_0 = (
    0.0017089843750, 0.0109863281250, -0.0196533203125, 0.0332031250000, -0.0594482421875, 0.1373291015625,
    0.9721679687500, -0.1022949218750, 0.0476074218750, -0.0266113281250, 0.0148925781250, -0.0083007812500,
)  # fmt: skip
_PHASE_1 = (
    -0.0291748046875, 0.0292968750000, -0.0517578125000, 0.0891113281250, -0.1665039062500, 0.4650878906250,
    0.7797851562500, -0.2003173828125, 0.1015625000000, -0.0582275390625, 0.0330810546875, -0.0189208984375,
)  # fmt: skip
PHASES: Final = np.array((_PHASE_0, _PHASE_1, _PHASE_1[::-1], _PHASE_0[::-1]))


@kernel
def _limit(
    block: Samples,
    phases: Doubles,
    history: Samples,
    queue: Doubles,
    places: Integers,
    least: Doubles,
    numbers: Doubles,
) -> None:
    """In place. `history` is a ring of the last frames, `queue` holds rising minima of needed gains and `places` when.

    `least` is a ring of the gains that are averaged; numbers are (their sum, the released gain); places[-3:] are (now,
    first and last of the queue).
    """
    slots = queue.shape[0]
    now, head, tail = places[slots], places[slots + 1], places[slots + 2]
    for i in range(block.shape[0]):
        peak = 0.0
        for channel in range(CHANNELS):
            history[now & _MASK, channel] = block[i, channel]
            peak = max(peak, abs(float(history[(now - _CENTRE) & _MASK, channel])))
            for phase in range(4):
                total = 0.0
                for tap in range(_TAPS):
                    total += phases[phase, tap] * history[(now - tap) & _MASK, channel]
                peak = max(peak, abs(total))
        needed = _CEILING / peak if peak > _CEILING else 1.0
        while tail > head and queue[(tail - 1) % slots] >= needed:
            tail -= 1
        queue[tail % slots], places[tail % slots] = needed, now
        tail += 1
        while places[head % slots] <= now - LOOK_AHEAD:
            head += 1
        lowest = queue[head % slots]
        numbers[1] = min(lowest, numbers[1] + (1.0 - numbers[1]) * _RELEASE)
        at = now % LOOK_AHEAD
        numbers[0] += numbers[1] - least[at]
        least[at] = numbers[1]
        level = numbers[0] / LOOK_AHEAD
        for channel in range(CHANNELS):
            block[i, channel] = np.float32(level * history[(now - LATENCY) & _MASK, channel])
        now += 1
    places[slots], places[slots + 1], places[slots + 2] = now, head, tail


@kernel
def _guard(block: Samples) -> int:
    """What is no number is silence, what is too much is clipped. How many samples needed it."""
    caught = 0
    for i in range(block.shape[0]):
        for channel in range(block.shape[1]):
            sample = block[i, channel]
            if not np.isfinite(sample):
                block[i, channel] = 0.0
                caught += 1
            elif abs(sample) > _CLIP:
                block[i, channel] = np.float32(_CLIP if sample > 0.0 else -_CLIP)
                caught += 1
    return caught


class Limiter:
    """True peaks stay under `CEILING_DBTP`. Delays by `LATENCY` frames."""

    def __init__(self) -> None:
        self._history = np.zeros((_MASK + 1, CHANNELS), np.float32)
        self._queue = np.ones(LOOK_AHEAD + 1)
        self._places = np.zeros(LOOK_AHEAD + 4, np.int64)
        self._least = np.ones(LOOK_AHEAD)
        self._numbers = np.array((float(LOOK_AHEAD), 1.0))
        self._dc = np.zeros((CHANNELS, 2))
        self.caught = 0  # samples that only the guard stopped: 0, or there is a mistake in front of it

    def process(self, block: Samples) -> None:
        """In place."""
        block_dc(block, self._dc)
        _limit(block, PHASES, self._history, self._queue, self._places, self._least, self._numbers)
        self.caught += _guard(block)


_MARGIN_LU: Final = 0.5  # the gain reaches its value within a block, not before it
_HARD: Final = WINDOW * BLOCK * power(MOMENTARY_LUFS - _MARGIN_LU)
_SHARE: Final = 1.0 / 12.0  # of what may still be spent, for one block: no gap follows
_SOFT: Final = power(MOMENTARY_LUFS - 1.5)
_QUICK: Final = round(0.1 * RATE / BLOCK)  # blocks
_QUICK_SOFT: Final = power(MOMENTARY_LUFS + 1.5)  # of 100 ms: the strongest syllables of a voice at its level
_TRIM_LU: Final = 0.6 * VOICE_TOLERANCE_LU  # the rest is for gates, filters and attacks
_RECOVERY: Final = gain(3.0 * BLOCK / RATE)  # 3 dB a second


@kernel
def _mean(ring: Doubles, last: int, count: int) -> float:
    """The mean square of so many blocks, up to the last one."""
    total = 0.0
    for back in range(count):
        total += ring[(last - back) % WINDOW]
    return total / (count * BLOCK)


@kernel
def _hold(
    block: Samples, inward: Doubles, outward: Doubles, arrived: Doubles, left: Doubles, now: int, held: float
) -> float:
    """The gain of this block: by what has arrived, and never more than an account of 400 ms allows (see onset.py)."""
    energy = weigh(block, inward)
    arrived[now % WINDOW] = energy
    level = min(1.0, held * _RECOVERY)
    level = min(level, np.sqrt(_SOFT / max(_mean(arrived, now, WINDOW), 1e-20)))
    level = min(level, np.sqrt(_QUICK_SOFT / max(_mean(arrived, now, _QUICK), 1e-20)))
    falls = left[now % WINDOW]
    spent = _mean(left, now, WINDOW) * WINDOW * BLOCK
    allowed = falls + max(_HARD - spent, 0.0) * _SHARE
    if energy * level * level > allowed:
        level = np.sqrt(allowed / energy)
    way = BLOCK if level > held else 64  # frames; a fall must not wait
    for i in range(BLOCK):
        ramp = held + (level - held) * min(1.0, (i + 1) / way)
        for channel in range(CHANNELS):
            block[i, channel] *= np.float32(ramp)
    left[now % WINDOW] = weigh(block, outward)
    return float(level)


class LoudnessGovernor:
    """Holds momentary loudness below its limit, and a guided programme near its level.

    The programme's trim is no stronger than the tolerance of the voice: a plan whose words are too many or too few for
    -23 LUFS is not mended by making the voice itself too soft or too loud.
    """

    _SETTLED: Final = 100  # blocks of 400 ms, ten a second, before the programme's level means anything
    _STEP: Final = gain(0.2 * BLOCK / RATE)  # 0.2 dB a second
    _READ_EVERY: Final = RATE // BLOCK  # blocks: the gates are walked once a second

    def __init__(self) -> None:
        self.programme = Meter()  # before the trim
        self._inward, self._outward = weighting(), weighting()
        self._arrived, self._left = np.zeros(WINDOW), np.zeros(WINDOW)
        self._block = 0
        self._held = self._trim = self._wanted = 1.0

    def process(self, block: Samples, *, guided: bool) -> None:
        """In place. `guided`: a voice sounds or has just sounded."""
        if guided:
            self.programme.take(block)
        if self._block % self._READ_EVERY == 0 and self.programme.gated_blocks >= self._SETTLED:
            off = GUIDED_PLAN_LUFS - self.programme.integrated
            self._wanted = gain(min(max(off, -_TRIM_LU), _TRIM_LU))
        trim = min(max(self._wanted, self._trim / self._STEP), self._trim * self._STEP)
        scale(block, self._trim, trim)
        self._trim = trim
        self._held = _hold(block, self._inward, self._outward, self._arrived, self._left, self._block, self._held)
        self._block += 1
