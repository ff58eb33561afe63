"""The folder that a patient takes home: plain files and one page that opens on a phone or PC, without a network.

Only what consent is recorded for is in it, and nothing says whose it is (docs/formats/handover.md).
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from PIL import Image

from audio import performance
from audio.performance import PerformanceError
from audio.recording import SealError, pocket
from vr_app.api import Stroke
from vr_app.exports import in_place, mandala, picture
from vr_app.exports.gltf import LIGHT, glb
from vr_app.exports.items import BAYS, PART, HandOverError, Item, Language, part_of
from vr_app.exports.solid import Solid, solids
from vr_app.files import folder_on_disk, lock
from vr_app.render.context import ContextError

Tell = Callable[[str], None]
PAGE_TRIANGLES: Final = 120_000  # of a view in the page; the file beside it has all
PAGE_BYTES: Final = 24_000_000  # of a sound or a drawing in the page; what is larger lies beside it only
MOST_PIXELS: Final = 64_000_000  # of a picture that is given
LAID: Final = "shape:"  # begins the brush of a thing that was laid (docs/formats/work.md); it is no paint
_HELD: Final = ".held"  # in there, locked for as long as somebody works at it
DUSK, LINEN = (0.068, 0.085, 0.16), (0.52, 0.47, 0.39)  # sRGB behind a view in the page: dark ink lay on the latter
LEAST_FREE_BYTES: Final = 300_000_000
_HERE: Final = Path(__file__).parent
_WORDS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "title": "What you made",
        "note": "All of this lies in this folder. It needs no network and no account.",
        "empty": "There is nothing here yet.",
        "painting": "Painting",
        "mandala": "Mandala",
        "triptych": "Before, now, next",
        "before": "Before",
        "now": "Now",
        "next": "Next",
        "place": "A place of your own",
        "garden": "Sound garden",
        "card": "Card",
        "view": "Drag to look around it.",
        "model": "As a 3D file",
        "large": "As a large picture",
        "print": "For print",
        "lines": "As a drawing",
        "sound": "As a sound file",
    },
    "es": {
        "title": "Lo que ha hecho",
        "note": "Todo está en esta carpeta. No hace falta red ni cuenta.",
        "empty": "Aquí aún no hay nada.",
        "painting": "Pintura",
        "mandala": "Mandala",
        "triptych": "Antes, ahora, después",
        "before": "Antes",
        "now": "Ahora",
        "next": "Después",
        "place": "Un lugar propio",
        "garden": "Jardín de sonidos",
        "card": "Tarjeta",
        "view": "Arrastre para verlo desde otro lado.",
        "model": "Como archivo 3D",
        "large": "Como imagen grande",
        "print": "Para imprimir",
        "lines": "Como dibujo",
        "sound": "Como archivo de sonido",
    },
}


def hand_over(
    folder: Path,
    items: Sequence[Item],
    language: Language = "en",
    *,
    part: Path | None = None,
    tell: Tell = print,
    count: Callable[[int], object] = lambda done: None,
) -> Path:
    """The folder, whole or not at all. Raises HandOverError; `folder` must not be there yet.

    It is made in `part` beside it. `tell` hears in one line what is less than it should be, `count` how many are done.
    """
    if without := [item for item in items if not item.consent]:
        raise HandOverError(
            f"{len(without)} of {len(items)} things have no recorded consent; record it, or leave them out."
        )
    if folder.exists():
        raise HandOverError(f"There is a folder '{folder.name}' already; choose another name.")
    made = part or part_of(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        sweep(folder.parent)
        if shutil.disk_usage(folder.parent).free < LEAST_FREE_BYTES:
            raise OSError(28, os.strerror(28))
        made.mkdir(mode=0o755)
        try:
            with (made / _HELD).open("wb") as held:
                lock(held)
                _write_all(made, items, language, tell, count)
            (made / _HELD).unlink()
            made.rename(folder)
            folder_on_disk(folder.parent)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise
    except OSError as error:
        why = error.strerror or error
        raise HandOverError(f"It could not be written: {why}; choose another place, or make room there.") from error
    return folder


def sweep(parent: Path) -> None:
    """What a power cut left of others is gone; what somebody works at stays."""
    for part in parent.glob(f"{PART}*"):
        with suppress(OSError):
            with (part / _HELD).open("rb+") as held:
                lock(held)
            shutil.rmtree(part)


def _write_all(
    folder: Path, items: Sequence[Item], language: Language, tell: Tell, count: Callable[[int], object]
) -> None:
    words, parts, counts = _WORDS[language], [], dict.fromkeys(_WORDS[language], 0)
    for item in items:
        counts[item.kind] += 1
        parts.append(_section(_Writing(folder, f"{item.kind}-{counts[item.kind]}", language, tell), item))
        count(len(parts))
    body = "\n".join(parts) or f"<p>{escape(words['empty'])}</p>"
    _put(folder / "index.html", _page(language, words, body).encode())


def _page(language: Language, words: dict[str, str], body: str) -> str:
    page = (_HERE / "page.html").read_text(encoding="utf-8")
    filled = {"LANGUAGE": language, "TITLE": escape(words["title"]), "NOTE": escape(words["note"])}
    filled |= {"STYLE": _digest(page, "style"), "SCRIPT": _digest(page, "script"), "BODY": body}
    return re.sub(r"\{\{([A-Z]+)\}\}", lambda found: filled[found[1]], page)


def _digest(page: str, tag: str) -> str:
    """Of what stands in this element: nothing else of its kind may run or shine in the page (W3C, CSP Level 3)."""
    found = re.search(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
    assert found is not None
    return "sha256-" + base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()


def _put(path: Path, data: bytes) -> None:
    """On the disk: what is handed over may be a stick that is pulled out next."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


