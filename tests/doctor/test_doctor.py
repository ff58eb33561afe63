"""The doctor names each fault that is provoked, and its remedy."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from headless_harness.monado.rig import MonadoRig
from vr_app import doctor, doctor_machine, doctor_page, logs
from vr_app.doctor_machine import Finding
from vr_app.folders import data_folder
from vr_app.timing.report import OutputError

CANARY = "Quillfeather"  # a name that nobody may see
REAL_ASK = doctor._ask
CANNED: dict[str, dict[str, Any]] = {
    "graphics": {"renderer": "R", "version": "4.6", "software": False},
    "screen": {"opened": True},
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
@pytest.mark.skipif(
    sys.platform == "win32", reason="unproven on Windows, which always has a screen: a missing one is named"
)
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
    assert [finding.level for finding in found] == ["problem"] * 4
    assert "HARBORLIGHT_HOME" in found[0].remedy


def test_a_disk_that_is_nearly_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_machine, "LEAST_FREE_BYTES", 10**18)
    found = [finding for finding in doctor.findings() if finding.topic == "folders"]
    assert [finding.level for finding in found] == ["warning", "warning", "warning", "ok"]
    assert "nearly full" in found[2].sentence
    assert "logs" in found[2].sentence
    assert "Make room" in found[2].remedy


def test_no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform == "win32":
        pytest.skip("unproven on Windows, which always has a screen")
    found = _of("screen", doctor.findings())
    assert (found.level, "no screen" in found.sentence) == ("warning", True)
    monkeypatch.setenv("DISPLAY", ":0")
    assert _of("screen", doctor.findings()).level == "ok"


@pytest.mark.skipif(
    sys.platform == "win32", reason="unproven on Windows, which always has a screen: a missing one is named"
)
def test_a_screen_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        doctor, "_ask", lambda probe, extra=None: REAL_ASK(probe) if probe == "screen" else CANNED[probe]
    )
    monkeypatch.setenv("DISPLAY", ":987")
    found = _of("screen", doctor.findings())
    assert found.level == "problem"
    assert "DISPLAY" in found.remedy


def test_no_voice(monkeypatch: pytest.MonkeyPatch, bare: Path) -> None:
    monkeypatch.setenv("PATH", str(bare))
    found = _of("voice", doctor.findings())
    assert (found.level, "aloud" in found.sentence, found.remedy != "") == ("warning", True, True)


@pytest.mark.skipif(
    sys.platform != "linux", reason="unproven elsewhere: the voice is named; the planted one is a shell script"
)
def test_the_voice_is_named(monkeypatch: pytest.MonkeyPatch, bare: Path) -> None:
    (bare / "espeak-ng").write_text("#!/bin/sh\n")
    (bare / "espeak-ng").chmod(0o755)
    monkeypatch.setenv("PATH", str(bare))
    found = _of("voice", doctor.findings())
    assert (found.level, "espeak-ng" in found.sentence) == ("ok", True)


@pytest.mark.parametrize("now", [0.0, 1e9, 5e9])
def test_a_clock_that_was_never_set(monkeypatch: pytest.MonkeyPatch, now: float) -> None:
    monkeypatch.setattr(doctor_machine, "_now", lambda: datetime.fromtimestamp(now, UTC))
    found = _of("clock", doctor.findings())
    assert found.level == "problem"
    assert "Set date and time" in found.remedy


@pytest.mark.skipif(sys.platform != "linux", reason="unproven elsewhere: too little shared memory is named")
def test_too_little_shared_memory(monkeypatch: pytest.MonkeyPatch, bare: Path) -> None:
    monkeypatch.setattr(doctor_machine, "LEAST_SHARED_BYTES", 10**18)
    found = _of("memory", doctor.findings())
    assert (found.level, "Only" in found.sentence, "--shm-size" in found.remedy) == ("problem", True, True)
    monkeypatch.setattr(doctor_machine, "_SHARED_MEMORY", bare / "none")
    assert "no shared memory" in _of("memory", doctor.findings()).sentence


LOCK = '{"schema":%d,"locked":true,"since":"2026-11-23T05:00:00+00:00","by":"Ada"}'


@pytest.mark.parametrize(
    ("text", "level", "told"),
    [
        (None, "ok", "never locked"),
        (LOCK % 1, "ok", "VR is locked"),
        (LOCK % 99, "problem", "another version"),
        ("", "problem", "damaged"),
        ('{"locked": tr', "problem", "damaged"),
        ("[]", "problem", "damaged"),
        ("folder", "problem", "cannot be read"),
    ],
)
def test_the_lock_file(text: str | None, level: str, told: str) -> None:
    file = data_folder() / "phase.json"
    file.parent.mkdir(parents=True)
    if text == "folder":
        file.mkdir()
    elif text is not None:
        file.write_text(text)
    found = _of("lock", doctor.findings())
    assert (found.level, found.remedy == "") == (level, level == "ok")
    assert told in found.sentence
    assert "Ada" not in found.sentence


def test_json_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.main(json=True) == 1
    told = json.loads(capsys.readouterr().out)
    assert {"topic", "level", "sentence", "remedy"} == set(told[0])
    assert "problem" in {finding["level"] for finding in told}


# --- the page


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log with a fault whose message and values nobody may see."""
    with logs.start("render"):
        try:
            raise RuntimeError(CANARY)
        except RuntimeError:
            logs.log.exception("scene '%s' failed for '%s'", "lantern", CANARY)


