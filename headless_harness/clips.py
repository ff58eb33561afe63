"""Clips made to break one limit each, and others that stay just within it: what every analyser is tried on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import pi, sin

import numpy as np

from headless_harness.finding import Kind
from headless_harness.flash import Pixels
from headless_harness.sight import Floats, Mask, Sight, sight
from vr_app import limits
from vr_app.api import Pose
from vr_app.scripted.headset import eye_views

HZ = limits.FLASH_TEST_HZ
VIEW: Sight = sight(limits.FLASH_TEST_PIXELS, eye_views(Pose(), limits.FLASH_TEST_PIXELS)[0].fov)
Light = Callable[[float], Floats]  # (h, w, 3) linear light at a time in seconds
FIELD = 0.2  # of white, about what is planted


@dataclass(frozen=True, slots=True)
class Clip:
    """`kinds`: what an analyser must find in it; none for one that is within all limits."""

    name: str
    kinds: frozenset[Kind]
    light: Light
    seconds: float = 1.4

    def pictures(self) -> Iterator[Pixels]:
        """sRGB-encoded, at HZ."""
        for index in range(round(self.seconds * HZ)):
            yield encoded(self.light(index / HZ))


def encoded(light: Floats) -> Pixels:
    """8-bit sRGB of linear light (IEC 61966-2-1)."""
    clipped = np.clip(light, 0.0, 1.0)
    curve = np.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * clipped ** (1 / 2.4) - 0.055)
    return np.round(curve * 255.0).astype(np.uint8)


def grey(values: Floats | float) -> Floats:
    """Light without colour, of one value or one for each pixel."""
    shape = VIEW.size[1], VIEW.size[0]
    return np.repeat(np.broadcast_to(np.float32(values), shape)[..., None], 3, axis=-1)


def disc(degrees: float) -> Mask:
    """The middle of the view, so wide."""
    x, y = VIEW.x[None, :], VIEW.y[:, None]
    cosine = 1.0 / np.sqrt(1.0 + x * x + y * y)
    inside: Mask = cosine >= np.cos(np.radians(degrees / 2))
    return inside


def middle(share: float) -> Mask:
    """A square about the middle, of so much of each side."""
    height, width = VIEW.size[1], VIEW.size[0]
    mask = np.zeros((height, width), np.bool_)
    down, across = round(height * (1 - share) / 2), round(width * (1 - share) / 2)
    mask[down : height - down, across : width - across] = True
    return mask


def _alternating(mask: Mask, hz: float, one: Floats, other: Floats) -> Light:
    """`hz` times a second from one to the other and back, within the mask."""
    pictures = [np.where(mask[..., None], light, grey(FIELD)).astype(np.float32) for light in (one, other)]
    return lambda time: pictures[int(time * hz * 2 + 1e-6) % 2]


def _still(light: Floats) -> Light:
    return lambda time: light


def _colour(red: float, green: float, blue: float) -> Floats:
    return grey(1.0) * np.array([red, green, blue], np.float32)


def _stripes(mask: Mask, period: float, step: float, move: Callable[[float], float] = lambda time: 0.0) -> Light:
    """Upright stripes, `period` pixels a pair, from FIELD down by `step`; `move`: pixels to the right by a time."""
    begin = int(np.flatnonzero(mask.any(axis=0))[0])

    def light(time: float) -> Floats:
        column = np.arange(VIEW.size[0]) - begin + 0.25 - move(time)
        dark = (column % period) >= period / 2
        return np.where((mask & dark)[..., None], grey(FIELD - step), grey(FIELD)).astype(np.float32)

    return light


def _texture(mask: Mask, pixels_per_second: float) -> Light:
    """Soft clouds that drift to the right, too faint to flash."""
    rng = np.random.default_rng(4)
    waves = rng.uniform(2 * pi / 24, 2 * pi / 9, 12)
    turns, phases = rng.uniform(0, 2 * pi, 12), rng.uniform(0, 2 * pi, 12)
    x, y = np.meshgrid(np.arange(VIEW.size[0]), np.arange(VIEW.size[1]))

    def light(time: float) -> Floats:
        there = x - pixels_per_second * time
        value = sum(
            np.sin(wave * (np.cos(turn) * there + np.sin(turn) * y) + phase)
            for wave, turn, phase in zip(waves, turns, phases, strict=True)
        )
        return np.where(mask[..., None], grey(FIELD + 0.045 * value / 5.0), grey(FIELD)).astype(np.float32)

    return light


def _whole(mean: Callable[[float], float]) -> Light:
    return lambda time: grey(mean(time))


def _kinds(*kinds: Kind) -> frozenset[Kind]:
    return frozenset(kinds)


_PIXELS_A_DEGREE = np.radians(1.0) / float(VIEW.x[1] - VIEW.x[0])  # at the middle
_WIDE, _SMALL = disc(12.0), disc(4.6)  # 0.034 and 0.005 sr
_RED, _EQUAL_GREY = _colour(0.3, 0.0, 0.0), grey(0.3 * limits.LUMINANCE_WEIGHTS[0])
_NEARLY_RED = _colour(0.3, 0.045, 0.045)
_EVERYWHERE, _QUARTER, _PART = middle(1.0), middle(0.3), middle(0.2)


def planted() -> list[Clip]:
    """Each breaks the limits it names."""
    return [
        Clip("strobe", _kinds("general flash"), _alternating(_WIDE, 3, grey(0.2), grey(0.5))),
        Clip(
            "strobe of the whole picture, 5 Hz",
            _kinds("general flash", "luminance slope", "pulsation"),
            _alternating(_EVERYWHERE, 5, grey(0.05), grey(0.33)),
        ),
        Clip("two flashes a second", _kinds("general flash"), _alternating(_WIDE, 2, grey(0.2), grey(0.31))),
        Clip("red flash", _kinds("red flash", "red field"), _alternating(_WIDE, 3, _RED, _EQUAL_GREY)),
        Clip(
            "red flash of the whole picture, 5 Hz",
            _kinds("red flash", "red field", "general flash", "luminance slope", "pulsation"),
            _alternating(_EVERYWHERE, 5, _colour(0.9, 0.0, 0.0), grey(0.05)),
        ),
        Clip("red and black, once", _kinds("red flash", "red field"), _alternating(_WIDE, 1, _RED, grey(0.0))),
        Clip("red field", _kinds("red field"), _still(np.where(_WIDE[..., None], _RED, grey(FIELD)))),
        Clip("stripes", _kinds("pattern"), _stripes(_QUARTER, 4.0, 0.12)),
        Clip("stripes, whole picture", _kinds("pattern"), _stripes(_EVERYWHERE, 8.0, 0.18)),
        Clip("stripes that move", _kinds("pattern"), _stripes(_QUARTER, 5.0, 0.12, lambda time: 2.0 * time)),
        Clip(
            "stripes that reverse", _kinds("pattern"), _stripes(_QUARTER, 6.0, 0.12, lambda time: 3.0 * int(2 * time))
        ),
        Clip("ramp of 12 %/s", _kinds("luminance slope"), _whole(lambda time: 0.05 + 0.12 * time)),
        Clip(
            "pulsation of 0.7 Hz",
            _kinds("pulsation"),
            _whole(lambda time: 0.15 + 0.02 * sin(2 * pi * 0.7 * time)),
            seconds=4.0,
        ),
        Clip("too bright", _kinds("too bright"), _still(grey(0.37)), seconds=0.5),
        Clip("black", _kinds("black"), _still(grey(0.0)), seconds=0.5),
        Clip("drift of 8 degrees/s", _kinds("drift speed"), _texture(_PART, 8.0 * _PIXELS_A_DEGREE)),
        Clip("drift of half the view", _kinds("drift area"), _texture(middle(0.7), 2.0 * _PIXELS_A_DEGREE)),
    ]


def near_misses() -> list[Clip]:
    """Each stays just within."""
    none = _kinds()
    return [
        Clip("one flash a second", none, _alternating(_WIDE, 1, grey(0.2), grey(0.5)), seconds=3.0),
        Clip("a small fast flash", none, _alternating(_SMALL, 5, grey(0.2), grey(0.6))),
        Clip("a faint fast flash", none, _alternating(_WIDE, 5, grey(0.2), grey(0.293))),
        Clip("a flash in the light", none, _alternating(_WIDE, 5, grey(0.82), grey(1.0))),
        Clip("not quite red", none, _alternating(_WIDE, 3, _NEARLY_RED, _EQUAL_GREY)),
        Clip("a small red field", none, _still(np.where(_SMALL[..., None], _RED, grey(FIELD)))),
        Clip("five pairs of stripes", none, _stripes(_QUARTER, 7.6, 0.15)),
        Clip("faint stripes", none, _stripes(_QUARTER, 4.0, 0.09)),
        Clip(
            "stripes for 0.4 s",
            none,
            lambda time: (_stripes(_QUARTER, 4.0, 0.12) if time < 0.4 else _still(grey(FIELD)))(time),
            seconds=1.0,
        ),
        Clip("ramp of 8 %/s", none, _whole(lambda time: 0.05 + 0.08 * time)),
        Clip(
            "pulsation of 0.45 Hz",
            none,
            _whole(lambda time: 0.15 + 0.03 * sin(2 * pi * 0.45 * time)),
            seconds=5.0,
        ),
        Clip("a ripple", none, _whole(lambda time: 0.15 + 0.004 * sin(2 * pi * 2.0 * time))),
        Clip("bright", none, _still(grey(0.34)), seconds=0.5),
        Clip("dark", none, _still(grey(0.004)), seconds=0.5),
        Clip("drift of 4 degrees/s", none, _texture(_PART, 4.0 * _PIXELS_A_DEGREE)),
        Clip("slow drift of half the view", none, _texture(middle(0.7), 0.3 * _PIXELS_A_DEGREE)),
    ]
