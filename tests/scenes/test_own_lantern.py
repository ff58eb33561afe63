"""What a patient lit on the jetty is seen from elsewhere, evenly, and only by this patient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import hypot, radians
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from headless_harness.pictures import linear
from scenes.intention import Intention
from scenes.room import CalmRoom
from scenes.tide_breath import TideBreath
from scenes.valley.own_lantern import light_arrays, was_lit
from scenes.valley.place import LANDING, OWN_LANTERN, ROOM, SHORE, Seat, height, under_landing
from vr_app import limits
from vr_app.api import Scene, Stage
from vr_app.remembered import Remembered
from vr_app.render.context import ContextError
from vr_app.scripted.headset import looking_at
from vr_app.studio import Studio, open_studio

EYE = 1.2
LIT = {("intention", "lantern"): b'{"version": 1, "lit": true, "symbol": ""}'}
Picture = npt.NDArray[np.uint8]


@pytest.mark.parametrize(
    ("raw", "lit"),
    [
        (b'{"lit": true}', True),
        (b'{"lit": false}', False),
        (b'{"lit": "yes"}', False),
        (b"[true]", False),
        (b"", False),
        (b"\xff\xfe", False),
        (b"[" * 2000, False),
    ],
)
def test_only_a_lantern_that_was_lit_hangs_there(raw: bytes, lit: bool) -> None:
    memory = Remembered({("intention", "lantern"): raw})
    assert was_lit(memory.of("room")) is lit
    assert not was_lit(Remembered().of("room"))


@pytest.mark.parametrize("seat", [ROOM, SHORE, LANDING])
def test_its_light_lies_on_water_only(seat: Seat) -> None:
    arrays = light_arrays(seat)
    used = np.unique(arrays["index"])
    strip = seat.valley(arrays["position"][used[used >= 4]].astype(np.float64))
    assert len(strip) > 40
    assert (height(strip[:, 0], strip[:, 2]) < 0.0).all()
    mirrored = (seat.y + EYE) / (seat.y + EYE + OWN_LANTERN[1])
    away = np.hypot(strip[:, 0] - seat.x, strip[:, 2] - seat.z) / hypot(
        OWN_LANTERN[0] - seat.x, OWN_LANTERN[2] - seat.z
    )
    assert away.min() < mirrored < away.max()


def test_nothing_grows_through_the_landing() -> None:
    about = np.array([[LANDING.x, LANDING.z], [-13.0, -16.2], [-10.0, -12.0]])
    assert under_landing(about[:, 0], about[:, 1]).tolist() == [True, True, False]


# --- pictures


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    try:
        with open_studio((96, 96), vertical=radians(6)) as opened:
            yield opened
    except ContextError as error:
        pytest.skip(f"unproven: the patient's own lantern is seen from every place ({error})")


def remembering(scene: type[Scene], known: Mapping[tuple[str, str], bytes]) -> type[Scene]:
    """The scene for a patient of whom this is known."""

    class Remembering(scene):  # type: ignore[misc,valid-type]
        def enter(self, stage: Stage) -> None:
            super().enter(replace(stage, memory=Remembered(dict(known)).of(scene.info.id)))

    return Remembering


def pictures(
    studio: Studio, scene: type[Scene], seat: Seat, known: Mapping[tuple[str, str], bytes], settings: Any = None
) -> list[Picture]:
    """Six degrees about it, for a second."""
    head = looking_at(seat.local(np.array(OWN_LANTERN)).tolist())
    times = [2.0 + 0.25 * k for k in range(4)]
    shots = studio.photograph(remembering(scene, known), times, [head], settings)
    return [shot.photograph.left for shot in shots]


SEEN_FROM = [(TideBreath, SHORE), (CalmRoom, ROOM), (Intention, LANDING)]


@pytest.mark.parametrize(("scene", "seat"), SEEN_FROM, ids=["shore", "room", "jetty"])
def test_it_is_seen_small_and_warm_and_never_flickers(studio: Studio, scene: type[Scene], seat: Seat) -> None:
    there, absent = (np.array([linear(p) for p in pictures(studio, scene, seat, known)]) for known in (LIT, {}))
    added = (there - absent)[:, 40:56, 40:56]
    middle = added.mean(axis=0).max(axis=(0, 1))
    assert middle[0] > 0.10  # a light, not a change of a shade
    assert middle[0] > middle[2]  # and a warm one
    pixels_wide = np.sqrt((added.mean(axis=0)[..., 0] > 0.04).sum())
    assert pixels_wide >= 3.0
    lightness = there[:, 40:56, 40:56] @ np.array(limits.LUMINANCE_WEIGHTS)
    assert np.ptp(lightness, axis=0).max() < limits.FLASH_LUMINANCE_STEP / 2.0


def test_mist_hides_it_as_it_hides_all_else(studio: Studio) -> None:
    def added(weather: str) -> float:
        settings = TideBreath.Settings(weather=weather)
        there, absent = (linear(pictures(studio, TideBreath, SHORE, known, settings)[0]) for known in (LIT, {}))
        return float((there - absent)[40:56, 40:56].max())

    assert added("misty") < added("clear")
