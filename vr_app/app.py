"""Puts a session together: headset, renderer, scenes, director, loop; and writes what it came to."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from vr_app.api import Inputs
from vr_app.avoiding import speaking
from vr_app.baking import bake_in_worker
from vr_app.catalogue import Entry, find_scenes
from vr_app.clock import LONGEST_STEP, SLOW_STEP, SessionClock
from vr_app.commands import Go, SetPhase
from vr_app.director import Director, Journal
from vr_app.headset import Headset, HeadsetUnavailable
from vr_app.link import Link, Mailbox
from vr_app.loading import load_scenes
from vr_app.options import Options
from vr_app.plan import Plan, PlanError, load_plan
from vr_app.remembered import Remembered
from vr_app.render.context import Context
from vr_app.render.text import Typeface
from vr_app.scripted.headset import Photograph, open_scripted
from vr_app.scripted.script import InputScript, load_input_script, save_input_script
from vr_app.sound.led import LedSound
from vr_app.sound.lines import fitting, lengths_in, spoken_in
from vr_app.sound.silent import Silent
from vr_app.timing.collector import Collector
from vr_app.timing.control import Control, ControlLoop
from vr_app.timing.governor import Governor
from vr_app.timing.ledger import REPLAYED, Ledger
from vr_app.timing.report import Facts, Outputs, check_writable
from vr_app.wording import WordingError, load_labels, load_wording

if TYPE_CHECKING:
    from vr_app.station.messages import Position, Rated
    from vr_app.station.ring import PictureRing

log = logging.getLogger(__name__)
say = partial(print, flush=True)  # a line is seen when it is said, through a pipe too

USUAL_HZ = 90.0  # where a runtime does not tell
PHOTOGRAPHS = 12  # of a headless run, spread over the plan
LONGEST_LEDGER = 120 * 3600  # frames: an hour at 120 Hz, 65 MB


class OpenHeadset(Headset, Protocol):
    """A headset that has been opened, with the context its pictures are drawn in."""

    @property
    def context(self) -> Context: ...


@dataclass(slots=True)
class Played:
    """A session that is over, and what a headless one was seen to look like."""

    photographs: list[Photograph] = field(default_factory=list)


def run(options: Options) -> Played:
    """Play a plan in this process alone, steered by nobody: for tests and measurements. Raises as `play`."""
    bake_in_worker()
    mailbox = Mailbox()
    for command in (SetPhase(False), Go()):
        mailbox.post(command)
    return play(options, mailbox)


def play(
    options: Options,
    link: Link,
    *,
    resume: Position | None = None,
    again: bool = False,
    pictures: PictureRing | None = None,
    sound: LedSound | None = None,
    remembered: Remembered | None = None,
    rated: Sequence[Rated] = (),
) -> Played:
    """Play a plan to its end, locked until an order from `link` says otherwise.

    `resume` takes it up where it stood, held in the calm room; `again`: in place of a process that was lost, so the
    headset is waited for. `remembered`: what the places know of this patient; `rated`: what was answered before. Raises
    PlanError, ScriptFileError, OutputError or HeadsetUnavailable before it begins.
    """
    if options.zero_counts:
        os.environ.setdefault("LP_NO_RAST", "1")  # Mesa: no rasteriser either, as a GPU would spare us
    scenes = find_scenes()
    plan = planned(options, scenes)
    lengths = fitting(plan, lengths_in(options.sound.voices), spoken_in(options.sound.voices))
    plan = plan.spoken(lengths)
    script = load_input_script(options.script) if options.script else InputScript()
    outputs = _outputs(options.report)
    outputs.check()
    if options.record:
        check_writable(options.record)
    ledger = Ledger(min(int(plan.seconds * 1.5 + 60) * 120, LONGEST_LEDGER))
    sound, remembered = sound or Silent(), remembered or Remembered()
    session = _Session(
        *(options, plan, scenes, script, ledger, link, resume, pictures, sound, lengths, remembered, tuple(rated))
    )
    with ExitStack() as stack:
        headset = _open(session, options.wait or again, stack)
        if not await_device(headset, link):
            return Played()
        slow = headset.context.software and not options.zero_counts
        link.opened(headset.info, slow=slow)
        result = _play(session, headset)
        link.closing()
    link.writing()
    outputs.write(result.facts, ledger.rows(), result.control)
    if options.record:
        save_input_script(options.record, session.recorded)
    for path in (outputs.report, outputs.trace, outputs.plot, outputs.ledger, options.record):
        if path:
            say(f"wrote {path}")
    return Played(getattr(headset, "photographs", []))


def planned(options: Options, scenes: dict[str, Entry]) -> Plan:
    """The plan that is asked for. Raises PlanError."""
    try:
        name = load_wording(options.language).called(options.name)
        Typeface.load().check(name)
        load_labels(options.language)  # a broken file is told now, not amid the opening of a headset
    except WordingError as error:
        raise PlanError(str(error)) from None
    except ValueError as error:
        raise PlanError(f"the name: {error}") from None
    plan = load_plan(options.plan, scenes, names={"name": name}, avoid=options.avoid, language=options.language)
    if foreign := plan.foreign():
        log.warning("plan '%s': %s", plan.name, foreign)
    plan = speaking(plan, options.words)
    return plan if options.minutes is None else plan.lasting(options.minutes)


@dataclass(frozen=True, slots=True)
class _Session:
    """What is to be played, and with whom."""

    options: Options
    plan: Plan
    entries: Mapping[str, Entry]
    script: InputScript
    ledger: Ledger
    link: Link
    resume: Position | None
    pictures: PictureRing | None
    sound: LedSound
    lines: Mapping[str, Mapping[str, int]]  # recorded ones, by script
    remembered: Remembered
    rated: tuple[Rated, ...]
    recorded: list[tuple[float, Inputs]] = field(default_factory=list)


def _outputs(report: Path | None) -> Outputs:
    """The report and what lies beside it."""
    if report is None:
        return Outputs()
    return Outputs(
        report, report.with_suffix(".trace.json.gz"), report.with_suffix(".png"), report.with_suffix(".ledger.npz")
    )


# --- the headset


def _open(session: _Session, wait: bool, stack: ExitStack) -> OpenHeadset:
    """The first headset that works, in the order of the design; prints which and why."""
    wanted = session.options.headset
    if wanted in ("auto", "openxr"):
        from vr_app.doctor import implicit_layers

        try:
            return _open_openxr(session, wait, stack)
        except HeadsetUnavailable as error:
            if wanted == "openxr":
                raise
            say(f"headset: no OpenXR: {error}")
            if implicit_layers():
                say("headset: other programs have put layers under OpenXR; try `harborlight run --safe`")
    if wanted in ("auto", "desktop"):
        try:
            return _open_desktop(session, stack)
        except HeadsetUnavailable as error:
            if wanted == "desktop":
                raise
            say(f"headset: no desktop window: {error}")
    return _open_headless(session, stack)


def _open_openxr(session: _Session, wait: bool, stack: ExitStack) -> OpenHeadset:
    from vr_app.xr.headset import open_openxr

    headset = stack.enter_context(open_openxr(session.ledger, wanted_hz=session.options.hz, wait_for_device=wait))
    info = headset.info
    say(f"headset: OpenXR, {info.runtime}, {info.system}, {info.refresh_hz:g} Hz")
    return headset


def _open_desktop(session: _Session, stack: ExitStack) -> OpenHeadset:
    from vr_app.desktop.headset import open_desktop

    options = session.options
    headset = stack.enter_context(open_desktop(session.ledger, hz=options.hz, side_by_side=options.side_by_side))
    say(f"headset: desktop window, {headset.info.runtime}, {headset.info.refresh_hz:g} Hz")
    return headset


def _open_headless(session: _Session, stack: ExitStack) -> OpenHeadset:
    options, seconds = session.options, session.plan.seconds
    wanted = [seconds * (index + 0.5) / PHOTOGRAPHS for index in range(PHOTOGRAPHS)] if options.report else []
    headset = stack.enter_context(
        open_scripted(
            session.ledger,
            script=session.script,
            hz=options.hz or USUAL_HZ,
            clock="virtual" if options.virtual else "real",
            eye_size=options.eye_size,
            photograph_at=() if options.zero_counts else wanted,
        )
    )
    info = headset.info
    say(f"headset: headless, {info.runtime}, {info.refresh_hz:g} Hz, {headset.context.renderer_name}")
    return headset


def await_device(headset: Headset, link: Link) -> bool:
    """Return once a device is connected; False when nobody waits for it any more."""
    if headset.info.eye_size == (0, 0):
        say(f"headset: waiting for one to be connected ({headset.info.runtime}); Ctrl-C gives up")
    while headset.info.eye_size == (0, 0):
        if not link.wait():
            return False
        headset.poll()
        headset.rest()
    return True


# --- the session


@dataclass(frozen=True, slots=True)
class _Result:
    facts: Facts
    control: Control | None


def _play(session: _Session, headset: OpenHeadset) -> _Result:
    from vr_app.loop import Loop  # OpenGL may be imported only after the context is open
    from vr_app.render.mirror import Mirror
    from vr_app.render.renderer import Renderer

    options, plan, ledger, context = session.options, session.plan, session.ledger, headset.context
    least = 0 if context.software and not options.zero_counts else None  # so that what a processor draws is watchable
    labels = load_labels(options.language)
    renderer = Renderer(zero_counts=options.zero_counts, time_gpu=not context.software, detail=least, labels=labels)
    say(f"picture: {context.renderer_name}, OpenGL {context.version}, {renderer.path}")
    kit, resume = renderer.kit, session.resume
    first, lives = resume.step if resume else 0, session.link.loading
    loading = load_scenes(plan, session.entries, kit, kit.uploads, first=first, lives=lives)
    if options.virtual or least is not None:
        kit.uploads.finish()  # the same pictures every time; and where frames are few, slices would be too
    director = Director(
        *(plan, loading.scenes, headset),
        locked=True,
        resume=resume,
        ready=loading.ready,
        sound=session.sound,
        recorded={script: frozenset(lines) for script, lines in session.lines.items()},
        rehearsal=options.rehearsal,
        remembered=session.remembered,
        wording=load_wording(options.language),
        visit=options.visit,
        avoid=options.avoid,
        rated=session.rated,
    )
    director.build(kit, loading.failures)
    renderer.warm_up(headset.info.eye_size, lives)
    hz = headset.info.refresh_hz or USUAL_HZ
    control_loop = None if options.virtual else ControlLoop(round(1e9 / hz))
    with ExitStack() as stack:
        if control_loop:
            stack.enter_context(control_loop)
        collector = stack.enter_context(Collector(ledger))
        clock = SessionClock(LONGEST_STEP if least is None else SLOW_STEP)
        loop = Loop(headset, director, renderer, ledger, collector, clock, session.link, session.sound, loading=loading)
        if least is not None:
            loop.governor = Governor(detail=least)
        if session.pictures is not None:
            loop.mirror = Mirror(session.pictures)
        if options.dev:
            from vr_app.render.reload import ShaderWatch

            loop.look = ShaderWatch(kit, say).look
        if options.record:
            loop.on_inputs = lambda time, inputs: session.recorded.append((time, inputs))
        say(f"playing: {plan.title}, {plan.seconds / 60:.1f} minutes")
        loop.run()
        renderer.close()
    _told(options, director.journal, ledger)
    facts = _facts(options, headset, director.journal, loop.governor.scale, session.sound)
    return _Result(facts, control_loop.read() if control_loop else None)


# --- what it came to


def _told(options: Options, journal: Journal, ledger: Ledger) -> None:
    rows = ledger.rows()
    drawn = rows[rows[:, REPLAYED] > 0, REPLAYED]
    if len(drawn) and options.launched:
        journal.events.insert(0, (0.0, f"first image {drawn[0] / 1e9 - options.launched:.2f} s after launch"))
        say(journal.events[0][1])
    for time, words in journal.faults:
        say(f"fault at {time:.1f} s: {words}", file=sys.stderr)


def _facts(options: Options, headset: OpenHeadset, journal: Journal, scale: float, sound: LedSound) -> Facts:
    info = headset.info
    return Facts(
        headset=info.headset,
        runtime=info.runtime,
        system=info.system,
        renderer=headset.context.renderer_name,
        refresh_hz=info.refresh_hz,
        eye_size=info.eye_size,
        software_rasteriser=headset.context.software,
        zero_counts=options.zero_counts,
        scale=scale,
        scenes=[{"at": round(time, 3), "scene": scene} for time, scene in journal.scenes],
        events=[{"at": round(time, 3), "what": words} for time, words in journal.events],
        faults=[f"{time:.3f} s: {words}" for time, words in journal.faults],
        audio=None if isinstance(sound, Silent) else _heard(sound),
    )


def _heard(sound: LedSound) -> dict[str, int | str]:
    return {
        "starvations": sound.starvations,
        "engine_restarts": sound.restarts,
        "state": sound.state.name.lower(),
        "device": sound.told,
    }
