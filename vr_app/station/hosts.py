"""Keep the processes of a session running: start, watch, end, start anew."""

from __future__ import annotations

import logging
import os
import sys
import threading
import webbrowser
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from vr_app import limits
from vr_app.commands import Command, EndGently, Go, Leave, LoadPlan, SetPhase, Stop
from vr_app.options import Options
from vr_app.shared import Duty
from vr_app.sound.desk import Desk
from vr_app.sound.options import SoundOptions
from vr_app.sound.warming import Warming
from vr_app.station import companion, monitor, render, sound
from vr_app.station.announce import Announcer, picture_has_stopped
from vr_app.station.child import Child
from vr_app.station.door import MOST_KEYS, Door
from vr_app.station.memory import Memory
from vr_app.station.messages import Check, Farewell, Opened, Position, Start, Status, decode_status, encode
from vr_app.station.notices import About, Notices
from vr_app.station.page import Page
from vr_app.station.standing import Standing
from vr_app.station.watch import Watchdog

if TYPE_CHECKING:
    from vr_app.app import Played

log = logging.getLogger(__name__)
say = partial(print, flush=True)

RETRY_SECONDS: Final = 1.0  # between two attempts to have the headset back
SPARE_SECONDS: Final = 1.0  # of playing, before the next one is made ready
CLOSE_SECONDS: Final = 3.0  # for a process's own end
FRUITLESS: Final = 3  # starts in a row, before a session that never had a frame gives up
LATE_SECONDS: Final = 8.0  # then the companion is started even though there is no picture yet
NO_ENGINE: Final = "the sound cannot be started; run `harborlight doctor`"

Afterwards = Callable[[Options, "Played"], None]


