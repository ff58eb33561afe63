"""Grass, reeds and ferns: tufts of blades, and where they grow about a seat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi, tau

import numpy as np
import numpy.typing as npt

from scenes.valley.forms import nearest, rise
from scenes.valley.growing import Ground, best_first, drifts, kept, rows_at, scattered
from scenes.valley.place import GROVE, ROOM, inland, stream_course
from scenes.valley.rocks import in_the_clearing
from scenes.valley.shapes import Floats, srgb
from vr_app.api import Arrays

GREEN, DUNE, STRAW, REED, FERN = "#6F7B4E", "#76815E", "#B8AC8C", "#8C8864", "#66793F"
TURF, SHADY_FERN = "#66734A", "#55633C"  # of the clearing


@dataclass(frozen=True, slots=True)
class Habit:
    """How a kind of tuft grows. Metres and radians; a tuft of scale 1."""

    blades: int
    segments: int
    tall: tuple[float, float]
    width: float  # of a blade at its widest
    foot: float  # radius within which blades come out of the ground
    lean: tuple[float, float]  # from upright at the root
    droop: tuple[float, float]  # further, up to the tip
    straw: float  # share of dry blades


MARRAM = Habit(26, 4, (0.35, 0.95), 0.0065, 0.10, (0.05, 0.75), (0.6, 1.9), 0.25)
MEADOW = Habit(12, 2, (0.14, 0.46), 0.007, 0.15, (0.05, 0.6), (0.4, 1.4), 0.20)
LAWN = Habit(17, 2, (0.14, 0.40), 0.006, 0.15, (0.05, 0.75), (0.4, 1.6), 0.12)
REEDS = Habit(11, 4, (1.1, 1.9), 0.016, 0.22, (0.0, 0.12), (0.1, 0.7), 0.35)


def tuft(habit: Habit, seed: int) -> Arrays:
    """A mesh for shaders/plants.glsl: corners on the middle of a blade, `light` the way across it and half its width
    there, `uv` which side and how far along; `colour.a` is the blade's rank in 0..1 in the order in which they fade.
    """
    random = np.random.default_rng(seed)
    n, levels = habit.blades, habit.segments + 1
    along = np.linspace(0, 1, levels)
    turn = np.arange(n) * 2.399963 + 0.6 * random.random(n)
    tall = random.uniform(*habit.tall, n)
    lean = random.uniform(*habit.lean, n)[:, None]
    droop = random.uniform(*habit.droop, n)[:, None]
    angle = lean + droop * along**1.4
    steps = np.stack([np.sin(angle), np.cos(angle)])[:, :, :-1] * (tall[:, None] / habit.segments)
    out, up = (np.concatenate([np.zeros((n, 1)), np.cumsum(step, axis=1)], axis=1) for step in steps)
    root = habit.foot * np.sqrt(random.random(n))
    way = np.stack([np.cos(turn), np.sin(turn)])[:, :, None]
    twist = random.uniform(-0.7, 0.7, n)[:, None]
    centre = np.stack([way[0] * (root[:, None] + out), up, way[1] * (root[:, None] + out)], axis=-1)
    across = np.stack(
        [-np.sin(turn)[:, None] * np.cos(twist), np.sin(twist), np.cos(turn)[:, None] * np.cos(twist)], -1
    )
    across = np.broadcast_to(across, centre.shape)
    forward = np.stack([way[0] * np.sin(angle), np.cos(angle), way[1] * np.sin(angle)], axis=-1)
    normal = np.cross(forward, across)
    normal *= np.where(normal[..., 1:2] < 0, -1.0, 1.0)
    half = (
        0.5
        * habit.width
        * (0.75 + 0.5 * random.random(n))[:, None]
        * (1 - along**2.2)
        * (0.75 + 0.5 * np.sin(pi * along))
    )
    dry = random.random(n) < habit.straw
    return _blades(centre, normal, across, half, along, _tints(random, dry, along), np.argsort(random.random(n)) / n)


def _tints(random: np.random.Generator, dry: npt.NDArray[np.bool_], along: Floats) -> Floats:
    """Colours (blades, levels, 3) as factors of the tuft's own."""
    straw = srgb(STRAW) / srgb(DUNE)
    fresh = np.ones((len(dry), 3)) * random.uniform(0.75, 1.2, len(dry))[:, None]
    fresh *= 1.0 + random.uniform(-0.10, 0.10, (len(dry), 1)) * np.array([1.0, 0.2, -0.6])
    base = np.where(dry[:, None], straw * random.uniform(0.6, 1.0, len(dry))[:, None], fresh)
    toward = (0.25 * along**3 + 0.5 * (1 - along) ** 4)[None, :, None]  # tips and sheaths are dry
    return np.asarray(base[:, None] * (1 - toward) + toward * straw)


