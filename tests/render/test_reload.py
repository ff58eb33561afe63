"""A saved shader is seen in the next pictures, a wrong one is told and changes nothing, and nobody looks unasked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from vr_app.api import Frame, Kit, Pass, Pose, Scene, SceneInfo
from vr_app.scripted.headset import looking
from vr_app.studio import Studio, open_studio

QUAD = {
    "position": np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], float),
    "index": np.array([0, 1, 2, 0, 2, 3]),
}
HEAD = '#include "planted.glsl"\nlayout(std140, binding = 1) uniform Draw { mat4 at; float glow; };\n'
PART = "#ifdef FRAGMENT\nvec4 surface(Point p) { return vec4(vec3(glow) * tint(), 1.0); }\n#endif\n"
GREEN = "vec3 tint() { return vec3(0.0, 1.0, 0.0); }\n"


class Tinted(Scene):
    info = SceneInfo("tinted", "Tinted", "A coloured square.", "home")
    kept: ClassVar[list[Any]] = []  # mesh and material, made once: what a session that goes on draws with

    def build(self, kit: Kit) -> None:
        if not self.kept:
            self.kept.extend((kit.mesh(QUAD), kit.material("tinted")))

    def draw(self, frame: Frame, out: Pass) -> None:
        quad, paint = self.kept
        out.draw(quad, paint, Pose((0.0, 1.2, -1.0)), glow=0.5)


@pytest.fixture
def shaders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of shaders of which two are planted."""
    from vr_app.render import programs

    (tmp_path / "include").mkdir()
    for path in programs.SHADERS.rglob("*.glsl"):
        (tmp_path / path.relative_to(programs.SHADERS)).symlink_to(path)
    shipped = programs.compile_program
    monkeypatch.setattr(programs, "SHADERS", tmp_path)
    monkeypatch.setattr("vr_app.render.kit.compile_program", lambda name, **how: shipped(name, folder=tmp_path, **how))
    (tmp_path / "tinted.glsl").write_text(HEAD + PART)
    (tmp_path / "include/planted.glsl").write_text(GREEN)
    return tmp_path


class Desk:
    """A developer at work."""

    def __init__(self, studio: Studio) -> None:
        from vr_app.render.reload import ShaderWatch

        self.studio, self.said = studio, list[str]()
        Tinted.kept.clear()
        self.colour()
        self.watch = ShaderWatch(studio.kit, self.said.append)  # type: ignore[arg-type]
        self.saved = 0

    def save(self, path: Path, text: str) -> None:
        path.write_text(text)
        self.saved += 1
        os.utime(path, ns=(self.saved * 10**9, self.saved * 10**9))

    def look(self) -> list[str]:
        self.said.clear()
        for _ in range(60):
            self.watch.look()
        return self.said

    def colour(self) -> list[int]:
        (shot,) = self.studio.photograph(Tinted, [0.0], [looking(0.0)])
        colour: list[int] = shot.photograph.left[48, 48].tolist()
        return colour


@pytest.fixture
def desk(shaders: Path) -> Iterator[Desk]:
    with open_studio((96, 96)) as studio:
        yield Desk(studio)


def test_a_change_is_seen_also_one_of_an_include(desk: Desk, shaders: Path) -> None:
    before = desk.colour()
    assert desk.look() == []
    desk.save(shaders / "include/planted.glsl", GREEN.replace("0.0, 1.0, 0.0", "1.0, 0.0, 0.0"))
    assert desk.look() == ["shader: tinted.glsl compiled"]
    red = desk.colour()
    assert red[0] > red[1] and before[1] > before[0]
    desk.save(
        shaders / "tinted.glsl",
        HEAD.replace("float glow", "vec4 more; float glow") + PART.replace("tint()", "more.w + 1"),
    )
    assert desk.look() == ["shader: tinted.glsl compiled"]
    grey = desk.colour()
    assert max(grey) - min(grey) < 40  # the parameter is found where it lies now


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEAD + PART.replace("tint()", "tnit()"), "tinted.glsl, line 4"),
        (HEAD + "#pragma nonsense\n#pragma blend nonsense\n" + PART, "unknown '#pragma blend nonsense'"),
        (HEAD.replace("glow", "gloom") + PART.replace("glow", "gloom"), "has lost ['glow']"),
        (
            HEAD + "layout(binding = 4) uniform sampler2D map;\n" + PART.replace("tint()", "texture(map, p.uv).rgb"),
            "takes images ['map']",
        ),
        (HEAD.replace("planted", "nowhere") + PART, "nowhere.glsl"),
    ],
    ids=["mistyped", "pragma", "parameter", "image", "include"],
)
def test_a_wrong_one_is_told_and_the_old_one_stays(desk: Desk, shaders: Path, text: str, told: str) -> None:
    before = desk.colour()
    desk.save(shaders / "tinted.glsl", text)
    (said,) = desk.look()
    assert told in said
    assert "\n" not in said
    assert desk.colour() == before
    desk.save(shaders / "tinted.glsl", HEAD + PART.replace("tint()", "tint() * 0.5"))
    assert desk.look() == ["shader: tinted.glsl compiled"]
    assert desk.colour() != before


def test_a_file_that_is_away_for_a_moment_is_waited_for(desk: Desk, shaders: Path) -> None:
    path = shaders / "tinted.glsl"
    text = path.read_text()
    path.unlink()
    assert desk.look() == []
    desk.save(path, text)
    assert desk.look() == ["shader: tinted.glsl compiled"]


def test_without_the_flag_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    from vr_app import app, loop
    from vr_app.headset import ExitAsked
    from vr_app.options import Options

    looking: list[bool] = []

    def run(self: loop.Loop) -> None:
        looking.append(self.look is not None)
        self.director.hear(ExitAsked("looked"))

    monkeypatch.setattr(loop.Loop, "run", run)
    for dev in (False, True):
        app.run(Options(headset="headless", virtual=True, eye_size=(32, 32), dev=dev))
    assert looking == [False, True]
