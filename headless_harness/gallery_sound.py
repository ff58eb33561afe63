"""The gallery's section of sound: each cue's spectrogram, its loudness over time and its spectrum."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from audio.cue import Cue, Kind
from headless_harness.gallery_page import Section, Strip, Tile
from headless_harness.sound_sheet import SECONDS, save, sheet, sound_of

ID: Final = "sound"
_TITLES: Final = {Kind.BED: "Beds", Kind.STRUCK: "Struck", Kind.TONE: "Tones"}
_NOTE: Final = (
    "40 Hz to 16 kHz over 72 dB; momentary loudness; thirds of octaves. {seconds:g} s from the start, by itself."
)


def sound_section(cues: Mapping[str, Cue], folder: Path, tell: Callable[[str], None]) -> Section:
    """A picture of each cue, into a folder of its own. Raises OSError."""
    here = folder / ID
    here.mkdir(parents=True, exist_ok=True)
    strips = [
        Strip(title, _NOTE.format(seconds=SECONDS[kind]), list(_rows(found, here, tell)), wide=True)
        for kind, title in _TITLES.items()
        if (found := {name: cue for name, cue in cues.items() if cue.kind is kind})
    ]
    drawn = f"{datetime.now().astimezone():%Y-%m-%d %H:%M}"
    return Section(ID, "Sound", "What the places sound like, to the eye.", {}, strips, drawn=drawn)


def _rows(cues: Mapping[str, Cue], here: Path, tell: Callable[[str], None]) -> Iterator[list[Tile]]:
    for name, cue in cues.items():
        tell(name)
        save(sheet({name: sound_of(cue, SECONDS[cue.kind])}), here / f"{name}.jpg")
        yield [Tile(f"{ID}/{name}.jpg", f"{name}: {cue.about}")]
