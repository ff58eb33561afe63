"""The signal graph: voices, buses, and the chain through which all sound passes, live or offline.

    voices (-> places) -> buses -> DC blocker -> snapshot and duck -> onset governor -> reverb -> loudness governor
           -> fade of a stop -> level -> true-peak limiter -> guard and clip

One thread owns a graph: commands and blocks alike. Nothing here reads a clock; time is the count of frames.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, Protocol

import numpy as np

from audio.block import (
    BLOCK,
    CHANNELS,
    RATE,
    Doubles,
    Samples,
    add,
    block_dc,
    decibels,
    frames,
    gain,
    kernel,
    loudness,
    power,
    scale,
    silence,
)
from audio.duck import BUSES, DOWN_SECONDS, MUTED_DB, Bus, Duck
from audio.limiter import Limiter, LoudnessGovernor
from audio.loudness import Meter
from audio.onset import Beds, Lane, Trim
from audio.reverb import ROOMS, Reverb
from audio.space import Placed, Space
from vr_app.limits import (
    BED_LUFS,
    BED_TOLERANCE_LU,
    GESTURE_OVER_BED_LU,
    GESTURE_SECONDS,
    SILENCE_DB,
    SILENCE_SECONDS,
    STRIKE_OVER_BED_LU,
    SURVIVED_GAIN_DB,
    VOICE_LUFS,
    VOICE_TOLERANCE_LU,
)

VOICES: Final = 64  # at once; more are refused
HOLD_SECONDS: Final = 3.0

_HEARD: Final = BLOCK + 405  # frames from a block's beginning until its end leaves: on `user` 96 fewer, `spatial` more
_LEAST_FADE: Final = frames(0.010)  # of any change of a voice's gain
STOP_SECONDS: Final = SILENCE_SECONDS * 2.0 / 3.0  # of the fade: the limiter and a block are still to come
_LEAST_STOP: Final = 0.050  # seconds
_HOLD_STEP: Final = gain(SILENCE_DB * BLOCK / frames(HOLD_SECONDS))
_SILENT: Final = gain(SILENCE_DB)
_SENDS: Final = np.array((0.08, 0.25, 1.0, 0.6, 0.15))  # into the reverb, in the order of `Bus`
_LEAST_BED: Final = power(BED_LUFS - BED_TOLERANCE_LU)  # what strikes are compared with where there is no bed
_STRIKE_MARGIN_LU: Final = 2.5  # bed and strike together stay within what a strike may, also while the bed sinks
_ROOM_PEAK: Final = 2.2  # how far a room's answer to a tone may stand above its answer to noise, in amplitude
_GESTURE_FRAMES: Final = frames(GESTURE_SECONDS)
_SPEECH: Final = BLOCK * power(-50.0)
_SPEECH_HOLD: Final = frames(0.6)  # a breath between two words does not bring the bed back
_DUCK_AHEAD: Final = frames(DOWN_SECONDS)
SOFTEST_DB: Final = -24.0  # of the level of all
_GUIDED_HOLD: Final = frames(12.0)  # the longest pause of guidance, and a little more


class Source(Protocol):
    """What sounds: a cue, a spatialiser with its own sources, a line of a voice pack, a microphone."""

    def fill(self, out: Samples, at: int) -> bool:
        """Write all of `out`, [BLOCK, 2], beginning `at` frames after the source's own start. True: more is to come.

        Called in the real-time thread: no waiting, no files, no allocation. What it writes may be anything; a last
        frame that is not silence is faded out, and an exception ends the voice.
        """
        ...


class _Voice:
    """One sounding thing. Gains are factors of amplitude, times are frames."""

    __slots__ = ("at", "bus", "ending", "gain", "last", "left", "over", "seat", "source", "start", "target")

    def __init__(self, source: Source, bus: Bus, start: int, target: float, fade: int, seat: int | None) -> None:
        self.source, self.bus, self.start, self.at, self.seat = source, bus, start, 0, seat
        self.target, self.left = target, fade
        self.gain = 0.0 if fade else target
        self.ending = False  # the voice ends when its gain has arrived
        self.over = False  # the source has ended; its last frame is still to be faded
        self.last = np.zeros(CHANNELS, np.float32)

    def go_to(self, target: float, over: int) -> None:
        self.target, self.left = target, max(over, _LEAST_FADE)

    def next_gain(self) -> float:
        """The gain at the end of this block."""
        if self.left <= BLOCK:
            self.left = 0
            return self.target
        step = (self.target - self.gain) * BLOCK / self.left
        self.left -= BLOCK
        return self.gain + step


class Levels(NamedTuple):
    """What leaves, LUFS, and what the chain did about it."""

    momentary: float
    short_term: float
    integrated: float
    bed: float  # momentary, of the bed as it leaves the onset governor
    duck_db: float  # how much the duck takes
    strikes: int  # let through so far
    caught: int  # samples that only the last guard stopped
    faults: int  # voices that ended by an exception
    refused: int  # commands for voices that are not there, or too many; poses that are none


@kernel
def _fade_last(out: Samples, last: Samples) -> None:
    for i in range(out.shape[0]):
        level = (1.0 - (i + 1) / out.shape[0]) ** 2
        for channel in range(out.shape[1]):
            out[i, channel] = np.float32(last[channel] * level)


@kernel
def _mix(buses: Samples, sends: Doubles, out: Samples, send: Samples) -> None:
    for i in range(out.shape[0]):
        for channel in range(out.shape[1]):
            dry = wet = 0.0
            for bus in range(buses.shape[0]):
                dry += buses[bus, i, channel]
                wet += sends[bus] * buses[bus, i, channel]
            out[i, channel] = np.float32(dry)
            send[i, channel] = np.float32(wet)


class Graph:
    """All that a patient hears, a block at a time. Voice ids are the caller's; starts fall on the nearest block."""

    def __init__(self) -> None:
        self.now = 0  # frames, of the block that comes next
        self.meter = Meter()  # of what leaves
        self._voices: dict[int, _Voice] = {}
        self._over: list[int] = []
        self._buses = silence(BUSES)
        self._bus = [self._buses[bus] for bus in Bus]  # views, made once
        self._scratch, self._send, self._answer, self._out = silence(), silence(), silence(), silence()
        self._dc = [np.zeros((CHANNELS, 2)) for _ in Bus]
        self._space = Space()
        self._duck = Duck()
        self._beds = Beds()
        counter = Lane.counter()
        # Words after the first keep their attacks: they are no strikes. The first one's begins under a soft voice.
        self._spoken_lane = Lane(memory=0.400, under=gain(-40.0))
        self._spoken_trim = Trim(VOICE_LUFS + VOICE_TOLERANCE_LU + 1.0, 2.0, 6.0)  # pauses between words do not count
        self._user = Lane(strikes=counter)
        self._interface = Lane(strikes=counter)
        self._reverb = Reverb()
        self._governor = LoudnessGovernor()
        self._limiter = Limiter()
        self._spoken_until = self._guided_until = 0
        self._gesture = -RATE
        self._stopping = False
        self._stop_gain = self._stop_step = 1.0
        self._held = False
        self._hold_gain = 1.0
        self._level_db = self._level_wanted = 0.0
        self._level_left = 0  # frames until it is there
        self._faults = self._refused = 0

    # Commands

    def play(
        self, voice: int, source: Source, bus: Bus, *, gain_db: float = 0.0, delay: int = 0, fade: int = 0
    ) -> None:
        """Let a source sound on a bus after `delay` frames, faded in over `fade` frames; a `Placed` one at its place.

        After `stop_all` it waits until that is done. Refused, and counted, when the id sounds already, or all voices or
        places are taken.
        """
        if voice in self._voices or len(self._voices) >= VOICES or not np.isfinite(gain_db):
            self._refused += 1
            return
        seat = self._space.sit(bus, source) if isinstance(source, Placed) else None
        if seat is None and isinstance(source, Placed):
            self._refused += 1
            return
        start = self.now + round(max(delay, 0) / BLOCK) * BLOCK
        if self._stopping:
            start = max(start, self.now + frames(STOP_SECONDS) + 2 * BLOCK)
        self._voices[voice] = _Voice(source, bus, start, _factor(gain_db), max(fade, 0), seat)

    def shape(self, voice: int, *, gain_db: float, over: int) -> None:
        """Another gain, over so many frames, 10 ms at least. A voice that has ended is let be."""
        found = self._voices.get(voice)
        if found is None or found.ending or not np.isfinite(gain_db):
            self._refused += 1
            return
        found.go_to(_factor(gain_db), over)

    def stop(self, voice: int, *, fade: int) -> None:
        """Fade out over so many frames, 10 ms at least, and end."""
        found = self._voices.get(voice)
        if found is None:
            self._refused += 1
        elif found.start > self.now:
            self._forget(voice)
        else:
            found.go_to(0.0, fade)
            found.ending = True

    def stop_all(self, seconds: float = STOP_SECONDS) -> None:
        """All that sounds, its echoes too, fades in so many seconds; what is asked for afterwards sounds.

        With the usual ones, also the most, all is silent `SILENCE_SECONDS` later where what leaves is heard at once.
        """
        self._stopping = True
        self._stop_step = gain(SILENCE_DB * BLOCK / RATE / min(max(seconds, _LEAST_STOP), STOP_SECONDS))
        for voice in self._voices.values():
            voice.ending = True

    def hold(self, *, held: bool) -> None:
        """Fade all voices in 3 s and let none go on; or go on from there, as softly as from silence."""
        self._held = held

    def gesture(self, delay: int = 0) -> None:
        """The patient's own hand did something, `delay` frames from now: for 150 ms its sound may be louder."""
        self._gesture = self.now + max(delay, 0)

    def blend(self, weights: Mapping[str, float], *, over: int) -> None:
        """Go to a blend of the snapshots of `audio.duck`. Raises KeyError or ValueError."""
        self._duck.blend(weights, over)

    def level(self, db: float, *, over: int) -> None:
        """All that leaves so much softer than usual, -24 to 0 dB, reached in decibels over so many frames.

        Raises ValueError for anything else.
        """
        if not SOFTEST_DB <= db <= 0.0:
            raise ValueError(f"the level of all lies in {SOFTEST_DB:g}..0 dB, not {db}")
        self._level_wanted, self._level_left = db, max(over, _LEAST_FADE)

    def enter(self, room: str) -> None:
        """Be in one of `audio.reverb.ROOMS`. Raises KeyError."""
        self._reverb.enter(ROOMS[room])

    def listen_from(self, position: Sequence[float], orientation: Sequence[float], at: float) -> None:
        """The head's pose when the frame `at` of this graph's count is heard. See `audio.space.Space`."""
        self._space.listen_from(position, orientation, at)

    # A block

    def block(self, out: Samples) -> None:
        """The next BLOCK frames into `out`, [BLOCK, 2] of any layout."""
        mix = self._out  # kernels are compiled for this layout; another one would be compiled now, for seconds
        self._sound()
        self._make_room()
        self._govern()
        _mix(self._buses, _SENDS, mix, self._send)
        self._answer.fill(0.0)
        self._reverb.process(self._send, self._answer)
        self._beds.enter(self._bus[Bus.BED], self._bus[Bus.SPATIAL], self._answer)
        mix += self._answer
        self._governor.process(mix, guided=self.now < self._guided_until)
        self._fade(mix)
        self._soften(mix)
        self._limiter.process(mix)
        self.meter.take(mix)
        out[:] = mix
        self.now += BLOCK

    def _sound(self) -> None:
        """Voices into their buses."""
        self._buses.fill(0.0)
        before, self._hold_gain = self._hold_gain, self._next_hold_gain()
        if before == 0.0 and self._hold_gain == 0.0:
            return
        for name, voice in self._voices.items():
            if voice.start > self.now:
                continue
            more = self._fill(voice)
            after = voice.next_gain()
            self._put(voice, voice.gain * before, after * self._hold_gain)
            voice.gain = after
            if not more or (voice.ending and voice.left == 0 and not self._stopping):
                self._over.append(name)
        while self._over:
            self._forget(self._over.pop())
        self._space.sound(self._buses, self.now + _HEARD)

    def _put(self, voice: _Voice, start: float, end: float) -> None:
        """The scratch buffer under a ramp of gain: to its place, or as it is to its bus."""
        if voice.seat is None:
            add(self._bus[voice.bus], self._scratch, start, end)
        elif isinstance(voice.source, Placed):
            self._space.take(voice.seat, voice.source, self._scratch, start, end)

    def _forget(self, name: int) -> None:
        seat = self._voices.pop(name).seat
        if seat is not None:
            self._space.leave(seat)

    def _fill(self, voice: _Voice) -> bool:
        """A block of a source in the scratch buffer; after its end one more, in which its last frame fades."""
        if voice.over:
            _fade_last(self._scratch, voice.last)
            return False
        self._scratch.fill(0.0)  # a source that writes too little shall not repeat another
        try:
            more = voice.source.fill(self._scratch, voice.at)
        except Exception:  # noqa: BLE001 - a source may raise anything; the others go on
            self._faults += 1
            _fade_last(self._scratch, voice.last)
            return False
        voice.at += BLOCK
        voice.last[:] = self._scratch[-1]
        voice.over = not more
        return True

    def _next_hold_gain(self) -> float:
        """Down in 3 s; up at once, but through governors that begin at silence."""
        if self._held:
            lower = self._hold_gain * _HOLD_STEP
            return lower if lower > _SILENT else 0.0
        if self._hold_gain == 0.0:
            self.rise()
            return 1.0
        return min(1.0, self._hold_gain / _HOLD_STEP)

    def _make_room(self) -> None:
        """DC, then the gains of snapshot and duck: before the onset governor, for the end of a duck is a rise too."""
        for bus in Bus:
            block_dc(self._bus[bus], self._dc[bus])
        self._duck.turn(spoken=self._spoken())
        gains = self._duck.gains
        for bus in Bus:
            scale(self._bus[bus], gains[0, bus], gains[1, bus])

    def _spoken(self) -> bool:
        """A voice sounds, has just sounded, or is known to begin before the duck would be down."""
        soon = self.now + _DUCK_AHEAD
        for voice in self._voices.values():
            if voice.bus == Bus.VOICE and not voice.ending and self.now <= voice.start <= soon and not self._held:
                self._spoken_until = max(self._spoken_until, voice.start + _SPEECH_HOLD)
        if self._spoken_lane.energy > _SPEECH:
            self._spoken_until = self.now + _SPEECH_HOLD
            self._guided_until = self.now + _GUIDED_HOLD
        return self.now < self._spoken_until

    def _govern(self) -> None:
        """The onset governor: what a bus is decides by which rule."""
        self._beds.process(self._bus[Bus.BED], self._bus[Bus.SPATIAL])
        lane = self._spoken_lane
        scale(self._bus[Bus.VOICE], self._spoken_trim.gain, self._spoken_trim.next(lane.arrived))
        lane.process(self._bus[Bus.VOICE], _SPOKEN_CAP)
        bed = max(self._beds.account.mean_square, _LEAST_BED)
        cap = bed * 10.0 ** (self._over_bed() / 10.0)
        self._interface.process(self._bus[Bus.INTERFACE], cap)
        self._user.process(self._bus[Bus.USER], max(cap - self._interface.energy / BLOCK, 0.25 * cap))

    def _over_bed(self) -> float:
        """How much louder than the bed a strike may be, LU: more just after a gesture, and back as soon again."""
        late = self.now - self._gesture - _GESTURE_FRAMES
        extra = GESTURE_OVER_BED_LU - STRIKE_OVER_BED_LU
        share = 0.0 if self.now < self._gesture else 1.0 - min(max(late / _GESTURE_FRAMES, 0.0), 1.0)
        answer = decibels(1.0 + _ROOM_PEAK * float(_SENDS[Bus.USER]) * self._reverb.level)
        return STRIKE_OVER_BED_LU - _STRIKE_MARGIN_LU - answer + extra * share

    def _fade(self, out: Samples) -> None:
        """The fade of a stop: over all that sounds, reverb included."""
        if not self._stopping:
            return
        after = self._stop_gain * self._stop_step
        if self._stop_gain <= _SILENT:
            after = 0.0
        scale(out, self._stop_gain, after)
        self._stop_gain = after
        if after == 0.0:
            self._stopped()

    def _soften(self, out: Samples) -> None:
        """The level of all, after the governors: they judge what sounds, not how loud the patient wants it."""
        before = self._level_db
        if self._level_left:
            self._level_db += (self._level_wanted - before) * min(1.0, BLOCK / self._level_left)
            self._level_left = max(self._level_left - BLOCK, 0)
        if before or self._level_db:
            scale(out, gain(before), gain(self._level_db))

    def _stopped(self) -> None:
        for name, voice in self._voices.items():
            if voice.ending:
                self._over.append(name)
        while self._over:
            self._forget(self._over.pop())
        self.rise()
        self._stopping = False
        self._stop_gain = 1.0

    def rise(self) -> None:
        """Nothing was heard before the next block: whatever comes now rises from silence."""
        for part in (self._beds, self._spoken_lane, self._user, self._interface):
            part.reset()
        for memory in self._dc:
            memory.fill(0.0)
        self._reverb.clear()
        self._space.clear()

    # What is known of it

    @property
    def sounding(self) -> int:
        """How many voices there are, those that wait included."""
        return len(self._voices)

    def place(self, voice: int) -> int | None:
        """How many frames of a voice's source have been asked for; None when it has ended."""
        found = self._voices.get(voice)
        return found.at if found else None

    @property
    def levels(self) -> Levels:
        return Levels(
            self.meter.momentary,
            self.meter.short_term,
            self.meter.integrated,
            loudness(self._beds.account.mean_square),
            self._duck.depth,
            self._user.strikes + self._interface.strikes,
            self._limiter.caught,
            self._faults,
            self._refused + self._space.refused,
        )


_SPOKEN_CAP: Final = power(VOICE_LUFS + 11.0)  # of 5 ms: the strongest vowel of a voice that is as loud as it may be


def _factor(gain_db: float) -> float:
    return gain(min(gain_db, SURVIVED_GAIN_DB)) if gain_db > MUTED_DB else 0.0


def warm() -> None:
    """Compile, or load, every kernel: before a session, never in it."""
    graph, out = Graph(), silence()
    graph.play(0, _Nothing(), Bus.BED)
    graph.play(1, Placed(_Nothing(), (0.0, 0.0, -1.0)), Bus.SPATIAL)
    graph.listen_from((0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0), 0.0)
    for _ in range(2):
        graph.block(out)


class _Nothing:
    def fill(self, out: Samples, at: int) -> bool:
        out.fill(0.0)
        return at < 0
