"""Golden images: every scene at its golden times, as the pinned software renderer draws it.

`python3 -m vr_app.dev golden` compares, `golden --accept` makes what is drawn now the new truth. A picture passes
when its bytes are the same, or when no person could tell (see pictures.Difference). One that does not pass is laid
into out/review/ beside the old one, for `python3 -m vr_app.dev review`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import radians
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from headless_harness.pictures import Difference, Picture, difference, read, write
from vr_app.api import Scene, SceneInfo
from vr_app.catalogue import find_scenes
from vr_app.render.context import Context, ContextError
from vr_app.scripted.headset import looking
from vr_app.studio import Studio, open_studio

CHECKOUT = Path(__file__).resolve().parents[1]
GOLDEN = CHECKOUT / "tests" / "golden"
REVIEW = CHECKOUT / "out" / "review"
SIDES = (100.0, -100.0)  # degrees to the left; looked at once, at the first golden time
EYE_SIZE = (320, 320)  # pixels, a fifth of a megabyte a golden image: seventeen scenes must stay easy to clone

# The Mesa of Debian 13, where the goldens are made. Another one draws nearly, but not quite, the same.
PINNED_RENDERER = "llvmpipe"
PINNED_VERSION = "Mesa 25.0"


class Shot(NamedTuple):
    """One golden image: a scene, a scene time in seconds and where the head looks, degrees to the left."""

    scene: str
    title: str
    at: float
    yaw: float

    @property
    def name(self) -> str:
        """File name without suffix."""
        return f"{self.scene}-{self.at:g}s-{self.looking}"

    @property
    def looking(self) -> str:
        """ "ahead", "left100" or "right100"."""
        if self.yaw == 0:
            return "ahead"
        return f"{'left' if self.yaw > 0 else 'right'}{abs(self.yaw):g}"


State = Literal["same", "within", "changed", "new"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a golden image.

    "same" bytes, differences "within" what nobody sees, "changed", or "new": there is no golden image yet.
    """

    name: str
    title: str
    state: State
    difference: Difference

    @property
    def passed(self) -> bool:
        return self.state in ("same", "within")

    def __str__(self) -> str:
        if self.state == "changed":
            share, flip = self.difference
            return f"{self.name}: changed, {share:.2%} of pixels differ, mean FLIP {flip:.4f}"
        return f"{self.name}: {self.state}"


def shots_of(info: SceneInfo) -> list[Shot]:
    """Every golden image that a scene asks for: ahead at each golden time, to the sides at the first."""
    times = sorted(info.golden_times)
    ahead = [Shot(info.id, info.title, at, 0.0) for at in times]
    return ahead + [Shot(info.id, info.title, times[0], yaw) for yaw in SIDES]


def draw(studio: Studio, scene: type[Scene]) -> Iterator[tuple[Shot, Picture]]:
    """A scene's golden images as they are drawn now, both eyes side by side."""
    shots = shots_of(scene.info)
    yaws = {shot.yaw: looking(radians(shot.yaw)) for shot in shots}
    drawn = studio.photograph(scene, scene.info.golden_times, list(yaws.values()))
    seen = {(time, head): photograph for time, head, photograph in drawn}
    for shot in shots:
        photograph = seen[shot.at, yaws[shot.yaw]]
        yield shot, np.concatenate([photograph.left, photograph.right], axis=1)


def pinned(context: Context) -> bool:
    """True where golden images may be compared: on the software renderer that made them."""
    return context.renderer_name.startswith(PINNED_RENDERER) and PINNED_VERSION in context.version


def elsewhere(context: Context) -> str:
    """Why golden images are not compared here."""
    here = f"{context.renderer_name}, {context.version}"
    return f"golden images belong to {PINNED_RENDERER} of {PINNED_VERSION}; this is {here}"


def _judged(before: Picture | None, now: Picture) -> tuple[State, Difference]:
    if before is None:
        return "new", Difference(1.0, 1.0)
    apart = difference(before, now)
    if apart.acceptable:
        return ("within" if any(apart) else "same"), apart
    return "changed", apart


def compare(shot: Shot, now: Picture, golden: Path = GOLDEN, review: Path = REVIEW) -> Verdict:
    """Judge one picture; lay what does not pass into the review folder."""
    file, laid_out = golden / f"{shot.name}.png", review / shot.name
    shutil.rmtree(laid_out, ignore_errors=True)
    before = read(file) if file.is_file() else None
    verdict = Verdict(shot.name, shot.title, *_judged(before, now))
    if not verdict.passed:
        if before is not None:
            write(laid_out / "before.png", before)
        write(laid_out / "after.png", now)
        facts = {**shot._asdict(), "state": verdict.state, **verdict.difference._asdict()}
        (laid_out / "verdict.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    return verdict


def accept(shot: Shot, now: Picture, golden: Path = GOLDEN, review: Path = REVIEW) -> Verdict:
    """Make a picture the golden image. One that passes already is kept, so that a commit holds only real changes."""
    verdict = compare(shot, now, golden, review)
    shutil.rmtree(review / shot.name, ignore_errors=True)
    if not verdict.passed:
        write(golden / f"{shot.name}.png", now)
    return verdict


def stale(scenes: Iterable[SceneInfo], golden: Path = GOLDEN) -> list[Path]:
    """Golden images that no scene asks for."""
    wanted = {shot.name for info in scenes for shot in shots_of(info)}
    return sorted(file for file in golden.glob("*.png") if file.stem not in wanted)


def main(arguments: Sequence[str], golden: Path = GOLDEN, review: Path = REVIEW) -> int:
    """Exit status: 0 when all pass or were accepted, 1 when one changed or none can be drawn here."""
    parser = argparse.ArgumentParser(prog="golden", description=__doc__)
    parser.add_argument("scenes", nargs="*", help="ids of scenes; all when none is given")
    parser.add_argument("--accept", action="store_true", help="make what is drawn now the golden images")
    chosen = parser.parse_args(arguments)
    scenes = {name: entry.scene for name, entry in find_scenes().items() if entry.scene}
    if unknown := set(chosen.scenes) - set(scenes):
        parser.error(f"no scene {', '.join(sorted(unknown))}; there are {', '.join(scenes)}")
    judge = accept if chosen.accept else compare
    failed = 0
    if not chosen.scenes:
        shutil.rmtree(review, ignore_errors=True)  # what an earlier run found is no longer so
    try:
        with open_studio(EYE_SIZE) as studio:
            if not pinned(studio.context):
                raise ContextError(f"{elsewhere(studio.context)}; run `python3 -m vr_app.dev golden`")
            for name in chosen.scenes or scenes:
                for shot, now in draw(studio, scenes[name]):
                    verdict = judge(shot, now, golden, review)
                    print(verdict, flush=True)
                    failed += not verdict.passed
    except ContextError as error:
        print(f"golden: {error}", file=sys.stderr)
        return 1
    for file in stale((scene.info for scene in scenes.values()), golden):
        print(f"{file.stem}: no scene asks for it")
        failed += 1
        if chosen.accept:
            file.unlink()
    if not failed or chosen.accept:
        return 0
    print(f"{failed} differ: look at them with `python3 -m vr_app.dev review`; if they are right, `golden --accept`")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
