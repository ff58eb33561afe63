"""The bake worker: makes, in several processes, whatever arrays the scenes build with that are not kept yet.

`python -m vr_app.bake`, started by `vr_app.baking`, or `harborlight bake`; a session then only maps files.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from vr_app import logs
from vr_app.api import Arrays, Made, Scene
from vr_app.bake_crew import BakeFailed, Crew, Make
from vr_app.baked import NotKept, baked, discard, find, key, maker_of, prune
from vr_app.baking import STOPPED, places, stamp_name
from vr_app.catalogue import find_scenes
from vr_app.files import replace_file
from vr_app.progress import Progress
from vr_app.station.parent import die_with_parent, hold_children

log = logging.getLogger(__name__)

MOST_PROCESSES: Final = 4  # each may hold some hundred MB
SECONDS_FILE: Final = "seconds.json"  # what each maker took the last time, so that the bar moves evenly
ONE_THREAD: Final = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def bake_all(*, force: bool = False) -> list[str]:
    """Keep the arrays of every scene; what stands against it, in lines. `force`: make all of them anew."""
    progress = Progress(sys.stdout, "baking the scenes' light")
    baking = _Baking(progress, force=force)
    scenes = [entry.scene for entry in find_scenes().values() if entry.scene is not None]
    problems: list[str] = []
    try:
        with baking.crew:
            unlisted = scenes
            while unlisted := [scene for scene in unlisted if not baking.list_makers(scene)]:
                if not baking.make_listed():
                    break
            baking.make_listed()
            problems += filter(None, map(baking.build, unlisted))
        problems += baking.failures()
    except NotKept as error:
        problems.append(str(error))
    finally:
        progress.end()
    baking.finish(complete=not problems)
    return problems


class _Baking:
    """One run of the worker."""

    def __init__(self, progress: Progress, *, force: bool) -> None:
        self.crew = Crew(min(os.cpu_count() or 1, MOST_PROCESSES), self._look)
        self._progress = progress
        self._force = force
        self._folders = places()
        self._live: set[str] = set()  # keys of all that the scenes need
        self._missing: dict[str, float] = {}  # keys that are not kept, and the seconds they are likely to take
        self._makes: dict[str, Make] = {}
        self._begun: dict[str, float] = {}
        self._seconds = _remembered(self._folders[0])
        self._told: set[str] = set()

    def list_makers(self, scene: type[Scene]) -> bool:
        """Whether all makers of a scene could be listed; what is not kept yet, its `build` meets as a few zeros."""
        why = self.build(scene, self._list)
        log.debug("listed: %s", why or scene.info.id)
        return not why

    def make_listed(self) -> bool:
        """Whether there was something to make. The longest first, so that none is left alone at the end."""
        order = sorted(self._makes, key=lambda name: -self._missing[name])
        for name in order:
            self.crew.ask(name, self._makes.pop(name))
        for name in order:
            with suppress(BakeFailed):
                self.crew.wait_for(name)
        return bool(order)

    def build(self, scene: type[Scene], bake: Callable[[Make], Arrays] | None = None) -> str:
        """Why a scene cannot be built, if it cannot; for its makers only. Raises NotKept."""
        try:
            scene().build(BakingKit(bake or self._bake))
        except NotKept:
            raise
        except Exception as error:  # noqa: BLE001 - a scene may raise anything; a session tells it to the user
            return f"scene '{scene.info.id}' cannot be baked: {type(error).__name__}: {error}"
        return ""

    def failures(self) -> list[str]:
        return [f"'{maker_of(name)}' failed: {why}" for name, why in self.crew.done.items() if why is not None]

    def finish(self, *, complete: bool) -> None:
        """Note what it took, and that nothing is missing; tidy up."""
        folder = self._folders[0]
        with suppress(OSError):
            if self.crew.done:
                _write(folder / SECONDS_FILE, msgspec.json.encode(self._seconds))
            if complete:
                _write(folder / stamp_name(), " ".join(sorted(self._live)).encode())
        for place in self._folders:
            prune(place, self._live | {stamp_name(), SECONDS_FILE})

    def _list(self, make: Make) -> Arrays:
        self._heed(make)
        return find(key(make), self._folders) or _Nothing()

    def _bake(self, make: Make) -> Arrays:
        name = key(make)
        if name not in self._live:
            self._heed(make)
            if self._makes.pop(name, None):
                self.crew.ask(name, make)
        if name in self._missing:
            self.crew.wait_for(name)
        return baked(make)  # made here when another worker, told to make all anew, has just thrown it away

    def _heed(self, make: Make) -> None:
        """Take in one maker, whoever needs it and how often."""
        name = key(make)
        if name in self._live:
            return
        self._live.add(name)
        if self._force:
            for folder in self._folders:
                discard(folder / name)
        if find(name, self._folders) is None:
            known = self._seconds.get(maker_of(name))
            self._missing[name] = known if known is not None else _mean(self._seconds)
            self._makes[name] = make

    def _look(self) -> None:
        """A tenth of a second has passed, or something is done."""
        now = time.monotonic()
        for name in self.crew.busy:
            self._begun.setdefault(name, now)
        for name in self.crew.done.keys() - self._told:
            self._told.add(name)
            took = self._seconds[maker_of(name)] = now - self._begun.get(name, now)
            if not sys.stdout.isatty():
                share = f"{len(self._told)} of {len(self._missing)}"
                self._progress.tell(f"baked {maker_of(name).rpartition('-')[0]} in {took:.1f} s ({share})")
        self._progress.show(self._share(now), ", ".join(_short(name) for name in self.crew.busy))

    def _share(self, now: float) -> float:
        """0..1, by the seconds that each maker took the last time."""
        done = 0.0
        for name, seconds in self._missing.items():
            if name in self.crew.done:
                done += seconds
            elif name in self._begun:
                done += min(now - self._begun[name], 0.95 * seconds)
        return done / max(sum(self._missing.values()), 1e-9)


class _Nothing(dict[str, Any]):
    """Stands for arrays that are not made yet: under every name a few zeros."""

    def __missing__(self, name: str) -> Any:
        return np.zeros((4, 4), np.float32)


class BakingKit:
    """A Kit that passes makers on and makes nothing for the GPU."""

    size = (1.0, 1.0)
    words = ""

    def __init__(self, bake: Callable[[Make], Arrays]) -> None:
        self.bake = bake

    def mesh(self, arrays: Arrays, each: object = None) -> BakingKit:
        return self

    def material(self, name: str, **images: object) -> BakingKit:
        return self

    def buffer(self, rows: object, horizon: object = None) -> BakingKit:
        return self

    def field(
        self, name: str, size: tuple[int, int], *, shares: int = 4, seconds: float = 0.0, **images: object
    ) -> BakingKit:
        return self

    def kernel(self, name: str, homes: object, **images: object) -> BakingKit:
        return self

    def strokes(self, points: int, most: int = 512) -> Any:
        return self

    def begin(self, colour: object, *, turns: int = 1, mirror: bool = False) -> int:
        """As Strokes: a scene may draw some while it is built."""
        return 0

    def append(self, position: object, radius: float) -> bool:
        return True

    def end(self) -> None:
        """As Strokes."""

    def clear(self) -> None:
        """As Strokes."""

    def write(self, first: int, rows: object) -> None:
        """As a Buffer."""

    def image(self, pixels: object, *, colour: bool = False, repeat: bool = False) -> BakingKit:
        return self

    def text(self, words: str, *, height: float = 0.03, width: float = 1.0) -> BakingKit:
        return self

    def slot(self, name: str, *, height: float = 0.03, width: float = 1.0) -> BakingKit:
        return self

    def recall(self, words: str) -> None:
        """As a Slot."""

    def share(self, make: Callable[[Any], Made]) -> Made:
        return make(self)


def _remembered(folder: Path) -> dict[str, float]:
    try:
        return msgspec.json.decode((folder / SECONDS_FILE).read_bytes(), type=dict[str, float])
    except (OSError, msgspec.MsgspecError):
        return {}


def _mean(seconds: dict[str, float]) -> float:
    return sum(seconds.values()) / len(seconds) if seconds else 1.0


def _short(name: str) -> str:
    """`scenes.valley.room_light.room_arrays-...` as `room_light`."""
    return name.rpartition(".")[0].rpartition(".")[2]


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, lambda file: file.write(data))


def main(*, force: bool = False) -> int:
    """Bake, with a bar; returns the exit status."""
    os.environ.update(ONE_THREAD)  # for the processes it starts: the same sums on every machine, no more threads
    begun = time.monotonic()
    try:
        problems = bake_all(force=force)
    except KeyboardInterrupt:
        print("baking stopped; what is done is kept, the next start goes on from there", flush=True)
        return STOPPED
    for line in problems:
        print(line, file=sys.stderr, flush=True)
    if not problems:
        print(f"the scenes' light is ready ({time.monotonic() - begun:.1f} s)", flush=True)
    return 1 if problems else 0


if __name__ == "__main__":
    die_with_parent()
    hold_children()
    with logs.start("bake"):
        sys.exit(main())
