"""Asks the patient how they are, from 0 to 10, before and after; it may be left, and nothing waits for it for long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from vr_app.api import Comfort
from vr_app.commands import Ask, When
from vr_app.panel import Panels
from vr_app.station.messages import Rated
from vr_app.wording import Wording

LEFT_SECONDS: Final = 30.0  # while it can be seen, then it goes by itself
ANSWERED_SECONDS: Final = 2.5  # after the last choice: another may be made


class Rating:
    """One question at a time. `now` in session seconds."""

    def __init__(self, panels: Panels, wording: Wording, rated: Sequence[Rated] = ()) -> None:
        """`rated`: in this session already."""
        self._panels, self._wording = panels, wording
        self.rated = list(rated)
        self.when: When | Literal[""] = ""  # that is asked now
        self._seen = self._since = 0.0  # seconds for which it can be seen, and since the last choice
        self._answer: str | None = None

    def wants(self, when: When) -> bool:
        """Whether it was not answered yet."""
        return all(rated.when != when for rated in self.rated)

    def ask(self, when: When, comfort: Comfort, now: float) -> str | None:
        """In place of what is asked now. Says why not."""
        if when == self.when:
            return None
        self.leave(now)
        words = self._wording
        command = Ask(panel_of(when), "scale", words.rate, (words.rate_low, words.rate_high))
        refused = self._panels.ask(command, comfort)
        if refused is None:
            self.when, self._seen, self._since, self._answer = when, 0.0, 0.0, None
        return refused

    def update(self, now: float, dt: float, *, clear: bool) -> None:
        """On by `dt`; `clear`: the patient can see it."""
        if not self.when:
            return
        self._seen += dt if clear else 0.0
        self._since += dt
        answer = self._panels.answers.get(panel_of(self.when))
        if answer != self._answer:
            self._answer, self._since = answer, 0.0
        over = self._since >= ANSWERED_SECONDS if answer is not None else self._seen >= LEFT_SECONDS
        if over or not self._panels.shows(panel_of(self.when)):  # or somebody has taken it away, or asks something else
            self.leave(now)

    def leave(self, now: float) -> None:
        """It is over; what was chosen last counts."""
        if not self.when:
            return
        when, self.when = self.when, ""
        if (answer := self._panels.answers.pop(panel_of(when), None)) is not None:
            self.rated.append(Rated(when, int(answer), round(now, 3)))
        self._panels.take_back(panel_of(when))


def panel_of(when: When) -> str:
    """The panel's name, by which the therapist may take it back."""
    return f"rating {when}"
