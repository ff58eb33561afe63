"""A screen in memory for the tests of windows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from headless_harness.screen import Screen, missing, open_screen


@pytest.fixture(scope="session")
def screen() -> Iterator[Screen]:
    if why := missing():
        pytest.skip(f"unproven without a screen: the desktop's windows; {why}")
    with open_screen() as opened:
        yield opened
