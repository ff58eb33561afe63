"""Finds cues by looking: every file in `audio/cues/` lists its own, or is broken with its reason."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

from audio.block import silence
from audio.cue import Cue
from vr_app.plugin import imported

CUES = Path(__file__).resolve().parent / "cues"


class Entry(NamedTuple):
    """A cue that can be played, or a file that cannot and why."""

    id: str  # the cue's name, or the broken file's
    cue: Cue | None
    broken: str = ""


def find_cues(folder: Path = CUES) -> dict[str, Entry]:
    """Import every cue file once. A broken one never hides the others."""
    found: dict[str, Entry] = {}
    for path in sorted(folder.glob("*.py")):
        if not path.stem.startswith("_"):
            for entry in _entries(path):
                found.setdefault(entry.id, entry)
    return found


def working(folder: Path = CUES) -> dict[str, Cue]:
    """Name -> cue of all that can be played."""
    return {entry.id: entry.cue for entry in find_cues(folder).values() if entry.cue}


def warm() -> None:
    """Compile, or load, the kernels of every cue: before a session, never in it."""
    out = silence()
    for cue in working().values():
        source = cue.make(0)
        for at in range(2):
            source.fill(out, at * len(out))


def _entries(path: Path) -> list[Entry]:
    try:
        module = sys.modules.get(f"audio.cues.{path.stem}") if path.parent == CUES else None
        module = module or imported(path, "audio.cues", CUES)
    except Exception as error:  # noqa: BLE001 - a cue file may raise anything while it is imported
        return [Entry(path.stem, None, f"{path.name}: {type(error).__name__}: {error}")]
    cues = getattr(module, "CUES", ())
    if not cues or not all(isinstance(cue, Cue) for cue in cues):
        return [Entry(path.stem, None, f"{path.name}: it needs `CUES`, a tuple of one Cue or more")]
    return [Entry(cue.name, cue) for cue in cues]
