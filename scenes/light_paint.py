"""Light paint: a clearing at the day's end, and light, ink, chalk or leaves in the air wherever a hand goes.

Nothing is needed for a first mark but a press; tools come one after the other. What is made is kept as it grows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from scenes.making.brushes import BRUSHES, AirInks, brush, paint
from scenes.making.canvas import Canvas
from scenes.making.felt import Felt
from scenes.making.nib import Nib, Side
from scenes.making.palette import COLOURS, Palette, Taken
from scenes.making.reach import in_arc
from scenes.valley.outdoors import Outdoors, OutdoorSettings
from scenes.valley.place import GROVE
from vr_app.api import Choice, Frame, Hand, Kit, Pass, Pose, Range, Scene, SceneInfo, Stage, Vec3

ERASER: Final = 0.05  # metres about the tip
TICK: Final = 0.12  # metres of a stroke from one touch at the hand to the next
ACKNOWLEDGE_DB, KEPT_DB, RUSTLE_DB = -12.0, -9.0, -22.0
MIRROR_LINE: Final = (0.55, 1.95, -1.45)  # from and to in height, and where


@dataclass(frozen=True, slots=True)
class LightPaintSettings(OutdoorSettings):
    brush: Annotated[str, Choice(tuple(BRUSHES))] = "ribbon"  # the first one
    tools: Annotated[str, Choice(("one_by_one", "at_once"))] = "one_by_one"
    width: Annotated[float, Range(0.5, 2.0, 0.1)] = 1.0  # of every brush
    reach: Annotated[float, Range(0.5, 2.0, 0.1)] = 1.0  # more: a small movement goes far
    sound: Annotated[str, Choice(("soft", "off"))] = "soft"  # of a brush that moves


class LightPaint(Scene):
    """The hand that presses first paints; what it does is seen, kept, and can be taken back without end."""

    info = SceneInfo(
        id="light_paint",
        title="Light paint",
        summary="A clearing at the day's end. Light, ink, chalk or leaves stay in the air where a hand goes.",
        kind="creative",
        minutes=(5.0, 20.0),
        flags=frozenset({"forest"}),
        golden_times=(0.0, 20.0),
    )
    Settings = LightPaintSettings

    def build(self, kit: Kit) -> None:
        self.place = Outdoors(kit, GROVE, "grove")
        self.make_tools(kit)

    def make_tools(self, kit: Kit) -> None:
        """All but the clearing."""
        self.inks, self.palette = AirInks(kit), Palette(kit)
        self.canvas = Canvas(self.inks)
        self._shines = kit.material("brush_light")
        self._tip = kit.strokes(8, 1)
        self._line = kit.strokes(40, 1)
        self._draw_helpers()

    def enter(self, stage: Stage) -> None:
        self._stage = stage
        self.place.enter(stage)
        self.canvas.open(stage.works.open())
        self.palette.enter(known=bool(self.canvas.work.shown() or stage.works.finished()))
        self.nib = Nib()
        self.kept = False  # as it stands now
        self._time = -1.0  # session seconds of the last frame
        self._first: LightPaintSettings | None = None
        self._at: Vec3 | None = None  # of the mark
        self.felt = Felt(stage, 0.05, TICK)

    def update(self, frame: Frame) -> None:
        settings: LightPaintSettings = frame.settings
        passed = min(max(frame.time - self._time, 0.0), 0.1) if self._time >= 0.0 else 0.0
        self._time = frame.time
        if self._first is None or settings.brush != self._first.brush:
            self.palette.brush = settings.brush
        self._first = settings
        self.place.update(frame, settings)
        self.canvas.load()
        self._take(frame, settings, passed)
        self._paint(frame, settings, passed)

    def draw(self, frame: Frame, out: Pass) -> None:
        self.place.begin(out)
        self.place.draw(frame, out)
        self.inks.draw(out, frame)
        if "mirror" in self.palette.on:
            out.strokes(self._line, self._shines, veil=0.75)
        self.palette.draw(out)
        if self._at is not None:
            out.strokes(self._tip, self._shines, Pose(self._at), veil=0.3)

    def leave(self) -> None:
        self.canvas.end()

    # --- painting

    def _paint(self, frame: Frame, settings: LightPaintSettings, passed: float) -> None:
        nib, canvas = self.nib, self.canvas
        nib.update(frame, self._busy_hands(frame))
        self._at = None if nib.tip is None else in_arc(nib.tip, settings.reach)
        if self._at is None or nib.ended or not canvas.whole:
            self._lift()
        if self._at is None or not nib.drawing or not canvas.whole:
            return
        if "erase" in self.palette.on:
            if canvas.erase(self._at, ERASER):
                self.kept = False
                self._feel(0.15)
            return
        if nib.began:
            self._begin()
        if canvas.drawing:
            canvas.append(self._at, self._radius(settings))
            self.felt.go(self._at, nib.hand, passed, RUSTLE_DB if settings.sound == "soft" else None)

    def _begin(self) -> None:
        palette = self.palette
        number = self.canvas.begin(palette.brush, COLOURS[palette.colour], mirror="mirror" in palette.on)
        if number is not None and self._at is not None:
            self.kept = False
            self._feel(0.12)
            self.felt.begin(self._at)

    def _lift(self) -> None:
        self.canvas.end()
        self.felt.lift()

    def _radius(self, settings: LightPaintSettings) -> float:
        """By pressure, and up to twice or down to half by the turn of the wrist."""
        made = brush(self.palette.brush)
        outward = self.nib.roll if self.nib.hand == "left" else -self.nib.roll
        share = made.least + (1.0 - made.least) * self.nib.pressure
        return float(made.radius * share * settings.width * 2.0 ** min(max(1.4 * outward, -1.0), 1.0))

    def _feel(self, gain: float) -> None:
        self._stage.haptics.pulse(self.nib.hand, gain, 0.03)

    def _busy_hands(self, frame: Frame) -> frozenset[Side]:
        """Hands that press on something of the palette."""
        if self.nib.drawing or not self.palette.aimed_at():
            return frozenset()
        sides: tuple[tuple[Literal["left", "right"], Hand | None], ...]
        sides = ("left", frame.inputs.left), ("right", frame.inputs.right)
        return frozenset(side for side, hand in sides if hand is not None and hand.select > 0.0)

    # --- what is taken

    def _take(self, frame: Frame, settings: LightPaintSettings, passed: float) -> None:
        taken = self.palette.update(
            *(frame, passed), all_at_once=settings.tools == "at_once", kept=self.kept, busy=self.nib.drawing
        )
        if taken is None:
            return
        self._stage.sound.gesture()
        gain = KEPT_DB if taken.which == "keep" else ACKNOWLEDGE_DB
        self._stage.sound.play("acknowledge", gain_db=gain, once=True)
        if taken.kind == "word":
            self._do(taken)

    def _do(self, taken: Taken) -> None:
        canvas = self.canvas
        match taken.which:
            case "undo":
                canvas.undo()
            case "redo":
                canvas.redo()
            case "clear":
                canvas.clear()
            case "keep" if canvas.count:
                canvas.end()
                canvas.work.finish()
                self.kept = True
                return
            case "another":
                canvas.open(self._stage.works.new())
        if taken.which in ("undo", "redo", "clear", "another"):
            self.kept = False

    def _draw_helpers(self) -> None:
        self._tip.begin(paint("tube", COLOURS[5]))
        self._tip.append((0.0, 0.0, 0.0), 0.007)
        self._tip.end()
        low, high, z = MIRROR_LINE
        self._line.begin(paint("tube", COLOURS[5]))
        for step in range(15):
            self._line.append((0.0, low + (high - low) * step / 14.0, z), 0.0018)
        self._line.end()
