"""What the companion asks of the records, and the one thread that does it: the event loop never waits for a disk."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Protocol, TypeVar

from vr_app.companion.forms import Clinic, Patient, Session, Setup
from vr_app.profile import Profile
from vr_app.records.values import Made
from vr_app.station.messages import Rated

log = logging.getLogger(__name__)

LOCKED: Final = "the records are locked; unlock them with the passphrase"
NOT_SET_UP: Final = "Harborlight was not set up here yet; answer its first questions"
_T = TypeVar("_T")


class Trouble(Exception):
    """What was asked of the records is not done; the text is the one sentence for people."""


class Locked(Trouble):
    """They are locked, or not there yet."""


class Unknown(Trouble):
    """There is no such patient or session."""


class Journal(Protocol):
    """Where a session's course goes: the records, or what is kept aside while those are locked. Raises Trouble."""

    def begin_session(
        self, plan: str, body: dict[str, Any], *, by: str, minutes: float | None, patient: str | None
    ) -> str:
        """Its id; `body` is the plan as it is now."""

    def add_event(self, session: str, seconds: float, what: str, *, by: str) -> None: ...

    def add_note(self, session: str, seconds: float, text: str, *, by: str) -> None: ...

    def end_session(self, session: str, how: str, *, by: str) -> None: ...

    def add_rating(self, session: str, rated: Rated) -> None:
        """The same once more changes nothing."""

    def put_memory(self, patient: str, scene: str, key: str, value: bytes) -> None:
        """What a scene remembers of this patient from now on; the same once more changes nothing."""


class Book(Journal, Protocol):
    """Records that are open. Raises Trouble, Unknown for ids that are none."""

    def clinic(self) -> Clinic: ...

    def patients(self) -> tuple[Patient, ...]: ...

    def add_patient(self, note: str, *, by: str) -> Patient: ...

    def profile(self, patient: str) -> Profile: ...

    def set_profile(self, patient: str, profile: Profile, *, by: str) -> None: ...

    def memories(self, patient: str) -> dict[tuple[str, str], bytes]:
        """What scenes remember, by scene and key: all things, and the newest works."""

    def erased_works(self, patient: str) -> tuple[str, ...]:
        """Names of works that scenes may still hold."""

    def works(self, patient: str) -> tuple[Made, ...]:
        """The newest first."""

    def set_consent(self, patient: str, work: str, given: bool, *, by: str) -> None: ...

    def erase_work(self, patient: str, work: str, *, by: str) -> None:
        """For good."""

    def hand_over(self, patient: str, works: Sequence[str], *, by: str) -> None:
        """They leave the records; not unless each has consent."""

    def sessions(self, patient: str) -> tuple[Session, ...]: ...

    def session(self, session: str) -> Session: ...

    def close(self) -> None: ...


class Library(Protocol):
    """The folder of the records. All but `there` may take seconds; raises Trouble."""

    def there(self) -> bool:
        """Whether records were ever made here."""

    def create(self, setup: Setup) -> tuple[Book, str]:
        """New records, open, and their recovery key."""

    def open(self, secret: str) -> Book:
        """By passphrase or recovery key."""

    def open_by_store(self) -> Book | None:
        """By the key that the operating system keeps, if it does."""

    def aside(self) -> Journal | None:
        """Where a session's course goes while the records are locked; None while there are no records at all."""


class NoLibrary:
    """Where no records can be kept: everything about patients is locked, and sessions run all the same."""

    def there(self) -> bool:
        return False

    def create(self, setup: Setup) -> tuple[Book, str]:
        raise Trouble("no records can be kept on this computer; run `harborlight doctor`")

    def open(self, secret: str) -> Book:
        raise Locked(NOT_SET_UP)

    def open_by_store(self) -> Book | None:
        return None

    def aside(self) -> Journal | None:
        return None


class Shelf:
    """The records as they are now, open or not, and their thread."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._book: Book | None = None
        self._thread = ThreadPoolExecutor(1, "records")
        self.there = library.there()
        self.clinic = Clinic()

    @property
    def locked(self) -> bool:
        return self._book is None

    async def ask(self, question: Callable[[Book], _T]) -> _T:
        """Raises Trouble."""

        def run() -> _T:
            if self._book is None:
                raise Locked(LOCKED if self.there else NOT_SET_UP)
            return question(self._book)

        return await self._on_thread(run)

    def later(self, job: Callable[[Journal | None, Journal | None], None]) -> None:
        """On the thread, in the order asked, with the records if they are open, and what is kept aside."""
        self._thread.submit(lambda: job(self._book, self._library.aside()))

    async def run(self, job: Callable[[], _T]) -> _T:
        """What is no record, and waits for the disk all the same."""
        return await self._on_thread(job)

    async def write(self, job: Callable[[Journal], _T]) -> tuple[_T, bool]:
        """Into the records, else aside; whether it was the records. Raises Trouble when neither takes it."""

        def run() -> tuple[_T, bool]:
            return written(job, self._book, self._library.aside())

        return await self._on_thread(run)

    async def create(self, setup: Setup) -> str:
        """The recovery key. Raises Trouble."""
        if self.there:
            raise Trouble("Harborlight was set up here already; unlock its records instead")

        def run() -> str:
            book, key = self._library.create(setup)
            self._took(book)
            return key

        return await self._on_thread(run)

    async def open(self, secret: str | None) -> None:
        """By passphrase or recovery key; None: by the operating system's store, if that has it. Raises Trouble."""

        def run() -> None:
            if self._book is None:
                book = self._library.open_by_store() if secret is None else self._library.open(secret)
                if book is not None:
                    self._took(book)

        await self._on_thread(run)

    async def lock(self) -> None:
        def run() -> None:
            book, self._book = self._book, None
            if book is not None:
                book.close()

        await self._on_thread(run)

    async def close(self) -> None:
        """All that was asked is done."""
        await self.lock()
        self._thread.shutdown(wait=False)

    def _took(self, book: Book) -> None:
        self._book, self.there, self.clinic = book, True, book.clinic()

    async def _on_thread(self, run: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, run)


def written(job: Callable[[Journal], _T], book: Journal | None, aside: Journal | None) -> tuple[_T, bool]:
    """See Shelf.write."""
    if book is not None:
        try:
            return job(book), True
        except Unknown:
            raise
        except Trouble as error:
            if aside is None:
                raise
            log.warning("the records take nothing (%s); it is kept aside", type(error).__name__)
    if aside is None:
        raise Locked(NOT_SET_UP)
    return job(aside), False
