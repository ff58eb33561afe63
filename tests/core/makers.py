"""Makers of arrays, and scenes that build with them, for the tests of baking; other processes import them by name."""

from __future__ import annotations

import functools
import os
import signal
import time

import numpy as np

from vr_app.api import Arrays, Kit, Scene, SceneInfo
from vr_app.catalogue import Entry


def plain(scale: float = 1.0) -> Arrays:
    return {"position": np.arange(12.0).reshape(4, 3) * scale, "index": np.arange(6, dtype=np.uint32)}


def other() -> Arrays:
    return {"wood-light": np.ones((1000, 4), np.float16), "none": np.zeros((0, 3)), "one": np.array(3.5)}


def after_other(names: tuple[str, ...]) -> Arrays:
    return {name: np.full(3, 7) for name in names}


def failing() -> Arrays:
    raise ValueError("the tide is out")


def lost() -> Arrays:
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(60.0)
    return {}


def slow() -> Arrays:
    time.sleep(60.0)
    return {}


class Room(Scene):
    info = SceneInfo("room", "Room", "", "home")

    def build(self, kit: Kit) -> None:
        kit.mesh(kit.bake(plain))
        kit.mesh(kit.bake(functools.partial(plain, scale=2.0)))


class Shore(Scene):
    """What it bakes second depends on what was baked first, so that no list can know it."""

    info = SceneInfo("shore", "Shore", "", "meditative")

    def build(self, kit: Kit) -> None:
        kit.bake(plain)
        first = kit.bake(other)
        if set(first) != {"wood-light", "none", "one"}:
            raise ValueError("its arrays are not there")
        kit.bake(functools.partial(after_other, tuple(sorted(first))))


class Broken(Scene):
    info = SceneInfo("broken", "Broken", "", "meditative")

    def build(self, kit: Kit) -> None:
        kit.bake(failing)


class Killed(Scene):
    info = SceneInfo("killed", "Killed", "", "meditative")

    def build(self, kit: Kit) -> None:
        kit.bake(lost)


class Slow(Scene):
    info = SceneInfo("slow", "Slow", "", "meditative")

    def build(self, kit: Kit) -> None:
        kit.bake(plain)
        kit.bake(slow)


def entries(*scenes: type[Scene]) -> dict[str, Entry]:
    return {scene.info.id: Entry(scene.info.id, scene) for scene in scenes}
