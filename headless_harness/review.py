"""Builds one self-contained page from out/review/: before, after and amplified difference of each golden image."""

from __future__ import annotations

import argparse
import base64
import html
import io
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from string import Template
from typing import Any, NamedTuple

from PIL import Image

from headless_harness.golden import REVIEW
from headless_harness.pictures import DIFFERING_SHARE, LSB, MEAN_FLIP, Picture, amplified, flip, read

GAIN = 16  # of the amplified difference


class Found(NamedTuple):
    """One picture that did not pass: the facts of golden.compare, and its pictures."""

    facts: dict[str, Any]
    before: Picture | None
    after: Picture


def findings(folder: Path) -> list[Found]:
    """All that lies in the review folder, the greatest change first, then what is new."""
    found = []
    for file in sorted(folder.glob("*/verdict.json")):
        before = file.parent / "before.png"
        facts = json.loads(file.read_text(encoding="utf-8"))
        found.append(Found(facts, read(before) if before.is_file() else None, read(file.parent / "after.png")))
    return sorted(found, key=lambda one: (one.before is None, -one.facts["flip"], one.facts["scene"], one.facts["at"]))


def page(found: Sequence[Found]) -> str:
    """The whole page, pictures inside it; it loads nothing."""
    changed = sum(one.before is not None for one in found)
    if found:
        summary = f"{changed} changed, {len(found) - changed} new. Greatest change first."
    else:
        summary = "Every golden image is as it was."
    cards = "\n".join(_card(number, one) for number, one in enumerate(found))
    limit = f"more than {DIFFERING_SHARE:.1%} of pixels differ by over {LSB} of 255, or mean FLIP is over {MEAN_FLIP:g}"
    return PAGE.substitute(summary=summary, limit=limit, cards=cards)


def _card(number: int, one: Found) -> str:
    facts = one.facts
    scene, title = (html.escape(str(facts[key])) for key in ("scene", "title"))
    figures = "".join(_figure(name, picture) for name, picture in _pictures(one))
    return f"""<article id="shot-{number}">
<header><h2>{title} <small>{scene}</small></h2>
<p class="where"><span>{facts["at"]:g} s</span><span>{_looking(facts["yaw"])}</span></p>
<p class="verdict {facts["state"]}">{_verdict(one)}</p></header>
<div class="figures">{figures}</div>
</article>"""


def _pictures(one: Found) -> Iterator[tuple[str, Picture]]:
    if one.before is not None:
        yield "Before", one.before
    yield "After", one.after
    if one.before is not None and one.before.shape == one.after.shape:
        yield f"Difference × {GAIN}", amplified(one.before, one.after, GAIN)


def _figure(name: str, picture: Picture) -> str:
    height, width = picture.shape[:2]
    image = f'<img alt="{name}" width="{width}" height="{height}" src="{_inline(picture)}">'
    return f'<figure tabindex="0">{image}<figcaption>{name}</figcaption></figure>'


def _verdict(one: Found) -> str:
    if one.before is None:
        return "New: there is no golden image yet"
    if one.before.shape != one.after.shape:
        return "Changed: the sizes are not the same"
    share, error = one.facts["differing"], one.facts["flip"]
    worst = float(flip(one.before, one.after).max())
    return f"Changed: {share:.2%} of pixels, mean FLIP {error:.3f}, worst {worst:.2f}"


def _looking(yaw: float) -> str:
    if yaw == 0:
        return "looking ahead"
    return f"looking {abs(yaw):g}° {'left' if yaw > 0 else 'right'}"


def _inline(picture: Picture) -> str:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


