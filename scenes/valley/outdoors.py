"""A place under the valley's sky as its scene needs it: the land about its seat, light, water, and what is heard."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, sin
from typing import Annotated, Protocol

from scenes.valley.air import Air
from scenes.valley.daylight import TIMES, WEATHERS, Daylight
from scenes.valley.land import Land
from scenes.valley.own_lantern import OwnLantern, was_lit
from scenes.valley.place import Seat
from scenes.valley.plants import Plants
from scenes.valley.sea import Sea
from scenes.valley.sky import Sky
from scenes.valley.sounds import MUSIC, PlaceName, Sounds
from scenes.valley.tide import Tide
from vr_app.api import Choice, Frame, Kit, Light, Pass, Stage, Vec4

SWELL = 0.6  # depth of the waves where nothing leads them, 0..1


@dataclass(frozen=True, slots=True)
class OutdoorSettings:
    """What may be chosen of any place out there; a scene's own settings come after these."""

    time_of_day: Annotated[str, Choice(TIMES)] = "day_end"
    weather: Annotated[str, Choice(WEATHERS)] = "fair"
    music: Annotated[str, Choice(MUSIC)] = "none"  # slow chords, softer than what lives there


class _Outside(Protocol):
    """Of a scene's settings, what is read here."""

    @property
    def time_of_day(self) -> str: ...
    @property
    def weather(self) -> str: ...
    @property
    def music(self) -> str: ...


def _seen_facing(light: Light, yaw: float) -> Light:
    """The valley's light in the frame of a chair that is turned `yaw` radians to the left."""
    if yaw == 0.0:
        return light
    c, s = cos(yaw), sin(yaw)

    def turned(x: float, z: float) -> tuple[float, float]:
        return c * x - s * z, s * x + c * z

    (x, y, z, sun), (cover, *drift, shade), (*blows, strong, rain) = light.to_key, light.clouds, light.wind
    key_x, key_z = turned(x, z)
    to_key: Vec4 = (key_x, y, key_z, sun)
    return light._replace(to_key=to_key, clouds=(cover, *turned(*drift), shade), wind=(*turned(*blows), strong, rain))


class Outdoors:
    """`begin`, then what stands near the seat, then `draw`, then what one can see through.

    What lies on the ground as a skin, such as a shade below a thing, is seen through, and comes last.
    """

    light: Light
    own_glow: float | None  # 0..1 of the patient's own lantern near the jetty's end; None: none hangs there
    _yaw = 0.0  # radians to the left that its chair is turned

    def __init__(self, kit: Kit, seat: Seat, place: PlaceName) -> None:
        """`place` says what is heard, in scenes/valley/sounds.py."""
        self._place: PlaceName = place
        self._yaw = seat.yaw
        self._sky = Sky(kit)
        self._land, self._plants = Land(kit, self._sky, seat), Plants(kit, self._sky, seat)
        self._sea, self._air = Sea(kit, self._sky, seat), Air(kit, self._sky, seat)
        self._own_lantern = OwnLantern(kit, self._sky, seat)

    @property
    def sky(self) -> Sky:
        """Its grain and map are what materials of this place want."""
        return self._sky

    def enter(self, stage: Stage, *, led: bool = False) -> None:
        """`led`: the sea follows a pace; else it has its own rhythm."""
        self.tide = Tide(led=True) if led else Tide(SWELL, led=False)
        self.sounds = Sounds(stage.sound, self._place)
        self.own_glow = 1.0 if was_lit(stage.memory) else None
        self._daylight: Daylight | None = None
        self._of_valley: Light | None = None  # the light in the valley's own frame
        self._time = 0.0  # session seconds of the last frame

    def update(self, frame: Frame, settings: _Outside, pace: float = 0.0, depth: float = SWELL) -> None:
        """On to a frame; `pace` and `depth` as Tide.update."""
        if self._daylight is None:
            self._daylight = Daylight(settings.time_of_day, settings.weather)
            self._time = frame.time
        of_valley = self._daylight.update(frame.time - self._time, settings.time_of_day, settings.weather)
        if of_valley is not self._of_valley:
            self.light, self._of_valley = _seen_facing(of_valley, self._yaw), of_valley
        self._time = frame.time
        self.tide.update(frame, pace, depth)
        self.sounds.outdoors(settings.time_of_day, self.light.wind[2], settings.music)

    def begin(self, out: Pass) -> None:
        """The light, and the sky's map."""
        self._sky.begin(out, self.light)

    def draw(self, frame: Frame, out: Pass) -> None:
        """All of the valley, nearest first, and its air last."""
        tide = self.tide.params()
        self._plants.draw(out, frame.detail)
        self._land.draw(out, frame.detail, **tide)
        self._sea.draw(out, **tide)
        self._sky.draw(out)
        if self.own_glow is not None:
            self._own_lantern.draw(out, self.own_glow)
        self._air.draw(out, self.light, frame.detail)
