"""Sounds with a place: up to sixteen, heard through KEMAR's ears as the head turns (ADR 52).

    voice -> its mean of channels -> spectrum of two blocks -> times its filters -> sum of a bus -> two blocks of sound

Each block has a filter for how the head was at its beginning and one for its end; what is heard goes from one to the
other in a straight line. The world is OpenXR's: metres, x right, y up, -z ahead; orientations are (x, y, z, w).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from audio.block import BLOCK, CHANNELS, RATE, Doubles, Integers, Samples, kernel
from audio.duck import BUSES
from audio.ears import BINS, FRAMES, Spectra, kemar
from audio.spectrum import transform, turns
from vr_app.limits import SURVIVED_GAIN_DB

if TYPE_CHECKING:
    from audio.graph import Source

PLACES: Final = 16
NEAREST: Final = 1.0  # metres: nearer makes nothing louder
INSIDE: Final = 0.25  # metres: nearer, a sound melts into one from everywhere, so that none can whip past an ear
FARTHEST: Final = 10_000.0  # metres from the world's middle that still count as a place

_SURVIVED: Final = 10.0 ** (SURVIVED_GAIN_DB / 20.0)
_BASS_GAIN: Final = 0.75  # added below _BASS_SHARE's 180 Hz: what KEMAR's taps give from all around is 5 dB short there
_BASS_SHARE: Final = 1.0 - np.exp(-2.0 * np.pi * 180.0 / RATE)
_REACH: Final = 0.080 * RATE  # frames: no pose is carried on for longer
_CALM: Final = 0.020 * RATE  # frames over which a head's speed is taken, against the jitter of tracking
_STALE: Final = 0.25 * RATE  # frames between two poses that say nothing about speed
_JUMP: Final = 0.35, 0.20  # radians, metres between two poses: the tracking jumped, not the head (safety.md)

_TURN, _SPEED, _SPIN, _TIME, _KNOWN, _HEAD = 3, 7, 10, 13, 14, 15  # where things lie in a head's row, after where it is
_FREE, _LEFT, _SOUNDING = 0, 1, 2  # a seat; one that was left is heard for a block more


def is_place(position: Sequence[float]) -> bool:
    """Three numbers that can be metres in a world."""
    return len(position) == 3 and all(abs(metres) <= FARTHEST for metres in position)


class Placed:
    """A source at a place in the world, metres: for `Graph.play`, on any bus. Heard is the mean of its two channels."""

    __slots__ = ("position", "refused", "source")

    def __init__(self, source: Source, position: Sequence[float]) -> None:
        if not is_place(position):
            raise ValueError(f"a place is three numbers, metres, each within {FARTHEST:g}: {tuple(position)}")
        self.source = source
        self.position = np.array(position, float)
        self.refused = 0  # moves to where no place is: it stayed

    def fill(self, out: Samples, at: int) -> bool:
        return self.source.fill(out, at)

    def move(self, position: Sequence[float]) -> None:
        """Be there from the next block's end on."""
        if is_place(position):
            self.position[:] = position
        else:
            self.refused += 1


@kernel
def _see(head: Doubles, pose: Doubles) -> bool:
    """A new pose (position, orientation, frame) into a head's row; false for one that makes no sense."""
    length = np.sqrt(pose[3] ** 2 + pose[4] ** 2 + pose[5] ** 2 + pose[6] ** 2)
    somewhere = abs(pose[0]) <= FARTHEST and abs(pose[1]) <= FARTHEST and abs(pose[2]) <= FARTHEST
    if not (somewhere and 0.5 < length < 2.0 and np.isfinite(pose[7])):
        return False
    pose[3:7] /= length
    x, y, z, w = head[3], head[4], head[5], head[6]
    a, b, c, d = pose[3], pose[4], pose[5], pose[6]
    # The turn between the two, new times old reversed, as an axis and the sine and cosine of half its angle.
    turn = (b * -z + c * y - d * x + a * w, c * -x + a * z - d * y + b * w, a * -y + b * x - d * z + c * w)
    cosine = d * w + a * x + b * y + c * z
    sine = np.sqrt(turn[0] ** 2 + turn[1] ** 2 + turn[2] ** 2)
    angle = 2.0 * np.arctan2(sine, abs(cosine))
    way = np.sqrt((pose[0] - head[0]) ** 2 + (pose[1] - head[1]) ** 2 + (pose[2] - head[2]) ** 2)
    passed = pose[7] - head[_TIME]
    if head[_KNOWN] == 0.0 or passed < 0.0 or passed > _STALE or angle > _JUMP[0] or way > _JUMP[1]:
        head[_SPEED:_TIME] = 0.0
    elif passed > 0.0:
        share = 1.0 - np.exp(-passed / _CALM)
        scale = 0.0 if sine < 1e-12 else angle / sine / passed * (1.0 if cosine >= 0.0 else -1.0)
        for i in range(3):
            head[_SPEED + i] += share * ((pose[i] - head[i]) / passed - head[_SPEED + i])
            head[_SPIN + i] += share * (turn[i] * scale - head[_SPIN + i])
    head[: _TURN + 4] = pose[:7]
    head[_TIME] = pose[7]
    head[_KNOWN] = 1.0
    return True


