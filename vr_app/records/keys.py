"""The key of all records, locked in a small file by a passphrase, a printed recovery key and, if wanted, the OS store.

One random key of 256 bits, of which the keys of database and audit are derived, never changes. The file `records.key`
holds it once for each way to open it, encrypted (AES-256-GCM) by what that way gives: Argon2id of the passphrase, HKDF
of the recovery key or of a key in the operating system's store. Id of the records, name of the way and public key are
authenticated with it, so that nothing can be exchanged between two files. Each salt is new, so no nonce is used twice.
"""

from __future__ import annotations

import secrets
import unicodedata
from pathlib import Path
from typing import Annotated, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Meta, Struct

from vr_app import limits
from vr_app.files import replace_file
from vr_app.records.errors import Damaged, Refused, WrongKey, newer, unwritable
from vr_app.records.recovery import looks_like_one, read_recovery_key

KEY_FILE: Final = "records.key"
KEY_BYTES: Final = 32
VERSION: Final = 1
_NONCE: Final = bytes(12)


class Stretch(Struct, frozen=True):
    """What Argon2id is made to cost. A file that asks for more than a machine has is a damaged one."""

    iterations: Annotated[int, Meta(ge=1, le=100)]
    memory_kib: Annotated[int, Meta(ge=8, le=1_048_576)]
    lanes: Annotated[int, Meta(ge=1, le=16)]


COST: Final = Stretch(iterations=3, memory_kib=65_536, lanes=4)  # RFC 9106, 4: the second recommended option


class Lock(Struct, frozen=True):
    """The key of all records, encrypted for one way to open it."""

    salt: bytes
    sealed: bytes
    stretch: Stretch | None = None


class Keys(Struct, frozen=True):
    """What the key file holds, none of it secret."""

    version: int
    records: str  # a random id of these records
    public: bytes  # X25519: what is kept while the records are locked is sealed to it
    locks: dict[str, Lock]  # by "passphrase", "recovery", "store"


def derived(key: bytes, purpose: bytes, salt: bytes | None = None) -> bytes:
    """A key for this purpose alone (HKDF-SHA256, RFC 5869)."""
    return HKDF(SHA256(), KEY_BYTES, salt=salt, info=b"harborlight records " + purpose).derive(key)


def locked_by_passphrase(keys: Keys, key: bytes, passphrase: str) -> Keys:
    """With this passphrase instead of the one before. Raises Refused when it is too short."""
    if len(_typed(passphrase)) < limits.PASSPHRASE_CHARACTERS:
        raise Refused(f"The passphrase needs {limits.PASSPHRASE_CHARACTERS} characters or more; add a word or two.")
    salt = secrets.token_bytes(KEY_BYTES)
    return _locked(keys, key, "passphrase", salt, _stretched(passphrase, salt, COST), COST)


def locked_by_recovery_key(keys: Keys, key: bytes, recovery_key: str) -> Keys:
    characters = read_recovery_key(recovery_key)
    assert characters is not None, "made by new_recovery_key()"
    return _locked_by_random(keys, key, "recovery", characters.encode())


def locked_by_store(keys: Keys, key: bytes, stored: bytes) -> Keys:
    """`stored`: random bytes that the operating system keeps."""
    return _locked_by_random(keys, key, "store", stored)


def without_store(keys: Keys) -> Keys:
    return msgspec.structs.replace(keys, locks={name: lock for name, lock in keys.locks.items() if name != "store"})


def unlocked(keys: Keys, secret: str) -> bytes:
    """The key of all records, by passphrase or recovery key, whichever was typed. Raises WrongKey or Damaged."""
    characters = read_recovery_key(secret)
    if characters is not None and (key := _by_random(keys, "recovery", characters.encode())) is not None:
        return key
    lock = keys.locks.get("passphrase")
    if lock is None or lock.stretch is None:
        raise _file_damaged()
    if (key := _opened(keys, "passphrase", _stretched(secret, lock.salt, lock.stretch))) is not None:
        return key
    if characters is None and looks_like_one(secret):
        raise WrongKey("One character of the recovery key is not right; compare it with the printed one.")
    raise WrongKey("This is not the passphrase; try again, or type the printed recovery key.")


def unlocked_by_store(keys: Keys, stored: bytes) -> bytes | None:
    """The key of all records; None when the operating system kept another one."""
    return _by_random(keys, "store", stored)


def read_keys(folder: Path) -> Keys:
    """Raises Damaged or NewerDatabase."""
    try:
        data = (folder / KEY_FILE).read_bytes()
        version = msgspec.json.decode(data, type=_Version).version
    except (OSError, msgspec.MsgspecError):
        raise _file_damaged() from None
    if version > VERSION:
        raise newer()
    try:
        keys = msgspec.json.decode(data, type=Keys)
    except msgspec.MsgspecError:
        raise _file_damaged() from None
    if len(keys.public) != KEY_BYTES:
        raise _file_damaged()
    return keys


def write_keys(folder: Path, keys: Keys) -> None:
    """Whole, and on the disk, or as it was before. Raises DiskFull or Refused."""
    data = msgspec.json.format(msgspec.json.encode(keys))
    try:
        replace_file(folder / KEY_FILE, lambda file: file.write(data), lasting=True)
    except OSError as error:
        raise unwritable(error) from None


class _Version(Struct):
    version: int


def _file_damaged() -> Damaged:
    return Damaged("The records' key file is missing or damaged; bring it back from the last backup.")


def _typed(passphrase: str) -> str:
    """The same however the keyboard composes accents, and without the blank that was typed after it."""
    return unicodedata.normalize("NFKC", passphrase).strip()


def _stretched(passphrase: str, salt: bytes, cost: Stretch) -> bytes:
    memory = max(cost.memory_kib, 8 * cost.lanes)
    argon = Argon2id(salt=salt, length=KEY_BYTES, iterations=cost.iterations, lanes=cost.lanes, memory_cost=memory)
    return argon.derive(_typed(passphrase).encode("utf-8", "surrogatepass"))


def _locked_by_random(keys: Keys, key: bytes, way: str, secret: bytes) -> Keys:
    salt = secrets.token_bytes(KEY_BYTES)
    return _locked(keys, key, way, salt, derived(secret, way.encode(), salt))


def _by_random(keys: Keys, way: str, secret: bytes) -> bytes | None:
    lock = keys.locks.get(way)
    return None if lock is None else _opened(keys, way, derived(secret, way.encode(), lock.salt))


def _locked(keys: Keys, key: bytes, way: str, salt: bytes, by: bytes, stretch: Stretch | None = None) -> Keys:
    lock = Lock(salt, AESGCM(by).encrypt(_NONCE, key, _bound(keys, way)), stretch)
    return msgspec.structs.replace(keys, locks={**keys.locks, way: lock})


def _opened(keys: Keys, way: str, by: bytes) -> bytes | None:
    try:
        return AESGCM(by).decrypt(_NONCE, keys.locks[way].sealed, _bound(keys, way))
    except (InvalidTag, ValueError):
        return None


def _bound(keys: Keys, way: str) -> bytes:
    return msgspec.msgpack.encode((keys.version, keys.records, keys.public, way))
