"""The companion's server: pages, forms and one socket on loopback; nothing of it is ever fetched from elsewhere."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import mimetypes
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final, Protocol

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp
from starlette.websockets import WebSocket, WebSocketDisconnect

from vr_app import limits
from vr_app.companion.bookmark import Bookmark
from vr_app.companion.books import Library, Shelf, Trouble
from vr_app.companion.described import Describer, LeftOut, NotDescribed, Worker
from vr_app.companion.guard import COOKIE, ENTER, Guard
from vr_app.companion.handing import Handing
from vr_app.companion.hub import Client, Hub, Station
from vr_app.companion.library import KeptLibrary
from vr_app.companion.messages import Gone, Hello, NotUnderstood, decode, encode
from vr_app.companion.record import Record
from vr_app.companion.rooms import Rooms, refusal
from vr_app.companion.works import WorkRooms
from vr_app.folders import data_folder, run_folder
from vr_app.options import Options
from vr_app.profile import Profile, left_out
from vr_app.station.door import Door
from vr_app.wording import ENGLISH

log = logging.getLogger(__name__)

PAGES: Final = Path(__file__).parent / "app"
FONT: Final = Path(__file__).parents[2] / "assets" / "fonts" / "AtkinsonHyperlegibleNext-Medium.ttf"
TICK_SECONDS: Final = 0.01
WATCHED_TICK_SECONDS: Final = 0.004  # while somebody watches: a picture waits for half of it
HELLO_SECONDS: Final = 5.0
LAST_WORDS_SECONDS: Final = 0.1
PING_SECONDS, PONG_SECONDS = 1.5, 2.5  # together: SILENT_SECONDS of the hub
STAYS_SECONDS: Final = 12 * 3600  # of the cookie: a day's work, in a browser that is closed meanwhile
GOODBYES: Final = (1000, 1001)  # a page that was closed or left
MOST_BYTES: Final = 16 * limits.SOCKET_FRAME_BYTES  # a frame up to here is answered, a longer one ends its connection
DESCRIBED_AFTER_SECONDS: Final = 5.0  # of a picture: it comes first
TOO_LONG: Final = f"a message may have at most {limits.SOCKET_FRAME_BYTES // 1024} KiB"


class Gate(Station, Protocol):
    """The station, and its marks of who has entered."""

    def enter(self, number: int) -> bool: ...


class Companion:
    """All that one companion holds."""

    def __init__(
        self,
        station: Gate,
        door: Door,
        library: Library,
        describer: Describer,
        left_out: LeftOut,
        *,
        rehearsal: bool,
        language: str = ENGLISH,
        pages: Path = PAGES,
    ) -> None:
        self.build = build_of(pages)
        self.shelf = Shelf(library)
        self.record = Record(self.shelf, Bookmark(run_folder() / "record.json", door.cookie))
        self.hub = Hub(station, self.record, self.build)
        self._station, self._door, self._pages, self._describer = station, door, pages, describer
        self.handing = Handing(run_folder() / "hand-over")
        rooms = Rooms(
            *(self.hub, self.shelf, self.record, describer, left_out, self.handing),
            build=self.build,
            rehearsal=rehearsal,
            language=language,
        )
        self._routes = [
            Route("/", self._index),
            Route(ENTER, self._enter),
            *rooms.routes(),
            *WorkRooms(self.hub, self.shelf, self.record, self.handing, rooms, language=language).routes(),
            WebSocketRoute("/ws", self._socket),
            Route("/app/font.ttf", _font),
            Mount("/app", StaticFiles(directory=pages, check_dir=False)),
        ]

    def app(self) -> ASGIApp:
        wrong = {HTTPException: _wrong, Exception: _broken}
        return Guard(Starlette(routes=self._routes, exception_handlers=wrong, lifespan=self._living), self._door)

    # --- its life

    @asynccontextmanager
    async def _living(self, app: Starlette) -> AsyncIterator[None]:
        turning = asyncio.create_task(self._turn())
        opening = asyncio.create_task(self._open_by_store())
        describing = asyncio.create_task(self._describe())
        try:
            yield
        finally:
            for task in (turning, opening, describing):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            self.record.close("Harborlight ended")
            await asyncio.to_thread(self.handing.close)
            await self.shelf.close()

    async def _turn(self) -> None:
        while True:
            try:
                self.hub.turn(time.monotonic())
            except Exception:
                log.exception("the companion cannot go on")  # it gives no sign of life any more, and is started anew
                raise
            await asyncio.sleep(WATCHED_TICK_SECONDS if self.hub.shows else TICK_SECONDS)

    async def _open_by_store(self) -> None:
        try:
            await self.shelf.open(None)
        except Trouble as error:
            log.warning("the records stay locked (%s)", type(error).__name__)

    async def _describe(self) -> None:
        """So that a page knows the cues though none has asked for the catalogue."""
        while self.hub.status is None:
            await asyncio.sleep(TICK_SECONDS)
        await asyncio.sleep(DESCRIBED_AFTER_SECONDS)
        with suppress(NotDescribed):  # which the log has
            self.record.catalogue = self.record.catalogue or await self._describer.catalogue()

    # --- pages

    async def _index(self, request: Request) -> Response:
        page = self._pages / "index.html"
        return FileResponse(page) if page.is_file() else refusal(404, "the pages are missing; install Harborlight anew")

    async def _enter(self, request: Request) -> Response:
        """A key opens once; a browser that has entered may come again by the same address."""
        number = self._door.number_of(request.query_params.get("key", ""))
        if number is None or not self._station.enter(number):
            if request.cookies.get(COOKIE) == self._door.cookie:
                return RedirectResponse("/", 303)
            return refusal(403, "this address was used before; ask for another with `harborlight tell companion`")
        response = RedirectResponse("/", 303)
        response.set_cookie(COOKIE, self._door.cookie, STAYS_SECONDS, httponly=True, samesite="strict")
        return response

    # --- the socket

    async def _socket(self, socket: WebSocket) -> None:
        await socket.accept()
        try:
            client = await self._joined(socket)
        except NotUnderstood as error:
            await _dismiss(socket, str(error))
            return
        except (WebSocketDisconnect, OSError):
            return
        writing = asyncio.create_task(_write(socket, client))
        code = 1006
        try:
            code = await self._listen(socket, client)
        except (WebSocketDisconnect, OSError):
            code = 1006
        finally:
            self.hub.leave(client, time.monotonic(), lost=code not in GOODBYES and not client.outbox.closing)
            writing.cancel()
            with suppress(asyncio.CancelledError):
                await writing

    async def _joined(self, socket: WebSocket) -> Client:
        """Raises NotUnderstood, or WebSocketDisconnect."""
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                said = decode(await _frame(socket))
        except TimeoutError:
            raise NotUnderstood("the first message is a Hello; none came") from None
        if not isinstance(said, Hello):
            raise NotUnderstood("the first message is a Hello")
        return self.hub.join(said, time.monotonic())

    async def _listen(self, socket: WebSocket, client: Client) -> int:
        """Until the connection is over; its code. What is not understood is answered and otherwise left out."""
        while True:
            try:
                said = decode(await _frame(socket))
            except NotUnderstood as error:
                client.refuse(error.id, str(error))
            except WebSocketDisconnect as error:
                return error.code
            else:
                self.hub.hear(client, said, time.monotonic())


async def _font(request: Request) -> Response:
    return FileResponse(FONT)


async def _frame(socket: WebSocket) -> str:
    """Raises NotUnderstood for what is no text, or too long; WebSocketDisconnect at the end."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code") or 1005, message.get("reason"))
    text: str | None = message.get("text")
    if text is None:
        raise NotUnderstood("not understood: messages are JSON text")
    if len(text.encode(errors="replace")) > limits.SOCKET_FRAME_BYTES:
        raise NotUnderstood(TOO_LONG)
    return text


