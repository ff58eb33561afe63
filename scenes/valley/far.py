"""Trees from some fifty metres on: one card each, turned to the seat, from an atlas of drawn trees."""

from __future__ import annotations

from math import pi, tau
from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.valley.forms import noise
from scenes.valley.place import Seat, height, opening
from scenes.valley.shapes import Floats
from scenes.valley.terrain import Relief, cover, horizons, kept, normals, valley_xz
from vr_app.api import Arrays

WIDE, HIGH = 128, 256  # pixels of a tree in the atlas; half as many metres wide as high
SORTS = 4  # two spruces, a pine, a birch
MOST = 2600  # trees of a seat
NEAREST, FARTHEST = 56.0, 760.0  # metres


# --- the atlas


def atlas_arrays() -> Arrays:
    """'trees' (HIGH, SORTS * WIDE, 4) uint8: how far it faces right, how open it lies, how thin it is, cover."""
    made = [_spruce(1), _spruce(2), _pine(3), _birch(4)]
    return {"trees": np.concatenate([_halved(tree) for tree in made], axis=1)}


class _Sheet:
    """A tree being drawn from back to front at twice the size: tufts of needles or leaves."""

    def __init__(self) -> None:
        self.pixels = np.zeros((2 * HIGH, 2 * WIDE, 4))
        self.tufts: list[tuple[float, ...]] = []

    def tuft(
        self,
        x: float,
        y: float,
        depth: float,
        along: float,
        across: float,
        tilt: float,
        right: float,
        light: float,
        thin: float,
    ) -> None:
        """At x (-0.25..0.25) and y (0 top, 1 foot), in tree heights; `depth` toward the eye."""
        self.tufts.append((depth, x, y, along, across, tilt, right, light, thin))

    def drawn(self) -> Floats:
        high, wide = self.pixels.shape[:2]
        for _, x, y, along, across, tilt, right, light, thin in sorted(self.tufts):
            cx, cy = (x * 2.0 + 0.5) * wide, y * high
            reach = int(max(along, across) * high) + 2
            x0, x1, y0, y1 = (
                max(int(cx) - reach, 0),
                min(int(cx) + reach, wide),
                max(int(cy) - reach, 0),
                min(int(cy) + reach, high),
            )
            if x0 >= x1 or y0 >= y1:
                continue
            dx, dy = np.meshgrid(np.arange(x0, x1) + 0.5 - cx, np.arange(y0, y1) + 0.5 - cy)
            u, v = (
                (dx * np.cos(tilt) + dy * np.sin(tilt)) / (along * high),
                (dy * np.cos(tilt) - dx * np.sin(tilt)) / (across * high),
            )
            solid = np.clip((1.0 - np.hypot(u, v)) * 3.0, 0.0, 1.0)[..., None]
            part = self.pixels[y0:y1, x0:x1]
            value = np.array([0.5 + 0.5 * right, light, thin, 1.0])
            part += solid * (value - part)
        return self.pixels


def _halved(pixels: Floats) -> npt.NDArray[np.uint8]:
    """At half the size; colours reach past the edge of what is covered, so that mipmaps stay clean."""
    four = pixels.reshape(HIGH, 2, WIDE, 2, 4).mean(axis=(1, 3))
    cover_share = four[..., 3:]
    mean = (four[..., :3]).sum(axis=(0, 1)) / max(float(cover_share.sum()), 1e-6)
    colour = np.where(cover_share > 0.02, four[..., :3] / np.maximum(cover_share, 0.02), mean)
    return np.asarray(np.round(255.0 * np.clip(np.concatenate([colour, cover_share], axis=-1), 0.0, 1.0)), np.uint8)


def _trunk(sheet: _Sheet, top: float, foot: float, wide: float, bend: float, light: float) -> None:
    for y in np.linspace(top, foot, 70):
        x = bend * np.sin(2.6 * y)
        sheet.tuft(
            x, float(y), 0.0, 0.011, wide * (0.35 + 0.65 * (y - top) / (foot - top + 1e-6)), pi / 2, 0.0, light, 0.0
        )


