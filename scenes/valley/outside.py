"""The valley outside the calm room's window, at day's end in fair weather; its sea has a rhythm of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from scenes.valley.daylight import between, light_of
from scenes.valley.land import Land
from scenes.valley.own_lantern import OwnLantern, was_lit
from scenes.valley.place import ROOM
from scenes.valley.plants import Plants
from scenes.valley.sea import Sea
from scenes.valley.sky import Sky
from scenes.valley.tide import Tide
from vr_app.api import Frame, Kit, Light, Memory, Pass, Vec4

SWELL = 0.6  # depth of the waves, 0..1
OPEN = 1.7  # how much brighter than for an eye out there: one in a room has got used to its dimness


def _seen_from_indoors(light: Light) -> Light:
    """All of a light, brighter."""

    def opened(colour: Vec4) -> Vec4:
        return OPEN * colour[0], OPEN * colour[1], OPEN * colour[2], colour[3]

    colours = ("key", "zenith", "middle", "low", "glow", "haze", "haze_key", "skylight", "ground")
    return light._replace(**{name: opened(getattr(light, name)) for name in colours})


DAY_END: Final = _seen_from_indoors(light_of("day_end", "fair"))


def _plain_day() -> Light:
    """A cloudy day: even, and without a colour of its own, but no darker than the day's end."""
    cloudy = _seen_from_indoors(light_of("day_end", "cloudy"))
    half = between(DAY_END, cloudy, 0.7)

    def plain(colour: Vec4, factor: float) -> Vec4:
        r, g, b, free = colour
        grey = 0.2126 * r + 0.7152 * g + 0.0722 * b
        return (
            factor * (grey + 0.45 * (r - grey)),
            factor * (grey + 0.45 * (g - grey)),
            factor * (grey + 0.45 * (b - grey)),
            free,
        )

    sky = {name: plain(getattr(half, name), 1.35) for name in ("zenith", "middle", "low", "glow", "haze", "haze_key")}
    return half._replace(**sky, skylight=plain(half.skylight, 1.5), key=plain(half.key, 1.0))


PLAIN_DAY: Final = _plain_day()


class View:
    """Handles of the view, for `Kit.share`; drawn after the room, so that walls hide most of it early."""

    def __init__(self, kit: Kit) -> None:
        self._sky = Sky(kit)
        self._land, self._sea = Land(kit, self._sky, ROOM), Sea(kit, self._sky, ROOM)
        self._plants = Plants(kit, self._sky, ROOM)
        self._own_lantern = OwnLantern(kit, self._sky, ROOM)

    def draw(
        self, out: Pass, detail: int, tide: Mapping[str, Sequence[float]], light: Light, *, own_lantern: bool
    ) -> None:
        self._sky.begin(out, light)
        self._plants.draw(out, detail)
        self._land.draw(out, detail, **tide)
        self._sea.draw(out, **tide)
        self._sky.draw(out)
        if own_lantern:
            self._own_lantern.draw(out, OPEN)


class Outside:
    """The view as one scene sees it: the sea begins anew, so that every visit is the same."""

    def __init__(self, kit: Kit) -> None:
        self._view = kit.share(View)
        self.enter()

    def enter(self, memory: Memory | None = None) -> None:
        """`memory` tells whether the patient's own lantern hangs out there."""
        self._tide = Tide(SWELL, led=False)
        self._own_lantern = memory is not None and was_lit(memory)

    def update(self, frame: Frame) -> None:
        self._tide.update(frame, 0.0, SWELL)

    def draw(self, frame: Frame, out: Pass, plain: float = 0.0) -> None:
        """`plain`: from 0, the day's end, to 1, an even light by day."""
        light = between(DAY_END, PLAIN_DAY, plain) if plain > 0.0 else DAY_END
        self._view.draw(out, frame.detail, self._tide.params(), light, own_lantern=self._own_lantern)