class _Writing(NamedTuple):
    """Where an item's files go, and what the page says."""

    folder: Path
    name: str
    language: Language
    tell: Tell

    @property
    def words(self) -> dict[str, str]:
        return _WORDS[self.language]

    def put(self, ending: str, data: bytes) -> None:
        _put(self.folder / f"{self.name}.{ending}", data)

    def link(self, ending: str, words: str) -> str:
        return f'<a href="{self.name}.{ending}" download>{escape(self.words[words])}</a>'


def _section(out: _Writing, item: Item) -> str:
    """An item's files; and how the page shows it."""
    heading = escape(item.title or out.words[item.kind])
    inside = "".join(f"<p class=own dir=auto>{escape(line)}</p>" for line in item.lines)
    if item.kind == "mandala":
        inside += _mandala(out, item.strokes, heading)
    elif item.kind == "triptych":
        inside += _triptych(out, item, heading)
    elif item.strokes:
        inside += _work(out, item.strokes, heading, partial(picture.png, item.strokes))
    if item.picture:
        inside += _given(out, item.picture, heading)
    sound = partial(performance.export, item.things) if item.kind == "garden" and item.things else item.sound
    if sound is not None:
        inside += _sound(out, sound)
    return f"<section><h2>{heading}</h2>{inside}</section>"


def _mandala(out: _Writing, strokes: Sequence[Stroke], heading: str) -> str:
    drawing, printed = mandala.svg(strokes, out.words["mandala"]).encode(), mandala.print_png(strokes)
    out.put("svg", drawing)
    out.put("png", printed)
    shown = ("image/svg+xml", drawing) if len(drawing) < PAGE_BYTES // 8 else ("image/jpeg", picture.small(printed))
    return f"{_image(*shown, heading)}<p class=file>{out.link('png', 'print')} {out.link('svg', 'lines')}</p>"


def _triptych(out: _Writing, item: Item, heading: str) -> str:
    """As it stands on the beach; its words, to be read and copied; and its paint in depth."""
    words = [(bay, item.things.get(bay, b"").decode(errors="replace").strip()) for bay in BAYS]
    own = "".join(
        f"<h3>{escape(out.words[bay])}</h3><p class=own dir=auto>{escape(said)}</p>" for bay, said in words if said
    )
    if not own and not item.strokes:
        return ""
    paint = [stroke for stroke in item.strokes if not stroke.brush.startswith(LAID)]
    draw = partial(in_place.png, "triptych", item.strokes, item.things, out.language)
    return own + _work(out, paint, heading, draw, LINEN)


