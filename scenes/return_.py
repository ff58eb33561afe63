"""The way back: before the headset comes off, the calm room grows plain, like any room by day. It ends every plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from scenes.valley.outside import Outside
from scenes.valley.room import EMBER, Room
from scenes.valley.sounds import INDOORS, Beds, Sounds
from vr_app.api import Frame, Kit, Pass, Range, Scene, SceneInfo, Stage, Vec3

SHARE: Final = 0.8  # of the minutes after which it is as plain as it will be: the last words stand in a still room
LEAST_MINUTES: Final = 0.5  # that it may take
STEEPEST: Final = 1.5  # slope of `smooth` in its middle
PAPER: Final[Vec3] = (0.33, 0.30, 0.26)  # radiance of the lantern in a plain room: as bright, and no warmer than paper
QUIETER_FROM: Final = 0.35  # plainness from which on the wind is not heard any more
WITHOUT_WIND: Final[Beds] = {"surf": INDOORS["surf"]}


@dataclass(frozen=True, slots=True)
class WayBackSettings:
    minutes: Annotated[float, Range(LEAST_MINUTES, 2.0, 0.25, "min")] = 1.0  # it takes to grow plain
    plainness: Annotated[float, Range(0.0, 1.0, 0.1)] = 1.0  # at its end; 0: the calm room stays as it is


class WayBack(Scene):
    """It follows guided time: while the session is quiet it stays as plain as it is.

    A setting that is changed midway is reached as slowly as any way goes.
    """

    info = SceneInfo(
        id="return",
        title="The way back",
        summary="The calm room grows plain, like any room by day.",
        kind="home",
        golden_times=(0.0, 60.0),
    )
    Settings = WayBackSettings

    def build(self, kit: Kit) -> None:
        self.room, self.outside = kit.share(Room), Outside(kit)

    def enter(self, stage: Stage) -> None:
        self.outside.enter()
        self.sounds = Sounds(stage.sound, "room")
        self.plain = 0.0
        self.arrived = False

    def update(self, frame: Frame) -> None:
        self.outside.update(frame)
        settings: WayBackSettings = frame.settings
        goal = settings.plainness * smooth(frame.scene_time / (60.0 * settings.minutes * SHARE))
        step = frame.dt / (60.0 * LEAST_MINUTES * SHARE) * STEEPEST
        self.plain = goal if not self.arrived else self.plain + min(max(goal - self.plain, -step), step)
        self.arrived = True
        self.sounds.want(WITHOUT_WIND if self.plain >= QUIETER_FROM else INDOORS)

    def draw(self, frame: Frame, out: Pass) -> None:
        plain = self.plain
        r, g, b = EMBER
        lantern = r + (PAPER[0] - r) * plain, g + (PAPER[1] - g) * plain, b + (PAPER[2] - b) * plain
        self.room.draw(out, lantern, plain=plain)
        self.outside.draw(frame, out, plain)


def smooth(share: float) -> float:
    """0..1 to 0..1 with level ends."""
    share = min(max(share, 0.0), 1.0)
    return share * share * (3.0 - 2.0 * share)
