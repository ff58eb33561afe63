"""The hot OpenGL calls as raw prototypes: a frame pays about 0.3 us a call instead of PyOpenGL's 2-5 us.

Set-up code uses PyOpenGL with its checks. `PYFUNCTYPE` keeps the interpreter lock: none of these calls blocks,
and giving the lock away would cost more than the call (docs/design/platform-facts.md).
Call `hot_calls()` once a context is current; the addresses belong to that context.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

_INT, _PTR = ctypes.c_int, ctypes.c_void_p
_UINT, _SIZE, _FLOAT = ctypes.c_uint, ctypes.c_ssize_t, ctypes.c_float

_SIGNATURES: dict[str, tuple[Any, ...]] = {
    "glBindBuffer": (_UINT, _UINT),
    "glBindBufferRange": (_UINT, _UINT, _UINT, _SIZE, _SIZE),
    "glBindFramebuffer": (_UINT, _UINT),
    "glBindTextureUnit": (_UINT, _UINT),
    "glBindVertexArray": (_UINT,),
    "glClear": (_UINT,),
    "glDeleteSync": (_PTR,),
    "glDepthMask": (ctypes.c_ubyte,),
    "glDisable": (_UINT,),
    "glBlendFunc": (_UINT, _UINT),
    "glDispatchCompute": (_UINT, _UINT, _UINT),
    "glDrawElementsInstanced": (_UINT, _INT, _UINT, _PTR, _INT),
    "glEnable": (_UINT,),
    "glGenerateTextureMipmap": (_UINT,),
    "glGetQueryObjectui64v": (_UINT, _UINT, _PTR),
    "glMemoryBarrier": (_UINT,),
    "glMultiDrawElementsIndirect": (_UINT, _UINT, _PTR, _INT, _INT),
    "glNamedBufferSubData": (_UINT, _SIZE, _SIZE, _PTR),
    "glPixelStorei": (_UINT, _INT),
    "glQueryCounter": (_UINT, _UINT),
    "glReadPixels": (_INT, _INT, _INT, _INT, _UINT, _UINT, _PTR),
    "glScissor": (_INT, _INT, _INT, _INT),
    "glTextureParameteri": (_UINT, _UINT, _INT),
    "glTextureSubImage2D": (_UINT, _INT, _INT, _INT, _INT, _INT, _UINT, _UINT, _PTR),
    "glUseProgram": (_UINT,),
    "glViewport": (_INT, _INT, _INT, _INT),
}
_ANSWERING: dict[str, tuple[Any, ...]] = {  # what comes back, then what is given
    "glClientWaitSync": (_UINT, _PTR, _UINT, ctypes.c_uint64),
    "glFenceSync": (_PTR, _UINT, _UINT),
    "glGetError": (_UINT,),
}


@dataclass(frozen=True, slots=True)
class HotCalls:
    """OpenGL's C functions by name; sizes and addresses are plain integers, nothing is checked."""

    glBindBuffer: Callable[..., None]
    glBindBufferRange: Callable[..., None]
    glBindFramebuffer: Callable[..., None]
    glBindTextureUnit: Callable[..., None]
    glBindVertexArray: Callable[..., None]
    glClear: Callable[..., None]
    glDeleteSync: Callable[..., None]
    glDepthMask: Callable[..., None]
    glDisable: Callable[..., None]
    glBlendFunc: Callable[..., None]
    glDispatchCompute: Callable[..., None]
    glDrawElementsInstanced: Callable[..., None]
    glEnable: Callable[..., None]
    glGenerateTextureMipmap: Callable[..., None]
    glGetQueryObjectui64v: Callable[..., None]
    glMemoryBarrier: Callable[..., None]
    glMultiDrawElementsIndirect: Callable[..., None]
    glNamedBufferSubData: Callable[..., None]
    glPixelStorei: Callable[..., None]
    glQueryCounter: Callable[..., None]
    glReadPixels: Callable[..., None]
    glScissor: Callable[..., None]
    glTextureParameteri: Callable[..., None]
    glTextureSubImage2D: Callable[..., None]
    glUseProgram: Callable[..., None]
    glViewport: Callable[..., None]
    glClientWaitSync: Callable[..., int]
    glFenceSync: Callable[..., int]
    glGetError: Callable[[], int]


def hot_calls() -> HotCalls:
    """Bind the table to the current context. Raises RuntimeError naming a function that the driver lacks."""
    table = {name: ctypes.PYFUNCTYPE(None, *kinds)(_address(name)) for name, kinds in _SIGNATURES.items()}
    answering = {name: ctypes.PYFUNCTYPE(*kinds)(_address(name)) for name, kinds in _ANSWERING.items()}
    assert {field.name for field in fields(HotCalls)} == {*table, *answering}
    return HotCalls(**table, **answering)


def _address(name: str) -> int:
    from OpenGL.platform import PLATFORM

    found = PLATFORM.getExtensionProcedure(name.encode())
    found = ctypes.cast(found, _PTR).value if found and not isinstance(found, int) else found
    if not found:  # wglGetProcAddress knows no OpenGL 1.1 function; the library itself exports those
        exported = getattr(PLATFORM.GL, name, None)
        found = ctypes.cast(exported, _PTR).value if exported else 0
    if not found:
        raise RuntimeError(f"the graphics driver lacks {name}; Harborlight needs OpenGL 4.5, update the driver")
    return int(found)
