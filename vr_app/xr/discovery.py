"""Finds the active OpenXR runtime's manifest without touching the runtime; standard library only.

The order is the Khronos loader's (loader interface document, "Runtime Discovery").
"""

from __future__ import annotations

import json
import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

from vr_app.headset import HeadsetUnavailable

INSTALL = "install SteamVR, Meta Quest Link or Monado and make it the active OpenXR runtime"


@dataclass(frozen=True, slots=True)
class Manifest:
    """The runtime that the loader will take."""

    path: Path
    name: str  # as the manifest says, else the file's name
    library: str


def active_manifest() -> Manifest:
    """The active runtime's manifest. Raises HeadsetUnavailable when there is none or it cannot serve."""
    named = os.environ.get("XR_RUNTIME_JSON")
    path = Path(named) if named else next((place for place in _places() if place.is_file()), None)
    if path is None:
        raise HeadsetUnavailable("no OpenXR runtime is active on this machine", INSTALL)
    mend = "correct or unset XR_RUNTIME_JSON" if named else INSTALL
    if not path.is_file():
        raise HeadsetUnavailable(f"XR_RUNTIME_JSON names {path}, which does not exist", mend)
    try:
        runtime = json.loads(path.read_text(encoding="utf-8"))["runtime"]
        manifest = Manifest(path, str(runtime.get("name") or path.stem), str(runtime["library_path"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        why = f"the OpenXR runtime manifest {path} cannot be read ({type(error).__name__}: {error})"
        raise HeadsetUnavailable(why, mend) from None
    if any(mark in manifest.library for mark in "/\\") and not (path.resolve().parent / manifest.library).is_file():
        why = f"the OpenXR runtime manifest {path} names {manifest.library}, which does not exist"
        raise HeadsetUnavailable(why, f"reinstall {manifest.name}, or make another OpenXR runtime the active one")
    return manifest


def _places() -> list[Path]:
    if sys.platform == "win32":
        import winreg

        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Khronos\OpenXR\1") as key:
                return [Path(winreg.QueryValueEx(key, "ActiveRuntime")[0])]
        except OSError:  # no such key: no runtime was ever installed
            return []
    else:
        home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
        shared = (os.environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":")
        folders = [home, *(Path(folder) for folder in shared if folder), Path("/etc")]
        names = (f"active_runtime.{platform.machine()}.json", "active_runtime.json")
        return [folder / "openxr" / "1" / name for folder in folders for name in names]
