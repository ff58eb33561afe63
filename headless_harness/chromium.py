"""Debian's Chromium without a window, for whatever looks at the companion's pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM: Final = Path("/usr/bin/chromium")
_FLAGS: Final = ("--no-sandbox", "--disable-gpu")  # the tests' world is root's


def missing() -> str | None:
    """What this machine lacks, with the remedy; None when nothing."""
    return None if CHROMIUM.exists() else "not installed: chromium; apt-get install chromium"


@contextmanager
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright  # only here: whoever asks what is missing need not have it

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=list(_FLAGS))
        try:
            yield opened
        finally:
            opened.close()
