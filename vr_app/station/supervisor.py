"""The supervisor: one thread that waits in one place for all processes of a session and all who steer it.

It never waits for a disk, a pipe or a process: files are written on a thread of their own, pipes are fed by theirs,
and a process that gives no sign of life is ended and started anew. A stop is answered whatever else is wrong.
"""

from __future__ import annotations

import itertools
import logging
import queue
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from multiprocessing.connection import wait
from typing import Final, Literal, NamedTuple

import msgspec

from vr_app import logs
from vr_app.baking import bake_in_worker
from vr_app.commands import Command, EndGently, Go, Leave, LoadPlan, SetPhase, Stop, Watch
from vr_app.folders import data_folder, run_folder
from vr_app.options import Options
from vr_app.shared import Duty
from vr_app.sound.desk import Desk
from vr_app.sound.options import NO_DEVICE
from vr_app.station.child import SPAWN, Child, messages
from vr_app.station.control import Control
from vr_app.station.disk import Disk
from vr_app.station.door import Door
from vr_app.station.hosts import Afterwards, CompanionHost, MonitorHost, RenderHost, SoundHost, say
from vr_app.station.keeper import CannotKeep, Keeper, PlanFile
from vr_app.station.memory import Memory
from vr_app.station.messages import (
    SCHEMA,
    Bookkeeping,
    Erased,
    Farewell,
    Kept,
    Opened,
    Position,
    Put,
    Recall,
    Recalled,
    Refused,
    Reply,
    decode_asked,
    decode_command,
    decode_message,
    decode_report,
    encode,
    encode_command,
)
from vr_app.station.notices import About, Notices
from vr_app.station.page import Page
from vr_app.station.parent import hold_children
from vr_app.station.ring import PictureRing
from vr_app.station.single import alone
from vr_app.station.standing import Standing
from vr_app.station.stop import Answer, StopServer
from vr_app.station.terminal import listening
from vr_app.station.watching import Watching
from vr_app.station.words import USAGE, Asked, Step, meant

log = logging.getLogger(__name__)

TICK_SECONDS: Final = 0.02
BUSY_TICK_SECONDS: Final = 0.002  # while somebody waits for an answer
ORDER_SECONDS: Final = 0.06  # then a stop is answered with what is known
REPLY_SECONDS: Final = 1.0  # then a command is
CHECK_SECONDS: Final = 20.0  # then a plan is that was to be loaded: the process that looks may be starting
RECORDED_SECONDS: Final = 3.0  # at the end, for what is not in the records yet
REST_SECONDS: Final = 60.0  # without a page, then a station whose session is over ends
PLAYING: Final = "playing"  # vr_app.director.Mode, which is too heavy to import here
MAY_LOAD: Final = ("waiting in the calm room", "held in the calm room", "stopped in the calm room", "over")
OVER: Final = "the session is over; choose the next plan"
NOBODY: Final = "Nobody could steer for a minute, so the session ends gently"
TABLET_LOST: Final = "A tablet has been lost; everything goes on"
KEEP_SECONDS: Final = 1.0  # between two writings of the place in the plan


class Waiting(NamedTuple):
    """Somebody waits for the answer to a command."""

    until: float  # monotonic seconds
    answer: Answer
    order: int = 0  # the standing order that is to be taken; 0: a reply is to come
    command: Command | None = None  # that the reply is to


