"""What a place remembers, through real processes: any of them is killed, patients come and go, records are locked."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from headless_harness.companion_client import Browser, do, state_of
from headless_harness.station import Session
from tests.station.test_supervisor import RUN, Folders
from vr_app.course import Mode
from vr_app.records.records import Records

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="unproven here: processes are killed")

PASSPHRASE = "seven quiet herons"
SETUP = {"clinic": "Harbour Clinic", "clinicians": ["Ada"], "passphrase": PASSPHRASE}
KEEPSAKE = '''"""Keepsake: a place that remembers how often it was entered, and how long it was last seen."""

from vr_app.api import Scene, SceneInfo


class Keepsake(Scene):
    info = SceneInfo("keepsake", "Keepsake", "It remembers.", "centering", (1.0, 20.0))

    def enter(self, stage):
        self.memory = stage.memory
        stage.memory.put("visits", (stage.memory.get("visits") or b"") + b"x")

    def update(self, frame):
        self.memory.put("seconds", str(int(frame.scene_time)).encode())
'''
PAPER = '''"""Paper: a place where each visit leaves a stroke, and notes how many it found."""

from vr_app.api import Scene, SceneInfo


class Paper(Scene):
    info = SceneInfo("paper", "Paper", "It keeps strokes.", "creative", (1.0, 20.0))

    def enter(self, stage):
        work = stage.works.open()
        stage.memory.put("found", str(len(work.shown())).encode())
        work.begin("ink", (0.1, 0.1, 0.1, 0.0))
        work.append((0.0, 1.0, -1.0), 0.01)
        work.end()
'''
PLAN = '[[step]]\nscene = "{}"\nminutes = 20\n'
FOUND_TOO = '''"""Scenes are found in a test's folder too, in every process of the station."""

import importlib.abc
import importlib.machinery
import sys
from pathlib import Path

HERE = Path(__file__).parent


class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name not in ("vr_app.catalogue", "vr_app.plan"):
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            if name == "vr_app.plan":
                module.load_plan.__kwdefaults__["folder"] = HERE / "plans"
                return
            find = module.find_scenes
            module.find_scenes = lambda folder=module.SCENES: find(folder) | find(HERE / "scenes")

        spec.loader.exec_module = exec_module
        return spec


