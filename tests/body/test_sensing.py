"""A hand that lies on the belly: what scenes and the therapist are told of it, and that its stop still stops."""

from __future__ import annotations

from headless_harness.breath_traces import Belly, Trace, breathing, lost, taken_up
from tests.core.places import Session
from vr_app import limits
from vr_app.api import Breath, Hand, Inputs
from vr_app.commands import PlaceView, SenseBreath
from vr_app.course import Mode
from vr_app.headset import Recentred

HZ = 30.0


def breathe(session: Session, trace: Trace, *, stop: bool = False) -> list[Inputs]:
    """The trace in the left hand, the right one at rest; what the scene was given in each frame."""
    place = session.place("room")
    first = len(place.frames)
    for _, pose in trace.poses():
        hand = None if pose is None else Hand(pose, aim=pose, select=1.0, stop=stop)
        session.frame(1.0 / HZ, left=hand, right=Hand(Inputs().head))
    return [frame.inputs for frame in place.frames[first:]]


def sensing(seconds: float = 45.0) -> tuple[Session, list[Inputs]]:
    session = Session()
    assert session.director.obey(SenseBreath("left")) is None
    return session, breathe(session, breathing("calm", Belly(rate=12.0), seconds, seed=1, hz=HZ))


def told(session: Session) -> Breath | None:
    found = session.director.status("none").breath
    return None if found is None else Breath(found.rate, found.phase, found.confidence)


def test_nobody_is_sensed_unasked() -> None:
    session = Session()
    seen = breathe(session, breathing("calm", Belly(), 20.0, seed=1, hz=HZ))
    assert all(inputs.left is not None and inputs.breath is None for inputs in seen)
    assert told(session) is None


def test_a_hand_on_the_belly_is_breath_and_no_hand() -> None:
    session, seen = sensing()
    assert seen[0].left is not None  # nobody knows yet that it lies
    assert all(inputs.left is None for inputs in seen[6 * 30 :])
    assert all(inputs.right is not None for inputs in seen)
    assert seen[-1].breath is not None
    assert seen[-1].breath == told(session)
    assert seen[-1].breath.confidence >= limits.BREATH_SURE
    assert abs(seen[-1].breath.rate - 12.0) < 1.5


def test_it_ends_when_it_is_told_to() -> None:
    session, _ = sensing(10.0)
    session.director.obey(SenseBreath(""))
    seen = breathe(session, breathing("calm", Belly(), 1.0, seed=1, hz=HZ))
    assert all(inputs.left is not None and inputs.breath is None for inputs in seen)
    assert told(session) is None


def test_told_twice_it_forgets_nothing() -> None:
    session, _ = sensing()
    before = told(session)
    session.director.obey(SenseBreath("left"))
    assert told(session) == before


def test_the_hand_comes_back_when_it_is_taken_up_and_goes_when_it_lies_again() -> None:
    session = Session()
    session.director.obey(SenseBreath("left"))
    trace = taken_up(breathing("calm", Belly(rate=12.0), 80.0, seed=1, hz=HZ), 40.0, 6.0)
    seen = breathe(session, trace)
    assert seen[round(39.0 * HZ)].left is None
    for inputs in seen[round(40.6 * HZ) : round(44.0 * HZ)]:
        assert inputs.left is not None
        assert inputs.breath is not None and inputs.breath.confidence == 0.0
    assert all(inputs.left is None for inputs in seen[round(56.0 * HZ) :])
    assert seen[-1].breath is not None and seen[-1].breath.confidence >= limits.BREATH_SURE


def test_its_button_stops_all_the_same() -> None:
    session, _ = sensing(10.0)
    breathe(session, breathing("calm", Belly(), limits.STOP_BUTTON_SECONDS + 0.2, seed=1, hz=HZ), stop=True)
    assert session.director.mode is Mode.STOPPED


def test_a_view_that_is_placed_anew_is_no_motion_of_the_belly() -> None:
    session, _ = sensing()
    session.head = session.head._replace(position=(0.3, 1.0, 0.2))
    session.director.obey(PlaceView())
    trace = breathing("calm", Belly(rate=12.0), 55.0, seed=1, hz=HZ)
    late = trace.times >= 45.0
    seen = breathe(session, Trace("on", trace.times[late], trace.places[late], trace.turns[late]))
    assert all(inputs.breath is not None and inputs.breath.confidence >= limits.BREATH_SURE for inputs in seen)
    assert all(inputs.left is None for inputs in seen)


def test_another_origin_of_tracking_is_another_story() -> None:
    session, _ = sensing()
    session.director.hear(Recentred(None))
    trace = breathing("calm", Belly(rate=12.0), 5.0, seed=1, hz=HZ)
    seen = breathe(session, Trace("on", trace.times, trace.places + 0.5, trace.turns))
    assert all(inputs.breath is not None and inputs.breath.confidence == 0.0 for inputs in seen)


def test_lost_tracking_is_told_at_once() -> None:
    session = Session()
    session.director.obey(SenseBreath("left"))
    seen = breathe(session, lost(breathing("calm", Belly(rate=12.0), 50.0, seed=1, hz=HZ), 42.0, 3.0))
    before = seen[round(41.9 * HZ)].breath
    assert before is not None and before.confidence >= limits.BREATH_SURE
    assert all(inputs.breath is not None and inputs.breath.confidence == 0.0 for inputs in seen[round(42.4 * HZ) :])


def test_stillness_is_told() -> None:
    session = Session()
    session.run(20.0)
    assert session.director.status("none").stillness > 0.8
    for k in range(300):
        session.head = session.head._replace(position=(0.1 * (k % 20) / 20.0, 1.2, 0.0))
        session.frame()
    assert session.director.status("none").stillness < 0.3
