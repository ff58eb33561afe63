"""Where everything stands in the one valley: its compass, the seats of its scenes, the coast and the land's height.

The valley's frame is metres, +y up, y = 0 at mean sea level, -z out to sea; the cabin's chair stands above its origin.
A scene's own frame is the same, moved so that its seat's chair is the origin (and turned by the seat's yaw).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import cos, sin
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scenes.valley.forms import Spine, lower, nearest, noise, rise, upper, worn
from scenes.valley.shapes import Floats


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a scene's chair stands, in the valley's frame; `yaw` radians to the left of -z that it faces."""

    x: float
    y: float
    z: float
    yaw: float = 0.0

    def local(self, points: Floats) -> Floats:
        """Points (..., 3) of the valley in the scene's frame."""
        c, s = cos(self.yaw), sin(self.yaw)
        turn = np.array([[c, 0.0, -s], [0.0, 1.0, 0.0], [s, 0.0, c]])
        return np.asarray((points - np.array([self.x, self.y, self.z])) @ turn.T)

    def valley(self, points: Floats) -> Floats:
        """The way back."""
        c, s = cos(self.yaw), sin(self.yaw)
        turn = np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])
        return np.asarray(points @ turn.T + np.array([self.x, self.y, self.z]))


ROOM = Seat(0.0, 3.2, 0.0)
PORCH = Seat(3.40, 3.17, -0.55)  # on the cabin's porch, above its boards
SHORE_X = 34.0  # of the seat on the beach


def coast(x: Floats) -> Floats:
    """z of the mean waterline at x."""
    return np.asarray(-19.0 - 5.0 * np.cos((x - 30.0) / 38.0) + 1.1 * np.sin(x / 7.3) + 0.5 * np.sin(x / 3.1 + 1.0))


def inland(x: Floats, z: Floats) -> Floats:
    """Metres from the mean waterline, positive on land; exact near the coast."""
    slope = (coast(x + 0.5) - coast(x - 0.5)) / 1.0
    return np.asarray((z - coast(x)) / np.sqrt(1.0 + slope**2))


def beach(s: Floats) -> Floats:
    """Height of smooth sand `s` metres inland of the waterline; the sea floor where s < 0."""
    floor = -7.0 * (1.0 - np.exp(np.minimum(s, 0.0) * 0.085 / 7.0))
    sand = 0.085 * np.clip(s, 0.0, 13.0)
    return np.asarray(np.where(s < 0.0, floor, sand))


SHORE = Seat(SHORE_X, float(beach(np.array(9.5))), float(coast(np.array(SHORE_X))) + 9.6)


# Places of the valley that scenes stand at or look at: x, z.
HILL = (24.0, 96.0)  # with one tree on its top
CLEARING = (-44.0, 58.0)  # in the grove
TERRACE = (78.0, 34.0)  # of stone
HEARTH = (14.0, -6.0)
LIGHTHOUSE = (84.0, -330.0)
FLAGS = 0.05  # metres by which the terrace's flagstones stand above the ground
JETTY = ((-13.0, -16.2), (0.6, -38.0))  # from its root on the beach to its end
GROVE = Seat(CLEARING[0], 7.23, CLEARING[1])  # looks down to the bay between the trees
OPENING, OPENING_END = (-15.0, 21.0), 115.0  # degrees to the right of -z between which it is open, metres to its end
LANDING = Seat(-13.37, 0.80, -15.61, -0.489)  # on the boards at its root, 0.7 m before it; along it and out to sea
LANDING_LONG, LANDING_WIDE = 2.75, 3.4  # metres of those boards, back from the jetty's root and across
OWN_LANTERN = (-2.5, 2.1, -38.7)  # where the patient's own hangs: on a post in the water beside the jetty's end
CABIN_GROUND = 2.62  # height of the ground about the cabin, whose floor is ROOM.y
CABIN = (-2.7, 4.65, -3.5, 2.35)  # low and high x, low and high z of the ground that cabin and porch stand on
PATH = ((5.0, 1.0), (6.5, 0.3), (6.9, -2.8), (5.9, -5.6), (5.1, -8.2), (3.2, -12.0), (0.4, -15.5))  # porch to beach

