"""Scenes are found by looking; a broken file is listed with its reason and hides no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from vr_app.catalogue import find_scenes, setting_ranges

GOOD = """
from vr_app.api import Scene, SceneInfo
class Good(Scene):
    info = SceneInfo("{id}", "Good", "A good scene.", "home")
"""


def test_the_shipped_scenes_are_whole() -> None:
    entries = find_scenes()
    assert {"room", "lantern"} <= set(entries)
    for entry in entries.values():
        assert not entry.broken
        assert entry.info.golden_times
        assert entry.scene is not None
        for name, allowed in setting_ranges(entry.scene).items():
            assert allowed.low <= getattr(entry.scene.Settings(), name) <= allowed.high, name


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("class Broken(:\n", "broken.py, line 1: "),
        ("import nowhere\n", "ModuleNotFoundError: No module named 'nowhere'"),
        ("1 / 0\n", "ZeroDivisionError"),
        ("x = 1\n", "defines 0 scenes; one file is one scene"),
        (GOOD.format(id="other"), "needs `info = SceneInfo\\(id='broken'"),
        (GOOD.format(id="broken").replace("info = ", "about = "), "needs `info = SceneInfo"),
    ],
)
def test_a_broken_scene_is_listed_and_the_rest_goes_on(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "broken.py").write_text(text, encoding="utf-8")
    (tmp_path / "good.py").write_text(GOOD.format(id="good"), encoding="utf-8")
    entries = find_scenes(tmp_path)
    assert entries["good"].scene is not None
    assert entries["broken"].scene is None
    with pytest.raises(AssertionError, match=told):
        raise AssertionError(entries["broken"].broken)
