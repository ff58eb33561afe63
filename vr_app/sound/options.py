"""What the sound was asked for; travels from the command line to the audio process."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

NO_DEVICE: Final = "none"  # no sound is wanted


@dataclass(frozen=True, slots=True)
class SoundOptions:
    """Checked by the command line."""

    device: str = ""  # a part of its name; the system's own
    voices: Path | None = None  # prepared lines, `<script>.<line>.npy`
    room_microphone: str = ""  # a part of its name: the therapist's, for closed headphones; "" is none
    patient_microphone: str = ""  # the same: what scenes hear of a voice, and memos; "" is none
    vault: Path | None = None  # where recordings go, sealed
    key: bytes | None = field(default=None, repr=False)  # 32 bytes that seal them; without it nothing is recorded
