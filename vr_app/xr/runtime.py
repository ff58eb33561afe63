"""Connects to the OpenXR runtime: extensions, instance, system, graphics requirements; set-up only."""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import xr

from vr_app.headset import HeadsetUnavailable
from vr_app.xr.calls import Calls, address, bind
from vr_app.xr.discovery import INSTALL, active_manifest

OPTIONAL = (
    "XR_KHR_convert_timespec_time",
    "XR_KHR_win32_convert_performance_counter_time",
    "XR_KHR_visibility_mask",
    "XR_KHR_locate_spaces",
    "XR_EXT_local_floor",
    "XR_EXT_user_presence",
    "XR_EXT_hand_tracking",
    "XR_EXT_hand_interaction",
    "XR_FB_display_refresh_rate",
    "XR_META_touch_controller_plus",
    "XR_BD_controller_interaction",
)
FAILURES = (xr.XrException, ValueError)  # pyopenxr raises ValueError for an XrResult newer than itself


class NoDevice(HeadsetUnavailable):
    """The runtime is there, its headset is not (XR_ERROR_FORM_FACTOR_UNAVAILABLE): worth asking again."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """An XrInstance and what was agreed on when it was made."""

    instance: Any
    address: int  # of the instance
    calls: Calls
    name: str  # and version, as the runtime says them
    enabled: frozenset[str]
    core_1_1: bool

    def has(self, extension: str) -> bool:
        return extension in self.enabled

    def close(self) -> None:
        """Destroy the instance; a lost one may refuse, which changes nothing."""
        with suppress(*FAILURES):
            xr.destroy_instance(self.instance)


@dataclass(frozen=True, slots=True)
class System:
    """A headset, as the runtime describes it."""

    id: int
    name: str
    hand_tracking: bool


def offered_extensions() -> frozenset[str]:
    """The names of the extensions that the active runtime has. Raises HeadsetUnavailable when there is no runtime."""
    os.environ.setdefault("XR_LOADER_DEBUG", "none")  # the loader's own lines on stderr say less than ours
    xr.exception.raise_on_qualified_success = False
    try:
        return frozenset(item.extension_name.decode() for item in xr.enumerate_instance_extension_properties())
    except FAILURES as error:
        raise _unavailable(error) from None


def open_runtime(app_name: str, graphics: tuple[str, ...]) -> Runtime:
    """Create the instance, as OpenXR 1.1 where the runtime can. Raises HeadsetUnavailable."""
    enabled = [*graphics, *(name for name in OPTIONAL if name in offered_extensions())]
    try:
        instance, core_1_1 = _instance(app_name, enabled)
    except FAILURES as error:
        raise _unavailable(error) from None
    try:
        about = xr.get_instance_properties(instance)
        name = f"{about.runtime_name.decode()} {xr.Version(about.runtime_version)}"
        return Runtime(instance, address(instance), bind(instance), name, frozenset(enabled), core_1_1)
    except FAILURES as error:
        with suppress(*FAILURES):
            xr.destroy_instance(instance)
        raise _unavailable(error) from None


def _instance(app_name: str, enabled: list[str]) -> tuple[Any, bool]:
    for version in (xr.Version(1, 1, 0), xr.Version(1, 0, 0)):
        application = xr.ApplicationInfo(app_name, 1, "", 0, version)
        info = xr.InstanceCreateInfo(application_info=application, enabled_extension_names=enabled)
        try:
            return xr.create_instance(info), version.minor == 1
        except xr.ApiVersionUnsupportedError:
            if version.minor == 0:
                raise
    raise AssertionError("unreachable: 1.0 returns or raises")


def find_system(runtime: Runtime) -> System:
    """The head-mounted display. Raises NoDevice while none is connected."""
    try:
        system = xr.get_system(runtime.instance, xr.SystemGetInfo(xr.FormFactor.HEAD_MOUNTED_DISPLAY))
    except xr.FormFactorUnavailableError:
        raise NoDevice(f"{runtime.name} sees no headset", "connect the headset and switch it on") from None
    except xr.FormFactorUnsupportedError:
        raise HeadsetUnavailable(f"{runtime.name} serves no headsets", INSTALL) from None
    # The wrapper takes no chain, but checks the result: it is asked for the name, the bare function for the rest.
    name = xr.get_system_properties(runtime.instance, system).system_name.decode(errors="replace")
    hands = xr.SystemHandTrackingPropertiesEXT()
    if runtime.has("XR_EXT_hand_tracking"):
        about = xr.SystemProperties(next=ctypes.c_void_p(address(hands)))
        xr.raw_functions.xrGetSystemProperties(runtime.instance, system, ctypes.byref(about))
    return System(int(system.value), name, bool(hands.supports_hand_tracking))


def _unavailable(error: Exception) -> HeadsetUnavailable:
    """Why there is no instance, in words. What the manifest itself shows to be wrong goes before XrResults."""
    try:
        name = active_manifest().name
    except HeadsetUnavailable as reason:
        return reason
    if isinstance(error, xr.ApiLayerNotPresentError):
        return HeadsetUnavailable(
            f"an OpenXR layer that is asked for cannot be loaded ({error})",
            "unset XR_ENABLE_API_LAYERS, or reinstall the program that brought the layer",
        )
    if isinstance(error, xr.ExtensionNotPresentError):
        return HeadsetUnavailable(f"the OpenXR runtime {name} refuses an extension it offers", f"update {name}")
    return HeadsetUnavailable(
        f"the OpenXR runtime {name} does not answer ({type(error).__name__})",
        "start its program or service (SteamVR, Meta Quest Link, monado-service) and try again",
    )
