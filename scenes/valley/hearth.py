"""The hearth ring: rounded stones about a bed of embers, two logs to sit on, and larger stones behind the chair.

What the embers light is drawn by shaders/hearth.glsl; the rest of the land stands about it as about any seat.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, sin, tau
from typing import Any, Final

import numpy as np

from scenes.valley.built import Built, ground_at
from scenes.valley.forms import noise
from scenes.valley.place import EMBERS, FIRESIDE, height
from scenes.valley.rocks import EYE_HIGH, Rock, as_seen, boulder
from scenes.valley.shapes import Floats, Shape, sheet, srgb, tube
from scenes.valley.terrain import Caster
from vr_app.api import Arrays, Vec3

KINDS: Final = ("wood", "stone", "paint", "coal")  # of shaders/hearth.glsl; the first three as in built.KINDS
STONES: Final = 11  # of the ring
CHAIR: Final = 2.75  # metres from the embers to the chair
RING: Final = 0.66  # metres from its middle to theirs
BED: Final = 0.50  # metres from its middle to where the embers end
COALS: Final = 74
LOGS: Final = ((-1.62, 0.16, 1.42, 1.60), (1.58, -0.34, -1.18, 1.45))  # x, z about the embers; turn; length
LOG_RADIUS: Final = 0.19
BEHIND: Final = ((1.05, 4.45, 0.52), (-0.35, 4.75, 0.64), (-1.55, 4.30, 0.42), (0.55, 4.05, 0.20))  # x, z, radius
MARKER: Final = (0.43, -1.48)  # x and z of a small stone before the chair; there is another one on the left
BARK, CUT, CHARRED, ASH = "#6A5A4B", "#A98F6C", "#1E1B1A", "#8B8680"


def valley_at(x: float, z: float) -> tuple[float, float]:
    """A place about the embers, as the chair sees it, in the valley's frame."""
    c, s = cos(FIRESIDE.yaw), sin(FIRESIDE.yaw)
    return EMBERS[0] + c * x + s * z, EMBERS[1] - s * x + c * z


def hearth() -> Built:
    """All of it but the coals, in the valley's frame."""
    made = Built(damp=0.05)
    random = np.random.default_rng(61)
    for k in range(STONES):
        turn = tau * (k + random.uniform(-0.16, 0.16)) / STONES
        out = RING + random.uniform(-0.03, 0.04)
        _stone(made, out * sin(turn), out * cos(turn), random.uniform(0.145, 0.205), 500 + k, 0.12, 0.30)
    for n, (x, z, radius) in enumerate(BEHIND):
        _stone(made, x, z, radius, 540 + n, 0.6, 0.36, tone=0.74)
    for n, x in enumerate((MARKER[0], -MARKER[0])):
        _stone(made, x, MARKER[1] + CHAIR, 0.15, 560 + n, 0.25, 0.30)
    for x, z, turn, long in LOGS:
        _log(made, x, z, turn, long)
    for x, z, turn, lean in ((0.05, 0.02, 0.5, 0.16), (-0.08, -0.06, 2.3, 0.13), (0.02, -0.10, -0.7, 0.19)):
        _charred(made, x, z, turn, lean)
    return made


def _stone(
    made: Built, x: float, z: float, radius: float, seed: int, moss: float, sunk: float, tone: float = 1.0
) -> None:
    """A rounded one, `sunk` of its radius in the ground; `tone` of its brightness."""
    there_x, there_z = valley_at(x, z)
    shape = boulder(Rock(there_x, there_z, radius, moss, seed), 3 if radius > 0.3 else 2)
    shape.colour[:, :3] *= tone
    base = ground_at(there_x, there_z) + (1.0 - sunk) * float(-shape.position[:, 1].min()) - 0.2 * radius
    shape.uv[:] = as_seen(shape.position, np.array([there_x - FIRESIDE.x, -EYE_HIGH, there_z - FIRESIDE.z]))
    made.add("stone", shape.at(there_x, base, there_z))
    wide, top = np.abs(shape.position).max(axis=0), float(shape.position[:, 1].max())
    made.casters.append(Caster(there_x, there_z, 0.92 * wide[0], 0.92 * wide[2], base + 0.9 * top, dark=0.45))
    made.feet.append((there_x, base + float(shape.position[:, 1].min()), there_z))


