"""The recovery key as people print, read and type it: seven groups of four of Crockford's 32 characters.

27 random characters (135 bits) and one that checks them: the remainder of a polynomial over GF(32), as in Bitcoin's
codex32, of degree one. No character can be mistaken, and no two exchanged, without its being noticed, for the powers of
the field's generator differ over all 28 places.
"""

from __future__ import annotations

import secrets
import unicodedata
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U
CHARACTERS: Final = 28  # the last one checks
_GROUP: Final = 4
_LOOKS_LIKE: Final = str.maketrans("ILO", "110")
_FIELD: Final = 0b100101  # x^5 + x^2 + 1, which is primitive


def new_recovery_key() -> str:
    """Printed once: `ABCD-EFGH-...`."""
    characters = "".join(secrets.choice(ALPHABET) for _ in range(CHARACTERS - 1))
    characters += ALPHABET[_check(characters)]
    return "-".join(characters[at : at + _GROUP] for at in range(0, CHARACTERS, _GROUP))


def read_recovery_key(text: str) -> str | None:
    """The 28 characters, whatever their case, width and grouping, with O for 0 and I or L for 1; None: it is none."""
    characters = _plain(text)
    if not looks_like_one(text) or _check(characters[:-1]) != ALPHABET.index(characters[-1]):
        return None
    return characters


def looks_like_one(text: str) -> bool:
    """As many characters, all of its alphabet: whoever typed this meant a recovery key."""
    characters = _plain(text)
    return len(characters) == CHARACTERS and set(characters) <= set(ALPHABET)


def _plain(text: str) -> str:
    kept = "".join(character for character in unicodedata.normalize("NFKC", text) if character.isalnum())
    return kept.upper().translate(_LOOKS_LIKE)


def _check(characters: str) -> int:
    """The sum over GF(32) of each character times the generator to the power of its distance from the end."""
    remainder = 0
    for character in characters:
        remainder = (remainder ^ ALPHABET.index(character)) << 1
        if remainder & 0b100000:
            remainder ^= _FIELD
    return remainder