_RANGES = (
    Spine(((-112, 30, 21, 46), (-88, -30, 19, 34), (-74, -72, 16, 27), (-57, -108, 9, 20), (-45, -126, 1, 13)),
          11),  # the headland
    Spine(((-420, -120, 52, 150), (-300, -240, 44, 110), (-205, -345, 38, 88), (-125, -410, 22, 60),
           (-78, -440, 1, 36)), 23),
    Spine(((205, -525, 1, 50), (300, -480, 24, 80), (430, -440, 40, 110), (640, -360, 58, 150),
           (900, -160, 76, 200)), 37),
    Spine(((-1900, -300, 260, 600), (-1400, -900, 235, 520), (-900, -1500, 170, 420), (-480, -1900, 92, 300),
           (-170, -2180, 4, 170)), 41),
    Spine(((520, -1560, 4, 200), (860, -1380, 95, 320), (1400, -1000, 175, 460), (2100, -500, 230, 600)), 53),
    Spine(((70, -328, 3.6, 26), (96, -333, 3.2, 20)), 67),  # the lighthouse's rock
)  # fmt: skip


def opening(seat: Seat, x: Floats, z: Floats, beside: float = 0.0) -> npt.NDArray[np.bool_]:
    """Which local places hide what a seat among trees looks at, with what reaches `beside` metres about them."""
    if seat != GROVE:
        return np.zeros(np.broadcast(x, z).shape, bool)
    away, azimuth = np.hypot(x, z), np.degrees(np.arctan2(x, -z))
    half = np.degrees(np.arctan2(beside, away))
    left, right = OPENING
    return np.asarray((azimuth > left - half) & (azimuth < right + half) & (away < OPENING_END))


# The stream: x, z and half its width, from the hills to the bay
_STREAM = np.array(
    [
        (40, 230, 0.5), (58, 190, 0.5), (52, 150, 0.5), (66, 112, 0.55), (60, 78, 0.55), (64, 50, 0.6),
        (55.5, 26, 0.6), (56.5, 9, 0.65), (50.5, -3, 0.6), (51.2, -9.0, 0.65), (47.3, -14.0, 0.75),
        (48.4, -18.2, 0.95), (46.8, -21.6, 1.25), (46.9, -26.0, 2.0),
    ]
)  # fmt: skip
STREAM_STEP = 12  # points of the course between two of these
SEEPS = (7.7, 11.0)  # metres inland between which it ends in the sand: farther down the tide alone is water


class Stream(NamedTuple):
    """The stream's middle from the hills to the bay: places (n, 3) on its water, half its width (n,), metres."""

    points: Floats
    half_width: Floats


@cache
def stream_course() -> Stream:
    """The stream in the valley's frame, as if it came to the bay; its water never rises on its way."""
    t = np.linspace(0.0, len(_STREAM) - 1.0, (len(_STREAM) - 1) * STREAM_STEP + 1)
    k = np.clip(t.astype(int), 0, len(_STREAM) - 2)
    f = (t - k)[:, None]
    padded = np.concatenate([2 * _STREAM[:1] - _STREAM[1:2], _STREAM, 2 * _STREAM[-1:] - _STREAM[-2:-1]])
    a, b, c, d = (padded[k + j] for j in range(4))
    course = b + 0.5 * f * (c - a + f * (2 * a - 5 * b + 4 * c - d + f * (3 * (b - c) + d - a)))  # Catmull-Rom
    dry = _dry(course[:, 0], course[:, 1])
    water = np.minimum.accumulate(dry - 0.24 + 0.12 * rise(-inland(course[:, 0], course[:, 1]), -10.0, -3.0))
    return Stream(np.stack([course[:, 0], np.maximum(water, -0.02), course[:, 1]], axis=-1), course[:, 2])


