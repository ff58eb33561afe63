"""Everything that is judged in a sequence of pictures, one at a time: for a still head, a turning one, and sharply.

Pictures are one eye's, (h, w, 3) uint8 and sRGB-encoded, and come at an even rate. Nothing of them is kept but what
each watch needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

from headless_harness.comfort import BrightnessWatch
from headless_harness.drift import DriftWatch
from headless_harness.finding import Finding
from headless_harness.flash import FlashWatch, Pixels, picture
from headless_harness.sight import Sight
from headless_harness.steady import SteadyWorld
from headless_harness.stripes import PatternWatch
from vr_app.api import Pose

PATTERN_HZ = 6.0  # patterns are sought in so many pictures a second, for they last PATTERN_SECONDS
EYES = ("left eye", "right eye")


class Figures(NamedTuple):
    """The most of each measure, whether a limit was broken or not; None: not measured."""

    flashes: float | None = None  # in a second
    mean: float | None = None  # of white
    slope: float | None = None  # of white a second
    drift: float | None = None  # degrees a second
    drifting: float | None = None  # of the view
    pairs: float | None = None  # of stripes in one window
    capitals: float | None = None  # degrees, the least

    def worse(self, other: Figures) -> Figures:
        """Of two looks at one scene."""
        *most, least = ([value for value in pair if value is not None] for pair in zip(self, other, strict=True))
        return Figures._make([*(max(given, default=None) for given in most), min(least, default=None)])


class Watch(Protocol):
    """Judges one eye."""

    def see(self, time: float, pixels: Pixels, head: Pose) -> None: ...

    @property
    def findings(self) -> list[Finding]: ...

    @property
    def figures(self) -> Figures: ...


class StillEye:
    """All there is to judge, for a head that is held still."""

    def __init__(self, view: Sight, hz: float) -> None:
        self._flash = FlashWatch(view, hz)
        self._brightness = BrightnessWatch(view, hz)
        self._drift = DriftWatch(view, hz)
        self._every = max(int(hz / PATTERN_HZ), 1)
        self._pattern = PatternWatch(view, hz / self._every)
        self._count = 0

    def see(self, time: float, pixels: Pixels, head: Pose) -> None:
        now = picture(time, pixels)
        self._flash.see(now)
        self._brightness.see(now)
        self._drift.see(now)
        if self._count % self._every == 0:
            self._pattern.see(time, now.luminance)
        self._count += 1

    @property
    def findings(self) -> list[Finding]:
        return [
            *self._flash.findings,
            *self._brightness.findings,
            *self._drift.findings,
            *self._pattern.findings,
        ]

    @property
    def figures(self) -> Figures:
        brightness, drift = self._brightness, self._drift
        return Figures(
            *(self._flash.most, brightness.brightest, brightness.steepest),
            *(drift.fastest, drift.widest, self._pattern.most),
        )


class TurningEye:
    """Flashes in a world that stands still, for a head that turns about one direction after another.

    `ahead` gives that direction for a time in seconds.
    """

    def __init__(self, view: Sight, hz: float, ahead: Callable[[float], Pose]) -> None:
        self._view, self._hz, self._ahead_at = view, hz, ahead
        self._done: list[Finding] = []
        self._most = 0.0
        self._turn_to(ahead(0.0))

    def see(self, time: float, pixels: Pixels, head: Pose) -> None:
        ahead = self._ahead_at(time)
        if ahead != self._ahead:
            self._done, self._most = self.findings, max(self._most, self._flash.most)
            self._turn_to(ahead)
        self._flash.see(self._world.see(picture(time, pixels), head.orientation))

    @property
    def findings(self) -> list[Finding]:
        return [*self._done, *self._flash.findings]

    @property
    def figures(self) -> Figures:
        return Figures(flashes=max(self._most, self._flash.most))

    def _turn_to(self, ahead: Pose) -> None:
        self._ahead = ahead
        self._world = SteadyWorld(self._view, ahead.orientation)
        self._flash = FlashWatch(self._view, self._hz)


class SharpEye:
    """Patterns and brightness in a few large pictures: fine stripes are the ones that matter most."""

    def __init__(self, view: Sight, hz: float) -> None:
        self._pattern, self._brightness = PatternWatch(view, hz), BrightnessWatch(view, hz)

    def see(self, time: float, pixels: Pixels, head: Pose) -> None:
        now = picture(time, pixels)
        self._pattern.see(time, now.luminance)
        self._brightness.see(now)

    @property
    def findings(self) -> list[Finding]:
        return [*self._brightness.findings, *self._pattern.findings]

    @property
    def figures(self) -> Figures:
        brightness = self._brightness
        return Figures(mean=brightness.brightest, slope=brightness.steepest, pairs=self._pattern.most)


def both(left: Sequence[Finding], right: Sequence[Finding]) -> list[Finding]:
    """Findings of two eyes in order of time; what both see at once is said once, with the worse figure."""
    told, rest = [], list(right)
    for one in left:
        same = [two for two in rest if two.kind == one.kind and two.begin <= one.end and one.begin <= two.end]
        if not same:
            told.append(one.of(EYES[0]))
            continue
        rest = [two for two in rest if two not in same]
        worse = (min if one.kind in ("black", "text size") else max)([one, *same], key=lambda each: each.much)
        begin, end = min(each.begin for each in [one, *same]), max(each.end for each in [one, *same])
        told.append(replace(worse, begin=begin, end=end, who="both eyes"))
    told += [two.of(EYES[1]) for two in rest]
    return sorted(told, key=lambda finding: finding.begin)


def judge(clip: Iterable[Pixels], view: Sight, hz: float) -> list[Finding]:
    """What one still eye finds in a clip."""
    eye = StillEye(view, hz)
    for index, pixels in enumerate(clip):
        eye.see(index / hz, pixels, Pose())
    return eye.findings
