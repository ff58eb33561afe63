"""Kills whoever writes the records at random moments, and shows that nothing acknowledged is ever lost.

`python -m headless_harness.records_kills [--kills 300] [--seed 0]`. A process writes patients, profiles, sessions,
events, notes, memories and passphrases to the database, and some to the spool instead; it tells each one that it is
about to write, and, when the call has returned, that it is written. Of the kills one in five may come while the records
are being opened, the others while they are written. After each one the records are opened, the spool is taken in, all
that was acknowledged since the kill before must be there, and every page and the audit must be whole; at the end, all
of it once more.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import random
import secrets
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct

from vr_app.profile import AVOID, Profile
from vr_app.records.errors import WrongKey
from vr_app.records.journal import Journal
from vr_app.records.records import DATABASE, Records, public_key
from vr_app.records.spool import Spool
from vr_app.records.values import Plan

FIRST: Final = "the first of many passphrases"
ENOUGH: Final = 20  # kills, of which some must come in the middle of a write
OPENING_SECONDS: Final = 0.6  # a kill while opening comes within so long of the process's first sign of life
WRITING_SECONDS: Final = 0.25  # the others within so long of the end of opening
TOLD_EVERY: Final = 50  # kills
STUCK_SECONDS: Final = 60.0
LONG: Final = 60_000  # characters of a long note
PLAN: Final = Plan("shore", {"cues": [{"scene": "tide_breath", "minutes": 5.0}]})
HOW: Final = "at its end"


class Row(Struct, frozen=True, tag=True):
    """Something that is written, by what it can be found again."""

    kind: Literal["patient", "profile", "memory", "session", "end", "event", "note", "passphrase"]
    where: str = ""  # the session or patient that it belongs to
    what: str = ""  # digest of its content
    id: str = ""
    spooled: bool = False


class Doing(Struct, frozen=True, tag=True):
    row: Row


class Opened(Struct, frozen=True, tag=True):
    pass


class Here(Struct, frozen=True, tag=True):
    pass


Said = Here | Opened | Doing | Row


def digest(value: object) -> str:
    return hashlib.sha256(msgspec.json.encode(value, order="sorted")).hexdigest()


# --- the one that writes


class Writer:
    def __init__(self, records: Records, spool: Spool, chance: random.Random, pipe: Connection) -> None:
        self.records = records
        self.spool = spool
        self.chance = chance
        self.pipe = pipe
        self.patient = ""
        self.session = ""

    def write(self) -> None:
        """For ever."""
        self.add_patient()
        self.begin_session()
        writes = {
            self.add_event: 40, self.add_note: 20, self.put_memory: 20, self.set_profile: 10, self.begin_session: 5,
            self.add_patient: 4, self.set_passphrase: 1,
        }  # fmt: skip
        while True:
            self.chance.choices([*writes], [*writes.values()])[0]()

    def journal(self) -> tuple[Journal, bool]:
        spooled = self.chance.random() < 0.2
        return (self.spool if spooled else self.records), spooled

    def add_patient(self) -> None:
        note = secrets.token_hex(20)
        row = self.doing(Row("patient", what=digest(note)))
        self.patient = self.records.add_patient(note, by="Ann").id
        self.done(row, self.patient)

    def set_profile(self) -> None:
        avoid = frozenset(self.chance.sample([*AVOID], self.chance.randrange(len(AVOID))))
        profile = Profile(avoid=avoid, brightness=self.chance.uniform(0.3, 1.0))
        row = self.doing(Row("profile", self.patient, digest(profile)))
        self.records.set_profile(self.patient, profile, by="Ann")
        self.done(row)

    def put_memory(self) -> None:
        body = secrets.token_bytes(self.chance.choice((10, 1000, 20_000)))
        row = self.doing(Row("memory", self.patient, digest(body)))
        self.records.put_memory(self.patient, "values_tree", "tree", body)
        self.done(row)

    def begin_session(self) -> None:
        if self.session:
            row = self.doing(Row("end", self.session))
            self.records.end_session(self.session, HOW, by="Ann")
            self.done(row)
        row = self.doing(Row("session", self.patient))
        self.session = self.records.begin_session(PLAN, patient=self.patient, by="Ann", minutes=5.0)
        self.done(row, self.session)

    def add_event(self) -> None:
        journal, spooled = self.journal()
        body = {"cue": self.chance.randrange(100), "said": secrets.token_hex(10)}
        row = self.doing(Row("event", self.session, digest(body), spooled=spooled))
        self.done(row, journal.add_event(self.session, "cue", body, seconds=1.5))

    def add_note(self) -> None:
        journal, spooled = self.journal()
        text = secrets.token_hex(self.chance.choice((20, 20, 2000, LONG // 2)))
        row = self.doing(Row("note", self.session, digest(text), spooled=spooled))
        self.done(row, journal.add_note(self.session, text, by="Ann", seconds=2.5))

    def set_passphrase(self) -> None:
        passphrase = secrets.token_hex(10)
        row = self.doing(Row("passphrase", what=passphrase))
        self.records.set_passphrase(passphrase, by="Ann")
        self.done(row)

    def doing(self, row: Row) -> Row:
        tell(self.pipe, Doing(row))
        return row

    def done(self, row: Row, row_id: str = "") -> None:
        tell(self.pipe, msgspec.structs.replace(row, id=row_id))


def tell(pipe: Connection, said: Said) -> None:
    pipe.send_bytes(msgspec.msgpack.encode(said))


def write(folder: str, passphrases: list[str], seed: int, pipe: Connection) -> None:
    """The body of the process."""
    tell(pipe, Here())
    path = Path(folder)
    with opened(path, passphrases) as records, Spool(path, public_key(path)) as spool:
        tell(pipe, Opened())
        Writer(records, spool, random.Random(seed), pipe).write()


def opened(folder: Path, passphrases: list[str]) -> Records:
    """By the last passphrase that was acknowledged, or one that a kill fell into."""
    for passphrase in passphrases[:-1]:
        try:
            return Records.open(folder, passphrase, by="Ann")
        except WrongKey:
            continue
    return Records.open(folder, passphrases[-1], by="Ann")


# --- the one that kills


@dataclass(slots=True)
class Told:
    """What was seen."""

    kills: int = 0
    opening: int = 0  # of them, those while the records were being opened
    writing: int = 0  # and those between the beginning of a write and its acknowledgement
    acknowledged: Counter[str] = field(default_factory=Counter)
    spooled: int = 0  # of the acknowledged
    lost: list[Row] = field(default_factory=list)
    unsaid: int = 0  # rows that are there, and of which the kill swallowed the acknowledgement
    torn: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        met = self.writing or self.kills < ENOUGH  # or nothing was shown of what is half written
        return bool(met) and not (self.lost or self.wrong)


@dataclass(slots=True)
class Life:
    """What one process said before it was killed."""

    rows: list[Row] = field(default_factory=list)
    doing: Row | None = None
    opened: bool = False


class Killer:
    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.chance = random.Random(seed)
        self.told = Told()
        self.passphrases = [FIRST]  # one of these opens them; the last acknowledged is first
        self.all: list[Row] = []
        self.newest: dict[tuple[str, str], Row] = {}  # profiles and memories: acknowledged last
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["vr_app.records.records"])  # else a start takes a second
        Records.create(folder, FIRST)[0].close()

    def kill_once(self) -> None:
        life = self._live()
        told = self.told
        told.kills += 1
        told.opening += not life.opened
        told.writing += life.doing is not None
        told.acknowledged.update(row.kind for row in life.rows)
        told.spooled += sum(row.spooled for row in life.rows)
        self._note_passphrases(life)
        self.all += life.rows
        self._check(life.rows, life.doing)

    def check_all(self) -> None:
        self._check([*self.all, *self.newest.values()], None)

    def _live(self) -> Life:
        """Let a process write, and kill it."""
        listen, speak = self._context.Pipe(duplex=False)
        seed = self.chance.randrange(2**32)
        process = self._context.Process(target=write, args=(str(self.folder), self.passphrases, seed, speak))
        process.start()
        speak.close()
        life = Life()
        early = self.chance.random() < 0.2
        left = self.chance.uniform(0.0, OPENING_SECONDS if early else WRITING_SECONDS)
        until = time.monotonic() + STUCK_SECONDS
        while (seconds := until - time.monotonic()) > 0.0:
            if listen.poll(seconds):
                said = self._hear(listen, life)
                if isinstance(said, Here if early else Opened):
                    until = time.monotonic() + left
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL, "it ended by itself"
        while self._hear(listen, life) is not None:
            pass
        listen.close()
        return life

    def _hear(self, listen: Connection, life: Life) -> Said | None:
        """None: nothing more comes."""
        try:
            said: Said = msgspec.msgpack.decode(listen.recv_bytes(), type=Said)
        except (EOFError, OSError):
            return None
        match said:
            case Opened():
                life.opened = True
            case Doing():
                life.doing = said.row
            case Row():
                life.doing = None
                life.rows.append(said)
        return said

    def _note_passphrases(self, life: Life) -> None:
        set_to = [row.what for row in life.rows if row.kind == "passphrase"]
        if set_to:
            self.passphrases = [set_to[-1]]
        if life.doing is not None and life.doing.kind == "passphrase":
            self.passphrases.append(life.doing.what)

    def _check(self, rows: list[Row], doing: Row | None) -> None:
        told = self.told
        with opened(self.folder, self.passphrases) as records, Spool(self.folder, public_key(self.folder)) as spool:
            taken = records.take_in(spool)
            told.torn += taken.torn
            if taken.unread:
                told.wrong.append(f"{taken.unread} sealed records could not be read")
            found = Found(records)
            told.lost += [row for row in rows if row.kind not in ("profile", "memory") and not found.there(row)]
            self._check_newest(records, rows, doing)
            told.unsaid += doing is not None and found.unsaid(doing, self.all)
            verified = records.verify()
            told.wrong += [words for words in (verified.audit, verified.database) if words]

    def _check_newest(self, records: Records, rows: list[Row], doing: Row | None) -> None:
        """A profile or memory is the last that was acknowledged, or the one that the kill fell into."""
        for row in rows:
            if row.kind in ("profile", "memory"):
                self.newest[row.kind, row.where] = row
        touched = {(row.kind, row.where) for row in [*rows, *([doing] if doing else [])]}
        for kind, patient in touched & self.newest.keys():
            row = self.newest[kind, patient]
            memory = records.get_memory(patient, "values_tree", "tree")
            now = digest(records.profile(patient)) if kind == "profile" else digest(memory.body if memory else None)
            if now == row.what:
                continue
            if doing is not None and (doing.kind, doing.where, doing.what) == (kind, patient, now):
                self.newest[kind, patient] = doing
                self.told.unsaid += 1
            else:
                self.told.lost.append(row)


class Found:
    """What is in the records now, by id."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.patients = {patient.id: digest(patient.note) for patient in records.patients()}
        self.sessions = {line.id: line for line in records.sessions()}
        self._inside: dict[str, dict[str, str]] = {}

    def inside(self, session: str) -> dict[str, str]:
        """Digests of a session's events and notes."""
        if session not in self.sessions:
            return {}
        if session not in self._inside:
            whole = self.records.session(session)
            events = {event.id: digest(event.body) for event in whole.events}
            self._inside[session] = events | {note.id: digest(note.text) for note in whole.notes}
        return self._inside[session]

    def there(self, row: Row) -> bool:
        match row.kind:
            case "patient":
                return self.patients.get(row.id) == row.what
            case "session":
                return row.id in self.sessions and self.sessions[row.id].patient == row.where
            case "end":
                return row.where in self.sessions and self.sessions[row.where].how == HOW
            case "event" | "note":
                return self.inside(row.where).get(row.id) == row.what
            case _:  # a passphrase, which has just opened them
                return True

    def unsaid(self, doing: Row, acknowledged: list[Row]) -> bool:
        """Whether what the kill fell into is there all the same."""
        ids = {row.id for row in acknowledged}
        if doing.kind == "patient":
            return doing.what in {what for patient, what in self.patients.items() if patient not in ids}
        if doing.kind in ("event", "note"):
            return doing.what in {what for one, what in self.inside(doing.where).items() if one not in ids}
        if doing.kind == "session":
            return any(line.patient == doing.where and line.id not in ids for line in self.sessions.values())
        return doing.kind == "end" and self.there(doing)


