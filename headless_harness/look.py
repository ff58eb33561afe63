"""A quick look at a scene, or at a part of one in a scratch file: moments and directions on one picture.

`python -m headless_harness.look SCENE_OR_FILE.py --out FILE.png [--at SECONDS ...] [--yaw DEGREES ...] ...`
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from math import radians
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import numpy as np
from PIL import Image, ImageFilter

from headless_harness.pictures import Picture, linear, read, write
from headless_harness.sheet import GAP, GROUND, Tile, contact_sheet
from vr_app import limits
from vr_app.api import Inputs, Pose, Scene, Vec3
from vr_app.catalogue import SettingsError, find_scenes, make_settings
from vr_app.render.context import ContextError
from vr_app.scripted.headset import looking
from vr_app.scripted.script import SEATED_HEAD
from vr_app.studio import Shot, open_studio

WIDEST = 2000  # pixels of a row before it is broken
SQUINT = 40  # a squinting eye blurs by this part of the picture's height
VALUES = 4  # of grey, that a squinting eye tells apart


Crop = tuple[int, int, int, int]  # left, top, width, height


class LookError(Exception):
    """One line that says what is wrong."""


def find(target: str, name: str | None) -> type[Scene]:
    """The scene class of an id, or of a Python file. Raises LookError."""
    if not target.endswith(".py"):
        entries = find_scenes()
        entry = entries.get(target)
        if entry is None:
            raise LookError(f"no scene '{target}'; there are {', '.join(entries)}; or name a .py file")
        if entry.scene is None:
            raise LookError(entry.broken)
        return entry.scene
    file = Path(target)
    if not file.is_file():
        raise LookError(f"there is no file {file}")
    module = _imported(file)
    found = {
        each.__name__: each
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Scene) and each.__module__ == module.__name__
    }
    if name is None and len(found) == 1:
        return next(iter(found.values()))
    if name is None:
        raise LookError(f"{file} defines {len(found)} Scene classes ({', '.join(found)}); --class says which")
    if name not in found:
        raise LookError(f"{file} has no Scene class {name}; it has {', '.join(found) or 'none'}")
    return found[name]


def _imported(file: Path) -> ModuleType:
    name = f"looked_at_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # a scratch file may raise anything
        raise LookError(told(error)) from error
    return module


def told(error: BaseException) -> str:
    """An exception in one line, with the place of the scene's that raised it."""
    if isinstance(error, SyntaxError):
        return f"{Path(error.filename or '').name}, line {error.lineno}: {error.msg}"
    words = " ".join(f"{type(error).__name__}: {error}".split())
    frames = traceback.extract_tb(error.__traceback__)
    here = [frame for frame in frames if "headless_harness" not in frame.filename and "vr_app" not in frame.filename]
    here = [frame for frame in here if "site-packages" not in frame.filename and "<frozen" not in frame.filename]
    return f"{Path(here[-1].filename).name}, line {here[-1].lineno}: {words}" if here else words


def settings_of(scene: type[Scene], given: Sequence[str]) -> Any:
    """The scene's settings with `NAME=VALUE` words in place of defaults. Raises LookError."""
    pairs = dict(_pair(each) for each in given)
    try:
        return make_settings(scene, pairs)
    except SettingsError as error:
        raise LookError(str(error)) from None


def _pair(words: str) -> tuple[str, Any]:
    name, equals, value = words.partition("=")
    if not equals:
        raise LookError(f"--set takes NAME=VALUE, not '{words}'")
    try:
        return name, ast.literal_eval({"true": "True", "false": "False"}.get(value, value))
    except (ValueError, SyntaxError):
        return name, value


# --- what is done to a picture


def grey(picture: Picture) -> Picture:
    """As bright as the picture, without its colours."""
    light = linear(picture) @ np.array(limits.LUMINANCE_WEIGHTS)
    encoded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.repeat((255 * encoded[..., None]).round().astype(np.uint8), 3, axis=2)


def squinted(picture: Picture) -> Picture:
    """Blurred, and in as many values as a squinting eye tells apart."""
    blurred = Image.fromarray(grey(picture)).filter(ImageFilter.GaussianBlur(picture.shape[0] / SQUINT))
    level = np.asarray(blurred).astype(np.float64) * VALUES // 256
    return (level * (255 / (VALUES - 1))).astype(np.uint8)


