"""What a patient made, for pages: each work with its consent, erasing one, and handing over those that may go."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Final, Protocol
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from vr_app.companion import forms
from vr_app.companion.books import Book, Shelf, Trouble
from vr_app.companion.glimpse import glimpse
from vr_app.companion.handing import NAMES, Handing, Job
from vr_app.companion.record import Record
from vr_app.companion.rooms import Asks, Wrong, answered, form_of, id_of, pseudonym_of
from vr_app.course import Mode
from vr_app.exports.garden import is_recording, item_of
from vr_app.exports.items import BAYS, HandOverError, Item, Kind, Language
from vr_app.records.values import Made
from vr_app.works.chunks import Read, read_chunks
from vr_app.works.works import seconds_of

KINDS: Final[dict[str, Kind]] = {"mandala": "mandala", "triptych": "triptych", "sound_garden": "garden"}  # by scene
_NO_SOUND: Final = "It holds what the garden plays by itself; nothing of it was recorded."
_NOTHING: Final = "There is nothing in it yet."
_NOBODY: Final = "say first who sits here, under This screen: consent and erasing bear a name"
_LOCKED: Final = "VR is locked: from the injection until they are cleared nobody consents to anything"
_UNDER_WAY: Final = "a session of theirs is under way; end it first, then this can be done"
_PLAYS: Final = "a session plays, and this would take its computer's time; try again when it is over"
_NONE: Final = "nothing here has consent to go home; ask the patient, and switch it on beside each work they want"
_GONE: Final = "this was taken already, or waited too long; make it once more"


class Here(Protocol):
    """What is known of the room."""

    beginning: asyncio.Lock  # held while a patient's visit begins

    @property
    def me(self) -> str:
        """Who sits here; "": nobody has said."""


class WorkRooms:
    """The handlers. Whatever they raise is answered as one sentence."""

    def __init__(
        self, asks: Asks, shelf: Shelf, record: Record, handing: Handing, here: Here, *, language: str
    ) -> None:
        """`language`: of pages that go home with somebody whose profile says none."""
        self._asks, self._shelf, self._record, self._handing, self._here = asks, shelf, record, handing, here
        self._language = language

    def routes(self) -> list[Route]:
        return [
            Route(path, partial(answered, handler), methods=[method])
            for path, method, handler in (
                ("/api/patients/{patient}/works", "GET", self._works),
                ("/api/patients/{patient}/works/{work}/consent", "PUT", self._set_consent),
                ("/api/patients/{patient}/works/{work}", "DELETE", self._erase),
                ("/api/patients/{patient}/hand-over", "POST", self._hand_over),
                ("/api/hand-over/{token}", "GET", self._how_far),
                ("/api/hand-over/{token}/files", "GET", self._files),
            )
        ]

    async def _works(self, request: Request) -> tuple[forms.Work, ...]:
        patient = id_of(request, "patient")
        found = await self._shelf.ask(lambda book: book.works(patient))
        return await asyncio.to_thread(lambda: tuple(map(told, found)))

    async def _set_consent(self, request: Request) -> dict[str, bool]:
        """Given between sessions alone; taken back at any time."""
        patient, work, by = id_of(request, "patient"), id_of(request, "work"), self._named()
        given = (await form_of(request, forms.NewConsent)).given
        if given:
            await self._refuse_while_under_way(patient)
            status = self._asks.status
            if status is not None and status.locked:
                raise Wrong(409, _LOCKED)
        await self._shelf.ask(lambda book: book.set_consent(patient, work, given, by=by))
        return {"given": given}

    async def _erase(self, request: Request) -> dict[str, bool]:
        patient, work, by = id_of(request, "patient"), id_of(request, "work"), self._named()
        async with self._here.beginning:  # no visit begins with a work that is just erased
            await self._refuse_while_under_way(patient)
            await self._shelf.ask(lambda book: book.erase_work(patient, work, by=by))
        return {"erased": True}

    async def _hand_over(self, request: Request) -> forms.HandOver:
        """Begins it, with all that has consent."""
        patient, _ = id_of(request, "patient"), self._named()
        status = self._asks.status
        if status is not None and status.mode == Mode.PLAYING.value:
            raise Wrong(409, _PLAYS)
        found, language = await self._shelf.ask(partial(_with_consent, patient))
        going = await asyncio.to_thread(going_home, found)
        if not going:
            raise Wrong(409, _NONE)
        said: Language = "es" if (language or self._language) == "es" else "en"
        try:
            pieces = sum(len(made.pieces) for made in found)
            return self._handing.begin(Job(patient, tuple(going), pieces, said), [*going.values()])
        except HandOverError as error:
            raise Wrong(409, str(error)) from None

    async def _how_far(self, request: Request) -> forms.HandOver:
        return self._job(request).told()

    async def _files(self, request: Request) -> Response:
        """The ZIP, once: the audit says so before the first byte, and consent is asked for once more."""
        job, by = self._job(request), self._named()
        if job.state != "ready":
            raise Wrong(409, job.words or "this is still being made")
        try:
            await self._shelf.ask(lambda book: book.hand_over(job.patient, job.works, by=by))
        except Trouble:
            self._handing.drop()
            raise
        name = quote(f"{NAMES[job.language]}.zip")
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        return StreamingResponse(self._handing.take(job), media_type="application/zip", headers=headers)

    def _job(self, request: Request) -> Job:
        job = self._handing.job(id_of(request, "token"))
        if job is None:
            raise Wrong(404, _GONE)
        return job

    def _named(self) -> str:
        if not self._here.me:
            raise Wrong(409, _NOBODY)
        return self._here.me

    async def _refuse_while_under_way(self, patient: str) -> None:
        pseudonym = await self._shelf.ask(partial(pseudonym_of, patient))
        status = self._asks.status
        if status is not None and status.mode != Mode.OVER.value and self._record.patient == pseudonym:
            raise Wrong(409, _UNDER_WAY)


def _with_consent(patient: str, book: Book) -> tuple[tuple[Made, ...], str]:
    """Works that may go, and the language of the patient's profile."""
    found = tuple(made for made in book.works(patient) if made.consent is not None and made.consent.given)
    return found, book.profile(patient).language


