"""A whole session with something wrong in it: the rest goes on, and the report says what it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vr_app import app
from vr_app.catalogue import Entry, find_scenes
from vr_app.headset import HeadsetInfo
from vr_app.link import Mailbox
from vr_app.options import Options

PLANTED = """
from vr_app.api import Frame, Kit, Pass, Scene, SceneInfo
class Lantern(Scene):
    info = SceneInfo("lantern", "Lantern", "Planted.", "centering")
    def build(self, kit: Kit) -> None:
        {build}
    def draw(self, frame: Frame, out: Pass) -> None:
        {draw}
"""
PLAN = '[[step]]\nscene = "lantern"\nminutes = 1\n'


def played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, build: str, draw: str) -> dict[str, Any]:
    """The report of a short session in which the lantern is a planted scene."""
    folder = tmp_path / "scenes"
    folder.mkdir()
    (folder / "lantern.py").write_text(PLANTED.format(build=build, draw=draw))
    scenes: dict[str, Entry] = find_scenes() | find_scenes(folder)
    monkeypatch.setattr(app, "find_scenes", lambda: scenes)
    plan = tmp_path / "planted.toml"
    plan.write_text(PLAN)
    app.run(
        Options(
            headset="headless", plan=str(plan), minutes=0.3, virtual=True, eye_size=(64, 64), report=tmp_path / "r.json"
        )
    )
    told: dict[str, Any] = json.loads((tmp_path / "r.json").read_text())
    return told


def test_a_shader_that_does_not_compile_leads_to_the_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from vr_app.render import programs

    for path in programs.SHADERS.iterdir():
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / "planted.glsl").write_text("#ifdef FRAGMENT\nvec4 surface(Point p) { return nonsense; }\n#endif\n")
    shipped = programs.compile_program

    def planted(name: str, **how: Any) -> programs.Program:
        return shipped(name, **how, folder=tmp_path if name == "planted" else programs.SHADERS)

    monkeypatch.setattr("vr_app.render.kit.compile_program", planted)
    told = played(tmp_path, monkeypatch, 'kit.material("planted")', "pass")
    assert [scene["scene"] for scene in told["scenes"]] == ["room", "return"]
    (fault,) = told["faults"]
    assert "scene 'lantern' cannot be built: planted.glsl, line 2:" in fault
    assert "the calm room stands in for it" in fault


def test_a_headset_that_is_not_there_yet_is_waited_for(capsys: pytest.CaptureFixture[str]) -> None:
    class Arriving:
        info = HeadsetInfo("openxr", "a runtime", "", 0.0, (0, 0))
        rests = 0

        def poll(self) -> tuple[()]:
            return ()

        def rest(self) -> None:
            self.rests += 1
            if self.rests == 3:
                self.info = HeadsetInfo("openxr", "a runtime", "a headset", 90.0, (1000, 1100))

    headset = Arriving()
    assert app.await_device(headset, Mailbox())  # type: ignore[arg-type]
    assert headset.rests == 3
    assert "waiting for one to be connected (a runtime)" in capsys.readouterr().out


def test_a_scene_that_raises_while_it_plays_leads_to_the_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = played(tmp_path, monkeypatch, "pass", "raise RuntimeError('planted')")
    (fault,) = told["faults"]
    assert "scene 'lantern' failed: RuntimeError: planted" in fault
    assert [scene["scene"] for scene in told["scenes"]][-2:] == ["room", "return"]
    assert told["missed"] == 0
