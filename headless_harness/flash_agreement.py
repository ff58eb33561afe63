"""Plays the same clips through this analyser and through an independent one, a Python port of EA's IRIS, side by side.

`python -m headless_harness.flash_agreement [--scene NAME ...] [--seconds S]`, where `pip install iris-pse-detection`
(MIT; with OpenCV and SciPy some 150 MB, so it is no dependency) has been done. Exit 1 when IRIS fails a clip that this
analyser passes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import version
from typing import Any, NamedTuple

import numpy as np

from headless_harness.clips import HZ, VIEW, Clip, grey, near_misses, planted
from headless_harness.flash import FlashWatch, Pixels, picture
from headless_harness.sight import Floats
from headless_harness.stripes import PatternWatch
from vr_app import limits
from vr_app.catalogue import find_scenes
from vr_app.scripted.headset import looking
from vr_app.studio import open_studio

FLICKERS, BARS = 40, 20  # random ones, of the whole picture
_IRIS_AREA = 0.25  # of the picture, its default


class Missing(Exception):
    """IRIS is not here; one line."""


@dataclass(frozen=True, slots=True)
class Read:
    """What one analyser reads in a clip."""

    flashes: float  # general, in a second
    red: float
    pattern: bool

    @property
    def wcag(self) -> bool:
        """More flashes than WCAG allows."""
        return max(self.flashes, self.red) > limits.WCAG_FLASHES_PER_SECOND


class Row(NamedTuple):
    """One clip."""

    name: str
    ours: Read
    iris: Read
    wide: float  # of the picture, the most that changed between two pictures by a flash's step

    @property
    def missed(self) -> bool:
        """IRIS fails what passes here, by this analyser's own stricter limits."""
        ours, iris = self.ours, self.iris
        flash = ours.flashes > limits.GENERAL_FLASHES_PER_SECOND or ours.red > limits.RED_FLASHES_PER_SECOND
        return (iris.wcag and not flash) or (iris.pattern and not ours.pattern)

    @property
    def why(self) -> str:
        """Where the two differ."""
        told = []
        ours, iris = self.ours, self.iris
        if max(abs(ours.flashes - iris.flashes), abs(ours.red - iris.red)) > 0.5:
            small = self.wide < _IRIS_AREA
            told.append("IRIS' least area is a quarter of the picture" if small else "IRIS averages the whole picture")
        if ours.pattern and not iris.pattern:
            told.append("IRIS wants a quarter of the picture, and a mean light of 0.25 in the light stripes")
        if iris.pattern and not ours.pattern:
            told.append("IRIS has no least contrast and does not ask for even stripes")
        return "; ".join(told)


def ours(pictures: Iterable[Pixels]) -> tuple[Read, float]:
    """This analyser's reading, and how much of the picture flashed at once."""
    flash, pattern, wide = FlashWatch(VIEW, HZ), PatternWatch(VIEW, HZ / 5), 0.0
    before = None
    for index, pixels in enumerate(pictures):
        now = picture(index / HZ, pixels)
        flash.see(now)
        if index % 5 == 0:
            pattern.see(now.time, now.luminance)
        if before is not None:
            step = np.abs(now.luminance - before) >= limits.FLASH_LUMINANCE_STEP
            wide = max(wide, float(step.mean()))
        before = now.luminance
    red = max((found.much for found in flash.findings if found.kind == "red flash"), default=0.0)
    return Read(flash.most, red, bool(pattern.findings)), wide


def iris(pictures: Iterable[Pixels]) -> Read:
    """IRIS' reading with its own defaults. Raises Missing."""
    try:
        parts = {
            name: import_module(f"iris_pse_detection.{name}")
            for name in ("configuration", "flash_detection", "pattern_detection")
        }
    except ImportError as error:
        raise Missing(f"{error}; `pip install iris-pse-detection` into this Python and try again") from None
    settings: Any = parts["configuration"].Configuration()
    size = VIEW.size[1], VIEW.size[0]
    flash: Any = parts["flash_detection"].FlashDetection(round(HZ), size, settings)
    pattern: Any = parts["pattern_detection"].PatternDetection(round(HZ), size, settings.get_pattern_detection_params())
    general = red = 0
    for index, pixels in enumerate(pictures):
        flash.set_current_frame(np.ascontiguousarray(pixels[..., ::-1]))
        data = flash.analyse_frame(index)
        general, red = max(general, data.luminance_transitions), max(red, data.red_transitions)
        pattern.check_frame(flash.luminance.current_frame, index, data)
    return Read(general / 2, red / 2, pattern.is_fail)