def told(made: Made) -> forms.Work:
    """What a page shows of a work."""
    read, consent = read_chunks(made.pieces), made.consent
    strokes = tuple(read.sketch.shown().values())
    return forms.Work(
        work=made.work,
        scene=made.scene,
        kind=kind_of(made),
        began=made.begun.isoformat(),
        changed=made.changed.isoformat(),
        strokes=len(strokes),
        seconds=seconds_of(read.sketch),
        finished=read.sketch.finished,
        stays=_stays(made, read),
        trouble=read.trouble,
        consent=None if consent is None else forms.Consent(consent.given, consent.at.isoformat(), consent.by),
        glimpse=glimpse(kind_of(made), strokes),
    )


def going_home(found: Sequence[Made]) -> dict[str, Item]:
    """By work, the oldest first: those of which there is something to take."""
    items = {}
    for made in reversed(found):
        read = read_chunks(made.pieces)
        if not _stays(made, read):
            items[made.work] = _item(made, read)
    return items


def _item(made: Made, read: Read) -> Item:
    given = made.consent is not None and made.consent.given
    if kind_of(made) == "garden":
        return item_of(read.sketch, consent=given)
    return Item(kind_of(made), given, strokes=tuple(read.sketch.shown().values()), things=dict(read.sketch.things))


def kind_of(made: Made) -> Kind:
    return KINDS.get(made.scene, "painting")


def _stays(made: Made, read: Read) -> str:
    """Why it cannot go home; "": it can."""
    if kind_of(made) == "garden":
        return "" if is_recording(read.sketch) else _NO_SOUND
    words = kind_of(made) == "triptych" and any(map(read.sketch.things.get, BAYS))
    return "" if read.sketch.seen or words else _NOTHING
