"""Tide breath: a chair on the beach; water comes up the sand and goes back, as slowly as a breath or by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from scenes.valley.outdoors import Outdoors, OutdoorSettings
from scenes.valley.place import SHORE
from vr_app.api import Frame, Kit, Pass, Range, Scene, SceneInfo, Stage


@dataclass(frozen=True, slots=True)
class TideSettings(OutdoorSettings):
    breaths_per_minute: Annotated[float, Range(5.5, 10.0, 0.5, "1/min")] = 7.0
    depth: Annotated[float, Range(0.5, 1.0, 0.05)] = 0.85  # of the swell: how far the water comes


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
        self.shore = Outdoors(kit, SHORE, "shore")

    def enter(self, stage: Stage) -> None:
        self.sound = stage.sound
        self.shore.enter(stage, led=True)

    def update(self, frame: Frame) -> None:
        settings: TideSettings = frame.settings
        self.shore.update(frame, settings, settings.breaths_per_minute, settings.depth)
        self.sound.breathe(self.shore.tide.phase, self.shore.tide.height)

    def draw(self, frame: Frame, out: Pass) -> None:
        self.shore.begin(out)
        self.shore.draw(frame, out)
