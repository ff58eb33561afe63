"""Where pictures are drawn: a 4x multisampled two-layer array, resolved into each eye's own image."""

from __future__ import annotations

import ctypes

import numpy as np
import numpy.typing as npt
from OpenGL import GL

SAMPLES = 4
_COLOUR = 0x8C43  # GL_SRGB8_ALPHA8


class EyeTargets:
    """Multisampled colour and depth of one size; a layer an eye, or one for a camera beside the patient.

    With `layered`, one framebuffer holds both layers and a vertex shader picks one by gl_Layer;
    `layer(eye)` is the same memory seen as one eye only.
    """

    def __init__(self, size: tuple[int, int], *, layered: bool, layers: int = 2) -> None:
        self.size = size  # the largest picture there is room for
        width, height = size
        self.colour = _multisampled(_COLOUR, width, height, layers)
        self._depth = _multisampled(GL.GL_DEPTH_COMPONENT32F, width, height, layers)
        self.layered = self._framebuffer(None) if layered else 0
        self._layers = () if layered else tuple(self._framebuffer(layer) for layer in range(layers))
        self._images: dict[int, int] = {}

    def layer(self, eye: int) -> int:
        """The framebuffer of one eye, where both are not drawn at once."""
        return self._layers[eye]

    def image(self, texture: int) -> int:
        """The framebuffer of an image of the headset; made once an image."""
        name = self._images.get(texture)
        if name is None:
            name = self._images[texture] = image_framebuffer(texture)
        return name

    def close(self) -> None:
        """Free all; the headset's images belong to the headset."""
        for name in filter(None, [self.layered, *self._layers, *self._images.values()]):
            GL.glDeleteFramebuffers(1, [name])
        GL.glDeleteTextures([self.colour, self._depth])

    def _framebuffer(self, layer: int | None) -> int:
        name = _new_framebuffer()
        for point, texture in ((GL.GL_COLOR_ATTACHMENT0, self.colour), (GL.GL_DEPTH_ATTACHMENT, self._depth)):
            if layer is None:
                GL.glNamedFramebufferTexture(name, point, texture, 0)
            else:
                GL.glNamedFramebufferTextureLayer(name, point, texture, 0, layer)
        _check(name)
        return name


def _new_framebuffer() -> int:
    name = ctypes.c_uint()
    GL.glCreateFramebuffers(1, ctypes.byref(name))
    return name.value


def image_framebuffer(texture: int) -> int:
    """A framebuffer that draws into a texture."""
    name = _new_framebuffer()
    GL.glNamedFramebufferTexture(name, GL.GL_COLOR_ATTACHMENT0, texture, 0)
    _check(name)
    return name


def make_images(size: tuple[int, int]) -> tuple[int, int]:
    """Two sRGB textures of one size, left and right, that pictures can be resolved into and read from."""
    names = (ctypes.c_uint * 2)()
    GL.glCreateTextures(GL.GL_TEXTURE_2D, 2, names)
    for name in names:
        GL.glTextureStorage2D(name, 1, _COLOUR, *size)
    return names[0], names[1]


def read_image(texture: int, size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """The lower left `size` of a texture, (h, w, 3) uint8, sRGB-encoded, top row first. Waits for the GPU."""
    width, height = size
    pixels = np.empty((height, width, 4), np.uint8)
    part = 0, 0, 0, width, height, 1
    GL.glGetTextureSubImage(texture, 0, *part, GL.GL_RGBA, GL.GL_UNSIGNED_BYTE, pixels.nbytes, pixels)
    return np.ascontiguousarray(pixels[::-1, :, :3])


def _multisampled(inner: int, width: int, height: int, layers: int) -> int:
    name = ctypes.c_uint()
    GL.glCreateTextures(GL.GL_TEXTURE_2D_MULTISAMPLE_ARRAY, 1, ctypes.byref(name))
    GL.glTextureStorage3DMultisample(name.value, SAMPLES, inner, width, height, layers, True)
    return name.value


def _check(framebuffer: int) -> None:
    status = GL.glCheckNamedFramebufferStatus(framebuffer, GL.GL_DRAW_FRAMEBUFFER)
    if status != GL.GL_FRAMEBUFFER_COMPLETE:
        raise RuntimeError(f"the graphics driver refuses the eye images (0x{int(status):04X}); update the driver")
