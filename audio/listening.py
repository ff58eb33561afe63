"""What becomes of the microphones' sound, block by block, in the filler's thread: heard, measured, recorded."""

from __future__ import annotations

from audio.block import Samples
from audio.capture import Capture
from audio.microphones import Tape
from audio.talkover import Talkover
from audio.voice import VoiceMeter
from vr_app.shared import now_ns
from vr_app.sound.desk import Desk


class Listening:
    """`hears_room`, `listens` and `records` say what was asked for; the devices are opened by who keeps them."""

    def __init__(self, desk: Desk, room: Capture, patient: Capture, tape: Tape) -> None:
        self.hears_room = self.listens = False
        self.records = ""
        self.talkover = Talkover()
        self._desk, self._room, self._patient, self._tape = desk, room, patient, tape
        self._meter = VoiceMeter()

    def forget(self) -> None:
        """Another render process begins: it has asked for nothing yet."""
        self.hears_room = self.listens = False
        self.records = ""

    def turn(self) -> None:
        """All that the microphones have brought since."""
        while self._room.next():
            self.talkover.give(self._room.block)
        while self._patient.next():
            self._hear(self._patient.block)

    def _hear(self, block: Samples) -> None:
        if self.listens:
            self._meter.take(block)
            self._desk.post_voice(now_ns(), *self._meter.heard)
        recorder = self._tape.recorder  # another thread may end it meanwhile
        if recorder is not None:
            recorder.give(block)
