"""Words in one typeface: lays them out on a soft plate, as triangles for `shaders/text.glsl`."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import isfinite, radians, tan
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from vr_app import limits
from vr_app.api import Arrays

FONT = Path(__file__).parents[2] / "assets" / "fonts" / "AtkinsonHyperlegibleNext-Medium"

# All in capital heights.
LINE_PITCH = 2.1
MARGIN_X = 2.0
MARGIN_Y = 1.6
DESCENT = 0.38  # below the last baseline; centred as if half of it were there, for few lines have many descenders
CORNER = 1.5  # radius
SOFTNESS = 0.9  # over which the plate's edge fades

# What it costs to end a line after this character and anywhere else; an uneven pair of lines costs as much when one
# is about twice as long as the other.
ENDINGS = {**dict.fromkeys(".?!…:", 0.0), **dict.fromkeys(",;–—", 0.07)}
MID_SENSE = 0.2

# Characters that look like another one, so that pasted prose is not refused for them. Soft hyphens vanish.
ALIKE = str.maketrans(
    {"\N{HYPHEN}": "-", "\N{NON-BREAKING HYPHEN}": "-", "\N{NARROW NO-BREAK SPACE}": "\N{NO-BREAK SPACE}"}
)
VANISH = str.maketrans("", "", "\N{SOFT HYPHEN}\N{ZERO WIDTH SPACE}\N{WORD JOINER}")


def height_for(degrees: float, distance: float) -> float:
    """The height in metres of capitals that stand `degrees` high, `distance` metres away and facing the eye.

    Raises ValueError below limits.CAPITAL_HEIGHT_DEG and outside the distances at which words are comfortable.
    """
    if degrees < limits.CAPITAL_HEIGHT_DEG:
        raise ValueError(f"capitals {degrees:g} degrees high; make them at least {limits.CAPITAL_HEIGHT_DEG:g}")
    if not limits.TEXT_NEAREST_METRES <= distance <= limits.TEXT_FARTHEST_METRES:
        near, far = limits.TEXT_NEAREST_METRES, limits.TEXT_FARTHEST_METRES
        raise ValueError(f"words {distance:g} m away; place them from {near:g} to {far:g} m")
    return 2 * distance * tan(radians(degrees) / 2)


class Glyph(NamedTuple):
    """A character's advance and picture, in ems from the pen on the baseline and in parts of the atlas (v down)."""

    advance: float
    box: tuple[float, float, float, float] | None  # left, bottom, right, top; None: no ink
    uv: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)  # the same corners


class Line(NamedTuple):
    """The characters of one line, where the pen stands before each, and the line's width; in ems."""

    characters: str
    pens: tuple[float, ...]
    width: float


