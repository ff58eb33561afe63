"""Drives the desktop headset on a screen in memory as a person would, then lets it run and watches what it holds.

python -m headless_harness.desktop [--minutes 30] [--pictures FOLDER]

First with pictures: look, lean, resize, minimise, stop, close. Then all calls and no vertices (`--zero-counts`), so
that frames come at the display's pace, for as many minutes: resident memory, descriptors and threads of the picture's
process must not grow while it is looked around in, resized and minimised. The ledger is not counted: it has its room
from the start, but the system hands it out as it is written.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from headless_harness.screen import Screen, ScreenError, open_screen
from headless_harness.station import Session, Wrong, handles
from vr_app.timing.ledger import COLUMNS

PATIENCE_SECONDS: Final = 180.0  # pictures by the processor may take most of a second each
SAMPLE_SECONDS: Final = 10.0
WARM_UP_SECONDS: Final = 120.0  # everything has been done once
MINUTES: Final = (4.0, 55.0)  # of a long run: enough to judge; within the longest plan
GROWTH_BYTES: Final = 2_000_000  # resident memory, from the first fifth after warming up to the last
Pixels = npt.NDArray[np.uint8]


class Sample(NamedTuple):
    """What the picture's process holds: seconds since the first frame, bytes, counts."""

    at: float
    memory: int
    handles: int
    threads: int


class Desk:
    """A session in a window, and the hands before it."""

    def __init__(self, session: Session, screen: Screen) -> None:
        self.session, self.screen = session, screen
        self.window = screen.window(PATIENCE_SECONDS)
        self.hands("windowfocus", self.window)

    def hands(self, *words: str) -> None:
        self.screen.hands(*words)

    def until(self, what: str, holds: Callable[[Mapping[str, Any]], object]) -> float:
        """Wait until the session's status is so; gives the seconds it took. Raises Wrong."""
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE_SECONDS:
            if self.session.process.poll() is not None:
                raise Wrong(f"not {what}: the session ended with {self.session.process.returncode}")
            status = self.session.state()["status"]
            if status is not None and holds(status):
                return time.monotonic() - began
            time.sleep(0.05)
        raise Wrong(f"not {what} within {PATIENCE_SECONDS:g} s: {self.session.state()}")

    def playing(self) -> None:
        self.until("playing", lambda status: status["mode"] == "playing" and status["clear"])

    def later(self, frames: float = 2.0) -> Pixels:
        """The screen once the session's clock has gone on, so that something new is seen."""
        end = self.session.state()["status"]["time"] + frames
        self.until("going on", lambda status: status["time"] >= end)
        return self.screen.picture()

    def wait(self, until: float) -> None:
        """Until that monotonic second, with a word now and then: a silent client is let go after 10 s."""
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 2.0))
            self.session.state()

    def close(self) -> int:
        """Close the window; the exit status. Raises Wrong."""
        self.screen.close(self.window)
        try:
            return self.session.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            raise Wrong("the session goes on although its window was closed") from None


@contextmanager
def desk(*arguments: str, plan: str = "lantern") -> Iterator[Desk]:
    """`harborlight run --headset desktop` on a screen of its own."""
    with tempfile.TemporaryDirectory(prefix="desktop-") as name, open_screen() as screen:
        environment = {
            "DISPLAY": screen.display,
            "XDG_RUNTIME_DIR": name,
            "XDG_DATA_HOME": f"{name}/data",
        }
        session = Session(environment, "--headset", "desktop", "--no-companion", "--plan", plan, *arguments)
        try:
            session.wait_for("started", lambda state: state["status"] is not None)
            yield Desk(session, screen)
        finally:
            session.kill()


# --- what a person does


