"""Metrics files: what Monado writes is read back; what is not Monado's is refused with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headless_harness.monado.metrics import MetricsError, Row, SessionFrame, SystemFrame, Used, Version, read, rows

_WORD = st.integers(0, (1 << 63) - 1)
_TAGS = {Version: 1, SessionFrame: 2, Used: 3, SystemFrame: 4}


def _rows_of(kind: type[Row]) -> st.SearchStrategy[Row]:
    return st.builds(kind, *[_WORD] * len(kind._fields))


_ROW = st.one_of(_rows_of(SessionFrame), _rows_of(Used), _rows_of(SystemFrame))


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _field(tag: int, value: int) -> bytes:
    return _varint(tag << 3) + _varint(value % (1 << 64))


def _written(row: tuple[int, ...], tag: int) -> bytes:
    """`row` as protobuf 3 writes it: fields that are 0 are left out."""
    inner = b"".join(_field(at, value) for at, value in enumerate(row, start=1) if value)
    record = _varint(tag << 3 | 2) + _varint(len(inner)) + inner
    return _varint(len(record)) + record


VERSION = _written(Version(1, 1), 1)


@given(st.lists(_ROW, max_size=6))
def test_rows_are_read_as_written(written: list[Row]) -> None:
    data = VERSION + b"".join(_written(row, _TAGS[type(row)]) for row in written)
    assert rows(data) == [Version(1, 1), *written]


@given(st.lists(_ROW, min_size=1, max_size=4), st.data())
def test_a_file_cut_anywhere_gives_its_whole_rows(written: list[Row], data: st.DataObject) -> None:
    parts = [_written(row, _TAGS[type(row)]) for row in written]
    whole = b"".join(parts)
    end = data.draw(st.integers(0, len(whole) - 1))
    expected = [row for at, row in enumerate(written) if sum(map(len, parts[: at + 1])) <= end]
    assert rows(whole[:end]) == expected


def test_negative_numbers_keep_their_sign() -> None:
    assert rows(_written(Used(-1, 7, -3, 9), 3)) == [Used(-1, 7, -3, 9)]


def test_kinds_and_fields_of_a_newer_monado_are_passed_over() -> None:
    newer = _field(1, 5) + _field(9, 77)
    record = _varint(3 << 3 | 2) + _varint(len(newer)) + newer
    assert rows(_written((1, 2), 40) + _varint(len(record)) + record) == [Used(5, 0, 0, 0)]


def test_another_kind_of_field_is_refused() -> None:
    inner = bytes([1 << 3 | 5, 0, 0, 0, 0])  # a fixed 32-bit number
    record = bytes([3 << 3 | 2, len(inner)]) + inner
    with pytest.raises(MetricsError, match="no varint"):
        rows(bytes([len(record)]) + record)


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n" + bytes(200)])
def test_a_file_of_something_else_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(content)
    with pytest.raises(MetricsError):
        read(path)


def test_read_sorts_rows_by_kind(tmp_path: Path) -> None:
    frame, used = SystemFrame(1, 2, 3, 4, 5, 6), Used(1, 2, 3, 4)
    path = tmp_path / "metrics.bin"
    path.write_bytes(VERSION + _written(used, 3) + _written(frame, 4))
    metrics = read(path)
    assert (metrics.used, metrics.system_frames, metrics.session_frames) == ((used,), (frame,), ())
