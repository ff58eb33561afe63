"""The shared page: the standing order, heartbeat, head pose, status and notice, in memory without a name.

Each field has one writer. Numbers that belong together are one 64-bit store.
"""

from __future__ import annotations

import ctypes
from multiprocessing.context import SpawnContext
from typing import Any, Final

from vr_app.commands import EndGently, GroundNow, Leave, Queasy, Stop, StopNow
from vr_app.shared import TEXT_BYTES, Beat, Duty, Pulse, Text, now_ns, read_text, write_text

STATUS_BYTES: Final = TEXT_BYTES
NOTICE_BYTES: Final = 1024

_STOPS: tuple[type[Stop], ...] = (StopNow, EndGently, GroundNow, Leave, Queasy)


class _Cells(ctypes.Structure):
    _fields_ = (
        # written by the supervisor
        ("order", ctypes.c_uint64),  # number << 8 | index in _STOPS
        ("notice", Text),
        ("over", ctypes.c_uint32),
        # written by the render process
        ("taken", ctypes.c_uint64),  # number of the last order taken
        ("render", Pulse),
        ("head", ctypes.c_float * 7),  # position, orientation
        ("status", Text),
        # written by the monitor
        ("surface", Pulse),
        # written by the companion
        ("companion", Pulse),
        ("clients", ctypes.c_uint32),  # pages that are connected
        ("lost", ctypes.c_uint32),  # pages that were, and went without a goodbye
        ("keys", ctypes.c_uint64),  # a bit for each that was used to enter
    )


# Indices for memoryviews, whose item assignment is one copy of the whole number. (struct.pack_into sets it to zero
# first, and formats of standard size go byte by byte: a reader would see halves.)
_ORDER, _DUTY = _Cells.order.offset // 8, _Cells.render.offset // 8
_BEAT = _DUTY + 1
_HEAD = _Cells.head.offset // 4


class Page:
    """Works on `cells` from `Page.cells(context)`, in whichever process they are handed to at its spawn."""

    def __init__(self, cells: Any) -> None:
        self._cells = cells
        memory = memoryview(cells).cast("B")  # a tenth of what fields of ctypes cost, for what is done every frame
        self._longs, self._floats = memory.cast("q"), memory.cast("f")
        self._heard_order = cells.taken
        self._status_read = 0

    @staticmethod
    def cells(context: SpawnContext) -> Any:
        return context.RawValue(_Cells)

    # --- the supervisor's side

    def order(self, stop: Stop) -> int:
        """Leave a standing order for the render process; the latest holds. Returns its number."""
        number = int(self._cells.order >> 8) + 1
        self._cells.order = number << 8 | _STOPS.index(type(stop))
        return number

    def taken(self, number: int) -> bool:
        """Whether the render process has carried out order `number` or a later one."""
        return bool(self._cells.taken >= number)

    def beat(self) -> Beat:
        """The render process's last sign of life."""
        beat: Beat = self._cells.render.read()
        return beat

    def surface_beat(self) -> Beat:
        """The monitor's."""
        beat: Beat = self._cells.surface.read()
        return beat

    def expect_render(self, *, ready: bool) -> None:
        """A render process is being started; `ready`: it stood by, and soon shows that it lives."""
        self._cells.render.live(Duty.CALLED if ready else Duty.STARTING)

    def companion_beat(self) -> Beat:
        """The companion's."""
        beat: Beat = self._cells.companion.read()
        return beat

    def pages(self) -> tuple[int, int]:
        """How many pages are connected to the companion, and how many were lost; as it told last."""
        return int(self._cells.clients), int(self._cells.lost)

    def expect_companion(self) -> None:
        """A companion is being started: no page is connected."""
        self._cells.clients = self._cells.lost = 0
        self._cells.companion.live(Duty.STARTING)

    def forget(self) -> None:
        """Another plan is loaded: nothing stands ordered, nothing is known. Only while no render process runs."""
        number = int(self._cells.order >> 8)
        self._cells.order = number << 8 | _STOPS.index(StopNow)
        self._cells.taken = number
        write_text(self._cells.status, b"")

    def expect_surface(self) -> None:
        """A monitor is being started."""
        self._cells.surface.live(Duty.STARTING)

    def post_notice(self, words: str) -> None:
        """What every surface must show; "" when all is well."""
        write_text(self._cells.notice, words.encode()[:NOTICE_BYTES])

    def end(self) -> None:
        """The station is over."""
        self._cells.over = 1

    # --- the render process's side

    def hear_order(self) -> Stop | None:
        """The standing order, once; 0.2 us while there is none."""
        order = self._longs[_ORDER]
        if order >> 8 == self._heard_order:
            return None
        self._heard_order = order >> 8
        return _STOPS[order & 0xFF]()

    def standing_order(self) -> Stop | None:
        """What stands, taken or not; None before the first."""
        order = int(self._cells.order)
        return _STOPS[order & 0xFF]() if order else None

    def took_order(self) -> None:
        """The order last heard has been carried out."""
        self._cells.taken = self._heard_order

    def live(self, duty: Duty) -> None:
        """A sign of life."""
        self._longs[_DUTY] = duty
        self._longs[_BEAT] = now_ns()

    def post_head(self, *values: float) -> None:
        """Head position and orientation, 7 floats; a reader may see two frames mixed."""
        floats = self._floats
        for index, value in enumerate(values, _HEAD):
            floats[index] = value

    def post_status(self, data: bytes) -> None:
        """A whole status; one that is longer than STATUS_BYTES is left out."""
        if len(data) <= STATUS_BYTES:
            write_text(self._cells.status, data)

    # --- for everybody

    def status(self) -> bytes | None:
        """The newest status; None when there is none newer than the last one given to this process."""
        if self._cells.status.behind == self._status_read:
            return None
        data = read_text(self._cells.status)
        if data is not None:
            self._status_read = self._cells.status.behind
        return data

    def notice(self) -> str:
        return (read_text(self._cells.notice) or b"").decode(errors="replace")

    def head(self) -> tuple[float, ...]:
        return tuple(self._cells.head)

    def surface_live(self) -> None:
        self._cells.surface.live(Duty.FRAMES)

    def companion_live(self, clients: int, lost: int) -> None:
        self._cells.clients, self._cells.lost = clients, lost
        self._cells.companion.live(Duty.FRAMES)

    def use_key(self, number: int) -> bool:
        """Mark key `number` of a door as used; False when it was."""
        before = int(self._cells.keys)
        self._cells.keys = before | 1 << number
        return not before >> number & 1

    @property
    def over(self) -> bool:
        return bool(self._cells.over)
