"""What `harborlight doctor` finds on the machine itself: clock, memory, folders, lock file, screen and voice."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from vr_app.folders import cache_folder, data_folder, log_folder, run_folder
from vr_app.station import announce
from vr_app.station.keeper import PhaseFile
from vr_app.station.messages import SCHEMA

LEAST_FREE_BYTES: Final = 500_000_000  # of a disk that is written to
LEAST_SHARED_BYTES: Final = 64_000_000  # between processes: pictures for the therapist's window, later sound
_SHARED_MEMORY = Path("/dev/shm")
_EARLIEST, _LATEST = datetime(2025, 1, 1, tzinfo=UTC), datetime(2080, 1, 1, tzinfo=UTC)  # a clock that was ever set

Level = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact about this machine; `remedy` is empty when there is nothing to mend."""

    topic: str
    level: Level
    sentence: str
    remedy: str = ""
    private: str = ""  # a name in the sentence that somebody may have chosen: not for a page that is sent away


def as_sentence(words: str) -> str:
    return words[:1].upper() + words[1:].rstrip(".") + "."


def machine_findings(ask: Callable[[str], dict[str, Any]]) -> Iterator[Finding]:
    """In the order a person would look; `ask` puts a question to a process of its own."""
    yield _screen(ask)
    yield _voice()
    yield _python()
    yield _clock()
    if sys.platform == "linux":
        yield _shared_memory()
    for what, folder in (("data", data_folder()), ("cache", cache_folder()), ("logs", log_folder())):
        yield _folder(what, folder, LEAST_FREE_BYTES)
    yield _folder("what runs now", run_folder(), 0)
    yield _phase(data_folder() / "phase.json")


def _screen(ask: Callable[[str], dict[str, Any]]) -> Finding:
    if not (sys.platform == "win32" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        sentence = "There is no screen for the therapist's window."
        return Finding("screen", "warning", sentence, "Start from a desktop session, or steer from the terminal.")
    answer = ask("screen")
    if "why" in answer:
        sentence = f"There is no window for the therapist: {answer['why']}."
        remedy = as_sentence(answer.get("remedy", "log in to the desktop of this computer and start from there"))
        return Finding("screen", "problem", sentence, remedy)
    return Finding("screen", "ok", "There is a screen for the therapist's window.")


def _voice() -> Finding:
    voice = announce.available()
    if voice is None:
        sentence = "Nothing can say aloud that the equipment has failed; it is only shown."
        remedy = "Install speech-dispatcher or espeak-ng." if sys.platform == "linux" else "Restore Windows PowerShell."
        return Finding("voice", "warning", sentence, remedy)
    return Finding("voice", "ok", f"Should the equipment fail, {voice} says so aloud.")


def _python() -> Finding:
    version = platform.python_version()
    if (3, 11) <= sys.version_info[:2] <= (3, 14):
        return Finding("python", "ok", f"Python {version}.")
    return Finding("python", "problem", f"Python {version} is not supported.", "Install Python 3.11 to 3.14.")


def _clock() -> Finding:
    now = _now()
    if _EARLIEST <= now <= _LATEST:
        return Finding("clock", "ok", f"The computer's clock says {now:%d %B %Y, %H:%M} UTC.")
    sentence = f"The computer's clock is wrong: it says {now:%d %B %Y}."
    return Finding(
        "clock", "problem", sentence, "Set date and time; if it happens again, change the mainboard's battery."
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _shared_memory() -> Finding:
    try:
        free = shutil.disk_usage(_SHARED_MEMORY).free
    except OSError as error:
        sentence = f"There is no shared memory between processes ({_SHARED_MEMORY}: {error.strerror})."
        return Finding("memory", "problem", sentence, f"Mount a tmpfs on {_SHARED_MEMORY}.")
    told = f"{_mb(free)} of shared memory are free"
    if free >= LEAST_SHARED_BYTES:
        return Finding("memory", "ok", f"{told}.")
    remedy = "Close other programs, or restart the computer; a container needs --shm-size=256m."
    return Finding("memory", "problem", f"Only {told}; {_mb(LEAST_SHARED_BYTES)} are needed.", remedy)


def _folder(what: str, folder: Path, least: int) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
        free = shutil.disk_usage(folder).free
    except OSError as error:
        sentence = f"The folder for {what} cannot be written: {folder} ({error.strerror})."
        return Finding(
            "folders", "problem", sentence, "Mend its permissions, or set HARBORLIGHT_HOME to another folder."
        )
    if free < least:
        sentence = f"The disk with the folder for {what} is nearly full: {_mb(free)} are free ({folder})."
        return Finding("folders", "warning", sentence, f"Make room; {_mb(least)} should be free.")
    return Finding("folders", "ok", f"The folder for {what} is {folder}; {_mb(free)} are free.")


def _phase(file: Path) -> Finding:
    """The lock that keeps VR off while a patient is dosed; what cannot be read counts as locked."""
    try:
        kept = msgspec.json.decode(file.read_bytes(), type=PhaseFile)
    except FileNotFoundError:
        return Finding("lock", "ok", "VR was never locked on this computer.")
    except (OSError, msgspec.MsgspecError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or "it is damaged"
        sentence = f"Whether VR is locked cannot be read ({file}: {why}), so it stays locked."
        remedy = "Lock and unlock once in a session; if that fails, delete the file while no patient is dosed."
        return Finding("lock", "problem", sentence, remedy)
    if kept.schema != SCHEMA:
        sentence = f"Whether VR is locked was written by another version ({file}), so it stays locked."
        return Finding("lock", "problem", sentence, "Use the newest Harborlight, and lock and unlock once.")
    return Finding("lock", "ok", "VR is locked." if kept.locked else "VR is not locked.")


def _mb(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
