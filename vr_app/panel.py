"""Words in the headset that ask: a label, a choice or a scale from 0 to 10, answered by gaze, ray or touch.

Everything stands `distance` metres from where the eyes rest and faces them. Radians and seconds; an elevation is an
angle above where this posture looks. Positions on a panel are metres from its centre, +y up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, hypot, isfinite, radians, tan
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from vr_app import limits
from vr_app.api import Comfort, Hand, Inputs, Material, Mesh, Pass, Pose, Vec3
from vr_app.commands import Ask
from vr_app.placement import RAISED_MOST, about_x, about_y, product, rotated, sound

if TYPE_CHECKING:
    from vr_app.render.text import Block, Sheet

DISTANCE = 1.8  # metres
NEAR_DISTANCE = 1.35  # where words stand high: below a room's ceiling
REGULAR, LARGE = radians(0.65), radians(1.0)  # height of capitals; seen aslant at a panel's corner still 0.5 degrees
WIDEST = radians(38.0)  # what the eyes sweep without the head
LINE = 44.0  # capital heights: some fifty characters, what is read without losing the next line
TALLEST = radians(34.0)
MARGIN = 2.1  # of a plate about its content, in capital heights
RESTING = radians(-3.5)  # elevation of a label's middle; what can be chosen begins here, below where the eyes rest
LOWEST = radians(-27.0)  # where a panel ends, if it can
RING = radians(2.2)  # radius of the ring for what is held
CHARACTERS = 140  # of the words that ask; an option has 60 at most by its command
QUADS = CHARACTERS + 5 * 60 + 32

DWELL_SECONDS = 1.2  # until what is looked at or touched is chosen
DRAIN_SECONDS = 0.4  # in which a full ring empties when looked away from
COOL_SECONDS = 1.0  # after a choice nothing is chosen by dwelling
FADE_IN_SECONDS, FADE_OUT_SECONDS = 1.0, 0.5
EASE_SECONDS = 0.15  # of a light that answers
PRESS, RELEASE = 0.5, 0.3  # of Hand.select
KEEP = 0.3  # of its size by which a target grows while it is dwelt on: jitter at its edge changes nothing
REACH = (0.25, 1.0)  # metres from the eyes at which a fingertip touches
INDEX_TIP = 10  # XR_HAND_JOINT_INDEX_TIP_EXT

Box = tuple[float, float, float, float]  # left, bottom, right, top
Point = tuple[float, float]


class Board(Protocol):
    """Room for words, plates and rings in one draw, written anew whenever it is to show something else."""

    @property
    def mesh(self) -> Mesh: ...
    @property
    def material(self) -> Material: ...
    def sheet(self) -> Sheet: ...
    def show(self, sheet: Sheet) -> None: ...


class BoardKit(Protocol):
    """What panels ask of a kit."""

    def board(self, quads: int) -> Board: ...


class Sizes(NamedTuple):
    """Of words, in metres."""

    distance: float
    capital: float
    line: float  # width of the longest line
    width: float  # of a plate's widest content; margins come on top


def sizes(comfort: Comfort) -> Sizes:
    """What suits these eyes and this posture."""
    distance = NEAR_DISTANCE if comfort.raised > RAISED_MOST else DISTANCE
    capital = _metres(LARGE if comfort.large_text else REGULAR, distance)
    width = _metres(WIDEST, distance) - 2 * MARGIN * capital
    return Sizes(distance, capital, min(LINE * capital, width), width)


def before(eyes: Pose, comfort: Comfort, elevation: float, aside: float = 0.0, distance: float | None = None) -> Pose:
    """Facing the eyes: `aside` from where this posture looks, to the side of the hand in use, and `elevation` above.

    Both are angles as the patient sees them, upright or lying; `distance` in metres, as of words if not given.
    """
    _, y, _, w = eyes.orientation
    rest = product(about_y(2.0 * atan2(y, w)), about_x(comfort.raised))
    turn = product(rest, product(about_y(aside if comfort.hand == "left" else -aside), about_x(elevation)))
    x, y, z = rotated(turn, (0.0, 0.0, -(distance or sizes(comfort).distance)))
    px, py, pz = eyes.position
    return Pose((px + x, py + y, pz + z), turn)


# --- Layout ------------------------------------------------------------------------------------------------------


class Target(NamedTuple):
    """What can be chosen."""

    answer: str
    gaze: Box  # where a look that stays chooses it: its ring, so that reading chooses nothing
    hand: Box  # where a ray or a fingertip does


class Layout(NamedTuple):
    """A sheet, how high what stands on its plate is, and its targets; target k follows the state of part k + 1."""

    sheet: Sheet
    height: float
    targets: tuple[Target, ...]


def lay_out(ask: Ask, comfort: Comfort, sheet: Sheet) -> Layout:
    """Fill the sheet. Raises ValueError saying why these words cannot be asked."""
    if len(ask.words) > CHARACTERS:
        raise ValueError(f"the words have {len(ask.words)} characters, there is room for {CHARACTERS}; shorten them")
    size = sizes(comfort)
    words = sheet.block(ask.words, size.capital, size.line)
    match ask.kind:
        case "label":
            if ask.options:
                raise ValueError("a label has nothing to choose; ask for a choice or leave the options out")
            layout = _label(sheet, words)
        case "choice":
            if not 2 <= len(ask.options) <= 5:
                raise ValueError(f"a choice has 2 to 5 options, not {len(ask.options)}")
            if len(set(ask.options)) < len(ask.options):
                raise ValueError("two options have the same words; make them differ")
            layout = _choice(sheet, words, ask.options, size, comfort.hand)
        case "scale":
            if len(ask.options) not in (0, 2):
                raise ValueError(f"a scale names both its ends or none, not {len(ask.options)}")
            layout = _scale(sheet, words, ask.options, size)
    if layout.height > _metres(TALLEST, size.distance):
        raise ValueError("these words are too long to be seen at once; shorten them")
    return layout


def _plate(sheet: Sheet, half_width: float, height: float, capital: float) -> None:
    """As wide and high as its content, and a margin."""
    half = half_width + MARGIN * capital, height / 2 + MARGIN * capital
    sheet.plate((-half[0], -half[1], half[0], half[1]), 1.7 * capital, 0.6 * capital)


def _label(sheet: Sheet, words: Block) -> Layout:
    _plate(sheet, words.width / 2, words.height, words.capital)
    sheet.words(words, (0.0, 0.0))
    return Layout(sheet, words.height, ())


def _choice(sheet: Sheet, words: Block, options: Sequence[str], size: Sizes, hand: Literal["left", "right"]) -> Layout:
    """The question, and under it one pill an option with its ring on the side of the hand in use."""
    h = size.capital
    ring = 1.05 * h
    beside = 4.8 * h  # room for the ring in a pill: of its length
    blocks = [sheet.block(option, h, size.line - beside - 1.4 * h) for option in options]
    half = max(words.width / 2, (max(block.width for block in blocks) + beside + 1.4 * h) / 2)
    heights = [block.height + 2.2 * h for block in blocks]
    gap, above = 0.55 * h, 1.9 * h
    total = words.height + above + sum(heights) + gap * (len(blocks) - 1)
    _plate(sheet, half, total, h)
    y = total / 2
    sheet.words(words, (0.0, y - words.height / 2))
    y -= words.height + above
    targets = []
    towards = 1.0 if hand == "right" else -1.0
    for part, (option, block, height) in enumerate(zip(options, blocks, heights, strict=True), start=1):
        box = -half, y - height, half, y
        centre = y - height / 2
        at = towards * (half - 2.0 * h), centre
        sheet.pill(box, min(height / 2, 1.6 * h), part)
        sheet.ring(at, ring, 0.18 * h, part=part, dot=0.52 * ring)
        sheet.words(block, (-half + (1.6 if hand == "right" else 4.2) * h, centre), part=part, align="left")
        reach = height / 2 + gap / 2
        gaze = at[0] - 2.6 * h, centre - reach, at[0] + 2.6 * h, centre + reach
        targets.append(Target(option, gaze, (box[0], box[1] - gap / 2, box[2], box[3] + gap / 2)))
        y -= height + gap
    return Layout(sheet, total, tuple(targets))


def _scale(sheet: Sheet, words: Block, ends: Sequence[str], size: Sizes) -> Layout:
    """The question, a row of numbers in rings, and the names of its ends below."""
    h = size.capital
    numbers = [str(number) for number in range(limits.RATING_LOW, limits.RATING_HIGH + 1)]
    pitch = min(4.4 * h, size.width / len(numbers))
    ring = 0.41 * pitch
    blocks = [sheet.block(end, h, 4.6 * pitch) for end in ends]
    half = max(words.width / 2, pitch * len(numbers) / 2)
    above, below = 2.2 * h, 1.5 * h
    named = below + max(block.height for block in blocks) if blocks else 0.0
    total = words.height + above + 2 * ring + named
    _plate(sheet, half, total, h)
    y = total / 2
    sheet.words(words, (0.0, y - words.height / 2))
    y -= words.height + above + ring
    targets = []
    for part, number in enumerate(numbers, start=1):
        at = (part - 1 - (len(numbers) - 1) / 2) * pitch, y
        sheet.ring(at, ring, 0.13 * h, part=part, dot=ring)
        sheet.words(sheet.block(number, h, pitch), at, part=part, on_disc=True)
        box = at[0] - pitch / 2, y - 1.5 * ring, at[0] + pitch / 2, y + 1.5 * ring
        targets.append(Target(number, box, box))
    y -= ring + below
    edge = pitch * (len(numbers) - 1) / 2 + ring
    sides: tuple[Literal["left", "right"], ...] = "left", "right"
    for block, side in zip(blocks, sides, strict=False):
        sheet.words(block, (-edge if side == "left" else edge, y - block.height / 2), align=side)
    return Layout(sheet, total, tuple(targets))


# --- Choosing ----------------------------------------------------------------------------------------------------


class Pointer(NamedTuple):
    """What one hand does on the panel: where its ray meets it, where its fingertip covers it, how far it is pressed."""

    ray: Point | None
    touch: Point | None
    select: float


class Chooser:
    """Which target is chosen, and how each one looks; knows nothing of poses."""

    def __init__(self, targets: Sequence[Target]) -> None:
        self.targets = targets
        self.chosen: int | None = None
        self.filled = [0.0] * len(targets)  # of each ring; 1 is chosen
        self.glow = [0.0] * len(targets)  # seen to be chosen
        self.lit = [0.0] * len(targets)  # pointed at
        self._dwelt: int | None = None
        self._spent: int | None = None  # must be left before it counts: it was under the gaze by chance
        self._cool = 0.0
        self._new = True
        self._held = [True, True]  # a hand that comes pressed chooses nothing until it lets go

    def update(self, dt: float, gaze: Point | None, hands: Sequence[Pointer | None]) -> int | None:
        """What is chosen in this frame, if anything. `hands`: the one in use first; None for one that is lost."""
        dwelt = self._dwelling(gaze, hands)
        if self._new:
            self._new, self._spent = False, dwelt
        if dwelt != self._spent:
            self._spent = None
        self._dwelt = dwelt
        chosen = self._pressed(hands)
        if chosen is None:
            chosen = self._dwelled(dt)
        self._cool = max(self._cool - dt, 0.0)
        if chosen is not None:
            self.chosen, self._spent, self._cool = chosen, chosen, COOL_SECONDS
            self.filled[chosen] = 1.0
        self.glow = [_eased(glow, index == self.chosen, dt, EASE_SECONDS) for index, glow in enumerate(self.glow)]
        pointed = {dwelt, *(self._under(hand.ray, None) for hand in hands if hand)}
        self.lit = [_eased(lit, index in pointed, dt, EASE_SECONDS) for index, lit in enumerate(self.lit)]
        return chosen

    def take_over(self, before: Chooser) -> None:
        """The same targets, elsewhere: what was chosen stays so."""
        self.chosen, self.filled, self.glow = before.chosen, before.filled, before.glow

    def _dwelling(self, gaze: Point | None, hands: Sequence[Pointer | None]) -> int | None:
        """A touch comes before a look, the hand in use before the other."""
        for hand in hands:
            touched = self._under(hand.touch, self._dwelt) if hand else None
            if touched is not None:
                return touched
        return self._under(gaze, self._dwelt, by_gaze=True)

    def _dwelled(self, dt: float) -> int | None:
        """Fill the ring that is dwelt on, drain the others."""
        for index in range(len(self.targets)):
            if index == self.chosen:
                continue
            if index == self._dwelt and self._spent is None and self._cool <= 0.0:
                self.filled[index] = min(self.filled[index] + dt / DWELL_SECONDS, 1.0)
                if self.filled[index] >= 1.0:
                    return index
            else:
                self.filled[index] = max(self.filled[index] - dt / DRAIN_SECONDS, 0.0)
        return None

    def _pressed(self, hands: Sequence[Pointer | None]) -> int | None:
        chosen = None
        for index, hand in enumerate(hands):
            if hand is None:
                self._held[index] = True
            elif self._held[index]:
                self._held[index] = not hand.select < RELEASE
            elif hand.select > PRESS:
                self._held[index] = True
                chosen = self._under(hand.ray, None) if chosen is None else chosen
        return chosen

    def _under(self, point: Point | None, kept: int | None, *, by_gaze: bool = False) -> int | None:
        """The target at a point; `kept` reaches a little farther than the others."""
        if point is None:
            return None
        boxes = [target.gaze if by_gaze else target.hand for target in self.targets]
        if kept is not None and _inside(boxes[kept], point, KEEP):
            return kept
        return next((index for index, box in enumerate(boxes) if _inside(box, point, 0.0)), None)


# --- Panels ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Panel:
    """One question on its board."""

    ask: Ask
    comfort: Comfort
    board: Board
    height: float
    chooser: Chooser
    eyes: Pose | None = None  # where they rested when it was hung; None: not yet
    at: Pose = Pose()
    opacity: float = 0.0
    wanted: bool = True


class Panels:
    """One panel at a time. `answers` keeps what was chosen, by the panel's name, until it is asked anew."""

    def __init__(self, kit: BoardKit) -> None:
        self.answers: dict[str, str] = {}
        self.chose = False  # in the last update
        self._boards = kit.board(QUADS), kit.board(QUADS)  # one that fades out, one that comes
        self._shown: _Panel | None = None
        self._next: _Panel | None = None

    @property
    def showing(self) -> bool:
        """Whether a panel stands before the patient or is about to: captions wait."""
        return self._shown is not None

    def shows(self, name: str) -> bool:
        """Whether this panel stands before the patient or is about to, and nobody has taken it back."""
        panel = self._next or self._shown
        return panel is not None and panel.wanted and panel.ask.name == name

    def ask(self, command: Ask, comfort: Comfort) -> str | None:
        """Show a panel in place of the one there is. Says in one line why not; then nothing changes."""
        last = self._next or self._shown
        if last is not None and last.wanted and last.ask == command:
            return None
        try:
            coming = self._made(command, comfort)
        except ValueError as error:
            return str(error)
        self.answers.pop(command.name, None)
        self._bring(coming)
        return None

    def take_back(self, name: str) -> None:
        """Fade the panel out, if it is there; its answer stays."""
        if self._next is not None and self._next.ask.name == name:
            self._next = None
        if self._shown is not None and self._shown.ask.name == name:
            self._shown.wanted = False

    def update(self, dt: float, inputs: Inputs, comfort: Comfort, eyes: Pose) -> None:
        """Move on by `dt`. `eyes`: where they rest in the world, facing ahead; a panel hangs still until they are
        placed anew."""
        panel = self._shown
        self.chose = False
        if panel is None:
            return
        dt = min(max(dt, 0.0), 0.1) if isfinite(dt) else 0.0
        if panel.wanted and panel.comfort != comfort:
            self._refit(panel, comfort)
        if panel.eyes is None or _elsewhere(eyes, panel.eyes):
            _hang(panel, eyes)
        panel.opacity = _eased(panel.opacity, panel.wanted, dt, FADE_IN_SECONDS if panel.wanted else FADE_OUT_SECONDS)
        if panel.wanted and panel.opacity >= 1.0 and panel.chooser.targets:
            self._choose(panel, dt, inputs, comfort)
        if panel.opacity <= 0.0 and not panel.wanted:
            self._shown, self._next = self._next, None

    def place_of(self, answer: str) -> Vec3 | None:
        """Where in the world a look chooses this answer, as the panel hangs now; for a scripted patient."""
        panel = self._shown
        for target in panel.chooser.targets if panel else ():
            if panel and target.answer == answer:
                left, bottom, right, top = target.gaze
                x, y, z = rotated(panel.at.orientation, ((left + right) / 2, (bottom + top) / 2, 0.0))
                px, py, pz = panel.at.position
                return px + x, py + y, pz + z
        return None

    def draw(self, out: Pass, opacity: float) -> None:
        """One draw; `opacity` comes on top of the panel's own fading."""
        panel = self._shown
        if panel is None or panel.opacity * opacity <= 0.0:
            return
        chooser, states = panel.chooser, list(_STILL)
        for index, look in enumerate(zip(chooser.filled, chooser.glow, chooser.lit, strict=True), start=1):
            states[4 * index : 4 * index + 3] = look
        out.draw(panel.board.mesh, panel.board.material, panel.at, opacity=panel.opacity * opacity, states=states)

    def _choose(self, panel: _Panel, dt: float, inputs: Inputs, comfort: Comfort) -> None:
        head = inputs.head if inputs.head_tracked and sound(inputs.head) else None
        gaze = _met(panel.at, head.position, rotated(head.orientation, _AHEAD)) if head else None
        hands = [inputs.right, inputs.left] if comfort.hand == "right" else [inputs.left, inputs.right]
        chosen = panel.chooser.update(dt, gaze, [_pointer(panel.at, head, hand) for hand in hands])
        if chosen is not None:
            self.chose = True
            self.answers[panel.ask.name] = panel.chooser.targets[chosen].answer

    def _made(self, command: Ask, comfort: Comfort) -> _Panel:
        """On the board that nothing is shown on. Raises ValueError."""
        board = self._boards[self._shown is not None and self._shown.board is self._boards[0]]
        layout = lay_out(command, comfort, board.sheet())
        board.show(layout.sheet)
        return _Panel(command, comfort, board, layout.height, Chooser(layout.targets))

    def _bring(self, coming: _Panel) -> None:
        if self._shown is None:
            self._shown = coming
        else:
            self._shown.wanted, self._next = False, coming

    def _refit(self, panel: _Panel, comfort: Comfort) -> None:
        """The same question to the patient's new comfort, through a fade; words too long for it stay as they are."""
        panel.comfort = comfort
        panel.eyes = None
        try:
            coming = self._made(panel.ask, comfort)
        except ValueError:
            return
        coming.chooser.take_over(panel.chooser)
        self._bring(coming)


