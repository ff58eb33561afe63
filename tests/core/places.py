"""Plain scenes and plans for tests of the session."""

from __future__ import annotations

from vr_app.api import Frame, Hand, Haptics, Inputs, Label, Pass, Pose, Scene, SceneInfo, Stage
from vr_app.clock import Moment
from vr_app.director import Director
from vr_app.plan import Plan, Step
from vr_app.script import Caption, Script


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

    def draw(self, mesh: object, material: object, at: Pose | None = None, **params: object) -> None:
        """Nothing is drawn."""

    def text(self, label: Label, at: Pose, opacity: float = 1.0) -> None:
        self.words.append((label, opacity))


class NoHands:
    def pulse(self, hand: str, gain: float, seconds: float) -> None:
        """Nobody holds a controller."""


class Words:
    """A Kit as far as captions need one."""

    size = (1.0, 0.1)

    def text(self, words: str, *, height: float = 0.03, width: float = 1.0) -> Label:
        return self


def plan(lantern_seconds: float = 20.0, words: str = "") -> Plan:
    script = Script("words", (Caption(0.0, 10.0, words),)) if words else None
    return Plan("test", "Test", (Step("room", 10.0, None, None), Step("lantern", lantern_seconds, None, script),
                                 Step("room", 10.0, None, None)))  # fmt: skip


class Session:
    """A director with its scenes and a clock that is turned by hand."""

    def __init__(self, scenes: dict[str, Scene] | None = None, made: Plan | None = None) -> None:
        self.scenes = scenes if scenes is not None else {"room": Place(), "lantern": Place()}
        haptics: Haptics = NoHands()
        self.director = Director(made or plan(), self.scenes, haptics)
        self.director.build(Words(), {})  # type: ignore[arg-type]
        self.time = 0.0
        self.index = 0
        self.sheet = Sheet()

    def frame(self, dt: float = 1 / 90, left: Hand | None = None, right: Hand | None = None) -> None:
        self.time += dt
        self.index += 1
        self.sheet = Sheet()
        self.director.update(self.index, Moment(self.time, min(dt, 0.1)), Inputs(left=left, right=right))
        self.director.draw(self.sheet)

    def run(self, seconds: float, left: Hand | None = None, right: Hand | None = None) -> None:
        for _ in range(round(seconds * 90)):
            self.frame(1 / 90, left, right)

    @property
    def here(self) -> str:
        return self.director.journal.scenes[-1][1]
