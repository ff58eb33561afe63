"""The desk: what render process, supervisor and sound share, in memory without a name. Nobody locks or waits.

    render      -> orders (a ring of cells), and in every frame the ear: head pose and the breath that leads the sea
    supervisor  -> whether to hold (no render process lives), the newest order to be silent, the number of the engine
    engine      -> heartbeat, which orders it has read, (heard frame, host time) pairs, state, voice of the microphone

Each field has one writer. On x86 and with ctypes' whole stores a reader sees them in the order written.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from enum import IntEnum
from multiprocessing.context import SpawnContext
from typing import Any, Final, NamedTuple

from vr_app.shared import TEXT_BYTES, Beat, Duty, Pulse, Text, read_text, write_text
from vr_app.sound.orders import Order, decode, encode

CELLS: Final = 256  # orders that may wait: ten a frame for a quarter of a second
CELL_BYTES: Final = 252
_TRIES: Final = 4


class State(IntEnum):
    """Of the sound, for all who must know."""

    STARTING = 0
    PLAYING = 1
    LOST = 2  # the device is gone or stands still; it is sought, guidance holds
    NONE = 3  # there is no device at all; the session goes on in silence, and one is sought


class Ear(NamedTuple):
    """How the head is when the picture of a frame is seen, and the breath then."""

    time: int  # ns of `now_ns`
    position: tuple[float, float, float]
    orientation: tuple[float, float, float, float]
    phase: float  # of the breath, 0 to 1; not a number: nobody leads
    depth: float


class Heard(NamedTuple):
    """Frame `frame` of the engine's count leaves the loudspeaker at `time`; `rate` frames a second follow."""

    frame: float
    time: int
    rate: float


class _Cell(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint32), ("data", ctypes.c_char * CELL_BYTES))


def _numbers(count: int) -> type[ctypes.Structure]:
    """So many doubles that belong together."""

    class Numbers(ctypes.Structure):
        _fields_ = (("before", ctypes.c_uint64), ("values", ctypes.c_double * count), ("behind", ctypes.c_uint64))

    return Numbers


class _Cells(ctypes.Structure):
    _fields_ = (
        # written by the supervisor
        ("engine", ctypes.c_uint64),  # number of the engine process
        ("hold", ctypes.c_uint64),
        ("starved_before", ctypes.c_uint64),  # the same as starved, of the engines before
        ("silence", ctypes.c_uint64),  # number of the newest order to be silent
        # written by the render process
        ("written", ctypes.c_uint64),  # orders ever
        ("ear", _numbers(10)),
        ("orders", _Cell * CELLS),
        # written by the engine
        ("pulse", Pulse),
        ("read", ctypes.c_uint64),  # orders ever
        ("ready", ctypes.c_uint64),  # number of the engine that reads
        ("heard", _numbers(3)),
        ("state", ctypes.c_uint64),
        ("seen", ctypes.c_uint64),  # a device has played in this session
        ("starved", ctypes.c_uint64),  # times that the device found too little
        ("depth", ctypes.c_uint64),  # frames kept ready
        ("voice", _numbers(4)),
        ("told", Text),  # in words, for people
    )


# Indices for memoryviews: a tenth of what fields of ctypes cost.
_EAR_BEFORE, _READY = _Cells.ear.offset // 8, _Cells.ready.offset // 8
_EAR_BEHIND = _EAR_BEFORE + 11