@kernel
def _predict(head: Doubles, frame: float, frameward: Doubles) -> None:
    """Where the head will be: [4, 3], three rows that turn the world into its frame, and its position."""
    ahead = min(max(frame - head[_TIME], -_REACH), _REACH)
    spin = head[_SPIN:_TIME]
    speed = np.sqrt(spin[0] ** 2 + spin[1] ** 2 + spin[2] ** 2)
    half = 0.5 * speed * ahead
    share = np.sin(half) / speed if speed > 1e-12 else 0.5 * ahead
    a, b, c, d = spin[0] * share, spin[1] * share, spin[2] * share, np.cos(half)
    p, q, r, s = head[3], head[4], head[5], head[6]
    x = d * p + a * s + b * r - c * q
    y = d * q - a * r + b * s + c * p
    z = d * r + a * q - b * p + c * s
    w = d * s - a * p - b * q - c * r
    frameward[0, 0], frameward[0, 1], frameward[0, 2] = (
        1 - 2 * (y * y + z * z),
        2 * (x * y + z * w),
        2 * (x * z - y * w),
    )
    frameward[1, 0], frameward[1, 1], frameward[1, 2] = (
        2 * (x * y - z * w),
        1 - 2 * (x * x + z * z),
        2 * (y * z + x * w),
    )
    frameward[2, 0], frameward[2, 1], frameward[2, 2] = (
        2 * (x * z + y * w),
        2 * (y * z - x * w),
        1 - 2 * (x * x + y * y),
    )
    for i in range(3):
        frameward[3, i] = head[i] + head[_SPEED + i] * ahead


@kernel
def _local(frameward: Doubles, position: Doubles, toward: Doubles) -> float:
    """How far a place is; `toward` becomes its direction in the head's frame."""
    away = np.sqrt(
        (position[0] - frameward[3, 0]) ** 2
        + (position[1] - frameward[3, 1]) ** 2
        + (position[2] - frameward[3, 2]) ** 2
    )
    for i in range(3):
        toward[i] = 0.0
        for j in range(3):
            toward[i] += frameward[i, j] * (position[j] - frameward[3, j]) / max(away, 1e-9)
    if away < 1e-9:
        toward[2] = -1.0
    return float(away)


@kernel
def _locate(inverse: Doubles, beyond: Integers, toward: Doubles, triangle: int, weights: Doubles) -> int:
    """The triangle that a direction lies in, walking from one near it, and its corners' weights, whose sum is one."""
    for _ in range(beyond.shape[0]):
        least = 0
        for i in range(3):
            weights[i] = 0.0
            for j in range(3):
                weights[i] += inverse[triangle, i, j] * toward[j]
            if weights[i] < weights[least]:
                least = i
        if weights[least] >= -1e-9:
            break
        triangle = beyond[triangle, least]
    whole = weights[0] + weights[1] + weights[2]
    for i in range(3):
        weights[i] /= whole
    return triangle


@kernel
def _shape(filters: Spectra, rows: Integers, weights: Doubles, spectra: Spectra, late: float, loss: Doubles) -> None:
    """One ear's filter: the mean of four rows, late by so many frames, with each bin's gain."""
    step = np.exp(-2j * np.pi * late / FRAMES)
    turn = 1.0 + 0.0j
    a, b, c, d = np.float32(weights[0]), np.float32(weights[1]), np.float32(weights[2]), np.float32(weights[3])
    for k in range(BINS):
        mixed = a * spectra[rows[0], k] + b * spectra[rows[1], k] + c * spectra[rows[2], k] + d * spectra[rows[3], k]
        filters[k] = np.complex64(mixed * turn * loss[k])
        turn *= step