class Supervisor:
    """One session, from `harborlight run` to its end."""

    def __init__(
        self,
        options: Options,
        resume: Position | None,
        *,
        monitor: bool,
        afterwards: Afterwards,
        door: Door | None = None,
    ) -> None:
        """`resume` takes a plan up where it stood; the render process calls `afterwards` with what was played.

        `door`: where a companion is to listen; None: none is wanted.
        """
        self._keeper = Keeper(data_folder())
        self._disk = Disk()
        self._standing = Standing()
        heard = Desk.cells(SPAWN) if options.sound.device != NO_DEVICE and not options.virtual else None
        cells = Page.cells(SPAWN), PictureRing.cells(SPAWN), heard
        self._page = Page(cells[0])
        self._notices = Notices(self._page)
        self._memory = Memory()
        self._render = RenderHost(options, cells, self._standing, self._notices, resume, afterwards, self._memory)
        self._sound = SoundHost(heard, options.sound, verbose=options.verbose)
        self._monitor = MonitorHost(cells[:2], wanted=monitor, verbose=options.verbose)
        self._companion = CompanionHost(cells[:2], door, options)
        self._watching = Watching()
        self._control = Control()
        self._virtual = options.virtual
        self._verbose = options.verbose
        self._rests_until = 0.0  # monotonic seconds, while the session is over; 0: it is not
        self._waiting: dict[int, Waiting] = {}
        self._numbers = itertools.count(1)
        self._inbox: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._keep_at = 0.0
        self._phases = 0  # asked for so far: an unlocking that the disk was slow to take may have been overtaken

    def run(self) -> int:
        """Play to the end; returns the exit status. Raises AnotherRuns or OSError before it begins."""
        hold_children()
        with ExitStack() as stack:
            stack.enter_context(alone(run_folder()))
            stack.enter_context(logs.start("supervisor", verbose=self._verbose))
            self._server = StopServer(self.ask, run_folder())
            stack.callback(self._server.close)
            self._terminal = stack.enter_context(listening(self._post_asked))
            bake_in_worker()
            self._sound.warm()
            stack.callback(self._close)
            self._render.locked = self._keeper.phase.locked
            if self._render.locked:
                say(f"VR is {self._keeper.phase.why}; say: unlock NAME")
            self._render.start()
            while self._render.exit is None or self._rests(time.monotonic()):
                self._turn()
        return self._render.exit

    def ask(self, asked: Asked, answer: Answer) -> None:
        """Have a command carried out; `answer` is called once, within about a second."""
        command = asked.command
        match command:
            case "status" | "companion":
                self._ask_about(command, answer)
            case Step():
                self._ask_step(command, asked, answer)
            case Watch():
                self._forward(self._watching.ask(asked.surface, command), answer)
            case _ if self._render.exit is not None and not isinstance(command, (LoadPlan, SetPhase)):
                self._ask_resting(command, answer)
            case SetPhase():
                self._ask_phase(command, asked.by, answer)
            case Go() if self._render.locked:
                answer(False, "VR is locked; say: unlock NAME")
            case LoadPlan():
                self._ask_load(command, answer)
            case _ if isinstance(command, Stop):
                self._ask_stop(command, answer)
            case _:
                self._forward(command, answer)

    def _ask_about(self, what: Literal["status", "companion"], answer: Answer) -> None:
        if what == "status":
            answer(True, self._told())
            return
        address = self._companion.address()
        answer(address is not None, address or "no companion runs; start Harborlight without --no-companion")

    def _ask_step(self, step: Step, asked: Asked, answer: Answer) -> None:
        """What it means depends on how things stand."""
        if self._render.status is None:
            answer(False, "the picture is being started; ask again in a moment")
        else:
            self.ask(asked._replace(command=meant(step, self._render.status)), answer)

    # --- one turn: wait for all, serve what is ready, look after the rest

    def _turn(self) -> None:
        children = self._children()
        pipes = [child.reports for child in children if not child.mute]
        sentinels = [child.sentinel for child in children]
        tick = BUSY_TICK_SECONDS if self._waiting else TICK_SECONDS
        for ready in wait([*pipes, *sentinels, *self._server.waitable()], tick):
            if ready not in pipes and ready not in sentinels:
                self._server.serve(ready)
        while not self._inbox.empty():
            self._inbox.get()()
        for child in children:
            for data in messages(child):
                self._hear(child, data)
        now = time.monotonic()
        self._render.look_after(now)
        self._sound.look_after(now, led=self._render.plays)
        self._monitor.look_after(now, self._render.opened)
        idle = self._page.beat().duty is Duty.IDLE  # it waits for a headset
        self._companion.look_after(now, picture=self._render.status is not None or idle)
        self._remember(now)
        self._forget_watchers()
        self._look_for_control(now)
        self._answer(now)
        self._keep(now)
        self._server.tidy(now)

    def _children(self) -> list[Child]:
        render, sound = self._render, self._sound
        children = render.child, render.spare, sound.child, self._monitor.child, self._companion.child
        return [child for child in children if child is not None]

    def _hear(self, child: Child, data: bytes) -> None:
        try:
            if child is self._sound.child:
                log.warning("the sound process said something")
            elif child is self._monitor.child or child is self._companion.child:
                self._hear_surface(child, data)
            else:
                self._hear_render(data)
        except Refused as error:
            log.warning("a message of the %s process was refused: %s", child.name, error)

    def _hear_render(self, data: bytes) -> None:
        match decode_report(data):
            case Reply(number, refused):
                waiting = self._waiting.pop(number, None)
                if waiting is not None:
                    if waiting.command is not None and refused is None:
                        self._standing.heed(waiting.command)
                    waiting.answer(refused is None, refused or "done")
            case Opened() as opened:
                if self._render.opened is None:
                    say(f"steer with {USAGE} and Enter, or `harborlight tell`; Ctrl-C ends gently, twice leaves")
                self._render.hear_opened(opened)
            case Farewell() as farewell:
                self._render.hear_farewell(farewell)
            case Put() as put:
                self._memory.put(put)

    def _hear_surface(self, child: Child, data: bytes) -> None:
        """What a surface asks; it hears the answer under its own number."""
        message = decode_message(data)

        def answer(ok: bool, words: str) -> None:
            child.sender.send(encode(Reply(message.id, None if ok else words)))

        try:
            if child is not self._companion.child:
                self.ask(Asked(decode_command(message), "the monitor", child.name), answer)
                return
            asked = decode_asked(message)
            if isinstance(asked, Bookkeeping):
                self._hear_bookkeeping(asked, answer)
            else:
                self.ask(Asked(asked, message.by, child.name), answer)
        except Refused as error:
            answer(False, str(error))

    def _hear_bookkeeping(self, said: Bookkeeping, answer: Answer) -> None:
        match said:
            case Recall(patient):
                self._memory.recall(patient)
                answer(True, "recalled")
            case Recalled(patient, scene, key, value):
                refused = self._memory.recalled(patient, scene, key, value)
                answer(refused is None, refused or "recalled")
            case Erased(patient, work):
                self._memory.erase(patient, work)
                answer(True, "erased")
            case Kept(number):
                self._memory.kept(number)

    def _remember(self, now: float, *, hurry: bool = False) -> None:
        """To the companion, what belongs into the records."""
        child = self._companion.child
        if child is None:
            self._memory.companion_lost()
            return
        for keep in self._memory.due(now, hurry=hurry):
            if not child.sender.send(encode(keep)):
                return
            self._memory.sent(keep, now)

    # --- what is asked

    def _told(self) -> str:
        """How things stand, as one line of JSON."""
        children = {child.name: child.process.pid for child in self._children()}
        duty, silent = self._page.beat()
        told = {
            "children": children,
            "locked": self._render.locked,
            "owes": duty.name.lower(),
            "silent_seconds": round(silent, 3),
            "monitor_owes": self._page.surface_beat().duty.name.lower(),
            "companion_owes": self._page.companion_beat().duty.name.lower(),
            "pages": self._companion.pages,
            "notice": self._page.notice(),
            "sound": self._sound.told(),
            "status": self._render.status,
        }
        return msgspec.json.encode(told).decode()

    def _ask_stop(self, stop: Stop, answer: Answer) -> None:
        """By the page, which is never full and never closed."""
        now = time.monotonic()
        if not isinstance(stop, EndGently):
            self._sound.silence()
        order = self._render.order(stop, now)
        if self._render.child is None:
            answer(True, "the picture is being started anew, in the calm room")
        else:
            self._waiting[next(self._numbers)] = Waiting(now + ORDER_SECONDS, answer, order)

    def _ask_resting(self, command: Command, answer: Answer) -> None:
        """The session is over, and the station stays for its pages."""
        if isinstance(command, (EndGently, Leave)):
            self._rests_until = -1.0
            answer(True, "Harborlight ends")
        elif isinstance(command, Stop):
            answer(True, "nothing plays; the session is over")
        else:
            answer(False, OVER)

    def _ask_load(self, load: LoadPlan, answer: Answer) -> None:
        """Looked at by a process that stands by, so that nothing is replaced for a plan that cannot be played."""
        named = load.plan.replace("_", "").isalnum()
        refused = self._may_not_load(load) if named else "a plan is loaded by its name, not a path"
        if refused is not None:
            answer(False, refused)
            return
        number = next(self._numbers)
        if not self._render.check(number, load):
            answer(False, "the plan cannot be looked at just now; ask again in a moment")
            return
        self._waiting[number] = Waiting(time.monotonic() + CHECK_SECONDS, partial(self._load, load, answer))

    def _load(self, load: LoadPlan, answer: Answer, ok: bool, words: str) -> None:
        """It was looked at."""
        refused = self._may_not_load(load) if ok else words
        if refused is not None:
            answer(False, refused)
            return
        self._standing.forget_plan()
        self._memory.begin(load.patient)
        self._render.load(load, time.monotonic())
        answer(True, "the plan is loaded in the calm room; say go to play it")

    def _may_not_load(self, load: LoadPlan) -> str | None:
        """Why not this plan, now and for this patient."""
        return self._plays() or self._memory.why_not(load.patient)

    def _plays(self) -> str | None:
        """Why no other plan may be loaded now."""
        if self._render.locked:
            return "VR is locked; unlock it before another plan is loaded"
        self._render.read_status(time.monotonic())  # a page may have seen it before this thread has
        status = self._render.status
        if self._render.exit is None and status is not None and status.mode not in MAY_LOAD:
            return f"the session is {status.mode}; stop or end it before another plan is loaded"
        return None

    def _ask_phase(self, phase: SetPhase, by: str, answer: Answer) -> None:
        """A lock holds at once, an unlocking once the disk has it."""
        self._phases += 1
        if phase.locked:
            self._apply_phase(phase, self._phases)

        def write(asked: int = self._phases) -> None:
            try:
                if phase.locked:
                    self._keeper.lock(by)
                else:
                    self._keeper.unlock(by)
                    self._inbox.put(partial(self._apply_phase, phase, asked))
                self._inbox.put(partial(answer, True, "VR is locked" if phase.locked else "VR is unlocked"))
            except CannotKeep as error:
                self._inbox.put(partial(answer, False, str(error)))

        self._disk.later(write)

    def _apply_phase(self, phase: SetPhase, asked: int) -> None:
        if asked != self._phases:
            return
        self._render.locked = phase.locked
        self._forward(phase, lambda ok, words: None)

    def _forward(self, command: Command, answer: Answer) -> None:
        """To the render process; what describes a state and was not refused holds there after a new start too."""
        child = self._render.child
        if child is None:
            kept = self._standing.heed(command)
            answer(kept, "it will be so" if kept else "the picture is being started anew; ask again in a moment")
            return
        number = next(self._numbers)
        try:
            sent = child.sender.send(encode_command(number, command))
        except Refused as error:
            answer(False, str(error))
            return
        if not sent:
            answer(False, "the picture takes no commands at the moment; a stop is always taken")
            return
        if isinstance(command, Go):
            self._render.go_on()
        self._waiting[number] = Waiting(time.monotonic() + REPLY_SECONDS, answer, command=command)

    def _answer(self, now: float) -> None:
        for number, (until, answer, order, _) in [*self._waiting.items()]:
            if order and self._render.taken(order):
                answer(True, "taken")
            elif now < until:
                continue
            elif order:
                answer(True, "it stands; the picture does not answer, and is started anew if that lasts")
            else:
                answer(False, "no answer from the picture")
            del self._waiting[number]

    # --- the outside

    def _post_asked(self, asked: Asked, answer: Answer) -> None:
        """From another thread or a signal handler."""
        self._inbox.put(partial(self.ask, asked, answer))

    def _forget_watchers(self) -> None:
        """A surface that is gone watches nothing."""
        for host, name in ((self._monitor, "monitor"), (self._companion, "companion")):
            if host.child is None and (watch := self._watching.forget(name)) is not None:
                self._forward(watch, lambda ok, words: None)

    def _look_for_control(self, now: float) -> None:
        """Where a companion is wanted, a session that nobody can steer ends; a page that was lost is told of."""
        if self._companion.door is None:
            return
        self._notices.post(About.TABLET, TABLET_LOST if self._companion.lost else "")
        opened, status = self._render.opened, self._render.status
        worn = opened is not None and opened.kind == "openxr"  # else somebody sits before its window, or it is a script
        at_hand = self._monitor.child is not None or self._terminal.there
        steered = self._companion.pages > 0 or at_hand or not worn
        if steered:
            self._notices.post(About.CONTROL, "")
        plays = self._render.plays and status is not None and status.mode == PLAYING
        if self._control.lost(now, plays=plays, steered=steered):
            self._notices.post(About.CONTROL, NOBODY)
            say(NOBODY)
            log.warning("nobody could steer; the session ends gently")
            self._ask_stop(EndGently(), lambda ok, words: None)

    def _rests(self, now: float) -> bool:
        """Whether the station stays although its session is over: for pages, until REST_SECONDS after the last."""
        if self._render.exit != 0 or self._render.leaves or self._rests_until < 0.0:
            return False
        if not self._rests_until:
            if not self._companion.pages:
                return False
            say("the session is over; the companion stays until its pages are closed, or Ctrl-C")
            self._keep_ended()
        if self._companion.pages or not self._rests_until:
            self._rests_until = now + REST_SECONDS
        return now < self._rests_until

    def _record_the_rest(self) -> None:
        """What scenes put last, into the records while there is a companion; it has so long for it, and no more."""
        until = time.monotonic() + RECORDED_SECONDS
        while self._memory.waits and (child := self._companion.child) is not None and time.monotonic() < until:
            self._remember(time.monotonic(), hurry=True)
            wait([child.reports, child.sentinel], TICK_SECONDS)
            for data in messages(child):
                self._hear(child, data)
            if child.ended:
                return

    def _keep(self, now: float) -> None:
        """The place in the plan, on the disk."""
        status = self._render.status
        if self._render.exit is not None:
            return
        self._rests_until = 0.0
        if status is not None and now >= self._keep_at and not self._virtual:
            self._keep_at = now + KEEP_SECONDS
            self._disk.latest(partial(self._keeper.keep, self._plan_file(status.position, ended=False)))

    def _keep_ended(self) -> None:
        status = self._render.status
        if status is not None and not self._virtual:
            self._disk.latest(partial(self._keeper.keep, self._plan_file(status.position, ended=True)))

    def _plan_file(self, position: Position, *, ended: bool) -> PlanFile:
        options = self._render.options
        return PlanFile(SCHEMA, options.plan, options.minutes, options.name, position, ended)

    def _close(self) -> None:
        """Everything is over: each child may end by itself, then it is ended."""
        self._record_the_rest()
        self._page.end()
        self._render.close()
        self._monitor.close()
        self._companion.close()
        self._sound.close()
        if self._render.exit == 0:
            self._keep_ended()
        self._disk.close()