class RenderHost:
    """The render process: there is one as long as the session lasts, whatever happens to it."""

    def __init__(
        self,
        options: Options,
        cells: tuple[Any, Any, Any | None],
        standing: Standing,
        notices: Notices,
        resume: Position | None,
        afterwards: Afterwards | None,
        memory: Memory,
    ) -> None:
        """`cells` are those of the page, of the pictures and of the sound's desk, where there is one."""
        self.child: Child | None = None
        self.spare: Child | None = None  # stands by, to take the other's place
        self.opened: Opened | None = None
        self.status: Status | None = None
        self.exit: int | None = None  # the session's exit status, once it is over
        self.locked = True
        self.options, self._cells, self._standing, self._notices = options, cells, standing, notices
        self._resume, self._afterwards, self._memory = resume, afterwards, memory
        self._page = Page(cells[0])
        self._watchdog = Watchdog()
        self._announcer = Announcer()
        self._ending: Stop | None = None
        self._load: LoadPlan | None = None  # what is played instead of what the command line asked for
        self._next: LoadPlan | None = None  # what is to be, once the process that is there has ended
        self._next_until = 0.0
        self._order = 0  # the number of the last standing order
        self._ordered_at = 0.0
        self._fruitless = 0
        self._retry_at = self._spare_at = 0.0
        self._stopped_at = 0.0  # monotonic seconds; 0: the picture is there
        self._announced = False

    # --- what it is told

    def order(self, stop: Stop, now: float) -> int:
        """Leave a standing order; its number, by which it is seen to be taken."""
        self._ending = stop if isinstance(stop, (EndGently, Leave)) else None
        self._order, self._ordered_at = self._page.order(stop), now
        if self.child is None and isinstance(stop, Leave):
            self.exit = 0
        return self._order

    def go_on(self) -> None:
        """An end that was asked for is taken back."""
        self._ending = None

    def taken(self, number: int) -> bool:
        return self._page.taken(number)

    def check(self, number: int, load: LoadPlan) -> bool:
        """Ask the process that stands by whether a plan could be played: a Reply `number` comes. False: not asked."""
        if self.spare is None:
            self.spare = self._made()
        return self.spare.sender.send(encode(Check(number, load)))

    def load(self, load: LoadPlan, now: float) -> None:
        """Another plan in place of what is shown: the picture fades, and comes back in the calm room, held."""
        self._next, self._next_until = load, now + CLOSE_SECONDS
        self._ending = None
        if self.child is not None and not self.child.ended:
            self._page.order(Leave())

    @property
    def leaves(self) -> bool:
        """Whether somebody has asked for the end of everything."""
        return isinstance(self._ending, Leave)

    @property
    def plays(self) -> bool:
        """Whether there is one that leads the sound."""
        return self.child is not None and not self._stopped_at

    # --- its life

    def start(self) -> None:
        """The first, or the next one in place of one that was lost: then in the calm room, the plan held."""
        position, again = self._resume, self.opened is not None or self._load is not None
        orders: tuple[Command, ...] = (SetPhase(self.locked), *self._standing.commands())
        if again:
            position = self.status.position if self.status is not None else position
        elif not self.options.hold and position is None:
            orders = (*orders, Go())
        child, self.spare = self.spare, None
        self._page.expect_render(ready=child is not None)
        self.child = child or self._made()
        self.child.name = "render"
        rated = self.status.ratings if self.status is not None else ()
        begun = Start(orders, position, again, self._load, self._memory.visit, self._memory.known(), rated)
        self.child.sender.send(encode(begun))
        if again and self._ending is not None:
            self._page.order(self._ending)

    def _made(self) -> Child:
        """A process that makes ready and waits."""
        options = self.options
        if self.opened is not None:
            options = replace(options, headset="headless" if self.opened.kind == "scripted" else self.opened.kind)
        return Child("spare", render.main, options, *self._cells, more=(self._afterwards,))

    def look_after(self, now: float) -> None:
        """Many times a second; `now` in monotonic seconds."""
        self.read_status(now)
        child = self.child
        if self._next is not None:
            self._replace(self._next, now)
        elif self.exit is not None:
            if child is not None and child.ended:
                self._bury(child)
        elif child is None:
            if now >= self._retry_at:
                self._ordered_at = now  # an order that was not taken is the next one's, from now on
                self.start()
        elif child.ended:
            if child.mute:  # its last words, which may have been a farewell, were heard
                self._lose(child, now, child.how())
        else:
            untaken = 0.0 if self._page.taken(self._order) else now - self._ordered_at
            wrong = self._watchdog.look(now, self._page.beat(), untaken)
            if wrong is not None:
                self._lose(child, now, wrong)
        self._stand_by(now)
        if self._stopped_at and now - self._stopped_at > limits.RENDER_DEAD_SECONDS:
            self._announce()

    def _stand_by(self, now: float) -> None:
        """Keep one more process that has made ready, once the first plays."""
        if self.spare is not None and self.spare.ended:
            log.error("the process that stood by is lost (exit status %s)", self.spare.exit_status)
            self.spare.kill()
            self.spare, self._spare_at = None, now + RETRY_SECONDS
        if self.status is None or self._stopped_at or self.options.virtual:
            self._spare_at = now + SPARE_SECONDS
        elif self.spare is None and now >= self._spare_at:
            self.spare = self._made()

    def hear_opened(self, opened: Opened) -> None:
        self.opened = opened

    def hear_farewell(self, farewell: Farewell) -> None:
        """Done, or cannot begin; a session that has begun seeks its headset until it is told to leave."""
        if self._next is not None:
            return  # it makes room for another
        if self.status is not None and not farewell.lasting:
            log.warning("the render process gave up")
            return  # and is soon found ended
        if farewell.words:
            say(f"harborlight: {farewell.words}", file=sys.stderr)
        if farewell.status and self._load is not None:  # the one before was played: the station has done its work
            self._notices.post(About.PLAN, f"The plan could not be begun: {farewell.words}")
        self.exit = farewell.status if self._load is None else 0

    def close(self) -> None:
        """End it: by itself where it can."""
        if self.spare is not None:
            self.spare.kill()
        if self.child is not None:
            if not self.child.gone(0.0) and self.exit is None:
                self._page.order(Leave())
            self.child.gone(CLOSE_SECONDS)
            self.child.kill()

    def _replace(self, load: LoadPlan, now: float) -> None:
        """Once the process that was there has ended, or has taken too long to."""
        if self.child is not None:
            over = self.child.ended and self.child.mute  # its last words, which may be what a scene put, were heard
            if not over and now < self._next_until:
                return
            self._bury(self.child)
        self._next = None
        if self._ending is not None:  # an end was asked for meanwhile
            self.exit = 0
            return
        self._load, self.options = load, self.options.loaded(load)
        self._page.forget()
        worn = self.status is not None and self.status.worn  # a headset that stays on is the same exposure
        place = Position(exposure_seconds=self.status.exposure_seconds) if worn and self.status else Position()
        self.status, self._resume, self.exit = None, place, None
        self._fruitless, self._stopped_at, self._announced = 0, 0.0, False
        for about in (About.PICTURE, About.PLAN):
            self._notices.post(about, "")
        self.start()

    def _bury(self, child: Child) -> None:
        child.kill()
        self.child = None

    def _lose(self, child: Child, now: float, how: str) -> None:
        duty, silent = self._page.beat()
        log.error("the render process is lost (%s, exit status %s, silent for %.1f s)", duty, child.exit_status, silent)
        child.kill()
        self.child = None
        self._fruitless += 1
        self._retry_at = now if self._fruitless <= 1 else now + RETRY_SECONDS
        if self.exit is None:
            self.exit = self._over(duty, how)
        if self.exit is None:
            self._stopped_at = self._stopped_at or now
            say(f"the picture has stopped ({how}); it comes back in the calm room", file=sys.stderr)

    def _over(self, duty: Duty, how: str) -> int | None:
        """The session's exit status, if a render process that was lost was the last one."""
        if duty in (Duty.CLOSING, Duty.WRITING):
            say(f"harborlight: the session is over, but not all of it was written ({how})", file=sys.stderr)
            return 1
        if self.status is None and self._fruitless >= FRUITLESS:
            say(f"harborlight: the picture cannot be started ({how}); run `harborlight doctor`", file=sys.stderr)
            return 1
        return 0 if isinstance(self._ending, Leave) else None

    def read_status(self, now: float) -> None:
        """Take in what the render process has told, if it is new."""
        data = self._page.status()
        status = decode_status(data) if data is not None else None
        if status is None:
            return
        self.status = status
        self._fruitless = 0
        if self._stopped_at and self.child is not None:
            say(f"the picture is back after {now - self._stopped_at:.2f} s; say go to continue")
            self._stopped_at = 0.0
            self._announced = False
            self._notices.post(About.PICTURE, "")

    def _announce(self) -> None:
        """On every surface and spoken, once."""
        if not self._announced:
            self._announced = True
            words = picture_has_stopped(self.options.name)
            self._notices.post(About.PICTURE, words)
            say(words)
            self._announcer.say(words)


