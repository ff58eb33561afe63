"""What pages ask by HTTP: first run, patients, profiles, plans, sessions, notes; and what is recorded of a session."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Protocol, TypeVar

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from vr_app import limits
from vr_app.commands import Command, LoadPlan, SetComfort
from vr_app.companion import forms
from vr_app.companion.books import Book, Journal, Locked, Shelf, Trouble, Unknown
from vr_app.companion.described import Catalogue, Describer, LeftOut, NotDescribed, entry, fitted
from vr_app.companion.forms import TOO_LONG
from vr_app.companion.handing import Handing
from vr_app.companion.messages import NotUnderstood, sentence
from vr_app.companion.record import Record
from vr_app.course import Mode
from vr_app.profile import Profile
from vr_app.station.messages import Status

log = logging.getLogger(__name__)

_Form = TypeVar("_Form")
_encoder = msgspec.json.Encoder()


class Wrong(Exception):
    """What is answered with a status of its own and one sentence."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class _Named(msgspec.Struct):
    id: forms.Id


class Asks(Protocol):
    """The hub, as far as rooms go."""

    @property
    def status(self) -> Status | None: ...

    async def ask(self, command: Command, by: str) -> str | None:
        """Why the station refuses; None: done."""

    async def recall(self, patient: str, known: Mapping[tuple[str, str], bytes], erased: Sequence[str]) -> str | None:
        """What a patient's places remember, and works that they do no more, before a plan is loaded for them.

        Why the station refuses it.
        """


class Rooms:
    """The handlers. Whatever they raise is answered as one sentence."""

    def __init__(
        self,
        asks: Asks,
        shelf: Shelf,
        record: Record,
        describer: Describer,
        left_out: LeftOut,
        handing: Handing,
        *,
        build: str,
        rehearsal: bool,
        language: str,
    ) -> None:
        """`language`: of sessions whose patient's profile says none."""
        self._language = language
        self._asks, self._shelf, self._record = asks, shelf, record
        self._describer, self._left_out, self._handing = describer, left_out, handing
        self._build, self._rehearsal = build, rehearsal
        self.me = ""  # whoever sits here; "": nobody has said
        self.beginning = asyncio.Lock()  # held while a patient's visit begins

    def routes(self) -> list[Route]:
        def route(path: str, method: str, handler: Callable[[Request], Awaitable[object]]) -> Route:
            return Route(path, partial(answered, handler), methods=[method])

        return [
            route("/api/home", "GET", self._home),
            route("/api/setup", "POST", self._setup),
            route("/api/unlock", "POST", self._unlock),
            route("/api/lock", "POST", self._lock),
            route("/api/me", "POST", self._be),
            route("/api/patients", "GET", self._patients),
            route("/api/patients", "POST", self._add_patient),
            route("/api/patients/{patient}/profile", "GET", self._profile),
            route("/api/patients/{patient}/profile", "PUT", self._set_profile),
            route("/api/catalogue", "GET", self._catalogue),
            route("/api/sessions", "POST", self._begin),
            route("/api/sessions", "GET", self._sessions),
            route("/api/sessions/{session}", "GET", self._session),
            route("/api/sessions/{session}/notes", "POST", self._add_note),
        ]

    # --- the station and its people

    async def _home(self, request: Request) -> forms.Home:
        clinic, status = self._shelf.clinic, self._asks.status
        return forms.Home(
            build=self._build,
            first_run=not self._shelf.there,
            locked=self._shelf.locked,
            clinic=clinic.name,
            room=clinic.room,
            clinicians=clinic.clinicians,
            me=self.me,
            rehearsal=self._rehearsal or clinic.rehearsal,
            headset=status.headset if status is not None else "",
            volume_db=clinic.volume_db,
            thresholds=clinic.thresholds,
        )

    async def _setup(self, request: Request) -> dict[str, str]:
        setup = await form_of(request, forms.Setup)
        key = await self._shelf.create(setup)
        self.me = setup.clinicians[0]
        return {"recovery_key": key}

    async def _unlock(self, request: Request) -> dict[str, bool]:
        await self._shelf.open((await form_of(request, forms.Unlock)).passphrase)
        return {"locked": self._shelf.locked}

    async def _lock(self, request: Request) -> dict[str, bool]:
        status = self._asks.status
        if status is not None and status.mode == Mode.PLAYING.value and status.worn:
            raise Wrong(409, "a session plays and the headset is worn; the records stay open until it is over")
        self._handing.drop()
        await self._shelf.lock()
        return {"locked": True}

    async def _be(self, request: Request) -> dict[str, str]:
        self.me = (await form_of(request, forms.Me)).name.strip()
        return {"me": self.me}

    # --- patients

    async def _patients(self, request: Request) -> tuple[forms.Patient, ...]:
        return await self._shelf.ask(lambda book: book.patients())

    async def _add_patient(self, request: Request) -> forms.Patient:
        note, by = (await form_of(request, forms.NewPatient)).note, self.me
        return await self._shelf.ask(lambda book: book.add_patient(note, by=by))

    async def _profile(self, request: Request) -> Profile:
        patient = id_of(request, "patient")
        return await self._shelf.ask(lambda book: book.profile(patient))

    async def _set_profile(self, request: Request) -> Profile:
        patient, profile, by = id_of(request, "patient"), await form_of(request, Profile), self.me
        await self._shelf.ask(lambda book: book.set_profile(patient, profile, by=by))
        return profile

    async def _catalogue(self, request: Request) -> Catalogue:
        patient = request.query_params.get("patient")
        profile = await self._shelf.ask(lambda book: book.profile(patient)) if patient else None
        try:
            told = self._record.catalogue = await self._describer.catalogue()
        except NotDescribed as error:
            raise Wrong(503, str(error)) from None
        return fitted(told, profile, self._left_out)

    # --- sessions

    async def _begin(self, request: Request) -> dict[str, str | None]:
        """Loads the plan first: nothing is recorded of a session that does not come to be."""
        wanted, by = await form_of(request, forms.NewSession), self.me
        async with self.beginning:  # one after the other: each binds a patient
            return {"session": await self._begun(wanted, by)}

    async def _begun(self, wanted: forms.NewSession, by: str) -> str | None:
        pseudonym, profile = "", None
        if wanted.patient is not None:
            pseudonym, profile, memories, erased = await self._shelf.ask(partial(_patient, wanted.patient))
            if refused := await self._asks.recall(wanted.patient, memories, erased):
                raise Wrong(409, refused)
        known = profile or Profile()
        if why := self._left_out_of(profile, wanted.plan):
            raise Wrong(409, why)
        load = LoadPlan(
            wanted.plan,
            wanted.minutes,
            wanted.name.strip() or by,
            frozenset(known.avoid),
            known.words,
            patient=wanted.patient or "",
            language=known.language or self._language,
            visit=secrets.token_hex(8),
        )
        if refused := await self._asks.ask(load, by):
            raise Wrong(409, refused)
        if profile is not None:
            comfort = SetComfort(profile.brightness, profile.text, profile.hand)
            await self._asks.ask(comfort, by)
        return await self._record.begin(wanted, pseudonym, by, load.visit)

    def _left_out_of(self, profile: Profile | None, plan: str) -> str:
        """Why a plan is not for this patient, as far as is known here; the station asks once more."""
        told = self._record.catalogue
        found = entry(fitted(told, profile, self._left_out), plan) if told is not None else None
        return str(found["left_out"]) if found is not None else ""

    async def _sessions(self, request: Request) -> tuple[forms.Session, ...]:
        patient = request.query_params.get("patient", "")
        return await self._shelf.ask(lambda book: book.sessions(patient))

    async def _session(self, request: Request) -> forms.Session:
        session = id_of(request, "session")
        return await self._shelf.ask(lambda book: book.session(session))

    async def _add_note(self, request: Request) -> dict[str, bool]:
        """Of the session that is recorded now it is taken even while the records are locked."""
        session, note, by = id_of(request, "session"), await form_of(request, forms.NewNote), self.me

        def job(journal: Journal) -> None:
            journal.add_note(session, note.at, note.text, by=by)

        if session != self._record.session:
            await self._shelf.ask(job)
            return {"saved": True}
        _, in_records = await self._shelf.write(job)
        return {"saved": in_records}


