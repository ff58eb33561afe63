"""Intention lantern: at the jetty's root stands the patient's own paper lantern, with their own words or a symbol.

Resting on it lights it, slowly; then a light at the jetty's end answers, lies on the water, and is seen from every
place from then on. It may as well stay unlit.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import cos, radians, sin, tan
from typing import Annotated, Any, Final

from scenes.valley.attention import Attention, Spot
from scenes.valley.lantern_stand import CARDS, HANDLE, LAMP, Cut, LanternStand, card_place
from scenes.valley.outdoors import Outdoors, OutdoorSettings
from scenes.valley.own_lantern import KEY
from scenes.valley.place import LANDING
from scenes.valley.symbols import SYMBOLS
from scenes.valley.tide import smooth
from vr_app.api import Choice, Comfort, Frame, Kit, Pass, Pose, Range, Scene, SceneInfo, Slot, Stage, Vec3

ASIDE: Final = radians(27.0)  # of the stand from straight ahead, to the side of the hand in use
AWAY: Final = 1.22  # metres from the seat to the stand's middle
CHOOSE_SECONDS, LIGHT_SECONDS = 2.5, 4.0  # of resting until a card is taken, and until the lantern is lit
GROW_SECONDS: Final = 8.0  # in which its light grows
FADE_SECONDS: Final = 6.0  # in which what was only begun is gone again
ANSWER_SECONDS: Final = 10.0  # in which the light at the jetty's end comes
EMBER: Final = 0.24  # of its light while somebody begins to rest on it
CUT_SECONDS: Final = 3.0  # in which one symbol gives way to another
WORDS_SECONDS: Final = 1.5  # in which words appear
WAVES: Final = 0.25  # depth: the bay is calm
CARD_RADIUS, LAMP_RADIUS = 0.035, 0.12  # metres about their middles that can be touched
REGULAR, LARGE = (0.0175, 0.62), (0.0245, 0.86)  # height of capitals and width of the words, metres: 140 letters fit
BRIGHTEST: Final = 0.9  # radiance of its paper
VERSION: Final = 1  # of what is remembered
OWN: Final = "patient's"  # the symbol that the patient chooses


@dataclass(frozen=True, slots=True)
class IntentionSettings(OutdoorSettings):
    symbol: Annotated[str, Choice((OWN, *SYMBOLS))] = OWN  # the patient may still choose another
    warmth: Annotated[float, Range(0.0, 1.0, 0.1)] = 0.5  # 0: pale straw, 1: amber
    brightness: Annotated[float, Range(0.5, 1.0, 0.1)] = 0.9


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is remembered of this patient."""

    lit: bool = False  # ever
    symbol: str = ""

    @staticmethod
    def read(raw: bytes | None) -> _Kept:
        """What cannot be read counts as nothing."""
        try:
            found: Any = json.loads(raw or b"{}")
        except (ValueError, RecursionError):
            return _Kept()
        if not isinstance(found, dict):
            return _Kept()
        symbol = found.get("symbol")
        return _Kept(found.get("lit") is True, symbol if symbol in SYMBOLS else "")


