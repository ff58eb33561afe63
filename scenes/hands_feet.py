"""Hands and feet: a chair by a small bed of embers; soft light visits the hands and the feet, or leaves them out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import atan2, hypot
from typing import Annotated, Final, Literal

from scenes.valley.attention import Attention, Spot
from scenes.valley.hearth import MARKER, on_ground, stands_at, together
from scenes.valley.land import hearth_arrays
from scenes.valley.outdoors import Outdoors, OutdoorSettings
from scenes.valley.place import FIRESIDE
from scenes.valley.soft_hands import SoftHands
from scenes.valley.visits import Visits
from vr_app.api import Choice, Frame, Kit, Pass, Pose, Range, Scene, SceneInfo, Stage, Vec3

RIGHT, LEFT, BOTH, FEET = range(4)
PLACES: Final = ("Right hand", "Left hand", "Both hands", "Feet")
VISIT_SECONDS: Final = 60.0  # at the usual pace
HANDS: Final[tuple[tuple[int, Literal["right", "left"]], ...]] = ((RIGHT, "right"), (LEFT, "left"))

REST, GROWN = 0.50, 0.50  # brightness of a light that rests, and how much it grows by
FOOT: Final[tuple[Vec3, ...]] = ((0.12, 0.0, -0.58), (-0.12, 0.0, -0.58))  # where shoes stand
FOOT_POOL = (0.095, 0.16)  # metres from its middle to where a pool ends, aside and ahead
FOOT_LIGHT: Final[Vec3] = (0.40, 0.30, 0.19)  # radiance in its middle when it is grown
POOL_RADIUS = 2.4  # metres about the embers that they light
POOL: Final[Vec3] = (0.070, 0.037, 0.015)
EMBERS_AT: Final[Vec3] = (0.0, 0.0, -2.75)

GAIN: Final = 0.35  # of a pulse at its most
BEAT_SECONDS: Final = 0.25  # between two pulses of one swell, each a little longer than that
FAINT: Final = 0.02  # gain below which nothing is asked

EYE: Final[Vec3] = (0.0, 1.2, 0.0)
WORDS_ABOVE, SPOT_RADIUS = 0.33, 0.18  # metres above the marker's foot; of what is rested on
SHOWN, SHOW_SECONDS = 0.7, 2.0  # opacity of its words while nobody looks there, and until they come or go
AWAY_SECONDS: Final = 8.0  # that they stay away once taken: a hand that presses as it wanders leaves out one place only

On = Annotated[str, Choice(("off", "on"))]


@dataclass(frozen=True, slots=True)
class HandsFeetSettings(OutdoorSettings):
    right_hand: On = "on"
    left_hand: On = "on"
    both_hands: On = "on"
    feet: On = "on"
    haptics: Annotated[float, Range(0.0, 1.0, 0.1)] = 0.6  # share of the strongest pulse there is here
    pace: Annotated[float, Range(0.5, 1.5, 0.1)] = 1.0  # of the visits: 0.5 stays twice as long


class HandsFeet(Scene):
    """What is visited follows guided time; the lights themselves follow the hands whatever else goes on."""

    info = SceneInfo(
        id="hands_feet",
        title="Hands and feet",
        summary="A small bed of embers by the bay; soft light visits the hands and the feet.",
        kind="centering",
        minutes=(5.0, 8.0),
        flags=frozenset({"body", "water"}),  # the bay lies behind the cabin
        golden_times=(0.0, 59.5),
        anchor="hands",
    )
    Settings = HandsFeetSettings

    def build(self, kit: Kit) -> None:
        self.place = Outdoors(kit, FIRESIDE, "hearth")
        sky = self.place.sky
        material = kit.material("hearth", grain=sky.grain, sky_map=sky.map)
        self.hearth = kit.mesh(kit.bake(hearth_arrays)), material
        x, _, z = EMBERS_AT
        pools = [on_ground(x, z, POOL_RADIUS, POOL_RADIUS), *(on_ground(a, b, *FOOT_POOL) for a, _, b in FOOT)]
        self.pools = kit.mesh(together(pools, kinds=(0, 1, 1))), kit.material("pool", grain=sky.grain)
        self.hands = SoftHands(kit)
        self.words = [kit.text("Move on", height=height) for height in (0.03, 0.045)]
        self.embers = stands_at(x, z)
        self.markers = {"right": stands_at(*MARKER), "left": stands_at(-MARKER[0], MARKER[1])}

    def enter(self, stage: Stage) -> None:
        self.stage = stage
        self.place.enter(stage)
        self.hands.enter()
        self.visits = Visits(len(PLACES))
        self.attention = Attention([Spot(self.markers["right"], SPOT_RADIUS)])
        self.rest = [REST] * len(PLACES)
        self.bright = [REST] * len(PLACES)  # of right hand, left hand, both, feet
        self.shown = 0.0
        self.away = 0.0  # seconds until its words may come again
        self.side = ""  # where the marker with words stands
        self.words_at = Pose()
        self.told = (0, 0)  # visits, and places that are kept, when it was last remembered
        self.beat = 0.0
        self.time: float | None = None

    def update(self, frame: Frame) -> None:
        settings: HandsFeetSettings = frame.settings
        passed = 0.0 if self.time is None else min(max(frame.time - self.time, 0.0), 0.1)
        self.time = frame.time
        self.place.update(frame, settings)
        self._offer(frame, passed)
        visits = self.visits
        wanted = [
            each == "on" for each in (settings.right_hand, settings.left_hand, settings.both_hands, settings.feet)
        ]
        visits.update(passed, frame.dt, wanted, VISIT_SECONDS / settings.pace, quiet=frame.quiet)
        self._shine(passed)
        self.hands.update(passed, frame.inputs, self.bright)
        self._pulse(frame, settings.haptics)
        told = len(visits.been), sum(visits.kept)
        if told != self.told and visits.been:
            self.told = told
            self._remember()

    def draw(self, frame: Frame, out: Pass) -> None:
        self.place.begin(out)
        out.draw(*self.hearth, embers=self.embers, warmth=1.0)
        self.place.draw(frame, out)
        feet = self.bright[FEET]
        foot_light = feet * FOOT_LIGHT[0], feet * FOOT_LIGHT[1], feet * FOOT_LIGHT[2]
        out.draw(*self.pools, lit=POOL, feet=foot_light)
        self.hands.draw(out)
        if self.shown > 0.0:
            opacity = self.shown * (SHOWN + (1.0 - SHOWN) * self.attention.warmth[0])
            out.text(self.words[frame.comfort.large_text], self.words_at, opacity)

    def _offer(self, frame: Frame, passed: float) -> None:
        """The words on the marker: there while something is visited. Resting on them leaves what is visited out."""
        if frame.comfort.hand != self.side:
            self.side = frame.comfort.hand
            x, y, z = self.markers[self.side]
            at = x, y + WORDS_ABOVE, z
            self.words_at = facing_eye(at)
            self.attention.spots[0] = Spot((x, y + 0.75 * WORDS_ABOVE, z), SPOT_RADIUS)
        self.away = max(self.away - passed, 0.0)
        there = self.visits.here is not None and self.away == 0.0
        step = passed / SHOW_SECONDS
        self.shown = min(max(self.shown + (step if there else -step), 0.0), 1.0)
        if self.attention.update(frame) is not None and there and self.shown > 0.5:
            self.visits.skip()
            self.away = AWAY_SECONDS
            self.stage.note("moved on from one place")

    def _shine(self, passed: float) -> None:
        """How bright each light is; what is left out has none."""
        kept, light = self.visits.kept, self.visits.light
        has = kept[RIGHT] or kept[BOTH], kept[LEFT] or kept[BOTH], kept[BOTH], kept[FEET]
        grown = max(light[RIGHT], light[BOTH]), max(light[LEFT], light[BOTH]), light[BOTH], light[FEET]
        for n in range(len(PLACES)):
            goal, step = REST if has[n] else 0.0, REST * passed / SHOW_SECONDS
            self.rest[n] += min(max(goal - self.rest[n], -step), step)
            self.bright[n] = self.rest[n] + GROWN * grown[n]

    def _pulse(self, frame: Frame, share: float) -> None:
        """Soft pulses that follow the swell at the hands that are visited."""
        self.beat += frame.dt
        if frame.quiet or self.beat < BEAT_SECONDS:
            return
        self.beat = 0.0
        light, inputs = self.visits.light, frame.inputs
        for n, side in HANDS:
            gain = GAIN * share * max(light[n], light[BOTH])
            if gain > FAINT and (inputs.right if n == RIGHT else inputs.left) is not None:
                self.stage.haptics.pulse(side, min(gain, GAIN), 1.2 * BEAT_SECONDS)

    def _remember(self) -> None:
        """What was visited and not left out, for the audio that may be taken home."""
        lines = [PLACES[n] for n in dict.fromkeys(self.visits.been) if self.visits.kept[n]]
        found = {"kind": "audio", "title": self.info.title, "lines": lines}
        self.stage.memory.put("take_home", json.dumps(found).encode())


def facing_eye(at: Vec3) -> Pose:
    """There, turned so that its +z points at the seated eye."""
    x, y, z = (eye - here for eye, here in zip(EYE, at, strict=True))
    return Pose.facing(at, atan2(x, z), -atan2(y, hypot(x, z)))
