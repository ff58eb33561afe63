"""Another program's broken layer under a real runtime: without safe mode no headset, with it the headset opens."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from headless_harness.monado.rig import MonadoRig
from vr_app import doctor

pytestmark = pytest.mark.monado

OPEN = """
import os
from vr_app import doctor
from vr_app.headset import HeadsetUnavailable
from vr_app.timing.ledger import Ledger
from vr_app.xr.headset import open_openxr

if {safe}:
    os.environ.update(doctor.safe_mode())
try:
    with open_openxr(Ledger(10)) as headset:
        print("opened", headset.info.system)
except HeadsetUnavailable as error:
    print("refused", error)
"""
BROKEN = {  # a library that the loader cannot load at all; one that is loaded and knows nothing of layers
    "no library": "./overlay.so",
    "another library": "libz.so.1",
}


@pytest.fixture(params=BROKEN)
def layers(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a broken implicit layer and a harmless one, whose library was deleted."""
    folder = tmp_path / "openxr/1/api_layers/implicit.d"
    folder.mkdir(parents=True)
    (folder / "overlay.so").write_text("not a library")
    for name, library in (("broken", BROKEN[request.param]), ("deleted", "./gone.so")):
        layer = {
            "name": f"XR_APILAYER_{name}",
            "library_path": library,
            "api_version": "1.0",
            "implementation_version": "1",
            "description": name,
            "disable_environment": f"NO_{name.upper()}",
        }
        (folder / f"{name}.json").write_text(json.dumps({"file_format_version": "1.0.0", "api_layer": layer}))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv("DISPLAY", raising=False)
    return tmp_path


@pytest.mark.usefixtures("layers")
def test_a_broken_layer_is_named_and_safe_mode_leaves_it_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with MonadoRig(90) as rig:
        for name, value in rig.env.items():
            monkeypatch.setenv(name, value)
        without, with_safe_mode = _opened(safe=False), _opened(safe=True)
        found = next(each for each in doctor.findings() if each.topic == "runtime" and each.level != "ok")
    assert without.startswith("refused")
    assert with_safe_mode.startswith("opened")
    assert "XR_APILAYER_broken" in found.sentence
    assert "XR_APILAYER_deleted" not in found.sentence
    assert "NO_BROKEN=1" in found.remedy


def _opened(*, safe: bool) -> str:
    """The loader reads its environment and its layers once, so each try has its own process."""
    checkout = Path(doctor.__file__).parents[1]
    ended = subprocess.run(
        [sys.executable, "-c", OPEN.format(safe=safe)], cwd=checkout, env=os.environ, capture_output=True, text=True
    )
    return next((line for line in ended.stdout.splitlines() if line.startswith(("opened", "refused"))), ended.stderr)
