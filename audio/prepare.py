"""The worker that prepares a session's voice: `python -m audio.prepare`, started by `vr_app.sound.lines`.

What it writes appears as one whole folder. Of a pack, lines that cannot be played are told and left out.
"""

from __future__ import annotations

import argparse
import io
import shutil
import sys
import tempfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec
import numpy as np

from audio.packs import PackError, Recording, load
from audio.placeholder import Audience, PlaceholderError, rehearse, system_voice
from vr_app.script import ScriptError, load_script, script_names
from vr_app.sound.lines import LANGUAGE, LENGTHS, SUMS, intact

PARTIAL = ".partial-"
Lines = Mapping[tuple[str, str], Recording]  # by script and line


def main() -> int:
    """Exit status 0 when the folder is there; else the last line on the error stream says why not."""
    parser = argparse.ArgumentParser(prog="python -m audio.prepare")
    parser.add_argument("--pack", type=Path, help="a voice pack; without: a synthesiser speaks, for a rehearsal")
    parser.add_argument("--name", required=True, help="who sits beside the patient")
    parser.add_argument("--to", type=Path, required=True, help="the folder to be made")
    asked = parser.parse_args()
    try:
        language, lines = _of_pack(asked.pack, asked.name) if asked.pack else ("en", _of_synthesiser(asked.name))
        keep(lines, asked.to, language)
    except (PackError, PlaceholderError, ScriptError) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"the voice cannot be kept in {asked.to.parent}: {error.strerror}; free some space", file=sys.stderr)
        return 1
    return 0


def _of_pack(folder: Path, name: str) -> tuple[str, Lines]:
    """With their language. Raises PackError."""
    pack = load(folder, {"name": name})
    for problem in pack.problems:
        print(problem, file=sys.stderr)
    if not pack.recordings:
        raise PackError(f"no line of {folder} can be played; see `harborlight audio voice-pack check {folder}`")
    return pack.manifest.language, pack.recordings


def _of_synthesiser(name: str) -> Lines:
    """For a rehearsal only: whoever runs a session says so. Raises PlaceholderError or ScriptError."""
    voice = system_voice()
    found: dict[tuple[str, str], Recording] = {}
    for script in script_names():
        spoken = rehearse(load_script(script, names={"name": name}), voice, audience=Audience.REHEARSAL)
        found |= {(script, line): recording for line, recording in spoken.items()}
    return found


def keep(lines: Lines, kept: Path, language: str = "en") -> None:
    """Write beside, then rename; whoever was first stays, unless it is broken. Raises OSError."""
    kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = Path(tempfile.mkdtemp(dir=kept.parent, prefix=PARTIAL))
    try:
        _write(lines, beside, language)
        if kept.exists() and not intact(kept):
            _take_away(kept)
        try:
            beside.rename(kept)
        except OSError:
            if not intact(kept):
                raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _write(lines: Lines, folder: Path, language: str) -> None:
    lengths: dict[str, dict[str, int]] = {}
    files: dict[str, bytes] = {}
    for (script, line), recording in lines.items():
        lengths.setdefault(script, {})[line] = recording.frames
        file = io.BytesIO()
        np.save(file, recording.sound)
        files[f"{script}.{line}.npy"] = file.getvalue()
    files[LANGUAGE] = language.encode()
    files[LENGTHS] = msgspec.json.encode(lengths)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    sums = {name: (len(data), zlib.crc32(data)) for name, data in files.items()}
    (folder / SUMS).write_bytes(msgspec.json.encode(sums))


def _take_away(kept: Path) -> None:
    """As one; another process may have done so meanwhile."""
    gone = Path(tempfile.mkdtemp(dir=kept.parent, prefix=PARTIAL))
    with suppress(OSError):
        kept.rename(gone / "old")
    shutil.rmtree(gone, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
