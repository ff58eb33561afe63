"""The gallery's page: what was drawn of every scene and what is known of it, for a browser without a network."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from string import Template

import msgspec

from vr_app.render.text import FONT


class Tile(msgspec.Struct, frozen=True):
    """One picture: its file, from the page, and what it shows."""

    file: str
    caption: str


class Strip(msgspec.Struct, frozen=True):
    """Rows of pictures under one heading. Pictures that stand above each other belong together."""

    title: str
    note: str
    rows: Sequence[Sequence[Tile]]
    wide: bool = False  # its pictures are


class Film(msgspec.Struct, frozen=True):
    """An animated picture, the still that stands in its place, and its length in seconds and bytes."""

    file: str
    still: str
    seconds: float
    size: int
    note: str


class Section(msgspec.Struct, frozen=True):
    """All of one scene. `broken` says why there is no more of it."""

    id: str
    title: str
    summary: str = ""
    facts: Mapping[str, str] = {}
    strips: Sequence[Strip] = ()
    film: Film | None = None
    no_film: str = ""  # why there is none
    sheet: str = ""  # the file that shows all round at once
    drawn: str = ""  # when, and by what
    broken: str = ""


def page(sections: Sequence[Section], others: Sequence[Section] = ()) -> str:
    """The whole document; pictures and films lie beside it. `others` are no places and come after them."""
    return PAGE.substitute(
        font=b64encode(FONT.with_suffix(".ttf").read_bytes()).decode(),
        count=f"{len(sections)} place{'s' * (len(sections) != 1)}",
        links="".join(_link(each) for each in (*sections, *others)),
        sections="\n".join(_section(each) for each in (*sections, *others)),
    )


def _link(section: Section) -> str:
    mark = ' <span class="broken">broken</span>' if section.broken else ""
    return f'<li><a href="#{escape(section.id)}">{escape(section.title)}{mark}</a></li>'


def _section(section: Section) -> str:
    parts = [f'<section id="{escape(section.id)}" aria-labelledby="{escape(section.id)}-title">']
    parts.append(f'<header><h2 id="{escape(section.id)}-title">{escape(section.title)}</h2>')
    if section.summary:
        parts.append(f'<p class="summary">{escape(section.summary)}</p>')
    parts.append("</header>")
    if section.broken:
        parts.append(f'<p class="broken" role="note">Broken: {escape(section.broken)}</p>')
    parts += ['<div class="top">', *_film(section), *_facts(section), "</div>"]
    for strip in section.strips:
        parts += _strip(strip)
    parts.append("</section>")
    return "\n".join(parts)


def _film(section: Section) -> Iterator[str]:
    film = section.film
    if film is None:
        if section.no_film:
            yield f'<p class="nofilm">{escape(section.no_film)}</p>'
        return
    megabytes = f"{film.size / 1e6:.1f} MB" if film.size >= 1e5 else f"{film.size / 1e3:.0f} kB"
    yield f"""<figure class="film"><a href="{escape(film.file)}" data-still="{escape(film.still)}">
