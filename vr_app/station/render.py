"""The render process: what the supervisor starts, and the loop's link to it."""

from __future__ import annotations

import importlib
import logging
import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, Final

from vr_app import logs
from vr_app.commands import Command, EndGently, Leave
from vr_app.link import PER_FRAME, Order
from vr_app.options import Options
from vr_app.shared import Duty
from vr_app.station.messages import (
    MOST_BYTES,
    Check,
    Farewell,
    Opened,
    Put,
    Refused,
    Reply,
    Start,
    decode_command,
    decode_message,
    decode_start,
    encode,
)
from vr_app.station.page import Page
from vr_app.station.parent import die_with_parent, leave_signals_to_the_supervisor
from vr_app.station.pipes import Sender, receive

if TYPE_CHECKING:
    from vr_app.api import Inputs
    from vr_app.app import Played
    from vr_app.director import Director
    from vr_app.headset import HeadsetInfo

log = logging.getLogger(__name__)

STATUS_SECONDS: Final = 0.1
_STANDING: Final = -1  # the number of the order that stands on the page
_UNASKED: Final = 0  # of what the supervisor says at the start; nobody waits for its answer
_LAST_WORDS_SECONDS: Final = 1.0


class StationLink:
    """The loop's side of page and pipes (see vr_app.link.Link)."""

    def __init__(
        self, page: Page, commands: Connection, reports: Connection, orders: tuple[Command, ...], visit: int = 0
    ) -> None:
        """`visit`: see vr_app.station.messages.Put."""
        self._page, self._visit = page, visit
        self._untold: deque[bytes] = deque()  # what scenes put, and the pipe has not taken
        self._waiting = deque(Order(_UNASKED, command) for command in orders)
        self._sender = Sender(reports)
        self._status_due = 0.0
        self._seen: object = None
        self._headset = ""
        self._owes = Duty.FRAMES
        receive(commands, self._heard, self._alone, MOST_BYTES)

    # --- for the loop

    def wait(self) -> bool:
        self._page.live(Duty.IDLE)
        return not isinstance(self._page.standing_order(), (EndGently, Leave))

    def loading(self) -> None:
        self._page.live(Duty.STARTING)

    def closing(self) -> None:
        self._page.live(Duty.CLOSING)

    def writing(self) -> None:
        self._page.live(Duty.WRITING)

    def opened(self, info: HeadsetInfo, *, slow: bool) -> None:
        self._owes = Duty.IDLE if slow else Duty.FRAMES
        self._headset = f"{info.runtime}, {info.system}"
        self._page.live(Duty.STARTING)
        self._sender.send(encode(Opened(info.headset, self._headset)))

    def take(self) -> Iterator[Order]:
        stop = self._page.hear_order()
        if stop is not None:
            yield Order(_STANDING, stop)
        for _ in range(min(len(self._waiting), PER_FRAME - (stop is not None))):
            yield self._waiting.popleft()

    def answer(self, order: Order, refused: str | None) -> None:
        if order.id == _STANDING:
            self._page.took_order()
        elif order.id != _UNASKED:
            self._sender.send(encode(Reply(order.id, refused)))

    def publish(self, director: Director, inputs: Inputs | None, *, frames: bool) -> None:
        page = self._page
        page.live(self._owes if frames else Duty.IDLE)
        if inputs is not None:
            page.post_head(*inputs.head.position, *inputs.head.orientation)
        for kept in director.remembered.take():
            self._untold.append(encode(Put(self._visit, *kept)))
        while self._untold and self._sender.send(self._untold[0]):
            self._untold.popleft()
        now, seen = time.perf_counter(), (director.mode, director.mist == 0.0)
        if now >= self._status_due or seen != self._seen:  # what people wait for is told at once
            self._seen = seen
            self._status_due = now + STATUS_SECONDS
            page.post_status(encode(director.status(self._headset)))

    # --- for the process

    def say_farewell(self, farewell: Farewell) -> None:
        """The last message; waits until it is on its way."""
        self._sender.send(encode(farewell))
        self._sender.close(_LAST_WORDS_SECONDS)

    def _heard(self, data: bytes) -> None:
        """On the receiving thread: what cannot be understood is answered at once."""
        number = _UNASKED
        try:
            message = decode_message(data)
            number = message.id
            self._waiting.append(Order(number, decode_command(message)))
        except Refused as error:
            if number != _UNASKED:
                self._sender.send(encode(Reply(number, str(error))))
            else:
                log.warning("a message was refused: %s", error)

    def _alone(self) -> None:
        """The supervisor is gone, and nobody could steer this session any more."""
        self._waiting.append(Order(_UNASKED, Leave()))


