"""What a therapist may choose from: each scene and plan with settings, words and flags; broken ones with a reason."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from vr_app.catalogue import find_scenes
from vr_app.describe import Amount, CannotDescribe, Catalogue, Pick, catalogue, described, label
from vr_app.plan import PLANS, plan_names

ALL = catalogue(find_scenes(), PLANS)
SCENES = {scene.id: scene for scene in ALL.scenes}
PLANS_MADE = {plan.name: plan for plan in ALL.plans}


def test_all_there_is_is_listed_and_survives_the_way() -> None:
    assert set(SCENES) == set(find_scenes())
    assert set(PLANS_MADE) == set(plan_names())
    broken = [*(scene.broken for scene in ALL.scenes), *(plan.broken for plan in ALL.plans)]
    assert not any(broken)
    assert msgspec.json.decode(msgspec.json.encode(ALL), type=Catalogue) == ALL


def test_a_scene_tells_its_settings_as_controls_need_them() -> None:
    tide = SCENES["tide_breath"]
    assert (tide.title, tide.anchor, tide.flags, tide.minutes) == ("Tide breath", "breath", ("breath", "water"), (5, 8))
    settings = {setting.name: setting for setting in tide.settings}
    assert settings["breaths_per_minute"] == Amount(
        "breaths_per_minute", "Breaths a minute", 5.5, 10.0, 0.5, "1/min", 7.0
    )
    weather = settings["weather"]
    assert isinstance(weather, Pick)
    assert (weather.label, weather.default) == ("Weather", "fair")
    assert weather.default in weather.words
    assert label("time_of_day") == "Time of day"


def test_a_plan_tells_its_cues_words_and_flags() -> None:
    tide = PLANS_MADE["tide"]
    assert (tide.title, tide.kind, tide.minutes, tide.headset) == ("Tide 8", "centering", 8.0, True)
    assert (tide.flags, tide.anchors) == (("breath", "water"), ("breath", "sight"))
    assert [cue.title for cue in tide.cues] == ["Arrive", "The shore", "The way back"]
    shore = tide.cues[1]
    assert (shore.scene, shore.minutes, shore.advance) == ("tide_breath", 6.35, "by itself")
    assert shore.lines[0].startswith("You're on a small beach now.")
    assert PLANS_MADE["without_breath"].flags == ("body", "sound", "water")
    assert not PLANS_MADE["read_aloud"].headset
    assert PLANS_MADE["demo"].demonstration


def test_what_is_broken_is_listed_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("[[step]]\nscene = 'cellar'\nminutes = 1\n", encoding="utf-8")
    (tmp_path / "good.toml").write_text("[[step]]\nscene = 'room'\nminutes = 1\n", encoding="utf-8")
    scenes = tmp_path / "scenes"
    scenes.mkdir()
    (scenes / "cellar.py").write_text("def broken(:\n", encoding="utf-8")
    made = catalogue(find_scenes() | find_scenes(scenes), tmp_path)
    bad, good = made.plans
    assert "bad.toml, line 1: scene 'cellar' is broken" in bad.broken
    assert (good.name, good.broken) == ("good", "")
    assert "cellar.py, line 1" in next(scene.broken for scene in made.scenes if scene.id == "cellar")


@pytest.mark.alone
def test_a_worker_makes_it() -> None:
    assert described() == ALL


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (subprocess.CalledProcessError(1, ["x"], b"", b"Traceback\nImportError: no numpy\n"), "ImportError: no numpy"),
        (subprocess.TimeoutExpired(["x"], 60.0), "timed out"),
        (OSError("no such file"), "no such file"),
        (subprocess.CompletedProcess(["x"], 0, b"{}", b""), "missing required field"),
    ],
)
def test_a_worker_that_fails_is_one_line(monkeypatch: pytest.MonkeyPatch, outcome: Any, told: str) -> None:
    def run(*_: object, **__: object) -> Any:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr("vr_app.describe.subprocess.run", run)
    with pytest.raises(CannotDescribe, match=f"cannot be listed .*{told}.*try `harborlight scenes`") as caught:
        described()
    assert "\n" not in str(caught.value)
