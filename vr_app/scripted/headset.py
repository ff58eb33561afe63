"""The scripted headset: plays poses and inputs from a script to an offscreen picture, in virtual or real time.

A full implementation of the headset protocol. In virtual time every frame is a refresh after the one before, however
long it took: the same script gives the same pictures. In real time it paces like a runtime: a frame that is finished
after its refresh is shown at the next one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import atan, atan2, hypot, tan
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from vr_app.api import Inputs, Pose, Vec3
from vr_app.headset import (
    Event,
    Fov,
    HeadsetInfo,
    HeadsetUnavailable,
    OneFrame,
    Presence,
    Running,
    Target,
    Timing,
    View,
    Visibility,
    scaled,
)
from vr_app.render.context import Context, ContextError, open_context
from vr_app.scripted.script import SEATED_HEAD, InputScript
from vr_app.timing.ledger import BEGUN, DISPLAY, ENDED, NATIVE_DISPLAY, PERIOD, RENDERED, WAITED, Ledger

EYE_DISTANCE = 0.063  # metres: the human mean
VERTICAL_FOV = 1.57  # radians
EYE_SIZE = (1440, 1440)
LOW_EYE_SIZE = (400, 400)  # where the processor draws: watchable, not judged

Pixels = npt.NDArray[np.uint8]


class Photograph(NamedTuple):
    """Both eyes at a session time, as large as they were drawn: (h, w, 3) uint8, sRGB-encoded, top row first."""

    time: float
    left: Pixels
    right: Pixels


@contextmanager
def open_scripted(
    ledger: Ledger,
    *,
    script: InputScript | None = None,
    hz: float = 90.0,
    clock: Literal["virtual", "real"] = "virtual",
    eye_size: tuple[int, int] | None = None,
    photograph_at: Sequence[float] = (),
    eye_distance: float = EYE_DISTANCE,
) -> Iterator[ScriptedHeadset]:
    """Open a scripted headset with a GL context of its own. Raises HeadsetUnavailable where there is no EGL.

    In virtual time with `photograph_at` (seconds since it opened) only those frames ask to be drawn.
    """
    try:
        with open_context("egl") as context:
            size = eye_size or (LOW_EYE_SIZE if context.software else EYE_SIZE)
            yield ScriptedHeadset(
                *(ledger, context, script or InputScript(), hz, clock, size, tuple(photograph_at), eye_distance)
            )
    except ContextError as error:
        raise HeadsetUnavailable(str(error), "run `harborlight doctor`") from None


class ScriptedHeadset:
    """See the module. `photographs` fills up as the session reaches each wanted time."""

    def __init__(
        self,
        ledger: Ledger,
        context: Context,
        script: InputScript,
        hz: float,
        clock: Literal["virtual", "real"],
        eye_size: tuple[int, int],
        photograph_at: tuple[float, ...],
        eye_distance: float,
    ) -> None:
        from vr_app.render import targets  # OpenGL may be imported only now

        self._read_image = targets.read_image

        self.context = context
        self.photographs: list[Photograph] = []
        self._ledger = ledger
        self._script = script
        self._real = clock == "real"
        self._period = 1.0 / hz
        self._eye_size = eye_size
        self._info = HeadsetInfo("scripted", f"scripted, {clock} time", "scripted headset", hz, eye_size)
        self._wanted = sorted(photograph_at)
        self._photographing = bool(photograph_at)
        self._eye_distance = eye_distance
        self._images = targets.make_images(eye_size)
        self._targets = tuple(Target(texture, *eye_size) for texture in self._images)
        self._scale = 1.0
        self._origin = time.perf_counter() if self._real else 0.0
        self._display = self._origin
        self._state = self._script.state(0.0)
        self._events: list[Event] = [Running(self._state.running, "the script begins"), Visibility(True, True)]
        self._timing = Timing(0.0, self._period, False, 0)
        self._frame = OneFrame(self)

    @property
    def running(self) -> bool:
        return self._state.running

    @property
    def info(self) -> HeadsetInfo:
        return self._info

    def poll(self) -> Sequence[Event]:
        """What the script has changed up to the next refresh."""
        before, now = self._state, self._script.state(self._now() - self._origin)
        self._state = now
        events, self._events = self._events, []
        if now.worn != before.worn:
            events.append(Presence(now.worn))
        if now.focused != before.focused:
            events.append(Visibility(True, now.focused))
        if now.running != before.running:
            events.append(Running(now.running, "the script says so"))
        return events

    def frame(self) -> OneFrame:
        return self._frame

    def rest(self) -> None:
        if self._real:
            time.sleep(0.05)
        else:
            self._display += 0.05

    def pulse(self, hand: Literal["left", "right"], gain: float, seconds: float) -> None:
        """A scripted hand feels nothing."""

    def hidden_area(self, eye: int) -> npt.NDArray[np.float32] | None:
        return None

    # --- the frame's parts, called by OneFrame

    def _now(self) -> float:
        return time.perf_counter() if self._real else self._display

    def begin(self) -> Timing:
        """Wait for the refresh after which work on the next picture begins."""
        ledger = self._ledger
        if self._real:
            refreshes = int((time.perf_counter() - self._origin) / self._period) + 1
            start = max(self._origin + refreshes * self._period, self._display)
            while (left := start - time.perf_counter()) > 0:
                time.sleep(left)
            self._display = start + self._period
        else:
            self._display += self._period
        ledger.mark(WAITED)
        native = round(self._display * 1e9)
        drawn = self._real or not self._photographing or self._due()
        self._timing = Timing(self._display, self._period, drawn, native)
        ledger.mark(BEGUN)
        ledger.put(NATIVE_DISPLAY, native)
        ledger.put(DISPLAY, native)
        ledger.put(PERIOD, round(self._period * 1e9))
        ledger.put(RENDERED, int(drawn))
        return self._timing

    def end(self) -> None:
        """The picture is due; it is photographed when its time was asked for."""
        if self._due():
            session = self._wanted.pop(0)
            left, right = (self._read_image(texture, (width, height)) for texture, width, height in self._targets)
            self.photographs.append(Photograph(session, left, right))
        self._ledger.mark(ENDED)

    def _due(self) -> bool:
        """A photograph of this frame is wanted."""
        return bool(self._wanted) and self._wanted[0] <= self._display - self._origin - self._period + 1e-6

    def sample_inputs(self) -> Inputs:
        return self._script.inputs(self._display - self._origin)

    def locate_views(self) -> tuple[View, ...]:
        inputs = self.sample_inputs()
        if not inputs.head_tracked:
            return ()
        return eye_views(inputs.head, self._eye_size, self._eye_distance)

    def targets(self, scale: float = 1.0) -> tuple[Target, ...]:
        if scale != self._scale:
            self._scale = scale
            self._targets = tuple(Target(texture, *scaled(self._eye_size, scale)) for texture in self._images)
        return self._targets


def looking(yaw: float, pitch: float = 0.0, at: Vec3 = SEATED_HEAD.position) -> Pose:
    """A head at `at` turned `yaw` radians to the left, then `pitch` radians up."""
    return Pose.facing(at, yaw, pitch)


def looking_at(place: Vec3, at: Vec3 = SEATED_HEAD.position) -> Pose:
    """A head at `at` that looks at `place`; a hand's ray is aimed so, too."""
    x, y, z = (there - here for there, here in zip(place, at, strict=True))
    return looking(atan2(-x, -z), atan2(y, hypot(x, z)), at)


def eye_views(
    head: Pose, eye_size: tuple[int, int], eye_distance: float = EYE_DISTANCE, vertical: float = VERTICAL_FOV
) -> tuple[View, ...]:
    """What both eyes of a head see, left then right; `vertical` radians from the lower edge to the upper."""
    fov = _fov(eye_size, vertical)
    return tuple(View(Pose(_moved(head, side * eye_distance / 2), head.orientation), fov) for side in (-1.0, 1.0))


def _moved(head: Pose, x: float) -> Vec3:
    """The head's position moved `x` metres to its own right."""
    qx, qy, qz, qw = head.orientation
    px, py, pz = head.position
    return (
        px + x * (1 - 2 * (qy * qy + qz * qz)),
        py + x * 2 * (qx * qy + qw * qz),
        pz + x * 2 * (qx * qz - qw * qy),
    )


def _fov(eye_size: tuple[int, int], vertical: float) -> Fov:
    half = vertical / 2
    side = atan(tan(half) * eye_size[0] / eye_size[1])
    return Fov(-side, side, half, -half)
