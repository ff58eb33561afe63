"""Words in the headset that stand in no script, by language; and which languages there are."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

WORDS: Final = Path(__file__).resolve().parents[1] / "assets" / "words"
ENGLISH: Final = "en"  # the first one, which has everything
NOBODY_NAMED: Final = "Your therapist"
_CODE: Final = re.compile(r"headset\.([a-z]{2,3})\.toml")


class WordingError(Exception):
    """A language that there is not, or a file that lacks a word: one line with its remedy."""


@dataclass(frozen=True, slots=True)
class Wording:
    """Those of one language; the defaults are English, and the file's (test)."""

    therapist: str = NOBODY_NAMED
    stop: str = "Stop"
    confirm: str = "Keep looking to stop"
    rate: str = "How are you right now? Or leave it; it goes by itself."
    rate_low: str = "Very hard"
    rate_high: str = "Very well"

    def called(self, name: str) -> str:
        """Who sits beside the patient: `name`, unless nobody gave one."""
        return self.therapist if name in ("", NOBODY_NAMED) else name


def languages(folder: Path = WORDS) -> list[str]:
    """Codes of those that a session may be in, such as "en" and "es"."""
    return sorted(found[1] for path in folder.glob("*.toml") if (found := _CODE.fullmatch(path.name)))


def load_wording(language: str = ENGLISH, folder: Path = WORDS) -> Wording:
    """Raises WordingError."""
    if language not in languages(folder):
        raise WordingError(f"no language {language!r}; there are {', '.join(languages(folder))}")
    path = folder / f"headset.{language}.toml"
    table = _table(path)
    wanted = [field.name for field in fields(Wording)]
    wrong = [name for name in wanted if not isinstance(table.get(name), str) or not str(table[name]).strip()]
    if wrong or set(table) - set(wanted):
        what = f"lacks {', '.join(wrong)}" if wrong else f"has unknown words {sorted(set(table) - set(wanted))}"
        raise WordingError(f"{path.name} {what}; it has {', '.join(wanted)}")
    return Wording(**table)


def load_labels(language: str = ENGLISH, folder: Path = WORDS) -> Mapping[str, str]:
    """Words that stand in scenes, under the English ones that scenes have; those in English need none.

    Raises WordingError.
    """
    if language == ENGLISH:
        return {}
    path = folder / f"scenes.{language}.toml"
    table = _table(path)
    if wrong := [words for words, said in table.items() if not isinstance(said, str) or not said.strip()]:
        raise WordingError(f"{path.name} has no words for {', '.join(wrong)}; write them, or take the line out")
    return table


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WordingError(f"{path.name}: {error}; mend it, or take it from the last version") from None
