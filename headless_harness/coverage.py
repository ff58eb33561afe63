"""How much of the picture each material really shades, counted in pictures of a scene by occlusion queries.

`python -m headless_harness.coverage SCENE [--detail 2 1 0] [--json]`

Every draw is counted in the order of the frame, so what lies behind what was drawn before is not shaded and what is
drawn over later is. Leaves and blades (alpha to coverage) count as their whole cards with none hiding another: more
than a GPU shades. Pixels at edges count by the samples they take, which is less.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import sys
from collections.abc import Sequence
from math import radians
from typing import Any, Final, NamedTuple

from OpenGL import GL

from headless_harness.golden import shots_of
from vr_app.api import Frame, Inputs, Scene
from vr_app.catalogue import find_scenes
from vr_app.headset import Target
from vr_app.render.context import open_context
from vr_app.render.recording import Drawing
from vr_app.render.renderer import Renderer
from vr_app.render.targets import SAMPLES, make_images
from vr_app.render.vertices import created
from vr_app.scripted.headset import eye_views, looking
from vr_app.studio import STEP, bare_stage

EYE_SIZE: Final = (256, 256)

Shares = dict[str, float]  # material -> pixels that it shades, in whole pictures


class View(NamedTuple):
    """One of a scene's golden views: seconds, degrees to the left, and what was shaded there."""

    at: float
    yaw: float
    shares: Shares


class CountingRenderer(Renderer):
    """Draws as any other and counts the samples that each material's draws let through."""

    def __init__(self) -> None:
        super().__init__(single_pass=False)
        self.samples: dict[int, int] = {}  # program -> samples since the last look

    def shares(self) -> Shares:
        """Since the last look."""
        names = {material.program.handle: material.program.name for material in self.kit.materials}
        whole = self.drawn[0] * self.drawn[1] * SAMPLES
        found = {names[program]: samples / whole for program, samples in self.samples.items()}
        self.samples.clear()
        return dict(sorted(found.items()))

    def _draw_list(self, drawings: Sequence[Drawing], instances: int) -> None:
        for drawing in drawings:
            program = drawing[0]
            if drawing[5] == "coverage":
                whole: Drawing = (program, *drawing[1:5], "none", *drawing[6:])
                GL.glColorMask(False, False, False, False)
                GL.glDepthMask(False)
                passed = self._counted(whole, instances)
                GL.glColorMask(True, True, True, True)
                GL.glDepthMask(True)
                super()._draw_list([drawing], instances)
            else:
                passed = self._counted(drawing, instances)
            self.samples[program] = self.samples.get(program, 0) + passed

    def _counted(self, drawing: Drawing, instances: int) -> int:
        query = created(GL.glCreateQueries, GL.GL_SAMPLES_PASSED)
        GL.glBeginQuery(GL.GL_SAMPLES_PASSED, query)
        super()._draw_list([drawing], instances)
        GL.glEndQuery(GL.GL_SAMPLES_PASSED)
        passed = ctypes.c_uint()
        GL.glGetQueryObjectuiv(query, GL.GL_QUERY_RESULT, passed)
        GL.glDeleteQueries(1, [query])
        return passed.value


def covered(scene_class: type[Scene], details: Sequence[int] = (2,)) -> dict[int, list[View]]:
    """The left eye's picture at each golden view, at each level of detail. Needs EGL. Raises ContextError."""
    shots = sorted(shots_of(scene_class.info), key=lambda shot: shot.at)
    found: dict[int, list[View]] = {detail: [] for detail in details}
    with open_context("egl"):
        renderer = CountingRenderer()
        renderer.whole_fields = True
        target = Target(make_images(EYE_SIZE)[0], *EYE_SIZE)
        scene, settings, index = scene_class(), scene_class.Settings(), 0
        scene.build(renderer.kit)
        scene.enter(bare_stage())
        for shot in shots:
            while index * STEP <= shot.at + 1e-9:
                now, dt = index * STEP, STEP if index else 0.0
                scene.update(Frame(index, now, now, dt, False, Inputs(), settings))
                index += 1
            views = eye_views(looking(radians(shot.yaw)), EYE_SIZE)
            for detail in details:
                renderer.air.seconds, renderer.air.scene_seconds, renderer.air.detail = now, now, detail
                frame = Frame(index - 1, now, now, 0.0, False, Inputs(), settings, detail=detail)
                scene.draw(frame, renderer.record())
                renderer.replay(views, [target])
                found[detail].append(View(shot.at, shot.yaw, renderer.shares()))
        scene.leave()
    return found


def table(found: dict[int, list[View]]) -> str:
    """For people: percents of the picture."""
    names = sorted({name for views in found.values() for view in views for name in view.shares})
    lines = [f"{'detail':>6}{'at':>7}{'yaw':>6}" + "".join(f"{name[:11]:>12}" for name in names)]
    for detail, views in found.items():
        for view in views:
            shares = "".join(f"{view.shares.get(name, 0.0):12.1%}" for name in names)
            lines.append(f"{detail:6d}{view.at:7.1f}{view.yaw:6.0f}{shares}")
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="coverage", description=__doc__)
    parser.add_argument("scene")
    parser.add_argument("--detail", type=int, nargs="+", default=[2, 1, 0], choices=[2, 1, 0])
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    entry = find_scenes().get(chosen.scene)
    if entry is None or entry.scene is None:
        print(f"coverage: there is no scene '{chosen.scene}' that can be drawn", file=sys.stderr)
        return 2
    found = covered(entry.scene, chosen.detail)
    told: dict[str, Any] = {str(detail): [view._asdict() for view in views] for detail, views in found.items()}
    print(json.dumps(told) if chosen.json else table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
