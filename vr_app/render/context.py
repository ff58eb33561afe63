"""Makes OpenGL contexts: EGL without a screen, GLX or WGL through a hidden window.

Import nothing of `OpenGL` before a context is open: PyOpenGL binds itself to one window system on import.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple


class EglHandles(NamedTuple):
    """Addresses as integers, for XrGraphicsBindingEGLMNDX."""

    display: int
    config: int
    context: int
    get_proc_address: int


class GlxHandles(NamedTuple):
    """Addresses and XIDs as integers, for XrGraphicsBindingOpenGLXlibKHR."""

    display: int
    visual_id: int
    fb_config: int
    drawable: int
    context: int


class WglHandles(NamedTuple):
    """Handles as integers, for XrGraphicsBindingOpenGLWin32KHR."""

    device_context: int
    context: int


Handles = EglHandles | GlxHandles | WglHandles
SOFTWARE_RENDERERS = ("llvmpipe", "softpipe", "swrast", "SwiftShader", "GDI Generic")


class ContextError(Exception):
    """No OpenGL context could be made; the message says why and how to mend it."""


@dataclass(frozen=True, slots=True)
class Context:
    """An OpenGL 4.5 core context, current on the thread that opened it."""

    handles: Handles
    renderer_name: str
    version: str

    @property
    def software(self) -> bool:
        """True when the processor draws: pictures are right, durations mean nothing."""
        return any(name in self.renderer_name for name in SOFTWARE_RENDERERS)


@contextmanager
def open_context(kind: Literal["egl", "window"]) -> Iterator[Context]:
    """Make a context current and destroy it at the end. Raises ContextError."""
    with _open_egl() if kind == "egl" else _open_window() as context:
        yield context


@contextmanager
def open_visible_window(size: tuple[int, int], title: str) -> Iterator[Context]:
    """A window of `size` pixels that a person can resize, shown at the display's pace where the driver can.

    Its pixels are the screen's own, whatever the desktop's magnification. Raises ContextError.
    """
    with _open_window(size, title) as context:
        yield context


def _described(handles: Handles) -> Context:
    from OpenGL import GL

    return Context(handles, GL.glGetString(GL.GL_RENDERER).decode(), GL.glGetString(GL.GL_VERSION).decode())


@contextmanager
def _open_egl() -> Iterator[Context]:
    """An EGL context without a surface (EGL_MESA_platform_surfaceless, else the default display)."""
    if sys.platform == "win32":
        raise ContextError("EGL is not used on Windows; connect a screen or a headset")
    os.environ.setdefault("PYOPENGL_PLATFORM", "egl")
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        os.environ.setdefault("EGL_PLATFORM", "surfaceless")
    try:
        from OpenGL import EGL, GL  # noqa: F401 - GL fails here, not later, where libGL is missing
    except (ImportError, AttributeError, OSError) as error:
        raise ContextError(f"the EGL library cannot be loaded ({error}); install libegl1 and libgl1") from None
    display = EGL.eglGetDisplay(EGL.EGL_DEFAULT_DISPLAY)
    major, minor = ctypes.c_int(), ctypes.c_int()
    try:
        EGL.eglInitialize(display, major, minor)
        config, context = _egl_context(EGL, display)
        EGL.eglMakeCurrent(display, EGL.EGL_NO_SURFACE, EGL.EGL_NO_SURFACE, context)
    except EGL.EGLError as error:
        reason = f"{getattr(error, 'baseOperation', error)} failed"
        raise ContextError(
            f"EGL gives no OpenGL 4.5 context ({reason}); install or update the graphics driver"
        ) from None
    library = ctypes.CDLL("libEGL.so.1")
    get_proc_address = ctypes.cast(library.eglGetProcAddress, ctypes.c_void_p).value or 0
    try:
        yield _described(EglHandles(_address(display), _address(config), _address(context), get_proc_address))
    finally:  # the display stays: it is shared by the whole process
        EGL.eglMakeCurrent(display, EGL.EGL_NO_SURFACE, EGL.EGL_NO_SURFACE, EGL.EGL_NO_CONTEXT)
        EGL.eglDestroyContext(display, context)


def _egl_context(egl: Any, display: Any) -> tuple[Any, Any]:
    """A config and an OpenGL 4.5 core context on `display`; raises EGLError."""
    configs, count = (egl.EGLConfig * 1)(), ctypes.c_int()
    wanted = (egl.EGL_RENDERABLE_TYPE, egl.EGL_OPENGL_BIT, egl.EGL_SURFACE_TYPE, egl.EGL_PBUFFER_BIT, egl.EGL_NONE)
    egl.eglChooseConfig(display, (egl.EGLint * 5)(*wanted), configs, 1, count)
    egl.eglBindAPI(egl.EGL_OPENGL_API)
    version = (0x3098, 4, 0x30FB, 5, 0x30FD, 1, egl.EGL_NONE)  # EGL 1.5 context major, minor, core profile
    return configs[0], egl.eglCreateContext(display, configs[0], egl.EGL_NO_CONTEXT, (egl.EGLint * 7)(*version))


@contextmanager
def _open_window(size: tuple[int, int] = (64, 64), title: str = "") -> Iterator[Context]:
    """The context of a window; without a title it is hidden, for runtimes that know only GLX or WGL."""
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    os.environ.setdefault("SDL_NO_SIGNAL_HANDLERS", "1")  # SIGTERM stays ours
    os.environ.setdefault("SDL_WINDOWS_DPI_AWARENESS", "permonitorv2")  # Windows: sizes in pixels, nothing magnified
    if sys.platform != "win32":
        os.environ["SDL_VIDEODRIVER"] = "x11"  # on Wayland too (XWayland): OpenXR runtimes want GLX
    import pygame

    try:
        pygame.display.init()
        for attribute, value in (
            (pygame.GL_CONTEXT_MAJOR_VERSION, 4),
            (pygame.GL_CONTEXT_MINOR_VERSION, 5),
            (pygame.GL_CONTEXT_PROFILE_MASK, pygame.GL_CONTEXT_PROFILE_CORE),
        ):
            pygame.display.gl_set_attribute(attribute, value)
        pygame.display.set_caption(title)
        _set_mode(size, pygame.RESIZABLE if title else pygame.HIDDEN)
        context = _described(_wgl_handles() if sys.platform == "win32" else _glx_handles())
    except (pygame.error, OSError) as error:
        pygame.display.quit()
        message = f"no window with OpenGL 4.5 can be opened ({error}); check DISPLAY and the graphics driver"
        raise ContextError(message) from None
    try:
        yield context
    finally:
        pygame.display.quit()


def _set_mode(size: tuple[int, int], flags: int) -> None:
    """Open the window; the flip of a visible one waits for the display where the driver knows how."""
    import pygame

    if flags & pygame.RESIZABLE:
        with suppress(pygame.error):
            pygame.display.set_mode(size, pygame.OPENGL | flags, vsync=1)
            return
    pygame.display.set_mode(size, pygame.OPENGL | flags)


def _glx_handles() -> GlxHandles:
    """The GLX names of the context that is current. Raises OSError where libGL is missing."""
    glx, pointer, integer = ctypes.CDLL("libGL.so.1"), ctypes.c_void_p, ctypes.c_int
    for name in ("glXGetCurrentDisplay", "glXGetCurrentContext", "glXChooseFBConfig"):
        getattr(glx, name).restype = pointer
    glx.glXGetCurrentDrawable.restype = ctypes.c_ulong
    display, context = pointer(glx.glXGetCurrentDisplay()), pointer(glx.glXGetCurrentContext())
    screen, config_id, visual_id, count = integer(), integer(), integer(), integer()
    glx.glXQueryContext(display, context, 0x800C, ctypes.byref(screen))  # GLX_SCREEN
    glx.glXQueryContext(display, context, 0x8013, ctypes.byref(config_id))  # GLX_FBCONFIG_ID
    wanted = (integer * 3)(0x8013, config_id.value, 0)
    configs = glx.glXChooseFBConfig(display, screen, wanted, ctypes.byref(count))
    if not configs or not count.value:
        raise OSError("GLX does not name the window's configuration")
    config = pointer(pointer.from_address(configs).value)
    glx.glXGetFBConfigAttrib(display, config, 0x800B, ctypes.byref(visual_id))  # GLX_VISUAL_ID
    drawable = int(glx.glXGetCurrentDrawable())
    return GlxHandles(display.value or 0, visual_id.value, config.value or 0, drawable, context.value or 0)


def _wgl_handles() -> WglHandles:
    """The WGL names of the context that is current. Raises OSError where opengl32 is missing."""
    wgl = ctypes.CDLL("opengl32")
    wgl.wglGetCurrentDC.restype = wgl.wglGetCurrentContext.restype = ctypes.c_void_p
    return WglHandles(wgl.wglGetCurrentDC() or 0, wgl.wglGetCurrentContext() or 0)


def _address(handle: Any) -> int:
    return ctypes.cast(handle, ctypes.c_void_p).value or 0
