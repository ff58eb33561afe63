"""The protocol that every headset keeps: OpenXR runtime, desktop window, scripted headset.

Times are host monotonic seconds (`time.perf_counter`), whatever clock the device keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, NamedTuple, Protocol, Self

import numpy as np
import numpy.typing as npt

from vr_app.api import Inputs, Pose


class HeadsetUnavailable(Exception):
    """A headset cannot be opened: `why`, and `remedy` for a person."""

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(f"{why}; {remedy}")
        self.why = why
        self.remedy = remedy


class Fov(NamedTuple):
    """Half angles in radians; left and down are negative."""

    left: float
    right: float
    up: float
    down: float


class View(NamedTuple):
    """One eye: where it is in the world and how wide it sees."""

    pose: Pose
    fov: Fov


class Target(NamedTuple):
    """The image one eye's picture goes into. Two eyes with the same texture share it: left half and right half."""

    texture: int  # GL texture name, 2D, one layer
    width: int  # of one eye's part
    height: int


def scaled(size: tuple[int, int], scale: float) -> tuple[int, int]:
    """The part of an eye's image that is drawn at `scale`: multiples of 8, at least 64, never more than `size`."""
    if scale >= 1.0:
        return size
    width, height = (min(side, max(64, 8 * round(side * scale / 8))) for side in size)
    return width, height


class Timing(NamedTuple):
    """When the frame now open reaches the eyes."""

    display_time: float  # host monotonic seconds
    period: float  # seconds between two refreshes of the display, not of the application
    should_render: bool
    native_time: int  # the device's own nanoseconds for display_time (XrTime)


# Events: what poll() reports, each absolute ("worn is now False"), in the order in which it happened.
class Running(NamedTuple):
    """Frames are (or are no longer) expected; `why` is a short sentence for logs."""

    running: bool
    why: str


class Visibility(NamedTuple):
    visible: bool
    focused: bool


class Presence(NamedTuple):
    """The headset was put on or taken off."""

    worn: bool


class Recentred(NamedTuple):
    """The runtime moved the origin; `pose_in_previous` is None when it does not say by how much."""

    pose_in_previous: Pose | None


class RefreshRate(NamedTuple):
    hz: float


class Lost(NamedTuple):
    """The runtime or the session is gone and is being sought again."""

    why: str


class Found(NamedTuple):
    """A session runs again after a loss (or for the first time)."""

    runtime: str


class HandsChanged(NamedTuple):
    """Another interaction profile; empty names are hands without one."""

    left: str
    right: str


class HiddenAreaChanged(NamedTuple):
    """Ask `hidden_area` again."""


class ExitAsked(NamedTuple):
    """The runtime wants the application to end; it is not started again by itself."""

    why: str


Event = (
    Running
    | Visibility
    | Presence
    | Recentred
    | RefreshRate
    | Lost
    | Found
    | HandsChanged
    | HiddenAreaChanged
    | ExitAsked
)


@dataclass(frozen=True, slots=True)
class HeadsetInfo:
    """What stays true while a headset is open; goes into the report."""

    headset: Literal["openxr", "desktop", "scripted"]
    runtime: str  # name and version, as the runtime says them
    system: str  # the device's name
    refresh_hz: float
    eye_size: tuple[int, int]  # recommended pixels per eye (width, height)


class OpenFrame(Protocol):
    """A frame between begin and end."""

    timing: Timing

    def sample_inputs(self) -> Inputs: ...

    def locate_views(self) -> Sequence[View]:
        """Two views, left then right, for `timing.display_time`; empty while the head is not tracked. Call last."""

    def targets(self, scale: float = 1.0) -> Sequence[Target]:
        """Two images, left then right, ready to be written; empty when no picture is wanted.

        `scale` (0.5..1) of each eye's width and height will be drawn and is what the headset shows of this frame;
        images are never made anew for it. Two eyes in one image lie side by side at the scaled width.
        """


class FrameParts(Protocol):
    """What a headset of our own does for a frame; a OneFrame calls it in this order."""

    def begin(self) -> Timing:
        """Wait for the frame's time and open it."""

    def sample_inputs(self) -> Inputs: ...

    def locate_views(self) -> Sequence[View]: ...

    def targets(self, scale: float = 1.0) -> Sequence[Target]: ...

    def end(self) -> None:
        """Show what was drawn."""


class OneFrame:
    """The one open frame of such a headset, used again and again: the context manager that `frame()` returns."""

    def __init__(self, headset: FrameParts) -> None:
        self._headset = headset
        self.timing = Timing(0.0, 0.0, False, 0)
        self.sample_inputs = headset.sample_inputs
        self.locate_views = headset.locate_views
        self.targets = headset.targets

    def __enter__(self) -> Self:
        self.timing = self._headset.begin()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._headset.end()


class Headset(Protocol):
    """Seven members, no more; opened and closed by a `with` in the module that makes it."""

    @property
    def running(self) -> bool:
        """True while frames are expected."""

    @property
    def info(self) -> HeadsetInfo: ...

    def poll(self) -> Sequence[Event]:
        """Everything that happened since the last call. Never blocks, never raises."""

    def frame(self) -> AbstractContextManager[OpenFrame]:
        """Wait and begin on entry, end on exit, also when the body raises. The one place that blocks."""

    def rest(self) -> None:
        """While not running: wait a short moment (at most 0.1 s) and look for the device again when it is due."""

    def pulse(self, hand: Literal["left", "right"], gain: float, seconds: float) -> None: ...

    def hidden_area(self, eye: int) -> npt.NDArray[np.float32] | None:
        """Triangles (n, 3, 2) that the lenses hide, as x/z and y/z in view space; None when all is seen."""
