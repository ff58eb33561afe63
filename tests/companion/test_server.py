"""Every route and message as a browser meets it, and what a hostile page is told."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from tests.companion.doubles import PASSPHRASE, Describer, Library, Station, left_out, status
from vr_app import limits
from vr_app.commands import Go, LoadPlan, SetComfort, StopNow
from vr_app.companion import books
from vr_app.companion.server import Companion
from vr_app.course import Mode
from vr_app.station.door import Door, open_door
from vr_app.station.messages import Keep, Kept, Rated, Recall, Recalled

SETUP = {
    "clinic": "Harbour Clinic",
    "room": "2",
    "clinicians": ["Ada", "Grace"],
    "passphrase": PASSPHRASE,
    "thresholds": {"systolic": 160, "diastolic": 100, "pulse": 110, "saturation": 93},
    "volume_db": -3.0,
    "rehearsal": False,
}
LOCKED = "the records are locked; unlock them with the passphrase"


class Desk:
    """A companion, and a browser that has entered."""

    def __init__(self, door: Door, pages: Path, library: books.Library | None = None) -> None:
        """`library`: its own in memory if not given."""
        self.station, self.library = Station(now=status(Mode.WAITING)), Library()
        kept = library or self.library
        self.companion = Companion(self.station, door, kept, Describer(), left_out, rehearsal=False, pages=pages)
        self.door = door
        self.browser = TestClient(
            self.companion.app(),
            base_url=door.address,
            follow_redirects=False,
            cookies={"harborlight": door.cookie},
            headers={"X-Harborlight": "1", "Origin": door.address.rstrip("/")},
        )

    def get(self, path: str, status: int = 200) -> Any:
        return self._told(self.browser.get(path), status)

    def post(self, path: str, body: Any, status: int = 200) -> Any:
        return self._told(self.browser.post(path, json=body), status)

    def put(self, path: str, body: Any, status: int = 200) -> Any:
        return self._told(self.browser.put(path, json=body), status)

    def socket(self, headers: dict[str, str] | None = None) -> Any:
        return self.browser.websocket_connect(f"ws://127.0.0.1:{self.door.port}/ws", headers=headers or {})

    def hello(self, socket: Any, client: str = "tab", name: str = "Ada") -> Any:
        """The first state."""
        socket.send_json({"type": "Hello", "build": self.companion.build, "client": client, "name": name})
        return socket.receive_json()

    def _told(self, response: Any, status: int) -> Any:
        assert response.status_code == status, response.text
        told = response.json()
        if status >= 400:
            assert [*told] == ["error"]
            assert told["error"]
            assert "\n" not in told["error"]
            return told["error"]
        return told


@pytest.fixture(scope="module")
def door() -> Iterator[Door]:
    opened = open_door(0)
    yield opened
    opened.listener.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("app")
    (folder / "index.html").write_text("<!doctype html><title>Harborlight</title>")
    (folder / "main.js").write_text("export const x = 1;")
    return folder


@pytest.fixture
def desk(door: Door, pages: Path) -> Iterator[Desk]:
    made = Desk(door, pages)
    with made.browser:
        yield made


@pytest.fixture
def set_up(desk: Desk) -> Desk:
    assert desk.post("/api/setup", SETUP) == {"recovery_key": "HERON-1234"}
    return desk


def answer(socket: Any, number: int) -> Any:
    while (told := socket.receive_json())["type"] != "Answer" or told["id"] != number:
        pass
    return told["refused"]


def loaded(desk: Desk) -> tuple[LoadPlan, str]:
    """What the station was asked for last, and the mark of that visit."""
    load = next(command for command, _ in reversed(desk.station.asked) if isinstance(command, LoadPlan))
    assert len(load.visit) == 16
    return load, load.visit


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 5.0
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)


# --- pages


def test_a_page_and_what_it_is_made_of_come_with_every_header(desk: Desk) -> None:
    for path, kind in (("/", "text/html"), ("/app/main.js", "text/javascript")):
        page = desk.browser.get(path)
        assert page.status_code == 200
        assert page.headers["content-type"].startswith(kind)
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["content-security-policy"].startswith("default-src 'self'; ")
        assert "server" not in page.headers


@pytest.mark.parametrize(
    "path", ["/nothing", "/app/../server.py", "/app/%2e%2e/server.py", "/app//etc/passwd", "/app/x"]
)
def test_nothing_else_is_served(desk: Desk, path: str) -> None:
    assert "reload the page" in desk.get(path, 404)


def test_an_address_opens_one_browser_once(desk: Desk) -> None:
    stranger = TestClient(desk.companion.app(), base_url=desk.door.address, follow_redirects=False)
    key = desk.door.address_with(3)
    entered = stranger.get(key)
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    cookie = entered.headers["set-cookie"]
    assert desk.door.cookie in cookie
    assert "httponly" in cookie.lower() and "samesite=strict" in cookie.lower()
    assert stranger.get("/").status_code == 200
    assert stranger.get(key).status_code == 303  # the same browser may come again
    other = TestClient(desk.companion.app(), base_url=desk.door.address)
    refused = other.get(key)
    assert refused.status_code == 403
    assert "harborlight tell companion" in refused.json()["error"]
    assert other.get("/").status_code == 401


@pytest.mark.parametrize("key", ["", "0", "3.", "3.0", "99." + "0" * 64, "-1.x", "0x3.y", "é.é", "3." + "0" * 64])
def test_no_other_key_opens(desk: Desk, key: str) -> None:
    stranger = TestClient(desk.companion.app(), base_url=desk.door.address)
    assert stranger.get("/enter", params={"key": key}).status_code == 403
    assert "set-cookie" not in stranger.get("/enter", params={"key": key}).headers


# --- strangers


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1"}, 421),
        ({"Host": "127.0.0.1:1"}, 421),
        ({"Host": "127.0.0.1:{port}.evil.example"}, 421),
        ({"Host": ""}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://127.0.0.1:{port}"}, 403),
        ({"Origin": "http://localhost:{port}"}, 403),
        ({"Cookie": "harborlight=wrong"}, 401),
        ({"Cookie": ""}, 401),
        ({"Cookie": "harborlight"}, 401),
        ({"X-Harborlight": "0"}, 403),
        ({"X-Harborlight": ""}, 403),
        ({"Content-Length": "99999999"}, 413),
    ],
)
def test_a_strangers_write_is_refused_before_it_is_read(desk: Desk, headers: dict[str, str], code: int) -> None:
    sent = {name: value.format(port=desk.door.port) for name, value in headers.items()}
    if "Cookie" in sent:
        desk.browser.cookies.clear()
    refused = desk.browser.post("/api/me", content=b'{"name": "Mallory"}', headers=sent)
    assert refused.status_code == code
    assert [*refused.json()] == ["error"]
    assert refused.headers["cache-control"] == "no-store"
    desk.browser.cookies.set("harborlight", desk.door.cookie)
    assert desk.get("/api/home")["me"] == ""


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": ""},
        {"Host": "evil.example"},
        {"Cookie": "harborlight=wrong"},
    ],
)
def test_a_strangers_socket_is_refused_at_its_handshake(desk: Desk, headers: dict[str, str]) -> None:
    if "Cookie" in headers:
        desk.browser.cookies.clear()
    with pytest.raises(WebSocketDisconnect), desk.socket(headers):
        pass
    assert desk.companion.hub.clients == 0


def test_a_socket_without_an_origin_is_no_browsers(desk: Desk) -> None:
    del desk.browser.headers["Origin"]
    with pytest.raises(WebSocketDisconnect), desk.socket():
        pass


def test_reading_needs_the_cookie_too(desk: Desk) -> None:
    desk.browser.cookies.clear()
    for path in ("/", "/api/home", "/api/patients", "/app/main.js"):
        assert "has not entered" in desk.get(path, 401)


def test_a_write_is_not_a_read(desk: Desk) -> None:
    assert desk.browser.get("/api/setup").status_code == 405
    assert desk.browser.delete("/api/patients").status_code == 405
    assert desk.browser.post(desk.door.address_with(5)).status_code == 405


# --- first run, lock


def test_the_first_run_and_what_home_tells(desk: Desk) -> None:
    home = desk.get("/api/home")
    assert (home["first_run"], home["locked"], home["me"], home["headset"]) == (True, True, "", "Scripted, none")
    assert desk.post("/api/setup", SETUP)["recovery_key"] == "HERON-1234"
    home = desk.get("/api/home")
    assert (home["first_run"], home["locked"], home["clinic"], home["room"]) == (False, False, "Harbour Clinic", "2")
    assert (home["me"], home["clinicians"], home["volume_db"]) == ("Ada", ["Ada", "Grace"], -3.0)
    assert home["thresholds"]["systolic"] == 160
    assert home["build"] == desk.companion.build
    assert "set up here already" in desk.post("/api/setup", SETUP, 409)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"clinic": ""}, "clinic"),
        ({"clinic": "   "}, "clinic"),
        ({"clinicians": []}, "clinicians"),
        ({"passphrase": "short"}, "passphrase"),
        ({"volume_db": 6.0}, "volume_db"),
        ({"thresholds": {"systolic": 900}}, "thresholds.systolic"),
        ({"unheard": 1}, "unheard"),
    ],
)
def test_a_first_run_with_a_wrong_value_names_it(desk: Desk, change: dict[str, Any], told: str) -> None:
    assert told in desk.post("/api/setup", SETUP | change, 400)
    assert desk.get("/api/home")["first_run"]


def test_records_are_locked_and_unlocked(set_up: Desk) -> None:
    assert set_up.post("/api/lock", {}) == {"locked": True}
    assert set_up.get("/api/patients", 423) == LOCKED
    assert "neither the passphrase" in set_up.post("/api/unlock", {"passphrase": "wrong one"}, 409)
    assert set_up.post("/api/unlock", {"passphrase": PASSPHRASE}) == {"locked": False}
    assert set_up.get("/api/patients") == []


def test_records_stay_open_while_a_headset_is_worn_and_a_plan_plays(set_up: Desk) -> None:
    set_up.station.now = status(Mode.PLAYING)
    until(lambda: set_up.companion.hub.status is set_up.station.now)
    assert "the records stay open" in set_up.post("/api/lock", {}, 409)


def test_who_sits_here(set_up: Desk) -> None:
    assert set_up.post("/api/me", {"name": " Grace "}) == {"me": "Grace"}
    assert set_up.get("/api/home")["me"] == "Grace"
    assert "name" in set_up.post("/api/me", {"name": "x" * 61}, 400)


# --- forms that are none


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b'{"note": 3}', b'{"note": "' + b"x" * 2001 + b'"}']
)
def test_a_form_that_is_none_is_refused_in_one_sentence(set_up: Desk, body: bytes) -> None:
    refused = set_up.browser.post("/api/patients", content=body)
    assert refused.status_code == 400
    assert refused.json()["error"].startswith("not understood: ")


def test_a_form_without_a_length_is_counted_as_it_comes(set_up: Desk) -> None:
    refused = set_up.browser.post("/api/patients", content=iter([b" " * 1_500_000] * 3))
    assert refused.status_code == 413


# --- patients, plans, sessions


def test_a_patient_and_their_profile(set_up: Desk) -> None:
    patient = set_up.post("/api/patients", {"note": "first visit"})
    assert patient["pseudonym"] == "Heron-1"
    assert set_up.get("/api/patients") == [patient]
    path = f"/api/patients/{patient['id']}/profile"
    assert set_up.get(path)["avoid"] == []
    profile = set_up.get(path) | {"avoid": ["water"], "text": "large", "brightness": 0.4}
    assert set_up.put(path, profile)["avoid"] == ["water"]
    assert set_up.get(path)["text"] == "large"
    assert "avoid" in set_up.put(path, profile | {"avoid": ["spiders"]}, 400)
    assert "brightness" in set_up.put(path, profile | {"brightness": 2}, 400)
    assert "no such patient" in set_up.get("/api/patients/p9/profile", 404)
    assert "not understood" in set_up.get("/api/patients/%22/profile", 400)


def test_a_catalogue_says_what_a_profile_leaves_out(set_up: Desk) -> None:
    patient = set_up.post("/api/patients", {})["id"]
    set_up.put(f"/api/patients/{patient}/profile", {"avoid": ["water"]})
    plain, fitted = set_up.get("/api/catalogue"), set_up.get(f"/api/catalogue?patient={patient}")
    assert [plan["left_out"] for plan in plain["plans"]] == ["", ""]
    assert plain["anchors"] == [{"name": "breath", "left_out": ""}, {"name": "sight", "left_out": ""}]
    assert [plan["left_out"] for plan in fitted["plans"]] == ["this patient avoids water", ""]
    assert fitted["scenes"][0]["left_out"] == "this patient avoids water"
    assert fitted["anchors"][0] == {"name": "breath", "left_out": "this patient avoids water"}
    assert fitted["anchors"][1] == {"name": "sight", "left_out": ""}
    set_up.post("/api/lock", {})
    assert set_up.get("/api/catalogue")["plans"]
    assert set_up.get(f"/api/catalogue?patient={patient}", 423) == LOCKED


def test_who_lies_is_shown_only_what_is_under_the_sky(set_up: Desk) -> None:
    patient = set_up.post("/api/patients", {})["id"]
    path = f"/api/patients/{patient}/profile"
    set_up.put(path, set_up.get(path) | {"posture": "lying"})
    fitted = set_up.get(f"/api/catalogue?patient={patient}")
    lying = "it is not for lying down"
    assert {scene["id"]: lying in scene["left_out"] for scene in fitted["scenes"]} == {
        "tide_breath": True, "lantern": True, "pool": True, "stars": False, "room": False,
    }  # fmt: skip
    assert lying in fitted["plans"][1]["left_out"]
    assert lying in set_up.post("/api/sessions", {"patient": patient, "plan": "lantern"}, 409)
    assert not any(isinstance(command, LoadPlan) for command, _ in set_up.station.asked)
    set_up.put(path, set_up.get(path) | {"posture": "reclined"})
    assert set_up.post("/api/sessions", {"patient": patient, "plan": "lantern"})["session"]


def test_cues_are_known_though_no_page_asks_for_the_catalogue(
    door: Door, pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vr_app.companion.server.DESCRIBED_AFTER_SECONDS", 0.0)
    desk = Desk(door, pages)
    with desk.browser, desk.socket() as socket:
        state = desk.hello(socket)
        while not state["cues"]:
            state = socket.receive_json()
        assert state["cues"] == ["Lantern"]


def test_a_session_is_loaded_then_recorded(set_up: Desk) -> None:
    patient = set_up.post("/api/patients", {})["id"]
    set_up.put(f"/api/patients/{patient}/profile", {"avoid": ["water"], "text": "large", "brightness": 0.4})
    wanted = {"patient": patient, "plan": "lantern", "minutes": 12, "name": "Ada"}
    session = set_up.post("/api/sessions", wanted)["session"]
    load, visit = loaded(set_up)
    assert load == LoadPlan("lantern", 12.0, "Ada", frozenset({"water"}), patient=patient, language="en", visit=visit)
    assert set_up.station.asked[-1] == (SetComfort(0.4, "large", "right"), "Ada")
    set_up.station.now = status(Mode.PLAYING)
    with set_up.socket() as socket:
        state = set_up.hello(socket)
        assert (state["session"], state["patient"], state["recording"]) == (session, "Heron-1", "saved")
        socket.send_json({"type": "Do", "id": 1, "command": {"type": "Go"}})
        assert answer(socket, 1) is None
    assert set_up.post(f"/api/sessions/{session}/notes", {"text": "calm", "at": 61.5}) == {"saved": True}
    kept = set_up.get(f"/api/sessions/{session}")
    assert kept["plan"] == "lantern"
    assert {"at": 61.0, "words": "Go", "by": "Ada"} in kept["events"]
    assert kept["notes"] == [{"at": 61.5, "words": "calm", "by": "Ada"}]
    assert [each["id"] for each in set_up.get(f"/api/sessions?patient={patient}")] == [session]
    set_up.station.now = status(Mode.OVER)
    assert set_up.library.book is not None
    ended = set_up.library.book.ended
    until(lambda: session in ended)
    assert ended == {session: "played"}


def test_what_a_patients_places_remember_comes_before_their_plan_and_is_nobody_elses(set_up: Desk) -> None:
    assert set_up.library.book is not None
    one, other = (set_up.post("/api/patients", {})["id"] for _ in range(2))
    many = {("constellation", f"star {number}"): bytes([number]) for number in range(150)}
    set_up.library.book.memory = {one: many, other: {("values_tree", "tree"): b"oak"}}
    for patient, known in ((one, many), (other, {("values_tree", "tree"): b"oak"})):
        set_up.station.said.clear()
        set_up.post("/api/sessions", {"patient": patient, "plan": "lantern"})
        assert set_up.station.said[0] == Recall(patient)
        told = [each for each in set_up.station.said if isinstance(each, Recalled)]
        assert {(each.scene, each.key): each.value for each in told} == known
        assert {each.patient for each in told} == {patient}
        assert loaded(set_up)[0].patient == patient
    set_up.station.said.clear()
    set_up.post("/api/sessions", {"plan": "lantern"})
    assert set_up.station.said == []
    assert loaded(set_up)[0].patient == ""


def test_what_a_scene_put_goes_to_its_own_patient_whoever_is_here_and_aside_while_locked(set_up: Desk) -> None:
    assert set_up.library.book is not None
    one, other = (set_up.post("/api/patients", {})["id"] for _ in range(2))
    set_up.post("/api/sessions", {"patient": other, "plan": "lantern"})
    set_up.station.puts.append(Keep(1, one, "values_tree", "tree", b"oak"))
    until(lambda: Kept(1) in set_up.station.said)
    assert set_up.library.book.memory == {one: {("values_tree", "tree"): b"oak"}}
    set_up.library.book.full = set_up.library.spool.full = True
    set_up.station.puts.append(Keep(2, other, "values_tree", "tree", b"ash"))
    until(lambda: set_up.companion.record.recording.startswith("not kept: the disk is full"))
    set_up.library.book.full = set_up.library.spool.full = False
    set_up.station.puts += [Keep(2, other, "values_tree", "tree", b"ash"), Keep(3, "p9", "values_tree", "tree", b"?")]
    until(lambda: {Kept(2), Kept(3)} <= set(set_up.station.said))  # nobody's is not asked for for ever
    assert set_up.library.book.memory[other] == {("values_tree", "tree"): b"ash"}
    set_up.post("/api/lock", {})
    set_up.station.puts.append(Keep(4, other, "values_tree", "tree", b"elm"))
    until(lambda: Kept(4) in set_up.station.said)
    assert set_up.library.spool.memory == {other: {("values_tree", "tree"): b"elm"}}


def test_a_rating_is_kept_once_in_its_own_session_whatever_dies(door: Door, pages: Path, set_up: Desk) -> None:
    book = set_up.library.book
    assert book is not None
    one, other = (set_up.post("/api/patients", {})["id"] for _ in range(2))
    first = set_up.post("/api/sessions", {"patient": one, "plan": "lantern"})["session"]
    _, visit = loaded(set_up)
    before, after = Rated("before", 4, 2.5), Rated("after", 7, 300.0)
    set_up.station.now = status(ratings=(before,))  # of nobody knows which visit
    set_up.station.now = status(ratings=(before,), visit=visit)
    until(lambda: len(book.kept[first].ratings) == 1)
    again = Desk(door, pages)  # the companion that takes the place of one that died
    again.library.book, again.library.spool, again.station.now = (
        book,
        book,
        status(ratings=(before, after), visit=visit),
    )
    with again.browser:
        until(lambda: len(book.kept[first].ratings) == 2)
    second = set_up.post("/api/sessions", {"patient": other, "plan": "lantern"})["session"]
    late = Rated("after", 6, 301.0)
    set_up.station.now = status(ratings=(before, after, late), visit=visit)  # the picture before still fades
    set_up.station.now = status(ratings=(Rated("before", 9, 1.0),), visit=loaded(set_up)[1])
    until(lambda: bool(book.kept[second].ratings))
    assert [(each.when, each.value) for each in book.kept[second].ratings] == [("before", 9)]
    told = set_up.get(f"/api/sessions/{first}")["ratings"]
    assert told == [{"at": 2.5, "when": "before", "value": 4}, {"at": 300.0, "when": "after", "value": 7}]
    assert "Rate" not in [each.words for each in book.kept[first].events]


def test_a_session_is_in_the_patients_language_else_the_stations(set_up: Desk) -> None:
    patient = set_up.post("/api/patients", {})["id"]
    path = f"/api/patients/{patient}/profile"
    assert "language" in set_up.put(path, set_up.get(path) | {"language": "Spanish"}, 400)
    set_up.put(path, set_up.get(path) | {"language": "es"})
    set_up.post("/api/sessions", {"patient": patient, "plan": "lantern"})
    assert loaded(set_up)[0].language == "es"
    set_up.post("/api/sessions", {"plan": "lantern"})
    assert loaded(set_up)[0].language == "en"


def test_the_last_words_of_the_plan_before_do_not_end_the_record_of_the_next(set_up: Desk) -> None:
    set_up.station.now = status(Mode.STOPPED)
    with set_up.socket() as socket:
        set_up.hello(socket)
        session = set_up.post("/api/sessions", {"plan": "lantern"})["session"]
        for mode in (Mode.LEAVING, Mode.OVER, Mode.WAITING, Mode.PLAYING):
            set_up.station.now = status(mode)
            while socket.receive_json()["status"]["mode"] != mode.value:
                pass
    kept = set_up.get(f"/api/sessions/{session}")
    assert [each["words"] for each in kept["events"]] == [Mode.WAITING.value, Mode.PLAYING.value]


def test_nothing_is_recorded_of_a_session_that_the_station_refuses(set_up: Desk) -> None:
    set_up.station.refuses = lambda command: "plan 'tide': no such file; there are lantern"
    assert "there are lantern" in set_up.post("/api/sessions", {"plan": "tide"}, 409)
    assert set_up.library.book is not None
    assert not set_up.library.book.kept


@pytest.mark.parametrize(
    "wrong",
    [{}, {"plan": ""}, {"plan": "x", "minutes": 61}, {"plan": "x", "minutes": 0}, {"plan": "x", "patient": "a b"}],
)
def test_a_session_out_of_range_is_refused(set_up: Desk, wrong: dict[str, Any]) -> None:
    assert set_up.post("/api/sessions", wrong, 400).startswith("not understood: ")
    assert not set_up.station.asked


def test_while_the_records_are_locked_a_session_runs_and_is_kept_aside(set_up: Desk) -> None:
    patient = set_up.post("/api/patients", {})["id"]
    set_up.post("/api/lock", {})
    assert set_up.post("/api/sessions", {"plan": "lantern", "patient": patient}, 423) == LOCKED
    session = set_up.post("/api/sessions", {"plan": "lantern"})["session"]
    assert set_up.companion.record.recording == f"kept aside: {LOCKED}"
    assert set_up.post(f"/api/sessions/{session}/notes", {"text": "calm"}) == {"saved": False}
    assert set_up.library.spool.kept[session].notes[0].words == "calm"
    assert set_up.post("/api/sessions/s9/notes", {"text": "calm"}, 423) == LOCKED


def test_before_the_first_run_a_session_runs_and_says_that_nothing_is_kept(desk: Desk) -> None:
    assert desk.post("/api/sessions", {"plan": "lantern"}) == {"session": None}
    assert desk.companion.record.recording.startswith("not kept: Harborlight was not set up")
    assert isinstance(desk.station.asked[-1][0], LoadPlan)


def test_a_full_disk_is_told_and_ends_nothing(set_up: Desk) -> None:
    assert set_up.library.book is not None
    session = set_up.post("/api/sessions", {"plan": "lantern"})["session"]
    set_up.library.book.full = set_up.library.spool.full = True
    with set_up.socket() as socket:
        set_up.hello(socket)
        socket.send_json({"type": "Do", "id": 1, "command": {"type": "Go"}})
        assert answer(socket, 1) is None
        until(lambda: set_up.companion.record.recording == "not kept: the disk is full; free some space")
    assert "disk is full" in set_up.post(f"/api/sessions/{session}/notes", {"text": "calm"}, 409)


# --- the socket


def test_a_command_and_a_stop(desk: Desk) -> None:
    with desk.socket() as one, desk.socket() as two:
        assert desk.hello(one, "one", "Ada")["driver"] == "one"
        desk.hello(two, "two", "Grace")
        two.send_json({"type": "Do", "id": 1, "command": {"type": "Go"}})
        assert answer(two, 1) == "Ada drives; take over first"
        two.send_json({"type": "Do", "id": 2, "command": {"type": "StopNow"}})
        assert answer(two, 2) is None
        two.send_json({"type": "Drive", "id": 3})
        assert answer(two, 3) is None
        two.send_json({"type": "Do", "id": 4, "command": {"type": "Go"}})
        assert answer(two, 4) is None
        assert desk.station.asked == [(StopNow(), "Grace"), (Go(), "Grace")]


def test_a_mode_is_told_at_once(desk: Desk) -> None:
    with desk.socket() as socket:
        desk.hello(socket)
        desk.station.now = status(Mode.STOPPED)
        while (told := socket.receive_json())["status"]["mode"] != Mode.STOPPED.value:
            pass
        assert told["words"] == "Stopped, in the calm room; Go continues."


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        ("{", "not understood: this is no JSON"),
        ("", "not understood: this is no JSON"),
        ("[" * 3000, "not understood: "),
        ("null", "not understood: "),
        ('{"type": "Fly", "id": 7}', "not understood: "),
        ('{"type": "Do", "id": 7}', "not understood: "),
        ('{"type": "Do", "id": 7, "command": {"type": "Fly"}}', "not understood: command"),
        ('{"type": "Do", "id": 7, "command": {"type": "SetVolume", "db": 3}}', "not understood: command.db: "),
        ('{"type": "Do", "id": 7, "command": {"type": "SetComfort", "brightness": 9}}', "command.brightness: "),
        ('{"type": "Do", "id": 7, "command": {"type": "GoTo", "step": -1}}', "command.step: "),
        ('{"type": "Do", "id": 7, "command": {"type": "SetText", "slot": "", "text": "x"}}', "command.slot: "),
        ('{"type": "Do", "id": -1, "command": {"type": "Go"}}', "id: "),
        ('{"type": "View", "camera": "under", "hz": 5}', "camera: "),
        ('{"type": "View", "hz": 1000}', "hz: "),
        ('{"type": "Seen", "picture": "x"}', "picture: "),
        ('{"type": "Drive", "id": 1e99}', "id: "),
        (json.dumps({"type": "Do", "id": 7, "command": {"type": "SetText", "slot": "x", "text": "y" * 501}}), "text: "),
        ("x" * (limits.SOCKET_FRAME_BYTES + 1), "at most 64 KiB"),
    ],
)
def test_what_is_not_understood_is_answered_and_the_page_stays(desk: Desk, frame: str, told: str) -> None:
    with desk.socket() as socket:
        desk.hello(socket)
        socket.send_text(frame)
        while (said := socket.receive_json())["type"] != "Answer":
            pass
        assert told in said["refused"]
        assert said["id"] == (7 if '"id": 7' in frame else 0)
        socket.send_json({"type": "Do", "id": 8, "command": {"type": "StopNow"}})
        assert answer(socket, 8) is None
        assert desk.station.asked == [(StopNow(), "Ada")]


def test_bytes_are_not_understood(desk: Desk) -> None:
    with desk.socket() as socket:
        desk.hello(socket)
        socket.send_bytes(b"\x00" * 100)
        assert answer(socket, 0) == "not understood: messages are JSON text"


@pytest.mark.parametrize(
    ("first", "why"),
    [
        ({"type": "Do", "id": 1, "command": {"type": "StopNow"}}, "the first message is a Hello"),
        ({"type": "Hello", "build": "old", "client": "tab"}, "Harborlight was updated; reload this page"),
        ({"type": "Hello", "build": "old", "client": "a b"}, "not understood: client: "),
        ({"type": "Hello", "build": "old", "client": ""}, "not understood: client: "),
    ],
)
def test_who_does_not_say_hello_is_closed_with_the_reason(desk: Desk, first: Any, why: str) -> None:
    with desk.socket() as socket:
        socket.send_json(first)
        told = socket.receive_json()
        assert told["type"] == "Gone"
        assert told["why"].startswith(why)
        with pytest.raises(WebSocketDisconnect):
            socket.receive_json()
    assert not desk.station.asked


def test_a_page_that_is_closed_by_hand_is_not_lost(desk: Desk) -> None:
    with desk.socket() as socket:
        desk.hello(socket)
        until(lambda: desk.station.beats == (1, 0))
    until(lambda: desk.station.beats == (0, 0))
    assert desk.companion.hub._lost == {}


def test_pages_are_told_when_the_station_ends(desk: Desk) -> None:
    with desk.socket() as socket:
        desk.hello(socket)
        desk.companion.hub.close("Harborlight ends")
        while (told := socket.receive_json())["type"] != "Gone":
            pass
        assert told["why"] == "Harborlight ends"