class Intention(Scene):
    """Whether it is lit and what is cut into it is the patient's; all the rest follows."""

    info = SceneInfo(
        id="intention",
        title="Intention lantern",
        summary="A paper lantern at a jetty, with one's own words or a symbol; the patient lights it, or leaves it.",
        kind="centering",
        minutes=(3.0, 5.0),
        flags=frozenset({"water"}),
        golden_times=(0.0, 12.0),
    )
    Settings = IntentionSettings

    def build(self, kit: Kit) -> None:
        self.outdoors = Outdoors(kit, LANDING, "jetty")
        self.stand = LanternStand(kit, self.outdoors.sky)
        (small, width), (large, wide) = REGULAR, LARGE
        self.words: tuple[Slot, Slot] = (
            kit.slot("intention", height=small, width=width),
            kit.slot("intention", height=large, width=wide),
        )

    def enter(self, stage: Stage) -> None:
        self.outdoors.enter(stage)
        self.memory, self.sound = stage.memory, stage.sound
        kept = _Kept.read(stage.memory.get(KEY))
        self.ever_lit = kept.lit
        self.lit = False
        self.light = self.answer = 0.0  # 0..1 of the lantern, and of the light at the jetty's end
        self.symbol = kept.symbol  # "": none
        self.cut = Cut(_number(kept.symbol), 1.0)
        self.turning = 1.0  # how far one symbol has given way to another, 0..1
        self.asked = OWN  # of the settings, last
        self.shown, self.opacity = "", 0.0  # words, and how far they are seen
        self.time: float | None = None  # session seconds of the last frame
        self.comfort: Comfort | None = None  # that the stand was put for
        self.cards = Attention([Spot((0.0, 0.0, 0.0), CARD_RADIUS) for _ in CARDS], CHOOSE_SECONDS)
        self.wick = Attention([Spot((0.0, 0.0, 0.0), LAMP_RADIUS)], LIGHT_SECONDS)

    def update(self, frame: Frame) -> None:
        settings: IntentionSettings = frame.settings
        passed = 0.0 if self.time is None else min(max(frame.time - self.time, 0.0), 0.1)
        self.time = frame.time
        if frame.comfort is not self.comfort:
            self._put(frame.comfort)
        self.outdoors.update(frame, settings, depth=WAVES)
        if settings.symbol != self.asked:
            self.asked = settings.symbol
            if settings.symbol != OWN:
                self._choose(settings.symbol)
        taken = self.cards.update(frame)
        if taken is not None:
            self.sound.play("stone", position=self.cards.spots[taken].centre, gain_db=-9.0, once=True, seed=taken)
            self._choose(CARDS[taken])
        if self.wick.update(frame) is not None and not self.lit:
            self._kindle()
        self._go_on(passed)

    def _put(self, comfort: Comfort) -> None:
        """The stand before the seat, on the side of the hand in use and as high as this posture looks."""
        self.comfort = comfort
        turn = ASIDE if comfort.hand == "left" else -ASIDE
        x, y, z = -sin(turn) * AWAY, AWAY * tan(comfort.raised), -cos(turn) * AWAY
        self.at = Pose.facing((x, y, z), turn)
        for n in range(len(CARDS)):
            self.cards.spots[n] = Spot(self._world(card_place(n)), CARD_RADIUS)
        self.wick.spots[0] = Spot(self._world(LAMP), LAMP_RADIUS)
        self.plate = self.words[comfort.large_text]

    def _world(self, place: Vec3) -> Vec3:
        """A place of the stand's own frame."""
        (x, y, z), (_, turned, _, upright) = self.at
        c, s = upright * upright - turned * turned, 2.0 * turned * upright
        return x + c * place[0] + s * place[2], y + place[1], z + c * place[2] - s * place[0]

    def _choose(self, symbol: str) -> None:
        if symbol == self.symbol:
            return
        now = self.cut
        self.cut = Cut(_number(symbol), 0.0, now.now, now.shown)
        self.symbol, self.turning = symbol, 0.0
        self._remember()

    def _kindle(self) -> None:
        self.lit = self.ever_lit = True
        self.sound.gesture()
        self.sound.play("bowl", position=self.wick.spots[0].centre, gain_db=-8.0, once=True, seed=3)
        self._remember()

    def _go_on(self, passed: float) -> None:
        """Light, symbol and words on their way; the world's time, for it goes on while quiet."""
        aim = 1.0 if self.lit else EMBER * self.wick.warmth[0]
        self.light += min(max(aim - self.light, -passed / FADE_SECONDS), passed / GROW_SECONDS)
        if self.lit and self.light >= 0.8:
            self.answer = min(self.answer + passed / ANSWER_SECONDS, 1.0)
        self.outdoors.own_glow = max(smooth(self.answer), self.outdoors.own_glow or 0.0)
        if self.turning < 1.0:
            self.turning = min(self.turning + passed / CUT_SECONDS, 1.0)
            share, cut = smooth(self.turning), self.cut
            self.cut = Cut(cut.now, share, cut.before, min(cut.left, 1.0 - share))
        if self.plate.words != self.shown:
            self.shown, self.opacity = self.plate.words, 0.0
        self.opacity = min(self.opacity + passed / WORDS_SECONDS, 1.0)

    def _remember(self) -> None:
        """For the valley, the next visit, and the card to take home; words as they stand on the plate."""
        words = self.plate.words
        kept: dict[str, Any] = {"version": VERSION, "lit": self.ever_lit, "symbol": self.symbol}
        if words:
            kept["words"] = words
        self.memory.put(KEY, _packed(kept))
        lines = [*words.split("\n"), self.symbol]
        card = {"kind": "intention card", "title": "Intention", "lines": [line for line in lines if line]}
        self.memory.put("take_home", _packed(card))

    def draw(self, frame: Frame, out: Pass) -> None:
        settings: IntentionSettings = frame.settings
        radiance = BRIGHTEST * smooth(self.light) * settings.brightness
        lantern = radiance, radiance * (0.62 - 0.20 * settings.warmth), radiance * (0.30 - 0.22 * settings.warmth)
        self.outdoors.begin(out)
        self.stand.draw(out, self.at, lantern, self.cut, tuple(self.cards.warmth))
        self.outdoors.draw(frame, out)
        self.stand.draw_halo(out, self.at, lantern)
        if self.plate.size[1] > 0.0:
            out.text(self.plate, self._plate_pose(), self.opacity)

    def _plate_pose(self) -> Pose:
        """Behind the lantern, just above its handle, facing the seat."""
        above = HANDLE + 0.01 + self.plate.size[1] / 2.0
        return Pose(self._world((0.0, above, -0.13)), self.at.orientation)

    def leave(self) -> None:
        if self.comfort is not None and (self.lit or self.symbol or self.plate.words):
            self._remember()


def _number(symbol: str) -> int:
    return SYMBOLS.index(symbol) if symbol else -1


def _packed(what: dict[str, Any]) -> bytes:
    return json.dumps(what, ensure_ascii=False).encode()