class Ring:
    """A ring that fills, for what the patient holds until it is done."""

    def __init__(self, kit: BoardKit) -> None:
        self._board = kit.board(1)
        radius = _metres(RING, DISTANCE)
        sheet = self._board.sheet()
        sheet.ring((0.0, 0.0), radius, 0.13 * radius, shade=True)
        self._board.show(sheet)

    def draw(self, out: Pass, progress: float, at: Pose, opacity: float) -> None:
        """One draw, or none while it is invisible; `progress` in 0..1."""
        _draw_filled(out, self._board, progress, at, opacity)


class StopMark:
    """The patient's stop for the gaze: words in a ring that fills while they are looked at.

    `metres`: from the eyes.
    """

    def __init__(self, kit: BoardKit, metres: float, words: str = "Stop") -> None:
        self._boards = [_stop_board(kit, words, _metres(size, metres)) for size in (REGULAR, LARGE)]

    def draw(self, out: Pass, progress: float, at: Pose, opacity: float, *, large: bool = False) -> None:
        """One draw, or none while it is invisible; `progress` in 0..1."""
        _draw_filled(out, self._boards[large], progress, at, opacity)


def _draw_filled(out: Pass, board: Board, progress: float, at: Pose, opacity: float) -> None:
    if opacity > 0.0:
        out.draw(
            board.mesh, board.material, at, opacity=opacity, states=(progress, *_STILL[1:]) if progress else _STILL
        )


