"""A whole session with a companion: it may die, another plan may be loaded, and the session goes on all the same."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from socket import SHUT_RDWR, create_connection, create_server

import pytest
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.sync.client import connect

from headless_harness.companion_client import Browser, do, state_of, told
from headless_harness.station import Session, zombies
from tests.station.test_supervisor import PLAN, RUN, Folders, playing
from vr_app import limits
from vr_app.companion.server import MOST_BYTES, TOO_LONG
from vr_app.course import Mode
from vr_app.station import supervisor

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="unproven here: processes are killed and stopped")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    return Folders(tmp_path_factory.mktemp("companion"))


@pytest.fixture(scope="module")
def session(folders: Folders) -> Iterator[Session]:
    """One for all tests here, in the order they stand."""
    started = Session(folders.environment, *RUN, str(folders.data.parent.parent / "long.toml"), "--port", "0")
    started.wait_for("companion", lambda state: state["companion_owes"] == "frames")
    yield started
    started.kill()


def test_a_page_steers_and_a_killed_companion_comes_back_while_the_plan_plays(session: Session) -> None:
    playing(session)
    browser = Browser(session)
    with browser.socket() as socket:
        state = state_of(socket, Mode.PLAYING.value)
        assert state["words"].startswith("Playing long")
        assert do(socket, 1, {"type": "SetQuiet", "quiet": True}) is None
        assert "driver" in state
    before = session.state()
    killed = session.child("companion")
    os.kill(killed, signal.SIGKILL)
    began = time.monotonic()
    with browser.socket() as socket:  # the door is the supervisor's: who knocks meanwhile is let in by the next one
        again = state_of(socket, Mode.PLAYING.value)
        back = time.monotonic() - began
        assert again["status"]["quiet"]
        assert again["status"]["time"] > before["status"]["time"]
        assert do(socket, 2, {"type": "Go"}) is None
    assert back < 5.0
    after = session.state()
    assert after["children"]["companion"] != killed
    assert after["children"]["render"] == before["children"]["render"]
    assert after["status"]["mode"] == Mode.PLAYING.value
    assert not zombies(session.process.pid)


def test_an_unlocking_is_signed_with_the_clinicians_name(session: Session, folders: Folders) -> None:
    with Browser(session).socket() as socket:
        assert do(socket, 1, {"type": "SetPhase", "locked": True}) is None
        assert do(socket, 2, {"type": "Go"}) == "VR is locked; say: unlock NAME"
        assert do(socket, 3, {"type": "SetPhase", "locked": False}) is None
    assert json.loads((folders.data / "phase.json").read_text())["by"] == "Ada"


def test_pictures_come_when_they_are_seen(session: Session) -> None:
    playing(session)
    with Browser(session).socket() as socket:
        socket.send(json.dumps({"type": "View", "camera": "eye", "hz": 10}))
        for _ in range(3):
            while not isinstance(frame := socket.recv(timeout=20.0), bytes):
                pass
            assert frame[24:26] == b"\xff\xd8"
            socket.send(json.dumps({"type": "Seen", "picture": int.from_bytes(frame[:4], "little")}))
    session.wait_for("nobody watches", lambda state: state["pages"] == 0)


def test_a_stranger_at_the_real_door_learns_and_does_nothing(session: Session) -> None:
    browser = Browser(session)
    port = int(browser.origin.rpartition(":")[2])
    for head, code in (
        ("GET /api/home HTTP/1.1\r\nHost: evil.example\r\n", b"421"),
        (f"GET /api/home HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n", b"401"),
        (f"GET /api/home HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nHost: evil.example\r\n", b"400"),
        (f"POST /api/me HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {browser.cookie}\r\n", b"403"),
        ("stop\r\n", b"400"),
    ):
        with create_connection(("127.0.0.1", port), timeout=10.0) as line:
            line.sendall(f"{head}Connection: close\r\n\r\n".encode())
            assert line.recv(4096).split(b" ")[1] == code, head
    with pytest.raises(InvalidStatus), connect(browser.origin.replace("http", "ws", 1) + "/ws"):
        pass


def test_a_frame_that_is_too_long_is_answered_and_one_without_end_closes_its_own_connection(session: Session) -> None:
    browser = Browser(session)
    with browser.socket("one") as one, browser.socket("two") as two:
        told(one, "State")
        one.send("x" * (limits.SOCKET_FRAME_BYTES + 1))
        assert told(one, "Answer")["refused"] == TOO_LONG
        one.send("x" * (MOST_BYTES + 1))
        with pytest.raises(ConnectionClosedError, match="1009"):
            told(one, "Never")
        assert do(two, 1, {"type": "StopNow"}) is None
        state_of(two, Mode.STOPPED.value)


def test_a_page_that_reads_nothing_holds_nobody_up(session: Session) -> None:
    playing(session)
    browser = Browser(session)
    with browser.socket("slow") as slow, browser.socket("quick") as quick:
        for socket in (slow, quick):
            socket.send(json.dumps({"type": "View", "camera": "eye", "hz": 15}))
        slow.send(json.dumps({"type": "Do", "id": 1, "command": {"type": "SetQuiet", "quiet": True}}))
        seen = 0
        end = time.monotonic() + 2.0
        while time.monotonic() < end:
            frame = quick.recv(timeout=5.0)
            if isinstance(frame, bytes):
                seen += 1
                quick.send(json.dumps({"type": "Seen", "picture": int.from_bytes(frame[:4], "little")}))
        assert seen >= 5  # of thirty: the machine may have others to serve
        began = time.perf_counter()
        assert do(quick, 2, {"type": "StopNow"}) is None
        assert time.perf_counter() - began <= limits.TABLET_STOP_SECONDS
        state_of(quick, Mode.STOPPED.value)


def test_another_plan_is_loaded_only_when_nothing_plays_and_when_there_is_one(session: Session) -> None:
    playing(session)
    browser = Browser(session)
    render = session.child("render")
    refused = browser.ask("POST", "/api/sessions", {"plan": "lantern", "minutes": 3})
    assert refused == {"error": "the session is playing; stop or end it before another plan is loaded"}
    with browser.socket() as socket:
        assert do(socket, 1, {"type": "StopNow"}) is None
        state_of(socket, Mode.STOPPED.value)
        unknown = browser.ask("POST", "/api/sessions", {"plan": "moon"})
        assert "plan 'moon'" in unknown["error"] and "lantern" in unknown["error"]
        assert session.child("render") == render
        began = time.monotonic()
        assert browser.ask("POST", "/api/sessions", {"plan": "lantern", "minutes": 3, "name": "Ada"}) == {
            "session": None
        }
        state = state_of(socket, Mode.HELD.value)
        print(f"another plan after {time.monotonic() - began:.2f} s")
        assert state["status"]["plan_name"] in ("lantern", "")  # "" until the director tells it
        assert state["status"]["seconds_left"] == pytest.approx(180.0, abs=1.0)
        assert state["recording"].startswith("not kept: Harborlight was not set up")
        assert session.child("render") != render
        assert not session.said or not session.said[-1].startswith("the picture has stopped")
        assert do(socket, 2, {"type": "Go"}) is None
        state_of(socket, Mode.PLAYING.value)
        render = session.child("render")
        os.kill(render, signal.SIGKILL)  # the next one plays what was loaded
        state = state_of(socket, Mode.HELD.value)
        assert state["status"]["seconds_left"] <= 181.0
    assert session.process.poll() is None


def test_a_station_whose_session_is_over_stays_for_its_pages(session: Session) -> None:
    browser = Browser(session)
    with browser.socket() as socket:
        assert do(socket, 1, {"type": "EndGently"}) is None
        assert browser.ask("POST", "/api/sessions", {"plan": "lantern"})["error"].startswith("the session is playing")
        assert do(socket, 2, {"type": "StopNow"}) is None
        state_of(socket, Mode.STOPPED.value)
        assert browser.ask("POST", "/api/sessions", {"plan": "lantern", "minutes": 0.2}) == {"session": None}
        state_of(socket, Mode.HELD.value)
        assert do(socket, 3, {"type": "EndGently"}) is None
        state_of(socket, Mode.OVER.value)
        session.wait_for("at rest", lambda state: "render" not in state["children"])
        assert do(socket, 4, {"type": "Go"}) == supervisor.OVER
        assert do(socket, 5, {"type": "StopNow"}) is None
        assert browser.ask("POST", "/api/sessions", {"plan": "lantern", "minutes": 3}) == {"session": None}
        state_of(socket, Mode.HELD.value)
        assert do(socket, 6, {"type": "Leave"}) is None
        assert told(socket, "Gone")["why"] == "Harborlight ends"
    assert session.process.wait(20.0) == 0


def test_a_page_that_was_lost_is_told_of(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    session = Session(folders.environment, *RUN, str(tmp_path / "long.toml"), "--port", "0")
    try:
        session.wait_for("companion", lambda state: state["companion_owes"] == "frames")
        with Browser(session).socket("tablet") as lost:
            session.wait_for("a page", lambda state: state["pages"] == 1)
            lost.socket.shutdown(SHUT_RDWR)  # without a goodbye
            session.wait_for("told", lambda state: state["notice"] == supervisor.TABLET_LOST)
        assert session.close() == 0
    finally:
        session.kill()


def test_a_companion_that_cannot_be_started_ends_nothing(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    (tmp_path / "long.toml").write_text(PLAN)
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "uvicorn.py").write_text("raise ImportError('broken')")
    environment = folders.environment | {"PYTHONPATH": str(broken)}
    session = Session(environment, *RUN, str(tmp_path / "long.toml"), "--port", "0")
    try:
        playing(session)
        end = time.monotonic() + 30.0
        while not any("the companion cannot be started" in line for line in session.said):
            assert time.monotonic() < end
            time.sleep(0.05)
        assert session.state()["status"]["mode"] == Mode.PLAYING.value
        assert session.tell("companion")[0].startswith("no no companion runs")
        assert session.close() == 0
    finally:
        session.kill()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--port", "70000"), "--port must lie in 0..65535"),
        (("--port", "0", "--no-companion"), "--port is for a companion"),
        (("--port", "0", "--virtual"), "--port is for a companion"),
    ],
)
def test_a_port_that_cannot_be_is_misuse(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    ended = Folders(tmp_path).harborlight("run", "--headset", "headless", *arguments)
    assert ended.returncode == 2
    assert words in ended.stderr


def test_a_port_that_is_taken_is_told_before_anything_begins(tmp_path: Path) -> None:
    with create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = Folders(tmp_path).harborlight("run", "--headset", "headless", "--port", str(port))
    assert ended.returncode == 1
    assert f"port {port} cannot be had" in ended.stderr
    assert ended.stderr.count("\n") == 1
