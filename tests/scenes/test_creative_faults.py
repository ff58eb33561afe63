"""Whatever a creative scene raises, and whenever: the patient sees the calm room, and what was made so far is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from headless_harness.census import NotingKit, NotingPass
from scenes.gallery import Gallery
from scenes.light_paint import LightPaint
from scenes.mandala import Mandala
from scenes.sound_garden import SoundGarden
from scenes.triptych import Triptych
from tests.core.places import Place, Session, plan
from vr_app.api import Frame, Pass, Scene, Stage
from vr_app.commands import Go
from vr_app.headset import Event, Lost, Running
from vr_app.plan import Step
from vr_app.remembered import Remembered
from vr_app.works.works import Works

CREATIVE = (LightPaint, Mandala, SoundGarden, Triptych, Gallery)
MADE = 6  # points of the stroke that is being made when it raises
SLOT = "lantern"  # of the scene, in the plan of tests


_built: dict[str, tuple[Scene, NotingKit]] = {}


def built(kind: type[Scene]) -> tuple[Scene, NotingKit]:
    """Once for all."""
    if kind.info.id not in _built:
        scene, kit = kind(), NotingKit()
        scene.build(kit)
        _built[kind.info.id] = scene, kit
    return _built[kind.info.id]


def session_of(scene: Scene, kind: type[Scene]) -> Session:
    """Some seconds of the calm room, then of the scene, then of the room."""
    steps = Step("room", 3.0, None, None), Step(SLOT, 3.0, kind.Settings(), None), Step("room", 3.0, None, None)
    session = Session({"room": Place(), SLOT: scene}, replace(plan(), steps=steps))
    session.director.obey(Go())
    return session


class Raising(Scene):
    """A scene of ours in which something is made, and that raises then."""

    def __init__(self, kind: type[Scene], where: str) -> None:
        self._scene, self._kit = built(kind)
        self.info, self.Settings = kind.info, kind.Settings  # type: ignore[misc]
        self._where, self._frames = where, 0

    def enter(self, stage: Stage) -> None:
        self._scene.enter(stage)
        self._work = stage.works.open()
        self._raise("enter")

    def update(self, frame: Frame) -> None:
        self._scene.update(frame)
        self._frames += 1
        if self._frames == 1:
            self._work.begin("ink", (0.1, 0.2, 0.3, 0.0))
        if self._frames <= MADE:
            self._work.append((0.1 * self._frames, 1.0, -1.0), 0.01)
        if self._frames == MADE:
            self._raise("update")

    def draw(self, frame: Frame, out: Pass) -> None:
        self._scene.draw(frame, NotingPass(self._kit))
        if self._frames == MADE:
            self._raise("draw")

    def leave(self) -> None:
        self._scene.leave()
        self._raise("leave")

    def _raise(self, where: str) -> None:
        if where == self._where:
            raise RuntimeError(f"planted in {where}")


@pytest.mark.parametrize("where", ["enter", "update", "draw", "leave"])
@pytest.mark.parametrize("kind", CREATIVE)
def test_a_creative_scene_that_raises_leaves_the_calm_room_and_what_was_made(kind: type[Scene], where: str) -> None:
    session = session_of(Raising(kind, where), kind)
    kept: dict[tuple[str, str], bytes] = {}
    for _ in range(150):
        before = len(session.director.journal.faults)
        session.frame(0.1)
        if not before:  # with the frame in which it raises all is on its way
            kept |= {(scene, key): value for scene, key, value in session.director.remembered.take()}
    assert session.here == "room"
    assert session.director.mist == 0.0
    (fault,) = session.director.journal.faults
    assert f"planted in {where}" in fault[1]
    assert "the calm room stands in for it" in fault[1]
    work: Any = Works(Remembered(kept)).of(SLOT).open()
    points = [len(stroke.points) for stroke in work.shown().values()]
    assert points == ([] if where == "enter" else [MADE])


@pytest.mark.parametrize("event", [Running(False, "taken off"), Lost("unplugged")])
def test_what_was_made_is_on_its_way_when_no_frame_comes_any_more(event: Event) -> None:
    """Nobody knows for how long: it may be the last that is heard of the headset before the power goes."""
    scene = Raising(LightPaint, "never")
    session = session_of(scene, LightPaint)
    while scene._frames < MADE:
        session.frame(0.1)
    session.director.hear(event)
    kept = {(scene, key): value for scene, key, value in session.director.remembered.take()}
    work: Any = Works(Remembered(kept)).of(SLOT).open()
    assert [len(stroke.points) for stroke in work.shown().values()] == [MADE]


@pytest.mark.parametrize("kind", CREATIVE)
def test_a_creative_scene_that_cannot_be_built_is_told_and_the_calm_room_stands_in(kind: type[Scene]) -> None:
    session = session_of(kind(), kind)
    session.director.build(session.kit, {SLOT: "planted"})  # type: ignore[arg-type]
    for _ in range(150):
        session.frame(0.1)
    assert session.here == "room"
    assert session.director.mist == 0.0
    assert f"scene '{SLOT}' cannot be built: planted" in session.director.journal.faults[0][1]
