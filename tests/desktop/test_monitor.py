"""The therapist's window: seen on a screen in memory, used by xdotool's hands, and laid out at any size."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headless_harness.screen import Screen
from tests.desktop.fakes import FakeSurface, status
from vr_app.desktop.desk import Act, Desk
from vr_app.desktop.monitor import Face, lay_out, show
from vr_app.desktop.sdl import pygame
from vr_app.station.ring import Picture

CHECKOUT = Path(__file__).resolve().parents[2]


class Monitor:
    """The program and what it prints."""

    def __init__(self, process: subprocess.Popen[str], screen: Screen) -> None:
        assert process.stdout is not None
        self.process, self.screen, self._out = process, screen, process.stdout
        self.id = screen.window()
        screen.hands("windowfocus", "--sync", self.id)

    def said(self) -> str:
        return self._out.readline().strip()

    def until_said(self, words: str) -> None:
        heard: list[str] = []
        while heard[-1:] != [words]:
            heard.append(self.said())
            assert heard[-1], f"never '{words}': {heard}"


@pytest.fixture
def opened(screen: Screen) -> Iterator[Callable[..., Monitor]]:
    started: list[subprocess.Popen[str]] = []

    def start(*words: str) -> Monitor:
        command = [sys.executable, "-m", "tests.desktop.monitor_alone", *words]
        environment = os.environ | {"DISPLAY": screen.display}
        started.append(subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True))
        return Monitor(started[-1], screen)

    yield start
    for process in started:
        process.kill()
        process.wait()
        out: IO[str] | None = process.stdout
        if out:
            out.close()


def test_keys_and_buttons_ask_and_closing_ends_only_the_window(opened: Callable[..., Monitor], screen: Screen) -> None:
    monitor = opened()
    assert monitor.said() == "Watch eye 15.0"
    screen.hands("key", "g", "key", "q", "key", "p", "key", "r", "key", "b", "key", "Escape", "key", "Escape")
    for asked in ("Go", "SetQuiet True", "PlaceView False", "GroundNow", "Watch beside 15.0", "EndGently", "StopNow"):
        monitor.until_said(asked)
    x, y = _stop_button()
    screen.hands("mousemove", "--window", monitor.id, str(x), str(y), "click", "1")
    monitor.until_said("StopNow")
    screen.close(monitor.id)
    monitor.until_said("Watch beside 0.0")
    assert monitor.said() == "closed"
    assert monitor.process.wait(10) == 0


def _stop_button() -> tuple[int, int]:
    right = lay_out((960, 600)).rows[-1]
    return right.right - 30, right.centery


def test_it_sleeps_when_hidden(opened: Callable[..., Monitor], screen: Screen) -> None:
    monitor = opened()
    monitor.until_said("Watch eye 15.0")
    screen.hands("windowunmap", monitor.id)
    monitor.until_said("Watch eye 0.0")
    screen.hands("windowmap", monitor.id)
    monitor.until_said("Watch eye 15.0")


def test_the_picture_is_seen_in_its_own_colours_and_an_alarm_lies_over_it(
    opened: Callable[..., Monitor], screen: Screen
) -> None:
    opened("alarm")
    deadline = time.monotonic() + 10.0
    while not ((seen := screen.picture()) == (0xFF, 0xC2, 0x7A)).all(-1).sum() > 50_000:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert (seen == (40, 120, 60)).all(-1).sum() > 50_000


def test_without_a_screen_it_returns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "x11")
    monkeypatch.setenv("DISPLAY", ":4999")
    show(FakeSurface())


# --- drawn without a window


@pytest.fixture(scope="module", autouse=True)
def _letters() -> Iterator[None]:
    pygame.font.init()
    yield
    from vr_app.desktop import monitor

    monitor._letters.cache_clear()
    monitor._font.cache_clear()
    pygame.font.quit()


def _drawn(size: tuple[int, int], desk: Desk) -> tuple[pygame.Surface, Face]:
    screen, face = pygame.Surface(size), Face()
    face.draw(screen, desk, 0.0, 0)
    return screen, face


@given(st.integers(1, 3000), st.integers(1, 2000))
def test_any_size_has_its_layout(width: int, height: int) -> None:
    at = lay_out((width, height))
    assert at.unit >= 1.0
    assert min(at.picture.size) >= 1
    if width >= 640 and height >= 400:
        parts = [at.head, at.picture, *at.rows]
        window = pygame.Rect(0, 0, width, height)
        assert all(window.contains(part) for part in parts)
        assert not any(a.colliderect(b) for index, a in enumerate(parts) for b in parts[:index])


@pytest.mark.parametrize("size", [(1, 1), (640, 400), (960, 600), (500, 1200), (2400, 90)])
@pytest.mark.parametrize("alarm", ["", "The picture has stopped. " * 12])
@pytest.mark.parametrize("shape", [None, (1, 640), (640, 1), (400, 640)])
def test_anything_is_drawn_at_any_size(size: tuple[int, int], alarm: str, shape: tuple[int, int] | None) -> None:
    surface = FakeSurface()
    surface.words = alarm
    surface.now = status(caption="very long words " * 20) if shape else None
    surface.picture = Picture("beside", 0.0, -(10**10), np.zeros((*shape, 4), np.uint8)) if shape else None
    desk = Desk(surface)
    desk.heed(1.0, visible=True)
    _drawn(size, desk)


@pytest.mark.parametrize("size", [(640, 400), (960, 600), (1600, 1000)])
def test_every_button_lies_where_it_is_seen(size: tuple[int, int]) -> None:
    _, face = _drawn(size, Desk(FakeSurface()))
    found = {face.button_at((x, y)) for x in range(0, size[0], 10) for y in range(0, size[1], 10)}
    assert found == {*Act, None}
