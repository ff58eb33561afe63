"""The two eyes: views, their one swapchain and the projection layer, in preallocated structures."""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Sequence
from enum import IntEnum
from struct import Struct
from typing import Any

import numpy as np
import numpy.typing as npt
import xr

from vr_app.api import Pose
from vr_app.headset import Fov, Target, View, scaled
from vr_app.xr.calls import Calls, address
from vr_app.xr.outcome import Judge, Outcome
from vr_app.xr.runtime import Runtime, System

_log = logging.getLogger(__name__)

_STEREO = xr.ViewConfigurationType.PRIMARY_STEREO
_VALID = 0b11  # XR_VIEW_STATE_ORIENTATION_VALID_BIT | POSITION_VALID_BIT
_VIEWS = Struct("<16x11f4x16x11f4x")  # two XrView: orientation, position, angles left right up down
_WAIT_NS = 50_000_000  # for a free image: far longer than a compositor holds one, short enough to stay alive
# Formats that store linear light well, best first. The runtime's own order decides among any others.
_FORMATS = {0x8C43: "GL_SRGB8_ALPHA8", 0x8C41: "GL_SRGB8", 0x881A: "GL_RGBA16F", 0x8058: "GL_RGBA8"}


class _Hold(IntEnum):
    """How far we are with a swapchain's image."""

    NONE = 0
    ACQUIRED = 1
    WRITABLE = 2


class _Images:
    """One swapchain of array size 1, both eyes side by side, and the image of it in our hands."""

    def __init__(self, calls: Calls, judge: Judge, session: Any, format_: int, size: tuple[int, int]) -> None:
        usage = xr.SwapchainUsageFlags
        info = xr.SwapchainCreateInfo(
            usage_flags=usage.COLOR_ATTACHMENT_BIT | usage.SAMPLED_BIT | usage.TRANSFER_DST_BIT,
            format=format_,
            sample_count=1,
            width=2 * size[0],
            height=size[1],
            face_count=1,
            array_size=1,
            mip_count=1,
        )
        self.handle = xr.create_swapchain(session, info)
        images = xr.enumerate_swapchain_images(self.handle, xr.SwapchainImageOpenGLKHR)
        self._textures = tuple(int(image.image) for image in images)
        self.use(size)
        self._calls, self._judge, self._address = calls, judge, address(self.handle)
        self._index = ctypes.c_uint32()
        self._wait_info = xr.SwapchainImageWaitInfo(timeout=_WAIT_NS)
        self._index_address, self._wait_address = address(self._index), address(self._wait_info)
        self._hold = _Hold.NONE

    def use(self, size: tuple[int, int]) -> None:
        """Each eye's picture has this size from now on; the images stay as they are."""
        self._targets = tuple((Target(texture, *size),) * 2 for texture in self._textures)

    def take(self) -> tuple[Target, ...]:
        """Both halves of the next image, writable; empty when the runtime has none to give.

        A wait that timed out is taken up next time.
        """
        if self._hold is _Hold.NONE:
            result = self._calls.xrAcquireSwapchainImage(self._address, None, self._index_address)
            if result and not self._judge("xrAcquireSwapchainImage", result).succeeded:
                return ()
            self._hold = _Hold.ACQUIRED
        if self._hold is _Hold.ACQUIRED:
            result = self._calls.xrWaitSwapchainImage(self._address, self._wait_address)
            if result:
                verdict = self._judge("xrWaitSwapchainImage", result)
                waited_before = verdict is Outcome.OUT_OF_ORDER  # by a call that said it had failed
                if verdict is Outcome.TIMEOUT or not (verdict.succeeded or waited_before):
                    return ()
            self._hold = _Hold.WRITABLE
        return self._targets[self._index.value]

    def release(self) -> bool:
        """Give the image to the compositor. False when there was none or the runtime refuses."""
        if self._hold is not _Hold.WRITABLE:
            return False
        result = self._calls.xrReleaseSwapchainImage(self._address, None)
        if result:
            verdict = self._judge("xrReleaseSwapchainImage", result)
            if verdict is Outcome.OUT_OF_ORDER:  # it was released although the call before said otherwise
                self._hold = _Hold.NONE
            if not verdict.succeeded:
                return False
        self._hold = _Hold.NONE
        return True


