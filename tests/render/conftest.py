"""Planted surfaces."""

from __future__ import annotations

from pathlib import Path

import pytest

TINTED = """
layout(std140, binding = 1) uniform Draw { mat4 at; float glow; vec3 tint; vec4 more[2]; };
#ifdef FRAGMENT
vec4 surface(Point p) { return vec4(tint * glow + more[1].rgb, 1.0); }
#endif
"""


@pytest.fixture
def shaders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for planted surfaces, beside the shipped ones."""
    from vr_app.render import programs

    for path in programs.SHADERS.glob("*.glsl"):
        (tmp_path / path.name).symlink_to(path)
    shipped = programs.compile_program
    monkeypatch.setattr("vr_app.render.kit.compile_program", lambda name, **how: shipped(name, folder=tmp_path, **how))
    (tmp_path / "tinted.glsl").write_text(TINTED)
    return tmp_path
