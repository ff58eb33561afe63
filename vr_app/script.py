"""Guidance scripts: TOML lines compiled to a timeline in sample frames, and to the captions that follow it.

The one place where a script is read: session, linter, prompter, captions and the sound's process all take it from here.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

SCRIPTS = Path(__file__).resolve().parents[1] / "assets" / "scripts"
WORDS_PER_MINUTE = 107.0  # within a phrase: 100-115 (docs/design/guidance.md)
FRAMES_A_SECOND = 48_000  # in which the sound's process counts; audio.block.RATE is the same (test)
LINGER = 3.0  # seconds that a caption stays after its words could have been said, at most its pause
LONGEST_PAUSE = 120.0  # seconds
LONGEST_LINE = 60.0  # seconds of a recording
SHORTEST_PAUSE, LONG_PAUSE = 3.0, 8.0  # seconds; a longer one is announced
OTHER_WORDS = {"instead": "instead", "eyes_closed": "closed", "then_quiet": "quiet"}  # keys, and what ids end with
_KEYS = {"id", "text", "pause", "cue", "flags", *OTHER_WORDS}
_ID = re.compile(r"[a-z0-9_]{1,40}")
_BRACES = re.compile(r"\{(\w*)\}")
_BEGINS = attrgetter("begins")


class ScriptError(Exception):
    """A script that cannot be used: file, place and remedy."""


class Line(NamedTuple):
    """What is said in one go, and the pause after it in seconds.

    It may have other words in its place, each a line with an id of its own: a recording says one of them.
    """

    id: str
    words: str  # names filled in
    pause: float
    cue: str = ""  # the sound that begins with it
    names: tuple[str, ...] = ()  # those that were filled in: a recording fits only who is named in it
    flags: frozenset[str] = frozenset()  # what these words are about, where they can be left out by themselves
    instead: Line | None = None  # where one of its flags is to be avoided; None: nothing is said
    closed: Line | None = None  # while the patient's eyes are closed
    quiet: Line | None = None  # where a silence follows that the whole script does not have

    def every(self) -> Iterator[Line]:
        """It, and what may be said in its place."""
        yield from (line for line in (self, self.instead, self.closed, self.quiet) if line is not None)


class Moment(NamedTuple):
    """Where a line lies, in sample frames since its script began."""

    line: Line
    begins: int
    ends: int  # its words; the pause goes on until `after`
    after: int


class Caption(NamedTuple):
    """Words to be seen between two guided times, in seconds since the script began."""

    begins: float
    ends: float
    words: str


class Question(NamedTuple):
    """What is asked in the headset once the words are over; it needs no answer."""

    words: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """A compiled script."""

    name: str
    captions: tuple[Caption, ...]
    moments: tuple[Moment, ...] = ()
    flags: frozenset[str] = frozenset()  # what its words are about that a comfort profile may leave out
    question: Question | None = None
    closed: Script | None = None  # the same for closed eyes, where that has other words; its lines begin together with
    language: str = "en"

    def at(self, time: float) -> Caption | None:
        """The caption to be seen at `time`; where a pack speaks, that is its mapped position / FRAMES_A_SECOND."""
        number = bisect_right(self.captions, time, key=_BEGINS) - 1
        return self.captions[number] if number >= 0 and time < self.captions[number].ends else None

    def spoken(self, lengths: Mapping[str, int]) -> Script:
        """The same with lines as long as their sound is, in frames by line id; what follows them moves.

        Lines without sound, or with an impossible length, keep their estimate.
        """
        lines, since = [moment.line for moment in self.moments], self.moments[0].begins if self.moments else 0
        return compiled(
            *(self.name, lines, lengths),
            flags=self.flags,
            question=self.question,
            since=since,
            language=self.language,
        )

    def lines(self) -> Iterator[Line]:
        """All that may be said in it."""
        for moment in self.moments:
            yield from moment.line.every()

    def for_eyes(self, *, closed: bool) -> Script:
        """What is said while they are open, or closed."""
        return self.closed if closed and self.closed is not None else self

    def beside(self, other: Script | None) -> bool:
        """Whether the two are the same for open and for closed eyes: one may be taken for the other in its middle."""
        return other is not None and (self.closed is other or other.closed is self)


def compiled(
    name: str,
    lines: Iterable[Line],
    lengths: Mapping[str, int] | None = None,
    *,
    flags: frozenset[str] = frozenset(),
    question: Question | None = None,
    since: int = 0,
    language: str = "en",
) -> Script:
    """Lay lines one after the other from frame `since` on. What is said to closed eyes has the same places."""
    moments: list[Moment] = []
    beside: list[Moment] = []
    now = since
    for line in lines:
        ends = now + _length(line, lengths)
        after = ends + round(line.pause * FRAMES_A_SECOND)
        if line.closed is not None:
            ends_closed = now + _length(line.closed, lengths)
            after = max(after, ends_closed + round(SHORTEST_PAUSE * FRAMES_A_SECOND))
            pause = (after - ends_closed) / FRAMES_A_SECOND
            beside.append(Moment(line.closed._replace(pause=pause), now, ends_closed, after))
        moments.append(Moment(line, now, ends, after))
        if line.closed is None:
            beside.append(moments[-1])
        now = after
    closed = _script(name, beside, flags, question, language) if beside != moments else None
    return _script(name, moments, flags, question, language, closed)


def _script(
    name: str,
    moments: Sequence[Moment],
    flags: frozenset[str],
    question: Question | None,
    language: str,
    closed: Script | None = None,
) -> Script:
    return Script(name, tuple(map(_caption, moments)), tuple(moments), flags, question, closed, language)


def _length(line: Line, lengths: Mapping[str, int] | None) -> int:
    """Of its recording, if that is possible; else of its words. In frames."""
    found = (lengths or {}).get(line.id, 0)
    return found if 0 < found <= LONGEST_LINE * FRAMES_A_SECOND else estimated(line.words)


def estimated(words: str) -> int:
    """How long `words` take at the pace of guidance, in frames."""
    return round(60.0 * FRAMES_A_SECOND * len(words.split()) / WORDS_PER_MINUTE)


def _caption(moment: Moment) -> Caption:
    ends = min(moment.ends + round(LINGER * FRAMES_A_SECOND), moment.after)
    return Caption(moment.begins / FRAMES_A_SECOND, ends / FRAMES_A_SECOND, moment.line.words)


# Fewer words, or others


def without(script: Script, avoid: Set[str]) -> Script:
    """With no line that is about something to be avoided: each is replaced, or left out, at its own time."""
    if not any(moment.line.flags & avoid for moment in script.moments):
        return script
    kept = [(moment, line) for moment in script.moments if (line := _beyond(moment.line, avoid)) is not None]
    return at_their_times(script, kept)


def _beyond(line: Line, avoid: Set[str]) -> Line | None:
    if not line.flags & avoid:
        return line
    return line.instead and line.instead._replace(closed=line.closed, quiet=line.quiet)


def at_their_times(script: Script, kept: Sequence[tuple[Moment, Line]]) -> Script:
    """Only these, each with its line where its moment is in the script; where others were, it is silent.

    A line that has other words for it says so.
    """
    lines: list[Line] = []
    lengths = {moment.line.id: moment.ends - moment.begins for moment in script.moments}
    begins = [moment.begins for moment, _ in kept[1:]] + [script.moments[-1].after] if kept else []
    for (moment, line), after in zip(kept, begins, strict=True):
        pause = _seconds(after - moment.begins - _length(line, lengths))
        if pause > LONG_PAUSE and after > moment.after and line.quiet is not None:
            line = line.quiet
            pause = _seconds(after - moment.begins - _length(line, lengths))
        lines.append(line._replace(pause=pause))
    since = kept[0][0].begins if kept else 0
    return compiled(
        *(script.name, lines, lengths),
        flags=script.flags,
        question=script.question,
        since=since,
        language=script.language,
    )


def _seconds(frames: int) -> float:
    return frames / FRAMES_A_SECOND


# Reading


def script_names(language: str = "en", folder: Path = SCRIPTS) -> list[str]:
    """Those there are in a language."""
    return sorted(path.name.split(".")[0] for path in folder.glob(f"*.{language}.toml"))


def language_of(name: str, language: str, folder: Path = SCRIPTS) -> str:
    """In which a script is said in a session of `language`: English as a whole, where there is none in that."""
    return language if (folder / f"{name}.{language}.toml").exists() else "en"


def load_script(name: str, language: str = "en", *, names: Mapping[str, str], folder: Path = SCRIPTS) -> Script:
    """Read `<folder>/<name>.<language>.toml` and fill in `{...}` from `names`. Raises ScriptError."""
    path = folder / f"{name}.{language}.toml"
    whole = _read(path)
    found = whole.get("line", [])
    if not isinstance(found, list):
        raise ScriptError(f"{path.name}: 'line' must be a list; begin each line with [[line]]")
    lines: list[Line] = []
    seen: dict[str, int] = {}
    for number, table in enumerate(found, start=1):
        line = _line(f"{path.name}: line {number}", number, table, names)
        for each in line.every():
            if each.id in seen:
                told = f"has the id of line {seen[each.id]}, '{each.id}'; rename one"
                raise ScriptError(f"{path.name}: line {number} {told}")
            seen[each.id] = number
        lines.append(line)
    question = _question(path.name, whole["question"]) if "question" in whole else None
    flags = _flags(path.name, whole.get("flags", []))
    return compiled(name, lines, flags=flags, question=question, language=language)


def _question(file: str, table: object) -> Question:
    words = table.get("words") if isinstance(table, dict) else None
    options = table.get("options") if isinstance(table, dict) else None
    if not isinstance(words, str) or not isinstance(options, list) or not 2 <= len(options) <= 5:
        raise ScriptError(f"{file}: a question has words, and 2 to 5 options")
    if not all(isinstance(option, str) and 0 < len(option.strip()) <= 60 for option in options):
        raise ScriptError(f"{file}: an option has 1 to 60 characters")
    return Question(words.strip(), tuple(option.strip() for option in options))


def _flags(file: str, found: object) -> frozenset[str]:
    if not isinstance(found, list) or not all(isinstance(flag, str) and _ID.fullmatch(flag) for flag in found):
        raise ScriptError(f'{file}: flags must be a list of words such as "breath", not {found!r}')
    return frozenset(found)


def _read(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))  # Windows' editor may write a mark before it
    except OSError as error:
        raise ScriptError(f"{path.name}: {error.strerror}; put the script into {path.parent.name}/") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ScriptError(f"{path.name}: line {line} of the file is not UTF-8; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ScriptError(f"{path.name}: {error}") from None
    except RecursionError:
        raise ScriptError(f"{path.name}: brackets inside brackets without end; begin each line with [[line]]") from None


def _line(place: str, number: int, table: object, names: Mapping[str, str]) -> Line:
    text = table.get("text") if isinstance(table, dict) else None
    if not isinstance(table, dict) or not isinstance(text, str) or not text.strip():
        raise ScriptError(f"{place} needs a text")
    if unknown := sorted(set(table) - _KEYS):
        raise ScriptError(f"{place} has unknown keys {unknown}; a line has {', '.join(sorted(_KEYS))}")
    pause = table.get("pause")
    if not isinstance(pause, (int, float)) or isinstance(pause, bool) or not 0 <= pause <= LONGEST_PAUSE:
        raise ScriptError(f"{place} needs a pause of 0 to {LONGEST_PAUSE:g} seconds, not {pause!r}")
    line = _said(place, table, "text", _known_as(place, "id", table.get("id", str(number))), float(pause), names)
    flags = _flags(place, table.get("flags", []))
    if "instead" in table and not flags:
        raise ScriptError(f"{place} has words instead, and no flags that say when")
    others = {
        end: _said(place, table, key, _known_as(place, "id", f"{line.id}_{end}"), line.pause, names)
        for key, end in OTHER_WORDS.items()
        if key in table
    }
    for key in {"instead", "eyes_closed"} & set(table):
        others[OTHER_WORDS[key]] = _fitted(f"{place}: {key}", others[OTHER_WORDS[key]], line)
    instead, closed, quiet = (others.get(end) for end in OTHER_WORDS.values())
    return line._replace(flags=flags, instead=instead, closed=closed, quiet=quiet)


def _said(
    place: str, table: Mapping[str, object], key: str, known_as: str, pause: float, names: Mapping[str, str]
) -> Line:
    """The words that stand under a key."""
    text = table[key]
    if not isinstance(text, str):
        raise ScriptError(f"{place}: {key} must be words, not {text!r}")
    words = " ".join(_filled(place, text, names).split())
    if not words:
        raise ScriptError(f"{place} is empty with the names filled in; give a name")
    if any(unicodedata.category(character) == "Cc" for character in words):
        raise ScriptError(f"{place} has a control character in its text; take it out")
    return Line(known_as, words, pause, _cue(place, table), tuple(sorted(set(_BRACES.findall(text)))))


def _fitted(place: str, other: Line, line: Line) -> Line:
    """With the pause that is left when it stands in the line's place. Raises ScriptError."""
    room = estimated(line.words) + round(line.pause * FRAMES_A_SECOND)
    pause = _seconds(room - estimated(other.words))
    if pause < min(SHORTEST_PAUSE, line.pause):
        most = int((_seconds(room) - SHORTEST_PAUSE) * WORDS_PER_MINUTE / 60.0)
        raise ScriptError(f"{place} has {len(other.words.split())} words; in its line's place at most {most} fit")
    return other._replace(pause=pause)


