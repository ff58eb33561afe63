"""Recordings that nobody can read without their key: sealed second by second while they are made.

A file is a header and chunks (all numbers big-endian):

    header  8 bytes "HLSEALED", version 1, purpose, channels, 0, rate (u32), salt (32 random bytes)
    chunk   kind (1 byte: 0 sound, 1 the end), length of what follows (u32), AES-256-GCM's ciphertext and tag

Each file has a key of its own: HKDF-SHA256 (RFC 5869) of the caller's key, with the salt, and the header as info. A
chunk's nonce is its kind and number, its associated data header, kind, number and length: the STREAM construction
(Hoang, Reyhanitabar, Rogaway, Vizar 2015), as in age's payloads. So a chunk that was changed, moved, left out or cut
off is found, and what comes before it stays readable. Inside are 24-bit samples, always as many: how long a chunk is
says nothing of what is heard.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from io import BytesIO
from pathlib import Path
from typing import IO, Final, NamedTuple

import numpy as np
import soundfile
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from numpy.typing import NDArray

from audio.block import RATE, Samples, frames, kernel
from audio.ring import Ring
from vr_app.files import replace_file

KEY_BYTES: Final = 32
CHUNK: Final = RATE  # frames: a second is the most that a crash or a power cut takes away
RING_SECONDS: Final = 8.0  # for how long a disk may hang before anything is lost
LEAST_FREE_BYTES: Final = 200_000_000  # a recording is not what fills the disk of a session's records

_MAGIC: Final = b"HLSEALED"
_VERSION: Final = 1
_HEADER: Final = struct.Struct(">8sBBBxI32s")
_FRAMING: Final = struct.Struct(">BI")
_BOUND: Final = struct.Struct(">BQI")  # kind, number, length: associated data, after the header
_NONCE: Final = struct.Struct(">BxxxQ")
_END: Final = struct.Struct(">QQ")  # frames in the file, frames that were dropped
_SOUND_KIND, _END_KIND = 0, 1
_TAG_BYTES: Final = 16
_MONO: Final = 1  # a voice has one channel; a file may hold two
_FULL_SCALE: Final = 8_388_607.0  # of 24 bits
_WAKE_SECONDS: Final = 0.1

_Integers = NDArray[np.int32]  # [frames, channels], 24 bits


class Purpose(Enum):
    """What is recorded; its value stands in the file's header."""

    MEMO = 1  # the patient's voice


class SealError(Exception):
    """Nothing of a recording can be read, or made; one line that says why and what to do."""


# Making one


