"""Brings an OpenGL context and an OpenXR runtime together."""

from __future__ import annotations

import ctypes
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import xr

from vr_app.headset import HeadsetUnavailable
from vr_app.render.context import Context, ContextError, EglHandles, GlxHandles, open_context
from vr_app.xr.runtime import Runtime, System, offered_extensions

_log = logging.getLogger(__name__)

_OPENGL = "XR_KHR_opengl_enable"
_EGL = "XR_MNDX_egl_enable"


@dataclass(frozen=True, slots=True)
class Graphics:
    """A context that the active runtime takes, current on this thread, and the extensions that it takes it by."""

    context: Context
    extensions: tuple[str, ...]


@contextmanager
def open_graphics() -> Iterator[Graphics]:
    """A hidden window's context where there is a screen, else one without. Raises HeadsetUnavailable."""
    offered = offered_extensions()
    if _OPENGL not in offered:
        why = "the active OpenXR runtime does not support OpenGL (XR_KHR_opengl_enable)"
        raise HeadsetUnavailable(why, "make SteamVR or Monado the active OpenXR runtime")
    screen = sys.platform == "win32" or bool(os.environ.get("DISPLAY"))
    kinds: list[Literal["window", "egl"]] = ["window"] if screen else []
    kinds += ["egl"] if _EGL in offered else []
    if not kinds:
        why = "the active OpenXR runtime draws only where there is a screen (no XR_MNDX_egl_enable)"
        raise HeadsetUnavailable(why, "start from a desktop session, with DISPLAY set")
    reasons: list[str] = []
    with ExitStack() as stack:
        for kind in kinds:
            try:
                context = stack.enter_context(open_context(kind))
            except ContextError as error:
                reasons.append(str(error))
                continue
            _log.info("OpenGL through %s: %s", kind, context.renderer_name)
            yield Graphics(context, (_OPENGL, _EGL) if kind == "egl" else (_OPENGL,))
            return
    raise HeadsetUnavailable("no OpenGL context can be made", "; ".join(reasons))


def check_version(runtime: Runtime, system: System, context: Context) -> None:
    """Ask for the OpenGL versions that the runtime takes, as it demands. Raises HeadsetUnavailable for another."""
    needs = xr.get_opengl_graphics_requirements_khr(runtime.instance, system.id)
    lowest = xr.Version(needs.min_api_version_supported)
    major, minor = (int(part) for part in context.version.split()[0].split(".")[:2])
    if (major, minor) < (lowest.major, lowest.minor):
        why = f"{runtime.name} wants OpenGL {lowest.major}.{lowest.minor}, this machine has {major}.{minor}"
        raise HeadsetUnavailable(why, "update the graphics driver")


def graphics_binding(context: Context) -> Any:
    """The structure that hands our OpenGL context to xrCreateSession."""
    handles = context.handles
    if isinstance(handles, EglHandles):
        binding, addresses = xr.GraphicsBindingEGLMNDX(), handles._asdict()
    elif isinstance(handles, GlxHandles):
        binding = xr.GraphicsBindingOpenGLXlibKHR(visualid=handles.visual_id)
        addresses = {
            "x_display": handles.display,
            "glx_fbconfig": handles.fb_config,
            "glx_drawable": handles.drawable,
            "glx_context": handles.context,
        }
    else:
        binding = xr.GraphicsBindingOpenGLWin32KHR()
        addresses = {"h_dc": handles.device_context, "h_glrc": handles.context}
    for name, value in addresses.items():  # written as bytes: each platform's PyOpenGL has its own pointer types
        ctypes.c_void_p.from_buffer(binding, getattr(type(binding), name).offset).value = value
    return binding
