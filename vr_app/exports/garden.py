"""A recording of the sound garden, among a patient's works, as a thing to take home."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

from vr_app.exports.items import Item
from vr_app.works.sketch import Sketch

SCENE: Final = "sound_garden"  # where such works are made
SOUNDS: Final = "sounds"  # what a recording has, as audio/performance.py puts it


def is_recording(sketch: Sketch) -> bool:
    """Whether a work holds one; what a scene's loops are kept in does not."""
    return _SOUNDS in sketch.things


def item_of(sketch: Sketch, *, consent: bool, title: str = "") -> Item:
    """`consent` as it is recorded. What cannot be heard is told when it is handed over, in one line."""
    return Item("garden", consent=consent, title=title, sound=partial(_write, dict(sketch.things)))


def _write(things: Mapping[str, bytes], path: Path) -> object:
    from audio.performance import export  # the sound graph: for the worker alone

    return export(things, path)