def _log(made: Built, x: float, z: float, turn: float, long: float) -> None:
    """A trunk to sit on: bark that is not quite round, both ends cut."""
    there_x, there_z = valley_at(x, z)
    turned = turn + FIRESIDE.yaw
    way = np.array([cos(turned), 0.0, -sin(turned)])
    t = np.linspace(-0.5, 0.5, 13)
    ground = height(there_x + long * t * way[0], there_z + long * t * way[2])
    middle = float(ground.max()) + 0.78 * LOG_RADIUS
    path = np.array([there_x, middle, there_z]) + (long * t)[:, None] * way
    path[:, 1] += 0.012 * np.sin(5.0 * t)
    trunk = tube(path, LOG_RADIUS * (1.0 + 0.05 * np.sin(7.0 * t + x) - 0.05 * t), sides=22)
    made.add("wood", _bossed(trunk, path), BARK)
    for end, sign in ((path[0], -1.0), (path[-1], 1.0)):
        made.add("wood", _cut(end, sign * way, LOG_RADIUS * 0.985))
    made.casters.append(
        Caster(there_x, there_z, 0.5 * long, LOG_RADIUS, middle + LOG_RADIUS, turned, round=False, dark=0.6)
    )
    made.feet += [(float(px), middle - LOG_RADIUS, float(pz)) for px, _, pz in path[::4]]


def _bossed(trunk: Shape, path: Floats) -> Shape:
    """Bark with long ridges."""
    middle = path[np.argmin(np.linalg.norm(trunk.position[:, None] - path[None], axis=2), axis=1)]
    around = np.arctan2(trunk.normal[:, 1], trunk.normal @ np.array([0.6, 0.0, 0.8]))
    rough = noise(3.0 * around, 1.3 * trunk.uv[:, 0], 63) + 0.5 * noise(7.0 * around, 2.6 * trunk.uv[:, 0], 64)
    out = trunk.position - middle
    return Shape(middle + out * (1.0 + 0.045 * rough)[:, None], trunk.normal, trunk.uv, trunk.colour, trunk.index)


def _cut(at: Floats, normal: Floats, radius: float) -> Shape:
    """A sawn end with its rings."""
    out, turn = np.linspace(0.0, 1.0, 9), np.linspace(0.0, tau, 23)
    side = np.array([-normal[2], 0.0, normal[0]])
    disc = (
        out[:, None, None]
        * radius
        * (np.cos(turn)[None, :, None] * side + np.sin(turn)[None, :, None] * np.array([0.0, 1.0, 0.0]))
    )
    face = sheet(at + disc)
    if (face.normal @ normal).mean() < 0.0:
        face = sheet((at + disc)[::-1])
    rings = 1.0 + 0.14 * np.sin(55.0 * np.linalg.norm(face.position - at, axis=1))
    edge = np.linalg.norm(face.position - at, axis=1) > 0.93 * radius
    tint = srgb(CUT) * rings[:, None] * np.where(edge, 0.55, 1.0)[:, None]
    uv = np.stack([3.0 * (face.position - at) @ side, 0.2 * face.position[:, 1]], axis=-1)
    return Shape(face.position, np.tile(normal, (len(face.position), 1)), uv, face.colour, face.index).painted(tint)


def _charred(made: Built, x: float, z: float, turn: float, lean: float) -> None:
    """What is left of a branch, half burnt, across the embers."""
    there_x, there_z = valley_at(x, z)
    turned = turn + FIRESIDE.yaw
    way = np.array([cos(turned), lean, -sin(turned)])
    t = np.linspace(-0.30, 0.24, 8)
    path = np.array([there_x, ground_at(there_x, there_z) + 0.135, there_z]) + t[:, None] * way
    thick = np.interp(t, [-0.30, -0.24, 0.10, 0.24], [0.020, 0.036, 0.034, 0.012])
    made.add("wood", tube(path, thick, sides=9), CHARRED)


