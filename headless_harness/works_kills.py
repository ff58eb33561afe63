"""Kills whoever draws at random moments: the work always loads, and what is lost of it is no more than five seconds.

`python -m headless_harness.works_kills [--kills 300] [--seed 0] [--speed 8] [--beside 1]`. A process opens a patient's
works as their records have them, and draws, undoes, erases, clears and finishes, each frame of its own clock one step;
what it makes goes the way that it goes in a session (Works, Remembered, the supervisor's Memory, the records; in one
life of five the records are locked, and it goes sealed to the spool). It says each step that it is about to make.
After each kill the records are opened, the spool is taken in, every work must load without a word of trouble, and the
one that was drawn at must be exactly what some moment of the life that was killed had made of it. The clock runs
`speed` times as fast as the real one, so that a kill comes after seconds of it, and a slow disk counts that often;
while the machine does not run the process at all nothing is drawn, so no step is more than STALL_SECONDS after the one
before. At speed 1 each waits for most of the time, and many patients, each with records of their own, can be drawn for
side by side.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import msgspec

from vr_app.records.journal import Journal
from vr_app.records.records import Records, public_key
from vr_app.records.spool import Spool
from vr_app.remembered import Remembered
from vr_app.station.memory import Memory
from vr_app.station.messages import Put
from vr_app.works.chunks import read_chunks
from vr_app.works.sketch import Sketch
from vr_app.works.works import TIME, Works

SCENE: Final = "light_paint"
SPEED: Final = 8.0
STEP: Final = 1 / 90  # seconds of the own clock, of a frame
LIFE_SECONDS: Final = 6.4  # of the own clock, at most, from the first step
STALL_SECONDS: Final = 0.5
MOST_LOST: Final = 5.0  # seconds of the own clock (safety.md)
STUCK_SECONDS: Final = 60.0
TOLD_EVERY: Final = 50  # kills
WHITE: Final = (1.0, 1.0, 1.0, 0.0)


def steps(seed: int) -> random.Random:
    """What the same life does, frame by frame."""
    return random.Random(seed)


def next_step(chance: random.Random) -> tuple[str, float]:
    what = chance.choices(
        ("append", "begin", "end", "undo", "redo", "erase", "clear", "put", "finish"),
        (900, 12, 12, 8, 5, 3, 0.5, 2, 0.4),
    )[0]
    return what, chance.uniform(-2.0, 2.0)


class Drawn:
    """A work, or the sketch that it is, with the steps done to either in the same way."""

    def __init__(self, work: Any, sketch: Sketch) -> None:
        self.work, self.sketch = work, sketch

    def do(self, what: str, value: float) -> None:
        work, count = self.work, len(self.sketch.strokes)
        match what:
            case "begin":
                work.begin("ink", WHITE, **_copies(value))
            case "append":
                if self.sketch.open is None:
                    work.begin("ribbon", WHITE, turns=1, mirror=False)
                work.append((value, value / 2, -value), 0.004)
            case "erase" if count:
                work.erase((int(abs(value) * 1000) % count,))
            case "put":
                _put(work, value)
            case "finish":
                _finish(work)
            case "erase":
                pass
            case _:
                getattr(work, what)()


def _copies(value: float) -> dict[str, Any]:
    return {"turns": 1 + int(abs(value) * 5), "mirror": value > 0.0}


def _put(work: Any, value: float) -> None:
    data = f"{value:.6f}".encode()
    if isinstance(work, Sketch):
        work.things["words"] = data
    else:
        work.put("words", data)


def _finish(work: Any) -> None:
    if isinstance(work, Sketch):
        work.end()
        work.finished = True
    else:
        work.finish()


# --- the one that draws


class Life(msgspec.Struct, frozen=True):
    """What a process begins with."""

    folder: str
    key: str
    patient: str
    seed: int
    locked: bool
    speed: float
    known: list[tuple[str, str, bytes]]


def draw(life: bytes, pipe: Connection) -> None:
    """The body of the process: until it is killed."""
    told = msgspec.msgpack.decode(life, type=Life)
    folder = Path(told.folder)
    if told.locked:
        with Spool(folder, public_key(folder)) as spool:
            _draw(told, spool, pipe)
    else:
        with Records.open(folder, told.key, by="Ann") as records:
            _draw(told, records, pipe)


def _draw(life: Life, journal: Journal, pipe: Connection) -> None:
    remembered = Remembered({(scene, key): value for scene, key, value in life.known})
    works, memory, chance = Works(remembered), Memory(), steps(life.seed)
    memory.recall(life.patient)
    memory.begin(life.patient)
    work = works.open(SCENE)
    drawn = Drawn(work, work._sketch)
    pipe.send((0.0, work.id))
    before, now = time.monotonic(), 0.0
    while True:
        passed = (time.monotonic() - before) * life.speed
        if passed < STEP:
            time.sleep((STEP - passed) / life.speed)
            continue
        before += passed / life.speed
        now += min(passed, STALL_SECONDS)
        pipe.send((now, ""))
        if not work.finished:
            drawn.do(*next_step(chance))
        works.save(now)
        for kept in remembered.take():
            memory.put(Put(memory.visit, *kept))
        for keep in memory.due(now):
            memory.sent(keep, now)
            journal.put_memory(keep.patient, keep.scene, keep.key, keep.value)
            memory.kept(keep.number)


# --- the one that kills


@dataclass(slots=True)
class Told:
    """What was seen."""

    kills: int = 0
    sealed: int = 0  # of the lives, those that the spool was for
    works: int = 0
    points: int = 0  # of them all, at the end
    lost: list[float] = field(default_factory=list)  # own seconds, by kill
    wrong: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not self.wrong and max(self.lost, default=0.0) <= MOST_LOST


class Killer:
    def __init__(self, folder: Path, seed: int, speed: float) -> None:
        self.folder, self.chance, self.told, self.speed = folder, random.Random(seed), Told(), speed
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["vr_app.records.records", "vr_app.works.works"])
        records, self._key = Records.create(folder, "seven quiet herons")
        with records:
            self._patient = records.add_patient(by="Ann").id
        self._known: dict[tuple[str, str], bytes] = {}

    def kill_once(self) -> None:
        told = self.told
        seed, locked = self.chance.randrange(2**32), self.chance.random() < 0.2
        before = self._known
        work, lived = self._live(seed, locked)
        told.kills += 1
        told.sealed += locked
        with Records.open(self.folder, self._key, by="Ann") as records:
            with Spool(self.folder, public_key(self.folder)) as spool:
                records.take_in(spool)
            self._known = records.memories(self._patient)
        self._check(before, work, seed, lived)

    def _live(self, seed: int, locked: bool) -> tuple[str, list[float]]:
        """Id of the work that a process drew at, and when, by its own clock, each of its steps began."""
        listen, speak = self._context.Pipe(duplex=False)
        recalled = [(*whose, value) for whose, value in self._known.items()]
        life = Life(str(self.folder), self._key, self._patient, seed, locked, self.speed, recalled)
        process = self._context.Process(target=draw, args=(msgspec.msgpack.encode(life), speak))
        process.start()
        speak.close()
        lived: list[float] = []
        if not listen.poll(STUCK_SECONDS):
            raise TimeoutError("it does not begin to draw")
        _, work = listen.recv()
        until = time.monotonic() + self.chance.uniform(0.0, LIFE_SECONDS) / self.speed
        while (left := until - time.monotonic()) > 0.0:
            if listen.poll(left):
                lived.append(listen.recv()[0])
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL, "it ended by itself"
        try:
            while True:
                lived.append(listen.recv()[0])
        except (EOFError, OSError):
            listen.close()
        return work, lived

    def _check(self, before: dict[tuple[str, str], bytes], work: str, seed: int, lived: list[float]) -> None:
        told = self.told
        works = Remembered(self._known).pieces()
        told.works, told.points = len(works), 0
        for (_, name), pieces in works.items():
            read = read_chunks(pieces)
            told.points += read.sketch.points
            if read.trouble or read.chunks != len(pieces):
                told.wrong.append(f"kill {told.kills}: work {name}: {read.trouble}")
        same = {whose: value for whose, value in self._known.items() if not whose[1].startswith(f"{work}/")}
        if same != {whose: value for whose, value in before.items() if not whose[1].startswith(f"{work}/")}:
            told.wrong.append(f"kill {told.kills}: another work was changed")
        loaded = read_chunks(works.get((SCENE, work), ())).sketch
        began = read_chunks(Remembered(before).pieces().get((SCENE, work), ())).sketch
        kept = _kept_until(began, loaded, seed, lived)
        if kept is None:
            told.wrong.append(f"kill {told.kills}: work {work} is no moment of what was drawn")
        else:
            told.lost.append(lived[-1] - kept if lived else 0.0)


def _kept_until(sketch: Sketch, loaded: Sketch, seed: int, lived: list[float]) -> float | None:
    """Own seconds of the last step that is in what was loaded; None: it is nothing that was ever there."""
    chance, drawn = steps(seed), Drawn(sketch, sketch)
    kept = 0.0 if _same(sketch, loaded) else None
    for now in lived:
        if not sketch.finished:  # then nothing is done any more
            drawn.do(*next_step(chance))
        if _same(sketch, loaded):
            kept = now
    return kept


def _same(one: Sketch, other: Sketch) -> bool:
    """A stroke that was begun and has no point yet is as good as none."""
    if one.points != other.points or _put_of(one) != _put_of(other) or one.finished != other.finished:
        return False
    return _seen(one) == _seen(other)


def _put_of(sketch: Sketch) -> dict[str, bytes]:
    """But for the time, which the work itself puts."""
    return {name: value for name, value in sketch.things.items() if name != TIME}


def _seen(sketch: Sketch) -> list[tuple[object, ...]]:
    return [
        (number, each.brush, each.turns, each.mirror, each.seen, each.values)
        for number, each in enumerate(sketch.strokes)
        if each.values
    ]


def play(folder: Path, kills: int, seed: int, speed: float = SPEED) -> Told:
    """One patient's."""
    killer = Killer(folder, seed, speed)
    for number in range(1, kills + 1):
        killer.kill_once()
        if number % TOLD_EVERY == 0:
            told = killer.told
            print(f"{number} kills: at most {max(told.lost):.2f} s lost, {len(told.wrong)} wrong", flush=True)
    return killer.told