def enlarged(picture: Picture, crop: Crop | None, zoom: int) -> Picture:
    """A part of the picture, every pixel `zoom` times as wide and high."""
    if crop:
        x, y, width, height = crop
        picture = picture[y : y + height, x : x + width]
    return picture.repeat(zoom, axis=0).repeat(zoom, axis=1)


def _check_crop(crop: Crop, size: tuple[int, int]) -> None:
    x, y, width, height = crop
    if min(x, y) < 0 or min(width, height) < 1 or x + width > size[0] or y + height > size[1]:
        raise LookError(f"--crop {x},{y},{width},{height} is not inside a picture of {size[0]}x{size[1]}")


def beside(before: Picture, now: Picture) -> Picture:
    """Two pictures on one, next to or above each other, whichever is nearer to a square."""
    across = now.shape[0] >= now.shape[1]
    axis = 1 if across else 0
    room = [max(before.shape[0], now.shape[0]), max(before.shape[1], now.shape[1]), 3]
    room[axis] = before.shape[axis] + now.shape[axis] + 2 * GAP
    both = np.full(room, GROUND, np.uint8)
    both[: before.shape[0], : before.shape[1]] = before
    start = [0, 0]
    start[axis] = before.shape[axis] + 2 * GAP
    both[start[0] : start[0] + now.shape[0], start[1] : start[1] + now.shape[1]] = now
    return both


# --- the sheet


def rows_of(shots: Sequence[Shot], captions: Sequence[str], chosen: argparse.Namespace) -> Iterator[list[Tile]]:
    """Each row of shots, and the same row as every other variant that was asked for."""
    variants: list[tuple[str, Callable[[Picture], Picture] | None]] = [("", None)]
    variants += [("grey", grey)] * chosen.grey + [("squint", squinted)] * chosen.squint
    eyes: tuple[Literal["left", "right"], ...] = ("left", "right") if chosen.eye == "both" else ("left",)
    for eye in eyes:
        for word, change in variants:
            row = []
            for shot, caption in zip(shots, captions, strict=True):
                picture = getattr(shot.photograph, eye)
                extra = [eye] * (len(eyes) > 1) + [word] * bool(word)
                row.append(
                    Tile(
                        ", ".join([caption, *extra]),
                        enlarged(change(picture) if change else picture, chosen.crop, chosen.zoom),
                    )
                )
            yield row


def _resting(chosen: argparse.Namespace) -> Pose:
    """Where the scene is told that the patient looks."""
    yaw, pitch = chosen.rest or (0.0, 0.0)
    return looking(radians(yaw), radians(pitch), chosen.head)


