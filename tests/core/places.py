"""Plain scenes and plans for tests of the session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from msgspec.structs import replace

from vr_app.api import Frame, Hand, Inputs, Label, Light, Pass, Pose, Scene, SceneInfo, Stage
from vr_app.clock import Moment
from vr_app.director import NOTHING_RECORDED, Director
from vr_app.guide import Recorded
from vr_app.plan import Plan, Step
from vr_app.script import Caption, Script
from vr_app.sound.led import LedSound
from vr_app.sound.silent import Silent
from vr_app.station.messages import Position


class Place(Scene):
    """Remembers what was asked of it."""

    info = SceneInfo("place", "Place", "A place for tests.", "home")

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.frames: list[Frame] = []
        self.stage: Stage | None = None

    def enter(self, stage: Stage) -> None:
        self.calls.append("enter")
        self.stage = stage

    def update(self, frame: Frame) -> None:
        self.frames.append(frame)

    def draw(self, frame: Frame, out: Pass) -> None:
        self.calls.append("draw")

    def leave(self) -> None:
        self.calls.append("leave")


class Failing(Place):
    """Raises where it is told to."""

    def __init__(self, where: str) -> None:
        super().__init__()
        self.where = where

    def enter(self, stage: Stage) -> None:
        self._fail("enter")

    def update(self, frame: Frame) -> None:
        self._fail("update")

    def draw(self, frame: Frame, out: Pass) -> None:
        self._fail("draw")

    def leave(self) -> None:
        self._fail("leave")

    def _fail(self, where: str) -> None:
        if where == self.where:
            raise RuntimeError(f"planted in {where}")


class Sheet:
    """A Pass that keeps the words it is given."""

    def __init__(self) -> None:
        self.words: list[tuple[Label, float]] = []
        self.poses: list[Pose] = []
        self.boards: list[tuple[str, Pose, dict[str, Any]]] = []

    def draw(
        self, mesh: object, material: object, at: Pose | None = None, copies: int | None = None, **params: Any
    ) -> None:
        """Nothing is drawn; of a panel, a mark or a ring its words, its place and its looks are kept."""
        if isinstance(material, Board):
            self.boards.append((" ".join(material.words), at or Pose(), params))

    def light(self, light: Light) -> None:
        """Nothing is lit."""

    def march(self, field: object, **params: Any) -> None:
        """Nothing is painted."""

    def run(self, kernel: object, **params: Any) -> None:
        """Nothing moves."""

    def strokes(self, strokes: object, material: object, at: Pose | None = None, **params: Any) -> None:
        """Nothing is painted by hand."""

    def text(self, label: Label, at: Pose, opacity: float = 1.0) -> None:
        self.words.append((label, opacity))
        self.poses.append(at)

    def board(self, words: str) -> tuple[Pose, dict[str, Any]] | None:
        """Where the board with these words stands and how it looks."""
        return next(((at, params) for said, at, params in self.boards if said == words), None)


class NoHands:
    """Nobody holds a controller; remembers what would have been felt."""

    def __init__(self) -> None:
        self.pulses: list[str] = []

    def pulse(self, hand: str, gain: float, seconds: float) -> None:
        self.pulses.append(hand)


class Words(NamedTuple):
    """A label that knows what it says."""

    words: str
    height: float = 0.02
    size: tuple[float, float] = (1.0, 0.1)


class Block(NamedTuple):
    """Words as large as they are long."""

    words: str
    capital: float
    width: float
    height: float


class WordSheet:
    """What is written on a board, without a picture."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def __len__(self) -> int:
        return 1

    def block(self, words: str, capital: float, width: float) -> Block:
        if "\N{SNOWMAN}" in words:
            raise ValueError("the typeface lacks that")
        return Block(words, capital, min(len(words) * capital, width), capital)

    def words(self, block: Block, at: object, **how: object) -> None:
        self.said.append(block.words)

    def plate(self, *shape: object, **looks: object) -> None:
        """Nothing is drawn."""

    pill = ring = plate


class Board:
    """Room for words, without a picture."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.mesh = self.material = self

    def sheet(self) -> WordSheet:
        return WordSheet()

    def show(self, sheet: WordSheet) -> None:
        self.words = sheet.said


class WordKit:
    """A Kit as far as words need one."""

    def __init__(self) -> None:
        self.slots: dict[str, str] = {}

    def text(self, words: str, *, height: float = 0.03, width: float = 1.0) -> Label:
        if "\N{SNOWMAN}" in words:
            raise ValueError("the typeface lacks that")
        return Words(words, height)

    def board(self, quads: int) -> Board:
        return Board()

    def fill(self, name: str, words: str) -> str | None:
        if "\N{SNOWMAN}" in words:
            return "the typeface lacks that"
        self.slots[name] = words
        return None


GROUND = Script("ground", (Caption(0.0, 6.0, "off"), Caption(8.0, 14.0, "place"), Caption(16.0, 22.0, "chair")))
QUEASY = Script("queasy", (Caption(0.0, 6.0, "lift"), Caption(8.0, 14.0, "bowl"), Caption(16.0, 22.0, "here")))


def plan(lantern_seconds: float = 20.0, words: str = "") -> Plan:
    script = Script("words", (Caption(0.0, 10.0, words),)) if words else None
    steps = (
        Step("room", 10.0, None, None),
        Step("lantern", lantern_seconds, None, script),
        Step("room", 10.0, None, None),
    )
    return Plan("test", "Test", steps, GROUND, QUEASY)


class Session:
    """A director with its scenes and a clock that is turned by hand."""

    def __init__(
        self,
        scenes: dict[str, Scene] | None = None,
        made: Plan | None = None,
        *,
        locked: bool = False,
        resume: Position | None = None,
        ready: Callable[[str], bool] = lambda name: True,
        sound: LedSound | None = None,
        recorded: Recorded = NOTHING_RECORDED,
    ) -> None:
        self.scenes = scenes if scenes is not None else {"room": Place(), "lantern": Place()}
        self.haptics = NoHands()
        self.sound: LedSound = sound or Silent()
        self.director = Director(
            *(made or plan(), self.scenes, self.haptics),
            locked=locked,
            resume=resume,
            ready=ready,
            sound=self.sound,
            recorded=recorded,
        )
        self.kit = WordKit()
        self.director.build(self.kit, {})  # type: ignore[arg-type]
        self.time = 0.0
        self.index = 0
        self.sheet = Sheet()
        self.head = Inputs().head
        self.seen = Inputs()  # what the scenes were given

    def frame(self, dt: float = 1 / 90, left: Hand | None = None, right: Hand | None = None) -> None:
        self.time += dt
        self.index += 1
        self.sheet = Sheet()
        self.seen = self.director.placed_inputs(Inputs(self.head, left=left, right=right))
        shown = round(self.time * 1e9)
        self.director.update(self.index, Moment(self.time, min(dt, 0.1), shown), self.seen)
        self.sound.listen_from(self.seen.head, shown)
        self.director.draw(self.sheet)

    def run(self, seconds: float, left: Hand | None = None, right: Hand | None = None) -> None:
        for _ in range(round(seconds * 90)):
            self.frame(1 / 90, left, right)

    def place(self, name: str) -> Place:
        found = self.scenes[name]
        assert isinstance(found, Place)
        return found

    @property
    def stands(self) -> Position:
        """Where the plan does, whatever time has passed meanwhile."""
        return replace(self.director.position(), exposure_seconds=0.0)

    @property
    def here(self) -> str:
        return self.director.journal.scenes[-1][1]
