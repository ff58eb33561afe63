"""Photographs a scene at given moments and looks: the same code path as a session, in virtual time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple

from vr_app import api
from vr_app.api import Frame, Inputs, Kit, Pose, Scene, Stage
from vr_app.headset import Target, View
from vr_app.remembered import Remembered
from vr_app.render.context import Context, open_context
from vr_app.scripted.headset import EYE_DISTANCE, VERTICAL_FOV, Photograph, eye_views
from vr_app.sound.silent import Silent
from vr_app.works.works import Works

STEP = 1.0 / 90.0  # seconds; a scene is led to its moment at this rate


class Shot(NamedTuple):
    """What one photograph shows: scene time in seconds and where the patient's head is."""

    time: float
    head: Pose
    photograph: Photograph


class Studio:
    """One context and renderer for any number of scenes, each built once."""

    def __init__(
        self,
        context: Context,
        eye_size: tuple[int, int],
        eye_distance: float,
        single_pass: bool | None,
        vertical: float = VERTICAL_FOV,
        detail: int | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        from vr_app.render.renderer import Renderer  # OpenGL may be imported only now
        from vr_app.render.targets import make_images, read_image

        self.context = context
        self._renderer = Renderer(single_pass=single_pass, detail=detail, labels=labels)
        self._renderer.whole_fields = True
        self._read_image = read_image
        self._targets = [Target(texture, *eye_size) for texture in make_images(eye_size)]
        self._eye_size = eye_size
        self._eye_distance = eye_distance
        self._detail = 2 if detail is None else detail
        self._vertical = vertical

    @property
    def kit(self) -> Kit:
        return self._renderer.kit

    @property
    def single_pass(self) -> bool:
        return self._renderer.single_pass

    def photograph(
        self, scene_class: type[Scene], times: Sequence[float], heads: Sequence[Pose], settings: Any = None
    ) -> list[Shot]:
        """A fresh visit: every head at every time, in order of time. Scene errors are the caller's."""
        return list(self.film(scene_class, [(time, heads) for time in sorted(times)], settings))

    def film(
        self,
        scene_class: type[Scene],
        moments: Iterable[tuple[float, Sequence[Pose]]],
        settings: Any = None,
        *,
        eye: Literal["left", "right", "both"] = "both",
        detail: int | None = None,
        shares: bool = False,
        inputs: Inputs = Inputs(),  # noqa: B008 - a value
        works: Works | None = None,
    ) -> Iterator[Shot]:
        """A fresh visit, one photograph at a time, at moments that never go back.

        With one `eye` only that one is drawn and stands for both. With `shares` fields are painted a share a picture,
        as in a session: quicker, but a picture depends on those before. `inputs` are what the scene is told that the
        patient does, wherever the camera looks; `works` what they made so far. Scene errors are the caller's.
        """
        self._renderer.whole_fields = not shares
        scene = scene_class()
        scene.build(self._renderer.kit)
        scene.enter(bare_stage(None if works is None else works.of(scene_class.info.id)))
        settings = settings or scene_class.Settings()
        level = self._detail if detail is None else detail
        index = 0
        for time, heads in moments:
            while index * STEP <= time + 1e-9:
                now, dt = index * STEP, STEP if index else 0.0
                frame = Frame(index, now, now, dt, False, inputs, settings, detail=level)
                scene.update(frame)
                index += 1
            for head in heads:
                yield Shot(time, head, self._shoot(scene, frame, head, eye))
        scene.leave()

    def _shoot(self, scene: Scene, frame: Frame, head: Pose, eye: Literal["left", "right", "both"]) -> Photograph:
        renderer = self._renderer
        renderer.air.seconds, renderer.air.scene_seconds, renderer.air.mist = frame.time, frame.scene_time, 0.0
        renderer.air.detail = frame.detail
        scene.draw(frame, renderer.record())
        views: Sequence[View] = eye_views(head, self._eye_size, self._eye_distance, self._vertical)
        if eye == "both":
            targets = self._targets
        else:
            targets, views = self._targets[:1], [views[eye == "right"]] * 2
        renderer.replay(views, targets)
        pictures = [self._read_image(target.texture, self._eye_size) for target in targets]
        return Photograph(frame.scene_time, pictures[0], pictures[-1])


@contextmanager
def open_studio(
    eye_size: tuple[int, int],
    *,
    eye_distance: float = EYE_DISTANCE,
    single_pass: bool | None = None,
    vertical: float = VERTICAL_FOV,
    detail: int | None = None,
    labels: Mapping[str, str] | None = None,
) -> Iterator[Studio]:
    """A studio with an EGL context of its own, whose pictures are `vertical` radians high. Raises ContextError.

    `detail`: all that can be photographed in it (see `GpuKit`); then films are asked for that one. `labels`: words of
    another language than English.
    """
    with open_context("egl") as context:
        yield Studio(context, eye_size, eye_distance, single_pass, vertical, detail, labels)


def bare_stage(works: api.Works | None = None) -> Stage:
    """Where nobody feels or hears anything, and nothing was before but `works`."""
    kept = Remembered()
    works = works or Works(kept).of("scene")
    return Stage(_NoHaptics(), Silent(), kept.of("scene"), works, lambda words: None, lambda: None)


class _NoHaptics:
    def pulse(self, hand: str, gain: float, seconds: float) -> None:
        """Nobody holds a controller in a studio."""
