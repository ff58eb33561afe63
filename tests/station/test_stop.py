"""The station's own socket: a stop needs nothing, all else the token, and no stranger can do anything but stop."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from multiprocessing.connection import wait
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vr_app.commands import Command, EndGently, Go, GroundNow, Leave, Queasy, SetPhase, SetText, StopNow
from vr_app.station.stop import HELLO, LONGEST_LINE, MOST_CLIENTS, Answer, NoStation, StopServer, tell
from vr_app.station.words import STOPS, WORDS, Asked, NotUnderstood, understand


class Station:
    """A server with a thread that turns it, and what was asked of it."""

    def __init__(self, folder: Path) -> None:
        self.asked: list[Asked] = []
        self.server = StopServer(self._ask, folder)
        self.folder = folder
        self._over = False
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _ask(self, asked: Asked, answer: Answer) -> None:
        self.asked.append(asked)
        answer(True, "done")

    def _run(self) -> None:
        while not self._over:
            for ready in wait(self.server.waitable(), 0.01):
                self.server.serve(ready)

    def close(self) -> None:
        self._over = True
        self._thread.join()
        self.server.close()

    def said(self, data: bytes) -> bytes:
        """What comes back until the other side closes or has answered a line."""
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=5.0) as line:
            line.sendall(data)
            try:
                return line.recv(65_536)
            except OSError:
                return b""


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    made = Station(tmp_path_factory.mktemp("run"))
    yield made
    made.close()


@pytest.mark.parametrize(
    ("word", "command"),
    [
        *(("stop", StopNow()), ("end", EndGently()), ("ground", GroundNow()), ("leave", Leave()), ("STOP", StopNow())),
        ("queasy", Queasy()),
    ],
)
def test_anybody_at_this_machine_can_stop(station: Station, word: str, command: Command) -> None:
    assert station.said(f"{HELLO} - {word}\n".encode()) == b"ok done\n"
    assert station.asked[-1].command == command


@pytest.mark.parametrize("words", [*(word for word in WORDS if word not in STOPS), "status", '{"type": "Go"}'])
def test_all_else_needs_the_token(station: Station, words: str) -> None:
    before = len(station.asked)
    for token in ("-", "x" * 32, "ü"):
        assert station.said(f"{HELLO} {token} {words}\n".encode()).startswith(b"no this needs the token")
    assert len(station.asked) == before


def test_who_may_read_the_folder_may_steer(station: Station) -> None:
    assert (station.folder / "station.json").stat().st_mode & 0o777 == 0o600
    assert tell("go", station.folder) == (True, "done")
    assert station.asked[-1] == Asked(Go())
    assert tell("unlock Ada Lovelace", station.folder) == (True, "done")
    assert station.asked[-1] == Asked(SetPhase(False), "Ada Lovelace")
    assert tell('{"type": "SetText", "slot": "a", "text": "b c"}', station.folder)[0]
    assert station.asked[-1] == Asked(SetText("a", "b c"))


@pytest.mark.parametrize(
    "data",
    [
        b"POST /stop HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" + HELLO.encode() + b" - stop\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"harborlight/2 - stop\n",
        b"\n" + HELLO.encode() + b" - stop\n",
        b"x" * (LONGEST_LINE + 1),
        b"\x16\x03\x01\x02\x00\x01\n",
    ],
)
def test_a_browser_or_a_stranger_is_closed_unheard(station: Station, data: bytes) -> None:
    before = len(station.asked)
    assert station.said(data) == b""
    assert len(station.asked) == before


def test_what_is_not_understood_is_told_what_would_be(station: Station) -> None:
    assert station.said(f"{HELLO} - fly\n".encode()).startswith(
        b"no not understood: 'fly'; say go, quiet, speak, spoken, end, stop"
    )


def test_silent_crowds_and_halves_of_lines_hold_nobody_up(station: Station) -> None:
    crowd = [socket.create_connection(("127.0.0.1", station.server.port)) for _ in range(MOST_CLIENTS + 8)]
    crowd[-1].sendall(f"{HELLO} - st".encode())
    began = time.monotonic()
    assert station.said(f"{HELLO} - stop\n".encode()) == b"ok done\n"
    assert time.monotonic() - began < 5.0
    crowd[-1].sendall(b"op\n")
    assert crowd[-1].recv(100) == b"ok done\n"
    for each in crowd:
        each.close()


def test_without_a_station_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(NoStation, match="does not run here; start it with `harborlight run`"):
        tell("stop", tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    (tmp_path / "station.json").write_text(f'{{"pid": 1, "port": {port}, "token": "x"}}')
    with pytest.raises(NoStation, match="does not answer"):
        tell("stop", tmp_path)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=6))
def test_nothing_that_is_sent_ends_the_server(station: Station, lines: list[bytes]) -> None:
    with socket.create_connection(("127.0.0.1", station.server.port), timeout=5.0) as line:
        for data in lines:
            try:
                line.sendall(data + b"\n")
            except OSError:
                break
    assert station.said(f"{HELLO} - stop\n".encode()) == b"ok done\n"


@given(st.text(max_size=80))
def test_words_are_understood_or_refused_in_one_line(words: str) -> None:
    try:
        asked = understand(words)
    except NotUnderstood as error:
        told = str(error)
        assert "\n" not in told
        return
    assert isinstance(asked.command, str) or words.strip().split()[0].lower() in WORDS
