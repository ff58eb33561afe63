"""Developer command: one page with every scene all round, and through a breath where it breathes."""

from __future__ import annotations

import argparse
import html
import sys
from collections.abc import Sequence
from pathlib import Path
from string import Template

from headless_harness.pictures import write
from headless_harness.sheet import all_round, breath, contact_sheet
from vr_app.api import SceneInfo
from vr_app.catalogue import find_scenes
from vr_app.render.context import ContextError
from vr_app.studio import open_studio

GALLERY = Path(__file__).resolve().parents[1] / "out" / "gallery"
EYE_SIZE = (360, 360)
BREATH_SECONDS = 10.0  # the pace at which scenes breathe unless told otherwise

PAGE = Template("""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Harborlight: gallery</title>
<style>
  body { margin: 0; padding: 2.5rem 2rem; background: #26282c; color: #ece6da; font: 16px/1.5 system-ui, sans-serif; }
  h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin: 2.5rem 0 0; }
  p { color: #a9a598; margin: 0.2rem 0 0.8rem; }
  img { width: 100%; border-radius: 8px; }
</style>
<h1>Harborlight: every place, all round</h1>
$scenes
</html>
""")
SECTION = Template("""<section id="$id"><h2>$title</h2><p>$kind · $flags · $summary</p>
<a href="$id.jpg"><img src="$id.jpg" alt="$title: both eyes in eight directions"></a></section>""")


def section(info: SceneInfo) -> str:
    """A scene's part of the page."""
    facts = {"id": info.id, "title": info.title, "kind": info.kind, "summary": info.summary}
    facts["flags"] = ", ".join(sorted(info.flags)) or "no flags"
    return SECTION.substitute({name: html.escape(value) for name, value in facts.items()})


def main(arguments: Sequence[str]) -> int:
    """Exit status: 0, or 1 when a scene is broken or nothing can be drawn here."""
    parser = argparse.ArgumentParser(prog="gallery", description=__doc__)
    parser.add_argument("--out", type=Path, default=GALLERY, metavar="FOLDER")
    folder: Path = parser.parse_args(arguments).out
    entries = find_scenes().values()
    try:
        with open_studio(EYE_SIZE) as studio:
            for scene in (entry.scene for entry in entries if entry.scene):
                rows = all_round(studio, scene, min(scene.info.golden_times))
                if "breath" in scene.info.flags:
                    rows.append(breath(studio, scene, BREATH_SECONDS))
                write(folder / f"{scene.info.id}.jpg", contact_sheet(rows))
                print(scene.info.title, flush=True)
    except ContextError as error:
        print(f"gallery: {error}", file=sys.stderr)
        return 1
    page = folder / "index.html"
    sections = "\n".join(section(entry.scene.info) for entry in entries if entry.scene)
    page.write_text(PAGE.substitute(scenes=sections), encoding="utf-8")
    print(page.resolve().as_uri())
    for entry in entries:
        if entry.broken:
            print(f"gallery: {entry.broken}", file=sys.stderr)
    return 1 if any(entry.broken for entry in entries) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