def _stop_board(kit: BoardKit, words: str, height: float) -> Board:
    board = kit.board(len(words) + 2)
    sheet = board.sheet()
    block = sheet.block(words, height, 8 * height)
    radius = hypot(block.width / 2, block.height / 2) + 1.0 * height
    reach = radius + 0.9 * height
    sheet.plate((-reach, -reach, reach, reach), reach, 0.9 * height)
    sheet.ring((0.0, 0.0), radius, 0.15 * height)
    sheet.words(block, (0.0, 0.0))
    board.show(sheet)
    return board


# --- Geometry ----------------------------------------------------------------------------------------------------


def _hang(panel: _Panel, eyes: Pose) -> None:
    """So low that nothing to be chosen is looked at by chance."""
    panel.eyes = eyes if sound(eyes) else Pose((0.0, 1.2, 0.0))
    metres = sizes(panel.comfort).distance
    top = max((target.hand[3] for target in panel.chooser.targets), default=0.0)
    panel.at = before(panel.eyes, panel.comfort, max(RESTING - top / metres, LOWEST + panel.height / 2 / metres))


def _elsewhere(eyes: Pose, was: Pose) -> bool:
    """Placed anew, not a head that leans."""
    if not sound(eyes):
        return False
    (ax, ay, az), (bx, by, bz) = eyes.position, was.position
    moved = (ax - bx) ** 2 + (ay - by) ** 2 + (az - bz) ** 2
    return moved > limits.TRACKING_JUMP_METRES**2


