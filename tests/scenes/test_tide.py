"""The tide leads a breath without a jolt and never stands still; what it leaves on the sand follows from it."""

from __future__ import annotations

from collections.abc import Iterator
from math import radians
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headless_harness.pictures import mean_luminance
from scenes.tide_breath import TideBreath, TideSettings
from scenes.valley import tide as module
from scenes.valley.pace import FIRST, SLOWING
from scenes.valley.place import SHORE
from scenes.valley.sea import land_mirrored
from scenes.valley.tide import FARTHEST, LEAST, STEP, Tide
from vr_app import limits
from vr_app.api import Frame, Inputs
from vr_app.render.context import ContextError
from vr_app.scripted.headset import looking
from vr_app.studio import Studio, open_studio

FASTEST = 1.5  # m/s of the edge, whatever pace, depth and quiet do meanwhile
HARDEST = 4.0  # m/s2: 2.6 where a wave begins at the first pace, more while quiet changes the pace
HZ = 1 / 90


class Stretch(NamedTuple):
    """Some seconds in which nothing new is asked."""

    seconds: float
    dt: float
    quiet: bool
    pace: float
    depth: float


STRETCHES = st.lists(
    st.builds(
        Stretch,
        st.floats(0.2, 12.0),
        st.one_of(st.just(1 / 120), st.just(HZ), st.floats(1 / 120, 0.1)),
        st.booleans(),
        st.floats(5.5, 10.0),
        st.floats(0.5, 1.0),
    ),
    min_size=1,
    max_size=6,
)


def frames(stretches: list[Stretch], first: float = 0.0) -> Iterator[tuple[Frame, Stretch]]:
    """Frames as a director gives them: guided time stands still while quiet."""
    time, guided = first, 0.0
    for each in stretches:
        for _ in range(max(int(each.seconds / each.dt), 1)):
            time += each.dt
            dt = 0.0 if each.quiet else each.dt
            guided += dt
            yield Frame(0, time, guided, dt, each.quiet, Inputs(), None), each


@settings(deadline=None, max_examples=60)
@given(STRETCHES, st.floats(0.0, 5000.0))
def test_the_edge_of_the_water_moves_without_a_jolt(stretches: list[Stretch], first: float) -> None:
    tide = Tide()
    reach, speed, before = tide.reach, 0.0, 0.0
    last: float | None = None
    for frame, each in frames(stretches, first):
        tide.update(frame, each.pace, each.depth)
        if last is not None:
            now = (tide.reach - reach) / (frame.time - last)
            assert abs(now) <= FASTEST + 1e-6
            assert abs(now - speed) <= HARDEST * (frame.time - last + before) / 2 + 1e-6
            speed = now
        before = each.dt
        reach, last = tide.reach, frame.time
        assert LEAST <= tide.reach <= LEAST + FARTHEST + 1e-6


@settings(deadline=None, max_examples=60)
@given(STRETCHES)
def test_the_pace_begins_at_ten_and_slows_by_one_in_half_a_minute_at_most(stretches: list[Stretch]) -> None:
    tide = Tide()
    assert tide.pacer is not None
    assert tide.pacer.pace == FIRST
    for frame, each in frames(stretches):
        before = tide.pacer.pace
        tide.update(frame, each.pace, each.depth)
        assert abs(tide.pacer.pace - before) <= SLOWING * frame.dt + 1e-9


def test_the_breath_leaves_and_comes_back_in_six_seconds() -> None:
    tide, time = Tide(), 0.0
    for quiet, least, most in ((False, 1.0, 1.0), (True, 0.0, 0.012), (False, 0.988, 1.0)):
        for frame, each in frames([Stretch(module.FADE_SECONDS, HZ, quiet, 7.0, 0.85)], time):
            tide.update(frame, each.pace, each.depth)
            time = frame.time
        assert least <= tide.guided <= most


