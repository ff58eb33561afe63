"""A recording of the sound garden, among a patient's works, as a thing to take home."""

from __future__ import annotations

from typing import Final

from vr_app.exports.items import Item
from vr_app.works.sketch import Sketch

_SOUNDS: Final = "sounds"  # the thing that every recording has (docs/formats/work.md)


def is_recording(sketch: Sketch) -> bool:
    """Whether a work holds one; what a scene's loops are kept in does not."""
    return _SOUNDS in sketch.things


def item_of(sketch: Sketch, *, consent: bool, title: str = "") -> Item:
    """`consent` as it is recorded. What cannot be heard is told when it is handed over, in one line."""
    return Item("garden", consent, title, things=dict(sketch.things))