def _spruce(seed: int) -> Floats:
    """Drooping branches in ragged tiers up to a slender tip."""
    random = np.random.default_rng(seed)
    sheet = _Sheet()
    _trunk(sheet, 0.05, 0.995, 0.011, 0.0, 0.25)
    y = 0.012
    while y < 0.97:
        wide = (0.012 + 0.215 * y**0.82) * random.uniform(0.72, 1.08)
        for _ in range(int(5 + 8 * y)):
            turn = random.uniform(0.0, tau)
            right, depth = np.cos(turn), np.sin(turn)
            long = wide * random.uniform(0.7, 1.05)
            steps = max(3, int(26 * long / 0.2))
            for k in range(steps):
                t = (k + 0.6) / steps
                droop = 0.30 * long * t * t - 0.06 * long * t + 0.02 * abs(depth)
                light = 0.30 + 0.42 * t + 0.20 * depth * t + random.uniform(-0.07, 0.07)
                sheet.tuft(
                    right * long * t,
                    y + droop,
                    depth * t,
                    0.013 * (1.25 - 0.5 * t),
                    0.0058,
                    0.5 * np.sign(right),
                    right * t,
                    light,
                    0.25 + 0.7 * t * t,
                )
        y += 0.008 + 0.019 * y
    return sheet.drawn()


def _pine(seed: int) -> Floats:
    """A long bare trunk, leaning a little; flat clouds of needles in its upper half."""
    random = np.random.default_rng(seed)
    sheet = _Sheet()
    _trunk(sheet, 0.10, 0.995, 0.013, 0.028, 0.55)
    for _ in range(19):
        y = random.uniform(0.06, 0.56) ** 1.05
        turn = random.uniform(0.0, tau)
        right, depth = np.cos(turn), np.sin(turn)
        long = (0.05 + 0.17 * np.sin(pi * min((y + 0.03) / 0.62, 1.0)) ** 0.8) * random.uniform(0.5, 1.05)
        middle = 0.028 * np.sin(2.6 * y) + right * long
        for k in range(8):
            sheet.tuft(middle * (k / 8.0), y + 0.015 - 0.02 * k / 8, depth * 0.5, 0.012, 0.004, 0.2, 0.0, 0.3, 0.0)
        for _ in range(64):
            a, b = random.normal(0.0, 1.0, 2)
            light = 0.50 - 0.20 * b + 0.18 * depth + random.uniform(-0.08, 0.08)
            sheet.tuft(
                middle + 0.036 * a,
                y + 0.017 * b - 0.01,
                depth + 0.1 * random.normal(),
                0.0125,
                0.0085,
                random.uniform(-0.6, 0.6),
                np.clip(0.5 * right + 0.4 * a, -1, 1),
                light,
                0.45 + 0.18 * min(abs(a), 2.0),
            )
    return sheet.drawn()


def _birch(seed: int) -> Floats:
    """A rounded, airy crown of many boughs on a pale trunk."""
    random = np.random.default_rng(seed)
    sheet = _Sheet()
    _trunk(sheet, 0.12, 0.995, 0.010, 0.02, 0.75)
    for _ in range(120):
        y = random.uniform(0.04, 0.80)
        turn = random.uniform(0.0, tau)
        right, depth = np.cos(turn), np.sin(turn)
        out = 0.205 * np.sin(pi * np.clip((y + 0.05) / 0.95, 0.0, 1.0)) ** 0.75 * random.uniform(0.45, 1.0)
        for _ in range(30):
            a, b = random.normal(0.0, 1.0, 2)
            light = 0.48 - 0.16 * b + 0.20 * depth + 0.12 * (0.5 - y) + random.uniform(-0.10, 0.10)
            x = np.clip(right * out + 0.022 * a, -0.235, 0.235)
            sheet.tuft(
                x,
                y + 0.024 * b,
                depth * out,
                0.0085,
                0.0065,
                random.uniform(-1, 1),
                np.clip(right * out / 0.15, -1, 1),
                light,
                0.5 + 0.4 * abs(right) * out / 0.2,
            )
    return sheet.drawn()


# --- where they stand


