"""Developer command: makes the signed-distance atlas of the typeface from its outlines.

`python -m headless_harness.font_atlas` rewrites assets/fonts/<name>.png and .json, byte for byte the same on
every machine with the same fontTools, numpy and Pillow. Distances are exact, from the flattened outlines, not
from a picture of them.
"""

from __future__ import annotations

import json
import unicodedata
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from fontTools.pens.basePen import decomposeQuadraticSegment
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont
from PIL import Image

FONTS = Path(__file__).parents[1] / "assets" / "fonts"
NAME = "AtkinsonHyperlegibleNext-Medium"
PIXELS_PER_EM = 56
SPREAD = 6  # pixels of distance on each side of an outline that the atlas holds
WIDTH = 1024  # pixels
CURVE_STEPS = 12  # chords a curve; the error is below a fiftieth of a pixel
CHARACTERS = (
    [chr(code) for code in (*range(0x20, 0x7F), *range(0xA0, 0x180))]  # Basic Latin, Latin-1, Latin Extended-A
    + list("ȘșȚțẀẁẂẃẄẅẞỲỳ")  # Romanian, Welsh, German
    + list("–—‘’‚“”„†•…‰‹›€™−≈≠≤≥")  # prose
)
Floats = npt.NDArray[np.float64]


class Drawn(NamedTuple):
    """A glyph's chords (n, 2 ends, xy) and how far it moves the pen, in font units."""

    chords: Floats
    advance: float


class Placed(NamedTuple):
    """A glyph's picture and where its lower left corner lies in pixels from the pen on the baseline, y up."""

    distances: npt.NDArray[np.uint8]
    left: int
    bottom: int


def outline(font: TTFont, glyph: str, shift: tuple[float, float] = (0.0, 0.0)) -> Floats:
    """Chords (n, 2, 2) of a TrueType glyph's outline in font units, moved by `shift`."""
    glyphs = font.getGlyphSet()
    pen = DecomposingRecordingPen(glyphs)
    glyphs[glyph].draw(pen)
    chords: list[tuple[Any, Any]] = []
    start = here = (0.0, 0.0)
    for step, points in pen.value:
        if step == "moveTo":
            start = here = points[0]
        elif step == "lineTo":
            chords.append((here, points[0]))
            here = points[0]
        elif step == "qCurveTo":
            for control, end in decomposeQuadraticSegment(points):
                t = np.linspace(0.0, 1.0, CURVE_STEPS + 1)[:, None]
                curve = (1 - t) ** 2 * np.array(here) + 2 * t * (1 - t) * np.array(control) + t**2 * np.array(end)
                chords += pairwise(curve)
                here = end
        elif step == "closePath" and here != start:
            chords.append((here, start))
    moved: Floats = np.array(chords, float).reshape(-1, 2, 2) + np.array(shift)
    return moved


def draw(font: TTFont, character: str) -> Drawn | None:
    """A character's outline, put together from letter and mark where the typeface has no glyph of its own."""
    cmap, advances = font.getBestCmap(), font["hmtx"]
    if ord(character) in cmap:
        glyph = cmap[ord(character)]
        return Drawn(outline(font, glyph), advances[glyph][0])
    parts = unicodedata.normalize("NFD", character)
    if len(parts) != 2 or not all(ord(part) in cmap for part in parts):
        return None
    letter, mark = (cmap[ord(part)] for part in (parts[0].translate({ord("i"): "ı", ord("j"): "ȷ"}), parts[1]))
    shift = mark_shift(font, letter, mark)
    if shift is None:
        return None
    return Drawn(np.concatenate([outline(font, letter), outline(font, mark, shift)]), advances[letter][0])


def mark_shift(font: TTFont, letter: str, mark: str) -> tuple[float, float] | None:
    """How far GPOS moves a combining mark to sit on a letter, in font units."""
    for lookup in font["GPOS"].table.LookupList.Lookup:
        for table in lookup.SubTable if lookup.LookupType == 4 else ():
            if letter in table.BaseCoverage.glyphs and mark in table.MarkCoverage.glyphs:
                of_mark = table.MarkArray.MarkRecord[table.MarkCoverage.glyphs.index(mark)]
                base = table.BaseArray.BaseRecord[table.BaseCoverage.glyphs.index(letter)].BaseAnchor[of_mark.Class]
                if base is not None:
                    anchor = of_mark.MarkAnchor
                    return base.XCoordinate - anchor.XCoordinate, base.YCoordinate - anchor.YCoordinate
    return None


