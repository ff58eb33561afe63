"""Reads what monado-service writes to XRT_METRICS_FILE: the runtime's own record of every frame.

The file is a row of protobuf messages, each behind its length as a varint; every inner field is a varint too
(Monado, src/external/nanopb/monado_metrics.pb.h). Times are nanoseconds of the host's monotonic clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

_VARINT, _MESSAGE = 0, 2
_SIGN_BIT = 1 << 63


class MetricsError(ValueError):
    """The bytes are not what monado-service writes."""


class Version(NamedTuple):
    major: int
    minor: int


class SessionFrame(NamedTuple):
    """One frame of an application, written when the runtime is done with it."""

    session_id: int
    frame_id: int
    predicted_frame_time_ns: int
    predicted_wake_up_time_ns: int
    predicted_gpu_done_time_ns: int
    predicted_display_time_ns: int
    predicted_display_period_ns: int
    display_time_ns: int
    when_predicted_ns: int
    when_wait_woke_ns: int
    when_begin_ns: int
    when_delivered_ns: int
    when_gpu_done_ns: int
    discarded: int  # 1 when the frame was given up with no layers


class Used(NamedTuple):
    """The compositor showed this frame of the application in this frame of its own."""

    session_id: int
    session_frame_id: int
    system_frame_id: int
    when_ns: int


class SystemFrame(NamedTuple):
    """One refresh of the (simulated) display, as predicted."""

    frame_id: int
    predicted_display_time_ns: int
    predicted_display_period_ns: int
    desired_present_time_ns: int
    wake_up_time_ns: int
    present_slop_ns: int


class SystemGpuInfo(NamedTuple):
    frame_id: int
    gpu_start_ns: int
    gpu_end_ns: int
    when_ns: int


class SystemPresentInfo(NamedTuple):
    frame_id: int
    expected_comp_time_ns: int
    predicted_wake_up_time_ns: int
    predicted_done_time_ns: int
    predicted_display_time_ns: int
    when_predict_ns: int
    when_woke_ns: int
    when_began_ns: int
    when_submitted_ns: int
    when_infoed_ns: int
    desired_present_time_ns: int
    present_slop_ns: int
    present_margin_ns: int
    actual_present_time_ns: int
    earliest_present_time_ns: int


Row = Version | SessionFrame | Used | SystemFrame | SystemGpuInfo | SystemPresentInfo

# The tag of each message inside a record. A row's fields have the tags 1, 2, 3, ... in the order above.
_KINDS: tuple[type[Row], ...] = (Version, SessionFrame, Used, SystemFrame, SystemGpuInfo, SystemPresentInfo)
_ROWS: dict[int, tuple[Callable[..., Row], int]] = {
    tag: (kind, len(kind._fields)) for tag, kind in enumerate(_KINDS, start=1)
}


@dataclass(frozen=True, slots=True)
class Metrics:
    """All rows of one run of the service, each kind in the order written.

    A session frame that `used` names twice was shown twice: the application missed a refresh. The null compositor
    presents nothing, so `presents` stays empty with it.
    """

    session_frames: tuple[SessionFrame, ...]
    used: tuple[Used, ...]
    system_frames: tuple[SystemFrame, ...]
    presents: tuple[SystemPresentInfo, ...]


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The number that starts at `at`, and where the next byte is. Raises IndexError when the data ends inside."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def rows(data: bytes) -> list[Row]:
    """Every whole row in `data`. An unfinished last one is left out: the service may still be writing, or was killed.

    Kinds and fields that a newer Monado adds are passed over. Raises MetricsError for anything else.
    """
    found: list[Row] = []
    at = 0
    while at < len(data):
        try:
            length, start = _varint(data, at)
        except IndexError:
            break
        end = start + length
        if end > len(data):
            break
        found += _record(data[start:end], at)
        at = end
    return found


def _record(record: bytes, offset: int) -> list[Row]:
    try:
        key, at = _varint(record, 0)
        length, at = _varint(record, at)
        if key & 7 != _MESSAGE or at + length != len(record):
            raise MetricsError(
                f"byte {offset}: not a record of Monado's metrics; give a file written by XRT_METRICS_FILE"
            )
        kind = _ROWS.get(key >> 3)
        if kind is None:
            return []
        make, count = kind
        fields = [0] * count
        while at < len(record):
            key, at = _varint(record, at)
            if key & 7 != _VARINT:
                raise MetricsError(f"byte {offset}: a field that is no varint; Monado's metrics have changed")
            value, at = _varint(record, at)
            if 0 < key >> 3 <= count:
                fields[(key >> 3) - 1] = value - (1 << 64) if value & _SIGN_BIT else value
    except IndexError:
        raise MetricsError(f"byte {offset}: a record that ends inside a number; the file is damaged") from None
    return [make(*fields)]


def read(path: Path) -> Metrics:
    """The rows in `path`. Raises OSError, and MetricsError when it is something else's file."""
    every = rows(path.read_bytes())
    if not every or not isinstance(every[0], Version):
        raise MetricsError(f"{path}: does not start with Monado's version record; was the service started?")
    return Metrics(
        session_frames=tuple(row for row in every if isinstance(row, SessionFrame)),
        used=tuple(row for row in every if isinstance(row, Used)),
        system_frames=tuple(row for row in every if isinstance(row, SystemFrame)),
        presents=tuple(row for row in every if isinstance(row, SystemPresentInfo)),
    )
