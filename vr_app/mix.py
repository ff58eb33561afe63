"""What a plan sounds like, without a device: the session's director, orders, filler and graph, in virtual time.

Nothing is drawn, and no clock is read: the same plan gives the same sound.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from typing import IO, Final

from audio import cue_list, offline
from audio.block import BLOCK, CHANNELS, RATE, Samples, silence
from audio.capture import Capture
from audio.filler import Filler
from audio.graph import HOLD_SECONDS
from audio.listening import Listening
from audio.microphones import Tape
from audio.packs import Recording, recordings
from audio.playout import Playout, note_time, take
from vr_app.api import Inputs, Scene
from vr_app.catalogue import Entry, find_scenes
from vr_app.clock import Moment
from vr_app.commands import Go
from vr_app.course import Mode
from vr_app.director import Director
from vr_app.loading import Loading
from vr_app.plan import Plan, PlanError, Step, load_plan, plan_names
from vr_app.render.context import open_context
from vr_app.render.text import Typeface
from vr_app.script import Script
from vr_app.sound.desk import Desk, State
from vr_app.sound.lines import lengths_in
from vr_app.sound.options import SoundOptions
from vr_app.sound.proxy import Sound

HZ: Final = 90  # pictures a second that are not drawn
BEGINS: Final = 1_000_000_000  # ns of the virtual clock; at 0 nothing can be asked for
_SECOND: Final = 1_000_000_000
Lines = Mapping[tuple[str, str], Recording]


class MixError(Exception):
    """What was asked for cannot be heard to its end; one line."""


# --- what is heard


def asked(
    scene: str | None, plan: str | None, minutes: float | None, name: str, *, guided: bool
) -> tuple[Plan, Mapping[str, Entry]]:
    """A plan, or one of a scene alone (a minute of it, unless told), and the scenes there are.

    `guided`: with the words that the first of our plans has for that scene. Raises PlanError or MixError.
    """
    entries = find_scenes()
    try:
        Typeface.load().check(name)
    except ValueError as error:
        raise PlanError(f"--name: {error}") from None
    names = {"name": name}
    if plan is not None:
        found = load_plan(plan, entries, names=names)
        return (found if minutes is None else found.lasting(minutes)), entries
    entry = entries.get(scene or "")
    if entry is None:
        raise PlanError(f"no scene '{scene}'; there are {', '.join(entries)}")
    if entry.scene is None:
        raise MixError(f"scene '{entry.id}' is broken: {entry.broken}")
    words = _words(entries, entry.id, names) if guided else None
    return alone(entry.scene, 60.0 * (1.0 if minutes is None else minutes), words), entries


def alone(scene: type[Scene], seconds: float, words: Script | None = None) -> Plan:
    """One of a scene by its own settings; its mix is so long, and fades at the end."""
    info = scene.info
    return Plan(info.id, info.title, (Step(info.id, seconds - HOLD_SECONDS, scene.Settings(), words),))


def _words(entries: Mapping[str, Entry], scene: str, names: dict[str, str]) -> Script:
    for name in plan_names():
        for step in load_plan(name, dict(entries), names=names).steps:
            if step.scene == scene and step.script is not None:
                return step.script
    raise PlanError(f"no plan has words for scene '{scene}'; leave the voice away, or name a plan by --plan")


# --- hearing it


def write(file: IO[bytes], plan: Plan, entries: Mapping[str, Entry], voices: Path | None = None) -> None:
    """All of it, as FLAC; `voices` holds prepared lines. Raises MixError or ContextError."""
    offline.put(file, "FLAC", sound_of(plan, entries, voices))


def sound_of(plan: Plan, entries: Mapping[str, Entry], voices: Path | None = None) -> Iterator[Samples]:
    """Block after block, always the same array: until the plan leaves, and while all fades then. Raises as `write`."""
    with open_context("egl"):
        from vr_app.render.renderer import Renderer  # OpenGL may be imported only now

        kit = Renderer(detail=0).kit  # scenes are built, though nobody draws them
        loading = Loading(kit.uploads)
        for name in dict.fromkeys(step.scene for step in plan.steps):
            loading.build(name, entries[name], kit)
        for name, why in loading.failures.items():
            raise MixError(f"scene '{name}' cannot be built: {why}")
        player, lengths = Player(recordings(voices)), lengths_in(voices)
        director = Director(
            *(replace(plan.spoken(lengths), demonstration=True), loading.scenes, _NoHands()),  # nobody wears a headset
            sound=player.sound,
            recorded={script: frozenset(lines) for script, lines in lengths.items()},
        )
        director.build(kit, {})
        yield from _played(director, player)


def _played(director: Director, player: Player) -> Iterator[Samples]:
    director.obey(Go())
    left_at: int | None = None  # the picture in which the plan has ended
    for index in count():
        yield from player.until(BEGINS + index * _SECOND // HZ)
        if left_at is None and director.mode in (Mode.LEAVING, Mode.OVER):
            left_at = index
            player.desk.hold(held=True)
        if left_at is not None and index - left_at >= HOLD_SECONDS * HZ:
            return
        if director.finished:
            continue
        shown = BEGINS + (index + 1) * _SECOND // HZ
        inputs = director.placed_inputs(Inputs())
        director.update(index, Moment(index / HZ, 1.0 / HZ if index else 0.0, shown), inputs)
        player.sound.listen_from(inputs.head, shown)
        for time, words in director.journal.faults:
            raise MixError(f"at {time:.1f} s: {words}")


class Player:
    """A filler without a thread, and in place of a device whoever asks for the next block; what is taken is heard."""

    def __init__(self, lines: Lines) -> None:
        self.now = BEGINS
        self.desk = Desk(Desk.cells(get_context("spawn")))
        self.desk.expect_engine()
        self.desk.read_from_here()
        self.sound = Sound(self.desk, self._clock)
        self.playout = Playout()
        nobody = Listening(self.desk, Capture(), Capture(), Tape(SoundOptions()))
        self._filler = Filler(self.desk, self.playout, nobody, cue_list.working(), lines, self._clock)
        self._filler.stands(State.PLAYING, "a file")
        self._filler.tell()
        self.playout.attach(CHANNELS)
        self._filler.begin(0, 0.0)
        self._filler.turn()
        self._block, self._taken = silence(), 0

    def _clock(self) -> int:
        return self.now

    def until(self, time: int) -> Iterator[Samples]:
        """What is heard before `time` ns, always the same array."""
        while self.now < time:
            note_time(self.playout.memory, self.now / _SECOND)
            take(self.playout.memory, self._block)
            self._taken += 1
            self.now = self._filler.kept_at = BEGINS + self._taken * BLOCK * _SECOND // RATE
            self._filler.turn()
            yield self._block


class _NoHands:
    def pulse(self, hand: str, gain: float, seconds: float) -> None:
        """Nobody holds a controller."""
