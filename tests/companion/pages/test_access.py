"""Pages for everybody: axe-core finds nothing, twice the size fits, stillness where it is wanted, all of it offline."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from headless_harness import companion_shots
from headless_harness.companion_shots import SHOTS, Shot, playing
from headless_harness.companion_stand_in import StandIn, served
from tests.companion.pages.conftest import Open

pytestmark = pytest.mark.browser

LOOKED_AT = [shot for shot in SHOTS if not shot.lost]
AXE = (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
WINDOWS = ((1280, 800), (640, 400), (390, 844))  # the second is the first at 200 %


@pytest.fixture(scope="module")
def visited(chromium: Browser) -> Iterator[tuple[Page, StandIn, str]]:
    """A page and its server, that one state after the other is brought to."""
    stand_in = StandIn()
    with served(stand_in) as address:
        page = companion_shots.opened(chromium, address)
        yield page, stand_in, address
        page.context.close()


@pytest.mark.parametrize("shot", LOOKED_AT, ids=lambda shot: shot.name)
def test_every_page_and_state_is_for_everybody(visited: tuple[Page, StandIn, str], shot: Shot) -> None:
    """axe-core finds nothing, in the dim light either; nothing is cut off at twice the size or on a phone."""
    page, stand_in, address = visited
    companion_shots.visit(page, stand_in, address, shot)
    assert violations(page) == []
    page.evaluate("document.documentElement.dataset.light = 'dim'")
    assert violations(page, "color-contrast") == []
    for width, height in reversed(WINDOWS):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def violations(page: Page, rules: str = "") -> list[Any]:
    """What axe-core finds, with the places; `rules`: only these."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    only = {"runOnly": rules.split()} if rules else {}
    found = page.evaluate("options => axe.run(document, options)", {"resultTypes": ["violations"], **only})[
        "violations"
    ]
    return [(each["id"], [node["html"][:160] for node in each["nodes"]]) for each in found]


def test_lost_passes_too(chromium: Browser) -> None:
    stand_in = StandIn()
    playing(stand_in)
    with served(stand_in) as address:
        page = companion_shots.opened(chromium, address)
        page.wait_for_selector("#page")
    page.wait_for_selector(".lost")
    assert violations(page) == []
    page.context.close()


def test_at_twice_the_size_the_controls_stay_in_reach(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    page = open_page(size="640x400")
    expect(page.locator('[data-act="end"]')).to_be_in_viewport()
    page.evaluate("scrollTo(0, 0)")
    expect(page.locator(".sentence")).to_be_in_viewport()
    page.locator('[data-act="ground"]').scroll_into_view_if_needed()
    expect(page.locator('[data-act="ground"]')).to_be_in_viewport()
    expect(page.locator('[data-act="end"]')).to_be_in_viewport()


def test_nothing_moves_where_motion_is_not_wanted(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    stand_in.dumb.add("SetQuiet")
    page = open_page()
    page.emulate_media(reduced_motion="reduce")
    page.click('[data-act="quiet"]')
    expect(page.locator('[data-act="quiet"]')).to_have_attribute("aria-busy", "true")
    moving = (
        "() => [...document.getAnimations()].filter(each => each.effect.getComputedTiming().activeDuration > 0).length"
    )
    assert page.evaluate(moving) == 0
    page.emulate_media(reduced_motion="no-preference")
    page.click('[data-act="place"]')


def test_light_is_chosen_and_kept(open_page: Open) -> None:
    page = open_page("/#/screen", light="dim")
    shown = "document.documentElement.dataset.light"
    assert page.evaluate(shown) == "dim"
    page.get_by_role("radio", name="Light", exact=True).check()
    expect(page.locator("html")).to_have_attribute("data-light", "light")
    page.reload()
    page.wait_for_selector("#page")
    assert page.evaluate(shown) == "light"


def test_everything_comes_from_the_station(chromium: Browser, address: str) -> None:
    context = chromium.new_context()
    page = context.new_page()
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    page.goto(f"{address}/#/desk")
    page.wait_for_selector(".desk canvas")
    assert asked
    assert [url for url in asked if not url.startswith(address)] == []
    assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('16px \"Atkinson Hyperlegible Next\"'))")
    context.close()


def test_only_the_screens_own_choices_are_stored(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    page = open_page("/#/desk")
    page.fill("#note", "a canary")
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    for private in ("canary", "Amber", "Mara"):
        assert private not in stored
