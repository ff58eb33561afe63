"""First run, passphrase, patients, profiles, plans and notes in a browser."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from msgspec.structs import replace
from playwright.sync_api import Page, expect

from headless_harness.companion_shots import HOSTILE, playing
from headless_harness.companion_stand_in import PASSPHRASE, PLAYING, RECOVERY_KEY, StandIn
from tests.companion.pages.conftest import Open
from vr_app.commands import EndGently, Go, LoadPlan

pytestmark = pytest.mark.browser


def posted(stand_in: StandIn, path: str) -> list[Any]:
    """Bodies of the writes to `path`, once there is one."""
    until = time.monotonic() + 5.0
    while not any(where == path for where, _ in stand_in.posted) and time.monotonic() < until:
        time.sleep(0.01)
    return [body for where, body in stand_in.posted if where == path]


def submit(page: Page) -> None:
    page.click("button[type=submit]")


def test_the_first_run_from_an_empty_machine_to_bedside(stand_in: StandIn, open_page: Open) -> None:
    stand_in.home |= {"first_run": True, "clinicians": [], "me": ""}
    page = open_page()
    submit(page)
    expect(page.get_by_role("alert")).to_have_text("Please give the clinic a name.")
    page.fill("#clinic", "Harbour Street")
    page.fill("#room", "Room 2")
    page.fill("#name-0", "Mara Lind")
    page.get_by_role("button", name="One more name").click()
    page.fill("#name-1", "Jonas Weber")
    submit(page)
    page.fill("#systolic", "a lot")
    submit(page)
    expect(page.get_by_role("alert")).to_contain_text("takes a whole number from 60 to 300")
    for name, figure in {"systolic": "160", "diastolic": "100", "pulse": "120", "saturation": "92"}.items():
        page.fill(f"#{name}", figure)
    page.check("#rehearsal")
    submit(page)
    page.fill("#passphrase", PASSPHRASE)
    page.fill("#again", "something else")
    submit(page)
    expect(page.get_by_role("alert")).to_contain_text("differ")
    page.fill("#again", PASSPHRASE)
    submit(page)
    expect(page.locator(".recovery-key")).to_have_text(RECOVERY_KEY)
    thresholds = {"systolic": 160, "diastolic": 100, "pulse": 120, "saturation": 92}
    assert posted(stand_in, "setup") == [
        {"clinic": "Harbour Street", "room": "Room 2", "clinicians": ["Mara Lind", "Jonas Weber"],
         "passphrase": PASSPHRASE, "thresholds": thresholds, "volume_db": -6, "rehearsal": True}
    ]  # fmt: skip
    page.get_by_role("button", name="Open Harborlight").click(force=True)
    expect(page.locator(".recovery-key")).to_be_visible()  # not before it is on paper
    page.check("#kept")
    page.get_by_role("button", name="Open Harborlight").click()
    expect(page.locator(".bedside")).to_be_visible()


def test_whoever_sits_here_is_asked_when_nobody_is_known(stand_in: StandIn, open_page: Open) -> None:
    stand_in.home["me"] = ""
    page = open_page()
    page.get_by_role("button", name="Jonas Weber").click()
    expect(page.locator(".bedside")).to_be_visible()
    assert posted(stand_in, "me") == [{"name": "Jonas Weber"}]
    until = time.monotonic() + 5.0
    while stand_in.hellos[-1]["name"] != "Jonas Weber" and time.monotonic() < until:
        time.sleep(0.01)
    assert stand_in.hellos[-1]["name"] == "Jonas Weber"


def test_thresholds_may_be_left_out(stand_in: StandIn, open_page: Open) -> None:
    stand_in.home |= {"first_run": True, "clinicians": [], "me": ""}
    page = open_page()
    page.fill("#clinic", "C")
    page.fill("#room", "R")
    page.fill("#name-0", "N")
    submit(page)
    submit(page)
    page.fill("#passphrase", PASSPHRASE)
    page.fill("#again", PASSPHRASE)
    submit(page)
    assert posted(stand_in, "setup")[0]["thresholds"] == {}


def test_unlocking_and_ending_a_session_while_locked(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    stand_in.status = replace(PLAYING, worn=False)
    stand_in.home["locked"] = True
    page = open_page()
    page.fill("#passphrase", "wrong")
    submit(page)
    expect(page.get_by_role("alert")).to_contain_text("does not open the records")
    page.click('[data-act="end"]')
    expect(page.locator('[data-act="end"]')).to_contain_text("Stop now")
    assert [command for _, command in stand_in.done] == [EndGently()]
    page.fill("#passphrase", PASSPHRASE)
    submit(page)
    expect(page.locator(".bedside")).to_be_visible()


def test_whoever_wears_a_headset_is_led_though_the_records_are_locked(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    stand_in.home["locked"] = True
    page = open_page()
    expect(page.locator(".bedside")).to_be_visible()
    expect(page.locator(".facts")).to_contain_text("Records locked")
    page.click('[data-act="quiet"]')
    expect(page.locator('[data-act="quiet"]')).to_have_attribute("aria-pressed", "true")
    stand_in.status = replace(PLAYING, worn=False)
    expect(page.locator("#passphrase")).to_be_visible()


def test_a_returning_patient_begins_in_at_most_four_taps(stand_in: StandIn, open_page: Open) -> None:
    page = open_page()
    page.evaluate("window.taps = 0; addEventListener('click', () => window.taps++, true)")
    page.get_by_role("link", name="Amber Heron").click()
    page.locator(".usual").get_by_role("button", name="Make ready").click()
    expect(page.locator('[data-act="go"]')).to_contain_text("Begin")
    page.click('[data-act="go"]')
    expect(page.locator('[data-act="go"]')).to_contain_text("Next")
    assert page.evaluate("window.taps") <= 4
    assert [command for _, command in stand_in.done] == [Go()]
    plan = {"patient": stand_in.patients[0]["id"], "plan": "tide_breath", "minutes": 6, "name": "Mara Lind"}
    assert posted(stand_in, "sessions") == [plan]
    expect(page.locator(".facts")).to_contain_text("Amber Heron")


def test_somebody_new_goes_on_to_the_comfort_profile(stand_in: StandIn, open_page: Open) -> None:
    page = open_page("/#/patients")
    page.fill("#note", "Thursdays")
    submit(page)
    expect(page.locator("h1")).to_have_text("Comfort profile")
    page.check("#avoid-water")
    page.check("#avoid-behind")
    page.get_by_role("radio", name="Large").check()
    submit(page)
    expect(page.get_by_text("Kept.")).to_be_visible()
    [kept] = posted(stand_in, f"patients/{stand_in.patients[-1]['id']}/profile")
    assert sorted(kept["avoid"]) == ["behind", "water"]
    assert kept["text"] == "large"
    assert kept["words"] == "all"


def test_what_a_profile_leaves_out_stays_and_says_why(stand_in: StandIn, open_page: Open) -> None:
    patient = stand_in.patients[0]["id"]
    stand_in.profiles[patient] = stand_in.profile(patient) | {"avoid": ["water"]}
    page = open_page(f"/#/patients/{patient}")
    tide = page.locator(".plan", has_text="Tide breath")
    expect(tide).to_contain_text("Left out for this patient: it holds water.")
    assert tide.get_by_role("button", name="Make ready").count() == 0
    expect(page.locator(".plan", has_text="Lantern").get_by_role("button", name="Make ready")).to_be_visible()
    page.goto(page.url.split("#")[0] + "#/plans")
    page.select_option("#for", patient)
    expect(page.locator(".plan", has_text="Tide breath")).to_contain_text("it holds water")
    expect(page.locator(".scenes li", has_text="ember")).to_contain_text("line 12")


def test_a_plan_is_tried_without_a_patient(stand_in: StandIn, open_page: Open) -> None:
    page = open_page("/#/plans")
    page.locator(".plan", has_text="Lantern").get_by_role("button", name="Try it yourself").click()
    until = time.monotonic() + 5.0
    while not stand_in.done and time.monotonic() < until:
        time.sleep(0.01)
    assert [command for _, command in stand_in.done] == [LoadPlan("lantern")]


def test_notes_bear_the_time_and_hostile_ones_are_only_words(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    page = open_page("/#/desk")
    title = page.title()
    page.fill("#note", HOSTILE)
    page.get_by_role("button", name="Keep the note").click()
    written = page.locator(".notes li", has_text="not bold")
    expect(written).to_contain_text("1:14")
    assert written.locator("p").inner_text() == HOSTILE
    assert page.locator(".notes img, .notes b").count() == 0
    assert page.title() == title
    assert page.input_value("#note") == ""
    assert posted(stand_in, f"sessions/{stand_in.sessions[0]['id']}/notes") == [{"text": HOSTILE, "at": 74.0}]
    assert written.locator("p").get_attribute("dir") == "auto"


def test_a_note_in_hebrew_is_set_from_the_right(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    stand_in.sessions[0]["notes"].append({"at": 9.0, "by": "", "words": "היא נשמה לאט."})
    page = open_page("/#/desk")
    note = page.locator(".notes p", has_text="נשמה")
    expect(note).to_be_visible()
    assert note.evaluate("element => getComputedStyle(element).direction") == "rtl"


def test_a_note_of_ten_thousand_lines_is_kept_folded_and_opens(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    page = open_page("/#/desk")
    text = "\n".join(f"line {number} 🌊" for number in range(10_000))
    put = "(field, text) => { field.value = text; field.dispatchEvent(new Event('input', { bubbles: true })); }"
    page.locator("#note").evaluate(put, text)  # as from the clipboard: Playwright's own typing takes half a minute
    page.get_by_role("button", name="Keep the note").click()
    written = page.locator(".notes li", has_text="line 9999")
    expect(written).to_be_attached()
    folded = written.locator("p").bounding_box()
    assert folded is not None
    assert folded["height"] < 200.0
    began = time.monotonic()
    written.get_by_role("button", name=re.compile("Show all 10,000 lines")).click()
    expect(written.locator("button")).to_have_text("Show less")
    assert time.monotonic() - began < 2.0
    assert written.locator("p").evaluate("element => element.textContent") == text


def test_a_note_that_is_refused_is_still_there(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    stand_in.wrong[f"sessions/{stand_in.sessions[0]['id']}/notes"] = (507, "The disk is full; the note was not kept.")
    page = open_page("/#/desk")
    page.fill("#note", "She asked for the lamp.")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.locator(".story .answer")).to_contain_text("The disk is full")
    assert page.input_value("#note") == "She asked for the lamp."
    page.goto(page.url.split("#")[0] + "#/bedside")
    page.wait_for_selector(".bedside")
    page.goto(page.url.split("#")[0] + "#/desk")
    page.wait_for_selector("#note")
    assert page.input_value("#note") == "She asked for the lamp."


def test_a_past_session_says_how_the_patient_was(open_page: Open) -> None:
    page = open_page(f"/#/patients/{1:032x}")
    expect(page.locator(".past .rated")).to_have_text("How they were, 0 to 10: before 4, after 7")


def test_a_profile_says_which_language(stand_in: StandIn, open_page: Open) -> None:
    page = open_page(f"/#/patients/{1:032x}/profile")
    page.get_by_role("radio", name="Español").check()
    page.click("button[type=submit]")
    expect(page.get_by_text("Kept.")).to_be_visible()
    assert stand_in.profiles[f"{1:032x}"]["language"] == "es"


def test_a_past_session_unfolds(open_page: Open, stand_in: StandIn) -> None:
    page = open_page(f"/#/patients/{stand_in.patients[0]['id']}")
    page.click(".fold")
    expect(page.locator(".past")).to_contain_text("Go to part 2")
    expect(page.locator(".past")).to_contain_text("End gently")
    expect(page.locator(".past")).to_contain_text("Hands came to rest on the blanket.")
