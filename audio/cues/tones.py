"""Tones of the interface: a soft acknowledgement, and the answer to a stop. Warm, low, never an alarm."""

from __future__ import annotations

from typing import Final

from audio.block import gain
from audio.cue import tone
from audio.modal import Knock, Mode, Struck

_SILENT: Final = Knock(100.0, 200.0, 0.0, 0.01)
_LEVEL: Final = gain(-32.0)
_HARMONICS_DB: Final = (0.0, -16.0, -27.0)
_ATTACK: Final = 0.045  # seconds


def _note(hertz: float, level_db: float, decay: float, delay: float = 0.0) -> list[Mode]:
    return [
        Mode(hertz * (n + 1), _LEVEL * gain(level_db + harmonic), decay / (1.0 + 0.6 * n), 0.0, delay)
        for n, harmonic in enumerate(_HARMONICS_DB)
    ]


def acknowledge(seed: int) -> Struck:
    """A choice was heard: one note, A4."""
    return Struck(seed, _note(440.0, 2.0, 0.28), _ATTACK, _SILENT)


def stop_answer(seed: int) -> Struck:
    """A stop is being heard: E4, then A3 below it, which stays a little. The first sounds at once."""
    return Struck(seed, _note(329.628, -1.0, 0.35) + _note(220.0, 0.3, 0.9, 0.26), _ATTACK, _SILENT)


CUES: Final = (
    tone("acknowledge", acknowledge, "A choice was heard."),
    tone("stop_answer", stop_answer, "A stop was heard: two notes, downwards."),
)
