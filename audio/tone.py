"""Left, then right: a tone on a device, through the same engine as a session's sound."""

from __future__ import annotations

import time
from multiprocessing import get_context
from typing import Final

from audio import engine
from vr_app.api import Pose, Vec3
from vr_app.shared import now_ns
from vr_app.sound.desk import Desk, State
from vr_app.sound.options import SoundOptions
from vr_app.sound.proxy import Sound

PATIENCE_SECONDS: Final = 3.0  # for a device
_TONES: Final[tuple[tuple[float, Vec3], ...]] = ((0.2, (-1.0, 0.0, 0.0)), (1.7, (1.0, 0.0, 0.0)))  # seconds, place
_OVER: Final = 3.5


class _Course:
    """What happens when; asked many times a second whether it is over."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._sound = desk, Sound(desk)
        self._asked: float | None = None
        self._began: float | None = None
        self._left = list(_TONES)

    def __call__(self) -> bool:
        now = time.monotonic()
        self._sound.listen_from(Pose((0.0, 0.0, 0.0)), now_ns())
        self._asked = self._asked or now
        if self._began is None:
            if self._desk.state is not State.PLAYING:
                return now - self._asked > PATIENCE_SECONDS
            self._began = now
        if self._left and now - self._began > self._left[0][0]:
            self._sound.play("acknowledge", position=self._left.pop(0)[1], once=True)
        return now - self._began > _OVER


def play_test_tone(device: str) -> tuple[bool, str]:
    """Whether it was played, and the device or what is wrong in words. Takes about 5 s."""
    desk = Desk(Desk.cells(get_context("spawn")))
    desk.expect_engine()
    engine.run(desk, SoundOptions(device), _Course(desk))
    return desk.state is State.PLAYING, desk.told
