"""Whether a process still lives, judged by its signs of life: pure, so that every case can be tried."""

from __future__ import annotations

from typing import Final

from vr_app import limits
from vr_app.shared import Beat, Duty

GRACE: Final = {
    Duty.STARTING: limits.HEARTBEAT_STARTING_SECONDS,
    Duty.IDLE: limits.HEARTBEAT_IDLE_SECONDS,
    Duty.FRAMES: limits.HEARTBEAT_SECONDS,
    Duty.CALLED: limits.HEARTBEAT_SECONDS,
    Duty.CLOSING: limits.HEARTBEAT_IDLE_SECONDS,
    Duty.WRITING: limits.HEARTBEAT_WRITING_SECONDS,
}
OWN_SLEEP_SECONDS: Final = 0.5  # between two looks: then the watcher itself slept, as the whole machine may have


class Watchdog:
    """Looks at one process, many times a second."""

    def __init__(self) -> None:
        self._looked = self._since = 0.0

    def look(self, now: float, beat: Beat, untaken: float = 0.0) -> str | None:
        """What is wrong with it at `now` (monotonic seconds), or None.

        `untaken` is for how long a stop has lain there. Silence counts only from when the watcher was awake.
        """
        if now - self._looked > OWN_SLEEP_SECONDS:
            self._since = now
        self._looked = now
        awake = now - self._since
        silent = min(beat.silent, awake)
        if silent > GRACE[beat.duty]:
            return f"no sign of life for {silent:.1f} s"
        if beat.duty is Duty.FRAMES and min(untaken, awake) > limits.ORDER_TAKEN_SECONDS:
            return "it does not take a stop"
        return None
