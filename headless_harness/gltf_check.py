"""Works judged by Khronos' glTF validator and drawn by another library: `python -m headless_harness.gltf_check`.

`--seen` compares what three.js draws of each brush with our own picture: how far they cover the same.
"""

from __future__ import annotations

import argparse
import io
import random
import sys
from collections.abc import Sequence
from math import cos, degrees, sin
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from headless_harness import chromium
from headless_harness.gltf_judges import Judges, judges, missing
from vr_app.api import Stroke
from vr_app.exports import picture
from vr_app.exports.gltf import glb
from vr_app.exports.solid import expanded
from vr_app.remembered import Remembered
from vr_app.scripted.headset import Pixels
from vr_app.works.chunks import to_file
from vr_app.works.works import Works

BRUSHES: Final = ("ribbon", "ink", "chalk", "leaf", "dust", "tube", "shape:boat", "a brush of tomorrow")
SIZE: Final = (1280, 720)  # of pictures that are compared
FAINT: Final = 5  # of 255: less is not seen as paint
CLOUD, GRAIN = 31, 9  # pixels across which motes are one cloud, and chalk is one line
Flags = npt.NDArray[np.bool_]


class Generated(NamedTuple):
    """A work that nobody made."""

    strokes: list[Stroke]
    file: bytes  # .hlwork


def generated(seed: int) -> Generated:
    """Seed 0 is empty, 1 a single dot, 2 one of 60,000 points; others of some strokes of any brush."""
    rng = random.Random(seed)
    remembered = Remembered()
    works = Works(remembered)
    work = works.of("light_paint").open()
    sizes = {0: [], 1: [1], 2: [2_000] * 30}.get(seed) or [rng.randrange(1, 300) for _ in range(rng.randrange(1, 12))]
    for size in [] if seed == 0 else sizes:
        colour = (rng.random(), rng.random(), rng.random(), rng.random())
        work.begin(
            rng.choice(BRUSHES),
            colour,
            turns=rng.choice((1, 1, 1, 5, 12)) if seed != 2 else 1,
            mirror=rng.random() < 0.3,
        )
        a, b, turn = rng.random() * 0.2, rng.random() * 0.2, rng.random() * 6.0
        for n in range(size):
            t = 0.03 * n
            work.append(
                (0.6 * sin(a * t * 9 + turn), 1.2 + 0.4 * sin(b * t * 11), -1.2 + 0.3 * cos(t * 0.4)),
                0.004 + 0.03 * rng.random(),
            )
        work.end()
        works.finish()
    found = remembered.pieces()
    return Generated(list(work.shown().values()), to_file(next(iter(found.values()), [])))


def overlap(ours: Flags, theirs: Flags) -> float:
    """What both cover, as a share of what either does: 0..1."""
    either = int((ours | theirs).sum())
    return int((ours & theirs).sum()) / either if either else 1.0


def agreement(brush: str, ours: Flags, theirs: Flags) -> float:
    """`overlap` of the shape: nobody's motes of dust, or holes in chalk, lie where another's do."""
    near = {"dust": CLOUD, "chalk": GRAIN}.get(brush, 1)
    return overlap(_closed(ours, near), _closed(theirs, near))


def _closed(flags: Flags, near: int) -> Flags:
    """And what lies between those that are so many pixels apart, at most."""
    grown = Image.fromarray(flags.astype(np.uint8) * 255).filter(ImageFilter.MaxFilter(near))
    return np.asarray(np.asarray(grown.filter(ImageFilter.MinFilter(near))) > 127)


def outline(strokes: Sequence[Stroke]) -> Flags:
    """Where our own picture of it is not the dusk behind it."""
    whole, bare = (
        np.asarray(Image.open(io.BytesIO(picture.png(strokes, size=SIZE, shows=shows))).convert("RGB"), np.int16)
        for shows in (True, False)
    )
    return np.asarray(np.abs(whole - bare).max(axis=2) > FAINT)


def drawn_by_another(judge: Judges, strokes: Sequence[Stroke]) -> Pixels:
    """Its glTF file as three.js draws it from where our picture is taken."""
    low, high = picture.bounds(expanded(strokes))
    head = picture.camera(low, high, SIZE[0] / SIZE[1])
    return judge.seen(glb(strokes), head, degrees(picture.VERTICAL), SIZE)


def brush_sheet(brush: str) -> list[Stroke]:
    """A loop and a wave of one brush, turned and mirrored."""
    t = np.linspace(0.0, 1.0, 60)
    loop = np.stack([0.3 + 0.2 * np.cos(7 * t), 1.2 + 0.25 * np.sin(7 * t), -1.3 + 0.1 * t], axis=1)
    wave = np.stack([-0.6 + 1.2 * t, 0.8 + 0.06 * np.sin(20 * t), -1.2 + 0.0 * t], axis=1)
    wide = 0.012 + 0.012 * np.sin(np.pi * t)[:, None]
    parts = [np.concatenate([part, wide], axis=1).astype(np.float32) for part in (loop, wave)]
    return [Stroke(brush, (0.9, 0.5, 0.25, 0.5), parts[0], 1, True), Stroke(brush, (0.3, 0.6, 0.7, 0.5), parts[1])]


def main(arguments: Sequence[str]) -> int:
    """Exit status: 1 for an error or a warning of any work."""
    parser = argparse.ArgumentParser(prog="gltf_check", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=50, metavar="N")
    parser.add_argument("--out", type=Path, metavar="DIR", help="keep the files, and what both draw of them")
    parser.add_argument("--seen", action="store_true", help="compare each brush with our own picture")
    chosen = parser.parse_args(arguments)
    if lack := missing():
        print(lack)
        return 1
    if chosen.out:
        chosen.out.mkdir(parents=True, exist_ok=True)
    with chromium.browser() as browser, judges(browser) as judge:
        wrong = _validate(judge, chosen.count, chosen.out)
        if chosen.seen:
            for brush in BRUSHES:
                strokes = brush_sheet(brush)
                theirs, ours = drawn_by_another(judge, strokes), outline(strokes)
                print(f"{brush}: {agreement(brush, ours, theirs[..., 3] > 127):.3f} of what either covers, both do")
                if chosen.out:
                    side_by_side(strokes, theirs).save(chosen.out / f"{brush.replace(':', '-')}.png")
    return wrong


def side_by_side(strokes: Sequence[Stroke], theirs: Pixels) -> Image.Image:
    """Our picture above, theirs below."""
    both = Image.new("RGB", (SIZE[0], 2 * SIZE[1]), "#222B49")
    both.paste(Image.open(io.BytesIO(picture.png(strokes, size=SIZE))), (0, 0))
    over = Image.fromarray(theirs)
    both.paste(over, (0, SIZE[1]), over)
    return both


def _validate(judge: Judges, count: int, out: Path | None) -> int:
    errors = warnings = 0
    sizes = []
    for seed in range(count):
        data = glb(generated(seed).strokes)
        if out:
            (out / f"{seed:02}.glb").write_bytes(data)
        issues = judge.validate(data)["issues"]
        errors, warnings = errors + issues["numErrors"], warnings + issues["numWarnings"]
        sizes.append(len(data))
        for issue in issues["messages"]:
            if issue["severity"] <= 1:
                print(f"{seed:02}: {issue['code']} {issue['message']} at {issue.get('pointer')}")
    print(f"{count} works: {errors} errors, {warnings} warnings; {min(sizes)} to {max(sizes)} bytes")
    return 1 if errors or warnings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
