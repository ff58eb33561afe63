"""A server that stands in for the companion's: same pages, same contract (docs/design/companion.md), no station.

It answers from a state that a test or photograph scripts and from memory, and does to that state what a director would.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import msgspec
import uvicorn
from msgspec.structs import replace
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from headless_harness.hung_works import SET
from vr_app import commands
from vr_app.commands import Command, Stop
from vr_app.companion.messages import CAMERAS, View
from vr_app.companion.works import told
from vr_app.course import Mode
from vr_app.records.values import Consent, Made
from vr_app.remembered import Remembered
from vr_app.script import Prompt
from vr_app.station.messages import Breath, Position, Status
from vr_app.station.ring import Camera
from vr_app.works.works import TIME, Works

CHECKOUT: Final = Path(__file__).resolve().parents[1]
PAGES: Final = CHECKOUT / "vr_app" / "companion" / "app"
FONT: Final = CHECKOUT / "assets" / "fonts" / "AtkinsonHyperlegibleNext-Medium.ttf"
VIEW: Final = CHECKOUT / "tests" / "golden" / "tide_breath-7s-ahead.png"  # what the patient sees, both eyes
BUILD: Final = "stand-in"
HEADERS: Final = {"Content-Security-Policy": "default-src 'self'", "Cache-Control": "no-store"}
PASSPHRASE: Final = "seven quiet herons"
RECOVERY_KEY: Final = "K7QM-2HXD-9PLA-V3RT-6WEN-C8YB"
UNDO_SECONDS: Final = 20.0
TURN_SECONDS: Final = 0.1
LEAVES_OUT: Final = {"water": "water", "breath": "attention to the breath", "dark": "the dark"}
CUES: Final = ("Calm room", "At the shore", "Return")

_command = msgspec.json.Decoder(Command)
_PROMPT: Final = Prompt(
    "going_out", "Going out, the wave takes its time. The sand shines, then dries.", 0.0, 4.0,
    "If breath isn't a good place today, there's the light on the water. Or your hands.", live=True,
)  # fmt: skip
STATUS: Final = Status(
    time=0.0, mode=Mode.WAITING.value, here="room", clear=True, plan="Tide breath", position=Position(), steps=3,
    seconds_left=366.0, locked=False, quiet=False, worn=True, focused=True, head_tracked=True,
    headset="OpenXR: Valve Index", sound="Valve Index", plan_name="tide_breath", cue=CUES[0], next_cue=CUES[1],
    settings={"time_of_day": "day_end", "weather": "fair", "breaths_per_minute": 7.0, "depth": 0.85, "music": "none"},
)  # fmt: skip
PLAYING: Final = replace(
    STATUS, time=74.0, mode=Mode.PLAYING.value, here="tide_breath", position=Position(1, 35.0, 35.0),
    seconds_left=283.0, cue=CUES[1], next_cue=CUES[2], prompt=_PROMPT, anchors=("sound", "sight", "hands"),
    breath=Breath(rate=7.2, phase=0.2, confidence=0.8), stillness=0.86, exposure_seconds=96.0,
)  # fmt: skip
_SETTINGS: Final = [
    {
        "type": "Amount",
        "name": "breaths_per_minute",
        "label": "Breaths a minute",
        "low": 5.5,
        "high": 10.0,
        "step": 0.5,
        "unit": "1/min",
        "default": 7.0,
    },
    {
        "type": "Amount",
        "name": "depth",
        "label": "How far the water comes",
        "low": 0.5,
        "high": 1.0,
        "step": 0.05,
        "unit": "",
        "default": 0.85,
    },
    {
        "type": "Pick",
        "name": "time_of_day",
        "label": "Time of day",
        "words": ["day_end", "first_light", "blue_hour", "night"],
        "default": "day_end",
    },
    {"type": "Pick", "name": "weather", "label": "Weather", "words": ["fair", "clear", "overcast"], "default": "fair"},
    {"type": "Pick", "name": "music", "label": "Music", "words": ["none", "chords"], "default": "none"},
]


def _scene(name: str, title: str, summary: str, flags: str = "", anchor: str | None = None) -> dict[str, Any]:
    """As vr_app.describe tells one."""
    told = {"id": name, "title": title, "summary": summary, "flags": flags.split(), "anchor": anchor}
    return {**told, "settings": [], "broken": ""}


SCENES: Final = [
    _scene("room", "The calm room", "Where all begins and ends."),
    _scene(
        "tide_breath",
        "Tide breath",
        "Water that comes up the sand and goes back, as slowly as a breath.",
        "breath water",
        "breath",
    )
    | {"settings": _SETTINGS},
    _scene("lantern", "Lantern", "A paper lantern that swells and settles with a slow breath.", "breath", "sight"),
    _scene("ember", "", "") | {"broken": "ember.py, line 12: invalid syntax; mend the file or remove it."},
]


def _plan(
    name: str, title: str, summary: str, *cues: tuple[str, str, float], demonstration: bool = False
) -> dict[str, Any]:
    """As vr_app.describe tells one."""
    told = [{"title": cue, "scene": scene, "minutes": minutes, "note": ""} for cue, scene, minutes in cues]
    flags = sorted({flag for _, scene, _ in cues for each in SCENES if each["id"] == scene for flag in each["flags"]})
    return {
        "name": name, "title": title, "summary": summary, "minutes": sum(each["minutes"] for each in told),
        "headset": True, "demonstration": demonstration, "flags": flags, "cues": told, "anchors": [], "broken": "",
    }  # fmt: skip


_ROOM, _RETURN = ("Calm room", "room", 0.65), ("Return", "room", 1.0)
_SHORE = "tide_breath"
PLANS: Final = [
    _plan(
        "tide_breath",
        "Tide breath",
        "The calm room, then a beach where water comes and goes slowly.",
        _ROOM,
        ("At the shore", _SHORE, 5.35),
        _RETURN,
    ),
    _plan(
        "lantern",
        "Lantern",
        "The calm room and a lantern that breathes slowly.",
        _ROOM,
        ("Lantern", "lantern", 3.35),
        _RETURN,
    ),
    _plan("stay", "A quiet stay", "The calm room alone, with words to arrive by.", ("Calm room", "room", 4.0), _RETURN),
    _plan(
        "demo",
        "Demonstration",
        "One minute: the calm room, the shore, the way back.",
        ("Calm room", "room", 0.2),
        ("At the shore", _SHORE, 0.63),
        _RETURN,
        demonstration=True,
    ),
]

# What a director would do to its Status.
_TURNS: Final[dict[type, Callable[[Any], dict[str, Any]]]] = {
    commands.SetQuiet: lambda command: {"quiet": command.quiet},
    commands.Speak: lambda command: {"speak": command.on},
    commands.SetVolume: lambda command: {"volume_db": command.db},
    commands.SetEyes: lambda command: {"eyes_closed": command.closed},
    commands.Veil: lambda command: {"veiled": command.on},
    commands.SetAnchor: lambda command: {"anchor": command.anchor},
    commands.Rate: lambda command: {"rating": command.when},
    commands.TakeBack: lambda command: {"rating": ""},
    commands.StopNow: lambda command: {"mode": Mode.STOPPED.value},
    commands.GroundNow: lambda command: {"mode": Mode.GROUNDED.value},
}


class StandIn:
    """What a test turns: `state` and `home` as they are sent, `status` in typed form; what it reads: `done`, `posted`.

    Fields are read and set from any thread; a page hears of them within a turn.
    """

    def __init__(self) -> None:
        self.anew()

    def anew(self) -> None:
        """As it began; pages that were open are forgotten."""
        self.home: dict[str, Any] = {
            "build": BUILD, "first_run": False, "locked": False, "clinic": "Harbour Street Clinic", "room": "Room 2",
            "clinicians": ["Mara Lind", "Jonas Weber"], "me": "Mara Lind", "rehearsal": False,
            "headset": "Valve Index, by SteamVR", "volume_db": -6.0,
            "thresholds": {"systolic": 160, "diastolic": 100, "pulse": 120, "saturation": 92},
        }  # fmt: skip
        self.status: Status | None = STATUS
        self.state: dict[str, Any] = {
            "type": "State", "age": 0.0, "words": "In the calm room, waiting for Go.", "notice": "",
            "phase_locked": False, "driver": "", "driver_name": "", "clients": [], "session": None, "patient": "",
            "cues": list(CUES), "undo": 0.0, "recording": "saved",
        }  # fmt: skip
        self.refuses: dict[str, str] = {}  # by command: the sentence
        self.dumb: set[str] = set()  # commands that are never answered
        self.done: list[tuple[str, Any]] = []  # (client, command), as they were carried out
        self.posted: list[tuple[str, Any]] = []  # (path, body) of every write
        self.gone = ""  # sent instead of a State, and the socket closed
        self.picture_age = 0.12
        self.pictures = True
        self.hellos: list[dict[str, Any]] = []
        self.seen: list[int] = []
        self.views: list[View] = []
        self.wrong: dict[str, tuple[int, str]] = {}  # by path: status and sentence
        now = datetime.now(UTC)
        self.patients = [
            {
                "id": _id(1),
                "pseudonym": "Amber Heron",
                "note": "Tuesdays",
                "seen": (now - timedelta(days=7)).isoformat(),
            },
            {"id": _id(2), "pseudonym": "Quiet Alder", "note": "", "seen": (now - timedelta(days=12)).isoformat()},
            {"id": _id(3), "pseudonym": "Morning Slate", "note": "claustrophobia: loose strap", "seen": ""},
        ]
        self.profiles: dict[str, dict[str, Any]] = {}
        self.sessions = [_session(_id(90), _id(1), now - timedelta(days=7))]
        self.works = {_id(1): _works(now)}
        self.handing: dict[str, Any] = {}
        self.hands_on = 99  # works of a hand-over that are done at most
        self.hand_over_fails = ""  # why
        self._clients: dict[str, WebSocket] = {}
        self._names: dict[str, str] = {}
        self._ended_at: tuple[float, Status] | None = None
        self._picture = b""

    # --- what pages ask by HTTP

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/", lambda request: _file(PAGES / "index.html")),
                Route("/enter", lambda request: RedirectResponse("/")),
                Route("/app/font.ttf", lambda request: _file(FONT)),
                Route("/app/{name:path}", lambda request: _file(PAGES / request.path_params["name"])),
                Route("/api/{path:path}", self._api, methods=["GET", "POST", "PUT", "DELETE"]),
                WebSocketRoute("/ws", self._socket),
            ]
        )

    async def _api(self, request: Request) -> Response:
        path = request.path_params["path"]
        if path in self.wrong:
            status, words = self.wrong[path]
            return _json({"error": words}, status)
        if request.method == "GET":
            return self._get(path, dict(request.query_params))
        if request.headers.get("X-Harborlight") != "1":
            return _json({"error": "This write did not come from Harborlight's own page."}, 403)
        if request.method == "DELETE":
            self.posted.append((path, None))
            return self._erase(path)
        body = await request.json()
        self.posted.append((path, body))
        return self._write(path, body)

    def _get(self, path: str, query: dict[str, str]) -> Response:
        match path.split("/"):
            case ["home"]:
                return _json(self.home)
            case ["patients"]:
                return _json(self.patients)
            case ["patients", patient, "profile"]:
                return _json(self.profile(patient))
            case ["patients", patient, "works"]:
                return _json(self.works.get(patient, []))
            case ["hand-over", _]:
                return _json(self._hand_on())
            case ["hand-over", _, "files"]:
                headers = {**HEADERS, "Content-Disposition": "attachment; filename=home.zip"}
                return Response(b"PK", media_type="application/zip", headers=headers)
            case ["catalogue"]:
                return _json(self._catalogue(query.get("patient", "")))
            case ["sessions"]:
                return _json([each for each in self.sessions if each["patient"] == query["patient"]])
            case ["sessions", session]:
                return _json(next(each for each in self.sessions if each["id"] == session))
        return _json({"error": "There is no such page."}, 404)

    def _write(self, path: str, body: Any) -> Response:
        match path.split("/"):
            case ["setup"]:
                kept = {
                    name: body[name]
                    for name in ("clinic", "room", "clinicians", "thresholds", "volume_db", "rehearsal")
                }
                self.home |= kept | {"first_run": False, "me": body["clinicians"][0]}
                return _json({"recovery_key": RECOVERY_KEY})
            case ["unlock"]:
                if body["passphrase"] not in (PASSPHRASE, RECOVERY_KEY):
                    return _json({"error": "That passphrase does not open the records; try again."}, 403)
                self.home["locked"] = False
            case ["lock" | "me"]:
                self.home |= {"locked": True} if path == "lock" else {"me": body["name"]}
            case ["patients"]:
                self.patients.append(
                    {"id": _id(len(self.patients) + 1), "pseudonym": "Willow Tern", "note": body["note"], "seen": ""}
                )
                return _json(self.patients[-1])
            case ["patients", patient, "profile"]:
                self.profiles[patient] = body
            case ["patients", patient, *what]:
                return self._write_of(patient, what, body)
            case ["sessions"]:
                return _json({"session": self.begin(body)})
            case ["sessions", session, "notes"]:
                found = next(each for each in self.sessions if each["id"] == session)
                found["notes"].append({"at": body["at"], "words": body["text"], "by": self.home["me"]})
        return _json({})

    def _write_of(self, patient: str, what: list[str], body: Any) -> Response:
        match what:
            case ["profile"]:
                self.profiles[patient] = body
            case ["works", work, "consent"]:
                self.consent(patient, work, given=body["given"])
            case ["hand-over"]:
                return self._hand_over(patient)
        return _json({})

    def _erase(self, path: str) -> Response:
        _, patient, _, work = path.split("/")
        self.works[patient] = [each for each in self.works[patient] if each["work"] != work]
        return _json({"erased": True})

    def consent(self, patient: str, work: str, *, given: bool) -> None:
        for each in self.works[patient]:
            if each["work"] == work:
                each["consent"] = {"given": given, "at": datetime.now(UTC).isoformat(), "by": self.home["me"]}

    def _hand_over(self, patient: str) -> Response:
        going = [each for each in self.works[patient] if each["consent"] and each["consent"]["given"]]
        self.handing = {"token": "7f", "state": "making", "done": 0, "of": len(going), "words": ""}
        return _json(self.handing)

    def _hand_on(self) -> dict[str, Any]:
        """One more is done each time somebody asks, as far as `hands_on` lets it."""
        done = min(self.handing["done"] + 1, self.hands_on)
        ready = done >= self.handing["of"]
        self.handing |= {"done": done, "state": "ready" if ready else "making"}
        if self.hand_over_fails:
            self.handing |= {"state": "failed", "words": self.hand_over_fails}
        return self.handing

    def profile(self, patient: str) -> dict[str, Any]:
        usual = {
            "avoid": [],
            "hand": "right",
            "text": "regular",
            "brightness": 1.0,
            "posture": "upright",
            "words": "all",
            "language": "",
        }
        return self.profiles.get(patient, usual)

    def _catalogue(self, patient: str) -> dict[str, Any]:
        avoid = self.profile(patient)["avoid"]
        told = {"plans": PLANS, "scenes": SCENES}
        return {
            kind: [{**each, "left_out": _left_out(each["flags"], avoid)} for each in found]
            for kind, found in told.items()
        }

    def begin(self, body: dict[str, Any]) -> str:
        self.sessions.append(_session(_id(90 + len(self.sessions)), body["patient"], datetime.now(UTC)))
        session = self.sessions[-1]
        session |= {
            "plan": body["plan"],
            "by": body["name"],
            "minutes": body["minutes"],
            "events": [],
            "notes": [],
            "ratings": [],
        }
        plan = next(each for each in PLANS if each["name"] == body["plan"])
        titles = [cue["title"] for cue in plan["cues"]]
        self.status = replace(
            STATUS, plan=plan["title"], plan_name=plan["name"], cue=titles[0], next_cue=titles[1], steps=len(titles)
        )
        pseudonym = next(each["pseudonym"] for each in self.patients if each["id"] == body["patient"])
        self.state |= {"session": session["id"], "patient": pseudonym, "cues": titles}
        return str(session["id"])

    # --- the socket

    async def _socket(self, socket_: WebSocket) -> None:
        await socket_.accept()
        client = ""
        try:
            while True:
                frame = await socket_.receive_json()
                if self.gone:
                    await socket_.send_json({"type": "Gone", "why": self.gone})
                    await socket_.close()
                    return
                if frame["type"] == "Hello":
                    await self._send_away(self._clients.get(frame["client"]), socket_)
                    client = self._hello(frame, socket_)
                await self._hear(client, frame, socket_)
        except WebSocketDisconnect:
            pass
        finally:
            if self._clients.get(client) is socket_:
                del self._clients[client], self._names[client]

    async def _send_away(self, before: WebSocket | None, now: WebSocket) -> None:
        """A page that says hello under another's name takes its place."""
        if before is not None and before is not now:
            await before.send_json({"type": "Gone", "why": "this page is connected anew"})
            await before.close()

    def _hello(self, frame: dict[str, Any], socket_: WebSocket) -> str:
        client = str(frame["client"])
        self.hellos.append(frame)
        self._clients[client], self._names[client] = socket_, frame["name"]
        if not self.state["driver"]:
            self.state["driver"] = client
        return client

    async def _hear(self, client: str, frame: dict[str, Any], socket_: WebSocket) -> None:
        match frame["type"]:
            case "Do":
                await self._do(client, frame, socket_)
            case "Drive":
                self.state["driver"] = client
                await self._answer(socket_, frame["id"], None)
            case "Undo":
                ended, self._ended_at = self._ended_at, None
                self.status = ended[1] if ended else self.status
                await self._answer(socket_, frame["id"], None if ended else "There is nothing to take back.")
            case "View":
                self.views.append(msgspec.convert(frame, View))
                if frame["hz"] > 0:
                    await self._show(socket_, frame["camera"])
            case "Seen":
                self.seen.append(frame["picture"])
        if frame["type"] in ("Hello", "Do", "Drive", "Undo"):
            await self._tell()

    async def _do(self, client: str, frame: dict[str, Any], socket_: WebSocket) -> None:
        command = _command.decode(msgspec.json.encode(frame["command"]))
        kind = type(command).__name__
        if kind in self.dumb:
            return
        refused = self.refuses.get(kind)
        if not refused and client != self.state["driver"] and not isinstance(command, Stop):
            refused = "Somebody else drives; take over first."
        if not refused:
            self._carry_out(command)
            self.done.append((client, command))
        await self._answer(socket_, frame["id"], refused)

    async def _answer(self, socket_: WebSocket, number: int, refused: str | None) -> None:
        await socket_.send_json({"type": "Answer", "id": number, "refused": refused})

    async def _show(self, socket_: WebSocket, camera: Camera) -> None:
        if not self.pictures:
            return
        if not self._picture:
            self._picture = _jpeg()
        head = struct.pack("<IB3xdd", 1, CAMERAS.index(camera), 1.0, self.picture_age)
        await socket_.send_bytes(head + self._picture)

    def _carry_out(self, command: Any) -> None:
        status = self.status
        if status is None:
            return
        if turn := _TURNS.get(type(command)):
            status = replace(status, **turn(command))
        match command:
            case commands.Go() if status.waits:
                status = self._at(status, status.position.step + 1)
            case commands.Go():
                status = replace(status, mode=Mode.PLAYING.value, quiet=False)
            case commands.GoTo():
                status = self._at(status, command.step)
            case commands.Adjust():
                status = replace(status, settings={**status.settings, command.name: command.value})
            case commands.SetPhase():
                self.state["phase_locked"] = command.locked
            case commands.EndGently():
                self._ended_at = (time.monotonic(), status)
            case commands.StopNow():
                self._ended_at = None
        self.status = status

    def _at(self, status: Status, step: int) -> Status:
        titles = [*self.state["cues"], ""]
        cue, following = titles[step : step + 2]
        return replace(
            status, mode=Mode.PLAYING.value, waits=False, position=Position(step), cue=cue, next_cue=following
        )

    async def _tell(self) -> None:
        ended = self._ended_at
        left = max(UNDO_SECONDS - (time.monotonic() - ended[0]), 0.0) if ended else self.state["undo"]
        own = {"undo": left, "clients": list(self._names.values()), "status": self.status}
        own["driver_name"] = self._names.get(self.state["driver"], self.state["driver_name"])
        data = msgspec.json.encode({**self.state, **own}).decode()
        for socket_ in [*self._clients.values()]:
            with suppress(RuntimeError, WebSocketDisconnect):  # one that is just leaving
                await socket_.send_text(data)

    async def turn(self) -> None:
        """Tell all pages, again and again."""
        while True:
            await self._tell()
            await asyncio.sleep(TURN_SECONDS)


