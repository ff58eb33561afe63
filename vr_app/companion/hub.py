"""Who is connected, who drives, and what each page is told: all in one thread, and no page ever holds another up."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from time import monotonic_ns
from typing import Final, NamedTuple, Protocol

from vr_app import limits
from vr_app.commands import (
    MEMORY_BYTES,
    Adjust,
    Command,
    EndGently,
    GoTo,
    LoadPlan,
    Orbit,
    Rate,
    SetAnchor,
    SetEyes,
    SetPhase,
    SetQuiet,
    SetVolume,
    Speak,
    Stop,
    Veil,
    Watch,
)
from vr_app.companion import words
from vr_app.companion.messages import (
    MOST_PICTURES_HZ,
    Answer,
    Do,
    Drive,
    Gone,
    Hello,
    NotUnderstood,
    Said,
    Seen,
    State,
    Undo,
    View,
    encode,
)
from vr_app.companion.mirror import Frame, Mirror, Viewer
from vr_app.course import Mode
from vr_app.station.messages import Bookkeeping, Erased, Keep, Kept, Position, Recall, Recalled, Reply, Status
from vr_app.station.ring import Camera
from vr_app.station.surface import Pictures

STATE_SECONDS: Final = 0.1  # between two states, but for a change of mode
QUIET_SECONDS: Final = 1.0  # the same while nothing is new but the age of things
UNDO_SECONDS: Final = 20.0
SILENT_SECONDS: Final = 4.0  # at most, until a connection without any sign of life is given up
FORGOTTEN_SECONDS: Final = 30.0  # then a page that was lost is one that was left
RECALLED_AT_ONCE: Final = 64  # things on their way to the station
MOST_ANSWERS: Final = 256  # that wait for one page; one that lets so many lie is not reading
MOST_CLIENTS: Final = 16
MOST_A_SECOND: Final = 40.0  # commands of one page, but for stops: a slider that is drawn sends twenty
_LOST_AFTER: Final = limits.TABLET_LOST_SECONDS - SILENT_SECONDS


class Station(Protocol):
    """See vr_app.station.companion.CompanionSurface. Nothing here blocks or raises."""

    @property
    def pictures(self) -> Pictures: ...

    @property
    def ended(self) -> bool: ...

    def beat(self, clients: int, lost: int) -> None:
        """Alive, with so many pages connected, and so many that were lost."""

    def status(self) -> Status | None: ...

    def alarm(self) -> str: ...

    def send(self, command: Command | Bookkeeping, by: str = "") -> int:
        """From any thread."""

    def answers(self) -> Sequence[Reply]: ...

    def to_keep(self) -> Sequence[Keep]:
        """What scenes put since this was asked last; each is answered by Kept once it is on the disk."""


class Recording(Protocol):
    """What is being recorded of a session; see vr_app.companion.rooms."""

    session: str | None
    patient: str
    recording: str

    def note(self, at: float, what: str, by: str) -> None:
        """At session second `at`. Never waits."""

    def cues(self, plan: str) -> tuple[str, ...]:
        """Titles of a plan's."""

    def rate(self, status: Status) -> None:
        """What the patient answered, if it is new and this session's. Never waits."""

    def remember(self, keep: Keep, done: Callable[[], object]) -> None:
        """Into the records of its patient; `done` is called once it is there, from any thread. Never waits."""


class Outbox:
    """What waits for one page: every answer, but only the newest state and picture."""

    def __init__(self) -> None:
        self._answers: deque[bytes] = deque()
        self._state: bytes | None = None
        self._picture: Frame | None = None
        self._more = asyncio.Event()
        self.closing = False

    def answer(self, told: Answer) -> None:
        self._answers.append(encode(told))
        self.closing |= len(self._answers) > MOST_ANSWERS
        self._more.set()

    def state(self, data: bytes) -> None:
        self._state = data
        self._more.set()

    def picture(self, frame: Frame) -> None:
        self._picture = frame
        self._more.set()

    def close(self, why: str) -> None:
        """With these last words."""
        self._answers.append(encode(Gone(why)))
        self.closing = True
        self._more.set()

    async def next(self) -> str | bytes | None:
        """Words or a picture to be sent now; None: no more will come."""
        while (data := self.take()) is None and not self.closing:
            self._more.clear()
            await self._more.wait()
        return data

    def take(self) -> str | bytes | None:
        """The same without waiting; None: there is nothing."""
        if self._answers:
            return self._answers.popleft().decode()
        if self._state is not None:
            state, self._state = self._state, None
            return state.decode()
        picture, self._picture = self._picture, None
        return picture.bytes(monotonic_ns()) if picture is not None else None


