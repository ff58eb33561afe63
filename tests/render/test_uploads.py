"""What scenes are made of arrives on the GPU whole, in slices that are short, and in the order it was asked for."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vr_app.api import Image
from vr_app.render.context import open_context
from vr_app.render.renderer import Renderer
from vr_app.render.uploads import CHUNK_BYTES, SLICE_BYTES, SLICE_NS, Uploads


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with open_context("egl"):
        yield Renderer()


class Clock:
    """Nanoseconds that pass with each look."""

    def __init__(self, step: int) -> None:
        self.time, self.step = 0, step

    def __call__(self) -> int:
        self.time += self.step
        return self.time


def _uploads(renderer: Renderer, step_ns: int = 0) -> Uploads:
    return Uploads(renderer.gl, Clock(step_ns))


def _read(buffer: int, like: npt.NDArray[Any]) -> npt.NDArray[Any]:
    from OpenGL import GL

    found = np.empty_like(like)
    GL.glGetNamedBufferSubData(buffer, 0, found.nbytes, ctypes.c_void_p(found.ctypes.data))
    return found


def _levels(image: Image, size: int, channels: int) -> list[npt.NDArray[np.float32]]:
    from OpenGL import GL

    levels = []
    for level in range(size.bit_length()):
        side = max(size >> level, 1)
        pixels = np.zeros((side, side, channels), np.float32)
        layout = (GL.GL_RED, GL.GL_RG, GL.GL_RGB, GL.GL_RGBA)[channels - 1]
        GL.glPixelStorei(GL.GL_PACK_ALIGNMENT, 1)
        GL.glGetTextureImage(image.texture, level, layout, GL.GL_FLOAT, pixels.nbytes, pixels)  # type: ignore[attr-defined]
        levels.append(pixels)
    return levels


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(1, 3 * CHUNK_BYTES), min_size=1, max_size=8))
def test_every_byte_arrives_and_no_slice_is_larger_than_it_may_be(renderer: Renderer, sizes: list[int]) -> None:
    uploads = _uploads(renderer)
    arrays = [np.random.default_rng(size).integers(0, 256, size, np.uint8) for size in sizes]
    with uploads.deferred():
        buffers = [uploads.buffer(array) for array in arrays]
    before = 0
    while not uploads.idle:
        uploads.slice()
        assert 0 <= uploads.bytes - before <= SLICE_BYTES
        before = uploads.bytes
    assert uploads.bytes == sum(sizes)
    assert uploads.done == uploads.asked == len(sizes)
    for buffer, array in zip(buffers, arrays, strict=True):
        np.testing.assert_array_equal(_read(buffer, array), array)


@pytest.mark.parametrize("step_ns", [1, 10_000, 60_000, 150_000, 290_000])
def test_a_slice_ends_before_its_time_is_over(renderer: Renderer, step_ns: int) -> None:
    uploads = _uploads(renderer, step_ns)
    with uploads.deferred():
        uploads.buffer(np.zeros(10 * SLICE_BYTES, np.uint8))
    while not uploads.idle:
        uploads.slice()
    assert uploads.longest_ns <= SLICE_NS
    assert uploads.bytes == 10 * SLICE_BYTES


def test_even_a_machine_that_is_too_slow_gets_on(renderer: Renderer) -> None:
    uploads = _uploads(renderer, 5_000_000)
    with uploads.deferred():
        uploads.buffer(np.zeros(4 * CHUNK_BYTES, np.uint8))
    for _ in range(5):
        uploads.slice()
    assert uploads.idle


def test_what_is_changed_after_it_was_given_arrives_as_it_was(renderer: Renderer) -> None:
    uploads = _uploads(renderer)
    array = np.arange(1000, dtype=np.float32)
    with uploads.deferred():
        buffer = uploads.buffer(array)
    array[:] = 0.0
    uploads.finish()
    np.testing.assert_array_equal(_read(buffer, array), np.arange(1000, dtype=np.float32))


def test_a_second_writing_wins(renderer: Renderer) -> None:
    uploads = _uploads(renderer)
    with uploads.deferred():
        buffer = uploads.buffer(np.zeros(100_000, np.float32))
        uploads.rewrite(buffer, 4, np.ones(10, np.float32))
    assert not uploads.idle
    uploads.finish()
    assert _read(buffer, np.zeros(12, np.float32)).tolist() == [0.0, *[1.0] * 10, 0.0]


def test_what_is_not_deferred_is_there_at_once_whatever_waits(renderer: Renderer) -> None:
    uploads = _uploads(renderer)
    with uploads.deferred():
        uploads.buffer(np.zeros(SLICE_BYTES, np.uint8))
    buffer = uploads.buffer(np.ones(10, np.float32))
    assert uploads.done == 0
    assert _read(buffer, np.zeros(10, np.float32)).tolist() == [1.0] * 10


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("kind", [np.uint8, np.float16, np.float32])
def test_images_arrive_with_all_levels(renderer: Renderer, channels: int, kind: type[Any]) -> None:
    pixels = (np.random.default_rng(channels).random((512, 512, channels)) * 255).astype(kind)
    kit = renderer.kit
    at_once = kit.image(pixels, colour=True)
    with kit.uploads.deferred():
        later = kit.image(pixels, colour=True)
    slices = 0
    while not kit.uploads.idle:
        kit.uploads.slice()
        slices += 1
    assert slices >= 1
    for one, other in zip(_levels(at_once, 512, channels), _levels(later, 512, channels), strict=True):
        np.testing.assert_array_equal(one, other)
    if kind is np.float16:
        np.testing.assert_array_equal(_levels(later, 512, channels)[0], pixels.astype(np.float32))
    assert _levels(later, 512, channels)[-1].min() > 0.0