def tree_arrays(seat: Seat) -> Arrays:
    """'rows' (n, 16) for Kit.buffer, most seen first, and 'horizon' (n, 16)."""
    relief = Relief.about(seat)
    random = np.random.default_rng(61)
    count = 90_000
    distance = NEAREST * (FARTHEST / NEAREST) ** random.uniform(0.0, 1.0, count)
    azimuth = random.uniform(-pi, pi, count)
    x, z = distance * np.sin(azimuth), -distance * np.cos(azimuth)
    there_x, there_z = valley_xz(seat, x, z)
    h = height(there_x, there_z)
    normal = normals(seat, x, z, np.full(count, 1.0))
    forest = cover(there_x, there_z, h, normal[:, 1])[1][:, 0]
    thin = np.clip(0.25 + 0.6 * noise(there_x / 38.0, there_z / 38.0, 93), 0.02, 1.0)
    stands = np.flatnonzero(
        (forest * (0.3 + 0.9 * thin) > random.uniform(0.0, 1.0, count))
        & (h > 1.2)
        & (distance > NEAREST)
        & ~opening(seat, x, z, 2.5)
    )
    x, z, h, distance, there_x, there_z = (each[stands] for each in (x, z, h, distance, there_x, there_z))
    tall = (
        (6.0 + 6.5 * random.uniform(0.0, 1.0, len(x)) ** 1.4)
        * (0.9 + 0.45 * noise(there_x / 40.0, there_z / 40.0, 95))
        * (0.75 + 0.25 * np.minimum(h / 12.0, 1.0))
    )
    y = h - seat.y
    seen = np.flatnonzero(_shows(relief, x, y + tall, z) & _not_behind_others(x, y + tall, z, tall))
    weight = tall[seen] / distance[seen] * random.uniform(0.6, 1.4, len(seen))
    best = seen[np.argsort(-weight)[:MOST]]
    sort = np.select(
        [noise(there_x / 45.0, there_z / 45.0, 97) > 0.25, noise(there_x / 70.0, there_z / 70.0, 98) > 0.3],
        [3, 2],
        random.integers(0, 2, len(x)),
    )
    sort = np.where(random.uniform(size=len(x)) < 0.25, random.integers(0, SORTS, len(x)), sort)
    rows = np.zeros((len(best), 16), np.float32)
    rows[:, 0], rows[:, 1], rows[:, 2] = x[best], y[best] - 0.25, z[best]
    rows[:, 3] = np.arctan2(-x[best], -z[best])
    side = tall[best] * random.uniform(0.85, 1.15, len(best)) * random.choice([-1.0, 1.0], len(best))
    rows[:, 4], rows[:, 5], rows[:, 6] = side, tall[best], 1.0
    tone = random.uniform(0.82, 1.14, (len(best), 1)) * np.where(
        sort[best, None] == 3, [0.105, 0.122, 0.048], [0.052, 0.078, 0.040]
    )
    rows[:, 8:11], rows[:, 11], rows[:, 12] = tone * random.uniform(0.94, 1.06, (len(best), 3)), 1.0, sort[best]
    crowns = np.stack([x[best], y[best] + 0.6 * tall[best], z[best]], axis=-1)
    return {"rows": rows, "horizon": kept(horizons(relief, crowns))}


def _shows(relief: Relief, x: Floats, top: Floats, z: Floats) -> npt.NDArray[np.bool_]:
    """Whether a seated eye can see up to the top of a tree."""
    hidden = np.zeros(len(x), bool)
    for share in np.linspace(0.02, 0.97, 30):
        ground = relief.at((x * share).astype(np.float32), (z * share).astype(np.float32), 0.0)
        hidden |= ground > 1.6 + share * (top - 1.6)
    return ~hidden


def _not_behind_others(x: Floats, top: Floats, z: Floats, tall: Floats) -> npt.NDArray[np.bool_]:
    """Whether a tree's top stands above the trees before it, or nearly."""
    distance = np.hypot(x, z)
    lines = 4096  # directions that are kept
    line = ((np.arctan2(x, -z) / tau + 0.5) * lines).astype(int)
    half = (0.13 * tall / distance / tau * lines).astype(int)
    crest, seen = np.full(lines, -1.0), np.zeros(len(x), bool)
    for k in np.argsort(distance):
        ways = np.arange(line[k] - half[k], line[k] + half[k] + 1) % lines
        up = (top[k] - 1.2) / distance[k]
        seen[k] = up > crest[ways].min() - 0.15 * tall[k] / distance[k]
        crest[ways] = np.maximum(crest[ways], up)
    return seen


def card() -> dict[str, npt.NDArray[Any]]:
    """One tree 1 m high and half as wide, its foot at the origin, facing +z."""
    x = np.array([-0.25, 0.25, 0.25, -0.25])
    y = np.array([0.0, 0.0, 1.0, 1.0])
    return {
        "position": np.stack([x, y, 0 * x], axis=-1).astype(np.float32),
        "normal": np.tile(np.array([0.0, 0.0, 1.0], np.float32), (4, 1)),
        "uv": np.stack([2.0 * x + 0.5, 1.0 - y], axis=-1).astype(np.float32),
        "index": np.array([0, 1, 2, 0, 2, 3], np.uint32),
    }
