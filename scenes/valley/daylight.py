"""The light of the valley by time of day and weather, as vr_app.api.Light, and slow ways from one to another."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, radians, sin
from typing import Final

from vr_app.api import Light, Vec3, Vec4

DRIFT: Final = (0.0028, 0.0009)  # of the clouds, in sky units a second; the same always, or clouds would leap
GREY: Final = (0.2126, 0.7152, 0.0722)
FADE_SECONDS: Final = 11.0  # of one part of the way; see Daylight


def _toward(left: float, up: float) -> Vec3:
    """The unit direction `left` degrees to the left of -z and `up` degrees above the horizon."""
    a, e = radians(left), radians(up)
    return -sin(a) * cos(e), sin(e), -cos(a) * cos(e)


# By time of day, in fair weather. Out at sea (-z) lies the north-west: the sun goes down over the water on the left and
# comes up over the low hills on the right.
_FAIR: Final = {
    "day_end": Light(
        zenith=(0.080, 0.135, 0.265, 0.0),
        middle=(0.265, 0.300, 0.390, 0.0),
        low=(0.42, 0.345, 0.355, 0.6),
        glow=(0.95, 0.45, 0.23, 0.6),
        clouds=(0.50, *DRIFT, 0.5),
    ),
    "first_light": Light(
        to_key=(*_toward(-69.0, 7.0), 1.0),
        key=(1.15, 0.66, 0.50, 1.0),
        zenith=(0.075, 0.118, 0.235, 0.0),
        middle=(0.270, 0.275, 0.365, 0.0),
        low=(0.445, 0.325, 0.365, 0.9),
        glow=(0.98, 0.50, 0.36, 0.7),
        haze=(0.255, 0.255, 0.345, 560.0),
        haze_key=(0.72, 0.42, 0.37, 0.34),
        skylight=(0.300, 0.312, 0.372, 0.0),
        ground=(0.062, 0.058, 0.056, 0.0),
        clouds=(0.48, *DRIFT, 0.4),
        wind=(0.8, 0.6, 0.3, 0.0),
    ),
    "blue_hour": Light(
        to_key=(*_toward(22.0, 12.0), 1.0),
        key=(0.20, 0.145, 0.145, 0.0),
        zenith=(0.026, 0.042, 0.098, 0.14),
        middle=(0.092, 0.116, 0.205, 0.0),
        low=(0.120, 0.122, 0.182, 0.5),
        glow=(0.56, 0.30, 0.20, 0.8),
        haze=(0.060, 0.074, 0.126, 760.0),
        haze_key=(0.20, 0.140, 0.150, 0.20),
        skylight=(0.118, 0.160, 0.290, 0.0),
        ground=(0.030, 0.033, 0.044, 0.0),
        clouds=(0.46, *DRIFT, 0.3),
        wind=(0.8, 0.6, 0.35, 0.0),
    ),
    "night": Light(
        to_key=(*_toward(20.0, 23.0), 0.0),
        key=(0.185, 0.255, 0.365, 1.0),
        zenith=(0.0120, 0.0180, 0.0390, 1.0),
        middle=(0.0250, 0.0350, 0.0660, 0.5),
        low=(0.0370, 0.0480, 0.0800, 0.4),
        glow=(0.0560, 0.0690, 0.1040, 0.4),
        haze=(0.0270, 0.0360, 0.0620, 800.0),
        haze_key=(0.0440, 0.0550, 0.0850, 0.16),
        skylight=(0.0700, 0.1020, 0.1850, 0.0),
        ground=(0.0190, 0.0240, 0.0370, 0.0),
        clouds=(0.40, *DRIFT, 0.35),
        wind=(0.8, 0.6, 0.3, 0.0),
    ),
}


def _mixed(a: Vec4, b: Vec4, share: float) -> Vec4:
    return (
        a[0] + (b[0] - a[0]) * share,
        a[1] + (b[1] - a[1]) * share,
        a[2] + (b[2] - a[2]) * share,
        a[3] + (b[3] - a[3]) * share,
    )


def _times(colour: Vec4, factor: float, grey: float = 0.0) -> Vec4:
    """A colour times `factor`, drawn to grey of its luminance by `grey`; its fourth value stays."""
    r, g, b, free = colour
    even = GREY[0] * r + GREY[1] * g + GREY[2] * b
    r, g, b = (factor * (part + (even - part) * grey) for part in (r, g, b))
    return r, g, b, free


def _with(colour: Vec4, fourth: float) -> Vec4:
    return colour[0], colour[1], colour[2], fourth


def _clear(fair: Light) -> Light:
    """A few small clouds, thin veils, and far hills plain to see."""
    return fair._replace(
        low=_with(fair.low, 1.2 * fair.low[3]),
        glow=_with(fair.glow, 0.5 * fair.glow[3]),
        clouds=(0.20, *DRIFT, 0.2),
        haze=_with(fair.haze, 1.5 * fair.haze[3]),
        haze_key=_with(fair.haze_key, 0.6 * fair.haze_key[3]),
    )


def _cloudy(fair: Light) -> Light:
    """A soft grey roof that ends in a bright band below the key."""
    return fair._replace(
        key=_with(_times(fair.key, 0.32, 0.4), 0.10 * fair.key[3]),
        zenith=_with(_mixed(_times(fair.zenith, 1.0, 0.3), _times(fair.middle, 0.9, 0.3), 0.3), 0.0),
        middle=_with(_times(fair.middle, 0.9, 0.25), 0.0),
        low=_with(_times(fair.low, 1.1, 0.35), 0.0),
        glow=_with(_times(fair.glow, 0.85, 0.2), 0.5),
        haze=_with(_times(fair.haze, 0.95, 0.4), 0.8 * fair.haze[3]),
        haze_key=_times(fair.haze_key, 0.75, 0.3),
        skylight=_times(fair.skylight, 0.98, 0.12),
        clouds=(1.0, *DRIFT, 0.12),
    )


def _misty(fair: Light) -> Light:
    """Pale air that takes the far hills away and lies thick over the water."""
    return fair._replace(
        key=_with(_times(fair.key, 0.6, 0.15), 0.45 * fair.key[3]),
        zenith=_with(_mixed(fair.zenith, fair.middle, 0.3), 0.5 * fair.zenith[3]),
        middle=_with(_mixed(fair.middle, fair.low, 0.3), 0.0),
        low=_with(_mixed(fair.low, fair.middle, 0.3), 0.3),
        glow=_with(_mixed(fair.glow, fair.low, 0.25), 0.0),
        haze=_with(_mixed(fair.haze, fair.low, 0.75), 210.0),
        haze_key=_with(_mixed(fair.haze_key, fair.glow, 0.5), 0.60),
        skylight=_times(fair.skylight, 1.08, 0.2),
        clouds=(0.34, *DRIFT, 0.3),
        wind=(fair.wind[0], fair.wind[1], 0.4 * fair.wind[2], 0.0),
    )


def _rain_far(fair: Light) -> Light:
    """Broken dark clouds, rain under one of them far out on the right, sun past the others."""
    return fair._replace(
        key=_with(_times(fair.key, 0.75, 0.1), 0.7 * fair.key[3]),
        zenith=_with(_times(fair.zenith, 0.95, 0.25), 0.5 * fair.zenith[3]),
        middle=_with(_times(fair.middle, 0.9, 0.2), 0.0),
        low=_with(_times(fair.low, 0.95, 0.15), 0.2),
        haze=_with(_times(fair.haze, 0.9, 0.2), 0.9 * fair.haze[3]),
        clouds=(0.70, *DRIFT, 0.5),
        wind=(fair.wind[0], fair.wind[1], 1.2 * fair.wind[2], 0.8),
    )


_WEATHERS: Final[dict[str, Callable[[Light], Light]]] = {
    "fair": lambda fair: fair,
    "clear": _clear,
    "cloudy": _cloudy,
    "misty": _misty,
    "rain_far": _rain_far,
}
TIMES: Final = tuple(_FAIR)
WEATHERS: Final = tuple(_WEATHERS)


def light_of(time: str, weather: str) -> Light:
    """The whole light; raises KeyError for a word that is in neither TIMES nor WEATHERS."""
    return _WEATHERS[weather](_FAIR[time])


class Daylight:
    """The light as it is now, on its way to what is asked for.

    Light fades evenly. Where sun or moon has to be elsewhere it does not cross the sky: it goes behind the clouds with
    its whole glow, the sky turns to what the new hour's is without one, and sun or moon comes out in its new place.
    """

    def __init__(self, time: str = "day_end", weather: str = "fair") -> None:
        self.light = light_of(time, weather)
        self._asked = time, weather
        self._way: list[Light] = []  # what is still to be reached, in order
        self._from = self.light
        self._passed = 0.0  # seconds since `_from`

    def update(self, seconds_passed: float, time: str, weather: str) -> Light:
        """Go on; the same object while nothing changes. KeyError as light_of."""
        if (time, weather) != self._asked:
            self._way = _way(self.light, light_of(time, weather))
            self._asked = time, weather
            self._from, self._passed = self.light, 0.0
        if self._way:
            self._passed += seconds_passed
            self._go_on()
        return self.light

    def _go_on(self) -> None:
        while self._way and self._passed >= FADE_SECONDS:
            self._passed -= FADE_SECONDS
            self._from = self.light = self._way.pop(0)
        if self._way:
            share = self._passed / FADE_SECONDS
            self.light = between(self._from, self._way[0], share * share * (3.0 - 2.0 * share))


def between(a: Light, b: Light, share: float) -> Light:
    """Part of the way from one light to another; the key stays where it is in `a`."""
    return Light(a.to_key, *(_mixed(one, other, share) for one, other in zip(a[1:], b[1:], strict=True)))


def _way(now: Light, then: Light) -> list[Light]:
    """The lights between which to fade."""
    if now.to_key == then.to_key:
        return [then]
    return [_without_key(now), _without_key(then), then]


def _without_key(light: Light) -> Light:
    """Nothing in it tells where sun or moon stands."""
    return light._replace(
        key=(0.0, 0.0, 0.0, 0.0),
        glow=light.low,
        haze_key=_with(light.haze, light.haze_key[3]),
    )