sys.meta_path.insert(0, Finder())
'''


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    made, more = Folders(tmp_path), tmp_path / "more"
    for name in ("scenes", "plans"):
        (more / name).mkdir(parents=True)
    (more / "sitecustomize.py").write_text(FOUND_TOO)
    for name, scene in (("keepsake", KEEPSAKE), ("paper", PAPER)):
        (more / "scenes" / f"{name}.py").write_text(scene)
        (more / "plans" / f"{name}.toml").write_text(PLAN.format(name))
    made.environment["PYTHONPATH"] = str(more)
    return made


@pytest.fixture
def session(folders: Folders) -> Iterator[Session]:
    started = Session(folders.environment, *RUN, "keepsake", "--port", "0", "--hold")
    try:
        started.wait_for("companion", lambda state: state["companion_owes"] == "frames")
        yield started
    finally:
        started.kill()


class Desk:
    """A page that begins sessions, and ends them; it is open only while it asks."""

    def __init__(self, session: Session, place: str = "keepsake") -> None:
        self.session, self.browser, self.place = session, Browser(session), place
        self._number = 0

    def do(self, mode: Mode, **command: Any) -> Any:
        """Once the session is in this mode: why it is refused, None: done."""
        self._number += 1
        with self.browser.socket() as socket:
            state_of(socket, mode.value)
            return do(socket, self._number, command)

    def visit(self, patient: str | None) -> None:
        """Until the keepsake, or another place, is seen."""
        answer = self.browser.ask("POST", "/api/sessions", {"plan": self.place, "patient": patient})
        assert "error" not in answer, answer
        self.go()

    def go(self) -> None:
        assert self.do(Mode.HELD, type="Go") is None
        self.session.wait_for("the place", lambda state: _here(state) == self.place)

    def stop(self) -> None:
        assert self.do(Mode.PLAYING, type="StopNow") is None
        self.session.wait_for("the calm room", lambda state: _here(state) == "room")

    def lose(self, child: str) -> None:
        """Its process; until there is another."""
        lost = self.session.child(child)
        os.kill(lost, signal.SIGKILL)
        self.session.wait_for("another", lambda state: state["children"].get(child, lost) != lost)

    def lose_the_picture(self) -> None:
        self.lose("render")
        self.go()


def _here(state: dict[str, Any]) -> str:
    return state["status"]["here"] if state["status"] and state["status"]["clear"] else ""


def patient(browser: Browser) -> str:
    return str(browser.ask("POST", "/api/patients", {"note": ""})["id"])


def remembered(folders: Folders, *patients: str) -> list[str]:
    """How often each patient's keepsake was entered."""
    with Records.open(folders.data / "records", PASSPHRASE) as records:
        told = [records.memories(each) for each in patients]
    assert all({key for _, key in each} <= {"visits", "seconds"} for each in told)
    return [each.get(("keepsake", "visits"), b"").decode() for each in told]


def test_places_remember_each_patient_and_nobody_else_whatever_is_killed(session: Session, folders: Folders) -> None:
    desk = Desk(session)
    assert "recovery_key" in desk.browser.ask("POST", "/api/setup", SETUP)
    ann, bob = patient(desk.browser), patient(desk.browser)
    desk.visit(ann)
    desk.lose_the_picture()
    desk.stop()
    for whoever in (bob, None):
        desk.visit(whoever)
        desk.stop()
    desk.visit(ann)
    desk.lose("companion")  # with Ann's third visit perhaps on its way; the records are locked from now on
    desk.lose_the_picture()
    time.sleep(1.5)  # a second of that visit more, sealed beside the records
    desk.stop()
    assert desk.browser.ask("POST", "/api/unlock", {"passphrase": PASSPHRASE}) == {"locked": False}
    for whoever in (ann, bob):
        desk.visit(whoever)
        desk.stop()
    assert session.close() == 0
    assert remembered(folders, ann, bob) == ["xxxxx", "xx"]


def test_no_page_and_no_word_binds_a_patient(session: Session) -> None:
    desk = Desk(session)
    assert "recovery_key" in desk.browser.ask("POST", "/api/setup", SETUP)
    ann = patient(desk.browser)
    refused = desk.do(Mode.WAITING, type="LoadPlan", plan="keepsake", patient=ann)
    assert "begin from the patient's page" in refused
    assert "not understood" in desk.do(Mode.WAITING, type="Recall", patient=ann)
    told, _ = session.tell(f'{{"type": "LoadPlan", "plan": "keepsake", "patient": "{ann}"}}')
    assert "begin from the patient's page" in told
    assert session.close() == 0


def test_a_work_that_was_erased_comes_back_in_no_visit_of_the_same_day(session: Session, folders: Folders) -> None:
    """The supervisor, and a picture that took its place, had it still."""
    desk = Desk(session, "paper")
    assert "recovery_key" in desk.browser.ask("POST", "/api/setup", SETUP)
    ann, bob = patient(desk.browser), patient(desk.browser)
    for visit in range(2):
        desk.visit(ann)
        time.sleep(1.5)  # a stroke is on its way within a second
        desk.stop()
        (work,) = desk.browser.ask("GET", f"/api/patients/{ann}/works")
        assert work["strokes"] == visit + 1
    path = f"/api/patients/{ann}/works/{work['work']}"
    assert "under way" in desk.browser.ask("DELETE", path)["error"]
    desk.visit(bob)
    assert desk.browser.ask("DELETE", path) == {"erased": True}
    desk.stop()
    desk.visit(ann)
    time.sleep(1.5)
    desk.stop()
    (new,) = desk.browser.ask("GET", f"/api/patients/{ann}/works")
    assert new["strokes"] == 1 and new["work"] != work["work"]
    assert session.close() == 0
    with Records.open(folders.data / "records", PASSPHRASE) as records:
        assert records.memories(ann)["paper", "found"] == b"0"
        assert [made.work for made in records.works(ann)] == [new["work"]]


def test_a_companion_that_is_killed_while_it_makes_what_goes_home_leaves_nothing_plain(
    session: Session, folders: Folders
) -> None:
    desk = Desk(session, "paper")
    assert "recovery_key" in desk.browser.ask("POST", "/api/setup", SETUP)
    ann = patient(desk.browser)
    desk.visit(ann)
    time.sleep(1.5)
    desk.stop()
    assert "error" not in desk.browser.ask("POST", "/api/sessions", {"plan": "paper"})  # nobody's: hers is over
    (work,) = desk.browser.ask("GET", f"/api/patients/{ann}/works")
    path = f"/api/patients/{ann}/works/{work['work']}/consent"
    assert desk.browser.ask("PUT", path, {"given": True}) == {"given": True}
    assert desk.browser.ask("POST", f"/api/patients/{ann}/hand-over", {})["state"] == "making"
    plain = Path(folders.environment["XDG_RUNTIME_DIR"]) / "harborlight" / "hand-over"
    _until(lambda: any(plain.rglob("*.held")))
    (worker,) = _exporting(session)
    desk.lose("companion")
    _until(lambda: not any(plain.rglob("*")) and not Path(f"/proc/{worker}").exists())
    assert session.close() == 0


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 30.0
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def _exporting(session: Session) -> list[int]:
    """Ids of what the companion started."""
    companion = session.child("companion")
    found = Path(f"/proc/{companion}/task").glob("*/children")
    return [int(pid) for path in found for pid in path.read_text().split() if "spawn_main" in _command(int(pid))]


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
