"""What is heard in every mode of a session, and that words are seen when they are heard."""

from __future__ import annotations

import pytest

from tests.core.places import Failing
from tests.sound.engines import Guided, script
from vr_app import limits
from vr_app.api import Hand, Pose, Stage
from vr_app.commands import EndGently, Go, GoTo, GroundNow, Leave, Queasy, SetQuiet, SetVolume, Speak, StopNow
from vr_app.course import Mode
from vr_app.director import WAIT_FOR_SOUND_SECONDS
from vr_app.script import NO_PROMPT
from vr_app.shared import now_ns
from vr_app.sound.desk import CELLS, State
from vr_app.sound.orders import Begin, Blend, Cease, Level, Play, Say, Silence

FIRST = 4.0 + 3.0  # seconds at which the first line is heard: the room's stay, then captions' delay
FRAME = 0.012


def playing(run: float = FIRST + 1.0, **how: object) -> Guided:
    guided = Guided(**how)  # type: ignore[arg-type]
    guided.director.obey(Go())
    guided.run(run)
    return guided


def test_lines_are_asked_for_ahead_and_heard_where_the_plan_has_them() -> None:
    guided = playing(FIRST - 0.6)
    assert not guided.engine.took(Say)
    guided.run(0.2)
    assert [order.line for order in guided.engine.took(Say)] == ["first"]
    guided.run(30.0)
    begins = [moment.begins / 48_000 for moment in guided.script.moments]
    assert [line for line, _ in guided.engine.said] == ["first", "second", "third"]
    assert [heard for _, heard in guided.engine.said] == pytest.approx([FIRST + at for at in begins], abs=0.03)


def test_a_line_that_would_be_cut_short_is_not_begun() -> None:
    guided = playing(40.0, seconds=3.0 + 4.0)
    assert not guided.engine.said


def test_captions_fall_on_the_heard_line_for_half_an_hour_of_drift() -> None:
    lines = tuple(f"line_{number}" for number in range(150))
    guided = playing(1.0, told=script(lines, pause=6.0), ppm=100.0, seconds=1900.0)
    seen: dict[str, float] = {}
    dt = 1 / 30
    while guided.session.time < 1800.0:
        guided.run(dt, dt)
        if guided.caption:
            seen.setdefault(guided.caption.split()[0], guided.session.time)
    heard = dict(guided.engine.said)
    assert len(seen) > 140
    assert max(abs(at - heard[line]) for line, at in seen.items()) < 0.050


def test_captions_follow_a_device_that_lost_time() -> None:
    guided = playing()
    guided.engine.stand_still(0.4)
    moment = guided.script.moments[0]
    gone = FIRST + guided.script.captions[0].ends
    guided.run(gone + 0.2 - guided.session.time)
    assert guided.caption.startswith(moment.line.id)  # it was heard later, so it stays as much longer
    guided.run(0.4)
    assert not guided.caption


def test_who_makes_room_for_whom() -> None:
    guided = Guided()
    guided.run(1.0)
    names = [*guided.engine.took(Blend)[0].weights]
    guided.director.obey(Go())
    guided.run(FIRST)
    for command in (SetQuiet(True), SetQuiet(False), Speak(True), Speak(False), StopNow(), GroundNow(), Go()):
        guided.director.obey(command)
        guided.run(0.5)
    guided.run(60.0)
    names += [name for order in guided.engine.took(Blend) for name in order.weights]
    assert names == ["calm", "guided", "quiet", "guided", "speak", "guided", "calm", "quiet", "guided", "calm"]


def test_no_recording_no_guided_snapshot_and_nothing_said() -> None:
    guided = playing(30.0, recorded=False)
    assert {name for order in guided.engine.took(Blend) for name in order.weights} == {"calm"}
    assert not guided.engine.said


@pytest.mark.parametrize(("begin", "end"), [(SetQuiet(True), SetQuiet(False)), (Speak(True), Speak(False))])
def test_a_line_that_is_interrupted_ceases_at_once_and_begins_again(begin: SetQuiet, end: SetQuiet) -> None:
    guided = playing()
    say = guided.engine.took(Say)[-1]
    guided.director.obey(begin)
    guided.run(FRAME)
    (cease,) = guided.engine.took(Cease)
    assert cease.voice == say.voice
    assert cease.fade <= limits.STOP_NOW_ANSWER_SECONDS
    stands = guided.plan_seconds
    guided.run(20.0)
    assert guided.plan_seconds == stands
    assert not guided.caption
    assert not guided.engine.took(Say)
    guided.director.obey(end)
    back = guided.session.time
    guided.run(2.0)
    assert [order.line for order in guided.engine.took(Say)] == ["first"]
    assert guided.engine.said[-1][1] == pytest.approx(back + 0.5, abs=0.05)
    assert guided.caption.startswith("first")


