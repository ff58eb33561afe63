"""Captions: words below the line of sight, laid out before the first frame; they come slowly and go within a tenth."""

from __future__ import annotations

from math import radians
from typing import Final

from vr_app import limits
from vr_app.api import Kit, Label, Pass, Pose
from vr_app.placement import RAISED_MOST, Seat, seen_from
from vr_app.script import Script

FADE_SECONDS: Final = 1.0
BELOW: Final = radians(11.0)  # the eyes' own line of sight
METRES: Final = 1.78
NEAR_METRES: Final = 1.35  # where words stand high: below the ceiling
SIZES: Final = ((0.021, 0.9), (0.0311, 1.25))  # regular, large: 0.68 and 1.0 degrees at METRES, and width


class Captions:
    """One at a time; what is taken away in its middle fades out before the next comes."""

    def __init__(self) -> None:
        self._laid_out: dict[str, tuple[Label, Label]] = {}  # by words: regular and large
        self._at = Pose()
        self._seen = ("", 0.0)  # words and opacity

    def lay_out(self, kit: Kit, words: str) -> None:
        """Raises ValueError for words that cannot be shown."""
        if words in self._laid_out:
            return
        (height, width), (large, wide) = SIZES
        self._laid_out[words] = (
            kit.text(words, height=height, width=width),
            kit.text(words, height=large, width=wide),
        )

    def place(self, seat: Seat) -> None:
        """Before the eyes of whoever sits or lies so."""
        metres = METRES if seat.raised <= RAISED_MOST else NEAR_METRES
        self._at = seen_from(seat.eyes, 0.0, seat.raised - BELOW, metres)

    def step(self, words: str, opacity: float, dt: float, *, clear: float) -> None:
        """These words, no more than `clear`, so many seconds after the last ones: also in frames that nobody sees."""
        before, seen = self._seen
        left = min(seen - dt / limits.STOP_NOW_ANSWER_SECONDS, clear)
        self._seen = (before, left) if words != before and left > 0.0 else (words, opacity)

    def draw(self, out: Pass, *, large: bool) -> None:
        words, opacity = self._seen
        if opacity > 0.0 and words in self._laid_out:
            out.text(self._laid_out[words][large], self._at, opacity)


def staying(script: Script | None, time: float) -> tuple[str, float]:
    """The caption at `time` of a script whose every caption stays until the next one, and the last for good."""
    if script is None:
        return "", 0.0
    number = max(index for index, caption in enumerate(script.captions) if caption.begins <= time)
    caption, after = script.captions[number], script.captions[number + 1 :]
    ends = after[0].begins if after else time + FADE_SECONDS
    return caption.words, min((time - caption.begins) / FADE_SECONDS, ends - time, 1.0)


def passing(script: Script | None, time: float, ends: float) -> tuple[str, float]:
    """The caption at `time` of a script that must be over at `ends`: one that could not be never begins."""
    caption = script.at(time) if script is not None else None
    if caption is None or caption.ends > ends:
        return "", 0.0
    return caption.words, min((time - caption.begins) / FADE_SECONDS, caption.ends - time, 1.0)
