"""What a place remembers, through real processes: any of them is killed, patients come and go, records are locked."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
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
PLAN = '[[step]]\nscene = "keepsake"\nminutes = 20\n'
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
    (more / "scenes" / "keepsake.py").write_text(KEEPSAKE)
    (more / "plans" / "keepsake.toml").write_text(PLAN)
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
    """A page that begins sessions, and ends them."""

    def __init__(self, session: Session, socket: Any, browser: Browser) -> None:
        self.session, self.socket, self.browser = session, socket, browser
        self._number = 0

    def do(self, **command: Any) -> None:
        self._number += 1
        assert do(self.socket, self._number, command) is None

    def visit(self, patient: str | None) -> None:
        """Until the keepsake is seen."""
        answer = self.browser.ask("POST", "/api/sessions", {"plan": "keepsake", "patient": patient})
        assert "error" not in answer, answer
        self.go()

    def go(self) -> None:
        state_of(self.socket, Mode.HELD.value)
        self.do(type="Go")
        self.session.wait_for("the keepsake", lambda state: _here(state) == "keepsake")

    def stop(self) -> None:
        self.do(type="StopNow")
        state_of(self.socket, Mode.STOPPED.value)

    def kill(self, child: str) -> None:
        os.kill(self.session.child(child), signal.SIGKILL)


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
    browser = Browser(session)
    assert "recovery_key" in browser.ask("POST", "/api/setup", SETUP)
    ann, bob = patient(browser), patient(browser)
    with browser.socket() as socket:
        desk = Desk(session, socket, browser)
        desk.visit(ann)
        desk.kill("render")
        session.wait_for("another picture", lambda state: _here(state) == "room")
        desk.go()
        desk.stop()
        desk.visit(bob)
        desk.stop()
        desk.visit(None)
        desk.stop()
        desk.visit(ann)
        desk.kill("companion")  # with Ann's third visit perhaps on its way, and the records locked from now on
    with browser.socket() as socket:
        desk = Desk(session, socket, browser)
        desk.kill("render")
        session.wait_for("another picture", lambda state: _here(state) == "room")
        desk.go()
        time.sleep(1.5)  # a second of that visit more, sealed beside the records
        desk.stop()
        assert browser.ask("POST", "/api/unlock", {"passphrase": PASSPHRASE}) == {"locked": False}
        desk.visit(ann)
        desk.stop()
        desk.visit(bob)
        desk.do(type="Leave")
    assert session.process.wait(20.0) == 0
    assert remembered(folders, ann, bob) == ["xxxxx", "xx"]


def test_no_page_and_no_word_binds_a_patient(session: Session) -> None:
    browser = Browser(session)
    assert "recovery_key" in browser.ask("POST", "/api/setup", SETUP)
    ann = patient(browser)
    load = {"type": "LoadPlan", "plan": "keepsake", "patient": ann}
    with browser.socket() as socket:
        state_of(socket, Mode.WAITING.value)
        assert "begin from the patient's page" in do(socket, 1, load)
        assert "not understood" in do(socket, 2, {"type": "Recall", "patient": ann})
    assert session.close() == 0
