"""Breath from a controller that lies on the belly: how fast, where in the breath, and how sure that is one.

Pure: time is passed in, and nothing is kept on disk. Ten times a second the controller's place and the way of its tip
go into a ring; twice a second, a part in each of four frames, the ring is judged:

1. the line along which it moves most quickly and smoothly (the principal axis of its velocities: drift has none);
2. the way along that line, smoothed, and how much of it was noise;
3. its turns, at which it goes back by more than a third of a typical swing, and the times between them at which it is
   half way: those are steep, so noise moves them least, and drift takes them along;
4. the rate, from these times; and the confidence, the product of all that speaks for a breath: noise is a little like
   one in each way, but not in all of them for long.

The convention of the phase is the product's: in until 0.4, out until 1.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from math import pi, prod, sin, sqrt
from statistics import fmean, median
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from vr_app import limits
from vr_app.api import Breath, Pose, Vec3
from vr_app.placement import rotated, sound

IN_SHARE: Final = 0.4  # of a breath
BIN_SECONDS: Final = 0.1  # of which a mean is kept
KEPT: Final = 450  # bins
LINE_BINS: Final = 300  # from which the line is found
LEAST_BINS: Final = 60  # before there is anything to judge
JUDGED_EVERY: Final = 5  # bins
LEVER: Final = 0.1  # metres from the grip to the tip, whose way tells the tilt
SMOOTH: Final = 6  # bins of a boxcar
SPEED_BINS: Final = 10  # over which a velocity is one
RATE_SECONDS: Final = 30.0  # of which the rate is one
LEAST_HALVES: Final = 1.5  # breaths and a half of one have to be seen, in halves, for a rate
SLOWEST, FASTEST = 3.0, 24.0  # breaths a minute that are told
TURN: Final = 0.35  # of a typical swing
SMALLEST, LARGEST = 0.0004, 0.05  # metres of a swing
BEYOND: Final = 0.8  # of a swing that one may go farther than all before it
GAP_SECONDS: Final = 1.0  # without a pose, bridged; after a longer one all before is another story
LOST_SECONDS: Final = 0.3  # without a pose, until nothing is sure any more
QUICKEST: Final = 0.06  # m/s from bin to bin: a belly is slower
LEAP: Final = 0.03  # metres between two frames
AWAY: Final = 0.06  # metres from where it lies: it is taken up
LIES_SECONDS: Final = 4.0  # without either: it lies
LAY_SHARE: Final = 0.005  # of the way, in each bin, by which where it lies follows it: a minute's drift is none
DOUBT_SECONDS: Final = 3.0  # after a swing that is too large
HELD_SECONDS: Final = 14.0  # for which a breath has to be as good as one before it may lead
UNHELD: Final = 0.4  # confidence at most until then
TOLD: Final = 0.35  # confidence from which on a rate is told
# What is as good as it gets, and what is no breath at all.
STEADY: Final = 0.07, 0.21  # mean deviation from a period, as a share of it
EVEN: Final = 0.14, 0.42  # the same of swings
DIRECT: Final = 0.98, 0.88  # swings as a share of the whole way ...
DIRECT_STEPS: Final = 20.0  # ... in so many steps of a breath
CLEAR: Final = 8.0, 2.0  # a swing over the noise
STRAIGHT: Final = 0.8, 0.4  # of the motion that is along one line
SHORT_IN, LONG_IN = (0.30, 0.20), (0.55, 0.70)  # of a breath that is in: speech has short ones
KNOWN: Final = 5.0, 0.0  # times from a breath to the next, in and out
LONG: Final = 30.0, 8.0  # seconds of breath
DUE: Final = 0.75, 1.25  # breaths since the way was half way
PULL: Final = 0.5  # of its own speed, by which the phase may be drawn to where it should be

Floats = npt.NDArray[np.float64]
NOTHING: Final = Breath(0.0, 0.0, 0.0)
_SEATED: Final = Pose((0.0, 1.2, 0.0))
_BOX: Final = np.full(SMOOTH, 1.0 / SMOOTH)
_TRIANGLE: Final = np.convolve(_BOX, _BOX)


class Signs(NamedTuple):
    """What speaks for a breath, each 0..1; at 0.5 it might just be one."""

    steady: float  # the times from one to the next are alike
    even: float  # and so is how far each goes
    smooth: float  # it goes from turn to turn without going back
    clear: float  # it is larger than the noise
    straight: float  # it moves along one line
    known: float  # there were several
    due: float  # the next one is not overdue
    shaped: float  # neither in nor out is very short


class Judged(NamedTuple):
    """What the ring says of the breath."""

    rate: float  # breaths a minute
    inhale: float  # seconds
    exhale: float
    phase: float  # at the ring's newest bin
    low: float  # between which the way along `line` may be: metres
    high: float
    line: tuple[float, ...]
    signs: Signs

    @property
    def confidence(self) -> float:
        """What is doubtful twice is doubted twice."""
        return prod(self.signs)


class _Ring:
    """The newest KEPT rows, always in one piece."""

    def __init__(self, columns: int) -> None:
        self._rows = np.zeros((2 * KEPT, columns))
        self._at = 0
        self.count = 0

    def push(self, row: tuple[float, ...]) -> None:
        self._rows[self._at] = self._rows[self._at + KEPT] = row
        self._at = (self._at + 1) % KEPT
        self.count = min(self.count + 1, KEPT)

    def newest(self, most: int) -> Floats:
        """A view, oldest first."""
        end = self._at + KEPT
        return self._rows[end - min(most, self.count) : end]

    def clear(self) -> None:
        self.count = 0


class BellyBreath:
    """`update` once a frame. While a breath is not known its rate is 0."""

    def __init__(self) -> None:
        self.resting = False  # it lies somewhere: nobody holds it, as far as can be told
        self.judged: Judged | None = None
        self._ring = _Ring(6)
        self._time = self._seen = -1e9  # of the last frame, and of the last pose
        self._ends = 0.0  # when this bin does
        self._sums = [0.0] * 6
        self._number = 0  # of poses in them
        self._place: Vec3 | None = None  # the last pose's
        self._last: tuple[float, ...] = ()  # bin
        self._lay: Vec3 = (0.0, 0.0, 0.0)  # where it lies
        self._lies = 0.0  # seconds since when
        self._bins = 0  # since the last judgement
        self._stage = 0  # of the next one
        self._line, self._straight = np.zeros(6), 0.0
        self._way, self._noise = np.zeros(0), 0.0
        self._turns: tuple[list[int], int] = [], 0
        self._phase = self._target = 0.0
        self._confidence = 0.0
        self._doubt = 0.0  # seconds for which nothing is sure yet
        self._held = 0.0  # seconds for which it has been as good as a breath

    def update(self, time: float, grip: Pose | None, head: Pose = _SEATED) -> Breath:
        """At session time `time`, the controller's pose or None; one with odd values counts as None.

        `head` only tells in from out, where the line lies level.
        """
        passed = min(max(time - self._time, 0.0), BIN_SECONDS)
        self._time = time
        if grip is None or not sound(grip):
            self._miss(time)
        else:
            self._take(time, grip)
        if self._stage:
            self._judge(head)
        return self._told(passed)

    # --- each frame

    def _miss(self, time: float) -> None:
        if time - self._seen > LOST_SECONDS:
            self._confidence = 0.0
        if time - self._seen > GAP_SECONDS:
            self._forget()
            self.resting = False

    def _take(self, time: float, grip: Pose) -> None:
        place = grip.position
        gap, self._seen = time - self._seen, time
        if not 0.0 <= gap <= GAP_SECONDS:
            self.resting = False
            self._begin(time, place)
        elif self._place is not None and _apart(place, self._place) > LEAP:
            self.resting = self.resting and _apart(place, self._lay) < AWAY
            self._begin(time, place)
        self._place = place
        tip = rotated(grip.orientation, (0.0, 0.0, -LEVER))
        sums = self._sums
        for i in (0, 1, 2):
            sums[i] += place[i]
            sums[i + 3] += place[i] + tip[i]
        self._number += 1
        while time >= self._ends:  # a gap is bridged with what came after it
            self._close_bin()

    def _begin(self, time: float, place: Vec3) -> None:
        """What was known is of no use from here on."""
        self._forget()
        self._lay, self._ends = place, time + BIN_SECONDS

    def _forget(self) -> None:
        self._ring.clear()
        self._sums, self._number, self._last = [0.0] * 6, 0, ()
        self._bins = self._stage = 0
        self._lies = self._confidence = self._doubt = self._held = 0.0
        self.judged = None

    def _close_bin(self) -> None:
        if self._number:
            row, self._sums = tuple([part / self._number for part in self._sums]), [0.0] * 6
            self._number = 0
        else:
            row = self._last
        self._ends += BIN_SECONDS
        if self._last and not self._lies_still(row):
            self._begin(self._ends - BIN_SECONDS, (row[0], row[1], row[2]))
        self._last = row
        self._ring.push(row)
        self._bins += 1
        if self._bins >= JUDGED_EVERY and self._ring.count >= LEAST_BINS:
            self._bins, self._stage = 0, 1

    def _lies_still(self, row: tuple[float, ...]) -> bool:
        """Whether it moved no more than it does on a belly. How sure one is falls at once where it goes too far."""
        place, judged = (row[0], row[1], row[2]), self.judged
        moved = max(_apart(place, self._last[:3]), _apart(row[3:], self._last[3:]))
        away = _apart(place, self._lay)
        if moved > QUICKEST * BIN_SECONDS or away > AWAY:
            self.resting = self.resting and away < AWAY
            return False
        self._lies += BIN_SECONDS
        self.resting = self.resting or self._lies >= LIES_SECONDS
        self._lay = tuple([lay + LAY_SHARE * (now - lay) for lay, now in zip(self._lay, place, strict=True)])  # type: ignore[assignment]
        self._doubt = max(self._doubt - BIN_SECONDS, 0.0)
        if judged is not None:
            way = sum([part * now for part, now in zip(judged.line, row, strict=True)])
            if not judged.low <= way <= judged.high:
                self._doubt, self._confidence = DOUBT_SECONDS, 0.0
        return True

    def _told(self, passed: float) -> Breath:
        judged = self.judged
        if judged is None:
            return NOTHING
        pull = PULL * sin(2.0 * pi * (self._target - self._phase))
        self._target = (self._target + passed * _speed(judged, self._target)) % 1.0
        self._phase = (self._phase + passed * _speed(judged, self._phase) * (1.0 + pull)) % 1.0
        return Breath(judged.rate if self._confidence >= TOLD else 0.0, self._phase, self._confidence)

    # --- a part in each of four frames

    def _judge(self, head: Pose) -> None:
        match self._stage:
            case 1:
                self._line, self._straight = _line(self._ring.newest(LINE_BINS), self._line, head)
            case 2:
                self._way, self._noise = _smoothed(self._ring.newest(KEPT), self._line)
            case 3:
                self._turns = _turns(self._way, self._noise)
            case 4:
                self._conclude()
        self._stage = (self._stage + 1) % 5

    def _conclude(self) -> None:
        known = self.judged is not None
        self.judged = judged = _judged(self._way, self._turns, self._noise, self._straight, self._line)
        if judged is None:
            self._confidence = self._held = 0.0
            return
        self._target = judged.phase
        if not known:
            self._phase = judged.phase
        sure = 0.0 if self._doubt else judged.confidence
        if self._held >= HELD_SECONDS:  # who was sure doubts later: one odd breath is still a breath
            sure = sqrt(sure)
        self._held = self._held + JUDGED_EVERY * BIN_SECONDS if sure >= limits.BREATH_SURE else 0.0
        self._confidence = sure if self._held >= HELD_SECONDS else min(sure, UNHELD)


def _apart(a: Sequence[float], b: Sequence[float]) -> float:
    return sqrt((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2)


def _speed(judged: Judged, phase: float) -> float:
    """Of the phase, in breaths a second."""
    return IN_SHARE / judged.inhale if phase < IN_SHARE else (1.0 - IN_SHARE) / judged.exhale


def _line(rows: Floats, before: Floats, head: Pose) -> tuple[Floats, float]:
    """The unit line of the quickest smooth motion in six numbers, inhale upward; and its share of all such motion."""
    total = np.cumsum(rows, axis=0)
    smooth = total[SMOOTH:] - total[:-SMOOTH]
    speed = smooth[SPEED_BINS:] - smooth[:-SPEED_BINS]
    speed -= speed.mean(axis=0)
    sizes, lines = np.linalg.eigh(speed.T @ speed)
    line = lines[:, 5]
    x, _, z = rotated(head.orientation, (0.0, 0.0, -1.0))
    way = line[:3] + line[3:]
    up = way[1] + 0.5 * (x * way[0] + z * way[2])
    if abs(up) < 0.3 * sqrt(float(way @ way)) and before.any():
        up = float(line @ before)  # it can hardly be told: as it was
    return (line if up > 0.0 else -line), float(sizes[5] / max(sizes.sum(), 1e-18))


def _smoothed(rows: Floats, line: Floats) -> tuple[Floats, float]:
    """The way along the line in metres, through a triangle of 2 * SMOOTH - 1 bins, and the noise of one bin."""
    way = rows @ (line * sqrt(0.5))  # grip and tip go together
    bend = np.diff(way, 2)
    noise = sqrt(float(bend @ bend) / (6.0 * len(bend)))
    padded = np.concatenate((np.full(SMOOTH - 1, way[0]), way, np.full(SMOOTH - 1, way[-1])))
    return np.convolve(padded, _TRIANGLE, "valid"), noise


def _turns(way: Floats, noise: float) -> tuple[list[int], int]:
    """Bins at which the way turned for good, by more than TURN of the swing that half of all motion is part of; and
    the one at which it may be turning now."""
    slope = np.diff(way)
    ends = [0, *(np.flatnonzero(slope[1:] * slope[:-1] <= 0.0) + 1).tolist(), len(way) - 1]
    levels = way.tolist()
    found, last = _zigzag(ends, levels, max(noise, SMALLEST / 4.0))
    swings = sorted([abs(levels[b] - levels[a]) for a, b in pairwise([*found, last])])
    half, typical = sum(swings) / 2.0, 0.0
    for typical in swings:
        half -= typical
        if half <= 0.0:
            break
    return _zigzag(ends, levels, max(TURN * typical, SMALLEST / 2.0))


def _zigzag(ends: list[int], levels: list[float], least: float) -> tuple[list[int], int]:
    """Of `ends` those after which the level goes back by `least` or more; and the farthest since the last of them."""
    turns: list[int] = []
    low = high = ends[0]
    rises: bool | None = None
    for end in ends:
        level = levels[end]
        if rises is not False and level > levels[high]:
            high = end
        if rises is not True and level < levels[low]:
            low = end
        if rises is not False and levels[high] - level >= least:
            turns.append(high)
            rises, low = False, end
        elif rises is not True and level - levels[low] >= least:
            turns.append(low)
            rises, high = True, end
    return turns, high if rises else low


def _judged(way: Floats, ends: tuple[list[int], int], noise: float, straight: float, line: Floats) -> Judged | None:
    """None where there is no rate to be told."""
    turns = [turn for turn in ends[0] if turn >= SMOOTH]  # at the ring's edge it is none
    if len(turns) < 2:
        return None
    crossings, rises = _crossings(way, turns)
    now = len(way) - 1.0
    period = _period(crossings, now - RATE_SECONDS / BIN_SECONDS)
    if period is None or not SLOWEST <= 60.0 / (period * BIN_SECONDS) <= FASTEST:
        return None
    levels = way[turns].tolist()
    swings = [abs(b - a) for a, b in pairwise(levels)]
    swing = median(swings)
    share = _inhale(turns, levels)
    run = way[turns[0] : turns[-1] + 1 : max(round(period / DIRECT_STEPS), 1)]
    signs = Signs(
        steady=_share(
            fmean([abs(b - a - period) for a, b in zip(crossings, crossings[2:], strict=False)]) / period, *STEADY
        ),
        even=_share(fmean([abs(each - swing) for each in swings]) / swing, *EVEN),
        smooth=_share(sum(swings) / max(float(np.abs(np.diff(run)).sum()), 1e-12), *DIRECT),
        clear=_share(swing / max(noise, 1e-9), *CLEAR) * (SMALLEST <= swing <= LARGEST),
        straight=_share(straight, *STRAIGHT),
        known=min(_share(len(crossings) - 2.0, *KNOWN), _share((now - crossings[0]) * BIN_SECONDS, *LONG)),
        due=_share((now - crossings[-1]) / period, *DUE),
        shaped=min(_share(share, *SHORT_IN), _share(share, *LONG_IN)),
    )
    inhale = share * period * BIN_SECONDS
    exhale = period * BIN_SECONDS - inhale
    passed = (now - crossings[-1]) * BIN_SECONDS
    phase = _after(0.5 * IN_SHARE if rises else 0.5 * (1.0 + IN_SHARE), passed, inhale, exhale)
    edge = BEYOND * swing
    return Judged(
        *(60.0 / (period * BIN_SECONDS), inhale, exhale, phase, min(levels) - edge, max(levels) + edge),
        tuple((line * sqrt(0.5)).tolist()),
        signs,
    )


def _inhale(turns: list[int], levels: list[float]) -> float:
    """The share of a breath in which the way goes up."""
    up = [b - a for (a, b), (low, high) in zip(pairwise(turns), pairwise(levels), strict=True) if high > low]
    down = [b - a for (a, b), (high, low) in zip(pairwise(turns), pairwise(levels), strict=True) if high > low]
    if not up or not down:
        return IN_SHARE
    return min(max(fmean(up) / (fmean(up) + fmean(down)), 0.2), 0.8)


def _after(phase: float, seconds: float, inhale: float, exhale: float) -> float:
    """The phase so many seconds later."""
    seconds %= inhale + exhale
    while True:
        in_breath = phase < IN_SHARE
        speed = IN_SHARE / inhale if in_breath else (1.0 - IN_SHARE) / exhale
        left = ((IN_SHARE if in_breath else 1.0) - phase) / speed
        if seconds < left:
            return phase + speed * seconds
        seconds -= left
        phase = IN_SHARE if in_breath else 0.0


def _crossings(way: Floats, turns: list[int]) -> tuple[list[float], bool]:
    """When the way was half way between two turns, and before the first and after the last one as far as it is that
    can be told: bins; and whether the last one rises."""
    levels = way[turns].tolist()
    middles = [(a + b) / 2.0 for a, b in pairwise(levels)]
    edges = [0, *turns, len(way) - 1]
    found: list[float] = []
    for first, last, middle in zip(edges, edges[1:], [middles[0], *middles, middles[-1]], strict=False):
        over = way[first : last + 1] >= middle
        if over[0] != over[-1]:
            at = first + int(np.argmax(over != over[0]))
            before, after = float(way[at - 1]), float(way[at])
            found.append(at - 1.0 + (middle - before) / (after - before))
    rises = levels[-1] < levels[-2]  # from the last turn on
    return found, rises if found and found[-1] > turns[-1] else not rises


def _period(crossings: list[float], since: float) -> float | None:
    """Mean bins of a breath from `since` to the last crossing. From one to the next is half a breath, however long the
    way in is and the way out."""
    first = bisect_left(crossings, since)
    if first >= len(crossings):
        return None
    halves, begins = len(crossings) - 1.0 - first, crossings[first]
    if first:
        halves, begins = halves + (begins - since) / (begins - crossings[first - 1]), since
    return 2.0 * (crossings[-1] - begins) / halves if halves >= LEAST_HALVES else None


def _share(value: float, good: float, bad: float) -> float:
    """1 where a value is good or better, 0 where it is bad or worse."""
    return min(max((value - bad) / (good - bad), 0.0), 1.0)
