"""Light paint through real processes: a scripted hand paints, undoes and keeps; all of it is found again as it was."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from headless_harness.companion_client import Browser, do, state_of
from headless_harness.station import Session
from scenes.making.brushes import BRUSHES
from scenes.making.palette import COLOURS, WORDS
from tests.scenes.test_making import Visit
from tests.station.test_supervisor import RUN, Folders
from vr_app.api import Vec3
from vr_app.course import Mode
from vr_app.records.records import Records
from vr_app.remembered import Remembered
from vr_app.works.chunks import Read, read_chunks

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="unproven here: processes are killed")

PASSPHRASE = "seven quiet herons"
SETUP = {"clinic": "Harbour Clinic", "clinicians": ["Ada"], "passphrase": PASSPHRASE}
SCENE, PLAN = "light_paint", "light_paint"
STROKE_SECONDS, LONG = 1.0, 0.25  # of a stroke, and how far it goes, metres
TOUCH_SECONDS = 3.0  # a word is taken after two
MINUTES = 4.0  # of a script


def word(name: str) -> Vec3:
    """Where it stands."""
    visit = Visit()
    visit.rest(0.1)
    return visit.scene.palette.centre(len(COLOURS) + len(BRUSHES) + list(WORDS).index(name))  # type: ignore[arg-type]


class Hand:
    """Writes a script: one hand, again and again the same."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        self.at = 0.0

    def be(self, place: Vec3, press: float, seconds: float) -> None:
        self.lines.append({"at": round(self.at, 3), "right": [*place, 0, 0, 0, 1], "select": [0, press]})
        self.at += seconds

    def stroke(self, y: float) -> None:
        self.be((-0.1, y, -0.45), 0.0, 0.4)
        self.be((-0.1, y, -0.45), 1.0, STROKE_SECONDS)
        self.be((-0.1 + LONG, y, -0.45), 1.0, 0.1)
        self.be((-0.1 + LONG, y, -0.45), 0.0, 0.4)

    def touch(self, name: str) -> None:
        x, y, z = word(name)
        self.be((x, y, z), 0.0, TOUCH_SECONDS)
        self.be((x, y, z), 0.0, 0.1)
        self.be((0.3, 0.8, -0.3), 0.0, 0.3)


def paints(hand: Hand) -> None:
    hand.stroke(0.95)
    hand.stroke(1.10)
    hand.touch("undo")


def keeps(hand: Hand) -> None:
    hand.touch("keep")


def written(path: Path, act: Callable[[Hand], None]) -> Path:
    hand = Hand()
    hand.be((0.3, 0.8, -0.3), 0.0, 1.0)
    while hand.at < 60.0 * MINUTES:
        act(hand)
    path.write_text("\n".join(map(json.dumps, hand.lines)))
    return path


class Room:
    """One clinic's computer, begun again and again."""

    def __init__(self, folders: Folders, tmp_path: Path) -> None:
        self.folders, self.tmp = folders, tmp_path
        self.patient = ""

    def sit(self, act: Callable[[Hand], None], pauses: Sequence[float]) -> None:
        """A session of so many seconds; between two of them the picture's process is killed."""
        script = written(self.tmp / f"{act.__name__}.jsonl", act)
        more = ("--port", "0", "--hold", "--script", str(script))
        session = Session(self.folders.environment, *RUN, PLAN, *more)
        try:
            session.wait_for("companion", lambda state: state["companion_owes"] == "frames")
            browser = Browser(session)
            self._come_in(browser)
            _ask(browser, "POST", "/api/sessions", {"plan": PLAN, "patient": self.patient})
            for n, seconds in enumerate(pauses):
                if n:
                    _lose_the_picture(session)
                _told(browser, Mode.HELD, type="Go")
                if not n:
                    session.wait_for("the calm room", lambda state: _here(state) == "room")
                    _told(browser, Mode.PLAYING, type="GoTo", step=1)
                session.wait_for("the clearing", lambda state: _here(state) == SCENE)
                time.sleep(seconds)
            _told(browser, Mode.PLAYING, type="StopNow")
            session.wait_for("the calm room", lambda state: _here(state) == "room")
            assert session.close() == 0
        finally:
            session.kill()

    def _come_in(self, browser: Browser) -> None:
        if self.patient:
            _ask(browser, "POST", "/api/unlock", {"passphrase": PASSPHRASE})
        else:
            _ask(browser, "POST", "/api/setup", SETUP)
            self.patient = str(_ask(browser, "POST", "/api/patients", {"note": ""})["id"])

    def memories(self) -> dict[tuple[str, str], bytes]:
        with Records.open(self.folders.data / "records", PASSPHRASE) as records:
            return records.memories(self.patient)


_numbers: Iterator[int] = iter(range(1, 1_000_000))


def _ask(browser: Browser, *what: Any) -> Any:
    answer = browser.ask(*what)
    assert "error" not in answer, answer
    return answer


def _lose_the_picture(session: Session) -> None:
    """It goes on where it was."""
    lost = session.child("render")
    os.kill(lost, signal.SIGKILL)
    session.wait_for("another", lambda state: state["children"].get("render", lost) != lost)


def _told(browser: Browser, mode: Mode, **command: Any) -> None:
    with browser.socket() as socket:
        state_of(socket, mode.value)
        assert do(socket, next(_numbers), command) is None


def _here(state: dict[str, Any]) -> str:
    return state["status"]["here"] if state["status"] and state["status"]["clear"] else ""


def works(memories: dict[tuple[str, str], bytes]) -> list[Read]:
    pieces = Remembered(memories).pieces()
    read = [read_chunks(each) for (scene, _), each in sorted(pieces.items()) if scene == SCENE]
    assert all(not each.trouble for each in read)
    return read


def seen(read: Read) -> list[bytes]:
    return [stroke.points.tobytes() for stroke in read.sketch.shown().values()]


def test_what_was_painted_is_found_again_as_it_was_and_kept(tmp_path: Path) -> None:
    room = Room(Folders(tmp_path), tmp_path)
    room.sit(paints, [9.0])
    first = room.memories()
    (begun,) = works(first)
    assert len(seen(begun)) == len(begun.sketch.strokes) > 0  # at a first visit tools come later

    room.sit(paints, [9.0, 9.0])
    second = room.memories()
    assert all(second[key] == value for key, value in first.items() if "/" in key[1])
    (gone_on,) = works(second)
    assert len(gone_on.sketch.strokes) > len(begun.sketch.strokes)
    assert gone_on.chunks > begun.chunks
    assert seen(gone_on)[0] == seen(begun)[0]
    assert len(seen(gone_on)) < len(gone_on.sketch.strokes)  # something was taken back

    room.sit(keeps, [9.0])
    (kept, *others) = works(room.memories())
    assert kept.sketch.finished
    assert seen(kept) == seen(gone_on)
    assert not any(each.sketch.finished for each in others)
