"""Mouse, keys and gamepad as a seated person's head and hands."""

from __future__ import annotations

from math import acos, atan, degrees, hypot, isclose

from hypothesis import given
from hypothesis import strategies as st

from vr_app import limits
from vr_app.api import Hand, Inputs, Pose, Quat, Vec3
from vr_app.desktop.body import LEAN_METRES, Body, Key, Pad, Pane

PANE = Pane(800.0, 600.0, 0.8, 0.6)
STEP = 1 / 60


def _body() -> Body:
    body = Body()
    body.pane = PANE
    body.step(0.0, None)
    return body


def _let_pass(body: Body, seconds: float, begin: float, pad: Pad | None = None) -> float:
    now = begin
    while now < begin + seconds:
        now += STEP
        body.step(now, pad)
    return now


def _ahead(turn: Quat) -> Vec3:
    """Where -z points to."""
    x, y, z, w = turn
    return -2 * (x * z + w * y), -2 * (y * z - w * x), -(1 - 2 * (x * x + y * y))


def _right(inputs: Inputs) -> Hand:
    assert inputs.right is not None
    return inputs.right


def test_dragging_pulls_the_place_along() -> None:
    body = _body()
    body.press(400, 300, 0.0)
    body.point(500, 350)
    _let_pass(body, 1.0, 0.0)
    x, y, _ = _ahead(body.inputs().head.orientation)
    assert x < -0.15, "the pointer went right, so the head turns left"
    assert y > 0.05, "the pointer went down, so the head looks up"
    assert isclose(x, -0.2, abs_tol=0.03), "in the middle of the picture the place stays under the pointer"


def test_a_click_without_dragging_selects_in_at_least_one_frame() -> None:
    body = _body()
    body.press(400, 300, 0.0)
    body.point(403, 302)
    body.release()
    body.step(0.5, None)  # a very slow frame
    assert _right(body.inputs()).select == 1.0
    _let_pass(body, 0.3, 0.5)
    assert _right(body.inputs()).select == 0.0
    assert _ahead(body.inputs().head.orientation)[0] == 0.0


def test_a_press_that_rests_selects_until_it_is_released_and_then_aims_without_turning() -> None:
    body = _body()
    body.press(400, 300, 0.0)
    now = _let_pass(body, 0.5, 0.0)
    body.point(700, 300)
    _let_pass(body, 0.5, now)
    hand = _right(body.inputs())
    assert hand.select == 1.0
    assert body.inputs().head.orientation == (0.0, 0.0, 0.0, 1.0)
    assert hand.aim is not None
    assert _ahead(hand.aim.orientation)[0] > 0.3
    body.release()
    body.step(2.0, None)
    assert _right(body.inputs()).select == 0.0


def test_a_drag_never_selects() -> None:
    body = _body()
    body.press(400, 300, 0.0)
    body.point(500, 300)
    now = _let_pass(body, 1.0, 0.0)
    assert _right(body.inputs()).select == 0.0
    body.release()
    body.step(now + STEP, None)
    assert _right(body.inputs()).select == 0.0


@given(st.floats(0, 800), st.floats(0, 600))
def test_the_ray_goes_through_what_is_seen_under_the_pointer(x: float, y: float) -> None:
    body = _body()
    body.point(x, y)
    body.step(1.0, None)
    aim = _right(body.inputs()).aim
    assert aim is not None
    across, up, ahead = _ahead(aim.orientation)
    assert isclose(across / -ahead, (2 * x / 800 - 1) * 0.8, abs_tol=1e-6)
    assert isclose(up / -ahead, (1 - 2 * y / 600) * 0.6, abs_tol=1e-6)
    assert aim.position == body.inputs().head.position


def test_leaning_goes_no_farther_than_a_seated_person_and_comes_back() -> None:
    body = _body()
    body.held |= {Key.RIGHT, Key.FORWARD}
    now = _let_pass(body, 5.0, 0.0)
    x, y, z = body.inputs().head.position
    assert isclose(hypot(x, z), LEAN_METRES, abs_tol=1e-3)
    assert x > 0.2 > 0.0 > -0.2 > z
    assert y == 1.2
    body.let_go()
    _let_pass(body, 5.0, now)
    assert hypot(*body.inputs().head.position[::2]) < 1e-3


def test_a_stop_has_a_hand_although_there_is_none() -> None:
    body = _body()
    assert body.inputs().right is None
    body.held.add(Key.STOP)
    assert _right(body.inputs()).stop
    body.point(10, 10)
    assert _right(body.inputs()).stop
    body.let_go()
    assert not _right(body.inputs()).stop


