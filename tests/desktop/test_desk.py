"""What the therapist's window asks and says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.desktop.fakes import FakeSurface, status
from vr_app.commands import EndGently, Go, GroundNow, PlaceView, SetQuiet, StopNow, Watch
from vr_app.course import Mode
from vr_app.desktop.desk import TWICE_SECONDS, Act, Desk, clock, detail, sentence
from vr_app.station.messages import Reply
from vr_app.station.ring import Picture


def _picture(host_ns: int = 0) -> Picture:
    return Picture("eye", 0.0, host_ns, np.zeros((2, 2, 4), np.uint8))


@pytest.mark.parametrize(
    ("act", "command"),
    [
        (Act.GO, Go()),
        (Act.PLACE, PlaceView()),
        (Act.GROUND, GroundNow()),
        (Act.END, EndGently()),
        (Act.STOP, StopNow()),
    ],
)
def test_an_act_sends_its_command(act: Act, command: object) -> None:
    surface = FakeSurface()
    Desk(surface).act(act, 0.0)
    assert surface.sent == [command]


def test_every_act_has_a_key_of_its_own() -> None:
    assert len({act.key[0] for act in Act}) == len(Act)


def test_quiet_is_absolute_by_what_the_session_says() -> None:
    surface = FakeSurface()
    desk = Desk(surface)
    desk.act(Act.QUIET, 0.0)
    surface.now = status(quiet=True)
    desk.heed(0.1, visible=False)
    desk.act(Act.QUIET, 0.2)
    desk.act(Act.QUIET, 0.3)  # the session has not answered yet
    assert surface.sent == [SetQuiet(True), SetQuiet(False), SetQuiet(False)]


@given(st.lists(st.floats(0.0, 5.0), min_size=1, max_size=10))
def test_escape_twice_stops_now(gaps: list[float]) -> None:
    surface = FakeSurface()
    desk, now, last = Desk(surface), 100.0, -1.0
    for gap in gaps:
        now += gap
        desk.escape(now)
        assert surface.sent[-1] == (StopNow() if now - last <= TWICE_SECONDS else EndGently())
        last = now


def test_a_refusal_is_told_for_six_seconds() -> None:
    surface = FakeSurface()
    desk = Desk(surface)
    desk.act(Act.GO, 10.0)
    surface.replies = [Reply(surface.number, "the session is locked")]
    desk.heed(10.1, visible=False)
    assert desk.told == "Go was not done: the session is locked"
    desk.heed(16.0, visible=False)
    assert desk.told
    desk.heed(16.2, visible=False)
    assert desk.told == ""


def test_pictures_are_asked_for_while_visible_and_again_while_none_come() -> None:
    surface = FakeSurface()
    desk = Desk(surface)
    for tenth in range(25):
        desk.heed(100 + tenth / 10, visible=True)
    assert surface.sent == [Watch("eye", 15.0)] * 3
    surface.picture = _picture()
    for tenth in range(25, 60):
        desk.heed(100 + tenth / 10, visible=True)
    assert len(surface.sent) == 3
    desk.heed(107.0, visible=False)
    assert surface.sent[3:] == [Watch("eye", 0.0)]
    desk.act(Act.CAMERA, 107.1)
    desk.heed(107.2, visible=True)
    desk.close()
    assert surface.sent[4:] == [Watch("beside", 0.0), Watch("beside", 15.0), Watch("beside", 0.0)]


def test_why_no_picture_comes_is_said_in_its_place() -> None:
    surface = FakeSurface()
    desk = Desk(surface)
    desk.heed(1.0, visible=True)
    surface.replies = [Reply(surface.number, "this session has no mirror")]
    desk.heed(1.1, visible=True)
    assert (desk.no_picture, desk.told) == ("this session has no mirror", "")


def test_a_picture_grows_old() -> None:
    surface = FakeSurface()
    desk = Desk(surface)
    assert desk.picture_age(5_000_000_000) == 0.0
    surface.picture = _picture(2_000_000_000)
    desk.heed(1.0, visible=True)
    assert desk.picture_age(5_500_000_000) == 3.5


def test_every_turn_gives_a_sign_of_life() -> None:
    surface = FakeSurface()
    desk = Desk(surface)
    desk.heed(1.0, visible=False)
    desk.heed(2.0, visible=True)
    assert surface.beats == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Playing Lantern, 2:10 left"),
        ({"quiet": True}, "Quiet: the guide rests. Lantern, 2:10 left"),
        ({"mode": Mode.WAITING.value}, "In the calm room, waiting for Go"),
        ({"locked": True}, "VR is locked: nothing plays until it is unlocked"),
        ({"mode": "something newer"}, "Something newer"),
    ],
)
def test_the_state_is_said_in_plain_words(changes: dict[str, Any], words: str) -> None:
    assert sentence(status(**changes)) == words


def test_every_mode_has_its_words() -> None:
    said: Sequence[str] = [sentence(status(mode=mode.value, locked=mode is Mode.LOCKED)) for mode in Mode]
    assert len(set(said)) == len(said)
    assert all(len(words) <= 50 for words in said)


def test_the_headset_comes_before_the_words() -> None:
    assert detail(status(caption="Breathe.", worn=False)) == "The headset is not worn"
    assert detail(status(caption="Breathe.", head_tracked=False)).startswith("The headset has lost its place")
    assert detail(status(caption="Breathe.")) == "The patient reads: “Breathe.”"


def test_what_is_wrong_with_the_sound_comes_before_the_words() -> None:
    words = "the sound device is lost; connect it again"
    assert detail(status(sound=words, caption="The water")) == "The patient reads: “The water”"
    assert detail(status(sound=words, sound_wrong=True, caption="The water")) == f"Sound: {words}"


def test_a_rehearsal_and_a_therapist_who_speaks_are_said() -> None:
    assert "no session for a patient" in detail(status(rehearsal=True, caption="The water"))
    assert sentence(status(speak=True)).startswith("You are speaking")


def test_a_cue_that_waits_names_the_next_and_closed_eyes_are_told() -> None:
    assert sentence(status(waits=True, cue="The shore", next_cue="The way back")) == (
        "“The shore” is over; Go leads to “The way back”"
    )
    assert detail(status(eyes_closed=True)).startswith("The patient's eyes are closed")
    assert sentence(status(mode=Mode.QUEASY.value)).startswith("Queasy")


@pytest.mark.parametrize(("seconds", "words"), [(-3, "0:00"), (0.4, "0:00"), (59.7, "1:00"), (3601, "60:01")])
def test_a_clock_reads_minutes_and_seconds(seconds: float, words: str) -> None:
    assert clock(seconds) == words
