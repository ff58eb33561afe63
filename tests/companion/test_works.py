"""What a patient made, through the server and real records: asked, erased, handed over; and nothing plain is left."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from headless_harness.hung_works import ink_mandala, spiral, triptych
from tests.audio.test_performance import THINGS
from tests.companion.doubles import PASSPHRASE, status
from tests.companion.test_server import SETUP, Desk, until
from tests.records.conftest import CHEAP
from vr_app.api import Work
from vr_app.companion import handing
from vr_app.companion.glimpse import MOST_LINES, MOST_POINTS, glimpse
from vr_app.companion.library import KeptLibrary
from vr_app.companion.works import going_home, told
from vr_app.course import Mode
from vr_app.exports.handover import hand_over
from vr_app.exports.items import HandOverError, Item, Language
from vr_app.folders import run_folder
from vr_app.records import keys
from vr_app.records.records import Records
from vr_app.records.values import AuditLine, Consent, Made
from vr_app.remembered import Remembered
from vr_app.station.door import Door, open_door
from vr_app.station.messages import Erased, Keep, Kept, Recalled
from vr_app.works.works import Works

NOTE = "canary: Tuesdays, the blue scarf"


def scale(work: Work) -> None:
    work.put("scale", b"pelog")


MADE: tuple[tuple[str, Callable[[Work], object]], ...] = (
    ("light_paint", spiral),
    ("mandala", ink_mandala),
    ("triptych", triptych),
    ("sound_garden", scale),
)


class Room(Desk):
    """With real records, and a patient who made something."""

    def __init__(self, door: Door, pages: Path, folder: Path) -> None:
        self.kept = KeptLibrary(folder)
        super().__init__(door, pages, self.kept)
        self.patient = ""
        self.works: dict[str, str] = {}  # names by scene

    def furnish(self) -> None:
        self.post("/api/setup", SETUP)
        self.patient = self.post("/api/patients", {"note": NOTE})["id"]
        remembered = Remembered()
        works = Works(remembered)
        for scene, make in MADE:
            make(works.of(scene).new())
        works.finish()
        for number, kept in enumerate(remembered.take(), 1):
            self.station.puts.append(Keep(number, self.patient, *kept))
        until(lambda: Kept(number) in self.station.said)
        self.works = dict(remembered.pieces().keys())

    def close(self) -> None:
        spool = self.kept._spool
        if spool is not None:
            spool.close()

    @property
    def path(self) -> str:
        return f"/api/patients/{self.patient}"

    def listed(self) -> list[Any]:
        found: list[Any] = self.get(f"{self.path}/works")
        return found

    def consent(self, scene: str, given: bool = True, status: int = 200) -> Any:
        return self.put(f"{self.path}/works/{self.works[scene]}/consent", {"given": given}, status)

    def erase(self, scene: str, status: int = 200) -> Any:
        return self._told(self.browser.delete(f"{self.path}/works/{self.works[scene]}"), status)

    def handed_over(self) -> str:
        """The token of one that is ready."""
        token: str = self.post(f"{self.path}/hand-over", {})["token"]
        end = time.monotonic() + 60.0
        while (told := self.get(f"/api/hand-over/{token}"))["state"] == "making":
            assert time.monotonic() < end
            time.sleep(0.02)
        assert told["state"] == "ready", told
        return token

    def audited(self) -> tuple[AuditLine, ...]:
        """Once these records are closed: by their passphrase."""
        self.post("/api/lock", {})
        with Records.open(self.kept._folder, PASSPHRASE) as records:
            return records.audit()

    def plays(self, mode: Mode, **more: Any) -> None:
        self.station.now = status(mode, **more)
        until(lambda: self.companion.hub.status is self.station.now)


class Fast:
    """In place of a worker's process: as long as `goes` is not set, it works on the first thing."""

    goes = threading.Event()
    why = ""

    def __init__(self, folder: Path, items: list[Item], language: Language) -> None:
        self.folder, self.items, self.remarks = folder, items, list[str]()
        self.ended = False

    def wait(self, seconds: float, count: Callable[[int], object]) -> Path:
        self.folder.mkdir(parents=True)
        (self.folder / "index.html").write_text(" ".join(item.kind for item in self.items))
        count(1)
        while not self.goes.wait(0.01):
            if self.ended:
                raise HandOverError("it ended")
        if self.why:
            raise HandOverError(self.why)
        return self.folder

    def end(self) -> None:
        self.ended = True


@pytest.fixture(scope="module")
def door() -> Iterator[Door]:
    opened = open_door(0)
    yield opened
    opened.listener.close()


