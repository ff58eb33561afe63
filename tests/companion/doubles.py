"""A station and records in memory, for the companion to be tried against."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from msgspec.structs import replace

from vr_app.commands import Command
from vr_app.companion import forms
from vr_app.companion.books import Book, Journal, Trouble, Unknown
from vr_app.companion.described import Catalogue
from vr_app.course import Mode
from vr_app.profile import Profile
from vr_app.records.values import Made
from vr_app.station.messages import Bookkeeping, Keep, Kept, Position, Rated, Reply, Status
from vr_app.station.ring import Camera, Picture

PASSPHRASE = "seven quiet herons"
CATALOGUE: Catalogue = {
    "plans": [
        {"name": "tide", "title": "The tide", "flags": ["water"], "cues": [{"title": "Shore"}, {"title": "Return"}]},
        {
            "name": "lantern",
            "title": "Lantern",
            "flags": [],
            "cues": [{"title": "Lantern", "scene": "lantern", "flags": []}],
        },
    ],
    "scenes": [
        {"id": "tide_breath", "flags": ["water", "breath"], "anchor": "breath"},
        {"id": "lantern", "flags": [], "anchor": "sight"},
        {"id": "pool", "flags": ["water"], "anchor": "sight"},
        {"id": "stars", "flags": ["sky"], "anchor": None},
        {"id": "room", "flags": [], "anchor": None},
    ],
}


def status(mode: Mode = Mode.PLAYING, **more: Any) -> Status:
    plain = Status(
        time=61.0,
        mode=mode.value,
        here="lantern",
        clear=True,
        plan="Lantern",
        position=Position(0, 12.0, 12.0),
        steps=2,
        seconds_left=245.0,
        locked=mode is Mode.LOCKED,
        quiet=False,
        worn=True,
        focused=True,
        head_tracked=True,
        headset="Scripted, none",
        plan_name="lantern",
    )
    return replace(plain, **more)


class Pictures:
    """A ring of one."""

    def __init__(self) -> None:
        self.next: Picture | None = None

    def put(self, camera: Camera = "eye", host_ns: int = 0) -> None:
        self.next = Picture(camera, 3.5, host_ns, np.zeros((48, 64, 4), np.uint8))

    def latest(self) -> Picture | None:
        picture, self.next = self.next, None
        return picture


@dataclass
class Station:
    """See vr_app.companion.server.Gate. Answers at the next look: `refuses` says why not, None: done."""

    pictures: Pictures = field(default_factory=Pictures)
    now: Status | None = None
    notice: str = ""
    ended: bool = False
    asked: list[tuple[Command, str]] = field(default_factory=list)
    said: list[Bookkeeping] = field(default_factory=list)  # what no page asks
    puts: list[Keep] = field(default_factory=list)  # what scenes put, until it is asked for
    refuses: Callable[[Command], str | None] = lambda command: None
    beats: tuple[int, int] = (0, 0)
    entered: set[int] = field(default_factory=set)
    _answers: deque[Reply] = field(default_factory=deque)

    def beat(self, clients: int, lost: int) -> None:
        self.beats = clients, lost

    def status(self) -> Status | None:
        return self.now

    def alarm(self) -> str:
        return self.notice

    def send(self, command: Command | Bookkeeping, by: str = "") -> int:
        number = len(self.asked) + len(self.said) + 1
        if isinstance(command, Bookkeeping):
            self.said.append(command)
            refused = None
        else:
            self.asked.append((command, by))
            refused = self.refuses(command)
        if not isinstance(command, Kept):
            self._answers.append(Reply(number, refused))
        return number

    def to_keep(self) -> Sequence[Keep]:
        found, self.puts = self.puts, []
        return found

    def answers(self) -> Sequence[Reply]:
        return [self._answers.popleft() for _ in range(len(self._answers))]

    def enter(self, number: int) -> bool:
        first = number not in self.entered
        self.entered.add(number)
        return first


@dataclass
class Shelved:
    """A book of records in memory, or what is kept aside."""

    setup: forms.Setup | None = None
    people: dict[str, forms.Patient] = field(default_factory=dict)
    profiles: dict[str, Profile] = field(default_factory=dict)
    kept: dict[str, forms.Session] = field(default_factory=dict)
    patient_of: dict[str, str | None] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)
    memory: dict[str, dict[tuple[str, str], bytes]] = field(default_factory=dict)  # by patient
    full: bool = False

    def clinic(self) -> forms.Clinic:
        asked = self.setup
        assert asked is not None
        return forms.Clinic(
            asked.clinic, asked.room, asked.clinicians, asked.thresholds, asked.volume_db, asked.rehearsal
        )

    def patients(self) -> tuple[forms.Patient, ...]:
        return tuple(self.people.values())

    def add_patient(self, note: str, *, by: str) -> forms.Patient:
        self._room()
        number = len(self.people) + 1
        patient = self.people[f"p{number}"] = forms.Patient(f"p{number}", f"Heron-{number}", note)
        return patient

    def profile(self, patient: str) -> Profile:
        if patient not in self.people:
            raise Unknown("there is no such patient; choose one of the list")
        return self.profiles.get(patient, Profile())

    def set_profile(self, patient: str, profile: Profile, *, by: str) -> None:
        self.profile(patient)
        self._room()
        self.profiles[patient] = profile

    def begin_session(
        self, plan: str, body: dict[str, Any], *, by: str, minutes: float | None, patient: str | None
    ) -> str:
        self._room()
        number = f"s{len(self.kept) + 1}"
        self.kept[number] = forms.Session(number, plan, minutes or 0.0, "2026-11-28T20:00:00+00:00", by)
        self.patient_of[number] = patient
        return number

    def add_event(self, session: str, seconds: float, what: str, *, by: str) -> None:
        self._room()
        before = self.session(session)
        self.kept[session] = replace(before, events=(*before.events, forms.Happening(seconds, what, by)))

    def add_note(self, session: str, seconds: float, text: str, *, by: str) -> None:
        self._room()
        before = self.session(session)
        self.kept[session] = replace(before, notes=(*before.notes, forms.Happening(seconds, text, by)))

    def add_rating(self, session: str, rated: Rated) -> None:
        self._room()
        before, rating = self.session(session), forms.Rating(rated.seconds, rated.when, rated.value)
        if rating not in before.ratings:
            self.kept[session] = replace(before, ratings=(*before.ratings, rating))

    def end_session(self, session: str, how: str, *, by: str) -> None:
        self.ended[session] = how

    def put_memory(self, patient: str, scene: str, key: str, value: bytes) -> None:
        self._room()
        if self.setup is not None:  # what is kept aside knows nobody
            self.profile(patient)
        self.memory.setdefault(patient, {})[scene, key] = value

    def memories(self, patient: str) -> dict[tuple[str, str], bytes]:
        self.profile(patient)
        return self.memory.get(patient, {})

    def erased_works(self, patient: str) -> tuple[str, ...]:
        self.profile(patient)
        return ()

    def works(self, patient: str) -> tuple[Made, ...]:
        """None: what is made is tried against real records (test_works.py)."""
        self.profile(patient)
        return ()

    def set_consent(self, patient: str, work: str, given: bool, *, by: str) -> None:
        raise Unknown("there is no such work")

    def erase_work(self, patient: str, work: str, *, by: str) -> None:
        raise Unknown("there is no such work")

    def hand_over(self, patient: str, works: Sequence[str], *, by: str) -> None:
        raise Unknown("there is no such work")

    def sessions(self, patient: str) -> tuple[forms.Session, ...]:
        return tuple(each for number, each in self.kept.items() if self.patient_of[number] == patient)

    def session(self, session: str) -> forms.Session:
        if session not in self.kept:
            raise Unknown("there is no such session; choose one of the list")
        return self.kept[session]

    def close(self) -> None:
        """Nothing is held."""

    def _room(self) -> None:
        if self.full:
            raise Trouble("the disk is full; free some space")


class Library:
    """See vr_app.companion.books.Library."""

    def __init__(self) -> None:
        self.book: Shelved | None = None
        self.spool = Shelved()

    def there(self) -> bool:
        return self.book is not None

    def create(self, setup: forms.Setup) -> tuple[Book, str]:
        self.book = Shelved(setup)
        return self.book, "HERON-1234"

    def open(self, secret: str) -> Book:
        if self.book is None or self.book.setup is None or secret != self.book.setup.passphrase:
            raise Trouble("this is neither the passphrase nor the recovery key; try again")
        return self.book

    def open_by_store(self) -> Book | None:
        return None

    def aside(self) -> Journal | None:
        return self.spool if self.book is not None else None


class Describer:
    """See vr_app.companion.described.Describer."""

    async def catalogue(self) -> Catalogue:
        return CATALOGUE


def left_out(profile: Profile, flags: Iterable[str]) -> str | None:
    found = sorted(profile.avoid & set(flags))
    return f"this patient avoids {', '.join(found)}" if found else None
