"""Buffers and what a vertex array reads from them."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from OpenGL import GL


def created(create: Callable[..., Any], *kind: int) -> int:
    """One name from a glCreate* function."""
    name = ctypes.c_uint()
    create(*kind, 1, ctypes.byref(name))
    return name.value


def buffer_of(size: int) -> int:
    """So many bytes that are written again and again."""
    buffer = created(GL.glCreateBuffers)
    GL.glNamedBufferStorage(buffer, size, None, GL.GL_DYNAMIC_STORAGE_BIT)
    return buffer


def static_buffer(data: npt.NDArray[Any]) -> int:
    buffer = created(GL.glCreateBuffers)
    GL.glNamedBufferStorage(buffer, data.nbytes, np.ascontiguousarray(data), 0)
    return buffer


def mapped_buffer(size: int) -> tuple[int, ctypes.Array[ctypes.c_char]]:
    """A buffer of zeros and its bytes, which the GPU sees as they are written; they live as long as the context."""
    buffer = created(GL.glCreateBuffers)
    how = GL.GL_MAP_WRITE_BIT | GL.GL_MAP_PERSISTENT_BIT | GL.GL_MAP_COHERENT_BIT
    GL.glNamedBufferStorage(buffer, size, bytes(size), how)
    address = GL.glMapNamedBufferRange(buffer, 0, size, how)
    if not address:
        raise RuntimeError(f"the graphics driver maps no buffer of {size} bytes; update the driver")
    return buffer, (ctypes.c_char * size).from_address(int(address))


def floats_from(
    vertex_array: int, location: int, buffer: int, floats: int, *, stride: int = 0, offset: int = 0, step: int = 0
) -> None:
    """Let an attribute read float32 columns of a buffer: one a corner, or one for every `step` instances."""
    _bound(vertex_array, location, buffer, offset, stride or floats * 4, step)
    GL.glVertexArrayAttribFormat(vertex_array, location, floats, GL.GL_FLOAT, False, 0)


def bytes_from(vertex_array: int, location: int, buffer: int, *, stride: int, offset: int = 0, step: int = 0) -> None:
    """The same for four bytes that stand for 0..1."""
    _bound(vertex_array, location, buffer, offset, stride, step)
    GL.glVertexArrayAttribFormat(vertex_array, location, 4, GL.GL_UNSIGNED_BYTE, True, 0)


def _bound(vertex_array: int, location: int, buffer: int, offset: int, stride: int, step: int) -> None:
    GL.glVertexArrayVertexBuffer(vertex_array, location, buffer, offset, stride)
    GL.glEnableVertexArrayAttrib(vertex_array, location)
    GL.glVertexArrayAttribBinding(vertex_array, location, location)
    GL.glVertexArrayBindingDivisor(vertex_array, location, step)