@pytest.fixture
def room(door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    monkeypatch.setattr(keys, "COST", CHEAP)
    monkeypatch.setenv("HARBORLIGHT_HOME", str(tmp_path))
    made = Room(door, tmp_path, tmp_path / "records")
    with made.browser:
        made.furnish()
        yield made
    made.close()


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> type[Fast]:
    monkeypatch.setattr(handing, "Exporting", Fast)
    monkeypatch.setattr(Fast, "why", "")
    Fast.goes.set()
    return Fast


def left() -> list[Path]:
    return [*(run_folder() / "hand-over").rglob("*")]


def test_works_are_told_with_what_they_are_and_nothing_that_scores(room: Room) -> None:
    found = {each["scene"]: each for each in room.listed()}
    assert [(each["kind"], each["strokes"], each["finished"]) for each in found.values()] == [
        ("garden", 0, False), ("triptych", 18, True), ("mandala", 6, True), ("painting", 3, True),
    ]  # fmt: skip
    assert all(each["consent"] is None for each in found.values())
    assert "nothing of it was recorded" in found["sound_garden"]["stays"]
    assert found["mandala"]["stays"] == found["mandala"]["trouble"] == ""
    assert found["mandala"]["began"] <= found["mandala"]["changed"]
    assert found["mandala"]["glimpse"]["ground"] == "#F6F0E4"


def test_a_triptych_of_words_alone_may_go_home_and_one_of_nothing_not() -> None:
    stays = []
    for words in (b"the sea", b""):
        kept = Remembered()
        works = Works(kept)
        works.of("triptych").open().put("next", words)
        works.finish()
        (pieces,) = kept.pieces().values()
        now = datetime.now(UTC)
        made = Made("0001abcdefgh", "triptych", now, now, tuple(pieces), Consent(True, now, "Kim"))
        stays.append(told(made).stays)
        assert [item.things["next"] for item in going_home([made]).values()] == [words] * bool(words)
    assert stays == ["", "There is nothing in it yet."]


def test_consent_is_each_works_own_and_bears_the_name_of_who_asked(room: Room) -> None:
    room.consent("mandala")
    found = {each["scene"]: each["consent"] for each in room.listed()}
    assert (found["mandala"]["given"], found["mandala"]["by"]) == (True, "Ada")
    assert found["triptych"] is None
    room.post("/api/me", {"name": "Grace"})
    room.consent("mandala", False)
    assert {each["scene"]: each["consent"] for each in room.listed()}["mandala"]["by"] == "Grace"
    room.post("/api/me", {"name": ""})
    assert "who sits here" in room.consent("mandala", status=409)
    assert "who sits here" in room.erase("mandala", status=409)


def test_what_is_no_answer_and_no_work_is_refused_in_one_sentence(room: Room) -> None:
    path = f"{room.path}/works/{room.works['mandala']}/consent"
    bodies: tuple[Any, ...] = ({}, {"given": "yes"}, {"given": True, "more": 1}, [])
    for body in bodies:
        assert room.put(path, body, 400).startswith("not understood: ")
    assert "no such work" in room.put(f"{room.path}/works/0009abcdefgh/consent", {"given": True}, 404)
    assert "no such patient" in room.get(f"/api/patients/{'0' * 32}/works", 404)
    assert "not understood" in room.put(f"{room.path}/works/%22/consent", {"given": True}, 400)
    for header in ({"X-Harborlight": "0"}, {"Origin": "http://evil.example"}):
        assert room.browser.put(path, json={"given": True}, headers=header).status_code == 403
        assert room.browser.delete(path.removesuffix("/consent"), headers=header).status_code == 403
        assert room.browser.post(f"{room.path}/hand-over", json={}, headers=header).status_code == 403
    assert all(each["consent"] is None for each in room.listed())
    room.post("/api/lock", {})
    for answer in (room.get(f"{room.path}/works", 423), room.consent("mandala", status=423)):
        assert "locked" in answer


def test_nobody_is_asked_while_their_session_is_under_way_or_vr_is_locked_but_may_always_say_no(room: Room) -> None:
    room.consent("triptych")
    room.plays(Mode.LOCKED)
    assert "VR is locked" in room.consent("mandala", status=409)
    room.plays(Mode.WAITING)
    room.post("/api/sessions", {"patient": room.patient, "plan": "lantern"})
    assert "under way" in room.consent("mandala", status=409)
    assert "under way" in room.erase("mandala", status=409)
    room.consent("triptych", given=False)
    room.plays(Mode.OVER)
    room.consent("mandala")
    room.erase("triptych")
    assert [each["scene"] for each in room.listed()] == ["sound_garden", "mandala", "light_paint"]


def test_what_was_erased_is_in_no_later_visit_and_a_late_piece_is_not_kept(room: Room) -> None:
    erased = room.works["light_paint"]
    room.erase("light_paint")
    assert "no such work" in room.erase("light_paint", status=404)
    room.station.puts.append(Keep(9_000, room.patient, "light_paint", f"{erased}/00099", b"late"))
    until(lambda: Kept(9_000) in room.station.said)  # and is not asked for for ever
    room.station.said.clear()
    room.post("/api/sessions", {"patient": room.patient, "plan": "lantern"})
    assert Erased(room.patient, erased) in room.station.said
    told = {each.key.partition("/")[0] for each in room.station.said if isinstance(each, Recalled)}
    assert told == {*room.works.values()} - {erased}


# --- handing over


def test_what_goes_home_is_what_has_consent_in_one_zip_that_names_nobody(room: Room) -> None:
    room.consent("mandala")
    pseudonym = room.get("/api/patients")[0]["pseudonym"]
    token = room.handed_over()
    answer = room.browser.get(f"/api/hand-over/{token}/files")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''What%20you%20made.zip"
    with ZipFile(BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == [
            f"What you made/{name}" for name in ("index.html", "mandala-1.png", "mandala-1.svg")
        ]
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        inside = [archive.read(name) for name in archive.namelist()]
    for whose in (pseudonym, room.patient, room.works["mandala"], "canary", "Ada", "Harbour Clinic"):
        assert not any(whose.encode() in data for data in (*inside, answer.content))
    until(lambda: left() == [])
    assert "taken already" in room.get(f"/api/hand-over/{token}/files", 404)
    (line,) = (each for each in room.audited() if each.what == "works handed over")
    assert (line.who, line.subject) == ("Ada", f"{room.patient} {room.works['mandala']}")


def test_without_consent_nothing_goes_and_one_sentence_says_so(room: Room, fast: type[Fast]) -> None:
    words = room.post(f"{room.path}/hand-over", {}, 409)
    assert words.startswith("nothing here has consent to go home")
    room.consent("mandala")
    room.consent("mandala", given=False)
    room.consent("sound_garden")  # of which there is no file
    assert room.post(f"{room.path}/hand-over", {}, 409) == words
    room.consent("triptych")
    room.plays(Mode.PLAYING)
    assert "a session plays" in room.post(f"{room.path}/hand-over", {}, 409)
    assert left() == []


@pytest.mark.parametrize("recorded", [True, False])
def test_of_a_garden_goes_home_what_was_recorded(tmp_path: Path, recorded: bool) -> None:
    remembered = Remembered()
    works = Works(remembered)
    work = works.of("sound_garden").new()
    for name, value in (THINGS if recorded else {"scale": b"pelog"}).items():
        work.put(name, value)
    works.finish()
    pieces = tuple(value for _, _, value in remembered.take())
    now = datetime.now(UTC)
    items = going_home([Made("1", "sound_garden", now, now, pieces, Consent(True, now, "Ada"))])
    assert list(items) == (["1"] if recorded else [])
    if recorded:
        folder = hand_over(tmp_path / "home", [*items.values()])
        assert (folder / "garden-1.flac").read_bytes().startswith(b"fLaC")


def test_all_else_is_answered_while_it_is_made_and_how_far_it_is(room: Room, fast: type[Fast]) -> None:
    fast.goes.clear()
    room.consent("mandala")
    room.consent("triptych")
    first = room.post(f"{room.path}/hand-over", {})
    until(lambda: room.get(f"/api/hand-over/{first['token']}")["done"] == 1)
    told = room.get(f"/api/hand-over/{first['token']}")
    assert (told["state"], told["of"]) == ("making", 2)
    begun = time.monotonic()
    assert room.get("/api/home")["me"] == "Ada"
    assert len(room.listed()) == 4
    assert time.monotonic() - begun < 2.0
    assert "still being made" in room.get(f"/api/hand-over/{first['token']}/files", 409)
    assert room.post(f"{room.path}/hand-over", {})["token"] == first["token"]  # it goes on
    room.consent("triptych", given=False)
    assert "something else is made" in room.post(f"{room.path}/hand-over", {}, 409)
    fast.goes.set()
    until(lambda: room.get(f"/api/hand-over/{first['token']}")["state"] == "ready")
    assert room.get(f"/api/hand-over/{'0' * 32}", 404)
    assert "1 of 2 works have no recorded consent" in room.get(f"/api/hand-over/{first['token']}/files", 409)
    until(lambda: left() == [])  # consent was taken back meanwhile


def test_a_stranger_fetches_nothing(room: Room, fast: type[Fast]) -> None:
    room.consent("mandala")
    token = room.handed_over()
    room.browser.cookies.clear()
    assert room.browser.get(f"/api/hand-over/{token}/files").status_code == 401
    assert left()


def test_what_was_erased_after_it_was_made_does_not_go(room: Room, fast: type[Fast]) -> None:
    room.consent("mandala")
    token = room.handed_over()
    room.erase("mandala")
    assert "1 of 1 works have no recorded consent" in room.get(f"/api/hand-over/{token}/files", 409)
    until(lambda: left() == [])


@pytest.mark.parametrize("state", ["making", "ready"])
def test_nothing_plain_is_left_once_the_records_are_locked(room: Room, fast: type[Fast], state: str) -> None:
    room.consent("mandala")
    if state == "making":
        fast.goes.clear()
    token = room.post(f"{room.path}/hand-over", {})["token"]
    until(lambda: room.get(f"/api/hand-over/{token}")["state"] == state and bool(left()))
    room.post("/api/lock", {})
    until(lambda: left() == [])
    assert room.get(f"/api/hand-over/{token}", 404)


def test_nothing_plain_is_left_after_a_while(room: Room, fast: type[Fast], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handing, "KEPT_SECONDS", 0.05)
    room.consent("mandala")
    token = room.post(f"{room.path}/hand-over", {})["token"]
    until(lambda: room.browser.get(f"/api/hand-over/{token}").status_code == 404)
    until(lambda: left() == [])


def test_what_a_crash_left_goes_when_the_next_companion_begins(room: Room, fast: type[Fast], door: Door) -> None:
    room.consent("mandala")
    room.handed_over()
    assert left()
    Desk(door, run_folder())
    until(lambda: left() == [])


def test_what_ends_with_the_companion_leaves_nothing(
    door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fast: type[Fast]
) -> None:
    monkeypatch.setattr(keys, "COST", CHEAP)
    monkeypatch.setenv("HARBORLIGHT_HOME", str(tmp_path))
    room = Room(door, tmp_path, tmp_path / "records")
    with room.browser:
        room.furnish()
        room.consent("mandala")
        fast.goes.clear()
        room.post(f"{room.path}/hand-over", {})
        until(lambda: bool(left()))
    assert left() == []
    room.close()


def test_one_that_takes_too_long_says_so_and_leaves_nothing(room: Room, fast: type[Fast]) -> None:
    fast.why = "It was not done in 600 seconds; hand over fewer things at once."
    room.consent("mandala")
    token = room.post(f"{room.path}/hand-over", {})["token"]
    until(lambda: room.get(f"/api/hand-over/{token}")["state"] == "failed")
    assert room.get(f"/api/hand-over/{token}")["words"] == fast.why
    until(lambda: left() == [])
    fast.why = ""
    room.handed_over()  # and may be tried again


def test_a_page_in_the_patients_language(room: Room, fast: type[Fast]) -> None:
    path = f"{room.path}/profile"
    room.put(path, room.get(path) | {"language": "es"})
    room.consent("mandala")
    answer = room.browser.get(f"/api/hand-over/{room.handed_over()}/files")
    assert answer.headers["content-disposition"].endswith("Lo%20que%20ha%20hecho.zip")


def test_a_glimpse_stays_small_whatever_was_made() -> None:
    works = Works(Remembered())
    work = works.of("light_paint").new()
    for stroke in range(600):
        work.begin("dust", (1.0, 0.5, 0.2, 0.5), turns=1 + stroke % 24, mirror=bool(stroke % 2))
        for point in range(200):
            work.append(
                (float("inf") if point == 7 else 0.01 * point, 0.01 * stroke, -1e30 if point == 9 else -1.0), 0.01
            )
        work.end()
    found = glimpse("painting", tuple(work.shown().values()))
    points = [value for line in found.lines for value in line.points]
    assert 20 < len(found.lines) <= 2 * MOST_LINES
    assert len(points) <= 2 * (MOST_POINTS + 4 * MOST_LINES)
    assert all(0.0 <= value <= 100.0 for value in points)
    assert glimpse("mandala", ()).lines == glimpse("painting", ()).lines == ()
