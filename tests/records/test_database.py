"""The database on a disk: full, damaged, of a later version, open elsewhere, or to be brought up to date."""

from __future__ import annotations

import contextlib
import os
import random
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlcipher3 import dbapi2 as sqlcipher

from tests.records.conftest import PASSPHRASE
from tests.records.test_records import PLAN
from vr_app.records import database, keys
from vr_app.records.errors import AlreadyOpen, Damaged, DiskFull, NewerDatabase
from vr_app.records.records import DATABASE, Records, public_key
from vr_app.records.spool import Spool
from vr_app.records.values import TakenIn

FULL = r"^The disk is full, so this was not saved; free some space and try again\.$"


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def key(folder: Path) -> bytes:
    return keys.derived(keys.unlocked(keys.read_keys(folder), PASSPHRASE), b"database")


@contextmanager
def raw(folder: Path) -> Iterator[sqlcipher.Connection]:
    """The closed database as one who has the key sees it."""
    connection = sqlcipher.connect(str(folder / DATABASE))
    connection.execute(f"PRAGMA key = \"x'{key(folder).hex()}'\"")
    yield connection
    connection.commit()
    connection.close()


# As it is set


def test_it_is_as_safe_as_it_says(records: Records) -> None:
    with records._engine.connect() as connection:
        for pragma, value in {
            "journal_mode": "wal",
            "synchronous": 2,
            "foreign_keys": 1,
            "secure_delete": 1,
            "temp_store": 2,
            "locking_mode": "exclusive",
            "cipher_memory_security": "1",
            "cipher_use_hmac": "1",
        }.items():
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value, pragma


def test_models_and_migrations_say_the_same(records: Records) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from vr_app.records.models import Base

    with records._engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, Base.metadata) == []


# Open elsewhere


def test_a_second_one_is_told_so_and_changes_nothing(folder: Path, records: Records) -> None:
    patient = records.add_patient(by="Ann")
    child = (
        "import sys; from pathlib import Path; from vr_app.records.records import Records\n"
        "from vr_app.records.errors import AlreadyOpen\n"
        "try: Records.open(Path(sys.argv[1]), sys.argv[2])\n"
        "except AlreadyOpen as error: print(error)"
    )
    told = subprocess.run([sys.executable, "-c", child, str(folder), PASSPHRASE], capture_output=True, text=True)
    assert told.stdout == "The records are open in another Harborlight on this computer; close it first.\n"
    assert told.stderr == ""
    with pytest.raises(AlreadyOpen):
        Records.open(folder, "whatever it is")
    with pytest.raises(AlreadyOpen):
        Records.create(folder, PASSPHRASE)
    assert records.patients() == (patient,)
    records.close()
    records.close()
    Records.open(folder, PASSPHRASE).close()


def test_another_program_in_the_database_is_told_so(
    folder: Path, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    records.close()
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.05)
    with raw(folder) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Exception, match="Another program has the records' database open"):
            Records.open(folder, PASSPHRASE)
    Records.open(folder, PASSPHRASE).close()


