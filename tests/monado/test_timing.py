"""On a real runtime: our ledger tells what the runtime's own record tells, and the benchmark's peers are measured."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from headless_harness import bench
from headless_harness.agreement import compare
from headless_harness.monado.rig import MonadoRig
from vr_app.timing.report import load_ledger

pytestmark = pytest.mark.monado
CHECKOUT = Path(__file__).resolve().parents[2]


def test_the_ledger_agrees_with_the_runtime_frame_for_frame(tmp_path: Path) -> None:
    out = tmp_path / "r.json"
    wanted = ["run", "--headset", "openxr", "--plan", "lantern", "--minutes", "0.1", "--zero-counts"]
    with MonadoRig(90) as rig:
        subprocess.run(
            [sys.executable, "-m", "vr_app.cli", *wanted, "--report", str(out)],
            cwd=CHECKOUT,
            env=os.environ | rig.env,
            stdin=subprocess.DEVNULL,
            check=True,
            timeout=100,
        )
        metrics = rig.metrics()
    kept = load_ledger(tmp_path / "r.ledger.npz")
    found = compare(kept.rows, metrics, kept.stalls)
    assert found.mismatches == ()
    assert found.matched > 300  # of 540; a busy machine may lose some, but then both sides know of it
    assert found.ledger_missed == found.runtime_missed
    assert found.error_ns < 1_000_000
    told = json.loads(out.read_text())
    assert told["frames"] == found.ledger_frames
    assert told["missed"] == found.ledger_missed
    assert told["collections"] == 0
    assert told["control"]["wakes"] > 0


@pytest.mark.parametrize("name", [bench.WRAPPERS, bench.PANDA])
def test_a_peer_is_measured(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if importlib.util.find_spec("p3dopenxr") is None or shutil.which("xvfb-run") is None:
        pytest.skip(f"unproven without panda3d-openxr and xvfb: {name} is measured")
    monkeypatch.setattr(bench, "WARM_UP", 20)
    (peer,) = [peer for peer in bench.peers() if peer.name == name]
    with MonadoRig(90) as rig:
        seen = peer.time(rig, 30)
    assert len(seen.process_ns) == len(seen.thread_ns) == 30
    assert 100_000 < seen.process_ns.mean() < 50_000_000
