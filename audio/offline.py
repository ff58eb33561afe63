"""Renders a timeline of commands through the same graph as the live engine: to an array, or to a FLAC file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Final, NamedTuple

import numpy as np
import soundfile

from audio.block import BLOCK, CHANNELS, RATE, Samples, frames, silence
from audio.graph import Graph

_CHUNK: Final = 16  # blocks, 4096 frames: libsndfile overruns its stack when one call brings it a minute of OGG


class At(NamedTuple):
    """Something asked of the graph at a second; it happens at the block in which that second lies."""

    seconds: float
    do: Callable[[Graph], object]


def blocks(timeline: Iterable[At], seconds: float, graph: Graph | None = None) -> Iterator[Samples]:
    """Block after block, always the same array."""
    graph = graph or Graph()
    left = sorted(timeline, key=lambda at: at.seconds)
    left.reverse()
    out = silence()
    for first in range(0, frames(seconds), BLOCK):
        while left and frames(left[-1].seconds) < first + BLOCK:
            left.pop().do(graph)
        graph.block(out)
        yield out


def render(timeline: Iterable[At], seconds: float, graph: Graph | None = None) -> Samples:
    """All of it, [frames, 2], whole blocks."""
    whole = np.empty((-(-frames(seconds) // BLOCK), BLOCK, CHANNELS), np.float32)
    for i, block in enumerate(blocks(timeline, seconds, graph)):
        whole[i] = block
    return whole.reshape(-1, CHANNELS)


def write(path: Path, timeline: Iterable[At], seconds: float, graph: Graph | None = None) -> None:
    """To a file, in the format of its ending: FLAC (24 bits), WAV or OGG. Raises soundfile.SoundFileError."""
    put(path, path.suffix[1:].upper(), blocks(timeline, seconds, graph))


def put(file: Path | IO[bytes], kind: str, sound: Iterable[Samples]) -> None:
    """Blocks, as they are made, to a file of this kind: FLAC (24 bits), WAV or OGG. Raises soundfile.SoundFileError."""
    subtype = "PCM_24" if kind in {"FLAC", "WAV"} else None
    chunk = silence(_CHUNK)
    filled = 0
    with soundfile.SoundFile(file, "w", RATE, CHANNELS, subtype, format=kind) as out:
        for block in sound:
            chunk[filled] = block
            filled += 1
            if filled == _CHUNK:
                out.write(chunk.reshape(-1, CHANNELS))
                filled = 0
        out.write(chunk[:filled].reshape(-1, CHANNELS))
