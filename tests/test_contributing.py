"""CONTRIBUTING's scenes are executed: found by looking, photographed, and alive; its plan is read."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from vr_app.api import Inputs
from vr_app.catalogue import find_scenes
from vr_app.plan import load_plan
from vr_app.scripted.headset import Photograph, looking
from vr_app.studio import open_studio

GUIDE = Path(__file__).resolve().parents[1] / "CONTRIBUTING.md"


def written(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


def brighter(before: Photograph, after: Photograph) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return np.asarray(after.left.astype(int) - before.left)


def test_the_first_scene_works_as_written(tmp_path: Path) -> None:
    (tmp_path / "ember.py").write_text(written("python")[0], encoding="utf-8")
    scene = find_scenes(tmp_path)["ember"].scene
    assert scene is not None
    with open_studio((160, 160)) as studio:
        faded, lit = studio.photograph(scene, scene.info.golden_times, [looking(0.0, -0.4)])
    found = brighter(faded.photograph, lit.photograph)
    assert found.max() > 60
    assert np.mean(found != 0) < 0.25  # the stone, not the floor


def test_a_stone_grows_warm_for_who_rests_on_it_and_the_plan_is_read(tmp_path: Path) -> None:
    (tmp_path / "stones.py").write_text(written("python")[1], encoding="utf-8")
    (tmp_path / "stones.toml").write_text(written("toml")[0], encoding="utf-8")
    entry = find_scenes(tmp_path)["stones"]
    assert entry.scene is not None, entry.broken
    ahead = looking(0.0, -0.4)
    with open_studio((160, 160)) as studio:
        shots = [
            next(studio.film(entry.scene, [(3.0, [ahead])], inputs=Inputs(head))) for head in (looking(2.0), ahead)
        ]
    assert brighter(shots[0].photograph, shots[1].photograph).max() > 40
    plan = load_plan(str(tmp_path / "stones.toml"), find_scenes() | {"stones": entry}, names={"name": "Ada"})
    assert [step.scene for step in plan.steps] == ["room", "stones", "return"]