@pytest.mark.parametrize("pace", [5.5, 7.0, 10.0])
def test_four_parts_in_and_six_out(pace: float) -> None:
    tide = Tide()
    rising = []
    minutes = (FIRST - pace) / 2 + 4 * 60 / pace / 60
    reach = tide.reach
    for frame, each in frames([Stretch(60 * minutes, HZ, False, pace, 0.85)]):
        tide.update(frame, each.pace, each.depth)
        rising.append(tide.reach > reach)
        reach = tide.reach
    steady = rising[-int(4 * 60 / pace / HZ) :]
    assert np.mean(steady) == pytest.approx(0.4, abs=0.005)
    assert tide.pacer is not None
    assert tide.pacer.pace == pytest.approx(pace)


@settings(deadline=None, max_examples=25)
@given(st.floats(5.5, 10.0), st.floats(0.5, 1.0))
def test_a_slower_breath_is_a_longer_wave(pace: float, depth: float) -> None:
    tide, crests = Tide(depth), [0.0]
    for frame, each in frames([Stretch(60 * 2 * (FIRST - pace) / 2 + 30, 1 / 45, False, pace, depth)]):
        phase = tide.phase
        tide.update(frame, each.pace, each.depth)
        crests = [*crests, 0.0] if tide.phase < phase else [*crests[:-1], max(crests[-1], tide.reach)]
    whole = np.array(crests[:-1])
    assert (np.diff(whole) >= -1e-2).all()
    assert whole[0] - LEAST == pytest.approx(depth * 0.6 * FARTHEST, rel=0.05)
    assert whole[-1] <= LEAST + depth * module.longest(pace)
    assert module.longest(7.0) > 0.85 * FARTHEST
    assert module.longest(5.5) == FARTHEST


@settings(deadline=None, max_examples=25)
@given(st.floats(0.0, 5000.0), st.floats(0.5, 1.0))
def test_a_quiet_sea_lives_on(first: float, depth: float) -> None:
    tide = Tide()
    reaches = []
    for frame, each in frames([Stretch(120.0, 1 / 45, True, 7.0, depth)], first):
        tide.update(frame, each.pace, each.depth)
        reaches.append(tide.reach)
    window = 14 * 45
    for start in range(0, len(reaches) - window, 45):
        part = reaches[start : start + window]
        assert max(part) - min(part) > 0.6
    turns = np.flatnonzero(np.diff(np.sign(np.diff(reaches))) < 0) / 45
    assert np.ptp(np.diff(turns)) > 0.15  # uneven: nothing to breathe with


@settings(deadline=None, max_examples=40)
@given(STRETCHES)
def test_what_the_edge_passed_last_was_passed_long_ago_farther_up(stretches: list[Stretch]) -> None:
    tide = Tide()
    grid = LEAST + STEP * np.arange(17)
    before = _history(tide)
    for frame, each in frames(stretches):
        tide.update(frame, each.pace, each.depth)
        now = _history(tide)
        assert (np.diff(now[0]) >= -1e-4).all()  # farther up the edge was earlier
        assert (now[0][grid <= tide.reach - 1e-5] == 0.0).all()
        dry = now[0] > 0.0
        older = now[0][dry] - before[0][dry]
        assert ((older <= each.dt + 1e-4) | (now[0][dry] >= module.LONG_AGO - 1e-3)).all()
        before = now


def _history(tide: Tide) -> npt.NDArray[np.float64]:
    """Seconds since the edge fell past every sample, in this wave and in the one before."""
    params = tide.params()
    pieces = params["crests"][3] - np.array(params["fell"]).reshape(-1, 4)
    return np.stack([np.append(pieces[:, 0], pieces[-1, 1]), np.append(pieces[:, 2], pieces[-1, 3])])


