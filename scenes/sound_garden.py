"""Sound garden: bowls, chimes, stones and a wind harp on the terrace; no note is wrong, and four loops may be kept.

Struck by a hand or controller, by its ray, or by resting the eyes on it. A hum moves a ribbon of light, or a hand does.
What is played may be recorded, as what was struck and when; a hum never is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, isfinite, log2, radians, sin, tau
from typing import Annotated, Any, ClassVar, Final

import numpy as np

from scenes.valley.attention import INDEX_TIP, PRESS, Attention, Spot
from scenes.valley.daylight import TIMES, WEATHERS
from scenes.valley.instruments import SPOTS, Instruments
from scenes.valley.layers import EAR, Layer, Layers, given_back
from scenes.valley.looper import EMPTY, LISTENS, LOOPS, Looper, unpacked
from scenes.valley.named import Named, before
from scenes.valley.outdoors import Outdoors
from scenes.valley.place import STONES
from scenes.valley.scales import SCALES, cents
from scenes.valley.shapes import box, lathe, merged, tube
from scenes.valley.sky import CARD
from scenes.valley.tape import SOUNDS, Tape
from vr_app.api import Arrays, Choice, Frame, Hand, Kit, Pass, Pose, Range, Scene, SceneInfo, Stage, Vec3, Voice

ON_OFF: Final = Choice(("off", "on"))
# Within reach of an arm, beside the bowls; chimes stand clear of the bell behind them.
CHIME_TURNS: Final = tuple(radians(71.5 - 6.5 * k) for k in range(4))  # to the left
CHIME_AT: Final = tuple((-sin(turn), 0.98, -cos(turn)) for turn in CHIME_TURNS)  # middles of the tubes, metres
STONE_TURNS: Final = tuple(radians(14.0 + 6.5 * k) for k in range(4))  # to the right
STONE_AT: Final = tuple((0.8 * sin(turn), 0.62, -0.8 * cos(turn)) for turn in STONE_TURNS)
LOOP_AT: Final = tuple((-1.58 * sin(turn), 0.08, -1.58 * cos(turn)) for turn in (0.47, 0.28, 0.09, -0.10))
BELL, BOWLS, HARP = 0, (1, 2, 3), 5  # in SPOTS
CUES: Final = ("garden_bowl", "garden_chime", "garden_stone", "wind_harp", "drone")  # what a recording holds
# What can be struck: place, radius, cue, steps above D3.
THINGS: Final = (
    *((SPOTS[n].centre, SPOTS[n].radius, "garden_bowl", step) for n, step in zip(BOWLS, (3, 0, 5), strict=True)),
    (SPOTS[BELL].centre, SPOTS[BELL].radius, "garden_bowl", 10),
    *((at, 0.045, "garden_chime", 10 + k) for k, at in enumerate(CHIME_AT)),
    *((at, 0.045, "garden_stone", 5 + k) for k, at in enumerate(STONE_AT)),
)
FIRST_LOOP: Final = len(THINGS)
HARP_SPOT, SCALE_SPOT, BACK_SPOT, TAPE_SPOT = range(FIRST_LOOP + LOOPS, FIRST_LOOP + LOOPS + 4)
SIGN_AT: Final = ((-0.97, 0.06, -1.25), (-0.26, 0.06, -1.26), (0.10, 0.06, -1.28))  # scale, one back, recording
ALL_SPOTS: Final = (
    *(Spot(place, radius) for place, radius, _, _ in THINGS),
    *(Spot(at, 0.11) for at in LOOP_AT),
    SPOTS[HARP],
    *(Spot(at, 0.06) for at in SIGN_AT),
)
NEAR, LEFT = 0.010, 0.08  # metres beyond its radius: a tip is on it; it was taken away again
# A tip that will be there so soon strikes now, for sound takes longer; metres at most.
AHEAD_SECONDS, AHEAD = 0.030, 0.06
JUMP: Final = 0.25  # metres in a frame that are no movement
AGAIN_SECONDS: Final = 0.15  # between two strikes of anything
A_SECOND: Final = 4  # strikes, at density 1; the patient's own come before the loops'
MOST_RINGING: Final = 10  # of sixteen places that can be heard
HANDS_SECONDS: Final = 20.0  # after a hand's strike, in which eyes strike nothing
LIGHTS: Final = 10  # in the ring about a loop's stone
POINTS: Final = 160  # of the ribbon
STALE_SECONDS, DEAF_SECONDS = 0.3, 3.0  # without anything new from an open microphone: no voice; that is told
DEAF: Final = "sound garden: no microphone is heard; a hand that presses draws the light, or check the microphone"
FADE_SECONDS: Final = 12.0  # in which the ribbon is gone
SWELL_SECONDS: Final = 5.0  # between two beats of the sea
WARM: Final = (1.0, 0.70, 0.40)
# What taking a loop's stone does next, by the loop's state; then the three small stones, the last also while it runs.
SAID: Final = ("Begin a loop", "Play it", "Softer", "Empty it", "Other notes", "One change back", "Record", "End it")
NAMED_UP: Final = 0.19  # metres above a stone


@dataclass(frozen=True, slots=True)
class SoundGardenSettings:
    music: ClassVar[str] = "none"  # chords would hold notes that the scale lacks
    time_of_day: Annotated[str, Choice(TIMES)] = "day_end"
    weather: Annotated[str, Choice(WEATHERS)] = "fair"
    scale: Annotated[str, Choice(tuple(SCALES))] = "bright"  # the patient may still choose another
    density: Annotated[float, Range(0.5, 1.0, 0.1)] = 1.0  # of strikes: 2 to 4 a second
    tempo: Annotated[str, Choice(("free", "sea"))] = "free"  # loops as they were struck, or drawn to the sea's pulse
    drone: Annotated[str, ON_OFF] = "on"
    voice: Annotated[str, ON_OFF] = "off"  # whether a hum moves the light: the microphone is open then
    recording: Annotated[str, ON_OFF] = "off"  # whether a stone records what is played; agreed on beforehand (ADR 71)


class SoundGarden(Scene):
    info = SceneInfo(
        id="sound_garden",
        title="Sound garden",
        summary="Bowls, chimes and stones on the terrace; no note is wrong, and small loops may be kept.",
        kind="creative",
        minutes=(10.0, 15.0),
        flags=frozenset({"sound", "water"}),
        golden_times=(0.0, 12.0),
    )
    Settings = SoundGardenSettings

    def build(self, kit: Kit) -> None:
        self.place, self.named = Outdoors(kit, STONES, "terrace"), Named(kit, SAID)
        self.instruments = Instruments(kit, self.place.sky)
        images = {"grain": self.place.sky.grain, "sky_map": self.place.sky.map}
        solid = kit.material("instruments", **images)
        self.made = [(kit.mesh(kit.bake(make)), solid) for make in (struck_arrays, loop_arrays)]
        self.rows = np.zeros((LOOPS * LIGHTS + 3 + POINTS, 16), np.float32)
        self.rows[:, 8:11], self.rows[:, 11], self.rows[:, 4:7] = WARM, 1.0, 0.05
        for n, (x, y, z) in enumerate(LOOP_AT):
            for k in range(LIGHTS):
                turn = tau * k / LIGHTS
                self.rows[n * LIGHTS + k, :3] = x + 0.138 * sin(turn), y - 0.03, z + 0.138 * cos(turn)
        self.rows[LOOPS * LIGHTS : LOOPS * LIGHTS + 3, :3] = np.array(SIGN_AT) + np.array([0.0, 0.05, 0.0])
        self.lights = kit.buffer(self.rows)
        self.glow = kit.mesh(CARD, self.lights), kit.material("glow")

    def enter(self, stage: Stage) -> None:
        self.stage, self.sound = stage, stage.sound
        self.place.enter(stage)
        self.named.enter()
        self.work = stage.works.open()
        while self.work.get(SOUNDS) is not None:  # a recording that was cut off: it is whole as far as it goes
            self.work.finish()
            self.work = stage.works.open()
        self.looper = Looper([unpacked(self.work.get(f"loop{n}")) for n in range(LOOPS)])
        kept = (self.work.get("scale") or b"").decode(errors="replace")
        self.scale, self.asked = (kept, "") if kept in SCALES else ("", "")
        self.tape = Tape(stage.sound, stage.works, CUES)
        self.layers, self.attention = Layers(self.tape, self.place.sounds), Attention(ALL_SPOTS)
        self.harp = self.listening = False
        self.warmth = [0.0] * len(THINGS)
        self._mixed: tuple[str, bool] | None = None
        self._time, self._named_at = -1.0, Pose()
        self._tips: list[Vec3 | None] = [None, None]
        self._touching = [[True] * len(THINGS), [True] * len(THINGS)]
        self._pulsed = [-9.0] * len(THINGS)  # when a tip struck each
        self._struck: list[float] = []  # seconds of the last strikes
        self._ringing: list[int] = []
        self._by_hand = -HANDS_SECONDS
        self._point, self._pointed = 0, 0.0
        self._voice_at, self._voice_seen, self._deaf = 0, 0.0, False  # of what the microphone brought last
        self.rows[LOOPS * LIGHTS + 3 :, 12] = 0.0

    def update(self, frame: Frame) -> None:
        settings: SoundGardenSettings = frame.settings
        passed = min(max(frame.time - self._time, 0.0), 0.1) if self._time >= 0.0 else 0.0
        self._time = frame.time
        self.tape.update(frame.time)
        if settings.scale != self.asked:
            first, self.asked = not self.asked, settings.scale
            self.scale = self.scale if first and self.scale else settings.scale
        self.place.update(frame, settings)
        self.looper.beat = SWELL_SECONDS if settings.tempo == "sea" else 0.0
        for side, hand in enumerate((frame.inputs.left, frame.inputs.right)):
            self._touch(side, hand, settings, passed)
        self._attend(frame, settings, passed)
        for _, thing, soft in self.looper.update(passed):
            if thing < len(THINGS):
                self._strike(thing, soft, settings, own=False)
        self._mix(settings)
        self._listen(settings, frame)
        if settings.recording == "off":
            self.tape.end()
        self._glow(passed, settings)
        self._name(settings, passed)

    def _name(self, settings: SoundGardenSettings, passed: float) -> None:
        at = self.attention.at
        says = self._says(at, settings)
        if at is not None and says is not None and self.named.opacity == 0.0:
            x, y, z = self.attention.spots[at].centre
            self._named_at = before((x, y + NAMED_UP, z))
        self.named.update(says, 0.0 if at is None else self.attention.warmth[at], passed)

    def _says(self, spot: int | None, settings: SoundGardenSettings) -> int | None:
        """Which of SAID; what is struck needs no name."""
        if spot is None or spot < FIRST_LOOP or spot == HARP_SPOT:
            return None
        if spot < HARP_SPOT:
            return self.looper.loops[spot - FIRST_LOOP].state
        if spot == TAPE_SPOT and settings.recording == "off":
            return None
        return LOOPS + spot - SCALE_SPOT + (spot == TAPE_SPOT and self.tape.runs)

    # --- striking

    def _touch(self, side: int, hand: Hand | None, settings: SoundGardenSettings, passed: float) -> None:
        """A hand that was not there touches all: what comes back there has not moved there."""
        tip, before = _tip(hand), self._tips[side]
        moved = 9.0 if tip is None or before is None else _apart(tip, before)
        self._tips[side] = tip
        soon = _soon(tip, before, passed)
        for n, (place, radius, _, _) in enumerate(THINGS):
            was = self._touching[side][n]
            at, near = (tip, LEFT) if was else (soon, NEAR)
            touches = at is None or _apart(at, place) - radius < near
            self._touching[side][n] = touches
            if touches and not was and moved < JUMP and self._time - self._pulsed[n] > AGAIN_SECONDS:
                self._pulsed[n] = self._time
                speed = moved / max(passed, 0.005)
                self._own(n, 40 + round(60 * min(speed / 1.2, 1.0)), settings)
                self.stage.haptics.pulse("right" if side else "left", 0.15, 0.06)

    def _attend(self, frame: Frame, settings: SoundGardenSettings, passed: float) -> None:
        """By ray or rest, while the session is quiet too: a patient may go on."""
        seen = frame if not frame.quiet else replace(frame, quiet=False, dt=passed)
        taken = self.attention.update(seen)
        if taken is None:
            return
        hands = (frame.inputs.left, frame.inputs.right)
        pressed = any(hand is not None and hand.select > PRESS for hand in hands)
        if taken < FIRST_LOOP:
            if pressed or self._time - self._by_hand > HANDS_SECONDS:
                self._own(taken, 70, settings, hand=pressed)
        elif taken < HARP_SPOT:
            self._loop(taken - FIRST_LOOP)
        elif taken == HARP_SPOT:
            self.harp = not self.harp
        elif taken == SCALE_SPOT:
            names = list(SCALES)
            self.scale = names[(names.index(self.scale) + 1) % len(names)]
            self.work.put("scale", self.scale.encode())
        elif taken == BACK_SPOT:
            self._save(self.looper.undo())
        elif self.tape.runs:
            self.tape.end()
        elif settings.recording == "on":
            self.tape.begin(self._time)

    def _loop(self, n: int) -> None:
        self.looper.touch(n)
        for each in range(LOOPS):
            self._save(each)

    def _save(self, n: int | None) -> None:
        if n is not None and self.looper.loops[n].state != LISTENS:
            self.work.put(f"loop{n}", self.looper.loops[n].packed())

    def _own(self, thing: int, soft: int, settings: SoundGardenSettings, *, hand: bool = True) -> None:
        if hand:
            self._by_hand = self._time
        self.tape.gesture()
        self.looper.hear(thing, soft)
        self._strike(thing, soft, settings, own=True)

    def _strike(self, thing: int, soft: int, settings: SoundGardenSettings, *, own: bool) -> None:
        """As many a second as the density allows; beyond that a loop's strike is seen and not heard."""
        self.warmth[thing] = 1.0
        self._struck = [at for at in self._struck if self._time - at < 1.0]
        if len(self._struck) >= round(A_SECOND * settings.density) - (0 if own else 1):
            return
        self._struck.append(self._time)
        place, _, cue, step = THINGS[thing]
        gain_db = given_back(place) + (1.0 if own else -5.0)
        seed = 10_000 * min(max(soft, 30), 100) + cents(self.scale, step)
        self._ringing.append(self.tape.play(cue, position=place, gain_db=gain_db, once=True, seed=seed))
        self.tape.struck(soft if own else soft // 2)
        if len(self._ringing) > MOST_RINGING:
            self.tape.stop(self._ringing.pop(0), fade=2.0)

    # --- what is heard and seen besides

    def _mix(self, settings: SoundGardenSettings) -> None:
        now = settings.drone, self.harp
        if now == self._mixed:
            return
        self._mixed = now
        wanted = {"wind_harp": (Layer("wind_harp", SPOTS[HARP].centre), 3.0 if self.harp else -8.0)}
        if settings.drone == "on":
            wanted["drone"] = Layer("drone", EAR), -4.0
        self.layers.want(wanted)

    def _listen(self, settings: SoundGardenSettings, frame: Frame) -> None:
        """A point of the ribbon: where the voice is, else where a pressing hand draws."""
        wanted = settings.voice == "on"
        if wanted is not self.listening:
            self.listening, self._voice_seen, self._deaf = wanted, self._time, False
            self.sound.listen(wanted)
        if self._time - self._pointed < 0.05:
            return None
        heard = self._heard() if wanted else None
        if heard is not None and heard.confidence >= 0.5 and heard.pitch > 0.0:
            height = 1.25 + 0.25 * min(max(log2(heard.pitch / 180.0), -1.5), 1.5)
            x = 0.9 * sin(0.11 * self._time)
            return self._lay((x, height, -2.1), min(max((heard.loudness + 50.0) / 30.0, 0.2), 1.0))
        for side, hand in enumerate((frame.inputs.left, frame.inputs.right)):
            tip = self._tips[side]
            presses = hand is not None and hand.select > PRESS
            if tip is not None and presses and _apart(tip, frame.inputs.head.position) > 0.35:
                return self._lay(tip, 1.0)
        return None

    def _heard(self) -> Voice | None:
        """What the microphone hears; of one that brings nothing any more nothing, and that is told once."""
        heard = self.sound.voice()
        when = 0 if heard is None else heard.time
        if when != self._voice_at:
            self._voice_at, self._voice_seen, self._deaf = when, self._time, False
            return heard
        silent = self._time - self._voice_seen
        if silent > DEAF_SECONDS and not self._deaf:
            self._deaf = True
            self.stage.note(DEAF)
        return heard if silent < STALE_SECONDS else None

    def _lay(self, place: Vec3, bright: float) -> None:
        row = LOOPS * LIGHTS + 3 + self._point
        self._point, self._pointed = (self._point + 1) % POINTS, self._time
        self.rows[row, :3], self.rows[row, 4:7], self.rows[row, 12] = place, 0.03 + 0.02 * bright, 0.3 * bright

    def _glow(self, passed: float, settings: SoundGardenSettings) -> None:
        for n, warm in enumerate(self.warmth):
            self.warmth[n] = max(warm - passed / 3.0, 0.6 * self.attention.warmth[n])
        for n, loop in enumerate(self.looper.loops):
            where = self._time / 6.0 if loop.state == LISTENS else self.looper.at[n] / max(loop.seconds, 1.0)
            level = (0.0, 0.45, 0.60, 0.25)[loop.state] + 0.25 * self.attention.warmth[FIRST_LOOP + n]
            for k in range(LIGHTS):
                behind = (where - k / LIGHTS) % 1.0
                move = 0.0 if loop.state == EMPTY else (1.0 - behind) ** 2
                self.rows[n * LIGHTS + k, 12] += (
                    passed * 4.0 * (level * (0.35 + 0.65 * move) - self.rows[n * LIGHTS + k, 12])
                )
        for k in range(3):
            lit = 0.12
            if k == 2:
                lit = 0.5 if self.tape.runs else 0.12 * (settings.recording == "on")
            self.rows[LOOPS * LIGHTS + k, 12] = lit + 0.25 * self.attention.warmth[SCALE_SPOT + k]
        self.rows[LOOPS * LIGHTS + 3 :, 12] *= max(1.0 - 4.0 * passed / FADE_SECONDS, 0.0)
        self.lights.write(0, self.rows)

    def draw(self, frame: Frame, out: Pass) -> None:
        self.place.begin(out)
        bowls = max(self.warmth[0], self.warmth[1], self.warmth[2])
        warmth = [0.6 * self.warmth[3], 0.6 * bowls, 0.0, 0.6 * self.harp, 0.0, 0.0]
        self.instruments.draw(out, warmth)
        each = [0.8 * warm for warm in self.warmth[4:12]]
        out.draw(*self.made[0], warm=each[:4], warm_too=each[4:])
        out.draw(*self.made[1], warm=[0.25 * (loop.state != EMPTY) for loop in self.looper.loops])
        self.place.draw(frame, out)
        self.instruments.draw_glow(out, [0.5 * warm for warm in warmth])
        out.draw(*self.glow, right=1.0, left=1.0)
        if self.named.opacity > 0.0:
            self.named.draw(out, frame.comfort, self._named_at)

    def leave(self) -> None:
        self.tape.end()
        if self.listening:
            self.sound.listen(False)


def _tip(hand: Hand | None) -> Vec3 | None:
    """A fingertip, or a grip; None: nowhere."""
    if hand is None:
        return None
    x, y, z = hand.grip.position if hand.joints is None else hand.joints[INDEX_TIP, :3].tolist()
    return (x, y, z) if isfinite(x + y + z) else None


def _soon(tip: Vec3 | None, before: Vec3 | None, passed: float) -> Vec3 | None:
    """Where a tip will be in AHEAD_SECONDS, if it goes on as it goes."""
    if tip is None or before is None:
        return tip
    moved = _apart(tip, before)
    share = min(AHEAD_SECONDS / max(passed, 0.005), AHEAD / max(moved, 1e-6))
    x, y, z = (a + share * (a - b) for a, b in zip(tip, before, strict=True))
    return x, y, z


def _apart(a: Vec3, b: Vec3) -> float:
    return float(((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2) ** 0.5)


def _arrays(parts: list[tuple[int, int, Any, str]]) -> Arrays:
    """Shapes, whose each is and its surface (shaders/instruments.glsl), as one mesh in open light."""
    shapes = [shape.painted(colour) for _, _, shape, colour in parts]
    for shape in shapes:
        shape.colour[:, 3] = 0.0
    kind = np.concatenate([np.full((len(part[2].position), 1), 4.0 * part[0] + part[1]) for part in parts])
    whole = merged(shapes)
    made: dict[str, Any] = {
        name: np.asarray(getattr(whole, name), np.float32) for name in ("position", "normal", "uv", "colour")
    }
    made |= {"kind": kind.astype(np.float32), "light": np.full((len(kind), 4), 0.8, np.float32)}
    made |= {"index": whole.index.reshape(-1).astype(np.uint32), "horizon": np.zeros((len(kind), 16), np.uint8)}
    return made


def struck_arrays() -> Arrays:
    """Four tubes that hang in a small frame, four slabs of stone across two rails."""
    parts: list[tuple[int, int, Any, str]] = []
    wood, brass, slate = "#8C7358", "#B79F72", "#8A8783"
    near, far = _at(1.0, CHIME_TURNS[0] + 0.13), _at(1.0, CHIME_TURNS[3] - 0.13)
    for x, z in (near, far):
        parts.append((7, 1, tube([(x, -0.02, z), (x, 0.6, z), (x, 1.24, z)], [0.021, 0.018, 0.016]), wood))
    turns = np.linspace(CHIME_TURNS[0] + 0.19, CHIME_TURNS[3] - 0.19, 9)
    beam = [
        (x, 1.225 + 0.02 * cos(3.0 * k / 4.0 - 3.0), z) for k, (x, z) in enumerate(_at(1.0, float(t)) for t in turns)
    ]
    parts.append((7, 1, tube(beam, 0.017), wood))
    for n, (cx, cy, cz) in enumerate(CHIME_AT):
        half = 0.15 - 0.018 * n
        parts.append((n, 0, tube([(cx, cy - half, cz), (cx, cy + half, cz)], 0.015, sides=14), brass))
        parts.append((n, 3, tube([(cx, cy + half - 0.01, cz), (cx, 1.24, cz)], 0.002, sides=5), "#A89B84"))
    for n, ((cx, cy, cz), turn) in enumerate(zip(STONE_AT, STONE_TURNS, strict=True)):
        slab = box((0.074, 0.026, 0.25 - 0.02 * n), bevel=0.011, cells=0.04).turned(-turn)
        parts.append((4 + n, 2, slab.at(cx, cy, cz), slate))
    for way in (0.735, 0.865):
        turns = np.linspace(STONE_TURNS[0] - 0.11, STONE_TURNS[3] + 0.11, 7)
        rail = [(-x, 0.596, z) for x, z in (_at(way, float(turn)) for turn in turns)]
        parts.append((7, 1, tube(rail, 0.013), wood))
        for turn in (turns[0] + 0.04, turns[-1] - 0.04):
            (x, z), (foot, behind) = _at(way, turn), _at(way + (0.05 if way > 0.8 else -0.05), turn)
            parts.append((7, 1, tube([(-foot, -0.02, behind), (-x, 0.60, z)], [0.018, 0.013]), wood))
    return _arrays(parts)


def _at(far: float, turn: float) -> tuple[float, float]:
    """x and z, so many radians to the left."""
    return -far * sin(turn), -far * cos(turn)


def loop_arrays() -> Arrays:
    """Four round stones on the flagstones, and three smaller signs."""
    parts: list[tuple[int, int, Any, str]] = []
    for n, (x, y, z) in enumerate((*LOOP_AT, *SIGN_AT)):
        r = 0.105 if n < LOOPS else 0.06
        stone = lathe([(0.8 * r, -0.02), (r, 0.4 * y), (0.86 * r, 0.8 * y), (0.5 * r, y), (0.0, 1.04 * y)], sides=28)
        parts.append((min(n, 4), 2, stone.at(x, 0.0, z), "#7C7A78" if n < LOOPS else "#857F77"))
    return _arrays(parts)
