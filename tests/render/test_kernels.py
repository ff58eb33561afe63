"""Kernels: rows that a shader makes follow from homes, time and parameters, as their twin in numpy says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from vr_app.api import Light
from vr_app.headset import Target
from vr_app.render.context import open_context
from vr_app.scripted.headset import eye_views, looking

Rows = npt.NDArray[np.float32]
DOUBLED = """
#pragma kernel
layout(std140, binding = 1) uniform Draw { mat4 at; float by; vec3 shift; };
#ifdef COMPUTE
Row each(Row home, uint index) {
    home.place.xyz = home.place.xyz * by + shift + key.rgb * scene_seconds;
    home.free.y = float(index);
    return home;
}
#endif
"""
HOMES = np.random.default_rng(3).uniform(0.0, 1.0, (130, 16)).astype(np.float32)  # not a multiple of a group
DRIFT: dict[str, Any] = {
    "middle": (0.3, 1.1, -2.0),
    "room": (4.0, 2.0, 3.0),
    "life": 12.0,
    "speed": 0.2,
    "sway": 0.4,
    "eddy": 2.5,
}


class Mover:
    """A renderer with one kernel."""

    def __init__(self, name: str, homes: Rows = HOMES, *, zero_counts: bool = False, **images: Any) -> None:
        from vr_app.render.renderer import Renderer
        from vr_app.render.targets import make_images

        self.renderer = Renderer(zero_counts=zero_counts)
        kit = self.renderer.kit
        self.homes = kit.buffer(homes)
        self.kernel = kit.kernel(
            name, self.homes, **{key: kit.image(each, repeat=True) for key, each in images.items()}
        )
        self.targets = [Target(texture, 16, 16) for texture in make_images((16, 16))]

    def at(self, seconds: float, **params: Any) -> Rows:
        """The rows of a frame at this time."""
        air = self.renderer.air
        air.seconds = air.scene_seconds = seconds
        recording = self.renderer.record()
        recording.run(self.kernel, **params)
        self.renderer.replay(eye_views(looking(0.0), (16, 16)), self.targets)
        return self.rows()

    def rows(self) -> Rows:
        from OpenGL import GL

        out = np.empty((self.kernel.rows, 16), np.float32)
        GL.glGetNamedBufferSubData(self.kernel.name, 0, out.nbytes, out)
        assert GL.glGetError() == 0
        return out


@pytest.fixture(autouse=True)
def context(shaders: Path) -> Iterator[None]:
    (shaders / "doubled.glsl").write_text(DOUBLED)
    with open_context("egl"):
        yield


def test_every_row_is_made_from_its_home_parameters_light_and_time() -> None:
    rows = Mover("doubled").at(2.0, by=2.0, shift=(1.0, 0.0, -1.0))
    expected = HOMES.copy()
    expected[:, :3] = HOMES[:, :3] * 2.0 + (1.0, 0.0, -1.0) + np.array(Light().key[:3]) * 2.0
    expected[:, 13] = np.arange(len(HOMES))
    np.testing.assert_allclose(rows, expected, rtol=1e-6)


def test_nothing_is_seen_before_it_runs_nor_moved_with_zero_counts() -> None:
    assert (Mover("doubled").rows() == 0.0).all()
    assert (Mover("doubled", zero_counts=True).at(1.0, by=3.0) == 0.0).all()


def test_a_moment_does_not_depend_on_those_before() -> None:
    once, often = Mover("doubled"), Mover("doubled")
    for index in range(20):
        often.at(0.1 * index, by=1.0 + index)
    np.testing.assert_array_equal(often.at(5.0, by=2.0), once.at(5.0, by=2.0))


def test_homes_written_later_are_followed() -> None:
    mover = Mover("doubled")
    mover.at(0.0, by=1.0)
    mover.kernel.write(128, np.full((2, 16), 5.0, np.float32))
    rows = mover.at(0.0, by=1.0)
    assert (rows[128:, :3] == 5.0).all()
    np.testing.assert_array_equal(rows[:128, :3], HOMES[:128, :3])
    with pytest.raises(ValueError, match="do not fit into 130"):
        mover.kernel.write(129, np.zeros((2, 16), np.float32))


# --- motes


def smoothstep(low: Any, high: Any, x: Any) -> Any:
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def sampled(image: Rows, u: Any, v: Any) -> Any:
    """Bilinear, repeating, texel centres at halves."""
    height, width = image.shape
    x, y = u * width - 0.5, v * height - 0.5
    x0, y0 = np.floor(x).astype(int), np.floor(y).astype(int)
    fx, fy = x - x0, y - y0
    low = image[y0 % height, x0 % width] * (1 - fx) + image[y0 % height, (x0 + 1) % width] * fx
    high = image[(y0 + 1) % height, x0 % width] * (1 - fx) + image[(y0 + 1) % height, (x0 + 1) % width] * fx
    return low * (1 - fy) + high * fy


def curl(image: Rows, u: Any, v: Any) -> tuple[Any, Any]:
    h = 1.0 / 64.0
    east, west = sampled(image, u + h, v), sampled(image, u - h, v)
    south, north = sampled(image, u, v + h), sampled(image, u, v - h)
    return south - north, west - east


def chances(index: Any, lived: Any, salt: int) -> Any:
    state = ((index * 4096 + lived * 8 + salt) * 747796405 + 2891336453) % 2**32
    word = ((state >> ((state >> 28) + 4)) ^ state) * 277803737 % 2**32
    return (((word >> 22) ^ word) >> 8) / 2.0**24


def drifted(homes: Rows, grain: Rows, light: Light, seconds: float) -> tuple[Any, Any]:
    """Positions and shares of their size, as shaders/drift.glsl makes them."""
    room, middle = np.array(DRIFT["room"]), np.array(DRIFT["middle"])
    index = np.arange(len(homes))
    age = seconds / DRIFT["life"] + chances(index, 0, 0)
    lived, part = np.floor(age).astype(int) % 512, age % 1.0
    p = homes[:, :3] + room * np.stack([chances(index, lived, salt) for salt in (1, 2, 3)], axis=1)
    p[:, [0, 2]] += np.outer(part, np.array(light.wind[:2]) * light.wind[2] * DRIFT["speed"] * DRIFT["life"])
    u, v = (p[:, 0] + 0.11 * p[:, 1]) / DRIFT["eddy"], (p[:, 2] + 0.11 * p[:, 1]) / DRIFT["eddy"]
    across, along = curl(grain, u + 0.006 * seconds, v + 0.006 * seconds)
    rise, _ = curl(grain, v - 0.009 * seconds, u - 0.009 * seconds)
    p += DRIFT["sway"] * np.stack([across, 0.5 * rise, along], axis=1)
    p = np.mod(p + 0.5 * room, room) - 0.5 * room
    inner = smoothstep(0.0, 0.12 * room, 0.5 * room - np.abs(p)).prod(axis=1)
    return p + middle, smoothstep(0.0, 0.15, part) * smoothstep(1.0, 0.8, part) * inner


def grain_of(size: int = 64) -> Any:
    """Soft hills that tile."""
    y, x = np.mgrid[0:size, 0:size] * (2 * np.pi / size)
    return (0.5 + 0.2 * np.sin(x + np.cos(2 * y)) + 0.2 * np.cos(2 * y - np.sin(x))).astype(np.float32)


def mote_homes(count: int = 200) -> Rows:
    homes = np.zeros((count, 16), np.float32)
    homes[:, :3] = np.random.default_rng(5).uniform(-1.0, 1.0, (count, 3))
    homes[:, 4:7], homes[:, 8:12] = 0.01, 1.0
    return homes


@pytest.mark.parametrize("seconds", [0.0, 3.7, 40.0])
def test_motes_are_where_their_twin_says(seconds: float) -> None:
    grain, homes = grain_of(), mote_homes()
    rows = Mover("drift", homes, grain=grain[:, :, None]).at(seconds, **DRIFT)
    where, seen = drifted(homes.astype(np.float64), grain.astype(np.float16).astype(np.float64), Light(), seconds)
    room = np.array(DRIFT["room"])
    apart = np.abs(rows[:, :3] - where)
    apart = np.minimum(apart, room - apart)  # one that both put at a wall may be at either side
    assert (apart.max(axis=1) < 0.005).mean() > 0.97  # a chance at its edge may fall either way in 32 bits
    close = apart.max(axis=1) < 0.005
    np.testing.assert_allclose(rows[close, 4], 0.01 * seen[close], atol=2e-4)
    assert len(np.unique(np.round(where, 3), axis=0)) == len(homes)


def test_motes_stay_in_their_box_and_never_jump_while_they_are_seen() -> None:
    mover = Mover("drift", mote_homes(), grain=grain_of()[:, :, None])
    low = np.array(DRIFT["middle"]) - np.array(DRIFT["room"]) / 2
    before = mover.at(0.0, **DRIFT)
    shown = []
    for frame in range(1, 400):
        rows = mover.at(frame / 30.0, **DRIFT)
        assert (rows[:, :3] >= low - 1e-4).all()
        assert (rows[:, :3] <= low + np.array(DRIFT["room"]) + 1e-4).all()
        moved = np.linalg.norm(rows[:, :3] - before[:, :3], axis=1)
        faint = np.maximum(rows[:, 4], before[:, 4]) < 0.01 * 0.05
        assert (moved[~faint] < 0.05).all()
        assert np.abs(rows[:, 4] - before[:, 4]).max() < 0.01 * 0.1
        shown.append((rows[:, 4] > 0.005).mean())
        before = rows
    assert 0.2 < min(shown) <= max(shown) < 0.8
