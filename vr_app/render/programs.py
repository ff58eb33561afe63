"""Compiles surface shaders: joins `shaders/<name>.glsl` with the common parts and reports errors by file and line."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from OpenGL import GL

SHADERS = Path(__file__).resolve().parents[2] / "shaders"

Blend = Literal["none", "coverage", "alpha", "add"]
HOOKS = ("displace", "clip", "raw", "field", "horizon", "copies", "strokes", "kernel")
_PRAGMA = re.compile(rf"^\s*#pragma\s+(blend|cull|{'|'.join(HOOKS)})\b[ \t]*(\w*)", re.MULTILINE)
_SAMPLER = re.compile(r"\buniform\s+sampler2D\w*\s+(\w+)\s*;")
_BLOCK = re.compile(r"\buniform\s+(Draw|Light)\s*\{([^}]*)\}")
_MEMBER = re.compile(r"^\s*\w+\s+(\w+)(?:\[\w+\])?\s*;", re.MULTILINE)
_INCLUDE = re.compile(r'^\s*#include\s+"([^"]+)"\s*$')
_MESSAGE = re.compile(r"^(?:ERROR:\s*)?(\d+)[:(](\d+)\)?(?:\(\d+\))?\s*:?\s*(.*)$")
_DEFAULT_DRAW = "layout(std140, binding = 1) uniform Draw { mat4 at; };\n"


class ShaderError(Exception):
    """A shader that does not compile: file, line, the driver's words and what to do."""


@dataclass(slots=True)
class Source:
    """A shader's text with its includes resolved; `files[k]` is the file that `#line` calls string k."""

    text: str
    files: list[Path]
    blend: Blend = "none"
    cull: bool = True
    hooks: list[str] = field(default_factory=list)  # of HOOKS: what it does by itself or reads beside the rest


@dataclass(frozen=True, slots=True)
class Member:
    """Where a parameter lies in the `Draw` block: byte offset and number of floats."""

    offset: int
    floats: int


@dataclass(slots=True, eq=False)
class Program:
    """A linked program and the layout of its `Draw` block; vr_app/render/reload.py exchanges what it is made of."""

    name: str
    handle: int
    blend: Blend
    cull: bool
    hooks: tuple[str, ...]  # of HOOKS
    block_size: int
    members: dict[str, Member] = field(repr=False)
    samplers: dict[str, int] = field(repr=False)  # name -> texture unit, of those that it reads
    declared: frozenset[str] = field(default=frozenset(), repr=False)  # samplers of its text, read or not
    files: frozenset[Path] = field(default=frozenset(), repr=False)  # that it was compiled from


_DRAWN = {"VERTEX": GL.GL_VERTEX_SHADER, "FRAGMENT": GL.GL_FRAGMENT_SHADER}
_KERNEL = {"COMPUTE": GL.GL_COMPUTE_SHADER}
# Equal Draw blocks share one object, so that a recording sees at a glance that two programs read the same.
_LAYOUTS: dict[tuple[int, frozenset[tuple[str, Member]]], dict[str, Member]] = {}


def load_source(path: Path) -> Source:
    """Read a surface shader. Raises ShaderError for a missing file, include or unknown pragma."""
    source = Source("", [])
    source.text = _expanded(path, source.files, frozenset())
    for pragma, value in _PRAGMA.findall(source.text):
        if pragma == "blend" and value in get_args(Blend):
            source.blend = value
        elif pragma == "cull" and value == "none":
            source.cull = False
        elif pragma in HOOKS and not value:
            source.hooks.append(pragma)
        else:
            raise ShaderError(f"{path.name}: unknown '#pragma {pragma} {value}'; see docs/design/architecture.md")
    if "uniform Draw" not in source.text:
        source.text = _DEFAULT_DRAW + source.text
    return source


def _expanded(path: Path, files: list[Path], open_files: frozenset[Path]) -> str:
    if path in open_files:
        raise ShaderError(f"{path.name} includes itself; remove the circle")
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ShaderError(f"{path}: {error.strerror}; a material needs its file in shaders/") from None
    number = len(files)
    files.append(path)
    out = [f"#line 1 {number}"]
    for index, line in enumerate(lines, start=1):
        included = _INCLUDE.match(line)
        if included:
            out += [
                _expanded(SHADERS / "include" / included[1], files, open_files | {path}),
                f"#line {index + 1} {number}",
            ]
        else:
            out.append(line)
    return "\n".join(out)


def compile_program(name: str, *, single_pass: bool, detail: int | None = None, folder: Path = SHADERS) -> Program:
    """Compile and link `<folder>/<name>.glsl`, a material for both eyes. Raises ShaderError.

    With a `detail` (as Frame.detail) it shows that one only: processors run every branch that a pixel might take.
    """
    source = load_source(folder / f"{name}.glsl")
    handle = GL.glCreateProgram()
    kinds = _KERNEL if "kernel" in source.hooks else _DRAWN
    stages = [_compiled(kind, define, source, single_pass, detail) for define, kind in kinds.items()]
    for stage, _ in stages:
        GL.glAttachShader(handle, stage)
    GL.glLinkProgram(handle)
    if not GL.glGetProgramiv(handle, GL.GL_LINK_STATUS):
        log = GL.glGetProgramInfoLog(handle)
        raise ShaderError(f"{name}.glsl does not link: {_first_line(log)}; compare its parts")
    for stage, _ in stages:
        GL.glDeleteShader(stage)
    size, members = _draw_block(handle)
    declared = frozenset(_SAMPLER.findall(source.text))
    files = frozenset(path for _, read in stages for path in read)
    state = source.blend, source.cull, tuple(source.hooks)
    return Program(name, handle, *state, size, members, _samplers(handle), declared, files)


