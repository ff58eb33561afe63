"""Table mandala: a round table by the embers, on which one hand draws and the line is seen all around.

In raked sand, in light on dark stone, or in ink on paper. Nothing is ever lost, and nothing has to be finished: what is
kept lies on the rim as a small disc of clay, and the bed is empty again.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, atan2, cos, hypot, sin
from typing import Annotated, Final, Literal

from scenes.making.table_hand import TableHand
from scenes.making.table_lines import TableLines
from scenes.valley.attention import Attention, Spot
from scenes.valley.hearth import stands_at
from scenes.valley.land import hearth_arrays
from scenes.valley.mandala_table import (
    BED,
    EYE,
    MEDIA,
    STONE_RADIUS,
    STONES,
    TILE_RADIUS,
    TILES,
    WORDS,
    MandalaTable,
)
from scenes.valley.outdoors import Outdoors, OutdoorSettings
from scenes.valley.place import FIRESIDE
from scenes.valley.soft_hands import SoftHands
from scenes.valley.tide import smooth
from vr_app.api import Choice, Comfort, Frame, Kit, Pass, Pose, Range, Scene, SceneInfo, Stage, Vec4, Work

ON_OFF: Final = Choice(("on", "off"))
EMBERS: Final = (0.0, -2.75)  # x and z of their middle
MOST_TURNS: Final = 12
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
SOUNDS: Final = {"sand": "leaves", "ink": "leaves"}  # a rustle, as of a rake or a brush
SOUND_DB: Final = {"sand": -6.0, "ink": -10.0}
REST_SECONDS: Final = 1.8
CHANGE_SECONDS: Final = 2.5  # in which one medium gives way to another
GUIDE_SECONDS: Final = 1.2  # in which guides come or go
COME_SECONDS: Final = 2.5  # in which a stone, or a disc, comes up
EMPTY_SECONDS: Final = 3.0  # in which what was kept or cleared is gone
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
PULSE: Final = (0.06, 0.03)  # gain and seconds, for every few millimetres of a line
PULSE_METRES: Final = 0.012


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
        self.lines = TableLines(kit, self.table.horizon)
        images = {"grain": sky.grain, "sky_map": sky.map}
        self.looks = (
            kit.material("mandala_sand", **images),
            kit.material("mandala_light", grain=sky.grain),
            kit.material("mandala_ink", **images),
        )
        self.hands = SoftHands(kit)
        self.labels = [tuple(kit.text(SAID[word], height=high, width=0.4) for high in HEIGHTS) for word in WORDS]

    def enter(self, stage: Stage) -> None:
        self.stage = stage
        self.outdoors.enter(stage)
        self.hands.enter()
        self.hand = TableHand(BED - 0.004)
        self.attention = Attention([Spot((0.0, 0.0, 0.0), 0.012) for _ in STONES], REST_SECONDS)
        self.work: Work = stage.works.open()
        self.lines.open(self.work)
        self.before: MandalaSettings | None = None
        self.turns, self.mirror, self.medium, self.hue, self.guides = 8, True, 0, 0, True
        self.shares = [1.0, 0.0, 0.0]  # of media
        self.shown = 1.0  # of the lines
        self.drawn_in = 0  # medium that the lines are drawn in just now
        self.guided, self.spokes = 0.0, (8.0, 1.0)  # how far guides show, and which
        self.marks = 0 if self.lines.empty else 3
        self.grown = [0.0] * len(STONES)
        self.words = [0.0] * len(STONES)
        self.tiles = [[0.0, float(turns), float(mirror)] for turns, mirror in self._kept()][-TILES:]
        self.leaving: str = ""  # "keep": what lies there goes, and a new work begins
        self.comfort: Comfort | None = None
        self.time: float | None = None
        self.voice: int | None = None
        self.pace = 0.0  # metres a second of the line
        self.since_pulse = 0.0
        self.lamp = 0.3
        self.bright = [0.35] * 4
        self._last = (0.0, 0.0)

    def _kept(self) -> list[tuple[int, bool]]:
        """Symmetry of what this patient has kept here."""
        kept = []
        for scene, work in self.stage.works.finished():
            strokes = list(work.shown().values())
            if scene == self.info.id and strokes:
                kept.append((strokes[-1].turns, strokes[-1].mirror))
        return kept

    # --- a frame

    def update(self, frame: Frame) -> None:
        settings: MandalaSettings = frame.settings
        passed = 0.0 if self.time is None else min(max(frame.time - self.time, 0.0), 0.1)
        self.time = frame.time
        if frame.comfort is not self.comfort:
            self._arrange(frame.comfort)
        self._follow(settings)
        self.outdoors.update(frame, settings)
        self.lamp = self.table.lit(self.outdoors.light)
        self._draw_on(frame, settings, passed)
        self._offer(frame, settings, passed)
        self._go_on(passed)
        self.lines.update()
        self.hands.update(passed, frame.inputs, self.bright)
        self._show_stones(passed)

    def _arrange(self, comfort: Comfort) -> None:
        self.comfort = comfort
        self.table.arrange(comfort)
        for n in range(len(STONES)):
            x, y, z = self.table.rows[n, :3].tolist()
            self.attention.spots[n] = Spot(self.table.world((x, y, z)), 0.012)
        self.words_at = tuple(self._label_at(n) for n in range(len(STONES)))

    def _label_at(self, n: int) -> Pose:
        """Over its stone, a little outward, facing the eyes."""
        x, y, z = self.table.rows[n, :3].tolist()
        out = 1.13
        at = self.table.world((x * out, y + 0.045, z * out))
        dx, dy, dz = EYE[0] - at[0], EYE[1] - at[1], EYE[2] - at[2]
        yaw, pitch = atan2(dx, dz), -asin(dy / hypot(dx, dy, dz))
        sy, cy, sx, cx = sin(yaw / 2), cos(yaw / 2), sin(pitch / 2), cos(pitch / 2)
        return Pose(at, (cy * sx, sy * cx, -sy * sx, cy * cx))

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
        medium = (self.work.get("medium") or b"").decode("ascii", "replace")
        if medium in MEDIA and not self.lines.empty:
            self.medium = MEDIA.index(medium)

    # --- drawing

    def _draw_on(self, frame: Frame, settings: MandalaSettings, passed: float) -> None:
        ready = self.drawn_in == self.medium and not self.leaving
        side: Literal["left", "right"] = frame.comfort.hand
        if ready:
            self.hand.update(frame, passed, self.table, side, gaze=settings.gaze == "on")
        else:
            self.hand.stop()
        if not self.hand.drawing:
            if self.lines.drawing:
                self.lines.end()
                self.marks += 1
            self._hush()
            return
        if self.hand.began or not self.lines.drawing:
            self._begin(settings)
        x, z = self.hand.at
        moved = hypot(x - self._last[0], z - self._last[1])
        self._last = x, z
        if passed > 0.0:
            self.pace += (moved / passed - self.pace) * min(passed / 0.15, 1.0)
        if self.lines.append(x, z, self._radius(settings)):
            self._feel(moved)
        self._sound(settings)

    def _begin(self, settings: MandalaSettings) -> None:
        name = MEDIA[self.medium]
        furrows = 3 if name == "sand" and settings.rake == "three_tines" else 1
        r, g, b, _ = COLOURS[name][self.hue]
        if self.lines.begin(
            BRUSHES[name], (r, g, b, 0.1 * furrows), turns=self.turns, mirror=self.mirror, furrows=furrows
        ):
            self.work.put("medium", name.encode())
            self.stage.sound.gesture()
        self._last, self.pace = self.hand.at, 0.0

    def _radius(self, settings: MandalaSettings) -> float:
        name = MEDIA[self.medium]
        light, firm = RADII[name]
        firmness = self.hand.pressure
        if name == "ink":  # a quick brush leaves a fine line
            firmness *= 1.0 - 0.5 * min(self.pace / 0.35, 1.0)
        wide = RAKE if name == "sand" and settings.rake == "three_tines" else 1.0
        return (light + (firm - light) * firmness) * settings.width * wide

    def _feel(self, moved: float) -> None:
        self.since_pulse += moved
        if self.since_pulse > PULSE_METRES and self.hand.hand is not None:
            self.since_pulse = 0.0
            self.stage.haptics.pulse(self.hand.hand, *PULSE)

    def _sound(self, settings: MandalaSettings) -> None:
        """A rake or a brush is heard while it moves."""
        cue = SOUNDS.get(MEDIA[self.medium])
        if cue is None or settings.sound == "off":
            self._hush()
            return
        x, z = self.hand.at
        if self.voice is None and self.pace > 0.015:
            at = self.table.world((x, 0.0, z))
            gain = SOUND_DB[MEDIA[self.medium]]
            self.voice = self.stage.sound.play(cue, position=at, gain_db=gain, fade=0.35, seed=self.marks)
        elif self.voice is not None and self.pace < 0.006:
            self._hush()

    def _hush(self) -> None:
        if self.voice is not None:
            self.stage.sound.stop(self.voice, fade=0.5)
            self.voice = None

    # --- stones

    def _offer(self, frame: Frame, settings: MandalaSettings, passed: float) -> None:
        """Stones come up one group after another; what is rested on acts once."""
        for group, marks, seconds in zip(GROUPS, AFTER_MARKS, AFTER_SECONDS, strict=True):
            there = self.marks >= marks and (frame.scene_time >= seconds or self.marks > marks + 2)
            there = settings.stones == "all" or (there and settings.stones == "one_by_one")
            step = passed / COME_SECONDS if there else -passed / COME_SECONDS
            for word in group:
                n = WORDS.index(word)
                self.grown[n] = min(max(self.grown[n] + step, 0.0), 1.0)
        if self.before is not None and frame.index == 0 and settings.stones == "all":
            self.grown = [1.0] * len(STONES)
        if self.hand.drawing:
            return
        taken = self.attention.update(frame)
        if taken is not None and self.grown[taken] > 0.5 and not self.leaving:
            self._take(WORDS[taken], taken)

    def _take(self, word: str, n: int) -> None:
        sound = self.stage.sound
        sound.gesture()
        sound.play("stone", position=self.attention.spots[n].centre, gain_db=-10.0, once=True, seed=n)
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
            self.lines.undo()
        elif word == "redo":
            self.lines.redo()
        elif not self.lines.empty:
            self.leaving = word

    def _go_on(self, passed: float) -> None:
        """Media, guides, lines and discs on their way, in the world's time: they arrive while it is quiet, too."""
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
        for tile in self.tiles:
            tile[0] = min(tile[0] + passed / COME_SECONDS, 1.0)

    def _leave_bed(self) -> None:
        """The bed is empty: what lay there is cleared, or kept."""
        leaving, self.leaving = self.leaving, ""
        if leaving == "clear":
            self.lines.clear()
        elif leaving == "keep":
            turns, mirror = self.turns, self.mirror
            for stroke in list(self.work.shown().values())[-1:]:
                turns, mirror = stroke.turns, stroke.mirror
            self.work.finish()
            self.stage.note("a mandala was kept")
            self.tiles = [*self.tiles, [0.0, float(turns), float(mirror)]][-TILES:]
            self.work = self.stage.works.new()
            self.lines.open(self.work)

    def _show_stones(self, passed: float) -> None:
        rows, chosen = self.table.rows, self._chosen()
        for n in range(len(STONES)):
            grown = smooth(self.grown[n])
            size = STONE_RADIUS * grown
            warmth = self.attention.warmth[n] if self.grown[n] > 0.5 else 0.0
            rows[n, 4:7] = size
            rows[n, 13], rows[n, 14] = smooth(warmth), chosen[n]
            speaks = n == self.attention.at and warmth > FROM_WARMTH and not self.hand.drawing
            self.words[n] = min(max(self.words[n] + (passed if speaks else -passed) / WORDS_SECONDS, 0.0), 1.0)
        for k in range(TILES):
            row = rows[len(STONES) + k]
            if k < len(self.tiles):
                grown, turns, mirror = self.tiles[k]
                size = TILE_RADIUS * smooth(grown)
                row[4:7] = size, 0.55 * size, size
                row[13:16] = 0.0, turns, mirror
            else:
                row[4:7] = 0.0
        self.table.show()

    def _chosen(self) -> tuple[float, ...]:
        on = {"mirror": self.mirror, "guides": self.guides, MEDIA[self.medium]: True}
        return tuple(float(on.get(word, False)) for word in WORDS)

    def draw(self, frame: Frame, out: Pass) -> None:
        table, at = self.table, self.table.at
        sand, light, ink = self.shares
        lamp = (*table.lamp_at, self.lamp)
        self.outdoors.begin(out)
        table.draw(out, self.lamp, (sand, light, ink), (smooth(self.guided), *self.spokes))
        out.draw(*self.hearth, embers=self.embers, warmth=1.0)
        lines, shown = self.lines, smooth(self.shown)
        if lines.count and shown > 0.0:
            look = self.looks[self.drawn_in]
            if self.drawn_in == 1:
                out.draw(lines.mesh, look, at, lines.count, shown=shown)
            else:
                out.draw(lines.mesh, look, at, lines.count, shown=shown, lamp=lamp)
        self.outdoors.draw(frame, out)
        table.draw_glow(out, self.lamp)
        self.hands.draw(out)
        for n, opacity in enumerate(self.words):
            if opacity > 0.0:
                out.text(self.labels[n][frame.comfort.large_text], self.words_at[n], smooth(opacity))

    def leave(self) -> None:
        self.lines.end()
