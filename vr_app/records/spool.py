"""What happens while the database is locked or the disk is full: sealed, frame by frame, for who has the key to open.

A file `spool-<number>.sealed` is begun with zeros, so that its place on the disk is taken before the disk is full; each
frame is written over them and waited for:

    frame  "HLS1", length (u32), CRC-32 (u32) of these eight bytes and what follows: an X25519 public key
           (32 bytes), then the ciphertext

The key made for each frame agrees with the records' public key on one for AES-256-GCM, by HKDF-SHA256 with both public
keys in its info; it is used once, and forgotten. So whoever has the file and this program reads nothing of it, and the
half that reads lies in the database only. Anybody can seal: what comes home says itself where it comes from.
"""

from __future__ import annotations

import errno
import os
import re
import struct
import zlib
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vr_app.files import folder_on_disk, lock
from vr_app.records.errors import AlreadyOpen, Refused, unwritable
from vr_app.records.journal import Clock, Item, Journal, utc_now
from vr_app.records.keys import KEY_BYTES, derived

RESERVED_BYTES: Final = 1_048_576  # some 4,000 events

_MAGIC: Final = b"HLS1"
_HEADER: Final = struct.Struct(">4sII")
_NONCE: Final = bytes(12)
_NAME: Final = re.compile(r"spool-(\d{6,})\.(sealed|unread)")


class Spool(Journal):
    """One process at a time has a folder's; what processes before it sealed stays beside until it is taken in."""

    def __init__(self, folder: Path, public_key: bytes, clock: Clock = utc_now) -> None:
        """Raises AlreadyOpen or Refused. On a disk that is full already it can be made, and takes nothing."""
        super().__init__(clock)
        self._folder = folder
        self._public = public_key
        self._file = -1
        self._end = 0  # where the next frame begins
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = (folder / "spool.lock").open("a+")
        except OSError as error:
            raise unwritable(error) from None
        try:
            lock(self._lock)
        except OSError:
            self._lock.close()
            raise AlreadyOpen("Another Harborlight keeps what happens here; close it first.") from None
        for path, data in self.content().items():
            if not data.strip(b"\0"):
                path.unlink()
        self._begin()

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._let_go()
        self._lock.close()

    def content(self) -> dict[Path, bytes]:
        """The files that hold something, or may, oldest first. Raises Refused."""
        try:
            return {path: path.read_bytes() for path in _spooled(self._folder)}
        except OSError as error:
            raise unwritable(error) from None

    def begin_anew(self, taken: list[Path], aside: list[Path]) -> None:
        """Files whose content is in the database are deleted; those of which not all could be read are only renamed.

        What comes now goes to a new file. Raises Refused, and then the same may come home once more.
        """
        self._let_go()
        try:
            for path in taken:
                path.unlink(missing_ok=True)
            for path in aside:
                path.replace(path.with_suffix(".unread"))
        except OSError as error:
            raise unwritable(error) from None
        finally:
            self._begin()

    def _let_go(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
            if not self._end:
                self._path.unlink(missing_ok=True)

    def _begin(self) -> None:
        names = [path.name for path in self._folder.iterdir()]
        numbers = [int(found[1]) for name in names if (found := _NAME.fullmatch(name))]
        self._path = self._folder / f"spool-{max(numbers, default=0) + 1:06}.sealed"
        self._end = 0
        with suppress(OSError):  # told to whoever gives something
            self._open()

    def _open(self) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        file = os.open(self._path, flags, 0o600)
        try:
            _write(file, 0, bytes(RESERVED_BYTES))
        except OSError:
            os.close(file)
            self._path.unlink(missing_ok=True)
            raise
        folder_on_disk(self._folder)
        self._file = file

    def _keep(self, item: Item, data: bytes) -> None:
        if self._lock.closed:
            raise Refused("What happens is not kept here any more; open the records.")
        frame = framed(sealed(self._public, data))
        try:
            if self._file < 0:
                self._open()
            size = os.fstat(self._file).st_size
            try:
                _write(self._file, self._end, frame)
            except OSError:
                with suppress(OSError):
                    os.ftruncate(self._file, size)
                    _write(self._file, self._end, bytes(size - self._end))
                raise
        except OSError as error:
            raise unwritable(error) from None
        self._end += len(frame)


def _spooled(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("spool-*.sealed") if _NAME.fullmatch(path.name))


def sealed(public_key: bytes, data: bytes) -> bytes:
    own = X25519PrivateKey.generate()
    public = own.public_key().public_bytes_raw()
    shared = own.exchange(X25519PublicKey.from_public_bytes(public_key))
    return public + AESGCM(_agreed(shared, public, public_key)).encrypt(_NONCE, data, _MAGIC)


def unsealed(private_key: X25519PrivateKey, body: bytes) -> bytes | None:
    """None: it was sealed to another key, or is no frame's."""
    public = body[:KEY_BYTES]
    try:
        shared = private_key.exchange(X25519PublicKey.from_public_bytes(public))
        cipher = AESGCM(_agreed(shared, public, private_key.public_key().public_bytes_raw()))
        return cipher.decrypt(_NONCE, body[KEY_BYTES:], _MAGIC)
    except (InvalidTag, ValueError):
        return None


def framed(body: bytes) -> bytes:
    return _HEADER.pack(_MAGIC, len(body), _checksum(body)) + body


def whole_frames(data: bytes) -> tuple[list[bytes], int]:
    """What is in the frames that are whole, and at how many places something else lies between or after them."""
    bodies, torn, end, start = [], 0, 0, data.find(_MAGIC)
    while start >= 0:
        body = _body(data, start)
        if body is None:
            start = data.find(_MAGIC, start + 1)
            continue
        torn += bool(data[end:start].strip(b"\0"))
        bodies.append(body)
        end = start + _HEADER.size + len(body)
        start = data.find(_MAGIC, end)
    return bodies, torn + bool(data[end:].strip(b"\0"))


def _body(data: bytes, start: int) -> bytes | None:
    if len(data) < start + _HEADER.size:
        return None
    _, length, checksum = _HEADER.unpack_from(data, start)
    body = data[start + _HEADER.size : start + _HEADER.size + length]
    return body if len(body) == length and _checksum(body) == checksum else None


def _checksum(body: bytes) -> int:
    """Of its length, too: a header that was cut off, with the zeros after it, is no frame."""
    return zlib.crc32(body, zlib.crc32(_MAGIC + len(body).to_bytes(4)))


def _agreed(shared: bytes, frames: bytes, records: bytes) -> bytes:
    return derived(shared, b"spool" + frames + records)


def _write(file: int, at: int, data: bytes) -> None:
    """All of it, on the disk. Raises OSError."""
    os.lseek(file, at, os.SEEK_SET)
    if os.write(file, data) != len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.fsync(file)
