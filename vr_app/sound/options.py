"""What the sound was asked for; travels from the command line to the audio process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

NO_DEVICE: Final = "none"  # no sound is wanted


@dataclass(frozen=True, slots=True)
class SoundOptions:
    """Checked by the command line."""

    device: str = ""  # a part of its name; the system's own
    voices: Path | None = None  # prepared lines, `<script>.<line>.npy`