class Picture:
    """Views and images of one session, and the layer that shows them."""

    def __init__(self, runtime: Runtime, system: System, session: Any, base: Any, judge: Judge, scale: float) -> None:
        """`scale` multiplies the recommended width and height. Raises xr.XrException."""
        self._calls, self._judge, self._session = runtime.calls, judge, address(session)
        configured = xr.enumerate_view_configuration_views(runtime.instance, system.id, _STEREO)
        view = configured[0]
        most = xr.get_system_properties(runtime.instance, system.id).graphics_properties.max_swapchain_image_width // 2
        width = _within(view.recommended_image_rect_width * scale, min(view.max_image_rect_width, most))
        height = _within(view.recommended_image_rect_height * scale, view.max_image_rect_height)
        self.size = (width, height)
        format_ = _choose_format(list(xr.enumerate_swapchain_formats(session)))
        self._images = _Images(self._calls, judge, session, format_, self.size)
        self._prepare_views(base)
        self._prepare_layer(runtime, system, base)
        self._taken: tuple[Target, ...] = ()
        self._scale = 1.0
        self._located = False
        self.failed = False  # images were wanted in this frame and could not be had

    def _prepare_views(self, base: Any) -> None:
        self._locate_info = xr.ViewLocateInfo(_STEREO, 0, base)
        self._state, self._count = xr.ViewState(), ctypes.c_uint32()
        self._views = (xr.View * 2)(xr.View(), xr.View())
        self._addresses = (
            address(self._locate_info),
            address(self._state),
            2,
            address(self._count),
            address(self._views),
        )

    def _prepare_layer(self, runtime: Runtime, system: System, base: Any) -> None:
        self._projected = (xr.CompositionLayerProjectionView * 2)(
            *(
                xr.CompositionLayerProjectionView(sub_image=xr.SwapchainSubImage(self._images.handle, half, 0))
                for half in _halves(self.size)
            )
        )
        self._layer = xr.CompositionLayerProjection(space=base, views=self._projected)
        self._layers = (ctypes.c_void_p * 1)(address(self._layer))
        modes = xr.enumerate_environment_blend_modes(runtime.instance, system.id, _STEREO)
        opaque = int(xr.EnvironmentBlendMode.OPAQUE)
        self._end_info = xr.FrameEndInfo(environment_blend_mode=opaque if opaque in modes else modes[0])
        self._end_info._layers = ctypes.cast(self._layers, type(self._end_info._layers))
        self._end_address = address(self._end_info)
        # Pose and field of view lie side by side, at the same offset, in XrView and XrCompositionLayerProjectionView.
        located, shown = memoryview(self._views).cast("B"), memoryview(self._projected).cast("B")
        step, stride = ctypes.sizeof(xr.View), ctypes.sizeof(xr.CompositionLayerProjectionView)
        self._copies = [
            (shown[stride * i + 16 : stride * i + 60], located[step * i + 16 : step * i + 60]) for i in range(2)
        ]

    def start(self) -> None:
        """A new frame."""
        self._taken, self.failed = (), False

    def locate(self, time: int) -> Sequence[View]:
        """Both views at XrTime `time`, for the layer to carry; empty unless the runtime vouches for them.

        The layer then keeps the last valid ones: a picture that is held stays where it was seen.
        """
        self._locate_info.display_time = time
        result = self._calls.xrLocateViews(self._session, *self._addresses)
        if result and not self._judge("xrLocateViews", result).succeeded:
            return ()
        if self._state._view_state_flags & _VALID != _VALID or self._count.value != 2:
            return ()
        for shown, located in self._copies:
            shown[:] = located
        self._located = True
        v = _VIEWS.unpack_from(self._views)
        left = View(Pose(v[4:7], v[0:4]), Fov(*v[7:11]))
        return left, View(Pose(v[15:18], v[11:15]), Fov(*v[18:22]))

    def targets(self, scale: float) -> Sequence[Target]:
        """Both eyes' images, taken from the runtime at the first call in a frame; empty when it has none.

        That call's `scale` decides how much of them this frame draws and shows.
        """
        if not self._taken and not self.failed:
            if scale != self._scale:
                self._rescale(scale)
            self._taken = self._images.take()
            self.failed = not self._taken
        return self._taken

    def _rescale(self, scale: float) -> None:
        self._scale = scale
        size = scaled(self.size, scale)
        self._images.use(size)
        for view, half in zip(self._projected, _halves(size), strict=True):
            view.sub_image.image_rect = half

    def end(self, session: int, time: int, show: bool) -> tuple[int, bool]:
        """xrEndFrame with what was drawn, or with no layer; returns its XrResult and whether a picture went along.

        Without an image of this frame, or before any valid view, nothing was drawn.
        """
        released = (bool(self._taken) or self.failed) and self._images.release()
        shown = show and self._located and released
        self._end_info.display_time = time
        self._end_info.layer_count = shown
        return self._calls.xrEndFrame(session, self._end_address), shown

    def hidden_area(self, eye: int) -> npt.NDArray[np.float32] | None:
        """Triangles (n, 3, 2) of XR_KHR_visibility_mask in the plane z = -1; None without a mask."""
        ask = self._calls.xrGetVisibilityMaskKHR
        if ask is None:
            return None
        mask = xr.VisibilityMaskKHR()
        kind = int(xr.VisibilityMaskTypeKHR.HIDDEN_TRIANGLE_MESH)
        if ask(self._session, int(_STEREO), eye, kind, address(mask)) < 0 or not mask.index_count_output:
            return None
        vertices = np.zeros((mask.vertex_count_output, 2), np.float32)
        indices = np.zeros(mask.index_count_output, np.uint32)
        mask.vertex_capacity_input, mask.index_capacity_input = len(vertices), len(indices)
        mask.vertices = vertices.ctypes.data_as(ctypes.POINTER(xr.Vector2f))
        mask.indices = indices.ctypes.data_as(ctypes.POINTER(ctypes.c_uint32))
        if ask(self._session, int(_STEREO), eye, kind, address(mask)) < 0 or indices.max() >= len(vertices):
            return None
        return vertices[indices].reshape(-1, 3, 2)


def _halves(size: tuple[int, int]) -> list[Any]:
    """Where the left and the right eye's picture of this size lie in an image."""
    return [xr.Rect2Di(xr.Offset2Di(eye * size[0], 0), xr.Extent2Di(*size)) for eye in range(2)]


def _within(wanted: float, most: int) -> int:
    """A number of pixels that the runtime can serve and a renderer can use."""
    return max(16, min(round(wanted), most))


def _choose_format(offered: list[int]) -> int:
    """The best of the runtime's formats for linear light; logged, for it explains a picture too dark or banded."""
    chosen = next((known for known in _FORMATS if known in offered), offered[0])
    _log.info("swapchain format %s of %s", _FORMATS.get(chosen, hex(chosen)), [hex(each) for each in offered])
    return chosen
