"""What a cue is: a source with a name, a kind, a bus, the loudness at which it is made, and parameters that ramp."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import ClassVar, Final, NamedTuple, Protocol, runtime_checkable

from audio.block import Samples, frames
from audio.duck import Bus
from audio.synth import Parameters, Range
from vr_app.limits import BED_LUFS

RAMP: Final = frames(0.5)  # of a parameter for which no time is given
STRUCK_LUFS: Final = -30.5  # a strike's strongest block: the onset governor has nothing to do, even without a bed


class Kind(Enum):
    """How a cue begins and ends."""

    BED = "bed"  # endless; rises no faster than `limits.ONSET_DB_PER_SECOND`
    STRUCK = "struck"  # once, and ends; attack of `limits.STRIKE_ATTACK_SECONDS` at least
    TONE = "tone"  # the same, of the interface


class Sounding(Protocol):
    """A source (audio/graph.py) with parameters."""

    ranges: ClassVar[Mapping[str, Range]]
    parameters: Parameters

    def fill(self, out: Samples, at: int) -> bool: ...

    def shape(self, name: str, value: float, *, over: int = RAMP) -> None: ...


@runtime_checkable
class Led(Protocol):
    """A source that a breath may lead; what is no number leads nobody."""

    def lead(self, phase: float, depth: float) -> None: ...


class Cue(NamedTuple):
    """An entry of the list."""

    name: str
    kind: Kind
    bus: Bus
    lufs: float  # of a bed integrated, of what is struck its strongest block; of the source at 0 dB
    make: Callable[[int], Sounding]  # from a seed
    about: str  # one sentence for those who choose


def bed(name: str, make: Callable[[int], Sounding], about: str) -> Cue:
    return Cue(name, Kind.BED, Bus.BED, BED_LUFS, make, about)


def struck(name: str, make: Callable[[int], Sounding], about: str) -> Cue:
    return Cue(name, Kind.STRUCK, Bus.USER, STRUCK_LUFS, make, about)


def tone(name: str, make: Callable[[int], Sounding], about: str) -> Cue:
    return Cue(name, Kind.TONE, Bus.INTERFACE, STRUCK_LUFS, make, about)


class Source:
    """Base of all cues: a block is one turn of the parameters and one call of a kernel."""

    ranges: ClassVar[Mapping[str, Range]] = {}

    def __init__(self) -> None:
        self.parameters = Parameters(self.ranges)

    def shape(self, name: str, value: float, *, over: int = RAMP) -> None:
        """A parameter to a value, kept within its range, over so many frames. Raises KeyError or ValueError."""
        self.parameters.go(name, value, over)
