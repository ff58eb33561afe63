"""How long a visit takes to begin with what a patient has made: `python -m headless_harness.opening`.

Works of so many points lie in a patient's records; a page loads the plan for them and the therapist goes on at once.
Told are the seconds until the plan is loaded (all of it has travelled: records, companion, station), until the place
is clear to be seen, and how many strokes were there then. A work comes to be seen from the frame on in which the place
does, so many points a frame (scenes/making/canvas.py).
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from headless_harness.visit import PAINT, PASSPHRASE, Room, rests, scripted
from scenes.making.canvas import LOADED
from vr_app.records.records import Records
from vr_app.remembered import Remembered
from vr_app.works.works import Works

STROKE: Final = 60  # points
A_SECOND: Final = 90.0  # points that a hand makes, frames of the display
# Points of each work, the oldest first; the last: all that a patient may have.
CASES: Final = ((), (50_000,), (200_000,), (22_000,) * 16)


def made(works: tuple[int, ...]) -> dict[tuple[str, str], bytes]:
    """Pieces by scene and key; all works but the last are finished."""
    remembered = Remembered()
    kept, now = Works(remembered), 0.0
    for number, points in enumerate(works):
        work = kept.of(PAINT).new()
        for _ in range(points // STROKE):
            work.begin("ink", (0.1, 0.2, 0.3, 0.5))
            for step in range(STROKE):
                work.append((0.01 * step, 1.0, -1.0), 0.01)
            work.end()
            now += STROKE / A_SECOND
            kept.save(now)
        if number < len(works) - 1:
            work.finish()
    kept.finish()
    return {(each.scene, each.key): each.value for each in remembered.take()}


def opened(works: tuple[int, ...]) -> str:
    """One line that tells how it went."""
    with tempfile.TemporaryDirectory(prefix="opening-", dir="/dev/shm") as name, scripted(Path(name)) as headset:
        folder = Path(name)
        room = Room(folder, headset, "--sound", "none")
        room.records.parent.mkdir(parents=True)
        records, _ = Records.create(room.records, PASSPHRASE)
        pieces = made(works)
        with records:
            room.patient = records.add_patient(by="Ada").id
            for (scene, key), value in pieces.items():
                records.put_memory(room.patient, scene, key, value)
        room.act(rests)
        with room.open() as sitting:
            began = time.monotonic()
            sitting.load()
            loaded = time.monotonic()
            sitting.enter(PAINT)
            clear = time.monotonic()
            strokes = sitting.strokes()
            sitting.leave()
    frames = -(-(works[-1] if works else 0) // LOADED)
    size = sum(map(len, pieces.values())) / 1e6
    return (
        f"{len(works)} works, {sum(works)} points, {size:.1f} MB in {len(pieces)} pieces: "
        f"loaded in {loaded - began:.2f} s, clear {clear - loaded:.2f} s later with {strokes} strokes; "
        f"{frames} frames to show them, {frames / A_SECOND:.1f} s at {A_SECOND:.0f} Hz"
    )


def main() -> int:
    for works in CASES:
        print(opened(works), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
