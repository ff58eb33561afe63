"""Tide breath: a chair on the beach; water comes up the sand and goes back, as slowly as a breath or by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from scenes.valley.air import Air
from scenes.valley.daylight import TIMES, WEATHERS, Daylight
from scenes.valley.land import Land
from scenes.valley.place import SHORE
from scenes.valley.plants import Plants
from scenes.valley.sea import Sea
from scenes.valley.sky import Sky
from scenes.valley.sounds import MUSIC, Sounds
from scenes.valley.tide import Tide
from vr_app.api import Choice, Frame, Kit, Pass, Range, Scene, SceneInfo, Stage


@dataclass(frozen=True, slots=True)
class TideSettings:
    time_of_day: Annotated[str, Choice(TIMES)] = "day_end"
    weather: Annotated[str, Choice(WEATHERS)] = "fair"
    breaths_per_minute: Annotated[float, Range(5.5, 10.0, 0.5, "1/min")] = 7.0
    depth: Annotated[float, Range(0.5, 1.0, 0.05)] = 0.85  # of the swell: how far the water comes
    music: Annotated[str, Choice(MUSIC)] = "none"  # slow chords over the surf


class TideBreath(Scene):
    """The swell follows guided time; while quiet it fades into the sea's own, uneven one, and back."""

    info = SceneInfo(
        id="tide_breath",
        title="Tide breath",
        summary="Water that comes up the sand and goes back, as slowly as a breath.",
        kind="centering",
        minutes=(5.0, 8.0),
        flags=frozenset({"breath", "water"}),
        golden_times=(0.0, 3.0, 7.0, 15.0),
        anchor="breath",
    )
    Settings = TideSettings

    def build(self, kit: Kit) -> None:
        self.sky = Sky(kit)
        self.land, self.plants = Land(kit, self.sky, SHORE), Plants(kit, self.sky, SHORE)
        self.sea, self.air = Sea(kit, self.sky, SHORE), Air(kit, self.sky, SHORE)

    def enter(self, stage: Stage) -> None:
        self.tide = Tide()
        self.sound, self.sounds = stage.sound, Sounds(stage.sound, indoors=False)
        self.daylight: Daylight | None = None
        self.time = 0.0  # session seconds of the last frame

    def update(self, frame: Frame) -> None:
        settings: TideSettings = frame.settings
        if self.daylight is None:
            self.daylight = Daylight(settings.time_of_day, settings.weather)
            self.time = frame.time
        self.light = self.daylight.update(frame.time - self.time, settings.time_of_day, settings.weather)
        self.time = frame.time
        self.tide.update(frame, settings.breaths_per_minute, settings.depth)
        self.sound.breathe(self.tide.phase, self.tide.height)
        self.sounds.at_the_shore(settings.time_of_day, self.light.wind[2], settings.music)

    def draw(self, frame: Frame, out: Pass) -> None:
        tide = self.tide.params()
        self.sky.begin(out, self.light)
        self.plants.draw(out, frame.detail)
        self.land.draw(out, frame.detail, **tide)
        self.sea.draw(out, **tide)
        self.sky.draw(out)
        self.air.draw(out, self.light, frame.detail)
