"""A planted scene for tests of the picture machinery: a coloured panel that rises with scene time."""

from __future__ import annotations

from vr_app.api import Frame, Kit, Pass, Pose, Scene, SceneInfo


class Planted(Scene):
    info = SceneInfo("planted", "Planted", "A panel with words.", "home", golden_times=(0.0, 2.0))
    words = "Rest here"

    def build(self, kit: Kit) -> None:
        self.label = kit.text(self.words, height=0.2, width=2.0)

    def update(self, frame: Frame) -> None:
        self.height = 1.2 + 0.1 * frame.scene_time

    def draw(self, frame: Frame, out: Pass) -> None:
        out.text(self.label, Pose((0.0, self.height, -1.8)))


class Repainted(Planted):
    words = "Rest there"
