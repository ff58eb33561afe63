"""The analyser finds each kind of flash, pattern and change that it is for, and nothing in what stays just within."""

from __future__ import annotations

from itertools import pairwise
from math import asin, cos, pi, radians, sin

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from headless_harness.analyser import TurningEye, both, judge
from headless_harness.clips import HZ, VIEW, Clip, disc, encoded, grey, near_misses, planted
from headless_harness.finding import Finding, Stretches
from headless_harness.flash import FlashWatch, LastSecond, RedSwings, Swings, picture
from headless_harness.sight import Sight, Spot
from headless_harness.stripes import striped
from vr_app import limits
from vr_app.api import Pose
from vr_app.headset import Fov
from vr_app.scripted.headset import looking

SMALL = Sight((24, 20), Fov(-0.5, 0.6, 0.4, -0.5))
HALF_CIRCLE = radians(limits.FLASH_CIRCLE_DEG / 2)


@pytest.mark.parametrize("clip", planted(), ids=lambda clip: clip.name)
def test_a_planted_clip_breaks_its_own_limits_and_no_other(clip: Clip) -> None:
    assert {finding.kind for finding in judge(clip.pictures(), VIEW, HZ)} == clip.kinds


@pytest.mark.parametrize("clip", near_misses(), ids=lambda clip: clip.name)
def test_what_stays_just_within_is_not_told(clip: Clip) -> None:
    assert [str(finding) for finding in judge(clip.pictures(), VIEW, HZ)] == []


# --- where


def test_pixels_fill_the_solid_angle_of_their_view() -> None:
    a, b = VIEW.fov.right, VIEW.fov.up
    pyramid = 4 * asin(sin(a) * sin(b))  # of half angles a and b, measured along the axes
    assert VIEW.whole == pytest.approx(pyramid, rel=1e-3)
    assert VIEW.densest(np.ones((128, 128), np.bool_))[0] == pytest.approx(2 * pi * (1 - cos(HALF_CIRCLE)), rel=0.05)


@given(arrays(np.bool_, (20, 24)))
@settings(max_examples=30)
def test_the_densest_circle_is_the_one_that_trying_all_of_them_finds(mask: npt.NDArray[np.bool_]) -> None:
    x, y = np.meshgrid(SMALL.x, SMALL.y)
    directions = np.stack([x, y, np.ones_like(x)], -1).reshape(-1, 3)
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    inside = directions @ directions.T >= cos(HALF_CIRCLE)
    most = float((inside @ (mask * SMALL.solid).reshape(-1)).max())
    assert SMALL.densest(mask)[0] == pytest.approx(most, abs=1e-6)


def test_a_finding_says_when_where_how_much_and_what_is_allowed() -> None:
    clip = next(clip for clip in planted() if clip.name == "strobe")
    (found,) = judge(clip.pictures(), VIEW, HZ)
    assert found.much == 3.0
    assert found.where is not None and abs(found.where.right) < 3 and abs(found.where.up) < 3
    assert str(found).startswith("general flash at 0.0-1.4 s, ")
    assert str(found).endswith("3 flashes in a second, at most 1")


def test_both_eyes_are_told_once_and_one_by_its_name() -> None:
    left = [Finding("general flash", 1.0, 2.0, 2.0, 1.0, Spot(0, 0)), Finding("black", 5.0, 6.0, 0.0, 0.001)]
    right = [Finding("general flash", 1.5, 2.5, 3.0, 1.0, Spot(1, 0))]
    told = both(left, right)
    assert [(each.kind, each.who, each.begin, each.end, each.much) for each in told] == [
        ("general flash", "both eyes", 1.0, 2.5, 3.0),
        ("black", "left eye", 5.0, 6.0, 0.0),
    ]


def test_moments_near_each_other_are_one_finding() -> None:
    kept = Stretches("pulsation", 0.5)
    for time, much in ((1.0, 0.6), (1.5, 0.9), (4.0, 0.7)):
        kept.note(time, much)
    assert [(each.begin, each.end, each.much) for each in kept.found] == [(1.0, 1.5, 0.9), (4.0, 4.0, 0.7)]


