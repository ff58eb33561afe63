"""Things in the bays as they are seen: they grow, sink onto their cloth and leave slowly. Metres, radians, seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from scenes.making.placed import Thing
from scenes.valley.laid_things import Laid
from scenes.valley.three_bays import FACE, Hit, bay_of, on_cloth, place_of, within
from scenes.valley.tide import smooth
from vr_app.api import Vec3

HOVER: Final = 0.055  # before the cloth's face, at which a thing is carried
GROW_SECONDS, SETTLE_SECONDS = 0.5, 0.6


class Lying:
    """`update` once a frame; `seen` when that says that something moved."""

    def __init__(self) -> None:
        self._grown: dict[int, float] = {}  # 0..1 of each that is seen or on its way out
        self._things: dict[int, Thing] = {}  # as each was last
        self._high: dict[int, float] = {}  # that each still is above its place

    def laid(self, number: int, *, carried: bool) -> None:
        """It was laid just now; `carried`: it was seen before its cloth already."""
        self._grown[number], self._high[number] = float(carried), HOVER

    def update(self, things: Mapping[int, Thing], passed: float, *, there: bool) -> bool:
        """`there`: what is new lay there before. Whether something moves."""
        moves = False
        for number, thing in things.items():
            if number not in self._grown:
                self._grown[number] = float(there)
                moves = True
            self._things[number] = thing
        for number, share in self._grown.items():
            aim, step = float(number in things), passed / GROW_SECONDS
            if share != aim:
                self._grown[number] = share + min(max(aim - share, -step), step)
                moves = True
        for number, high in self._high.items():
            if high > 0.0:
                self._high[number] = max(high - HOVER * passed / SETTLE_SECONDS, 0.0)
                moves = True
        for number in [n for n, share in self._grown.items() if share == 0.0 and n not in things]:
            for known in (self._grown, self._things, self._high):
                known.pop(number, None)
        return moves

    def seen(self, held: int | None, warmth: Callable[[int], float]) -> Iterator[tuple[str, Laid]]:
        """All but `held`; `warmth` 0..1 of each number."""
        for number, share in self._grown.items():
            thing = self._things.get(number)
            if thing is None or number == held:
                continue
            place = _before(thing.place, HOVER * smooth(self._high.get(number, 0.0) / HOVER))
            size = thing.size * max(smooth(share), 0.01)
            yield thing.name, on_cloth(place, size, thing.turn, 0.5 * warmth(number))


def carried(at: Hit, size: float, turn: float) -> Laid:
    """What is carried before a cloth."""
    return on_cloth(place_of(within(at, 0.75 * size), FACE + HOVER), size, turn, 0.35)


def _before(place: Vec3, by: float) -> Vec3:
    """So much nearer to the seat, along its bay's own way out."""
    at = bay_of(place)
    (x, _, z), (ox, _, oz) = place_of(at, by), place_of(at, 0.0)
    return place[0] + x - ox, place[1], place[2] + z - oz
