"""Where the recorded lines of a session are kept, and the worker that prepares them; imports nothing heavy.

A kept folder holds `<script>.<line>.npy` (mono, 48 kHz, -20 LUFS), `lengths.json` in frames, `language.txt`, and the
sums of all of these; its name follows from all that they were made from.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import subprocess
import sys
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from vr_app.folders import cache_folder
from vr_app.script import SCRIPTS
from vr_app.sources import CHECKOUT, Sources

if TYPE_CHECKING:
    from vr_app.plan import Plan

log = logging.getLogger(__name__)

LANGUAGE: Final = "language.txt"  # its code
LENGTHS: Final = "lengths.json"  # {script: {line: frames}}
SUMS: Final = "sums.json"  # {file: (bytes, CRC-32)}
PROGRAMS: Final = ("espeak-ng", "flite", "powershell")  # that a rehearsal may speak by
_NOTHING: Final[Mapping[str, Mapping[str, int]]] = {}
_FOLLOWED: Final = ("audio", "vr_app")
_CHUNK: Final = 1 << 20


class CannotSpeak(Exception):
    """No line can be prepared; one line with its remedy, as the worker told it."""


class Speech(NamedTuple):
    """Whose voice, and who is named in it."""

    pack: Path | None  # a voice pack's folder; None: a synthesiser, in a rehearsal
    name: str


def lengths_in(folder: Path | None) -> Mapping[str, Mapping[str, int]]:
    """Frames of each line by script; nothing without a folder, or when it cannot be read."""
    if folder is None:
        return _NOTHING
    try:
        return msgspec.json.decode((folder / LENGTHS).read_bytes(), type=dict[str, dict[str, int]])
    except (OSError, msgspec.MsgspecError) as error:
        log.warning("the lengths of prepared lines cannot be read", exc_info=error)
        return _NOTHING


def spoken_in(folder: Path | None) -> str:
    """The language of prepared lines; English, where they do not say."""
    try:
        return (folder / LANGUAGE).read_text().strip() if folder is not None else "en"
    except OSError:
        return "en"


def fitting(plan: Plan, lengths: Mapping[str, Mapping[str, int]], language: str) -> Mapping[str, Mapping[str, int]]:
    """Of lines in `language`, those of scripts that this plan says in it; the others are read, or captions."""
    other = {script.name for script in plan.scripts() if script.language != language}
    if said := sorted(other & {*lengths}):
        log.warning("the voice speaks '%s'; not said by it: %s", language, ", ".join(said))
    return {script: lines for script, lines in lengths.items() if script not in other}


def prepared_in_worker(speech: Speech) -> Path:
    """The folder of this speech's lines: kept from before, else made now, in a process of its own.

    Raises CannotSpeak or OSError.
    """
    kept = place_of(speech)
    if not intact(kept):
        print("preparing the voice: once for each voice and name, some seconds", flush=True)
        words = ["--pack", str(speech.pack)] if speech.pack else []
        command = [sys.executable, "-m", "audio.prepare", "--name", speech.name, "--to", str(kept), *words]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode or not intact(kept):
            told = done.stderr.strip().splitlines()
            raise CannotSpeak(told[-1] if told else f"the voice cannot be prepared (exit status {done.returncode})")
        for line in done.stderr.strip().splitlines():
            print(line, file=sys.stderr, flush=True)
    return kept


def place_of(speech: Speech) -> Path:
    """Named by the pack's files, or the synthesiser; who is named; what is said; and how it is prepared."""
    digest = hashlib.sha256(speech.name.encode())
    digest.update(Sources(CHECKOUT, _FOLLOWED).digest(CHECKOUT / "audio" / "prepare.py").encode())
    files = [*SCRIPTS.iterdir(), *(speech.pack.iterdir() if speech.pack else _synthesisers())]
    for path in sorted(filter(Path.is_file, files)):
        digest.update(f"{path.name} {path.stat().st_size} ".encode())
        for chunk in _chunks(path):
            digest.update(chunk)
    return cache_folder() / "voices" / f"{'pack' if speech.pack else 'rehearsal'}-{digest.hexdigest()[:24]}"


def intact(kept: Path) -> bool:
    """Whether every file of a kept folder is as it was written, and none is missing."""
    try:
        sums = msgspec.json.decode((kept / SUMS).read_bytes(), type=dict[str, tuple[int, int]])
        return LENGTHS in sums and all(summed(kept / name) == told for name, told in sums.items())
    except (OSError, msgspec.MsgspecError):
        return False


def summed(path: Path) -> tuple[int, int]:
    """A file's bytes and checksum. Raises OSError."""
    size = checksum = 0
    for chunk in _chunks(path):
        size, checksum = size + len(chunk), zlib.crc32(chunk, checksum)
    return size, checksum


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _synthesisers() -> list[Path]:
    return [Path(found) for program in PROGRAMS if (found := shutil.which(program))]
