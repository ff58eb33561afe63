"""The engine in a process of its own, as the station has it, fed by a harness that stands for the render process."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from headless_harness.sound.server import wait_for
from vr_app.api import Pose
from vr_app.shared import now_ns
from vr_app.sound.desk import Desk, State
from vr_app.sound.options import SoundOptions
from vr_app.sound.proxy import Sound

SPAWN = get_context("spawn")
FRAME_SECONDS = 1.0 / 90.0
HOG_EVERY, HOG_FOR = 2.0, 0.1  # seconds: another thread of the engine's own interpreter is busy


class Player:
    """A desk, its sound as the render process has it, and the engine; `account` once it has ended by itself."""

    def __init__(self, env: Mapping[str, str], options: SoundOptions, *, hog: bool = False) -> None:
        self._cells = Desk.cells(SPAWN)
        self.desk = Desk(self._cells)
        self.sound = Sound(self.desk)
        self.account: Any = None  # audio.filler.Account
        self._env, self._options, self._hog = dict(env), options, hog
        self.start()

    def start(self) -> None:
        """Start the engine, or start it anew."""
        self.desk.expect_engine()
        self._over = SPAWN.Event()
        self._told, told = SPAWN.Pipe(duplex=False)
        with environment(self._env):
            self.process = SPAWN.Process(target=_play, args=(self._cells, self._options, self._over, told, self._hog))
            self.process.start()
        told.close()

    def plays(self, seconds: float = 30.0) -> None:
        """Wait until a device is heard. Raises SoundRigError."""
        wait_for(lambda: self.desk.state is State.PLAYING, f"the engine ({self.desk.told})", seconds)

    def frames(self, seconds: float) -> None:
        """So many seconds of a render loop's own signs: an ear at every frame."""
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            self.sound.listen_from(Pose((0.0, 1.2, 0.0)), now_ns() + 20_000_000)
            time.sleep(FRAME_SECONDS)

    def close(self) -> None:
        self._over.set()
        if self._told.poll(10.0):
            try:
                self.account = self._told.recv()
            except EOFError:
                self.account = None
        self.process.join(2.0)
        self.process.kill()


@contextmanager
def playing(env: Mapping[str, str], options: SoundOptions | None = None, *, hog: bool = False) -> Iterator[Player]:
    """An engine on the server that `env` names, heard already."""
    player = Player(env, options or SoundOptions(), hog=hog)
    try:
        player.plays()
        yield player
    finally:
        player.close()


def _play(cells: Any, options: SoundOptions, over: Any, told: Connection, hog: bool) -> None:
    from audio import engine

    if hog:
        threading.Thread(target=_hog, daemon=True).start()
    try:
        told.send(engine.run(Desk(cells), options, over.is_set))
    except engine.DeviceGone:
        os._exit(75)


def _hog() -> None:
    """Python that never lets go by itself, now and then."""
    while True:
        time.sleep(HOG_EVERY)
        until = time.perf_counter() + HOG_FOR
        while time.perf_counter() < until:
            pass


@contextmanager
def environment(more: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in more}
    os.environ.update(more)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
