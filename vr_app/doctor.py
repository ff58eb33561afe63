"""`harborlight doctor`: what this machine has and lacks, in words, and how to mend it.

Whatever could hang or crash (runtime, graphics driver, PortAudio) is asked in a child process with a time-out.
"""

from __future__ import annotations

import json as json_format
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from vr_app.doctor_machine import Finding, as_sentence, machine_findings
from vr_app.doctor_page import write_page
from vr_app.headset import HeadsetUnavailable
from vr_app.timing.report import check_writable
from vr_app.xr.discovery import Manifest, active_manifest

PATIENCE_SECONDS = 15.0
_LAYERS = Path("openxr", "1", "api_layers", "implicit.d")
_OPENGL, _EGL = "XR_KHR_opengl_enable", "XR_MNDX_egl_enable"
_RESTART = "restart the runtime's program or service (SteamVR, Meta Quest Link, monado-service)"


@dataclass(frozen=True, slots=True)
class Layer:
    """An implicit API layer: another program's code that the loader puts under every OpenXR application."""

    manifest: Path
    name: str
    switch: str  # the environment variable that leaves it out; empty when the manifest names none
    broken: str  # why it cannot be loaded; empty when it can


# Implicit layers


def implicit_layers() -> list[Layer]:
    """The implicit layers that the Khronos loader finds, in its order, broken ones too."""
    return [_layer(path) for path in (_registered_layers() if sys.platform == "win32" else _layer_files())]


def _layer_files() -> Iterator[Path]:
    """The loader's folders on Linux (OpenXR-SDK manifest_file.cpp, ReadDataFilesInSearchPaths)."""
    config = (os.environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":")
    data = (os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":")
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    for folder in dict.fromkeys([*config, "/etc", *data, home]):
        if folder:
            yield from sorted((Path(folder) / _LAYERS).glob("*.json"))


def _registered_layers() -> list[Path]:
    """What Windows' registry names; the value 0 means that the layer is enabled."""
    found: list[Path] = []
    if sys.platform == "win32":
        import winreg

        for hive in (winreg.HKEY_LOCAL_MACHINE, winreg.HKEY_CURRENT_USER):
            try:
                with winreg.OpenKey(hive, r"SOFTWARE\Khronos\OpenXR\1\ApiLayers\Implicit") as key:
                    values = [winreg.EnumValue(key, index) for index in range(winreg.QueryInfoKey(key)[1])]
            except OSError:  # no such key: no layer was ever installed
                continue
            found += [Path(name) for name, value, _ in values if value == 0]
    return found


def _layer(path: Path) -> Layer:
    try:
        about = json_format.loads(path.read_text(encoding="utf-8"))["api_layer"]
        name, library = str(about["name"]), str(about["library_path"])
        switch = str(about.get("disable_environment", ""))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return Layer(path, path.stem, "", f"its manifest cannot be read ({type(error).__name__}: {error})")
    is_path = any(mark in library for mark in "/\\")
    missing = is_path and not (path.resolve().parent / library).is_file()
    return Layer(path, name, switch, f"it names {library}, which does not exist" if missing else "")


def safe_mode() -> dict[str, str]:
    """The environment variables that leave out every implicit layer that can be left out."""
    return {layer.switch: "1" for layer in implicit_layers() if layer.switch}


def _layer_findings(layers: list[Layer]) -> Iterator[Finding]:
    if not layers:
        yield Finding("layers", "ok", "No implicit OpenXR layers are installed.")
    for layer in layers:
        if layer.broken:
            sentence = f"The implicit OpenXR layer {layer.name} is broken: {layer.broken}."
            yield Finding(
                "layers", "warning", sentence, f"Reinstall the program it came with, or delete {layer.manifest}."
            )
        elif layer.switch and layer.switch in os.environ:
            yield Finding("layers", "ok", f"The implicit OpenXR layer {layer.name} is left out by {layer.switch}.")
        else:
            remedy = f"If the headset misbehaves, set {layer.switch}=1 to leave it out." if layer.switch else ""
            yield Finding(
                "layers", "ok", f"The implicit OpenXR layer {layer.name} is in use ({layer.manifest}).", remedy
            )


# Child processes