class MonitorHost:
    """The monitor: started once the headset is there, started anew when it is lost, left alone once it is closed."""

    def __init__(self, cells: tuple[Any, Any], *, wanted: bool, verbose: bool) -> None:
        self.child: Child | None = None
        self._wanted, self._verbose = wanted, verbose
        self._retry_at = self._started_at = 0.0
        self._cells = cells
        self._page = Page(cells[0])
        self._watchdog = Watchdog()

    def look_after(self, now: float, opened: Opened | None) -> None:
        child = self.child
        if child is None:
            if self._wanted and opened is not None and opened.kind != "desktop" and now >= self._retry_at:
                self._page.expect_surface()
                self._started_at = now
                self.child = Child("monitor", monitor.main, *self._cells, self._verbose)
            return
        wrong = child.how() if child.ended else self._watchdog.look(now, self._page.surface_beat())
        if wrong is None:
            return
        if child.exit_status == 0:  # somebody has closed the window
            self._wanted = False
        else:
            log.error("the monitor is lost (exit status %s)", child.exit_status)
            soon = now - self._started_at < RETRY_SECONDS
            self._retry_at = now + RETRY_SECONDS if soon else now
        child.kill()
        self.child = None

    def close(self) -> None:
        if self.child is not None:
            self.child.gone(CLOSE_SECONDS)
            self.child.kill()


