"""Renders a timeline of commands through the same graph as the live engine: to an array, or to a FLAC file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
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
    """Blocks, as they are made, to a file of this kind: FLAC (24 bits), WAV or OGG.

    Raises soundfile.SoundFileError; of a file that was opened by whoever calls, also its OSError.
    """
    subtype = "PCM_24" if kind in {"FLAC", "WAV"} else None
    chunk = silence(_CHUNK)
    filled = 0
    guard = None if isinstance(file, Path) else _Guard(file)
    with soundfile.SoundFile(guard or file, "w", RATE, CHANNELS, subtype, format=kind) as out:
        for block in sound:
            chunk[filled] = block
            filled += 1
            if filled == _CHUNK:
                out.write(chunk.reshape(-1, CHANNELS))
                filled = 0
            if guard is not None:
                guard.tell_trouble()
        out.write(chunk[:filled].reshape(-1, CHANNELS))
    if guard is not None:
        guard.tell_trouble()


class _Guard:
    """A file for libsndfile, which calls it from C, where no exception may pass: the first one is kept."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._at = file, 0
        self._trouble: OSError | None = None

    def write(self, data: bytes) -> int:
        with self._kept():
            self._file.write(data)
        self._at += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        with self._kept():
            self._at = self._file.seek(offset, whence)
        return self._at

    def tell(self) -> int:
        return self._at

    @contextmanager
    def _kept(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._trouble = self._trouble or error

    def tell_trouble(self) -> None:
        if self._trouble is not None:
            raise self._trouble
