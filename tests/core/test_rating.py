"""How the patient is, asked in the headset: before and after, by gaze or ray, to be left, never in a stop's way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.core.places import Session, plan
from vr_app.api import Comfort, Hand, Pose, Vec3
from vr_app.commands import Ask, Command, EndGently, Go, GoTo, GroundNow, Leave, Rate, SetPhase, StopNow, TakeBack
from vr_app.course import LOCKED, Mode
from vr_app.panel import DWELL_SECONDS, FADE_IN_SECONDS, Panels, lay_out
from vr_app.rating import ANSWERED_SECONDS, LEFT_SECONDS, Rating
from vr_app.render.text import Sheet, Typeface
from vr_app.scripted.headset import looking_at
from vr_app.station.messages import Rated, Status
from vr_app.wording import Wording, languages, load_wording

WORDS = Wording()
ASKED = " ".join([WORDS.rate, *map(str, range(11)), WORDS.rate_low, WORDS.rate_high])
SHOWN = FADE_IN_SECONDS + 0.2


def session(*, ratings: bool = True) -> Session:
    made = Session(made=replace(plan(), ratings=ratings))
    made.run(3.0)
    return made


def begun(*, ratings: bool = True) -> Session:
    """At the first second of the plan, once a question could be seen."""
    made = session(ratings=ratings)
    made.director.obey(Go())
    made.run(SHOWN)
    return made


def status(made: Session) -> Status:
    return made.director.status("")


def is_asked(made: Session) -> bool:
    return made.sheet.board(ASKED) is not None


def panels(made: Session) -> Panels:
    return made.director._panels


def towards(place: Vec3 | None, origin: Vec3) -> Pose:
    assert place is not None
    return looking_at(place, origin)


def look(made: Session, answer: str) -> None:
    rest = made.head
    made.head = towards(panels(made).place_of(answer), rest.position)
    made.run(DWELL_SECONDS + 0.1)
    made.head = rest


def point(made: Session, answer: str) -> None:
    at = (0.2, 0.8, -0.2)
    aim = towards(panels(made).place_of(answer), at)
    for select in (0.0, 1.0, 0.0):
        made.frame(right=Hand(Pose(at), aim, select))


def values(made: Session) -> list[tuple[str, int]]:
    return [(rated.when, rated.value) for rated in status(made).ratings]


@pytest.mark.parametrize("answer", [look, point], ids=["gaze", "ray"])
def test_before_the_first_words_it_is_asked_and_the_plan_waits(answer: Callable[[Session, str], None]) -> None:
    made = begun()
    assert is_asked(made)
    assert status(made).rating == "before"
    assert made.stands.step_seconds < 0.1
    answer(made, "4")
    assert is_asked(made)  # another may be chosen
    made.run(ANSWERED_SECONDS + 1.0)
    assert not is_asked(made)
    assert (status(made).rating, values(made)) == ("", [("before", 4)])
    assert made.stands.step_seconds > 0.5
    assert status(made).answers == {}


def test_the_last_choice_counts() -> None:
    made = begun()
    point(made, "4")
    made.run(1.0)
    point(made, "10")
    made.run(ANSWERED_SECONDS + 0.1)
    assert values(made) == [("before", 10)]


def test_it_may_be_left_and_goes_by_itself() -> None:
    made = begun()
    made.run(LEFT_SECONDS + 1.0)
    assert not is_asked(made)
    assert values(made) == []
    made.run(15.0)
    assert made.here == "lantern"


def test_the_therapist_may_take_it_away() -> None:
    made = begun()
    assert made.director.obey(TakeBack("rating before")) is None
    made.run(1.0)
    assert not is_asked(made)
    assert status(made).rating == ""
    assert made.stands.step_seconds > 0.5


def test_after_the_last_place_it_is_asked_before_the_words_of_the_way_back() -> None:
    made = begun()
    point(made, "4")
    made.run(ANSWERED_SECONDS)
    while made.stands.step < 2:
        made.frame()
    made.run(SHOWN + 4.0)
    assert (made.here, is_asked(made)) == ("room", True)
    assert made.stands.step_seconds < 0.1
    point(made, "7")
    made.run(ANSWERED_SECONDS + 0.1)
    assert values(made) == [("before", 4), ("after", 7)]


def test_who_wants_to_end_is_not_asked() -> None:
    made = begun()
    made.run(LEFT_SECONDS + 15.0)
    made.director.obey(EndGently())
    made.run(6.0)
    assert (made.here, made.stands.step, is_asked(made)) == ("room", 2, False)
    assert made.stands.step_seconds > 3.0
    made.director.obey(GoTo(1))  # the end is taken back
    while made.stands.step < 2:
        made.frame()
    made.run(6.0)
    assert is_asked(made)


@pytest.mark.parametrize("stop", [StopNow(), GroundNow(), Leave(), EndGently(), SetPhase(True)], ids=repr)
def test_a_stop_takes_it_away_and_keeps_what_was_chosen(stop: Command) -> None:
    made = begun()
    point(made, "2")
    made.director.obey(stop)
    while made.time < 8.0 and not made.director.finished:
        made.frame()
    assert not is_asked(made)
    assert values(made) == [("before", 2)]
    assert status(made).rating == ""


def test_a_plan_that_does_not_ask_is_not_held_up() -> None:
    made = begun(ratings=False)
    assert not is_asked(made)
    assert made.stands.step_seconds > 1.0


def test_the_therapist_asks_at_any_time_but_where_nothing_is_asked() -> None:
    made = session(ratings=False)
    assert made.director.obey(Rate("before")) is None
    made.run(SHOWN)
    assert (is_asked(made), status(made).rating, made.director.mode) == (True, "before", Mode.WAITING)
    point(made, "3")
    made.run(ANSWERED_SECONDS + 0.1)
    made.director.obey(Go())
    made.run(12.0)
    assert made.director.obey(Rate("after")) is None
    assert made.director.obey(Rate("after")) is None
    made.run(SHOWN)
    stands = made.stands.step_seconds
    made.run(3.0)
    assert made.stands.step_seconds == stands  # the guide waits for it
    point(made, "5")
    made.run(ANSWERED_SECONDS + 0.1)
    assert values(made) == [("before", 3), ("after", 5)]
    made.director.obey(SetPhase(True))
    assert made.director.obey(Rate("after")) == LOCKED
    made.director.obey(SetPhase(False))
    made.director.obey(GroundNow())
    refused = made.director.obey(Rate("after"))
    assert refused is not None and "grounded" in refused


def test_what_stands_when_the_plan_begins_is_the_plans_own() -> None:
    made = session()
    made.director.obey(Rate("before"))
    made.run(SHOWN)
    made.director.obey(Go())
    made.run(1.0)
    assert is_asked(made)
    point(made, "6")
    made.run(ANSWERED_SECONDS + 1.0)
    assert values(made) == [("before", 6)]
    assert made.stands.step_seconds > 0.5


def test_the_next_picture_does_not_ask_again_what_was_answered() -> None:
    made = session()
    made.director._rating = Rating(panels(made), WORDS, (Rated("before", 4, 2.0),))
    made.director.obey(Go())
    made.run(SHOWN)
    assert not is_asked(made)
    assert values(made) == [("before", 4)]


@pytest.mark.parametrize("language", languages())
def test_every_language_has_all_words_and_can_be_shown(language: str) -> None:
    words = load_wording(language)
    typeface = Typeface.load()
    typeface.check(" ".join([words.therapist, words.stop, words.confirm]))
    for large in (False, True):
        ask = Ask("rating", "scale", words.rate, (words.rate_low, words.rate_high))
        assert lay_out(ask, Comfort(large_text=large), Sheet(typeface)).height > 0.0


def test_the_defaults_are_the_english_file() -> None:
    assert load_wording() == Wording()
