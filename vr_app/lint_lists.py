"""What the linter of guidance knows of a language: all by the same rules, each language in a file of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from vr_app.profile import Avoid

Pattern = re.Pattern[str]


class Lists(NamedTuple):
    """Patterns are searched for in small letters, without what is invisible and without inverted marks."""

    announced: Pattern  # says that a silence comes
    exit: Pattern  # says how to stop
    never: Mapping[str, Pattern]  # guidance.md's list, by its own word, with the forms in which a word comes back
    abstract: Pattern  # cannot be pointed at
    praise: Pattern
    claim: Pattern  # says what is felt
    food: Pattern
    eyes: Pattern  # asks to close them
    breath: Pattern  # asks for more than a small, soft one
    counts: Pattern  # says that something counts down
    numbers: Mapping[str, int]
    between_numbers: frozenset[str]
    about: Mapping[Avoid, Pattern]  # what a comfort profile may leave out
    invites: Pattern
    asks: Pattern  # an imperative
    choice: Pattern  # offers another way, or none
    other_way: str  # the beginning of a sentence that is itself the other way
    says: Mapping[str, str]  # examples for remedies: silence, breath, exit, eyes, choice


def any_of(*words: str) -> Pattern:
    return re.compile(rf"\b(?:{'|'.join(words)})\b")