def play(folder: Path, kills: int, seed: int) -> Told:
    killer = Killer(folder, seed)
    for number in range(1, kills + 1):
        killer.kill_once()
        if number % TOLD_EVERY == 0:
            told = killer.told
            print(f"{number} kills: {told.acknowledged.total()} rows acknowledged, {len(told.lost)} lost", flush=True)
    killer.check_all()
    return killer.told


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m headless_harness.records_kills")
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="harborlight-kills-") as name:
        told = play(Path(name) / "records", options.kills, options.seed)
        size = (Path(name) / "records" / DATABASE).stat().st_size
    kinds = ", ".join(f"{count} {kind}" for kind, count in told.acknowledged.most_common())
    print(
        f"{told.kills} kills in {time.monotonic() - begun:.0f} s, {told.opening} while opening, {told.writing} within "
        f"a write; {told.acknowledged.total()} rows acknowledged ({kinds}; {told.spooled} by the spool), "
        f"{len(told.lost)} of them lost; {told.unsaid} rows there whose acknowledgement was swallowed; "
        f"{told.torn} torn places in the spool; {len(told.wrong)} checks of pages and audit failed; {size / 1e6:.1f} MB"
    )
    for wrong in [*told.wrong, *told.lost][:20]:
        print(wrong)
    return 0 if told.good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