def test_the_next_wave_takes_over_what_the_last_one_left() -> None:
    tide = Tide()
    wave = 0
    for frame, each in frames([Stretch(20.0, HZ, False, 10.0, 0.85)]):
        before, phase = _history(tide), tide.phase
        tide.update(frame, each.pace, each.depth)
        if tide.phase < phase:
            wave += 1
            assert np.abs(_history(tide)[1] - before[0]).max() <= HZ + 1e-4
            assert tide.reach - LEAST < 1e-2  # where the edge is straight: other arcs change nothing
    assert wave == 3


def test_the_bay_mirrors_land_where_there_is_some() -> None:
    bearing, away = np.radians([-40.0, -40.0, -40.0, 12.0]), np.array([6.0, 40.0, 60.0, 40.0])
    found = land_mirrored(SHORE, SHORE.x + away * np.sin(bearing), SHORE.z - away * np.cos(bearing))
    assert ((found >= 0.0) & (found <= 1.0)).all()
    assert found[0] < found[1] <= found[2]  # the nearer to the seat, the higher in the sky it looks
    assert found[3] < 0.3 < found[2]  # the open sea, and the headland on the left


# --- pictures


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    try:
        with open_studio(limits.FLASH_TEST_PIXELS, vertical=radians(60)) as opened:
            yield opened
    except ContextError as error:
        pytest.skip(f"unproven: the shore's picture is whole, soft and slow ({error})")


TIMES = [12.4 + 0.8 * k for k in range(9)]  # one breath and a little


@pytest.fixture(scope="module")
def shore(studio: Studio) -> list[npt.NDArray[np.uint8]]:
    shots = studio.photograph(TideBreath, TIMES, [looking(0.0, radians(-12))])
    return [shot.photograph.left for shot in shots]


def test_two_visits_are_the_same_to_the_last_bit(studio: Studio, shore: list[npt.NDArray[np.uint8]]) -> None:
    again = studio.photograph(TideBreath, TIMES[:3], [looking(0.0, radians(-12))])
    for shot, before in zip(again, shore, strict=False):
        assert (shot.photograph.left == before).all()


def test_every_pixel_is_a_colour(shore: list[npt.NDArray[np.uint8]]) -> None:
    for picture in shore:  # what is not a number comes out as 0, and the palette's black is #0B0F1A
        assert picture[..., :3].min() >= 8


def test_the_picture_changes_slowly_through_a_breath(shore: list[npt.NDArray[np.uint8]]) -> None:
    luminance = [mean_luminance(picture) for picture in shore]
    assert np.abs(np.diff(luminance)).max() / 0.8 <= limits.LUMINANCE_CHANGE_PER_SECOND / 2


@pytest.fixture
def lens() -> Iterator[Studio]:
    """Pixels of a tenth of a degree, as a headset has them at its best."""
    try:
        with open_studio(limits.FLASH_TEST_PIXELS, vertical=radians(12)) as opened:
            yield opened
    except ContextError as error:
        pytest.skip(f"unproven: the edge of the water is soft ({error})")


def test_the_edge_of_the_water_is_no_line(lens: Studio) -> None:
    """Foam ends in lace, the sheet in a soft slope. With a hard edge three columns in four jump by 80 and more."""
    heads = [looking(radians(yaw), radians(-17.5)) for yaw in (-12, 12)]
    for shot in lens.photograph(TideBreath, [15.0, 16.5, 18.0], heads):
        grey = shot.photograph.left[..., :3].astype(np.float64).mean(axis=2)
        steepest = np.sort(np.abs(np.diff(grey, axis=0)).max(axis=0))
        assert steepest[len(steepest) // 4] < 70  # of 255


def test_no_colour_burns_where_the_sea_ends_at_night(lens: Studio) -> None:
    """At a far edge a pixel's sample may lie outside its triangle: no depth below nothing, no light without end."""
    night = TideSettings(time_of_day="night", weather="clear")
    heads = [looking(radians(yaw), 0.0) for yaw in (25, -25)]
    for shot in lens.photograph(TideBreath, [3.0], heads, night):
        red, _, blue = np.moveaxis(shot.photograph.left[..., :3].astype(int), -1, 0)
        assert (red - blue).max() < 30
