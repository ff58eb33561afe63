"""The same promises kept by every headset: scripted in virtual and real time, OpenXR on a runtime, a window."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from math import hypot, isclose
from typing import NamedTuple, get_args

import numpy as np
import pytest

from headless_harness import screen
from headless_harness.monado.rig import MonadoRig
from vr_app.api import Inputs
from vr_app.headset import Event, Headset, OpenFrame, Running, View
from vr_app.scripted.headset import open_scripted
from vr_app.timing.ledger import BEGUN, DISPLAY, ENDED, NATIVE_DISPLAY, PERIOD, WAITED, Ledger


class Worn(NamedTuple):
    """A headset that runs, and the ledger it writes."""

    headset: Headset
    ledger: Ledger
    real_time: bool
    one_eyed: bool  # a flat picture: both eyes see from one place


Factory = Callable[[Ledger], AbstractContextManager[Headset]]


@contextmanager
def _scripted(ledger: Ledger) -> Iterator[Headset]:
    with open_scripted(ledger, eye_size=(64, 64)) as headset:
        yield headset


@contextmanager
def _scripted_in_real_time(ledger: Ledger) -> Iterator[Headset]:
    with open_scripted(ledger, clock="real", hz=120.0, eye_size=(64, 64)) as headset:
        yield headset


@contextmanager
def _openxr(ledger: Ledger) -> Iterator[Headset]:
    from vr_app.xr.headset import open_openxr

    with MonadoRig(120) as rig, pytest.MonkeyPatch.context() as patch:
        for name, value in rig.env.items():
            patch.setenv(name, value)
        patch.delenv("DISPLAY", raising=False)
        with open_openxr(ledger) as headset:
            yield headset


@contextmanager
def _desktop(ledger: Ledger, side_by_side: bool = False) -> Iterator[Headset]:
    from vr_app.desktop.headset import open_desktop

    if why := screen.missing():
        pytest.skip(f"unproven without a screen: the desktop headset's promises; {why}")
    with screen.open_screen(640, 480) as opened, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DISPLAY", opened.display)
        with open_desktop(ledger, side_by_side=side_by_side) as headset:
            yield headset


@contextmanager
def _desktop_side_by_side(ledger: Ledger) -> Iterator[Headset]:
    with _desktop(ledger, side_by_side=True) as headset:
        yield headset


FACTORIES = [
    pytest.param((_scripted, False), id="scripted"),
    pytest.param((_scripted_in_real_time, True), id="scripted-real-time"),
    pytest.param((_openxr, True), id="openxr", marks=pytest.mark.monado),
    pytest.param((_desktop, True), id="desktop"),
    pytest.param((_desktop_side_by_side, True), id="desktop-side-by-side"),
]


@pytest.fixture(params=FACTORIES)
def worn(request: pytest.FixtureRequest) -> Iterator[Worn]:
    factory, real_time = request.param
    ledger = Ledger(1000)
    with factory(ledger) as headset:
        _until_rendering(headset, ledger)
        yield Worn(headset, ledger, real_time, factory is _desktop)


def _until_rendering(headset: Headset, ledger: Ledger) -> None:
    deadline = time.monotonic() + 10.0
    while time.monotonic() < deadline:
        headset.poll()
        if not headset.running:
            headset.rest()
            continue
        with headset.frame() as frame:
            ready = frame.timing.should_render
        ledger.next()
        if ready:
            return
    raise AssertionError("no picture was wanted within 10 s")


def _frames(worn: Worn, count: int, body: Callable[[OpenFrame], None]) -> None:
    for _ in range(count):
        worn.headset.poll()
        assert worn.headset.running
        with worn.headset.frame() as frame:
            body(frame)
        worn.ledger.next()


def test_it_says_who_it_is(worn: Worn) -> None:
    info = worn.headset.info
    assert info.runtime
    assert info.system
    assert info.refresh_hz > 0
    assert min(info.eye_size) >= 16


def test_polling_gives_events_and_does_not_block(worn: Worn) -> None:
    start = time.monotonic()
    for _ in range(20):
        assert all(isinstance(event, get_args(Event)) for event in worn.headset.poll())
    assert time.monotonic() - start < 0.1


def test_display_times_rise_by_whole_refreshes(worn: Worn) -> None:
    seen: list[tuple[float, float, int]] = []
    _frames(
        worn, 30, lambda frame: seen.append((frame.timing.display_time, frame.timing.period, frame.timing.native_time))
    )
    times, periods, natives = np.array([s[0] for s in seen]), {s[1] for s in seen}, [s[2] for s in seen]
    assert len(periods) == 1
    (period,) = periods
    assert isclose(period, 1 / worn.headset.info.refresh_hz, rel_tol=1e-3)
    steps = np.diff(times) / period
    assert (steps > 0.5).all()
    assert np.abs(steps - np.rint(steps)).max() < 0.05
    assert natives == sorted(set(natives))
    if worn.real_time:
        assert abs(times[-1] - time.monotonic()) < 0.2


@pytest.mark.parametrize("part", ["at once", "after targets", "after views"])
def test_a_frame_ends_although_its_body_raises(worn: Worn, part: str) -> None:
    def break_down() -> None:
        with worn.headset.frame() as frame:
            frame.sample_inputs()
            if part != "at once":
                frame.targets()
            if part == "after views":
                frame.locate_views()
            raise ZeroDivisionError(part)

    for _ in range(3):
        with pytest.raises(ZeroDivisionError, match=part):
            break_down()
        worn.ledger.next()
    _frames(worn, 5, lambda frame: None)
    assert (worn.ledger.rows()[-8:, ENDED] > 0).all()


def test_the_ledger_tells_the_frame_in_its_order(worn: Worn) -> None:
    _frames(worn, 5, lambda frame: None)
    for row in worn.ledger.rows()[-5:]:
        assert 0 < row[WAITED] <= row[BEGUN] <= row[ENDED]
        assert row[NATIVE_DISPLAY] >= 0
        assert row[DISPLAY] >= 0
        assert isclose(row[PERIOD], 1e9 / worn.headset.info.refresh_hz, rel_tol=1e-3)


def test_views_are_two_eyes_side_by_side(worn: Worn) -> None:
    def look(frame: OpenFrame) -> None:
        views = frame.locate_views()
        assert len(views) == 2
        for view in views:
            assert isclose(hypot(*view.pose.orientation), 1.0, abs_tol=1e-3)
            assert view.fov.left < 0 < view.fov.right
            assert view.fov.down < 0 < view.fov.up
        assert _distance(*views) == 0.0 if worn.one_eyed else 0.05 < _distance(*views) < 0.075

    _frames(worn, 5, look)


def test_targets_are_textures_that_can_be_written(worn: Worn) -> None:
    from OpenGL import GL

    def paint(frame: OpenFrame) -> None:
        views, targets = frame.locate_views(), frame.targets()
        assert len(views) == len(targets) == 2
        assert frame.targets() == targets
        halves = 2 if targets[0].texture == targets[1].texture else 1  # one image for both eyes, or one an eye
        for target, colour in zip(targets, ((255, 0, 0, 255), (0, 255, 0, 255)), strict=True):
            pixels = np.array(colour, np.uint8)
            GL.glClearTexImage(target.texture, 0, GL.GL_RGBA, GL.GL_UNSIGNED_BYTE, pixels)
            got = np.zeros((target.height, halves * target.width, 4), np.uint8)
            part = (0, 0, 0, halves * target.width, target.height, 1)  # an image may have room for more
            GL.glGetTextureSubImage(target.texture, 0, *part, GL.GL_RGBA, GL.GL_UNSIGNED_BYTE, got.nbytes, got)
            assert (got == pixels).all()

    _frames(worn, 3, paint)


def test_inputs_belong_to_a_seated_person(worn: Worn) -> None:
    seen: list[Inputs] = []
    _frames(worn, 3, lambda frame: seen.append(frame.sample_inputs()))
    for inputs in seen:
        assert inputs.head_tracked
        assert 0.8 < inputs.head.position[1] < 2.0
        for hand in (inputs.left, inputs.right):
            if hand is not None:
                assert 0.0 <= hand.select <= 1.0
                assert 0.0 <= hand.squeeze <= 1.0


def test_resting_takes_a_moment(worn: Worn) -> None:
    start = time.monotonic()
    worn.headset.rest()
    assert time.monotonic() - start <= 0.1


def test_a_pulse_is_harmless(worn: Worn) -> None:
    for gain, seconds in ((0.5, 0.02), (7.0, -1.0), (-1.0, 1e9)):
        worn.headset.pulse("left", gain, seconds)
        worn.headset.pulse("right", gain, seconds)
    _frames(worn, 3, lambda frame: None)


def test_hidden_areas_are_triangles(worn: Worn) -> None:
    for eye in (0, 1):
        area = worn.headset.hidden_area(eye)
        if area is not None:
            assert area.dtype == np.float32
            assert area.shape[1:] == (3, 2)
            assert np.isfinite(area).all()


@pytest.mark.parametrize("factory", FACTORIES)
def test_frames_are_announced_before_they_are_expected(factory: tuple[Factory, bool]) -> None:
    ledger = Ledger(100)
    with factory[0](ledger) as headset:
        heard: list[Event] = []
        deadline = time.monotonic() + 5.0
        while not headset.running and time.monotonic() < deadline:
            heard += headset.poll()
            headset.rest()
        heard += headset.poll()
        assert [event.running for event in heard if isinstance(event, Running)] == [True]


def _distance(left: View, right: View) -> float:
    return hypot(*(a - b for a, b in zip(left.pose.position, right.pose.position, strict=True)))
