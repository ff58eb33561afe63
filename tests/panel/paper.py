"""A kit without a GPU: boards keep the sheet they were last shown, a pass keeps what was drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vr_app.api import Field, Kernel, Label, Light, Material, Mesh, Pass, Pose, Strokes
from vr_app.render.text import GLYPH, Sheet, Typeface


@cache
def typeface() -> Typeface:
    return Typeface.load()


class PaperBoard:
    """Its own mesh and material."""

    def __init__(self, quads: int) -> None:
        self.quads = quads
        self.shown = self.sheet()

    @property
    def mesh(self) -> Mesh:
        return self

    @property
    def material(self) -> Material:
        return self

    def sheet(self) -> Sheet:
        return Sheet(typeface())

    def show(self, sheet: Sheet) -> None:
        if len(sheet) > self.quads:
            raise ValueError("no room")
        self.shown = sheet


@dataclass
class PaperKit:
    boards: list[PaperBoard] = field(default_factory=list)

    def board(self, quads: int) -> PaperBoard:
        self.boards.append(PaperBoard(quads))
        return self.boards[-1]


class Drawn(NamedTuple):
    board: object
    at: Pose | None
    opacity: float
    states: Sequence[float]


class PaperPass(Pass):
    def __init__(self) -> None:
        self.drawn: list[Drawn] = []

    def draw(
        self,
        mesh: Mesh,
        material: Material,
        at: Pose | None = None,
        copies: int | None = None,
        **params: float | Sequence[float],
    ) -> None:
        opacity, states = params["opacity"], params["states"]
        assert isinstance(opacity, float) and not isinstance(states, float)
        assert len(states) == 48
        self.drawn.append(Drawn(mesh, at, opacity, states))

    def light(self, light: Light) -> None:
        raise AssertionError("words light nothing")

    def march(self, field: Field, **params: float | Sequence[float]) -> None:
        raise AssertionError("words paint no fields")

    def run(self, kernel: Kernel, **params: float | Sequence[float]) -> None:
        raise AssertionError("words move nothing")

    def strokes(
        self, strokes: Strokes, material: Material, at: Pose | None = None, **params: float | Sequence[float]
    ) -> None:
        raise AssertionError("words are not painted")

    def text(self, label: Label, at: Pose, opacity: float = 1.0) -> None:
        raise AssertionError("boards are drawn, not labels")


def glyph_boxes(sheet: Sheet, character: str = "") -> npt.NDArray[np.float64]:
    """(n, 4) left, bottom, right, top of the ink of every glyph, or of one character's."""
    arrays = sheet.arrays()
    kinds = arrays["kind"][::4, 0].astype(int) % 8
    corners = np.concatenate([arrays["position"][::4, :2], arrays["position"][2::4, :2]], axis=1)
    wanted = kinds == GLYPH
    if character:
        uv = np.concatenate([arrays["uv"][::4], arrays["uv"][2::4]], axis=1)
        wanted &= np.abs(uv - typeface().glyphs[character].uv).max(axis=1) < 1e-5
    boxes: npt.NDArray[np.float64] = corners[wanted].astype(float)
    rows = typeface().atlas.shape[0]
    height = (arrays["uv"][::4, 1] - arrays["uv"][2::4, 1])[wanted] * rows  # atlas pixels
    spread = (boxes[:, 3] - boxes[:, 1]) / height * typeface().spread  # the part of a quad that holds no ink
    inside: npt.NDArray[np.float64] = boxes + np.stack([spread, spread, -spread, -spread], axis=1)
    return inside