@dataclass(frozen=True, slots=True)
class Typeface:
    """Metrics of one typeface and its signed-distance atlas, (h, w) uint8: 128 on the outline, more inside."""

    name: str
    atlas: npt.NDArray[np.uint8] = field(repr=False)
    spread: float  # atlas pixels from the outline to value 0 or 255
    capital: float  # height of capitals in ems
    glyphs: dict[str, Glyph] = field(repr=False)
    kerning: dict[tuple[str, str], float] = field(repr=False)  # ems, by pair; none where 0

    @staticmethod
    def load() -> Typeface:
        """Read assets/fonts, made by `python -m headless_harness.font_atlas`."""
        with Image.open(FONT.with_suffix(".png")) as image:
            atlas = np.asarray(image)
        metrics = json.loads(FONT.with_suffix(".json").read_text(encoding="utf-8"))
        em, pixels = metrics["units_per_em"], metrics["pixels_per_em"]
        rows, columns = atlas.shape
        glyphs = {}
        for character, (advance, *rectangle) in metrics["glyphs"].items():
            glyphs[character] = Glyph(advance / em, None)
            if rectangle:
                left, bottom, column, row, width, height = rectangle
                box = left / pixels, bottom / pixels, (left + width) / pixels, (bottom + height) / pixels
                uv = column / columns, (row + height) / rows, (column + width) / columns, row / rows
                glyphs[character] = Glyph(advance / em, box, uv)
        pairs = metrics["kerning"]
        kerning = {
            (first, second): units / em
            for firsts, row_units in zip(pairs["left"], pairs["units"], strict=True)
            for seconds, units in zip(pairs["right"], row_units, strict=True)
            if units
            for first in firsts
            for second in seconds
        }
        return Typeface(metrics["typeface"], atlas, metrics["spread"], metrics["capital"] / em, glyphs, kerning)

    def lay_out(self, words: str, height: float, width: float) -> tuple[Arrays, tuple[float, float]]:
        """Triangles of centred lines on a plate in the plane z = 0 about the origin, and the plate's width and height.

        Capitals are `height` metres high and no line is wider than `width` metres; the plate's margins come on top.
        Lines break at spaces and newlines, into as few as can be, evenly and where the sense ends, and inside a
        word only where it is too long for any line.

        Vertices with `colour` alpha 0 are the plate's: `uv` in metres from its centre, `light` its half width, half
        height, corner radius and softness. Those with alpha 1 are glyphs: `uv` in the atlas, `light` x the spread.

        Raises ValueError for a character that the typeface lacks, no words, or sizes that are not positive.
        """
        if not (isfinite(height) and isfinite(width) and height > 0 and width > 0):
            raise ValueError(f"words {height:g} m high wrapped at {width:g} m; both must be above 0")
        em = height / self.capital
        lines = self._broken(self._known(words), width / em)
        block = max(line.width for line in lines) * em
        half = block / 2 + MARGIN_X * height, (len(lines) - 1) * LINE_PITCH * height / 2 + (0.5 + MARGIN_Y) * height
        first_baseline = ((len(lines) - 1) * LINE_PITCH - 1 + DESCENT / 2) / 2 * height
        corners = [(-half[0], -half[1], half[0], half[1])]
        uvs = [corners[0]]
        for number, line in enumerate(lines):
            baseline = first_baseline - number * LINE_PITCH * height
            for character, pen in zip(line.characters, line.pens, strict=True):
                glyph = self.glyphs[character]
                if glyph.box is not None:
                    left, bottom, right, top = glyph.box
                    x = (pen - line.width / 2) * em
                    corners.append((x + left * em, baseline + bottom * em, x + right * em, baseline + top * em))
                    uvs.append(glyph.uv)
        return self._quads(np.array(corners), np.array(uvs), height), (2 * half[0], 2 * half[1])

    def _quads(self, corners: npt.NDArray[np.float64], uvs: npt.NDArray[np.float64], height: float) -> Arrays:
        """Four vertices for each (left, bottom, right, top), the plate first."""
        count = len(corners)
        position = np.zeros((count, 4, 3), np.float32)
        position[..., :2] = corners[:, [[0, 1], [2, 1], [2, 3], [0, 3]]]
        light = np.zeros((count, 4, 4), np.float32)
        light[0] = (*corners[0, 2:], CORNER * height, SOFTNESS * height)
        light[1:, :, 0] = self.spread
        colour = np.ones((count, 4, 4), np.float32)
        colour[0, :, 3] = 0.0
        normal = np.tile(np.array((0, 0, 1), np.float32), (4 * count, 1))
        index = np.arange(count, dtype=np.uint32)[:, None] * 4 + np.array((0, 1, 2, 0, 2, 3), np.uint32)
        return {
            "position": position.reshape(-1, 3),
            "normal": normal,
            "uv": uvs[:, [[0, 1], [2, 1], [2, 3], [0, 3]]].astype(np.float32).reshape(-1, 2),
            "colour": colour.reshape(-1, 4),
            "light": light.reshape(-1, 4),
            "index": index.ravel(),
        }

    def _known(self, words: str) -> list[list[str]]:
        """The words of each line that the writer ended; raises ValueError for what cannot be shown."""
        composed = unicodedata.normalize("NFC", words).translate(VANISH).translate(ALIKE)
        paragraphs = [[word for word in line.split(" ") if word] for line in composed.strip().splitlines()]
        if not any(paragraphs):
            raise ValueError("there are no words to show")
        for character in "".join(word for paragraph in paragraphs for word in paragraph):
            if character not in self.glyphs:
                name = unicodedata.name(character, f"U+{ord(character):04X}")
                raise ValueError(
                    f"the typeface {self.name} lacks {character!r} ({name}); write these words in the Latin script"
                )
        return paragraphs

    def _broken(self, paragraphs: Sequence[Sequence[str]], widest: float) -> list[Line]:
        """Lines of at most `widest` ems: as few as can be, then as even as can be and ended where the sense ends."""
        lines = []
        for paragraph in paragraphs:
            words = [part for word in paragraph for part in self._parts(word, widest)]
            best: dict[int, tuple[float, list[Line]]] = {0: (0.0, [])}  # words set so far -> cost, lines
            for _ in range(self._fewest(words, widest)):
                longer: dict[int, tuple[float, list[Line]]] = {}
                for start, (cost, above) in best.items():
                    for end in range(start + 1, len(words) + 1):
                        line = self._set(" ".join(words[start:end]))
                        if line.width > widest:
                            break
                        ending = ENDINGS.get(words[end - 1][-1], MID_SENSE) if end < len(words) else 0.0
                        total = cost + (line.width / widest) ** 2 + ending
                        if end not in longer or total < longer[end][0]:
                            longer[end] = total, [*above, line]
                best = longer
            lines += best[len(words)][1]
        return lines

    def _fewest(self, words: Sequence[str], widest: float) -> int:
        """How many lines these words need: as many words as fit on each."""
        count, line = 0, ""
        for word in words:
            longer = f"{line} {word}" if line else ""
            if longer and self._set(longer).width <= widest:
                line = longer
            else:
                count, line = count + 1, word
        return count

    def _parts(self, word: str, widest: float) -> list[str]:
        """`word`, cut only where it is too long for a line; raises ValueError when not even a letter fits."""
        parts = [""]
        for character in word:
            if self._set(character).width > widest:
                raise ValueError(f"{character!r} is wider than a line; make the words smaller or their lines wider")
            if self._set(parts[-1] + character).width > widest:
                parts.append("")
            parts[-1] += character
        return parts

    def _set(self, characters: str) -> Line:
        """One line, kerned."""
        pens, pen = [], 0.0
        for character, following in pairwise((*characters, "")):
            pens.append(pen)
            pen += self.glyphs[character].advance + self.kerning.get((character, following), 0.0)
        return Line(characters, tuple(pens), pen)