# Full


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """No file can grow beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def filled(records: Records, session: str) -> list[str]:
    """Notes that were acknowledged until the disk was full."""
    notes: list[str] = []
    with contextlib.suppress(DiskFull):
        while True:
            notes.append(records.add_note(session, f"{len(notes)} " + "calm " * 5000, by="Ann"))
    return notes


def test_where_files_cannot_grow_nothing_acknowledged_is_lost(folder: Path, records: Records) -> None:
    session = records.begin_session(PLAN, by="Ann", minutes=5.0)
    with Spool(folder, public_key(folder)) as spool:
        with files_of_at_most(1_200_000):
            notes = filled(records, session)
            with pytest.raises(DiskFull):
                records.add_note(session, "calm " * 50_000, by="Ann")
            event = spool.add_event(session, "cue")
        assert [note.id for note in records.session(session).notes] == notes
        assert records.take_in(spool) == TakenIn(1, 0, 0, 0)
        assert event in [kept.id for kept in records.session(session).events]
        records.add_note(session, "and on it goes", by="Ann")
    assert records.verify().good


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("unproven without the right to mount: a disk that is full; `make test` as root brings it")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_on_a_full_disk_the_spool_goes_on_and_comes_home(tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    with small_disk(folder, "4m"), Records.create(folder, PASSPHRASE)[0] as records:
        session = records.begin_session(PLAN, by="Ann", minutes=5.0)
        other = folder / "somebody else's"
        with Spool(folder, public_key(folder)) as spool:
            other.write_bytes(bytes(1_000_000))
            notes = filled(records, session)
            with contextlib.suppress(OSError), (folder / "rest").open("wb", buffering=0) as rest:
                while rest.write(bytes(4096)):
                    pass
            assert shutil.disk_usage(folder).free == 0
            events = [spool.add_event(session, "cue", {"said": "x" * 600}) for _ in range(100)]
            spool.end_session(session, "ended gently", by="Ann")
            for attempt in (
                lambda: records.set_passphrase("another passphrase", by="Ann"),
                lambda: spool.add_note(session, "x" * 999_999, by="Ann"),
            ):
                with pytest.raises(DiskFull, match=FULL):
                    attempt()
            assert [note.id for note in records.session(session).notes] == notes
            other.unlink()
            (folder / "rest").unlink()
            assert records.take_in(spool) == TakenIn(101, 0, 0, 0)
        whole = records.session(session)
        assert [event.id for event in whole.events] == events
        assert whole.line.how == "ended gently"
        assert records.verify().good
        records.close()
        Records.open(folder, PASSPHRASE).close()  # not by the passphrase that could not be kept


def test_on_a_disk_that_was_full_before_nothing_is_half_made(tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    with small_disk(folder, "100k"):
        with pytest.raises(DiskFull):
            Records.create(folder, PASSPHRASE)
        with Spool(folder, bytes(range(32))) as spool, pytest.raises(DiskFull):
            spool.begin_session(PLAN, by="Ann", minutes=5.0)
        assert not (folder / DATABASE).exists()
        subprocess.run(["mount", "-o", "remount,size=8m", str(folder)], check=True)
        Records.create(folder, PASSPHRASE)[0].close()
        Records.open(folder, PASSPHRASE).close()


# Damaged


def test_every_changed_byte_is_found(folder: Path, records: Records) -> None:
    """By opening or by verify, wherever it is."""
    session = records.begin_session(PLAN, patient=records.add_patient(by="Ann").id, by="Ann", minutes=5.0)
    for number in range(30):
        records.add_note(session, f"{number} calm " * 300, by="Ann")
    records.close()
    before, chance = files(folder), random.Random(7)
    good = before[DATABASE]
    for place in [0, 15, 16, 17, len(good) - 1, *(chance.randrange(len(good)) for _ in range(25))]:
        changed = good[:place] + bytes([good[place] ^ 1 << chance.randrange(8)]) + good[place + 1 :]
        _put(folder, {**before, DATABASE: changed})
        assert not _found_good(folder), place
    _put(folder, before)
    assert _found_good(folder)


def _put(folder: Path, content: dict[str, bytes]) -> None:
    """These files, and no others."""
    for path in folder.iterdir():
        path.unlink()
    for name, data in content.items():
        (folder / name).write_bytes(data)


def _found_good(folder: Path) -> bool:
    try:
        with Records.open(folder, PASSPHRASE) as opened:
            return opened.verify().good
    except Damaged:
        return False


@pytest.mark.parametrize("left", [0, 100, 4096, 10_000])
def test_a_file_that_was_cut_off_is_told_as_damaged(folder: Path, records: Records, left: int) -> None:
    """An empty file is no new database."""
    records.close()
    path = folder / DATABASE
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(Damaged, match=r"^The records' database is damaged or was changed; .*\.$"):
        Records.open(folder, PASSPHRASE)
    assert path.stat().st_size == left


def test_a_missing_file_is_told_as_damaged_and_not_made_anew(folder: Path, records: Records) -> None:
    records.close()
    (folder / DATABASE).unlink()
    with pytest.raises(Damaged):
        Records.open(folder, PASSPHRASE)
    assert not (folder / DATABASE).exists()


def test_records_of_two_folders_are_not_mixed(folder: Path, records: Records, tmp_path: Path) -> None:
    records.close()
    Records.create(tmp_path / "other", PASSPHRASE)[0].close()
    (folder / DATABASE).write_bytes((tmp_path / "other" / DATABASE).read_bytes())
    with pytest.raises(Damaged):
        Records.open(folder, PASSPHRASE)


def test_a_folder_without_records_says_so_and_stays_empty(tmp_path: Path) -> None:
    with pytest.raises(Damaged):
        Records.open(tmp_path / "nothing", PASSPHRASE)
    assert not (tmp_path / "nothing").exists()


# Later and earlier versions


def test_a_later_version_is_left_to_the_last_byte(folder: Path, records: Records) -> None:
    records.close()
    with raw(folder) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = files(folder)
    with pytest.raises(
        NewerDatabase, match=r"^These records were made by a later version of Harborlight; update .*\.$"
    ):
        Records.open(folder, PASSPHRASE)
    assert files(folder) == before


LATER = '''
"""A column more."""
import sqlalchemy as sa
from alembic import op

revision = "9001"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("patient", sa.Column("more", sa.Text))
    op.execute("UPDATE patient SET more = note")
    {then}
'''


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Migrations of a version to come."""
    copy = tmp_path / "migrations"
    shutil.copytree(database._MIGRATIONS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(database, "_MIGRATIONS", copy)
    return copy / "versions/r9001_more.py"


def test_an_earlier_version_is_brought_up_to_date_and_kept(folder: Path, records: Records, later: Path) -> None:
    patient = records.add_patient("Tuesdays", by="Ann")
    records.close()
    before = files(folder)[DATABASE]
    later.write_text(LATER.format(then=""))
    with Records.open(folder, PASSPHRASE) as opened:
        assert opened.patients() == (patient,)
        assert opened.verify().good
        with opened._engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT more FROM patient").scalar() == "Tuesdays"
    assert files(folder)["records.before-9001.db"] == before
    Records.open(folder, PASSPHRASE).close()


def test_a_migration_that_fails_leaves_all_as_it_was(folder: Path, records: Records, later: Path) -> None:
    patient = records.add_patient("Tuesdays", by="Ann")
    records.close()
    later.write_text(LATER.format(then="op.execute('SELECT nonsense')"))
    with pytest.raises(Damaged):
        Records.open(folder, PASSPHRASE)
    later.unlink()
    with Records.open(folder, PASSPHRASE) as opened:
        assert opened.patients() == (patient,)
        assert opened.verify().good


def test_without_room_for_a_copy_nothing_is_migrated(folder: Path, records: Records, later: Path) -> None:
    records.close()
    before = files(folder)
    later.write_text(LATER.format(then=""))
    with files_of_at_most(50_000), pytest.raises(DiskFull):
        Records.open(folder, PASSPHRASE)
    assert files(folder) == before


def test_migrations_are_one_line_without_branches() -> None:
    assert len(ScriptDirectory.from_config(database._config()).get_heads()) == 1


def test_only_the_owner_may_look_into_the_folder(folder: Path, records: Records) -> None:
    if os.name == "posix":
        assert folder.stat().st_mode & 0o077 == 0
