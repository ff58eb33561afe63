"""What was played in the sound garden, heard again: a journal of orders (docs/formats/work.md) through the live graph.

The same journal gives the same samples. The head is at the seat and looks ahead; wind and sea are not in it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import IO, Final, NamedTuple

from audio import offline
from audio.block import Samples, frames, gain, scale
from audio.cue import Cue, Kind
from audio.cue_list import working
from audio.duck import Bus
from audio.graph import Graph
from audio.limiter import Limiter
from audio.offline import At
from audio.space import Placed
from vr_app.files import replace_file

SOUNDS: Final = "sounds"  # things of a work
PART: Final = "part{:04}"
LONGEST: Final = 1800.0  # seconds; what is said to be later is not there
LEAVES_SECONDS: Final = 8.0  # in which all is gone after the end
LOUDER_DB: Final = 10.0  # than in the headset, where nothing else is heard; the limiter keeps peaks
ROOM: Final = "valley"
_EYE: Final = (0.0, 1.2, 0.0)
_AHEAD: Final = (0.0, 0.0, 0.0, 1.0)
_PLAYED, _SHAPED, _STOPPED, _GESTURE, _END = range(1, 6)
_FORMS: Final = {
    _PLAYED: struct.Struct("<BIIBhhhhHI"),
    _SHAPED: struct.Struct("<BIIhH"),
    _STOPPED: struct.Struct("<BIIH"),
    _GESTURE: struct.Struct("<BI"),
    _END: struct.Struct("<BI"),
}


class PerformanceError(Exception):
    """Nothing of it can be heard; one line that says why and what to do."""


class Performance(NamedTuple):
    """A journal as far as it could be read."""

    timeline: tuple[At, ...]
    seconds: float  # until the last of it has faded
    remark: str  # a sentence when this is not all, else ""


def read(things: Mapping[str, bytes]) -> Performance:
    """A work's things. Raises PerformanceError when there is no sound in them."""
    names = things.get(SOUNDS, b"").decode(errors="replace").split("\n")
    known = working()
    cues = [known.get(name) for name in names]
    timeline: list[At] = []
    sounding: set[int] = set()
    last, remark, strikes = 0.0, "", 0
    for kind, values in _noted(things):
        seconds = values[0] / 1000.0
        if kind not in _FORMS or not last <= seconds <= LONGEST:
            remark = "the recording is damaged or from a newer Harborlight: only what comes before that place is here"
            break
        last = seconds
        if kind == _END:
            break
        if kind == _PLAYED:
            found = cues[values[2]] if values[2] < len(cues) else None
            if found is None:
                remark = "some of its sounds are not known to this Harborlight: it is heard without them"
                continue
            strikes += 1
            sounding.add(values[1])
            timeline.append(At(seconds, partial(_play, found, values[1:])))
        else:
            timeline.append(At(seconds, partial(_change, kind, values[1:])))
    if not strikes:
        raise PerformanceError("there is no sound in this recording; leave it out")
    timeline.append(At(last, partial(_leave, frozenset(sounding))))
    return Performance(tuple(timeline), last + LEAVES_SECONDS, remark)


def _noted(things: Mapping[str, bytes]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Each order's kind and values; kind 0 where nothing makes sense any more."""
    part = 0
    while (data := things.get(PART.format(part))) is not None:
        part, at = part + 1, 0
        while at < len(data):
            form = _FORMS.get(data[at])
            if form is None or at + form.size > len(data):
                yield 0, (0,)
                return
            kind, *values = form.unpack_from(data, at)
            yield kind, tuple(values)
            at += form.size


def _play(cue: Cue, values: tuple[int, ...], graph: Graph) -> None:
    voice, _, x, y, z, gain_db, fade, seed = values
    bus = Bus.SPATIAL if cue.kind is Kind.BED else cue.bus
    source = Placed(cue.make(seed), (x / 1000.0, y / 1000.0, z / 1000.0))
    graph.play(voice, source, bus, gain_db=gain_db / 100.0, fade=frames(fade / 100.0))


def _change(kind: int, values: tuple[int, ...], graph: Graph) -> None:
    if kind == _GESTURE:
        graph.gesture()
    elif graph.place(values[0]) is not None:
        over = frames(values[-1] / 100.0)
        if kind == _SHAPED:
            graph.shape(values[0], gain_db=values[1] / 100.0, over=over)
        else:
            graph.stop(values[0], fade=over)


def _leave(voices: frozenset[int], graph: Graph) -> None:
    for voice in sorted(voices):
        if graph.place(voice) is not None:
            graph.stop(voice, fade=frames(0.75 * LEAVES_SECONDS))


def blocks(performance: Performance) -> Iterator[Samples]:
    """What is heard, block after block, always the same array."""
    graph, limiter = Graph(), Limiter()
    graph.enter(ROOM)
    graph.listen_from(_EYE, _AHEAD, 0.0)
    factor = gain(LOUDER_DB)
    for block in offline.blocks(performance.timeline, performance.seconds, graph):
        scale(block, factor, factor)
        limiter.process(block)
        yield block


def export(things: Mapping[str, bytes], out: Path) -> Performance:
    """A plain 24-bit FLAC file at `out`, whole or not there; what is in it. Raises PerformanceError."""
    performance = read(things)

    def fill(file: IO[bytes]) -> None:
        offline.put(file, "FLAC", blocks(performance))

    try:
        replace_file(out, fill)
    except (OSError, RuntimeError) as error:  # libsndfile's is the latter
        why = getattr(error, "strerror", None) or type(error).__name__
        raise PerformanceError(f"the recording cannot be written ({why}); choose another folder") from None
    return performance
