"""Memory that processes share without a lock: signs of life, and texts of which no reader takes half.

Each field has one writer. A text lies between two equal counters, so that a reader never takes half of one, and a
writer that died in the middle of one is recovered from by the next.
"""

from __future__ import annotations

import ctypes
import time
from enum import IntEnum
from typing import Any, Final, NamedTuple

TEXT_BYTES: Final = 8192
_TRIES: Final = 4  # of reading a text that is being written
now_ns = time.perf_counter_ns  # one clock for all processes of a machine, on Linux and Windows


class Duty(IntEnum):
    """What a process owes: how soon it must give a sign of life."""

    STARTING = 0
    IDLE = 1
    FRAMES = 2
    CLOSING = 3  # the session is over, the headset is given back
    WRITING = 4  # its report is written
    CALLED = 5  # it stood by, and is told to begin


class Beat(NamedTuple):
    duty: Duty
    silent: float  # seconds since the last sign of life


class Text(ctypes.Structure):
    """Bytes with a counter before and behind them."""

    _fields_ = (
        ("before", ctypes.c_uint32),
        ("behind", ctypes.c_uint32),
        ("length", ctypes.c_uint32),
        ("data", ctypes.c_char * TEXT_BYTES),
    )


class Pulse(ctypes.Structure):
    """When a process last gave a sign of life, and what it owed then."""

    _fields_ = (("duty", ctypes.c_uint64), ("beat", ctypes.c_int64))

    def live(self, duty: Duty) -> None:
        self.duty = duty
        self.beat = now_ns()

    def read(self) -> Beat:
        return Beat(Duty(self.duty), max((now_ns() - self.beat) / 1e9, 0.0))


def write_text(text: Any, data: bytes) -> None:
    """At most TEXT_BYTES."""
    number = (max(text.before, text.behind) + 1) & 0xFFFFFFFF
    text.before = number
    text.length = len(data)
    ctypes.memmove(ctypes.addressof(text) + Text.data.offset, data, len(data))
    text.behind = number


def read_text(text: Any) -> bytes | None:
    """Whole, or None when it was being written at each try."""
    for _ in range(_TRIES):
        number = text.behind
        data = ctypes.string_at(ctypes.addressof(text) + Text.data.offset, min(text.length, TEXT_BYTES))
        if text.before == number:
            return data
    return None