def steer(keep: Callable[[str, Pixels], None]) -> dict[str, Any]:
    """Everything once, with pictures. Raises Wrong."""
    told: dict[str, Any] = {}
    with desk("--minutes", "20") as at:
        at.playing()
        before = at.later()
        keep("1-ahead", before)
        if before.mean() < 40:
            raise Wrong(f"the window is dark: mean {before.mean():.0f} of 255")
        told["drag_100_px_moves_picture_px"] = _drag(at, before, keep)
        told["lean_changes_share"] = _lean(at, keep)
        _resize(at, keep)
        _minimise(at)
        at.hands("keydown", "m")
        at.until("stopped by the patient", lambda status: status["mode"] == "stopped in the calm room")
        at.hands("keyup", "m")
        at.until("in the calm room", lambda status: status["here"] == "room" and status["clear"])
        keep("5-stopped", at.screen.picture())
        told["exit_status"] = at.close()
    if told["exit_status"]:
        raise Wrong(f"a closed window ends with {told['exit_status']}")
    return told


def _drag(at: Desk, before: Pixels, keep: Callable[[str, Pixels], None]) -> int:
    at.hands("mousemove", "600", "400", "mousedown", "1")
    for x in (620, 660, 700):
        at.hands("mousemove", str(x), "400")
    at.hands("mouseup", "1")
    after = at.later()
    keep("2-dragged-right", after)
    moved = _moved_right(before, after)
    if not 60 <= moved <= 160:
        raise Wrong(f"dragging by 100 pixels moved the picture by {moved}")
    at.hands("key", "Home")
    back = _moved_right(before, at.later())
    if abs(back) > 8:
        raise Wrong(f"Home leaves the picture {back} pixels away")
    return moved


def _moved_right(before: Pixels, after: Pixels) -> int:
    """By how many pixels the middle of a picture was shifted: where its columns agree best."""
    rows = slice(200, 600)
    first, second = (picture[rows].mean((0, 2)) for picture in (before, after))
    middle = first[400:880] - first[400:880].mean()
    scores = {
        shift: float(np.corrcoef(middle, second[400 + shift : 880 + shift])[0, 1]) for shift in range(-300, 301, 2)
    }
    return max(scores, key=lambda shift: scores[shift])


def _lean(at: Desk, keep: Callable[[str, Pixels], None]) -> float:
    before = at.screen.picture().astype(int)
    at.hands("keydown", "d")
    after = at.later()
    keep("3-leaning-right", after)
    at.hands("keyup", "d")
    at.later()
    share = float((np.abs(after - before).max(-1) > 12).mean())
    if share < 0.02:
        raise Wrong(f"leaning changes {share:.1%} of the picture")
    return round(share, 3)


def _resize(at: Desk, keep: Callable[[str, Pixels], None]) -> None:
    at.hands("windowsize", "--sync", at.window, "700", "760")
    seen = at.later()
    keep("4-resized", seen)
    filled = int((seen.max(-1) > 12).sum())
    if not 0.9 < filled / (700 * 760) < 1.05:
        raise Wrong(f"a window of 700 x 760 shows {filled} pixels")


def _minimise(at: Desk) -> None:
    at.hands("windowunmap", at.window)
    at.until("held while minimised", lambda status: status["mode"] == "held in the calm room")
    at.hands("windowmap", "--sync", at.window, "windowfocus", at.window)
    at.session.tell("go")
    at.playing()


# --- what it holds


