"""What an OpenXR call came to, as a type: a qualified success is no exception."""

from __future__ import annotations

import logging
from enum import IntEnum

_log = logging.getLogger(__name__)


class Outcome(IntEnum):
    """Results of calls, told apart by what the caller does about them. OK to SKIP are successes."""

    OK = 0
    TIMEOUT = 1
    LOSS_PENDING = 2  # the session still works; the state event that follows decides
    NOTHING = 3  # no event waits
    NOT_FOCUSED = 4  # inputs are not ours now
    SKIP = 5  # the frame before was discarded; this one has begun and must be ended
    OUT_OF_ORDER = 6  # the runtime is already past, or not yet at, this call
    NOT_RUNNING = 7
    SESSION_LOST = 8
    INSTANCE_LOST = 9
    ERROR = 10

    @property
    def succeeded(self) -> bool:
        return self <= Outcome.SKIP

    @property
    def lost(self) -> bool:
        """True when session or instance are gone for good."""
        return self is Outcome.SESSION_LOST or self is Outcome.INSTANCE_LOST


# XrResult, OpenXR 1.1 section 2.6; every other negative value is ERROR, every other positive one OK.
_OUTCOMES = {
    1: Outcome.TIMEOUT,
    3: Outcome.LOSS_PENDING,
    4: Outcome.NOTHING,
    8: Outcome.NOT_FOCUSED,
    9: Outcome.SKIP,
    -13: Outcome.INSTANCE_LOST,
    -16: Outcome.NOT_RUNNING,
    -17: Outcome.SESSION_LOST,
    -37: Outcome.OUT_OF_ORDER,
}


def outcome(result: int) -> Outcome:
    """The outcome of an XrResult, known or not."""
    return _OUTCOMES.get(result, Outcome.OK if result >= 0 else Outcome.ERROR)


class Judge:
    """Turns results of frame calls into outcomes, logs each kind of failure once and keeps word of a loss."""

    def __init__(self) -> None:
        self.loss = ""  # which call said that session or instance are lost; empty: none did
        self._logged: set[tuple[str, int]] = set()

    def __call__(self, call: str, result: int) -> Outcome:
        """The outcome of `call`; meant for results other than XR_SUCCESS, which need no judge."""
        verdict = outcome(result)
        if verdict.lost:
            self.loss = f"{call}: {verdict.name.lower().replace('_', ' ')}"
        if not verdict.succeeded and (call, result) not in self._logged:
            self._logged.add((call, result))
            _log.warning("%s failed with XrResult %d (%s)", call, result, verdict.name)
        return verdict
