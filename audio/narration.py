"""Lets recorded lines sound where a script has them: the same list for the live engine and for an offline render."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from audio.block import RATE
from audio.duck import Bus
from audio.graph import Graph
from audio.offline import At
from audio.packs import Recording
from vr_app.script import Script

_AHEAD_SECONDS: Final = 1.0  # a line is asked for so early that the bed is down when it begins


class Entrance(NamedTuple):
    """A line that sounds, in frames since its script began; its cue is the script's to tell."""

    begins: int
    line: str
    recording: Recording


def entrances(script: Script, recordings: Mapping[str, Recording]) -> list[Entrance]:
    """In order, of a script that knows its recordings' lengths (`Pack.cast`). Lines without one are not in it."""
    return [
        Entrance(moment.begins, moment.line.id, recordings[moment.line.id])
        for moment in script.moments
        if moment.line.id in recordings
    ]


def timeline(script: Script, recordings: Mapping[str, Recording], *, first_voice: int = 1) -> list[At]:
    """For `audio.offline`: each line on the voice bus, under ids from `first_voice` on."""
    return [_at(found, voice) for voice, found in enumerate(entrances(script, recordings), start=first_voice)]


def _at(found: Entrance, voice: int) -> At:
    begins = found.begins / RATE
    asked = max(begins - _AHEAD_SECONDS, 0.0)

    def play(graph: Graph) -> None:
        graph.play(voice, found.recording, Bus.VOICE, delay=found.begins - graph.now)

    return At(asked, play)
