"""Table mandala: a round table by the embers, on which one hand draws and the line is seen all around.

In raked sand, in light on dark stone, or in ink on paper. Nothing is ever lost, and nothing has to be finished: what is
kept lies on the rim as a small disc of clay, and the bed is empty again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from scenes.making.canvas import Canvas
from scenes.making.felt import Felt
from scenes.making.rim import Rim
from scenes.making.table_hand import TableHand
from scenes.making.table_lines import TableLines
from scenes.valley.hearth import stands_at
from scenes.valley.land import hearth_arrays
from scenes.valley.mandala_table import BED, MEDIA, MandalaTable
from scenes.valley.outdoors import Outdoors, OutdoorSettings
from scenes.valley.place import FIRESIDE
from scenes.valley.soft_hands import SoftHands
from scenes.valley.tide import smooth
from vr_app.api import Choice, Comfort, Frame, Kit, Pass, Range, Scene, SceneInfo, Stage, Vec3, Vec4

ON_OFF: Final = Choice(("on", "off"))
EMBERS: Final = (0.0, -2.75)  # x and z of their middle
MOST_TURNS: Final = 12
LOADED: Final = 85  # points of a work that was begun before, shown anew in a frame, each up to 24 times
HUES: Final = ("warm", "rose", "sea", "pale")
COLOURS: Final[dict[str, tuple[Vec4, ...]]] = {  # linear, by medium; alpha: a tenth of how many furrows
    "sand": ((0.42, 0.31, 0.19, 0.1),) * 4,
    "light": ((0.95, 0.52, 0.20, 0.1), (0.85, 0.36, 0.36, 0.1), (0.25, 0.60, 0.72, 0.1), (0.62, 0.66, 0.74, 0.1)),
    "ink": ((0.060, 0.036, 0.020, 0.1), (0.115, 0.022, 0.024, 0.1), (0.014, 0.030, 0.062, 0.1),
            (0.055, 0.055, 0.060, 0.1)),
}  # fmt: skip
BRUSHES: Final = {"sand": "sand", "light": "tube", "ink": "ink"}  # under which strokes are kept
RADII: Final = {
    "sand": (0.0036, 0.0072),
    "light": (0.0013, 0.0027),
    "ink": (0.0010, 0.0058),
}  # metres, lightest, firmest
RAKE: Final = 2.1  # times as wide with three tines
SOUND_DB: Final = {"sand": -6.0, "ink": -10.0}  # of a rake or a brush that moves
CHANGE_SECONDS: Final = 2.5  # in which one medium gives way to another
GUIDE_SECONDS: Final = 1.2  # in which guides come or go
EMPTY_SECONDS: Final = 3.0  # in which what was kept or cleared is gone
PULSE, PULSE_METRES = 0.06, 0.012  # of a line that goes on


@dataclass(frozen=True, slots=True)
class MandalaSettings(OutdoorSettings):
    """What the patient may choose as well takes effect at the moment its setting changes."""

    symmetry: Annotated[int, Range(1.0, 12.0, 1.0)] = 8
    mirror: Annotated[str, ON_OFF] = "on"
    medium: Annotated[str, Choice(MEDIA)] = "sand"
    colour: Annotated[str, Choice(HUES)] = "warm"
    guides: Annotated[str, ON_OFF] = "on"
    rake: Annotated[str, Choice(("finger", "three_tines"))] = "finger"
    width: Annotated[float, Range(0.5, 2.0, 0.1)] = 1.0
    gaze: Annotated[str, ON_OFF] = "on"  # whether a gaze draws while no hand is there
    stones: Annotated[str, Choice(("one_by_one", "all", "none"))] = "one_by_one"
    sound: Annotated[str, ON_OFF] = "on"  # of what is drawn


class Mandala(Scene):
    """What is drawn is the work's; the table shows it, and follows settings and stones alike."""

    info = SceneInfo(
        id="mandala",
        title="Table mandala",
        summary="One hand draws on a small table by the embers, in sand, light or ink; the line is seen all around.",
        kind="creative",
        minutes=(10.0, 20.0),
        flags=frozenset({"fatigue-friendly", "water"}),  # the bay lies behind
        golden_times=(0.0, 12.0),
    )
    Settings = MandalaSettings

    def build(self, kit: Kit) -> None:
        self.outdoors = Outdoors(kit, FIRESIDE, "hearth")
        sky = self.outdoors.sky
        self.hearth = kit.mesh(kit.bake(hearth_arrays)), kit.material("hearth", grain=sky.grain, sky_map=sky.map)
        self.embers = stands_at(*EMBERS)
        self.table = MandalaTable(kit, sky)
        images = {"grain": sky.grain, "sky_map": sky.map}
        self.looks = (
            kit.material("mandala_sand", **images),
            kit.material("mandala_light", grain=sky.grain),
            kit.material("mandala_ink", **images),
        )
        self.make_tools(kit)

    def make_tools(self, kit: Kit) -> None:
        """All but the place and its table."""
        self.lines = TableLines(kit, self.table.horizon)
        self.canvas, self.rim = Canvas(self.lines), Rim(kit, self.table)
        self.hands = SoftHands(kit)

    def enter(self, stage: Stage) -> None:
        self.stage = stage
        self.outdoors.enter(stage)
        self.hands.enter()
        self.hand = TableHand(self.table, BED - 0.004)
        self.felt = Felt(stage, PULSE, PULSE_METRES)
        self.canvas.open(stage.works.open())
        self.rim.enter(stage)
        for scene, work in stage.works.finished():
            strokes = list(work.shown().values())
            if scene == self.info.id and strokes:
                self.rim.keep(strokes[-1].turns, strokes[-1].mirror)
        self.marks = 3 if self.canvas.work.shown() else 0
        self.before: MandalaSettings | None = None
        self.turns, self.mirror, self.medium, self.hue, self.guides = 8, True, 0, 0, True
        self.shares = [1.0, 0.0, 0.0]  # of media
        self.shown = 1.0  # of the lines
        self.drawn_in = 0  # medium that the lines are drawn in just now
        self.guided, self.spokes = 0.0, (8.0, 1.0)  # how far guides show, and which
        self.leaving: str = ""  # "keep": what lies there goes, and a new work begins; "clear"
        self.comfort: Comfort | None = None
        self.time: float | None = None
        self.lamp = 0.3
        self.bright = [0.35] * 4

    # --- a frame

    def update(self, frame: Frame) -> None:
        settings: MandalaSettings = frame.settings
        passed = 0.0 if self.time is None else min(max(frame.time - self.time, 0.0), 0.1)
        self.time = frame.time
        if frame.comfort is not self.comfort:
            self.comfort = frame.comfort
            self.table.arrange(frame.comfort)
            self.rim.arrange()
        self._follow(settings)
        self.outdoors.update(frame, settings)
        self.lamp = self.table.lit(self.outdoors.light)
        self.canvas.load(LOADED)
        self._draw_on(frame, settings, passed)
        taken = self.rim.update(
            *(frame, passed), come=settings.stones, marks=self.marks, busy=self.hand.drawing or bool(self.leaving)
        )
        if taken is not None:
            self._do(taken)
        self._go_on(passed)
        self.lines.update()
        self.hands.update(passed, frame.inputs, self.bright)
        on = {"mirror": self.mirror, "guides": self.guides, MEDIA[self.medium]: True}
        self.rim.show(frozenset(word for word, holds in on.items() if holds))

    def _follow(self, settings: MandalaSettings) -> None:
        """What was set since the last frame."""
        before = self.before
        if settings is before:
            return
        if before is None or settings.symmetry != before.symmetry:
            self.turns = min(max(round(settings.symmetry), 1), MOST_TURNS)
        if before is None or settings.mirror != before.mirror:
            self.mirror = settings.mirror == "on"
        if before is None or settings.medium != before.medium:
            self.medium = MEDIA.index(settings.medium)
        if before is None or settings.colour != before.colour:
            self.hue = HUES.index(settings.colour)
        if before is None or settings.guides != before.guides:
            self.guides = settings.guides == "on"
        if before is None:
            self._as_left()
            self.shares = [float(n == self.medium) for n in range(len(MEDIA))]
            self.drawn_in = self.medium
            self.guided, self.spokes = float(self.guides), (float(self.turns), float(self.mirror))
        self.before = settings

    def _as_left(self) -> None:
        """A work that was begun before lies in what it was made in."""
        medium = (self.canvas.work.get("medium") or b"").decode("ascii", "replace")
        if medium in MEDIA and self.marks:
            self.medium = MEDIA.index(medium)

    # --- drawing

    def _draw_on(self, frame: Frame, settings: MandalaSettings, passed: float) -> None:
        hand, canvas = self.hand, self.canvas
        ready = self.drawn_in == self.medium and not self.leaving and canvas.whole
        hand.update(frame, passed, gaze=settings.gaze == "on", ready=ready)
        if not hand.drawing or hand.began:
            self._lift()
        if not hand.drawing:
            return
        place = (hand.at[0], 0.0, hand.at[1])
        if hand.began:
            self._begin(settings, place)
        if canvas.drawing:
            canvas.append(place, self._radius(settings))
            loud = SOUND_DB.get(MEDIA[self.medium]) if settings.sound == "on" else None
            self.felt.go(self.table.world(place), hand.hand, passed, loud)

    def _begin(self, settings: MandalaSettings, place: Vec3) -> None:
        name = MEDIA[self.medium]
        furrows = 3 if name == "sand" and settings.rake == "three_tines" else 1
        r, g, b, _ = COLOURS[name][self.hue]
        colour = (r, g, b, 0.1 * furrows)
        if self.canvas.begin(BRUSHES[name], colour, turns=self.turns, mirror=self.mirror) is not None:
            self.canvas.work.put("medium", name.encode())
            self.stage.sound.gesture()
            self.felt.begin(self.table.world(place))

    def _lift(self) -> None:
        if self.canvas.drawing:
            self.canvas.end()
            self.marks += 1
        self.felt.lift()

    def _radius(self, settings: MandalaSettings) -> float:
        name = MEDIA[self.medium]
        light, firm = RADII[name]
        firmness = self.hand.pressure
        if name == "ink":  # a quick brush leaves a fine line
            firmness *= 1.0 - 0.5 * min(self.felt.pace / 0.35, 1.0)
        wide = RAKE if name == "sand" and settings.rake == "three_tines" else 1.0
        return (light + (firm - light) * firmness) * settings.width * wide

    # --- what is taken

    def _do(self, word: str) -> None:
        if word in MEDIA:
            self.medium = MEDIA.index(word)
        elif word in ("fewer", "more"):
            self.turns = min(max(self.turns + (1 if word == "more" else -1), 1), MOST_TURNS)
        elif word == "mirror":
            self.mirror = not self.mirror
        elif word == "guides":
            self.guides = not self.guides
        elif word == "colour":
            self.hue = (self.hue + 1) % len(HUES)
        elif word == "undo":
            self.canvas.undo()
        elif word == "redo":
            self.canvas.redo()
        elif self.canvas.count:
            self.leaving = word

    def _go_on(self, passed: float) -> None:
        """Media, guides and lines on their way, in the world's time: they arrive while it is quiet, too."""
        step = passed / CHANGE_SECONDS
        changing = self.drawn_in != self.medium
        for n in range(len(MEDIA)):
            aim = float(n == self.medium)
            self.shares[n] += min(max(aim - self.shares[n], -step), step)
        total = sum(self.shares)
        self.shares = [share / total for share in self.shares]
        fade = passed / (EMPTY_SECONDS if self.leaving else CHANGE_SECONDS / 2)
        self.shown = min(max(self.shown + (-fade if changing or self.leaving else fade), 0.0), 1.0)
        if self.shown == 0.0:
            self._leave_bed()
            self.drawn_in = self.medium
        wanted = float(self.turns), float(self.mirror)
        aim = float(self.guides and wanted == self.spokes)
        step = passed / GUIDE_SECONDS
        self.guided += min(max(aim - self.guided, -step), step)
        if self.guided == 0.0:
            self.spokes = wanted

    def _leave_bed(self) -> None:
        """The bed is empty: what lay there is cleared, or kept."""
        leaving, self.leaving = self.leaving, ""
        if leaving == "clear":
            self.canvas.clear()
        elif leaving == "keep":
            *_, last = self.canvas.work.shown().values()
            self.canvas.work.finish()
            self.stage.note("a mandala was kept")
            self.rim.keep(last.turns, last.mirror)
            self.canvas.open(self.stage.works.new())

    def draw(self, frame: Frame, out: Pass) -> None:
        table, at = self.table, self.table.at
        sand, light, ink = self.shares
        lamp = (*table.lamp_at, self.lamp)
        self.outdoors.begin(out)
        table.draw(out, self.lamp, (sand, light, ink), (smooth(self.guided), *self.spokes))
        out.draw(*self.hearth, embers=self.embers, warmth=1.0)
        lines, shown = self.lines, smooth(self.shown) * (1.0 - frame.veil)
        if lines.count and shown > 0.0:
            look = self.looks[self.drawn_in]
            if self.drawn_in == 1:
                out.draw(lines.mesh, look, at, lines.count, shown=shown)
            else:
                out.draw(lines.mesh, look, at, lines.count, shown=shown, lamp=lamp)
        self.outdoors.draw(frame, out)
        table.draw_glow(out, self.lamp)
        self.hands.draw(out)
        self.rim.draw(out, frame.comfort)

    def leave(self) -> None:
        self.canvas.end()