@kernel
def _aim(
    table: Spectra, lates: Doubles, mirror: Integers, corners: Integers, inverse: Doubles, beyond: Integers,
    air: Doubles, frameward: Doubles, live: Integers, fresh: Integers, positions: Doubles, triangles: Integers,
    before: Spectra, after: Spectra, rows: Integers, small: Doubles, loss: Doubles,
) -> None:  # fmt: skip
    """Each live seat's filters for the end of this block into `after`, [seat, ear, bin].

    The first row of arguments is `Ears`, taken apart: numba makes Python objects of a tuple.
    """
    for seat in range(PLACES):
        if live[seat] == _FREE:
            continue
        toward, weights = small[0, :3], small[1]
        away = _local(frameward, positions[seat], toward)
        triangle = _locate(inverse, beyond, toward, triangles[seat], weights)
        triangles[seat] = triangle
        outside = min(away / INSIDE, 1.0)
        for i in range(3):
            weights[i] *= outside
            rows[i] = corners[triangle, i]
        weights[3] = 1.0 - outside
        rows[3] = table.shape[0] - 1
        for k in range(BINS):
            loss[k] = np.exp(-air[k] * away) / max(away, NEAREST)
        for ear in range(2):
            late = 0.0
            for i in range(4):
                late += weights[i] * lates[rows[i]]
            _shape(after[seat, ear], rows, weights, table, late, loss)
            for i in range(4):
                rows[i] = mirror[rows[i]]
        if fresh[seat]:
            before[seat] = after[seat]
            fresh[seat] = 0


@kernel
def _take(history: Samples, block: Samples, start: float, end: float) -> None:
    """A voice's block under a ramp of gain, as the newer half of a seat's two; cleaned as `audio.block.add` does."""
    step = (end - start) / BLOCK
    for i in range(BLOCK):
        total = 0.0
        for channel in range(block.shape[1]):
            sample = block[i, channel]
            if np.isfinite(sample):
                total += min(max(sample, -_SURVIVED), _SURVIVED)
        history[BLOCK + i] = np.float32((start + step * (i + 1)) * total / block.shape[1])


@kernel
def _analyse(live: Integers, history: Samples, spectra: Spectra, wave: Spectra, work: Spectra, roots: Spectra) -> None:
    """Each live seat's spectrum; two are had from one transform, as its real and imaginary part."""
    for seat in range(0, PLACES, 2):
        if live[seat] == _FREE and live[seat + 1] == _FREE:
            continue
        for i in range(FRAMES):
            wave[i] = complex(history[seat, i], history[seat + 1, i])
        transform(wave, work, roots)
        for k in range(BINS):
            one, other = wave[k], np.conj(wave[-k])
            spectra[seat, k] = np.complex64(0.5) * (one + other)
            spectra[seat + 1, k] = np.complex64(-0.5j) * (one - other)


@kernel
def _holds(chosen: Integers, bus: int) -> bool:
    found = False
    for seat in range(PLACES):
        found |= chosen[seat] == bus
    return found


@kernel
def _gather(chosen: Integers, bus: int, spectra: Spectra, filters: Spectra, wave: Spectra, sums: Spectra) -> None:
    """The sum of a bus' seats through their filters, both ears in one spectrum: the right one's is turned by i."""
    sums[:] = 0.0
    for seat in range(PLACES):
        if chosen[seat] != bus:
            continue
        for ear in range(2):
            for k in range(BINS):
                sums[ear, k] += spectra[seat, k] * filters[seat, ear, k]
    turned = np.complex64(1j)
    for k in range(1, BLOCK):
        wave[k] = sums[0, k] + turned * sums[1, k]
        wave[FRAMES - k] = np.conj(sums[0, k]) + turned * np.conj(sums[1, k])
    for k in (0, BLOCK):
        wave[k] = complex(sums[0, k].real, sums[1, k].real)


@kernel
def _warm(heard: Doubles, bass: Doubles, bus: Samples) -> None:
    """Add to a bus what its places sound like, with the bass that 128 taps don't hold: the same at both ears."""
    for ear in range(2):
        low = bass[ear]
        for i in range(BLOCK):
            low += _BASS_SHARE * (heard[i, ear] - low)
            bus[i, ear] += np.float32(heard[i, ear] + _BASS_GAIN * low)
        bass[ear] = low if abs(low) > 1e-20 else 0.0  # numbers too small to be normal are slow


