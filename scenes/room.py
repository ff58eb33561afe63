"""The calm room: where every session begins and ends, and where stop leads."""

from __future__ import annotations

from scenes.valley.outside import Outside
from scenes.valley.room import Room
from scenes.valley.sounds import Sounds
from vr_app.api import Frame, Kit, Pass, Scene, SceneInfo, Stage


class CalmRoom(Scene):
    """A wooden cabin above the harbour, late in the day. Nothing asks for anything."""

    info = SceneInfo(
        id="room",
        title="The calm room",
        summary="A quiet wooden room with the harbour in its window.",
        kind="home",
        golden_times=(0.0, 20.0),
    )

    def build(self, kit: Kit) -> None:
        self.room, self.outside = kit.share(Room), Outside(kit)

    def enter(self, stage: Stage) -> None:
        self.outside.enter(stage.memory)
        self.sounds = Sounds(stage.sound, "room")

    def update(self, frame: Frame) -> None:
        self.outside.update(frame)

    def draw(self, frame: Frame, out: Pass) -> None:
        self.room.draw(out)
        self.outside.draw(frame, out)
