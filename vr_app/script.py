"""Guidance scripts: TOML lines compiled to a timeline of captions."""

from __future__ import annotations

import tomllib
from bisect import bisect_right
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

SCRIPTS = Path(__file__).resolve().parents[1] / "assets" / "scripts"
WORDS_PER_MINUTE = 107.0  # within a phrase: 100-115 (docs/design/guidance.md)
_BEGINS = attrgetter("begins")
LINGER = 3.0  # seconds that a caption stays after its words could have been said, at most its pause


class ScriptError(Exception):
    """A script that cannot be used: file, place and remedy."""


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

    def at(self, time: float) -> Caption | None:
        """The caption to be seen at `time`."""
        number = bisect_right(self.captions, time, key=_BEGINS) - 1
        return self.captions[number] if number >= 0 and time < self.captions[number].ends else None


def load_script(name: str, language: str = "en", *, names: dict[str, str], folder: Path = SCRIPTS) -> Script:
    """Read `<folder>/<name>.<language>.toml` and fill in `{...}` from `names`. Raises ScriptError."""
    path = folder / f"{name}.{language}.toml"
    try:
        lines = tomllib.loads(path.read_text(encoding="utf-8")).get("line", [])
    except OSError as error:
        raise ScriptError(f"{path.name}: {error.strerror}; put the script into {folder.name}/") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScriptError(f"{path.name}: {error}") from None
    captions: list[Caption] = []
    time = 0.0
    for number, line in enumerate(lines, start=1):
        words, pause = _checked(path.name, number, line, names)
        spoken = 60.0 * len(words.split()) / WORDS_PER_MINUTE
        captions.append(Caption(time, time + spoken + min(pause, LINGER), words))
        time += spoken + pause
    return Script(name, tuple(captions))


def _checked(file: str, number: int, line: object, names: dict[str, str]) -> tuple[str, float]:
    if not isinstance(line, dict) or not isinstance(line.get("text"), str) or not line["text"].strip():
        raise ScriptError(f"{file}: line {number} needs a text")
    pause = line.get("pause")
    if not isinstance(pause, (int, float)) or isinstance(pause, bool) or not 0 <= pause <= 120:
        raise ScriptError(f"{file}: line {number} needs a pause of 0 to 120 seconds, not {pause!r}")
    try:
        return " ".join(line["text"].format_map(names).split()), float(pause)
    except (KeyError, IndexError, ValueError) as error:
        raise ScriptError(f"{file}: line {number} names {error}, which is not one of {sorted(names)}") from None
