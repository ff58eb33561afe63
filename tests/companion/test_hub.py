"""Who drives, what everybody is told, and that nobody waits for anybody."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from tests.companion.doubles import Station, status
from vr_app import limits
from vr_app.commands import (
    EndGently,
    Go,
    GoTo,
    Orbit,
    SetPhase,
    SetQuiet,
    Stop,
    StopNow,
    Watch,
)
from vr_app.companion import hub as hubs
from vr_app.companion.hub import Client, Hub
from vr_app.companion.messages import PICTURE_HEAD, Do, Drive, Hello, NotUnderstood, Seen, Undo, View
from vr_app.course import Mode
from vr_app.station.messages import Keep, Kept, Rated, Status


class Recording:
    """See vr_app.companion.hub.Recording."""

    session: str | None = "s1"
    patient = "Heron-1"
    recording = "saved"

    def __init__(self) -> None:
        self.notes: list[tuple[float, str, str]] = []
        self.rated: list[tuple[Rated, ...]] = []
        self.remembered: list[tuple[Keep, Callable[[], object]]] = []

    def note(self, at: float, what: str, by: str) -> None:
        self.notes.append((at, what, by))

    def cues(self, plan: str) -> tuple[str, ...]:
        return ("Lantern", "Return") if plan == "lantern" else ()

    def rate(self, status: Status) -> None:
        self.rated.append(status.ratings)

    def remember(self, keep: Keep, done: Callable[[], object]) -> None:
        self.remembered.append((keep, done))


class Room:
    """A hub, with two pages that said hello, at a time that the test moves on."""

    def __init__(self) -> None:
        self.station, self.kept = Station(), Recording()
        self.station.now = status()
        self.hub = Hub(self.station, self.kept, "b1")
        self.now = 100.0
        self.hub.turn(self.now)
        self.ada = self.join("ada", "Ada")
        self.grace = self.join("grace", "Grace")
        self.turn()

    def join(self, client: str, name: str) -> Client:
        return self.hub.join(Hello("b1", client, name), self.now)

    def turn(self, seconds: float = 0.0) -> None:
        self.now += seconds
        self.hub.turn(self.now)

    def hear(self, client: Client, said: Any) -> None:
        self.hub.hear(client, said, self.now)
        self.hub.turn(self.now)


@pytest.fixture
def room() -> Room:
    return Room()


def sent(client: Client) -> list[Any]:
    """All that waits for a page, decoded; pictures as bytes."""
    found: list[Any] = []
    while (data := client.outbox.take()) is not None:
        found.append(data if isinstance(data, bytes) else msgspec.json.decode(data))
    return found


def state(client: Client) -> Any:
    return [each for each in sent(client) if isinstance(each, dict) and each["type"] == "State"][-1]


def answers(client: Client) -> dict[int, str | None]:
    return {each["id"]: each["refused"] for each in sent(client) if isinstance(each, dict) and each["type"] == "Answer"}


def test_a_state_is_whole(room: Room) -> None:
    told = state(room.grace)
    assert told["status"]["mode"] == "playing"
    assert told["words"] == "Playing Lantern, 4:05 left."
    assert (told["driver"], told["driver_name"], told["clients"]) == ("ada", "Ada", ["Ada", "Grace"])
    assert (told["session"], told["patient"], told["recording"]) == ("s1", "Heron-1", "saved")
    assert told["cues"] == ["Lantern", "Return"]
    assert (told["undo"], told["notice"], told["phase_locked"]) == (0.0, "", False)


def test_one_drives_and_all_may_stop(room: Room) -> None:
    room.hear(room.grace, Do(1, Go()))
    room.hear(room.grace, Do(2, StopNow()))
    room.hear(room.ada, Do(3, SetQuiet(True)))
    assert answers(room.grace) == {1: "Ada drives; take over first", 2: None}
    assert answers(room.ada) == {3: None}
    assert [command for command, _ in room.station.asked] == [StopNow(), SetQuiet(True)]
    assert room.station.asked[0][1] == "Grace"


@pytest.mark.parametrize("stop", Stop.__args__)
def test_every_stop_is_taken_from_whoever_does_not_drive(room: Room, stop: type[Stop]) -> None:
    room.hear(room.grace, Do(1, stop()))
    assert answers(room.grace) == {1: None}


def test_taking_over_is_one_tap_and_both_are_told(room: Room) -> None:
    room.hear(room.grace, Drive(5))
    room.hear(room.grace, Do(6, Go()))
    room.hear(room.ada, Do(7, Go()))
    room.turn(0.2)
    assert answers(room.grace) == {5: None, 6: None}
    assert state(room.ada)["driver"] == "grace"


def test_of_two_that_take_over_at_once_the_later_drives(room: Room) -> None:
    for client, number in ((room.grace, 1), (room.ada, 2), (room.grace, 3)):
        room.hub.hear(client, Drive(number), room.now)
    room.turn(0.2)
    assert state(room.ada)["driver"] == state(room.grace)["driver"] == "grace"


def test_whoever_drove_and_left_leaves_the_wheel_to_the_only_other(room: Room) -> None:
    room.hub.leave(room.ada, room.now, lost=False)
    room.turn(0.2)
    assert state(room.grace)["driver"] == "grace"
    assert room.station.beats == (1, 0)


def test_a_page_that_is_lost_is_told_of_and_keeps_the_wheel_until_then(room: Room) -> None:
    room.hub.leave(room.ada, room.now, lost=True)
    room.turn(limits.TABLET_LOST_SECONDS - hubs.SILENT_SECONDS - 0.1)
    assert room.station.beats == (1, 0)
    assert state(room.grace)["driver"] == "ada"
    room.turn(0.3)
    assert room.station.beats == (1, 1)
    assert state(room.grace)["driver"] == "grace"
    room.join("ada", "Ada")
    room.turn(0.1)
    assert room.station.beats == (2, 0)


def test_a_page_that_never_comes_back_is_forgotten(room: Room) -> None:
    room.hub.leave(room.grace, room.now, lost=True)
    room.turn(hubs.FORGOTTEN_SECONDS + 0.1)
    assert room.station.beats == (1, 0)


def test_whoever_comes_after_the_last_page_was_lost_drives(room: Room) -> None:
    for client in (room.ada, room.grace):
        room.hub.leave(client, room.now, lost=True)
    room.turn(limits.TABLET_LOST_SECONDS)
    room.turn(hubs.FORGOTTEN_SECONDS)
    room.join("tablet", "Ida")
    client = room.join("desk", "Ada")
    room.turn(0.2)
    assert state(client)["driver"] == "tablet"


def test_a_page_that_comes_back_finds_the_wheel_and_its_old_connection_closed(room: Room) -> None:
    sent(room.ada)
    again = room.join("ada", "Ada")
    assert sent(room.ada)[0]["why"] == "this page is connected anew"
    room.hub.leave(room.ada, room.now, lost=True)  # the old one ends at last
    room.turn(10.0)
    assert room.station.beats == (2, 0)
    assert state(again)["driver"] == "ada"


def test_a_page_of_another_build_is_told_to_reload(room: Room) -> None:
    with pytest.raises(NotUnderstood, match="reload this page"):
        room.hub.join(Hello("b0", "x"), room.now)


def test_no_more_pages_than_can_be_served(room: Room) -> None:
    for number in range(hubs.MOST_CLIENTS - 2):
        room.join(f"c{number}", "")
    with pytest.raises(NotUnderstood, match="close one of them"):
        room.join("one", "")


def test_states_come_ten_times_a_second_and_at_once_when_the_mode_changes(room: Room) -> None:
    room.turn(1.0)
    sent(room.ada)
    told = 0
    for _ in range(100):
        room.station.now = status(time=room.now)
        room.turn(0.01)
        told += len(sent(room.ada))
    assert 9 <= told <= 11
    room.station.now = status(Mode.STOPPED)
    room.turn(0.001)
    assert state(room.ada)["words"] == "Stopped, in the calm room; Go continues."
    room.station.notice = "The picture has stopped."
    room.turn(0.001)
    assert state(room.ada)["notice"] == "The picture has stopped."


def test_while_nothing_happens_the_age_is_told_once_a_second(room: Room) -> None:
    room.turn(1.0)
    sent(room.ada)
    for _ in range(300):
        room.turn(0.01)
    told = sent(room.ada)
    assert len(told) == 1  # only the newest waits
    assert told[0]["age"] >= 3.0
    assert "No word from the picture" in told[0]["words"]


def test_a_page_that_reads_nothing_holds_nobody_up_and_is_closed(room: Room) -> None:
    for number in range(hubs.MOST_ANSWERS + 2):
        room.hear(room.grace, Do(number, StopNow()))
    assert room.grace.outbox.closing
    room.hear(room.ada, Do(1, StopNow()))
    assert answers(room.ada) == {1: None}


def test_a_flood_of_one_page_is_refused_but_for_its_stops(room: Room) -> None:
    for number in range(100):
        room.hear(room.ada, Do(number, SetQuiet(True)))
    room.hear(room.ada, Do(100, StopNow()))
    told = answers(room.ada)
    assert sum(refused is None for refused in told.values()) == hubs.MOST_A_SECOND + 1
    assert told[99] == "too much at once; wait a moment and ask again"
    assert told[100] is None
    room.now += 1.0
    room.hear(room.ada, Do(101, Go()))
    assert answers(room.ada) == {101: None}


def test_why_the_station_refused_is_answered_under_the_pages_own_number(room: Room) -> None:
    room.station.refuses = lambda command: "VR is locked; say: unlock NAME"
    room.hear(room.ada, Do(77, SetPhase(False)))
    assert answers(room.ada) == {77: "VR is locked; say: unlock NAME"}


# --- an end that is taken back


def test_an_end_is_taken_back_to_where_the_plan_stood(room: Room) -> None:
    room.hear(room.ada, Do(1, EndGently()))
    room.station.now = status(position=msgspec.structs.replace(status().position, step=1, step_seconds=0.0))
    room.turn(0.2)
    assert state(room.ada)["undo"] == pytest.approx(19.8)
    room.hear(room.ada, Undo(2))
    assert answers(room.ada) == {2: None}
    assert room.station.asked[-1] == (GoTo(0, 12.0), "Ada")
    room.turn(0.2)
    assert state(room.ada)["undo"] == 0.0


def test_an_end_cannot_be_taken_back_too_late_nor_after_a_stop_nor_twice(room: Room) -> None:
    late = "there is no end to take back any more"
    room.hear(room.ada, Undo(1))
    room.hear(room.ada, Do(2, EndGently()))
    room.turn(hubs.UNDO_SECONDS)
    room.hear(room.ada, Undo(3))
    room.hear(room.ada, Do(4, EndGently()))
    room.hear(room.ada, Do(5, StopNow()))
    room.hear(room.ada, Undo(6))
    assert answers(room.ada) == {1: late, 2: None, 3: late, 4: None, 5: None, 6: late}


def test_an_end_on_the_way_back_is_not_taken_back(room: Room) -> None:
    room.station.now = status(position=msgspec.structs.replace(status().position, step=1))
    room.turn()
    room.hear(room.ada, Do(1, EndGently()))
    room.turn(0.2)
    assert state(room.ada)["undo"] == 0.0


# --- pictures


def test_a_picture_is_sent_when_the_one_before_was_seen(room: Room) -> None:
    room.hear(room.ada, View("beside", 10.0))
    assert room.station.asked[-1][0] == Watch("beside", 10.0)
    sent(room.ada)
    room.station.pictures.put("beside")
    room.turn(0.2)
    (first,) = [each for each in sent(room.ada) if isinstance(each, bytes)]
    number, camera, seconds, age = struct.unpack_from(PICTURE_HEAD, first)
    assert (number, camera, seconds) == (1, 1, 3.5)
    assert age > 0.0
    assert first[24:26] == b"\xff\xd8"  # a JPEG
    room.station.pictures.put("beside")
    room.turn(0.2)
    assert not [each for each in sent(room.ada) if isinstance(each, bytes)]  # one in flight
    room.hear(room.ada, Seen(99))
    room.station.pictures.put("beside")
    room.turn(0.2)
    assert not [each for each in sent(room.ada) if isinstance(each, bytes)]
    room.hear(room.ada, Seen(1))
    room.station.pictures.put("beside")
    room.turn(0.2)
    assert len([each for each in sent(room.ada) if isinstance(each, bytes)]) == 1
    assert not [each for each in sent(room.grace) if isinstance(each, bytes)]


def test_the_station_sends_as_many_pictures_as_the_most_eager_page_wants(room: Room) -> None:
    room.hear(room.ada, View("eye", 5.0))
    room.hear(room.grace, View("beside", 15.0))
    room.hear(room.grace, View("beside", 0.0))
    room.hub.leave(room.ada, room.now, lost=False)
    room.turn()
    assert [command for command, _ in room.station.asked] == [
        *(Watch("eye", 5.0), Watch("beside", 15.0), Watch("beside", 5.0), Watch("beside", 0.0))
    ]


def test_a_watch_is_not_a_pages_command(room: Room) -> None:
    room.hear(room.ada, Do(1, Watch("eye", 30.0)))
    assert answers(room.ada)[1] == "pictures are asked for by a view, not by a command"


# --- the record


def test_what_was_done_is_recorded_with_who_did_it(room: Room) -> None:
    room.hear(room.ada, Do(1, SetQuiet(True)))
    room.station.refuses = lambda command: "no"
    room.hear(room.ada, Do(2, Go()))
    room.station.now = status(Mode.OVER)
    room.turn()
    assert room.kept.notes[-2:] == [(61.0, "SetQuiet on", "Ada"), (61.0, "over", "")]


def test_what_a_scene_put_is_answered_once_it_is_kept(room: Room) -> None:
    keep = Keep(7, "p1", "values_tree", "tree", b"oak")
    room.station.puts.append(keep)
    room.turn()
    room.turn()
    ((given, done),) = room.kept.remembered
    assert given == keep
    assert room.station.said == []
    done()
    assert room.station.said == [Kept(7)]
    assert room.kept.notes == [(61.0, "playing", "")]


def test_the_camera_around_the_work_turns_without_losing_a_picture(room: Room) -> None:
    room.hear(room.ada, View("around", 10.0, Orbit(0.5)))
    assert room.station.asked[-1][0] == Watch("around", 10.0, Orbit(0.5))
    room.station.pictures.put("around")
    room.turn(0.2)
    assert [each for each in sent(room.ada) if isinstance(each, bytes)]
    waits = room.ada.viewer._due
    room.hear(room.ada, View("around", 10.0, Orbit(0.6, 2.0, 1.0)))
    assert room.station.asked[-1][0] == Watch("around", 10.0, Orbit(0.6, 2.0, 1.0))
    assert room.ada.viewer._due == waits
