"""What pages ask for and are given by HTTP: JSON by msgspec, each value in its range."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

from vr_app import limits
from vr_app.commands import Slot, When
from vr_app.companion.messages import Name
from vr_app.records.values import Thresholds

Id = Annotated[str, Meta(min_length=1, max_length=64, pattern="^[A-Za-z0-9_-]+$")]
Called = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"\S")]
Minutes = Annotated[float, Meta(ge=0.1, le=60.0)]
MOST_CLINICIANS: Final = 100
TOO_LONG: Final = f"a form may have at most {limits.FORM_BYTES // 1_000_000} MB; shorten it"


class Setup(Struct, frozen=True, forbid_unknown_fields=True):
    """The first run."""

    clinic: Called
    clinicians: Annotated[tuple[Called, ...], Meta(min_length=1, max_length=MOST_CLINICIANS)]
    passphrase: Annotated[str, Meta(min_length=8, max_length=256)]
    room: Name = ""
    thresholds: Thresholds = Thresholds()
    volume_db: Annotated[float, Meta(ge=-24.0, le=0.0)] = 0.0
    rehearsal: bool = False


class Unlock(Struct, frozen=True, forbid_unknown_fields=True):
    """`passphrase`: or the recovery key."""

    passphrase: Annotated[str, Meta(min_length=1, max_length=256)]


class Me(Struct, frozen=True, forbid_unknown_fields=True):
    name: Name


class NewPatient(Struct, frozen=True, forbid_unknown_fields=True):
    note: Annotated[str, Meta(max_length=2000)] = ""


class NewSession(Struct, frozen=True, forbid_unknown_fields=True):
    """`patient` "": nobody's, such as a rehearsal; `name` sits beside them."""

    plan: Slot
    patient: Id | None = None
    minutes: Minutes | None = None
    name: Name = ""


class NewNote(Struct, frozen=True, forbid_unknown_fields=True):
    """At session second `at`."""

    text: Annotated[str, Meta(min_length=1, max_length=1_000_000)]
    at: Annotated[float, Meta(ge=0.0, le=1e6)] = 0.0


class NewConsent(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the patient wants to have a work out of the records."""

    given: bool


# --- what is given


class Clinic(Struct, frozen=True):
    """What the first run asked for."""

    name: str = ""
    room: str = ""
    clinicians: tuple[str, ...] = ()
    thresholds: Thresholds = Thresholds()
    volume_db: float = 0.0
    rehearsal: bool = False


class Home(Struct, frozen=True):
    build: str
    first_run: bool
    locked: bool
    clinic: str
    room: str
    clinicians: tuple[str, ...]
    me: str
    rehearsal: bool
    headset: str
    volume_db: float
    thresholds: Thresholds


class Patient(Struct, frozen=True):
    id: str
    pseudonym: str
    note: str = ""
    seen: str = ""  # ISO 8601, of the last session; "": never


class Happening(Struct, frozen=True):
    """At session second `at`."""

    at: float
    words: str
    by: str = ""


class Rating(Struct, frozen=True):
    """At session second `at`: how the patient said they were, from 0 to 10."""

    at: float
    when: When
    value: int


class Session(Struct, frozen=True):
    """`began` in ISO 8601; the first of `events` is the oldest."""

    id: str
    plan: str
    minutes: float
    began: str
    by: str
    events: tuple[Happening, ...] = ()
    notes: tuple[Happening, ...] = ()
    ratings: tuple[Rating, ...] = ()  # a later one of the same kind holds


class Consent(Struct, frozen=True):
    """What the patient said last, when (ISO 8601), and who asked."""

    given: bool
    at: str
    by: str


class Line(Struct, frozen=True):
    """Of a glimpse: #RRGGBB, how wide, and x, y, x, y, ... from the upper left of a square of 100."""

    colour: str
    wide: float
    points: tuple[float, ...]


class Glimpse(Struct, frozen=True):
    """A work in a few lines, to know it by."""

    ground: str  # #RRGGBB
    lines: tuple[Line, ...]


class Work(Struct, frozen=True):
    """Something a patient made. Nothing of it is scored."""

    work: str  # its name
    scene: str  # it was made in
    kind: str  # of vr_app.exports.items.Kind
    began: str  # ISO 8601
    changed: str
    strokes: int  # that are seen
    seconds: float  # it was made in; 0: nobody wrote them down
    finished: bool  # it hangs in the patient's gallery
    stays: str  # why it cannot go home at all; "": it can
    trouble: str  # what of it could not be read; "": nothing
    consent: Consent | None  # None: nobody has asked
    glimpse: Glimpse


class HandOver(Struct, frozen=True):
    """A ZIP that is made, by its token: `state` is making, ready or failed, and `words` say more, if there is more."""

    token: str
    state: str
    done: int
    of: int
    words: str
