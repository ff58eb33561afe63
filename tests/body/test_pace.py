"""What paces a breath: the patient's own rate first, slower only as they come along, gone when it is a struggle."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenes.lantern import STEADY, Lantern, LanternSettings
from scenes.tide_breath import TideBreath
from scenes.valley.pace import DRAWN, FIRST, FOLLOW_SECONDS, LISTEN_SECONDS, SLOWING, Pacer
from scenes.valley.tide import CALM_SPEED, Tide
from vr_app import limits
from vr_app.api import Breath, Frame, Inputs, Scene, Stage
from vr_app.catalogue import setting_ranges
from vr_app.remembered import Remembered
from vr_app.sound.silent import Silent
from vr_app.works.works import Works

DT = 1 / 30
SLOWEST, QUICKEST = limits.PACE_RANGE
Patient = Callable[[float, Pacer], Breath | None]


def sure(rate: float, phase: float = 0.0) -> Breath:
    return Breath(rate, phase % 1.0, 0.9)


def unsure(rate: float = 12.0) -> Breath:
    return Breath(rate, 0.3, 0.2)


def along(most: float) -> Patient:
    """Goes along with the pace, half a breath a minute behind, and comes at `most`."""
    return lambda time, pacer: sure(min(pacer.pace + 0.5, most))


def paced(patient: Patient, seconds: float, wanted: float = 7.0, pacer: Pacer | None = None) -> Pacer:
    pacer = pacer or Pacer()
    for k in range(round(seconds / DT)):
        pacer.update(DT, wanted, patient(k * DT, pacer))
    return pacer


def accompanied(seconds: float) -> Pacer:
    """Of somebody who came with 13 breaths a minute, and goes along."""
    return paced(along(13.0), seconds - 1.0, pacer=paced(lambda time, pacer: sure(13.0), 1.0))


# --- nobody listens


def test_unsensed_it_begins_at_ten_and_slows_by_one_in_half_a_minute() -> None:
    pacer = Pacer()
    for k in range(round(90 / DT)):
        pacer.update(DT, 7.0, None)
        assert pacer.leads
        assert pacer.pace == pytest.approx(max(FIRST - (k + 1) * DT / limits.PACE_SLOWING_SECONDS, 7.0))
    assert pacer.rate == pacer.pace == 7.0


# --- somebody does


def test_it_listens_first_and_begins_at_the_patients_own_rate() -> None:
    pacer = paced(lambda time, pacer: unsure() if time < 25.0 else sure(13.2), 24.9)
    assert pacer.state == "listens"
    paced(lambda time, pacer: sure(13.2), DT, pacer=pacer)
    assert pacer.pace == 13.2
    paced(lambda time, pacer: sure(13.2), FOLLOW_SECONDS - 1.0, pacer=pacer)
    assert pacer.pace == 13.2


def test_then_it_leads_slower_and_stays_at_what_is_set() -> None:
    pacer = accompanied(FOLLOW_SECONDS + 30.0)
    assert pacer.pace == pytest.approx(12.0, abs=0.1)
    paced(along(13.0), 200.0, pacer=pacer)
    assert pacer.pace == pytest.approx(7.0)
    assert pacer.state == "leads"


def test_it_waits_for_who_does_not_come_along() -> None:
    pacer = paced(lambda time, pacer: sure(13.0), FOLLOW_SECONDS + 120.0)
    assert pacer.state == "leads"
    assert pacer.pace == pytest.approx(13.0 - 0.75, abs=0.05)


def test_nobody_is_quickened() -> None:
    pacer = paced(lambda time, pacer: sure(6.2), 200.0)
    assert pacer.pace == pytest.approx(6.2)
    assert paced(lambda time, pacer: sure(4.4), 200.0).pace == SLOWEST


def test_who_breathes_too_quickly_for_a_sea_is_let_be() -> None:
    pacer = paced(lambda time, pacer: sure(18.0), LISTEN_SECONDS - 1.0)
    assert not pacer.leads
    paced(lambda time, pacer: sure(14.0), 1.0, pacer=pacer)
    assert pacer.pace == pytest.approx(14.0)


def test_where_nothing_can_be_heard_it_begins_as_if_nobody_listened() -> None:
    pacer = paced(lambda time, pacer: unsure(), LISTEN_SECONDS + 1.0)
    assert pacer.leads
    assert FIRST - 0.1 < pacer.pace <= FIRST
    paced(lambda time, pacer: unsure(), 60.0, pacer=pacer)
    assert pacer.state == "leads"  # what was never known is not lost
    assert pacer.pace == pytest.approx(FIRST - 61.0 * SLOWING, abs=0.05)


def test_it_is_drawn_to_the_patients_phase_while_it_follows() -> None:
    pacer, phase, own = Pacer(), 0.0, 0.35
    for _ in range(round(FOLLOW_SECONDS / DT)):
        own += DT * 12.0 / 60.0
        pacer.update(DT, 7.0, sure(12.0, own), phase)
        phase += DT * pacer.rate / 60.0
        assert abs(pacer.rate - pacer.pace) <= DRAWN * pacer.pace + 1e-9
    assert abs((own - phase + 0.5) % 1.0 - 0.5) < 0.2


# --- a struggle


def struggles(pacer: Pacer) -> bool:
    """Dropped, and nothing brings it back in this cue."""
    dropped = pacer.state == "dropped"
    for patient in (along(20.0), lambda time, pacer: None, lambda time, pacer: sure(pacer.pace)):
        paced(patient, 60.0, pacer=pacer)
        assert not pacer.leads or not dropped
    return dropped


@pytest.mark.parametrize(
    ("patient", "seconds"),
    [
        (lambda time, pacer: sure(pacer.pace + 2.1), 1.0),
        (lambda time, pacer: unsure(), limits.PACE_UNSURE_SECONDS + 1.0),
        (lambda time, pacer: sure(pacer.pace + 1.8), limits.PACE_FAR_SECONDS + 1.0),
        (lambda time, pacer: sure(max(pacer.pace - 4.0, 4.0)), limits.PACE_FAR_SECONDS + 1.0),
    ],
    ids=["rises", "cannot be told", "stays above", "stays below"],
)
def test_pacing_drops_when_it_is_a_struggle(patient: Patient, seconds: float) -> None:
    pacer = accompanied(60.0)
    paced(patient, seconds - 2.0 if seconds > 3.0 else 0.0, pacer=pacer)
    assert pacer.leads
    paced(patient, 2.0, pacer=pacer)
    assert struggles(pacer)


@pytest.mark.parametrize(
    ("patient", "seconds"),
    [
        (lambda time, pacer: unsure(), limits.PACE_UNSURE_SECONDS - 1.0),
        (lambda time, pacer: sure(pacer.pace + 1.9), limits.PACE_FAR_SECONDS - 1.0),
        (lambda time, pacer: None, 300.0),
    ],
    ids=["a sigh", "a quicker breath or two", "nobody listens any more"],
)
def test_a_moment_is_no_struggle(patient: Patient, seconds: float) -> None:
    pacer = paced(patient, seconds, pacer=accompanied(60.0))
    assert pacer.state == "leads"
    assert paced(along(20.0), 30.0, pacer=pacer).state == "leads"


BREATHS = st.one_of(
    st.none(), st.builds(Breath, st.floats(0.0, 25.0), st.floats(0.0, 1.0, exclude_max=True), st.floats(0.0, 1.0))
)
Course = list[tuple[float, Breath | None, float, bool]]  # seconds, what is heard, the pace that is set, quiet
COURSE = st.lists(
    st.tuples(st.floats(0.2, 40.0), BREATHS, st.floats(SLOWEST, QUICKEST), st.booleans()), min_size=1, max_size=8
)


@settings(deadline=None, max_examples=80)
@given(COURSE)
def test_whatever_is_heard_the_pace_changes_slowly_and_is_never_too_slow(
    course: Course,
) -> None:
    pacer = Pacer()
    for seconds, breath, wanted, quiet in course:
        for _ in range(round(seconds / 0.1)):
            dt = 0.0 if quiet else 0.1
            led, before = pacer.leads, pacer.pace
            pacer.update(dt, wanted, breath, 0.4)
            if led:
                assert abs(pacer.pace - before) <= SLOWING * dt + 1e-9
            assert SLOWEST <= pacer.pace <= limits.PACE_OWN_MOST
            assert SLOWEST <= pacer.rate <= limits.PACE_OWN_MOST * (1.0 + DRAWN)


# --- sea and lantern


def frames(course: Course, dt: float = 1 / 45) -> Iterator[tuple[Frame, float]]:
    """As a director gives them, and the pace that is set."""
    time = guided = 0.0
    for seconds, breath, wanted, quiet in course:
        for _ in range(round(seconds / dt)):
            time += dt
            step = 0.0 if quiet else dt
            guided += step
            if breath is not None:
                breath = breath._replace(phase=(breath.phase + dt * breath.rate / 60.0) % 1.0)
            yield Frame(0, time, guided, step, quiet, Inputs(breath=breath), LanternSettings()), wanted


@settings(deadline=None, max_examples=40)
@given(COURSE)
def test_the_phase_of_the_sea_never_leaps(course: Course) -> None:
    tide, before = Tide(), 0.0
    for frame, wanted in frames(course):
        tide.update(frame, wanted, 0.85)
        assert 0.0 <= (tide.phase - before) % 1.0 <= limits.PACE_OWN_MOST * (1.0 + DRAWN) / 60.0 / 45.0 + 1e-9
        assert abs(tide.speed) <= CALM_SPEED + 1e-6
        before = tide.phase


def test_a_sea_that_listens_or_was_let_be_has_its_own_rhythm() -> None:
    tide, guided = Tide(), []
    for frame, wanted in frames(
        [(20.0, unsure(), 7.0, False), (30.0, sure(12.0), 7.0, False), (30.0, unsure(), 7.0, False)]
    ):
        tide.update(frame, wanted, 0.85)
        guided.append(tide.guided)
    assert max(guided[: 20 * 45]) == 0.0
    assert guided[30 * 45] > 0.98
    assert guided[-1] < 0.01


def lantern(course: Course) -> list[float]:
    """Its glow, frame by frame."""
    scene, glows = Lantern(), []
    scene.outside = NoView()  # type: ignore[assignment]
    scene.enter(
        Stage(NoHaptics(), Silent(), Remembered().of("scene"), Works().of("scene"), lambda words: None, lambda: None)
    )
    for frame, _ in frames(course):
        scene.update(frame)
        glows.append(scene.glow)
    return glows


class NoView:
    def enter(self, memory: object = None) -> None:
        """No window."""

    def update(self, frame: Frame) -> None:
        """Nothing outside it."""


class NoHaptics:
    def pulse(self, hand: str, gain: float, seconds: float) -> None:
        """Nobody holds a controller."""


def test_the_lantern_rests_until_it_knows_the_breath_and_goes_with_it_then() -> None:
    glows = lantern([(20.0, unsure(), 6.0, False), (30.0, sure(12.0), 6.0, False), (40.0, unsure(), 6.0, False)])
    assert max(abs(glow - STEADY) for glow in glows[10 * 45 : 20 * 45]) < 0.01
    followed = glows[30 * 45 : 35 * 45]  # one breath of 12 a minute
    assert max(followed) - min(followed) > 0.9
    assert max(abs(glow - STEADY) for glow in glows[-10 * 45 :]) < 0.01
    assert max(abs(b - a) * 45 for a, b in pairwise(glows)) < 1.2  # a second: it never leaps


@pytest.mark.parametrize("scene", [TideBreath, Lantern])
def test_settings_keep_the_range_of_a_pace(scene: type[Scene]) -> None:
    allowed = setting_ranges(scene)["breaths_per_minute"]
    assert (allowed.low, allowed.high) == limits.PACE_RANGE
