"""GPU time arrives some frames late, never by waiting, and only once a frame was really timed."""

from __future__ import annotations

from vr_app.headset import Target, View
from vr_app.render.context import open_context
from vr_app.scripted.headset import eye_views, looking


def test_the_time_of_a_finished_frame_is_read_later() -> None:
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
        renderer.replay(views, targets)
        assert clock.latest == 0  # asked, not waited for
        for _ in range(20):
            GL.glFinish()
            renderer.replay(views, targets)
        assert 0 < clock.latest < 1_000_000_000


def test_a_driver_that_falls_behind_is_not_asked_more() -> None:
    with open_context("egl"):
        from vr_app.render.gl import hot_calls
        from vr_app.render.gpu_clock import GpuClock

        clock = GpuClock(hot_calls())
        clock._get = lambda query, what: 0  # type: ignore[method-assign]  # never available
        for _ in range(100):
            clock.start()
            clock.stop()
        assert clock.latest == 0
        assert clock._started - clock._read == 8  # the ring is full and stays so
