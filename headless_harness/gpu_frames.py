"""GPU time of a scene's frames, all round: `python -m headless_harness.gpu_frames SCENE FRAMES` prints JSON.

Both eyes at 8.8 million pixels, as a headset of today asks for. Without a GPU `ms` is empty: a processor's time says
nothing about one.
"""

from __future__ import annotations

import json
import sys
from math import tau
from typing import Final

from vr_app.api import Frame, Inputs, Scene
from vr_app.catalogue import find_scenes
from vr_app.headset import Target
from vr_app.render.context import open_context
from vr_app.scripted.headset import eye_views, looking
from vr_app.studio import bare_stage

EYE_SIZE: Final = (2096, 2096)
STEP: Final = 1.0 / 90.0  # seconds of the scene between two frames
_WARM_UP: Final = 50  # frames


def time_scene(scene_class: type[Scene], size: tuple[int, int], frames: int) -> list[float]:
    """Milliseconds of each frame while the head turns once around, in the context that is current."""
    from OpenGL import GL  # only after the context is open

    from vr_app.render.renderer import Renderer
    from vr_app.render.targets import make_images

    renderer = Renderer(time_gpu=True)
    clock = renderer.gpu_clock
    assert clock is not None
    scene, settings = scene_class(), scene_class.Settings()
    scene.build(renderer.kit)
    scene.enter(bare_stage())
    targets = [Target(texture, *size) for texture in make_images(size)]
    times = []
    for index in range(_WARM_UP + frames):
        time = index * STEP
        frame = Frame(index, time, time, STEP, False, Inputs(), settings)
        scene.update(frame)
        renderer.air.seconds = renderer.air.scene_seconds = time
        scene.draw(frame, renderer.record())
        renderer.replay(eye_views(looking(tau * index / frames), size), targets)
        GL.glFinish()
        spent = clock.take()
        if index >= _WARM_UP:
            times.append(spent / 1e6)
    scene.leave()
    return times


def main() -> int:
    entry = find_scenes()[sys.argv[1]]
    assert entry.scene is not None
    with open_context("egl") as context:
        times = [] if context.software else time_scene(entry.scene, EYE_SIZE, int(sys.argv[2]))
        print(json.dumps({"renderer": context.renderer_name, "ms": times}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
