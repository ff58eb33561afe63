"""The session's state machine: what it promises the patient, whatever happens in whatever order."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.places import Failing, Place, Session, plan
from vr_app import limits
from vr_app.api import Hand, Pose
from vr_app.commands import Command, EndGently, Go, Leave, SetQuiet, StopNow
from vr_app.course import Mode
from vr_app.headset import Event, ExitAsked, Found, Lost, Presence, Recentred, Running, Visibility


def playing(seconds: float = 15.0) -> Session:
    """A session some way into its plan; by default in the lantern's scene with the mist gone."""
    session = Session()
    session.director.obey(Go())
    session.run(seconds)
    return session


def test_it_waits_in_the_calm_room_until_told_to_go() -> None:
    session = Session()
    session.run(60.0)
    assert (session.here, session.director.mode, session.director.mist) == ("room", Mode.WAITING, 0.0)


def test_a_plan_is_played_in_order_to_its_end() -> None:
    session = Session()
    session.director.obey(Go())
    while not session.director.finished and session.time < 100.0:
        session.frame()
    assert [name for _, name in session.director.journal.scenes] == ["room", "lantern", "room"]
    assert session.time == pytest.approx(40.0 + 2.0, abs=0.1)  # the plan's 40 s, then the mist closes


def test_between_two_places_the_picture_is_covered() -> None:
    session = playing(9.9)
    seen = set()
    while session.here == "room":
        session.frame()
        seen.add(round(session.director.mist, 1))
    assert session.director.changed_place
    assert seen >= {0.2, 0.5, 0.8, 1.0}


def test_quiet_stops_guide_and_plan_but_not_the_world() -> None:
    session = playing()
    session.director.obey(SetQuiet(True))
    session.run(30.0)
    lantern = session.scenes["lantern"]
    assert isinstance(lantern, Place)
    frame = lantern.frames[-1]
    assert frame.quiet
    assert frame.dt == 0.0
    assert frame.time == pytest.approx(45.0, abs=0.1)
    assert session.here == "lantern"
    session.director.obey(SetQuiet(False))
    session.run(14.9)
    assert session.here == "lantern"  # five of its twenty seconds had passed
    session.run(5.0)
    assert session.here == "room"


def test_words_fade_in_and_are_gone_at_once_when_quiet() -> None:
    session = Session(made=plan(words="The water comes up the sand."))
    session.director.obey(Go())
    session.run(15.0)
    assert session.sheet.words[-1][1] == pytest.approx(1.0)
    session.director.obey(SetQuiet(True))
    session.run(limits.STOP_NOW_ANSWER_SECONDS + 0.02)
    assert not session.sheet.words


def test_words_that_would_be_cut_short_are_not_begun() -> None:
    session = Session(made=plan(lantern_seconds=12.0, words="The water comes up the sand."))  # 3 s, then 10 s of words
    session.director.obey(Go())
    session.run(18.0)
    assert (session.here, session.director.mist) == ("lantern", 0.0)
    assert not session.sheet.words


def test_end_gently_takes_four_seconds_to_the_room_and_then_ends() -> None:
    session = playing()
    session.director.obey(EndGently())
    session.run(limits.END_GENTLY_SECONDS + 0.05)
    assert session.here == "room"
    assert session.director.mist == 0.0
    session.run(10.0)
    assert session.director.finished


@pytest.mark.parametrize("moment", [0.5, 11.0, 15.0, 30.5])
def test_stop_now_is_complete_within_a_second_wherever_it_comes(moment: float) -> None:
    session = playing(moment)
    session.director.obey(StopNow())
    session.run(limits.STOP_NOW_SECONDS + 0.03)
    assert (session.here, session.director.mode) == ("room", Mode.STOPPED)
    assert session.director.mist == pytest.approx(0.0, abs=1e-6)
    session.run(120.0)
    assert session.director.mode is Mode.STOPPED  # nothing resumes by itself


