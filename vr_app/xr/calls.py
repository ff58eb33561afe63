"""The frame's OpenXR functions as raw pointers: about 1 us a call, where pyopenxr's wrappers take about 10.

Calls that cannot block keep the interpreter lock (PYFUNCTYPE); the three that may wait give it away (CFUNCTYPE),
see docs/design/platform-facts.md. Handles and structures go in as integer addresses; every function returns an
XrResult as a plain integer.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import xr

Call = Callable[..., int]

_PTR, _U32, _I64 = ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int64
_BLOCKING: dict[str, tuple[Any, ...]] = {
    "xrWaitFrame": (_PTR, _PTR, _PTR),
    "xrEndFrame": (_PTR, _PTR),
    "xrWaitSwapchainImage": (_PTR, _PTR),
}
_PROMPT: dict[str, tuple[Any, ...]] = {
    "xrPollEvent": (_PTR, _PTR),
    "xrBeginFrame": (_PTR, _PTR),
    "xrLocateViews": (_PTR, _PTR, _PTR, _U32, _PTR, _PTR),
    "xrAcquireSwapchainImage": (_PTR, _PTR, _PTR),
    "xrReleaseSwapchainImage": (_PTR, _PTR),
    "xrSyncActions": (_PTR, _PTR),
    "xrGetActionStateFloat": (_PTR, _PTR, _PTR),
    "xrGetActionStateBoolean": (_PTR, _PTR, _PTR),
    "xrLocateSpace": (_PTR, _PTR, _I64, _PTR),
    "xrApplyHapticFeedback": (_PTR, _PTR, _PTR),
}
_EXTENDED: dict[str, tuple[Any, ...]] = {
    "xrLocateSpaces": (_PTR, _PTR, _PTR),
    "xrLocateHandJointsEXT": (_PTR, _PTR, _PTR),
    "xrGetVisibilityMaskKHR": (_PTR, _U32, _U32, _U32, _PTR),
    "xrConvertTimespecTimeToTimeKHR": (_PTR, _PTR, _PTR),
    "xrConvertWin32PerformanceCounterToTimeKHR": (_PTR, _PTR, _PTR),
}


@dataclass(frozen=True, slots=True)
class Calls:
    """OpenXR's C functions by name. None: the runtime lacks the extension."""

    xrWaitFrame: Call
    xrEndFrame: Call
    xrWaitSwapchainImage: Call
    xrPollEvent: Call
    xrBeginFrame: Call
    xrLocateViews: Call
    xrAcquireSwapchainImage: Call
    xrReleaseSwapchainImage: Call
    xrSyncActions: Call
    xrGetActionStateFloat: Call
    xrGetActionStateBoolean: Call
    xrLocateSpace: Call
    xrApplyHapticFeedback: Call
    xrLocateSpaces: Call | None
    xrLocateHandJointsEXT: Call | None
    xrGetVisibilityMaskKHR: Call | None
    xrConvertTimespecTimeToTimeKHR: Call | None
    xrConvertWin32PerformanceCounterToTimeKHR: Call | None


def native(name: str, prototype: Any, address: int) -> Call:
    """The function at `address`; the one place where `name` becomes callable, which the fault layer replaces."""
    function: Call = prototype(address)
    return function


def bind(instance: Any) -> Calls:
    """The table for `instance`. Raises xr.XrException when a core function is missing."""
    table: dict[str, Call | None] = {}
    for name, kinds in _BLOCKING.items():
        table[name] = native(name, ctypes.CFUNCTYPE(ctypes.c_int, *kinds), _address_of(instance, name))
    for name, kinds in _PROMPT.items():
        table[name] = native(name, ctypes.PYFUNCTYPE(ctypes.c_int, *kinds), _address_of(instance, name))
    for name, kinds in _EXTENDED.items():
        place = _first_of(instance, (name, "xrLocateSpacesKHR") if name == "xrLocateSpaces" else (name,))
        table[name] = native(name, ctypes.PYFUNCTYPE(ctypes.c_int, *kinds), place) if place else None
    return Calls(**table)  # type: ignore[arg-type]  # the names of the fields are the keys, as a test checks


def address(thing: Any) -> int:
    """A handle's value, or where a ctypes structure lies."""
    if isinstance(thing, ctypes.Structure | ctypes.Array | ctypes._SimpleCData):
        return ctypes.addressof(thing)
    return ctypes.cast(thing, ctypes.c_void_p).value or 0


def _address_of(instance: Any, name: str) -> int:
    return ctypes.cast(xr.get_instance_proc_addr(instance, name), ctypes.c_void_p).value or 0


def _first_of(instance: Any, names: tuple[str, ...]) -> int:
    for name in names:
        try:
            return _address_of(instance, name)
        except xr.XrException:  # the extension was not enabled, or this is an OpenXR 1.0 runtime
            continue
    return 0
