"""Bedside and Desk in a browser: what a therapist presses reaches the station, and what the station says is seen."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from msgspec.structs import replace
from playwright.sync_api import Page, expect

from headless_harness.companion_shots import playing
from headless_harness.companion_stand_in import PLAYING, StandIn, served
from tests.companion.pages.conftest import Open
from vr_app.commands import (
    Adjust,
    Command,
    EndGently,
    Go,
    GoTo,
    GroundNow,
    Orbit,
    PlaceView,
    Queasy,
    Rate,
    SetAnchor,
    SetEyes,
    SetPhase,
    SetQuiet,
    SetVolume,
    Speak,
    StopNow,
    TakeBack,
    Veil,
)
from vr_app.companion.messages import View
from vr_app.course import Mode
from vr_app.station.messages import (
    Making,
    Rated,
)

pytestmark = pytest.mark.browser


def act(page: Page, name: str, *, off: bool = False) -> None:
    """Tap it; `off`: although it says that it may not be."""
    page.click(f'[data-act="{name}"]', force=off)


def done(stand_in: StandIn, count: int) -> list[Command]:
    """What has been asked for, once there are so many."""
    until = time.monotonic() + 5.0
    while len(stand_in.done) < count and time.monotonic() < until:
        time.sleep(0.01)
    return [command for _, command in stand_in.done]


def label(page: Page, name: str) -> str:
    return page.inner_text(f'[data-act="{name}"] .label')


# --- Bedside


def test_each_control_asks_for_an_absolute_state(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    page = open_page()
    for count, name in enumerate(["quiet", "quiet", "speak", "speak", "softer", "place", "queasy", "ground"], 1):
        before = page.get_attribute(f'[data-act="{name}"]', "aria-pressed")
        act(page, name)
        done(stand_in, count)
        if before is not None:
            expect(page.locator(f'[data-act="{name}"]')).to_have_attribute(
                "aria-pressed", "false" if before == "true" else "true"
            )
    expected = [
        SetQuiet(True),
        SetQuiet(False),
        Speak(True),
        Speak(False),
        SetVolume(-3.0),
        PlaceView(),
        Queasy(),
        GroundNow(),
    ]
    assert done(stand_in, 8) == expected


def test_how_the_patient_is_is_asked_before_and_after_and_left(stand_in: StandIn, open_page: Open) -> None:
    page = open_page()
    ask = page.locator('[data-act="rate"]')
    expect(ask).to_contain_text("0 to 10, if they like")
    ask.click()
    expect(ask).to_contain_text("asked: tap to leave it")
    expect(ask).to_have_attribute("aria-pressed", "true")
    ask.click()
    expect(ask).to_have_attribute("aria-pressed", "false")
    stand_in.status = replace(PLAYING, ratings=(Rated("before", 3, 1.0), Rated("before", 4, 2.0)))
    expect(ask).to_contain_text("before 4")
    ask.click()
    expect(ask).to_contain_text("asked")
    assert [command for _, command in stand_in.done] == [Rate("before"), TakeBack("rating before"), Rate("after")]


def test_begin_then_next_names_the_next_cue(stand_in: StandIn, open_page: Open) -> None:
    page = open_page()
    go = page.locator('[data-act="go"]')
    expect(go).to_contain_text("Begin")
    expect(go).to_contain_text("Calm room")
    go.click()
    expect(go).to_contain_text("Next")
    expect(go).to_contain_text("At the shore")
    page.wait_for_timeout(1000)
    go.click()
    expect(go).to_contain_text("Return")
    assert done(stand_in, 2) == [Go(), GoTo(1)]


def test_a_cue_that_waits_is_followed_by_go(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    stand_in.status = replace(PLAYING, waits=True)
    act(open_page(), "go")
    assert done(stand_in, 1) == [Go()]


def test_a_second_tap_of_a_gloved_finger_on_begin_does_not_skip_a_cue(stand_in: StandIn, open_page: Open) -> None:
    page = open_page()
    go = page.locator('[data-act="go"]')
    go.click()
    expect(go).to_contain_text("Next")
    go.click()
    act(page, "quiet")
    assert done(stand_in, 2) == [Go(), SetQuiet(True)]


def test_softer_stops_at_its_lowest(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    stand_in.status = replace(PLAYING, volume_db=-23.0)
    page = open_page()
    act(page, "softer")
    expect(page.locator('[data-act="softer"]')).to_have_attribute("aria-disabled", "true")
    act(page, "softer", off=True)
    act(page, "quiet")
    assert done(stand_in, 2) == [SetVolume(-24.0), SetQuiet(True)]


def test_end_gently_undo_end_again_stops_now(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    page = open_page()
    assert label(page, "end") == "End"
    act(page, "end")
    expect(page.locator('[data-act="end"]')).to_contain_text("Stop now")
    undo = page.locator('[data-act="undo"]')
    expect(undo).to_contain_text(re.compile(r"(20|19) s"))
    undo.click()
    expect(undo).to_have_count(0)
    assert label(page, "end") == "End"
    act(page, "end")
    expect(page.locator('[data-act="end"]')).to_contain_text("Stop now")
    act(page, "end")
    expect(page.locator('[data-act="end"]')).not_to_contain_text("Stop now")
    assert done(stand_in, 3) == [EndGently(), EndGently(), StopNow()]
    assert stand_in.status is not None
    assert stand_in.status.mode == Mode.STOPPED.value


def test_what_is_on_its_way_shows_it_and_says_so_after_a_second(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    stand_in.dumb.add("SetQuiet")
    page = open_page()
    act(page, "quiet")
    expect(page.locator('[data-act="quiet"]')).to_have_attribute("aria-busy", "true")
    assert page.locator(".dock .answer").count() == 0
    expect(page.locator(".dock .answer")).to_contain_text("has not answered yet", timeout=1900)


def test_a_refusal_stays_near_the_control_until_it_is_dismissed(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    stand_in.refuses["PlaceView"] = "The headset is not tracked; place the view once it is."
    page = open_page()
    act(page, "place")
    told = page.locator(".dock .answer")
    expect(told).to_have_text(re.compile("Place view: The headset is not tracked; place the view once it is."))
    page.wait_for_timeout(600)
    told.get_by_role("button").click()
    expect(told).to_have_count(0)


def test_somebody_else_drives_but_stops_work_and_one_takes_over(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    stand_in.state |= {"driver": "another", "driver_name": "Jonas Weber"}
    page = open_page()
    expect(page.locator(".driver")).to_contain_text("Jonas Weber drives.")
    act(page, "quiet", off=True)
    act(page, "ground")
    assert done(stand_in, 1) == [GroundNow()]
    page.get_by_role("button", name="Take over").click()
    expect(page.locator(".driver")).to_have_count(0)
    act(page, "quiet")
    assert done(stand_in, 2)[1] == SetQuiet(True)


def test_the_state_sentence_and_alarm_are_the_stations_own(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    stand_in.state |= {"words": "Words that only the station could have made.", "notice": "The picture has stopped."}
    page = open_page()
    expect(page.locator('.sentence [aria-live="polite"]')).to_have_text("Words that only the station could have made.")
    expect(page.locator('.sentence [role="alert"]')).to_have_text("The picture has stopped.")


@pytest.mark.parametrize("size", ["1280x800", "390x844"])
def test_controls_do_not_move_whatever_is_said(stand_in: StandIn, open_page: Open, size: str) -> None:
    playing(stand_in)
    page = open_page(size=size)

    def boxes() -> list[object]:
        return [
            page.locator(f'[data-act="{name}"]').bounding_box() for name in ("place", "go", "quiet", "speak", "end")
        ]

    before = boxes()
    stand_in.status = replace(PLAYING, quiet=True, speak=True, volume_db=-12.0)
    stand_in.state |= {
        "notice": "The picture has stopped. " * 4,
        "driver": "another",
        "driver_name": "Jonas",
        "undo": 12.0,
    }
    expect(page.locator('[data-act="undo"]')).to_be_visible()
    expect(page.locator('[data-act="quiet"]')).to_have_attribute("aria-pressed", "true")
    assert boxes() == before


@pytest.mark.parametrize("size", ["1280x800", "1024x768", "390x844"])
@pytest.mark.parametrize("hand", ["left", "right"])
def test_controls_are_large_and_end_lies_in_the_corner_of_the_hand(
    stand_in: StandIn, open_page: Open, size: str, hand: str
) -> None:
    playing(stand_in)
    stand_in.state["undo"] = 12.0
    page = open_page(size=size, prefs=f'{{"hand": "{hand}"}}')
    width, height = map(int, size.split("x"))
    for control in page.locator(".dock .act").all():
        box = control.bounding_box()
        assert box is not None
        assert box["height"] >= 64.0
        assert box["width"] >= 64.0
        assert box["x"] >= 0 and box["x"] + box["width"] <= width and box["y"] + box["height"] <= height
    end = page.locator('[data-act="end"]').bounding_box()
    assert end is not None
    assert end["x"] < 40 if hand == "left" else end["x"] + end["width"] > width - 40
    assert end["y"] + end["height"] > height - 40


def test_the_prompter_has_line_pause_and_next_line(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    page = open_page()
    prompter = page.locator(".prompter")
    expect(prompter).to_contain_text("Read aloud")
    expect(prompter).to_contain_text(PLAYING.prompt.words)
    expect(prompter).to_contain_text("4 s of silence")
    expect(prompter).to_contain_text(PLAYING.prompt.following)
    stand_in.status = replace(PLAYING, prompt=PLAYING.prompt._replace(live=False, words_left=2.0))
    expect(prompter).to_contain_text("The recording says")
    expect(prompter).to_contain_text("then 4 s of silence")


def test_a_picture_is_shown_and_told_to_be_seen(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    page = open_page()
    expect(page.locator(".mirror.empty")).to_have_count(0)
    middle = page.evaluate(
        "() => [...document.querySelector('canvas').getContext('2d').getImageData(320, 320, 1, 1).data]"
    )
    assert sum(middle[:3]) > 60
    until = time.monotonic() + 5.0
    while not stand_in.seen and time.monotonic() < until:
        time.sleep(0.01)
    assert stand_in.seen == [1]


def test_a_picture_older_than_two_seconds_is_called_so(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    stand_in.picture_age = 0.5
    page = open_page()
    assert page.locator(".old-words").count() == 0
    expect(page.locator(".old-words")).to_contain_text("older than 2 s", timeout=3000)


def test_a_record_that_is_not_kept_is_said(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    stand_in.state["recording"] = "not kept: the disk is full"
    expect(open_page().locator(".facts .odd")).to_have_text("Not kept: the disk is full.")


def test_a_locked_phase_begins_nothing(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    stand_in.status = replace(PLAYING, mode=Mode.LOCKED.value, locked=True)
    stand_in.state["phase_locked"] = True
    page = open_page()
    expect(page.locator('[data-act="go"]')).to_have_attribute("aria-disabled", "true")
    act(page, "go", off=True)
    act(page, "end")
    assert done(stand_in, 1) == [EndGently()]


# --- the connection


def test_a_lost_station_is_said_with_the_way_to_stop_and_comes_back_right(
    stand_in: StandIn, chromium: object, open_page: Open, address: str
) -> None:
    """The server dies and is started anew on its port while the session has moved on."""
    del chromium
    other = StandIn()
    playing(other)
    with served(other) as first:
        page = open_page()
        page.goto(first)
        expect(page.locator(".prompter")).to_be_visible()
        port = int(first.rsplit(":", 1)[1])
    expect(page.locator(".lost")).to_contain_text("The session goes on")
    expect(page.locator(".lost")).to_contain_text("E")
    expect(page.locator(".lost")).to_contain_text("stops now")
    other.status = replace(PLAYING, quiet=True)
    other.state["words"] = "Quiet: the guide rests."
    with served(other, port):
        expect(page.locator('[data-act="quiet"]')).to_have_attribute("aria-pressed", "true")
        expect(page.locator(".sentence")).to_contain_text("Quiet: the guide rests.")
        assert other.hellos[0]["client"] == other.hellos[-1]["client"]
        act(page, "quiet")
        assert done(other, 1) == [SetQuiet(False)]


def test_a_server_that_sends_the_page_away_is_quoted(stand_in: StandIn, open_page: Open) -> None:
    page = open_page()
    stand_in.gone = "Harborlight was updated; reload this page"
    page.reload()
    expect(page.locator(".lost")).to_contain_text("Harborlight was updated")
    expect(page.get_by_role("button", name="Open this page anew")).to_be_visible()


SLOW_TO_OPEN = """
const Real = WebSocket;
window.WebSocket = class extends Real {
  set onopen(told) { super.onopen = (event) => setTimeout(() => { this.late = true; told(event); }, 800); }
  get readyState() { return this.late ? super.readyState : Real.CONNECTING; }
};
"""


def test_an_end_before_the_connection_is_open_is_heard(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    page = open_page()
    page.add_init_script(SLOW_TO_OPEN)
    page.reload()
    act(page, "end")
    expect(page.locator(".sentence")).to_contain_text("Looking for the station")
    assert done(stand_in, 1) == [EndGently()]
    expect(page.locator('[data-act="end"]')).to_contain_text("Stop now")
    assert page.locator(".dock .answer").count() == 0


def test_a_duplicated_tab_becomes_a_page_of_its_own(stand_in: StandIn, open_page: Open) -> None:
    page = open_page()
    [first] = [hello["client"] for hello in stand_in.hellos]
    other = page.context.new_page()
    other.add_init_script(
        f"sessionStorage.getItem('harborlight.tab') ?? sessionStorage.setItem('harborlight.tab', '{first}')"
    )
    other.goto(page.url)
    expect(other.locator(".bedside")).to_be_visible()
    until = time.monotonic() + 5.0
    while len(stand_in.hellos) < 3 and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(1.2)  # they do not send each other away again
    assert [hello["client"] == first for hello in stand_in.hellos] == [True, True, False]
    expect(page.locator(".bedside")).to_be_visible()
    expect(page.locator(".driver")).to_be_visible()


# --- keys


def test_escape_ends_gently_even_from_a_field_and_twice_stops(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    page = open_page("/#/desk")
    page.fill("#note", "half a note")
    page.press("#note", "Escape")
    assert done(stand_in, 1) == [EndGently()]
    assert page.input_value("#note") == "half a note"
    page.press("#note", "Escape")
    assert done(stand_in, 2) == [EndGently(), StopNow()]


def test_space_is_go_only_where_somebody_wanted_it(stand_in: StandIn, open_page: Open) -> None:
    page = open_page()
    page.locator("body").press("Space")
    act(page, "quiet")
    assert done(stand_in, 1) == [SetQuiet(True)]
    page.goto(page.url.split("#")[0] + "#/screen")
    page.check("#space")
    page.goto(page.url.split("#")[0] + "#/bedside")
    page.wait_for_selector(".bedside")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Space")
    assert done(stand_in, 2)[1] == Go()


def test_a_session_by_keyboard_alone(stand_in: StandIn, open_page: Open) -> None:
    """From the opened page to its end with Tab, Shift+Tab, Enter and Space."""
    page = open_page()

    def reach(test: Callable[[], bool]) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            if test():
                return
        raise AssertionError("not reached with Tab")

    def named(words: str) -> Callable[[], bool]:
        """Where the keyboard is; while a page comes it is nowhere, in the body with all its words."""
        there = "document.activeElement === document.body ? '' : document.activeElement.innerText ?? ''"
        return lambda: words in str(page.evaluate(there))

    reach(named("Amber Heron"))
    page.keyboard.press("Enter")
    page.wait_for_selector(".usual")
    reach(named("Make ready"))
    page.keyboard.press("Enter")
    page.wait_for_selector(".bedside")
    expect(page.locator('[data-act="go"]')).to_contain_text("Begin")
    reach(named("Begin"))
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    done(stand_in, 1)
    reach(named("Quiet"))
    page.keyboard.press("Space")
    done(stand_in, 2)
    reach(named("End"))
    page.keyboard.press("Enter")
    assert done(stand_in, 3) == [Go(), SetQuiet(True), EndGently()]


# --- Desk


def test_sliders_and_choices_are_made_from_the_scenes_settings(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    page = open_page("/#/desk")
    slider = page.locator("#set-breaths_per_minute")
    expect(slider).to_have_attribute("min", "5.5")
    expect(slider).to_have_attribute("max", "10")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    done(stand_in, 1)
    expect(slider).to_have_value("6.5")
    page.get_by_role("radio", name="Blue hour").check()
    assert done(stand_in, 2) == [
        Adjust("tide_breath", "breaths_per_minute", 6.5),
        Adjust("tide_breath", "time_of_day", "blue_hour"),
    ]


def test_a_cue_is_previewed_and_go_plays_it(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    page = open_page("/#/desk")
    expect(page.locator(".cue-title")).to_have_text("Return")
    page.get_by_role("button", name="Calm room").click()
    expect(page.locator(".cue-title")).to_have_text("Calm room")
    act(page, "go")
    assert done(stand_in, 1) == [GoTo(0)]


def test_volume_eyes_anchor_and_camera(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    stand_in.status = replace(PLAYING, volume_db=-6.0)
    page = open_page("/#/desk")
    act(page, "louder")
    done(stand_in, 1)
    act(page, "eyes")
    done(stand_in, 2)
    page.get_by_role("radio", name="Sound", exact=True).check()
    assert done(stand_in, 3) == [SetVolume(-3.0), SetEyes(True), SetAnchor("sound")]
    page.get_by_role("radio", name="From beside").check()
    expect(page.locator("canvas")).to_have_attribute("aria-label", "From beside the patient")


def test_the_therapist_sees_strokes_and_time_and_hides_the_work_by_one_press(
    stand_in: StandIn, open_page: Open
) -> None:
    playing(stand_in)
    page = open_page("/#/bedside")
    expect(page.locator(".making")).to_have_count(0)  # nothing is made here
    stand_in.status = replace(PLAYING, making=Making(128, 200))
    expect(page.locator(".making")).to_contain_text("128 strokes, 3 min 20 s")
    act(page, "veil")
    assert done(stand_in, 1) == [Veil(True)]
    expect(page.locator('[data-act="veil"]')).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".making")).to_contain_text("hidden in mist")
    act(page, "veil")
    assert done(stand_in, 2) == [Veil(True), Veil(False)]


def test_the_camera_around_the_work_is_turned_from_the_desk(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    page = open_page("/#/desk")
    page.get_by_role("radio", name="Around the work").check()
    expect(page.locator("canvas")).to_have_attribute("aria-label", "Around what they make")
    page.get_by_label("Turn").fill("-1.5")
    page.get_by_label("Height").fill("2.2")
    expect(page.locator(".around output").first).to_have_text("86° right")
    page.wait_for_timeout(300)
    assert stand_in.views[-1] == View("around", 15.0, Orbit(-1.5, 2.2, 2.0))
    assert stand_in.done == []  # no command: it moves nothing of the patient's


def test_unlocking_is_asked_twice_and_locking_once(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    page = open_page("/#/desk")
    act(page, "lock", off=True)  # not away from under somebody
    stand_in.status = replace(PLAYING, mode=Mode.STOPPED.value)
    expect(page.locator('[data-act="lock"]')).to_contain_text("before the injection")
    act(page, "lock")
    expect(page.locator('[data-act="unlock"]')).to_be_visible()
    act(page, "unlock")
    expect(page.locator(".sure")).to_contain_text("Mara Lind")
    assert len(stand_in.done) == 1
    act(page, "unlock-sure")
    assert done(stand_in, 2) == [SetPhase(True), SetPhase(False)]


def test_every_other_page_has_the_end_in_one_tap(stand_in: StandIn, open_page: Open) -> None:
    playing(stand_in)
    page = open_page()
    for count, tab in enumerate(["desk", "patients", "plans", "screen"], 1):
        page.goto(page.url.split("#")[0] + f"#/{tab}")
        stand_in._ended_at = None
        end = page.locator('.stopbar [data-act="end"]')
        expect(end).to_contain_text("gently")
        box = end.bounding_box()
        assert box is not None
        assert box["height"] >= 64.0
        end.click()
        assert done(stand_in, count)[-1] == EndGently()
        expect(end).to_contain_text("Stop now")  # it knows; the next page begins anew
