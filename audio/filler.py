"""The filler: the one thread that owns the graph. It takes orders, and keeps enough ready for the device.

Where there is no device, it counts time itself: lines end, waves roll, and nothing piles up for the day a device comes.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from audio.block import BLOCK, RATE, Samples, frames, silence
from audio.cue import Cue, Kind, Led, Sounding
from audio.duck import Bus
from audio.graph import STOP_SECONDS, Graph
from audio.heard import HeardClock
from audio.listening import Listening
from audio.packs import Recording
from audio.playout import FRAMES, Playout
from audio.realtime import ask_to_be_served_first
from audio.space import Placed
from vr_app.shared import Duty, now_ns
from vr_app.sound import orders as ask
from vr_app.sound.desk import Desk, Heard, State, frame_at

log = logging.getLogger(__name__)

DEPTHS: Final = tuple(-(-frames(seconds) // BLOCK) * BLOCK for seconds in (0.032, 0.064, 0.085))  # kept ready, frames
CALM_SECONDS: Final = 60.0  # without starving: then less is kept ready
LATE_SECONDS: Final = 0.15  # what is struck and comes later than this is left out
CHAIN: Final = 309  # frames from a voice's first to its leaving the graph (ADR 50)
HUNG_SECONDS: Final = 10.0  # of the thread that talks to the device: then this process is of no use
TAKEN_UP: Final = frames(0.05)  # a line in its middle fades in
ALLOWED_BEFORE: Final = 0.060  # seconds of sound that may lie before a stop without making its fade shorter
ROOM_FADE: Final = frames(0.05)
BEGIN_FADE: Final = frames(0.5)  # of what another render process had asked for
SPENT_NS: Final = 20_000
_LEAST_SLEEP, _MOST_SLEEP = 0.001, 0.004


class Account(NamedTuple):
    """What blocks took, microseconds, each rounded up to SPENT_NS, and how often the device found too little."""

    blocks: int
    median: float
    p99: float
    longest: float
    starved: int


class Filler(threading.Thread):
    """Runs until `end`. Other threads call the methods up to `tell` only.

    Not started, it is led by hand, a `turn` at a time, in whatever time `now` tells: so a mix is rendered.
    """

    def __init__(
        self,
        desk: Desk,
        playout: Playout,
        listening: Listening,
        cues: Mapping[str, Cue],
        lines: Mapping[tuple[str, str], Recording],
        now: Callable[[], int] = now_ns,
    ) -> None:
        super().__init__(name="filler", daemon=True)
        self._now = now  # its only clock
        self.kept_at = now()  # when the other thread last gave a sign of life
        self.graph = Graph()
        self.listening = listening
        self._desk, self._playout, self._cues, self._lines = desk, playout, cues, lines
        self._over = False
        self._begin: tuple[int, float] | None = None  # a device begins: its clock's offset, its latency
        self._offset, self._latency = 0, 0.0
        self._stands = (State.STARTING, "")
        self._warning = ""
        self._voices: dict[int, int] = {}  # the asker's numbers -> the graph's
        self._cued: dict[int, Sounding] = {}  # by the graph's numbers
        self._placed: dict[int, Placed] = {}
        self._next = 0
        self._room: int | None = None  # the voice of the therapist's microphone
        self._silences = desk.silences
        self._clock = HeardClock()
        self._heard: Heard | None = None
        self._counted = self._now()  # when time was last counted without a device
        self._depth, self._starved, self._starved_at = 0, 0, 0
        self._block = silence()
        self._spent = [0] * 1000  # blocks that took so many times SPENT_NS, the last one and more

    # --- for the thread that keeps the device

    def begin(self, offset: int, latency: float) -> None:
        """A device takes what is ready from now on; `offset` ns from its clock to ours, `latency` in seconds."""
        self._begin = (offset, latency)

    def shut(self) -> None:
        """The device takes nothing any more."""
        self._playout.shut()
        self._counted = self._now()

    def warn(self, words: str) -> None:
        """What is to be told besides."""
        self._warning = words

    def stands(self, state: State, words: str) -> None:
        self._stands = (state, words)

    def end(self) -> None:
        self._over = True
        self.join(1.0)

    def tell(self) -> None:
        """How it stands, on the desk."""
        state, words = self._stands
        words = f"{words}. {self._warning}" if self._warning else words
        self._desk.tell(state, words, starved=self._starved, depth=DEPTHS[self._depth])

    def account(self) -> Account:
        """What the blocks cost so far."""
        total, seen, marks = max(sum(self._spent), 1), 0, {0.5: 0, 0.99: 0, 1.0: 0}
        for place, count in enumerate(self._spent):
            seen += count
            for share, mark in marks.items():
                if not mark and count and seen >= share * total:
                    marks[share] = place + 1
        median, p99, longest = (mark * SPENT_NS / 1000.0 for mark in marks.values())
        return Account(total, median, p99, longest, self._starved)

    # --- the thread

    def run(self) -> None:
        log.info("the filler is served: %s", ask_to_be_served_first())
        self._desk.read_from_here()
        while not self._over:
            self.turn()
            spare = (self._playout.ready - DEPTHS[self._depth] + BLOCK) / RATE
            time.sleep(min(max(spare, _LEAST_SLEEP), _MOST_SLEEP))

    def turn(self) -> None:
        """As many blocks as there is room for."""
        if self._now() - self.kept_at > HUNG_SECONDS * 1e9:
            log.error("the sound device does not answer; this process gives up")
            os._exit(3)
        self._desk.live(Duty.FRAMES)
        if self._begin is not None:
            self._start_device(*self._begin)
        self._follow_device()
        self.listening.turn()
        while self._playout.ready <= DEPTHS[self._depth] - BLOCK:
            self._hear_desk()
            self._make_block()

    def _make_block(self) -> None:
        before = self._now()
        self.graph.block(self._block)
        self._playout.write(self._block)
        self._spent[min((self._now() - before) // SPENT_NS, len(self._spent) - 1)] += 1

    def _start_device(self, offset: int, latency: float) -> None:
        self._begin = None
        self._offset, self._latency = offset, latency
        self._clock.reset()
        self.graph.rise()
        self._playout.skip(FRAMES)
        while self._playout.ready <= DEPTHS[self._depth] - BLOCK:
            self._make_block()
        self._playout.open()

    def _follow_device(self) -> None:
        """What is heard when; how much must be ready."""
        if not self._playout.is_open:
            self._count_time()
            return
        pair = self._playout.pair()
        if pair is not None:
            self._post(self._clock.hear(pair.frame, pair.time + self._offset))
        now = self._now()
        starved = self._playout.starved
        if starved != self._starved:
            self._starved, self._starved_at = starved, now
            self._depth = min(self._depth + 1, len(DEPTHS) - 1)
            self._clock.reset()
        elif self._depth and now - self._starved_at > CALM_SECONDS * 1e9:
            self._depth -= 1
            self._starved_at = now

    def _count_time(self) -> None:
        now = self._now()
        passed = (now - self._counted) * RATE // 1_000_000_000
        self._counted += passed * 1_000_000_000 // RATE
        self._playout.skip(passed)
        self._post(Heard(self._playout.read, now, RATE))

    def _post(self, heard: Heard) -> None:
        self._heard = heard
        self._desk.post_heard(heard)

    # --- orders

    def _hear_desk(self) -> None:
        desk, graph = self._desk, self.graph
        if desk.silences != self._silences:
            self._silences = desk.silences
            self._silence()
        graph.hold(held=desk.held)
        for order in desk.orders():
            if order is None:
                log.warning("an order was not understood")
            else:
                self._obey(order)
        ear = desk.ear()
        if ear is None or self._heard is None:
            return
        graph.listen_from(ear.position, ear.orientation, frame_at(self._heard, ear.time))
        for source in self._cued.values():
            if isinstance(source, Led):
                source.lead(ear.phase, ear.depth)

    def _obey(self, order: ask.Order) -> None:
        try:
            self._carry_out(order)
        except (KeyError, ValueError) as error:
            log.warning("an order was refused", exc_info=error)

    def _carry_out(self, order: ask.Order) -> None:
        match order:
            case ask.Begin():
                for voice in self._voices.values():
                    self.graph.stop(voice, fade=BEGIN_FADE)
                self._voices.clear()
                self.listening.forget()
                self._hear_room(on=False)
            case ask.Play():
                self._play(order)
            case ask.Say():
                self._say(order)
            case ask.Silence() | ask.Blend() | ask.Level() | ask.Enter() | ask.Gesture():
                self._mix(order)
            case ask.Hear() | ask.Listen() | ask.Record():
                self._listen(order)
            case _:
                self._change(order)

    def _mix(self, order: ask.Mix) -> None:
        match order:
            case ask.Silence():
                self._silence()
            case ask.Gesture(at):
                self.graph.gesture(self._delay(at))
            case ask.Blend(weights, over):
                self.graph.blend(weights, over=frames(over))
            case ask.Level(db, over):
                self.graph.level(db, over=frames(over))
            case ask.Enter(room):
                self.graph.enter(room)

    def _listen(self, order: ask.Hear | ask.Listen | ask.Record) -> None:
        match order:
            case ask.Hear(on):
                self._hear_room(on=on)
            case ask.Listen(on):
                self.listening.listens = on
            case ask.Record(purpose):
                self.listening.records = purpose

    def _change(self, order: ask.Order) -> None:
        """Of a voice; one that has ended is let be."""
        voice = self._voices.get(getattr(order, "voice", 0))
        if voice is None or self.graph.place(voice) is None:
            return
        match order:
            case ask.Shape(_, gain_db, over):
                self.graph.shape(voice, gain_db=gain_db, over=frames(over))
            case ask.Turn(_, name, value, over) if voice in self._cued:
                self._cued[voice].shape(name, value, over=frames(over))
            case ask.Move(_, position) if voice in self._placed:
                self._placed[voice].move(position)
            case ask.Cease(_, fade):
                self.graph.stop(voice, fade=frames(fade))

    def _play(self, order: ask.Play) -> None:
        cue = self._cues[order.cue]
        delay = self._delay(order.at)
        if cue.kind is not Kind.BED and delay < -frames(LATE_SECONDS):
            return
        source = cue.make(order.seed)
        placed = Placed(source, order.position) if order.position is not None else None
        bus = Bus.SPATIAL if placed is not None and cue.kind is Kind.BED else cue.bus
        voice = self._voice(order.voice)
        self.graph.play(
            voice, placed or source, bus, gain_db=order.gain_db, delay=max(delay, 0), fade=frames(order.fade)
        )
        self._cued[voice] = source
        if placed is not None:
            self._placed[voice] = placed

    def _say(self, order: ask.Say) -> None:
        line = self._lines[order.script, order.line]
        delay = self._delay(order.at)
        source, fade = (line, 0) if delay > -BLOCK else (_Late(line, -delay // BLOCK * BLOCK), TAKEN_UP)
        self.graph.play(self._voice(order.voice), source, Bus.VOICE, delay=max(delay, 0), fade=fade)

    def _hear_room(self, *, on: bool) -> None:
        """The therapist's own voice; it goes on after a stop."""
        self.listening.hears_room = on
        if on and self._room is None:
            self._next += 1
            self._room = self._next
            self.graph.play(self._room, self.listening.talkover, Bus.VOICE, fade=ROOM_FADE)
        elif not on and self._room is not None:
            self.graph.stop(self._room, fade=ROOM_FADE)
            self._room = None

    def _voice(self, asked: int) -> int:
        """A voice of the graph for a new one of the asker; those that have ended are forgotten."""
        for ended in [known for known, voice in self._voices.items() if self.graph.place(voice) is None]:
            voice = self._voices.pop(ended)
            self._cued.pop(voice, None)
            self._placed.pop(voice, None)
        self._next += 1
        self._voices[asked] = self._next
        return self._next

    def _delay(self, at: int) -> int:
        """Frames from the next block until what is to be heard at `at` must begin; less than 0: it is late."""
        if at == 0 or self._heard is None:
            return 0
        return round(frame_at(self._heard, at)) - self.graph.now - CHAIN

    def _silence(self) -> None:
        """Sooner the more is ready before it in ring and device."""
        before = self._playout.ready / RATE + self._latency
        self.graph.stop_all(STOP_SECONDS - max(before - ALLOWED_BEFORE, 0.0))
        if self._room is not None:
            self._room = None
            self._hear_room(on=True)


class _Late:
    """A line that is taken up in its middle."""

    def __init__(self, line: Recording, first: int) -> None:
        self._line, self._first = line, first

    def fill(self, out: Samples, at: int) -> bool:
        return self._line.fill(out, self._first + at)