@kernel
def _sound(
    buses: Samples, chosen: Integers, spectra: Spectra, before: Spectra, after: Spectra,
    wave: Spectra, work: Spectra, sums: Spectra, roots: Spectra, heard: Doubles, bass: Doubles,
) -> None:  # fmt: skip
    """Add to each bus what its seats sound like, from the filters before to those after in a straight line."""
    for bus in range(buses.shape[0]):
        if not _holds(chosen, bus):
            bass[bus] = 0.0
            continue
        heard[:] = 0.0
        for late in range(2):
            _gather(chosen, bus, spectra, after if late else before, wave, sums)
            transform(wave, work, roots)
            for i in range(BLOCK):
                share = (i + 1) / BLOCK if late else 1.0 - (i + 1) / BLOCK
                heard[i, 0] += share / FRAMES * wave[BLOCK + i].real
                heard[i, 1] += share / FRAMES * wave[BLOCK + i].imag
        _warm(heard, bass[bus], buses[bus])


@kernel
def _pass_on(live: Integers, chosen: Integers, history: Samples) -> None:
    """This block becomes the one before; seats that were left are free when nothing of them is to come."""
    for seat in range(PLACES):
        if live[seat] == _FREE:
            continue
        if live[seat] == _LEFT and not history[seat, BLOCK:].any():
            live[seat] = _FREE
            chosen[seat] = -1
        history[seat, :BLOCK] = history[seat, BLOCK:]
        history[seat, BLOCK:] = 0.0


class Space:
    """The seats of what has a place, and the head that hears it. Frames are those of the graph's count."""

    def __init__(self) -> None:
        self._ears = kemar()
        self.refused = 0  # poses that make no sense
        self._head, self._pose = np.zeros(_HEAD), np.zeros(8)
        self._head[_TURN + 3] = 1.0
        self._frameward = np.zeros((4, 3))
        self._live, self._fresh, self._triangles = (np.zeros(PLACES, np.int64) for _ in range(3))
        self._bus = np.full(PLACES, -1)
        self._positions = np.zeros((PLACES, 3))
        self._history = np.zeros((PLACES, FRAMES), np.float32)
        self._spectra = np.zeros((PLACES, BINS), np.complex64)
        self._before, self._after = np.zeros((2, PLACES, 2, BINS), np.complex64)
        self._wave, self._work = np.zeros((2, FRAMES), np.complex64)
        self._sums = np.zeros((2, BINS), np.complex64)
        self._small, self._loss, self._rows = np.zeros((2, 4)), np.zeros(BINS), np.zeros(4, np.int64)
        self._heard, self._bass = np.zeros((BLOCK, CHANNELS)), np.zeros((BUSES, CHANNELS))
        self._there, self._back = turns(-1), turns(+1)

    def listen_from(self, position: Sequence[float], orientation: Sequence[float], at: float) -> None:
        """The head's pose at a frame of what leaves the graph. One that makes no sense is counted, and the last holds.

        Between poses and up to 80 ms beyond the newest the head goes on as it moved.
        """
        self._pose[:3] = position
        self._pose[3:7] = orientation
        self._pose[7] = at
        if not _see(self._head, self._pose):
            self.refused += 1

    def sit(self, bus: int, placed: Placed) -> int | None:
        """A seat for a new sound on a bus; None when all are taken."""
        for seat in range(PLACES):
            if self._live[seat] == _FREE:
                self._live[seat], self._fresh[seat], self._bus[seat] = _SOUNDING, 1, bus
                self._positions[seat] = placed.position
                return seat
        return None

    def leave(self, seat: int) -> None:
        """The sound has ended; what its filter still holds is heard."""
        self._live[seat] = _LEFT

    def take(self, seat: int, placed: Placed, block: Samples, start: float, end: float) -> None:
        """A block of a seat's sound, under a ramp of gain, from where it now is."""
        self._positions[seat] = placed.position
        _take(self._history[seat], block, start, end)

    def sound(self, buses: Samples, heard: float) -> None:
        """Add all to its buses, [bus, BLOCK, 2]; `heard` is the frame in which this block's end leaves the graph."""
        if not self._live.any():
            return
        self._before, self._after = self._after, self._before
        _predict(self._head, heard, self._frameward)
        ears = self._ears
        _aim(
            ears.spectra, ears.late, ears.mirror, ears.corners, ears.inverse, ears.beyond,
            ears.air, self._frameward, self._live, self._fresh, self._positions, self._triangles,
            self._before, self._after, self._rows, self._small, self._loss,
        )  # fmt: skip
        _analyse(self._live, self._history, self._spectra, self._wave, self._work, self._there)
        _sound(
            buses, self._bus, self._spectra, self._before, self._after,
            self._wave, self._work, self._sums, self._back, self._heard, self._bass,
        )  # fmt: skip
        _pass_on(self._live, self._bus, self._history)

    def clear(self) -> None:
        """Nothing is to come of what sounded: only when nothing is heard."""
        self._history.fill(0.0)
        self._bass.fill(0.0)
