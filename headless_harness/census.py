"""What a scene draws, counted by a kit that makes nothing: draws, triangles, and materials with their kinds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from vr_app.api import (
    Arrays,
    Buffer,
    Field,
    Frame,
    Image,
    Inputs,
    Kernel,
    Kit,
    Label,
    Light,
    Made,
    Material,
    Mesh,
    Pose,
    Scene,
    Slot,
    Strokes,
    Vec3,
    Vec4,
)
from vr_app.baked import baked
from vr_app.studio import bare_stage

STEP = 1.0 / 90.0  # seconds; a scene is led to its moments at this rate
TEXT, TEXT_KINDS = "text", (0, 1, 2, 3)  # the material of all words: plate, glyph, ring, pill


@dataclass(frozen=True, slots=True)
class Census:
    """One scene at its golden times: the most draws, triangles and corners of a frame, each drawn for both eyes.

    `materials` has every one that it made, with the kinds of surface that its meshes carry.
    """

    scene: str
    draws: int
    triangles: int
    materials: dict[str, tuple[int, ...]]
    corners: dict[str, int] = field(default_factory=dict)  # by material
    fields: dict[str, int] = field(default_factory=dict)  # shader -> texels that it paints in a frame
    kernels: dict[str, int] = field(default_factory=dict)  # shader -> rows that it makes in a frame


@dataclass(frozen=True, slots=True)
class _Mesh:
    triangles: int
    corners: int
    kinds: frozenset[int]
    copies: int = 0


@dataclass(frozen=True, slots=True)
class _Buffer:
    rows: int

    def write(self, first: int, rows: npt.NDArray[np.float32]) -> None:
        """What stands where is not counted."""


@dataclass(frozen=True, slots=True)
class _Kernel(_Buffer):
    name: str


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    texels: int  # of a share


@dataclass(slots=True)
class _Strokes:
    tubes: int = 0
    copies: int = 1  # of the stroke that is drawn just now

    def begin(self, colour: Vec4, *, turns: int = 1, mirror: bool = False) -> int | None:
        self.copies = 2 * turns if mirror else turns
        return 0

    def append(self, position: Vec3, radius: float) -> bool:
        self.tubes += self.copies
        return True

    def end(self) -> None:
        """What is drawn stays."""

    def show(self, stroke: int, seen: bool) -> None:
        """Counted as if it were seen."""

    def forget(self, stroke: int) -> None:
        """Counted as if it were still there."""

    def clear(self) -> None:
        self.tubes = 0


@dataclass(frozen=True, slots=True)
class _Material:
    name: str


@dataclass(frozen=True, slots=True)
class _Label:
    triangles: int
    size: tuple[float, float] = (1.0, 0.1)
    words: str = ""

    def recall(self, words: str) -> None:
        """What is noted of it is its room."""


@dataclass(slots=True)
class NotingKit:
    """A Kit that notes the names of materials."""

    materials: dict[str, set[int]] = field(default_factory=dict)

    def mesh(self, arrays: Arrays, each: Buffer | None = None) -> Mesh:
        kinds = np.unique(np.asarray(arrays["kind"])) if "kind" in arrays else np.zeros(1)
        copies = each.rows if isinstance(each, _Buffer) else 0
        triangles, corners = np.asarray(arrays["index"]).size // 3, len(arrays["position"])
        return _Mesh(triangles, corners, frozenset(int(kind) for kind in kinds), copies)

    def buffer(self, rows: npt.NDArray[np.float32], horizon: npt.NDArray[np.uint8] | None = None) -> Buffer:
        return _Buffer(len(rows))

    def field(
        self, name: str, size: tuple[int, int], *, shares: int = 4, seconds: float = 0.0, **images: Image
    ) -> Field:
        return _Field(name, size[0] * size[1] // shares)

    def kernel(self, name: str, homes: Buffer, **images: Image) -> Kernel:
        assert isinstance(homes, _Buffer)
        return _Kernel(homes.rows, name)

    def strokes(self, points: int, most: int = 512) -> Strokes:
        return _Strokes()

    def material(self, name: str, **images: Image) -> Material:
        self.materials.setdefault(name, set())
        return _Material(name)

    def image(self, pixels: npt.NDArray[np.generic], *, colour: bool = False, repeat: bool = False) -> Image:
        return object()

    def text(self, words: str, *, height: float = 0.03, width: float = 1.0) -> Label:
        self.materials.setdefault(TEXT, set(TEXT_KINDS))
        return _Label(2 * (len(words) + 1))  # a square a letter, and the plate

    def slot(self, name: str, *, height: float = 0.03, width: float = 1.0) -> Slot:
        self.materials.setdefault(TEXT, set(TEXT_KINDS))
        return _Label(2 * (len(name) + 1))

    def bake(self, make: Callable[[], Arrays]) -> Arrays:
        return baked(make)

    def share(self, make: Callable[[Kit], Made]) -> Made:
        return make(self)


@dataclass(slots=True)
class NotingPass:
    """A Pass that counts."""

    kit: NotingKit
    draws: int = 0
    triangles: int = 0
    corners: dict[str, int] = field(default_factory=dict)
    fields: dict[str, int] = field(default_factory=dict)
    kernels: dict[str, int] = field(default_factory=dict)

    def light(self, light: Light) -> None:
        """Light is not counted."""

    def march(self, field: Field, **params: float | Sequence[float]) -> None:
        assert isinstance(field, _Field)
        self.draws += 1
        self.fields[field.name] = self.fields.get(field.name, 0) + field.texels

    def run(self, kernel: Kernel, **params: float | Sequence[float]) -> None:
        assert isinstance(kernel, _Kernel)
        self.draws += 1
        self.kernels[kernel.name] = self.kernels.get(kernel.name, 0) + kernel.rows

    def draw(
        self,
        mesh: Mesh,
        material: Material,
        at: Pose | None = None,
        copies: int | None = None,
        **params: float | Sequence[float],
    ) -> None:
        assert isinstance(mesh, _Mesh)
        placed = 1
        if mesh.copies:
            placed = mesh.copies if copies is None else min(copies, mesh.copies)
        if placed:
            self._drawn(material, mesh.triangles * placed, mesh.corners * placed, mesh.kinds)

    def strokes(
        self, strokes: Strokes, material: Material, at: Pose | None = None, **params: float | Sequence[float]
    ) -> None:
        assert isinstance(strokes, _Strokes)
        if strokes.tubes:
            self._drawn(material, 16 * strokes.tubes, 16 * strokes.tubes, frozenset({0}))

    def _drawn(self, material: Material, triangles: int, corners: int, kinds: frozenset[int]) -> None:
        assert isinstance(material, _Material)
        self.draws += 1
        self.triangles += triangles
        self.corners[material.name] = self.corners.get(material.name, 0) + corners
        self.kit.materials[material.name] |= kinds

    def text(self, label: Label, at: Pose, opacity: float = 1.0) -> None:
        assert isinstance(label, _Label)
        if opacity > 0.0:
            self.draws += 1
            self.triangles += label.triangles
            self.corners[TEXT] = self.corners.get(TEXT, 0) + 2 * label.triangles


def take_census(scene_class: type[Scene], detail: int = 2) -> Census:
    """Build, enter and draw the scene at each golden time with its own settings. What it raises is the caller's."""
    kit, scene, settings = NotingKit(), scene_class(), scene_class.Settings()
    scene.build(kit)
    scene.enter(bare_stage())
    seen: list[NotingPass] = []
    index = 0
    for time in sorted(scene_class.info.golden_times):
        while index * STEP <= time + 1e-9:
            now, dt = index * STEP, STEP if index else 0.0
            frame = Frame(index, now, now, dt, False, Inputs(), settings, detail=detail)
            scene.update(frame)
            index += 1
        seen.append(NotingPass(kit))
        scene.draw(frame, seen[-1])
    scene.leave()
    return Census(
        scene_class.info.id,
        max(drawn.draws for drawn in seen),
        max(drawn.triangles for drawn in seen),
        {name: tuple(sorted(kinds or {0})) for name, kinds in sorted(kit.materials.items())},
        *(_most(seen, what) for what in ("corners", "fields", "kernels")),
    )


def _most(seen: Sequence[NotingPass], what: str) -> dict[str, int]:
    """Of each name, the most of any moment."""
    found: dict[str, int] = {}
    for drawn in seen:
        for name, count in getattr(drawn, what).items():
            found[name] = max(found.get(name, 0), count)
    return dict(sorted(found.items()))
