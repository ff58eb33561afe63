"""Lets recorded lines sound where the plan has them, and knows where in the script the ear is.

The plan's clock leads: it asks for each line a little ahead. While one sounds, captions follow what is heard.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from vr_app.script import FRAMES_A_SECOND, Moment, Script
from vr_app.sound.desk import State
from vr_app.sound.led import LedSound

AHEAD_SECONDS: Final = 0.5  # a line is asked for so early
AROUND_SECONDS: Final = 2.0  # before the first line, from which on the snapshot is the guided one
Recorded = Mapping[str, frozenset[str]]  # ids of the lines that there are recordings of, by script


class _Said(NamedTuple):
    """The line that was asked for last."""

    moment: Moment
    at: int  # ns at which it is heard from its beginning


class Guide:
    """`follow` or `pause` in every frame. Times are seconds since a script began, which may not have come yet."""

    def __init__(self, sound: LedSound, recorded: Recorded) -> None:
        self._sound, self._recorded = sound, recorded
        self._script: Script | None = None
        self._said: _Said | None = None
        self._first_frame: float | None = None  # of that line, in the engine's count
        self._taken_up = False  # the sound was lost in its middle
        self._ahead = 0.0  # of the plan's clock, by which the ear is

    def speaks(self, script: Script | None) -> bool:
        """Whether there are recordings of it."""
        return script is not None and bool(self._recorded.get(script.name))

    def of(self, script: Script) -> frozenset[str]:
        """Its recorded lines."""
        return self._recorded.get(script.name, frozenset())

    def within(self, script: Script | None, time: float) -> bool:
        """Whether the guide is at work at `time`: then it is made room for."""
        if script is None or not self.speaks(script):
            return False
        return -AROUND_SECONDS <= time < script.moments[-1].after / FRAMES_A_SECOND

    def waits(self, script: Script | None) -> bool:
        """Whether a recorded guide would not be heard at the moment, but soon will be."""
        return self.speaks(script) and self._sound.state in (State.STARTING, State.LOST)

    def heard(self, time: float) -> float:
        """Where in the script the ear is when the plan's clock stands at `time`."""
        return time + self._ahead

    def follow(self, script: Script | None, time: float, ends: float, shown: int) -> float | None:
        """On to `time`, which is seen at `shown` ns; nothing is begun that is not over at `ends`.

        Returns where the plan's clock has to go back to, so that no line begins in its middle.
        """
        if script is not self._script:
            if script is None or not script.beside(self._script):
                self._forget()
            self._script = script
        if script is None or not self.speaks(script):
            return None
        back = None
        if self._taken_up and self._said is not None:
            self._say(script, self._said.moment, time, shown)
        elif self._said is None or _ends(self._said.moment) <= time:
            moment = self._next(script, time, ends)
            if moment is not None and _begins(moment) < time and self._said is None:
                back = time = _begins(moment) - AHEAD_SECONDS
            if moment is not None and _begins(moment) - time <= AHEAD_SECONDS:
                self._say(script, moment, time, shown)
        self._listen(time, shown)
        return back

    def lose(self) -> None:
        """The sound is away: a line that was begun is taken up where the plan's clock stands once it is back."""
        if self._said is not None and not self._taken_up:
            self._sound.unsay()
            self._taken_up = True

    def cease(self, time: float) -> float | None:
        """At once. Returns where the clock has to go back to, for the line begins again from its beginning."""
        said = self._said
        self._forget()
        self._script = None
        return _begins(said.moment) - AHEAD_SECONDS if said is not None and time < _ends(said.moment) else None

    def _forget(self) -> None:
        if self._said is not None:
            self._sound.unsay()
        self._said, self._first_frame, self._taken_up, self._ahead = None, None, False, 0.0

    def _next(self, script: Script, time: float, ends: float) -> Moment | None:
        """The first recorded line after the last one that is not over, and is by `ends`."""
        lines, since = self.of(script), self._said.moment.begins if self._said else -1
        later = (each for each in script.moments if each.begins > since and each.line.id in lines)
        return next((each for each in later if time < _ends(each) <= ends), None)

    def _say(self, script: Script, moment: Moment, time: float, shown: int) -> None:
        at = shown + round((_begins(moment) - time) * 1e9)
        self._sound.say(script.name, moment.line.id, at)
        self._said, self._first_frame, self._taken_up = _Said(moment, at), None, False

    def _listen(self, time: float, shown: int) -> None:
        """How far the ear is, by the device's own clock."""
        if self._said is None:
            return
        frame = self._sound.heard_at(shown)
        if frame is None:
            self._ahead = 0.0
            return
        if self._first_frame is None:
            self._first_frame = self._sound.heard_at(self._said.at)
        if self._first_frame is not None and time < _ends(self._said.moment):
            self._ahead = _begins(self._said.moment) + (frame - self._first_frame) / FRAMES_A_SECOND - time


def _begins(moment: Moment) -> float:
    return moment.begins / FRAMES_A_SECOND


def _ends(moment: Moment) -> float:
    return moment.ends / FRAMES_A_SECOND
