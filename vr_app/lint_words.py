"""Reads guidance scripts by the rules of docs/design/guidance.md; each finding says what to write instead.

A word list cannot judge a sentence: what it finds is wrong, what it does not find still wants a reader.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Final, NamedTuple

from vr_app import lint_english as english
from vr_app import lint_spanish as spanish
from vr_app.lint_lists import Lists, Pattern
from vr_app.profile import AVOID
from vr_app.script import FRAMES_A_SECOND, SCRIPTS, Line, Script, load_script
from vr_app.wording import languages, load_wording

PHRASE_RATE: Final = (100.0, 115.0)  # words a minute
OVERALL_RATE: Final = (60.0, 75.0)  # words a minute, pauses included
SENTENCE_WORDS: Final = 14  # at most
PAUSES: Final = (3.0, 8.0)  # seconds; a longer one is announced
EXIT_SECONDS: Final = 20.0  # by when the exit is named
NAMES: Final = {"name": "Your therapist"}  # as in a session that was told no name: two words
CUES: Final = Path(__file__).resolve().parents[1] / "audio" / "cues"
LISTS: Final[Mapping[str, Lists]] = {"en": english.LISTS, "es": spanish.LISTS}
_MARKS: Final = str.maketrans("’", "'", "¿¡")
_LEAST_WORDS: Final = 6  # of a recorded line, for its rate to say something


class Finding(NamedTuple):
    """Something that guidance.md does not want said so."""

    file: str
    line: str  # id; "" for the whole script
    rule: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}: {self.line}" if self.line else self.file
        return f"{place}: {self.rule}; {self.remedy}"


def lint(name: str, language: str = "en", folder: Path = SCRIPTS) -> list[Finding]:
    """All that is found in a script; its words are judged where there are LISTS of its language. Raises ScriptError."""
    script = load_script(name, language, names=names_in(language), folder=folder)
    file = f"{name}.{language}.toml"
    return [*findings(script, file), *undeclared(script, file)]


def findings(script: Script, file: str) -> Iterator[Finding]:
    """The same of a compiled script."""
    if not script.moments:
        yield Finding(file, "", "there is no line", "begin each with [[line]]")
        return
    for rule in _PACE:
        for line, what, remedy in rule(script):
            yield Finding(file, line, what, remedy)
    if (lists := LISTS.get(script.language)) is None:
        return
    for judge in _WORDS:
        for line, what, remedy in judge(script, lists):
            yield Finding(file, line, what, remedy)


def names_exit(words: str, language: str = "en") -> bool:
    """Whether they say how to stop."""
    return bool(LISTS.get(language, english.LISTS).exit.search(_plain(words)))


def names_in(language: str) -> dict[str, str]:
    """As in a session that was told no name."""
    return {"name": load_wording(language).therapist} if language in languages() else NAMES


def overall_rate(script: Script) -> float:
    """Words a minute. An announced silence is no slow guidance: it counts as the longest of the ordinary pauses."""
    count = sum(len(moment.line.words.split()) for moment in script.moments)
    spoken = sum(moment.ends - moment.begins for moment in script.moments) / FRAMES_A_SECOND
    return 60.0 * count / (spoken + sum(min(moment.line.pause, PAUSES[1]) for moment in script.moments))


def phrase_rate(words: str, frames: int) -> int | None:
    """Whole words a minute of a recorded line when that is no calm pace; None when it is, or cannot be told."""
    count = len(words.split())
    rate = round(60.0 * FRAMES_A_SECOND * count / max(frames, 1))
    return None if count < _LEAST_WORDS or PHRASE_RATE[0] <= rate <= PHRASE_RATE[1] else rate


# Each rule gives: id of the line, what is wrong, what to do.
_Found = Iterator[tuple[str, str, str]]
_Rule = Callable[[Script], _Found]
_Judge = Callable[[Script, Lists], _Found]

# Pace


def _overall(script: Script) -> _Found:
    rate = overall_rate(script)
    low, high = OVERALL_RATE
    if rate < low:
        yield (
            "",
            f"{rate:.1f} words a minute over all, below {low:g}",
            "say a little more between pauses, or shorten them",
        )
    if rate > high:
        yield "", f"{rate:.1f} words a minute over all, above {high:g}", "lengthen pauses, or leave words out"


def _in_phrases(script: Script) -> _Found:
    for moment in script.moments:
        if rate := phrase_rate(moment.line.words, moment.ends - moment.begins):
            yield (
                moment.line.id,
                f"spoken at {rate} words a minute, not {PHRASE_RATE[0]:g} to {PHRASE_RATE[1]:g}",
                "read it more calmly" if rate > PHRASE_RATE[1] else "read it with less air between the words",
            )


def _sentence_length(script: Script) -> _Found:
    for line in _lines(script):
        for sentence in sentences(line.words):
            if (count := len(sentence.split())) > SENTENCE_WORDS:
                yield line.id, f"a sentence of {count} words", f"make two of it: at most {SENTENCE_WORDS}"


def _short_pauses(script: Script) -> _Found:
    for line in _lines(script):
        if line.pause < PAUSES[0]:
            yield line.id, f"a pause of {line.pause:g} s", f"give it {PAUSES[0]:g} to {PAUSES[1]:g} s"


def _cues(script: Script) -> _Found:
    known = sorted(path.stem for path in CUES.glob("*.py") if path.stem != "__init__")
    for line in _lines(script):
        if line.cue and line.cue not in known:
            yield line.id, f"no cue '{line.cue}'", f"there are {', '.join(known) or 'none yet'}"


_PACE: Final[tuple[_Rule, ...]] = (_overall, _in_phrases, _sentence_length, _short_pauses, _cues)

# Words


def _forbidden(script: Script, lists: Lists) -> _Found:
    for line in _lines(script):
        for name, pattern in lists.never.items():
            if found := pattern.search(_plain(line.words)):
                what = f"'{found[0]}' is a word we never use ({name})"
                yield line.id, what, "name a thing that can be seen or touched"


def _long_pauses(script: Script, lists: Lists) -> _Found:
    for line in _lines(script):
        if line.pause > PAUSES[1] and not lists.announced.search(_plain(line.words)):
            yield line.id, f"an unannounced pause of {line.pause:g} s", f'say so: "{lists.says["silence"]}"'


def _said(of: Callable[[Lists], Pattern], what: str, remedy: str, example: str = "") -> _Judge:
    """Nothing that `of` finds may be said; the remedy ends with an `example` of the language, if one is named."""

    def judge(script: Script, lists: Lists) -> _Found:
        for line in _lines(script):
            if found := of(lists).search(_plain(line.words)):
                yield line.id, f"'{found[0]}' {what}", remedy + (f'"{lists.says[example]}"' if example else "")

    return judge


def _countdown(script: Script, lists: Lists) -> _Found:
    """Two falling numbers in a list, or three in a row over any sentences and lines."""
    said = [(word, line.id) for line in _lines(script) for word in re.findall(r"[\w']+", _plain(line.words))]
    said = [(word, line) for word, line in said if word not in lists.between_numbers]
    for (one, where), (two, _), (three, _) in zip(said, said[1:], said[2:], strict=False):
        if _falls(one, two, lists) and _falls(two, three, lists):
            yield where, f"'{one}, {two}, {three}' counts down", "leave the numbers out"
    for line in _lines(script):
        listed = re.findall(r"(\w+)(?:,|…|\.\.\.) (?=(\w+))", _plain(line.words))
        if any(_falls(one, two, lists) for one, two in listed) or lists.counts.search(_plain(line.words)):
            yield line.id, "numbers count down", "leave the numbers out"


def _falls(one: str, two: str, lists: Lists) -> bool:
    return one in lists.numbers and lists.numbers.get(two) == lists.numbers[one] - 1


def _exit(script: Script, lists: Lists) -> _Found:
    named = [moment.ends / FRAMES_A_SECOND for moment in script.moments if lists.exit.search(_plain(moment.line.words))]
    if not named or named[0] > EXIT_SECONDS:
        when = f"but by {named[0]:.1f} s" if named else "at all"
        yield "", f"the exit is not named in the first {EXIT_SECONDS:g} s {when}", f'say early: "{lists.says["exit"]}"'


def _closed_eyes(script: Script, lists: Lists) -> _Found:
    for line in _lines(script):
        said = list(sentences(_plain(line.words)))
        for sentence, after in pairwise([*said, ""]):
            if (found := lists.eyes.search(sentence)) and not (_is_choice(sentence, lists) or _is_choice(after, lists)):
                yield line.id, f"'{found[0]}' without an alternative", f'add "{lists.says["eyes"]}"'


# What a comfort profile may leave out

# Said in every plan, whatever a profile leaves out: they say where one is, and how to get out.
ALWAYS_SAID: Final = frozenset({"room", "return", "return_aloud", "ground", "queasy"})


def undeclared(script: Script, file: str) -> Iterator[Finding]:
    """What words are about stands at the head of their script, or of their line, so that a profile can leave it out."""
    if unknown := sorted(script.flags - set(AVOID)):
        yield Finding(file, "", f"flags has {', '.join(unknown)}", f"there are {', '.join(AVOID)}")
    if (lists := LISTS.get(script.language)) is None or script.name in ALWAYS_SAID:
        return
    for flag, pattern in lists.about.items():
        for line in _lines(script) if flag not in script.flags else ():
            if flag not in line.flags and (found := pattern.search(_plain(line.words))):
                yield Finding(file, line.id, f"'{found[0]}' is about {flag}", f'add "{flag}" to flags at the top')
                break


# Invitations


def _is_choice(sentence: str, lists: Lists) -> bool:
    """Whether a sentence offers another way, or none; a question only asks."""
    return bool(lists.choice.search(sentence)) and not sentence.endswith("?")


def _is_invitation(sentence: str, lists: Lists) -> bool:
    """The exit invites to nothing that needs an "or not", and "Or ..." is itself the other way."""
    if lists.exit.search(sentence) or sentence.startswith(lists.other_way):
        return False
    return bool(lists.invites.search(sentence) or lists.asks.search(sentence))


def _invitations(script: Script, lists: Lists) -> _Found:
    """Each invitation has its choice in itself, after it in its line, or as the first thing said after the pause."""
    lines = _lines(script)
    for line, after in zip(lines, [*lines[1:], None], strict=True):
        said = list(sentences(_plain(line.words)))
        opening = list(sentences(_plain(after.words)))[:1] if after else []
        for number, sentence in enumerate(said):
            if _is_invitation(sentence, lists) and not _answered(sentence, said[number + 1 :], opening, lists):
                yield (
                    line.id,
                    f"an invitation without its equal: '{sentence}'",
                    f'add another way, such as "{lists.says["choice"]}"',
                )


def _answered(invitation: str, later: list[str], opening: list[str], lists: Lists) -> bool:
    """Another invitation of the same line keeps its choice for itself."""
    following = list(takewhile(lambda sentence: not _is_invitation(sentence, lists), later))
    said = [invitation, *following, *(opening if len(following) == len(later) else [])]
    return any(_is_choice(sentence, lists) for sentence in said)


_WORDS: Final[tuple[_Judge, ...]] = (
    _long_pauses,
    _forbidden,
    _said(lambda lists: lists.abstract, "cannot be pointed at", "name a thing: the sand, the table, a hand"),
    _said(lambda lists: lists.praise, "is praise", "say what there is, not how well it is done"),
    _said(lambda lists: lists.claim, "claims what is felt", "ask, offer, or say what can be seen"),
    _said(lambda lists: lists.food, "is food or drink, which has to wait before dosing", "choose another thing"),
    _said(lambda lists: lists.breath, "asks for more than a small, soft breath", "say: ", "breath"),
    _countdown,
    _exit,
    _closed_eyes,
    _invitations,
)


# Text


def sentences(words: str) -> Iterator[str]:
    """Parted after a full stop, question or exclamation mark."""
    yield from (part for part in re.split(r"(?<=[.?!…])\s+|(?<=[.?!…][\"'”’)])\s+", words.strip()) if part)


def _lines(script: Script) -> list[Line]:
    return [moment.line for moment in script.moments]


def _plain(words: str) -> str:
    """Small letters, straight apostrophes, nothing invisible, no inverted marks: so that no word hides."""
    plain = unicodedata.normalize("NFKC", words).casefold().translate(_MARKS)
    return " ".join("".join(c for c in plain if unicodedata.category(c) != "Cf").split())