def _patient(patient: str, book: Book) -> tuple[str, Profile, dict[tuple[str, str], bytes], tuple[str, ...]]:
    """Pseudonym, profile, what places remember, and which works they do no more."""
    return pseudonym_of(patient, book), book.profile(patient), book.memories(patient), book.erased_works(patient)


def pseudonym_of(patient: str, book: Book) -> str:
    """Raises Unknown."""
    pseudonym = next((each.pseudonym for each in book.patients() if each.id == patient), None)
    if pseudonym is None:
        raise Unknown("there is no such patient; choose one of the list")
    return pseudonym


async def answered(handler: Callable[[Request], Awaitable[object]], request: Request) -> Response:
    try:
        answer = await handler(request)
        return answer if isinstance(answer, Response) else told(answer)
    except Wrong as error:
        return refusal(error.status, str(error))
    except NotUnderstood as error:
        return refusal(400, str(error))
    except Locked as error:
        return refusal(423, str(error))
    except Unknown as error:
        return refusal(404, str(error))
    except Trouble as error:
        return refusal(409, str(error))


def told(value: object, status: int = 200) -> Response:
    return Response(_encoder.encode(value), status, media_type="application/json")


def refusal(status: int, words: str) -> Response:
    return told({"error": words}, status)


def id_of(request: Request, name: str) -> str:
    """Raises NotUnderstood."""
    return _decoded(_encoder.encode({"id": request.path_params[name]}), _Named).id


async def form_of(request: Request, kind: type[_Form]) -> _Form:
    """Raises NotUnderstood, and Wrong for one that is too long."""
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > limits.FORM_BYTES:
                raise Wrong(413, TOO_LONG)
    except ClientDisconnect:
        raise NotUnderstood("the page went before all of it had come") from None
    return _decoded(bytes(body), kind)


def _decoded(data: bytes, kind: type[_Form]) -> _Form:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise NotUnderstood(sentence(error)) from None
