"""The OpenXR headset: connects, hears events, gives frames, and lives through losses and returns."""

from __future__ import annotations

import ctypes
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from struct import Struct
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import xr

from vr_app.api import Pose
from vr_app.headset import (
    Event,
    HandsChanged,
    HeadsetInfo,
    HeadsetUnavailable,
    HiddenAreaChanged,
    OpenFrame,
    Presence,
    Recentred,
    RefreshRate,
)
from vr_app.render.context import Context
from vr_app.render.gl import hot_calls
from vr_app.timing.ledger import Ledger
from vr_app.xr.calls import address
from vr_app.xr.device import Device
from vr_app.xr.frame import XrFrame
from vr_app.xr.graphics import Graphics, open_graphics
from vr_app.xr.runtime import FAILURES, NoDevice, Runtime, open_runtime
from vr_app.xr.session import Duty, Happening, Session, State, step, tidings

_log = logging.getLogger(__name__)

_NO_EVENT = int(xr.StructureType.EVENT_DATA_BUFFER)
_EMPTY = Struct("<IIQ").pack(_NO_EVENT, 0, 0)  # type, padding and next of a buffer that waits for an event
_STATES = {
    int(xr.SessionState[name]): Happening[name]
    for name in ("IDLE", "READY", "SYNCHRONIZED", "VISIBLE", "FOCUSED", "STOPPING", "LOSS_PENDING", "EXITING")
}
_MOST_EVENTS = 64  # taken in one poll
_MOST_FAILURES = 30  # polls in a row, before the connection is given up

_REST_SECONDS = 0.01
_RETRY_SECONDS = 0.25  # between two attempts to reach a runtime that was just lost
_SOON_SECONDS = 10.0  # after which a runtime is no longer just lost, and is sought as seldom as a headset
_DEVICE_SECONDS = 1.0  # between two questions whether a headset is connected now
_CLOSE_SECONDS = 2.0  # for a clean stop, before the runtime is left behind


@contextmanager
def open_openxr(
    ledger: Ledger,
    *,
    app_name: str = "Harborlight",
    wanted_hz: float | None = None,
    scale: float = 1.0,
    wait_for_device: bool = False,
) -> Iterator[OpenXRHeadset]:
    """The headset of the active OpenXR runtime, with its own OpenGL context current on this thread.

    `scale` multiplies the recommended width and height of an eye. Raises HeadsetUnavailable when there is no
    runtime, no OpenGL for it, or no headset; with `wait_for_device` a missing headset is sought in `rest` at 1 Hz.
    """
    with open_graphics() as graphics:
        headset = OpenXRHeadset(ledger, graphics, app_name, wanted_hz, scale)
        try:
            headset.connect(wait_for_device)
            yield headset
        finally:
            headset.close()


