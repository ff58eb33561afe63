"""Pictures for those who watch: the right ones, at their rate, and nothing at all while nobody does."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from pyglm import glm

from scenes.room import CalmRoom
from scenes.valley.shapes import box
from vr_app.api import Frame, Inputs, Kit, Pass, Pose, Scene, SceneInfo
from vr_app.commands import Orbit, Watch
from vr_app.headset import Target, scaled
from vr_app.render.context import open_context
from vr_app.scripted.headset import eye_views, looking
from vr_app.station.ring import SIDE, Camera, Picture, PictureRing, fitted

SPAWN = multiprocessing.get_context("spawn")
SIZE = (720, 648)
Pixels = npt.NDArray[np.uint8]


@pytest.fixture
def context() -> Iterator[None]:
    with open_context("egl"):
        yield


class Blocks(Scene):
    """A floor and three blocks: quick to draw, and different from everywhere."""

    info = SceneInfo("blocks", "Blocks", "Three blocks on a floor.", "home")

    def build(self, kit: Kit) -> None:
        blocks = ((-1.2, 0.8, -2.2), "#C9D6EA"), ((0.1, 1.2, -1.8), "#F2A45C"), ((1.1, 0.5, -1.2), "#3D5A40")
        block, self.matt = box((0.6, 0.7, 0.5)), kit.material("plain")
        self.things = [(kit.mesh(block.painted(colour).arrays()), Pose(at)) for at, colour in blocks]
        self.things.append((kit.mesh(box((8.0, 0.1, 8.0)).painted("#7A5A43").arrays()), Pose((0.0, -0.05, 0.0))))

    def draw(self, frame: Frame, out: Pass) -> None:
        for mesh, at in self.things:
            out.draw(mesh, self.matt, at)


class Session:
    """Draws a scene 90 times a second, as the loop does, before a mirror."""

    def __init__(
        self, scene: type[Scene] = Blocks, *, single_pass: bool | None = None, zero_counts: bool = False
    ) -> None:
        from vr_app.render.mirror import Mirror
        from vr_app.render.renderer import Renderer
        from vr_app.render.targets import make_images

        self.renderer = Renderer(single_pass=single_pass, zero_counts=zero_counts)
        self.scene = scene()
        self.scene.build(self.renderer.kit)
        self.ring = PictureRing(PictureRing.cells(SPAWN))
        self.mirror = Mirror(self.ring)
        self.images = make_images(SIZE)
        self.size = SIZE
        self.yaw = 0.3
        self.index = 0

    def frame(self) -> Picture | None:
        """Draw one frame; the picture that came meanwhile."""
        time = self.index / 90
        self.index += 1
        self.scene.draw(Frame(self.index, time, time, 0.0, False, Inputs(), None), self.renderer.record())
        targets = [Target(texture, *self.size) for texture in self.images]
        self.renderer.replay(eye_views(looking(self.yaw), self.size), targets)
        self.mirror.after_replay(self.renderer, time)
        return self.ring.latest()

    def picture(self) -> Picture:
        """The first that was drawn after now."""
        drawn = self.index / 90
        while self.index < drawn * 90 + 60:
            picture = self.frame()
            if picture is not None and picture.time >= drawn:
                return picture
        raise AssertionError("no picture within 60 frames")

    def left_eye(self) -> Pixels:
        from vr_app.render.targets import read_image

        return read_image(self.images[0], self.size)


def linear(pixels: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    encoded = pixels / 255.0
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def encoded(light: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 0.0) ** (1 / 2.4) - 0.055) * 255.0


def shares(before: int, after: int) -> npt.NDArray[np.float64]:
    """How much of each old pixel lies in each new one, (after, before); each row sums to 1."""
    edges, olds = np.arange(after + 1)[:, None] * before / after, np.arange(before)
    covered = np.clip(np.minimum(edges[1:], olds + 1) - np.maximum(edges[:-1], olds), 0.0, 1.0)
    return np.asarray(covered * after / before)


def shrunk(photograph: Pixels) -> npt.NDArray[np.float64]:
    """By area and in linear light, as a ring would take it."""
    height, width, _ = photograph.shape
    w, h = fitted(width, height)
    rows = np.tensordot(shares(height, h), linear(photograph), axes=1)
    return encoded(np.tensordot(shares(width, w), rows, axes=(1, 1)).transpose(1, 0, 2))


@pytest.mark.parametrize(("scene", "single_pass"), [(CalmRoom, True), (Blocks, True), (Blocks, False)])
def test_the_picture_is_the_left_eye_made_small(context: None, scene: type[Scene], single_pass: bool) -> None:
    session = Session(scene, single_pass=single_pass)
    session.mirror.watch(Watch("eye", 30.0))
    picture = session.picture()
    assert picture.camera == "eye"
    assert picture.pixels.shape == (461, 512, 4)
    difference = np.abs(picture.pixels[:, :, :3] - shrunk(session.left_eye()))
    assert difference.max() <= 2.0  # of 255: the eye's own picture was rounded once before
    assert difference.mean() < 0.5
    session.yaw = -0.3
    assert np.abs(session.picture().pixels[:, :, :3] - shrunk(session.left_eye())).max() <= 2.0


def test_a_small_eye_is_shown_as_it_is(context: None) -> None:
    session = Session()
    session.size = (320, 240)
    session.mirror.watch(Watch("eye", 30.0))
    picture = session.picture()
    assert picture.pixels.shape == (240, 320, 4)
    np.testing.assert_array_equal(picture.pixels[:, :, :3], session.left_eye())


def test_the_picture_follows_a_change_of_scale_and_new_images(context: None) -> None:
    session = Session()
    session.mirror.watch(Watch("eye", 30.0))
    session.picture()
    session.size = scaled(SIZE, 0.6)
    small = session.picture().pixels
    assert small.shape == (*reversed(fitted(*session.size)), 4)
    assert np.abs(small[:, :, :3] - shrunk(session.left_eye())).max() <= 2.0
    session.renderer.forget_images()
    assert np.abs(session.picture().pixels[:, :, :3] - shrunk(session.left_eye())).max() <= 2.0
    session.size = SIZE
    assert np.abs(session.picture().pixels[:, :, :3] - shrunk(session.left_eye())).max() <= 2.0


@pytest.mark.parametrize("single_pass", [True, False])
def test_the_camera_beside_stands_still_while_the_head_turns(context: None, single_pass: bool) -> None:
    session = Session(single_pass=single_pass)
    session.mirror.watch(Watch("beside", 30.0))
    first = session.picture()
    eye = session.left_eye()
    assert first.camera == "beside"
    assert first.pixels.shape == (320, 512, 4)
    assert first.pixels[:, :, :3].std() > 20.0  # a room, not a wall
    session.yaw = -0.6
    second = session.picture()
    assert np.abs(first.pixels.astype(int) - second.pixels).mean() < 1.0
    assert np.abs(eye.astype(int) - session.left_eye()).mean() > 5.0


def test_the_camera_around_the_work_goes_where_it_is_turned_and_nothing_is_made_anew_for_it(context: None) -> None:
    session = Session()
    session.mirror.watch(Watch("around", 30.0, Orbit(0.0)))
    behind = session.picture()
    third = session.mirror._third
    seen = session.left_eye()
    session.mirror.watch(Watch("around", 30.0, Orbit(0.9, 2.0, 1.2)))
    session.picture()  # may have been on its way
    aside = session.picture()
    assert (behind.camera, aside.camera) == ("around", "around")
    assert session.mirror._third is third
    assert np.abs(behind.pixels.astype(int) - aside.pixels).mean() > 5.0
    np.testing.assert_array_equal(session.left_eye(), seen)


@pytest.mark.parametrize("yaw", [-3.1, -1.0, 0.0, 0.7, 3.1])
def test_the_camera_around_the_work_always_faces_it(yaw: float) -> None:
    from vr_app.render.mirror import WORK_AT, around

    view = around(Orbit(yaw, 1.8, 2.5))
    ahead = glm.quat(view.pose.orientation[3], *view.pose.orientation[:3]) * glm.vec3(0.0, 0.0, -1.0)
    way = glm.normalize(glm.vec3(*WORK_AT) - glm.vec3(*view.pose.position))
    assert glm.dot(ahead, way) == pytest.approx(1.0, abs=1e-5)
    assert np.hypot(view.pose.position[0] - WORK_AT[0], view.pose.position[2] - WORK_AT[2]) == pytest.approx(2.5)


def test_watching_changes_nothing_that_the_patient_sees(context: None) -> None:
    watched, alone = Session(), Session()
    watched.mirror.watch(Watch("beside", 30.0))
    for _ in range(12):
        watched.frame()
        alone.frame()
    assert watched.mirror.copied > 0
    np.testing.assert_array_equal(watched.left_eye(), alone.left_eye())


@pytest.mark.parametrize("hz", [0.5, 7.0, 10.0, 15.0, 20.0, 30.0])
def test_pictures_come_as_often_as_asked_and_no_oftener(context: None, hz: float) -> None:
    session = Session(zero_counts=True)
    session.size = (64, 64)
    session.mirror.watch(Watch("eye", hz))
    times = [picture.time for picture in (session.frame() for _ in range(360)) if picture]
    assert abs(len(times) - 4 * hz) <= 3
    assert min(np.diff(times), default=9.0) > 1 / hz - 2 / 90 - 1e-9  # a frame does one thing


def test_while_nobody_watches_there_is_nothing(context: None) -> None:
    from OpenGL import GL

    def names() -> list[int]:
        """How many of each kind there are, up to the first free name."""
        kinds = (GL.glIsTexture, GL.glIsBuffer, GL.glIsFramebuffer)
        return [sum(bool(exists(name)) for name in range(1, 200)) for exists in kinds]

    session = Session()
    for _ in range(5):
        assert session.frame() is None
    before = names()
    for camera in CAMERAS:
        session.mirror.watch(Watch(camera, 30.0))
        session.picture()
        assert all(now > then for now, then in zip(names(), before, strict=True))
        session.mirror.watch(Watch(camera, 0.0))
        assert names() == before
        assert session.frame() is None
    assert GL.glGetError() == 0


CAMERAS: tuple[Camera, ...] = ("eye", "beside", "around")


def test_the_camera_may_change_at_any_frame(context: None) -> None:
    session = Session(zero_counts=True)
    random = np.random.default_rng(5)
    for _ in range(60):
        camera, hz = CAMERAS[random.integers(3)], float(random.choice([0.0, 10.0, 30.0]))
        assert session.mirror.watch(Watch(camera, hz)) is None
        for _ in range(random.integers(1, 12)):
            session.frame()
    session.mirror.watch(Watch("eye", 30.0))
    assert session.picture().camera == "eye"
    assert max(session.picture().pixels.shape) <= SIDE


def test_a_picture_that_has_not_come_is_not_waited_for(context: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from OpenGL import GL

    session = Session(zero_counts=True)
    session.mirror.watch(Watch("eye", 30.0))
    session.picture()
    waits: list[int] = []

    def never(fence: int, flags: int, nanoseconds: int) -> int:
        waits.append(nanoseconds)
        return int(GL.GL_TIMEOUT_EXPIRED)

    gl = session.renderer.gl
    monkeypatch.setattr(type(gl), "__setattr__", object.__setattr__)
    monkeypatch.setattr(gl, "glClientWaitSync", never)
    begun = session.mirror.begun
    for _ in range(60):
        assert session.frame() is None
    assert set(waits) == {0}
    assert session.mirror.begun <= begun + 4  # one in the image, as many as there are buffers, then none is begun
    monkeypatch.undo()
    assert session.picture().camera == "eye"