# --- swings


def counted(values: list[float], step: float) -> int:
    """Swings by a plain reading: from one turning point to the next, both at least `step` apart."""
    low = high = values[0]
    way = count = 0
    for value in values:
        low, high = min(low, value), max(high, value)
        if way <= 0 and value - low >= step:
            way, low, high, count = 1, value, value, count + 1
        elif way >= 0 and high - value >= step:
            way, low, high, count = -1, value, value, count + 1
    return count


codes = st.lists(st.integers(0, 64), min_size=1, max_size=60)  # 1/64: exact in any float


def swings_in(values: list[float], step: float, below: float = np.inf) -> list[int]:
    swings = Swings((1,), step, below)
    return [int(swings.see(np.array([value], np.float32))[0]) for value in values]


@given(codes, st.integers(1, 32))
def test_swings_are_those_of_a_plain_reading_and_alternate(values: list[int], step: int) -> None:
    seen = [each for each in swings_in([value / 64 for value in values], step / 64) if each]
    assert len(seen) == counted([value / 64 for value in values], step / 64)
    assert all(one == -other for one, other in pairwise(seen))


@given(codes, st.integers(1, 32), st.integers(-64, 64))
def test_swings_do_not_depend_on_the_level_or_on_what_was_still_before(
    values: list[int], step: int, level: int
) -> None:
    here = swings_in([value / 64 for value in values], step / 64)
    assert swings_in([(value + level) / 64 for value in values], step / 64) == here
    assert swings_in([values[0] / 64] * 7 + [value / 64 for value in values], step / 64)[7:] == here


@given(codes)
def test_what_never_spans_a_step_never_swings(values: list[int]) -> None:
    assert not any(swings_in([value / 64 for value in values], (max(values) - min(values) + 1) / 64))


@given(codes, st.integers(1, 32), st.integers(0, 64))
def test_a_darker_end_that_is_asked_for_only_takes_swings_away(values: list[int], step: int, below: int) -> None:
    light = [value / 64 for value in values]
    assert sum(map(abs, swings_in(light, step / 64, below / 64))) <= sum(map(abs, swings_in(light, step / 64)))


def test_a_second_forgets_what_is_older() -> None:
    recent = LastSecond((1, 1), 10.0)
    counts = []
    for index in range(25):
        recent.add(np.array([[index in (3, 12, 13)]]))
        counts.append(int(recent.count[0, 0]))
    assert counts[3:12] == [1] * 9 and counts[12] == 2 and counts[13] == 2 and counts[21] == 2 and counts[23] == 0


@pytest.mark.parametrize(
    ("one", "other", "changes"),
    [
        ((0.3, 0.0, 0.0), (0.2, 0.2, 0.2), 3),
        ((0.3, 0.0, 0.0), (0.0, 0.0, 0.0), 3),  # black has no hue, and a red that comes and goes is the worst
        ((0.3, 0.0, 0.0), (0.0, 0.0, 0.3), 3),
        ((0.3, 0.0, 0.0), (0.1, 0.0, 0.0), 0),  # one red, darker
        ((0.3, 0.05, 0.05), (0.2, 0.2, 0.2), 0),  # not saturated
        ((0.002, 0.0, 0.0), (0.0, 0.0, 0.0), 0),  # too dark to have a hue
        ((0.0, 0.0, 0.3), (0.0, 0.3, 0.0), 0),
    ],
)
def test_red_changes_by_hue_and_from_or_to_a_saturated_red(
    one: tuple[float, float, float], other: tuple[float, float, float], changes: int
) -> None:
    reds = RedSwings((1, 1))
    seen = [bool(reds.see(np.array([[colour]], np.float32))[0][0, 0]) for colour in (one, other, one, other)]
    assert sum(seen) == changes


