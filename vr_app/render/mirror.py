"""Pictures of what the patient sees, or of a camera beside them, on their way to those who watch."""

from __future__ import annotations

from math import atan, atan2, cos, hypot, inf, radians, sin, tan
from time import monotonic_ns
from typing import Final

import msgspec

from vr_app.api import Pose, Quat, Vec3
from vr_app.commands import Orbit, Watch
from vr_app.headset import Fov, View
from vr_app.render.readback import Readback
from vr_app.render.renderer import Renderer, ThirdView
from vr_app.station.ring import PictureRing

BESIDE_SIZE: Final = (512, 320)  # pixels
BESIDE_AT: Final = (1.1, 1.72, 1.55)  # metres: a step behind the seat and to its right, as tall as someone standing by
BESIDE_TOWARDS: Final = (-0.3, 0.9, -1.6)
BESIDE_HALF_WIDTH: Final = radians(38.0)
WORK_AT: Final = (0.0, 1.1, -0.9)  # metres: about where a patient makes something


class Mirror:
    """Does nothing at all until somebody watches; whatever it needs of the GPU lives as long as they do.

    A picture is shrunk in one frame, sent for in the next and copied into the ring in a later one, when it has come: no
    frame waits, and none does more than one of these.
    """

    def __init__(self, ring: PictureRing) -> None:
        self._ring = ring
        self._watched = Watch()
        self._due = -inf  # session second from which the next picture may begin
        self.begun = 0  # pictures, since the session began
        self.copied = 0
        self._readback: Readback | None = None
        self._third: ThirdView | None = None

    def watch(self, command: Watch) -> str | None:
        """Heed who watches what; answers why not."""
        before, self._watched = self._watched, command
        if self._third is not None and command.camera != "eye":
            self._third.view = _third_view(command)
        if msgspec.structs.replace(command, orbit=before.orbit) != before:
            self._due = -inf
            self._let_go()
        return None

    def after_replay(self, renderer: Renderer, time: float) -> None:
        """A frame has just been drawn, at session second `time`."""
        if not self._watched.hz:
            return
        readback = self._readback
        if readback is None:
            self._readback = Readback(renderer)
        elif readback.deliver(self._ring):
            self.copied += 1
        elif not readback.fetch() and time >= self._due and readback.room:
            self._begin(renderer, readback, time)

    def _begin(self, renderer: Renderer, readback: Readback, time: float) -> None:
        watched = self._watched
        if readback.grow():
            return
        if watched.camera == "eye":
            readback.start(renderer, renderer.colour, renderer.drawn, "eye", time, monotonic_ns())
        elif self._third is None:
            self._third = ThirdView(renderer, _third_view(watched), BESIDE_SIZE)
            return
        else:
            renderer.replay_third(self._third)
            readback.start(renderer, self._third.targets.colour, BESIDE_SIZE, watched.camera, time, monotonic_ns())
        self.begun += 1
        # On average `hz` pictures a second, however frames fall; none is made up for after a pause.
        seconds = 1.0 / watched.hz
        self._due = self._due + seconds if time < self._due + seconds else time + seconds

    def _let_go(self) -> None:
        """Free what the camera that is watched does not need."""
        if self._third is not None and (not self._watched.hz or self._watched.camera == "eye"):
            self._third.close()
            self._third = None
        if self._readback is not None and not self._watched.hz:
            self._readback.close()
            self._readback = None


def beside() -> View:
    """From the place of someone standing by: the patient's seat in front, and what the patient works at."""
    return _looking(BESIDE_AT, BESIDE_TOWARDS)


def around(orbit: Orbit) -> View:
    """From anywhere about what the patient makes."""
    x, _, z = WORK_AT
    at = x - orbit.distance * sin(orbit.yaw), orbit.height, z + orbit.distance * cos(orbit.yaw)
    return _looking(at, WORK_AT)


def _third_view(watched: Watch) -> View:
    return around(watched.orbit) if watched.camera == "around" else beside()


def _looking(at: Vec3, towards: Vec3) -> View:
    width, height = BESIDE_SIZE
    half_height = atan(tan(BESIDE_HALF_WIDTH) * height / width)
    fov = Fov(-BESIDE_HALF_WIDTH, BESIDE_HALF_WIDTH, half_height, -half_height)
    return View(Pose(at, _facing(at, towards)), fov)


def _facing(at: Vec3, towards: Vec3) -> Quat:
    """Level, and turned from `at` to `towards`."""
    x, y, z = (b - a for a, b in zip(at, towards, strict=True))
    yaw, pitch = atan2(-x, -z) / 2, atan2(y, hypot(x, z)) / 2
    return cos(yaw) * sin(pitch), sin(yaw) * cos(pitch), -sin(yaw) * sin(pitch), cos(yaw) * cos(pitch)
