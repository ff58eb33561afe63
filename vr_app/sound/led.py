"""What director and loop ask of the sound beyond what scenes do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from vr_app.api import AudioEngine, Pose
from vr_app.sound.desk import State


class LedSound(AudioEngine, Protocol):
    """Nothing here blocks or raises. Times are ns of `vr_app.shared.now_ns`."""

    @property
    def state(self) -> State: ...

    @property
    def told(self) -> str:
        """The device, or what is wrong, in words."""

    @property
    def starvations(self) -> int:
        """How often the device found too little, all engines together."""

    @property
    def restarts(self) -> int:
        """How often an engine took the place of one that was lost."""

    def say(self, script: str, line: str, at: int) -> int:
        """A recorded line, heard from its beginning at `at`; one at a time. What is late is taken up where it is."""

    def unsay(self) -> None:
        """The line that is said, or about to be, ceases at once and softly."""

    def heard_at(self, time: int) -> float | None:
        """Which frame of the engine's count is heard then; None while nothing is."""

    def hear(self, on: bool) -> None:
        """The therapist's microphone, where one was chosen, is heard or no more."""

    def silence(self) -> None:
        """All that sounds is silent within `limits.SILENCE_SECONDS`; what lasts of a place can be resumed."""

    def resume(self) -> None:
        """What lasted when it was silenced fades in again."""

    def end_all(self, *, fade: float) -> None:
        """What lasts of a place fades out; it is left."""

    def blend(self, weights: Mapping[str, float], *, over: float) -> None:
        """Go to a blend of the snapshots of `audio/duck.py`, in so many seconds."""

    def level(self, db: float, *, over: float) -> None:
        """All that leaves is so much softer than usual, -24 to 0 dB, reached in so many seconds."""

    def listen_from(self, head: Pose, time: int) -> None:
        """The head as it is when the picture is seen, at `time`; once a frame, behind everything else."""
