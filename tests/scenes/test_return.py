"""The way back: the room grows plain slowly, never darker, as far as was asked; its sound thins."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import radians
from typing import Any

import pytest

from headless_harness.pictures import mean_luminance
from scenes.return_ import LEAST_MINUTES, SHARE, WITHOUT_WIND, WayBack, WayBackSettings
from scenes.room import CalmRoom
from scenes.valley.outside import DAY_END, PLAIN_DAY
from scenes.valley.sounds import INDOORS
from tests.core.places import NoHands
from tests.scenes.test_sounds import Told
from vr_app.api import Frame, Inputs, Stage
from vr_app.catalogue import SettingsError, make_settings
from vr_app.plan import RETURN
from vr_app.remembered import Remembered
from vr_app.render.context import ContextError
from vr_app.scripted.headset import looking
from vr_app.studio import open_studio
from vr_app.works.works import Works

DT = 1.0 / 30.0
FASTEST = 1.5 / (60.0 * LEAST_MINUTES * SHARE)  # of plainness, a second


class Still:
    """A view that only stands there."""

    def enter(self) -> None:
        """Nothing begins."""

    def update(self, frame: Frame) -> None:
        """Nothing moves."""


def arrived(told: Told) -> WayBack:
    scene = WayBack()
    scene.outside = Still()  # type: ignore[assignment]
    scene.enter(Stage(NoHands(), told, Remembered().of(RETURN), Works().of(RETURN), print, print))
    return scene


def stay(scene: WayBack, seconds: float, first: float = 0.0, *, quiet: bool = False, **changes: Any) -> list[float]:
    """How plain it is in each frame."""
    settings, made, time = replace(WayBackSettings(), **changes), [], first
    for _ in range(round(seconds / DT)):
        time += 0.0 if quiet else DT
        scene.update(Frame(0, time, time, 0.0 if quiet else DT, quiet, Inputs(), settings))
        made.append(scene.plain)
    return made


@pytest.mark.parametrize("minutes", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("plainness", [0.0, 0.6, 1.0])
def test_it_grows_plain_slowly_and_only_that(minutes: float, plainness: float) -> None:
    plain = stay(arrived(Told()), 60.0 * minutes, minutes=minutes, plainness=plainness)
    assert plain[0] < 0.01 and plain[-1] == pytest.approx(plainness)
    steps = [b - a for a, b in pairwise(plain)]
    assert min(steps) >= 0.0 and max(steps) <= FASTEST * DT + 1e-9
    still = plain[round(60.0 * minutes * SHARE / DT) :]
    assert max(still) - min(still) < 1e-6, "the last words stand in a room that changes no more"


def test_quiet_leaves_it_as_it_is_and_a_changed_mind_is_followed_slowly() -> None:
    scene = arrived(Told())
    half = stay(scene, 24.0)[-1]
    assert 0.4 < half < 0.6
    assert set(stay(scene, 30.0, 24.0, quiet=True)) == {half}
    back = [half, *stay(scene, 60.0, 24.0, plainness=0.0)]
    assert back[-1] == 0.0
    assert max(abs(b - a) for a, b in pairwise(back)) <= FASTEST * DT + 1e-9


def test_one_who_comes_back_to_it_finds_it_as_it_was() -> None:
    assert stay(arrived(Told()), DT, 30.0)[0] == pytest.approx(stay(arrived(Told()), 30.0 + DT)[-1], abs=0.01)


def test_what_is_heard_thins_and_nothing_new_begins() -> None:
    told = Told()
    scene = arrived(told)
    stay(scene, 60.0)
    assert list(told.played.values()) == list(INDOORS)
    assert [told.played[voice] for voice in told.stopped] == ["wind"]
    assert WITHOUT_WIND.items() <= INDOORS.items()


@pytest.mark.parametrize("wrong", [{"minutes": 0.1}, {"plainness": 2.0}, {"plainness": float("nan")}])
def test_settings_out_of_range_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        make_settings(WayBack, wrong)


def test_a_plain_day_has_less_colour_and_is_no_darker() -> None:
    for one, other in ((DAY_END.zenith, PLAIN_DAY.zenith), (DAY_END.skylight, PLAIN_DAY.skylight)):
        spread = [(max(colour[:3]) - min(colour[:3])) / max(colour[:3]) for colour in (one, other)]
        assert spread[1] < 0.7 * spread[0]
        assert sum(other[:3]) >= sum(one[:3])


def test_the_picture_begins_as_the_calm_room_and_never_grows_darker() -> None:
    ways = ((0.0, 0.0), (100.0, 0.0), (-100.0, 0.0), (180.0, 0.0), (0.0, -40.0))
    heads = [looking(radians(yaw), radians(pitch)) for yaw, pitch in ways]
    try:
        with open_studio((96, 96)) as studio:
            room = studio.photograph(CalmRoom, [0.0], heads)
            shots = studio.photograph(WayBack, [0.0, 15.0, 30.0, 48.0], heads)
    except ContextError as error:
        pytest.skip(f"no OpenGL here, so it is not shown that the room never grows darker: {error}")
    for n, before in enumerate(room):
        means = [mean_luminance(shot.photograph.left) for shot in shots[n :: len(heads)]]
        assert (shots[n].photograph.left == before.photograph.left).all()
        assert all(b >= a - 0.002 for a, b in pairwise(means)), means
        assert means[-1] <= 0.35
