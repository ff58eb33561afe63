"""Settings of the whole suite: what happens to tests that need Monado where there is none."""

from __future__ import annotations

import os

import pytest

from headless_harness.monado.rig import missing


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without Monado its tests are skipped and named; with HARBORLIGHT_REQUIRE_MONADO=1 they run, and fail."""
    if missing() is None or os.environ.get("HARBORLIGHT_REQUIRE_MONADO"):
        return
    for item in items:
        if item.get_closest_marker("monado"):
            item.add_marker(
                pytest.mark.skip(reason=f"unproven without Monado: {item.name}; `make test` as root brings it")
            )
