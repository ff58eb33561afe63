"""The companion's books, kept in `vr_app.records`; and what is kept aside while those are shut."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from vr_app.companion import forms
from vr_app.companion.books import Book, Journal, Trouble, Unknown
from vr_app.profile import Profile
from vr_app.records import errors, journal, values
from vr_app.records.errors import NoStore, RecordsError
from vr_app.records.records import Records, exist, public_key
from vr_app.records.spool import Spool
from vr_app.station.messages import Rated

log = logging.getLogger(__name__)


class KeptJournal:
    """See vr_app.companion.books.Journal."""

    def __init__(self, kept: journal.Journal) -> None:
        self._kept = kept

    def begin_session(
        self, plan: str, body: dict[str, Any], *, by: str, minutes: float | None, patient: str | None
    ) -> str:
        with _told():
            snapshot = values.Plan(plan, body)
            lasts = minutes if minutes is not None else float(body.get("minutes", 0.0))
            return self._kept.begin_session(snapshot, by=by or _NOBODY, minutes=lasts, patient=patient)

    def add_event(self, session: str, seconds: float, what: str, *, by: str) -> None:
        with _told():
            self._kept.add_event(session, "session", {"words": what, "by": by}, seconds=max(seconds, 0.0))

    def add_note(self, session: str, seconds: float, text: str, *, by: str) -> None:
        with _told():
            self._kept.add_note(session, text, by=by or _NOBODY, seconds=seconds)

    def end_session(self, session: str, how: str, *, by: str) -> None:
        with _told():
            self._kept.end_session(session, how, by=by or _NOBODY)

    def add_rating(self, session: str, rated: Rated) -> None:
        with _told():
            what = f"{session} {rated.when} {rated.value} {rated.seconds}"
            event = hashlib.sha256(what.encode()).hexdigest()[:32]  # a companion that was killed may have kept it
            body = {"when": rated.when, "value": rated.value}
            self._kept.add_event(session, journal.RATING, body, seconds=max(rated.seconds, 0.0), event=event)

    def put_memory(self, patient: str, scene: str, key: str, value: bytes) -> None:
        with _told():
            self._kept.put_memory(patient, scene, key, value)


_NOBODY = "nobody named"


class KeptBook(KeptJournal):
    """See vr_app.companion.books.Book."""

    def __init__(self, records: Records) -> None:
        super().__init__(records)
        self._records = records

    def clinic(self) -> forms.Clinic:
        with _told():
            found = self._records.clinic()
            here = tuple(each.name for each in self._records.clinicians() if each.here)
        if found is None:
            return forms.Clinic(clinicians=here)
        limits = found.thresholds or values.Thresholds()
        return forms.Clinic(found.name, found.room, here, limits, found.volume_db, found.rehearsal)

    def patients(self) -> tuple[forms.Patient, ...]:
        with _told():
            seen: dict[str | None, str] = {}
            for line in self._records.sessions():  # the newest first
                seen.setdefault(line.patient, line.begun.isoformat())
            return tuple(_patient(each, seen.get(each.id, "")) for each in self._records.patients())

    def add_patient(self, note: str, *, by: str) -> forms.Patient:
        with _told():
            return _patient(self._records.add_patient(note, by=by), "")

    def profile(self, patient: str) -> Profile:
        with _told():
            return self._records.profile(patient)

    def set_profile(self, patient: str, profile: Profile, *, by: str) -> None:
        with _told():
            self._records.set_profile(patient, profile, by=by)

    def put_memory(self, patient: str, scene: str, key: str, value: bytes) -> None:
        with _told():
            before = self._records.get_memory(patient, scene, key)
            if before is None or before.body != value:  # a companion that was killed may have kept it, and not said so
                self._records.put_memory(patient, scene, key, value)

    def memories(self, patient: str) -> dict[tuple[str, str], bytes]:
        with _told():
            return self._records.recalled(patient)

    def erased_works(self, patient: str) -> tuple[str, ...]:
        with _told():
            return self._records.erased_works(patient)

    def works(self, patient: str) -> tuple[values.Made, ...]:
        with _told():
            return self._records.works(patient)

    def set_consent(self, patient: str, work: str, given: bool, *, by: str) -> None:
        with _told():
            self._records.set_consent(patient, work, given, by=by)

    def erase_work(self, patient: str, work: str, *, by: str) -> None:
        with _told():
            self._records.erase_work(patient, work, by=by)

    def hand_over(self, patient: str, works: Sequence[str], *, by: str) -> None:
        with _told():
            self._records.hand_over(patient, works, by=by)

    def sessions(self, patient: str) -> tuple[forms.Session, ...]:
        with _told():
            return tuple(self.session(line.id) for line in self._records.sessions(patient or None))

    def session(self, session: str) -> forms.Session:
        with _told():
            found = self._records.session(session)
        return forms.Session(
            id=session,
            plan=str(found.snapshot.body.get("title", found.snapshot.name)),
            minutes=found.minutes or 0.0,
            began=found.line.begun.isoformat(),
            by=found.line.by,
            events=tuple(
                forms.Happening(each.seconds or 0.0, str(each.body.get("words", "")), str(each.body.get("by", "")))
                for each in found.events
                if each.kind != journal.RATING
            ),
            ratings=tuple(
                forms.Rating(each.seconds or 0.0, each.body["when"], each.body["value"])
                for each in found.events
                if each.kind == journal.RATING
            ),
            notes=tuple(forms.Happening(each.seconds or 0.0, each.text, each.by) for each in found.notes),
        )

    def close(self) -> None:
        with _told():
            self._records.close()


class KeptLibrary:
    """See vr_app.companion.books.Library. Once told to keep something aside, it alone does so in this folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._spool: Spool | None = None

    def there(self) -> bool:
        return exist(self._folder)

    def create(self, setup: forms.Setup) -> tuple[Book, str]:
        by = setup.clinicians[0]
        with _told():
            records, key = Records.create(self._folder, setup.passphrase, by=by)
            clinic = values.Clinic(setup.clinic, setup.room, setup.thresholds, setup.volume_db, setup.rehearsal)
            records.set_clinic(clinic, by=by)
            records.set_clinicians(setup.clinicians, by=by)
            with suppress(NoStore):  # then the passphrase is asked for at each start
                records.keep_key(by=by)
        return KeptBook(records), key

    def open(self, secret: str) -> Book:
        with _told():
            return self._opened(Records.open(self._folder, secret))

    def open_by_store(self) -> Book | None:
        if not self.there():
            return None
        with _told():
            try:
                return self._opened(Records.open(self._folder))
            except NoStore:
                return None

    def aside(self) -> Journal | None:
        if not self.there():
            return None
        with _told():
            return KeptJournal(self._spooled())

    def _opened(self, records: Records) -> KeptBook:
        """With what was kept aside; where that cannot be brought home it stays where it is."""
        try:
            records.take_in(self._spooled())
        except RecordsError as error:
            log.warning("what was kept aside stays there: %s", error)
        return KeptBook(records)

    def _spooled(self) -> Spool:
        if self._spool is None:
            self._spool = Spool(self._folder / "aside", public_key(self._folder))
        return self._spool


@contextmanager
def _told() -> Iterator[None]:
    """What goes wrong in the records is Trouble to the companion."""
    try:
        yield
    except errors.Unknown as error:
        raise Unknown(str(error)) from None
    except RecordsError as error:
        raise Trouble(str(error)) from None


def _patient(found: values.Patient, seen: str) -> forms.Patient:
    return forms.Patient(found.id, found.pseudonym, found.note, seen)
