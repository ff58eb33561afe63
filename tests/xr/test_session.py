"""The session machine, walked through every order of happenings."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vr_app.headset import ExitAsked, Found, Lost, Running, Visibility
from vr_app.xr.session import Duty, Happening, Session, State, step, tidings

WALKS = st.lists(st.sampled_from(Happening), max_size=60)
START = (Happening.CONNECTED, Happening.IDLE, Happening.READY, Happening.BEGUN)
UP = (*START, Happening.SYNCHRONIZED, Happening.VISIBLE, Happening.FOCUSED)
DOWN = (Happening.VISIBLE, Happening.SYNCHRONIZED, Happening.STOPPING, Happening.ENDED, Happening.IDLE)


def walk(happenings: tuple[Happening, ...] | list[Happening], session: Session | None = None) -> Session:
    session = session or Session()
    for happening in happenings:
        session, _ = step(session, happening)
    return session


@given(WALKS)
def test_frames_are_expected_only_between_begin_and_stopping(happenings: list[Happening]) -> None:
    session = Session()
    begun = False
    for happening in happenings:
        session, _ = step(session, happening)
        if happening is Happening.BEGUN:
            begun = session.connected
        elif happening not in (Happening.SYNCHRONIZED, Happening.VISIBLE, Happening.FOCUSED, Happening.CONNECTED):
            begun = begun and happening is Happening.STOPPING
        assert session.begun == begun
        assert not session.running or session.begun


@given(WALKS)
def test_each_duty_is_asked_for_only_where_it_is_allowed(happenings: list[Happening]) -> None:
    session = Session()
    for happening in happenings:
        before = session
        session, duty = step(before, happening)
        if duty is Duty.BEGIN:
            assert session.state is State.READY
            assert not session.begun
        if duty is Duty.END:
            assert session.state is State.STOPPING
            assert session.begun
        assert (duty is Duty.DISCONNECT) == (before.connected and not session.connected)


@given(WALKS)
def test_what_is_over_stays_over(happenings: list[Happening]) -> None:
    over = walk([*START, Happening.EXITING])
    assert walk(happenings, over).state is State.OVER


@given(WALKS)
def test_whatever_was_lost_a_new_connection_reaches_focus(happenings: list[Happening]) -> None:
    survived = [each for each in happenings if each not in (Happening.EXITING, Happening.CLOSED)]
    again = walk([*survived, Happening.LOST, *UP])
    assert again.state is State.FOCUSED
    assert again.running


@given(WALKS)
def test_news_alternate_and_agree_with_the_session(happenings: list[Happening]) -> None:
    session, told, seen, found = Session(), False, Visibility(False, False), False
    for happening in happenings:
        before = session
        session, _ = step(before, happening)
        for event in tidings(before, session, "why", "runtime"):
            match event:
                case Running(running=running):
                    assert running != told
                    told = running
                case Visibility():
                    assert event != seen
                    seen = event
                case Found():
                    assert not found
                    found = True
                case Lost():
                    found = False
        assert told == session.running
        assert seen == session.visibility


def test_a_session_that_stops_begins_again_without_being_found_anew() -> None:
    session = walk([*UP, *DOWN])
    assert session == Session(State.IDLE, begun=False, found=True)
    session, duty = step(session, Happening.READY)
    assert duty is Duty.BEGIN
    begun, _ = step(session, Happening.BEGUN)
    assert tidings(session, begun, "why", "r") == [Running(True, "why")]


def test_a_loss_in_focus_is_told_in_its_order() -> None:
    focused = walk(UP)
    lost, duty = step(focused, Happening.LOSS_PENDING)
    assert duty is Duty.DISCONNECT
    assert lost == Session()
    assert tidings(focused, lost, "gone", "r") == [
        Visibility(False, False),
        Running(False, "gone"),
        Lost("gone"),
    ]


def test_the_runtimes_wish_to_exit_is_told_last() -> None:
    focused = walk(UP)
    over, duty = step(focused, Happening.EXITING)
    assert duty is Duty.DISCONNECT
    assert tidings(focused, over, "enough", "r")[-1] == ExitAsked("enough")


def test_a_loss_before_a_connection_changes_nothing() -> None:
    assert step(Session(), Happening.LOST) == (Session(), None)
    assert step(Session(), Happening.FOCUSED) == (Session(), None)
