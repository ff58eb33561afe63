"""The patient's own words in the three bays, as the therapist types them, and the bays' headings. Metres, seconds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scenes.making.taken_home import HEADINGS
from scenes.valley.three_bays import BAYS, BEAM, HALF_HIGH, bay_pose
from scenes.valley.tide import smooth
from vr_app.api import Comfort, Kit, Pass, Pose

COME_SECONDS: Final = 1.5
SIZES: Final = ((0.0215, 0.68), (0.0285, 0.74))  # height of capitals and width, regular and large
HEADING: Final = (0.030, 0.038)  # of capitals


class BayWords:
    """`update` once a frame says whose words changed; `draw`."""

    def __init__(self, kit: Kit) -> None:
        self.plates = [[kit.slot(bay, height=high, width=wide) for high, wide in SIZES] for bay in BAYS]
        self._headings = [[kit.text(HEADINGS[bay], height=high) for high in HEADING] for bay in BAYS]

    def enter(self, kept: Mapping[str, str]) -> None:
        """`kept`: words that the work has by now, by bay."""
        for bay, plates in zip(BAYS, self.plates, strict=True):
            for plate in plates:
                plate.recall(kept.get(bay, ""))
        self.told = {bay: kept.get(bay, "") for bay in BAYS}
        self.opacity = [0.0] * len(BAYS)

    def update(self, comfort: Comfort, passed: float) -> list[str]:
        """They come slowly; bays whose words are others now."""
        changed = []
        for n, bay in enumerate(BAYS):
            words = self.plates[n][comfort.large_text].words
            if words != self.told[bay]:
                self.told[bay], self.opacity[n] = words, 0.0
                changed.append(bay)
            self.opacity[n] = min(self.opacity[n] + passed / COME_SECONDS, 1.0)
        return changed

    def draw(self, out: Pass, comfort: Comfort, lift: float, template: float, veil: float) -> None:
        """`template`: how far headings show; `veil`: how far words are hidden; 0..1."""
        large = comfort.large_text
        for n in range(len(BAYS)):
            at, plate = bay_pose(n, lift), self.plates[n][large]
            if veil < 1.0 and plate.size[1] > 0.0:
                up = -HALF_HIGH + 0.035 + 0.5 * plate.size[1]
                out.text(plate, _on(at, up, 0.10), self.opacity[n] * (1.0 - veil))
            if template > 0.0:
                out.text(self._headings[n][large], _on(at, BEAM, 0.09), smooth(template))


def _on(at: Pose, up: float, before: float) -> Pose:
    """A place of a bay, `up` from its middle and `before` its cloth."""
    (x, y, z), (_, s, _, c) = at
    return Pose((x + 2.0 * s * c * before, y + up, z + (c * c - s * s) * before), at.orientation)
