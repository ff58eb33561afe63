"""The sound as the supervisor keeps it, looked after by a thread that also stands for the render process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from headless_harness.sound.player import environment
from vr_app.api import Pose
from vr_app.shared import now_ns
from vr_app.sound.desk import Desk, State
from vr_app.sound.options import SoundOptions
from vr_app.sound.proxy import Sound
from vr_app.station.child import SPAWN
from vr_app.station.hosts import SoundHost

_LOOK: Final = 0.02


class KeptSound:
    """The host, its desk, and the sound as the director has it; on the server that `env` names."""

    def __init__(self, env: Mapping[str, str], options: SoundOptions) -> None:
        cells = Desk.cells(SPAWN)
        self.desk = Desk(cells)
        self.host = SoundHost(cells, options, verbose=False)
        self.sound = Sound(self.desk)
        self._env = env
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep)
        self._thread.start()

    def _keep(self) -> None:
        with environment(self._env):
            while not self._over.is_set():
                self.host.look_after(time.monotonic(), led=True)
                self.sound.listen_from(Pose((0.0, 1.2, 0.0)), now_ns() + 20_000_000)
                time.sleep(_LOOK)

    def until(self, true: Callable[[], bool], seconds: float = 10.0) -> float:
        """Seconds until it is so; infinity when it does not come."""
        began = time.monotonic()
        while not true():
            if time.monotonic() - began > seconds:
                return float("inf")
            time.sleep(0.002)
        return time.monotonic() - began

    def plays(self) -> bool:
        return self.desk.state is State.PLAYING

    def close(self) -> None:
        self._over.set()
        self._thread.join()
        self.host.close()


@contextmanager
def kept_sound(env: Mapping[str, str], options: SoundOptions) -> Iterator[KeptSound]:
    """Heard already, if there is a device. The thread that keeps it must be the one that lives on (see `Child`)."""
    kept = KeptSound(env, options)
    try:
        kept.until(kept.plays, 30.0)
        yield kept
    finally:
        kept.close()
