"""The engine: a thread that fills the playout buffer ahead of the device, and one that keeps a device open.

While no device is there time goes on, and when one comes back all rises from silence.
"""

from __future__ import annotations

import gc
import logging
import sys
import time
from collections.abc import Callable, Iterable
from typing import Final

from audio import cue_list
from audio.devices import Output, SoundUnavailable, can_look_again, look_again
from audio.filler import Account, Filler
from audio.listening import Listening
from audio.microphones import Microphone, Tape
from audio.packs import recordings
from audio.playout import Playout
from audio.realtime import served_first
from audio.warm import warm
from vr_app.shared import now_ns
from vr_app.sound.desk import Desk, State
from vr_app.sound.options import SoundOptions

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 0.02  # between two looks at the device
STALL_SECONDS: Final = 0.25  # without a call of the device: it stands still
GIVE_UP_SECONDS: Final = 1.5  # then it is opened anew
PROOF_SECONDS: Final = 0.1  # of calls, until it is said to play: a suspended sink takes the first ones
RETRY_SECONDS: Final = 0.5  # between two attempts


class DeviceGone(Exception):
    """This process can open no other device: it must end, by `os._exit`, and be started anew."""


def run(desk: Desk, options: SoundOptions, over: Callable[[], bool]) -> Account:
    """The audio process's whole life. Raises DeviceGone."""
    warm()
    between, tape = Playout(), Tape(options)
    room, patient = Microphone(options.room_microphone), Microphone(options.patient_microphone)
    listening = Listening(desk, room.capture, patient.capture, tape)
    filler = Filler(desk, between, listening, cue_list.working(), recordings(options.voices))
    gc.collect()
    gc.freeze()
    gc.disable()  # what blocks leave behind is freed at once; a collection would hold up all threads
    sys.setswitchinterval(0.001)  # so long the filler waits for another thread's Python, at most
    filler.start()
    keeper = Keeper(desk, between, filler, options.device, (room, patient))
    while not over():
        now = time.monotonic()
        keeper.look(now)
        room.look(now, wanted=listening.hears_room)
        patient.look(now, wanted=listening.listens or listening.records == "memo")
        if words := tape.look(listening.records):
            log.warning("a recording ended by itself")
            filler.warn(words)
        time.sleep(LOOK_SECONDS)
    keeper.close()
    tape.close()
    filler.end()
    return filler.account()


class Keeper:
    """Keeps the chosen device open, or the system's own, and says how it stands."""

    def __init__(
        self, desk: Desk, playout: Playout, filler: Filler, wanted: str, microphones: Iterable[Microphone] = ()
    ) -> None:
        """`microphones` are closed wherever PortAudio is started anew."""
        self._desk, self._playout, self._filler, self._wanted = desk, playout, filler, wanted
        self._microphones = tuple(microphones)
        self._output: Output | None = None
        self._calls = 0
        self._moved_at = self._retry_at = 0.0
        self._flows_since = 0.0  # 0: it stands still
        self._told = False  # that it plays

    def look(self, now: float) -> None:
        """Many times a second; `now` in monotonic seconds."""
        self._filler.kept_at = now_ns()
        if self._output is not None:
            self._watch(self._output, now)
        if self._output is None and now >= self._retry_at:
            self._open(now)
        self._filler.tell()

    def _watch(self, output: Output, now: float) -> None:
        calls = self._playout.calls
        if calls != self._calls:
            self._calls, self._moved_at = calls, now
            if not self._flows_since:
                self._begin(output, now)
            elif not self._told and now - self._flows_since > PROOF_SECONDS:
                self._plays(output)
            return
        silent = now - self._moved_at
        if silent > STALL_SECONDS and self._flows_since:
            self._lose("it stands still")
        if not output.active or silent > GIVE_UP_SECONDS:
            self._give_up(output, now)

    def _open(self, now: float) -> None:
        self._retry_at = now + RETRY_SECONDS
        if can_look_again():
            self._close_microphones()
            look_again()
        try:
            with served_first():
                self._output = Output(self._playout, self._wanted)
        except SoundUnavailable as error:
            self._filler.stands(State.LOST if self._desk.seen else State.NONE, str(error))
            return
        self._calls, self._moved_at = self._playout.calls, now
        self._begin(self._output, now)

    def _begin(self, output: Output, now: float) -> None:
        self._flows_since = now
        self._filler.begin(output.clock_offset(), output.latency)

    def _plays(self, output: Output) -> None:
        self._told = True
        words = output.name
        if output.instead:
            words = f"{output.name}, for {self._wanted} is not there; connect it, or choose another one"
        log.info("sound: %s", words)
        self._filler.stands(State.PLAYING, words)

    def _lose(self, why: str) -> None:
        self._flows_since, self._told = 0.0, False
        log.warning("the sound device is lost: %s", why)
        self._filler.shut()
        self._filler.stands(State.LOST, f"the sound device is lost ({why}); connect it again, or choose another one")

    def _give_up(self, output: Output, now: float) -> None:
        """It will not come back by itself."""
        if self._flows_since:
            self._lose("it is gone")
        if not can_look_again():
            raise DeviceGone
        output.close()
        self._output, self._retry_at = None, now

    def _close_microphones(self) -> None:
        for microphone in self._microphones:
            microphone.close()

    def close(self) -> None:
        self._close_microphones()
        if self._output is not None:
            self._output.close()
