"""A work as glTF 2.0 binary (Khronos, glTF 2.0 specification, ISO/IEC 12113): one mesh a brush, colours at its corners.

Brushes of light are unlit (KHR_materials_unlit), so that they shine anywhere. Nothing in it says whose it is or when it
was made.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vr_app.api import Stroke
from vr_app.exports.solid import Solid, solids

GENERATOR: Final = "Harborlight"
LIGHT: Final = frozenset({"ribbon", "dust", "tube"})
ROUGHNESS: Final = {"ink": 0.45, "chalk": 0.95, "leaf": 0.7}
NAMES: Final = {
    "ribbon": "Light ribbon",
    "ink": "Ink",
    "chalk": "Chalk",
    "leaf": "Leaf",
    "dust": "Dust",
    "tube": "Glow tube",
}
_UNLIT: Final = "KHR_materials_unlit"
_ARRAY, _ELEMENTS = 34962, 34963  # targets of buffer views
_FLOAT, _UNSIGNED = 5126, 5125


def glb(strokes: Iterable[Stroke], name: str = "Painting") -> bytes:
    """The whole file. An empty work is a scene with nothing in it."""
    made = _Document(name)
    for solid in solids(strokes):
        made.add(solid)
    return made.whole()


class _Document:
    def __init__(self, name: str) -> None:
        self._binary = bytearray()
        self._lists: dict[str, list[Any]] = {"nodes": [{"name": name}]}

    def add(self, solid: Solid) -> None:
        attributes = {
            "POSITION": self._accessor(solid.position, "VEC3", _ARRAY, bounds=True),
            "NORMAL": self._accessor(solid.normal, "VEC3", _ARRAY),
            "COLOR_0": self._accessor(solid.colour, "VEC3", _ARRAY),
        }
        indices = self._accessor(solid.index.reshape(-1), "SCALAR", _ELEMENTS)
        primitive = {"attributes": attributes, "indices": indices, "material": self._material(solid.brush)}
        mesh = self._put("meshes", {"name": NAMES[solid.brush], "primitives": [primitive]})
        node = self._put("nodes", {"name": NAMES[solid.brush], "mesh": mesh})
        self._lists["nodes"][0].setdefault("children", []).append(node)

    def _put(self, kind: str, what: dict[str, Any]) -> int:
        found = self._lists.setdefault(kind, [])
        found.append(what)
        return len(found) - 1

    def _material(self, brush: str) -> int:
        surface = {"baseColorFactor": [1.0, 1.0, 1.0, 1.0], "metallicFactor": 0.0,
                   "roughnessFactor": ROUGHNESS.get(brush, 1.0)}  # fmt: skip
        made: dict[str, Any] = {"name": NAMES[brush], "pbrMetallicRoughness": surface, "doubleSided": True}
        if brush in LIGHT:
            made["extensions"] = {_UNLIT: {}}
        return self._put("materials", made)

    def _accessor(self, values: npt.NDArray[Any], kind: str, target: int, *, bounds: bool = False) -> int:
        data = np.ascontiguousarray(values).tobytes()
        view = self._put("bufferViews", {
            "buffer": 0, "byteOffset": len(self._binary), "byteLength": len(data), "target": target,
        })  # fmt: skip
        self._binary += data  # all are whole words
        component = _FLOAT if values.dtype == np.float32 else _UNSIGNED
        found: dict[str, Any] = {"bufferView": view, "componentType": component, "count": len(values), "type": kind}
        if bounds:
            found |= {"min": values.min(axis=0).tolist(), "max": values.max(axis=0).tolist()}
        return self._put("accessors", found)

    def whole(self) -> bytes:
        document: dict[str, Any] = {"asset": {"version": "2.0", "generator": GENERATOR}, "scene": 0,
                                    "scenes": [{"nodes": [0]}], **self._lists}  # fmt: skip
        if any("extensions" in each for each in self._lists.get("materials", [])):
            document["extensionsUsed"] = [_UNLIT]
        if self._binary:
            document["buffers"] = [{"byteLength": len(self._binary)}]
        text = json.dumps(document, separators=(",", ":")).encode()
        chunks = [(b"JSON", text + b" " * (-len(text) % 4))]
        if self._binary:
            chunks.append((b"BIN\0", bytes(self._binary)))
        body = b"".join(struct.pack("<I4s", len(data), kind) + data for kind, data in chunks)
        return struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body