def winding(chords: Floats, points: Floats) -> npt.NDArray[np.int64]:
    """How often the outline goes round each of `points` (n, 2)."""
    (x0, y0), (x1, y1) = chords[:, 0].T, chords[:, 1].T
    x, y = points[:, :1], points[:, 1:]
    up, down = (y0 <= y) & (y1 > y), (y1 <= y) & (y0 > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        crosses = x0 + (y - y0) / (y1 - y0) * (x1 - x0) > x
    turns: npt.NDArray[np.int64] = (up & crosses).sum(axis=1) - (down & crosses).sum(axis=1)
    return turns


def visible(chords: Floats) -> Floats:
    """The chords with ink on one side only: where two contours overlap, the hidden ones would dent the distance."""
    along = chords[:, 1] - chords[:, 0]
    length = np.hypot(*along.T)
    chords, along, length = chords[length > 0], along[length > 0], length[length > 0]
    middle, aside = chords.mean(axis=1), 0.02 * np.stack([-along[:, 1], along[:, 0]], 1) / length[:, None]
    bare = (winding(chords, middle + aside) == 0) | (winding(chords, middle - aside) == 0)
    kept: Floats = chords[bare]
    return kept


def picture(drawn: Drawn, scale: float) -> Placed:
    """Signed distances to the outline at pixel centres as bytes: 128 on it, more inside; `scale` pixels a unit."""
    chords = drawn.chords * scale
    left, bottom = (np.floor(chords.min(axis=(0, 1))) - SPREAD).astype(int)
    right, top = (np.ceil(chords.max(axis=(0, 1))) + SPREAD).astype(int)
    x, y = np.meshgrid(np.arange(left, right) + 0.5, np.arange(top - 1, bottom - 1, -1) + 0.5)
    points = np.stack([x.ravel(), y.ravel()], axis=1)
    edges = visible(chords)
    start, along = edges[:, 0], edges[:, 1] - edges[:, 0]
    offset = points[:, None] - start
    t = np.clip((offset * along).sum(-1) / (along**2).sum(-1), 0, 1)
    nearest = np.sqrt(((offset - t[..., None] * along) ** 2).sum(-1)).min(axis=1)
    signed = np.where(winding(chords, points) != 0, nearest, -nearest)
    return Placed(np.clip(np.rint(128 + signed * 127 / SPREAD), 0, 255).astype(np.uint8).reshape(x.shape), left, bottom)


def pack(sizes: dict[str, tuple[int, int]]) -> tuple[dict[str, tuple[int, int]], int]:
    """Where each (height, width) goes as (row, column), tallest first on shelves, and the height of them all."""
    row = column = shelf = 0
    places = {}
    for character, (height, width) in sorted(sizes.items(), key=lambda item: (-item[1][0], item[0])):
        if column + width > WIDTH:
            row, column, shelf = row + shelf, 0, 0
        places[character] = row, column
        column, shelf = column + width, max(shelf, height)
    return places, row + shelf


def pairs_after(table: Any, glyph: str) -> tuple[dict[str, int], int | None] | None:
    """Kerning after `glyph` by the glyph that follows, and for all others; None: ask the next table."""
    if glyph not in table.Coverage.glyphs:
        return None
    if table.Format == 1:
        pairs = table.PairSet[table.Coverage.glyphs.index(glyph)].PairValueRecord
        return {pair.SecondGlyph: units(pair.Value1) for pair in pairs}, None
    classes = [
        units(record.Value1) for record in table.Class1Record[table.ClassDef1.classDefs.get(glyph, 0)].Class2Record
    ]
    return {name: classes[k] for name, k in table.ClassDef2.classDefs.items()}, classes[0]


def units(value: Any) -> int:
    """The change of advance in a GPOS value record."""
    return getattr(value, "XAdvance", 0)


def kerning(font: TTFont, characters: list[str]) -> dict[str, Any]:
    """Pair distances in font units: letters that behave alike in one string, a row a group on the left."""
    cmap, gpos = font.getBestCmap(), font["GPOS"].table
    known = [character for character in characters if ord(character) in cmap]
    names = [cmap[ord(character)] for character in known]
    lookups = {
        k
        for record in gpos.FeatureList.FeatureRecord
        if record.FeatureTag == "kern"
        for k in record.Feature.LookupListIndex
    }
    grid = np.zeros((len(names), len(names)), int)
    for table_list in (gpos.LookupList.Lookup[k].SubTable for k in sorted(lookups)):
        for row, first in zip(grid, names, strict=True):
            tables = [pairs for table in table_list if (pairs := pairs_after(table, first)) is not None]
            for column, second in enumerate(names):  # the first table of a lookup that knows a pair decides
                values = (pairs.get(second, otherwise) for pairs, otherwise in tables)
                row[column] += next((value for value in values if value is not None), 0)
    rows, left = np.unique(grid, axis=0, return_inverse=True)
    columns, right = np.unique(rows, axis=1, return_inverse=True)
    letters = np.array(known)
    return {
        "left": ["".join(letters[left.ravel() == k]) for k in range(len(rows))],
        "right": ["".join(letters[right.ravel() == k]) for k in range(columns.shape[1])],
        "units": columns.tolist(),
    }


def main() -> None:
    """Write the atlas and its metrics: units of the em, pixels from the pen to the picture, rectangle in the atlas."""
    font = TTFont(FONTS / f"{NAME}.ttf")
    em = font["head"].unitsPerEm
    drawn = {character: glyph for character in CHARACTERS if (glyph := draw(font, character))}
    pictures = {
        character: picture(glyph, PIXELS_PER_EM / em) for character, glyph in drawn.items() if len(glyph.chords)
    }
    places, height = pack({character: placed.distances.shape for character, placed in pictures.items()})
    atlas = np.zeros((height, WIDTH), np.uint8)
    glyphs = {}
    for character, glyph in drawn.items():
        glyphs[character] = [glyph.advance]
        if character in pictures:
            distances, left, bottom = pictures[character]
            (row, column), (h, w) = places[character], distances.shape
            atlas[row : row + h, column : column + w] = distances
            glyphs[character] += [left, bottom, column, row, w, h]
    Image.fromarray(atlas).save(FONTS / f"{NAME}.png", optimize=True)
    metrics = {
        "typeface": font["name"].getDebugName(4),
        "units_per_em": em,
        "pixels_per_em": PIXELS_PER_EM,
        "spread": SPREAD,
        "capital": font["OS/2"].sCapHeight,
        "glyphs": glyphs,
        "kerning": kerning(font, list(drawn)),
    }
    text = json.dumps(metrics, ensure_ascii=False, separators=(",", ":"), default=int)
    (FONTS / f"{NAME}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
