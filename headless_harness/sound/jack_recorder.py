"""The recorder, a JACK client of its own process: `python -m headless_harness.sound.jack_recorder PATH CLIENT`.

Its callback is compiled and holds no interpreter, so that it is never the one that is late; the rest connects it to
whatever plays under a name that begins with CLIENT, writes PATH.f32 and PATH.times, and ends with its standard input.
Each cycle's moment is read in the callback, on the clock of time.monotonic(). JACK's own is CLOCK_MONOTONIC_RAW, a
quarter of a second off after four hours; its smoothed cycle times stay wrong for seconds after the server stood still.
"""

from __future__ import annotations

import ctypes
import select
import sys
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
from numba import carray, cfunc, types

NAME: Final = "harborlight-recorder"
_RING: Final = 1 << 19  # frames, 11 s at 48 kHz
_CYCLES: Final = 1 << 13
_WAIT: Final = 0.01
_RETRY: Final = 0.1  # seconds between looks for a server that is gone
_NO_START_SERVER, _INPUT, _OUTPUT = 1, 1, 2
_FLOAT_AUDIO: Final = b"32 bit float mono audio"

# What the callback and the loop share: numbers of 64 bits, then a row for each cycle.
_LEFT, _RIGHT, _SOUND, _CLOCK, _FRAMES, _COUNT, _DOWN, _SECONDS, _NANOSECONDS = range(9)
_ROWS: Final = 16
_SHARED: Final = _ROWS + 2 * _CYCLES
_MONOTONIC: Final = time.CLOCK_MONOTONIC

_jack = ctypes.CDLL("libjack.so.0")
_jack.jack_client_open.restype = ctypes.c_void_p
_jack.jack_port_register.restype = ctypes.c_void_p
_jack.jack_get_ports.restype = ctypes.POINTER(ctypes.c_char_p)

_buffer = ctypes.CFUNCTYPE(ctypes.c_size_t, ctypes.c_size_t, ctypes.c_uint32)(("jack_port_get_buffer", _jack))
_clock = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_size_t)(("clock_gettime", ctypes.CDLL(None)))
_copy = ctypes.CFUNCTYPE(ctypes.c_size_t, *[ctypes.c_size_t] * 3)(("memcpy", ctypes.CDLL(None)))


@cfunc(types.int32(types.uint32, types.voidptr))  # type: ignore[untyped-decorator]
def _process(frames: Any, shared: Any) -> Any:
    own = carray(shared, (_SHARED,), np.int64)
    at = own[_FRAMES] % _RING
    first = min(frames, _RING - at)
    for side in range(2):
        source = _buffer(own[_LEFT + side], frames)
        ring = own[_SOUND] + 4 * _RING * side
        _copy(ring + 4 * at, source, 4 * first)
        _copy(ring, source + 4 * first, 4 * (frames - first))
    _clock(_MONOTONIC, own[_CLOCK])
    row = _ROWS + 2 * (own[_COUNT] % _CYCLES)
    own[row], own[row + 1] = own[_FRAMES], own[_SECONDS] * 1_000_000_000 + own[_NANOSECONDS]
    own[_FRAMES] += frames
    own[_COUNT] += 1
    return 0


@cfunc(types.void(types.voidptr))  # type: ignore[untyped-decorator]
def _down(shared: Any) -> None:
    carray(shared, (_SHARED,), np.int64)[_DOWN] = 1


class _Recorder:
    def __init__(self, path: Path, client: str) -> None:
        self._sound = np.zeros((2, _RING), np.float32)
        self._shared = np.zeros(_SHARED, np.int64)
        self._shared[_SOUND] = self._sound.ctypes.data
        self._shared[_CLOCK] = self._shared[_SECONDS:].ctypes.data
        self._wanted = client
        self._client: int | None = None
        self._again = 0.0
        self._frames = self._cycles = 0  # written
        self._out, self._out_times = path.with_suffix(".f32").open("wb"), path.with_suffix(".times").open("wb")

    def open(self) -> bool:
        """Become a client of the server, if there is one."""
        client = _jack.jack_client_open(NAME.encode(), _NO_START_SERVER, None)
        if client is None:
            return False
        self._client = client
        handle, shared = ctypes.c_void_p(client), ctypes.c_void_p(self._shared.ctypes.data)
        self._shared[_DOWN] = 0
        for place, name in ((_LEFT, b"left"), (_RIGHT, b"right")):
            self._shared[place] = _jack.jack_port_register(handle, name, _FLOAT_AUDIO, ctypes.c_ulong(_INPUT), 0)
        _jack.jack_set_process_callback(handle, ctypes.c_void_p(_process.address), shared)
        _jack.jack_on_shutdown(handle, ctypes.c_void_p(_down.address), shared)
        return bool(_jack.jack_activate(handle) == 0)

    def close(self) -> None:
        """Leave the server."""
        if self._client is not None:
            _jack.jack_client_close(ctypes.c_void_p(self._client))
            self._client = None

    def keep_connected(self) -> None:
        """Come back after the server, and connect whatever plays."""
        if self._shared[_DOWN]:
            self.close()
        if self._client is None:
            if time.monotonic() < self._again:
                return
            self._again = time.monotonic() + _RETRY
            if not self.open():
                return
        found = _jack.jack_get_ports(ctypes.c_void_p(self._client), None, _FLOAT_AUDIO, ctypes.c_ulong(_OUTPUT))
        names: list[bytes] = []
        while found and (name := found[len(names)]):
            names.append(name)
        _jack.jack_free(found)
        ports = [name for name in names if name.decode().startswith(self._wanted)]
        for port in ports:
            siblings = [name for name in ports if name.split(b":")[0] == port.split(b":")[0]]
            self._connect(port, siblings.index(port) % 2)

    def _connect(self, port: bytes, side: int) -> None:
        """A client that is not active yet refuses; the next round finds it."""
        own = ctypes.c_void_p(int(self._shared[_LEFT + side]))
        target = f"{NAME}:{('left', 'right')[side]}".encode()
        connected = _jack.jack_port_connected_to(own, port)
        if not connected and _jack.jack_connect(ctypes.c_void_p(self._client), port, target) == 0:
            print(f"connected {port.decode()}")

    def write(self) -> None:
        """Append what has come since; a cycle is written only when it is whole."""
        cycles, frames = int(self._shared[_COUNT]), int(self._shared[_FRAMES])
        if frames - self._frames > _RING or cycles - self._cycles > _CYCLES:
            raise SystemExit("the recorder was held up for longer than its ring: what it wrote is not whole")
        places = np.arange(self._frames, frames) % _RING
        self._out.write(np.ascontiguousarray(self._sound[:, places].T).tobytes())
        rows = self._shared[_ROWS:].reshape(-1, 2)[np.arange(self._cycles, cycles) % _CYCLES]
        self._out_times.write((rows * (1.0, 1e-9)).tobytes())
        self._frames, self._cycles = frames, cycles
        self._out.flush()
        self._out_times.flush()


def main(path: str, client: str) -> None:
    """Record until standard input ends."""
    recorder = _Recorder(Path(path), client)
    if not recorder.open():
        raise SystemExit("no JACK server")
    print("ready")
    while not select.select([sys.stdin], [], [], _WAIT)[0]:
        recorder.keep_connected()
        recorder.write()
    recorder.close()
    recorder.write()


if __name__ == "__main__":
    main(*sys.argv[1:])