def stage_text(source: Source, define: str, *, single_pass: bool, detail: int | None = None) -> tuple[str, list[Path]]:
    """The whole GLSL of a stage, "VERTEX", "FRAGMENT" or "COMPUTE", and the files that its `#line`s number."""
    files: list[Path] = list(source.files)
    prelude = _expanded(SHADERS / "include" / "surface.glsl", files, frozenset())
    defines = [define, *(["SINGLE_PASS"] if single_pass else []), *(hook.upper() for hook in source.hooks)]
    defines += [f"BLEND_{source.blend.upper()}"]
    constants = [] if detail is None else [f"#define DETAIL {detail}"]
    head = "#version 450 core\n#extension GL_ARB_shader_viewport_layer_array : enable\n"
    main = _expanded(SHADERS / "include" / f"{define.lower()}_main.glsl", files, frozenset())
    body = re.sub(r"^\s*#pragma.*$", "", source.text, flags=re.MULTILINE)
    given_way = sorted(_members(source.text, "Draw") & _members(prelude, "Light"))  # a surface's own name wins
    hidden = [f"#define {name} light_{name}" for name in given_way], [f"#undef {name}" for name in given_way]
    parts = [head, *(f"#define {word} 1" for word in defines), *constants, *hidden[0], prelude, *hidden[1], body, main]
    return "\n".join(parts), files


def _members(text: str, block: str) -> set[str]:
    """The names that a uniform block of this text declares."""
    plain = re.sub(r"//.*", "", text)
    bodies = [body for name, body in _BLOCK.findall(plain) if name == block]
    return {member for body in bodies for member in _MEMBER.findall(body.replace(";", ";\n"))}


def _compiled(kind: int, define: str, source: Source, single_pass: bool, detail: int | None) -> tuple[int, list[Path]]:
    """The stage and the files it was made from."""
    text, files = stage_text(source, define, single_pass=single_pass, detail=detail)
    shader: int = GL.glCreateShader(kind)
    GL.glShaderSource(shader, text)
    GL.glCompileShader(shader)
    if not GL.glGetShaderiv(shader, GL.GL_COMPILE_STATUS):
        raise ShaderError(_explained(GL.glGetShaderInfoLog(shader), files, source))
    return shader, files


def _first_line(log: bytes | str) -> str:
    text = log.decode(errors="replace") if isinstance(log, bytes) else log
    return next((line.strip() for line in text.splitlines() if "error" in line.lower()), text.strip()[:200])


def _explained(log: bytes | str, files: list[Path], source: Source) -> str:
    """Turn the driver's `string:line` into a file and a line. Mesa says 0:12(5), NVIDIA 0(12), AMD 0:12."""
    line = _first_line(log)
    found = _MESSAGE.match(line)
    # the surface's own files come first in the numbering; common parts restart after them
    if found and int(found[1]) < len(files):
        return f"{files[int(found[1])].name}, line {found[2]}: {found[3]}; mend the shader and start again"
    return f"{source.files[0].name}: {line}; mend the shader and start again"


def _draw_block(handle: int) -> tuple[int, dict[str, Member]]:
    block = GL.glGetUniformBlockIndex(handle, "Draw")
    if block == GL.GL_INVALID_INDEX:  # not used by the program
        return 64, _LAYOUTS.setdefault((64, frozenset()), {})
    size = _integer(GL.glGetActiveUniformBlockiv, handle, block, GL.GL_UNIFORM_BLOCK_DATA_SIZE)
    members = {}
    for index, name, kind, length in _uniforms(handle):
        if _of_uniform(handle, index, GL.GL_UNIFORM_BLOCK_INDEX) == block and name != "at":
            members[name] = Member(_of_uniform(handle, index, GL.GL_UNIFORM_OFFSET), _floats(name, kind, length))
    layout = frozenset(members.items())
    return max(size, 64), _LAYOUTS.setdefault((size, layout), members)


def _samplers(handle: int) -> dict[str, int]:
    return {
        name: _integer(GL.glGetUniformiv, handle, GL.glGetUniformLocation(handle, name))
        for _, name, kind, _ in _uniforms(handle)
        if kind in (GL.GL_SAMPLER_2D, GL.GL_SAMPLER_2D_MULTISAMPLE_ARRAY)
    }


def _uniforms(handle: int) -> list[tuple[int, str, int, int]]:
    """(index, name, type, array length) of every active uniform."""
    count = _integer(GL.glGetProgramiv, handle, GL.GL_ACTIVE_UNIFORMS)
    found = []
    for index in range(count):
        length, kind, name = ctypes.c_int(), ctypes.c_uint(), ctypes.create_string_buffer(256)
        GL.glGetActiveUniform(handle, index, 256, None, length, kind, name)
        found.append((index, name.value.decode().removesuffix("[0]"), kind.value, length.value))
    return found


def _of_uniform(handle: int, index: int, what: int) -> int:
    value = ctypes.c_int()
    GL.glGetActiveUniformsiv(handle, 1, (ctypes.c_uint * 1)(index), what, value)
    return value.value


def _integer(get: Callable[..., Any], *arguments: int) -> int:
    value = ctypes.c_int()
    get(*arguments, value)
    return value.value


def _floats(name: str, kind: int, length: int) -> int:
    sizes = {int(GL.GL_FLOAT): 1, int(GL.GL_FLOAT_VEC2): 2, int(GL.GL_FLOAT_VEC3): 3, int(GL.GL_FLOAT_VEC4): 4}
    if kind not in sizes or (length > 1 and kind != GL.GL_FLOAT_VEC4):
        raise ShaderError(f"parameter '{name}' must be a float, a vec2, a vec3, a vec4 or an array of vec4")
    return sizes[kind] * length
