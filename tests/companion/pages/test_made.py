"""What was made, on the patient's page: asked for each work, erased only when asked twice, handed over as one file."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from headless_harness.companion_shots import playing
from headless_harness.companion_stand_in import StandIn
from tests.companion.pages.conftest import Open
from tests.companion.pages.test_papers import posted

pytestmark = pytest.mark.browser

PATIENT = f"{1:032x}"
ADDRESS = f"/#/patients/{PATIENT}"
HOME = "They want it at home"


def work(stand_in: StandIn, number: int) -> str:
    """Name of the one at this place of the list: a garden, a painting, a mandala with consent, ..."""
    return str(stand_in.works[PATIENT][number]["work"])


def card(page: Page, number: int) -> Locator:
    return page.locator(".works li").nth(number)


def test_each_work_is_told_plainly_and_nothing_is_scored(open_page: Open) -> None:
    page = open_page(ADDRESS)
    expect(page.locator(".works li")).to_have_count(7)
    expect(card(page, 3)).to_contain_text("Painting")
    expect(card(page, 3)).to_contain_text("148 strokes")
    expect(card(page, 3)).to_contain_text("hangs in their gallery")
    expect(card(page, 0)).to_contain_text("4 min 20 s")
    expect(card(page, 0)).to_contain_text("nothing of it was recorded")
    expect(card(page, 0).get_by_role("checkbox")).to_have_count(0)
    assert card(page, 3).locator("polyline").count() == 148


def test_consent_is_off_until_somebody_says_so_and_can_be_taken_back(stand_in: StandIn, open_page: Open) -> None:
    page = open_page(ADDRESS)
    tick = card(page, 1).get_by_role("checkbox", name=HOME)
    expect(tick).not_to_be_checked()
    expect(card(page, 1)).to_contain_text("not asked yet")
    expect(page.locator(".hand-over")).to_contain_text("2 of these go home.")
    tick.check()
    expect(card(page, 1)).to_contain_text("they said yes to Mara Lind")
    expect(page.locator(".hand-over")).to_contain_text("3 of these go home.")
    tick.uncheck()
    expect(card(page, 1)).to_contain_text("not any more, they told Mara Lind")
    path = f"patients/{PATIENT}/works/{work(stand_in, 1)}/consent"
    assert posted(stand_in, path) == [{"given": True}, {"given": False}]


def test_consent_that_the_records_refuse_is_not_shown_as_given(stand_in: StandIn, open_page: Open) -> None:
    words = "the disk is full; free some space"
    stand_in.wrong[f"patients/{PATIENT}/works/{work(stand_in, 1)}/consent"] = (409, words)
    page = open_page(ADDRESS)
    card(page, 1).get_by_role("checkbox").click()
    expect(card(page, 1).get_by_role("alert")).to_have_text("The disk is full; free some space.")
    expect(card(page, 1).get_by_role("checkbox")).not_to_be_checked()


def test_erasing_asks_once_more_and_the_keyboard_stays_where_it_was(stand_in: StandIn, open_page: Open) -> None:
    page = open_page(ADDRESS)
    gone = work(stand_in, 1)
    card(page, 1).locator('[data-act="erase"]').focus()
    page.keyboard.press("Enter")
    expect(card(page, 1).locator('[data-act="erase-not"]')).to_be_focused()
    expect(card(page, 1)).to_contain_text("nobody can bring it back")
    page.keyboard.press("Enter")
    expect(card(page, 1).locator('[data-act="erase"]')).to_be_focused()
    page.keyboard.press("Enter")
    expect(card(page, 1).locator('[data-act="erase-not"]')).to_be_focused()
    assert stand_in.posted == []
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".works li")).to_have_count(6)
    assert [path for path, _ in stand_in.posted] == [f"patients/{PATIENT}/works/{gone}"]
    expect(page.locator(".made [role=status]").first).to_contain_text("Erased: Painting")
    expect(page.locator("#made")).to_be_focused()
    page.reload()
    expect(page.locator(".works li")).to_have_count(6)


def test_an_erasing_that_is_refused_says_why_and_the_work_stays(stand_in: StandIn, open_page: Open) -> None:
    stand_in.wrong[f"patients/{PATIENT}/works/{work(stand_in, 1)}"] = (409, "a session of theirs is under way")
    page = open_page(ADDRESS)
    card(page, 1).locator('[data-act="erase"]').click()
    page.click('[data-act="erase-sure"]')
    expect(card(page, 1).get_by_role("alert")).to_contain_text("A session of theirs is under way.")
    expect(page.locator(".works li")).to_have_count(7)


def test_one_press_hands_over_and_the_browser_saves_it(stand_in: StandIn, open_page: Open) -> None:
    page = open_page(ADDRESS)
    with page.expect_download() as saved:
        page.click('[data-act="hand-over"]')
        expect(page.locator(".how-far")).to_contain_text("of 2 are ready")
    assert saved.value.url.endswith("/api/hand-over/7f/files")
    expect(page.locator(".how-far")).to_contain_text("in this browser’s downloads")
    assert posted(stand_in, f"patients/{PATIENT}/hand-over") == [{}]
    assert page.url.endswith(ADDRESS)


def test_a_hand_over_that_fails_says_why_and_may_be_tried_again(stand_in: StandIn, open_page: Open) -> None:
    stand_in.hand_over_fails = "It was not done in 600 seconds; hand over fewer things at once."
    page = open_page(ADDRESS)
    page.click('[data-act="hand-over"]')
    expect(page.locator(".hand-over").get_by_role("alert")).to_have_text(stand_in.hand_over_fails)
    stand_in.hand_over_fails = ""
    with page.expect_download():
        page.click('[data-act="hand-over"]')
    expect(page.locator(".hand-over").get_by_role("alert")).to_be_empty()


def test_without_consent_there_is_nothing_to_hand_over(stand_in: StandIn, open_page: Open) -> None:
    for each in stand_in.works[PATIENT]:
        each["consent"] = None
    page = open_page(ADDRESS)
    expect(page.locator(".hand-over")).to_contain_text("None of these is to go home yet.")
    page.click('[data-act="hand-over"]', force=True)
    page.wait_for_timeout(200)
    assert stand_in.posted == []


def test_while_their_session_is_under_way_they_may_say_no_and_nothing_else(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    page = open_page(ADDRESS)
    expect(page.locator(".made")).to_contain_text("Their session is under way.")
    expect(card(page, 1).get_by_role("checkbox")).to_be_disabled()
    card(page, 1).locator('[data-act="erase"]').click(force=True)
    expect(page.locator('[data-act="erase-sure"]')).to_have_count(0)
    card(page, 2).get_by_role("checkbox").uncheck()
    expect(card(page, 2)).to_contain_text("not any more")
    page.click('[data-act="hand-over"]', force=True)
    page.wait_for_timeout(200)
    assert [path for path, _ in stand_in.posted] == [f"patients/{PATIENT}/works/{work(stand_in, 2)}/consent"]


def test_while_vr_is_locked_nobody_is_asked(stand_in: StandIn, open_page: Open) -> None:
    stand_in.state["phase_locked"] = True
    page = open_page(ADDRESS)
    expect(page.locator(".made")).to_contain_text("VR is locked.")
    expect(card(page, 1).get_by_role("checkbox")).to_be_disabled()
    expect(card(page, 2).get_by_role("checkbox")).to_be_enabled()


def test_somebody_who_made_nothing_yet(open_page: Open) -> None:
    page = open_page(f"/#/patients/{2:032x}")
    expect(page.locator(".made")).to_contain_text("Nothing yet.")
    expect(page.locator(".hand-over")).to_have_count(0)
