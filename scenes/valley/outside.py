"""The valley outside the calm room's window, at day's end in fair weather; its sea has a rhythm of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scenes.valley.daylight import light_of
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


class View:
    """Handles of the view, for `Kit.share`; drawn after the room, so that walls hide most of it early."""

    def __init__(self, kit: Kit) -> None:
        self._sky = Sky(kit)
        self._land, self._sea = Land(kit, self._sky, ROOM), Sea(kit, self._sky, ROOM)
        self._plants = Plants(kit, self._sky, ROOM)
        self._own_lantern = OwnLantern(kit, self._sky, ROOM)
        self._light = _seen_from_indoors(light_of("day_end", "fair"))

    def draw(self, out: Pass, detail: int, tide: Mapping[str, Sequence[float]], *, own_lantern: bool) -> None:
        self._sky.begin(out, self._light)
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

    def draw(self, frame: Frame, out: Pass) -> None:
        self._view.draw(out, frame.detail, self._tide.params(), own_lantern=self._own_lantern)