<img src="{escape(film.still)}" alt="{escape(section.title)}: the film's first picture">
<span class="play"><b>Play</b> {film.seconds:g} s, {megabytes}</span></a>
<figcaption>{escape(film.note)}</figcaption></figure>"""


def _facts(section: Section) -> Iterator[str]:
    if not section.facts and not section.drawn:
        return
    yield "<dl>"
    for name, value in section.facts.items():
        lines = "<br>".join(escape(line) for line in value.splitlines())
        yield f"<div><dt>{escape(name)}</dt><dd>{lines}</dd></div>"
    if section.sheet:
        yield f'<div><dt>All on one sheet</dt><dd><a href="{escape(section.sheet)}">contact sheet</a></dd></div>'
    if section.drawn:
        yield f"<div><dt>Drawn</dt><dd>{escape(section.drawn)}</dd></div>"
    yield "</dl>"


def _strip(strip: Strip) -> Iterator[str]:
    columns = max(len(row) for row in strip.rows)
    yield f"<h3>{escape(strip.title)}</h3>"
    if strip.note:
        yield f'<p class="note">{escape(strip.note)}</p>'
    widest = "; --widest: 60rem" if strip.wide else ""
    yield f'<div class="rows" style="--columns: {columns}{widest}">'
    for row in strip.rows:
        yield '<div class="row">'
        for tile in row:
            caption = escape(tile.caption)
            yield (
                f'<figure><a class="tile" href="{escape(tile.file)}"><img loading="lazy" src="{escape(tile.file)}" '
                f'alt="{caption}"></a><figcaption>{caption}</figcaption></figure>'
            )
        yield "</div>"
    yield "</div>"


PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Harborlight: gallery</title>
<style>
  @font-face { font-family: "Harborlight"; src: url(data:font/ttf;base64,$font); }
  :root { color-scheme: dark; --ground: #242629; --card: #2d3034; --ink: #ece6da; --soft: #b0ab9e; --line: #44484e;
    --warm: #ffc27a; --gap: clamp(1rem, 3vw, 2.5rem); }
  * { box-sizing: border-box; margin: 0; }
  html { scroll-padding-top: 4.5rem; }
  body { background: var(--ground); color: var(--ink); font: 1rem/1.5 "Harborlight", system-ui, sans-serif; }
  a { color: inherit; text-underline-offset: 0.2em; text-decoration-color: var(--soft); }
  a:hover { text-decoration-color: var(--warm); }
  a:focus-visible, button:focus-visible { outline: 3px solid var(--warm); outline-offset: 3px; border-radius: 6px; }
  img { display: block; width: 100%; height: auto; border-radius: 6px; background: #17181a; }
  .skip { position: absolute; left: -99rem; }
  .skip:focus { left: 1rem; top: 1rem; z-index: 3; background: var(--ground); padding: 0.5rem 1rem; }
  body > header { padding: var(--gap) var(--gap) 1rem; }
  h1 { font-size: clamp(1.5rem, 4vw, 2.1rem); font-weight: 500; line-height: 1.2; }
  h2 { font-size: clamp(1.35rem, 3vw, 1.8rem); font-weight: 500; line-height: 1.2; }
  h3 { font-size: 1.05rem; font-weight: 500; margin-top: 2.25rem; }
  .note, .hint, .summary, figcaption, dt { color: var(--soft); }
  .hint { max-width: 60ch; margin-top: 0.4rem; }
  nav { position: sticky; top: 0; z-index: 2; background: var(--ground); border-bottom: 1px solid var(--line); }
  nav ul { display: flex; gap: 0.25rem 1.5rem; overflow-x: auto; list-style: none; padding: 0 var(--gap); }
  nav a { display: block; padding: 0.75rem 0; white-space: nowrap; text-decoration: none; }
  nav a:hover { color: var(--warm); }
  section { padding: calc(1.4 * var(--gap)) var(--gap); border-bottom: 1px solid var(--line); }
  section > header { margin-bottom: 1.25rem; }
  .summary { max-width: 60ch; font-size: 1.1rem; }
  .broken { color: #ffb59e; }
  section > .broken { background: var(--card); padding: 0.8rem 1rem; border-radius: 8px; overflow-wrap: anywhere; }
  .top { display: flex; flex-wrap: wrap; gap: 1.5rem 2.5rem; align-items: start; }
  .film { flex: 0 1 30rem; min-width: min(20rem, 100%); }
  .film a { position: relative; display: block; }
  .play { position: absolute; left: 0.75rem; bottom: 0.75rem; background: #17181ae6; border-radius: 99px;
    padding: 0.45rem 1.1rem; }
  .play b { color: var(--warm); font-weight: 500; }
  [data-plays]:not(:hover, :focus-visible) .play { opacity: 0.4; }
  .nofilm { flex: 0 1 30rem; color: var(--soft); }
  dl { flex: 1 1 22rem; display: grid; max-width: 46rem; }
  dl div { display: grid; grid-template-columns: clamp(6.5rem, 22vw, 11rem) 1fr; gap: 0 1rem; padding: 0.45rem 0;
    border-bottom: 1px solid var(--line); }
  dd { overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
  .rows { overflow-x: auto; margin: 0.6rem calc(-1 * var(--gap)) 0; padding: 5px var(--gap);
    scroll-snap-type: x proximity;
    scroll-padding: 0 var(--gap); }
  .row { display: grid; grid-template-columns: repeat(var(--columns), minmax(min(13.5rem, 58vw), var(--widest, 20rem)));
    gap: 0.5rem; margin-bottom: 0.6rem; }
  .row figure { scroll-snap-align: start; }
  @media (min-width: 75rem) { .row { grid-template-columns: repeat(var(--columns), minmax(0, var(--widest, 20rem))); } }
  figcaption { font-size: 0.9rem; padding-top: 0.3rem; line-height: 1.35; }
  .tile { display: block; cursor: zoom-in; }
  dialog { border: 0; padding: 0; background: #17181a; color: var(--ink); width: 100vw; height: 100dvh;
    max-width: none; max-height: none; }
  dialog[open] { display: grid; grid-template-rows: 1fr auto; }
  body:has(dialog[open]) { overflow: hidden; }
  dialog img { width: 100%; height: 100%; min-height: 0; object-fit: contain; border-radius: 0; background: none; }
  dialog p { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem; padding: 0.6rem 1rem; }
  dialog output { flex: 1 1 20rem; }
  button { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 8px;
    min-width: 2.9rem; min-height: 2.9rem; cursor: pointer; }
  button:hover { border-color: var(--warm); }
  @media print { nav, .play, .skip { display: none; } }
</style></head>
<body>
<a class="skip" href="#first">To the first place</a>
<header><h1>Harborlight: every place, all round</h1>
<p class="hint">$count. Choose a picture to see it large; arrow keys then go along its row, and up and down to what
stands above and below it: the other eye, or another time.</p></header>
<nav aria-label="Places"><ul>$links</ul></nav>
<main id="first">
$sections
</main>
<dialog aria-label="One picture, large"><img alt="">
<p><output></output>
<button data-by="0,-1" aria-label="Left in the row">←</button>
<button data-by="0,1" aria-label="Right in the row">→</button>
<button data-by="-1,0" aria-label="The picture above">↑</button>
<button data-by="1,0" aria-label="The picture below">↓</button>
<button data-by="" aria-label="Close">×</button></p></dialog>
<script>
  const dialog = document.querySelector("dialog"), large = dialog.querySelector("img");
  const told = dialog.querySelector("output");
  const STEPS = {ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0]};
  let shown;
  function show(tile) {
    shown = tile;
    large.src = tile.href;
    large.alt = told.textContent = tile.closest("section").querySelector("h2").textContent + ": " +
      tile.querySelector("img").alt;
  }
  function go(down, along) {
    const rows = [...shown.closest(".rows").children].map(row => [...row.querySelectorAll(".tile")]);
    const row = rows.findIndex(tiles => tiles.includes(shown)), column = rows[row].indexOf(shown);
    const there = rows[(row + down + rows.length) % rows.length];
    show(there[(column + along + there.length) % there.length] || there[there.length - 1]);
  }
  for (const tile of document.querySelectorAll(".tile")) tile.addEventListener("click", event => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(tile);
    dialog.showModal();
  });
  for (const button of dialog.querySelectorAll("button")) button.addEventListener("click", () => {
    if (button.dataset.by) go(...button.dataset.by.split(",").map(Number)); else dialog.close();
  });
  dialog.addEventListener("keydown", event => {
    if (!STEPS[event.key]) return;
    event.preventDefault();
    go(...STEPS[event.key]);
  });
  dialog.addEventListener("close", () => shown.focus());
  for (const film of document.querySelectorAll(".film a")) film.addEventListener("click", event => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const picture = film.querySelector("img"), word = film.querySelector("b");
    const plays = word.textContent === "Stop";
    picture.src = plays ? film.dataset.still : film.getAttribute("href") + "#" + Date.now();
    film.toggleAttribute("data-plays", !plays);
    word.textContent = plays ? "Play" : "Stop";
  });
</script>
</body></html>
""")
