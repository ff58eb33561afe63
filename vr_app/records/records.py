"""The records of a clinic: patients, sessions, notes, in an encrypted database that one process has open.

Synchronous, and for one thread. Each method is one transaction: when it returns, what it was given is on the disk; when
it raises RecordsError, nothing of it is.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session as Transaction

from vr_app.files import lock
from vr_app.profile import Profile
from vr_app.records import audit, database, keys, rows, store, works
from vr_app.records.errors import AlreadyOpen, Damaged, NoStore, RecordsError, Refused, damaged, unwritable
from vr_app.records.journal import (
    RATING,
    Begun,
    Clock,
    Ended,
    Happened,
    Item,
    Journal,
    Noted,
    Remembered,
    decoded,
    new_id,
    utc_now,
)
from vr_app.records.keys import KEY_BYTES, KEY_FILE, Keys
from vr_app.records.models import ArtefactRow, ClinicianRow, EventRow, OwnRow, PatientRow, ProfileRow, SessionRow
from vr_app.records.pseudonyms import new_pseudonym
from vr_app.records.recovery import new_recovery_key
from vr_app.records.spool import Spool, unsealed, whole_frames
from vr_app.records.values import (
    ArtefactKind,
    AuditLine,
    Clinic,
    Clinician,
    Decided,
    Made,
    Memory,
    Name,
    Patient,
    Session,
    SessionLine,
    TakenIn,
    Text,
    Verified,
)

DATABASE: Final = "records.db"
ARTEFACTS: Final = "artefacts"  # the folder of sealed files, beside the database
_MAKING: Final = "records.making.db"  # until the key file is there, which is when there are records
_CLINIC, _PRIVATE = "clinic", "private key of the spool"

log = logging.getLogger(__name__)


def exist(folder: Path) -> bool:
    """Whether records were made here."""
    return (folder / KEY_FILE).exists()


def public_key(folder: Path) -> bytes:
    """What a spool is sealed to; no secret is needed. Raises Damaged or NewerDatabase."""
    return keys.read_keys(folder).public


class Records(Journal):
    """Open records. `create` or `open` them."""

    def __init__(self, folder: Path, opened: Keys, key: bytes, engine: Engine, clock: Clock) -> None:
        super().__init__(clock)
        self._folder = folder
        self._keys = opened
        self._key = key
        self._engine = engine
        self._held = ExitStack()
        self._closed = False
        self._audit_key = keys.derived(key, b"audit")

    # --- making, opening, closing

    @classmethod
    def create(cls, folder: Path, passphrase: str, *, by: str = "", clock: Clock = utc_now) -> tuple[Records, str]:
        """New records, and the recovery key, which is told this once.

        Raises Refused (there are some already, or the passphrase is short), Damaged (there is a database without its
        key file), AlreadyOpen, DiskFull.
        """
        with ExitStack() as stack:
            stack.enter_context(_alone(folder))
            if exist(folder):
                raise Refused("There are records here already; open them with their passphrase.")
            if (folder / DATABASE).exists():
                raise Damaged("There is a database here without its key file; bring it back from the last backup.")
            private = X25519PrivateKey.generate()
            key, recovery_key = secrets.token_bytes(KEY_BYTES), new_recovery_key()
            made = Keys(keys.VERSION, new_id(), private.public_key().public_bytes_raw(), {})
            made = keys.locked_by_passphrase(made, key, passphrase)
            made = keys.locked_by_recovery_key(made, key, recovery_key)
            _make_database(folder, key, private)
            keys.write_keys(folder, made)
            return cls._opened(folder, made, key, stack, clock, (by, "made")), recovery_key

    @classmethod
    def open(cls, folder: Path, secret: str | None = None, *, by: str = "", clock: Clock = utc_now) -> Records:
        """With passphrase or recovery key, or, without either, with the key that the operating system keeps.

        Raises WrongKey, NoStore, NewerDatabase, Damaged, AlreadyOpen, DiskFull.
        """
        if not exist(folder):
            keys.read_keys(folder)  # says why not
        with ExitStack() as stack:
            stack.enter_context(_alone(folder))
            found = keys.read_keys(folder)
            key = _from_store(found) if secret is None else keys.unlocked(found, secret)
            return cls._opened(folder, found, key, stack, clock, (by, "opened"))

    @classmethod
    def _opened(
        cls, folder: Path, found: Keys, key: bytes, held: ExitStack, clock: Clock, witnessed: tuple[str, str]
    ) -> Records:
        """Takes over what is held when all is well."""
        path = folder / DATABASE
        _tidy(folder)
        if not path.exists() or not path.stat().st_size:  # which would become a new one
            raise damaged()
        engine = database.connected(path, keys.derived(key, b"database"))
        held.callback(engine.dispose)
        database.migrate(engine, path)
        records = cls(folder, found, key, engine, clock)
        if records._private().public_key().public_bytes_raw() != found.public:
            raise Damaged("The records' key file was changed; bring it back from the last backup.")
        records._witness_a_cut(witnessed[0])
        records.witness(*witnessed)
        records._held = held.pop_all()
        return records

    def close(self) -> None:
        """May be called twice. The database is one file afterwards."""
        self._closed = True
        with database.told():
            self._held.close()

    def __enter__(self) -> Records:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- keys

    def set_passphrase(self, passphrase: str, *, by: str) -> None:
        """The one before opens nothing any more. Raises Refused when it is too short."""
        changed = keys.locked_by_passphrase(self._keys, self._key, passphrase)
        self.witness(by, "changes the passphrase")
        self._set_keys(changed)

    def new_recovery_key(self, *, by: str) -> str:
        """Told this once; the one before opens nothing any more."""
        recovery_key = new_recovery_key()
        self.witness(by, "makes a new recovery key")
        self._set_keys(keys.locked_by_recovery_key(self._keys, self._key, recovery_key))
        return recovery_key

    def keep_key(self, *, by: str) -> None:
        """Whoever may use this computer's account opens them without a passphrase from now on. Raises NoStore."""
        stored = secrets.token_bytes(KEY_BYTES)
        store.keep(self._keys.records, stored)
        self.witness(by, "lets the computer keep the key")
        self._set_keys(keys.locked_by_store(self._keys, self._key, stored))

    def drop_key(self, *, by: str) -> None:
        """The passphrase is needed again."""
        self.witness(by, "lets the computer drop the key")
        self._set_keys(keys.without_store(self._keys))
        store.drop(self._keys.records)

    def _set_keys(self, changed: Keys) -> None:
        """After the audit has said so: of the two, only this one tells whether it is done."""
        keys.write_keys(self._folder, changed)
        self._keys = changed

    # --- the clinic and who works there

    def clinic(self) -> Clinic | None:
        """None: nobody has said."""
        with self._reading() as session:
            row = session.get(OwnRow, _CLINIC)
            return None if row is None else msgspec.json.decode(row.body, type=Clinic)

    def set_clinic(self, clinic: Clinic, *, by: str) -> None:
        body = msgspec.json.encode(_checked(clinic, Clinic))
        with self._writing(by, "clinic set") as session:
            session.merge(OwnRow(name=_CLINIC, body=body))

    def clinicians(self) -> tuple[Clinician, ...]:
        """All who are or were here, by name."""
        with self._reading() as session:
            found = session.scalars(select(ClinicianRow).order_by(ClinicianRow.name))
            return tuple(Clinician(row.id, row.name, row.here) for row in found)

    def set_clinicians(self, names: Sequence[str], *, by: str) -> None:
        """These are here, and nobody else; whoever has left stays in what they signed."""
        here = {_checked(name.strip(), Name) for name in names}
        with self._writing(by, "clinicians set") as session:
            for row in session.scalars(select(ClinicianRow)):
                row.here = row.name in here
                here.discard(row.name)
            session.add_all(ClinicianRow(id=new_id(), name=name, here=True) for name in sorted(here))

    # --- patients

    def patients(self) -> tuple[Patient, ...]:
        """By pseudonym."""
        with self._reading() as session:
            found = session.scalars(select(PatientRow).order_by(PatientRow.pseudonym))
            return tuple(Patient(row.id, row.pseudonym, row.note, row.added) for row in found)

    def add_patient(self, note: str = "", *, by: str) -> Patient:
        """With a pseudonym of their own; `note` is the clinic's, to know them by."""
        note = _checked(note, Text)
        patient, now = new_id(), self._clock()
        with self._writing(by, "patient added", patient) as session:
            pseudonym = new_pseudonym(set(session.scalars(select(PatientRow.pseudonym))))
            key = secrets.token_bytes(KEY_BYTES)
            session.add(PatientRow(id=patient, pseudonym=pseudonym, note=note, key=key, added=now))
        return Patient(patient, pseudonym, note, now)

    def profile(self, patient: str) -> Profile:
        """What holds now; nothing is avoided while nobody has said. Raises Unknown."""
        with self._reading() as session:
            rows.known(session, PatientRow, patient)
            newest = select(ProfileRow).where(ProfileRow.patient_id == patient).order_by(ProfileRow.number.desc())
            row = session.scalars(newest.limit(1)).first()
            return Profile() if row is None else msgspec.json.decode(row.body, type=Profile)

    def set_profile(self, patient: str, profile: Profile, *, by: str) -> None:
        """The one before is kept, for what was known when. Raises Unknown."""
        body = msgspec.json.encode(_checked(profile, Profile))
        with self._writing(by, "profile set", patient) as session:
            rows.known(session, PatientRow, patient)
            session.add(ProfileRow(patient_id=patient, at=self._clock(), by=by, body=body))

    def artefact_key(self, patient: str) -> bytes:
        """Of all that this patient makes. Raises Unknown."""
        with self._reading() as session:
            return rows.known(session, PatientRow, patient).key

    # --- what scenes remember

    def put_memory(self, patient: str, scene: str, key: str, body: bytes) -> int:
        """Its version, one more than the last. Raises Unknown, Refused for more than MEMORY_BYTES."""
        item = self._remembered(patient, scene, key, body)
        with self._writing() as session:
            return rows.remember(session, item)

    def get_memory(self, patient: str, scene: str, key: str) -> Memory | None:
        """The newest; None: nothing was kept. Raises Unknown."""
        with self._reading() as session:
            return rows.memory(session, patient, scene, key)

    def memories(self, patient: str) -> dict[tuple[str, str], bytes]:
        """The newest of all that scenes keep, by scene and key. Raises Unknown."""
        with self._reading() as session:
            return rows.memories(session, patient)

    def recalled(self, patient: str) -> dict[tuple[str, str], bytes]:
        """The same of what a visit begins with: works that are long ago stay here. Raises Unknown."""
        with self._reading() as session:
            return rows.recalled(session, patient)

    # --- works, which are memories in pieces

    def works(self, patient: str) -> tuple[Made, ...]:
        """All that this patient made and nobody erased, the newest first. Raises Unknown."""
        with self._reading() as session:
            return works.works(session, patient)

    def set_consent(self, patient: str, work: str, given: bool, *, by: str) -> None:
        """Whether the patient wants to have this work out of the records; what was said before is kept, too.

        Raises Unknown, Refused without a name of who asked.
        """
        what: Decided = "goes home" if given else "stays"
        with self._writing(by, "consent given" if given else "consent taken back", f"{patient} {work}") as session:
            works.decide(session, patient, work, what, self._clock(), _checked(by, Name))

    def erase_work(self, patient: str, work: str, *, by: str) -> None:
        """For good: a piece of it that comes later is not kept either. Raises Unknown, Refused without a name."""
        with self._writing(by, "work erased", f"{patient} {work}") as session:
            works.erase(session, patient, work, self._clock(), _checked(by, Name))
        database.put_down(self._engine)

    def erased_works(self, patient: str) -> tuple[str, ...]:
        """Their names: a picture that still holds one lets go of it. Raises Unknown."""
        with self._reading() as session:
            return works.erased(session, patient)

    def hand_over(self, patient: str, names: Sequence[str], *, by: str) -> None:
        """These works leave the records, and the audit says so. Raises Refused unless each has consent."""
        with self._writing(by, "works handed over", f"{patient} {' '.join(names)}") as session:
            works.may_go(session, patient, names)

    # --- sessions

    def sessions(self, patient: str | None = None) -> tuple[SessionLine, ...]:
        """Of this patient, or all; the newest first."""
        with self._reading() as session:
            return rows.lines(session, patient)

    def session(self, session_id: str) -> Session:
        """Raises Unknown."""
        with self._reading() as session:
            return rows.whole(session, session_id)

    @property
    def artefacts(self) -> Path:
        """The folder for sealed files, which is there."""
        folder = self._folder / ARTEFACTS
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def add_artefact(self, session_id: str, kind: ArtefactKind, title: str, file: str, *, by: str) -> str:
        """The id of a sealed file of this name in `artefacts`, as it is now. Raises Unknown, Refused: no such file."""
        kind, title = _checked(kind, ArtefactKind), _checked(title, Text)
        digest = _digest(self.artefacts / file) if Path(file).name == file else None
        if digest is None:
            raise Refused("What the patient made is not in the records' folder; keep it once more.")
        made, at, size = new_id(), self._clock(), (self.artefacts / file).stat().st_size
        with self._writing(by, "artefact added", made) as session:
            rows.known(session, SessionRow, session_id)
            if session.scalars(select(ArtefactRow).where(ArtefactRow.file == file)).first() is not None:
                raise Refused("This is in the records already.")
            session.add(
                ArtefactRow(
                    id=made, session_id=session_id, kind=kind, title=title, file=file, size=size, sha256=digest, at=at
                )
            )
        return made

    def take_in(self, spool: Spool) -> TakenIn:
        """Bring home what was sealed while the database was locked or the disk full; a second time changes nothing.

        A file is removed when all of it is on the disk here, and kept aside when it holds what cannot be read.
        """
        private = self._private()
        content, aside, items, torn, unread = spool.content(), [], [], 0, 0
        for path, data in content.items():
            bodies, gaps = whole_frames(data)
            read = [_item(private, body) for body in bodies]
            items += [item for item in read if item is not None]
            torn += gaps
            if None in read:
                unread += read.count(None)
                aside.append(path)
        new = 0
        if items:
            with self._writing("", "spool taken in", str(len(items))) as session:
                new = sum(rows.store_spooled(session, item) for item in items)
        spool.begin_anew([path for path in content if path not in aside], aside)
        log.info("%d records came home from the spool, %d places torn, %d unread", new, torn, unread)
        return TakenIn(new, len(items) - new, torn, unread)

    def _keep(self, item: Item, data: bytes) -> None:
        if isinstance(item, Happened) and item.kind == RATING and self._has(item):
            return
        with self._writing(*_witnessed(item)) as session:
            rows.store(session, item)

    def _has(self, item: Happened) -> bool:
        """Whether it came before: then the audit has its line."""
        with self._reading() as session:
            return session.get(EventRow, item.id) is not None

    def _witness_a_cut(self, who: str) -> None:
        """Before the next mark hides it: the database is older than its mark, or the mark is gone."""
        with self._reading() as session:
            whole = audit.goes_on_from(session, audit.read_mark(self._folder))
        if not whole:
            self.witness(who, audit.CUT_OFF)

    def _private(self) -> X25519PrivateKey:
        with self._reading() as session:
            row = session.get(OwnRow, _PRIVATE)
            if row is None:
                raise damaged()
            return X25519PrivateKey.from_private_bytes(row.body)

    # --- the audit, and whether all is whole

    def witness(self, who: str, what: str, subject: str = "") -> None:
        """One more line of the audit, of what is done elsewhere: an export, a look at a session."""
        with self._writing(who, what, subject):
            pass

    def audit(self) -> tuple[AuditLine, ...]:
        """From the first line to the last."""
        with self._reading() as session:
            return audit.lines(session)

    def verify(self) -> Verified:
        """Read everything. Raises nothing for what is damaged; that is what it tells."""
        with self._transaction():
            whole = database.check(self._engine)
        try:
            with self._reading() as session:
                count, wrong = audit.verify(session, self._audit_key, audit.read_mark(self._folder))
                lost = self._lost(session)
        except RecordsError as error:
            return Verified(0, str(error), whole or str(error), "")
        return Verified(count, wrong, whole, lost)

    def _lost(self, session: Transaction) -> str:
        made = session.scalars(select(ArtefactRow)).all()
        wrong = sum(_digest(self.artefacts / row.file) != row.sha256 for row in made)
        return f"Of {len(made)} things that patients made, {wrong} are missing or damaged." if wrong else ""

    # --- transactions

    def _transaction(self) -> Transaction:
        if self._closed:  # the engine would open the file once more, and nobody would hold the lock
            raise Refused("The records are closed; open them with the passphrase.")
        return Transaction(self._engine)

    @contextmanager
    def _reading(self) -> Iterator[Transaction]:
        with database.told(), self._transaction() as session:
            yield session

    @contextmanager
    def _writing(self, who: str = "", what: str = "", subject: str = "") -> Iterator[Transaction]:
        """With a line in the audit when there is something to say."""
        mark = None
        with database.told(), self._transaction() as session, session.begin():
            yield session
            session.flush()
            if what:
                mark = audit.add(session, self._audit_key, self._clock(), who, what, subject)
        if mark is not None:
            audit.write_mark(self._folder, mark)


