"""The onset governor: whatever comes in, nothing sudden leaves.

Beds and places rise by no more than `ONSET_DB_PER_SECOND`. The rule is kept as an account of energy: of the last 400 ms
that left, K-weighted, block by block. A ceiling stands over what that window holds. With each block it goes up by a
share of the window, and comes down to just above it: so momentary loudness, whenever it is read, has not risen faster,
and what beats or trembles at one level has room to do so. It starts from `FLOOR_LUFS`.

Struck and made sounds are shaped in steps of 1.3 ms: nothing leaves higher than the attack allows above the highest
that left just before, their level stays below a cap, and of more than four strikes a second the further ones swell
instead of striking. What is over before it could rise, a click that stands alone, stays under the bed.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from audio.block import BLOCK, CHANNELS, RATE, Doubles, Integers, Samples, frames, gain, kernel, power, scale, silence
from audio.loudness import weigh, weighting
from vr_app.limits import BED_LUFS, BED_TOLERANCE_LU, ONSET_DB_PER_SECOND, STRIKE_ATTACK_SECONDS, STRIKES_PER_SECOND

FLOOR_LUFS: Final = -70.0  # BS.1770's absolute gate: what is softer counts as silence, from which a rise begins
WINDOW: Final = round(0.4 * RATE / BLOCK)  # blocks: BS.1770's momentary loudness

_FLOOR: Final = WINDOW * BLOCK * power(FLOOR_LUFS)  # energy
# Of the window's energy: the ceiling goes up by 10.2 dB/s and may stand 0.21 LU above what left. In 100 ms, a meter's
# longest pause, that is 12.3 dB/s; what the filters behind it add comes on top. The headroom is four blocks of a
# steady sound: what beats or trembles from 5 Hz on keeps its pulses.
_RISE: Final = 10.0 ** (0.68 * ONSET_DB_PER_SECOND * BLOCK / RATE / 10.0) - 1.0  # a block
_HEADROOM: Final = 0.05
_CREST: Final = gain(16.0)  # the highest sample above the momentary level; noise has 12 dB
_MOST: Final = BLOCK * power(BED_LUFS + BED_TOLERANCE_LU + 6.0)  # energy; a bed that is made right never meets it
_RECOVERY: Final = gain(200.0 * BLOCK / RATE)  # the gain's own rise in a block, after a click: 20 dB in 100 ms
_LEAST: Final = gain(-130.0)  # of two inputs of +24 dB nothing is heard

_PREVIOUS, _NEXT, _EDGE, _RAW, _PEAK, _HELD = range(6)  # of a rise's numbers; _HELD is the most its held block brings


@kernel
def _window(ledger: Doubles) -> float:
    total = 0.0
    for i in range(WINDOW):
        total += ledger[i]
    return float(total)


@kernel
def _account(block: Samples, weighting: Doubles, ledger: Doubles, place: Integers, ceiling: Doubles) -> None:
    """Write into the ledger what has left; the ceiling goes up by its share, and comes down to just above."""
    higher = ceiling[0] + _RISE * max(_window(ledger), _FLOOR)
    ledger[place[0]] = weigh(block, weighting)
    place[0] = (place[0] + 1) % WINDOW
    ceiling[0] = min(higher, (1.0 + _HEADROOM) * max(_window(ledger), _FLOOR))


@kernel
def _hear(incoming: Samples, weighting: Doubles, numbers: Doubles) -> None:
    """What comes in: its K-weighted energy and its highest sample."""
    numbers[_RAW] = weigh(incoming, weighting)
    numbers[_PEAK] = 0.0
    for i in range(incoming.shape[0]):
        for channel in range(CHANNELS):
            numbers[_PEAK] = max(numbers[_PEAK], abs(float(incoming[i, channel])))


@kernel
def _allowed(ledger: Doubles, place: Integers, ceiling: Doubles, held: float) -> float:
    """The energy that the block after the one that is held back may bring.

    The ledger does not have the held block yet: where its energy gives room it counts as 0, where it takes room as
    `held`, the most that it may bring.
    """
    held_falls, falls = ledger[place[0]], ledger[(place[0] + 1) % WINDOW]
    window = _window(ledger)
    base = max(window - held_falls, _FLOOR)
    room = ceiling[0] + _RISE * max(window, _FLOOR) - (window - held_falls + held)
    return float(max(min(falls + min(room, _HEADROOM * base) + _RISE * base, _MOST), 0.0))


@kernel
def _decide(numbers: Doubles, window: float, allowed: float, other: float, cross: float) -> None:
    """The gain of the block after the one that is held back, when the last 400 ms held the energy `window`.

    `other` is the energy that another bus brings into the same account, `cross` that in which that bus, as it will
    leave, and this one, as it comes, agree.
    """
    allowed = max(allowed - other, 0.0)
    most = min(1.0, numbers[_NEXT] * _RECOVERY)
    energy = numbers[_RAW]
    if energy + 2.0 * cross > allowed and energy > 0.0:  # g g energy + 2 g cross = allowed
        most = min(most, (np.sqrt(cross * cross + energy * allowed) - cross) / energy)
    peak = _CREST * np.sqrt(max(window, _FLOOR) / (WINDOW * BLOCK))
    if numbers[_PEAK] > peak:
        most = min(most, peak / numbers[_PEAK])
    most = max(most, _LEAST)
    numbers[_PREVIOUS], numbers[_NEXT] = numbers[_NEXT], most
    numbers[_HELD] = most * (most * energy + 2.0 * cross) + other


class Account:
    """The K-weighted energy of the last 400 ms that left, block by block, and the ceiling over all of it."""

    def __init__(self) -> None:
        self.ledger = np.zeros(WINDOW)
        self.place = np.zeros(1, np.int64)
        self.ceiling = np.full(1, _FLOOR)
        self._weighting = weighting()

    def enter(self, block: Samples) -> None:
        _account(block, self._weighting, self.ledger, self.place, self.ceiling)

    def allowed(self, held: float) -> float:
        """The energy of the block after the one that is held back, which brings `held` at most."""
        return _allowed(self.ledger, self.place, self.ceiling, held)

    def reset(self) -> None:
        for memory in (self.ledger, self.place, self._weighting):
            memory.fill(0)
        self.ceiling.fill(_FLOOR)

    @property
    def energy(self) -> float:
        """K-weighted, of 400 ms, summed over channels."""
        return float(self.ledger.sum())

    @property
    def mean_square(self) -> float:
        return self.energy / (WINDOW * BLOCK)


class Trim:
    """Lowers what is too loud for long to the upper edge of what it may have, slowly.

    Its level is that of the last `seconds` in which there was sound at all: a wave is no trend, a pause no softness.
    """

    def __init__(self, loudest: float, seconds: float, db_per_second: float) -> None:
        self._slow = 1.0 - float(np.exp(-BLOCK / (seconds * RATE)))
        self._step = gain(db_per_second * BLOCK / RATE)
        self._loudest = BLOCK * power(loudest)
        self._sound = BLOCK * power(-50.0)
        self.reset()

    def reset(self) -> None:
        self.gain = 1.0
        self._level = 0.0

    def next(self, energy: float) -> float:
        """The gain at the end of a block, when the block before had this K-weighted energy at the present gain."""
        if energy > self._sound:
            self._level += self._slow * (energy / (self.gain * self.gain) - self._level)
        wanted = min(1.0, (self._loudest / max(self._level, 1e-20)) ** 0.5)
        self.gain = min(max(wanted, self.gain / self._step), self.gain * self._step)
        return self.gain


class Rise:
    """Holds a bus to the rise that an account allows. Delays it by one block, to be down before what is too much comes.

    A block's gain is a line between its borders; a border has the lesser gain of the two blocks that meet there.
    """

    def __init__(self) -> None:
        self._held = silence()
        self._incoming = silence()
        self._weighting = weighting()
        self._numbers = np.ones(6)
        self._trim = Trim(BED_LUFS + BED_TOLERANCE_LU, 10.0, 1.0)
        self.reset()

    def reset(self) -> None:
        self._held.fill(0.0)
        self._weighting.fill(0.0)
        self._numbers.fill(1.0)
        self._numbers[_RAW] = self._numbers[_PEAK] = self._numbers[_HELD] = 0.0
        self._trim.reset()

    def take(self, bus: Samples) -> None:
        """The next block comes in, and is trimmed in place."""
        scale(bus, self._trim.gain, self._trim.next(self.raw))
        self._incoming[:] = bus
        _hear(self._incoming, self._weighting, self._numbers)

    def leave(self, bus: Samples, window: float, allowed: float, other: float, cross: float = 0.0) -> None:
        """The block before that leaves into `bus`; the next one's gain is decided (see `_decide`)."""
        numbers = self._numbers
        _decide(numbers, window, allowed, other, cross)
        edge = min(numbers[_PREVIOUS], numbers[_NEXT])
        scale(self._held, numbers[_EDGE], edge)
        numbers[_EDGE] = edge
        bus[:] = self._held
        self._held, self._incoming = self._incoming, self._held

    @property
    def gain(self) -> float:
        """Of the block that leaves now."""
        return float(self._numbers[_EDGE])

    @property
    def raw(self) -> float:
        """The K-weighted energy of the block that came last."""
        return float(self._numbers[_RAW])

    @property
    def held(self) -> float:
        """The most energy that the block now held back will bring, and the others with it in the same account."""
        return float(self._numbers[_HELD])

    @property
    def next_gain(self) -> float:
        """The most that the block now held back will be multiplied with."""
        return float(self._numbers[_NEXT])