async def _write(socket: WebSocket, client: Client) -> None:
    """All that is told to one page, each as soon as it takes it. A page that does not read holds up this task alone."""
    with suppress(WebSocketDisconnect, RuntimeError, OSError):
        while (data := await client.outbox.next()) is not None:
            if isinstance(data, bytes):
                await socket.send_bytes(data)
            else:
                await socket.send_text(data)
        await socket.close()


async def _dismiss(socket: WebSocket, why: str) -> None:
    with suppress(WebSocketDisconnect, RuntimeError, OSError):
        await socket.send_text(encode(Gone(why)).decode())
        await socket.close(1008)


async def _wrong(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    words = {404: "there is no such page", 405: "this is not asked in that way"}.get(error.status_code, error.detail)
    return refusal(error.status_code, f"{words}; reload the page")


async def _broken(request: Request, error: Exception) -> Response:
    """The log has it from the server, with its traceback."""
    return refusal(500, "something in Harborlight went wrong here; the session goes on, and the log says more")


def build_of(pages: Path) -> str:
    """Changes whenever the pages do: a browser that holds others reloads."""
    digest = hashlib.sha256()
    for path in sorted(pages.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(pages).as_posix().encode() + b"\0" + path.read_bytes())
    try:
        number = version("harborlight")
    except PackageNotFoundError:
        number = "0"
    return f"{number}-{digest.hexdigest()[:12]}"


class _Server(uvicorn.Server):
    """Signals are the supervisor's, which ends this process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def configured(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="websockets-sansio",
        ws_max_size=MOST_BYTES,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PONG_SECONDS,
        ws_per_message_deflate=False,
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )


def serve(station: Gate, door: Door, options: Options) -> None:
    """Until the station is over."""
    for kind, ending in (
        ("text/javascript", ".js"),
        ("text/css", ".css"),
        ("font/woff2", ".woff2"),
        ("font/ttf", ".ttf"),
    ):
        mimetypes.add_type(kind, ending)  # whatever this machine's registry says
    library = KeptLibrary(data_folder() / "records")
    companion = Companion(
        station, door, library, Worker(), _left_out, rehearsal=options.rehearsal, language=options.language
    )
    server = _Server(configured(companion.app()))

    async def run() -> None:
        ending = asyncio.create_task(_until_over(station, companion.hub, server))
        await server.serve([door.listener])
        ending.cancel()

    asyncio.run(run())


async def _until_over(station: Gate, hub: Hub, server: uvicorn.Server) -> None:
    while not station.ended:
        await asyncio.sleep(0.1)
    hub.close("Harborlight ends")
    await asyncio.sleep(LAST_WORDS_SECONDS)
    server.should_exit = True


def _left_out(profile: Profile, flags: Iterable[str]) -> str | None:
    return left_out(profile, frozenset(flags))
