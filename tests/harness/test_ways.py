"""What the scripted patients of every way do."""

from __future__ import annotations

import json
from math import radians

import numpy as np
import pytest

from headless_harness import ways
from scenes import intention
from scenes.valley import attention
from vr_app.placement import about_x, rotated
from vr_app.remembered import Remembered

EYES = (0.0, 1.2, 0.0)


def test_they_rest_longer_than_anything_asks_for() -> None:
    assert max(intention.LIGHT_SECONDS, intention.CHOOSE_SECONDS, attention.REST_SECONDS) < ways.RESTS


@pytest.mark.parametrize("lean", ways.CHAIR.values())
def test_who_leans_back_turns_about_the_spine(lean: float) -> None:
    """So that a place which is pitched with the chair keeps its horizon level."""
    spine = rotated(about_x(radians(lean)), (0.0, 1.0, 0.0))
    for yaw in (-40.0, 0.0, 20.0):
        head = ways._leant(EYES, radians(yaw), radians(-20.0), radians(lean))
        assert np.dot(rotated(head.orientation, (1.0, 0.0, 0.0)), spine) == pytest.approx(0.0, abs=1e-9)


def test_a_hands_ray_meets_what_the_eyes_would_look_at() -> None:
    lines = [json.loads(line) for line in ways.script("right", 60.0)]
    rays = [line["right"] for line in lines if "right" in line]
    assert rays
    for number, ray in enumerate(rays[::2]):
        yaw, pitch = (radians(part) for part in ways.PLACES[number])
        hand, ahead = np.array(ray[:3]), np.array(rotated(tuple(ray[3:]), (0.0, 0.0, -1.0)))
        target = np.array(ways._leant(EYES, yaw, pitch, 0.0, ways.NEAR).position) - hand
        assert np.dot(target / np.linalg.norm(target), ahead) == pytest.approx(1.0)


def test_times_of_a_script_only_grow() -> None:
    for way in ways.WAYS:
        times = [json.loads(line)["at"] for line in ways.script(way, 120.0)]
        assert times == sorted(times)


def test_what_is_taken_home_is_told_by_scene() -> None:
    remembered = Remembered()
    remembered.put("intention", "take_home", json.dumps({"lines": ["hill"]}).encode())
    assert ways.taken_home(remembered, ("room", "intention", "room")) == ("intention: hill",)
    assert ways.taken_home(Remembered(), ("room", "intention")) == ()
