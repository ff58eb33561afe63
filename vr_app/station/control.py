"""Whether anybody could steer: pure, so that every case can be tried."""

from __future__ import annotations

from vr_app import limits


class Control:
    """Looks many times a second; `now` in monotonic seconds."""

    def __init__(self) -> None:
        self._since: float | None = None  # when a session that plays was last seen to have nobody

    def lost(self, now: float, *, plays: bool, steered: bool) -> bool:
        """True, once, when nobody could have steered a playing session for NO_CONTROL_SECONDS.

        `steered`: some surface is there that could.
        """
        if steered or not plays:
            self._since = None
            return False
        if self._since is None:
            self._since = now
        if now - self._since < limits.NO_CONTROL_SECONDS:
            return False
        self._since = now  # it is asked for again in a minute, should it still play then
        return True
