"""One frame on a runtime, as a context manager: wait, begin, body, end; it never raises by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from struct import Struct
from types import TracebackType
from typing import Self

import xr

from vr_app.api import Inputs
from vr_app.headset import Target, Timing, View
from vr_app.timing.ledger import BEGUN, DISPLAY, ENDED, NATIVE_DISPLAY, PERIOD, RENDERED, WAITED, Ledger
from vr_app.xr.calls import address
from vr_app.xr.device import Device

_STATE = Struct("<16xqqI")  # predictedDisplayTime, predictedDisplayPeriod, shouldRender
_USUAL_PERIOD_NS = 11_111_111  # until the runtime tells
_MOST_FAILURES = 30  # frames in a row that could not be shown, before the session is given up
_MEASURE_FRAMES = 500  # between two measurements of the runtime's clock


class XrFrame:
    """Implements vr_app.headset.OpenFrame; one object serves all frames of a headset.

    A frame that the runtime would not begin is still given to the body, blank: nothing to draw, nothing tracked.
    """

    def __init__(self, ledger: Ledger, drain_gl: Callable[[], None], lose: Callable[[str], None]) -> None:
        """`lose(why)` is called outside the body when the session cannot go on."""
        self._ledger, self._drain_gl, self._lose = ledger, drain_gl, lose
        self._frame_state = xr.FrameState()
        self._state_address = address(self._frame_state)
        self.timing = Timing(0.0, _USUAL_PERIOD_NS / 1e9, False, 0)
        self.attach(None)

    def attach(self, device: Device | None) -> None:
        """Serve `device` from the next frame on; None: every frame is blank."""
        self._device = device
        self._waited = self._begun = False
        self._failures = self._frames = 0
        self._period_ns = 0
        self.next_native = 0  # XrTime at which the frame after this one will be seen at the earliest; 0: unknown
        if device is not None:
            self.use_rate(device.refresh_hz)

    def use_rate(self, hz: float) -> None:
        """The display now refreshes `hz` times a second; 0 when the runtime does not tell."""
        self._told_period_ns = round(1e9 / hz) if hz > 0 else 0
        self._period_ns = self._told_period_ns

    def __enter__(self) -> Self:
        device = self._device
        if device is None or not self._open(device):
            self._blank()
        return self

    def _open(self, device: Device) -> bool:
        """Wait and begin. After a begin that failed only begin is tried again: another wait might block for ever."""
        calls = device.runtime.calls
        device.picture.start()
        if not self._waited:
            result = calls.xrWaitFrame(device.address, None, self._state_address)
            if result and not device.judge("xrWaitFrame", result).succeeded:
                return False
            self._waited = True
        self._ledger.mark(WAITED)
        result = calls.xrBeginFrame(device.address, None)
        if result and not device.judge("xrBeginFrame", result).succeeded:
            return False
        self._waited, self._begun = False, True
        self._ledger.mark(BEGUN)
        self._note_time(device)
        return True

    def _note_time(self, device: Device) -> None:
        native, period, should_render = _STATE.unpack_from(self._frame_state)
        if not self._told_period_ns and 0 < period < (self._period_ns or period + 1):
            self._period_ns = period  # runtimes tell slow applications multiples of it: the smallest is the display's
        shown_every = self._period_ns or _USUAL_PERIOD_NS
        if not device.clock.known:
            device.clock.assume(native, time.perf_counter_ns() + shown_every)
        host = device.clock.host(native)
        self.next_native = native + shown_every
        self.timing = Timing(host / 1e9, shown_every / 1e9, bool(should_render), native)
        ledger = self._ledger
        ledger.put(NATIVE_DISPLAY, native)
        ledger.put(DISPLAY, host)
        ledger.put(PERIOD, shown_every)

    def _blank(self) -> None:
        """No frame could be opened: keep the pace, so that the loop does not spin."""
        time.sleep(self.timing.period)
        self.timing = Timing(time.perf_counter() + self.timing.period, self.timing.period, False, 0)

    def sample_inputs(self) -> Inputs:
        if not self._begun or self._device is None:
            return Inputs(head_tracked=False)
        return self._device.body.sample(self.timing.native_time)

    def locate_views(self) -> Sequence[View]:
        if not self._begun or self._device is None:
            return ()
        return self._device.picture.locate(self.timing.native_time)

    def targets(self, scale: float = 1.0) -> Sequence[Target]:
        if not self._begun or self._device is None or not self.timing.should_render:
            return ()
        self._drain_gl()
        return self._device.picture.targets(scale)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        device = self._device
        if device is None:
            return
        shown = self._close(device, kind is None) if self._begun else None
        self._failures = self._failures + 1 if shown is None else 0
        if device.judge.loss:
            self._lose(device.judge.loss)
        elif self._failures >= _MOST_FAILURES:
            self._lose(f"{_MOST_FAILURES} frames in a row could not be shown")

    def _close(self, device: Device, whole: bool) -> bool | None:
        """End the frame; True or False: with or without a picture, None: it went wrong."""
        self._drain_gl()
        self._begun = False
        result, shown = device.picture.end(device.address, self.timing.native_time, whole)
        self._drain_gl()
        self._ledger.put(RENDERED, self.timing.should_render)
        self._ledger.mark(ENDED)
        self._frames += 1
        if self._frames % _MEASURE_FRAMES == 0:
            device.clock.measure()
        if (result and not device.judge("xrEndFrame", result).succeeded) or device.picture.failed:
            return None
        return shown
