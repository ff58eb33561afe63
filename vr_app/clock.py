"""Session time: the host's monotonic clock at which a frame reaches the eyes, minus pauses."""

from __future__ import annotations

from typing import NamedTuple

LONGEST_STEP = 0.1  # seconds; after a stall the world takes up where it was instead of jumping
SLOW_STEP = 0.5  # the same where a processor draws: its frames take that long, and a minute must still be one


class Moment(NamedTuple):
    """Seconds since the session began, and since the last frame, at most the clock's longest step."""

    time: float
    dt: float
    shown: int = 0  # ns of vr_app.shared.now_ns at which it reaches the eyes, where that is the headset's clock


class SessionClock:
    """Turns display times into session time. Never runs backwards, stands still while paused."""

    def __init__(self, longest_step: float = LONGEST_STEP) -> None:
        self._longest = longest_step
        self._origin: float | None = None
        self._last = 0.0
        self._paused = False

    def pause(self) -> None:
        """Time stands still from the last tick until the next."""
        self._paused = True

    def tick(self, display_time: float) -> Moment:
        """The moment of a frame that is shown at `display_time`, seconds of `time.perf_counter`."""
        if self._origin is None:
            self._origin = display_time
        elif self._paused:
            self._origin = display_time - self._last
        self._paused = False
        time = max(display_time - self._origin, self._last)
        dt = min(time - self._last, self._longest)
        self._last = time
        return Moment(time, dt, round(display_time * 1e9))