def test_while_the_therapist_speaks_the_pictures_guide_goes_on() -> None:
    guided = playing()
    guided.director.obey(Speak(True))
    guided.run(1.0)
    frame = guided.session.place("lantern").frames[-1]
    assert not frame.quiet
    assert frame.dt > 0.0
    assert guided.director.status("").speak


def test_a_pause_between_lines_is_no_reason_to_go_back() -> None:
    guided = playing(FIRST + 4.5 + 2.0)  # in the pause after the first line
    stands = guided.plan_seconds
    guided.director.obey(SetQuiet(True))
    guided.run(5.0)
    guided.director.obey(SetQuiet(False))
    guided.run(FRAME)
    assert guided.plan_seconds == pytest.approx(stands, abs=0.05)


@pytest.mark.parametrize("stop", [StopNow(), GroundNow(), Leave()])
def test_a_stop_silences_all_and_the_rooms_own_bed_comes(stop: StopNow) -> None:
    guided = playing()
    guided.engine.orders.clear()
    guided.director.obey(stop)
    guided.run(FRAME)
    kinds = [type(order) for order in guided.engine.orders]
    assert Silence in kinds
    guided.engine.orders.clear()
    guided.run(0.4 if isinstance(stop, Leave) else limits.STOP_NOW_SECONDS)
    assert [order.cue for order in guided.engine.took(Play)] == ([] if isinstance(stop, Leave) else ["wind"])
    guided.run(20.0)
    assert not guided.engine.took(Say)


def test_who_stays_in_the_room_hears_it_again_after_a_stop() -> None:
    guided = Guided()
    guided.run(3.0)
    (bed,) = guided.engine.took(Play)
    guided.director.obey(StopNow())
    guided.run(0.1)
    kinds = [type(order) for order in guided.engine.orders]
    assert kinds.index(Silence) < kinds.index(Play)
    assert guided.engine.took(Play) == [bed]
    guided.engine.begin(guided.session.time)
    guided.run(0.1)
    assert guided.engine.took(Play) == [bed]


def test_who_goes_back_before_the_mist_has_closed_hears_the_place_again() -> None:
    guided = playing()
    guided.engine.orders.clear()
    guided.director.obey(StopNow())
    guided.run(0.1)
    guided.director.obey(Go())
    guided.run(3.0)
    assert [order.cue for order in guided.engine.took(Play)] == ["surf"]


def test_beds_change_with_the_place() -> None:
    guided = Guided()
    guided.run(3.0)
    (wind,) = guided.engine.took(Play)
    guided.director.obey(Go())
    guided.run(6.5)
    orders = guided.engine.orders
    assert [order.voice for order in orders if isinstance(order, Cease)] == [wind.voice]
    assert [order.cue for order in orders if isinstance(order, Play)] == ["surf"]


def test_what_a_broken_scene_began_ends() -> None:
    class Broken(Failing):
        def enter(self, stage: Stage) -> None:
            self.voice = stage.sound.play("surf")

    guided = Guided()
    broken = guided.session.scenes["lantern"] = Broken("update")
    guided.director._scenes["lantern"] = broken
    guided.director.obey(Go())
    guided.run(8.0)
    assert broken.voice in [order.voice for order in guided.engine.orders if isinstance(order, Cease)]
    assert guided.session.here == "room"


def test_the_end_that_is_gentle_fades_and_silences_nothing() -> None:
    guided = playing()
    guided.engine.orders.clear()
    guided.director.obey(EndGently())
    guided.run(5.0)
    assert not [order for order in guided.engine.orders if isinstance(order, Silence)]
    assert [order.voice for order in guided.engine.orders if isinstance(order, Cease)]


@pytest.mark.parametrize("lost", [State.LOST, State.STARTING])
def test_a_lost_engine_is_waited_for_and_the_line_goes_on(lost: State) -> None:
    guided = playing(FIRST + 2.0)
    guided.desk.tell(lost, "the sound device is lost; connect it again")
    guided.run(0.1)
    stands = guided.plan_seconds
    guided.run(2.0)
    assert guided.plan_seconds == stands
    assert guided.caption.startswith("first")
    assert guided.director.status("").sound == "the sound device is lost; connect it again; the guide waits for it"
    assert guided.director.status("").sound_wrong
    guided.engine.took(Say)
    guided.desk.tell(lost, "away", starved=3)
    guided.engine.begin(guided.session.time)
    guided.run(0.1)
    orders = guided.engine.orders
    assert isinstance(orders[0], Begin)
    assert [order.cue for order in orders if isinstance(order, Play)] == ["surf"]
    assert [order.line for order in orders if isinstance(order, Say)] == ["first"]
    assert guided.engine.said[-1][1] == pytest.approx(guided.session.time - 2.1, abs=0.1)  # two seconds of it are over
    guided.run(1.0)
    assert guided.plan_seconds == pytest.approx(stands + 1.1, abs=0.05)
    assert guided.sound.restarts == 1
    assert guided.sound.starvations == 3  # of both


