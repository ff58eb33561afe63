"""The microphones: open only while somebody has asked for what they hear, closed at once afterwards."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Final

from audio.capture import Capture
from audio.devices import Input, SoundUnavailable
from audio.recording import Purpose, Recorder, SealError
from vr_app.sound.options import SoundOptions

log = logging.getLogger(__name__)

RETRY_SECONDS: Final = 1.0
STALL_SECONDS: Final = 1.0


class Microphone:
    """One of them; `capture` is for the thread that fills."""

    def __init__(self, name: str) -> None:
        self.capture = Capture()
        self._name = name
        self._input: Input | None = None
        self._calls = 0
        self._moved_at = self._retry_at = 0.0

    def look(self, now: float, *, wanted: bool) -> None:
        """Many times a second; `now` in monotonic seconds."""
        if self._input is not None:
            calls = self.capture.calls
            if calls != self._calls:
                self._calls, self._moved_at = calls, now
            if not wanted or not self._input.active or now - self._moved_at > STALL_SECONDS:
                self.close()
        elif wanted and self._name and now >= self._retry_at:
            self._open(now)

    def _open(self, now: float) -> None:
        self._retry_at = now + RETRY_SECONDS
        try:
            self._input = Input(self.capture, self._name)
        except SoundUnavailable as error:
            log.warning("a microphone cannot be had", exc_info=error)
            return
        self._calls, self._moved_at = self.capture.calls, now

    def close(self) -> None:
        if self._input is not None:
            self._input.close()
            self._input = None


class Tape:
    """What is recorded now, if anything: begun and ended by the thread that keeps the devices."""

    def __init__(self, options: SoundOptions) -> None:
        self.recorder: Recorder | None = None  # the filler gives it blocks
        self.purpose = ""
        self._options = options

    def look(self, wanted: str) -> str:
        """Begin or end what is wanted; a sentence where it cannot be done."""
        if wanted != self.purpose:
            self.close()
            self.purpose = wanted
            return self._begin(wanted) if wanted else ""
        if self.recorder is not None and self.recorder.trouble:
            trouble = self.recorder.trouble
            self.close()
            return trouble
        return ""

    def _begin(self, wanted: str) -> str:
        vault, key = self._options.vault, self._options.key
        if vault is None or key is None:
            return "Nothing is recorded: there is no key to seal it with; unlock the records first."
        name = f"{wanted}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.sealed"
        try:
            self.recorder = Recorder(vault / name, key, Purpose[wanted.upper()])
        except SealError as error:
            return str(error)
        return ""

    def close(self) -> None:
        """What was given is still sealed, by a thread of its own."""
        if self.recorder is not None:
            self.recorder.finish()
            self.recorder = None
