"""Before, now, next: three bays of linen on the beach, in which the patient lays small things, words and paint.

What a gaze, a hand's ray or a fingertip rests on is taken up, and laid where it rests next; it may be moved, put back,
undone. Nothing has to be made, and nothing is right or wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import asin, cos, dist, exp, hypot, radians, sin
from typing import Annotated, Final

import numpy as np

from scenes.making.bay_paint import BRUSHES, BayPaint, colour_of, radius_of
from scenes.making.placed import Placed
from scenes.making.reaching import Reaching, Side
from scenes.making.taken_home import HEADINGS, card
from scenes.valley.attention import Attention, Spot
from scenes.valley.outdoors import Outdoors, OutdoorSettings
from scenes.valley.place import SHORE
from scenes.valley.small_things import THINGS
from scenes.valley.three_bays import (
    AGAIN,
    BACK,
    BAYS,
    BEAM,
    CLEAR,
    FACE,
    HALF_HIGH,
    KEEP,
    MOST,
    ON_SHELF,
    PAINTS,
    TOOL_RADIUS,
    TOOLS,
    Hit,
    Laid,
    ThreeBays,
    bay_of,
    bay_pose,
    bench_lift,
    hit,
    lift_of,
    place_of,
    shelf_place,
    within,
)  # fmt: skip
from scenes.valley.tide import smooth
from vr_app.api import Choice, Comfort, Frame, Kit, Pass, Pose, Quat, Range, Ray, Scene, SceneInfo, Stage, Stroke, Vec3

WAVES: Final = 0.25  # depth: a quiet sea
GAZED: Final = 2.2  # times as long until a thing that lies in a bay is taken up: who looks at it may just look
ANCHOR: Final = 0.11  # metres on a cloth within which one rests
FOLLOW_SECONDS, HAND_SECONDS = 0.30, 0.07  # in which what is carried follows a gaze, and a hand
HOVER: Final = 0.055  # metres before the cloth's face at which a thing is carried
STACK: Final = 0.0016  # metres by which each thing lies before those laid earlier
GROW_SECONDS, SETTLE_SECONDS, COME_SECONDS, WORDS_SECONDS = 0.5, 0.6, 1.8, 1.5
SPACING: Final = 0.006  # metres between two points of paint
JUMP: Final = 0.25  # metres in a frame: that was no hand
TILT: Final = radians(7.0)  # of head or hand, from which on a thing turns
PAINT_AT: Final = 0.012  # metres before the cloth's plane
HEM: Final = 0.016  # metres of a cloth's edge that stay free of paint
GAZE_PRESSURE: Final = 0.5
FROM_WARMTH: Final = 0.12
REGULAR, LARGE = (0.0215, 0.68), (0.0285, 0.74)  # height of capitals and width of the patient's words, metres
HEADING: Final = (0.030, 0.038)  # of capitals
LABEL: Final = (0.0172, 0.0255)
LABEL_AWAY, LABEL_BELOW = 1.42, radians(15.2)
SAID: Final = {
    **{name: name.capitalize() for name in THINGS},
    "ink": "Ink", "chalk": "Chalk", "light": "Light",
    BACK: "One step back", AGAIN: "One step on again", CLEAR: "Empty one bay", KEEP: "Keep it; it may still change",
}  # fmt: skip
FIRST_LAID: Final = len(THINGS) + len(TOOLS)
AWAY_SPOT: Final = Spot((0.0, 600.0, 1000.0), 0.01)  # where nobody looks
FADE_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class TriptychSettings(OutdoorSettings):
    template: Annotated[str, Choice(("on", "off"))] = "on"  # headings, and a faint drawing on each cloth
    tools: Annotated[str, Choice(("one_by_one", "things_only", "all"))] = "one_by_one"
    size: Annotated[float, Range(0.07, 0.15, 0.01, "m")] = 0.10  # radius of things that are laid
    dwell: Annotated[float, Range(1.5, 4.0, 0.5, "s")] = 2.0


class _Carried:
    """What was taken up: a thing, a brush, or the wave that empties a bay; "" is nothing."""

    def __init__(self, name: str = "", number: int | None = None, by: Side | None = None, turn: float = 0.0) -> None:
        self.name, self.number = name, number  # number: of a thing that lay in a bay
        self.by = by  # the hand that still presses
        self.start: Hit | None = None  # what that hand's ray met beyond when it took it up
        self.turn = turn
        self.at: Hit | None = None  # where it is carried
        self.anchor: Hit | None = None  # where it begins to rest
        self.rested = 0.0  # seconds there


class Triptych(Scene):
    """Steps are the work's own; what is seen follows them."""

    info = SceneInfo(
        id="triptych",
        title="Before, now, next",
        summary="Three linen bays on the beach: small things, own words and paint, for looking back and ahead.",
        kind="creative",
        minutes=(10.0, 20.0),
        flags=frozenset({"water"}),
        golden_times=(0.0, 12.0),
    )
    Settings = TriptychSettings

    def build(self, kit: Kit) -> None:
        self.outdoors = Outdoors(kit, SHORE, "shore")
        self.bays = ThreeBays(kit, self.outdoors.sky)
        self.paint = BayPaint(kit)
        self.words = [[kit.slot(bay, height=high, width=wide) for high, wide in (REGULAR, LARGE)] for bay in BAYS]
        self.headings = [[kit.text(HEADINGS[bay], height=high) for high in HEADING] for bay in BAYS]
        names = (*THINGS, *TOOLS)
        self.labels = [[kit.text(SAID[name], height=high, width=0.6) for high in LABEL] for name in names]

    def enter(self, stage: Stage) -> None:
        self.outdoors.enter(stage)
        self.stage = stage
        self.placed = Placed(stage.works.open(), THINGS, MOST)
        self.shown_paint = -1
        self.carried = _Carried()
        self.fresh: int | None = None  # a thing that was laid and is still looked at
        self.reaching: Reaching[Hit] = Reaching(self._hit)
        self.attention = Attention([AWAY_SPOT] * (FIRST_LAID + MOST))
        self.comfort: Comfort | None = None
        self.lift = self.low_lift = 0.0
        self.time: float | None = None
        self.come = [False] * len(TOOLS)
        self.since = [0.0] * len(TOOLS)  # seconds since a tool may come
        self.seen = [0.0] * 8
        self.warm = [0.0] * 20
        self.rested = [0.0] * 3  # of each bay
        self.template = 0.0
        self.order: list[int] = []  # numbers of what lies there, by spot
        self.grown: dict[int, float] = {}  # 0..1 of each that is seen or on its way out
        self.leaving: dict[int, tuple[str, Laid]] = {}
        self.lowered: dict[int, float] = {}  # metres that each still is above its place
        self.told, self.opacity = [""] * 3, [0.0] * 3
        self.label, self.labelled = 0, 0.0
        self.drawing: tuple[int, Side | None, list[tuple[float, float, float, float]]] | None = None
        self.steps = 0
        self.kept = False
        self._dirty = True

    def _hit(self, ray: Ray) -> Hit | None:
        return hit(ray, self.lift)

    # --- a frame

    def update(self, frame: Frame) -> None:
        settings: TriptychSettings = frame.settings
        passed = 0.0 if self.time is None else min(max(frame.time - self.time, 0.0), 0.1)
        self.time = frame.time
        if frame.comfort is not self.comfort:
            self._put(frame.comfort)
        self.outdoors.update(frame, settings, depth=WAVES)
        making = replace(frame, quiet=False, dt=passed) if frame.quiet else frame  # one may go on making
        self.reaching.update(making, passed)
        carried = self.carried
        self._attend(making, settings)
        if carried is self.carried and carried.name in PAINTS:
            self._draw_on(making, settings, passed)
        elif carried is self.carried and carried.name:
            self._carry(making, settings, passed)
        self._tools_come(frame, settings, passed)
        self._read_words(passed)
        self._settle(settings, passed)

    def _put(self, comfort: Comfort) -> None:
        """As high as this posture looks."""
        self.comfort = comfort
        self.lift, self.low_lift = lift_of(comfort.raised), bench_lift(comfort.raised)
        self._arrange()

    def _arrange(self) -> None:
        """What can be rested on, where it is."""
        spots = self.attention.spots
        for n, name in enumerate((*THINGS, *TOOLS)):
            x, y, z = shelf_place(name)
            there = n < len(THINGS) or self.come[n - len(THINGS)]
            radius = ON_SHELF if n < len(THINGS) else TOOL_RADIUS
            spots[n] = Spot((x, y + self.low_lift, z), radius) if there else AWAY_SPOT
        self.order = list(self.placed.things)
        for k in range(MOST):
            spots[FIRST_LAID + k] = AWAY_SPOT
        if not self.carried.name:
            for k, number in enumerate(self.order):
                thing = self.placed.things[number]
                x, y, z = thing.place
                spots[FIRST_LAID + k] = Spot((x, y + self.lift, z), 0.7 * thing.size)
        self._dirty = True

    # --- taking up

    def _attend(self, frame: Frame, settings: TriptychSettings) -> None:
        attention = self.attention
        slow = attention.at is not None and attention.at >= FIRST_LAID
        attention.seconds = settings.dwell * (GAZED if slow else 1.0)
        taken = attention.update(frame)
        fresh = self.fresh is not None and self._spot_of(self.fresh) == attention.at
        if not fresh and taken is None:
            self.fresh = None
        if taken is None or self.drawing is not None:
            return
        if fresh and self.reaching.began is None:
            return
        if taken < len(THINGS):
            self._take(THINGS[taken])
        elif taken < FIRST_LAID:
            self._use(TOOLS[taken - len(THINGS)])
        else:
            number = self.order[taken - FIRST_LAID]
            thing = self.placed.things[number]
            self._take_up(_Carried(thing.name, number, self.reaching.began, thing.turn), thing.place)
        if self.carried.by is not None and self.carried.start is None:
            self.carried.start = self.reaching.by_hand(frame, self.carried.by)

    def _spot_of(self, number: int) -> int | None:
        return FIRST_LAID + self.order.index(number) if number in self.order else None

    def _take(self, name: str) -> None:
        """From the shelf; who carried one like it has put it back, and another has given way."""
        held = self.carried
        if held.number is not None:
            self.placed.put_back(held.number)
            self._stepped()
        if held.name == name:
            self._let_go()
        else:
            self._take_up(_Carried(name, None, self.reaching.began), shelf_place(name))

    def _use(self, tool: str) -> None:
        place = shelf_place(tool)
        if tool == self.carried.name:
            self._let_go()
        elif tool in (*PAINTS, CLEAR):
            self._take_up(_Carried(tool, None, self.reaching.began), place)
            return
        elif tool in (BACK, AGAIN):
            self._let_go()
            if self.placed.undo() if tool == BACK else self.placed.redo():
                self._stepped()
        else:
            self._let_go()
            self._keep()
        self._sound("chime" if tool == KEEP else "acknowledge", place, -14.0)

    def _take_up(self, carried: _Carried, place: Vec3) -> None:
        self.carried = carried
        if carried.number is not None:
            carried.at = bay_of(place)
        self._sound("acknowledge", place, -14.0)
        self._arrange()

    def _let_go(self) -> None:
        self.carried = _Carried()
        self._arrange()

    def _keep(self) -> None:
        if self.placed.things or self.placed.paint or any(self.told):
            self.placed.work.finish()
            self.kept = True
            self._remember()

    def _stepped(self) -> None:
        self.steps += 1
        self._arrange()
        self._remember()

    def _sound(self, cue: str, place: Vec3, gain_db: float) -> None:
        self.stage.sound.gesture()
        self.stage.sound.play(cue, position=place, gain_db=gain_db, once=True, seed=self.steps % 7)

    # --- laying

    def _carry(self, frame: Frame, settings: TriptychSettings, passed: float) -> None:
        carried, reaching = self.carried, self.reaching
        side = reaching.began or self._dropped(frame)
        if side is not None:
            there = reaching.by_hand(frame, side)
            if there is not None:
                self._lay(there, settings, _roll(_hand_turn(frame, side)), side)
                return
        if reaching.at is None:
            carried.anchor, carried.rested = None, 0.0
            return
        at, by = reaching.at
        seconds = FOLLOW_SECONDS if by == "gaze" else HAND_SECONDS
        carried.at = _toward(carried.at, at, 1.0 - exp(-passed / seconds))
        if carried.anchor is None or _apart(carried.anchor, at) > ANCHOR:
            carried.anchor, carried.rested = at, 0.0
        carried.rested += passed
        self._dirty = True
        if carried.rested >= settings.dwell and carried.by is None:
            turn = frame.inputs.head.orientation if by == "gaze" else _hand_turn(frame, by)
            self._lay(carried.at, settings, _roll(turn), None)

    def _dropped(self, frame: Frame) -> Side | None:
        """The hand that took it up lets go somewhere else: it was drawn there."""
        carried, by = self.carried, self.reaching.ended
        if by is None or by != carried.by:
            return None
        carried.by = None
        there = self.reaching.by_hand(frame, by)
        moved = there is not None and (carried.start is None or _apart(carried.start, there) > ANCHOR)
        return by if moved else None

    def _lay(self, at: Hit, settings: TriptychSettings, roll: float, side: Side | None) -> None:
        carried = self.carried
        if carried.name == CLEAR:
            if self.placed.clear(lambda place: bay_of(place).bay == at.bay):
                self._sound("stone", place_of(at), -16.0)
            self._let_go()
            self._stepped()
            return
        size = settings.size if carried.number is None else self.placed.things[carried.number].size
        place = place_of(within(at, 0.75 * size), FACE + STACK * len(self.placed.things))
        if carried.number is None:
            number = self.placed.lay(carried.name, place, size, carried.turn + roll)
        else:
            number = self.placed.move(carried.number, place, carried.turn + roll)
        self.carried = _Carried()
        if number is not None:
            self.fresh = number
            self.grown[number], self.lowered[number] = 1.0 if carried.at is not None else 0.0, HOVER
            self._sound("stone", place, -11.0)
            if side is not None:
                self.stage.haptics.pulse(side, 0.15, 0.05)
        self._stepped()

    # --- paint

    def _draw_on(self, frame: Frame, settings: TriptychSettings, passed: float) -> None:
        reaching, carried = self.reaching, self.carried
        if self.drawing is not None:
            self._go_on_drawing(frame, settings, passed)
            return
        if reaching.began is not None:
            there = reaching.by_hand(frame, reaching.began)
            if there is not None:
                self._begin_drawing(there, reaching.began)
            return
        if frame.inputs.left is None and frame.inputs.right is None and self._rests(settings, passed):
            assert carried.at is not None
            self._begin_drawing(carried.at, None)
            carried.anchor, carried.rested = None, 0.0

    def _rests(self, settings: TriptychSettings, passed: float) -> bool:
        """Whether a gaze has rested in one place of a cloth; for who has no hand to use."""
        carried, reaching = self.carried, self.reaching
        if reaching.at is None:
            carried.anchor, carried.rested, carried.at = None, 0.0, None
            return False
        at = reaching.at.at
        carried.at = _toward(carried.at, at, 1.0 - exp(-passed / FOLLOW_SECONDS))
        if carried.anchor is None or _apart(carried.anchor, at) > 0.3 * ANCHOR:
            carried.anchor, carried.rested = at, 0.0
        carried.rested += passed
        return carried.rested >= settings.dwell

    def _begin_drawing(self, at: Hit, side: Side | None) -> None:
        tool = self.carried.name
        if not self.paint.begin(tool):
            return
        number = self.placed.work.begin(BRUSHES[tool], colour_of(tool))
        if number is None:
            self.paint.end()
            return
        self.carried.at = at
        self.drawing = number, side, []

    def _go_on_drawing(self, frame: Frame, settings: TriptychSettings, passed: float) -> None:
        assert self.drawing is not None
        _, side, points = self.drawing
        at = self.reaching.at.at if side is None and self.reaching.at is not None else None
        hand = None
        if side is not None:
            hand = frame.inputs.right if side == "right" else frame.inputs.left
            at = self.reaching.by_hand(frame, side) if self.reaching.pressed[side] else None
        last = self.carried.at
        if at is None or (last is not None and (last.bay != at.bay or _apart(last, at) > JUMP)):
            self._end_drawing()
            return
        if side is None and self._rests(settings, passed) and len(points) > 4:
            self.carried.anchor = None
            self._end_drawing()
            return
        if side is not None:
            self.carried.at = _toward(last, at, 1.0 - exp(-passed / HAND_SECONDS))
        assert self.carried.at is not None
        place = place_of(within(self.carried.at, HEM), PAINT_AT)
        if points and dist(place, points[-1][:3]) < SPACING:
            return
        radius = radius_of(self.carried.name, GAZE_PRESSURE if hand is None else hand.select)
        if self.placed.work.append(place, radius) and self.paint.append(place, radius):
            points.append((*place, radius))

    def _end_drawing(self) -> None:
        assert self.drawing is not None
        number, _, points = self.drawing
        self.drawing = None
        self.paint.end()
        stroke = Stroke(
            BRUSHES[self.carried.name], colour_of(self.carried.name), np.array(points, np.float32).reshape(-1, 4)
        )
        self.placed.drawn(number, stroke)
        self.carried.at = None
        self._stepped()

    # --- what is seen

    def _tools_come(self, frame: Frame, settings: TriptychSettings, passed: float) -> None:
        """One by one as something is made, or in time; what has come stays."""
        made, time = len(self.placed.things) + len(self.placed.paint), frame.scene_time
        everything = settings.tools == "all"
        paint = settings.tools != "things_only"
        wait = {"ink": 0.0, "chalk": 6.0, "light": 12.0}
        changed = False
        for n, tool in enumerate(TOOLS):
            if tool in PAINTS:
                due = paint and (everything or made >= 2 or time > 100.0)
            else:
                due = everything or made + self.steps >= {BACK: 1, AGAIN: 1, CLEAR: 4, KEEP: 3}[tool]
            self.since[n] = self.since[n] + passed if due else 0.0
            come = (self.come[n] or self.since[n] >= (0.0 if everything else wait.get(tool, 0.5))) and (
                paint or tool not in PAINTS
            )
            if (come and due) or self.come[n]:
                changed = changed or not self.come[n]
                self.come[n] = come
            self.seen[n] += min(max(float(self.come[n]) - self.seen[n], -passed / COME_SECONDS), passed / COME_SECONDS)
        if changed:
            self._arrange()

    def _read_words(self, passed: float) -> None:
        """The therapist types them; they are kept with the work, word for word."""
        assert self.comfort is not None
        for bay, name in enumerate(BAYS):
            plate = self.words[bay][self.comfort.large_text]
            if plate.words != self.told[bay]:
                self.told[bay], self.opacity[bay] = plate.words, 0.0
                self.placed.work.put(name, plate.words.encode())
                self._remember()
            self.opacity[bay] = min(self.opacity[bay] + passed / WORDS_SECONDS, 1.0)

    def _settle(self, settings: TriptychSettings, passed: float) -> None:
        """All that moves by itself: things down on their cloth, warmth, labels, the template."""
        for n in range(FIRST_LAID):
            self.warm[n] = 0.8 * smooth(self.attention.warmth[n])
        held = self.carried.name
        if held:
            n = (*THINGS, *TOOLS).index(held)
            self.warm[n] = max(self.warm[n], 0.75)
        there = self.reaching.at.at.bay if held and self.reaching.at is not None else -1
        for bay in range(3):
            self.rested[bay] += min(max(float(bay == there) - self.rested[bay], -passed / 1.5), passed / 1.5)
        wanted = float(settings.template == "on")
        self.template += (
            min(max(wanted - self.template, -passed / 2.0), passed / 2.0) if passed else wanted - self.template
        )
        if self.placed.painted != self.shown_paint and self.drawing is None:
            self.shown_paint = self.placed.painted
            self.paint.show(self.placed.paint)
        self._label(passed)
        self._grow(passed)
        if self._dirty or any(self.attention.warmth[FIRST_LAID:]):
            self._dirty = False
            self.bays.lay(self._laid())

    def _label(self, passed: float) -> None:
        at = self.attention.at
        named = at is not None and at < FIRST_LAID and self.attention.warmth[at] > FROM_WARMTH
        if named and self.labelled == 0.0 and at is not None:
            self.label = at
        aim = float(named and at == self.label)
        self.labelled += min(max(aim - self.labelled, -passed / 0.5), passed / FADE_SECONDS)

    def _grow(self, passed: float) -> None:
        """Things that come and go do so slowly."""
        for number, share in self.grown.items():
            aim = float(number in self.placed.things)
            if share != aim:
                self.grown[number] = share + min(max(aim - share, -passed / GROW_SECONDS), passed / GROW_SECONDS)
                self._dirty = True
        for number, high in self.lowered.items():
            if high > 0.0:
                self.lowered[number] = max(high - HOVER * passed / SETTLE_SECONDS, 0.0)
                self._dirty = True
        for number, thing in self.placed.things.items():
            if number not in self.grown:
                self.grown[number] = 1.0 if self.steps == 0 else 0.0
                self._dirty = True
            self.leaving[number] = thing.name, Laid(thing.place, thing.size, thing.turn)
        for number in [n for n, share in self.grown.items() if share == 0.0 and n not in self.placed.things]:
            del self.grown[number]
            self.leaving.pop(number, None)
            self.lowered.pop(number, None)

    def _laid(self) -> list[tuple[str, Laid]]:
        """What is seen in the bays, and what is carried before them."""
        made: list[tuple[str, Laid]] = []
        carried = self.carried
        for number, share in self.grown.items():
            if number == carried.number or number not in self.leaving:
                continue
            name, laid = self.leaving[number]
            spot = self._spot_of(number)
            warm = 0.0 if spot is None else 0.5 * self.attention.warmth[spot]
            place = _before(laid.place, HOVER * smooth(self.lowered.get(number, 0.0) / HOVER))
            made.append((name, Laid(place, laid.size * max(smooth(share), 0.01), laid.turn, warm)))
        if carried.name in THINGS and carried.at is not None:
            size = 0.10 if carried.number is None else self.placed.things[carried.number].size
            place = place_of(within(carried.at, 0.75 * size), FACE + HOVER)
            made.append((carried.name, Laid(place, size, carried.turn, 0.35)))
        return made[:MOST]

    def draw(self, frame: Frame, out: Pass) -> None:
        before, now, after = (smooth(each) for each in self.rested)
        bright = before, now, after, smooth(self.template)
        self.outdoors.begin(out)
        made = frame.veil < 1.0
        self.bays.draw(out, self.lift, self.low_lift, self.warm, self.seen, bright, made)
        if made:
            self.paint.draw(out, self.lift)
        self.outdoors.draw(frame, out)
        self.bays.draw_shade(out, self.lift)
        self._draw_words(frame, out, made)
        self.bays.draw_veil(out, self.lift, frame.veil)

    def _draw_words(self, frame: Frame, out: Pass, made: bool) -> None:
        large = frame.comfort.large_text
        for bay in range(3):
            at = bay_pose(bay, self.lift)
            plate = self.words[bay][large]
            if made and plate.size[1] > 0.0:
                up = -HALF_HIGH + 0.035 + 0.5 * plate.size[1]
                out.text(plate, _on(at, up, 0.10), self.opacity[bay] * (1.0 - frame.veil))
            if self.template > 0.0:
                out.text(self.headings[bay][large], _on(at, BEAM, 0.055), smooth(self.template))
        if self.labelled > 0.0:
            out.text(self.labels[self.label][large], self._label_pose(), smooth(self.labelled))

    def _label_pose(self) -> Pose:
        x, _, z = shelf_place((*THINGS, *TOOLS)[self.label])
        far, level = hypot(x, z), LABEL_AWAY * cos(LABEL_BELOW)
        place = x / far * level, 1.2 - LABEL_AWAY * sin(LABEL_BELOW) + self.low_lift, z / far * level
        return Pose.facing(place, asin(-x / far))

    # --- what stays

    def _remember(self) -> None:
        laid: dict[str, list[str]] = {bay: [] for bay in BAYS}
        for thing in self.placed.things.values():
            laid[BAYS[bay_of(thing.place).bay]].append(thing.name)
        self.stage.memory.put("take_home", card(dict(zip(BAYS, self.told, strict=True)), laid))

    def leave(self) -> None:
        if self.drawing is not None:
            self._end_drawing()
        if self.placed.things or self.placed.paint or any(self.told):
            self._remember()


