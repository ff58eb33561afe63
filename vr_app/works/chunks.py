"""A work's journal in pieces that each say whether they are whole, and a file of them: docs/formats/work.md.

A chunk is 16 bytes and its operations: "HW", version (u8), 0, number (u32, from 0), length (u32), CRC-32 (u32) of all
before it and of what follows. A file is "HLWORK\r\n" and its chunks in order.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from typing import Final, NamedTuple

from vr_app.api import MEMORY_BYTES
from vr_app.works.operations import replay
from vr_app.works.sketch import Sketch

MAGIC: Final = b"HLWORK\r\n"
VERSION: Final = 1
_HEAD: Final = struct.Struct("<2sBxII")
_SUM: Final = struct.Struct("<I")
HEAD_BYTES: Final = _HEAD.size + _SUM.size
MOST_OPERATIONS: Final = MEMORY_BYTES - HEAD_BYTES  # bytes of a chunk that is made here


class Read(NamedTuple):
    """A work as far as it could be read."""

    sketch: Sketch
    chunks: int  # that were whole
    trouble: str  # a sentence: what could not be read, and what was kept; "" when all was
    broken: bool  # there are pieces behind those that were read


class NotAWork(ValueError):
    """Nothing of it can be read; one line that says why and what to do."""


def chunk(number: int, operations: bytes) -> bytes:
    head = _HEAD.pack(b"HW", VERSION, number, len(operations))
    return head + _SUM.pack(zlib.crc32(operations, zlib.crc32(head))) + operations


def read_chunks(chunks: Iterable[bytes]) -> Read:
    """As far as they are whole and follow each other; an empty one is none. Never raises."""
    sketch, whole, strange, newer, wrong = Sketch(), list[bytes](), 0, 0, ""
    for data in filter(None, chunks):
        try:
            version, operations = _opened(data, len(whole))
            newer = max(newer, version)
            strange += replay(sketch, operations)
        except ValueError as error:
            wrong = str(error)
            break
        whole.append(operations)
    if wrong:
        sketch = Sketch()  # without what the broken one did before it broke
        for operations in whole:
            replay(sketch, operations)
    sketch.end()
    return Read(sketch, len(whole), _told(wrong, strange, newer), bool(wrong))


def _told(wrong: str, strange: int, newer: int) -> str:
    if wrong:
        return f"This work could not be read to its end: {wrong}. What was drawn before is kept."
    if strange or newer > VERSION:
        return "This work was made with a newer Harborlight: what this one does not know is kept, but not shown."
    return ""


def _opened(data: bytes, number: int) -> tuple[int, bytes]:
    """A chunk's version and operations. Raises ValueError."""
    if len(data) < HEAD_BYTES:
        raise ValueError(f"piece {number} is cut off")
    magic, version, told, length = _HEAD.unpack_from(data)
    operations = data[HEAD_BYTES : HEAD_BYTES + length]
    if magic != b"HW" or len(operations) != length:
        raise ValueError(f"piece {number} is cut off")
    if _SUM.unpack_from(data, _HEAD.size)[0] != zlib.crc32(operations, zlib.crc32(data[: _HEAD.size])):
        raise ValueError(f"piece {number} is damaged")
    if told != number:
        raise ValueError(f"piece {number} is missing")
    return version, operations


def to_file(chunks: Iterable[bytes]) -> bytes:
    return MAGIC + b"".join(chunks)


def from_file(data: bytes) -> Read:
    """Raises NotAWork when it is none, or nothing of it is left."""
    if not data.startswith(MAGIC):
        raise NotAWork("This is no work of Harborlight's: choose a file that ends in .hlwork.")
    read = read_chunks(_split(data[len(MAGIC) :]))
    if not read.chunks and read.trouble:
        raise NotAWork("This work is damaged from its beginning: nothing of it can be shown; take an older copy.")
    return read


def _split(data: bytes) -> Iterable[bytes]:
    at = 0
    while at < len(data):
        long = HEAD_BYTES + _HEAD.unpack_from(data, at)[3] if len(data) - at >= HEAD_BYTES else len(data) - at
        yield data[at : at + long]
        at += long
