"""Arrive: a clearing above the bay, things to see, to hear and to touch; what is rested upon grows warm for a while."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import atan2, exp, sqrt
from typing import Annotated, Final

from scenes.valley.attention import INDEX_TIP, Attention, Spot
from scenes.valley.clearing import HEARD, SEEN, heard_spots, kindled_arrays, palm_arrays, seen_spots
from scenes.valley.murmurs import DARK, Murmurs
from scenes.valley.outdoors import Outdoors, OutdoorSettings
from scenes.valley.place import GROVE
from vr_app.api import Choice, Frame, Hand, Kit, Pass, Pose, Range, Scene, SceneInfo, Stage, Vec3

LISTEN_FROM, TOUCH_FROM = 100.0, 170.0  # guided seconds; assets/scripts/arrive.en.toml speaks of it then
CHIMES: Final = (11, 21, 1, 4, 0)  # seeds of audio/cues/chime.py that make A4 B4 D5 E5 F#5, one for each of SEEN
CHIME_DB: Final = -7.0
CHIME_AWAY: Final = 2.5  # metres at which a thing's chime sounds in its direction
CRICKETS: Final = "the crickets"  # in place of the bird when it is dark
GROWS, COOLS = 0.7, 3.2  # seconds in which a light comes 63 % nearer to what it should be
STAYS, EMBER = 20.0, 0.14  # seconds that a light stays after it was taken; what is left of it then, 0..1
FROM_BEFORE: Final = 0.07  # the light of what was rested on at an earlier visit
HINT, HINT_SECONDS = 0.24, 9.0  # how bright and how long a thing shows itself, one after the other
TOUCH_EVERY: Final = 20.0  # seconds from chair to sleeve to floor, each with a light at the hands as it begins
HEARD_SHARE: Final = 0.55  # of the light where a sound comes from
LAP: Final = ((0.27, 0.66, -0.30), (-0.27, 0.66, -0.30))  # where hands are on a chair's arms: right, left
PALM: Final = 0.13  # metres about it that are touched, or looked at
FOLLOWS: Final = 0.6  # seconds by which a light at a hand comes after it: it is there when the hand rests
PULSE: Final = (0.18, 0.25)  # gain and seconds, once for each touch
NAME_AWAY, NAME_FADE = 1.9, 1.2  # metres to a name, seconds of its fading
NAME_ABOVE: Final = 0.16  # metres over the line of sight, there


@dataclass(frozen=True, slots=True)
class ArriveSettings(OutdoorSettings):
    see: Annotated[float, Range(0.0, 5.0, 1.0)] = 5.0  # how many things answer to a look
    hear: Annotated[float, Range(0.0, 4.0, 1.0)] = 4.0
    touch: Annotated[float, Range(0.0, 3.0, 1.0)] = 3.0
    dwell: Annotated[float, Range(1.0, 5.0, 0.5, "s")] = 2.0  # of rest until a thing answers
    prompts: Annotated[str, Choice(("none", "light", "names"))] = "light"  # things show themselves, or say their names


class Arrive(Scene):
    """Nothing is asked, nothing is counted: guided time leads on from seeing to hearing to touching."""

    info = SceneInfo(
        id="arrive",
        title="Arrive",
        summary="A clearing above the bay: things to see, then to hear, then the real chair to touch.",
        kind="centering",
        minutes=(3.0, 5.0),
        flags=frozenset({"forest"}),  # birches and pines stand about it from twelve metres on
        golden_times=(0.0, 16.0),
        anchor="sight",
    )
    Settings = ArriveSettings

    def build(self, kit: Kit) -> None:
        self.place = Outdoors(kit, GROVE, "grove")
        self._kindled = kit.material("kindled", grain=self.place.sky.grain)
        self._warm_things, self._palm = kit.mesh(kit.bake(kindled_arrays)), kit.mesh(palm_arrays())
        self._seen, self._heard = seen_spots(), heard_spots()
        self._labels = [kit.text(name, height=0.024) for name in (*SEEN, *HEARD, CRICKETS)]

    def enter(self, stage: Stage) -> None:
        self._stage = stage
        self.place.enter(stage)
        self._time = -1.0  # session seconds of the last frame
        self._murmurs: Murmurs | None = None
        count = len(self._seen) + len(self._heard)
        self.seeing, self.hearing = Attention(self._seen), Attention(self._heard)
        self.touching = [Attention([Spot(place, PALM)]) for place in LAP]
        self.light = [0.0] * count  # of each thing and sound, 0..1
        self.palm_light = [0.0, 0.0]  # right and left
        self._stays = [0.0] * count  # seconds
        self._palm_stays = [0.0, 0.0]
        self._taken = [False] * count  # at this visit
        self._before = _names_of(stage.memory.get("rested"))
        self.touched = 0
        self._dark = False
        self._told = [0.0] * count  # how far each name is faded in
        self._named = [Pose()] * count  # where it stands
        self._warmth = [0.0] * 12  # as the shader wants it

    # --- on

    def update(self, frame: Frame) -> None:
        settings: ArriveSettings = frame.settings
        passed = min(max(frame.time - self._time, 0.0), 0.1) if self._time >= 0.0 else 0.0
        self._time = frame.time
        self.place.update(frame, settings)
        if self._murmurs is None:
            self._dark = settings.time_of_day in DARK
            self._murmurs = Murmurs(self._stage.sound, self._heard, settings.time_of_day)
        listening, touching = frame.scene_time >= LISTEN_FROM, frame.scene_time >= TOUCH_FROM
        self._see(frame, settings, chimes=not listening)
        self._hear(frame, settings, listening)
        self._touch(frame, settings, passed, touching)
        self._glow(frame, settings, passed, listening)
        self._murmurs.update(passed, self.hearing.warmth, listening=listening)
        self._name(frame, settings, passed)

    def _see(self, frame: Frame, settings: ArriveSettings, *, chimes: bool) -> None:
        taken = _rested(self.seeing, self._seen, int(settings.see), settings.dwell, frame)
        if taken is None:
            return
        self._take(taken)
        if chimes:
            place = _toward(self._seen[taken].centre, frame.inputs.head.position, CHIME_AWAY)
            self._stage.sound.play("chime", position=place, gain_db=CHIME_DB, once=True, seed=CHIMES[taken])

    def _hear(self, frame: Frame, settings: ArriveSettings, listening: bool) -> None:
        taken = _rested(self.hearing, self._heard, int(settings.hear) if listening else 0, settings.dwell, frame)
        if taken is not None:
            self._take(len(SEEN) + taken)

    def _touch(self, frame: Frame, settings: ArriveSettings, passed: float, touching: bool) -> None:
        """A hand that rests, wherever it does, is at a light that follows it slowly; a look at one's lap is as good."""
        share = 1.0 - exp(-passed / FOLLOWS)
        for n, (hand, attention) in enumerate(zip((frame.inputs.right, frame.inputs.left), self.touching, strict=True)):
            where = LAP[n] if hand is None else _point(hand)
            (x, y, z), radius = attention.spots[0]
            place = (x + share * (where[0] - x), y + share * (where[1] - y), z + share * (where[2] - z))
            attention.spots[0] = Spot(place, radius)
            attention.seconds = settings.dwell
            if touching and settings.touch >= 1.0 and attention.update(frame) is not None:
                self._palm_stays[n] = STAYS
                if self.touched < int(settings.touch) and hand is not None and hand.joints is None:
                    self._stage.haptics.pulse("left" if n else "right", *PULSE)
                self.touched += 1

    def _take(self, n: int) -> None:
        self._stays[n] = STAYS
        if self._taken[n]:
            return
        self._taken[n] = True
        names = [self._word(k) for k, taken in enumerate(self._taken) if taken]
        self._stage.memory.put("rested", json.dumps(names).encode())
        card = {"kind": "grounding", "title": "In the clearing", "lines": names}
        self._stage.memory.put("take_home", json.dumps(card).encode())

    def _word(self, n: int) -> str:
        """What the scene calls a thing or a sound."""
        if n < len(SEEN):
            return SEEN[n]
        return CRICKETS if self._dark and n == len(SEEN) else HEARD[n - len(SEEN)]

    # --- what is shown of it

    def _glow(self, frame: Frame, settings: ArriveSettings, passed: float, listening: bool) -> None:
        first = len(SEEN)
        hinted, hint = self._hint(frame, settings, listening)
        for n in range(len(self.light)):
            attention, k = (self.seeing, n) if n < first else (self.hearing, n - first)
            wanted = 0.0 if frame.quiet else _smooth(attention.warmth[k])
            self._stays[n] = max(self._stays[n] - passed, 0.0)
            if self._taken[n]:
                wanted = max(wanted, 0.6 if self._stays[n] > 0.0 else EMBER)
            elif self._word(n) in self._before:
                wanted = max(wanted, FROM_BEFORE)
            if n == hinted:
                wanted = max(wanted, hint)
            self.light[n] = _nearer(self.light[n], wanted, passed)
            self._warmth[n] = self.light[n] * (1.0 if n < first else HEARD_SHARE)
        since = frame.scene_time - TOUCH_FROM
        turn = since // TOUCH_EVERY
        shown = settings.prompts != "none" and 0.0 <= turn < settings.touch
        asked = _swell((since - turn * TOUCH_EVERY) / HINT_SECONDS) if shown else 0.0
        for n, attention in enumerate(self.touching):
            self._palm_stays[n] = max(self._palm_stays[n] - passed, 0.0)
            wanted = 0.0 if frame.quiet else max(_smooth(attention.warmth[0]), asked)
            wanted = max(wanted, 0.6 if self._palm_stays[n] > 0.0 else 0.0)
            self.palm_light[n] = _nearer(self.palm_light[n], wanted, passed)

    def _hint(self, frame: Frame, settings: ArriveSettings, listening: bool) -> tuple[int, float]:
        """Which thing shows itself just now, and how brightly: one after the other, once each, until one listens."""
        since = frame.scene_time - (LISTEN_FROM if listening else 12.0)
        turn = int(since // HINT_SECONDS) if since >= 0.0 else -1
        count = int(settings.hear) if listening else int(settings.see)
        if settings.prompts == "none" or frame.quiet or not 0 <= turn < count:
            return -1, 0.0
        n = turn + (len(SEEN) if listening else 0)
        at = since / HINT_SECONDS - turn
        return (-1, 0.0) if self._taken[n] else (n, _swell(at))

    def _name(self, frame: Frame, settings: ArriveSettings, passed: float) -> None:
        step = passed / NAME_FADE
        for n in range(len(self._told)):
            attention, k = (self.seeing, n) if n < len(SEEN) else (self.hearing, n - len(SEEN))
            shown = settings.prompts == "names" and attention.at == k and attention.warmth[k] > 0.3
            if shown and self._told[n] == 0.0:
                spots = self._seen if n < len(SEEN) else self._heard
                self._named[n] = _facing(spots[k].centre, frame.inputs.head.position)
            self._told[n] = min(max(self._told[n] + (step if shown else -step), 0.0), 1.0)

    def draw(self, frame: Frame, out: Pass) -> None:
        self.place.begin(out)
        self.place.draw(frame, out)
        if max(self._warmth) > 0.004:
            out.draw(self._warm_things, self._kindled, warmth=self._warmth)
        for n, light in enumerate(self.palm_light):
            if light > 0.004:
                glow = (light, *[0.0] * 11)
                out.draw(self._palm, self._kindled, Pose(self.touching[n].spots[0].centre), warmth=glow)
        for n, told in enumerate(self._told):
            if told > 0.0:
                label = self._labels[-1 if self._dark and n == len(SEEN) else n]
                out.text(label, self._named[n], _smooth(told))


def _rested(attention: Attention, spots: list[Spot], count: int, dwell: float, frame: Frame) -> int | None:
    """What is taken of the first `count` spots."""
    if len(attention.spots) != count:
        attention.spots[:] = spots[:count]
        attention.at = None
    attention.seconds = dwell
    return attention.update(frame)


def _point(hand: Hand) -> Vec3:
    """Where it touches."""
    if hand.joints is None:
        return hand.grip.position
    x, y, z = hand.joints[INDEX_TIP, :3].tolist()
    return x, y, z


def _nearer(light: float, wanted: float, passed: float) -> float:
    return light + (wanted - light) * (1.0 - exp(-passed / (GROWS if wanted > light else COOLS)))


def _swell(at: float) -> float:
    """How bright something shows itself: up and down again between 0 and 1."""
    return HINT * _smooth(min(max(2.5 * min(at, 1.0 - at), 0.0), 1.0))


def _smooth(share: float) -> float:
    return share * share * (3.0 - 2.0 * share)


def _toward(place: Vec3, eye: Vec3, away: float) -> Vec3:
    """So many metres from the eye on the way to a place, or at it."""
    x, y, z = place[0] - eye[0], place[1] - eye[1], place[2] - eye[2]
    far = sqrt(x * x + y * y + z * z)
    share = min(away / far, 1.0) if far > 0.0 else 0.0
    return eye[0] + share * x, eye[1] + share * y, eye[2] + share * z


def _facing(place: Vec3, eye: Vec3) -> Pose:
    """Where the name of something stands: before it, a little higher, turned to the eye."""
    x, y, z = _toward(place, eye, NAME_AWAY)
    return Pose.facing((x, y + NAME_ABOVE, z), atan2(eye[0] - x, eye[2] - z))


def _names_of(kept: bytes | None) -> frozenset[str]:
    """What was rested on at the last visit; nothing where that cannot be read."""
    try:
        names = json.loads(kept or b"[]")
    except ValueError:
        return frozenset()
    return frozenset(name for name in names if isinstance(name, str)) if isinstance(names, list) else frozenset()