class Beds:
    """The bed, and what has a place: each bed by its own account, both together by a common one.

    Whatever has a place may therefore come as fast as the bed that it comes over hides it, and from silence at
    `ONSET_DB_PER_SECOND` like a bed. What the room answers is in both accounts: it may stand above the sound itself.
    """

    def __init__(self) -> None:
        self.account = Account()  # of the bed by itself: what strikes are compared with
        self._bed, self._both = Account(), Account()
        self.bed, self.spatial = Rise(), Rise()
        self._sum = silence()
        self._weighting, self._answering = weighting(), weighting()
        self._answer = 0.0  # K-weighted energy of the room's last block

    def process(self, bed: Samples, spatial: Samples) -> None:
        """In place, one block late; then `enter` must be told what left."""
        self.bed.take(bed)
        self.spatial.take(spatial)
        np.add(bed, spatial, out=self._sum)
        together = weigh(self._sum, self._weighting)  # of one and the same sound on both, more than the sum of each
        cross = max(together - self.bed.raw - self.spatial.raw, 0.0) / 2.0
        most = self._both.allowed(self.spatial.held)
        self.bed.leave(bed, self._bed.energy, min(self._bed.allowed(self.bed.held), most), self._answer)
        level = self.bed.next_gain
        other = self._answer + self.bed.raw * level * level
        self.spatial.leave(spatial, self._both.energy, most, other, cross * level)

    def enter(self, bed: Samples, spatial: Samples, answer: Samples) -> None:
        """What left, and what the room answered at the same time."""
        self._answer = weigh(answer, self._answering)
        self.account.enter(bed)
        np.add(bed, answer, out=self._sum)
        self._bed.enter(self._sum)
        self._sum += spatial
        self._both.enter(self._sum)

    def reset(self) -> None:
        for part in (self.account, self._bed, self._both, self.bed, self.spatial):
            part.reset()
        self._weighting.fill(0.0)
        self._answering.fill(0.0)
        self._answer = 0.0


