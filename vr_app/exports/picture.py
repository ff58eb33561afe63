"""A picture of a work from where all of it is seen, drawn as the headset draws it, before a plain dusk."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from math import radians, tan
from typing import Final

import numpy as np
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from vr_app.api import Frame, Kit, Light, Pass, Pose, Scene, SceneInfo, Stroke
from vr_app.exports.flat import paint, shade
from vr_app.exports.solid import Floats, brush_of, expanded, sound

SIZE: Final = (3840, 2160)  # UHDTV-1 (ITU-R BT.2020)
VERTICAL: Final = radians(32.0)
MARGIN: Final = 1.18  # of the work's own size
LEAST: Final = 0.25  # metres that a picture shows at least
_DUSK: Final = "#222B49"  # the middle of shaders/backdrop.glsl
_LIGHT_BRUSHES: Final = frozenset({"ribbon", "dust", "tube"})
_NUMBERS: Final = {"ribbon": 0, "ink": 1, "chalk": 2, "leaf": 3, "dust": 4, "tube": 5}


def bounds(strokes: Sequence[Stroke]) -> tuple[Floats, Floats]:
    """Least and most x, y, z of all that is seen; about the seat's front when there is nothing."""
    points = [stroke.points for stroke in strokes if len(stroke.points)]
    if not points:
        return np.array([-0.5, 0.9, -1.5], np.float32), np.array([0.5, 1.7, -1.2], np.float32)
    low = np.min([(part[:, :3] - part[:, 3:]).min(axis=0) for part in points], axis=0)
    high = np.max([(part[:, :3] + part[:, 3:]).max(axis=0) for part in points], axis=0)
    return low, high


def camera(low: Floats, high: Floats, aspect: float) -> Pose:
    """Where a head stands that sees it all, straight ahead."""
    middle, size = (low + high) / 2.0, np.maximum(high - low, LEAST)
    half = max(float(size[1]), float(size[0]) / aspect) * MARGIN / 2.0
    away = float(high[2]) + half / tan(VERTICAL / 2.0)
    return Pose((float(middle[0]), float(middle[1]), away))


class _Framed(Scene):
    """The work alone."""

    info = SceneInfo("framed", "Framed", "A work before a plain dusk.", "home")
    shown: Sequence[Stroke] = ()
    head = Pose()
    behind = 0.0  # z of the dusk

    def build(self, kit: Kit) -> None:
        self._solid, self._shines, self._dusk = (kit.material(name) for name in ("brush", "brush_light", "backdrop"))
        points = sum(len(stroke.points) for stroke in self.shown) + 4
        copies = sum(stroke.turns * (2 if stroke.mirror else 1) for stroke in self.shown) + 1
        self._sets = kit.strokes(points, copies), kit.strokes(points, copies)
        for stroke in self.shown:
            name = brush_of(stroke.brush)
            strokes = self._sets[name in _LIGHT_BRUSHES]
            red, green, blue, own = stroke.colour
            coded = (32.0 * _NUMBERS[name] + 31.0 * min(max(own, 0.0), 1.0)) / 255.0
            strokes.begin((red, green, blue, coded), turns=stroke.turns, mirror=stroke.mirror)
            for x, y, z, radius in stroke.points.tolist():
                strokes.append((x, y, z), radius)
            strokes.end()
        (x, y, z), away = self.head.position, self.head.position[2] - self.behind
        half = away * tan(VERTICAL / 2.0) * 1.02
        wide = half * SIZE[0] / SIZE[1]
        corners = [(x - wide, y - half), (x + wide, y - half), (x + wide, y + half), (x - wide, y + half)]
        position = np.array([(a, b, z - away) for a, b in corners], np.float32)
        uv = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32)
        normal = np.tile(np.array([0, 0, 1], np.float32), (4, 1))
        index = np.array([0, 1, 2, 0, 2, 3], np.uint32)
        self._behind = kit.mesh({"position": position, "normal": normal, "uv": uv, "index": index})

    def draw(self, frame: Frame, out: Pass) -> None:
        out.light(Light())
        out.draw(self._behind, self._dusk)
        out.strokes(self._sets[0], self._solid)
        out.strokes(self._sets[1], self._shines)


def without_gpu(strokes: Sequence[Stroke], size: tuple[int, int] = SIZE) -> bytes:
    """The same picture in plain paint, for a machine that cannot draw: the farthest first, without any light."""
    shown = sorted(expanded(strokes), key=lambda stroke: float(stroke.points[:, 2].mean()) if len(stroke.points) else 0)
    low, high = bounds(shown)
    middle, extent = (low + high) / 2.0, np.maximum(high - low, LEAST) * MARGIN
    scale = min(size[0] / float(extent[0]), size[1] / float(extent[1]))
    picture = Image.new("RGB", size, _DUSK)
    drawing = ImageDraw.Draw(picture)
    for stroke in shown:
        x = size[0] / 2.0 + (stroke.points[:, 0] - middle[0]) * scale
        y = size[1] / 2.0 - (stroke.points[:, 1] - middle[1]) * scale
        paint(drawing, np.stack([x, y, stroke.points[:, 3] * scale], axis=1), shade(stroke.colour[:3]))
    return encoded(picture)


def png(strokes: Sequence[Stroke], *, above: bool = False, size: tuple[int, int] = SIZE, shows: bool = True) -> bytes:
    """A PNG file, sRGB, that says nothing of whose it is; without `shows` the dusk alone.

    Raises vr_app.render.context.ContextError without EGL.
    """
    from vr_app.studio import open_studio  # OpenGL may be imported only now

    low, high = bounds(expanded(strokes))
    head = camera(low, high, size[0] / size[1])
    framed = type(
        "Framed",
        (_Framed,),
        {"shown": [*map(sound, strokes)] if shows else (), "head": head, "behind": float(low[2]) - 0.6},
    )
    with open_studio(size, eye_distance=0.0, vertical=VERTICAL) as studio:
        shot = next(studio.film(framed, [(0.0, [head])], eye="left"))
    return encoded(Image.fromarray(shot.photograph.left))


def encoded(picture: Image.Image, *, dots_an_inch: float | None = None) -> bytes:
    """As a PNG of sRGB, and for print with its resolution; it says nothing else, not even when it was made."""
    file, told = BytesIO(), PngInfo()
    told.add(b"sRGB", bytes(1))  # perceptual (PNG, third edition, 11.3.2.5); a profile would bear a date
    dpi = {} if dots_an_inch is None else {"dpi": (dots_an_inch, dots_an_inch)}
    plain = Image.frombytes("RGB", picture.size, picture.convert("RGB").tobytes())  # and nothing that it brought along
    plain.save(file, "PNG", pnginfo=told, compress_level=6, **dpi)
    return file.getvalue()


def small(picture: bytes, widest: int = 1600) -> bytes:
    """The same as a JPEG for a page, so wide at most."""
    file = BytesIO()
    with Image.open(BytesIO(picture)) as found:
        shown = found.convert("RGB")
    shown.thumbnail((widest, widest), Image.Resampling.LANCZOS)
    Image.frombytes("RGB", shown.size, shown.tobytes()).save(file, "JPEG", quality=88)
    return file.getvalue()