def main(
    options: Options,
    page_cells: Any,
    picture_cells: Any,
    sound_cells: Any | None,
    commands: Connection,
    reports: Connection,
    afterwards: Callable[[Options, Played], None] | None,
) -> None:
    """The process's whole life: it makes ready, waits for its Start, and plays.

    `afterwards` is called with what was played, before the farewell.
    """
    die_with_parent()
    leave_signals_to_the_supervisor()
    if options.safe:
        from vr_app.doctor import safe_mode

        os.environ.update(safe_mode())
    _make_ready(options)
    try:
        while isinstance(start := decode_start(commands.recv_bytes()), Check):
            reports.send_bytes(encode(Reply(start.id, _why_not(options.loaded(start.load)))))
    except (EOFError, OSError):  # the supervisor is gone
        return
    if start.load is not None:
        options = options.loaded(start.load)
    page = Page(page_cells)
    page.live(Duty.STARTING)
    with logs.start("render", verbose=options.verbose):
        link = StationLink(page, commands, reports, start.orders, start.visit)
        link.say_farewell(_played(options, start, link, picture_cells, sound_cells, afterwards))


def _make_ready(options: Options) -> None:
    """The slow imports, so that a process that stands by begins in half the time."""
    importlib.import_module("vr_app.app")
    if options.headset in ("auto", "openxr"):
        importlib.import_module("vr_app.xr.headset")


def _why_not(options: Options) -> str | None:
    """Why a plan could not be played."""
    from vr_app import app
    from vr_app.catalogue import find_scenes
    from vr_app.plan import PlanError

    try:
        app.planned(options, find_scenes())
    except PlanError as error:
        return str(error)
    except Exception as error:  # a plan's file may hold anything
        log.exception("a plan could not be checked")
        return f"plan '{options.plan}' cannot be read: {type(error).__name__}: {error}; mend or remove its file"
    return None


def _played(
    options: Options,
    start: Start,
    link: StationLink,
    picture_cells: Any,
    sound_cells: Any | None,
    afterwards: Callable[[Options, Played], None] | None,
) -> Farewell:
    from vr_app import app
    from vr_app.headset import HeadsetUnavailable
    from vr_app.plan import PlanError
    from vr_app.remembered import Remembered
    from vr_app.scripted.script import ScriptFileError
    from vr_app.sound.desk import Desk
    from vr_app.sound.proxy import Sound
    from vr_app.station.ring import PictureRing
    from vr_app.timing.report import OutputError

    try:
        sound = Sound(Desk(sound_cells)) if sound_cells is not None else None
        pictures = PictureRing(picture_cells)
        known = {(scene, key): value for scene, key, value in start.known}
        played = app.play(
            *(options, link),
            resume=start.resume,
            again=start.again,
            pictures=pictures,
            sound=sound,
            remembered=Remembered(known),
            rated=start.rated,
        )
        if afterwards is not None:
            afterwards(options, played)
    except (PlanError, ScriptFileError) as error:
        return Farewell(2, str(error))
    except HeadsetUnavailable as error:
        return Farewell(1, str(error), lasting=False)
    except OutputError as error:
        return Farewell(1, str(error))
    except Exception as error:  # the last guard: the supervisor starts it anew, and tells who asks
        log.exception("the render process failed")
        return Farewell(1, f"unexpected {type(error).__name__}: {error}; add --verbose and report it", lasting=False)
    return Farewell(0)
