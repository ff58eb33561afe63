"""Stops a playing session again and again as a therapist would: from a page, a button in a browser, a key, the socket.

python -m headless_harness.stop_trials [--trials 1000] [--ways socket button companion-dead key] [--counting 2]

Each way has its share of the trials, on the scripted headset under load: pictures are watched, two hundred commands a
second come in by the supervisor's socket, and processes that only count take every core. `socket`: a WebSocket client,
from sending the stop until a State says that it was taken. `button`: a click in Chromium until the page hears the
same, by the page's own clock. `companion-dead`: the companion is killed in the very moment, and the stop is said to the
supervisor's socket. `key`: likewise, and S is pressed at the monitor, measured by asking the supervisor.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page
from websockets.sync.client import ClientConnection

from headless_harness.chromium import browser
from headless_harness.companion_client import PATIENCE_SECONDS, Browser, address_of, do, state_of
from headless_harness.screen import Screen, open_screen
from headless_harness.station import PLAN, Session, Wrong, busy, flood
from vr_app import limits
from vr_app.course import Mode

WAYS: Final = ("socket", "button", "companion-dead", "key")
LONGEST_PLAYING_SECONDS: Final = 0.4
STOPPED, PLAYING = Mode.STOPPED.value, Mode.PLAYING.value
MOST: Final = {
    "socket": limits.TABLET_STOP_SECONDS,
    "button": limits.TABLET_STOP_SECONDS,
    "companion-dead": limits.LOCAL_KEY_SECONDS,
    "key": limits.LOCAL_KEY_SECONDS,
}

# A page of two buttons; `stopped` resolves to the milliseconds from the click to the State that says it.
BUTTONS: Final = """
([build]) => new Promise((ready) => {
  const socket = new WebSocket(`ws://${location.host}/ws`);
  document.body.innerHTML = '<button id="stop" style="width:300px;height:200px">Stop now</button>';
  let id = 0, clicked = 0, told = null, mode = "";
  window.ask = (command) => socket.send(JSON.stringify({type: "Do", id: ++id, command}));
  window.mode = () => mode;
  window.arm = () => { told = null; };
  window.stopped = () => told;
  document.getElementById("stop").addEventListener("click", (event) => {
    clicked = event.timeStamp;
    window.ask({type: "StopNow"});
  });
  socket.onopen = () => {
    socket.send(JSON.stringify({type: "Hello", build, client: "buttons", name: "Ada"}));
    socket.send(JSON.stringify({type: "Drive", id: 0}));
  };
  socket.onmessage = (event) => {
    const frame = JSON.parse(event.data);
    if (frame.type !== "State" || !frame.status) return;
    mode = frame.status.mode;
    if (clicked && mode === "stopped in the calm room") { told = performance.now() - clicked; clicked = 0; }
    ready();
  };
})
"""


# --- the ways


def by_socket(session: Session, trials: int) -> Iterator[float]:
    with Browser(session).socket("trials") as socket:
        socket.send(json.dumps({"type": "Drive", "id": 0}))
        for number in range(trials):
            _play(socket, 2 * number + 1)
            began = time.perf_counter()
            socket.send(json.dumps({"type": "Do", "id": 2 * number + 2, "command": {"type": "StopNow"}}))
            state_of(socket, STOPPED)
            yield time.perf_counter() - began


def by_button(session: Session, trials: int) -> Iterator[float]:
    with _page(session) as page:
        page.evaluate(BUTTONS, [page.evaluate("fetch('/api/home').then((home) => home.json())")["build"]])
        for _ in range(trials):
            page.evaluate("arm()")
            page.evaluate("ask({type: 'Go'})")
            _await(page, f"mode() === '{PLAYING}'")
            time.sleep(random.uniform(0.0, LONGEST_PLAYING_SECONDS))
            page.click("#stop")
            _await(page, "stopped() !== null")
            yield float(page.evaluate("stopped()")) / 1000.0


def _await(page: Page, holds: str) -> None:
    """Asked again and again: the page's own policy forbids Playwright's way of waiting. Raises Wrong."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not page.evaluate(holds):
        if time.monotonic() > end:
            raise Wrong(f"the page never came to {holds}")
        time.sleep(0.01)


def by_the_supervisor(session: Session, trials: int) -> Iterator[float]:
    """While the companion is dead or on its way back."""
    for _ in range(trials):
        _go(session)
        _kill_companion(session)
        answer, seconds = session.tell("stop")
        if not answer.startswith("ok "):
            raise Wrong(f"a stop was answered {answer!r}")
        session.wait_for("stopped", lambda state: state["status"]["mode"] == STOPPED)
        yield seconds


def by_key(session: Session, trials: int, screen: Screen) -> Iterator[float]:
    """Likewise; seconds include xdotool's own and those of asking."""
    session.wait_for("the monitor", lambda state: state["monitor_owes"] == "frames")
    window = screen.window()
    for _ in range(trials):
        _go(session)
        _kill_companion(session)
        screen.hands("windowfocus", "--sync", window)
        began = time.monotonic()
        screen.hands("key", "s")
        yield session.wait_for("stopped", lambda state: state["status"]["mode"] == STOPPED) - began