def coals() -> Built:
    """A low heap of embers on ash; colour.a of a coal's corner: how much it glows, uv: its own phase and size."""
    made = Built(damp=0.01)
    random = np.random.default_rng(62)
    middle = ground_at(*EMBERS)
    out, turn = np.meshgrid(np.linspace(0.0, 1.0, 12), np.linspace(0.0, tau, 37), indexing="ij")
    x, z = EMBERS[0] + BED * 1.08 * out * np.sin(turn), EMBERS[1] + BED * 1.08 * out * np.cos(turn)
    y = height(x, z) + 0.012 + 0.065 * (1.0 - out**2) + 0.012 * noise(x / 0.07, z / 0.07, 65)
    ash = sheet(np.stack([x, y, z], axis=-1))
    ash = ash if ash.normal[:, 1].mean() > 0.0 else sheet(np.stack([x, y, z], axis=-1)[::-1])
    ash = ash.painted(ASH)
    away = np.hypot(ash.position[:, 0] - EMBERS[0], ash.position[:, 2] - EMBERS[1]) / BED
    ash.colour[:, 3] = np.clip(0.85 - 1.15 * away, 0.0, 1.0)
    made.shapes.append(("coal", ash))
    for k in range(COALS):
        far, turned = BED * 0.94 * np.sqrt((k + 0.5) / COALS), 2.399963 * k
        size = random.uniform(0.028, 0.052) * (1.15 - 0.5 * far / BED)
        px, pz = EMBERS[0] + far * sin(turned), EMBERS[1] + far * cos(turned)
        lump = boulder(Rock(px, pz, size, 0.0, 600 + k), 1)
        low = 1.0 - np.clip((lump.position[:, 1] / size + 0.9) / 1.7, 0.0, 1.0)  # they glow from below
        shape = lump.painted(srgb(CHARRED) * random.uniform(0.8, 2.2))
        shape.colour[:, 3] = np.clip(
            (1.15 - 0.85 * far / BED) * (0.42 + 0.58 * low) * random.uniform(0.55, 1.15), 0.0, 1.0
        )
        shape.uv[:] = random.random(), random.random()
        rise = 0.035 + 0.075 * (1.0 - (far / BED) ** 2) + random.uniform(0.0, 0.02)
        made.shapes.append(("coal", shape.at(px, middle + rise, pz)))
    made.feet.append((EMBERS[0], middle, EMBERS[1]))
    return made


def stands_at(x: float, z: float) -> Vec3:
    """A place of the chair's frame, on the ground."""
    there = FIRESIDE.valley(np.array([x, 0.0, z]))
    return x, ground_at(float(there[0]), float(there[2])) - FIRESIDE.y, z


def on_ground(x: float, z: float, aside: float, ahead: float, lift: float = 0.02) -> Arrays:
    """A disc on the ground about a place of the chair's frame, its half axes in metres; uv is -1..1 across it."""
    out, turn = np.meshgrid(np.linspace(0.0, 1.0, 9), np.linspace(0.0, tau, 33), indexing="ij")
    u, v = out * np.cos(turn), out * np.sin(turn)
    points = np.stack([x + aside * u, 0.0 * u, z + ahead * v], axis=-1)
    there = FIRESIDE.valley(points)
    points[..., 1] = height(there[..., 0], there[..., 2]) - FIRESIDE.y + lift
    made: dict[str, Any] = dict(sheet(points).arrays())
    facing = 1.0 if made["normal"][:, 1].mean() > 0.0 else -1.0
    made["normal"] = facing * made["normal"]
    made["uv"] = np.stack([u.reshape(-1), v.reshape(-1)], axis=-1)
    index = made["index"]
    return made | {"index": (index if facing > 0.0 else index[:, ::-1]).reshape(-1)}


def together(discs: Sequence[Arrays], kinds: Sequence[int]) -> Arrays:
    """Several as one mesh, each of its own kind."""
    first = np.cumsum([0, *(len(disc["position"]) for disc in discs[:-1])])
    made = {name: np.concatenate([disc[name] for disc in discs]) for name in discs[0] if name != "index"}
    index = np.concatenate([disc["index"] + at for disc, at in zip(discs, first, strict=True)])
    kind = np.concatenate([np.full((len(disc["position"]), 1), k) for disc, k in zip(discs, kinds, strict=True)])
    return {**made, "index": index.astype(np.uint32), "kind": kind.astype(np.float32)}
