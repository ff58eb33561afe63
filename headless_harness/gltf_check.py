"""Works judged by Khronos' glTF validator: `python -m headless_harness.gltf_check [--count 50] --out DIR`.

It needs Node.js; the validator comes from npm into a folder of its own (headless_harness/npm).
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Sequence
from math import cos, sin
from pathlib import Path
from typing import Final, NamedTuple

from vr_app.api import Stroke
from vr_app.exports.gltf import glb
from vr_app.remembered import Remembered
from vr_app.works.chunks import to_file
from vr_app.works.works import Works

BRUSHES: Final = ("ribbon", "ink", "chalk", "leaf", "dust", "tube", "shape:boat", "a brush of tomorrow")
_NPM: Final = Path(__file__).parent / "npm"
_JUDGE: Final = """
const validator = require("gltf-validator"), fs = require("fs");
(async () => { for (const path of process.argv.slice(1)) {
  const report = await validator.validateBytes(new Uint8Array(fs.readFileSync(path)), { maxIssues: 20 });
  console.log(JSON.stringify({ path, issues: report.issues, info: report.info }));
} })();
"""


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


def missing() -> str:
    """What cannot be done without, and how to have it; "" when all is there."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "node is missing: apt-get install nodejs npm"
    if not (_NPM / "node_modules" / "gltf-validator").is_dir():
        done = subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=_NPM, check=False, timeout=240)
        if done.returncode:
            return "gltf-validator is missing: npm ci in headless_harness/npm needs a network"
    return ""


def main(arguments: Sequence[str]) -> int:
    """Exit status: 1 for an error or a warning of any work."""
    parser = argparse.ArgumentParser(prog="gltf_check", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=50, metavar="N")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    chosen = parser.parse_args(arguments)
    if lack := missing():
        print(lack)
        return 1
    chosen.out.mkdir(parents=True, exist_ok=True)
    paths = []
    for seed in range(chosen.count):
        paths.append(chosen.out / f"{seed:02}.glb")
        paths[-1].write_bytes(glb(generated(seed).strokes))
    judged = subprocess.run(
        ["node", "-e", _JUDGE, *map(str, [path.resolve() for path in paths])],
        cwd=_NPM, capture_output=True, text=True, check=True, timeout=600,
    )  # fmt: skip
    errors = warnings = 0
    for line in judged.stdout.splitlines():
        report = json.loads(line)
        errors, warnings = errors + report["issues"]["numErrors"], warnings + report["issues"]["numWarnings"]
        for issue in report["issues"]["messages"]:
            if issue["severity"] <= 1:
                print(f"{Path(report['path']).name}: {issue['code']} {issue['message']} at {issue.get('pointer')}")
    sizes = [path.stat().st_size for path in paths]
    print(f"{len(paths)} works: {errors} errors, {warnings} warnings; {min(sizes)} to {max(sizes)} bytes")
    return 1 if errors or warnings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
