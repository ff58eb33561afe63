"""One frame's drawing, recorded once: the Pass that scenes see, and the parameter blocks that travel to the GPU."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Sequence
from typing import NamedTuple

from vr_app import api
from vr_app.render.kit import GpuKit, GpuLabel, GpuMaterial, GpuMesh
from vr_app.render.programs import Blend

BLOCK_BYTES = 64 * 1024  # all parameter blocks of one frame
_IDENTITY = struct.pack("16f", 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1)
_ZEROS = bytes(4096)
_matrix = struct.Struct("16f").pack_into
_floats = [struct.Struct(f"{count}f").pack_into for count in range(65)]


class Drawing(NamedTuple):
    """One recorded draw, in plain integers."""

    program: int
    vertex_array: int
    corners: int
    textures: tuple[tuple[int, int], ...]
    blend: Blend
    cull: bool
    block_offset: int
    block_size: int


class Recording:
    """A Pass over one preallocated block of memory; `begin` empties it for the next frame."""

    def __init__(self, kit: GpuKit, alignment: int) -> None:
        self._kit = kit
        self._align = max(alignment, 16)
        self._memory = bytearray(BLOCK_BYTES)
        self.address = ctypes.addressof(ctypes.c_char.from_buffer(self._memory))
        self.solid: list[Drawing] = []
        self.blended: list[Drawing] = []
        self.used = 0
        self.begin()

    def begin(self) -> None:
        """Forget the last frame. The first block is the identity, shared by all that need no other."""
        self.solid.clear()
        self.blended.clear()
        self._memory[0:64] = _IDENTITY
        self.used = self._aligned(64)

    def draw(
        self, mesh: api.Mesh, material: api.Material, at: api.Pose | None = None, **params: float | Sequence[float]
    ) -> None:
        assert isinstance(mesh, GpuMesh) and isinstance(material, GpuMaterial)
        program = material.program
        size = program.block_size
        offset = 0
        if at is not None or size > 64:
            offset = self._block(size, at)
            members = program.members
            for name, value in params.items():
                member = members.get(name)
                if member is None:
                    raise KeyError(f"{program.name}.glsl has no parameter '{name}'; it has {sorted(members)}")
                place = offset + member.offset
                if isinstance(value, (float, int)):
                    _floats[1](self._memory, place, value)
                else:
                    _floats[member.floats](self._memory, place, *value)
        elif params:
            raise KeyError(f"{program.name}.glsl has no parameters")
        kept = self.solid if program.blend == "none" else self.blended
        kept.append(
            Drawing(
                *(program.handle, mesh.vertex_array, mesh.count, material.textures),
                *(program.blend, program.cull, offset, size),
            )
        )

    def text(self, label: api.Label, at: api.Pose, opacity: float = 1.0) -> None:
        assert isinstance(label, GpuLabel)
        if opacity > 0.0:
            self.draw(label.mesh, self._kit.text_material, at, opacity=opacity)

    def _block(self, size: int, at: api.Pose | None) -> int:
        """Room for one block, its matrix written and its parameters zero."""
        offset = self.used
        self.used = self._aligned(offset + size)
        if self.used > BLOCK_BYTES:
            raise RuntimeError(f"one frame draws more than {BLOCK_BYTES} bytes of parameters; merge meshes")
        memory = self._memory
        if at is None:
            memory[offset : offset + 64] = _IDENTITY
        else:
            _write_pose(memory, offset, at)
        memory[offset + 64 : offset + size] = _ZEROS[: size - 64]
        return offset

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
