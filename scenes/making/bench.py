"""The bench before the bays: which tools have come, how warm each thing and tool is, and the name of what is rested on.

Metres, radians, seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import asin, cos, hypot, radians, sin
from typing import Final

from scenes.valley.attention import Attention, Spot
from scenes.valley.named import AWAY, Named
from scenes.valley.small_things import THINGS
from scenes.valley.three_bays import (
    AGAIN,
    BACK,
    CHALK,
    CLEAR,
    INK,
    KEEP,
    LIGHT,
    ON_SHELF,
    PAINTS,
    TOOL_RADIUS,
    TOOLS,
    shelf_place,
)  # fmt: skip
from scenes.valley.tide import smooth
from vr_app.api import Comfort, Kit, Pass, Pose

NAMES: Final = (*THINGS, *TOOLS)
COME_SECONDS: Final = 1.8
PAINT_MADE, PAINT_SECONDS = 2, 100.0  # paint comes after so many things are made, or in time
AFTER: Final = {INK: 0.0, CHALK: 6.0, LIGHT: 12.0}  # of that
STEPS: Final = {BACK: 1, AGAIN: 1, CLEAR: 4, KEEP: 3}  # things made and steps taken, from which on each is there
SOON: Final = 0.5
SAID: Final = {
    **{name: name.capitalize() for name in THINGS},
    INK: "Ink", CHALK: "Chalk", LIGHT: "Light",
    BACK: "One step back", AGAIN: "One step on again", CLEAR: "Empty one bay", KEEP: "Keep it; it may still change",
}  # fmt: skip
BELOW: Final = radians(15.2)  # the eyes, where a name stands
NOWHERE: Final = Spot((0.0, 600.0, 1000.0), 0.01)  # where nobody looks


class Bench:
    """`update` and `warm` once a frame, `draw`."""

    def __init__(self, kit: Kit) -> None:
        self._named = Named(kit, [SAID[name] for name in NAMES])

    def enter(self) -> None:
        self.come = [False] * len(TOOLS)
        self._since = [0.0] * len(TOOLS)  # seconds since a tool may come
        self.seen = [0.0] * 8  # of each tool, as shaders/bays.glsl has them
        self.warmth = [0.0] * 20  # of each thing and tool, likewise
        self._named.enter()

    def spots(self, lift: float) -> Iterator[Spot]:
        """Where each of NAMES is rested on."""
        for n, name in enumerate(NAMES):
            x, y, z = shelf_place(name)
            tool = n - len(THINGS)
            there = tool < 0 or self.come[tool]
            yield Spot((x, y + lift, z), ON_SHELF if tool < 0 else TOOL_RADIUS) if there else NOWHERE

    def update(self, tools: str, made: int, steps: int, time: float, passed: float) -> bool:
        """Tools come as something is made, or in time; what has come stays. Whether it is others now.

        `tools`: one_by_one, things_only or all.
        """
        changed, step = False, passed / COME_SECONDS
        for n, tool in enumerate(TOOLS):
            if tool in PAINTS:
                wait = AFTER[tool]
                due = tools != "things_only" and (tools == "all" or made >= PAINT_MADE or time > PAINT_SECONDS)
            else:
                wait = SOON
                due = tools == "all" or made + steps >= STEPS[tool]
            self._since[n] = self._since[n] + passed if due else 0.0
            come = self.come[n] or (due and (tools == "all" or self._since[n] >= wait))
            come = come and (tools != "things_only" or tool not in PAINTS)
            changed = changed or come is not self.come[n]
            self.come[n] = come
            self.seen[n] += min(max(float(self.come[n]) - self.seen[n], -step), step)
        return changed

    def warm(self, attention: Attention, held: str, passed: float) -> None:
        """What is rested on, and what is `held`; the first of it that one looks at is named."""
        for n, name in enumerate(NAMES):
            self.warmth[n] = max(0.8 * smooth(attention.warmth[n]), 0.75 * (name == held))
        at = attention.at if attention.at is not None and attention.at < len(NAMES) else None
        self._named.update(at, 0.0 if at is None else attention.warmth[at], passed)

    def draw(self, out: Pass, comfort: Comfort, lift: float) -> None:
        """The name."""
        if self._named.opacity > 0.0:
            self._named.draw(out, comfort, self._label_pose(lift))

    def _label_pose(self, lift: float) -> Pose:
        x, _, z = shelf_place(NAMES[self._named.of])
        far, level = hypot(x, z), AWAY * cos(BELOW)
        place = x / far * level, 1.2 - AWAY * sin(BELOW) + lift, z / far * level
        return Pose.facing(place, asin(-x / far))