class OpenXRHeadset:
    """Implements vr_app.headset.Headset. Use it on the thread that opened it; `open_openxr` makes it."""

    def __init__(
        self, ledger: Ledger, graphics: Graphics, app_name: str, wanted_hz: float | None, scale: float
    ) -> None:
        self._graphics, self._app_name, self._wanted_hz, self._scale = graphics, app_name, wanted_hz, scale
        self._gl_error = hot_calls().glGetError
        self._session = Session()
        self._runtime: Runtime | None = None
        self._device: Device | None = None
        self._info = HeadsetInfo("openxr", "", "", 0.0, (0, 0))
        self._frame = XrFrame(ledger, self._drain_gl, lambda why: self._happen(Happening.LOST, why))
        self._news: list[Event] = []
        self._recentre: tuple[int, Recentred] | None = None  # and the XrTime at which it comes to pass
        self._unheard = 0
        self._due = self._soon = 0.0  # monotonic seconds: the next attempt to connect; until when they come quickly
        self._excuse = ""
        self._event = xr.EventDataBuffer()
        self._event_bytes, self._event_address = memoryview(self._event).cast("B"), address(self._event)

    @property
    def context(self) -> Context:
        """The OpenGL context; it outlives every loss of the runtime."""
        return self._graphics.context

    @property
    def running(self) -> bool:
        return self._session.running

    @property
    def info(self) -> HeadsetInfo:
        return self._info

    def frame(self) -> AbstractContextManager[OpenFrame]:
        return self._frame

    def pulse(self, hand: Literal["left", "right"], gain: float, seconds: float) -> None:
        if self._device is not None:
            self._device.body.pulse(hand, gain, seconds)

    def hidden_area(self, eye: int) -> npt.NDArray[np.float32] | None:
        return self._device.picture.hidden_area(eye) if self._device is not None else None

    # --- connecting, losing, seeking, closing --------------------------------------------------------------------

    def connect(self, wait_for_device: bool) -> None:
        """Make instance and session. Raises HeadsetUnavailable, but not for a headset that is waited for."""
        try:
            self._runtime = self._runtime or open_runtime(self._app_name, self._graphics.extensions)
            self._info = replace(self._info, runtime=self._runtime.name)
            self._device = Device(self._runtime, self.context, self._wanted_hz, self._scale)
        except NoDevice:
            self._due = time.monotonic() + _DEVICE_SECONDS
            if not wait_for_device:
                raise
            return
        except FAILURES as error:
            self._disconnect()
            why = f"the OpenXR runtime opens no session ({type(error).__name__}: {error})"
            raise HeadsetUnavailable(why, "restart the runtime and try again") from None
        except HeadsetUnavailable:
            self._disconnect()
            raise
        self._drain_gl()
        self._info, self._unheard, self._excuse = self._device.info, 0, ""
        self._frame.attach(self._device)
        self._happen(Happening.CONNECTED, "connected")
        _log.info("%s, %s, %d x %d pixels an eye", self._info.runtime, self._info.system, *self._info.eye_size)

    def rest(self) -> None:
        """As in Headset; a call that finds the runtime again takes as long as it takes to make a session."""
        time.sleep(_REST_SECONDS)
        if self._session.state is not State.SEEKING or time.monotonic() < self._due:
            return
        self._due = time.monotonic() + (_RETRY_SECONDS if time.monotonic() < self._soon else _DEVICE_SECONDS)
        try:
            self.connect(wait_for_device=True)
        except HeadsetUnavailable as reason:
            if str(reason) != self._excuse:
                self._excuse = str(reason)
                _log.warning("still without a headset: %s", reason)

    def close(self) -> None:
        """Stop in order: ask to exit, hear the session out, destroy session and instance. Takes 2 s at most."""
        if self._device is not None and not self._answers():
            _log.warning("the OpenXR runtime does not answer; left without a goodbye")
            return
        deadline = time.monotonic() + _CLOSE_SECONDS
        asked = self._session.begun and self._ask_to_exit()
        while asked and self._session.connected and time.monotonic() < deadline:
            self._listen()
            if self._session.running:  # runtimes may want frames until they say STOPPING
                with self._frame:
                    pass
            else:
                time.sleep(0.002)
        self._happen(Happening.CLOSED, "closed")
        self._disconnect()

    def _answers(self) -> bool:
        """Whether the runtime takes a call at all: a hung one would never come back from those that follow.

        Asked on another thread through a pointer that gives the interpreter lock away; the answer is an event.
        """
        assert self._runtime is not None
        ask, event = xr.raw_functions.xrPollEvent, xr.EventDataBuffer()
        thread = threading.Thread(target=ask, args=(self._runtime.instance, ctypes.byref(event)), daemon=True)
        thread.start()
        thread.join(_CLOSE_SECONDS)
        if thread.is_alive():
            return False
        if event._type != _NO_EVENT:
            self._hear(event)
        return True

    def _ask_to_exit(self) -> bool:
        assert self._device is not None
        try:
            xr.request_exit_session(self._device.session)
        except FAILURES as error:
            _log.info("the session could not be asked to exit (%s)", type(error).__name__)
            return False
        return True

    def _happen(self, happening: Happening, why: str) -> None:
        before = self._session
        self._session, duty = step(before, happening)
        self._news += tidings(before, self._session, why, self._info.runtime)
        if duty is Duty.BEGIN:
            self._begin()
        elif duty is Duty.END:
            self._end()
        elif duty is Duty.DISCONNECT:
            self._disconnect()
            self._soon = time.monotonic() + _SOON_SECONDS

    def _begin(self) -> None:
        assert self._device is not None
        try:
            xr.begin_session(self._device.session, xr.SessionBeginInfo(xr.ViewConfigurationType.PRIMARY_STEREO))
        except xr.SessionRunningError:
            _log.info("the session ran already; an event was lost")
        except FAILURES as error:
            self._happen(Happening.LOST, f"xrBeginSession: {type(error).__name__}")
            return
        self._happen(Happening.BEGUN, "the runtime expects frames")

    def _end(self) -> None:
        assert self._device is not None
        try:
            xr.end_session(self._device.session)
        except FAILURES as error:
            self._happen(Happening.LOST, f"xrEndSession: {type(error).__name__}")
            return
        self._happen(Happening.ENDED, "the runtime stopped the session")

    def _disconnect(self) -> None:
        """Let session and instance go. The context stays, for the next connection."""
        self._frame.attach(None)
        self._recentre = None
        if self._device is not None:
            self._device.close()
        if self._runtime is not None:
            self._runtime.close()
        self._device = self._runtime = None
        self._due = max(self._due, time.monotonic() + _RETRY_SECONDS)
        self._drain_gl()

    def _drain_gl(self) -> None:
        """Clear GL's error flags around runtime calls: SteamVR takes ours for its own (SteamVR-for-Linux #799)."""
        if self._gl_error():
            for _ in range(8):  # one flag a kind of error; without a context it would never end
                if not self._gl_error():
                    return

    # --- events --------------------------------------------------------------------------------------------------

    def poll(self) -> Sequence[Event]:
        self._listen()
        if self._recentre is not None:
            when, event = self._recentre
            if self._frame.next_native >= when:
                self._recentre = None
                self._news.append(event)
        if not self._news:
            return ()
        news, self._news = self._news, []
        return news

    def _listen(self) -> None:
        """Take what the runtime has to say; a runtime that cannot be heard for long is given up."""
        for _ in range(_MOST_EVENTS):
            if self._device is None:
                return
            self._event_bytes[:16] = _EMPTY
            result = self._device.runtime.calls.xrPollEvent(self._device.runtime.address, self._event_address)
            if result == 0:
                self._unheard = 0
                self._hear(self._event)
                continue
            verdict = self._device.judge("xrPollEvent", result)
            if verdict.succeeded:
                self._unheard = 0
                return
            self._unheard += 1
            if verdict.lost or self._unheard >= _MOST_FAILURES:
                self._happen(Happening.LOST, f"xrPollEvent: {verdict.name.lower().replace('_', ' ')}")
            return

    def _hear(self, event: Any) -> None:
        """One XrEventDataBuffer about the session; what is not named here or below does not concern us."""
        kinds, kind = xr.StructureType, event._type
        device = self._device
        assert device is not None
        if kind == kinds.EVENT_DATA_SESSION_STATE_CHANGED:
            state = _read(event, xr.EventDataSessionStateChanged)._state
            if state in _STATES:
                self._happen(_STATES[state], f"the runtime says {_STATES[state].value}")
        elif kind == kinds.EVENT_DATA_INSTANCE_LOSS_PENDING:
            self._happen(Happening.LOST, "the runtime says that it will end")
        elif kind == kinds.EVENT_DATA_REFERENCE_SPACE_CHANGE_PENDING:
            change = _read(event, xr.EventDataReferenceSpaceChangePending)
            if change._reference_space_type == device.space_type:
                pose = _pose(change.pose_in_previous_space) if change.pose_valid else None
                self._recentre = change.change_time, Recentred(pose)
        elif kind == kinds.EVENT_DATA_EVENTS_LOST:
            self._hear_losses(device)
        else:
            self._hear_device(device, kind, event)

    def _hear_device(self, device: Device, kind: int, event: Any) -> None:
        """One XrEventDataBuffer about headset and controllers."""
        kinds = xr.StructureType
        if kind == kinds.EVENT_DATA_INTERACTION_PROFILE_CHANGED:
            self._hear_hands(device)
        elif kind == kinds.EVENT_DATA_VISIBILITY_MASK_CHANGED_KHR:
            self._news.append(HiddenAreaChanged())
        elif kind == kinds.EVENT_DATA_USER_PRESENCE_CHANGED_EXT:
            self._news.append(Presence(bool(_read(event, xr.EventDataUserPresenceChangedEXT).is_user_present)))
        elif kind == kinds.EVENT_DATA_DISPLAY_REFRESH_RATE_CHANGED_FB:
            hz = float(_read(event, xr.EventDataDisplayRefreshRateChangedFB).to_display_refresh_rate)
            self._info = replace(self._info, refresh_hz=hz)
            self._frame.use_rate(hz)
            self._news.append(RefreshRate(hz))

    def _hear_losses(self, device: Device) -> None:
        """Events are missing: ask again for what can be asked; a session that waits for one is made anew."""
        _log.warning("the runtime lost events")
        if not self._session.running:
            self._happen(Happening.LOST, "the runtime lost events while the session was idle")
            return
        self._hear_hands(device)
        self._news.append(HiddenAreaChanged())

    def _hear_hands(self, device: Device) -> None:
        before = tuple(device.body.profiles)
        after = device.body.refresh_profiles()
        if after != before:
            self._news.append(HandsChanged(*after))


def _read(event: Any, kind: Any) -> Any:
    """The buffer as an event structure of `kind`."""
    return kind.from_buffer(event)


def _pose(pose: Any) -> Pose:
    place, turn = pose.position, pose.orientation
    return Pose((place.x, place.y, place.z), (turn.x, turn.y, turn.z, turn.w))
