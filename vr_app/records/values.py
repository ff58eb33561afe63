"""What the records give and take: frozen values; times are UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

Text = Annotated[str, Meta(max_length=1_000_000)]  # 10,000 lines of 100 characters
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Id = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}$")]  # random
Word = Annotated[str, Meta(min_length=1, max_length=64)]
Seconds = Annotated[float, Meta(ge=0.0, le=1e6)]

Decided = Literal["goes home", "stays", "erased"]  # of a work
ArtefactKind = Literal["picture", "model", "sound", "voice", "card"]


class Thresholds(Struct, frozen=True):
    """The clinic's own: beyond which a reading is asked for again. None: it has none."""

    systolic: Annotated[int, Meta(ge=0, le=300)] | None = None  # mmHg, above
    diastolic: Annotated[int, Meta(ge=0, le=200)] | None = None  # mmHg, above
    pulse: Annotated[int, Meta(ge=0, le=250)] | None = None  # a minute, above
    saturation: Annotated[int, Meta(ge=0, le=100)] | None = None  # percent, below


class Clinic(Struct, frozen=True):
    """What the first run asked for."""

    name: Name
    room: Annotated[str, Meta(max_length=200)] = ""
    thresholds: Thresholds | None = None
    volume_db: Annotated[float, Meta(ge=-60.0, le=12.0)] = 0.0
    rehearsal: bool = False


class Clinician(Struct, frozen=True):
    id: str
    name: str
    here: bool  # False: has left, and stays in what was signed


class Patient(Struct, frozen=True):
    id: str
    pseudonym: str
    note: str
    added: datetime


class Plan(Struct, frozen=True):
    """A plan as it was when its session began, whatever becomes of its file."""

    name: Name
    body: dict[str, Any]


class Event(Struct, frozen=True):
    id: str
    at: datetime
    seconds: float | None  # of the session; None: outside it
    by: str  # "": by nobody, it happened
    kind: str
    body: dict[str, Any]


class Note(Struct, frozen=True):
    """A note is never changed: another one amends it."""

    id: str
    at: datetime
    seconds: float | None
    by: str
    text: str
    amends: str | None


class Artefact(Struct, frozen=True):
    """Something the patient made: a sealed file in the records' folder, and what its bytes must be."""

    id: str
    session: str
    kind: ArtefactKind
    title: str
    file: str  # its name in the folder of artefacts
    size: int  # bytes
    sha256: bytes
    at: datetime


class SessionLine(Struct, frozen=True):
    """A session in a list."""

    id: str
    patient: str | None  # id; None: nobody's, a rehearsal or begun while the records were locked
    plan: str
    by: str
    begun: datetime
    ended: datetime | None  # None: under way, or never said
    how: str  # it ended, in a word


class Session(Struct, frozen=True):
    """All of one session, each kind in the order of time."""

    line: SessionLine
    minutes: float | None  # that were asked for; None: as the plan has them
    snapshot: Plan
    events: tuple[Event, ...]
    notes: tuple[Note, ...]
    artefacts: tuple[Artefact, ...]


class Memory(Struct, frozen=True):
    """What a scene kept for a patient; each version is one more than the one before."""

    version: int
    body: bytes


class Consent(Struct, frozen=True):
    """What was decided last about a work: whether the patient wants to have it out of the records."""

    given: bool
    at: datetime
    by: str


class Made(Struct, frozen=True):
    """A work, as its pieces stand in the records."""

    work: str  # its name: says nothing of whose it is, and sorts as works were begun
    scene: str  # it was made in
    begun: datetime
    changed: datetime
    pieces: tuple[bytes, ...]  # in their order
    consent: Consent | None  # None: nobody has asked


class AuditLine(Struct, frozen=True):
    sequence: int
    at: datetime
    who: str
    what: str
    subject: str


class Verified(Struct, frozen=True):
    """What a check of everything found: a sentence on the first that is wrong, "" where all is well."""

    lines: int  # of the audit
    audit: str
    database: str  # the same of the database
    artefacts: str  # and of the sealed files

    @property
    def good(self) -> bool:
        return not (self.audit or self.database or self.artefacts)


class TakenIn(Struct, frozen=True):
    """What came home from a spool."""

    records: int  # that are new in the database
    known: int  # that were there already
    torn: int  # places where a write was cut off, which nobody was told was done
    unread: int  # that this key cannot read, or that make no sense; their files are kept aside
