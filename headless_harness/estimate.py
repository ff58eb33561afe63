"""What a frame of a scene would take on a GTX 1660, from its instructions and from what its pictures really shade.

`python -m headless_harness.estimate [SCENE ...] [--detail 2 1 0] [--json]`

A sum over materials of the share of the picture that each shades (headless_harness.coverage) times its instructions
(headless_harness.instructions), and besides: the resolve of all of it, fields and kernels, and vertices, which take
their instructions or the time that setting up so many triangles takes, whichever is more. At the full size of both
eyes; the governor draws detail 1 and 0 only at 42 % of it. Exit status 1 when a scene exceeds the budget at 90 Hz.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from headless_harness.instructions import ALU_A_MILLISECOND, LEVELS, PIXELS, Count, count_all
from headless_harness.null_gpu import NullGpuError
from vr_app.catalogue import find_scenes
from vr_app.render.context import ContextError

if TYPE_CHECKING:
    from headless_harness.coverage import View

BUDGET: Final = 7.5  # milliseconds of the app's at 90 Hz (docs/design/platform-facts.md)
TRIANGLES_A_MILLISECOND: Final = 2e6  # that are set up, culled ones among them: half of what its makers promise
EYES: Final = 2


@dataclass(frozen=True, slots=True)
class Estimate:
    """Milliseconds of one view; `materials` by name."""

    scene: str
    detail: int
    at: float
    yaw: float
    materials: dict[str, float]
    always: float  # resolve, fields and kernels
    vertices: float

    @property
    def milliseconds(self) -> float:
        return sum(self.materials.values()) + self.always + self.vertices


def estimates(count: Count, scene: str, seen: dict[int, list[View]]) -> list[Estimate]:
    """One of each view."""
    return [_of_view(count, scene, level, view) for level, views in seen.items() for view in views]


def _of_view(count: Count, scene: str, level: int, view: View) -> Estimate:
    figures, drawn = count.figures[level], count.scenes[scene][level]
    shaded = {name: figures[name].milliseconds * share for name, share in view.shares.items()}
    always = sum(figures[name].milliseconds * share for name, share in drawn.parts.items())
    work = sum(figures[name].vertex * corners for name, corners in drawn.corners.items())
    vertices = EYES * max(work / (ALU_A_MILLISECOND * PIXELS), drawn.triangles / TRIANGLES_A_MILLISECOND)
    always += figures["resolve"].milliseconds
    return Estimate(scene, level, view.at, view.yaw, shaded, always, vertices)


def worst(found: Sequence[Estimate], detail: int) -> Estimate:
    return max((each for each in found if each.detail == detail), key=lambda each: each.milliseconds)


def table(found: Sequence[Estimate]) -> str:
    """The form for people: each scene's dearest view at each level."""
    lines = [f"{'scene':14}{'detail':>7}{'ms':>7}{'vertices':>10}{'always':>8}  view, and what its materials take"]
    for scene in dict.fromkeys(each.scene for each in found):
        own = [each for each in found if each.scene == scene]
        for detail in dict.fromkeys(each.detail for each in own):
            most = worst(own, detail)
            dear = sorted(most.materials.items(), key=lambda item: -item[1])
            told = ", ".join(f"{name} {ms:.2f}" for name, ms in dear if ms >= 0.005)
            numbers = f"{most.milliseconds:7.2f}{most.vertices:10.2f}{most.always:8.2f}"
            lines.append(f"{scene:14}{detail:7d}{numbers}  {most.at:g} s, {most.yaw:g} degrees: {told}")
    return "\n".join([*lines, "", f"GTX 1660, 2 x 2064 x 2208; {BUDGET} ms is what there is at 90 Hz and detail 2"])


def main(arguments: Sequence[str]) -> int:
    """Exit status: 0, 1 when a scene takes too long or nothing can be counted here, 2 on misuse."""
    parser = argparse.ArgumentParser(prog="estimate", description=__doc__)
    parser.add_argument("scenes", nargs="*", metavar="SCENE")
    parser.add_argument("--detail", type=int, nargs="+", default=list(LEVELS), choices=LEVELS)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    from headless_harness.coverage import covered  # OpenGL, which only this program needs

    try:
        count = count_all(chosen.scenes)
        classes = {name: entry.scene for name, entry in find_scenes().items() if entry.scene and name in count.scenes}
        found = [
            each for name, scene in classes.items() for each in estimates(count, name, covered(scene, chosen.detail))
        ]
    except (NullGpuError, ContextError) as error:
        print(f"estimate: {error}", file=sys.stderr)
        return 1
    told = [asdict(each) | {"ms": each.milliseconds} for each in found]
    print(json.dumps(told, indent=2) if chosen.json else table(found))
    dear = {each.scene for each in found if each.detail == LEVELS[0] and each.milliseconds > BUDGET}
    for scene in sorted(dear):
        print(f"estimate: scene '{scene}' takes more than {BUDGET} ms at detail {LEVELS[0]}", file=sys.stderr)
    return 1 if dear else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
