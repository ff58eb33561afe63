"""The engine: a thread that fills the ring ahead of the device, and one that keeps a device open. Never without sound
because of a device: while none is there time goes on, and when one comes back all rises from silence.
"""

from __future__ import annotations

import gc
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from audio import cue_list, graph
from audio.devices import DeviceError, Output, look_again
from audio.filler import Filler
from audio.packs import Recording
from audio.realtime import served_first
from audio.ring import Ring
from vr_app.sound.desk import Desk, State
from vr_app.sound.options import SoundOptions

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 0.02  # between two looks at the device
STALL_SECONDS: Final = 0.25  # without a call of the device: it stands still
GIVE_UP_SECONDS: Final = 1.5  # then it is opened anew
RETRY_SECONDS: Final = 0.5  # between two attempts


def run(desk: Desk, options: SoundOptions, over: Callable[[], bool]) -> None:
    """The audio process's whole life."""
    graph.warm()
    cue_list.warm()
    ring = Ring()
    filler = Filler(desk, ring, cue_list.working(), recordings(options.voices))
    gc.collect()
    gc.freeze()
    gc.disable()  # what blocks leave behind is freed at once; a collection would hold up all threads
    sys.setswitchinterval(0.001)  # so long the filler waits for another thread's Python, at most
    filler.start()
    keeper = Keeper(desk, ring, filler, options.device)
    try:
        while not over():
            keeper.look(time.monotonic())
            time.sleep(LOOK_SECONDS)
    finally:
        keeper.close()
        filler.end()


def recordings(folder: Path | None) -> dict[tuple[str, str], Recording]:
    """Prepared lines by script and line, all in memory; one that cannot be read is left out, and told."""
    found: dict[tuple[str, str], Recording] = {}
    for path in sorted(folder.glob("*.npy")) if folder else ():
        script, _, line = path.stem.partition(".")
        try:
            found[script, line] = Recording(np.load(path))
        except (OSError, ValueError) as error:
            log.warning("a prepared line cannot be read", exc_info=error)
    return found


class Keeper:
    """Keeps the chosen device open, or the system's own, and says how it stands."""

    def __init__(self, desk: Desk, ring: Ring, filler: Filler, wanted: str) -> None:
        self._desk, self._ring, self._filler, self._wanted = desk, ring, filler, wanted
        self._output: Output | None = None
        self._calls = 0
        self._moved_at = self._retry_at = 0.0
        self._stalled = self._had_one = False

    def look(self, now: float) -> None:
        """Many times a second; `now` in monotonic seconds."""
        self._filler.kept_at = now
        if self._output is not None:
            self._watch(self._output, now)
        if self._output is None and now >= self._retry_at:
            self._open(now)
        self._filler.tell()

    def _watch(self, output: Output, now: float) -> None:
        calls = self._ring.calls
        if calls != self._calls:
            self._calls, self._moved_at = calls, now
            if self._stalled:
                self._plays(output)
            return
        silent = now - self._moved_at
        if silent > STALL_SECONDS and not self._stalled:
            self._lose("it stands still")
        if not output.active or silent > GIVE_UP_SECONDS:
            if not self._stalled:
                self._lose("it is gone")
            output.close()
            self._output = None
            self._retry_at = now

    def _open(self, now: float) -> None:
        self._retry_at = now + RETRY_SECONDS
        look_again()
        try:
            with served_first():
                output = Output(self._ring, self._wanted)
        except DeviceError as error:
            self._filler.stands(State.LOST if self._had_one else State.NONE, str(error))
            return
        self._output, self._calls, self._moved_at = output, self._ring.calls, time.monotonic()
        self._plays(output)

    def _plays(self, output: Output) -> None:
        self._stalled, self._had_one = False, True
        words = output.name
        if output.instead:
            words = f"{output.name}, for {self._wanted} is not there; connect it, or choose another one"
        log.info("sound: %s", words)
        self._filler.begin(output.clock_offset(), output.latency)
        self._filler.stands(State.PLAYING, words)

    def _lose(self, why: str) -> None:
        self._stalled = True
        log.warning("the sound device is lost: %s", why)
        self._filler.shut()
        self._filler.stands(State.LOST, f"the sound device is lost ({why}); connect it again, or choose another one")

    def close(self) -> None:
        if self._output is not None:
            self._output.close()
