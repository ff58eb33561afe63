"""The swell on the beach over time: how far the sheet of water reaches, the wave that brings it, what it left wet.

Reach is metres inland of the mean waterline of the sheet's edge on a straight coast; shaders/include/tide.glsl bends it
into arcs. One phase leads everything, in breaths: in over the first 40 %, out over the rest. How far a wave comes is
settled when it begins, at rest, by the pace: quick breaths are short ones.
"""

from __future__ import annotations

from math import sin
from typing import Any, Final

from scenes.valley.pace import FIRST, SLOWING, Pacer
from vr_app.api import Frame

IN_SHARE: Final = 0.4  # of a breath
FADE_SECONDS: Final = 6.0  # into the sea's own rhythm while nothing paces, and back
PULL: Final = 6.64 / FADE_SECONDS  # 1/s: a critically damped pull has come within 1 % after this time
LEAST: Final = 0.35  # metres inland that the edge never leaves
FARTHEST: Final = 4.4  # metres beyond it, at full depth and a slow pace: the longest arcs end 3 m before the chair
CALM_SPEED: Final = 1.5  # m/s of a straight edge at most, a slow walk: quicker toward one's feet is a surge, no breath
EASE: Final = 0.25  # share of the way in, and of the way out, in which the edge gathers speed; in as much it loses it
CALM_WAY: Final = CALM_SPEED * (1.0 - EASE) * IN_SHARE * 60.0  # metres of a wave times waves a minute
PIECES, STEP = 16, 0.4  # of the history, and metres of each; tide.glsl repeats both
TRAVEL: Final = 14.0  # metres that a wave comes nearer in a breath; tide.glsl repeats it
HIGHEST: Final = 0.34  # metres of a wave's crest
LONG_AGO: Final = 99.0  # seconds
GOLDEN: Final = 0.618034  # of a tile of grain by which the edge's arcs move on with each wave: never the same again
MOVES: Final = 0.8  # metres that foam on the sheet moves with a metre of reach


def swell(phase: float) -> float:
    """0..1 at `phase` in breaths: up over the first 40 %, down over the rest, at rest at both ends (C1)."""
    return _glide(phase / IN_SHARE) if phase < IN_SHARE else 1.0 - _glide((phase - IN_SHARE) / (1.0 - IN_SHARE))


def _glide(t: float) -> float:
    """0..1 to 0..1 at an even speed, which is 0 at both ends: a cosine is a sixth faster in its middle."""
    end = min(t, 1.0 - t)
    if end >= EASE:
        return (t - 0.5 * EASE) / (1.0 - EASE)
    part = 0.5 * end * end / (EASE * (1.0 - EASE))
    return part if t < 0.5 else 1.0 - part


def longest(pace: float) -> float:
    """Metres beyond LEAST that a wave may come at a pace: FARTHEST, or what CALM_SPEED allows."""
    return min(FARTHEST, CALM_WAY / pace)


def smooth(share: float) -> float:
    """0..1 to 0..1 with level ends."""
    return share * share * (3.0 - 2.0 * share)


def own_pace(time: float) -> float:
    """Waves a minute of the sea by itself: never even, 4.6 to 7.4."""
    return 6.0 + 0.8 * sin(0.071 * time) + 0.6 * sin(0.173 * time + 1.0)


def own_depth(time: float) -> float:
    """Depth 0..1 of the sea's own waves."""
    return 0.52 + 0.11 * sin(0.113 * time + 2.0) + 0.08 * sin(0.197 * time)


