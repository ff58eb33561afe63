"""A recording of what a hand plays: not sound but what was asked of the sound, small enough to travel with a work.

It stands between a scene and the sound and hands all on. While it runs, each order is noted with its time into the
work's things (docs/formats/work.md), and the work gets a string of beads as its picture: a turn every 20 s.
"""

from __future__ import annotations

import struct
from math import cos, sin, sqrt, tau
from typing import Final, NamedTuple

from vr_app.api import AudioEngine, Vec3, Work, Works

SOUNDS: Final = "sounds"  # the thing that names the cues, a line each
PART: Final = "part{:04}"  # the things that hold what was noted, from 0
PART_SECONDS: Final = 4.0  # what a lost process takes, at most; safety.md allows 5 with the second a work waits
PART_BYTES: Final = 1500
MOST_SECONDS: Final = 1200.0  # of a recording: as long as a headset is worn
BEGIN_SECONDS: Final = 2.0  # in which what sounds already comes
# Little-endian: what it is, ms since the beginning, and then of each its own.
# Voice, place in SOUNDS, x y z in mm, gain in 1/100 dB, fade in 1/100 s, seed.
PLAY: Final = struct.Struct("<BIIBhhhhHI")
SHAPE: Final = struct.Struct("<BIIhH")  # voice, gain, seconds
STOP: Final = struct.Struct("<BIIH")  # voice, seconds
MOMENT: Final = struct.Struct("<BI")  # a gesture, or the end
PLAYED, SHAPED, STOPPED, GESTURE, END = range(1, 6)
BEAD_BRUSH: Final = "tube"
BEAD_COLOUR: Final = (0.42, 0.26, 0.12, 0.5)
TURN_SECONDS: Final = 20.0
THREAD_SECONDS: Final = 0.5  # between two points of the thread
THREAD: Final = 0.002  # metres, its radius


class _Lasting(NamedTuple):
    """A sound without an end, as it is now."""

    cue: int
    place: Vec3
    gain_db: float
    seed: int


class Tape:
    """Of one visit; has what `Layers` wants of a sound. `turn` is handed on and not kept."""

    def __init__(self, sound: AudioEngine, works: Works, cues: tuple[str, ...]) -> None:
        """`cues`: all that will ever be played; others are heard and not kept."""
        self._sound, self._works, self._cues = sound, works, cues
        self._lasting: dict[int, _Lasting] = {}
        self._work: Work | None = None  # made with the first strike: a recording of nothing is none
        self._noted = bytearray()
        self._beads: list[tuple[Vec3, float]] = []  # that the work's picture still lacks
        self._parts = 0
        self._began = self._since = self._now = self._thread_at = 0.0  # session seconds
        self.runs = False

    # --- recording

    def begin(self, now: float) -> None:
        """From this session second on."""
        self.runs, self._work, self._parts = True, None, 0
        self._began = self._since = self._now = self._thread_at = now
        self._beads.clear()
        self._note_lasting()

    def _note_lasting(self) -> None:
        """What sounds already, and nothing of before."""
        self._noted.clear()
        for voice, (cue, place, gain_db, seed) in self._lasting.items():
            self._note_play(voice, cue, place, gain_db, BEGIN_SECONDS, seed)

    def update(self, now: float) -> None:
        """Once a frame."""
        self._now = now
        if not self.runs:
            return
        if self._work is not None:
            if now - self._thread_at >= THREAD_SECONDS:
                self._bead(THREAD)
            if len(self._noted) >= PART_BYTES or now - self._since >= PART_SECONDS:
                self._put()
        elif len(self._noted) >= PART_BYTES:  # much was turned and nothing struck yet
            self._note_lasting()
        if now - self._began >= MOST_SECONDS:
            self.end()

    def end(self) -> None:
        """It hangs in the gallery from now on."""
        if not self.runs:
            return
        self.runs = False
        if self._work is not None:
            self._noted += MOMENT.pack(END, self._ms())
            self._put()
            self._work.finish()
            self._work = None

    def struck(self, soft: int) -> None:
        """Something was just struck, 0..100: a bead on the thread; with the first one there is a work."""
        if not self.runs:
            return
        if self._work is None:
            self._work = self._works.new()
            self._work.put(SOUNDS, "\n".join(self._cues).encode())
            self._work.begin(BEAD_BRUSH, BEAD_COLOUR)
            self._bead(THREAD)
        self._bead(0.004 + 0.00009 * soft)
        self._thread_at -= THREAD_SECONDS - 0.12  # thin again soon

    def _bead(self, radius: float) -> None:
        """Up and round as the walls of a bowl go."""
        self._thread_at = self._now
        turns = (self._now - self._began) / TURN_SECONDS
        high = 0.03 * turns
        wide = 0.07 + 0.13 * sqrt(min(high / 0.25, 1.0))
        self._beads.append(((wide * sin(tau * turns), high, wide * cos(tau * turns)), radius))

    def _put(self) -> None:
        """All at once, for each second in which a work changes costs a piece of its own."""
        self._since = self._now
        if self._work is None:
            return
        for place, radius in self._beads:
            self._work.append(place, radius)
        self._beads.clear()
        if self._noted:
            self._work.put(PART.format(self._parts), bytes(self._noted))
            self._parts += 1
            self._noted.clear()

    def _ms(self) -> int:
        return round(1000.0 * (self._now - self._began))

    def _note_play(self, voice: int, cue: int, place: Vec3, gain_db: float, fade: float, seed: int) -> None:
        x, y, z = (round(1000.0 * min(max(each, -32.0), 32.0)) for each in place)
        gain = round(100.0 * gain_db)
        self._noted += PLAY.pack(PLAYED, self._ms(), voice, cue, x, y, z, gain, round(100.0 * fade), seed)

    # --- the sound, as a scene has it

    def play(
        self, cue: str, *, delay: float = 0.0, position: Vec3 | None = None, gain_db: float = 0.0, fade: float = 0.0,
        once: bool = False, seed: int = 0,
    ) -> int:  # fmt: skip
        voice = self._sound.play(cue, delay=delay, position=position, gain_db=gain_db, fade=fade, once=once, seed=seed)
        if cue in self._cues and position is not None:
            known = self._cues.index(cue)
            if not once:
                self._lasting[voice] = _Lasting(known, position, gain_db, seed)
            if self.runs:
                self._note_play(voice, known, position, gain_db, fade, seed)
        return voice

    def shape(self, voice: int, *, gain_db: float, over: float) -> None:
        self._sound.shape(voice, gain_db=gain_db, over=over)
        if voice in self._lasting:
            self._lasting[voice] = self._lasting[voice]._replace(gain_db=gain_db)
        if self.runs:
            self._noted += SHAPE.pack(SHAPED, self._ms(), voice, round(100.0 * gain_db), round(100.0 * over))

    def turn(self, voice: int, name: str, value: float, *, over: float = 0.5) -> None:
        self._sound.turn(voice, name, value, over=over)

    def stop(self, voice: int, *, fade: float = 1.0) -> None:
        self._sound.stop(voice, fade=fade)
        self._lasting.pop(voice, None)
        if self.runs:
            self._noted += STOP.pack(STOPPED, self._ms(), voice, round(100.0 * fade))

    def gesture(self) -> None:
        self._sound.gesture()
        if self.runs:
            self._noted += MOMENT.pack(GESTURE, self._ms())
