"""A comfort profile: what it refuses to be, what it leaves out and why, and what a session is told of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenes.valley.daylight import TIMES
from vr_app.avoiding import fallback, plan_left_out, said, scene_flags, speaking
from vr_app.catalogue import find_scenes
from vr_app.commands import Anchor
from vr_app.lint_words import names_exit
from vr_app.plan import load_plan, plan_names
from vr_app.profile import (
    ANCHORS,
    AVOID,
    DARK_HOURS,
    LOOK_AND_LISTEN,
    Avoid,
    Profile,
    ProfileError,
    anchor_left_out,
    comfort,
    left_out,
    profile_of,
    scene_left_out,
)
from vr_app.script import load_script, script_names

NAMES = {"name": "Ada"}
SCENES = find_scenes()
FLAG = st.sampled_from(get_args(Avoid))
FLAGS = st.frozensets(FLAG)
PROFILE = st.builds(
    Profile,
    avoid=FLAGS,
    hand=st.sampled_from(("left", "right")),
    text=st.sampled_from(("regular", "large")),
    brightness=st.floats(0.3, 1.0),
    posture=st.sampled_from(("upright", "reclined", "lying")),
    words=st.sampled_from(("all", "few", "none")),
)


def test_every_flag_is_told_in_one_line() -> None:
    assert set(AVOID) == set(get_args(Avoid))
    assert all(words.endswith(".") and len(words) < 70 for words in AVOID.values())
    assert set(ANCHORS) == set(get_args(Anchor))


@given(PROFILE)
def test_a_profile_comes_back_from_json_as_it_was(profile: Profile) -> None:
    assert profile_of(msgspec.json.decode(msgspec.json.encode(profile))) == profile


@pytest.mark.parametrize(
    "data",
    [
        {"avoid": ["snakes"]},
        {"brightness": 0.2},
        {"brightness": 1.1},
        {"brightness": "bright"},
        {"hand": "both"},
        {"posture": "standing"},
        {"words": "many"},
        {"text": "huge"},
        {"diagnosis": "none of our business"},
        [],
        None,
    ],
)
def test_anything_else_is_refused_in_one_line(data: Any) -> None:
    with pytest.raises(ProfileError, match=r"^this profile cannot be used .*; correct it and save again$") as caught:
        profile_of(data)
    assert "\n" not in str(caught.value)


@given(PROFILE, FLAGS)
def test_what_shares_no_flag_stays_and_what_does_is_told_by_name(profile: Profile, flags: frozenset[Avoid]) -> None:
    why = left_out(profile, flags, "Somewhere")
    assert (why is None) == (not profile.avoid & flags)
    if why:
        assert why.startswith("'Somewhere' is left out: ")
        assert why.endswith(" to be avoided for this patient.")
        told = why.split(": ")[1]
        assert {flag for flag in AVOID if flag in told} == profile.avoid & flags


def test_the_reason_reads_as_a_sentence() -> None:
    profile = Profile(frozenset({"breath", "water", "dark"}))
    words = "to be avoided for this patient."
    assert left_out(profile, {"water"}, "Lake") == f"'Lake' is left out: water is {words}"
    assert left_out(profile, {"water", "breath"}, "Tide") == f"'Tide' is left out: water and breath are {words}"
    assert left_out(profile, {"dark", "water", "breath"}) == f"Left out: water, dark and breath are {words}"


def test_who_lies_is_shown_what_is_under_the_sky() -> None:
    lying = Profile(posture="lying")
    assert scene_left_out(lying, frozenset({"sky", "dark"}), "Stars") is None
    assert "not for lying down" in (scene_left_out(lying, frozenset(), "Meadow") or "")
    assert scene_left_out(Profile(posture="reclined"), frozenset()) is None


def test_an_anchor_is_left_out_for_what_it_is_and_for_where_it_leads() -> None:
    assert anchor_left_out(Profile(frozenset({"breath"})), "breath") == (
        "'the anchor breath' is left out: breath is to be avoided for this patient."
    )
    assert anchor_left_out(Profile(frozenset({"body"})), "hands")
    assert anchor_left_out(Profile(frozenset({"water"})), "sound") is None
    assert anchor_left_out(Profile(frozenset({"water"})), "sound", {"water"})


@given(PROFILE)
def test_a_session_is_told_what_suits_the_patient(profile: Profile) -> None:
    told = comfort(profile)
    assert (told.hand, told.text, told.brightness) == (profile.hand, profile.text, profile.brightness)
    assert msgspec.convert(msgspec.to_builtins(told), type(told)) == told


# --- plans


def test_shipped_plans_are_left_out_for_what_they_show() -> None:
    tide, lantern = (load_plan(name, SCENES, names=NAMES) for name in ("tide", "lantern"))
    words = "to be avoided for this patient."
    assert plan_left_out(Profile(), tide, SCENES) is None
    assert plan_left_out(Profile(frozenset({"water", "breath"})), tide, SCENES) == (
        f"'Tide 8' is left out: water and breath are {words}"
    )
    assert plan_left_out(Profile(frozenset({"enclosed"})), tide, SCENES) is None
    assert plan_left_out(Profile(frozenset({"enclosed"})), lantern, SCENES)
    assert plan_left_out(Profile(frozenset({"body", "height", "behind"})), tide, SCENES) is None


def test_a_plan_is_left_out_for_its_hour() -> None:
    assert set(TIMES) > DARK_HOURS
    plan = load_plan("tide", SCENES, names=NAMES)
    dark = Profile(frozenset({"dark"}))
    assert plan_left_out(dark, plan, SCENES) is None
    night = replace(plan.steps[1], settings=replace(plan.steps[1].settings, time_of_day="night"))
    assert scene_flags(night, SCENES) == {"breath", "water", "dark"}
    assert plan_left_out(dark, replace(plan, steps=(plan.steps[0], night, plan.steps[2])), SCENES)


def test_a_plan_is_left_out_for_its_words() -> None:
    plan = load_plan("tide", SCENES, names=NAMES)
    spoken = replace(plan.steps[0], script=load_script("tide", names=NAMES))
    read_in_the_room = replace(plan, title="Read", steps=(spoken, plan.steps[-1]))
    assert plan_left_out(Profile(frozenset({"water"})), read_in_the_room, SCENES) == (
        "'Read' is left out: its words are about water, to be avoided for this patient."
    )
    assert plan_left_out(Profile(frozenset({"dark"})), read_in_the_room, SCENES) is None
    assert plan_left_out(Profile(frozenset({"breath"})), read_in_the_room, SCENES) is None  # line by line


@pytest.mark.parametrize("name", plan_names())
def test_home_and_the_way_back_are_never_a_reason(name: str) -> None:
    plan = load_plan(name, SCENES, names=NAMES)
    home = replace(plan, steps=plan.steps[-1:])
    assert plan_left_out(Profile(frozenset(AVOID)), home, SCENES) is None


def test_when_all_is_left_out_one_plan_is_named() -> None:
    why = "water is to be avoided"
    assert fallback({"Tide": why, "Lantern": None}) is None
    assert LOOK_AND_LISTEN in (fallback({"Tide": why, "Lantern": why}) or "")
    assert LOOK_AND_LISTEN in (fallback({"Tide": why, LOOK_AND_LISTEN: None}) or "")


# --- words


@pytest.mark.parametrize("name", script_names())
def test_few_words_keep_the_way_out_and_none_keep_it_alone(name: str) -> None:
    script = load_script(name, names=NAMES)
    assert said(script, "all") is script
    few, none = said(script, "few"), said(script, "none")
    assert [names_exit(moment.line.words) for moment in none.moments] == [True] * len(none.moments)
    assert any(names_exit(moment.line.words) for moment in few.moments)
    for quieter in (few, none):
        assert len(quieter.moments) == len(quieter.captions) <= len(script.moments)
        for moment, caption in zip(quieter.moments, quieter.captions, strict=True):
            assert caption.words in {line.words for line in script.lines()}
            assert moment.line.words == caption.words


def test_the_way_back_is_said_whole() -> None:
    plan = load_plan("tide", SCENES, names=NAMES)
    quiet = speaking(plan, "none")
    assert quiet.steps[-1] == plan.steps[-1]
    assert quiet.steps[1].script is not None
    assert [caption.words for caption in quiet.steps[1].script.captions] == [
        "The top button still stops this, or a word. It goes quiet now."
    ]
    assert quiet.seconds == plan.seconds
