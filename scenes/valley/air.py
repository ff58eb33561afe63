"""What drifts in the valley's air: motes in the low sun, fireflies after it, mist over water and low ground.

All of it follows the light by itself. Nothing comes nearer to the seated eye than a metre, fireflies not within 2.5 m.
Rain far off is part of the sky's map (shaders/sky_map.glsl).
"""

from __future__ import annotations

from functools import partial
from math import pi, tau
from typing import Final

import numpy as np
import numpy.typing as npt

from scenes.valley.place import Seat, height, inland
from scenes.valley.sky import CARD, Sky
from vr_app.api import Arrays, Kit, Light, Pass

EYE: Final = np.array([0.0, 1.2, 0.0])  # of the seated patient
MOTES, VEILS = 130, 26
APART: Final = 0.8  # radians between two fireflies: never more than three in view, never two like eyes
TRIED = 700  # places for veils, of which some are good
VEIL: Final[Arrays] = {  # a sheet that stands on its foot, split so that its light is even
    "position": np.array([[x, y, 0.0] for y in (0.0, 1.0) for x in (-1.0, 1.0)]),
    "uv": np.array([[x, y] for y in (0.0, 1.0) for x in (-1.0, 1.0)]),
    "index": np.array([0, 1, 3, 0, 3, 2]),
}


class Air:
    """`draw` after everything that is solid, far things before near ones."""

    def __init__(self, kit: Kit, sky: Sky, seat: Seat) -> None:
        rows = kit.bake(partial(air_arrays, seat))
        speck = kit.material("mote")
        self._motes, self._fireflies = (
            (kit.mesh({**CARD, "kind": np.full((4, 1), kind, np.float32)}, kit.buffer(rows[name])), speck)
            for kind, name in enumerate(("motes", "fireflies"))
        )
        self._mist = kit.mesh(VEIL, kit.buffer(rows["veils"])), kit.material("mist", grain=sky.grain, sky_map=sky.map)

    def draw(self, out: Pass, light: Light, detail: int = 2) -> None:
        """`detail` as Frame.detail."""
        if light.haze_key[3] > 0.08:
            out.draw(*self._mist, copies=VEILS * (1 + detail) // 3)
        sunny = min(max(2.5 * light.key[3] * light.key[0] - 0.5, 0.0), 1.0)
        if sunny > 0.0:
            out.draw(*self._motes, copies=MOTES * (1 + detail) // 3, amount=sunny)
        dusk = dark(light) * (1.0 - light.wind[3])
        if dusk > 0.0:
            out.draw(*self._fireflies, amount=dusk)


def dark(light: Light) -> float:
    """Whether it is dark enough for fireflies, 0..1; less so deep in the night."""
    sky = light.skylight[1]
    return min(max((0.24 - sky) / 0.07, 0.0), 1.0) * min(max(0.35 + sky / 0.20, 0.0), 1.0)


def air_arrays(seat: Seat) -> Arrays:
    """'motes', 'fireflies' and 'veils': rows of Kit.buffer in the seat's frame."""
    return {"motes": motes(), "fireflies": fireflies(seat), "veils": veils(seat)}


def _rows(count: int) -> npt.NDArray[np.float32]:
    rows = np.zeros((count, 16), np.float32)
    rows[:, 4:7] = rows[:, 8:12] = 1.0
    return rows


def motes() -> npt.NDArray[np.float32]:
    """All round the seat, more of them near; for shaders/mote.glsl."""
    random = np.random.default_rng(5)
    away, turn = random.uniform(1.25, 2.6, MOTES) ** 2, random.uniform(0.0, tau, MOTES)
    rows = _rows(MOTES)
    rows[:, 0], rows[:, 1], rows[:, 2] = away * np.sin(turn), random.uniform(0.4, 2.7, MOTES), -away * np.cos(turn)
    rows[:, 7] = random.uniform(0.0016, 0.0034, MOTES)
    rows[:, 12], rows[:, 13] = random.uniform(14.0, 30.0, MOTES), random.random(MOTES)
    rows[:, 14] = random.uniform(0.10, 0.28, MOTES)
    return rows


def fireflies(seat: Seat) -> npt.NDArray[np.float32]:
    """A few over the grass at the sides and behind, low, each by itself; for shaders/mote.glsl."""
    random = np.random.default_rng(6)
    away, turn = random.uniform(5.0, 11.0, TRIED), random.uniform(0.7, tau - 0.7, TRIED)
    place = np.stack([away * np.sin(turn), 0.0 * away, -away * np.cos(turn)], axis=-1)
    there = seat.valley(place)
    place[:, 1] = height(there[:, 0], there[:, 2]) - seat.y + random.uniform(0.35, 1.3, TRIED)
    good = (inland(there[:, 0], there[:, 2]) > 8.5) & (np.linalg.norm(place - EYE, axis=1) > 3.7)
    order = np.flatnonzero(good)[np.argsort(turn[good])]
    alone = [order[0]]
    for k in order[1:]:
        if turn[k] - turn[alone[-1]] >= APART and turn[k] - turn[alone[0]] <= tau - APART:
            alone.append(k)
    place = place[alone]
    count = len(place)
    rows = _rows(count)
    rows[:, :3], rows[:, 7] = place, 0.085
    rows[:, 8:11] = 0.69, 0.58, 0.26
    rows[:, 12], rows[:, 13] = random.uniform(16.0, 26.0, count), random.random(count)
    rows[:, 14] = random.uniform(0.3, 0.6, count)
    return rows


def veils(seat: Seat) -> npt.NDArray[np.float32]:
    """Where water or ground lies low and level over their whole width, far ones first; for shaders/mist.glsl."""
    random = np.random.default_rng(7)
    away, turn = 30.0 * 9.0 ** random.random(TRIED), random.uniform(-pi, pi, TRIED)
    wide, tall = away * random.uniform(0.22, 0.5, TRIED), 1.6 + 0.022 * away * random.uniform(0.6, 1.3, TRIED)
    middle = np.stack([away * np.sin(turn), 0.0 * away, -away * np.cos(turn)], axis=-1)
    half = np.stack([wide * np.cos(turn), 0.0 * away, wide * np.sin(turn)], axis=-1)
    places = seat.valley(middle[:, None] + np.linspace(-1.0, 1.0, 9)[:, None] * half[:, None])
    ground = np.maximum(height(places[..., 0], places[..., 2]), 0.0)
    level = np.flatnonzero((ground.max(axis=1) < 5.0) & (np.ptp(ground, axis=1) < 0.3 * tall))[:VEILS]
    level = level[np.argsort(-away[level])]
    rows = _rows(len(level))
    rows[:, :3], rows[:, 3] = middle[level], -turn[level]
    rows[:, 1] = ground.max(axis=1)[level] - seat.y
    rows[:, 4], rows[:, 5] = wide[level], tall[level]
    rows[:, 12:14] = random.uniform(0.0, 90.0, (len(level), 2))
    return rows
