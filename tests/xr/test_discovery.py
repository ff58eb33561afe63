"""What is wrong with the active runtime is said in one line that names the remedy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vr_app.headset import HeadsetUnavailable
from vr_app.xr.discovery import active_manifest


def test_a_sound_manifest_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "libruntime.so").touch()
    manifest = tmp_path / "runtime.json"
    manifest.write_text(json.dumps({"runtime": {"name": "Sound", "library_path": "./libruntime.so"}}))
    monkeypatch.setenv("XR_RUNTIME_JSON", str(manifest))
    found = active_manifest()
    assert (found.name, found.library, found.path) == ("Sound", "./libruntime.so", manifest)


def test_the_users_own_choice_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XR_RUNTIME_JSON", raising=False)
    folder = tmp_path / "openxr" / "1"
    folder.mkdir(parents=True)
    (folder / "active_runtime.json").write_text(json.dumps({"runtime": {"library_path": "libmine.so"}}))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert active_manifest().library == "libmine.so"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "does not exist"),
        ("{", "cannot be read"),
        ("[]", "cannot be read"),
        ('{"runtime": 3}', "cannot be read"),
        ('{"runtime": {"name": "x"}}', "cannot be read"),
        ('{"runtime": {"library_path": "./missing.so"}}', "missing.so, which does not exist"),
    ],
)
def test_a_bad_manifest_is_refused_in_one_line(
    content: str | None, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = tmp_path / "runtime.json"
    if content is not None:
        manifest.write_text(content)
    monkeypatch.setenv("XR_RUNTIME_JSON", str(manifest))
    with pytest.raises(HeadsetUnavailable, match=complaint) as refused:
        active_manifest()
    assert "\n" not in str(refused.value)
    assert refused.value.remedy


def test_no_runtime_at_all_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XR_RUNTIME_JSON", raising=False)
    monkeypatch.setattr("vr_app.xr.discovery._places", lambda: [tmp_path / "nothing.json"])
    with pytest.raises(HeadsetUnavailable, match="no OpenXR runtime is active"):
        active_manifest()
