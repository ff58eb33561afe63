"""Before, now, next: three bays of linen on the beach, in which the patient lays small things, words and paint.

What a gaze, a hand's ray or a fingertip rests on is taken up, and laid where it rests next; it may be moved, put back,
undone. Nothing has to be made, and nothing is right or wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import asin, exp, hypot, radians
from typing import Annotated, Final

from scenes.making.bay_words import BayWords
from scenes.making.bench import NAMES, NOWHERE, Bench
from scenes.making.brushes import AirInks
from scenes.making.canvas import Canvas
from scenes.making.cloth_pen import ClothPen
from scenes.making.lying import Lying, carried
from scenes.making.nib import Side, hand_of
from scenes.making.placed import Placed
from scenes.making.reaching import Reaching
from scenes.making.taken_home import card
from scenes.valley.attention import Attention, Spot
from scenes.valley.outdoors import Outdoors, OutdoorSettings
from scenes.valley.place import SHORE
from scenes.valley.small_things import THINGS
from scenes.valley.three_bays import (
    AGAIN,
    BACK,
    BAYS,
    CLEAR,
    FACE,
    KEEP,
    MOST,
    PAINTS,
    Hit,
    ThreeBays,
    bay_of,
    bench_lift,
    hit,
    lift_of,
    place_of,
    shelf_place,
    within,
)  # fmt: skip
from scenes.valley.tide import smooth
from vr_app.api import Choice, Comfort, Frame, Kit, Pass, Pose, Quat, Range, Ray, Scene, SceneInfo, Stage, Vec3

WAVES: Final = 0.25  # depth: a quiet sea
GAZED: Final = 2.2  # times as long until a thing that lies in a bay is taken up: who looks at it may just look
ANCHOR: Final = 0.11  # metres on a cloth within which one rests
FOLLOW_SECONDS, HAND_SECONDS = 0.30, 0.07  # in which what is carried follows a gaze, and a hand
STACK: Final = 0.0016  # metres by which each thing lies before those laid earlier
BRIGHT_SECONDS, TEMPLATE_SECONDS = 1.5, 2.0  # in which a bay that is rested on lights up, and the template comes
TILT: Final = radians(7.0)  # of head or hand, from which on a thing turns
POINTS, STROKES = 60_000, 2_000  # of paint that is seen at once


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
        self.make_tools(kit)

    def make_tools(self, kit: Kit) -> None:
        """All but the beach and what stands there."""
        self.inks = AirInks(kit, POINTS, STROKES)
        self.canvas, self.words, self.bench = Canvas(self.inks), BayWords(kit), Bench(kit)

    def enter(self, stage: Stage) -> None:
        self.outdoors.enter(stage)
        self.stage = stage
        work = stage.works.open()
        self.canvas.open(work)
        self.words.enter({bay: (work.get(bay) or b"").decode(errors="replace") for bay in BAYS})
        self.bench.enter()
        self.placed = Placed(self.canvas, THINGS, MOST)
        self.lying = Lying()
        self.carried = _Carried()
        self.fresh: int | None = None  # a thing that was laid and is still looked at
        self.reaching: Reaching[Hit] = Reaching(self._hit)
        self.pen = ClothPen(self.canvas, self.reaching, stage)
        self.attention = Attention([NOWHERE] * (len(NAMES) + MOST))
        self.comfort: Comfort | None = None
        self.lift = self.low_lift = 0.0
        self.time: float | None = None
        self.rested = [0.0] * 3  # of each bay
        self.template = 0.0
        self.order: list[int] = []  # numbers of what lies there, by spot
        self.steps = 0
        self._dirty = True

    def _hit(self, ray: Ray) -> Hit | None:
        return hit(ray, self.lift)

    # --- a frame

    def update(self, frame: Frame) -> None:
        settings: TriptychSettings = frame.settings
        passed = 0.0 if self.time is None else min(max(frame.time - self.time, 0.0), 0.1)
        self.time = frame.time
        if frame.comfort is not self.comfort:
            self.comfort = frame.comfort  # as high as this posture looks
            self.lift, self.low_lift = lift_of(frame.comfort.raised), bench_lift(frame.comfort.raised)
            self._arrange()
        self.outdoors.update(frame, settings, depth=WAVES)
        self.canvas.load()
        making = replace(frame, quiet=False, dt=passed) if frame.quiet else frame  # one may go on making
        self.reaching.update(making, passed)
        held = self.carried
        self._attend(making, settings)
        if self.pen.update(making, self.carried.name if held is self.carried else "", settings.dwell, passed):
            self._stepped()
        if held is self.carried and held.name and held.name not in PAINTS:
            self._carry(making, settings, passed)
        if self.bench.update(settings.tools, self.canvas.count, self.steps, frame.scene_time, passed):
            self._arrange()
        for bay in self.words.update(frame.comfort, passed):  # the therapist types them; they are kept word for word
            self.canvas.work.put(bay, self.words.told[bay].encode())
            self._remember()
        self._settle(settings, passed)

    def _arrange(self) -> None:
        """What can be rested on, where it is."""
        spots = self.attention.spots
        spots[: len(NAMES)] = self.bench.spots(self.low_lift)
        self.order = list(self.placed.things)
        spots[len(NAMES) :] = [NOWHERE] * MOST
        if not self.carried.name:
            for k, thing in enumerate(self.placed.things.values(), len(NAMES)):
                x, y, z = thing.place
                spots[k] = Spot((x, y + self.lift, z), 0.7 * thing.size)
        self._dirty = True

    # --- taking up

    def _attend(self, frame: Frame, settings: TriptychSettings) -> None:
        attention = self.attention
        slow = attention.at is not None and attention.at >= len(NAMES)
        attention.seconds = settings.dwell * (GAZED if slow else 1.0)
        taken = attention.update(frame)
        fresh = self.fresh is not None and self._spot_of(self.fresh) == attention.at
        if not fresh and taken is None:
            self.fresh = None
        if taken is None or self.pen.drawing or (fresh and self.reaching.began is None):
            return
        if taken < len(THINGS):
            self._take(THINGS[taken])
        elif taken < len(NAMES):
            self._use(NAMES[taken])
        else:
            number = self.order[taken - len(NAMES)]
            thing = self.placed.things[number]
            self._take_up(_Carried(thing.name, number, self.reaching.began, thing.turn), thing.place)
        if self.carried.by is not None and self.carried.start is None:
            self.carried.start = self.reaching.by_hand(frame, self.carried.by)

    def _spot_of(self, number: int) -> int | None:
        return len(NAMES) + self.order.index(number) if number in self.order else None

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
        if self._made():
            self.canvas.work.finish()
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
        held = self.carried
        if held.name == CLEAR:
            if self.placed.clear(lambda place: bay_of(place).bay == at.bay):
                self._sound("stone", place_of(at), -16.0)
            self._let_go()
            self._stepped()
            return
        size = settings.size if held.number is None else self.placed.things[held.number].size
        place = place_of(within(at, 0.75 * size), FACE + STACK * len(self.placed.things))
        if held.number is None:
            number = self.placed.lay(held.name, place, size, held.turn + roll)
        else:
            number = self.placed.move(held.number, place, held.turn + roll)
        self.carried = _Carried()
        if number is not None:
            self.fresh = number
            self.lying.laid(number, carried=held.at is not None)
            self._sound("stone", place, -11.0)
            if side is not None:
                self.stage.haptics.pulse(side, 0.15, 0.05)
        self._stepped()

    # --- what is seen

    def _settle(self, settings: TriptychSettings, passed: float) -> None:
        """All that moves by itself: things down on their cloth, warmth, names, the template."""
        held = self.carried
        self.bench.warm(self.attention, held.name, passed)
        there = self.reaching.at.at.bay if held.name and self.reaching.at is not None else -1
        step = passed / BRIGHT_SECONDS
        for bay in range(3):
            self.rested[bay] += min(max(float(bay == there) - self.rested[bay], -step), step)
        wanted, step = float(settings.template == "on"), passed / TEMPLATE_SECONDS if passed else 1.0
        self.template += min(max(wanted - self.template, -step), step)
        moves = self.lying.update(self.placed.things, passed, there=self.steps == 0)
        if moves or self._dirty or any(self.attention.warmth[len(NAMES) :]):
            self._dirty = False
            seen = list(self.lying.seen(held.number, self._warmth))
            if held.name in THINGS and held.at is not None:
                size = settings.size if held.number is None else self.placed.things[held.number].size
                seen.append((held.name, carried(held.at, size, held.turn)))
            self.bays.things.lay(seen)

    def _warmth(self, number: int) -> float:
        spot = self._spot_of(number)
        return 0.0 if spot is None else self.attention.warmth[spot]

    def draw(self, frame: Frame, out: Pass) -> None:
        before, now, after = (smooth(each) for each in self.rested)
        bright = before, now, after, smooth(self.template)
        self.outdoors.begin(out)
        made = frame.veil < 1.0
        self.bays.draw(out, self.lift, self.low_lift, self.bench.warmth, self.bench.seen, bright, made)
        self.outdoors.draw(frame, out)
        self.bays.draw_shade(out, self.lift)
        self.inks.draw(out, frame, Pose((0.0, self.lift, 0.0)))
        self.words.draw(out, frame.comfort, self.lift, self.template, frame.veil)
        self.bench.draw(out, frame.comfort, self.low_lift)
        self.bays.draw_veil(out, self.lift, frame.veil)

    # --- what stays

    def _made(self) -> bool:
        return bool(self.canvas.count or self.placed.things or any(self.words.told.values()))

    def _remember(self) -> None:
        laid: dict[str, list[str]] = {bay: [] for bay in BAYS}
        for thing in self.placed.things.values():
            laid[BAYS[bay_of(thing.place).bay]].append(thing.name)
        self.stage.memory.put("take_home", card(self.words.told, laid))

    def leave(self) -> None:
        self.canvas.end()
        if self._made():
            self._remember()


def _apart(a: Hit, b: Hit) -> float:
    return hypot(a.x - b.x, a.y - b.y) if a.bay == b.bay else 9.0


def _toward(now: Hit | None, to: Hit, share: float) -> Hit:
    if now is None or now.bay != to.bay:
        return to
    return Hit(to.bay, now.x + share * (to.x - now.x), now.y + share * (to.y - now.y))


def _hand_turn(frame: Frame, side: Side) -> Quat:
    hand = hand_of(frame, side)
    return (0.0, 0.0, 0.0, 1.0) if hand is None else (hand.aim or hand.grip).orientation


def _roll(turn: Quat) -> float:
    """Radians counter-clockwise by which a head or hand is tilted; a little is none."""
    x, y, z, w = turn
    level = 2.0 * (x * y + w * z)
    roll = asin(min(max(level, -1.0), 1.0)) if level == level else 0.0
    return roll - TILT if roll > TILT else roll + TILT if roll < -TILT else 0.0