def _apart(a: Hit, b: Hit) -> float:
    return hypot(a.x - b.x, a.y - b.y) if a.bay == b.bay else 9.0


def _toward(now: Hit | None, to: Hit, share: float) -> Hit:
    if now is None or now.bay != to.bay:
        return to
    return Hit(to.bay, now.x + share * (to.x - now.x), now.y + share * (to.y - now.y))


def _before(place: Vec3, by: float) -> Vec3:
    """So much nearer to the seat, along its bay's own way out."""
    at = bay_of(place)
    (x, _, z), (ox, _, oz) = place_of(at, by), place_of(at, 0.0)
    return place[0] + x - ox, place[1], place[2] + z - oz


def _on(at: Pose, up: float, before: float) -> Pose:
    """A place of a bay, `up` from its middle and `before` its cloth."""
    (x, y, z), (_, s, _, c) = at
    return Pose((x + 2.0 * s * c * before, y + up, z + (c * c - s * s) * before), at.orientation)


def _hand_turn(frame: Frame, side: str) -> Quat:
    hand = frame.inputs.right if side == "right" else frame.inputs.left
    return (0.0, 0.0, 0.0, 1.0) if hand is None else (hand.aim or hand.grip).orientation


def _roll(turn: Quat) -> float:
    """Radians counter-clockwise by which a head or hand is tilted; a little is none."""
    x, y, z, w = turn
    level = 2.0 * (x * y + w * z)
    roll = asin(min(max(level, -1.0), 1.0)) if level == level else 0.0
    return roll - TILT if roll > TILT else roll + TILT if roll < -TILT else 0.0
