"""Puts a session together: headset, renderer, scenes, director, loop; and writes what it came to."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal, Protocol

from vr_app.api import Inputs, Scene
from vr_app.bake import bake_in_worker
from vr_app.catalogue import Entry, find_scenes
from vr_app.clock import SessionClock
from vr_app.commands import Command, EndGently, Go, Leave, SetQuiet, StopNow
from vr_app.director import Director, Journal
from vr_app.headset import Headset, HeadsetUnavailable
from vr_app.link import Mailbox
from vr_app.plan import HOME, Plan, load_plan
from vr_app.render.context import Context
from vr_app.scripted.headset import Photograph, open_scripted
from vr_app.scripted.script import InputScript, load_input_script, save_input_script
from vr_app.timing.collector import Collector
from vr_app.timing.control import Control, ControlLoop
from vr_app.timing.ledger import REPLAYED, Ledger
from vr_app.timing.report import Facts, Outputs, check_writable

log = logging.getLogger(__name__)
say = partial(print, flush=True)  # a line is seen when it is said, through a pipe too

USUAL_HZ = 90.0  # where a runtime does not tell
PHOTOGRAPHS = 12  # of a headless run, spread over the plan
LONGEST_LEDGER = 120 * 3600  # frames: an hour at 120 Hz, 65 MB
WORDS: Mapping[str, Command] = {
    "go": Go(),
    "quiet": SetQuiet(True),
    "end": EndGently(),
    "stop": StopNow(),
    "leave": Leave(),
}


class OpenHeadset(Headset, Protocol):
    """A headset that has been opened, with the context its pictures are drawn in."""

    @property
    def context(self) -> Context: ...


@dataclass(frozen=True, slots=True)
class Options:
    """What `harborlight run` was asked for."""

    headset: Literal["auto", "openxr", "headless"] = "auto"
    plan: str = "lantern"
    minutes: float | None = None
    name: str = "Your therapist"
    report: Path | None = None
    record: Path | None = None
    script: Path | None = None
    hz: float | None = None
    virtual: bool = False
    eye_size: tuple[int, int] | None = None
    wait: bool = False
    hold: bool = False
    zero_counts: bool = False
    launched: float = 0.0  # host monotonic seconds


@dataclass(slots=True)
class Played:
    """A session that is over, and what a headless one was seen to look like."""

    photographs: list[Photograph] = field(default_factory=list)


def run(options: Options) -> Played:
    """Play a plan to its end. Raises PlanError, ScriptFileError, OutputError or HeadsetUnavailable before it begins."""
    if options.zero_counts:
        os.environ.setdefault("LP_NO_RAST", "1")  # Mesa: no rasteriser either, as a GPU would spare us
    scenes = find_scenes()
    plan = load_plan(options.plan, scenes, names={"name": options.name})
    if options.minutes is not None:
        plan = plan.lasting(options.minutes)
    script = load_input_script(options.script) if options.script else InputScript()
    outputs = _outputs(options.report)
    outputs.check()
    if options.record:
        check_writable(options.record)
    bake_in_worker()
    ledger = Ledger(min(int(plan.seconds * 1.5 + 60) * 120, LONGEST_LEDGER))
    recorded: list[tuple[float, Inputs]] = []
    with ExitStack() as stack:
        headset = _open(options, plan, ledger, script, stack)
        result = _play(options, plan, scenes, headset, ledger, recorded)
    outputs.write(result.facts, ledger.rows(), result.control)
    if options.record:
        save_input_script(options.record, recorded)
    for path in (outputs.report, outputs.trace, outputs.plot, outputs.ledger, options.record):
        if path:
            say(f"wrote {path}")
    return Played(getattr(headset, "photographs", []))


def _outputs(report: Path | None) -> Outputs:
    """The report and what lies beside it."""
    if report is None:
        return Outputs()
    return Outputs(
        report, report.with_suffix(".trace.json.gz"), report.with_suffix(".png"), report.with_suffix(".ledger.npz")
    )


# --- the headset


def _open(options: Options, plan: Plan, ledger: Ledger, script: InputScript, stack: ExitStack) -> OpenHeadset:
    """The first headset that works, in the order of the design; prints which and why."""
    if options.headset != "headless":
        from vr_app.xr.headset import open_openxr

        try:
            opened = stack.enter_context(open_openxr(ledger, wanted_hz=options.hz, wait_for_device=options.wait))
            await_device(opened)
            say(f"headset: OpenXR, {opened.info.runtime}, {opened.info.system}, {opened.info.refresh_hz:g} Hz")
            return opened
        except HeadsetUnavailable as error:
            if options.headset == "openxr":
                raise
            say(f"headset: no OpenXR: {error}")
            say("headset: no desktop window in this version; playing headless")
    wanted = [plan.seconds * (index + 0.5) / PHOTOGRAPHS for index in range(PHOTOGRAPHS)] if options.report else []
    scripted = stack.enter_context(
        open_scripted(
            ledger,
            script=script,
            hz=options.hz or 90.0,
            clock="virtual" if options.virtual else "real",
            eye_size=options.eye_size,
            photograph_at=() if options.zero_counts else wanted,
        )
    )
    say(
        f"headset: headless, {scripted.info.runtime}, {scripted.info.refresh_hz:g} Hz, {scripted.context.renderer_name}"
    )
    return scripted


def await_device(headset: Headset) -> None:
    """Return once a device is connected; only `--wait` opens a headset without one. Ctrl-C gives up."""
    if headset.info.eye_size == (0, 0):
        say(f"headset: waiting for one to be connected ({headset.info.runtime}); Ctrl-C gives up")
    while headset.info.eye_size == (0, 0):
        headset.poll()
        headset.rest()


# --- the session


@dataclass(frozen=True, slots=True)
class _Result:
    facts: Facts
    control: Control | None


def _play(
    options: Options,
    plan: Plan,
    entries: Mapping[str, Entry],
    headset: OpenHeadset,
    ledger: Ledger,
    recorded: list[tuple[float, Inputs]],
) -> _Result:
    from vr_app.loop import Loop  # OpenGL may be imported only after the context is open
    from vr_app.render.renderer import Renderer

    context = headset.context
    renderer = Renderer(zero_counts=options.zero_counts, time_gpu=not context.software)
    say(f"picture: {context.renderer_name}, OpenGL {context.version}, {renderer.path}")
    scenes, failures = _built(plan, entries, renderer)
    director = Director(plan, scenes, headset)
    director.build(renderer.kit, failures)
    renderer.warm_up(headset.info.eye_size)
    mailbox = Mailbox()
    if not options.hold:
        mailbox.post(Go())
    hz = headset.info.refresh_hz or USUAL_HZ
    control_loop = None if options.virtual else ControlLoop(round(1e9 / hz))
    with ExitStack() as stack:
        if control_loop:
            stack.enter_context(control_loop)
        collector = stack.enter_context(Collector(ledger))
        stack.enter_context(_listening(mailbox))
        keep = (lambda time, inputs: recorded.append((time, inputs))) if options.record else None
        say(f"playing: {plan.title}, {plan.seconds / 60:.1f} minutes; steer with {', '.join(WORDS)} and Enter")
        Loop(headset, director, renderer, ledger, collector, SessionClock(), mailbox, on_inputs=keep).run()
        renderer.close()
    _told(options, director.journal, ledger)
    return _Result(_facts(options, headset, director.journal), control_loop.read() if control_loop else None)


def _built(plan: Plan, entries: Mapping[str, Entry], renderer: Any) -> tuple[dict[str, Scene], dict[str, str]]:
    """The plan's scenes and the calm room, built; and why one could not be."""
    scenes: dict[str, Scene] = {}
    failures: dict[str, str] = {}
    for name in dict.fromkeys([HOME, *(step.scene for step in plan.steps)]):
        entry = entries[name]
        if entry.scene is None:
            failures[name] = entry.broken
            continue
        try:
            scene = entry.scene()
            scene.build(renderer.kit)
            scenes[name] = scene
        except Exception as error:  # a scene may raise anything; the others go on
            log.debug("scene '%s' cannot be built", name, exc_info=True)
            failures[name] = str(error)
    return scenes, failures


