"""Reads guidance scripts by the rules of docs/design/guidance.md; each finding says what to write instead.

A word list cannot judge a sentence: what it finds is wrong, what it does not find still wants a reader.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Final, NamedTuple

from vr_app.profile import AVOID, Avoid
from vr_app.script import FRAMES_A_SECOND, SCRIPTS, Line, Script, load_script

PHRASE_RATE: Final = (100.0, 115.0)  # words a minute
OVERALL_RATE: Final = (60.0, 75.0)  # words a minute, pauses included
SENTENCE_WORDS: Final = 14  # at most
PAUSES: Final = (3.0, 8.0)  # seconds; a longer one is announced
EXIT_SECONDS: Final = 20.0  # by when the exit is named
NAMES: Final = {"name": "Your therapist"}  # as in a session that was told no name: two words
CUES: Final = Path(__file__).resolve().parents[1] / "audio" / "cues"
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
    """All that is found in a script; words are judged in English only, pace in every language. Raises ScriptError."""
    script, file = load_script(name, language, names=NAMES, folder=folder), f"{name}.{language}.toml"
    english = language == "en"
    return [*findings(script, file, words=english), *undeclared(script, file, words=english)]


def findings(script: Script, file: str, *, words: bool = True) -> Iterator[Finding]:
    """The same of a compiled script."""
    if not script.moments:
        yield Finding(file, "", "there is no line", "begin each with [[line]]")
        return
    rules = (*_PACE, *(_WORDS if words else ()))
    for rule in rules:
        for line, what, remedy in rule(script):
            yield Finding(file, line, what, remedy)


def names_exit(words: str) -> bool:
    """Whether they say how to stop."""
    return bool(_EXIT.search(_plain(words)))


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

# Pace


def _overall(script: Script) -> _Found:
    rate = overall_rate(script)
    low, high = OVERALL_RATE
    if rate < low:
        yield (
            "",
            f"{rate:.0f} words a minute over all, below {low:g}",
            "say a little more between pauses, or shorten them",
        )
    if rate > high:
        yield "", f"{rate:.0f} words a minute over all, above {high:g}", "lengthen pauses, or leave words out"


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


def _any(*words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words)})\b")


_ANNOUNCED: Final = _any(r"(?:no|without|fewer) words", r"(?:be|is|stay|stays|go|goes) quiet", "silence")
_EXIT: Final = _any(  # of every language: whoever wants few words still wants the way out
    *("to stop", "stops? this", "can (?:still )?stop", "headset off", "top button"),
    *("para parar", "puede parar", "paramos", "botón de arriba", "quitarse el visor"),
)

# guidance.md's list, with the forms in which a word comes back.
_NEVER: Final = {
    "safe": _any(r"(?:un)?safe(?:r|st|ly|ty)?"),
    "deeper": _any("deeper", "deepest", "deeply", r"deepen(?:s|ed|ing)?"),
    "sink": _any(r"sink(?:s|ing)?", "sank", "sunk(?:en)?"),
    "float": _any(r"float(?:s|ed|ing|y)?", "afloat"),
    "dissolve": _any(r"dissolv(?:e|es|ed|ing)"),
    "let go": _any(r"let(?:s|ting)? (?:it |that |this |them |yourself |everything |all |all of it |what comes )?go"),
    "surrender": _any(r"surrender(?:s|ed|ing)?"),
    "journey": _any(r"journey(?:s|ed|ing)?"),
    "must": _any("must(?:n't)?", "you(?:'ll)? (?:should|need to|have to|ought to)", "you'll want to"),
    "relax": _any(r"relax(?:es|ed|ing|ation)?"),
}
_ABSTRACT: Final = _any(
    "universe|soul|spirit|energy|energies|essence|consciousness|awareness|vibrations?|healing|heal|oneness|infinite",
    "infinity|eternity|divine|chakras?|inner (?:child|self|world)",
)
_PRAISE: Final = _any(
    "well done|nicely done|(?:good|great|nice) (?:job|work)|excellent|perfect(?:ly)?|wonderful(?:ly)?|amazing",
    "brilliant|fantastic|bravo|congratulations|proud|keep it up|you did|you(?:'re| are) doing",
    r"that was (?:good|great|lovely|beautiful)|that(?:'s| is) (?:it|right|good|great|very good|lovely)",
    r"(?<![\w,] )(?:very )?(?:good|great)(?=[.!,])",  # alone, as a sentence or its beginning
)
_FEELING: Final = (
    "calm|calmer|calming|peaceful|comfortable|tired|sleepy|heavy|heavier|light|lighter|warm|warmer|grounded|loved|happy"
    "|happier|content|quiet|quieter|still|softer|soft|open|free|held|slow|slower|slowing|softening|opening|settling"
    "|settled|drowsy|rested|resting|healed|whole|ready|anxious|afraid|tense|sad|weightless|numb"
)
_BODY: Final = (
    "body|mind|breath|breathing|heart|chest|belly|stomach|shoulders?|jaw|face|hands?|feet|legs?|arms?|muscles?|eyelids?"
    "|thoughts?|worries|pain|fears?|anxiety|tension"
)
_CLAIM: Final = _any(
    r"(?<!if )(?<!what )(?<!whatever )(?<!however )(?<!how )(?<!whether )(?<!anything )"
    r"you(?:'re| are|'ll| will| can| now| already| begin to| start to)*(?: now| already| beginning to| starting to)*"
    r" (?:feel|feeling|sense|sensing|enjoy|enjoying)",
    r"(?<!if )(?<!when )you(?:'re| are) (?:now |so |very |more |and |all |getting |becoming |growing )*"
    rf"(?:{_FEELING})",
    rf"(?<!if )your (?:{_BODY}) (?:is|are|feels?|becomes?|grows?|gets?|softens?|slows?|settles?|opens?|drops?|melts?"
    r"|will|knows?|begins?)",
    r"you(?:'ll| will) (?:notice|find|become|begin|start|see how|be able)",
    r"you(?:'re| are) (?:\w+ )?at (?:peace|ease|rest)",
    r"(?:spread|flow|move|run|rise|sweep|wash)(?:s|ing)? (?:through|over|down|up|into|across) your (?:whole )?"
    rf"(?:{_BODY})",
    "everything(?:'s| is) (?:fine|okay|ok|well|all right)",
    r"(?:feels?|feeling) (?:so |very |more )?(?:good|better|nice|calm|peaceful|wonderful|pleasant)",
)
_FOOD: Final = _any(
    "eat(?:s|ing)?|ate|drink(?:s|ing)?|drank|food|snacks?|meals?|breakfast|lunch|dinner|hungry|hunger|thirst(?:y)?|tea",
    "coffee|juice|chocolate|bread|cakes?|soup|wine|beer|sip(?:s|ping)?|tastes?|glass of|cup of|delicious",
)
_SHUT: Final = r"(?:clos(?:e|es|ed|ing)(?! (?:to|by)\b)|shut(?:s|ting)?)"
_EYES: Final = _any(
    rf"{_SHUT}\b[\w ]{{0,20}}\beyes", rf"eyes\b[\w ]{{0,24}}\b{_SHUT}", r"eyelids\b[\w ]{0,20}\b(?:close|fall|drop)"
)
_BREATH: Final = _any(
    r"hold(?:s|ing)? (?:\w+ ){0,3}breath(?:s|e|ing)?",
    r"breath(?:e|es|s|ing)?\b.{0,40}\bhold (?:it|that|there|for|now)",
    r"breath[- ]hold(?:s|ing)?",
    r"(?:deep|big|full|huge|long|large|strong|fast|quick|rapid|forceful)(?:,? \w+)? (?:in-|out-)?breath(?:s|e|ing)?",
    r"breath(?:e|es|ing) (?:\w+ ){0,3}(?:deep|hard|harder|fast|faster|quickly|rapidly|forcefully)",
    r"fill(?:s|ing)? (?:up )?(?:your|the) (?:lungs|chest|belly)",
    r"hyperventilat\w+",
    r"pant(?:s|ing)?",
)


def _forbidden(script: Script) -> _Found:
    for line in _lines(script):
        for name, pattern in _NEVER.items():
            if found := pattern.search(_plain(line.words)):
                what = f"'{found[0]}' is a word we never use ({name})"
                yield line.id, what, "name a thing that can be seen or touched"


def _long_pauses(script: Script) -> _Found:
    for line in _lines(script):
        if line.pause > PAUSES[1] and not _ANNOUNCED.search(_plain(line.words)):
            yield line.id, f"an unannounced pause of {line.pause:g} s", 'say so: "The next half minute has no words."'


def _said(pattern: re.Pattern[str], what: str, remedy: str) -> _Rule:
    def rule(script: Script) -> _Found:
        for line in _lines(script):
            if found := pattern.search(_plain(line.words)):
                yield line.id, f"'{found[0]}' {what}", remedy

    return rule


_COUNTS: Final = _any(r"count(?:s|ing)?[- ]?downs?", r"count(?:s|ing)? (?:\w+ )?(?:backwards?|down|from)")
_NAMED: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBERS: Final = {name: value for value, name in enumerate(_NAMED)} | {str(value): value for value in range(11)}


def _countdown(script: Script) -> _Found:
    """Two falling numbers in a list, or three in a row over any sentences and lines."""
    said = [(word, line.id) for line in _lines(script) for word in re.findall(r"[\w']+", _plain(line.words))]
    said = [(word, line) for word, line in said if word not in {"and", "then", "now"}]
    for (one, where), (two, _), (three, _) in zip(said, said[1:], said[2:], strict=False):
        if _falls(one, two) and _falls(two, three):
            yield where, f"'{one}, {two}, {three}' counts down", "leave the numbers out"
    for line in _lines(script):
        listed = re.findall(r"(\w+)(?:,|…|\.\.\.) (?=(\w+))", _plain(line.words))
        if any(_falls(one, two) for one, two in listed) or _COUNTS.search(_plain(line.words)):
            yield line.id, "numbers count down", "leave the numbers out"


def _falls(one: str, two: str) -> bool:
    return one in _NUMBERS and _NUMBERS.get(two) == _NUMBERS[one] - 1


def _exit(script: Script) -> _Found:
    for moment in script.moments:
        if _EXIT.search(_plain(moment.line.words)) and moment.ends <= EXIT_SECONDS * FRAMES_A_SECOND:
            return
    yield "", f"the exit is not named in the first {EXIT_SECONDS:g} s", 'say early: "To stop, hold the top button."'


def _closed_eyes(script: Script) -> _Found:
    for line in _lines(script):
        said = list(sentences(_plain(line.words)))
        for sentence, after in pairwise([*said, ""]):
            if (found := _EYES.search(sentence)) and not (_is_choice(sentence) or _is_choice(after)):
                yield line.id, f"'{found[0]}' without an alternative", 'add "or leave them open"'


# What a comfort profile may leave out

# Said in every plan, whatever a profile leaves out: they say where one is, and how to get out.
ALWAYS_SAID: Final = frozenset({"room", "return", "return_aloud", "ground", "queasy"})
_PARTS: Final = (
    "hands?|fingers?|feet|foot|toes?|legs?|arms?|shoulders?|belly|stomach|chest|heart|back|neck|jaw|face|skin|body|spine"
    "|hips?|knees?|eyelids?"
)
_ABOUT: Final[dict[Avoid, re.Pattern[str]]] = {
    "water": _any("water|waters|sea|seas|ocean|waves?|tides?|surf|stream|river|lake|pond|rain|harbour|swim(?:s|ming)?"),
    "dark": _any(r"dark\w*|night|nights|midnight|dusk|pitch[- ]black"),
    "forest": _any("forests?|woods|woodland|(?:among|between|under) (?:the )?trees"),
    "breath": _any(r"breath\w*|inhal\w+|exhal\w+|lungs?"),
    "body": _any(rf"your (?:\w+ )?(?:{_PARTS})", rf"(?:an?|one|the other) (?:{_PARTS})", "bod(?:y|ies)|heartbeat"),
    "behind": _any("behind you|at your back|over your shoulder"),
    "height": _any("high above|from (?:high )?above|cliffs?|ledges?|towers?|steep|far below"),
    "enclosed": _any("caves?|cellars?|tunnels?|narrow|shut in|locked in|closed in"),
}


def undeclared(script: Script, file: str, *, words: bool = True) -> Iterator[Finding]:
    """What words are about stands at the head of their script, or of their line, so that a profile can leave it out."""
    if unknown := sorted(script.flags - set(AVOID)):
        yield Finding(file, "", f"flags has {', '.join(unknown)}", f"there are {', '.join(AVOID)}")
    if not words or script.name in ALWAYS_SAID:
        return
    for flag, pattern in _ABOUT.items():
        for line in _lines(script) if flag not in script.flags else ():
            if flag not in line.flags and (found := pattern.search(_plain(line.words))):
                yield Finding(file, line.id, f"'{found[0]}' is about {flag}", f'add "{flag}" to flags at the top')
                break


# Invitations

_INVITES: Final = _any(
    r"(?:you|your eyes|your hands?|your feet|your gaze|an? (?:\w+ )?breath|breath) (?:might|could|may|can)",
    "if you (?:like|want|wish)",
    "perhaps you",
    "(?:you're|you are) (?:welcome|invited|free) to",
    "let's",
    "i invite",
    "why not",
    "(?:would|might) be (?:good|nice) to",
    "would you",
)
_ASKS: Final = re.compile(  # an imperative at the beginning of a sentence or of what follows its first comma
    r"(?:^|, |^(?:(?:now|then|and|please|just|gently|slowly|maybe|perhaps),? )+)"
    r"(?:breathe|look|notice|feel|listen|rest|place|put|touch|follow|watch|imagine|picture|think|close|open|turn|move|let"
    r"|allow|bring|take|stay|hold|return|come|keep|try|see|hear|sit|lie|lean|soften|count|focus|pay|find|choose|press"
    r"|walk|go|reach|step|raise|lift|lower|wait|remember|smile|inhale|exhale|shut|drop|rest|settle|be)\b"
    r"(?! (?:is|are|was|in the|goes)\b)"
)
_CHOICE: Final = re.compile(
    r"^or\b|[,:] or\b|\bor (?:not|leave|stay|stop|don't|just)\b|\bas you like\b|\bif not\b|\bif [\w' ]+n't\b"
    r"|\b(?:either|both|all of it|any of (?:it|these|them)) (?:is|are) (?:fine|all right)\b|\bneedn't\b|\bno need\b"
    r"|\bleave (?:it|them) be\b"
)


def _is_choice(sentence: str) -> bool:
    """Whether a sentence offers another way, or none; a question only asks."""
    return bool(_CHOICE.search(sentence)) and not sentence.endswith("?")


def _is_invitation(sentence: str) -> bool:
    """The exit invites to nothing that needs an "or not", and "Or ..." is itself the other way."""
    if _EXIT.search(sentence) or sentence.startswith("or "):
        return False
    return bool(_INVITES.search(sentence) or _ASKS.search(sentence))


def _invitations(script: Script) -> _Found:
    """Each invitation has its choice in itself, after it in its line, or as the first thing said after the pause."""
    lines = _lines(script)
    for line, after in zip(lines, [*lines[1:], None], strict=True):
        said = list(sentences(_plain(line.words)))
        opening = list(sentences(_plain(after.words)))[:1] if after else []
        for number, sentence in enumerate(said):
            if _is_invitation(sentence) and not _answered(sentence, said[number + 1 :], opening):
                yield line.id, f"an invitation without its equal: '{sentence}'", 'add another way, such as "Or not."'


def _answered(invitation: str, later: list[str], opening: list[str]) -> bool:
    """Another invitation of the same line keeps its choice for itself."""
    following = list(takewhile(lambda sentence: not _is_invitation(sentence), later))
    return any(map(_is_choice, [invitation, *following, *(opening if len(following) == len(later) else [])]))


_WORDS: Final[tuple[_Rule, ...]] = (
    _long_pauses,
    _forbidden,
    _said(_ABSTRACT, "cannot be pointed at", "name a thing: the sand, the table, a hand"),
    _said(_PRAISE, "is praise", "say what there is, not how well it is done"),
    _said(_CLAIM, "claims what is felt", "ask, offer, or say what can be seen"),
    _said(_FOOD, "is food or drink, which has to wait before dosing", "choose another thing"),
    _said(_BREATH, "asks for more than a small, soft breath", 'say: "A small breath might travel with it. Or not."'),
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
    """Small letters, straight apostrophes, nothing invisible: so that no word hides."""
    plain = unicodedata.normalize("NFKC", words).casefold().replace("’", "'")
    return " ".join("".join(c for c in plain if unicodedata.category(c) != "Cf").split())
