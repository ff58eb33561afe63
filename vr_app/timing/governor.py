"""Keeps the picture in time: draws less of it quickly when the GPU falls behind, and more again slowly."""

from __future__ import annotations

from typing import Final, NamedTuple

MOST_DETAIL: Final = 2
TARGET: Final = 0.85  # of the budget
_ROOM: Final = 0.95  # of the target that a better rung may be expected to take, or it is not tried
_LATE_READINGS: Final = 8  # after a change these may still be of frames drawn before it (see render/gpu_clock.py)
_LIMIT: Final = 40  # pressure at which less is drawn: a reading over the target is 1,
_ALARM: Final = 20  # one over the budget is this, and each within the target takes 1 away
_DOUBT: Final = 10  # readings of calm that one without it undoes
_CALM_SECONDS: Final = 3.0  # before a larger picture is tried
_LONG_CALM_SECONDS: Final = 20.0  # before more detail is tried
_PROBATION_SECONDS: Final = 10.0  # a better rung that does not hold so long has to be earned for twice as long
_LONGEST_CALM_SECONDS: Final = 600.0
_DETAIL_COST: Final = 1.5  # a level's cost against the next lower one's, until it is known
_DETAIL_COSTS: Final = (1.1, 2.5)  # what is believed of one that was measured: the place may have changed meanwhile


class Rung(NamedTuple):
    """`scale` of each eye's width and height, `detail` as in vr_app.api.Frame."""

    scale: float
    detail: int


SCALES: Final = (1.0, 0.9, 0.8, 0.72, 0.65)  # few, so that a picture does not shimmer by changing all the time


def ladder(detail: int) -> tuple[Rung, ...]:
    """From best to least: the picture grows smaller first, and only the smallest one gives up detail."""
    return (*(Rung(scale, detail) for scale in SCALES), *(Rung(SCALES[-1], less) for less in range(detail - 1, -1, -1)))


LADDER: Final = ladder(MOST_DETAIL)


def budget_ns(hz: float) -> float:
    """The application's GPU time a frame: 9.5 ms at 72 Hz, 7.5 at 90, 5.5 at 120, which lie on one line."""
    return max(0.72e9 / hz - 0.5e6, 1e6)


class Governor:
    """`scale` is the share of an eye's width and height that is drawn; `detail` what scenes may show (Frame.detail)."""

    def __init__(self, detail: int = MOST_DETAIL) -> None:
        """`detail` is the most this machine is ever asked for; without readings it stays there, at full scale."""
        self._ladder = ladder(detail)
        self._at = 0  # rung
        better = list(zip(self._ladder, self._ladder[1:], strict=False))
        self._costs = [(up.scale / down.scale) ** 2 if up.scale > down.scale else _DETAIL_COST for up, down in better]
        self._patience = [_CALM_SECONDS if up.scale > down.scale else _LONG_CALM_SECONDS for up, down in better]
        self._pressure = self._calm = 0
        self._late = _LATE_READINGS  # still to be passed over: a session's first are of drivers that still compile
        self._held: int | None = None  # readings since a rise, if that was the last move
        self._before = 0  # the last reading
        self._left = 0  # the reading that cost a level of detail, until there is one without it
        self.use_rate(90.0)

    @property
    def scale(self) -> float:
        return self._ladder[self._at].scale

    @property
    def detail(self) -> int:
        return self._ladder[self._at].detail

    def __str__(self) -> str:
        return f"picture at {self.scale:.0%} of its width and height, detail {self.detail}"

    def use_rate(self, hz: float) -> None:
        """The display refreshes `hz` times a second now; 0 when the runtime does not tell."""
        if hz > 0:
            self._hz = hz
            self._budget = budget_ns(hz)
            self._target = TARGET * self._budget
            self._pressure = self._calm = 0

    def heed(self, gpu_ns: int) -> bool:
        """A frame's GPU time in nanoseconds, told once; 0: not measured. True: the next frame is drawn otherwise."""
        if gpu_ns <= 0:
            return False
        if self._late:
            self._late -= 1
            return False
        if self._held is not None:
            self._held += 1
        if self._left:
            self._costs[self._at - 1] = min(max(self._left / gpu_ns, _DETAIL_COSTS[0]), _DETAIL_COSTS[1])
            self._left = 0
        before, self._before = self._before, gpu_ns
        self._weigh(gpu_ns)
        if self._pressure >= _LIMIT and self._at + 1 < len(self._ladder):
            self._lower(min(before or gpu_ns, gpu_ns))
            return True
        if self._at and self._calm >= self._patience[self._at - 1] * self._hz:
            self._held = 0
            self._move(self._at - 1)
            return True
        return False

    def _weigh(self, gpu_ns: int) -> None:
        if gpu_ns > self._target:
            self._pressure = min(self._pressure + (_ALARM if gpu_ns > self._budget else 1), _LIMIT)
        elif self._pressure:
            self._pressure -= 1
        if self._at and gpu_ns * self._costs[self._at - 1] <= _ROOM * self._target:
            self._calm += 1
        else:
            self._calm = max(self._calm - _DOUBT, 0)

    def _lower(self, gpu_ns: int) -> None:
        """To the first rung on which a frame of this length is expected within the target; detail goes by one level."""
        if self._held is not None and self._held < _PROBATION_SECONDS * self._hz:
            self._patience[self._at] = min(2.0 * self._patience[self._at], _LONGEST_CALM_SECONDS)
        to, expected = self._at, float(gpu_ns)
        while to == self._at or (expected > self._target and to + 1 < len(SCALES)):
            expected /= self._costs[to]
            to += 1
        if to >= len(SCALES):
            self._left = gpu_ns
        self._held = None
        self._move(to)

    def _move(self, rung: int) -> None:
        self._at = rung
        self._pressure = self._calm = self._before = 0
        self._late = _LATE_READINGS
