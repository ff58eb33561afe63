"""Words in one typeface: lays them out on a soft plate, as triangles for `shaders/text.glsl`."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import isfinite, radians, tan
from pathlib import Path
from typing import Literal, NamedTuple

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
RING_REACH = 1.45  # half a ring's quad, in its radius
DESCENT = 0.38  # below the last baseline; centred as if half of it were there, for few lines have many descenders
CORNER = 1.5  # radius
SOFTNESS = 0.6  # over which the plate's edge fades

# What a quad is, as shaders/text.glsl knows it.
PLATE, GLYPH, RING, PILL = range(4)
PARTS = 12  # things on one sheet that may look otherwise from frame to frame
COLUMNS = {"position": 3, "uv": 2, "light": 4, "kind": 1}  # of a vertex, in this order

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


class Block(NamedTuple):
    """Lines of one size. Metres: capitals are `capital` high, the longest line is `width` wide."""

    lines: tuple[Line, ...]
    em: float
    capital: float
    width: float

    @property
    def height(self) -> float:
        """From the top of the first line's capitals to the last baseline."""
        return ((len(self.lines) - 1) * LINE_PITCH + 1) * self.capital


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

    def lay_out(
        self, words: str, height: float, width: float, *, lines: int | None = None
    ) -> tuple[Sheet, tuple[float, float]]:
        """Centred lines on a plate about the origin, and the plate's width and height; see `block`.

        The plate's margins come on top of `width`.
        """
        block = self.block(words, height, width, lines=lines)
        sheet = Sheet(self)
        half = block.width / 2 + MARGIN_X * height, block.height / 2 + MARGIN_Y * height
        sheet.plate((-half[0], -half[1], half[0], half[1]), CORNER * height, SOFTNESS * height)
        sheet.words(block, (0.0, 0.0))
        return sheet, (2 * half[0], 2 * half[1])

    def block(self, words: str, height: float, width: float, *, lines: int | None = None) -> Block:
        """Lines with capitals `height` metres high, none wider than `width` metres.

        They break at spaces and newlines, into as few as can be, evenly and where the sense ends, and inside a
        word only where it is too long for any line.

        Raises ValueError for a character that cannot be shown, no words, more than `lines`, or sizes that are not
        positive.
        """
        if not (isfinite(height) and isfinite(width) and height > 0 and width > 0):
            raise ValueError(f"words {height:g} m high wrapped at {width:g} m; both must be above 0")
        em = height / self.capital
        made = tuple(line for paragraph in self._known(words) for line in self._broken(paragraph, width / em + 1e-9))
        if lines is not None and len(made) > lines:
            raise ValueError(f"these words take {len(made)} lines, there is room for {lines}; shorten them")
        return Block(made, em, height, max(line.width for line in made) * em)

    def check(self, words: str) -> None:
        """Raises ValueError for words that cannot be shown, in the words of `lay_out`."""
        self._known(words)

    def _known(self, words: str) -> list[list[str]]:
        """The words of each line that the writer ended; raises ValueError for what cannot be shown."""
        paragraphs = [[word for word in line.split(" ") if word] for line in composed(words).split("\n")]
        if not any(paragraphs):
            raise ValueError("there are no words to show")
        for character in "".join(word for paragraph in paragraphs for word in paragraph):
            if character not in self.glyphs:
                raise ValueError(f"{_named(character)} cannot be shown; {_remedy(character)}")
        return paragraphs

    def _broken(self, paragraph: Sequence[str], widest: float) -> list[Line]:
        """Lines of at most `widest` ems: as few as can be, then as even as can be and ended where the sense ends."""
        words = [part for word in paragraph for part in self._parts(word, widest)]
        begins, ends = self._along(words)
        latest = _latest_ends(begins, ends, widest)
        best: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, ())}  # words set so far -> cost, where lines end
        for bound in latest:
            longer: dict[int, tuple[float, tuple[int, ...]]] = {}
            for start, (cost, above) in best.items():
                for end in range(max(start + 1, bound), len(words) + 1):
                    width = ends[end - 1] - begins[start]
                    if width > widest:
                        break
                    ending = ENDINGS.get(words[end - 1][-1], MID_SENSE) if end < len(words) else 0.0
                    total = cost + (width / widest) ** 2 + ending
                    if end not in longer or total < longer[end][0]:
                        longer[end] = total, (*above, end)
            best = longer
        breaks = best[len(words)][1]
        return [self._set(" ".join(words[start:end])) for start, end in pairwise((0, *breaks))]

    def _along(self, words: Sequence[str]) -> tuple[list[float], list[float]]:
        """Where each word begins and ends if all stand on one line; in ems."""
        begins, ends, pen, before = [], [], 0.0, ""
        for word in words:
            if before:
                pen += self.kerning.get((before, " "), 0.0) + self.glyphs[" "].advance
                pen += self.kerning.get((" ", word[0]), 0.0)
            begins.append(pen)
            pen += self._set(word).width
            ends.append(pen)
            before = word[-1]
        return begins, ends

    def _parts(self, word: str, widest: float) -> list[str]:
        """`word`, cut only where it is too long for a line; raises ValueError when not even a letter fits."""
        if self._set(word).width <= widest:
            return [word]
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


def composed(words: str) -> str:
    """`words` as they are laid out: NFC, look-alikes replaced, newlines alone between lines, no space around."""
    plain = unicodedata.normalize("NFC", words).replace("\r\n", "\n").replace("\r", "\n")
    return plain.translate(VANISH).translate(ALIKE).strip(" \n")


