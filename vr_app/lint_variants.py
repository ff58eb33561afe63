"""Lints what a script becomes for one patient: without what a profile avoids, for closed eyes, with few words or none.

All of these keep the rules of docs/design/guidance.md; only how much is said is no rule where little was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from itertools import combinations
from pathlib import Path
from typing import Final, Literal, NamedTuple

from vr_app.avoiding import said
from vr_app.lint_words import ALWAYS_SAID, Finding, findings, lint, names_exit, names_in, sentences, undeclared
from vr_app.profile import AVOID
from vr_app.script import SCRIPTS, Line, Script, compiled, load_script, without

Amount = Literal["all", "few", "none"]
_SAID_WHOLE: Final = ALWAYS_SAID - {"room"}  # however few words are wanted
_LOOKS: Final[Mapping[str, re.Pattern[str]]] = {
    "en": re.compile(
        r"\b(?:look(?:s|ing)?|watch(?:ing)?|see|seeing|gaz(?:e|ing)|read|reading)\b"
        r"|\byour eyes (?:might|could|may|can)\b|\b(?:rest|move|let) your eyes\b"
    ),
    "es": re.compile(
        r"\b(?:mir(?:ar|arlo|arla|arlos|arlas|ando|a|e|es|en)|ve[ar]|verl[oa]s?|viendo|observ(?:ar|e|ando)|contempl(?:ar|e)"
        r"|leer|lea|leerlas)\b|\b(?:sus ojos|la mirada|la vista) (?:pueden?|podrían?|quizás?|tal vez)\b"
    ),
}


class Variant(NamedTuple):
    """What a script becomes."""

    avoided: frozenset[str]
    closed: bool  # the patient's eyes
    words: Amount
    script: Script

    def __str__(self) -> str:
        told = [f"without {', '.join(sorted(self.avoided))}" if self.avoided else ""]
        told += ["eyes closed" if self.closed else "", "" if self.words == "all" else f"{self.words} said"]
        return ", ".join(filter(None, told))


def variants(script: Script) -> Iterator[Variant]:
    """All of them, the script as it stands the first."""
    apart = sorted({flag for moment in script.moments for flag in moment.line.flags})
    amounts: tuple[Amount, ...] = ("all",) if script.name in _SAID_WHOLE else ("all", "few", "none")
    for count in range(len(apart) + 1):
        for avoided in combinations(apart, count):
            fewer = without(script, frozenset(avoided))
            for words in amounts:
                quieter = said(fewer, words)
                for closed in (False, True) if quieter.closed or words == "all" else (False,):
                    yield Variant(frozenset(avoided), closed, words, quieter.for_eyes(closed=closed))


def lint_all(name: str, language: str = "en", folder: Path = SCRIPTS) -> list[Finding]:
    """All that is found in a script, in what becomes of it, and in what it asks. Raises ScriptError."""
    found = lint(name, language, folder)
    script, file = load_script(name, language, names=names_in(language), folder=folder), f"{name}.{language}.toml"
    told = {finding[1:] for finding in found}
    for finding in [*_apart(script, file), *_asked(script, file, language), *_of_variants(script, file, language)]:
        if finding[1:] not in told:
            told.add(finding[1:])
            found.append(finding)
    return found


def _of_variants(script: Script, file: str, language: str) -> Iterator[Finding]:
    for variant in variants(script):
        where = f"{file} ({variant})" if str(variant) else file
        for finding in findings(variant.script, where):
            if variant.words == "all" or "over all" not in finding.rule:
                yield finding
        if variant.avoided:
            yield from undeclared(variant.script, where)
        if variant.closed:
            yield from _looking(variant.script, where, language)


def _looking(script: Script, file: str, language: str) -> Iterator[Finding]:
    """The way out may be one for the eyes: other ways are told beside it."""
    pattern = _LOOKS.get(language)
    for moment in script.moments if pattern and script.name not in _SAID_WHOLE else ():
        for sentence in sentences(moment.line.words):
            if pattern and (found := pattern.search(sentence.casefold())) and not names_exit(sentence, language):
                yield Finding(file, moment.line.id, f"'{found[0]}' asks closed eyes to look", 'give it "eyes_closed"')


def _apart(script: Script, file: str) -> Iterator[Finding]:
    """Flags of lines are those that a profile knows."""
    known: Set[str] = set(AVOID)
    for moment in script.moments:
        if unknown := sorted(moment.line.flags - known):
            told = f"there are {', '.join(AVOID)}"
            yield Finding(file, moment.line.id, f"flags has {', '.join(unknown)}", told)


def _asked(script: Script, file: str, language: str) -> Iterator[Finding]:
    """A question's words are judged as any line's are, except for their pace."""
    if script.question is None:
        return
    line = Line("question", " ".join([script.question.words, *script.question.options]), 5.0)
    yield from (
        each for each in findings(compiled(script.name, [line], language=language), file) if each.line == line.id
    )