def test_a_sound_that_stays_away_is_not_waited_for_for_ever() -> None:
    guided = playing()
    guided.desk.tell(State.LOST, "the sound device is lost")
    guided.run(WAIT_FOR_SOUND_SECONDS + 9.0)
    assert guided.caption.startswith("second")


def test_without_any_device_captions_go_on_and_status_says_so() -> None:
    guided = playing(FIRST + 1.0, state=State.NONE)
    assert guided.caption.startswith("first")
    status = guided.director.status("")
    assert (status.sound, status.sound_wrong) == ("no sound device; connect one", True)
    assert status.prompt.live


def test_a_plan_without_recordings_waits_for_no_sound() -> None:
    guided = playing(FIRST + 1.0, recorded=False, state=State.LOST)
    assert guided.caption.startswith("first")


def test_a_plan_that_was_interrupted_in_a_line_begins_it_again() -> None:
    guided = playing(FIRST + 2.0)
    guided.director.obey(StopNow())
    guided.run(2.0)
    assert guided.director.position().step_seconds == pytest.approx(2.5, abs=0.02)
    guided.engine.took(Say)
    guided.director.obey(Go())
    guided.run(6.0)
    assert [order.line for order in guided.engine.took(Say)] == ["first"]


def test_status_prompts_whoever_reads_or_listens() -> None:
    guided = playing(FIRST + 1.0)
    prompt = guided.director.status("").prompt
    assert (prompt.line, prompt.live) == ("first", False)
    assert prompt.following.startswith("second")
    guided.director.obey(StopNow())
    assert guided.director.status("").prompt == NO_PROMPT
    assert playing(FIRST + 1.0, recorded=False).director.status("").prompt.live


def test_the_beginning_of_a_stop_is_answered_by_a_tone_not_by_a_row_of_them() -> None:
    guided = playing()
    guided.engine.orders.clear()
    hand = Hand(Pose(), stop=True)
    guided.run(limits.STOP_FEEDBACK_SECONDS, right=hand)
    assert [order.cue for order in guided.engine.took(Play)] == ["stop_answer"]
    for _ in range(4):
        guided.run(0.15)
        guided.run(0.1, right=hand)
    assert not guided.engine.took(Play)
    assert guided.director.mode is Mode.PLAYING


def test_a_full_ring_loses_orders_and_nothing_else() -> None:
    guided = Guided()
    for _ in range(2 * CELLS):
        guided.sound.gesture()
    assert guided.sound.refused > 0
    guided.run(1.0)
    guided.director.obey(StopNow())
    guided.run(1.0)
    assert guided.engine.took(Silence)


def test_a_delay_is_counted_from_now() -> None:
    guided = Guided()
    before = now_ns()
    guided.sound.play("chime", delay=0.25, once=True)
    guided.engine.turn(0.0)
    assert guided.engine.took(Play)[0].at == pytest.approx(before + 250_000_000, abs=50_000_000)


def test_the_volume_is_asked_for_and_asked_for_again_of_another_engine() -> None:
    guided = Guided()
    guided.director.obey(SetVolume(-6.0))
    guided.run(0.1)
    assert guided.engine.took(Level) == [Level(-6.0, 1.0)]
    guided.engine.begin(guided.session.time)
    guided.run(0.1)
    assert guided.engine.took(Level) == [Level(-6.0, 1.0)]


def test_queasy_nothing_is_said_and_the_snapshot_is_silent() -> None:
    guided = playing()
    guided.director.obey(Queasy())
    guided.run(20.0)
    orders = guided.engine.orders
    assert [order for order in orders if isinstance(order, Blend)][-1].weights == {"silent": 1.0}
    assert isinstance(next(order for order in orders if isinstance(order, (Silence, Blend))), (Silence, Blend))
    said = len(guided.engine.said)
    guided.run(20.0)
    assert len(guided.engine.said) == said
    guided.engine.orders.clear()
    guided.director.obey(Go())
    guided.run(5.0)
    assert guided.engine.took(Say)


def test_going_back_to_a_cue_says_its_lines_anew() -> None:
    guided = playing(FIRST + 6.0)
    assert [line for line, _ in guided.engine.said] == ["first"]
    guided.director.obey(GoTo(1))
    guided.run(5.0)
    assert [line for line, _ in guided.engine.said] == ["first", "first"]
