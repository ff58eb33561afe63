"""The folder that a patient takes home: plain files and one page that opens on a phone or PC, without a network.

Only what consent is recorded for is in it, and nothing says whose it is (docs/formats/handover.md).
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final, Literal

import numpy as np

from vr_app.api import Stroke
from vr_app.exports import mandala
from vr_app.exports.gltf import LIGHT, glb
from vr_app.exports.picture import png
from vr_app.exports.solid import Solid, solids

Kind = Literal["painting", "mandala", "triptych", "garden", "card"]
Language = Literal["en", "es"]
PAGE_TRIANGLES: Final = 220_000  # of a view in the page; the file beside it has all
LEAST_FREE_BYTES: Final = 300_000_000
_HERE: Final = Path(__file__).parent
_WORDS: Final[dict[Language, dict[str, str]]] = {
    "en": {"title": "What you made", "painting": "Painting", "mandala": "Mandala", "triptych": "Before, now, next",
           "garden": "Sound garden", "card": "Card", "view": "Drag to look around it.", "model": "As a 3D file",
           "print": "For print", "empty": "There is nothing here yet.",
           "note": "All of this lies in this folder. It needs no network and no account."},
    "es": {"title": "Lo que ha hecho", "painting": "Pintura", "mandala": "Mandala", "triptych": "Antes, ahora, después",
           "garden": "Jardín de sonidos", "card": "Tarjeta", "view": "Arrastre para verlo desde otro lado.",
           "model": "Como archivo 3D", "print": "Para imprimir", "empty": "Aquí aún no hay nada.",
           "note": "Todo está en esta carpeta. No hace falta red ni cuenta."},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to take home."""

    kind: Kind
    consent: bool  # recorded: the patient wants to have it out of the records
    title: str = ""
    lines: tuple[str, ...] = ()  # the patient's own words, as they are
    strokes: tuple[Stroke, ...] = ()
    sound: Callable[[Path], None] | None = None  # writes a FLAC file there


class HandOverError(Exception):
    """Nothing was handed over; one line that says why and what to do."""


def hand_over(folder: Path, items: Sequence[Item], language: Language = "en") -> Path:
    """The folder, whole or not at all. Raises HandOverError; `folder` must not be there yet."""
    if without := [item for item in items if not item.consent]:
        raise HandOverError(
            f"{len(without)} of {len(items)} things have no recorded consent; record it, or leave them out."
        )
    if folder.exists():
        raise HandOverError(f"There is a folder '{folder.name}' already; choose another name.")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(folder.parent).free < LEAST_FREE_BYTES:
            raise OSError(28, os.strerror(28))
        made = Path(tempfile.mkdtemp(prefix=".hand-over-", dir=folder.parent))
        try:
            _write_all(made, items, language)
            made.chmod(0o755)
            made.rename(folder)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise
    except OSError as error:
        raise HandOverError(f"It could not be written: {error.strerror or error}; choose another place.") from error
    return folder


def _write_all(folder: Path, items: Sequence[Item], language: Language) -> None:
    words, parts, counts = _WORDS[language], [], dict.fromkeys(_WORDS[language], 0)
    for item in items:
        counts[item.kind] += 1
        name = f"{item.kind}-{counts[item.kind]}"
        parts.append(_part(folder, item, name, words))
    page = (_HERE / "page.html").read_text(encoding="utf-8")
    body = "\n".join(parts) or f"<p>{escape(words['empty'])}</p>"
    filled = {"LANGUAGE": language, "TITLE": escape(words["title"]), "NOTE": escape(words["note"]), "BODY": body}
    for name, value in filled.items():
        page = page.replace("{{" + name + "}}", value)
    (folder / "index.html").write_text(page, encoding="utf-8")


def _part(folder: Path, item: Item, name: str, words: dict[str, str]) -> str:
    """Its files; and how the page shows it."""
    heading = escape(item.title or words[item.kind])
    inside = "".join(f"<p class=own dir=auto>{escape(line)}</p>" for line in item.lines)
    if item.kind == "mandala":
        (folder / f"{name}.svg").write_text(mandala.svg(item.strokes, words["mandala"]), encoding="utf-8")
        (folder / f"{name}.png").write_bytes(mandala.print_png(item.strokes))
        inside += f'<img src="{name}.svg" alt="{heading}">{_link(name, "png", words["print"])}'
    elif item.strokes:
        (folder / f"{name}.glb").write_bytes(glb(item.strokes, words[item.kind]))
        (folder / f"{name}.png").write_bytes(png(item.strokes))
        inside += f'<figure class=view data-solid="{_embedded(item.strokes)}"><img src="{name}.png" alt="{heading}">'
        inside += f"<figcaption>{escape(words['view'])}</figcaption></figure>{_link(name, 'glb', words['model'])}"
    if item.sound is not None:
        item.sound(folder / f"{name}.flac")
        inside += f'<audio controls preload=metadata src="{name}.flac"></audio>'
    return f"<section><h2>{heading}</h2>{inside}</section>"


def _link(name: str, ending: str, words: str) -> str:
    return f'<p class=file><a href="{name}.{ending}" download>{escape(words)}</a></p>'


def _embedded(strokes: Sequence[Stroke]) -> str:
    """Triangles for the page's own view, for a page that was opened as a file may read no other: base64 of JSON."""
    parts = [_packed(solid) for solid in solids(strokes)]
    return base64.b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode()


def _packed(solid: Solid) -> dict[str, object]:
    index = solid.index[:PAGE_TRIANGLES] if len(solid.index) > PAGE_TRIANGLES else solid.index
    low, high = solid.position.min(axis=0), solid.position.max(axis=0)
    size = np.maximum(high - low, 1e-6)
    whole = np.round((solid.position - low) / size * 65535.0).astype("<u2")
    normal = np.round(solid.normal * 127.0).astype(np.int8)
    colour = np.round(solid.colour * 255.0).astype(np.uint8)
    text = {"position": whole, "normal": normal, "colour": colour, "index": index.astype("<u4")}
    packed: dict[str, object] = {name: base64.b64encode(array.tobytes()).decode() for name, array in text.items()}
    return packed | {"low": low.tolist(), "size": size.tolist(), "light": solid.brush in LIGHT}