def _work(
    out: _Writing,
    strokes: Sequence[Stroke],
    heading: str,
    draw: Callable[[], bytes],
    ground: tuple[float, float, float] = DUSK,
) -> str:
    try:
        large = draw()
    except ContextError as error:
        less = "is in plain paint" if strokes else "is left out"
        out.tell(f"{out.name}.png {less}, for this machine cannot draw it as the headset does: {error}")
        if not strokes:
            return ""
        large = picture.without_gpu(strokes)
    out.put("png", large)
    shown, files = _image("image/jpeg", picture.small(large), heading), out.link("png", "large")
    if not strokes:
        return f"{shown}<p class=file>{files}</p>"
    out.put("glb", glb(strokes, out.words["painting"]))
    caption = f"<figcaption>{escape(out.words['view'])}</figcaption>"
    data = f"data-ground='{json.dumps(ground)}' data-solid='{_embedded(strokes)}'"
    view = f'<figure class=view hidden aria-label="{heading}" {data}>{caption}</figure>'
    return f"{shown}<p class=file>{files} {out.link('glb', 'model')}</p>{view}"


def _given(out: _Writing, given: bytes, heading: str) -> str:
    try:
        with Image.open(BytesIO(given), formats=("PNG", "JPEG")) as found:
            if found.width * found.height > MOST_PIXELS:
                raise ValueError("too large")
            large = picture.encoded(found.convert("RGB"))
    except (OSError, ValueError, Image.DecompressionBombError):
        raise HandOverError(f"The picture '{out.name}' cannot be read; take it anew, or leave it out.") from None
    out.put("png", large)
    return f"{_image('image/jpeg', picture.small(large), heading)}<p class=file>{out.link('png', 'large')}</p>"


def _sound(out: _Writing, write: Callable[[Path], object]) -> str:
    path = out.folder / f"{out.name}.flac"
    try:
        remark = getattr(write(path), "remark", "")
    except (SealError, PerformanceError) as error:
        raise HandOverError(f"The recording cannot be handed over: {error}.") from None
    if remark:
        out.tell(f"{path.name}: {remark}.")
    inside = pocket(path)
    sources = f'<source src="{out.name}.flac" type="audio/flac">'
    if len(inside) <= PAGE_BYTES:  # where a page may not read what lies beside it
        sources += f'<source src="{_data("audio/mpeg", inside)}" type="audio/mpeg">'
    return f"<audio controls preload=metadata>{sources}</audio><p class=file>{out.link('flac', 'sound')}</p>"


def _image(kind: str, data: bytes, heading: str) -> str:
    return f'<img src="{_data(kind, data)}" alt="{heading}">'


def _data(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def _embedded(strokes: Sequence[Stroke]) -> str:
    """Triangles for the page's own view, for a page that was opened as a file may read no other: JSON without '."""
    parts = [_packed(solid) for solid in solids(strokes, PAGE_TRIANGLES)]
    return json.dumps(parts, separators=(",", ":"))


def _packed(solid: Solid) -> dict[str, object]:
    low, high = solid.position.min(axis=0), solid.position.max(axis=0)
    size = np.maximum(high - low, 1e-6)
    whole = np.round((solid.position - low) / size * 65535.0).astype("<u2")
    normal = np.round(solid.normal * 127.0).astype(np.int8)
    colour = np.round(solid.colour * 255.0).astype(np.uint8)
    text = {"position": whole, "normal": normal, "colour": colour, "index": solid.index.astype("<u4")}
    packed: dict[str, object] = {name: base64.b64encode(array.tobytes()).decode() for name, array in text.items()}
    return packed | {"low": low.tolist(), "size": size.tolist(), "light": solid.brush in LIGHT}
