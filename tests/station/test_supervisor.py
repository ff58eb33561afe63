"""A whole session of processes: each may die or hang, and what was promised holds all the same."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from headless_harness.station import Session, alive, descendants, zombies
from vr_app import limits

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="unproven here: processes are killed and stopped")

RUN = ("--headset", "headless", "--zero-counts", "--size", "64x64", "--no-monitor", "--sound", "none", "--plan")
PLAN = '[[step]]\nscene = "lantern"\nminutes = 20\n'


class Folders:
    """Where a station keeps what it keeps, and how to start one there."""

    def __init__(self, folder: Path) -> None:
        (folder / "run").mkdir(mode=0o700, exist_ok=True)
        (folder / "long.toml").write_text(PLAN)
        self.environment = {"XDG_RUNTIME_DIR": str(folder / "run"), "XDG_DATA_HOME": str(folder / "data")}
        self.data = folder / "data" / "harborlight"
        self._plan = str(folder / "long.toml")

    def session(self, *more: str) -> Session:
        return Session(self.environment, *RUN, self._plan, *more)

    def harborlight(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "vr_app.cli", *arguments],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            env=os.environ | self.environment,
            timeout=60,
        )


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path)


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Session, Folders]]:
    """One for all tests that leave it playing."""
    kept = Folders(tmp_path_factory.mktemp("station"))
    session = kept.session()
    yield session, kept
    session.kill()


def _is(state: dict[str, Any], mode: str) -> bool:
    status = state["status"]
    return status is not None and status["mode"] == mode and status["clear"]


def _here(state: dict[str, Any]) -> str:
    return str(state["status"]["here"])


def playing(session: Session) -> dict[str, Any]:
    """Its status, some way into the lantern."""
    if not _is(session.state(), "playing"):
        session.tell("go")
    session.wait_for("playing", lambda state: _is(state, "playing") and state["status"]["here"] == "lantern")
    status: dict[str, Any] = session.state()["status"]
    return status


def hold(session: Session, render: int) -> dict[str, Any]:
    """Its status, once another render process holds the plan in the calm room."""
    session.wait_for(
        "held", lambda state: state["children"].get("render", render) != render and _is(state, "held in the calm room")
    )
    status: dict[str, Any] = session.state()["status"]
    return status


@pytest.mark.parametrize("fault", [signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV], ids=lambda fault: fault.name)
def test_a_lost_picture_comes_back_in_the_calm_room_and_goes_on_where_it_was(
    station: tuple[Session, Folders], fault: signal.Signals
) -> None:
    session, _ = station
    before, render = playing(session)["position"], session.child("render")
    os.kill(render, fault)
    status = hold(session, render)
    assert status["here"] == "room"
    assert status["position"]["step"] == before["step"]
    assert abs(status["position"]["scene_seconds"] - before["scene_seconds"]) <= limits.RESUME_SECONDS
    assert not zombies(session.process.pid)
    held = status["position"]["scene_seconds"]
    time.sleep(1.0)
    assert session.state()["status"]["position"]["scene_seconds"] == held  # only a Go continues
    assert playing(session)["position"]["scene_seconds"] >= held


def test_the_sound_is_held_while_no_picture_leads_it_and_started_anew_when_it_is_lost(folders: Folders) -> None:
    session = folders.session("--sound", "nowhere")
    try:
        playing(session)
        session.wait_for("sound", lambda state: state["sound"]["state"] in ("none", "playing"))
        first, render = session.child("sound"), session.child("render")
        os.kill(first, signal.SIGKILL)
        session.wait_for("another", lambda state: state["children"].get("sound", first) != first)
        assert _is(session.state(), "playing")
        assert not session.state()["sound"]["held"]
        os.kill(render, signal.SIGSTOP)
        session.wait_for("held", lambda state: state["sound"]["held"])
        hold(session, render)
        assert not session.state()["sound"]["held"]
        assert not zombies(session.process.pid)
        assert session.close() == 0
    finally:
        session.kill()


def test_a_lost_spare_is_replaced_and_nobody_notices(station: tuple[Session, Folders]) -> None:
    session, _ = station
    playing(session)
    session.wait_for("standing by", lambda state: "spare" in state["children"])
    spare = session.child("spare")
    os.kill(spare, signal.SIGKILL)
    session.wait_for("standing by", lambda state: state["children"].get("spare", spare) != spare)
    assert _is(session.state(), "playing")
    assert not zombies(session.process.pid)


def test_a_spare_that_hangs_is_not_waited_for(station: tuple[Session, Folders]) -> None:
    session, _ = station
    playing(session)
    session.wait_for("standing by", lambda state: "spare" in state["children"])
    spare, render = session.child("spare"), session.child("render")
    os.kill(spare, signal.SIGSTOP)
    os.kill(render, signal.SIGKILL)
    session.wait_for("another", lambda state: state["children"].get("render", spare) not in (spare, render))
    hold(session, render)
    assert not alive(spare)


def test_a_stop_is_answered_while_the_picture_hangs_and_its_pipe_is_full(station: tuple[Session, Folders]) -> None:
    session, _ = station
    playing(session)
    render = session.child("render")
    os.kill(render, signal.SIGSTOP)
    flood = json.dumps({"type": "SetText", "slot": "words", "text": "rest " * 90})
    port, token = session.address()
    refused = ""
    with socket.create_connection(("127.0.0.1", port), timeout=5.0) as line:
        line.sendall(f"harborlight/1 {token} {flood}\n".encode() * 500)
        answer, _ = session.tell("stop")
        assert answer.startswith("ok ")
        line.settimeout(5.0)
        while "takes no commands" not in refused and "no answer from the picture" not in refused:
            refused += line.recv(65_536).decode()
    hold(session, render)


def test_what_describes_a_state_is_known_to_the_next_picture(station: tuple[Session, Folders]) -> None:
    session, _ = station
    playing(session)
    assert session.tell('{"type": "Ask", "name": "mood", "kind": "scale", "words": "How is it now?"}')[0] == "ok done"
    render = session.child("render")
    os.kill(render, signal.SIGKILL)
    hold(session, render)
    assert session.tell('{"type": "TakeBack", "name": "mood"}')[0] == "ok done"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ('{"type": "Fly"}', "not understood"),
        ('{"type": "SetComfort", "brightness": 7}', "brightness"),
        ('{"type": "SetText", "slot": "words", "text": "\\u05d0"}', "no "),
        ("unlock", "takes a name"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_line(station: tuple[Session, Folders], words: str, told: str) -> None:
    session, _ = station
    answer, _ = session.tell(words)
    assert answer.startswith("no ")
    assert told in answer
    assert session.process.poll() is None


def test_a_second_station_is_refused(station: tuple[Session, Folders]) -> None:
    session, kept = station
    playing(session)
    done = kept.harborlight("run", *RUN, "lantern")
    assert done.returncode == 1
    assert "Harborlight runs already on this machine; steer it with `harborlight tell`" in done.stderr
    assert kept.harborlight("tell", "quiet").stdout == "done\n"
    assert kept.harborlight("tell", "go").stdout == "done\n"


def test_locked_nothing_plays_whatever_dies(folders: Folders) -> None:
    session = folders.session()
    try:
        playing(session)
        assert session.tell("lock")[0] == "ok VR is locked"
        session.wait_for("locked", lambda state: _is(state, "locked: nothing plays") and _here(state) == "room")
        assert session.tell("go")[0].startswith("no VR is locked")
        render = session.child("render")
        os.kill(render, signal.SIGKILL)
        session.wait_for(
            "locked again",
            lambda state: state["children"].get("render", render) != render and _is(state, "locked: nothing plays"),
        )
        assert session.tell("go")[0].startswith("no VR is locked")
        assert session.close() == 0
        session = folders.session()
        session.wait_for("locked still", lambda state: _is(state, "locked: nothing plays"))
        assert session.tell("unlock Ada")[0] == "ok VR is unlocked"
        session.wait_for("unlocked", lambda state: not state["status"]["locked"])
        time.sleep(0.5)
        assert session.state()["status"]["here"] == "room"  # unlocking plays nothing
        playing(session)
    finally:
        session.kill()


def test_a_lock_holds_on_a_disk_that_does_not_take_it(folders: Folders) -> None:
    folders.data.parent.mkdir()
    folders.data.write_text("a file where the folder should be")
    session = folders.session()
    try:
        playing(session)
        answer, _ = session.tell("lock")
        assert answer.startswith("no VR is locked now, but will not be after a restart")
        session.wait_for("locked", lambda state: _is(state, "locked: nothing plays"))
        assert session.tell("unlock Ada")[0].startswith("no VR stays locked")
        assert session.tell("go")[0].startswith("no VR is locked")
        assert session.close() == 0
    finally:
        session.kill()


def test_a_killed_supervisor_leaves_no_child_and_the_next_takes_up_its_plan(folders: Folders) -> None:
    session = folders.session()
    try:
        playing(session)
        session.wait_for("standing by", lambda state: "spare" in state["children"])
        time.sleep(1.5)
        stood = session.state()["status"]["position"]["scene_seconds"]
        everyone = descendants(session.process.pid)
        assert len(everyone) >= 3
        session.process.kill()
        session.process.wait()
        end = time.monotonic() + 10.0
        while any(alive(pid) for pid in everyone):
            assert time.monotonic() < end, "a child was left"
            time.sleep(0.05)
        session.kill()
        session = folders.session("--resume")
        session.wait_for("held", lambda state: _is(state, "held in the calm room"))
        again = session.state()["status"]["position"]["scene_seconds"]
        assert abs(again - stood) <= limits.RESUME_SECONDS
        assert playing(session)["position"]["scene_seconds"] >= again
        assert session.close() == 0
    finally:
        session.kill()
    done = folders.harborlight("run", *RUN, "lantern", "--resume")
    assert done.returncode == 1
    assert "no session was interrupted" in done.stderr


def test_a_picture_that_stays_away_is_told_and_spoken(folders: Folders, tmp_path: Path) -> None:
    voice, spoken = tmp_path / "bin" / "spd-say", tmp_path / "spoken"
    voice.parent.mkdir()
    voice.write_text(f'#!/bin/sh\necho "$@" >> {spoken}\ncat >> {spoken}\n')
    voice.chmod(0o755)
    folders.environment["PATH"] = f"{voice.parent}:{os.environ['PATH']}"
    session = folders.session("--name", "Ada")
    try:
        playing(session)
        end = time.monotonic() + limits.RENDER_DEAD_SECONDS + 5.0
        while not session.state()["notice"] and time.monotonic() < end:
            for name in ("render", "spare"):
                if pid := session.state()["children"].get(name):
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
        told = session.state()["notice"]
        assert told.startswith("The picture has stopped. It's the equipment, not you. Ada is beside you.")
        session.wait_for("held", lambda state: _is(state, "held in the calm room"))
        assert session.state()["notice"] == ""
        assert "Ada is beside you" in spoken.read_text()
        assert session.close() == 0
    finally:
        session.kill()