# --- files


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Raises AlreadyOpen or Refused."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = (folder / "records.lock").open("a+")
    except OSError as error:
        raise unwritable(error) from None
    with file:
        try:
            lock(file)
        except OSError:
            raise AlreadyOpen("The records are open in another Harborlight on this computer; close it first.") from None
        yield


def _make_database(folder: Path, key: bytes, private: X25519PrivateKey) -> None:
    """Under another name until the key file is there: what a crash leaves before is nobody's."""
    path = folder / _MAKING
    for left in folder.glob(f"{_MAKING}*"):
        left.unlink()
    engine = database.connected(path, keys.derived(key, b"database"))
    try:
        database.make(engine)
        with database.told(), Transaction(engine) as session, session.begin():
            session.add(OwnRow(name=_PRIVATE, body=private.private_bytes_raw()))
    finally:
        engine.dispose()


def _tidy(folder: Path) -> None:
    """And what was killed while it replaced a file is taken away."""
    for left in folder.glob(".records.*.part"):
        left.unlink()
    if (folder / _MAKING).exists() and not (folder / DATABASE).exists():
        (folder / _MAKING).rename(folder / DATABASE)


def _from_store(found: Keys) -> bytes:
    key = keys.unlocked_by_store(found, store.kept(found.records))
    if key is None:
        raise NoStore("The key that this computer keeps is not the one for these records; type the passphrase.")
    return key


def _digest(path: Path) -> bytes | None:
    """None: it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return None


# --- values and rows


def _checked(value: object, kind: Any) -> Any:
    """The value, if it is one; a frozen struct does not look at what it is made of. Raises Refused."""
    try:
        return msgspec.convert(msgspec.to_builtins(value), kind)
    except (msgspec.MsgspecError, TypeError):
        raise Refused("This cannot be kept: something is missing, too long, or out of its range.") from None


def _witnessed(item: Item) -> tuple[str, str, str]:
    """What the audit says of it; of most events it says nothing, for they are never changed and there are many."""
    match item:
        case Begun():
            return item.by, "session begun", item.id
        case Ended():
            return item.by, "session ended", item.session
        case Noted():
            return item.by, "note added", item.id
        case Happened(kind=kind) if kind == RATING:
            return item.by, "rating kept", item.id
        case Happened() | Remembered():
            return "", "", ""


def _item(private: X25519PrivateKey, body: bytes) -> Item | None:
    """What was sealed; None when this key does not open it, or it makes no sense."""
    data = unsealed(private, body)
    try:
        return None if data is None else decoded(data)
    except msgspec.MsgspecError:
        return None
