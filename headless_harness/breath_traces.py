"""Made-up poses of a controller on a belly, and what is found in them: `python -m headless_harness.breath_traces`.

Nobody's belly was recorded. What breath does is made up: a rise in 0.4 of the time and a fall in the rest, periods
and depths that differ from breath to breath (by 7 and 12 %, as of somebody who breathes along; by 15 and 25 % of one
who does not: at rest people differ by that and more, Tobin et al. 1988), sighs; and what a tracked controller adds:
noise of each pose, slow wander, drift, lost poses.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from vr_app import limits
from vr_app.api import Breath, Pose
from vr_app.breath import BellyBreath

HZ: Final = 90.0
IN_SHARE: Final = 0.4
LIES: Final = (0.05, 0.75, -0.15)  # metres: a lap in a reclined chair
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trace:
    """Poses over time, and what they were made of."""

    name: str
    times: Floats
    places: Floats  # (n, 3) metres; NaN where it is not tracked
    turns: Floats  # (n, 4)
    phase: Floats | None = None  # in breaths, unwrapped; None: nobody breathes

    def poses(self) -> Iterator[tuple[float, Pose | None]]:
        for time, place, turn in zip(self.times.tolist(), self.places.tolist(), self.turns.tolist(), strict=True):
            yield time, Pose(tuple(place), tuple(turn)) if place[0] == place[0] else None

    def rate(self, at: float, over: float = 30.0) -> float:
        """Breaths a minute in the `over` seconds before `at`."""
        assert self.phase is not None
        first, last = np.interp([max(at - over, 0.0), at], self.times, self.phase)
        return float(60.0 * (last - first) / min(at, over))


@dataclass(frozen=True, slots=True)
class Belly:
    """How somebody breathes, and how well the controller is tracked meanwhile."""

    rate: float = 12.0  # breaths a minute
    mm: float = 4.0  # of rise
    uneven: float = 0.07  # deviation of a breath's length, as a share
    depths: float = 0.12  # and of its rise
    tilt: float = 1.0  # degrees a breath tilts it
    forward: float = 0.4  # of the rise, as somebody who sits has it
    noise_mm: float = 0.3  # of each pose, each way
    noise_deg: float = 0.05
    wander_mm: float = 0.1  # of a tracking that thinks again every few seconds
    drift_mm: float = 3.0  # a minute
    sighs: float = 0.0  # a minute, each two and a half times as deep


def shape(phase: Floats) -> Floats:
    """0..1: a cosine up in IN_SHARE of a breath, and one down in the rest."""
    part = phase % 1.0
    up, down = part / IN_SHARE, (part - IN_SHARE) / (1.0 - IN_SHARE)
    return np.asarray(np.where(part < IN_SHARE, 0.5 - 0.5 * np.cos(np.pi * up), 0.5 + 0.5 * np.cos(np.pi * down)))


def breathing(name: str, belly: Belly, seconds: float, seed: int, hz: float = HZ) -> Trace:
    """Somebody who breathes on, undisturbed."""
    random = np.random.default_rng(seed)
    times = np.arange(0.0, seconds, 1.0 / hz)
    lengths = 60.0 / belly.rate * np.exp(belly.uneven * random.standard_normal(int(seconds * belly.rate / 30.0) + 9))
    starts = np.concatenate(([0.0], np.cumsum(lengths)))
    phase = random.uniform() + np.interp(times, starts, np.arange(len(starts)))
    depths = np.exp(belly.depths * random.standard_normal(len(starts) + 2))
    sighs = random.uniform(size=len(depths)) < belly.sighs / belly.rate
    depths[sighs] = 2.5
    rise = 1e-3 * belly.mm * depths[phase.astype(int)] * shape(phase)
    up = np.array([0.0, 1.0, -belly.forward]) / np.hypot(1.0, belly.forward)
    places = np.array(LIES) + rise[:, None] * up
    angles = np.zeros((len(times), 3))
    angles[:, 0] = np.radians(belly.tilt) * rise / (1e-3 * belly.mm)
    return Trace(name, times, places + _tracked(belly, times, random), _turned(angles, belly.noise_deg, random), phase)


def _tracked(belly: Belly, times: Floats, random: np.random.Generator) -> Floats:
    """What tracking adds to a place."""
    drift = 1e-3 * belly.drift_mm / 60.0 * _direction(random)
    slow = drift * times[:, None] + 1e-3 * belly.wander_mm * wandering(times, 3.0, 3, random)
    return np.asarray(slow + 1e-3 * belly.noise_mm * random.standard_normal((len(times), 3)))


def wandering(times: Floats, seconds: float, columns: int, random: np.random.Generator, poles: int = 1) -> Floats:
    """Numbers of deviation 1 that forget themselves in so many seconds (Ornstein and Uhlenbeck); two poles: smooth."""
    keep = float(np.exp(-(times[1] - times[0]) / seconds))
    found = random.standard_normal((len(times), columns))
    for _ in range(poles):
        now = np.zeros(columns)
        for i, step in enumerate(found):
            now = keep * now + (1.0 - keep) * step
            found[i] = now
    return np.asarray(found / found.std(axis=0))


def _direction(random: np.random.Generator) -> Floats:
    way = random.standard_normal(3)
    return np.asarray(way / np.linalg.norm(way))


def _turned(angles: Floats, noise_deg: float, random: np.random.Generator) -> Floats:
    """Small turns, in radians about each axis, as quaternions after one that no axis is along."""
    half = 0.5 * (angles + np.radians(noise_deg) * random.standard_normal(angles.shape))
    w = np.sqrt(np.maximum(1.0 - (half * half).sum(axis=1), 0.0))
    x, y, z = half.T
    bx, by, bz, bw = 0.18, 0.37, -0.11, 0.90455
    turns = np.stack([
        w * bx + x * bw + y * bz - z * by, w * by - x * bz + y * bw + z * bx,
        w * bz + x * by - y * bx + z * bw, w * bw - x * bx - y * by - z * bz,
    ], axis=1)  # fmt: skip
    return np.asarray(turns / np.linalg.norm(turns, axis=1)[:, None])


# What happens to somebody who breathes


def shifted(trace: Trace, at: float, metres: float = 0.03, over: float = 0.8, seed: int = 0) -> Trace:
    """They shift in the chair at `at`."""
    way = _direction(np.random.default_rng(seed)) * metres
    share = np.clip((trace.times - at) / over, 0.0, 1.0)
    share = share * share * (3.0 - 2.0 * share)
    return replace(trace, name=f"{trace.name}, shifts", places=trace.places + share[:, None] * way)


def lost(trace: Trace, at: float, seconds: float) -> Trace:
    """Tracking is lost, and comes back a little elsewhere."""
    places = trace.places + np.where(trace.times > at, 0.004, 0.0)[:, None]
    places[(trace.times > at) & (trace.times < at + seconds)] = np.nan
    return replace(trace, name=f"{trace.name}, not tracked for {seconds:g} s", places=places)


def taken_up(trace: Trace, at: float, seconds: float) -> Trace:
    """A hand takes it up, uses it, and puts it back."""
    random = np.random.default_rng(7)
    inside = np.clip(np.minimum(trace.times - at, at + seconds - trace.times) / 0.8, 0.0, 1.0)
    held = np.array([0.2, 0.3, -0.3]) + 0.05 * wandering(trace.times, 0.7, 3, random)
    share = (inside * inside * (3.0 - 2.0 * inside))[:, None]
    return replace(trace, name=f"{trace.name}, taken up", places=trace.places + share * held)


# Nobody breathes, or not so that one could go along


def noises(seconds: float, seed: int, hz: float = HZ) -> Iterator[Trace]:
    """One of each kind."""
    random = np.random.default_rng(seed)
    times = np.arange(0.0, seconds, 1.0 / hz)
    still = Belly(noise_mm=0.3, wander_mm=0.1, drift_mm=3.0)

    def trace(name: str, mm: Floats, degrees: Floats | None = None) -> Trace:
        angles = np.zeros((len(times), 3)) if degrees is None else np.radians(degrees)
        places = np.array(LIES) + 1e-3 * mm + _tracked(still, times, random)
        return Trace(name, times, places, _turned(angles, still.noise_deg, random))

    none = np.zeros((len(times), 3))
    yield trace("on a table", none)
    yield trace("on a table, poor tracking", wandering(times, 2.0, 3, random) * 0.6)
    yield trace("white noise, 3 mm", 3.0 * random.standard_normal((len(times), 3)))
    yield trace("random walk, slow", np.cumsum(random.standard_normal((len(times), 3)), axis=0) / np.sqrt(hz))
    yield trace("random walk, quick", 4.0 * np.cumsum(random.standard_normal((len(times), 3)), axis=0) / np.sqrt(hz))
    line = _direction(random)
    yield trace(
        "random walk along a line",
        2.0 * np.cumsum(random.standard_normal((len(times), 1)), axis=0) / np.sqrt(hz) * line,
    )
    yield trace("wander", 2.0 * wandering(times, 3.0, 3, random), wandering(times, 3.0, 3, random))
    for pole in (0.6, 1.2):
        smooth = wandering(times, pole, 1, random, poles=3) - wandering(times, 8.0, 1, random, poles=2)
        yield trace(f"a band of noise along a line, {pole:g} s", 3.0 * smooth * _direction(random))
    tremor = np.sin(2.0 * np.pi * np.cumsum(9.0 + wandering(times, 0.5, 3, random), axis=0) / hz)
    held = 6.0 * wandering(times, 2.0, 3, random, poles=2) + 0.3 * tremor
    yield trace("in a hand", held, 3.0 * wandering(times, 2.0, 3, random, poles=2))
    yield trace("fidgeting", _steps(times, 2.5, 5.0, random))
    yield trace("speaking", _speaking(times, random))
    yield trace("a leg that bounces", 3.0 * np.sin(2.0 * np.pi * 1.7 * times)[:, None] * line)


def _steps(times: Floats, every: float, mm: float, random: np.random.Generator) -> Floats:
    """Small moves to somewhere near, each within half a second."""
    found = np.zeros((len(times), 3))
    now = 0.0
    while now < times[-1]:
        now += random.exponential(every)
        share = np.clip((times - now) / random.uniform(0.3, 0.8), 0.0, 1.0)
        found += (share * share * (3.0 - 2.0 * share))[:, None] * random.standard_normal(3) * mm
    return found


def _speaking(times: Floats, random: np.random.Generator) -> Floats:
    """Quick breaths in wherever a sentence ends, and long ways out in steps."""
    found, now, level = np.zeros(len(times)), 0.0, 0.0
    knots, levels = [0.0], [0.0]
    while now < times[-1]:
        full = random.uniform(2.0, 9.0)
        now += random.uniform(0.4, 0.9)
        knots.append(now)
        levels.append(level + full)
        ends = now + random.lognormal(1.2, 0.6)
        while now < ends:  # syllables and halts
            now += random.uniform(0.15, 0.9)
            knots.append(now)
            levels.append(max(levels[-1] - full * random.uniform(0.0, 0.4), level - 1.0))
        level = random.uniform(-1.0, 1.0)
    found = np.interp(times, knots, levels) + 0.2 * wandering(times, 0.1, 1, random)[:, 0]
    return np.asarray(found[:, None] * np.array([0.1, 0.9, -0.4]))


# Judging


class Heard(NamedTuple):
    """What was told in each frame."""

    times: Floats
    rate: Floats
    phase: Floats
    confidence: Floats


def heard(trace: Trace) -> Heard:
    """By one BellyBreath, from the first pose on."""
    belly = BellyBreath()
    told: list[Breath] = [belly.update(time, pose) for time, pose in trace.poses()]
    rate, phase, confidence = np.array(told).T
    return Heard(trace.times, rate, phase, confidence)


class Score(NamedTuple):
    """How well one trace was followed, `limits.BREATH_KNOWN_SECONDS` after its beginning and later."""

    error: float  # breaths a minute, at most, while a rate is told: see `error_at`
    told: float  # share of the time in which one is
    phase: float  # breaths, mean, while it is sure
    sure: float  # share of the time
    first: float  # second in which it is sure for the first time; inf: never


def error_at(trace: Trace, time: float, rate: float) -> float:
    """How far a rate is from the mean one of half a minute that ended at `time`, or at most a breath before it.

    What a breath in the middle will last nobody knows, so every count of breaths lags by up to one.
    """
    lags = np.linspace(0.0, 60.0 / max(trace.rate(time), 1.0), 9)
    return float(min(abs(rate - trace.rate(time - lag)) for lag in lags))


def score(trace: Trace) -> Score:
    """Of one who breathes, undisturbed."""
    assert trace.phase is not None
    found = heard(trace)
    late = np.flatnonzero(found.times >= limits.BREATH_KNOWN_SECONDS)
    told = late[found.rate[late] > 0.0]
    error = max(
        (error_at(trace, found.times[i], found.rate[i]) for i in told[:: max(len(late) // 100, 1)]), default=0.0
    )
    off = np.abs((found.phase - trace.phase + 0.5) % 1.0 - 0.5)
    sure = found.confidence >= limits.BREATH_SURE
    firsts = np.flatnonzero(sure)
    first = float(found.times[firsts[0]]) if len(firsts) else float("inf")
    return Score(
        float(error),
        len(told) / len(late),
        float(off[sure].mean()) if len(firsts) else 1.0,
        float(sure[late].mean()),
        first,
    )


def bellies() -> Iterator[tuple[str, Belly]]:
    """Those whose rate must be found."""
    for rate in (4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0, 18.0, 20.0):
        for mm in (1.0, 2.0, 4.0, 12.0):
            yield f"{rate:g} a minute, {mm:g} mm", Belly(rate=rate, mm=mm)
    yield "12 a minute, even, without noise", Belly(uneven=0.0, depths=0.0, noise_mm=0.0, noise_deg=0.0, wander_mm=0.0)
    yield "10 a minute, no tilt, sitting upright", Belly(rate=10.0, tilt=0.0, forward=3.0)
    yield "14 a minute, 3 mm, tilts by 3 degrees", Belly(rate=14.0, mm=3.0, tilt=3.0)
    yield "8 a minute, drifts by 20 mm a minute", Belly(rate=8.0, drift_mm=20.0)
    yield "14 a minute, sighs", Belly(rate=14.0, mm=3.0, sighs=0.7)
    yield "12 a minute, noise of 1 mm", Belly(noise_mm=1.0, wander_mm=0.2)
    for rate in (6.0, 10.0, 14.0, 18.0):
        yield f"{rate:g} a minute, irregular", Belly(rate=rate, uneven=0.15, depths=0.25)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--hz", type=float, default=HZ)
    options = parser.parse_args()
    wrong = 0
    print(f"{'breath':44} error/min   told  phase   sure  first sure at")
    for name, belly in bellies():
        found = [score(breathing(name, belly, options.seconds, seed, options.hz)) for seed in range(options.seeds)]
        worst = max(each.error for each in found)
        wrong += worst > limits.BREATH_RATE_ERROR
        firsts = f"{min(each.first for each in found):.0f} to {max(each.first for each in found):.0f} s"
        told, phase, sure = (np.mean([getattr(each, part) for each in found]) for part in ("told", "phase", "sure"))
        print(f"{name:44} {worst:9.2f} {100.0 * told:5.0f} % {phase:6.3f} {100.0 * sure:5.0f} %  {firsts}")
    print(f"\n{'no breath':44} most confident")
    kinds: dict[str, list[float]] = {}
    for seed in range(options.seeds):
        for trace in noises(options.seconds, seed, options.hz):
            kinds.setdefault(trace.name, []).append(float(heard(trace).confidence.max()))
    for name, most in kinds.items():
        wrong += max(most) >= limits.BREATH_SURE
        print(f"{name:44} {max(most):9.2f}")
    print(f"\n{wrong} kinds beyond what is promised")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
