"""Compiles surfaces anew when their files change, between frames: for developers, `harborlight run --dev`."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable
from pathlib import Path

from OpenGL import GL

from vr_app.render.kit import GpuKit, check_images
from vr_app.render.programs import Program, ShaderError


class ShaderWatch:
    """One look after each frame: at one file (some microseconds), or one program is compiled (many milliseconds)."""

    def __init__(self, kit: GpuKit, say: Callable[[str], None]) -> None:
        self._kit = kit
        self._say = say
        self._seen: dict[Path, int] = {}  # time of the last change
        self._turn: deque[Path] = deque()
        self._changed: deque[Program] = deque()
        for program in kit.programs:
            self._follow(program)

    def look(self) -> None:
        if self._changed:
            self._compile(self._changed.popleft())
        elif self._turn:
            self._turn.rotate(-1)
            path = self._turn[0]
            saved = _saved(path)
            if saved and saved != self._seen[path]:
                self._seen[path] = saved
                self._changed.extend(program for program in self._kit.programs if path in program.files)

    def _follow(self, program: Program) -> None:
        for path in program.files:
            if path not in self._seen:
                self._seen[path] = _saved(path)
                self._turn.append(path)

    def _compile(self, program: Program) -> None:
        """Exchange what a program is made of; whatever is wrong, the old one stays."""
        materials = [material for material in self._kit.materials if material.program is program]
        try:
            made = self._kit.compiled(program.name)
            if lost := program.members.keys() - made.members.keys():
                raise ShaderError(f"{program.name}.glsl has lost {sorted(lost)}, which scenes may give; start again")
            for material in materials:
                check_images(made, material.images)
        except ShaderError as error:
            self._say(f"shader: {error}")
            return
        GL.glDeleteProgram(program.handle)
        for part in dataclasses.fields(Program):
            setattr(program, part.name, getattr(made, part.name))
        for material in materials:
            material.bind()
        self._follow(program)
        self._say(f"shader: {program.name}.glsl compiled")


def _saved(path: Path) -> int:
    """0: it is not there, as while an editor saves."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
