"""A place outdoors without what is drawn of it: for scenes whose ways alone are tested."""

from __future__ import annotations

from scenes.valley.outdoors import Outdoors
from scenes.valley.sounds import PlaceName


class Unbuilt(Outdoors):
    """Enters and updates; draws nothing."""

    def __init__(self, place: PlaceName = "shore") -> None:
        self._place = place
