"""The desktop headset in a real window on a screen in memory, with xdotool's hands."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from math import isclose, tan
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headless_harness.screen import Screen
from vr_app.api import Inputs
from vr_app.desktop.headset import TITLE, DesktopHeadset, open_desktop
from vr_app.headset import Event, ExitAsked, HiddenAreaChanged, Running, Target, View
from vr_app.timing.ledger import Ledger

CHECKOUT = Path(__file__).resolve().parents[2]


class Window:
    """An open headset, its ledger and the hands before it."""

    def __init__(self, headset: DesktopHeadset, ledger: Ledger, screen: Screen) -> None:
        self.headset, self._ledger, self.screen = headset, ledger, screen
        self.events: list[Event] = []
        self.inputs = Inputs()
        self.views: Sequence[View] = ()
        self.targets: Sequence[Target] = ()
        self.id = screen.window()
        screen.hands("windowfocus", self.id)

    def play(self, frames: int, draw: Callable[[Sequence[Target]], None] = lambda targets: None) -> None:
        for _ in range(frames):
            self.events += self.headset.poll()
            if not self.headset.running:
                self.headset.rest()
                continue
            with self.headset.frame() as frame:
                self.inputs = frame.sample_inputs()
                self.views, self.targets = frame.locate_views(), frame.targets()
                draw(self.targets)
            self._ledger.next()

    def until(self, reached: Callable[[], object]) -> None:
        deadline = time.monotonic() + 10.0
        while not reached():
            assert time.monotonic() < deadline, "not within 10 s"
            self.play(1)

    def hands(self, *words: str) -> None:
        self.screen.hands(*words)


@pytest.fixture
def opened(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Window]]:
    """Opens a window; it is closed after the test."""
    monkeypatch.setenv("DISPLAY", screen.display)
    screen.hands("mousemove", "1270", "790")  # outside: every window begins without a pointer
    with ExitStack() as stack:

        def open_one(**options: Any) -> Window:
            ledger = Ledger(10_000)
            window = Window(stack.enter_context(open_desktop(ledger, **options)), ledger, screen)
            window.play(5)
            return window

        yield open_one


def _painted(left: Sequence[int], right: Sequence[int]) -> Callable[[Sequence[Target]], None]:
    from OpenGL import GL

    def paint(targets: Sequence[Target]) -> None:
        for target, colour in zip(targets, (left, right), strict=True):
            GL.glClearTexImage(target.texture, 0, GL.GL_RGBA, GL.GL_UNSIGNED_BYTE, np.array([*colour, 255], np.uint8))

    return paint


def test_the_left_eye_fills_the_window_with_its_own_bytes(opened: Callable[..., Window]) -> None:
    window = opened()
    window.play(3, _painted((200, 100, 50), (0, 255, 0)))
    seen = window.screen.picture()
    coloured = (seen == (200, 100, 50)).all(-1)
    assert coloured.sum() == 1280 * 720
    assert window.views[0].pose == window.views[1].pose


def test_side_by_side_shows_each_eye_its_half(opened: Callable[..., Window]) -> None:
    window = opened(side_by_side=True)
    window.play(3, _painted((200, 100, 50), (20, 80, 160)))
    seen = window.screen.picture()
    assert (seen == (200, 100, 50)).all(-1).sum() == 640 * 720
    assert (seen == (20, 80, 160)).all(-1).sum() == 640 * 720
    assert window.views[0].pose != window.views[1].pose


def test_in_mono_the_eye_that_nobody_sees_is_hidden_and_said_so(opened: Callable[..., Window]) -> None:
    window = opened()
    assert window.headset.hidden_area(0) is None
    area = window.headset.hidden_area(1)
    assert area is not None
    assert np.abs(area).min() > max(tan(window.views[1].fov.right), tan(window.views[1].fov.up))
    assert any(isinstance(event, HiddenAreaChanged) for event in window.events)


def test_dragging_turns_the_head_and_a_click_selects(opened: Callable[..., Window]) -> None:
    window = opened()
    window.hands("mousemove", "600", "400")
    window.until(lambda: window.inputs.right)
    assert window.inputs.right is not None
    assert window.inputs.right.aim is not None
    window.hands("mousedown", "1", "mousemove", "630", "400", "mousemove", "700", "400", "mouseup", "1")
    window.until(lambda: window.inputs.head.orientation[1] > 0.03)
    window.hands("click", "1")
    window.until(lambda: window.inputs.right and window.inputs.right.select == 1.0)
    window.hands("mousedown", "3")
    window.until(lambda: window.inputs.right and window.inputs.right.squeeze == 1.0)
    window.hands("mouseup", "3")


def test_a_drag_from_one_eyes_half_into_the_others_is_one_drag(opened: Callable[..., Window]) -> None:
    window = opened(side_by_side=True)
    window.hands("mousemove", "600", "400", "mousedown", "1", "mousemove", "630", "400", "mousemove", "700", "400")
    window.until(lambda: window.inputs.head.orientation[1] > 0.03)
    window.play(30)
    assert 0.03 < window.inputs.head.orientation[1] < 0.15
    window.hands("mouseup", "1")


@pytest.mark.parametrize("key", ["m", "Escape"])
def test_the_stop_key_is_held_and_let_go(opened: Callable[..., Window], key: str) -> None:
    window = opened()
    assert window.inputs.right is None
    window.hands("keydown", key)
    window.until(lambda: window.inputs.right and window.inputs.right.stop)
    window.hands("keyup", key)
    window.until(lambda: window.inputs.right is None)


def test_keys_lean_and_turn(opened: Callable[..., Window]) -> None:
    window = opened()
    window.hands("keydown", "w", "keydown", "Right")
    window.until(lambda: window.inputs.head.position[2] < -0.05 and window.inputs.head.orientation[1] < -0.05)
    window.hands("keyup", "w", "keyup", "Right", "key", "Home")
    window.until(lambda: abs(window.inputs.head.orientation[1]) < 0.001)


def test_a_new_size_changes_the_view_at_once_and_the_pictures_soon(opened: Callable[..., Window]) -> None:
    window = opened()
    before = window.targets
    window.hands("windowsize", "--sync", window.id, "500", "700")
    window.until(lambda: window.views[0].fov.up > window.views[0].fov.right)
    window.until(lambda: window.targets[0].height > window.targets[0].width)
    (left, right), target = window.targets, window.targets[0]
    assert [left.texture, right.texture] == [target.texture for target in before], "images are never made anew"
    fov = window.views[0].fov
    assert isclose(tan(fov.right) / tan(fov.up), 500 / 700, rel_tol=1e-6)
    assert isclose(target.width / target.height, 500 / 700, rel_tol=0.01)
    window.play(3, _painted((200, 100, 50), (0, 0, 0)))
    assert (window.screen.picture() == (200, 100, 50)).all(-1).sum() == 500 * 700


def test_a_share_of_the_picture_fills_the_window_all_the_same(opened: Callable[..., Window]) -> None:
    window = opened()
    window.headset.poll()
    with window.headset.frame() as frame:
        whole, part = frame.targets(), frame.targets(0.5)
        assert part[0].texture == whole[0].texture
        assert isclose(part[0].width / whole[0].width, 0.5, rel_tol=0.05)
        _painted((200, 100, 50), (0, 0, 0))(part)
    assert (window.screen.picture() == (200, 100, 50)).all(-1).sum() == 1280 * 720


def test_a_hidden_window_expects_no_frames_until_it_is_shown(opened: Callable[..., Window]) -> None:
    window = opened()
    window.events.clear()
    window.hands("windowunmap", window.id)
    window.until(lambda: window.events)
    assert window.events == [Running(False, "the window is minimised")]
    assert not window.headset.running
    window.hands("windowmap", window.id)
    window.until(lambda: len(window.events) > 1)
    assert window.events[1:] == [Running(True, "the window is shown again")]
    window.play(3)


def test_closing_the_window_asks_to_end_once(opened: Callable[..., Window]) -> None:
    window = opened()
    window.events.clear()
    window.screen.close(window.id)
    window.until(lambda: window.events)
    window.screen.close(window.id)
    window.play(20)
    assert window.events == [ExitAsked("the window was closed")]


def test_what_the_process_does_with_signals_stays_as_it_was(opened: Callable[..., Window]) -> None:
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(number) for number in numbers]
    opened()
    assert [signal.getsignal(number) for number in numbers] == before


def test_the_title_tells_how_to_look_and_how_to_stop() -> None:
    assert "drag" in TITLE
    assert "hold M to stop" in TITLE


# --- in processes of their own

_OPEN = """
import sys
from vr_app.desktop.headset import open_desktop
from vr_app.headset import HeadsetUnavailable
from vr_app.timing.ledger import Ledger
{before}
try:
    with open_desktop(Ledger(100)) as headset:
        for _ in range(3):
            headset.poll()
            with headset.frame() as frame:
                frame.targets()
        print("opened", type(headset.context.handles).__name__)