def play_beside(folder: Path, kills: int, seed: int, speed: float, beside: int) -> Told:
    """As many patients', side by side, each with about as many of the kills and a seed of their own from `seed` on."""
    shares = [kills // beside + (number < kills % beside) for number in range(beside)]
    with ProcessPoolExecutor(beside, multiprocessing.get_context("spawn")) as pool:
        plays = [
            pool.submit(play, folder / str(number), share, seed + number, speed) for number, share in enumerate(shares)
        ]
        return _together([each.result() for each in plays])


def _together(each: Sequence[Told]) -> Told:
    one = Told()
    for told in each:
        one.kills += told.kills
        one.sealed += told.sealed
        one.works += told.works
        one.points += told.points
        one.lost += told.lost
        one.wrong += told.wrong
    return one


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m headless_harness.works_kills")
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--speed", type=float, default=SPEED, help="of the clock; 1: as in a session")
    parser.add_argument("--beside", type=int, default=1, help="patients drawn for at the same time")
    options = parser.parse_args(arguments)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="harborlight-works-") as name:
        told = play_beside(Path(name), options.kills, options.seed, options.speed, options.beside)
    lost = sorted(told.lost) or [0.0]
    print(
        f"{told.kills} kills in {time.monotonic() - begun:.0f} s, {told.sealed} while the records were locked; "
        f"{told.works} works of {told.points} points, {len(told.wrong)} that did not load as some moment had them; "
        f"lost, in seconds of their own clock: median {lost[len(lost) // 2]:.2f}, "
        f"p99 {lost[len(lost) * 99 // 100]:.2f}, longest {lost[-1]:.2f}"
    )
    for wrong in told.wrong[:20]:
        print(wrong)
    return 0 if told.good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