def _cue(place: str, table: Mapping[str, object]) -> str:
    return _known_as(place, "cue", table["cue"]) if "cue" in table else ""


def _known_as(place: str, key: str, value: object) -> str:
    """File names are made of it."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise ScriptError(f"{place}: {key} must be small letters, digits and _, not {value!r}")
    return value


def _filled(place: str, text: str, names: Mapping[str, str]) -> str:
    """Names put in once and as they are: braces inside a name are its own, and nothing is looked up in Python."""
    for name in _BRACES.findall(text):
        if name not in names:
            raise ScriptError(f"{place} names {name!r}, which is not one of {sorted(names)}")
    if set("{}") & set(_BRACES.sub("", text)):
        raise ScriptError(f"{place} has a brace alone; write {{name}}, or leave it out")
    return _BRACES.sub(lambda found: names[found[1]], text)


# What the therapist reads


class Prompt(NamedTuple):
    """For who reads live: the line, how much of its pause is left, and the line after. Made for Status."""

    line: str  # its id; "" when there is none
    words: str
    words_left: float  # seconds that are still for saying it
    pause_left: float  # seconds; all of the pause while it is being said, then counting down to the next line
    following: str  # the words after; "" at the last line
    live: bool  # the therapist says it; False: a recording does


NO_PROMPT = Prompt("", "", 0.0, 0.0, "", live=False)


def prompt(script: Script, time: float, recorded: frozenset[str] = frozenset()) -> Prompt:
    """What to show at a guided `time`; lines in `recorded` are said by a voice pack."""
    now = max(time, 0.0)
    number = bisect_right(script.captions, now, key=_BEGINS) - 1
    if number < 0 or not number < len(script.moments) or not now < script.moments[-1].after / FRAMES_A_SECOND:
        return NO_PROMPT
    line, _, ends, after = script.moments[number]
    return Prompt(
        line.id,
        line.words,
        max(ends / FRAMES_A_SECOND - now, 0.0),
        min(line.pause, after / FRAMES_A_SECOND - now),
        script.moments[number + 1].line.words if number + 1 < len(script.moments) else "",
        live=line.id not in recorded,
    )


# Captions for other programs


def webvtt(script: Script) -> str:
    """As a WebVTT file (W3C, section 4): the ids of cues are the ids of lines."""
    cues = [f"{moment.line.id}\n{_span(caption)}\n{_escaped(caption.words)}\n"
            for moment, caption in zip(script.moments, script.captions, strict=True)]  # fmt: skip
    return "\n".join(["WEBVTT\n", *cues])


def _span(caption: Caption) -> str:
    begins = round(caption.begins * 1000)
    return f"{_clock(begins)} --> {_clock(max(round(caption.ends * 1000), begins + 1))}"


def _clock(ms: int) -> str:
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"


def _escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
