"""CONTRIBUTING's first scene is executed: found by looking, photographed, and alive."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from vr_app.catalogue import find_scenes
from vr_app.scripted.headset import looking
from vr_app.studio import open_studio

GUIDE = Path(__file__).resolve().parents[1] / "CONTRIBUTING.md"


def test_the_first_scene_works_as_written(tmp_path: Path) -> None:
    (source,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "ember.py").write_text(source, encoding="utf-8")
    scene = find_scenes(tmp_path)["ember"].scene
    assert scene is not None
    with open_studio((160, 160)) as studio:
        faded, lit = studio.photograph(scene, scene.info.golden_times, [looking(0.0, -0.4)])
    brighter = lit.photograph.left.astype(int) - faded.photograph.left
    assert brighter.max() > 60
    assert np.mean(brighter != 0) < 0.25  # the stone, not the floor