STEP: Final = 64  # frames, 1.3 ms
_STEPS: Final = BLOCK // STEP
_AUDIBLE: Final = gain(-70.0)  # a strike below this is none
_NOTHING: Final = gain(-100.0)
# An attack is ninefold, a tenth to nine tenths, and begins under the softest bed. It grows by a factor, so that it has
# its time whenever the sound ends: a line that is cut off would have been too steep for the height that it got to.
_ATTACK: Final = 9.0 ** (STEP / frames(STRIKE_ATTACK_SECONDS))  # a step
_UNDER: Final = gain(-63.0)
_FREE: Final = 1.0  # a strike's rise has no limit but the attack
_SWELL: Final = STEP / frames(0.5)  # what comes too often takes half a second to be there
_SECOND: Final = frames(1.03)  # in which strikes are counted: an attack may be read a little late
_MERGED: Final = frames(0.030)  # what follows within this belongs to the same strike
_GOES_ON: Final = 0.025  # seconds for which what has left stands: half a period of 20 Hz, and less than is merged
_FALL: Final = float(np.exp(-STEP / frames(0.010)))  # of the envelope: it has fallen before what left is forgotten
_BEGIN: Final = gain(-22.0)  # of the envelope, at most, is where an attack begins
_JUMP: Final = gain(6.0)  # an envelope that rises by more at once, and by more above what sounds, is a strike
_CAP_RECOVERY: Final = gain(60.0 * STEP / RATE)
_CAP_CREST: Final = gain(16.0)  # the highest sample above the cap's level