def _ask(probe: str, extra: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A probe's answer; one that hangs or crashes answers with `why` and no `remedy`."""
    package = str(Path(__file__).resolve().parents[1])
    path = os.pathsep.join(part for part in (package, os.environ.get("PYTHONPATH", "")) if part)
    command = [sys.executable, "-m", "vr_app.doctor_probes", probe]
    env = {**os.environ, **(extra or {}), "PYTHONPATH": path}
    try:
        ended = subprocess.run(command, env=env, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        return {"why": f"no answer within {PATIENCE_SECONDS:.0f} s"}
    for line in reversed(ended.stdout.splitlines()):
        if line.startswith("{"):
            return dict(json_format.loads(line))
    last = (ended.stderr.strip().splitlines() or ["no message"])[-1]
    how = f"signal {-ended.returncode}" if ended.returncode < 0 else last
    return {"why": f"the attempt crashed ({how})"}


def _runtime_findings(layers: list[Layer]) -> Iterator[Finding]:
    try:
        manifest = active_manifest()
    except HeadsetUnavailable as reason:
        yield Finding("runtime", "problem", as_sentence(reason.why), as_sentence(reason.remedy))
        return
    yield Finding("runtime", "ok", f"The active OpenXR runtime is {manifest.name} ({manifest.path}).")
    answer = _ask("runtime")
    if "name" not in answer:
        yield _silence(manifest, answer, layers)
    else:
        yield Finding("runtime", "ok", f"It answers as {answer['name']}.")
        yield _headset(answer)
    if "extensions" in answer:
        yield from _opengl(manifest, answer["extensions"])


def _silence(manifest: Manifest, answer: dict[str, Any], layers: list[Layer]) -> Finding:
    """Why the runtime does not answer; a layer is to blame when it answers without it."""
    switched = [layer for layer in layers if layer.switch]
    if switched and "name" in _ask("runtime", safe_mode()):
        guilty = [layer for layer in switched if "name" in _ask("runtime", {layer.switch: "1"})] or switched
        names = ", ".join(layer.name for layer in guilty)
        set_them = " ".join(f"{layer.switch}=1" for layer in guilty)
        sentence = f"{manifest.name} answers only without the implicit layer {names}."
        remedy = f"Play with `harborlight run --safe` (it sets {set_them}), or uninstall the program that brought it."
        return Finding("runtime", "problem", sentence, remedy)
    why = answer["why"] if "remedy" in answer else f"{manifest.name}: {answer['why']}"
    return Finding("runtime", "problem", as_sentence(why), as_sentence(answer.get("remedy", _RESTART)))


def _headset(answer: dict[str, Any]) -> Finding:
    if "headset" in answer:
        return Finding("headset", "ok", f"The headset is {answer['headset']}.")
    trouble = answer.get("no_headset", answer)
    return Finding("headset", "warning", as_sentence(trouble["why"]), as_sentence(trouble["remedy"]))


def _opengl(manifest: Manifest, extensions: list[str]) -> Iterator[Finding]:
    if _OPENGL not in extensions:
        sentence = f"{manifest.name} cannot take pictures made with OpenGL ({_OPENGL} is missing)."
        yield Finding("opengl", "problem", sentence, "Make SteamVR or Monado the active OpenXR runtime.")
        return
    yield Finding("opengl", "ok", f"{manifest.name} takes pictures made with OpenGL.")
    has_screen = sys.platform == "win32" or bool(os.environ.get("DISPLAY"))
    if not has_screen and _EGL not in extensions:
        sentence = f"{manifest.name} needs a screen beside the headset ({_EGL} is missing), and there is none."
        yield Finding("opengl", "problem", sentence, "Start from a desktop session, where DISPLAY is set.")


def _graphics_finding() -> Finding:
    answer = _ask("graphics")
    if "why" in answer:
        remedy = answer.get("remedy", "update the graphics driver")
        return Finding(
            "graphics", "problem", as_sentence(f"there is no OpenGL 4.5: {answer['why']}"), as_sentence(remedy)
        )
    told = f"OpenGL {answer['version']} on {answer['renderer']}"
    if answer["software"]:
        sentence = f"{told}: the processor draws, too slowly for a headset."
        return Finding("graphics", "warning", sentence, "Install the driver of the graphics card.")
    return Finding("graphics", "ok", f"{told}.")


def _sound_finding() -> Finding:
    answer = _ask("sound")
    if "why" in answer:
        remedy = answer.get("remedy", "restart the sound server")
        return Finding("sound", "problem", as_sentence(answer["why"]), as_sentence(remedy))
    if not answer["outputs"]:
        return Finding("sound", "warning", "There is no sound output.", "Connect the headset or loudspeakers.")
    first, *others = answer["outputs"]
    more = f" and {len(others)} more" if others else ""
    return Finding("sound", "ok", f"Sound goes to {first}{more}.", private=first)


def findings() -> list[Finding]:
    """Everything found, in the order a person would look; takes a few seconds."""
    layers = implicit_layers()
    return [
        *_runtime_findings(layers),
        *_layer_findings(layers),
        _graphics_finding(),
        _sound_finding(),
        *machine_findings(_ask),
    ]


def main(json: bool, page: Path | None = None) -> int:
    """Print the findings, as JSON if asked; 0 when none is a problem, else 1. Raises OutputError for `page`."""
    if page:
        check_writable(page)
    found = findings()
    if json:
        told = [{key: value for key, value in asdict(finding).items() if key != "private"} for finding in found]
        print(json_format.dumps(told, indent=2))
    else:
        for finding in found:
            print(f"{finding.level:8} {finding.sentence}{' ' if finding.remedy else ''}{finding.remedy}")
    if page:
        write_page(page, found)
        print(f"wrote {page}", file=sys.stderr if json else sys.stdout)
    return int(any(finding.level == "problem" for finding in found))
