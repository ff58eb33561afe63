"""What of the three bays goes home: the patient's own words as they are, what lies there, and a few open questions.

The questions were not yet signed by a clinician: `SIGNED` says by whom, once they are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

from scenes.valley.three_bays import BAYS
from vr_app.api import MEMORY_BYTES

TITLE: Final = "Before, now, next"
HEADINGS: Final[Mapping[str, str]] = {"before": "Before", "now": "Now", "next": "Next"}
SIGNED: Final = ""
# None asks for what happened: "before" is before today.
PROMPTS: Final = (
    "To write about at home, or not:",
    "What from before today would you like to keep with you?",
    "What is here now that you'd like to notice again?",
    "What small thing might the coming week have room for? Or nothing yet.",
)


def lines_of(words: Mapping[str, str], laid: Mapping[str, Sequence[str]]) -> list[str]:
    """Each bay that holds something: its heading, the words line by line, then what lies there."""
    made: list[str] = []
    for bay in BAYS:
        own = [line for line in words.get(bay, "").split("\n") if line]
        there = list(dict.fromkeys(laid.get(bay, ())))
        if own or there:
            made += [HEADINGS[bay], *own, *([", ".join(there)] if there else [])]
    return made


def card(words: Mapping[str, str], laid: Mapping[str, Sequence[str]]) -> bytes:
    """For Memory.put under "take_home"; where room is short the questions go first, last what was laid, never words."""
    for prompts, there in ((PROMPTS, laid), ((), laid), ((), {})):
        lines = [*lines_of(words, there), *prompts]
        made = json.dumps(
            {"kind": "triptych", "title": TITLE, "lines": lines, "signed": SIGNED},
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode()
        if len(made) <= MEMORY_BYTES:
            break
    return made