_ENVELOPE, _LET_OUT, _LEVELLED, _NOW, _BEFORE, _AT_EDGE, _SLOPE, _ARRIVED = range(8)  # of a lane's numbers
_CLOCK, _LAST, _COUNT = range(3)  # of a lane's times, frames


@kernel
def _strike(peak: float, numbers: Doubles, times: Integers, strikes: Integers) -> None:
    """Follow the envelope, and choose how fast this step may rise."""
    before = numbers[_ENVELOPE] * _FALL
    numbers[_ENVELOPE] = max(peak, before)
    jumps = peak > _JUMP * max(before, numbers[_LET_OUT], _NOTHING) and peak > _AUDIBLE
    if not jumps or times[_CLOCK] - times[_LAST] < _MERGED:
        return
    times[_LAST] = times[_CLOCK]
    oldest = 0
    for i in range(strikes.shape[0]):
        if strikes[i] < strikes[oldest]:
            oldest = i
    if strikes.shape[0] == 0 or times[_CLOCK] - strikes[oldest] >= _SECOND:
        numbers[_SLOPE] = _FREE
        times[_COUNT] += 1
        if strikes.shape[0]:
            strikes[oldest] = times[_CLOCK]
    else:
        numbers[_SLOPE] = _SWELL


@kernel
def _attack(peak: float, under: float, left: Doubles, numbers: Doubles, times: Integers, strikes: Integers) -> float:
    """The gain of a step: an attack's share above the highest that left of late, whatever has come meanwhile."""
    numbers[_LET_OUT] = 0.0
    for i in range(left.shape[0]):
        numbers[_LET_OUT] = max(numbers[_LET_OUT], left[i])
    _strike(peak, numbers, times, strikes)
    attack, envelope = 0.0, numbers[_ENVELOPE]
    if envelope > _NOTHING:
        most = max(numbers[_LET_OUT] * _ATTACK, min(under, _BEGIN * envelope))
        attack = min(most, numbers[_LET_OUT] + numbers[_SLOPE] * envelope, envelope) / envelope
    left[(times[_CLOCK] // STEP) % left.shape[0]] = attack * peak
    return float(attack)


@kernel
def _shape(
    block: Samples, held: Samples, recent: Doubles, left: Doubles, weighting: Doubles, numbers: Doubles,
    times: Integers, strikes: Integers, cap: float, under: float,
) -> float:  # fmt: skip
    """A block of a lane, in place, a step late. `cap` is a K-weighted mean square. Gives the energy that may leave."""
    leaves, numbers[_ARRIVED] = 0.0, 0.0
    for step in range(_STEPS):
        part = block[step * STEP : (step + 1) * STEP]
        peak = 0.0
        for i in range(STEP):
            for channel in range(CHANNELS):
                peak = max(peak, abs(float(part[i, channel])))
        attack = _attack(peak, under, left, numbers, times, strikes)
        envelope = numbers[_ENVELOPE]
        energy = weigh(part, weighting)
        place = (times[_CLOCK] // STEP) % recent.shape[0]
        recent[place] = energy
        total = 0.0
        for i in range(recent.shape[0]):
            total += recent[i]
        level = min(1.0, numbers[_LEVELLED] * _CAP_RECOVERY)
        if total > cap * recent.shape[0] * STEP:
            level = min(level, np.sqrt(cap * recent.shape[0] * STEP / total))
        if envelope > _CAP_CREST * np.sqrt(cap):
            level = min(level, _CAP_CREST * np.sqrt(cap) / envelope)
        numbers[_LEVELLED] = max(level, _NOTHING)
        numbers[_BEFORE], numbers[_NOW] = numbers[_NOW], attack * level
        numbers[_ARRIVED] += energy
        leaves += energy * numbers[_NOW] * numbers[_NOW]
        start, end = numbers[_AT_EDGE], min(numbers[_BEFORE], numbers[_NOW])
        for i in range(STEP):
            ramp = start + (end - start) * (i + 1) / STEP
            for channel in range(CHANNELS):
                sample = part[i, channel]
                part[i, channel] = np.float32(ramp * held[i, channel])
                held[i, channel] = sample
        numbers[_AT_EDGE] = end
        times[_CLOCK] += STEP
    return leaves


class Lane:
    """Shapes one bus of struck, made or spoken sounds: attack, level and number of strikes. Delays it by `STEP` frames.

    `window` is the time over which a level is held to the cap, `memory` how long what has left stands for what comes
    next, both in seconds; `under` is where an attack begins; `strikes` is shared by lanes counted together, None is not
    counted.
    """

    def __init__(
        self,
        *,
        window: float = BLOCK / RATE,
        memory: float = _GOES_ON,
        under: float = _UNDER,
        strikes: Integers | None = None,
    ) -> None:
        self._held = np.zeros((STEP, CHANNELS), np.float32)
        self._recent = np.zeros(max(1, round(window * RATE / STEP)))
        self._left = np.zeros(max(1, round(memory * RATE / STEP)))  # the highest of each step
        self._weighting = weighting()
        self._numbers = np.zeros(8)
        self._times = np.zeros(3, np.int64)
        self._under = under
        self._strikes = np.zeros(0, np.int64) if strikes is None else strikes
        self.energy = 0.0  # K-weighted, the most that the last block brings
        self.arrived = 0.0  # K-weighted, of the last block as it came
        self.reset()

    @staticmethod
    def counter() -> Integers:
        """When the last admitted strikes were, in frames; to be shared by lanes."""
        return np.full(STRIKES_PER_SECOND, -_SECOND, np.int64)

    def reset(self) -> None:
        """As if nothing had sounded; strikes of the last second still count."""
        for memory in (self._held, self._recent, self._left, self._weighting, self._numbers):
            memory.fill(0)
        self._numbers[_SLOPE], self._numbers[_LEVELLED] = _FREE, 1.0
        self._times[_LAST] = self._times[_CLOCK] - RATE

    def process(self, bus: Samples, cap: float) -> None:
        """In place; `cap` is the K-weighted mean square that is not passed, summed over channels."""
        self.energy = _shape(
            bus, self._held, self._recent, self._left, self._weighting, self._numbers, self._times, self._strikes, cap,
            self._under,
        )  # fmt: skip
        self.arrived = float(self._numbers[_ARRIVED])

    @property
    def strikes(self) -> int:
        """How many were let through as strikes."""
        return int(self._times[_COUNT])
