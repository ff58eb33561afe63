"""An engine without sound: reads orders from a real desk, tells what would be heard when. Time is turned by hand."""

from __future__ import annotations

from multiprocessing import get_context
from typing import Any

from tests.core.places import Place, Session
from vr_app.api import Stage
from vr_app.guide import Recorded
from vr_app.plan import Plan, Step
from vr_app.script import FRAMES_A_SECOND, Line, Script, compiled
from vr_app.sound.desk import Desk, Heard, State, frame_at
from vr_app.sound.orders import Order, Say
from vr_app.sound.proxy import Sound

WORDS = "One two three four five six seven eight."  # 4.5 s
LINES = ("first", "second", "third")


class Engine:
    """Its device runs `ppm` too fast."""

    def __init__(self, desk: Desk, ppm: float = 0.0) -> None:
        self.desk, self.ppm = desk, ppm
        self.orders: list[Order] = []
        self.said: list[tuple[str, float]] = []  # (line, seconds at which it is heard)
        self._stood_still = 0.0
        self._begun = 0.0
        self._heard = Heard(0.0, 1, FRAMES_A_SECOND)

    def begin(self, now: float = 0.0, state: State = State.PLAYING) -> None:
        """In place of one that was lost, or the first."""
        self.desk.expect_engine()
        self.desk.read_from_here()
        self._begun, self._stood_still = now, 0.0
        self.desk.tell(state, "a loudspeaker" if state is State.PLAYING else "no sound device; connect one")
        self.turn(now)

    def stand_still(self, seconds: float) -> None:
        """The device loses so much time."""
        self._stood_still += seconds

    def turn(self, now: float) -> None:
        rate = FRAMES_A_SECOND * (1.0 + self.ppm * 1e-6)
        self._heard = Heard((now - self._begun - self._stood_still) * rate, max(round(now * 1e9), 1), rate)
        self.desk.post_heard(self._heard)
        for order in self.desk.orders():
            assert order is not None
            self.orders.append(order)
            if isinstance(order, Say):
                frame = frame_at(self._heard, order.at)
                self.said.append((order.line, self._begun + self._stood_still + frame / rate))

    def took(self, kind: type[Any]) -> list[Any]:
        """What of this kind was asked since the last time; all else is forgotten."""
        found = [order for order in self.orders if isinstance(order, kind)]
        self.orders.clear()
        return found


class Sounding(Place):
    """Plays a bed of its own."""

    def __init__(self, bed: str) -> None:
        super().__init__()
        self.bed = bed

    def enter(self, stage: Stage) -> None:
        super().enter(stage)
        stage.sound.play(self.bed, gain_db=-3.0)


def script(lines: tuple[str, ...] = LINES, pause: float = 4.0) -> Script:
    return compiled("tale", (Line(name, f"{name} {WORDS}", pause) for name in lines))


class Guided:
    """A session with an engine, in whose lantern a voice speaks; 90 frames a second, or as told."""

    def __init__(
        self, *, told: Script | None = None, recorded: bool = True, ppm: float = 0.0, seconds: float = 60.0,
        state: State = State.PLAYING,
    ) -> None:  # fmt: skip
        self.script = told or script()
        self.desk = Desk(Desk.cells(get_context("spawn")))
        self.engine = Engine(self.desk, ppm)
        self.engine.begin(state=state)
        self.sound = Sound(self.desk)
        steps = (
            Step("room", 4.0, None, None),
            Step("lantern", seconds, None, self.script),
            Step("room", 10.0, None, None),
        )
        lines: Recorded = {"tale": frozenset(moment.line.id for moment in self.script.moments)} if recorded else {}
        self.session = Session(
            {"room": Sounding("wind"), "lantern": Sounding("surf")},
            Plan("test", "Test", steps, demonstration=True),
            sound=self.sound,
            recorded=lines,
        )
        self.director = self.session.director

    def run(self, seconds: float, dt: float = 1 / 90, **hands: Any) -> None:
        for _ in range(round(seconds / dt)):
            self.session.frame(dt, **hands)
            self.engine.turn(self.session.time)

    @property
    def plan_seconds(self) -> float:
        return self.director.position().step_seconds

    @property
    def caption(self) -> str:
        """What is seen, however faintly."""
        words: Any = self.session.sheet.words
        return words[-1][0].words if words else ""
