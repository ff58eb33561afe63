"""The key file: opened by passphrase, recovery key or the operating system's store, and by nothing else."""

from __future__ import annotations

import json
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null

from tests.records.conftest import PASSPHRASE
from vr_app.records import keys
from vr_app.records.errors import Damaged, NewerDatabase, NoStore, Refused, WrongKey
from vr_app.records.keys import KEY_FILE
from vr_app.records.records import DATABASE, Records, public_key
from vr_app.records.recovery import new_recovery_key


class Store(KeyringBackend):
    """The operating system's, as far as keyring is concerned."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def store() -> Iterator[Store]:
    before = keyring.get_keyring()
    made = Store()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


def test_either_key_opens_them(folder: Path) -> None:
    records, recovery_key = Records.create(folder, PASSPHRASE)
    patient = records.add_patient("Tuesdays", by="Ann")
    records.close()
    for secret in (PASSPHRASE, f" {PASSPHRASE}\n", recovery_key, recovery_key.lower().replace("-", " ")):
        with Records.open(folder, secret) as opened:
            assert opened.patients() == (patient,)


def test_accents_may_be_typed_on_any_keyboard(folder: Path) -> None:
    Records.create(folder, unicodedata.normalize("NFC", "sept hérons à l'été"))[0].close()
    Records.open(folder, unicodedata.normalize("NFD", "sept hérons à l'été")).close()


@pytest.mark.parametrize("secret", ["", "seven quiet heron", "SEVEN QUIET HERONS", "x" * 100_000, "\0", "\ud800"])
def test_a_wrong_passphrase_is_refused_in_one_sentence(folder: Path, records: Records, secret: str) -> None:
    records.close()
    before = (folder / DATABASE).read_bytes()
    with pytest.raises(WrongKey, match=r"^This is not the passphrase; try again, or type the printed recovery key\.$"):
        Records.open(folder, secret)
    with pytest.raises(WrongKey):
        Records.open(folder, new_recovery_key())
    assert (folder / DATABASE).read_bytes() == before
    Records.open(folder, PASSPHRASE).close()


def test_a_slip_in_the_recovery_key_is_told_as_one(folder: Path) -> None:
    records, recovery_key = Records.create(folder, PASSPHRASE)
    records.close()
    slip = ("0" if recovery_key[0] != "0" else "2") + recovery_key[1:]
    with pytest.raises(WrongKey, match="One character of the recovery key"):
        Records.open(folder, slip)


def test_what_was_changed_opens_nothing_any_more(folder: Path) -> None:
    records, first = Records.create(folder, PASSPHRASE)
    records.set_passphrase("nine quiet herons", by="Ann")
    second = records.new_recovery_key(by="Ann")
    records.close()
    for secret in (PASSPHRASE, first):
        with pytest.raises(WrongKey):
            Records.open(folder, secret)
    for secret in ("nine quiet herons", second):
        Records.open(folder, secret).close()


def test_a_short_passphrase_is_refused_and_nothing_is_made(folder: Path) -> None:
    with pytest.raises(Refused, match="10 characters"):
        Records.create(folder, "123456789 ")
    assert not (folder / KEY_FILE).exists()


def test_records_are_never_made_over_others(folder: Path, records: Records) -> None:
    records.close()
    with pytest.raises(Refused):
        Records.create(folder, PASSPHRASE)
    (folder / KEY_FILE).rename(folder / "elsewhere")
    with pytest.raises(Damaged):
        Records.create(folder, PASSPHRASE)
    with pytest.raises(Damaged):
        Records.open(folder, PASSPHRASE)


@pytest.mark.parametrize("at", ["vr_app.records.keys.write_keys", "vr_app.records.records._tidy"])
def test_a_crash_while_they_are_made_leaves_none_or_all(folder: Path, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(at, _crash)
        with pytest.raises(KeyboardInterrupt):
            Records.create(folder, PASSPHRASE)
    if not (folder / KEY_FILE).exists():
        Records.create(folder, PASSPHRASE)[0].close()
    Records.open(folder, PASSPHRASE).close()
    assert sorted(path.name for path in folder.iterdir()) == [DATABASE, KEY_FILE, "records.lock", "records.mark"]


def _crash(*_: object) -> None:
    raise KeyboardInterrupt


# The file


def test_the_key_file_is_json_and_holds_no_secret(folder: Path, records: Records) -> None:
    told = json.loads((folder / KEY_FILE).read_text())
    assert told["version"] == 1
    assert set(told["locks"]) == {"passphrase", "recovery"}
    assert records._key.hex() not in (folder / KEY_FILE).read_text()
    assert len(public_key(folder)) == 32


def test_every_changed_byte_of_the_key_file_is_noticed(folder: Path, records: Records) -> None:
    """No passphrase opens the records by a file that somebody changed, whatever they changed in it."""
    records.close()
    path = folder / KEY_FILE
    good = path.read_bytes()
    for field in ("public", "records"):
        told = json.loads(good)
        told[field] = "A" * 43 + "=" if field == "public" else "0" * 32
        path.write_text(json.dumps(told))
        with pytest.raises((WrongKey, Damaged)):
            Records.open(folder, PASSPHRASE)
    for way in ("passphrase", "recovery"):
        told = json.loads(good)
        told["locks"][way] = told["locks"]["recovery" if way == "passphrase" else "passphrase"]
        path.write_text(json.dumps(told))
        with pytest.raises((WrongKey, Damaged)):
            Records.open(folder, PASSPHRASE if way == "passphrase" else new_recovery_key())
    path.write_bytes(good)
    Records.open(folder, PASSPHRASE).close()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"\xff\xfe",
        b"[]",
        b'{"version": 1}',
        b'{"version": 1, "records": "", "public": "AA==", "locks": {}}',
    ],
)
def test_a_damaged_key_file_is_told_as_one(folder: Path, records: Records, data: bytes) -> None:
    records.close()
    (folder / KEY_FILE).write_bytes(data)
    with pytest.raises(Damaged, match=r"key file is missing or damaged"):
        Records.open(folder, PASSPHRASE)


def test_a_key_file_that_asks_for_all_memory_is_a_damaged_one(folder: Path, records: Records) -> None:
    records.close()
    told = json.loads((folder / KEY_FILE).read_text())
    told["locks"]["passphrase"]["stretch"]["memory_kib"] = 2**31
    (folder / KEY_FILE).write_text(json.dumps(told))
    with pytest.raises(Damaged):
        Records.open(folder, PASSPHRASE)


def test_a_key_file_of_a_later_version_is_left_alone(folder: Path, records: Records) -> None:
    records.close()
    (folder / KEY_FILE).write_text('{"version": 2, "something": "else"}')
    with pytest.raises(NewerDatabase, match="later version"):
        Records.open(folder, PASSPHRASE)


def test_a_guess_costs_what_argon2id_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 9106's second recommended option: three passes over 64 MiB."""
    monkeypatch.undo()
    assert (keys.COST.iterations, keys.COST.memory_kib, keys.COST.lanes) == (3, 65_536, 4)
    begun = time.process_time()
    keys._stretched(PASSPHRASE, bytes(32), keys.COST)
    assert time.process_time() - begun > 0.02


