"""The encrypted database as an engine of SQLAlchemy: its settings, migrations, and what its errors mean.

SQLCipher encrypts and authenticates each page, of the write-ahead log too. WAL with synchronous FULL: a commit returns
when it is on the disk. One connection, which no other process may share, so there is no shared-memory file either.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from shutil import copyfileobj
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, StaticPool, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlcipher3 import dbapi2 as sqlcipher

from vr_app.files import replace_file
from vr_app.records.errors import RecordsError, Refused, damaged, full, newer, unwritable

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_BUSY_SECONDS: Final = 5.0  # for a virus scanner that has just opened the file
_SETTINGS: Final = (
    "cipher_memory_security = ON",  # its pages are wiped when given back
    "temp_store = MEMORY",  # else a large sort goes to a plain file
    "locking_mode = EXCLUSIVE",
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "secure_delete = ON",
)


def connected(path: Path, key: bytes) -> Engine:
    """An engine for one thread; the file is opened with its first use, and closed by `dispose()`."""

    def connect() -> Any:
        connection = sqlcipher.connect(str(path), timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            for setting in ("cipher_log_level = NONE", f"key = \"x'{key.hex()}'\"", *_SETTINGS):
                connection.execute(f"PRAGMA {setting}").fetchall()
        except BaseException:
            connection.close()
            raise
        return connection

    engine = create_engine(
        "sqlite+pysqlite://", module=sqlcipher, creator=connect, poolclass=StaticPool, hide_parameters=True
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # the driver itself begins only before the first change

    return engine


@contextmanager
def told() -> Iterator[None]:
    """Whatever the database says becomes one of our errors, with nothing of what was being written in it."""
    try:
        yield
    except UnicodeError:
        raise Refused("This cannot be kept: there is something in it that is no text.") from None
    except DBAPIError as error:
        raise _sentence(str(error.orig)) from None
    except sqlcipher.Error as error:
        raise _sentence(str(error)) from None


def _sentence(words: str) -> RecordsError:
    if "full" in words or "disk I/O" in words:
        return full()
    if "readonly" in words or "unable to open" in words:
        return Refused("The folder of the records cannot be written; have its rights mended.")
    if "locked" in words:
        return Refused("Another program has the records' database open; close it and try again.")
    return damaged()


def put_down(engine: Engine) -> None:
    """What was written ahead stands in the file itself from now on; what it replaced is nowhere any more."""
    with told(), closing(engine.raw_connection()) as connection:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")


# --- migrations


def make(engine: Engine) -> None:
    """All tables, in an empty database."""
    with told():
        _upgrade(engine)


def migrate(engine: Engine, path: Path) -> None:
    """To this version's tables, in one transaction, a copy of the file kept beside it.

    Raises NewerDatabase, DiskFull or Damaged, and then nothing was touched.
    """
    with told():
        with engine.connect() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
        known = [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()]
        if revision == known[0]:
            return
        if revision is None:  # not even empty tables: the file was cut off or exchanged
            raise damaged()
        if revision not in known:
            raise newer()
        engine.dispose()  # all of it goes into the one file
        _copy(path, path.with_name(f"{path.stem}.before-{known[0]}{path.suffix}"))
        _upgrade(engine)


def _upgrade(engine: Engine) -> None:
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _copy(path: Path, copy: Path) -> None:
    wal = path.with_name(f"{path.name}-wal")
    if wal.exists() and wal.stat().st_size:
        raise full()
    try:
        with path.open("rb") as file:
            replace_file(copy, lambda out: copyfileobj(file, out), lasting=True)
    except OSError as error:
        raise unwritable(error) from None


# --- checks


def check(engine: Engine) -> str:
    """Every page, every index, every reference: a sentence when something is wrong, else ""."""
    checks: dict[str, list[object]] = {
        "cipher_integrity_check": [],
        "integrity_check": [("ok",)],
        "foreign_key_check": [],
    }
    try:
        with engine.connect() as connection:
            whole = all(
                connection.exec_driver_sql(f"PRAGMA {name}").fetchall() == good for name, good in checks.items()
            )
    except DBAPIError:
        whole = False
    return "" if whole else str(damaged())
