"""A picture of a work in the place where it was made, with all that lies and stands there: that scene, photographed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import radians
from typing import Final

from PIL import Image

from vr_app.api import Pose, Stroke
from vr_app.catalogue import find_scenes
from vr_app.exports.items import HandOverError, Language
from vr_app.exports.picture import SIZE, VERTICAL, encoded
from vr_app.wording import load_labels
from vr_app.works.works import Works

SECONDS: Final = 4.0  # after which all of it has come
HEAD: Final = Pose.facing((0.0, 1.5, 2.1), 0.0, radians(-5.0))  # behind the seat


def png(
    scene: str,
    strokes: Sequence[Stroke],
    things: Mapping[str, bytes],
    language: Language = "en",
    size: tuple[int, int] = SIZE,
) -> bytes:
    """A PNG file, sRGB, that says nothing of whose it is.

    Raises HandOverError for a scene that is broken, vr_app.render.context.ContextError without EGL.
    """
    from vr_app.studio import open_studio  # OpenGL may be imported only now

    entry = find_scenes()[scene]
    if entry.scene is None:
        raise HandOverError(f"A picture of '{scene}' cannot be made: {entry.broken}.")
    with open_studio(size, eye_distance=0.0, vertical=VERTICAL, labels=load_labels(language)) as studio:
        works = _one(scene, strokes, things)
        shot = next(studio.film(entry.scene, [(SECONDS, [HEAD])], eye="left", works=works))
    return encoded(Image.fromarray(shot.photograph.left))


def _one(scene: str, strokes: Sequence[Stroke], things: Mapping[str, bytes]) -> Works:
    """It is made there just now."""
    works = Works()
    work = works.of(scene).open()
    for stroke in strokes:
        work.begin(stroke.brush, stroke.colour, turns=stroke.turns, mirror=stroke.mirror)
        for x, y, z, radius in stroke.points.tolist():
            work.append((x, y, z), radius)
        work.end()
    for name, value in things.items():
        work.put(name, value)
    return works