def test_a_gamepad_is_two_hands_and_takes_none_away_when_it_is_pulled() -> None:
    body = _body()
    held = Pad(sticks=((0.0, 0.0), (1.0, 0.0)), triggers=(0.0, 0.7), bumpers=(True, False))
    now = _let_pass(body, 0.3, 0.0, held)
    inputs = body.inputs()
    assert inputs.left is not None
    assert inputs.left.squeeze == 1.0
    assert _right(inputs).select == 0.7
    assert _ahead(_right(inputs).grip.orientation)[0] > 0.1
    body.step(now + STEP, None)
    assert body.inputs().left is None
    assert body.inputs().right is None
    body.step(now + 2 * STEP, Pad(stop=True))
    assert _right(body.inputs()).stop


def test_whichever_was_used_last_moves_the_right_hand() -> None:
    body = _body()
    body.point(400, 300)
    body.step(1.0, Pad())
    aim = _right(body.inputs()).aim
    assert aim is not None
    assert aim.position == body.inputs().head.position
    body.step(1.1, Pad(triggers=(0.0, 1.0)))
    assert _right(body.inputs()).select == 1.0
    body.point(410, 300)
    body.step(1.2, Pad())
    assert _right(body.inputs()).select == 0.0


def test_a_stick_at_rest_moves_nothing() -> None:
    body = _body()
    before = _let_pass(body, 1.0, 0.0, Pad())
    aim = _aims(body)
    _let_pass(body, 5.0, before, Pad(sticks=((0.08, -0.05), (0.1, 0.1))))
    assert _aims(body) == aim


def _aims(body: Body) -> tuple[Pose, Pose]:
    inputs = body.inputs()
    assert inputs.left is not None
    return inputs.left.grip, _right(inputs).grip


_unit, _both_ways = st.floats(0, 1), st.floats(-1, 1)
_pairs = st.tuples(_both_ways, _both_ways)
_pads = st.builds(
    Pad,
    sticks=st.tuples(_pairs, _pairs),
    triggers=st.tuples(_unit, _unit),
    bumpers=st.tuples(st.booleans(), st.booleans()),
    turn=_pairs,
    stop=st.booleans(),
)
_pixels = st.floats(-5000, 5000)
_events = st.one_of(
    st.tuples(st.sampled_from(["press", "point"]), _pixels, _pixels),
    st.tuples(st.sampled_from(["release", "leave", "let_go", "look_ahead"])),
    st.tuples(st.sampled_from(["hold", "lift"]), st.sampled_from(Key)),
    st.tuples(st.just("pad"), st.none() | _pads),
    st.tuples(st.just("step"), st.floats(0.0, 0.5)),
)


def _do(body: Body, event: tuple[object, ...], now: float) -> None:
    match event:
        case ("press", float(x), float(y)):
            body.press(x, y, now)
        case ("point", float(x), float(y)):
            body.point(x, y)
        case ("hold", Key() as key):
            body.held.add(key)
        case ("lift", Key() as key):
            body.held.discard(key)
        case ("release" | "leave" | "let_go" | "look_ahead" as name,):
            getattr(body, name)()


@given(st.lists(_events, max_size=60))
def test_whatever_is_done_the_head_never_jumps_and_a_held_stop_is_heard(events: list[tuple[object, ...]]) -> None:
    body, now = _body(), 0.0
    pad: Pad | None = None
    for event in events:
        _do(body, event, now)
        if event[0] == "pad":
            pad = event[1]  # type: ignore[assignment]
        before = body.inputs().head
        now += event[1] if event[0] == "step" else STEP  # type: ignore[operator]
        body.step(now, pad)
        inputs = body.inputs()
        assert hypot(*(a - b for a, b in zip(inputs.head.position, before.position, strict=True))) < (
            limits.TRACKING_JUMP_METRES
        )
        assert _degrees_between(inputs.head, before) < limits.TRACKING_JUMP_DEG
        assert isclose(hypot(*inputs.head.orientation), 1.0, abs_tol=1e-6)
        stopping = Key.STOP in body.held or (pad is not None and pad.stop)
        assert any(hand is not None and hand.stop for hand in (inputs.left, inputs.right)) == stopping


def _degrees_between(a: Pose, b: Pose) -> float:
    dot = abs(sum(p * q for p, q in zip(a.orientation, b.orientation, strict=True)))
    return degrees(2 * acos(min(dot, 1.0)))


def test_the_way_ahead_is_found_again() -> None:
    body = _body()
    body.held.add(Key.TURN_LEFT)
    now = _let_pass(body, 20.0, 0.0)
    body.let_go()
    body.look_ahead()
    _let_pass(body, 3.0, now)
    x, _, z = _ahead(body.inputs().head.orientation)
    assert abs(atan(x / z)) < 0.01
    assert z < 0
