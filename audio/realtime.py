"""A thread that must not be late asks the system to be served first: SCHED_RR, rtkit, or Windows' MMCSS."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

PRIORITY: Final = 20  # below the sound server's own threads (JACK: 65 to 70; rtkit allows at most 20)


def ask_to_be_served_first() -> str:
    """For the calling thread; what came of it, in words."""
    if sys.platform == "win32":
        return _pro_audio()
    return _round_robin()


@contextmanager
def served_first() -> Iterator[None]:
    """Threads that are made meanwhile inherit it: a sound library's own. Without permission nothing happens."""
    if sys.platform == "win32":  # there sound libraries see to it themselves
        yield
        return
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    _round_robin()
    try:
        yield
    finally:
        os.sched_setscheduler(0, *before)


if sys.platform == "win32":

    def _pro_audio() -> str:
        """AvSetMmThreadCharacteristicsW: the class of programs that Windows keeps sound going for."""
        index = ctypes.c_uint32(0)
        avrt = ctypes.WinDLL("avrt", use_last_error=True)
        avrt.AvSetMmThreadCharacteristicsW.restype = ctypes.c_void_p
        if avrt.AvSetMmThreadCharacteristicsW("Pro Audio", ctypes.byref(index)):
            return "real time by MMCSS"
        return f"not in real time (MMCSS: error {ctypes.get_last_error()})"

else:

    def _round_robin() -> str:
        try:
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(PRIORITY))
        except OSError as error:
            return f"not in real time ({error.strerror}); allow it by rtprio in /etc/security/limits.d"
        return "real time, SCHED_RR"
