"""What is recorded of the session that is loaded, wherever it can be kept; the next companion goes on with it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Final

from vr_app.companion import forms
from vr_app.companion.bookmark import Bookmark
from vr_app.companion.books import LOCKED, Journal, Shelf, Trouble, Unknown, written
from vr_app.companion.described import Catalogue, cues, entry
from vr_app.course import Mode
from vr_app.station.messages import Keep, Rated, Status

log = logging.getLogger(__name__)

LAST: Final = {Mode.LEAVING.value, Mode.OVER.value}  # words of a plan, which may be the one before
BEFORE: Final = {mode.value for mode in Mode} - LAST


class Record:
    """The record of the session that is loaded; see vr_app.companion.hub.Recording."""

    def __init__(self, shelf: Shelf, bookmark: Bookmark) -> None:
        """A session that a companion before this one recorded is recorded on."""
        marked = bookmark.read()
        self.session = marked.session if marked is not None else None
        self.patient = marked.patient if marked is not None else ""  # pseudonym
        self._visit = marked.visit if marked is not None else ""
        self._rated: set[Rated] = set()  # that were recorded, or are about to be
        self.recording = ""
        self.catalogue: Catalogue | None = None  # once somebody has asked for it
        self._shelf, self._bookmark = shelf, bookmark
        self._ended = False
        self._there = True  # the plan: until then it is the one before that says how it ends

    def cues(self, plan: str) -> tuple[str, ...]:
        return cues(self.catalogue, plan)

    def note(self, at: float, what: str, by: str) -> None:
        session = self.session
        self._there = self._there or what in BEFORE
        if session is None or self._ended or (what in LAST and not self._there):
            return
        self._shelf.later(partial(self._write, lambda journal: journal.add_event(session, at, what, by=by)))
        if what == Mode.OVER.value:
            self._end(session, "played", by)

    def rate(self, status: Status) -> None:
        """What the patient answered, while the picture is this session's."""
        session = self.session
        if session is None or not self._visit or status.visit != self._visit:
            return
        for rated in status.ratings:
            if rated not in self._rated:
                self._rated.add(rated)
                self._shelf.later(partial(self._write, partial(_rated, session, rated)))

    def remember(self, keep: Keep, done: Callable[[], object]) -> None:
        """To the patient that it says, whoever is here by now."""
        self._shelf.later(partial(self._remember, keep, done))

    def _remember(self, keep: Keep, done: Callable[[], object], book: Journal | None, aside: Journal | None) -> None:
        """On the records' thread. What could not be kept is not answered, so the station asks once more."""
        try:
            written(lambda journal: journal.put_memory(keep.patient, keep.scene, keep.key, keep.value), book, aside)
        except Unknown:
            log.warning("what a place remembers is nobody's: that patient or work was erased from the records")
        except Trouble as error:
            self.recording = f"not kept: {error}"
            return
        except Exception:
            log.exception("what a place remembers could not be recorded")
            return
        done()

    async def begin(self, plan: forms.NewSession, pseudonym: str, by: str, visit: str = "") -> str | None:
        """The record's id; None, and `recording` says why, when nothing of it is kept: it is played all the same.

        `visit`: the mark of LoadPlan.
        """
        self.close("another plan was loaded")
        self.session, self.patient, self._there = None, pseudonym, False
        self._visit, self._rated = visit, set()

        def job(journal: Journal) -> str:
            body = entry(self.catalogue, plan.plan) or {}
            return journal.begin_session(plan.plan, body, by=by, minutes=plan.minutes, patient=plan.patient)

        try:
            session, in_records = await self._shelf.write(job)
        except Trouble as error:
            self.recording = f"not kept: {error}"
            return None
        self.session, self._ended = session, False
        self.recording = "saved" if in_records else f"kept aside: {LOCKED}"
        await self._shelf.run(partial(self._bookmark.write, session, pseudonym, visit))
        return session

    def close(self, how: str) -> None:
        """The session that was recorded is over, if it is not yet."""
        if self.session is not None and not self._ended:
            self._end(self.session, how, "")

    def _end(self, session: str, how: str, by: str) -> None:
        self._ended = True
        self._shelf.later(lambda book, aside: self._bookmark.remove())
        self._shelf.later(partial(self._write, lambda journal: journal.end_session(session, how, by=by)))

    def _write(self, job: Callable[[Journal], None], book: Journal | None, aside: Journal | None) -> None:
        """On the records' thread."""
        try:
            _, in_records = written(job, book, aside)
            self.recording = "saved" if in_records else f"kept aside: {LOCKED}"
        except Trouble as error:
            self.recording = f"not kept: {error}"
        except Exception:  # the session is led from this process: it never ends for a record
            log.exception("an event could not be recorded")
            self.recording = "not kept: the records do not answer; restart Harborlight after this session"


def _rated(session: str, rated: Rated, journal: Journal) -> None:
    journal.add_rating(session, rated)