def _blades(
    centre: Floats, normal: Floats, across: Floats, half: Floats, along: Floats, tint: Floats, rank: Floats
) -> Arrays:
    """Strips (blades, levels) with two corners a level and one at the tip."""
    n, levels = centre.shape[:2]
    sides = np.array([-1.0, 1.0])
    shape = (n, levels, 2)
    position = np.broadcast_to(centre[:, :, None], (*shape, 3)).reshape(-1, 3)
    uv = np.stack([np.broadcast_to(sides, shape), np.broadcast_to(along[..., None], shape)], -1).reshape(-1, 2)
    light = np.concatenate([across, half[..., None]], axis=-1)
    colour = np.concatenate([tint, np.broadcast_to(rank[:, None, None], (n, levels, 1))], axis=-1)
    row = np.arange(levels - 1)[:, None] * 2
    first, second, last = np.array([0, 1, 3]), np.array([0, 3, 2]), np.array([0, 1, 2])
    strip = np.concatenate([row[:-1] + first, row[:-1] + second, row[-1:] + last])
    index = (np.arange(n)[:, None, None] * 2 * levels + strip[None]).reshape(-1)
    return {
        "position": position.astype(np.float32),
        "normal": np.repeat(normal.reshape(-1, 3), 2, axis=0).astype(np.float32),
        "uv": uv.astype(np.float32),
        "light": np.repeat(light.reshape(-1, 4), 2, axis=0).astype(np.float32),
        "colour": np.repeat(colour.reshape(-1, 4), 2, axis=0).astype(np.float32),
        "index": index.astype(np.uint32),
    }


def fern(seed: int) -> Arrays:
    """As `tuft`: fronds that arch outward, with leaflets in pairs."""
    random = np.random.default_rng(seed)
    fronds, pairs = 7, 11
    turn = np.arange(fronds) * 2.399963 + 0.4 * random.random(fronds)
    tall, lean, droop = (
        random.uniform(0.5, 0.85, fronds),
        random.uniform(0.25, 0.5, fronds),
        random.uniform(0.7, 1.2, fronds),
    )
    t = np.linspace(0, 1, pairs + 2)
    angle = lean[:, None] + droop[:, None] * t**1.2
    steps = np.stack([np.sin(angle), np.cos(angle)])[:, :, :-1] * (tall[:, None] / (pairs + 1))
    out, up = (np.concatenate([np.zeros((fronds, 1)), np.cumsum(step, axis=1)], axis=1) for step in steps)
    way = np.stack([np.cos(turn), np.sin(turn)])[:, :, None]
    rib = np.stack([way[0] * out, up, way[1] * out], axis=-1)
    forward = np.stack([way[0] * np.sin(angle), np.cos(angle), way[1] * np.sin(angle)], axis=-1)
    beside = np.stack([-np.sin(turn), np.zeros(fronds), np.cos(turn)], axis=-1)
    above = np.cross(beside[:, None], forward)
    above *= np.where(above[..., 1:2] < 0, -1.0, 1.0)
    parts = [_leaflets(rib, forward, above, beside, tall, t, side) for side in (-1.0, 1.0)]
    centre, normal, across, half, along = (np.concatenate(column) for column in zip(*parts, strict=True))
    count = len(centre)
    tint = np.ones((count, 3, 3)) * random.uniform(0.8, 1.15, count)[:, None, None]
    leaflets = _blades(centre, normal, across, half, along, tint, np.argsort(random.random(count)) / count)
    thin = 0.0035 * (1 - t) + 0.0 * tall[:, None]
    level = np.broadcast_to(beside[:, None], rib.shape)
    some = slice(None, None, 4)
    brown = np.full((fronds, len(t[some]), 3), 0.8)
    ribs = _blades(rib[:, some], above[:, some], level[:, some], thin[:, some], t[some], brown, np.zeros(fronds))
    return joined([leaflets, ribs])