PAGE = Template("""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Harborlight: golden images to review</title>
<style>
  :root { color-scheme: dark; --ground: #26282c; --card: #2f3237; --ink: #ece6da; --soft: #a9a598;
    --warm: #ffc27a; }
  * { box-sizing: border-box; margin: 0; }
  body { background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif;
    padding: clamp(1rem, 4vw, 2.5rem) clamp(0.75rem, 3vw, 2rem); }
  main { max-width: 1880px; margin: auto; display: grid; gap: 1.75rem; }
  h1 { font-size: 1.6rem; font-weight: 600; }
  h2 { font-size: 1.15rem; font-weight: 600; }
  small, figcaption, .hint { color: var(--soft); font-weight: 400; }
  code, kbd { font: 0.92em ui-monospace, monospace; background: #1c1e21; padding: 0.1em 0.4em; border-radius: 4px; }
  .summary { font-size: 1.1rem; margin: 0.35rem 0 0.8rem; }
  article { background: var(--card); border-radius: 12px; padding: 1.1rem 1.25rem 1.25rem; }
  header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.2rem 1.25rem; margin-bottom: 0.8rem; }
  .where span { color: var(--soft); margin-right: 1rem; font-variant-numeric: tabular-nums; }
  .verdict { margin-left: auto; font-variant-numeric: tabular-nums; }
  .verdict::before { content: "●"; margin-right: 0.5em; }
  .changed::before { color: var(--warm); }
  .new::before { color: #8fb4e0; }
  .figures { display: grid; grid-template-columns: repeat(3, 1fr); gap: 0.75rem; }
  @media (max-width: 1100px) { .figures { grid-template-columns: 1fr; } }
  figure { cursor: zoom-in; border-radius: 6px; }
  figure:focus-visible { outline: 2px solid var(--warm); outline-offset: 3px; }
  figure img { display: block; width: 100%; height: auto; border-radius: 6px; background: #000; }
  figcaption { padding-top: 0.3rem; font-size: 0.9rem; }
  dialog { border: 0; padding: 0; background: var(--ground); color: var(--ink); width: 100vw; height: 100vh;
    max-width: none; max-height: none; }
  dialog[open] { display: grid; grid-template-rows: auto 1fr; }
  dialog:focus { outline: none; }
  body:has(dialog[open]) { overflow: hidden; }
  dialog p { padding: 0.7rem 1.25rem; }
  dialog b { display: inline-block; min-width: min(20em, 100%); }
  button { float: right; min-width: 2.75rem; min-height: 2.75rem; font: inherit; color: inherit; cursor: pointer;
    background: var(--card); border: 0; border-radius: 8px; margin-top: -0.5rem; }
  button:focus-visible { outline: 2px solid var(--warm); }
  dialog img { width: 100%; height: 100%; object-fit: contain; image-rendering: pixelated; min-height: 0; }
</style>
<main>
<div>
<h1>Golden images to review</h1>
<p class="summary">$summary</p>
<p class="hint">A picture is listed when $limit. Click one to see it large; there, <kbd>←</kbd> <kbd>→</kbd> or a click
flips between before, after and difference in one place. Left half: left eye. Grey in a difference is no change.
When all of them are right: <code>python3 -m vr_app.dev golden --accept</code></p>
</div>
$cards
</main>
<dialog>
<p><b></b> <span class="hint"><kbd>←</kbd> <kbd>→</kbd> or click flips, <kbd>Esc</kbd> closes</span>
<button aria-label="Close">×</button></p>
<img alt="">
</dialog>
<script>
  const dialog = document.querySelector("dialog");
  const large = dialog.querySelector("img"), name = dialog.querySelector("b");
  let figures = [], shown = 0;
  function show(number) {
    shown = (number + figures.length) % figures.length;
    const image = figures[shown].querySelector("img");
    large.src = image.src;
    large.alt = image.alt;
    name.textContent = figures[shown].closest("article").querySelector("h2").firstChild.data + "· " + image.alt;
  }
  function open(figure) {
    figures = [...figure.parentElement.children];
    show(figures.indexOf(figure));
    dialog.showModal();
  }
  for (const figure of document.querySelectorAll("figure")) {
    figure.addEventListener("click", () => open(figure));
    figure.addEventListener("keydown", event => {
      if (event.key !== "Enter") return;
      event.preventDefault();  // else the same key presses the button that gets the focus
      open(figure);
    });
  }
  dialog.querySelector("button").addEventListener("click", () => dialog.close());
  large.addEventListener("click", () => show(shown + 1));
  dialog.addEventListener("keydown", event => {
    if (event.key === "ArrowRight") show(shown + 1);
    if (event.key === "ArrowLeft") show(shown - 1);
  });
</script>
</html>
""")


def main(arguments: Sequence[str]) -> int:
    """Write the page and say where. Exit status 0."""
    parser = argparse.ArgumentParser(prog="review", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=REVIEW, help="what golden images that changed lie in")
    folder: Path = parser.parse_args(arguments).folder
    found = findings(folder)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "index.html"
    file.write_text(page(found), encoding="utf-8")
    print(f"{len(found)} golden images to review: {file.resolve().as_uri()}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
