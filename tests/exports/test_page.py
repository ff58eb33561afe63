"""The folder that goes home, in a phone's browser without a network: everything shows and plays."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
from PIL import Image

from headless_harness.gltf_check import generated
from vr_app.api import Stroke
from vr_app.exports import mandala
from vr_app.exports.handover import hand_over
from vr_app.exports.items import Item

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}


def tone(path: Path) -> None:
    seconds = np.arange(48_000) / 48_000.0
    soundfile.write(path, 0.1 * np.sin(440.0 * np.pi * 2.0 * seconds), 48_000)


def a_picture() -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").resize((640, 360)).save(file, "PNG")
    return file.getvalue()


def items() -> list[Item]:
    petal = np.array([(0.05 * n, 0.0, -0.1 - 0.04 * n, 0.015) for n in range(8)], np.float32)
    ring = Stroke("tube", (1.0, 0.55, 0.2, 0.5), petal, turns=8, mirror=True)
    return [
        Item("painting", consent=True, strokes=tuple(generated(5).strokes)),
        Item("mandala", consent=True, strokes=(ring,)),
        Item("garden", consent=True, sound=tone),
        Item("place", consent=True, picture=a_picture()),
        Item("card", consent=True, title="Intention", lines=("Small steps <b>", "\u0634\u0643\u0631\u0627")),
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hand_over(tmp_path_factory.mktemp("hand-over") / "home", items(), "es")


def opened(chromium: Browser, page: Path) -> tuple[Page, list[str]]:
    """On a phone without a network; what it asks for that is not in the folder, and what goes wrong."""
    context = chromium.new_context(viewport=PHONE, device_scale_factor=2, offline=True)  # type: ignore[arg-type]
    shown, wrong = context.new_page(), list[str]()
    shown.on("request", lambda asks: None if asks.url.startswith(("file:", "data:")) else wrong.append(asks.url))
    shown.on("pageerror", lambda error: wrong.append(str(error)))
    shown.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    shown.goto(page.as_uri())
    shown.wait_for_load_state("networkidle")
    return shown, wrong


def plays(page: Page) -> float:
    """How long the sound is, once it has been heard for a moment."""
    seconds: float = page.evaluate(
        "new Promise(done => { const a = document.querySelector('audio'); a.muted = true;"
        " a.addEventListener('timeupdate', () => a.currentTime > 0.2 && done(a.duration)); a.play(); })"
    )
    return seconds


@pytest.mark.timeout(240)
def test_everything_shows_and_plays_on_a_phone_without_a_network(folder: Path, chromium: Browser) -> None:
    page, wrong = opened(chromium, folder / "index.html")
    assert page.title() == "Lo que ha hecho" and page.locator("section").count() == 5
    page.wait_for_selector("figure.view[data-drawn=yes]")
    canvas = page.locator("canvas").screenshot()
    page.locator("canvas").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(200)
    assert page.locator("canvas").screenshot() != canvas  # it turns
    assert page.evaluate("[...document.images].every(image => image.naturalWidth > 300)")
    assert plays(page) == pytest.approx(1.0, abs=0.1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")  # nothing beside the screen
    assert page.get_by_text("Small steps <b>", exact=True).is_visible()
    assert not wrong


@pytest.mark.timeout(240)
def test_the_page_shows_and_plays_even_where_it_may_read_no_file_beside_it(
    folder: Path, chromium: Browser, tmp_path: Path
) -> None:
    """As phones open a file: alone."""
    alone = tmp_path / "index.html"
    shutil.copy(folder / "index.html", alone)
    page, _ = opened(chromium, alone)
    page.wait_for_selector("figure.view[data-drawn=yes]")
    assert page.evaluate("[...document.images].every(image => image.naturalWidth > 300)")
    assert plays(page) == pytest.approx(1.0, abs=0.1)


@pytest.mark.timeout(240)
def test_nothing_runs_that_is_not_ours(folder: Path, chromium: Browser, tmp_path: Path) -> None:
    """Whatever came into the page: its own rule says what may run and where it may ask."""
    page = tmp_path / "index.html"
    page.write_text(
        (folder / "index.html").read_text().replace("</main>", "<script>document.title = 'x'</script></main>")
    )
    shown, wrong = opened(chromium, page)
    assert shown.title() == "Lo que ha hecho" and any("Content Security Policy" in each for each in wrong)


def test_a_mandala_looks_the_same_as_a_drawing_and_in_print(chromium: Browser) -> None:
    """Loops that cross themselves are filled in both."""
    a = np.linspace(0.0, 2.0 * np.pi, 60)
    loop = np.stack([0.1 * np.sin(2 * a), 0 * a, 0.1 * np.sin(a) - 0.2, 0.012 + 0.006 * np.cos(3 * a)], axis=1)
    drawn = [Stroke("ink", (0.1, 0.03, 0.03, 0.1), loop.astype(np.float32), turns=5, mirror=True)]
    page = chromium.new_page(viewport={"width": 590, "height": 590})
    page.set_content(f"<body style='margin:0'>{mandala.svg(drawn)}")
    page.evaluate("document.querySelector('svg').style = 'width:590px;height:590px;display:block'")
    shown = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB"), float)
    printed = Image.open(io.BytesIO(mandala.print_png(drawn))).resize((590, 590), Image.Resampling.BOX)
    apart = np.abs(shown - np.asarray(printed, float)).max(axis=2)
    assert (apart > 40.0).mean() < 0.002 and (shown[..., 2] < 120.0).mean() > 0.05