class Client:
    """One page that said hello."""

    def __init__(self, hello: Hello) -> None:
        self.id, self.name = hello.client, hello.name.strip()
        self.viewer = Viewer()
        self.outbox = Outbox()
        self._left, self._asked_at = MOST_A_SECOND, 0.0

    def answer(self, number: int, refused: str | None = None) -> None:
        self.outbox.answer(Answer(number, refused))

    def refuse(self, number: int, words: str) -> None:
        """What could not be understood."""
        self.answer(number, words)

    def may_ask(self, now: float) -> bool:
        """Whether it has not asked too much: MOST_A_SECOND on average, and as many at once."""
        self._left = min(self._left + (now - self._asked_at) * MOST_A_SECOND, MOST_A_SECOND)
        self._asked_at = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True

    @property
    def called(self) -> str:
        return self.name or "Somebody"


class _Asked(NamedTuple):
    """A command on its way to the station; `answer` hears why it was refused, None: done."""

    command: Command | Bookkeeping
    by: str
    answer: Callable[[str | None], None]


class _Taken(NamedTuple):
    """An end that may be taken back: where the plan stood, and until when, monotonic seconds."""

    position: Position
    until: float


class Hub:
    """Times are monotonic seconds."""

    def __init__(self, station: Station, kept: Recording, build: str) -> None:
        self._station, self._kept, self._build = station, kept, build
        self._mirror = Mirror(station.pictures)
        self._clients: list[Client] = []
        self._driver: str = ""  # client id
        self._lost: dict[str, float] = {}  # client id: since when
        self._asked: dict[int, _Asked] = {}
        self._status: Status | None = None
        self._status_at = 0.0
        self._mode = ""
        self._notice = ""
        self._end: _Taken | None = None
        self._told_at = 0.0
        self._stale = True  # there is something that pages do not know yet
        self._watched = Watch()
        self._camera: Camera = "eye"
        self._orbit = Orbit()

    # --- pages come and go

    @property
    def clients(self) -> int:
        return len(self._clients)

    @property
    def status(self) -> Status | None:
        return self._status

    def join(self, hello: Hello, now: float) -> Client:
        """Raises NotUnderstood for a page of another build, or when too many are here."""
        if hello.build != self._build:
            raise NotUnderstood("Harborlight was updated; reload this page")
        before = self._found(hello.client)
        if before is not None:
            self._clients.remove(before)
            before.outbox.close("this page is connected anew")
        if len(self._clients) >= MOST_CLIENTS:
            raise NotUnderstood(f"{MOST_CLIENTS} pages are open already; close one of them")
        client = Client(hello)
        self._clients.append(client)
        self._lost.pop(client.id, None)
        if not self._driver:
            self._driver = client.id
        client.outbox.state(self._state(now))
        self._stale = True
        return client

    def leave(self, client: Client, now: float, *, lost: bool) -> None:
        """Its connection is over; `lost`: without a goodbye."""
        if client not in self._clients:
            return  # another connection of the same page has taken its place
        self._clients.remove(client)
        if lost:
            self._lost[client.id] = now
        elif client.id == self._driver:
            self._pass_on()
        self._stale = True

    def close(self, why: str) -> None:
        for client in self._clients:
            client.outbox.close(why)

    def _pass_on(self) -> None:
        """Nobody drives, unless only one page is left."""
        self._driver = self._clients[0].id if len(self._clients) == 1 else ""

    def _found(self, client: str) -> Client | None:
        return next((each for each in self._clients if each.id == client), None)

    # --- what pages say

    def hear(self, client: Client, said: Said, now: float) -> None:
        match said:
            case Do(number, command):
                self._do(client, number, command, now)
            case Drive(number):
                self._driver = client.id
                self._stale = True
                client.answer(number)
                self._note(f"{client.called} drives", client.name)
            case Seen(picture):
                client.viewer.seen(picture)
            case View(camera, hz, orbit):
                if (camera, hz) != (
                    client.viewer.camera,
                    client.viewer.hz,
                ):  # a camera that only turns loses no picture
                    client.viewer.view(camera, hz)
                self._camera, self._orbit = camera, orbit
            case Undo(number):
                self._undo(client, number, now)
            case Hello():
                client.name = said.name.strip()
                self._stale = True

    def _do(self, client: Client, number: int, command: Command, now: float) -> None:
        if refused := self._why_not(client, command, now):
            client.answer(number, refused)
            return
        if not self._driver:
            self._driver = client.id
        self._send(client, number, command)
        self._end = self._end_of(command, now)
        self._stale = True

    def _why_not(self, client: Client, command: Command, now: float) -> str | None:
        if isinstance(command, Stop):
            return None
        if not client.may_ask(now):
            return "too much at once; wait a moment and ask again"
        if isinstance(command, Watch):
            return "pictures are asked for by a view, not by a command"
        if self._driver in ("", client.id):
            return None
        driver = self._found(self._driver)
        return f"{driver.called if driver else 'another page'} drives; take over first"

    def _end_of(self, command: Command, now: float) -> _Taken | None:
        """What may be taken back after this command."""
        if not isinstance(command, EndGently):
            return None if isinstance(command, (Stop, GoTo, LoadPlan)) else self._end
        status = self._status
        if self._end is not None or status is None or status.mode != Mode.PLAYING.value:
            return self._end
        if status.position.step >= status.steps - 1:
            return None
        return _Taken(status.position, now + UNDO_SECONDS)

    def _undo(self, client: Client, number: int, now: float) -> None:
        end = self._end
        if end is None or now >= end.until or self._mode != Mode.PLAYING.value:
            client.answer(number, "there is no end to take back any more")
            return
        command = GoTo(end.position.step, max(end.position.step_seconds, 0.0))
        if refused := self._why_not(client, command, now):
            client.answer(number, refused)
            return
        self._end = None
        self._stale = True
        self._send(client, number, command)

    def _send(self, client: Client, number: int, command: Command) -> None:
        answer = partial(client.answer, number)
        self._asked[self._station.send(command, client.name)] = _Asked(command, client.name, answer)

    async def recall(self, patient: str, known: Mapping[tuple[str, str], bytes], erased: Sequence[str]) -> str | None:
        """What a patient's records hold, by scene and key, to the station, and the works that they hold no more.

        Why it does not take it, None: done.
        """
        refused = await self.ask(Recall(patient), "")
        fits = {what: value for what, value in known.items() if len(value) <= MEMORY_BYTES}
        things: list[Bookkeeping] = [Erased(patient, work) for work in erased]
        things += [Recalled(patient, scene, key, value) for (scene, key), value in fits.items()]
        for first in range(0, len(things), RECALLED_AT_ONCE):
            few = things[first : first + RECALLED_AT_ONCE]
            answers = await asyncio.gather(*(self.ask(thing, "") for thing in few))
            refused = refused or next(filter(None, answers), None)
        return refused

    async def ask(self, command: Command | Bookkeeping, by: str) -> str | None:
        """For what no page's socket asks: why the station refuses; None: done."""
        answered: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

        def answer(refused: str | None) -> None:
            if not answered.done():  # whoever waited may have gone
                answered.set_result(refused)

        self._asked[self._station.send(command, by)] = _Asked(command, by, answer)
        return await answered

    # --- what the station says

    def turn(self, now: float) -> None:
        """Many times a second."""
        self._station.beat(len(self._clients), self._missing(now))
        for reply in self._station.answers():
            self._answered(reply)
        for keep in self._station.to_keep():
            self._kept.remember(keep, partial(self._station.send, Kept(keep.number)))
        self._look(now)
        if self._end is not None and (now >= self._end.until or self._mode != Mode.PLAYING.value):
            self._end = None
            self._stale = True
        wait = STATE_SECONDS if self._stale else QUIET_SECONDS
        if self._clients and now - self._told_at >= wait:
            self._tell(now)
        self._watch()
        if any(client.viewer.waits(now) for client in self._clients):
            self._show(now)

    @property
    def shows(self) -> bool:
        """Whether somebody watches."""
        return self._watched.hz > 0.0

    def _missing(self, now: float) -> int:
        """How many pages are lost; one that drove gives the wheel away."""
        for client, since in [*self._lost.items()]:
            if now - since > FORGOTTEN_SECONDS:
                del self._lost[client]
        lost = [client for client, since in self._lost.items() if now - since > _LOST_AFTER]
        if self._driver in lost:
            self._pass_on()
            self._stale = True
        return len(lost)

    def _answered(self, reply: Reply) -> None:
        asked = self._asked.pop(reply.id, None)
        if asked is None:
            return
        asked.answer(reply.refused)
        if reply.refused is None and not isinstance(asked.command, Bookkeeping):
            self._note(_told(asked.command), asked.by)

    def _look(self, now: float) -> None:
        status, notice = self._station.status(), self._station.alarm()
        if status is not self._status:
            self._status, self._status_at = status, now
            self._stale = True
            if status is not None and status.ratings:
                self._kept.rate(status)
        mode = status.mode if status is not None else ""
        if mode != self._mode or notice != self._notice:
            if mode != self._mode and mode:
                self._note(mode, "")
            self._mode, self._notice = mode, notice
            self._told_at = 0.0  # this is told at once
            self._stale = True

    def _tell(self, now: float) -> None:
        self._told_at, self._stale = now, False
        data = self._state(now)
        for client in self._clients:
            client.outbox.state(data)

    def _state(self, now: float) -> bytes:
        status, kept = self._status, self._kept
        age = now - self._status_at if status is not None else 0.0
        driver = self._found(self._driver)
        return encode(
            State(
                status=status,
                age=round(age, 2),
                words=words.sentence(status, age, self._notice),
                notice=self._notice,
                phase_locked=status.locked if status is not None else False,
                driver=self._driver,
                driver_name=driver.called if driver is not None else "",
                clients=tuple(client.called for client in self._clients),
                session=kept.session,
                patient=kept.patient,
                cues=kept.cues(status.plan_name) if status is not None else (),
                undo=round(max(self._end.until - now, 0.0), 1) if self._end is not None else 0.0,
                recording=kept.recording,
            )
        )

    def _note(self, what: str, by: str) -> None:
        self._kept.note(self._status.time if self._status is not None else 0.0, what, by)

    # --- pictures

    def _watch(self) -> None:
        """Ask the station for as many as the most eager page wants, from where the last choice was."""
        hz = max((client.viewer.hz for client in self._clients), default=0.0)
        wanted = Watch(self._camera, min(hz, MOST_PICTURES_HZ), self._orbit)
        if wanted != self._watched:
            self._watched = wanted
            self._station.send(wanted)

    def _show(self, now: float) -> None:
        self._mirror.read()
        for client in self._clients:
            frame = client.viewer.take(self._mirror.newest, now)
            if frame is not None:
                client.outbox.picture(frame)


def _told(command: Command) -> str:
    """For the record: which command, and what is not somebody's own words of it."""
    match command:
        case GoTo(step):
            return f"GoTo {step}"
        case LoadPlan(plan):
            return f"LoadPlan {plan}"
        case SetQuiet(on) | Speak(on) | SetPhase(on) | Veil(on):
            return f"{type(command).__name__} {'on' if on else 'off'}"
        case SetVolume(db):
            return f"SetVolume {db:g} dB"
        case SetEyes(closed):
            return f"SetEyes {'closed' if closed else 'open'}"
        case SetAnchor(anchor):
            return f"SetAnchor {anchor or 'own'}"
        case Adjust(scene, name, value):
            return f"Adjust {scene} {name} {value}"
        case Rate(when):
            return f"Rate {when}"
        case _:
            return type(command).__name__
