"""The shared page: the latest order holds, whoever is started next; a text is whole or not there."""

from __future__ import annotations

import time
from typing import Any

import pytest

from vr_app.commands import EndGently, GroundNow, Leave, Queasy, Stop, StopNow
from vr_app.shared import Duty
from vr_app.station.child import SPAWN
from vr_app.station.page import STATUS_BYTES, Page


@pytest.fixture
def cells() -> Any:
    return Page.cells(SPAWN)


@pytest.mark.parametrize("stop", [StopNow(), EndGently(), GroundNow(), Leave(), Queasy()])
def test_an_order_is_heard_once_and_seen_to_be_taken(cells: Any, stop: Stop) -> None:
    supervisor, render = Page(cells), Page(cells)
    assert render.hear_order() is None
    number = supervisor.order(stop)
    assert not supervisor.taken(number)
    assert render.hear_order() == stop
    assert render.hear_order() is None
    assert not supervisor.taken(number)
    render.took_order()
    assert supervisor.taken(number)


def test_of_two_orders_the_later_one_holds_and_both_count_as_taken(cells: Any) -> None:
    supervisor, render = Page(cells), Page(cells)
    first, second = supervisor.order(EndGently()), supervisor.order(StopNow())
    assert render.hear_order() == StopNow()
    render.took_order()
    assert supervisor.taken(first)
    assert supervisor.taken(second)


def test_an_order_outlives_the_process_that_did_not_take_it(cells: Any) -> None:
    supervisor, lost = Page(cells), Page(cells)
    number = supervisor.order(StopNow())
    assert lost.hear_order() == StopNow()  # and dies before it could
    assert Page(cells).hear_order() == StopNow()
    Page(cells).took_order()
    assert not supervisor.taken(number)  # only who heard it can have taken it
    taking = Page(cells)
    taking.hear_order()
    taking.took_order()
    assert supervisor.taken(number)
    assert Page(cells).hear_order() is None


def test_a_status_is_given_once_to_each_reader(cells: Any) -> None:
    writer, reader, other = Page(cells), Page(cells), Page(cells)
    assert reader.status() is None
    writer.post_status(b"first")
    writer.post_status(b"second")
    assert reader.status() == b"second"
    assert reader.status() is None
    assert other.status() == b"second"
    writer.post_status(b"x" * (STATUS_BYTES + 1))  # left out
    assert reader.status() is None


def test_a_head_pose_is_there_to_be_read(cells: Any) -> None:
    Page(cells).post_head(0.5, 1.25, -2.0, 0.0, 0.5, 0.0, 0.75)
    assert Page(cells).head() == (0.5, 1.25, -2.0, 0.0, 0.5, 0.0, 0.75)


def test_a_writer_that_died_within_a_text_is_recovered_from(cells: Any) -> None:
    Page(cells).post_status(b"whole")
    cells.status.before += 1  # the next writer died here
    reader = Page(cells)
    assert reader.status() is None
    Page(cells).post_status(b"whole again")
    assert reader.status() == b"whole again"


def test_beats_tell_what_is_owed_and_for_how_long_nothing_came(cells: Any) -> None:
    supervisor, render = Page(cells), Page(cells)
    supervisor.expect_render(ready=False)
    assert supervisor.beat().duty is Duty.STARTING
    render.live(Duty.FRAMES)
    beat = supervisor.beat()
    assert beat.duty is Duty.FRAMES
    assert 0.0 <= beat.silent < 1.0
    assert supervisor.surface_beat().duty is Duty.STARTING


def _write(cells: Any) -> None:
    page, number = Page(cells), 0
    while not page.over:
        number += 1
        page.post_status(bytes([number % 251]) * (1 + number % STATUS_BYTES))


def _live(cells: Any) -> None:
    page = Page(cells)
    while not page.over:
        page.live(Duty.FRAMES)


def test_no_reader_ever_sees_half_a_sign_of_life() -> None:
    cells = Page.cells(SPAWN)
    page = Page(cells)
    page.expect_render(ready=True)
    writer = SPAWN.Process(target=_live, args=(cells,))
    writer.start()
    silent: list[float] = []
    end = time.monotonic() + 20.0
    while len(silent) < 100_000 and time.monotonic() < end:
        beat = page.beat()
        if beat.duty is Duty.FRAMES:
            silent.append(beat.silent)
    page.end()
    writer.join()
    assert len(silent) == 100_000
    assert max(silent) < 2.0  # a torn number is off by 4 s or more


def test_no_reader_ever_has_half_a_text() -> None:
    cells = Page.cells(SPAWN)
    writer = SPAWN.Process(target=_write, args=(cells,))
    writer.start()
    page, seen = Page(cells), 0
    end = time.monotonic() + 20.0
    while seen < 2000 and time.monotonic() < end:
        data = page.status()
        if data is not None:
            seen += 1
            assert len(set(data)) == 1
    page.end()
    writer.join()
    assert seen == 2000