class Desk:
    """Works on `cells` from `Desk.cells(context)`, in whichever process they are handed to at its spawn."""

    def __init__(self, cells: Any) -> None:
        self._cells = cells
        memory = memoryview(cells).cast("B")
        self._longs, self._doubles = memory.cast("q"), memory.cast("d")

    @staticmethod
    def cells(context: SpawnContext) -> Any:
        return context.RawValue(_Cells)

    # --- the supervisor's side

    def expect_engine(self) -> None:
        """One more engine is being started."""
        self._cells.engine += 1
        self._cells.starved_before += self._cells.starved
        self._cells.starved = 0
        self._cells.state = State.LOST if self._cells.seen else State.STARTING
        self._cells.pulse.live(Duty.STARTING)

    def give_up(self, words: str) -> None:
        """No engine can be kept alive: until one plays again it is as if there were no device."""
        self._cells.state = State.NONE
        write_text(self._cells.told, words.encode()[:TEXT_BYTES])

    def beat(self) -> Beat:
        """The engine's last sign of life."""
        beat: Beat = self._cells.pulse.read()
        return beat

    def hold(self, *, held: bool) -> None:
        """Nobody is there who could lead the sound: it fades in 3 s and waits."""
        self._cells.hold = int(held)

    def silence(self) -> None:
        """All that sounds now is silent within `limits.SILENCE_SECONDS`, whatever the render process does."""
        self._cells.silence += 1

    # --- the render process's side

    def ask(self, order: Order) -> bool:
        """Whether there was room for it; what is too long has none."""
        cells, data = self._cells, encode(order)
        written = cells.written
        if written - cells.read >= CELLS or len(data) > CELL_BYTES:
            return False
        cell = cells.orders[written % CELLS]
        cell.length = len(data)
        ctypes.memmove(ctypes.addressof(cell) + _Cell.data.offset, data, len(data))  # .data would stop at a zero
        cells.written = written + 1
        return True

    def post_ear(self, ear: Ear) -> None:
        longs, doubles = self._longs, self._doubles
        number = max(longs[_EAR_BEFORE], longs[_EAR_BEHIND]) + 1
        longs[_EAR_BEFORE] = number
        values = ear.time, *ear.position, *ear.orientation, ear.phase, ear.depth
        for index, value in enumerate(values, _EAR_BEFORE + 1):
            doubles[index] = value
        longs[_EAR_BEHIND] = number

    @property
    def reader(self) -> int:
        """The number of the engine that takes orders; another one knows nothing of what was asked before."""
        return self._longs[_READY]

    def heard(self) -> Heard | None:
        """The newest pair; None before the first, and when it was being written at each try."""
        found = _take(self._cells.heard)
        return Heard(found[0], int(found[1]), found[2]) if found and found[2] > 0.0 else None

    def voice(self) -> tuple[float, ...] | None:
        """The numbers of a `vr_app.api.Voice`; None while nobody listens."""
        found = _take(self._cells.voice)
        return found if found and found[0] > 0.0 else None

    # --- the engine's side

    def read_from_here(self) -> None:
        """An engine begins: what was asked of the one before is not for it."""
        self._cells.read = self._cells.written
        self._cells.ready = self._cells.engine

    def orders(self) -> Iterator[Order | None]:
        """What was asked since the last time, oldest first; None for what cannot be understood."""
        cells = self._cells
        while cells.read < cells.written:
            cell = cells.orders[cells.read % CELLS]
            data = ctypes.string_at(ctypes.addressof(cell) + _Cell.data.offset, min(cell.length, CELL_BYTES))
            cells.read += 1
            yield decode(data)

    def ear(self) -> Ear | None:
        """The newest one, or None when it was being written at each try or never."""
        found = _take(self._cells.ear)
        if not found or found[0] == 0.0:
            return None
        return Ear(int(found[0]), found[1:4], found[4:8], found[8], found[9])  # type: ignore[arg-type]

    @property
    def held(self) -> bool:
        return bool(self._cells.hold)

    @property
    def silences(self) -> int:
        return int(self._cells.silence)

    def live(self, duty: Duty) -> None:
        self._cells.pulse.live(duty)

    def post_heard(self, heard: Heard) -> None:
        _put(self._cells.heard, heard)

    def post_voice(self, time: int, pitch: float, loudness: float, confidence: float) -> None:
        """See `vr_app.api.Voice`."""
        _put(self._cells.voice, (time, pitch, loudness, confidence))

    def tell(self, state: State, words: str, *, starved: int = 0, depth: int = 0) -> None:
        """How it stands, for everybody."""
        self._cells.seen |= state is State.PLAYING
        self._cells.state, self._cells.starved, self._cells.depth = state, starved, depth
        data = words.encode()[:TEXT_BYTES]
        if data != read_text(self._cells.told):
            write_text(self._cells.told, data)

    # --- for everybody

    @property
    def state(self) -> State:
        return State(self._cells.state)

    @property
    def seen(self) -> bool:
        """Whether a device has played in this session."""
        return bool(self._cells.seen)

    @property
    def engine(self) -> int:
        """The number of the newest engine: how many have been started."""
        return int(self._cells.engine)

    @property
    def starved(self) -> int:
        """How often the device found too little, all engines together."""
        return int(self._cells.starved_before + self._cells.starved)

    @property
    def depth(self) -> int:
        """Frames that are kept ready for the device."""
        return int(self._cells.depth)

    @property
    def told(self) -> str:
        return (read_text(self._cells.told) or b"").decode(errors="replace")


def frame_at(heard: Heard, time: int) -> float:
    """The frame that is heard at `time`."""
    return heard.frame + (time - heard.time) * heard.rate / 1e9


def _put(numbers: Any, values: tuple[float, ...]) -> None:
    number = max(numbers.before, numbers.behind) + 1
    numbers.before = number
    numbers.values[:] = values
    numbers.behind = number


def _take(numbers: Any) -> tuple[float, ...] | None:
    """None when it was being written at each try."""
    for _ in range(_TRIES):
        number = numbers.behind
        values = tuple(numbers.values)
        if numbers.before == number:
            return values
    return None