def look(scene: type[Scene], chosen: argparse.Namespace) -> Picture:
    """The sheet that the options ask for. Raises LookError and ContextError."""
    times = sorted(chosen.at)
    if chosen.frames:
        times = [times[0] + k * chosen.every for k in range(chosen.frames)]
    views = [(pitch, yaw) for pitch in chosen.pitch for yaw in chosen.yaw]
    heads = [looking(radians(yaw), radians(pitch), chosen.head) for pitch, yaw in views]
    settings = settings_of(scene, chosen.set)
    if chosen.crop:
        _check_crop(chosen.crop, chosen.size)
    with open_studio(chosen.size, vertical=radians(chosen.fov)) as studio:
        try:
            moments = [(time, heads) for time in times]
            rests = Inputs(_resting(chosen))
            films = studio.film(scene, moments, settings, eye=chosen.eye, detail=chosen.detail, inputs=rests)
            shots = list(films)
        except Exception as error:  # a scene may raise anything
            raise LookError(told(error)) from error
    captions = [_caption(time, *view) for time in times for view in views]
    width = (chosen.crop[2] if chosen.crop else chosen.size[0]) * chosen.zoom
    most = max(1, WIDEST // (width + GAP))
    in_row = len(chosen.yaw) if len(views) > 1 else len(shots)
    tiles = []
    for first in range(0, len(shots), in_row):
        for start in range(first, first + in_row, most):
            part = slice(start, min(start + most, first + in_row))
            tiles += list(rows_of(shots[part], captions[part], chosen))
    return contact_sheet(tiles, width)


def _caption(at: float, pitch: float, yaw: float) -> str:
    parts = [f"{at:g} s"]
    if yaw:
        parts.append(f"yaw {yaw:g}")
    if pitch:
        parts.append(f"pitch {pitch:g}")
    return ", ".join(parts)


def _size(words: str) -> tuple[int, int]:
    try:
        width, height = (int(part) for part in words.split("x"))
    except ValueError:
        width = height = 0
    if min(width, height) < 16 or max(width, height) > 4096:
        raise argparse.ArgumentTypeError(f"it is WxH, each of 16 to 4096 pixels, not '{words}'")
    return width, height


def _head(words: str) -> Vec3:
    try:
        x, y, z = (float(part) for part in words.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"it is X,Y,Z in metres, not '{words}'") from None
    return x, y, z


def _out(words: str) -> Path:
    if Path(words).suffix.lower() not in (".png", ".jpg", ".jpeg"):
        raise argparse.ArgumentTypeError(f"it ends in .png or .jpg, not '{words}'")
    return Path(words)


def _zoom(words: str) -> int:
    if words not in map(str, range(1, 33)):
        raise argparse.ArgumentTypeError(f"it is 1 to 32, not '{words}'")
    return int(words)


def _crop(words: str) -> Crop:
    try:
        x, y, width, height = (int(part) for part in words.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"it is X,Y,W,H in pixels, not '{words}'") from None
    return x, y, width, height


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="look", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    add = parser.add_argument
    add("target", help="a scene's id, or a Python file that defines a Scene")
    add("--out", type=_out, required=True, metavar="FILE", help=".png or .jpg")
    add("--class", dest="name", metavar="NAME", help="which Scene, in a file of several")
    add("--at", type=float, nargs="+", default=[0.0], metavar="SECONDS", help="moments, a row each")
    add("--frames", type=int, default=0, metavar="N", help="a strip of N moments from --at on")
    add("--every", type=float, default=1.0, metavar="SECONDS", help="between two of the strip's moments")
    add("--yaw", type=float, nargs="+", default=[0.0], metavar="DEGREES", help="to the left; a column each")
    add("--pitch", type=float, nargs="+", default=[0.0], metavar="DEGREES", help="up; a row each")
    add("--rest", type=float, nargs=2, metavar=("YAW", "PITCH"), help="where the patient looks, to the scene; degrees")
    add("--head", type=_head, default=SEATED_HEAD.position, metavar="X,Y,Z", help="metres (0,1.2,0)")
    add("--size", type=_size, default=(480, 480), metavar="WxH", help="pixels of a picture (480x480)")
    add("--fov", type=float, default=90.0, metavar="DEGREES", help="from lower to upper edge (90)")
    add("--eye", choices=("left", "right", "both"), default="left")
    add("--set", nargs="+", default=[], metavar="NAME=VALUE", help="the scene's settings")
    add("--detail", type=int, choices=(0, 1, 2), default=2)
    add("--crop", type=_crop, metavar="X,Y,W,H", help="only this part, in pixels of a picture")
    add("--zoom", type=_zoom, default=1, metavar="N", help="each pixel N times as large, unsmoothed")
    add("--grey", action="store_true", help="each picture without colours too")
    add("--squint", action="store_true", help="each picture blurred to four values too")
    add("--compare", type=Path, metavar="FILE", help="a former picture, laid beside")
    return parser


def main(arguments: Sequence[str]) -> int:
    """Exit status: 0, 1 when it cannot be drawn, 2 on misuse."""
    started = time.monotonic()
    chosen = _parser().parse_args(arguments)
    try:
        former = read(chosen.compare) if chosen.compare else None
        picture = look(find(chosen.target, chosen.name), chosen)
        write(chosen.out, picture if former is None else beside(former, picture))
    except (LookError, ContextError, OSError) as error:
        print(f"look: {error}", file=sys.stderr)
        return 1
    print(f"{chosen.out}: {picture.shape[1]}x{picture.shape[0]}, {time.monotonic() - started:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
