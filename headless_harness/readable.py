"""How large a scene's words are to the patient, and how far away: read from what the scene draws, without a picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import atan, degrees
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from headless_harness.census import STEP, NotingKit, NotingPass
from headless_harness.finding import Finding, Stretches
from vr_app import limits
from vr_app.api import Frame, Inputs, Label, Pose, Scene, Slot, Vec3
from vr_app.studio import bare_stage

SEEN = 0.05  # opacity from which words can be read
LOOKS_HZ = 2.0  # how often a scene's words are looked at


@dataclass(frozen=True, slots=True)
class Words:
    """A label that remembers its capitals."""

    words: str
    height: float  # metres
    triangles: int = 0
    size: tuple[float, float] = (1.0, 0.1)

    def recall(self, words: str) -> None:
        """What is read of it is its place."""


class Drawn(NamedTuple):
    """Words in one frame."""

    label: Words
    at: Pose


@dataclass(slots=True)
class WordsKit(NotingKit):
    """Notes how high words are."""

    def text(self, words: str, *, height: float = 0.03, width: float = 1.0) -> Label:
        return Words(words, height)

    def slot(self, name: str, *, height: float = 0.03, width: float = 1.0) -> Slot:
        return Words(f"slot {name}", height)


@dataclass(slots=True)
class WordsPass(NotingPass):
    """Notes words that can be seen."""

    drawn: list[Drawn] = field(default_factory=list)

    def text(self, label: Label, at: Pose, opacity: float = 1.0) -> None:
        assert isinstance(label, Words)
        if opacity >= SEEN:
            self.drawn.append(Drawn(label, at))


class Seen(NamedTuple):
    """Words as an eye sees them."""

    capitals: float  # degrees
    distance: float  # metres


def seen_from(eye: Vec3, drawn: Drawn) -> Seen:
    """Capitals at the label's centre; what leans away from the eye is lower."""
    away = np.asarray(drawn.at.position) - np.asarray(eye)
    distance = float(np.linalg.norm(away))
    up = _up(drawn.at)
    across = float(np.linalg.norm(up - away * (up @ away) / distance**2))
    return Seen(degrees(2.0 * atan(drawn.label.height * across / (2.0 * distance))), distance)


def _up(pose: Pose) -> npt.NDArray[np.float64]:
    """The label's own +y in the world."""
    x, y, z, w = pose.orientation
    return np.array([2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)])


def words_of(
    scene_class: type[Scene], settings: Any, seconds: float, inputs: Inputs
) -> Iterator[tuple[float, list[Drawn]]]:
    """What a scene has written at LOOKS_HZ. What it raises is the caller's."""
    kit, scene = WordsKit(), scene_class()
    scene.build(kit)
    scene.enter(bare_stage())
    between = round(1.0 / (LOOKS_HZ * STEP))
    for index in range(round(seconds / STEP)):
        now = index * STEP
        frame = Frame(index, now, now, STEP if index else 0.0, False, inputs, settings)
        scene.update(frame)
        if index % between == 0:
            out = WordsPass(kit)
            scene.draw(frame, out)
            yield now, out.drawn
    scene.leave()


class WordsWatch:
    """Words that are too small, too near or too far; one finding for each of them."""

    def __init__(self, eye: Vec3) -> None:
        self._eye = eye
        self._small: dict[str, Stretches] = {}
        self._near: dict[str, Stretches] = {}
        self._far: dict[str, Stretches] = {}
        self.smallest: float | None = None  # degrees

    def see(self, time: float, drawn: list[Drawn]) -> None:
        for each in drawn:
            seen, words = seen_from(self._eye, each), each.label.words
            self.smallest = min(seen.capitals, self.smallest or seen.capitals)
            if seen.capitals < limits.CAPITAL_HEIGHT_DEG:
                small = self._small.setdefault(words, Stretches("text size", limits.CAPITAL_HEIGHT_DEG, low=True))
                small.note(time, seen.capitals)
            if seen.distance < limits.TEXT_NEAREST_METRES:
                near = self._near.setdefault(words, Stretches("text distance", limits.TEXT_NEAREST_METRES, low=True))
                near.note(time, seen.distance)
            if seen.distance > limits.TEXT_FARTHEST_METRES:
                far = self._far.setdefault(words, Stretches("text distance", limits.TEXT_FARTHEST_METRES))
                far.note(time, seen.distance)

    @property
    def findings(self) -> list[Finding]:
        return [
            finding.of(f"“{words}”")
            for kept in (self._small, self._near, self._far)
            for words, stretches in kept.items()
            for finding in stretches.found
        ]
