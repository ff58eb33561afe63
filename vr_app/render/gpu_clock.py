"""GPU time by a ring of timestamp queries, read only when the driver has them ready, so that nothing waits."""

from __future__ import annotations

import ctypes
from typing import Protocol

from OpenGL import GL

from vr_app.render.gl import HotCalls

_RING = 8
_TIMESTAMP = int(GL.GL_TIMESTAMP)
_RESULT = int(GL.GL_QUERY_RESULT)
_AVAILABLE = int(GL.GL_QUERY_RESULT_AVAILABLE)


class FrameTimer(Protocol):
    """Tells how long the GPU worked on each frame."""

    def start(self) -> None:
        """The frame's first GPU work follows."""

    def stop(self) -> None:
        """The frame's last GPU work went before."""

    def take(self) -> int:
        """Nanoseconds of the longest frame that has become known since the last call; 0: none has."""


class GpuClock:
    """A FrameTimer by pairs of timestamps around each frame, known at most eight frames later."""

    def __init__(self, gl: HotCalls) -> None:
        self._gl = gl
        self._queries = (ctypes.c_uint * (2 * _RING))()
        GL.glCreateQueries(GL.GL_TIMESTAMP, 2 * _RING, self._queries)
        self._value = ctypes.c_uint64()
        self._address = ctypes.addressof(self._value)
        self._started = 0
        self._read = 0

    def start(self) -> None:
        """A frame that finds the ring full, because the driver has not caught up, is not measured."""
        if self._started - self._read < _RING:
            self._gl.glQueryCounter(self._queries[2 * (self._started % _RING)], _TIMESTAMP)

    def stop(self) -> None:
        if self._started - self._read < _RING:
            self._gl.glQueryCounter(self._queries[2 * (self._started % _RING) + 1], _TIMESTAMP)
            self._started += 1

    def take(self) -> int:
        longest = 0
        while self._read < self._started:
            pair = 2 * (self._read % _RING)
            if not self._get(self._queries[pair + 1], _AVAILABLE):
                break
            spent = self._get(self._queries[pair + 1], _RESULT) - self._get(self._queries[pair], _RESULT)
            longest = max(longest, spent)
            self._read += 1
        return longest

    def _get(self, query: int, what: int) -> int:
        self._gl.glGetQueryObjectui64v(query, what, self._address)
        return self._value.value
