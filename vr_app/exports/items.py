"""What there is to take home, as it is asked for; what makes files of it is imported by the worker alone."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from vr_app.api import Stroke

Kind = Literal["painting", "mandala", "triptych", "place", "garden", "card"]
Language = Literal["en", "es"]
BAYS: Final = ("before", "now", "next")  # things of a triptych that are own words
PART: Final = ".hand-over-"  # of a folder that is not whole yet


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to take home."""

    kind: Kind
    consent: bool  # recorded: the patient wants to have it out of the records
    title: str = ""
    lines: tuple[str, ...] = ()  # the patient's own words, as they are
    strokes: tuple[Stroke, ...] = ()
    sound: Callable[[Path], object] | None = None  # writes a FLAC file there; its result's `remark` is told
    things: Mapping[str, bytes] = field(default_factory=dict)  # of the work: what the garden played, words of the bays
    picture: bytes = b""  # a picture that is there already, as PNG or JPEG


class HandOverError(Exception):
    """Nothing was handed over; one line that says why and what to do."""


def part_of(folder: Path) -> Path:
    """Where a folder is made before it is whole; a name of its own each time."""
    return folder.with_name(PART + secrets.token_hex(6))