def row(name: str, pictures: Sequence[Pixels]) -> Row:
    """One clip through both."""
    mine, wide = ours(pictures)
    return Row(name, mine, iris(pictures), wide)


def flickers() -> Iterator[Clip]:
    """Random flicker of the whole picture, where areas cannot differ."""
    rng = np.random.default_rng(7)
    for index in range(FLICKERS):
        hz, dark = rng.uniform(0.5, 8.0), rng.uniform(0.0, 0.7)
        light = dark + rng.choice([rng.uniform(0.03, 0.09), rng.uniform(0.11, 0.3)])
        pair = grey(dark), grey(light)
        yield Clip(f"flicker {index}", frozenset(), partial(_flicker, pair, hz), seconds=2.0)


def _flicker(pair: tuple[Floats, Floats], hz: float, time: float) -> Floats:
    return pair[int(time * hz * 2) % 2]


def bars() -> Iterator[Clip]:
    """Random upright or level stripes over the whole picture, as strong as IRIS asks; every other pair too few."""
    rng = np.random.default_rng(8)
    for index in range(BARS):
        pairs = rng.uniform(8, 20) if index % 2 else rng.uniform(1.0, 4.5)
        dark, light = rng.uniform(0.0, 0.1), rng.uniform(0.4, 0.7)
        wave = np.sin(2 * np.pi * pairs * np.arange(VIEW.size[0]) / VIEW.size[0])
        across = np.broadcast_to(np.where(wave > 0, light, dark).astype(np.float32), VIEW.size)
        still = grey(across.T if index % 4 < 2 else across)
        yield Clip(f"{pairs:.1f} pairs", frozenset(), partial(_still, still), seconds=1.0)


def _still(light: Floats, time: float) -> Floats:
    return light


def _scene(name: str, seconds: float) -> list[Pixels]:
    """A scene as it is, its left eye's pictures."""
    entry = find_scenes()[name]
    assert entry.scene is not None, entry.broken
    with open_studio(limits.FLASH_TEST_PIXELS) as studio:
        moments = ((index / HZ, [looking(0.0)]) for index in range(round(seconds * HZ)))
        return [shot.photograph.left for shot in studio.film(entry.scene, moments, eye="left")]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m headless_harness.flash_agreement", description=__doc__)
    parser.add_argument("--scene", nargs="*", default=["room", "lantern"], metavar="NAME")
    parser.add_argument("--seconds", type=float, default=limits.FLASH_TEST_SECONDS, metavar="S", help="of each scene")
    options = parser.parse_args(arguments)
    try:
        rows = [row(clip.name, list(clip.pictures())) for clip in [*planted(), *near_misses()]]
        random = [row(clip.name, list(clip.pictures())) for clip in flickers()]
        rows += [row(f"scene {name}", _scene(name, options.seconds)) for name in options.scene]
    except Missing as error:
        print(f"flash_agreement: {error}", file=sys.stderr)
        return 1
    print(table(rows))
    barred = [row(clip.name, list(clip.pictures())) for clip in bars()]
    equal = sum(each.ours.wcag == each.iris.wcag for each in random)
    close = sum(abs(each.ours.flashes - each.iris.flashes) <= 0.5 for each in random)
    missed = [each for each in rows + random + barred if each.missed]
    print(
        f"\n{len(random)} random flickers of the whole picture: the same answer to WCAG's question in {equal}, "
        f"flashes a second within half a flash in {close}.\n"
        f"{len(barred)} random stripes over the whole picture: the same answer in "
        f"{sum(each.ours.pattern == each.iris.pattern for each in barred)}, "
        f"of which {sum(each.ours.pattern and each.iris.pattern for each in barred)} are patterns.\n"
        f"Failed by IRIS and passed here: {', '.join(each.name for each in missed) or 'none'}.\n"
        f"iris-pse-detection {version('iris-pse-detection')}, opencv {import_module('cv2').__version__}, "
        f"numpy {np.__version__}, Python {sys.version.split()[0]}"
    )
    return 1 if missed else 0


def table(rows: Sequence[Row]) -> str:
    """In Markdown."""
    heads = ("clip", "flashes/s here", "IRIS", "red/s here", "IRIS", "pattern here", "IRIS", "why they differ")
    yes = {True: "yes", False: "-"}
    cells = [heads, ("---",) * len(heads)]
    for each in rows:
        mine, its = each.ours, each.iris
        numbers = (f"{value:g}" for value in (mine.flashes, its.flashes, mine.red, its.red))
        cells.append((each.name, *numbers, yes[mine.pattern], yes[its.pattern], each.why))
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


if __name__ == "__main__":
    sys.exit(main())