def _softly(t: Floats, soft: float) -> Floats:
    """0 where t is negative, then more and more nearly t."""
    t = np.maximum(t, 0.0)
    return t * t / (t + soft)


def _rolling(x: Floats, z: Floats) -> Floats:
    """The land without level places, ranges and stream."""
    s = inland(x, z)
    plain = z + 22.0 + 0.50 * _softly(x - 150.0, 60.0) + 0.62 * _softly(-110.0 - x, 60.0)  # the bay's arms reach out
    lies = plain + (1.0 - rise(np.abs(x - 30.0), 70.0, 150.0)) * (1.0 - rise(s, 30.0, 70.0)) * (s - plain)
    about_seat = np.exp(-(((x - SHORE_X - 1.0) / 22.0) ** 2))  # where the beach ends in a bank
    edge = 11.15 + (1.8 - 1.45 * about_seat) * noise(x / 9.0, z / 40.0, 5) + 0.24 * noise(x / 2.7, z / 9.0, 6)
    high = 0.9 + 0.34 * about_seat + 0.4 * noise(x / 6.1, z / 9.0, 8)
    h = beach(lies) + high * rise(lies, edge, edge + 2.5 + 6.0 * (1.0 - about_seat))
    h += 0.20 * worn(x, z, 4.3, 2, 9) * (0.6 + 0.5 * noise(x / 11.0, z / 11.0, 10)) * rise(lies, edge + 0.3, edge + 3.0)
    h += 0.052 * np.maximum(lies - 14.0, 0.0) * (1.0 - 0.6 * rise(lies, 90.0, 400.0))
    h += 1.1 * worn(x, z, 38.0, 4, 12) * rise(lies, 15.0, 45.0)
    tall = 34.0 * rise(lies, 45.0, 230.0) + 70.0 * rise(lies, 180.0, 700.0) + 190.0 * rise(lies, 500.0, 2200.0)
    behind = lies > 45.0
    if behind.any():
        a, b = x[behind], z[behind]
        valley = 1.0 - 0.8 * np.exp(-(((a - 58.0 + 0.1 * b) / (46.0 + 0.1 * np.abs(b))) ** 2))
        h[behind] += tall[behind] * valley * (0.70 + 0.7 * worn(a, b, 330.0, 6, 17) + 0.3 * worn(a, b, 1100.0, 2, 18))
    away = np.hypot(x - HILL[0], z - HILL[1]) * (1.0 + 0.2 * noise(x / 26.0, z / 26.0, 19))
    return np.asarray(h + 9.5 * (1.0 - rise(away, 0.0, 38.0)))


@cache
def _levels() -> tuple[tuple[tuple[float, float], float, float, float], ...]:
    """Level places: where, how high, metres about that are level, and metres within which the land eases into it."""
    own = [float(_rolling(np.array([x]), np.array([z]))[0]) for x, z in (HEARTH, TERRACE, CLEARING)]
    return (
        ((0.0, -0.4), CABIN_GROUND, 4.6, 12.0),
        (HEARTH, own[0], 1.8, 5.0),
        (TERRACE, own[1], 5.5, 15.0),
        (CLEARING, own[2], 6.0, 22.0),
    )


def _dry(x: Floats, z: Floats) -> Floats:
    """The land before the stream cut its bed."""
    h = _rolling(x, z)
    for place, at, flat, out in _levels():
        near = np.hypot(x - place[0], z - place[1])
        if (near < 1.3 * out).any():
            near = near * (1.0 + 0.25 * noise(x / (0.6 * out), z / (0.6 * out), 27)) + 0.08 * flat
            h += (1.0 - rise(near, flat, out)) * (at - h)
    for spine in _RANGES:
        h = upper(h, spine.height(x, z), 1.0)
    return np.asarray(h)


