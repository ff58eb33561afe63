"""A place as one patient chose it: what is chosen, how it is remembered, and how each thing comes and goes, slowly.

Frames and metres are those of scenes.valley.porch. Words are the keys of its WORDS; people see those of SAID.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import cos, pi, sin
from types import MappingProxyType
from typing import Any, Final

from scenes.valley import porch
from scenes.valley.attention import Spot
from vr_app.api import Pose, Vec3

VERSION: Final = 1
COME_SECONDS, GATE_SECONDS, HEDGE_SECONDS = 4.0, 10.0, 8.0  # in which a thing comes or goes
RING_SECONDS, KEY_SECONDS, STONE_SECONDS, LID_SECONDS = 2.0, 3.0, 4.0, 3.5
GATE_OPEN: Final = -1.45  # radians: the leaf stands along the path, toward the sea
LID_OPEN: Final = -1.9
OVER: Final = 0.24  # metres over the table that the stone rises on its way
NOT_CHOSEN: Final = ""
MILDEST: Final[Mapping[str, str]] = MappingProxyType(
    {"light": NOT_CHOSEN, "shelter": "open", "view": "open", "company": "nobody"}
)
TITLE: Final = "A place of your own"
CHOICES: Final[Mapping[str, str]] = MappingProxyType(
    {"light": "Light", "shelter": "Shelter", "view": "What can be seen", "company": "Company", "key": "Key"}
)
SAID: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {
        ("light", "first_light"): "First light",
        ("light", "day_end"): "Day's end",
        ("light", "blue_hour"): "Blue hour",
        ("light", "night"): "Night",
        ("shelter", "open"): "Open",
        ("shelter", "screen"): "A woven screen",
        ("shelter", "curtains"): "Curtains",
        ("view", "open"): "Open view",
        ("view", "gate"): "The gate, closed",
        ("view", "hedge"): "A hedge",
        ("company", "nobody"): "Nobody",
        ("company", "cat"): "A cat, asleep",
        ("company", "chair"): "A second chair",
        ("company", "lantern"): "A lantern",
        ("key", "round"): "A round key",
        ("key", "leaf"): "A leaf key",
        ("key", "square"): "A square key",
    }
)


def smooth(share: float) -> float:
    """0..1 to 0..1 with level ends."""
    return share * share * (3.0 - 2.0 * share)


@dataclass(slots=True)
class Chosen:
    """What a patient chose. `light` may be NOT_CHOSEN, `key` too."""

    words: dict[str, str] = field(default_factory=lambda: dict(MILDEST))
    key: str = NOT_CHOSEN
    stone_in: bool = False
    open: bool = True  # the box
    light_seen: str = field(default=NOT_CHOSEN, compare=False)  # for what is taken home where light was left as it was

    def lines(self) -> list[str]:
        """What is taken home, a line for each choice."""
        chosen = [(name, self.words[name] or self.light_seen) for name in MILDEST]
        chosen += [("key", self.key)] if self.key else []
        return [f"{CHOICES[name]}: {SAID[name, word].lower()}" for name, word in chosen if (name, word) in SAID]


def written(chosen: Chosen) -> bytes:
    """For Memory.put."""
    kept = {"v": VERSION, **chosen.words, "key": chosen.key, "stone": chosen.stone_in, "open": chosen.open}
    return json.dumps(kept, separators=(",", ":")).encode()


def read(kept: bytes | None) -> Chosen | None:
    """What Memory.get gave; what is unknown or broken in it is the mildest. None: there is no place yet."""
    try:
        found: Any = json.loads(kept) if kept else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    made = Chosen()
    for name, words in porch.WORDS.items():
        if found.get(name) in words:
            made.words[name] = found[name]
    made.key = found["key"] if found.get("key") in porch.KEYS else NOT_CHOSEN
    made.stone_in, made.open = found.get("stone") is True, found.get("open") is not False
    return made


def taken_home(chosen: Chosen) -> bytes:
    """For Memory.put under "take_home"."""
    return json.dumps({"kind": "place", "title": TITLE, "lines": chosen.lines()}).encode()


# --- how it moves


class Glide:
    """A share 0..1 on its way to another, evenly, in so many seconds from end to end."""

    __slots__ = ("_seconds", "share")

    def __init__(self, seconds: float, share: float = 0.0) -> None:
        self._seconds = seconds
        self.share = share

    def go(self, to: float, seconds_passed: float) -> None:
        step = seconds_passed / self._seconds
        self.share += min(max(to - self.share, -step), step)


COMES: Final = tuple(word for _, word in porch.COMES)
TOKENS: Final = tuple(porch.TOKENS)
PLACES: Final = porch.token_places()
TOKEN_RADIUS, KEY_RADIUS, STONE_RADIUS, LID_RADIUS = 0.034, 0.03, 0.045, 0.07
AWAY: Final = Spot((0.0, 600.0, 1000.0), 0.01)  # where nobody looks
FIRST_KEY: Final = len(TOKENS)
THE_STONE: Final = FIRST_KEY + len(porch.KEYS)
THE_LID: Final = THE_STONE + 1


class OwnPlace:
    """What stands where in this frame. `update` once a frame, then `spots`; all else is read to be drawn."""

    def __init__(self, chosen: Chosen) -> None:
        """As it was chosen, at once."""
        self.chosen = chosen
        words = chosen.words
        self.come = {word: Glide(COME_SECONDS, float(word in words.values())) for word in COMES}
        self.gate = Glide(GATE_SECONDS, float(words["view"] == "gate"))
        self.hedge = Glide(HEDGE_SECONDS, float(words["view"] == "hedge"))
        self.keys = [Glide(KEY_SECONDS, float(chosen.key == shape)) for shape in porch.KEYS]
        self.stone = Glide(STONE_SECONDS, float(chosen.stone_in))
        self.lid = Glide(LID_SECONDS, float(chosen.open))
        self.rings = {name: _ring_at(name, words[name]) for name in words}
        self._from = dict(self.rings)
        self._ringed = {name: Glide(RING_SECONDS, 1.0) for name in words}
        self._words = dict(words)

    def choose(self, name: str, word: str) -> bool:
        """Whether that is another one than before."""
        if self.chosen.words[name] == word:
            return False
        self.chosen.words[name] = word
        return True

    def take_key(self, shape: str) -> None:
        """Off its hook; or back, if it is the one that was taken."""
        self.chosen.key = NOT_CHOSEN if self.chosen.key == shape else shape

    def touch_stone(self) -> None:
        """Into the box, which opens for it; or out again."""
        self.chosen.stone_in, self.chosen.open = not self.chosen.stone_in, True

    def touch_lid(self) -> None:
        self.chosen.open = not self.chosen.open

    @property
    def stone_moves(self) -> bool:
        return self.stone.share != float(self.chosen.stone_in)

    @property
    def still(self) -> bool:
        """Nothing is on its way in or about the box, or from a hook."""
        return (
            not self.stone_moves
            and self.lid.share == float(self.chosen.open)
            and all(
                glide.share == float(self.chosen.key == shape)
                for glide, shape in zip(self.keys, porch.KEYS, strict=True)
            )
        )

    def update(self, seconds_passed: float) -> None:
        """On, by seconds of the living world."""
        words = self.chosen.words
        for word, glide in self.come.items():
            glide.go(float(word in (words["shelter"], words["company"])), seconds_passed)
        self.gate.go(float(words["view"] == "gate"), seconds_passed)
        self.hedge.go(float(words["view"] == "hedge"), seconds_passed)
        for glide, shape in zip(self.keys, porch.KEYS, strict=True):
            glide.go(float(self.chosen.key == shape), seconds_passed)
        under_way = 0.0 < self.stone.share < 1.0
        self.lid.go(1.0 if self.chosen.open or under_way else 0.0, seconds_passed)
        if under_way or (self.stone_moves and self.lid.share > 0.9):
            self.stone.go(float(self.chosen.stone_in), seconds_passed)
        for name, word in words.items():
            self._glide_ring(name, word, seconds_passed)

    def _glide_ring(self, name: str, word: str, seconds_passed: float) -> None:
        if self._words[name] != word:
            self._words[name], self._from[name] = word, self.rings[name]
            self._ringed[name] = Glide(RING_SECONDS)
        glide = self._ringed[name]
        if glide.share < 1.0:
            glide.go(1.0, seconds_passed)
            self.rings[name] = _between(self._from[name], _ring_at(name, word), smooth(glide.share))

    # --- where

    def spots(self, side: float) -> list[Spot]:
        """Of tokens, keys, stone and lid; `side` is 1 where the box stands on the right, -1 on the left."""
        made = [Spot((x, y + 0.025, z), TOKEN_RADIUS) for x, y, z in (PLACES[name] for name in TOKENS)]
        for k, glide in enumerate(self.keys):
            x, y, z = self.key_at(k, side).position
            hangs = 1.0 - smooth(glide.share)
            made.append(Spot((x, y - 0.045 * hangs, z + 0.04 * (1.0 - hangs)), KEY_RADIUS))
        closed = self.lid.share < 0.5
        x, y, z = self.stone_at(side).position
        made.append(AWAY if closed and self.stone.share > 0.5 else Spot((x, y + 0.015, z), STONE_RADIUS))
        x, y, z = self.lid_at(side).position
        middle = _turned(_box_turn(side), (0.0, 0.0, porch.BOX_SIZE[2] / 2))
        over = Spot((x + middle[0], y + 0.01, z + middle[2]), LID_RADIUS)
        made.append(over if closed else Spot((x, y + 0.085, z), LID_RADIUS))
        return made

    def box_at(self, side: float) -> Pose:
        x, y, z = porch.BOX
        return Pose.facing((side * x, y, z), _box_turn(side))

    def lid_at(self, side: float) -> Pose:
        """Its hinge."""
        x, y, z = self.box_at(side).position
        turn = _box_turn(side)
        _, high, deep = porch.BOX_SIZE
        dx, dy, dz = _turned(turn, (0.0, high, -deep / 2))
        return Pose.facing((x + dx, y + dy, z + dz), turn, LID_OPEN * smooth(self.lid.share))

    def stone_at(self, side: float) -> Pose:
        t = smooth(self.stone.share)
        a, b = porch.STONE, (porch.BOX[0], porch.BOX[1] + 0.032, porch.BOX[2])
        x, y, z = _between(a, b, t)
        return Pose((side * x, y + 4.0 * OVER * t * (1.0 - t), z), (0.0, 0.0, 0.0, 1.0))

    def stone_home(self, side: float) -> Pose:
        x, y, z = porch.STONE
        return Pose((side * x, y, z))

    def rack_at(self, side: float) -> Pose:
        x, y, z = porch.RACK
        return Pose.facing((side * x, y, z), side * porch.RACK_TURN)

    def dish_at(self, side: float) -> Pose:
        x, y, z = porch.DISH
        return Pose((side * x, y, z))

    def key_at(self, k: int, side: float) -> Pose:
        """The top of its bow: on its hook, or in the dish."""
        t = smooth(self.keys[k].share)
        turn = side * porch.RACK_TURN
        dx, dy, dz = _turned(turn, ((k - 1) * porch.HOOKS_APART, porch.HOOK_UP - 0.004, 0.016))
        hook = (side * porch.RACK[0] + dx, porch.RACK[1] + dy, porch.RACK[2] + dz)
        lies = (side * porch.DISH[0], porch.DISH[1] + 0.015, porch.DISH[2] - 0.042)
        x, y, z = _between(hook, lies, t)
        return Pose.facing((x, y + 0.3 * t * (1.0 - t), z), turn + 0.3 * side * t, -0.5 * pi * t)

    def gate_turn(self) -> float:
        return GATE_OPEN * (1.0 - smooth(self.gate.share))


def _ring_at(name: str, word: str) -> Vec3:
    """About its token; beside the tray where nothing is chosen."""
    if word == NOT_CHOSEN:
        return porch.TRAYS[name][0], porch.ON_TRAY, porch.TRAYS[name][1] - 0.10
    return PLACES[name, word]


def _box_turn(side: float) -> float:
    return side * porch.BOX_TURN


def _between(a: Vec3, b: Vec3, share: float) -> Vec3:
    return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]), a[2] + share * (b[2] - a[2])


def _turned(yaw: float, v: Vec3) -> Vec3:
    c, s = cos(yaw), sin(yaw)
    return c * v[0] + s * v[2], v[1], c * v[2] - s * v[0]
