"""The doctor names each fault that is provoked, and its remedy."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from headless_harness.monado.rig import MonadoRig
from vr_app import doctor
from vr_app.doctor import Finding

REAL_ASK = doctor._ask
CANNED: dict[str, dict[str, Any]] = {
    "graphics": {"renderer": "R", "version": "4.6", "software": False},
    "sound": {"outputs": ["Front", "HDMI"]},
}


def _answering(answers: dict[str, dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Stands in for the child processes, but for those without an answer; "runtime+" is without the layers."""
    every: dict[str, dict[str, Any]] = CANNED | answers

    def ask(probe: str, extra: dict[str, str] | None = None) -> dict[str, Any]:
        name = f"{probe}+" if extra else probe
        return every[name] if name in every else REAL_ASK(probe, extra)

    return ask


def _of(topic: str, found: list[Finding]) -> Finding:
    """The only, or else the worst, finding of a topic."""
    return min((finding for finding in found if finding.topic == topic), key=lambda finding: finding.level == "ok")


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without runtime and layers, with graphics and sound; its folders lie under the path given."""
    for name in ("XR_RUNTIME_JSON", "XR_ENABLE_API_LAYERS", "XR_API_LAYER_PATH", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "XDG_DATA_HOME", "XDG_DATA_DIRS", "HARBORLIGHT_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setattr(doctor, "_ask", _answering({}))
    return tmp_path


def _manifest(path: Path, library: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"file_format_version": "1.0.0", "runtime": {"name": "Glass", "library_path": library}}))
    return path


def _install_layer(folder: Path, text: str) -> Path:
    path = folder / "openxr/1/api_layers/implicit.d/overlay.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def _layer_text(library: str) -> str:
    layer = {"name": "XR_APILAYER_overlay", "library_path": library, "disable_environment": "NO_OVERLAY"}
    return json.dumps({"file_format_version": "1.0.0", "api_layer": layer})


def test_no_runtime() -> None:
    found = _of("runtime", doctor.findings())
    assert found.level == "problem"
    assert "no openxr runtime" in found.sentence.lower()
    assert "Monado" in found.remedy


def test_a_manifest_that_points_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XR_RUNTIME_JSON", "/nowhere/glass.json")
    found = _of("runtime", doctor.findings())
    assert found.level == "problem"
    assert "/nowhere/glass.json" in found.sentence
    assert "XR_RUNTIME_JSON" in found.remedy


def test_a_runtime_without_its_library(bare: Path) -> None:
    path = _manifest(bare / "XDG_CONFIG_HOME/openxr/1/active_runtime.json", "./libglass.so")
    found = _of("runtime", doctor.findings())
    assert found.level == "problem"
    assert "libglass.so" in found.sentence
    assert str(path) in found.sentence


def test_a_runtime_that_is_no_library(monkeypatch: pytest.MonkeyPatch, bare: Path) -> None:
    (bare / "libglass.so").write_text("not a library")
    monkeypatch.setenv("XR_RUNTIME_JSON", str(_manifest(bare / "glass.json", "./libglass.so")))
    found = _of("runtime", doctor.findings())
    assert found.level == "problem"
    assert "Glass" in found.sentence


def test_a_runtime_that_hangs(monkeypatch: pytest.MonkeyPatch, bare: Path) -> None:
    (bare / "libglass.so").write_text("never loaded: the patience ends before")
    monkeypatch.setenv("XR_RUNTIME_JSON", str(_manifest(bare / "glass.json", "./libglass.so")))
    monkeypatch.setattr(doctor, "PATIENCE_SECONDS", 0.01)
    found = _of("runtime", doctor.findings())
    assert found.level == "problem"
    assert "no answer within" in found.sentence
    assert "restart" in found.remedy.lower()


@pytest.mark.parametrize("where", ["XDG_CONFIG_DIRS", "XDG_DATA_DIRS", "XDG_DATA_HOME"])
def test_a_broken_layer_is_named_with_its_file(bare: Path, where: str) -> None:
    path = _install_layer(bare / where, "{ not json")
    (found,) = (finding for finding in doctor.findings() if finding.topic == "layers")
    assert found.level == "warning"
    assert "overlay" in found.sentence
    assert str(path) in found.remedy


def test_a_layer_without_its_library(bare: Path) -> None:
    _install_layer(bare / "XDG_DATA_HOME", _layer_text("./liboverlay.so"))
    found = _of("layers", doctor.findings())
    assert found.level == "warning"
    assert "./liboverlay.so" in found.sentence


def test_a_whole_layer_is_listed_with_its_switch(monkeypatch: pytest.MonkeyPatch, bare: Path) -> None:
    path = _install_layer(bare / "XDG_DATA_HOME", _layer_text("./liboverlay.so"))
    (path.parent / "liboverlay.so").touch()
    assert doctor.safe_mode() == {"NO_OVERLAY": "1"}
    assert "NO_OVERLAY=1" in _of("layers", doctor.findings()).remedy
    monkeypatch.setenv("NO_OVERLAY", "1")
    found = _of("layers", doctor.findings())
    assert (found.level, found.remedy) == ("ok", "")
    assert "left out" in found.sentence


@pytest.fixture
def glass(monkeypatch: pytest.MonkeyPatch, bare: Path) -> None:
    monkeypatch.setenv("XR_RUNTIME_JSON", str(_manifest(bare / "glass.json", "libglass.so")))


HEALTHY = {"name": "Glass 1.0", "headset": "Glass One", "extensions": ["XR_KHR_opengl_enable", "XR_MNDX_egl_enable"]}


@pytest.mark.usefixtures("glass")
def test_a_healthy_machine_has_no_problem(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(doctor, "_ask", _answering({"runtime": HEALTHY}))
    assert doctor.main(json=False) == 0
    shown = capsys.readouterr().out
    assert "Glass One" in shown
    assert "Front and 1 more" in shown
    assert "problem" not in shown


@pytest.mark.usefixtures("glass")
def test_a_layer_that_stops_the_runtime(monkeypatch: pytest.MonkeyPatch, bare: Path) -> None:
    path = _install_layer(bare / "XDG_DATA_HOME", _layer_text("./liboverlay.so"))
    (path.parent / "liboverlay.so").touch()
    crashed = {"why": "the attempt crashed (signal 11)"}
    monkeypatch.setattr(doctor, "_ask", _answering({"runtime": crashed, "runtime+": HEALTHY}))
    found = _of("runtime", doctor.findings())
    assert found.level == "problem"
    assert "XR_APILAYER_overlay" in found.sentence
    assert "NO_OVERLAY=1" in found.remedy


@pytest.mark.usefixtures("glass")
def test_a_runtime_without_opengl(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_ask", _answering({"runtime": HEALTHY | {"extensions": []}}))
    found = _of("opengl", doctor.findings())
    assert found.level == "problem"
    assert "XR_KHR_opengl_enable" in found.sentence


@pytest.mark.usefixtures("glass")
@pytest.mark.skipif(sys.platform == "win32", reason="Windows always has a screen")
def test_a_runtime_that_needs_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = HEALTHY | {"extensions": ["XR_KHR_opengl_enable"]}
    monkeypatch.setattr(doctor, "_ask", _answering({"runtime": answer}))
    assert "XR_MNDX_egl_enable" in _of("opengl", doctor.findings()).sentence
    monkeypatch.setenv("DISPLAY", ":0")
    assert _of("opengl", doctor.findings()).level == "ok"


@pytest.mark.usefixtures("glass")
def test_no_headset_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    trouble = {"why": "Glass sees no headset", "remedy": "connect it"}
    answer = {"name": "Glass 1.0", "extensions": HEALTHY["extensions"], "no_headset": trouble}
    monkeypatch.setattr(doctor, "_ask", _answering({"runtime": answer}))
    found = _of("headset", doctor.findings())
    assert (found.level, found.sentence, found.remedy) == ("warning", "Glass sees no headset.", "Connect it.")


@pytest.mark.skipif(sys.platform == "win32", reason="EGL is not used on Windows")
def test_no_egl(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_ask", REAL_ASK)
    monkeypatch.setenv("__EGL_VENDOR_LIBRARY_FILENAMES", "/nowhere.json")  # libglvnd: no driver to hand over to
    found = _of("graphics", doctor.findings())
    assert found.level == "problem"
    assert "OpenGL" in found.sentence
    assert "driver" in found.remedy


def test_no_sound_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_ask", _answering({"sound": {"outputs": []}}))
    assert _of("sound", doctor.findings()).level == "warning"


def test_folders_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, bare: Path) -> None:
    (bare / "file").touch()
    monkeypatch.setenv("HARBORLIGHT_HOME", str(bare / "file"))
    found = [finding for finding in doctor.findings() if finding.topic == "folders"]
    assert [finding.level for finding in found] == ["problem", "problem"]
    assert "HARBORLIGHT_HOME" in found[0].remedy


def test_json_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.main(json=True) == 1
    told = json.loads(capsys.readouterr().out)
    assert {"topic", "level", "sentence", "remedy"} == set(told[0])
    assert "problem" in {finding["level"] for finding in told}


@pytest.mark.monado
def test_a_real_runtime_is_named_with_its_headset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_DATA_DIRS")  # the Vulkan loader looks there too
    with MonadoRig() as rig:
        for name, value in rig.env.items():
            monkeypatch.setenv(name, value)
        found = doctor.findings()
        rig.kill()
        silent = doctor.findings()
    assert any("Monado" in finding.sentence and "answers" in finding.sentence for finding in found)
    assert _of("headset", found).level == "ok"
    assert _of("opengl", found).level == "ok"
    assert _of("runtime", silent).level == "problem"
    assert "monado-service" in _of("runtime", silent).remedy
