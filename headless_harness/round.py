"""Keeps one round of work on a scene: two pictures, small enough for docs/review/, and the lines that show them.

`python -m headless_harness.round SCENE NUMBER TITLE --before FILE --after FILE`
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

REVIEW = Path(__file__).resolve().parents[1] / "docs" / "review"
WIDEST, QUALITY, BYTES = 900, 82, 200_000


def shrink(source: Path, file: Path) -> None:
    """A JPEG of at most WIDEST pixels and BYTES bytes. Raises OSError for what is no picture."""
    with Image.open(source) as picture:
        small = picture.convert("RGB")
    small.thumbnail((WIDEST, 16 * WIDEST), Image.Resampling.LANCZOS)
    for quality in range(QUALITY, 10, -8):
        small.save(file, quality=quality, optimize=True)
        if file.stat().st_size <= BYTES:
            return


def main(arguments: Sequence[str], review: Path = REVIEW) -> int:
    """Exit status: 0, 1 when a picture cannot be read, 2 on misuse."""
    parser = argparse.ArgumentParser(prog="round", description=__doc__.split("\n\n")[0] if __doc__ else None)
    parser.add_argument("scene")
    parser.add_argument("number", type=int)
    parser.add_argument("title", help="a word or two, joined by hyphens")
    parser.add_argument("--before", type=Path, required=True, metavar="FILE")
    parser.add_argument("--after", type=Path, required=True, metavar="FILE")
    chosen = parser.parse_args(arguments)
    folder = review / chosen.scene
    names = [f"{chosen.number:02d}-{chosen.title}-{which}.jpg" for which in ("before", "after")]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for source, name in zip((chosen.before, chosen.after), names, strict=True):
            shrink(source, folder / name)
    except OSError as error:
        print(f"round: {error}", file=sys.stderr)
        return 1
    print("| before | after |\n|---|---|\n| " + " | ".join(f"![]({chosen.scene}/{name})" for name in names) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
