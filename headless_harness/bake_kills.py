"""Kills the bake worker at random moments, and shows that no picture is ever made from half a cache.

`python -m headless_harness.bake_kills [--kills 20] [--scene room] [--seed 0]`. Every other kill waits until something
is being written. After each one every kept folder must be intact and a picture must be that of a clean bake, bit by
bit; a worker that comes to its end between kills must have kept the same files as the clean one.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final
from unittest.mock import patch

from vr_app.api import Arrays
from vr_app.baked import find, key
from vr_app.baking import PARTIAL, SUMS, intact, places
from vr_app.catalogue import find_scenes
from vr_app.scripted.headset import looking
from vr_app.studio import open_studio

EYE: Final = (320, 320)
ENOUGH: Final = 20  # kills, of which some must leave something half written
WRITING_SECONDS: Final = 0.002  # a kill comes within so long of the first sight of something half written
LOOK_SECONDS: Final = 0.0001

Picture = Callable[[], bytes]


@dataclass(slots=True)
class Told:
    """What was seen."""

    kills: int = 0
    writing: int = 0  # of them, those that left something half written
    moments: list[float] = field(default_factory=list)  # seconds after the worker's start
    kept: int = 0  # folders found after kills
    broken: list[str] = field(default_factory=list)
    other_pictures: int = 0
    finished: int = 0  # workers that came to their end
    other_files: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        met = self.writing or self.kills < ENOUGH  # or nothing was shown of what is half written
        return bool(met) and not (self.broken or self.other_pictures or self.other_files)


def _worker(home: Path) -> subprocess.Popen[bytes]:
    os.environ["HARBORLIGHT_HOME"] = str(home)
    return subprocess.Popen([sys.executable, "-m", "vr_app.bake"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _kept(home: Path) -> list[Path]:
    return sorted(path.parent for path in (home / "cache/bake").glob(f"[!.]*/{SUMS}"))


def _half_written(home: Path) -> set[str]:
    folder = home / "cache/bake"
    return {name for name in os.listdir(folder) if name.startswith(PARTIAL)} if folder.is_dir() else set()  # noqa: PTH208


def _files(home: Path) -> dict[str, bytes]:
    return {f"{path.name}/{file.name}": file.read_bytes() for path in _kept(home) for file in path.iterdir()}


def _shoot(scene: str, instead: Callable[[Callable[[], Arrays]], Arrays]) -> bytes:
    """A scene's picture from what is kept; what is not kept is made by `instead`."""

    def bake(make: Callable[[], Arrays]) -> Arrays:
        found = find(key(make), places())
        return instead(make) if found is None else found

    entry = find_scenes()[scene]
    assert entry.scene is not None
    with patch("vr_app.render.kit.baked", bake), open_studio(EYE) as studio:
        shot = studio.photograph(entry.scene, [0.0], [looking(0.0)])[0]
        return shot.photograph.left.tobytes() + shot.photograph.right.tobytes()


def _from(home: Path, make: Callable[[], Arrays]) -> Arrays:
    """The clean bake's arrays, instead of the seconds that making them anew would take."""
    found = find(key(make), [home / "cache/bake"])
    assert found is not None
    return found


def _kill(home: Path, seconds: float, *, writing: bool, late: float) -> float | None:
    """Let a worker live so long, or until something is half written and `late` seconds more; None: it ended before."""
    before = _half_written(home)
    worker = _worker(home)
    begun = time.monotonic()
    while worker.poll() is None:
        lived = time.monotonic() - begun
        if writing and _half_written(home) - before:
            time.sleep(late)
        elif writing or lived < seconds:
            time.sleep(LOOK_SECONDS)
            continue
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        return lived
    return None


def play(base: Path, kills: int, scene: str, seed: int) -> Told:
    """All of it, in a folder of its own."""
    chance = random.Random(seed)
    clean, told = base / "clean", Told()
    begun = time.monotonic()
    if _worker(clean).wait() != 0:
        raise SystemExit("the clean bake failed; run `harborlight bake`")
    whole = time.monotonic() - begun
    files, expected = _files(clean), _shoot(scene, partial(_from, clean))
    print(f"clean bake: {whole:.1f} s, {len(_kept(clean))} makers, {sum(map(len, files.values())) / 1e6:.1f} MB")
    home = base / "home-0"
    while told.kills < kills:
        writing = told.kills % 2 == 1
        before = _half_written(home)
        lived = _kill(home, chance.uniform(0.0, whole), writing=writing, late=chance.uniform(0.0, WRITING_SECONDS))
        if lived is None:
            told.finished += 1
            found = _files(home)
            told.other_files += [name for name in files if found.get(name) != files[name]]
            home = base / f"home-{told.finished}"
            continue
        told.kills += 1
        told.moments.append(lived)
        told.writing += bool(_half_written(home) - before)
        told.kept += len(_kept(home))
        told.broken += [path.name for path in _kept(home) if not intact(path)]
        same = _shoot(scene, partial(_from, clean)) == expected
        told.other_pictures += not same
        print(f"kill {told.kills:2} after {lived:5.2f} s: {'same picture' if same else 'ANOTHER PICTURE'}", flush=True)
    return told


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m headless_harness.bake_kills")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--scene", default="room")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="harborlight-kills-") as name:
        told = play(Path(name), options.kills, options.scene, options.seed)
    print(
        f"{told.kills} kills, {told.writing} of them while something was half written; "
        f"{told.kept} folders found kept, {len(told.broken)} of them broken; "
        f"{told.other_pictures} pictures differ from the clean bake's; "
        f"{told.finished} workers ended by themselves, {len(told.other_files)} of their files differ"
    )
    return 0 if told.good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
