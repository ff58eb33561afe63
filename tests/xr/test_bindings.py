"""Every controller can choose, grasp and stop, and never stops by what a patient holds without thinking."""

from __future__ import annotations

import re

import pytest

from vr_app.xr.bindings import HANDS, PROFILES, Profile

PATH = re.compile(r"/user/hand/(left|right)/(input|output)/[a-z_]+(/[a-z]+)?")
profiles = pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.path.rsplit("/", 1)[-1])


@profiles
def test_bindings_are_well_formed_and_named_once(profile: Profile) -> None:
    pairs = profile.bindings()
    assert len(set(pairs)) == len(pairs)
    for _, path in pairs:
        assert PATH.fullmatch(path), path


@profiles
@pytest.mark.parametrize("hand", HANDS)
def test_either_hand_points_and_chooses(profile: Profile, hand: str) -> None:
    actions = {action for action, path in profile.bindings() if path.startswith(hand)}
    assert {"grip", "aim", "select"} <= actions


@profiles
def test_nothing_that_is_held_stops(profile: Profile) -> None:
    for action, path in profile.bindings():
        if action == "stop":
            assert not re.search("trigger|squeeze|grip|select|pinch|grasp", path)


@profiles
def test_whatever_has_buttons_can_stop_with_either_hand(profile: Profile) -> None:
    if "hand_interaction" in profile.path:
        return
    for hand in HANDS:
        assert any(action == "stop" and path.startswith(hand) for action, path in profile.bindings())


def test_a_profile_waits_for_its_extension_or_for_openxr_1_1() -> None:
    by_name = {profile.path.rsplit("/", 1)[-1]: profile for profile in PROFILES}
    hands, plus = by_name["hand_interaction_ext"], by_name["touch_plus_controller"]
    assert not hands.usable(frozenset(), core_1_1=True)
    assert hands.usable(frozenset({"XR_EXT_hand_interaction"}), core_1_1=False)
    assert plus.usable(frozenset(), core_1_1=True)
    assert not plus.usable(frozenset(), core_1_1=False)
    assert by_name["simple_controller"].usable(frozenset(), core_1_1=False)