def _named(character: str) -> str:
    """A character for a person to find: itself unless it cannot be seen, and its name."""
    name = unicodedata.name(character, f"U+{ord(character):04X}")
    return f"{character!r} ({name})" if character.isprintable() else name


def _remedy(character: str) -> str:
    """What to do about a character that the typeface lacks."""
    return "write these words in the Latin script" if unicodedata.category(character)[0] == "L" else "leave it out"


def _latest_ends(begins: Sequence[float], ends: Sequence[float], widest: float) -> list[int]:
    """For each of as few lines as these words need: how many words must stand by its end for the rest to fit."""
    latest, last = [], len(ends)
    while last > 0:
        latest.append(last)
        start = last - 1
        while start > 0 and ends[last - 1] - begins[start - 1] <= widest:
            start -= 1
        last = start
    return latest[::-1]


class Sheet:
    """What one draw shows: plates, words, rings and pills as quads in the plane z = 0, later ones on top.

    Metres; a rectangle is left, bottom, right, top. `part` (below PARTS) says whose `states` in shaders/text.glsl
    a quad follows.
    """

    def __init__(self, typeface: Typeface) -> None:
        self._typeface = typeface
        self._quads: list[tuple[float, ...]] = []  # rectangle, uv of the same corners, light, kind

    def __len__(self) -> int:
        """Quads."""
        return len(self._quads)

    def block(self, words: str, height: float, width: float, *, lines: int | None = None) -> Block:
        """Typeface.block."""
        return self._typeface.block(words, height, width, lines=lines)

    def words(
        self,
        block: Block,
        at: tuple[float, float],
        *,
        part: int = 0,
        align: Literal["left", "centre", "right"] = "centre",
        on_disc: bool = False,
    ) -> None:
        """Lines that are centred about `at` vertically and stand on the named side of it horizontally.

        `on_disc`: they turn dark when the ring around them is chosen and glows.
        """
        share = {"left": 0.0, "centre": 0.5, "right": 1.0}[align]
        em, height, kind = block.em, block.capital, _kind(GLYPH, part)
        light = self._typeface.spread, float(on_disc), 0.0, 0.0
        baseline = at[1] + ((len(block.lines) - 1) * LINE_PITCH - 1 + DESCENT / 2) / 2 * height
        glyphs, append = self._typeface.glyphs, self._quads.append
        for line in block.lines:
            begin = at[0] - line.width * em * share
            for character, pen in zip(line.characters, line.pens, strict=True):
                glyph = glyphs[character]
                if glyph.box is not None:
                    left, bottom, right, top = glyph.box
                    x = begin + pen * em
                    box = x + left * em, baseline + bottom * em, x + right * em, baseline + top * em
                    append((*box, *glyph.uv, *light, kind))
            baseline -= LINE_PITCH * height

    def plate(self, box: tuple[float, float, float, float], radius: float, softness: float) -> None:
        """A dark plate with round corners whose edge fades inwards over `softness`."""
        self._centred(box, (radius, softness), _kind(PLATE, 0))

    def pill(self, box: tuple[float, float, float, float], radius: float, part: int) -> None:
        """What can be chosen: a lighter plate that answers when it is pointed at."""
        self._centred(box, (radius, 0.0), _kind(PILL, part))

    def ring(
        self,
        at: tuple[float, float],
        radius: float,
        stroke: float,
        *,
        part: int = 0,
        dot: float = 0.0,
        shade: bool = False,
    ) -> None:
        """A ring that fills; once chosen, a disc of radius `dot` glows in it. With `shade` it needs no plate."""
        reach = RING_REACH * radius
        box = at[0] - reach, at[1] - reach, at[0] + reach, at[1] + reach
        uv = -reach, -reach, reach, reach
        self._quads.append((*box, *uv, radius, stroke / 2, -1.0 if shade else dot, reach, _kind(RING, part)))

    def vertices(self) -> npt.NDArray[np.float32]:
        """Four rows a quad, counter-clockwise from the lower left; columns as COLUMNS says."""
        quads = np.array(self._quads, np.float32).reshape(-1, 13)
        vertices = np.zeros((len(quads), 4, 10), np.float32)
        vertices[..., 0:2] = quads[:, _CORNERS]
        vertices[..., 3:5] = quads[:, _CORNERS + 4]
        vertices[..., 5:] = quads[:, None, 8:]
        return vertices.reshape(-1, 10)

    def arrays(self) -> Arrays:
        """The same for Kit.mesh."""
        columns = np.split(self.vertices(), np.cumsum(list(COLUMNS.values()))[:-1], axis=1)
        return dict(zip(COLUMNS, columns, strict=True)) | {"index": corners_of(len(self))}

    def _centred(self, box: tuple[float, float, float, float], shape: tuple[float, float], kind: float) -> None:
        half = (box[2] - box[0]) / 2, (box[3] - box[1]) / 2
        self._quads.append((*box, -half[0], -half[1], *half, *half, *shape, kind))


_CORNERS = np.array([[0, 1], [2, 1], [2, 3], [0, 3]])


def corners_of(quads: int) -> npt.NDArray[np.uint32]:
    """Two triangles for each of so many quads."""
    first: npt.NDArray[np.uint32] = np.arange(quads, dtype=np.uint32)[:, None] * 4
    return (first + np.array((0, 1, 2, 0, 2, 3), np.uint32)).ravel()


def _kind(surface: int, part: int) -> float:
    return float(surface + 8 * part)
