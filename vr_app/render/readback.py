"""Brings small pictures from the GPU to the processor without waiting: one image, and a ring of pixel buffers."""

from __future__ import annotations

import ctypes
import struct
from collections import deque
from typing import Final, NamedTuple

from OpenGL import GL

from vr_app.render.renderer import Renderer
from vr_app.render.targets import image_framebuffer
from vr_app.station.ring import SIDE, SLOT_BYTES, Camera, PictureRing, fitted

_BUFFERS: Final = 3  # pictures on their way; with all of them under way, the next one is left out
_MAPPED: Final = int(GL.GL_MAP_READ_BIT | GL.GL_MAP_PERSISTENT_BIT | GL.GL_MAP_COHERENT_BIT)
_sizes = struct.Struct("4f").pack_into

# Plain integers, as in the renderer.
GL_PIXEL_PACK_BUFFER, GL_RGBA = int(GL.GL_PIXEL_PACK_BUFFER), int(GL.GL_RGBA)
GL_UNSIGNED_BYTE, GL_FRAMEBUFFER = int(GL.GL_UNSIGNED_BYTE), int(GL.GL_FRAMEBUFFER)
GL_SYNC_GPU_COMMANDS_COMPLETE = int(GL.GL_SYNC_GPU_COMMANDS_COMPLETE)
GL_SYNC_FLUSH_COMMANDS_BIT, GL_TIMEOUT_EXPIRED = int(GL.GL_SYNC_FLUSH_COMMANDS_BIT), int(GL.GL_TIMEOUT_EXPIRED)
GL_WAIT_FAILED = int(GL.GL_WAIT_FAILED)


class _Shrunk(NamedTuple):
    """What the image holds."""

    size: tuple[int, int]
    camera: Camera
    time: float
    host_ns: int


class _Coming(NamedTuple):
    """A picture on its way."""

    fence: int
    address: int  # where its pixels will stand
    picture: _Shrunk


class Readback:
    """GL objects for pictures of at most SIDE pixels a side, whatever their size."""

    def __init__(self, renderer: Renderer) -> None:
        self._gl = renderer.gl
        self._image = _image()
        self._framebuffer = image_framebuffer(self._image)
        self._sizes = _buffer(16, int(GL.GL_DYNAMIC_STORAGE_BIT))
        self._words = bytearray(16)
        self._words_address = ctypes.addressof(ctypes.c_char.from_buffer(self._words))
        self._told = (0, 0)  # the size that `_sizes` holds
        self._buffers: list[tuple[int, int]] = []  # name and address
        self._fetched = 0
        self._shrunk: _Shrunk | None = None
        self._coming: deque[_Coming] = deque()

    def grow(self) -> bool:
        """Make one more of what is missing, for a driver may take its time; False when all is there."""
        if len(self._buffers) == _BUFFERS:
            return False
        name = _buffer(SLOT_BYTES, _MAPPED)
        self._buffers.append((name, int(GL.glMapNamedBufferRange(name, 0, SLOT_BYTES, _MAPPED))))
        return True

    @property
    def room(self) -> bool:
        """One more picture can be sent for."""
        return self._shrunk is None and len(self._coming) < _BUFFERS

    def start(
        self, renderer: Renderer, colour: int, drawn: tuple[int, int], camera: Camera, time: float, host_ns: int
    ) -> None:
        """Shrink the multisampled picture `colour`, of which `drawn` pixels are used; to be fetched in a later frame.

        There must be `room`, and nothing left to `grow`.
        """
        size = fitted(*drawn)
        if drawn != self._told:
            self._told = drawn
            _sizes(self._words, 0, *drawn, *size)
            self._gl.glNamedBufferSubData(self._sizes, 0, 16, self._words_address)
        renderer.shrink(colour, self._sizes, self._framebuffer, size)
        self._gl.glBindFramebuffer(GL_FRAMEBUFFER, 0)
        self._shrunk = _Shrunk(size, camera, time, host_ns)

    def fetch(self) -> bool:
        """Send for the picture that was shrunk, if there is one."""
        gl, picture = self._gl, self._shrunk
        if picture is None:
            return False
        name, address = self._buffers[self._fetched % _BUFFERS]
        self._fetched += 1
        gl.glBindFramebuffer(GL_FRAMEBUFFER, self._framebuffer)
        gl.glBindBuffer(GL_PIXEL_PACK_BUFFER, name)
        gl.glReadPixels(0, 0, *picture.size, GL_RGBA, GL_UNSIGNED_BYTE, None)
        gl.glBindBuffer(GL_PIXEL_PACK_BUFFER, 0)
        gl.glBindFramebuffer(GL_FRAMEBUFFER, 0)
        self._coming.append(_Coming(gl.glFenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0), address, picture))
        self._shrunk = None
        return True

    def deliver(self, ring: PictureRing) -> bool:
        """Copy the oldest picture on its way into the ring, if it has come."""
        if not self._coming:
            return False
        gl, coming = self._gl, self._coming[0]
        arrived = gl.glClientWaitSync(coming.fence, GL_SYNC_FLUSH_COMMANDS_BIT, 0)
        if arrived == GL_TIMEOUT_EXPIRED:
            return False
        self._coming.popleft()
        gl.glDeleteSync(coming.fence)
        if arrived == GL_WAIT_FAILED:
            return False
        (width, height), camera, time, host_ns = coming.picture
        ctypes.memmove(ring.begin(), coming.address, width * height * 4)
        ring.publish(width, height, camera, time, host_ns)
        return True

    def close(self) -> None:
        """Free all; pictures on their way are left out."""
        for coming in self._coming:
            self._gl.glDeleteSync(coming.fence)
        self._coming.clear()
        GL.glDeleteFramebuffers(1, [self._framebuffer])
        GL.glDeleteTextures([self._image])
        names = [self._sizes, *(name for name, _ in self._buffers)]
        GL.glDeleteBuffers(len(names), names)  # unmaps them as well


def _image() -> int:
    name = ctypes.c_uint()
    GL.glCreateTextures(GL.GL_TEXTURE_2D, 1, ctypes.byref(name))
    GL.glTextureStorage2D(name.value, 1, GL.GL_SRGB8_ALPHA8, SIDE, SIDE)
    return name.value


def _buffer(size: int, use: int) -> int:
    name = ctypes.c_uint()
    GL.glCreateBuffers(1, ctypes.byref(name))
    GL.glNamedBufferStorage(name.value, size, None, use)
    return name.value