@contextmanager
def _listening(mailbox: Mailbox) -> Iterator[None]:
    """Commands from the terminal: the words of WORDS, a line each; Ctrl-C ends gently, twice leaves."""
    asked: list[Command] = []

    def interrupted(number: int, _: object) -> None:
        command: Command = Leave() if asked or number == signal.SIGTERM else EndGently()
        asked.append(command)
        mailbox.post(command)

    before = {number: signal.signal(number, interrupted) for number in (signal.SIGINT, signal.SIGTERM)}
    terminal = _terminal()
    if terminal is not None:
        threading.Thread(target=_read_words, args=(terminal, mailbox), name="terminal", daemon=True).start()
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _terminal() -> int | None:
    """The file descriptor that words come from, if there is one."""
    try:
        return sys.stdin.fileno() if sys.stdin else None
    except (OSError, ValueError):
        return None


def _read_words(file: int, mailbox: Mailbox) -> None:
    """Blocks in a read, without the interpreter lock, for as long as the session lasts."""
    rest = b""
    while chunk := os.read(file, 4096):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            word = line.decode(errors="replace").strip().lower()
            if word in WORDS:
                mailbox.post(WORDS[word])
            elif word:
                say(f"not understood: {word!r}; type {', '.join(WORDS)}", file=sys.stderr)


# --- what it came to


def _told(options: Options, journal: Journal, ledger: Ledger) -> None:
    rows = ledger.rows()
    drawn = rows[rows[:, REPLAYED] > 0, REPLAYED]
    if len(drawn) and options.launched:
        journal.events.insert(0, (0.0, f"first image {drawn[0] / 1e9 - options.launched:.2f} s after launch"))
        say(journal.events[0][1])
    for time, words in journal.faults:
        say(f"fault at {time:.1f} s: {words}", file=sys.stderr)


def _facts(options: Options, headset: OpenHeadset, journal: Journal) -> Facts:
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
        scenes=[{"at": round(time, 3), "scene": scene} for time, scene in journal.scenes],
        events=[{"at": round(time, 3), "what": words} for time, words in journal.events],
        faults=[f"{time:.3f} s: {words}" for time, words in journal.faults],
    )
