"""Which of a patient's works come along to their next visit: the newest, as far as a session has room for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

MOST_WORKS: Final = 12
MOST_PIECES: Final = 2048  # half of what a session may hold (remembered.py), so that there is room to make more

Work = tuple[str, str]  # scene and name; names sort as they were begun


def travelling(pieces: Mapping[Work, int]) -> list[Work]:
    """By how many pieces each has. The newest always comes: what is worked on is never too long to go on with."""
    found: list[Work] = []
    left = MOST_PIECES
    for work in sorted(pieces, key=lambda each: each[1], reverse=True)[:MOST_WORKS]:
        left -= pieces[work]
        if left < 0 and found:
            break
        found.append(work)
    return found
