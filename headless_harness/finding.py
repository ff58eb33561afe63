"""What an analyser found: which limit, when, where, how much, and one line in words."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from headless_harness.sight import Spot

JOINED_SECONDS = 1.0  # findings of one kind that are nearer than this in time are one
Kind = Literal[
    "general flash",
    "red flash",
    "red field",
    "pattern",
    "luminance slope",
    "pulsation",
    "too bright",
    "black",
    "drift speed",
    "drift area",
    "text size",
    "text distance",
]
_WORDS: dict[Kind, str] = {
    "general flash": "{much:.3g} flashes in a second, at most {limit:g}",
    "red flash": "{much:.3g} red flashes in a second, at most {limit:g}",
    "red field": "saturated red fills {much:.4f} sr of a 10-degree circle, at most {limit:g}",
    "pattern": "more than {limit:g} light-dark pairs of stripes ({much:.0f}) for half a second or longer",
    "luminance slope": "the whole picture changes by {much:.1%} of white a second, at most {limit:.0%}",
    "pulsation": "the whole picture pulsates at {much:.2f} Hz, at most {limit:g}",
    "too bright": "the picture's mean is {much:.1%} of white, at most {limit:.0%}",
    "black": "the picture is black",
    "drift speed": "what fills a flash's area drifts at {much:.1f} degrees/s, at most {limit:g}",
    "drift area": "{much:.1%} of the view drifts, at most {limit:.0%}",
    "text size": "capitals are {much:.2f} degrees high, at least {limit:g}",
    "text distance": "words are {much:.2f} m away, {limit:g} m is the limit",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One limit broken for one stretch of time; `much` is the worst of it, in the limit's own unit."""

    kind: Kind
    begin: float  # seconds
    end: float
    much: float
    limit: float
    where: Spot | None = None  # None: the whole picture
    who: str = ""  # an eye, or the words that are too small

    def of(self, who: str) -> Finding:
        """The same, said of an eye or of words."""
        return replace(self, who=who)

    def __str__(self) -> str:
        place = f", {self.where}" if self.where else ""
        who = f" ({self.who})" if self.who else ""
        told = _WORDS[self.kind].format(much=self.much, limit=self.limit)
        return f"{self.kind}{who} at {self.begin:.1f}-{self.end:.1f} s{place}: {told}"


@dataclass(slots=True)
class Stretches:
    """Joins moments at which one limit is broken to findings. `low` is worse for limits that are a least."""

    kind: Kind
    limit: float
    low: bool = False
    found: list[Finding] = field(default_factory=list)

    def note(self, time: float, much: float, where: Spot | None = None, *, lasted: float = 0.0) -> None:
        """Broken at `time`, and for `lasted` seconds before."""
        last = self.found[-1] if self.found else None
        if last is None or time - lasted - last.end > JOINED_SECONDS:
            self.found.append(Finding(self.kind, max(time - lasted, 0.0), time, much, self.limit, where))
        elif (much < last.much) if self.low else (much > last.much):
            self.found[-1] = replace(last, end=time, much=much, where=where)
        else:
            self.found[-1] = replace(last, end=time)
