"""When nobody could steer any more, and what several surfaces watch together."""

from __future__ import annotations

import pytest

from vr_app import limits
from vr_app.commands import EndGently, StopNow, Watch
from vr_app.shared import Duty
from vr_app.station.child import SPAWN
from vr_app.station.control import Control
from vr_app.station.door import MOST_KEYS, PortTaken, open_door
from vr_app.station.notices import About, Notices
from vr_app.station.page import Page
from vr_app.station.watching import Watching


def lost_at(steered: list[tuple[float, bool]], plays: bool = True) -> list[float]:
    """When it is said, for a world that changes at these seconds and ends at 200."""
    control, told = Control(), []
    for tick in range(2000):
        now = tick / 10
        there = [value for since, value in steered if since <= now][-1]
        if control.lost(now, plays=plays, steered=there):
            told.append(now)
    return told


def test_a_session_that_nobody_could_steer_for_a_minute_is_told_of() -> None:
    assert lost_at([(0.0, True), (10.0, False)])[0] == pytest.approx(10.0 + limits.NO_CONTROL_SECONDS, abs=0.2)


def test_any_surface_in_between_begins_the_minute_anew() -> None:
    assert lost_at([(0.0, False), (59.0, True), (59.5, False)])[0] == pytest.approx(119.5, abs=0.2)
    assert not lost_at([(0.0, True)])


def test_what_does_not_play_needs_nobody() -> None:
    assert not lost_at([(0.0, False)], plays=False)


def test_watches_are_put_together_the_latest_camera_wins() -> None:
    watching = Watching()
    assert watching.ask("monitor", Watch("eye", 15.0)) == Watch("eye", 15.0)
    assert watching.ask("companion", Watch("beside", 10.0)) == Watch("beside", 15.0)
    assert watching.ask("monitor", Watch("eye", 15.0)) == Watch("eye", 15.0)
    assert watching.ask("monitor", Watch("eye", 0.0)) == Watch("beside", 10.0)
    assert watching.forget("monitor") is None
    assert watching.forget("companion") == Watch()
    assert watching.forget("companion") is None


def test_of_several_notices_the_gravest_is_shown() -> None:
    page = Page(Page.cells(SPAWN))
    notices = Notices(page)
    notices.post(About.TABLET, "A tablet has been lost")
    assert page.notice() == "A tablet has been lost"
    notices.post(About.PICTURE, "The picture has stopped")
    notices.post(About.TABLET, "")
    assert page.notice() == "The picture has stopped"
    notices.post(About.PICTURE, "")
    assert page.notice() == ""


def test_a_port_that_is_taken_is_told_with_its_number() -> None:
    door = open_door(0)
    try:
        with pytest.raises(PortTaken, match=f"port {door.port} cannot be had .*choose another with --port"):
            open_door(door.port)
    finally:
        door.listener.close()


def test_a_key_is_one_of_this_door_alone() -> None:
    door, other = open_door(0), open_door(0)
    try:
        assert [door.number_of(door.key(number)) for number in (0, 9, MOST_KEYS - 1)] == [0, 9, MOST_KEYS - 1]
        assert door.number_of(other.key(0)) is None
        assert door.number_of(door.key(MOST_KEYS)) is None
        assert door.number_of("0." + door.key(1).partition(".")[2]) is None
        assert door.cookie not in door.key(0)
    finally:
        for each in (door, other):
            each.listener.close()


def test_the_page_knows_companion_clients_and_used_keys() -> None:
    cells = Page.cells(SPAWN)
    supervisor, companion = Page(cells), Page(cells)
    supervisor.expect_companion()
    assert supervisor.companion_beat().duty is Duty.STARTING
    companion.companion_live(2, 1)
    assert (supervisor.companion_beat().duty, supervisor.pages()) == (Duty.FRAMES, (2, 1))
    assert [companion.use_key(number) for number in (0, 62, 0, 62, 5)] == [True, True, False, False, True]
    supervisor.expect_companion()  # another one: what was used stays used
    assert supervisor.pages() == (0, 0)
    assert not companion.use_key(5)


def test_a_plan_that_is_replaced_leaves_no_order_and_no_status() -> None:
    cells = Page.cells(SPAWN)
    supervisor, first = Page(cells), Page(cells)
    first.post_status(b"status")
    number = supervisor.order(EndGently())
    supervisor.forget()
    assert supervisor.taken(number)
    assert supervisor.status() == b""
    after = Page(cells)
    assert after.hear_order() is None
    assert not isinstance(after.standing_order(), EndGently)
    assert supervisor.order(StopNow()) == number + 1
    assert isinstance(after.hear_order(), StopNow)