class Tide:
    """Advances with every frame; what it was given last is in `params` for Land.draw and Sea.draw."""

    def __init__(self, depth: float = 0.85, *, led: bool = True) -> None:
        """`led`: by a pace; else the sea has its own rhythm for good."""
        self.pacer = Pacer() if led else None
        self.phase = 0.0  # breaths, 0..1
        self.rate = FIRST  # breaths a minute now, led or not
        self.guided = 1.0 if led else 0.0  # how far the pace leads, 0..1
        self._turning = 0.0  # of that, 1/s
        self.reach, self.speed = LEAST, 0.0  # metres, m/s
        self._time: float | None = None  # of the last frame, session seconds
        self._depth, self._drift = depth, 0.0  # as it eases to what is set, 0..1; 1/s
        self._metres = 0.0  # that this wave comes
        self._clock = 0.0  # seconds that the water has moved
        # When the sheet's edge fell past both ends of each piece of reach, in this wave and in the one before. Plain
        # numbers that change in place: numpy's first touch after the wait took 70 us of a frame for them.
        self._fell = [-LONG_AGO] * 4 * PIECES
        self._crest = [LEAST, LEAST]  # farthest reach of this wave and of the one before
        self._turned = [0.0, LONG_AGO]  # seconds since then
        self._arcs = [0.13, 0.41, 0.75, 0.07]  # where in the grain they lie, of this wave and of the one before

    def update(self, frame: Frame, pace: float, depth: float) -> None:
        """On to a frame's time; `pace` in breaths a minute and `depth` 0..1 are what is asked for."""
        first = self._time is None
        passed = 0.0 if self._time is None else min(max(frame.time - self._time, 0.0), 0.1)
        self._time = frame.time
        paces = self._pace(frame, pace, first=first)
        self._ease(passed, depth, aim=1.0 if paces and not frame.quiet else 0.0)
        lead, led = self.guided, self.pacer.rate if self.pacer else 0.0
        self.rate = asked = lead * led + (1.0 - lead) * own_pace(frame.time)
        if not first:
            self.rate = min(asked, CALM_WAY / max(self._metres, LEAST))  # it may have begun in the sea's own rhythm
        self.phase += passed * self.rate / 60.0
        if self.phase >= 1.0:
            self.phase -= 1.0
            self._next_wave()
            first = True
        if first:
            height = lead * self._depth + (1.0 - lead) * own_depth(frame.time) * self._depth
            self._metres = height * longest(asked + SLOWING * 60.0 / asked)  # the pace may rise by so much meanwhile
        before = self.reach
        self.reach = LEAST + self._metres * swell(self.phase)
        self.speed = (self.reach - before) / passed if passed else self.speed
        self._remember(passed)

    def _pace(self, frame: Frame, wanted: float, *, first: bool) -> bool:
        """Whether anything paces."""
        pacer = self.pacer
        if pacer is None:
            return False
        pacer.update(frame.dt, wanted, frame.inputs.breath, self.phase)
        if first and not pacer.leads:
            self.guided = 0.0
        return pacer.leads

    def _ease(self, passed: float, depth: float, *, aim: float) -> None:
        self._turning += passed * PULL * (PULL * (aim - self.guided) - 2.0 * self._turning)
        self.guided += passed * self._turning
        self._drift += passed * (depth - self._depth - 2.0 * self._drift)
        self._depth += passed * self._drift

    def _next_wave(self) -> None:
        """What this wave left becomes what the one before left; the arcs of the next are others."""
        fell, never = self._fell, [self._clock - LONG_AGO] * PIECES
        fell[2::4], fell[3::4] = fell[0::4], fell[1::4]
        fell[0::4] = fell[1::4] = never
        self._crest = [LEAST, self._crest[0]]
        self._turned = [0.0, self._turned[0]]
        a, b = self._arcs[:2]
        self._arcs = [(a + GOLDEN) % 1.0, (b + 0.7 * GOLDEN) % 1.0, a, b]

    def _remember(self, passed: float) -> None:
        self._clock += passed
        clock, fell = self._clock, self._fell
        for piece in range(min(int((self.reach - LEAST) / STEP) + 1, PIECES)):  # which the sheet covers, or begins to
            fell[4 * piece] = clock
            if piece:
                fell[4 * piece - 3] = clock
        self._turned[0] += passed
        self._turned[1] += passed
        if self.reach >= self._crest[0]:
            self._crest[0], self._turned[0] = self.reach, 0.0

    @property
    def height(self) -> float:
        """How far this wave comes, 0..1 of the farthest."""
        return self._metres / FARTHEST

    def params(self) -> dict[str, Any]:
        """What tide.glsl declares."""
        most = LEAST + FARTHEST * self._depth
        moved = MOVES * (self.reach - LEAST)
        return {
            "swash": (self.reach, LEAST, moved, self._turned[0]),
            "breaker": (*self._breaker(), 60.0 / self.rate, self._turned[1]),
            "arc": tuple(self._arcs),
            "crests": (*self._crest, most, self._clock),
            "fell": self._fell,
        }

    def _breaker(self) -> tuple[float, float]:
        """Crest and height of the wave that comes in while the last one falls back: the next sheet's front."""
        way = self.phase - 1.0 if self.phase > IN_SHARE else self.phase  # breaths until it arrives
        rise = smooth(min(max((way + 1.0 - IN_SHARE) / 0.25, 0.0), 1.0)) if way < 0.0 else 0.0
        return LEAST + TRAVEL * way, HIGHEST * rise * self._depth * (longest(self.rate) / FARTHEST) ** 0.5
