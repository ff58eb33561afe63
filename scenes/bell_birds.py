"""Bell and birds: a terrace above the bay with a few soft sounds; one may be chosen, and stayed with, or none.

What is rested on comes forward; the longer the head is quiet the fewer the other sounds are. Nothing has to be chosen.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Final

from scenes.valley.attention import INDEX_TIP, PRESS, Attention
from scenes.valley.instruments import IN_REACH, MAKERS, OF_SPOT, PLACES, SPOTS, Instruments
from scenes.valley.layers import Layer, Layers, given_back
from scenes.valley.outdoors import Outdoors, OutdoorSettings
from scenes.valley.place import STONES
from scenes.valley.stillness import Stillness
from vr_app.api import Choice, Frame, Hand, Kit, Pass, Range, Scene, SceneInfo, Stage, Vec3

ON_OFF: Final = Choice(("off", "on"))
BELL, BOWL, BIRDS = 0, 1, 2  # in MAKERS
NAMES: Final = ("The bell", "The bowl", "The birds", "The wind harp", "The water", "The leaves")
NIGHT: Final = "The night"  # what is heard where birds were, after dark
DARK: Final = ("blue_hour", "night")
# Of each that sounds all the time: its weight over the beds, dB, and the order in which they fade.
WEIGHTS: Final = {"leaves": -4.0, "harp": -5.0, "water": -3.5, "birds": -3.0}
CUES: Final = {"leaves": "leaves", "harp": "wind_harp", "water": "stream", "birds": "birds"}
FORWARD_DB, AWAY_DB, GONE_DB = (
    7.5,
    -6.0,
    -30.0,
)  # over that: of what is chosen; of the others then; of what has faded at thinning 1
STEPS: Final = len(WEIGHTS)
BELL_SECONDS: Final = (10.5, 17.0, 26.0)  # between two strokes: chosen, nothing chosen, something else chosen
BOWL_SECONDS: Final = 12.5  # while it is chosen
STROKE_DB, CHOSEN_DB, TOUCH_DB = (
    -1.0,
    1.0,
    3.0,
)  # of what sounds by itself, chosen, under a hand
BOWL_SEEDS: Final = (11, 1, 0, 11)  # by spot: A3 on the right, D4 on the left, D3 on the table
REST: Final = 0.35  # of its light, where the sound that was chosen last time is
LIGHT_SECONDS: Final = 5.0  # in which its light comes and goes
NEAR, LEFT = 0.03, 0.09  # metres beyond a bowl's rim: a finger is on it; it was taken away again
AGAIN_SECONDS: Final = 0.35  # between two touches of a bowl


@dataclass(frozen=True, slots=True)
class BellBirdsSettings(OutdoorSettings):
    bell: Annotated[str, ON_OFF] = "on"
    bowl: Annotated[str, ON_OFF] = "on"
    birds: Annotated[str, ON_OFF] = "on"
    harp: Annotated[str, ON_OFF] = "on"
    water: Annotated[str, ON_OFF] = "on"
    leaves: Annotated[str, ON_OFF] = "on"
    density: Annotated[float, Range(0.5, 1.5, 0.1)] = 1.0  # how often bell, bowl and birds are heard
    thinning: Annotated[float, Range(0.0, 1.0, 0.1)] = 0.7  # how far the others fade as the head grows quiet


class BellBirds(Scene):
    """What is heard follows what is chosen and how quiet the head is; the terrace itself stays as it is."""

    info = SceneInfo(
        id="bell_birds",
        title="Bell and birds",
        summary="A terrace above the bay with a bell, birds, a wind harp and water. One sound may be chosen and kept.",
        kind="centering",
        minutes=(5.0, 10.0),
        flags=frozenset({"sound", "water"}),  # the bay lies before it, and water runs into a basin
        golden_times=(0.0, 12.0),
        anchor="sound",
    )
    Settings = BellBirdsSettings

    def build(self, kit: Kit) -> None:
        self.place = Outdoors(kit, STONES, "terrace")
        self.instruments = Instruments(kit, self.place.sky)

    def enter(self, stage: Stage) -> None:
        self.stage = stage
        self.place.enter(stage)
        self.layers = Layers(stage.sound, self.place.sounds)
        self.attention, self.stillness = Attention(SPOTS), Stillness(STEPS)
        self.chosen: int | None = None  # in MAKERS
        self.before = remembered(stage.memory.get("sound"))
        self.light = [0.0] * len(MAKERS)  # of what is chosen, 0..1
        self.warmth = [0.0] * len(MAKERS)  # as it is drawn
        self._mixed: tuple[BellBirdsSettings, int | None, int] | None = None
        self._time = -1.0  # session seconds of the last frame; none yet
        self._until = [6.0, BOWL_SECONDS]  # seconds until bell and bowl sound by themselves
        self._strokes = 0
        # By hand and bowl. A hand that is not there counts as touching: what comes back there has not moved there.
        self._touching = [[True] * len(IN_REACH), [True] * len(IN_REACH)]
        self._since_touch = AGAIN_SECONDS

    def update(self, frame: Frame) -> None:
        settings: BellBirdsSettings = frame.settings
        passed = min(max(frame.time - self._time, 0.0), 0.1) if self._time >= 0.0 else 0.0
        self._time = frame.time
        self.stillness.update(frame)
        self._choose(frame, settings)
        self._touch(frame, settings, passed)
        self._mix(settings)
        self._strike_by_itself(settings, passed)
        self._glow(settings, passed)
        self.place.update(frame, settings)

    def draw(self, frame: Frame, out: Pass) -> None:
        self.place.begin(out)
        self.instruments.draw(out, self.warmth)
        self.place.draw(frame, out)
        self.instruments.draw_glow(out, self.warmth)

    # --- choosing

    def _choose(self, frame: Frame, settings: BellBirdsSettings) -> None:
        taken = self.attention.update(frame)
        if taken is None:
            return
        maker = OF_SPOT[taken]
        if not on(settings, maker):
            return
        if maker in (BELL, BOWL):
            pressed = any(hand is not None and hand.select > PRESS for hand in (frame.inputs.left, frame.inputs.right))
            self._strike(maker, SPOTS[taken].centre, taken, by_hand=pressed)
        if maker == self.chosen:
            return
        self.chosen = maker
        name = NIGHT if maker == BIRDS and settings.time_of_day in DARK else NAMES[maker]
        self.stage.memory.put("sound", json.dumps({"sound": MAKERS[maker]}).encode())
        kept = {"kind": "sound", "title": "The sound that was chosen", "lines": [name]}
        self.stage.memory.put("take_home", json.dumps(kept).encode())

    def _touch(self, frame: Frame, settings: BellBirdsSettings, passed: float) -> None:
        """A hand that comes to a bowl in reach makes it sound at once; it chooses nothing by that."""
        self._since_touch += passed
        for side, hand in enumerate((frame.inputs.left, frame.inputs.right)):
            for k, spot in enumerate(IN_REACH):
                was = self._touching[side][k]
                gap = -1.0 if hand is None else apart(hand, SPOTS[spot].centre) - SPOTS[spot].radius
                touches = self._touching[side][k] = gap < (LEFT if was else NEAR)
                if (
                    hand is not None
                    and touches
                    and not was
                    and self._since_touch >= AGAIN_SECONDS
                    and on(settings, BOWL)
                ):
                    self._since_touch = 0.0
                    self._strike(BOWL, SPOTS[spot].centre, spot, by_hand=True)
                    self.stage.haptics.pulse("right" if side else "left", 0.15, 0.06)

    # --- what is heard

    def _mix(self, settings: BellBirdsSettings) -> None:
        """Only when something has changed: the layers fade by themselves."""
        now = (settings, self.chosen, self.stillness.step)
        if now == self._mixed:
            return
        self._mixed = now
        wanted = {}
        for name, weight in weights(settings, self.chosen, self.stillness.step).items():
            dark = name == "birds" and settings.time_of_day in DARK
            cue = "night" if dark else CUES[name]
            wanted[cue] = Layer(cue, PLACES[MAKERS.index(name)]), weight
        self.layers.want(wanted)
        chosen = self.chosen == BIRDS
        self.layers.turn("birds", "often", settings.density * (1.7 if chosen else 1.0))
        self.layers.turn("birds", "song", 1.3 if chosen else 1.0)

    def _strike_by_itself(self, settings: BellBirdsSettings, passed: float) -> None:
        for maker in (BELL, BOWL):
            self._until[maker] -= passed
            if self._until[maker] > 0.0:
                continue
            self._until[maker] = self._pause(maker, settings)
            if on(settings, maker) and (maker == BELL or self.chosen == BOWL):
                self._strike(maker, PLACES[maker], 3)

    def _pause(self, maker: int, settings: BellBirdsSettings) -> float:
        """Seconds until it sounds by itself again: never as even as a clock, and longer the quieter the head."""
        uneven = 0.78 + 0.44 * ((0.618034 * (self._strokes + 1)) % 1.0)
        if maker == BOWL:
            return BOWL_SECONDS * uneven / settings.density
        which = 0 if self.chosen == BELL else 1 if self.chosen is None else 2
        quiet = 1.0 if which == 0 else 1.0 + settings.thinning * self.stillness.step / STEPS
        return BELL_SECONDS[which] * uneven * quiet / settings.density

    def _strike(self, maker: int, place: Vec3, spot: int, *, by_hand: bool = False) -> None:
        self._strokes += 1
        self._until[maker] = max(self._until[maker], 6.0)
        if by_hand:
            self.stage.sound.gesture()
        cue, seed = ("bell", self._strokes) if maker == BELL else ("bowl", BOWL_SEEDS[spot])
        gain_db = given_back(place) + (TOUCH_DB if by_hand else CHOSEN_DB if maker == self.chosen else STROKE_DB)
        self.stage.sound.play(cue, position=place, gain_db=gain_db, once=True, seed=seed)

    # --- what is seen

    def _glow(self, settings: BellBirdsSettings, passed: float) -> None:
        """Warm light where attention rests, and where the chosen sound is."""
        for maker in range(len(MAKERS)):
            aim = 1.0 if maker == self.chosen else REST if self.chosen is None and maker == self.before else 0.0
            aim *= on(settings, maker)
            step = passed / LIGHT_SECONDS
            self.light[maker] += min(max(aim - self.light[maker], -step), step)
            self.warmth[maker] = smooth(self.light[maker])
        for spot, warm in enumerate(self.attention.warmth):
            maker = OF_SPOT[spot]
            if warm > 0.0 and on(settings, maker):
                self.warmth[maker] = max(self.warmth[maker], 0.75 * smooth(warm))


def on(settings: BellBirdsSettings, maker: int) -> bool:
    """Whether a sound of MAKERS is there."""
    return bool(getattr(settings, MAKERS[maker]) == "on")


def weights(settings: BellBirdsSettings, chosen: int | None, step: int) -> dict[str, float]:
    """dB of each that sounds all the time, when so many steps of quiet are reached; the last one stays."""
    there = [name for name in WEIGHTS if getattr(settings, name) == "on"]
    first = None if chosen is None else MAKERS[chosen]
    others = [name for name in there if name != first]
    fade = others[: step if first is not None else min(step, len(others) - 1)]
    made = {}
    for name in there:
        weight = WEIGHTS[name] + (0.0 if first is None else AWAY_DB)
        made[name] = (
            WEIGHTS[name] + FORWARD_DB if name == first else weight + GONE_DB * settings.thinning * (name in fade)
        )
    return made


def remembered(kept: bytes | None) -> int | None:
    """The sound that was chosen last time, in MAKERS; None where there is none, or nothing that makes sense."""
    try:
        found = json.loads(kept or b"null")
        return MAKERS.index(found["sound"])
    except (ValueError, TypeError, KeyError):
        return None


def apart(hand: Hand, place: Vec3) -> float:
    """Metres from a fingertip, or a grip, to a place."""
    x, y, z = hand.grip.position if hand.joints is None else hand.joints[INDEX_TIP, :3].tolist()
    return float(((x - place[0]) ** 2 + (y - place[1]) ** 2 + (z - place[2]) ** 2) ** 0.5)


def smooth(share: float) -> float:
    """0..1 to 0..1 with level ends."""
    return share * share * (3.0 - 2.0 * share)
