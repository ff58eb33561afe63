"""The pictures of a scripted headset: two sRGB images and their way back to numpy."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from OpenGL import GL


@dataclass(frozen=True, slots=True)
class EyeImages:
    """Two GL textures of one size, left and right."""

    textures: tuple[int, int]
    size: tuple[int, int]

    def read(self) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
        """Both pictures, (h, w, 3) uint8, sRGB-encoded, top row first."""
        return self._read(self.textures[0]), self._read(self.textures[1])

    def finish(self) -> None:
        """Hand the work to the driver, as a runtime's end of frame does."""
        GL.glFlush()

    def _read(self, texture: int) -> npt.NDArray[np.uint8]:
        width, height = self.size
        pixels = np.empty((height, width, 4), np.uint8)
        GL.glGetTextureImage(texture, 0, GL.GL_RGBA, GL.GL_UNSIGNED_BYTE, pixels.nbytes, pixels)
        return np.ascontiguousarray(pixels[::-1, :, :3])


def make_images(size: tuple[int, int]) -> EyeImages:
    """Two images in the current context."""
    names = (ctypes.c_uint * 2)()
    GL.glCreateTextures(GL.GL_TEXTURE_2D, 2, names)
    for name in names:
        GL.glTextureStorage2D(name, 1, GL.GL_SRGB8_ALPHA8, *size)
    return EyeImages((names[0], names[1]), size)