@pytest.mark.usefixtures("fault")
def test_the_page_tells_what_to_do_and_what_went_wrong(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.main(json=False, page=bare / "page.html") == 1
    page = (bare / "page.html").read_text(encoding="utf-8")
    assert f"wrote {bare / 'page.html'}" in capsys.readouterr().out
    assert "No OpenXR runtime is active" in page
    assert "make it the active OpenXR runtime" in page
    assert "scene &#x27;lantern&#x27; failed" in page
    assert "RuntimeError" in page
    assert not re.findall(r"https?:|<script|<img|<link|url\((?!data:)", page)
    assert CANARY not in page


def test_the_page_names_no_person(monkeypatch: pytest.MonkeyPatch, bare: Path) -> None:
    home = bare / "Jane Quillfeather"
    monkeypatch.setenv("HOME" if sys.platform != "win32" else "USERPROFILE", str(home))
    monkeypatch.setenv("HARBORLIGHT_HOME", str(home / "own"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "share"))
    for variable in ("LOGNAME", "USER", "USERNAME"):
        monkeypatch.setenv(variable, "jquill")
    monkeypatch.setattr(doctor, "_ask", _answering({"sound": {"outputs": ["Jane's Ears", "HDMI"]}}))
    _install_layer(home / "share", '{"jquill": ')
    assert doctor.main(json=False, page=bare / "page.html") == 1
    page = (bare / "page.html").read_text(encoding="utf-8").replace("<wbr>", "")
    assert "~/share/openxr" in page
    assert "HARBORLIGHT_HOME/logs" in page
    assert "(its name) and 1 more" in page
    assert not re.findall("quill|jane", page, re.IGNORECASE)


def test_the_page_is_text_whatever_a_finding_says(monkeypatch: pytest.MonkeyPatch, bare: Path) -> None:
    answer = {"renderer": "<script>alert(1)</script>", "version": '"&', "software": True}
    monkeypatch.setattr(doctor, "_ask", _answering({"graphics": answer}))
    doctor.main(json=False, page=bare / "page.html")
    assert "<script" not in (bare / "page.html").read_text(encoding="utf-8")


def test_a_page_that_cannot_be_written_is_refused_at_once(bare: Path) -> None:
    with pytest.raises(OutputError, match="cannot write"):
        doctor.main(json=False, page=bare / "nowhere/page.html")


def test_every_topic_has_its_group() -> None:
    assert {finding.topic for finding in doctor.findings()} <= {
        topic for topics in doctor_page._GROUPS.values() for topic in topics
    }


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
