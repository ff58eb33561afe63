"""One frame's drawing, recorded once: the Pass that scenes see, and the block of memory that travels to the GPU."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from vr_app import api
from vr_app.render.kit import GpuField, GpuKernel, GpuKit, GpuLabel, GpuMaterial, GpuMesh, GpuSlot
from vr_app.render.programs import Blend, Member, ShaderError
from vr_app.render.strokes import GpuStrokes

FRAME_BYTES = 64 * 1024  # all that one frame uploads: the View block, then the Draw blocks
VIEW_BYTES = 256
LIGHT_BYTES = 192  # right behind it
_LIGHT_VALUES = LIGHT_BYTES // 4
_IDENTITY = struct.pack("16f", 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1)
_ZEROS = bytes(4096)
_matrix = struct.Struct("16f").pack_into
_light_values = struct.Struct(f"{_LIGHT_VALUES}f").pack_into
_USUAL_LIGHT = api.Light()
_floats = [struct.Struct(f"{count}f").pack_into for count in range(65)]


# One recorded draw, in plain integers: program, vertex array, corners, copies (0: the mesh itself; below 0: the corners
# are the commands in buffer -copies), (unit, texture) pairs, blend, cull, and the byte offset and size of its Draw
# block. A bare tuple, for ten are made in every frame.
Drawing = tuple[int, int, int, int, tuple[tuple[int, int], ...], Blend, bool, tuple[int, int]]


class Recording:
    """A Pass over one preallocated block of memory; `begin` empties it for the next frame."""

    def __init__(self, kit: GpuKit, alignment: int) -> None:
        self._kit = kit
        self._align = max(alignment, 16)
        self.memory = bytearray(FRAME_BYTES)
        self.address = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))
        self.solid: list[Drawing] = []
        self.blended: list[Drawing] = []
        self.marches: list[tuple[GpuField, tuple[int, int]]] = []
        self.runs: list[tuple[GpuKernel, tuple[int, int]]] = []
        self.light_at = self._aligned(VIEW_BYTES)
        start = self._aligned(self.light_at + LIGHT_BYTES)
        self._identity = start, 64  # shared by all draws that need no other block
        self.memory[start : start + 64] = _IDENTITY
        self._light: api.Light | None = None  # what the memory holds
        self.begin()

    def begin(self) -> None:
        """Forget the last frame."""
        self.solid.clear()
        self.blended.clear()
        self.marches.clear()
        self.runs.clear()
        self._lit = False
        self.used = self._aligned(self._identity[0] + 64)
        self._block = self._identity
        self._members: Mapping[str, Member] = {}
        self._params: Mapping[str, object] = {}

    def finish(self) -> None:
        """All is recorded; a scene that said nothing of light has the usual one."""
        if not self._lit:
            self.light(_USUAL_LIGHT)

    def light(self, light: api.Light) -> None:
        self._lit = True
        if light is not self._light:
            self._light = light
            _light_values(self.memory, self.light_at, *chain.from_iterable(light))

    def march(self, field: api.Field, **params: float | Sequence[float]) -> None:
        if TYPE_CHECKING:
            assert isinstance(field, GpuField)
        self.marches.append((field, self._block_of(field.material, None, params)))

    def run(self, kernel: api.Kernel, **params: float | Sequence[float]) -> None:
        if TYPE_CHECKING:
            assert isinstance(kernel, GpuKernel)
        self.runs.append((kernel, self._block_of(kernel.material, None, params)))

    def draw(
        self,
        mesh: api.Mesh,
        material: api.Material,
        at: api.Pose | None = None,
        copies: int | None = None,
        **params: float | Sequence[float],
    ) -> None:
        if TYPE_CHECKING:  # handles are opaque to scenes; they come from this renderer's kit and no other
            assert isinstance(mesh, GpuMesh) and isinstance(material, GpuMaterial)
        placed = mesh.copies if copies is None else min(copies, mesh.copies)
        if mesh.copies and not placed:
            return
        program = material.program
        if at is None and params == self._params and program.members is self._members:
            block = self._block  # what the draw before said holds for this one
        elif at is not None or params or program.block_size > 64:
            block = self._block_of(material, at, params)
            self._block, self._members, self._params = block, program.members, params if at is None else {"": at}
        else:
            block = self._identity
        kept = self.solid if program.blend in ("none", "coverage") else self.blended
        how = material.textures, program.blend, program.cull, block
        kept.append((program.handle, mesh.vertex_array, mesh.count, placed, *how))

    def strokes(
        self,
        strokes: api.Strokes,
        material: api.Material,
        at: api.Pose | None = None,
        **params: float | Sequence[float],
    ) -> None:
        if TYPE_CHECKING:
            assert isinstance(strokes, GpuStrokes) and isinstance(material, GpuMaterial)
        if "strokes" not in material.program.hooks:
            raise ShaderError(f"{material.program.name}.glsl draws no strokes; it needs `#pragma strokes`")
        if strokes.count:
            self.draw(strokes, material, at, strokes.copies, **params)

    def text(self, label: api.Label, at: api.Pose, opacity: float = 1.0) -> None:
        if TYPE_CHECKING:
            assert isinstance(label, (GpuLabel, GpuSlot))
        if opacity > 0.0 and label.mesh.count:
            self.draw(label.mesh, self._kit.text_material, at, opacity=opacity)

    def _block_of(
        self, material: GpuMaterial, at: api.Pose | None, params: Mapping[str, float | Sequence[float]]
    ) -> tuple[int, int]:
        program = material.program
        block = self._written(program.block_size, at)
        self._write(program.name, program.members, block[0], params)
        return block

    def _write(
        self, name: str, members: Mapping[str, Member], offset: int, params: Mapping[str, float | Sequence[float]]
    ) -> None:
        for key, value in params.items():
            member = members.get(key)
            if member is None:
                raise KeyError(f"{name}.glsl has no parameter '{key}'; it has {sorted(members)}")
            if isinstance(value, (float, int)):
                _floats[1](self.memory, offset + member.offset, value)
            else:
                _floats[member.floats](self.memory, offset + member.offset, *value)

    def _written(self, size: int, at: api.Pose | None) -> tuple[int, int]:
        """Room for one block, its matrix written and its parameters zero."""
        offset = self.used
        self.used = self._aligned(offset + size)
        if self.used > FRAME_BYTES:
            raise RuntimeError(f"one frame draws more than {FRAME_BYTES} bytes of parameters; merge meshes")
        memory = self.memory
        if at is None:
            memory[offset : offset + 64] = _IDENTITY
        else:
            _write_pose(memory, offset, at)
        memory[offset + 64 : offset + size] = _ZEROS[: size - 64]
        return offset, size

    def _aligned(self, size: int) -> int:
        return -(-size // self._align) * self._align


def _write_pose(memory: bytearray, offset: int, pose: api.Pose) -> None:
    """The column-major matrix of a rigid pose."""
    x, y, z, w = pose.orientation
    px, py, pz = pose.position
    _matrix(
        *(memory, offset),
        *(1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y), 0.0),
        *(2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x), 0.0),
        *(2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y), 0.0),
        *(px, py, pz, 1.0),
    )