def under_landing(x: Floats, z: Floats) -> npt.NDArray[np.bool_]:
    """Whether places of the valley lie under the boards at the jetty's root or its first metres, or in their shade."""
    (x0, z0), (x1, z1) = JETTY
    long = float(np.hypot(x1 - x0, z1 - z0))
    east, south = (x1 - x0) / long, (z1 - z0) / long
    along, aside = (x - x0) * east + (z - z0) * south, (x - x0) * -south + (z - z0) * east
    wide = np.where(along > 0.0, 1.4, LANDING_WIDE / 2 + 0.4)
    return np.asarray((along > -LANDING_LONG - 0.1) & (along < 9.0) & (np.abs(aside) < wide))


def height(x: Floats, z: Floats) -> Floats:
    """Height of the ground in the valley's frame, metres; the sea floor where it is negative. One seed, no state."""
    x, z = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(z, np.float64))
    h = _dry(x, z)
    course = stream_course()
    for first in range(0, len(course.half_width) - 1, STREAM_STEP):
        part = slice(first, first + STREAM_STEP + 1)
        middle, half = course.points[part], course.half_width[part]
        low, high = middle.min(axis=0) - 12.0, middle.max(axis=0) + 12.0
        near = (x > low[0]) & (x < high[0]) & (z > low[2]) & (z < high[2])
        if near.any():
            before, there = h[near], rise(inland(x[near], z[near]), *SEEPS)
            h[near] = before + there * (_cut(before, x[near], z[near], middle, half) - before)
    return h


def _cut(h: Floats, x: Floats, z: Floats, middle: Floats, half: Floats) -> Floats:
    """The land with the bed of a part of the stream."""
    away, along = nearest(x, z, middle[:, ::2])
    steps = np.arange(len(half))
    wide = np.interp(along, steps, half)
    out = away * (1.0 + 0.16 * noise(x / 1.3, z / 1.3, 28)) - wide
    bed = np.interp(along, steps, middle[:, 1]) - 0.14 * np.clip(-out / wide, 0.0, 1.0)
    bed += np.where(out > 0.0, 0.34 * out + 0.10 * out**2, 0.1 * out)
    return lower(h, bed, 0.12)


# On the terrace's flagstones, at its middle; the lighthouse lies straight ahead.
STONES = Seat(TERRACE[0], float(height(np.array(TERRACE[:1]), np.array(TERRACE[1:]))[0]) + FLAGS, TERRACE[1])


# The fireside: a chair by the hearth ring that looks past its embers to the cabin and over the bay.
FIRESIDE_YAW = 1.0
_BACK = (sin(FIRESIDE_YAW), cos(FIRESIDE_YAW))  # x, z of the way from the embers to the chair
_CHAIR = HEARTH[0] + 1.9 * _BACK[0], HEARTH[1] + 1.9 * _BACK[1]
FIRESIDE = Seat(_CHAIR[0], float(height(np.array(_CHAIR[0]), np.array(_CHAIR[1]))), _CHAIR[1], FIRESIDE_YAW)
EMBERS = (HEARTH[0] - 0.85 * _BACK[0], HEARTH[1] - 0.85 * _BACK[1])  # the middle of the ring: 2.75 m before that chair


def trodden(seat: Seat, x: Floats, z: Floats) -> Floats:
    """How bare feet have left the ground at places of the valley, 0..1: about the embers, for who sits by them."""
    if seat != FIRESIDE:
        return np.zeros(np.shape(x))
    ragged = 0.35 * noise(x / 0.9, z / 0.9, 61) + 0.2 * noise(x / 0.33, z / 0.33, 62)
    ring = np.hypot(x - EMBERS[0], z - EMBERS[1])
    along = np.clip(((x - EMBERS[0]) * _BACK[0] + (z - EMBERS[1]) * _BACK[1]) / 2.75, 0.0, 1.0)
    way = np.hypot(x - EMBERS[0] - 2.75 * along * _BACK[0], z - EMBERS[1] - 2.75 * along * _BACK[1])
    return np.asarray(1.0 - np.minimum(rise(ring + ragged, 1.5, 2.5), rise(way + ragged, 0.85, 1.65)))
