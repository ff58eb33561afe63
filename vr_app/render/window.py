"""Two images for both eyes, and their way into a window: copied, never converted."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from OpenGL import GL
from OpenGL.platform import PLATFORM

from vr_app.render.renderer import MIST_COLOUR
from vr_app.render.targets import make_images

GL_TEXTURE_2D, GL_RGBA8 = int(GL.GL_TEXTURE_2D), int(GL.GL_RGBA8)


class Part(NamedTuple):
    """Of an image or a window, in pixels from the lower left."""

    x: int
    y: int
    width: int
    height: int


class WindowImages:
    """Images of one size, `images` left and right, made once: what is drawn and shown of them may change each frame."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.images = make_images(size)
        self._framebuffers = tuple(_readable(image) for image in self.images)

    def show(self, eye: int, drawn: tuple[int, int], where: Part) -> None:
        """Stretch the lower left `drawn` pixels of an eye's image over a part of the window's next picture."""
        GL.glDisable(GL.GL_SCISSOR_TEST)
        GL.glDisable(GL.GL_FRAMEBUFFER_SRGB)
        x, y, width, height = where
        goal = (x, y, x + width, y + height)
        GL.glBlitNamedFramebuffer(self._framebuffers[eye], 0, 0, 0, *drawn, *goal, GL.GL_COLOR_BUFFER_BIT, GL.GL_LINEAR)


def _readable(image: int) -> int:
    """A framebuffer on an sRGB image's own bytes, filled with mist: a driver finds nothing to convert there."""
    mist = np.array([*MIST_COLOUR, 1.0], np.float32)
    GL.glClearTexImage(image, 0, GL.GL_RGBA, GL.GL_FLOAT, mist)
    view, name = ctypes.c_uint(), ctypes.c_uint()
    GL.glGenTextures(1, ctypes.byref(view))
    _texture_view()(view.value, GL_TEXTURE_2D, image, GL_RGBA8, 0, 1, 0, 1)
    GL.glCreateFramebuffers(1, ctypes.byref(name))
    GL.glNamedFramebufferTexture(name.value, GL.GL_COLOR_ATTACHMENT0, view.value, 0)
    return name.value


def _texture_view() -> Callable[..., None]:
    """glTextureView by its address: PyOpenGL finds it only where it was first bound to this window system."""
    found = PLATFORM.getExtensionProcedure(b"glTextureView")
    numbers = (ctypes.c_uint,) * 8
    return ctypes.CFUNCTYPE(None, *numbers)(ctypes.cast(found, ctypes.c_void_p).value or 0)