class CompanionHost:
    """The pages' server: started when the picture is there, started anew when it is lost; no session ends for it."""

    def __init__(self, cells: tuple[Any, Any], door: Door | None, options: Options) -> None:
        """`door` None: none is wanted."""
        self.child: Child | None = None
        self.door = door
        self._cells, self._options = cells, options
        self._page = Page(cells[0])
        self._watchdog = Watchdog()
        self._retry_at = 0.0
        self._late_at: float | None = None
        self._fruitless = 0  # starts in a row after which it never came to live
        self._invited = 0  # keys that were given away

    def look_after(self, now: float, *, picture: bool) -> None:
        """Many times a second. `picture`: there is one, or nobody knows when there will be."""
        if self.door is None or self._fruitless >= FRUITLESS:
            return
        child = self.child
        if child is None:
            self._late_at = self._late_at or now + LATE_SECONDS
            if now >= self._retry_at and (picture or now >= self._late_at):
                self._start(self.door)
            return
        beat = self._page.companion_beat()
        wrong = child.how() if child.ended else self._watchdog.look(now, beat)
        if wrong is not None:
            self._lose(child, now, wrong)
        elif beat.duty is Duty.FRAMES:
            self._fruitless = 0
            if not self._invited:
                self._invite(self.door)

    @property
    def pages(self) -> int:
        """How many are connected."""
        return self._page.pages()[0] if self.child is not None else 0

    @property
    def lost(self) -> int:
        """How many pages went without a goodbye, and have not come back."""
        return self._page.pages()[1] if self.child is not None else 0

    def address(self) -> str | None:
        """Another one that opens a browser once; None: there is no companion, or too many were asked for."""
        if self.door is None or self._fruitless >= FRUITLESS or self._invited >= MOST_KEYS:
            return None
        self._invited += 1
        return self.door.address_with(self._invited - 1)

    def close(self) -> None:
        if self.child is not None:
            self.child.gone(CLOSE_SECONDS)
            self.child.kill()
        if self.door is not None:
            self.door.listener.close()

    def _start(self, door: Door) -> None:
        self._page.expect_companion()
        self.child = Child("companion", companion.main, *self._cells, door, self._options)

    def _lose(self, child: Child, now: float, how: str) -> None:
        log.error("the companion is lost (exit status %s)", child.exit_status)
        self._fruitless += self._page.companion_beat().duty is Duty.STARTING
        child.kill()
        self.child = None
        self._page.expect_companion()
        self._retry_at = now + RETRY_SECONDS if self._fruitless else now
        if self._fruitless >= FRUITLESS:
            say(f"the companion cannot be started ({how}); the session goes on without it", file=sys.stderr)

    def _invite(self, door: Door) -> None:
        """In one line, and by opening a browser where there is a screen for it."""
        say(f"companion: open {self.address()} in a browser of this computer")
        if _has_screen():
            address = self.address()
            threading.Thread(target=webbrowser.open, args=(address,), name="browser", daemon=True).start()


def _has_screen() -> bool:
    return sys.platform == "win32" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


class SoundHost:
    """The sound: there from the beginning, started anew at once when it is lost; silence is no reason to end."""

    def __init__(self, cells: Any | None, options: SoundOptions, *, verbose: bool) -> None:
        """`cells` are the desk's; None: no sound is wanted."""
        self.child: Child | None = None
        self.desk = Desk(cells) if cells is not None else None
        self._cells, self._options, self._verbose = cells, options, verbose
        self._watchdog = Watchdog()
        self._warming = Warming()
        self._retry_at = 0.0
        self._fruitless = 0  # starts in a row after which it never came to live

    def warm(self) -> None:
        """Have it compiled if it must be; only then it is started."""
        if self.desk is not None:
            self._warming.begin()

    def look_after(self, now: float, *, led: bool) -> None:
        """Many times a second; `led`: a render process leads it, else it fades and waits."""
        if self.desk is None or not self._warming.over():
            return
        self.desk.hold(held=not led)
        child = self.child
        if child is None:
            if now >= self._retry_at:
                self._start(self.desk)
            return
        wrong = child.how() if child.ended else self._watchdog.look(now, self.desk.beat())
        if wrong is not None:
            self._lose(child, self.desk, now, wrong)

    def silence(self) -> None:
        """At once, whatever the render process does."""
        if self.desk is not None:
            self.desk.silence()

    def told(self) -> dict[str, Any] | None:
        if self.desk is None:
            return None
        desk = self.desk
        return {"state": desk.state.name.lower(), "words": desk.told, "starvations": desk.starved, "held": desk.held}

    def close(self) -> None:
        self._warming.close()
        if self.child is not None and self.desk is not None:
            self.child.hang_up()
            if self.desk.beat().duty is not Duty.STARTING:  # it could not hear yet
                self.child.gone(CLOSE_SECONDS)
            self.child.kill()

    def _start(self, desk: Desk) -> None:
        desk.expect_engine()
        if self._fruitless >= FRUITLESS:
            desk.give_up(NO_ENGINE)
        self.child = Child("sound", sound.main, self._cells, self._options, self._verbose)

    def _lose(self, child: Child, desk: Desk, now: float, how: str) -> None:
        log.error("the sound process is lost (exit status %s)", child.exit_status)
        child.kill()
        self.child = None
        if child.exit_status == sound.ANOTHER:
            return
        started = desk.beat().duty is not Duty.STARTING
        self._fruitless = 1 if started else self._fruitless + 1
        self._retry_at = now + RETRY_SECONDS if self._fruitless >= FRUITLESS else now
        if self._fruitless == FRUITLESS:
            say(f"the sound cannot be started ({how}); the session goes on without it", file=sys.stderr)
        elif self._fruitless < FRUITLESS:
            say(f"the sound has stopped ({how}); it is started again", file=sys.stderr)