except HeadsetUnavailable as error:
    print("refused", error)
"""
_AFTER_OPENXR = """
from vr_app.xr.headset import open_openxr
try:
    with open_openxr(Ledger(100)):
        pass
except HeadsetUnavailable as error:
    print("no OpenXR:", error.why)
"""
_AFTER_A_CONTEXT = """
from vr_app.render.context import open_context
with open_context("{kind}"):
    from vr_app.render.renderer import Renderer
    Renderer().close()
"""


def _told(environment: dict[str, str], before: str = "") -> str:
    kept = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    command = [sys.executable, "-c", _OPEN.format(before=before)]
    done = subprocess.run(command, cwd=CHECKOUT, env=kept | environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_without_a_display_it_says_what_to_check() -> None:
    told = _told({})
    assert told.startswith("refused")
    assert "check DISPLAY" in told
    assert "harborlight doctor" in told


@pytest.mark.parametrize(
    "before", [_AFTER_OPENXR, _AFTER_A_CONTEXT.format(kind="egl"), _AFTER_A_CONTEXT.format(kind="window")]
)
def test_it_opens_in_a_process_that_has_tried_another_headset(screen: Screen, before: str) -> None:
    told = _told({"DISPLAY": screen.display, "XR_RUNTIME_JSON": "/nonexistent.json"}, before)
    assert told.rstrip().endswith("opened GlxHandles")
    assert ("no OpenXR" in told) == (before == _AFTER_OPENXR)