class Recorder:
    """Takes blocks from a real-time thread and seals them into a new file from a thread of its own.

    Make it outside the real-time thread (some milliseconds). Whatever the disk does is told by `trouble`, one sentence;
    what was sealed before is kept. The key is never kept, written or told.
    """

    def __init__(self, path: Path, key: bytes, purpose: Purpose) -> None:
        """`key`: 32 random bytes, else SealError. Nothing else is raised; `path` must not exist."""
        header = _HEADER.pack(_MAGIC, _VERSION, purpose.value, _MONO, RATE, secrets.token_bytes(32))
        self.trouble = ""  # why it ended by itself, a sentence
        self.frames = 0  # sealed so far
        self._ring = Ring(frames(RING_SECONDS), _MONO)
        self._open = True  # takes blocks
        self._finish = threading.Event()  # never touched by the thread that gives
        self._seal = _Seal(header, key)
        self._writer = threading.Thread(target=self._write, args=(path, header), name="recording", daemon=True)
        self._writer.start()

    def give(self, block: Samples) -> None:
        """A block, [n, 1]: never waits, never raises; after its end it is ignored."""
        if self._open:
            self._ring.give(block)

    def finish(self) -> None:
        """Take no more; what was given is still sealed. Returns at once, may be called twice."""
        self._open = False
        self._finish.set()

    def wait(self, seconds: float) -> bool:
        """After `finish`: until the file is closed, at most so long; whether it is."""
        self._writer.join(seconds)
        return not self._writer.is_alive()

    @property
    def done(self) -> bool:
        """The file is closed."""
        return not self._writer.is_alive()

    @property
    def dropped(self) -> int:
        """Frames that were lost because the disk hung for longer than the ring lasts, or that had wrong channels."""
        return self._ring.dropped

    def _write(self, path: Path, header: bytes) -> None:
        """The writer's thread."""
        try:
            with _new_file(path) as file:
                _put(file, header, path)
                self._seal_all(file, path)
        except OSError as error:
            self.trouble = _sentence(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the session goes on and someone is told
            self.trouble = f"the recording ended ({type(error).__name__}); what came before is kept; record again"
        self._open = False

    def _seal_all(self, file: IO[bytes], path: Path) -> None:
        chunk = np.zeros((CHUNK, self._ring.channels), np.float32)
        while True:
            last = self._finish.wait(_WAKE_SECONDS)
            while self._ring.waiting >= (1 if last else CHUNK):
                count = self._ring.take(chunk)
                _put(file, self._seal.next(_SOUND_KIND, _packed(chunk[:count])), path)
                self.frames += count
            if last:
                return _put(file, self._seal.next(_END_KIND, _END.pack(self.frames, self.dropped)), path)


def _new_file(path: Path) -> IO[bytes]:
    """Readable by its owner only, not buffered. Raises OSError, also when it exists."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags, 0o600), "wb", buffering=0)


def _put(file: IO[bytes], data: bytes, path: Path) -> None:
    """On the disk, whole, or not at all. Raises OSError."""
    whole = file.tell()
    if shutil.disk_usage(path.parent).free < LEAST_FREE_BYTES:
        raise _full()
    try:
        if file.write(data) != len(data):
            raise _full()
        os.fsync(file.fileno())
    except OSError:
        file.truncate(whole)
        raise
    if os.fstat(file.fileno()).st_nlink == 0:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))


def _full() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _sentence(error: OSError) -> str:
    match error:
        case FileExistsError():
            return "nothing is recorded: a file of that name is there already; choose another name"
        case FileNotFoundError():
            return "the recording ended: its file or folder is gone; choose a folder that stays, and record again"
        case PermissionError():
            return "the recording ended: the folder may not be written; mend its rights, or choose another"
        case OSError(errno=errno.ENOSPC):
            return "the recording ended: the disk is nearly full; what came before is kept; free some space"
        case _:
            return f"the recording ended ({error.strerror}); what came before is kept; look after the disk"


# Reading one


class Recorded(NamedTuple):
    """What a sealed file holds."""

    sound: Samples  # [frames, channels]
    dropped: int  # frames that were lost while it was made; not known (0) where there is a remark
    remark: str  # a sentence when this is not all that was recorded, else ""


class Exported(NamedTuple):
    """What was written: see `Recorded`."""

    frames: int
    dropped: int
    remark: str


def load(sealed: Path, key: bytes) -> Recorded:
    """A recording in memory (0.4 MB a second of stereo), to be played again; nothing is written. Raises SealError."""
    with _opened(sealed, key) as reader:
        parts = [np.zeros((0, reader.channels), np.float32)]
        parts += [part.astype(np.float32) / np.float32(_FULL_SCALE) for part in reader.chunks()]
    return Recorded(np.concatenate(parts), reader.dropped, reader.remark)


def export(sealed: Path, key: bytes, out: Path) -> Exported:
    """A plain 24-bit FLAC file at `out`, whole or not there: whoever has it can hear it. Raises SealError."""
    with _opened(sealed, key) as reader:
        count = 0

        def fill(file: IO[bytes]) -> None:
            nonlocal count
            with soundfile.SoundFile(file, "w", RATE, reader.channels, "PCM_24", format="FLAC") as flac:
                for part in reader.chunks():
                    flac.write(part << 8)
                    count += len(part)

        try:
            replace_file(out, fill)
        except (OSError, soundfile.SoundFileError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise SealError(f"the export cannot be written ({why}); choose another folder") from None
    return Exported(count, reader.dropped, reader.remark)


def pocket(plain: Path) -> bytes:
    """A sound file as MP3 (ISO/IEC 11172-3), a tenth as large, which every phone's browser plays; without tags."""
    out = BytesIO()
    out.name = "pocket.mp3"  # soundfile asks for one
    with soundfile.SoundFile(plain) as sound:
        how = {"format": "MP3", "subtype": "MPEG_LAYER_III", "bitrate_mode": "VARIABLE", "compression_level": 0.4}
        with soundfile.SoundFile(out, "w", sound.samplerate, sound.channels, **how) as small:
            for block in sound.blocks(RATE, dtype="float32", always_2d=True):
                small.write(block)
    return out.getvalue()


@contextmanager
def _opened(sealed: Path, key: bytes) -> Iterator[_Reader]:
    try:
        file = sealed.open("rb")
    except OSError as error:
        raise SealError(f"the recording cannot be read ({error.strerror}); look whether it is there") from None
    with file:
        yield _Reader(file, key)


class _Reader:
    """A sealed file, chunk by chunk. Raises SealError when nothing of it can be had."""

    def __init__(self, file: IO[bytes], key: bytes) -> None:
        header = file.read(_HEADER.size)
        self.channels = _channels(header)
        self.dropped = 0
        self.remark = ""
        self._file = file
        self._seal = _Seal(header, key)

    def chunks(self) -> Iterator[_Integers]:
        """Whatever is whole and unchanged, in order; then `remark` says whether that was all."""
        count = 0
        while (opened := self._next()) is not None:
            kind, data = opened
            if kind == _END_KIND:
                self._check_end(data, count)
                return
            part = _unpacked(data, self.channels)
            count += len(part)
            yield part
        if not count:
            raise SealError("nothing of the recording can be read: another key made it, or its beginning is damaged")

    def _next(self) -> tuple[int, bytes] | None:
        """Kind and content of the next chunk; None, and a remark, when there is none."""
        framing = self._file.read(_FRAMING.size)
        if len(framing) < _FRAMING.size:
            self.remark = _UNFINISHED
            return None
        kind, length = _FRAMING.unpack(framing)
        if kind not in (_SOUND_KIND, _END_KIND) or length > _longest(self.channels):
            self.remark = _DAMAGED
            return None
        data = self._file.read(length)
        if len(data) < length:
            self.remark = _UNFINISHED
            return None
        try:
            return kind, self._seal.open(kind, data)
        except InvalidTag:
            self.remark = _DAMAGED
            return None

    def _check_end(self, data: bytes, count: int) -> None:
        told, self.dropped = _END.unpack(data)
        if told != count or self._file.read(1):
            self.remark = _DAMAGED


_UNFINISHED: Final = "the recording was never finished: all until then is here, its last second may be missing"
_DAMAGED: Final = "the recording is damaged or was changed: only what comes before that place is here"


def _channels(header: bytes) -> int:
    if len(header) < _HEADER.size or not header.startswith(_MAGIC):
        raise SealError("this is no recording of Harborlight; choose another file")
    _, version, _, channels, rate, _ = _HEADER.unpack(header)
    if version != _VERSION or channels not in (1, 2) or rate != RATE:
        raise SealError("the recording was made by another version of Harborlight; open it with that one")
    return int(channels)


def _longest(channels: int) -> int:
    """Bytes of a sealed chunk, at most."""
    return 3 * CHUNK * channels + _TAG_BYTES


# Both


class _Seal:
    """Seals or opens the chunks of one file in their order; keeps the file's key inside the cipher only."""

    def __init__(self, header: bytes, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise SealError(f"a recording's key has {KEY_BYTES} bytes; give the one that was made for it")
        own = HKDF(SHA256(), KEY_BYTES, salt=header[-32:], info=b"harborlight recording" + header).derive(key)
        self._cipher = AESGCM(own)
        self._header = header
        self._number = 0

    def next(self, kind: int, data: bytes | memoryview) -> bytes:
        """The next chunk, with its framing."""
        length = len(data) + _TAG_BYTES
        nonce, bound = self._step(kind, length)
        return _FRAMING.pack(kind, length) + self._cipher.encrypt(nonce, data, bound)

    def open(self, kind: int, data: bytes) -> bytes:
        """What is in the next chunk. Raises InvalidTag."""
        nonce, bound = self._step(kind, len(data))
        return self._cipher.decrypt(nonce, data, bound)

    def _step(self, kind: int, length: int) -> tuple[bytes, bytes]:
        """Nonce and associated data of the next chunk: each nonce is used once."""
        number, self._number = self._number, self._number + 1
        return _NONCE.pack(kind, number), self._header + _BOUND.pack(kind, number, length)


def _packed(sound: Samples) -> memoryview:
    """24 bits a sample, little-endian. What is no number is silence, what is too loud is clipped."""
    out = np.empty(3 * sound.size, np.uint8)
    _pack(sound, out)
    return out.data


def _unpacked(data: bytes, channels: int) -> _Integers:
    whole = np.zeros((len(data) // 3, 4), np.uint8)
    whole[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
    return whole.view("<i4").astype(np.int32).reshape(-1, channels) >> 8


@kernel
def _pack(sound: Samples, out: NDArray[np.uint8]) -> None:
    """0.1 ms a second of mono, 0.3 of stereo: the real-time thread may have to wait for the interpreter's lock."""
    place = 0
    for i in range(sound.shape[0]):
        for channel in range(sound.shape[1]):
            sample = float(sound[i, channel])
            if np.isnan(sample):
                sample = 0.0
            whole = int(np.rint(min(max(sample, -1.0), 1.0) * _FULL_SCALE)) & 0xFFFFFF
            for byte in range(3):
                out[place] = (whole >> 8 * byte) & 0xFF
                place += 1


def warm() -> None:
    """Compile, or load, the kernel: before a session, never in it."""
    _packed(np.zeros((1, 1), np.float32))
