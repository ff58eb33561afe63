"""Guidance scripts: TOML lines compiled to a timeline in sample frames, and to the captions that follow it.

The one place where a script is read: session, linter, prompter, captions and the sound's process all take it from here.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping
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
_KEYS = {"id", "text", "pause", "cue"}
_ID = re.compile(r"[a-z0-9_]{1,40}")
_BRACES = re.compile(r"\{(\w*)\}")
_BEGINS = attrgetter("begins")


class ScriptError(Exception):
    """A script that cannot be used: file, place and remedy."""


class Line(NamedTuple):
    """What is said in one go, and the pause after it in seconds."""

    id: str
    words: str  # names filled in
    pause: float
    cue: str = ""  # the sound that begins with it
    names: tuple[str, ...] = ()  # those that were filled in: a recording fits only who is named in it


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


@dataclass(frozen=True, slots=True)
class Script:
    """A compiled script."""

    name: str
    captions: tuple[Caption, ...]
    moments: tuple[Moment, ...] = ()
    flags: frozenset[str] = frozenset()  # what its words are about that a comfort profile may leave out
    language: str = "en"

    def at(self, time: float) -> Caption | None:
        """The caption to be seen at `time`; where a pack speaks, that is its mapped position / FRAMES_A_SECOND."""
        number = bisect_right(self.captions, time, key=_BEGINS) - 1
        return self.captions[number] if number >= 0 and time < self.captions[number].ends else None

    def spoken(self, lengths: Mapping[str, int]) -> Script:
        """The same with lines as long as their sound is, in frames by line id; what follows them moves.

        Lines without sound, or with an impossible length, keep their estimate.
        """
        lines = (moment.line for moment in self.moments)
        return compiled(self.name, lines, lengths, flags=self.flags, language=self.language)


def compiled(
    name: str,
    lines: Iterable[Line],
    lengths: Mapping[str, int] | None = None,
    *,
    flags: frozenset[str] = frozenset(),
    language: str = "en",
) -> Script:
    """Lay lines one after the other."""
    moments: list[Moment] = []
    now = 0
    for line in lines:
        found = (lengths or {}).get(line.id, 0)
        ends = now + (found if 0 < found <= LONGEST_LINE * FRAMES_A_SECOND else estimated(line.words))
        after = ends + round(line.pause * FRAMES_A_SECOND)
        moments.append(Moment(line, now, ends, after))
        now = after
    return Script(name, tuple(map(_caption, moments)), tuple(moments), flags, language)


def estimated(words: str) -> int:
    """How long `words` take at the pace of guidance, in frames."""
    return round(60.0 * FRAMES_A_SECOND * len(words.split()) / WORDS_PER_MINUTE)


def _caption(moment: Moment) -> Caption:
    ends = min(moment.ends + round(LINGER * FRAMES_A_SECOND), moment.after)
    return Caption(moment.begins / FRAMES_A_SECOND, ends / FRAMES_A_SECOND, moment.line.words)


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
        if line.id in seen:
            raise ScriptError(f"{path.name}: line {number} has the id of line {seen[line.id]}, '{line.id}'; rename one")
        seen[line.id] = number
        lines.append(line)
    return compiled(name, lines, flags=_flags(path.name, whole.get("flags", [])), language=language)


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
    words = " ".join(_filled(place, text, names).split())
    if not words:
        raise ScriptError(f"{place} is empty with the names filled in; give a name")
    if any(unicodedata.category(character) == "Cc" for character in words):
        raise ScriptError(f"{place} has a control character in its text; take it out")
    named = tuple(sorted(set(_BRACES.findall(text))))
    return Line(_known_as(place, "id", table.get("id", str(number))), words, float(pause), _cue(place, table), named)


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