@pytest.mark.parametrize("event", [Presence(False), Lost("killed"), Running(False, "stopping")])
def test_an_interruption_holds_the_plan_until_go(event: Event) -> None:
    session = playing()
    session.director.hear(event)
    session.run(5.0)
    assert (session.here, session.director.mode) == ("room", Mode.HELD)
    for back in (Presence(True), Found("again"), Running(True, "again")):
        session.director.hear(back)
    session.run(60.0)
    assert session.director.mode is Mode.HELD
    session.director.obey(Go())
    session.run(5.0)
    assert session.here == "lantern"


def test_without_focus_it_is_quiet_until_focus_returns() -> None:
    session = playing()
    session.director.hear(Visibility(True, False))
    session.run(1.0)
    lantern = session.scenes["lantern"]
    assert isinstance(lantern, Place)
    assert lantern.frames[-1].quiet
    session.director.hear(Visibility(True, True))
    session.run(0.1)
    assert not lantern.frames[-1].quiet


def test_the_patient_stops_by_holding_the_button() -> None:
    session = playing()
    hand = Hand(Pose(), stop=True)
    session.run(limits.STOP_BUTTON_SECONDS - 0.1, left=hand)
    assert session.director.mode.value == "playing"
    session.run(0.1)  # let go: the count begins anew
    session.run(limits.STOP_BUTTON_SECONDS - 0.1, right=hand)
    assert session.director.mode.value == "playing"
    session.run(0.2, right=hand)
    assert session.director.mode is Mode.STOPPED


def test_leave_and_the_runtimes_wish_end_the_session() -> None:
    session = playing()
    session.director.obey(Leave())
    session.run(0.6)
    assert session.director.finished
    for command in (Go(), Leave(), StopNow(), EndGently()):
        session.director.obey(command)
        assert session.director.finished  # over is over
    session = playing()
    session.director.hear(ExitAsked("the user closed it"))
    assert session.director.finished


@pytest.mark.parametrize("where", ["enter", "update", "draw", "leave"])
def test_a_scene_that_raises_is_told_once_and_the_room_stands_in(where: str) -> None:
    session = Session({"room": Place(), "lantern": Failing(where)})
    session.director.obey(Go())
    session.run(39.0)
    assert session.here == "room"
    assert session.director.mist == 0.0
    assert [f"planted in {where}" in words for _, words in session.director.journal.faults] == [True]


def test_even_without_a_room_there_is_mist_and_no_exception() -> None:
    session = Session({"room": Failing("update"), "lantern": Failing("draw")})
    session.director.obey(Go())
    session.run(60.0)
    assert session.director.finished
    assert len(session.director.journal.faults) == 2


COMMANDS = [Go(), SetQuiet(True), SetQuiet(False), EndGently(), StopNow()]
WORN = [Presence(False), Presence(True), Visibility(True, False), Visibility(True, True), Recentred(None)]
RUNTIME = [Lost("x"), Found("x"), Running(False, "x"), Running(True, "x")]
HAPPENINGS = st.one_of(st.sampled_from(COMMANDS), st.sampled_from(WORN + RUNTIME), st.floats(0.0, 5.0))


@settings(max_examples=150, deadline=None)
@given(st.lists(HAPPENINGS, max_size=25))
def test_whatever_happens_a_stop_leads_to_the_room(happenings: list[Command | Event | float]) -> None:
    session, moved = Session(), False
    for happening in happenings:
        if isinstance(happening, float):
            before = session.director.mist
            session.frame(happening)
            assert abs(session.director.mist - before) <= 0.35 or moved  # 0.1 s of the fastest cover: no jump
            moved = False
        elif isinstance(happening, Command):
            was = session.director.mode
            session.director.obey(happening)
            if was is Mode.OVER:
                assert session.director.finished  # over is over
        else:
            session.director.hear(happening)
            moved = moved or isinstance(happening, (Recentred, Found))  # the view itself jumps: covered at once
            if isinstance(happening, Presence) and not happening.worn:
                assert session.director.mode is not Mode.PLAYING
    if session.director.mode in (Mode.LEAVING, Mode.OVER):
        return
    session.director.obey(StopNow())
    session.run(limits.STOP_NOW_SECONDS + 0.03)
    assert session.director.mode is Mode.STOPPED
    assert session.here == "room"
    assert session.director.mist == pytest.approx(0.0, abs=1e-6)