def _play(socket: ClientConnection, number: int) -> None:
    if refused := do(socket, number, {"type": "Go"}):
        raise Wrong(f"Go was refused: {refused}")
    state_of(socket, PLAYING)
    time.sleep(random.uniform(0.0, LONGEST_PLAYING_SECONDS))


def _go(session: Session) -> None:
    session.tell("go")
    session.wait_for("playing", lambda state: state["status"]["mode"] == PLAYING)
    time.sleep(random.uniform(0.0, LONGEST_PLAYING_SECONDS))


def _kill_companion(session: Session) -> None:
    companion = session.state()["children"].get("companion")
    if companion is not None:
        os.kill(companion, signal.SIGKILL)


@contextmanager
def _page(session: Session) -> Iterator[Page]:
    with browser() as chromium:
        yield bare_page(chromium, session)


def bare_page(chromium: Chromium, session: Session) -> Page:
    """Of the companion's own origin, and nothing else of its pages."""
    page = chromium.new_page()
    address = address_of(session)
    page.goto(address)
    page.goto(address.partition("/enter")[0] + "/api/home")
    return page


# --- the load


@contextmanager
def watching(session: Session) -> Iterator[None]:
    """A page that takes fifteen pictures a second."""
    over = threading.Event()
    browser = Browser(session)

    def run() -> None:
        with browser.socket("watching") as socket:
            socket.send(json.dumps({"type": "View", "camera": "eye", "hz": 15}))
            while not over.is_set():
                frame = socket.recv(timeout=20.0)
                if isinstance(frame, bytes):
                    socket.send(json.dumps({"type": "Seen", "picture": int.from_bytes(frame[:4], "little")}))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(5.0)


@contextmanager
def playing(counting: int, *, watched: bool) -> Iterator[tuple[Session, Screen]]:
    """A session under load, and the screen of its monitor."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="stops-")))
        screen = stack.enter_context(open_screen())
        (folder / "long.toml").write_text(PLAN)
        (folder / "run").mkdir(mode=0o700)
        environment = {
            "XDG_RUNTIME_DIR": str(folder / "run"),
            "XDG_DATA_HOME": str(folder / "data"),
            "DISPLAY": screen.display,
            "BROWSER": "true",  # a program that opens nothing
        }
        arguments = ("--headset", "headless", "--zero-counts", "--size", "640x480", "--sound", "none")
        session = Session(environment, *arguments, "--plan", str(folder / "long.toml"), "--port", "0")
        stack.callback(session.kill)
        session.wait_for("playing", lambda state: state["status"] is not None)
        address_of(session)
        if watched:
            stack.enter_context(watching(session))
        if counting:
            stack.enter_context(busy(counting))
            stack.enter_context(flood(session))
        yield session, screen


# --- the program


def tried(way: str, trials: int, counting: int) -> list[float]:
    """Seconds of each. Raises Wrong."""
    with playing(counting, watched=way in ("socket", "button")) as (session, screen):
        ways: dict[str, Callable[[], Iterator[float]]] = {
            "socket": lambda: by_socket(session, trials),
            "button": lambda: by_button(session, trials),
            "companion-dead": lambda: by_the_supervisor(session, trials),
            "key": lambda: by_key(session, trials, screen),
        }
        seconds = []
        for spent in ways[way]():
            seconds.append(spent)
            if len(seconds) % 50 == 0:
                print(f"{way}: {len(seconds)} of {trials}", file=sys.stderr, flush=True)
        return seconds


def judged(way: str, seconds: Sequence[float], trials: int) -> tuple[dict[str, Any], list[str]]:
    ordered = sorted(seconds)
    figures = {
        "stopped": len(ordered),
        "of": trials,
        "p50": round(ordered[len(ordered) // 2], 4),
        "p99": round(ordered[min(int(len(ordered) * 0.99), len(ordered) - 1)], 4),
        "max": round(ordered[-1], 4),
    }
    wrong = [f"{way}: {len(ordered)} of {trials} stops"] if len(ordered) < trials else []
    if figures["p99"] > MOST[way]:
        wrong.append(f"{way}: p99 {figures['p99']:.3f} s, {MOST[way]:g} s wanted")
    return figures, wrong


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 when every stop was taken, and in time."""
    parser = argparse.ArgumentParser(
        prog="stop_trials", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=limits.STOP_TRIALS, help="of each way")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    parser.add_argument("--counting", type=int, default=os.cpu_count(), help="processes that only count")
    options = parser.parse_args(arguments)
    figures: dict[str, Any] = {}
    wrong: list[str] = []
    try:
        for way in options.ways:
            figures[way], found = judged(way, tried(way, options.trials, options.counting), options.trials)
            wrong += found
    except Wrong as error:
        wrong.append(str(error))
    print(json.dumps({"seconds": figures, "wrong": wrong}, indent=2))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
