"""Settings of the whole suite: what runs alone, and what happens to tests whose Monado or sound servers are missing."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from headless_harness import chromium
from headless_harness.monado import rig
from headless_harness.sound import server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# A machine that stands still for a moment is no fault of a property; what hangs meets pytest-timeout.
settings.register_profile("harborlight", deadline=None)
settings.load_profile("harborlight")

HERE = Path(__file__).parent
NEEDS = {  # what carries such a mark
    "monado": ("Monado", rig.missing),
    "sound": ("sound servers", server.missing),
    "browser": ("Chromium", chromium.missing),
}
CLOCKED = {"monado", "sound"}  # of them, those that are timed
# What is timed, or starts processes whose answers are.
ALONE = ("station/", "desktop/", "timing/", "xr/", "app/test_cli.py", "app/test_loading.py", "core/test_bake_worker.py")


@pytest.fixture(scope="session", autouse=True)
def _folders_of_its_own() -> Iterator[None]:
    """No test meets, or leaves anything in, what this machine's own sessions keep; baked light is shared."""
    with tempfile.TemporaryDirectory(prefix="harborlight-tests-") as name, pytest.MonkeyPatch.context() as patch:
        for variable in ("XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_STATE_HOME"):
            folder = Path(name) / variable.lower()
            folder.mkdir(mode=0o700)
            patch.setenv(variable, str(folder))
        yield


@pytest.fixture(autouse=True)
def _log_level() -> Iterator[None]:
    """A command run by one test does not silence the log that another reads."""
    log = logging.getLogger("vr_app")
    level = log.level
    yield
    log.setLevel(level)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests without what they need are skipped and named; with HARBORLIGHT_REQUIRE_MONADO=1 they run, and fail."""
    lacking = [] if os.environ.get("HARBORLIGHT_REQUIRE_MONADO") else [mark for mark in NEEDS if NEEDS[mark][1]()]
    for item in items:
        marks = [mark for mark in NEEDS if item.get_closest_marker(mark)]
        if CLOCKED & {*marks} or item.path.relative_to(HERE).as_posix().startswith(ALONE):
            item.add_marker(pytest.mark.alone)
        for mark in marks:
            if mark in lacking:
                reason = f"unproven without {NEEDS[mark][0]}: {item.name}; `make test` as root brings it"
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session", name="chromium")
def _chromium() -> Iterator[Browser]:
    """One for all tests of pages: playwright bears one at a time in a process."""
    with chromium.browser() as opened:
        yield opened
