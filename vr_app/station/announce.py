"""Says one sentence aloud in the operating system's own voice: that the equipment failed, never guidance (ADR 36)."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 15.0  # the longest sentence takes about eight
_MOST_CHARACTERS = 300
_UNSPOKEN = re.compile(r"[^\w\s.,:!?'’-]|_")  # markup, phoneme brackets, quotes, control characters

# Slower than usual (130 words a minute) and softer: no sound may startle.
_POWERSHELL = (
    "[Console]::InputEncoding = [Text.Encoding]::UTF8; $words = [Console]::In.ReadToEnd(); "
    "Add-Type -AssemblyName System.Speech; $voice = New-Object System.Speech.Synthesis.SpeechSynthesizer; "
    "$voice.Rate = -2; $voice.Volume = 60; $voice.Speak($words)"
)


class _Voice(NamedTuple):
    """A program that speaks; `command` gets the words, which it reads from standard input if `listens`."""

    program: str
    command: Callable[[str], list[str]]
    listens: bool


_WINDOWS = (
    _Voice("powershell", lambda words: ["-NoProfile", "-NonInteractive", "-Command", _POWERSHELL], listens=True),
)
_LINUX = (
    _Voice("spd-say", lambda words: ["--wait", "-l", "en", "-r", "-25", "-i", "-20", "--", words], listens=False),
    _Voice("espeak-ng", lambda words: ["-v", "en", "-s", "130", "-a", "60", "--stdin"], listens=True),
)
_VOICES = _WINDOWS if sys.platform == "win32" else _LINUX if sys.platform == "linux" else ()


def picture_has_stopped(name: str) -> str:
    """What is said and shown when the render process stays dead; `name` sits beside the patient (safety.md)."""
    return (
        f"The picture has stopped. It's the equipment, not you. {name.strip() or 'Your therapist'} is beside you. "
        "You can take the headset off."
    )


def available() -> str | None:
    """The program that would speak; None when there is none."""
    return next((voice.program for voice in _VOICES if shutil.which(voice.program)), None)


class Announcer:
    """One sentence at a time, each in a process of its own. Nothing here blocks or raises."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None

    @property
    def speaking(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def say(self, words: str) -> bool:
        """Begin to say `words`; False when nothing will be heard: no voice, no words, or another sentence is."""
        spoken = speakable(words)
        if available() is None:
            log.warning("no voice to say that the equipment failed; install speech-dispatcher or espeak-ng")
            return False
        if not spoken or self.speaking:
            return False
        self._thread = threading.Thread(target=_speak, args=(spoken,), name="announcer", daemon=True)
        self._thread.start()
        return True


def speakable(words: str) -> str:
    """Letters, digits and marks of a sentence, in one line of at most 300 characters; never an option or markup."""
    plain = " ".join(_UNSPOKEN.sub(" ", unicodedata.normalize("NFC", words)).split())
    return plain[:_MOST_CHARACTERS].lstrip("- ")


def _speak(words: str) -> None:
    """By the first voice that succeeds; each has PATIENCE_SECONDS."""
    for voice in _VOICES:
        path = shutil.which(voice.program)
        if path is None:
            continue
        try:
            status = _run([path, *voice.command(words)], words if voice.listens else "")
        except OSError as error:
            log.warning("the voice %s could not be started: %s", voice.program, error)
            continue
        if status is None:
            log.warning("the voice was silenced after %.0f s", PATIENCE_SECONDS)
            return
        if status == 0:
            log.info("the equipment's failure was spoken")
            return
        log.warning("the voice %s ended with status %d", voice.program, status)


def _run(command: list[str], heard: str) -> int | None:
    """The exit status; None when it had to be killed."""
    child = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    try:
        child.communicate(heard.encode(), timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        _kill(child)
        return None
    return child.returncode


def _kill(child: subprocess.Popen[bytes]) -> None:
    """With whatever it started: a voice is often a script around another program."""
    if sys.platform == "win32":
        child.kill()
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    if child.stdin:
        with contextlib.suppress(OSError):
            child.stdin.close()
