"""Settings of the whole suite: what runs alone, and what happens to tests that need Monado where there is none."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from headless_harness.monado.rig import missing

HERE = Path(__file__).parent
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
    """Without Monado its tests are skipped and named; with HARBORLIGHT_REQUIRE_MONADO=1 they run, and fail."""
    for item in items:
        if item.get_closest_marker("monado") or item.path.relative_to(HERE).as_posix().startswith(ALONE):
            item.add_marker(pytest.mark.alone)
    if missing() is None or os.environ.get("HARBORLIGHT_REQUIRE_MONADO"):
        return
    for item in items:
        if item.get_closest_marker("monado"):
            item.add_marker(
                pytest.mark.skip(reason=f"unproven without Monado: {item.name}; `make test` as root brings it")
            )
