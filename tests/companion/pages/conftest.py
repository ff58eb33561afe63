"""For each test of the pages a server that stands in, and a page of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from headless_harness import companion_shots
from headless_harness.companion_stand_in import StandIn, served

Open = Callable[..., Page]


@pytest.fixture
def stand_in() -> StandIn:
    return StandIn()


@pytest.fixture
def address(stand_in: StandIn) -> Iterator[str]:
    with served(stand_in) as address:
        yield address


@pytest.fixture
def open_page(chromium: Browser, address: str) -> Iterator[Open]:
    """Opens an address below the server's; whatever a page says to the console as an error fails the test."""
    pages: list[Page] = []
    errors: list[str] = []

    def opened(path: str = "/", **how: str) -> Page:
        page = companion_shots.opened(chromium, address + path, **how)
        page.set_default_timeout(5000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        pages.append(page)
        page.wait_for_selector("#page")
        page.locator(".words", has_text="Looking for the station").wait_for(state="hidden")
        return page

    yield opened
    for page in pages:
        page.context.close()
    wanted = [error for error in errors if "Failed to load resource" not in error and "WebSocket" not in error]
    assert not wanted, wanted
