"""GPU time arrives some frames late, never by waiting, once, and only when a frame was really timed."""

from __future__ import annotations

from vr_app.headset import Target, View
from vr_app.render.context import open_context
from vr_app.scripted.headset import eye_views, looking


def test_the_time_of_a_finished_frame_is_told_later_and_once() -> None:
    with open_context("egl"):
        from OpenGL import GL

        from vr_app.render.renderer import Renderer
        from vr_app.render.targets import make_images

        renderer = Renderer(time_gpu=True)
        clock = renderer.gpu_clock
        assert clock is not None
        targets = [Target(texture, 64, 64) for texture in make_images((64, 64))]
        views: tuple[View, ...] = eye_views(looking(0.0), (64, 64))
        renderer.record()
        assert clock.take() == 0
        told = 0
        for _ in range(20):
            renderer.replay(views, targets)
            GL.glFinish()
            spent = clock.take()
            assert 0 <= spent < 1_000_000_000
            told += spent > 0
        assert told
        assert clock.take() == 0


def test_of_several_frames_that_become_known_together_the_longest_is_told() -> None:
    with open_context("egl"):
        from vr_app.render.gl import hot_calls
        from vr_app.render.gpu_clock import GpuClock

        clock = GpuClock(hot_calls())
        times = {1: 100, 2: 400, 3: 1_000, 4: 9_000, 5: 10_000, 6: 11_000}  # the first three pairs of queries
        ready = False
        numbers = {query: index + 1 for index, query in enumerate(clock._queries)}
        clock._get = lambda query, what: (  # type: ignore[method-assign]
            int(ready) if what == 0x8867 else times[numbers[query]]  # GL_QUERY_RESULT_AVAILABLE
        )
        for _ in range(3):
            clock.start()
            clock.stop()
        assert clock.take() == 0  # asked, not waited for
        ready = True
        assert clock.take() == 8_000
        assert clock.take() == 0


def test_a_driver_that_falls_behind_is_not_asked_more() -> None:
    with open_context("egl"):
        from vr_app.render.gl import hot_calls
        from vr_app.render.gpu_clock import GpuClock

        clock = GpuClock(hot_calls())
        clock._get = lambda query, what: 0  # type: ignore[method-assign]  # never available
        for _ in range(100):
            clock.start()
            clock.stop()
            assert clock.take() == 0
        assert clock._started - clock._read == 8  # the ring is full and stays so
