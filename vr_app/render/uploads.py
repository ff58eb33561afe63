"""What scenes are made of, on its way to the GPU: at once before the first frame, a slice after each frame later."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from OpenGL import GL

from vr_app.render.gl import HotCalls

CHUNK_BYTES: Final = 128 * 1024  # of one call: 0.02 to 0.15 ms, more where a driver must convert
SLICE_BYTES: Final = 2 * 1024 * 1024  # of one frame, however fast the machine is: 180 MB a second at 90 Hz
SLICE_NS: Final = 300_000  # of one frame; a call as long as the longest of this slice must still fit
_UNPACK_ALIGNMENT = int(GL.GL_UNPACK_ALIGNMENT)
_BASE, _MOST = int(GL.GL_TEXTURE_BASE_LEVEL), int(GL.GL_TEXTURE_MAX_LEVEL)


class Texels(NamedTuple):
    """Where pixels go: a texture with storage for all levels, and the words for how they lie in memory."""

    texture: int
    levels: int
    layout: int
    kind: int


class _Upload(NamedTuple):
    """Calls that are left, each of which tells its bytes; the data must live as long."""

    calls: Iterator[int]
    data: npt.NDArray[Any]


class Uploads:
    """In the order asked. `deferred`: what is asked for inside it waits for its slices."""

    def __init__(self, gl: HotCalls, now: Callable[[], int] = time.perf_counter_ns) -> None:
        """`now` in nanoseconds; one that stands still leaves slices to their bytes alone."""
        self._gl = gl
        self._now = now
        self._waiting: deque[_Upload] = deque()
        self._spent: list[npt.NDArray[Any]] = []
        self._deferring = False
        self.asked = self.done = 0  # deferred uploads so far
        self.slices = self.bytes = self.longest_ns = 0  # of all slices so far

    @contextmanager
    def deferred(self) -> Iterator[None]:
        self._deferring = True
        try:
            yield
        finally:
            self._deferring = False

    def buffer(self, data: npt.NDArray[Any]) -> int:
        """A new buffer that holds this contiguous array, or will."""
        buffer = np.empty(1, np.uint32)
        GL.glCreateBuffers(1, buffer)
        name = int(buffer[0])
        GL.glNamedBufferStorage(name, data.nbytes, None, GL.GL_DYNAMIC_STORAGE_BIT)
        self.rewrite(name, 0, data)
        return name

    def rewrite(self, buffer: int, at: int, data: npt.NDArray[Any]) -> None:
        """Put a contiguous array into a buffer from byte `at` on."""
        data = self._ours(data)
        self._take(_Upload(self._into_buffer(buffer, at, data), data))

    def pixels(self, texels: Texels, data: npt.NDArray[Any]) -> None:
        """Fill a texture with contiguous (h, w, channels), and its smaller levels from that."""
        data = self._ours(data)
        self._take(_Upload(self._into_texture(texels, data), data))

    def at_once(self, texels: Texels, data: npt.NDArray[Any]) -> None:
        """The same now, whatever waits."""
        for _ in self._into_texture(texels, data):
            pass

    def slice(self) -> None:
        """Send what fits into a frame's rest. Nothing that waits costs nothing."""
        if not self._waiting:
            return
        begun = last = self._now()
        longest = sent = 0
        while self._waiting and sent + CHUNK_BYTES <= SLICE_BYTES and last - begun + longest <= SLICE_NS:
            sent += self._call()
            now = self._now()
            longest, last = max(longest, now - last), now
        self.slices += 1
        self.bytes += sent
        self.longest_ns = max(self.longest_ns, last - begun)

    def finish(self) -> None:
        """Send all of it now: before the first frame."""
        while self._waiting:
            self._call()
        self.forget()

    def forget(self) -> None:
        """Let go of what was sent; giving large maps back takes a millisecond, so not in a frame that is seen."""
        self._spent.clear()

    @property
    def idle(self) -> bool:
        return not self._waiting

    def _call(self) -> int:
        upload = self._waiting[0]
        sent = next(upload.calls, None)
        if sent is None:
            self._waiting.popleft()
            self._spent.append(upload.data)
            self.done += 1
        return sent or 0

    def _take(self, upload: _Upload) -> None:
        if self._deferring:
            self.asked += 1
            self._waiting.append(upload)
        else:
            for _ in upload.calls:
                pass

    def _ours(self, data: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """What nobody changes until it is sent: maps of baked files are, other arrays are copied."""
        return data.copy() if self._deferring and data.flags.writeable else data

    def _into_buffer(self, buffer: int, at: int, data: npt.NDArray[Any]) -> Iterator[int]:
        send, address, size = self._gl.glNamedBufferSubData, data.ctypes.data, data.nbytes
        for first in range(0, size, CHUNK_BYTES):
            some = min(CHUNK_BYTES, size - first)
            send(buffer, at + first, some, address + first)
            yield some

    def _into_texture(self, texels: Texels, data: npt.NDArray[Any]) -> Iterator[int]:
        gl, address = self._gl, data.ctypes.data
        texture, levels, layout, kind = texels
        height, width = data.shape[:2]
        row = data.nbytes // height
        rows = max(CHUNK_BYTES // row, 1)
        for first in range(0, height, rows):
            some = min(rows, height - first)
            gl.glPixelStorei(_UNPACK_ALIGNMENT, 1)
            gl.glTextureSubImage2D(texture, 0, 0, first, width, some, layout, kind, address + first * row)
            yield some * row
        for level in range(1, levels):  # one at a time: the largest is a quarter of the whole
            gl.glTextureParameteri(texture, _BASE, level - 1)
            gl.glTextureParameteri(texture, _MOST, level)
            gl.glGenerateTextureMipmap(texture)
            yield 0
        gl.glTextureParameteri(texture, _BASE, 0)
        gl.glTextureParameteri(texture, _MOST, max(levels - 1, 0))
