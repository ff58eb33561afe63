"""What happens in a session, in the same words whether it goes to the database or, sealed, to a spool."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final, TypeVar

import msgspec
from msgspec import Meta, Struct

from vr_app.records.errors import Refused
from vr_app.records.values import Id, Name, Plan, Seconds, Text, Word

Clock = Callable[[], datetime]
RATING: Final = "rating"  # the kind of an event: what the patient answered when asked how they are
MEMORY_BYTES: Final = 4_000_000  # of what a scene remembers under one key, at most
Minutes = Annotated[float, Meta(ge=0.0, le=1e4)]


class Begun(Struct, frozen=True, tag=True):
    id: Id
    at: datetime
    patient: Id | None
    plan: Plan
    minutes: Minutes | None
    by: Name


class Happened(Struct, frozen=True, tag=True):
    id: Id
    at: datetime
    session: Id
    seconds: Seconds | None
    by: Annotated[str, Meta(max_length=200)]  # "": by nobody, it happened
    kind: Word
    body: dict[str, Any]


class Noted(Struct, frozen=True, tag=True):
    id: Id
    at: datetime
    session: Id
    seconds: Seconds | None
    by: Name
    text: Text
    amends: Id | None


class Ended(Struct, frozen=True, tag=True):
    at: datetime
    session: Id
    how: Word
    by: Name


class Remembered(Struct, frozen=True, tag=True):
    """What a scene remembers of a patient from now on."""

    at: datetime
    patient: Id
    scene: Word
    key: Word
    body: bytes


Item = Begun | Happened | Noted | Ended | Remembered
_Kept = TypeVar("_Kept", bound=Item)

_decoder: msgspec.msgpack.Decoder[Item] = msgspec.msgpack.Decoder(Item)


def encoded(item: Item) -> bytes:
    """Raises Refused for what cannot be kept."""
    try:
        data = msgspec.msgpack.encode(item)
        _decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeError, TypeError, ValueError, OverflowError):
        raise Refused("This cannot be kept: it is too long, or there is something in it that is no text.") from None
    return data


def decoded(data: bytes) -> Item:
    """Raises msgspec.MsgspecError."""
    return _decoder.decode(data)


def utc_now() -> datetime:
    return datetime.now(UTC)


def new_id() -> str:
    return secrets.token_hex(16)


class Journal(ABC):
    """Each call returns when what it was given is on the disk, or raises RecordsError and nothing of it is there."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def begin_session(self, plan: Plan, *, by: str, minutes: float | None = None, patient: str | None = None) -> str:
        """Its id. `minutes` None: as the plan has them; `patient` None: nobody's, or the records are locked."""
        return self._kept(Begun(new_id(), self._clock(), patient, plan, minutes, by)).id

    def add_event(
        self,
        session: str,
        kind: str,
        body: Mapping[str, Any] | None = None,
        *,
        seconds: float | None = None,
        by: str = "",
        event: str = "",
    ) -> str:
        """`seconds` of the session; `body`: what JSON can hold; `by` "": by nobody, it happened.

        `event`: an id that it has already: what is given twice under one is kept once.
        """
        item = Happened(event or new_id(), self._clock(), session, seconds, by, kind, dict(body or {}))
        return self._kept(item).id

    def add_note(
        self, session: str, text: str, *, by: str, seconds: float | None = None, amends: str | None = None
    ) -> str:
        """`amends`: the id of a note that this one corrects; that one stays."""
        return self._kept(Noted(new_id(), self._clock(), session, seconds, by, text, amends)).id

    def end_session(self, session: str, how: str, *, by: str) -> None:
        """Once: whatever comes later does not change it."""
        self._kept(Ended(self._clock(), session, how, by))

    def put_memory(self, patient: str, scene: str, key: str, body: bytes) -> int | None:
        """Its version, where that is known already. Raises Refused for more than MEMORY_BYTES."""
        self._kept(self._remembered(patient, scene, key, body))
        return None

    def _remembered(self, patient: str, scene: str, key: str, body: bytes) -> Remembered:
        """Raises Refused."""
        if len(body) > MEMORY_BYTES:
            raise Refused("The scene has more to remember than there is room for; the last it kept stays.")
        item = Remembered(self._clock(), patient, scene, key, body)
        encoded(item)
        return item

    def _kept(self, item: _Kept) -> _Kept:
        self._keep(item, encoded(item))
        return item

    @abstractmethod
    def _keep(self, item: Item, data: bytes) -> None:
        """`data`: the item, checked and encoded."""
