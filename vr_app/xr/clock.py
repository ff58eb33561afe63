"""The runtime's clock against the host's: XrTime is nanoseconds since whatever the runtime likes."""

from __future__ import annotations

import ctypes
import sys
import time
from typing import Any

from vr_app.xr.calls import Calls, address


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_int64), ("nanoseconds", ctypes.c_long))


class XrClock:
    """Converts XrTime to ns of `time.perf_counter_ns` by an offset that is measured now and then, outside frames.

    Sources: XR_KHR_convert_timespec_time (CLOCK_MONOTONIC, which is `time.perf_counter` on Linux) and
    XR_KHR_win32_convert_performance_counter_time. With neither, `assume` sets the offset once.
    """

    def __init__(self, instance: Any, calls: Calls) -> None:
        self._instance = address(instance)
        self._timespec, self._counter, self._answer = _Timespec(), ctypes.c_int64(), ctypes.c_int64()
        self._from_timespec = calls.xrConvertTimespecTimeToTimeKHR
        self._from_counter = calls.xrConvertWin32PerformanceCounterToTimeKHR
        self._offset_ns: int | None = None
        self.measure()

    @property
    def known(self) -> bool:
        return self._offset_ns is not None

    def measure(self) -> None:
        """Take the offset anew, where the runtime converts times; a failed conversion keeps the old one."""
        now = time.perf_counter_ns()
        if self._from_timespec is not None:
            self._timespec.seconds, self._timespec.nanoseconds = divmod(now, 1_000_000_000)
            result = self._from_timespec(self._instance, address(self._timespec), address(self._answer))
        elif self._from_counter is not None and sys.platform == "win32":
            ctypes.windll.kernel32.QueryPerformanceCounter(ctypes.byref(self._counter))  # within 1 us of `now`
            result = self._from_counter(self._instance, address(self._counter), address(self._answer))
        else:
            return
        if result == 0 and self._answer.value > 0:
            self._offset_ns = now - self._answer.value

    def assume(self, native: int, host_ns: int) -> None:
        """For a runtime without conversion: XrTime `native` is `host_ns`. Later assumptions are ignored."""
        if self._offset_ns is None:
            self._offset_ns = host_ns - native

    def host(self, native: int) -> int:
        """Host ns of an XrTime; 0 while nothing is known."""
        return native + self._offset_ns if self._offset_ns is not None else 0
