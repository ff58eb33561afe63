"""A real runtime for the tests of the OpenXR headset."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from headless_harness.monado.rig import MonadoRig


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Iterator[MonadoRig]:
    """Monado at 90 Hz; this process is its application, without a screen."""
    with MonadoRig(90) as rig:
        monkeypatch.delenv("DISPLAY", raising=False)
        for name, value in rig.env.items():
            monkeypatch.setenv(name, value)
        yield rig
