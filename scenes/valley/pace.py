"""A pace for sea and lantern: the patient's own where it is known, then slower, as far as they go along.

Where a controller tells the breath, it is listened to first, then kept company at its own rate, then led; what is led
waits for who does not come along, and whoever struggles is let be for the rest of the cue: then nothing paces.
"""

from __future__ import annotations

from math import pi, sin
from typing import Final, Literal

from vr_app import limits
from vr_app.api import Breath

FIRST: Final = limits.PACE_FIRST  # breaths a minute, where the patient's own are not known
SLOWING: Final = 1.0 / limits.PACE_SLOWING_SECONDS  # breaths a minute in each second, at most
SLOWEST, QUICKEST = limits.PACE_RANGE
LISTEN_SECONDS: Final = 75.0  # at most; then it begins as if nobody listened
FOLLOW_SECONDS: Final = 20.0  # at the patient's own rate, before it leads
WAITS_AT: Final = 0.75  # breaths a minute that they may be quicker without its waiting for them
NEAR: Final = 1.5  # breaths a minute from the pace: they breathe with it
DRAWN: Final = 0.1  # of the rate, by which a phase is drawn to the patient's while it follows
DRAW_SECONDS: Final = 4.0  # until it is drawn so, and not any more


class Pacer:
    """`update` once a frame in guided time. It is `rate` by which a phase goes on while it `leads`."""

    def __init__(self, first: float = FIRST) -> None:
        self.state: Literal["begins", "listens", "follows", "leads", "dropped"] = "begins"
        self.pace = first  # breaths a minute
        self.rate = first  # the same, drawn to the patient's phase while it follows
        self._most = QUICKEST  # what it leads to at most: a patient's own rate is never quickened
        self._seconds = 0.0  # in this state
        self._near = False  # the patient has breathed with it
        self._far = self._unsure = 0.0  # seconds for which they are far, and for which nobody can tell
        self._sensed = False  # it was told who breathes how
        self._drawn = 0.0  # 0..1

    @property
    def leads(self) -> bool:
        return self.state in ("follows", "leads")

    def update(self, dt: float, wanted: float, breath: Breath | None, phase: float = 0.0) -> None:
        """`dt` guided seconds on; `wanted` is the pace to come to, `phase` what is paced has, in breaths."""
        self._seconds += dt
        own = breath.rate if breath is not None and breath.confidence >= limits.BREATH_SURE else 0.0
        if self.state == "begins":
            self._turn("leads" if breath is None else "listens")
        match self.state:
            case "listens":
                self._listen(breath, own)
            case "follows":
                self._go_to(own or self.pace, dt)
                if self._seconds >= FOLLOW_SECONDS:
                    self._turn("leads")
            case "leads":
                self._lead(min(max(wanted, SLOWEST), self._most), own, dt)
        if self.leads:
            self._heed(breath, own, dt)
        self._draw(breath, phase, dt)

    def _turn(self, state: Literal["listens", "follows", "leads", "dropped"]) -> None:
        self.state, self._seconds = state, 0.0

    def _listen(self, breath: Breath | None, own: float) -> None:
        if 0.0 < own <= limits.PACE_OWN_MOST:
            self.pace = self._most = max(own, SLOWEST)
            self._turn("follows")
        elif breath is None or self._seconds >= LISTEN_SECONDS:
            self._turn("leads")

    def _lead(self, aim: float, own: float, dt: float) -> None:
        if self._sensed and not 0.0 < own <= self.pace + WAITS_AT:
            return  # it waits for them
        self._go_to(aim, dt)

    def _go_to(self, aim: float, dt: float) -> None:
        change = SLOWING * dt
        self.pace += min(max(max(aim, SLOWEST) - self.pace, -change), change)

    def _heed(self, breath: Breath | None, own: float, dt: float) -> None:
        """Whether they go along."""
        self._sensed = breath is not None and (self._sensed or own > 0.0)
        if not self._sensed:
            return
        off = own - self.pace
        self._unsure = 0.0 if own else self._unsure + dt
        if own:
            self._near = self._near or abs(off) <= NEAR
            self._far = self._far + dt if abs(off) > NEAR else 0.0
        rises = own > 0.0 and self._near and off > limits.PACE_STRUGGLE
        if rises or self._far > limits.PACE_FAR_SECONDS or self._unsure > limits.PACE_UNSURE_SECONDS:
            self._turn("dropped")

    def _draw(self, breath: Breath | None, phase: float, dt: float) -> None:
        step = dt / DRAW_SECONDS
        self._drawn = min(max(self._drawn + (step if self.state == "follows" else -step), 0.0), 1.0)
        off = sin(2.0 * pi * (breath.phase - phase)) if breath is not None and self._drawn else 0.0
        self.rate = max(self.pace * (1.0 + DRAWN * self._drawn * off), SLOWEST) if off else self.pace