# The operating system's store


def test_the_computer_may_keep_the_key(folder: Path, records: Records, store: Store) -> None:
    records.keep_key(by="Ann")
    records.close()
    assert all(records._key.hex() not in kept for kept in store.kept.values())
    with Records.open(folder) as opened:
        opened.drop_key(by="Ann")
    assert not store.kept
    with pytest.raises(NoStore):
        Records.open(folder)
    Records.open(folder, PASSPHRASE).close()


def test_a_key_that_was_dropped_is_worth_nothing(folder: Path, records: Records, store: Store) -> None:
    records.keep_key(by="Ann")
    old = dict(store.kept)
    records.drop_key(by="Ann")
    records.close()
    store.kept = old
    with pytest.raises(NoStore):
        Records.open(folder)


def test_a_store_that_gives_back_nonsense_is_told_as_one(folder: Path, records: Records, store: Store) -> None:
    records.keep_key(by="Ann")
    records.close()
    for nonsense in ("", "é", "%%%", "AAAA"):
        store.kept = dict.fromkeys(store.kept, nonsense)
        with pytest.raises(NoStore):
            Records.open(folder)


@pytest.mark.parametrize("backend", [fail.Keyring, null.Keyring])
def test_a_computer_that_keeps_no_keys_is_told_as_one(
    folder: Path, records: Records, store: Store, backend: type[KeyringBackend]
) -> None:
    keyring.set_keyring(backend())
    with pytest.raises(NoStore, match=r"^This computer does not keep the key for you; type the passphrase\.$"):
        records.keep_key(by="Ann")
    records.drop_key(by="Ann")
    records.close()
    with pytest.raises(NoStore):
        Records.open(folder)
    Records.open(folder, PASSPHRASE).close()
