"""The desktop headset: a resizable window to look into, mouse, keys and gamepad for head and hands.

A full implementation of the headset protocol. In mono one eye fills the window and the other, which nobody sees, is
all hidden area; side by side each eye has its half. A minimised window expects no frames; a closed one ends the
session. A window that has lost the keyboard goes on: whoever guides the session types elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import atan, tan
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from vr_app.api import Inputs
from vr_app.desktop.body import Body, Key, Pane
from vr_app.desktop.gamepad import Gamepads
from vr_app.desktop.icon import icon
from vr_app.desktop.pace import Pace
from vr_app.desktop.sdl import pygame
from vr_app.headset import (
    Event,
    ExitAsked,
    Fov,
    HeadsetInfo,
    HeadsetUnavailable,
    HiddenAreaChanged,
    OneFrame,
    RefreshRate,
    Running,
    Target,
    Timing,
    View,
    Visibility,
    scaled,
)
from vr_app.render.context import Context, ContextError, open_visible_window
from vr_app.scripted.headset import EYE_DISTANCE, eye_views
from vr_app.timing.ledger import BEGUN, DISPLAY, ENDED, NATIVE_DISPLAY, PERIOD, RENDERED, WAITED, Ledger

TITLE: Final = "Harborlight: drag to look around, click to choose, hold M to stop"
FIRST_SIZE: Final = (1280, 720)
USUAL_HZ: Final = 60.0  # where the display does not tell
NARROW_FOV: Final = 0.95  # radians that the window's shorter side shows
MOST: Final = (5120, 2160)  # pixels of a picture
MOST_SOFTWARE: Final = (640, 400)  # where the processor draws: watchable, not judged
_LEAST: Final = 64
_SETTLED_SECONDS: Final = 0.25  # without a change of size, before pictures have the new one
_REST_SECONDS: Final = 0.05
_BLOCKED_SECONDS: Final = 0.001  # a flip that took longer waited for the display

_KEYS: Final = {
    pygame.K_LEFT: Key.TURN_LEFT,
    pygame.K_RIGHT: Key.TURN_RIGHT,
    pygame.K_UP: Key.LOOK_UP,
    pygame.K_DOWN: Key.LOOK_DOWN,
    pygame.K_SPACE: Key.SELECT,
    pygame.K_RETURN: Key.SELECT,
    pygame.K_m: Key.STOP,
    pygame.K_ESCAPE: Key.STOP,
}
_PLACES: Final = {  # by where the key lies, on every keyboard
    pygame.KSCAN_A: Key.LEFT,
    pygame.KSCAN_D: Key.RIGHT,
    pygame.KSCAN_W: Key.FORWARD,
    pygame.KSCAN_S: Key.BACK,
}
_EVERYTHING: Final = np.array(
    [[(-99, -99), (99, -99), (99, 99)], [(-99, -99), (99, 99), (-99, 99)]], np.float32
)  # as hidden area


@contextmanager
def open_desktop(ledger: Ledger, *, hz: float | None = None, side_by_side: bool = False) -> Iterator[DesktopHeadset]:
    """Open the window, with its OpenGL context current on this thread; `hz` paces it otherwise than the display.

    Raises HeadsetUnavailable without a display or OpenGL 4.5.
    """
    try:
        with open_visible_window(FIRST_SIZE, TITLE) as context:
            headset = DesktopHeadset(ledger, context, hz, side_by_side)
            try:
                yield headset
            finally:
                headset.close()
    except ContextError as error:
        raise HeadsetUnavailable(str(error), "run `harborlight doctor`") from None


class DesktopHeadset:
    """See the module. Use it on the thread that opened it."""

    def __init__(self, ledger: Ledger, context: Context, hz: float | None, side_by_side: bool) -> None:
        from vr_app.render.window import Part, WindowImages  # OpenGL may be imported only now

        self.context = context
        self._ledger = ledger
        self._hz = hz
        self._side_by_side = side_by_side
        self._most = MOST_SOFTWARE if context.software else _largest_display()
        self._part = Part
        self._images = WindowImages(self._most)
        self._body = Body()
        self._gamepads = Gamepads()
        self._shown = True
        self._closed = False
        self._events: list[Event] = [Running(True, "the window is open"), Visibility(True, True)]
        if not side_by_side:
            self._events.append(HiddenAreaChanged())
        self._resized_at: float | None = None
        self._size = self._eye_size = (0, 0)
        self._scale = 1.0
        self._targets: tuple[Target, ...] = ()
        self._fit(pygame.display.get_window_size())
        self._settle()
        hz = hz or _display_hz()
        self._info = HeadsetInfo("desktop", _runtime(), "desktop window", hz, self._eye_size)
        self._pace = Pace(hz, time.perf_counter())
        self._timing = Timing(0.0, 1.0 / hz, False, 0)
        self._frame = OneFrame(self)
        pygame.display.set_icon(icon())
        pygame.display.set_allow_screensaver(False)
        pygame.key.stop_text_input()  # keys are hands: no input method comes between
        self._show()

    @property
    def running(self) -> bool:
        return self._shown

    @property
    def info(self) -> HeadsetInfo:
        return self._info

    def poll(self) -> Sequence[Event]:
        self._listen()
        events, self._events = self._events, []
        return events

    def frame(self) -> OneFrame:
        return self._frame

    def rest(self) -> None:
        time.sleep(_REST_SECONDS)

    def pulse(self, hand: Literal["left", "right"], gain: float, seconds: float) -> None:
        self._gamepads.pulse(hand, gain, seconds)

    def hidden_area(self, eye: int) -> npt.NDArray[np.float32] | None:
        """In mono nobody sees the right eye's picture: all of it is hidden, so it costs next to nothing."""
        return _EVERYTHING if eye == 1 and not self._side_by_side else None

    def close(self) -> None:
        """Let the gamepad go; the window goes with its context."""
        self._gamepads.close()

    # --- the frame's parts, called by OneFrame

    def begin(self) -> Timing:
        """Wait for the refresh after which work on the next picture begins."""
        ledger, pace = self._ledger, self._pace
        start = pace.next_start(time.perf_counter())
        while (left := start - time.perf_counter()) > 0:
            time.sleep(left)
        ledger.mark(WAITED)
        self._listen()
        if self._resized_at is not None and start - self._resized_at >= _SETTLED_SECONDS:
            self._settle()
        self._body.step(start, self._gamepads.pad())
        display = start + pace.period
        native = round(display * 1e9)
        self._timing = Timing(display, pace.period, self._shown, native)
        ledger.mark(BEGUN)
        ledger.put(NATIVE_DISPLAY, native)
        ledger.put(DISPLAY, native)
        ledger.put(PERIOD, round(pace.period * 1e9))
        ledger.put(RENDERED, int(self._shown))
        return self._timing

    def sample_inputs(self) -> Inputs:
        return self._body.inputs()

    def locate_views(self) -> tuple[View, ...]:
        pane = self._body.pane
        across, up = atan(pane.tan_x), atan(pane.tan_y)
        distance = EYE_DISTANCE if self._side_by_side else 0.0
        views = eye_views(self._body.inputs().head, self._eye_size, distance)
        return tuple(view._replace(fov=Fov(-across, across, up, -up)) for view in views)

    def targets(self, scale: float = 1.0) -> tuple[Target, ...]:
        if scale != self._scale:
            self._scale = scale
            self._aim_targets()
        return self._targets

    def end(self) -> None:
        """The picture goes into the window; where the driver waits for the display, so does this."""
        self._show()
        self._ledger.mark(ENDED)

    # --- the picture

    def _show(self) -> None:
        """Stretch the last picture drawn over the window."""
        width, height = self._size
        drawn = self._targets[0].width, self._targets[0].height
        if self._side_by_side:
            half = width // 2
            self._images.show(0, drawn, self._part(0, 0, half, height))
            self._images.show(1, drawn, self._part(half, 0, width - half, height))
        else:
            self._images.show(0, drawn, self._part(0, 0, width, height))
        before = time.perf_counter()
        pygame.display.flip()
        after = time.perf_counter()
        if after - before > _BLOCKED_SECONDS and not self._hz and not self.context.software:
            self._pace.heed(after)

    def _fit(self, size: tuple[int, int]) -> None:
        """The window has this size in pixels: what is seen through it changes at once, the pictures' size later."""
        self._size = max(size[0], 2), max(size[1], 2)
        width, height = self._eye_part()
        narrow = tan(NARROW_FOV / 2)
        least = min(width, height)
        tangents = narrow * width / least, narrow * height / least
        self._body.pane = Pane(width, height, *tangents, self._body.pane.shift)

    def _eye_part(self) -> tuple[int, int]:
        width, height = self._size
        return (width // 2 if self._side_by_side else width), height

    def _settle(self) -> None:
        """Pictures have the window's pixels from now on, or as many as there is room for."""
        self._resized_at = None
        part = self._eye_part()
        share = min(1.0, *(most / side for most, side in zip(self._most, part, strict=True)))
        width, height = (max(_LEAST, round(side * share)) for side in part)
        self._eye_size = min(width, self._most[0]), min(height, self._most[1])
        self._aim_targets()

    def _aim_targets(self) -> None:
        size = scaled(self._eye_size, self._scale)
        self._targets = tuple(Target(texture, *size) for texture in self._images.images)

    # --- events

    def _listen(self) -> None:
        """Take in what the window and its devices report."""
        for event in pygame.event.get():
            kind = event.type
            if kind in _POINTER:
                self._hear_pointer(event)
            elif kind in (pygame.KEYDOWN, pygame.KEYUP):
                self._hear_key(event)
            elif kind in _WINDOW:
                self._hear_window(event)
            elif kind in (pygame.CONTROLLERDEVICEADDED, pygame.CONTROLLERDEVICEREMOVED):
                self._gamepads.hear(event)

    def _hear_pointer(self, event: pygame.Event) -> None:
        body = self._body
        if event.type == pygame.WINDOWLEAVE:
            body.leave()
            return
        x, y = event.pos
        if self._side_by_side:
            x = self._in_half(x, dragging=event.type == pygame.MOUSEMOTION and event.buttons[0])
        if event.type == pygame.MOUSEMOTION:
            body.point(x, y)
        elif event.button == pygame.BUTTON_RIGHT:
            body.squeezing = event.type == pygame.MOUSEBUTTONDOWN
        elif event.button == pygame.BUTTON_LEFT:
            if event.type == pygame.MOUSEBUTTONDOWN:
                body.press(x, y, time.perf_counter())
            else:
                body.release()

    def _in_half(self, x: float, *, dragging: bool) -> float:
        """Pixels in the eye's half that the pointer is in; a drag stays in the one where it began."""
        pane = self._body.pane
        if not dragging:
            side = 0.5 if x >= pane.width else -0.5
            self._body.pane = pane = pane._replace(shift=side * EYE_DISTANCE)
        return x - pane.width if pane.shift > 0.0 else x

    def _hear_key(self, event: pygame.Event) -> None:
        if event.type == pygame.KEYDOWN and event.key == pygame.K_HOME:
            self._body.look_ahead()
        key = _KEYS.get(event.key) or _PLACES.get(event.scancode)
        if key:
            (self._body.held.add if event.type == pygame.KEYDOWN else self._body.held.discard)(key)

    def _hear_window(self, event: pygame.Event) -> None:
        kind = event.type
        if kind in (pygame.QUIT, pygame.WINDOWCLOSE):
            if not self._closed:
                self._closed = True
                self._events.append(ExitAsked("the window was closed"))
        elif kind == pygame.WINDOWSIZECHANGED:
            self._fit((event.x, event.y))
            self._resized_at = time.perf_counter()
        elif kind == pygame.WINDOWFOCUSLOST:
            self._body.let_go()
        elif kind == pygame.WINDOWDISPLAYCHANGED:
            self._use_display()
        else:
            self._show_or_hide()

    def _show_or_hide(self) -> None:
        """What the window says of itself counts: its events come in bursts when it opens."""
        shown = pygame.display.get_active()
        if shown != self._shown:
            self._shown = shown
            self._body.let_go()
            self._events.append(Running(shown, "the window is shown again" if shown else "the window is minimised"))

    def _use_display(self) -> None:
        """The window lies on another display."""
        hz = self._hz or _display_hz()
        if hz != self._info.refresh_hz:
            self._info = HeadsetInfo("desktop", self._info.runtime, self._info.system, hz, self._info.eye_size)
            self._pace = Pace(hz, time.perf_counter())
            self._events.append(RefreshRate(hz))


_POINTER = (pygame.MOUSEMOTION, pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP, pygame.WINDOWLEAVE)
_WINDOW = (
    *(pygame.QUIT, pygame.WINDOWCLOSE, pygame.WINDOWSIZECHANGED, pygame.WINDOWFOCUSLOST, pygame.WINDOWDISPLAYCHANGED),
    *(pygame.WINDOWMINIMIZED, pygame.WINDOWHIDDEN, pygame.WINDOWRESTORED, pygame.WINDOWSHOWN),
)


def _largest_display() -> tuple[int, int]:
    """Pixels that no window can need more of."""
    sizes = pygame.display.get_desktop_sizes() or [FIRST_SIZE]
    return min(max(size[0] for size in sizes), MOST[0]), min(max(size[1] for size in sizes), MOST[1])


def _display_hz() -> float:
    return float(pygame.display.get_current_refresh_rate()) or USUAL_HZ


def _runtime() -> str:
    return f"pygame-ce {pygame.version.ver}, SDL {'.'.join(map(str, pygame.get_sdl_version()))}"