@contextmanager
def served(stand_in: StandIn, port: int = 0) -> Iterator[str]:
    """Serve it on loopback; gives its address. The same `port` again is a server that was started anew."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    config = uvicorn.Config(
        stand_in.app(), log_level="error", lifespan="off", ws="websockets-sansio", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)

    async def run() -> None:
        turning = asyncio.create_task(stand_in.turn())
        await server.serve([listener])
        turning.cancel()

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        thread.join()
        listener.close()


def _json(body: Any, status: int = 200) -> Response:
    return JSONResponse(body, status, headers=HEADERS)


def _file(path: Path) -> Response:
    return FileResponse(path, headers=HEADERS) if path.is_file() else _json({"error": "There is no such page."}, 404)


def _left_out(flags: list[str], avoid: list[str]) -> str | None:
    found = [LEAVES_OUT.get(flag, flag) for flag in flags if flag in avoid]
    return f"left out for this patient: it holds {' and '.join(found)}" if found else None


def _id(number: int) -> str:
    return f"{number:032x}"


def _works(now: datetime) -> list[dict[str, Any]]:
    """Of two visits, as the server tells them; the newest first."""
    found: list[dict[str, Any]] = []
    for number, (work, scene, pieces) in enumerate(_pieces()):
        begun = now - timedelta(days=21 - 7 * (number // 3), minutes=-4 * number)
        asked = {0: True, 2: False, 4: True}.get(number)
        consent = None if asked is None else Consent(asked, begun + timedelta(minutes=50), "Mara Lind")
        found.insert(0, msgspec.to_builtins(told(Made(work, scene, begun, begun, pieces, consent))))
    return found


@cache
def _pieces() -> list[tuple[str, str, tuple[bytes, ...]]]:
    """The oldest first: name, scene and pieces."""
    remembered = Remembered()
    works = Works(remembered)
    for scene, make in SET:
        make(works.of(scene).new())
        works.finish()
    garden = works.of("sound_garden").new()
    garden.put("scale", b"pelog")
    garden.put(TIME, b"260")
    works.finish()
    found = sorted(remembered.pieces().items(), key=lambda each: each[0][1])
    return [(work, scene, tuple(pieces)) for (scene, work), pieces in found]


def _session(number: str, patient: str, began: datetime) -> dict[str, Any]:
    happened = [
        (0.0, "Go"),
        (0.2, "playing"),
        (39.0, "GoTo 1"),
        (122.0, "SetQuiet"),
        (140.0, "Go"),
        (358.0, "EndGently"),
    ]
    events = [{"at": at, "words": words, "by": "Mara Lind"} for at, words in happened]
    notes = [{"at": 150.0, "words": "Hands came to rest on the blanket.", "by": "Mara Lind"}]
    return {
        "id": number, "patient": patient, "plan": "tide_breath", "minutes": 6.0, "began": began.isoformat(),
        "by": "Mara Lind", "events": events, "notes": notes,
        "ratings": [{"at": 4.0, "when": "before", "value": 4}, {"at": 352.0, "when": "after", "value": 7}],
    }  # fmt: skip


def _jpeg() -> bytes:
    with Image.open(VIEW) as both:
        left = both.convert("RGB").crop((0, 0, both.width // 2, both.height)).resize((640, 640))
    out = BytesIO()
    left.save(out, "JPEG", quality=80)
    return out.getvalue()