def joined(meshes: Sequence[Arrays]) -> Arrays:
    """Meshes of the same columns as one."""
    starts = np.cumsum([0, *(len(mesh["position"]) for mesh in meshes[:-1])])
    columns = {name: np.concatenate([mesh[name] for mesh in meshes]) for name in meshes[0] if name != "index"}
    index = [mesh["index"] + np.uint32(start) for mesh, start in zip(meshes, starts, strict=True)]
    return columns | {"index": np.concatenate(index)}


def _leaflets(
    rib: Floats, forward: Floats, above: Floats, beside: Floats, tall: Floats, t: Floats, side: float
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """One side's leaflets (count, 3 levels): centres, normals, the way across, half widths, along the frond."""
    inner = slice(1, -1)
    length = 0.30 * tall[:, None] * np.sin(pi * np.clip(t[inner] * 0.92 + 0.10, 0, 1)) ** 0.8
    way = 0.86 * side * beside[:, None] + 0.5 * forward[:, inner] - 0.12 * above[:, inner]
    way /= np.linalg.norm(way, axis=-1, keepdims=True)
    levels = np.array([0.0, 0.45, 1.0])
    centre = rib[:, inner, None] + way[:, :, None] * (length[..., None] * levels)[..., None]
    centre[..., 1] -= 0.25 * length[..., None] * levels**2
    across = np.broadcast_to(np.cross(above[:, inner], way)[:, :, None], centre.shape)
    half = 0.13 * length[..., None] * np.array([0.7, 1.0, 0.0])
    along = np.broadcast_to((0.25 + 0.75 * t[inner])[None, :, None], half.shape)
    normal = np.broadcast_to(above[:, inner, None], centre.shape)
    flat = [part.reshape(-1, 3, *part.shape[3:]) for part in (centre, normal, across, half, along)]
    return flat[0], flat[1], flat[2], flat[3], flat[4]


def marram(ground: Ground) -> Floats:
    """Rows of dune grass: tussocks that run together on the bank, ragged toward the sand, single ones before it."""
    random = np.random.default_rng(11)
    x, z = scattered(random, 17.0, 0.30)
    s, near = ground.inland(x, z), np.hypot(x, z)
    clumps = 0.75 * drifts(x, z, 2.6, 1.0) + 0.45 * drifts(x, z, 1.1, 5.0)
    edge = s + 1.6 * drifts(x, z, 5.0, 4.0)
    bank = rise(edge, 9.6, 12.0) * (1.0 - 0.8 * rise(edge, 15.0, 20.0))
    dense = np.maximum(rise(clumps, 0.55 - 1.05 * bank, 0.85 - 0.75 * bank), 0.30 * bank)
    chance = (
        (bank * dense + 0.10 * rise(edge, 7.8, 9.6) * dense)
        * (s > WET_END + 0.8)
        * (near > NEAREST + 0.5)
        * ground.shown(x, z)
        * ground.open(x, z)
    )
    stay = kept(random, chance * (1.0 - rise(near, 12.0, 17.0)) * (0.55 + 0.45 * rise(-near, -9.0, -4.0)))
    x, z = x[stay], z[stay]
    tall = random.uniform(0.45, 1.15, len(x)) * (0.6 + 0.45 * dense[stay]) * (0.75 + 0.25 * bank[stay])
    tall *= 1.0 - 0.4 * rise(-np.hypot(x, z), -2.6, -1.6)
    return _rows(ground, random, x, z, tall, DUNE, 0.95)


def meadow(ground: Ground) -> Floats:
    """Rows of low grass between the marram and beyond it, thinner with distance."""
    random = np.random.default_rng(12)
    near_x, near_z = scattered(random, 13.0, 0.24)
    far_x, far_z = scattered(random, 54.0, 0.5)
    beyond = np.maximum(np.abs(far_x), np.abs(far_z)) > 13.0
    x, z = np.concatenate([near_x, far_x[beyond]]), np.concatenate([near_z, far_z[beyond]])
    s, near = ground.inland(x, z), np.hypot(x, z)
    edge = s + 1.3 * drifts(x, z, 4.0, 7.0) + 0.6 * drifts(x, z, 1.5, 3.0)
    chance = (
        rise(edge, 10.2, 11.9)
        * np.clip((7.0 if ground.seat != ROOM else 14.0) / np.maximum(near, 1.0), 0.04, 0.92) ** 1.65
    )
    chance *= (1.0 - rise(near, 36.0, 54.0)) * np.clip(0.8 + 0.6 * drifts(x, z, 3.3, 8.0), 0.25, 1.2)
    stay = kept(random, chance * (near > NEAREST + 0.3) * ground.shown(x, z) * ground.open(x, z))
    x, z, near = x[stay], z[stay], near[stay]
    tall = random.uniform(0.4, 1.1, len(x)) * (1.0 + 0.35 * drifts(x, z, 9.0, 3.0)) * (0.8 + 0.018 * near)
    return _rows(ground, random, x, z, tall, GREEN, 1.0 + 0.012 * near)[:MOST_MEADOW]


def turf(ground: Ground) -> Floats:
    """Rows of low grass, close together, about the seat in the clearing, and taller tufts about the stones there."""
    random = np.random.default_rng(15)
    if ground.seat != GROVE:
        return np.zeros((0, 16), np.float32)
    x, z = scattered(random, 7.0, 0.115)
    near = np.hypot(x, z)
    lush = np.clip(0.85 + 0.5 * drifts(x, z, 2.3, 13.0), 0.3, 1.2)
    thin = np.clip(2.3 / np.maximum(near, 0.1), 0.0, 0.9) ** 1.7
    stay = kept(random, lush * thin * (near > 0.3) * (near < 7.0))
    x, z, near = x[stay], z[stay], near[stay]
    tall = random.uniform(0.34, 0.74, len(x)) * (0.60 + 0.40 * rise(near, 0.6, 2.2))
    tall *= 0.8 + 0.4 * drifts(x, z, 1.7, 6.0)
    rows = _rows(ground, random, x, z, np.maximum(tall, 0.2), TURF, 1.7)[:MOST_TURF]
    return np.concatenate([_about_stones(ground, random), rows])


def _about_stones(ground: Ground, random: np.random.Generator) -> Floats:
    """A skirt of grass, so that stones stand in the meadow and not on it."""
    places = []
    for rock in in_the_clearing():
        turns = random.uniform(0.0, tau, int(10 + 26 * rock.radius))
        out = rock.radius * random.uniform(1.0, 1.2, len(turns)) + 0.05
        places.append(
            np.stack([rock.x - GROVE.x + out * np.cos(turns), rock.z - GROVE.z + out * np.sin(turns)], axis=-1)
        )
    x, z = np.concatenate(places).T
    x, z = x[np.hypot(x, z) > 1.0], z[np.hypot(x, z) > 1.0]
    return _rows(ground, random, x, z, random.uniform(0.45, 0.95, len(x)), TURF, 1.0)


CLEARING_FERNS = (
    *((-2.6, -2.35), (-2.15, -3.0), (-3.3, -2.6), (-5.9, -4.6), (2.45, -3.3), (4.0, -5.2), (6.3, -8.9), (8.0, -9.4)),
    *((-2.0, 1.5), (-2.4, 2.0), (1.9, 1.75), (2.7, 1.5), (3.1, 2.2), (-3.6, 1.9), (3.75, -1.7)),
)  # about the seat there
MOST_MEADOW, MOST_FERNS, MOST_TURF = 3000, 90, 2800
NEAREST = 1.0  # metres from the eye within which nothing stands
WET_END = 6.6  # metres inland that no wave reaches


def _rows(
    ground: Ground, random: np.random.Generator, x: Floats, z: Floats, tall: Floats, colour: str, wide: Floats | float
) -> Floats:
    order = best_first(random, np.hypot(x, z))
    x, z, tall, wide = x[order], z[order], tall[order], np.broadcast_to(wide, x.shape)[order]
    points = ground.points(x, z)
    points[:, 1] -= 0.03
    shift = 0.22 * drifts(x, z, 3.1, 9.0) + random.uniform(-0.12, 0.12, len(x))
    warm = np.stack([1 + 0.5 * shift, 1 + 0.25 * shift, 1 - 0.4 * shift], axis=-1)
    slope = ground.slope(x, z)
    free = np.concatenate([slope, random.random((len(x), 2))], axis=-1)
    scale = np.stack([tall * wide, tall, tall * wide], axis=-1)
    turn = random.uniform(0, tau, len(x))
    return rows_at(points, turn=turn, scale=scale, own=1.0, colour=srgb(colour) * warm, free=free)


def reeds(ground: Ground) -> Floats:
    """Rows of reeds: about the stream's mouth and along the left shore, above the swash."""
    random = np.random.default_rng(13)
    x, z = scattered(random, 46.0, 0.5)
    valley_x, valley_z = ground.valley(x, z)
    s, h = inland(valley_x, valley_z), ground.height(x, z) + ground.seat.y
    from_stream = _from_stream(valley_x, valley_z)
    mouth = rise(-from_stream, -3.0, -1.5) * rise(from_stream, 0.25, 0.8) * rise(s, WET_END - 0.6, WET_END) * (s < 13.5)
    shore = rise(s, WET_END - 0.6, WET_END + 0.6) * (s < 10.0)
    left = rise(-valley_x, -18.0, -10.0) * shore * (np.abs(valley_x + 9.0) > 3.5)
    chance = np.maximum(0.75 * mouth, 0.35 * left) * rise(drifts(x, z, 5.0, 6.0), -0.2, 0.6) * (h > -0.45) * (h < 1.2)
    stay = kept(random, chance * (np.hypot(x, z) > 5.0) * ground.shown(x, z))
    x, z = x[stay], z[stay]
    return _rows(ground, random, x, z, random.uniform(0.4, 1.0, len(x)), REED, 1.0)


def ferns(ground: Ground) -> Floats:
    """Rows of ferns: along the stream and in the shade under the trees' edge."""
    random = np.random.default_rng(14)
    x, z = scattered(random, 38.0, 0.9)
    valley_x, valley_z = ground.valley(x, z)
    s = inland(valley_x, valley_z)
    from_stream = _from_stream(valley_x, valley_z)
    beside = rise(-from_stream, -3.2, -1.2) * rise(from_stream, 0.4, 0.9) * rise(s, 11.5, 14.0)
    foot = 0.12 * rise(s, 15.0, 17.0) * rise(drifts(x, z, 7.0, 21.0), 0.35, 0.8)
    free = (np.hypot(x, z) > 3.2) * ground.shown(x, z) * ground.open(x, z)
    stay = kept(random, np.maximum(beside, foot) * free)
    x, z = x[stay], z[stay]
    if ground.seat != GROVE:
        return _rows(ground, random, x, z, random.uniform(0.6, 1.1, len(x)), FERN, 1.0)[:MOST_FERNS]
    own_x, own_z = np.array(CLEARING_FERNS).T
    x, z = np.concatenate([own_x, x]), np.concatenate([own_z, z])
    return _rows(ground, random, x, z, random.uniform(0.55, 0.95, len(x)), SHADY_FERN, 1.0)[:MOST_FERNS]


def _from_stream(x: Floats, z: Floats) -> Floats:
    """Metres from the stream's edge, negative in it; places of the valley."""
    course = stream_course()
    away, along = nearest(x, z, course.points[:, ::2])
    return np.asarray(away - np.interp(along, np.arange(len(course.half_width)), course.half_width))
