"""Contact sheets: what a patient sees all round a scene and through one breath, with captions, on one picture.

`python -m headless_harness.sheet SCENE --out FILE.jpg [--at SECONDS ...] [--breath SECONDS]`
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import cache
from math import radians
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from headless_harness.pictures import Picture, write
from vr_app.api import Scene
from vr_app.catalogue import find_scenes
from vr_app.render.context import ContextError
from vr_app.render.text import FONT
from vr_app.scripted.headset import Photograph, looking
from vr_app.studio import Studio, open_studio

GROUND, INK = (38, 40, 44), (200, 195, 184)
GAP, CAPTION = 6, 26  # pixels
YAWS = tuple(range(0, 360, 45))  # degrees to the left
BREATHS = 8  # pictures of one breath
PER_ROW = 6  # moments of a session


class Tile(NamedTuple):
    """One picture of a sheet and what is written below it."""

    caption: str
    picture: Picture


def contact_sheet(rows: Sequence[Sequence[Tile]], tile_width: int = 300) -> Picture:
    """All tiles in their rows, scaled to `tile_width` pixels. Raises ValueError when there is none."""
    if not any(rows):
        raise ValueError("a contact sheet needs at least one picture")
    rows = [[Tile(caption, _scaled(picture, tile_width)) for caption, picture in row] for row in rows if row]
    heights = [max(tile.picture.shape[0] for tile in row) + CAPTION + GAP for row in rows]
    width = GAP + max(len(row) for row in rows) * (tile_width + GAP)
    sheet = Image.new("RGB", (width, GAP + sum(heights)), GROUND)
    pen = ImageDraw.Draw(sheet)
    top = GAP
    for row, height in zip(rows, heights, strict=True):
        for column, (caption, picture) in enumerate(row):
            left = GAP + column * (tile_width + GAP)
            sheet.paste(Image.fromarray(picture), (left, top))
            pen.text((left + 2, top + height - GAP - CAPTION + 3), caption, INK, _font())
        top += height
    return np.asarray(sheet)


def _scaled(picture: Picture, width: int) -> Picture:
    height = round(picture.shape[0] * width / picture.shape[1])
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS))


@cache
def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT.with_suffix(".ttf")), 17)


def all_round(studio: Studio, scene: type[Scene], at: float) -> list[list[Tile]]:
    """Both eyes' rows, in eight directions at one scene time."""
    shots = studio.photograph(scene, [at], [looking(radians(yaw)) for yaw in YAWS])
    return [
        [
            Tile(f"{eye}, {at:g} s, {direction(yaw)}", getattr(shot.photograph, eye))
            for yaw, shot in zip(YAWS, shots, strict=True)
        ]
        for eye in ("left", "right")
    ]


def breath(studio: Studio, scene: type[Scene], seconds: float) -> list[Tile]:
    """One row through a breath of `seconds`, ahead, left eye."""
    times = [round(k * seconds / BREATHS, 3) for k in range(BREATHS)]
    return [Tile(f"{shot.time:g} s", shot.photograph.left) for shot in studio.photograph(scene, times, [looking(0.0)])]


def write_run_sheet(file: Path, photographs: Sequence[Photograph]) -> Path:
    """A session's photographs in order of time, both eyes of a moment above each other; returns `file`."""
    rows = []
    for first in range(0, len(photographs), PER_ROW):
        some = photographs[first : first + PER_ROW]
        rows.append([Tile(f"{photograph.time:.1f} s, left", photograph.left) for photograph in some])
        rows.append([Tile(f"{photograph.time:.1f} s, right", photograph.right) for photograph in some])
    write(file, contact_sheet(rows))
    return file


def direction(yaw: int) -> str:
    """Where a head turned `yaw` degrees to the left looks, in words."""
    return "ahead" if yaw == 0 else f"{yaw}° left" if yaw < 180 else "behind" if yaw == 180 else f"{360 - yaw}° right"


def main(arguments: Sequence[str]) -> int:
    """Exit status: 0, 1 when nothing can be drawn here, 2 on misuse."""
    parser = argparse.ArgumentParser(prog="sheet", description=__doc__)
    parser.add_argument("scene")
    parser.add_argument(
        "--at", type=float, nargs="+", default=[0.0], metavar="SECONDS", help="scene times to look round at"
    )
    parser.add_argument("--breath", type=float, metavar="SECONDS", help="a row through one breath of this length")
    parser.add_argument(
        "--size", type=int, default=480, metavar="PIXELS", help="each eye's width and height when drawn"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help=".jpg or .png")
    chosen = parser.parse_args(arguments)
    entry = find_scenes().get(chosen.scene)
    if entry is None or entry.scene is None:
        parser.error(f"no scene '{chosen.scene}'" if entry is None else entry.broken)
    try:
        with open_studio((chosen.size, chosen.size)) as studio:
            rows = [row for at in chosen.at for row in all_round(studio, entry.scene, at)]
            if chosen.breath:
                rows.append(breath(studio, entry.scene, chosen.breath))
    except ContextError as error:
        print(f"sheet: {error}", file=sys.stderr)
        return 1
    write(chosen.out, contact_sheet(rows, min(chosen.size, 300)))
    print(f"{chosen.scene}: {chosen.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
