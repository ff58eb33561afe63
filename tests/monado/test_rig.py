"""The rig: a real runtime comes up at each pace, dies, comes back, is moved and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import isclose
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headless_harness.monado import rig as rig_module
from headless_harness.monado.remote import RemoteState
from headless_harness.monado.rig import Hz, MonadoRig, RigError, with_interval
from vr_app.api import Pose

CHECKOUT = Path(__file__).resolve().parents[2]
_MOVE_TO_MEMORY = b"\x48\xc7\x83" + bytes(4)
_TWENTIETH = (50_000_000).to_bytes(4, "little")


@contextmanager
def _probe(rig: MonadoRig, frames: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.monado.probe", str(frames)]
    with subprocess.Popen(
        command, cwd=CHECKOUT, env=os.environ | rig.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _told(process: subprocess.Popen[str]) -> dict[str, Any]:
    """The next line of JSON, past what layers print."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("{"):
            return dict(json.loads(line))
    raise AssertionError(f"the probe ended with {process.wait()} and said nothing")


def _played(rig: MonadoRig, frames: int) -> dict[str, Any]:
    with _probe(rig, frames) as process:
        assert _told(process)["focused"]
        return _told(process)


@pytest.mark.monado
@pytest.mark.parametrize("hz", [20, 72, 90, 120])
def test_the_service_paces_at_the_rate_asked_for(hz: Hz) -> None:
    with MonadoRig(hz) as rig:
        played = _played(rig, frames=hz)
        metrics = rig.metrics()
    assert played["runtime"].startswith("Monado")
    steps = np.diff(played["display_times"][5:]) / 1e9 * hz
    assert np.median(steps) == pytest.approx(1.0, abs=0.01)
    assert len(metrics.session_frames) >= hz
    period = metrics.system_frames[-1].predicted_display_period_ns
    assert isclose(period, 1e9 / hz, rel_tol=1e-6)


@pytest.mark.monado
def test_validation_layers_watch_an_application(tmp_path: Path) -> None:
    with MonadoRig(layers=True, folder=tmp_path) as rig:
        _played(rig, frames=10)
        assert "Core Validation Layer is initialized" in rig.validation_log.read_text()
        assert rig.findings() == ""


@pytest.mark.monado
def test_a_killed_service_is_noticed_and_comes_back(tmp_path: Path) -> None:
    with MonadoRig(folder=tmp_path) as rig:
        with _probe(rig, frames=100_000) as process:
            assert _told(process)["focused"]
            rig.kill()
            assert rig.pid is None
            lost = _told(process)
        assert lost["lost"] in ("InstanceLostError", "SessionLostError")
        rig.start()
        assert _played(rig, frames=5)["lost"] == ""
    assert {path.name for path in tmp_path.iterdir()} >= {"metrics-1.bin", "metrics-2.bin", "service-2.log"}


@pytest.mark.monado
def test_the_remote_driver_moves_the_head() -> None:
    place, turned = (0.5, 1.25, -0.25), (0.0, 0.6, 0.0, 0.8)
    with MonadoRig(driver="remote") as rig, rig.remote() as remote:
        remote.send(RemoteState(head=Pose(place, turned)))
        head = _played(rig, frames=10)["head"]
    assert head == pytest.approx([*place, *turned], abs=1e-5)


@pytest.mark.monado
def test_the_service_dies_with_whoever_started_it() -> None:
    code = (
        "import time; from headless_harness.monado.rig import MonadoRig\n"
        "with MonadoRig() as rig:\n    print(rig.pid, flush=True)\n    time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        service = int(owner.stdout.readline())
        owner.send_signal(signal.SIGKILL)
        owner.wait()
    deadline = time.monotonic() + 2.0
    while _alive(service) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _alive(service)


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


@pytest.mark.monado
def test_a_service_that_will_not_start_says_its_last_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VK_DRIVER_FILES", "/nowhere.json")  # Monado needs Vulkan, also for its null compositor
    with pytest.raises(RigError, match="last words"), MonadoRig():
        pytest.fail("the service started without Vulkan")


@pytest.mark.monado
def test_a_second_start_is_refused() -> None:
    with MonadoRig() as rig, pytest.raises(RigError, match="running already"):
        rig.start()


def test_the_interval_is_rewritten_where_it_is_moved_to_memory() -> None:
    binary = b"code" + _TWENTIETH + _MOVE_TO_MEMORY + _TWENTIETH + b"more"
    patched = with_interval(binary, 90)
    assert patched == b"code" + _TWENTIETH + _MOVE_TO_MEMORY + (11_111_111).to_bytes(4, "little") + b"more"


@pytest.mark.parametrize("times", [0, 2])
def test_an_unknown_build_is_refused(times: int) -> None:
    with pytest.raises(RigError, match=f"found {times} places"):
        with_interval((_MOVE_TO_MEMORY + _TWENTIETH) * times, 90)


def test_without_monado_the_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(rig_module, "MANIFEST", tmp_path / "openxr_monado.json")
    with pytest.raises(RigError, match="apt-get install monado-service"):
        MonadoRig()