def test_red_that_comes_slowly_counts_once() -> None:
    reds = RedSwings((1, 1))
    path = [(0.3, 0.3 - 0.02 * step, 0.3 - 0.02 * step) for step in range(16)]
    seen = [bool(reds.see(np.array([[colour]], np.float32))[0][0, 0]) for colour in [*path, *reversed(path)]]
    assert sum(seen) == 2


# --- the whole eye


@given(st.integers(0, 40), st.booleans())
@settings(max_examples=8, deadline=None)
def test_a_flash_is_found_whenever_it_comes_and_on_either_side(before: int, mirrored: bool) -> None:
    mask = np.roll(disc(12.0), 30, axis=1)
    dark, light = (encoded(np.where(mask[..., None], grey(value), grey(0.2))) for value in (0.2, 0.5))
    frames = [dark] * before + [light if index // 5 % 2 else dark for index in range(30)]
    watch = FlashWatch(VIEW, HZ)
    for index, pixels in enumerate(frames):
        watch.see(picture(index / HZ, pixels[:, ::-1] if mirrored else pixels))
    (found,) = watch.findings
    assert found.much >= 2.0
    assert found.end == pytest.approx((before + 29) / HZ, abs=0.2)
    assert found.where is not None and (found.where.right < -15 if mirrored else found.where.right > 15)


def test_a_turning_head_sees_the_same_flash_and_none_in_still_bars() -> None:
    """Bars pass through the picture as the head turns; a lamp beside them blinks, or does not."""
    fov = VIEW.fov

    def seen(yaw: float, lamp: float) -> npt.NDArray[np.uint8]:
        """A world of upright bars every 10 degrees and a lamp 14 degrees wide straight ahead, four samples a pixel."""
        fine = Sight((256, 256), fov)
        x, y = np.meshgrid(fine.x, fine.y)
        left = np.arctan2(-x, 1.0) + yaw
        up = np.arctan2(y, np.hypot(1.0, x))
        light = np.where(np.degrees(left) % 10.0 < 0.7, 0.02, 0.4)
        light = np.where(np.hypot(left, up) < radians(7), lamp, light)
        cells = light.reshape(128, 2, 128, 2).mean((1, 3))
        return encoded(grey(cells.astype(np.float32)))

    for blinks in (False, True):
        eye = TurningEye(VIEW, HZ, lambda time: Pose())
        for index in range(60):
            yaw = radians(15.0) * sin(2 * pi * index / 120)
            eye.see(index / HZ, seen(yaw, 0.7 if blinks and index // 5 % 2 else 0.3), looking(yaw))
        assert {finding.kind for finding in eye.findings} == ({"general flash"} if blinks else set())


# --- patterns


@given(st.sampled_from([0.0, pi / 4, pi / 2]) | st.floats(0, pi), st.floats(4.0, 9.0), st.floats(0, 2 * pi))
@settings(max_examples=20, deadline=None)
def test_stripes_are_found_at_any_angle(turn: float, period: float, phase: float) -> None:
    x, y = np.meshgrid(np.arange(96), np.arange(96))
    wave = np.sin(2 * pi / period * (np.cos(turn) * x + np.sin(turn) * y) + phase)
    seen = striped((0.3 + 0.08 * wave).astype(np.float32))
    assert seen.where.mean() > 0.2
    assert not striped((0.3 + 0.04 * wave).astype(np.float32)).where.any()


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=10, deadline=None)
def test_grain_and_leaves_are_no_stripes(seed: int) -> None:
    grain = np.random.default_rng(seed).random((96, 96)).astype(np.float32)
    assert not striped(grain).where.any()
    leaves = np.cumsum(np.cumsum(grain - grain.mean(), axis=0), axis=1)
    assert not striped((0.4 * (leaves - leaves.min()) / np.ptp(leaves)).astype(np.float32)).where.any()


def test_a_chequer_is_a_pattern() -> None:
    x, y = np.meshgrid(np.arange(96), np.arange(96))
    assert striped((0.2 + 0.2 * ((x // 4 + y // 4) % 2)).astype(np.float32)).where.mean() > 0.2
