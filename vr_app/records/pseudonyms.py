"""Names for patients that say nothing of them: a word that can be spoken, and a number."""

from __future__ import annotations

import secrets
from collections.abc import Container
from functools import cache
from pathlib import Path
from typing import Final

_WORDS: Final = Path(__file__).resolve().parents[2] / "assets/pseudonyms.txt"
_TRIES: Final = 100  # of two figures, before three are taken


def new_pseudonym(taken: Container[str]) -> str:
    """By chance alone, and like none that is or was given: "Heron 47"."""
    while True:
        for figures in (2, 3, 6):
            for _ in range(_TRIES):
                number = 10 ** (figures - 1) + secrets.randbelow(9 * 10 ** (figures - 1))
                pseudonym = f"{secrets.choice(_words()).capitalize()} {number}"
                if pseudonym not in taken:
                    return pseudonym


@cache
def _words() -> list[str]:
    return _WORDS.read_text(encoding="utf-8").split()