def _pointer(at: Pose, head: Pose | None, hand: Hand | None) -> Pointer | None:
    """What a hand does. It touches what its fingertip covers from where the head is (Pierce et al. 1997, "Image plane
    interaction techniques"): nothing to be touched stands near enough to be reached."""
    if hand is None:
        return None
    aim = hand.aim
    ray = _met(at, aim.position, rotated(aim.orientation, _AHEAD)) if aim and sound(aim) else None
    return Pointer(ray, _touched(at, head, hand), hand.select)


def _touched(at: Pose, head: Pose | None, hand: Hand) -> Point | None:
    if head is None or not sound(hand.grip):
        return None
    if hand.joints is not None:
        tip = float(hand.joints[INDEX_TIP, 0]), float(hand.joints[INDEX_TIP, 1]), float(hand.joints[INDEX_TIP, 2])
    elif hand.aim is None:
        tip = hand.grip.position
    else:
        return None
    (hx, hy, hz), (tx, ty, tz) = head.position, tip
    way = tx - hx, ty - hy, tz - hz
    reach = way[0] ** 2 + way[1] ** 2 + way[2] ** 2
    return _met(at, head.position, way) if REACH[0] ** 2 < reach < REACH[1] ** 2 else None


def _met(at: Pose, origin: Vec3, direction: Vec3) -> Point | None:
    """Where a ray meets the front of the plane of `at`, in its own metres."""
    x, y, z, w = at.orientation
    back = -x, -y, -z, w
    px, py, pz = at.position
    ox, oy, oz = rotated(back, (origin[0] - px, origin[1] - py, origin[2] - pz))
    dx, dy, dz = rotated(back, direction)
    if not (oz > 0.0 and dz < -1e-3):
        return None
    far = -oz / dz
    return ox + far * dx, oy + far * dy


def _inside(box: Box, point: Point, more: float) -> bool:
    """Whether a point lies in a box that is `more` of its height larger on every side."""
    left, bottom, right, top = box
    more *= top - bottom
    return left - more <= point[0] <= right + more and bottom - more <= point[1] <= top + more


def _eased(value: float, up: bool, dt: float, seconds: float) -> float:
    """A step towards 1 or 0 of a change that takes `seconds`."""
    return min(value + dt / seconds, 1.0) if up else max(value - dt / seconds, 0.0)


def _metres(angle: float, distance: float) -> float:
    """What fills an angle."""
    return 2 * distance * tan(angle / 2)


_AHEAD = (0.0, 0.0, -1.0)
_STILL = (0.0,) * 48  # the states of twelve parts, as shaders/text.glsl takes them
