"""What lies on the rim of the mandala's table: stones that do what one rests on, and discs of clay for what was kept.

Stones come up one group after another; nobody has to learn them. Seconds; the world's time unless said otherwise.
"""

from __future__ import annotations

from math import asin, atan2, hypot
from typing import Final

from scenes.valley.attention import Attention, Spot
from scenes.valley.mandala_table import EYE, MEDIA, STONE_RADIUS, STONES, TILE_RADIUS, TILES, WORDS, MandalaTable
from scenes.valley.tide import smooth
from vr_app.api import Comfort, Frame, Kit, Pass, Pose, Stage

REST_SECONDS: Final = 1.8
COME_SECONDS: Final = 2.5  # in which a stone, or a disc, comes up
WORDS_SECONDS: Final = 0.9
FROM_WARMTH: Final = 0.12
HEIGHTS: Final = (0.0145, 0.0205)  # of capitals, metres
SAID: Final = {
    "fewer": "Fewer", "more": "More", "mirror": "Mirror", "guides": "Guides", "colour": "Colour", "sand": "Sand",
    "light": "Light", "ink": "Ink", "undo": "Back", "redo": "Again", "clear": "Clear", "keep": "Keep",
}  # fmt: skip
GROUPS: Final = (("fewer", "more"), ("undo", "redo"), ("mirror", "guides", "colour"), MEDIA, ("clear", "keep"))
AFTER_MARKS: Final = (0, 1, 2, 3, 3)  # when each of these groups comes
AFTER_SECONDS: Final = (4.0, 0.0, 30.0, 45.0, 60.0)  # and not before, of guided time


class Rim:
    """`enter`, `arrange` for a posture, `update` once a frame says what is taken; `show` what is chosen, `draw`."""

    def __init__(self, kit: Kit, table: MandalaTable) -> None:
        self._table = table
        self._labels = [tuple(kit.text(SAID[word], height=high, width=0.4) for high in HEIGHTS) for word in WORDS]

    def enter(self, stage: Stage) -> None:
        self._stage = stage
        self.attention = Attention([Spot((0.0, 0.0, 0.0), 0.012) for _ in STONES], REST_SECONDS)
        self.grown = [0.0] * len(STONES)
        self._opacity = [0.0] * len(STONES)  # of words
        self._discs: list[list[float]] = []  # how far each has come, its turns, 1: mirrored

    def keep(self, turns: int, mirror: bool) -> None:
        """One more disc; there is room for the newest."""
        self._discs = [*self._discs, [0.0, float(turns), float(mirror)]][-TILES:]

    def arrange(self) -> None:
        """The table stands otherwise."""
        table = self._table
        for n in range(len(STONES)):
            x, y, z = table.rows[n, :3].tolist()
            self.attention.spots[n] = Spot(table.world((x, y, z)), 0.012)
        self._words_at = tuple(self._label_at(n) for n in range(len(STONES)))

    def _label_at(self, n: int) -> Pose:
        """Over its stone, a little outward, facing the eyes."""
        x, y, z = self._table.rows[n, :3].tolist()
        out = 1.13
        at = self._table.world((x * out, y + 0.045, z * out))
        dx, dy, dz = EYE[0] - at[0], EYE[1] - at[1], EYE[2] - at[2]
        return Pose.facing(at, atan2(dx, dz), -asin(dy / hypot(dx, dy, dz)))

    def update(self, frame: Frame, passed: float, *, come: str, marks: int, busy: bool) -> str | None:
        """`come`: one_by_one after so many `marks`, all, none; `busy`: a hand draws, nothing is taken meanwhile."""
        for group, after, seconds in zip(GROUPS, AFTER_MARKS, AFTER_SECONDS, strict=True):
            there = marks >= after and (frame.scene_time >= seconds or marks > after + 2)
            there = come == "all" or (there and come == "one_by_one")
            for word in group:
                n = WORDS.index(word)
                step = passed / COME_SECONDS if frame.index or come != "all" else 1.0
                self.grown[n] = min(max(self.grown[n] + (step if there else -step), 0.0), 1.0)
        for disc in self._discs:
            disc[0] = min(disc[0] + passed / COME_SECONDS, 1.0)
        taken = None if busy else self.attention.update(frame)
        self._speak(passed, busy=busy)
        if taken is None or self.grown[taken] <= 0.5:
            return None
        sound = self._stage.sound
        sound.gesture()
        sound.play("stone", position=self.attention.spots[taken].centre, gain_db=-10.0, once=True, seed=taken)
        return WORDS[taken]

    def _warmth(self, n: int) -> float:
        return self.attention.warmth[n] if self.grown[n] > 0.5 else 0.0

    def _speak(self, passed: float, *, busy: bool) -> None:
        for n in range(len(STONES)):
            speaks = n == self.attention.at and self._warmth(n) > FROM_WARMTH and not busy
            step = passed / WORDS_SECONDS
            self._opacity[n] = min(max(self._opacity[n] + (step if speaks else -step), 0.0), 1.0)

    def show(self, chosen: frozenset[str]) -> None:
        """`chosen`: words that hold just now."""
        rows = self._table.rows
        for n, word in enumerate(WORDS):
            rows[n, 4:7] = STONE_RADIUS * smooth(self.grown[n])
            rows[n, 13], rows[n, 14] = smooth(self._warmth(n)), float(word in chosen)
        for k in range(TILES):
            row = rows[len(STONES) + k]
            if k < len(self._discs):
                grown, turns, mirror = self._discs[k]
                size = TILE_RADIUS * smooth(grown)
                row[4:7] = size, 0.55 * size, size
                row[13:16] = 0.0, turns, mirror
            else:
                row[4:7] = 0.0
        self._table.show()

    def draw(self, out: Pass, comfort: Comfort) -> None:
        """The words."""
        for n, opacity in enumerate(self._opacity):
            if opacity > 0.0:
                out.text(self._labels[n][comfort.large_text], self._words_at[n], smooth(opacity))
