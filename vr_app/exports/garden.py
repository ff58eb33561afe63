"""A recording of the sound garden, among a patient's works, as a thing to take home."""

from __future__ import annotations

from functools import partial
from typing import Final

from audio.performance import SOUNDS, export
from vr_app.exports.handover import Item
from vr_app.works.sketch import Sketch

SCENE: Final = "sound_garden"  # where such works are made


def is_recording(sketch: Sketch) -> bool:
    """Whether a work holds one; what a scene's loops are kept in does not."""
    return SOUNDS in sketch.things


def item_of(sketch: Sketch, *, consent: bool, title: str = "") -> Item:
    """`consent` as it is recorded. What cannot be heard is told when it is handed over, in one line."""
    return Item("garden", consent=consent, title=title, sound=partial(export, dict(sketch.things)))