def soak(minutes: float) -> dict[str, Any]:
    """Run with `--zero-counts` and use the window now and then. Raises Wrong."""
    samples: list[Sample] = []
    with tempfile.TemporaryDirectory(prefix="report-") as folder:
        report = Path(folder) / "report.json"
        with desk("--zero-counts", "--minutes", "60", "--report", str(report), plan="demo") as at:  # others end at 20
            at.playing()
            pid, began = at.session.child("render"), time.monotonic()
            while (passed := time.monotonic() - began) < minutes * 60.0:
                if len(samples) % 3 == 2:
                    _use(at, len(samples) // 3)
                samples.append(sample(pid, passed))
                at.wait(began + len(samples) * SAMPLE_SECONDS)
            if at.session.child("render") != pid:
                raise Wrong("the picture's process was started anew on the way")
            at.hands("keydown", "m")
            held = at.until("stopped by the patient", lambda status: status["mode"] == "stopped in the calm room")
            at.hands("keyup", "m")
            status = at.close()
        frames = json.loads(report.read_text())["frames"]
    if status:
        raise Wrong(f"a closed window ends with {status}")
    return {"frames": frames, "stop_key_seconds": round(held, 2), **judged(samples, frames)}


def _use(at: Desk, turn: int) -> None:
    """Something that a person does, each thing in its turn."""
    match turn % 4:
        case 0:
            at.hands("mousemove", "500", "400", "mousedown", "1", "mousemove", "560", "420", "mousemove", "700", "380")
            at.hands("mouseup", "1", "key", "Home")
        case 1:
            at.hands("windowsize", at.window, str(900 + 120 * (turn // 4 % 2)), "600")
        case 2:
            _minimise(at)
        case _:
            at.hands("keydown", "w", "keydown", "Left", "click", "1", "click", "3", "keyup", "w", "keyup", "Left")


def sample(pid: int, at: float) -> Sample:
    """Of a process that lives, from /proc."""
    lines = (Path("/proc") / str(pid) / "status").read_text().splitlines()
    told = dict(line.split(":", 1) for line in lines)
    return Sample(at, int(told["VmRSS"].split()[0]) * 1024, handles(pid), int(told["Threads"]))


def judged(samples: Sequence[Sample], frames: int) -> dict[str, Any]:
    """Growth from the first fifth after warming up to the last. Raises Wrong."""
    warm = [sample for sample in samples if sample.at >= WARM_UP_SECONDS]
    fifth = max(len(warm) // 5, 1)
    first, last = (np.median(np.array(part), axis=0) for part in (warm[:fifth], warm[-fifth:]))
    rate = 8 * COLUMNS * frames / max(samples[-1].at, 1.0)  # bytes a second that the ledger's pages come to
    ledger = rate * (last[0] - first[0])
    quarters = np.array_split(np.array([sample.memory - rate * sample.at for sample in warm]), 4)
    growth: dict[str, Any] = {
        "quarters_megabytes": [round(float(np.median(quarter)) / 1e6, 2) for quarter in quarters],
        "samples": len(samples),
        "memory_bytes": int(last[1] - first[1] - ledger),
        "handles": int(last[2] - first[2]),
        "threads": int(last[3] - first[3]),
        "resident_megabytes": round(float(last[1]) / 1e6, 1),
        "ledger_megabytes": round(float(ledger) / 1e6, 2),
    }
    if growth["memory_bytes"] > GROWTH_BYTES or growth["handles"] > 0 or growth["threads"] > 0:
        raise Wrong(f"it grows: {growth}")
    return growth


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 when everything was as it should be, else 1 with a line that says what was not."""
    parser = argparse.ArgumentParser(prog="desktop", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=30.0, help="of the long run: 0, or 4 to 55")
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="keep what was seen")
    options = parser.parse_args(arguments)
    if options.minutes and not MINUTES[0] <= options.minutes <= MINUTES[1]:
        parser.error(f"--minutes must be 0 or lie in {MINUTES[0]:g}..{MINUTES[1]:g}, not {options.minutes:g}")

    def keep(name: str, picture: Pixels) -> None:
        if options.pictures:
            options.pictures.mkdir(parents=True, exist_ok=True)
            Image.fromarray(picture).save(options.pictures / f"{name}.png")

    try:
        told: dict[str, Any] = {"steered": steer(keep)}
        if options.minutes:
            told["soak"] = soak(options.minutes)
    except (Wrong, ScreenError) as error:
        print(f"desktop: {error}", file=sys.stderr)
        return 1
    print(json.dumps(told, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
