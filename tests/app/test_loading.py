"""Scenes that are heavy load while the calm room shows: no frame waits, and nobody sees a place that is unfinished."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import numpy as np
import pytest

from scenes.lantern import LanternSettings
from tests.core.places import Place, Session, plan
from vr_app.api import Frame, Kit, Pass, Scene, SceneInfo
from vr_app.catalogue import Entry, find_scenes
from vr_app.clock import SessionClock
from vr_app.commands import Go, SetPhase
from vr_app.course import Mode
from vr_app.director import Director
from vr_app.link import Mailbox
from vr_app.plan import Plan, Step
from vr_app.script import Caption, Script
from vr_app.scripted.headset import open_scripted
from vr_app.timing.collector import Collector
from vr_app.timing.ledger import Ledger

MEGABYTES = 200


class Heavy(Scene):
    info = SceneInfo("heavy", "Heavy", "Large arrays.", "meditative")

    def build(self, kit: Kit) -> None:
        rows = MEGABYTES * 1_000_000 // 2 // 12
        position = np.zeros((rows, 3), np.float32)
        position[-1] = 7.0
        position.flags.writeable = False  # as baked arrays are
        self.mesh = kit.mesh({"position": position, "index": np.arange(3, dtype=np.uint32)})
        self.image = kit.image(np.full((2500, 10_000, 4), 99, np.uint8))

    def draw(self, frame: Frame, out: Pass) -> None:
        assert self.uploaded()

    def uploaded(self) -> bool:
        from OpenGL import GL

        pixel = np.zeros(4, np.uint8)
        part = 9_999, 2_499, 0, 1, 1, 1
        GL.glGetTextureSubImage(self.image.texture, 0, *part, GL.GL_RGBA, GL.GL_UNSIGNED_BYTE, 4, pixel)  # type: ignore[attr-defined]
        return pixel.tolist() == [99] * 4


class Unbuilt(Scene):
    info = SceneInfo("unbuilt", "Unbuilt", "Cannot be built.", "meditative")

    def build(self, kit: Kit) -> None:
        kit.mesh({"position": np.zeros((3, 3)), "index": np.arange(3)})
        raise ValueError("the tide is out")


def _steps(*names: str) -> Plan:
    settings = {"lantern": LanternSettings()}
    steps = tuple(Step(name, 8.0, settings.get(name), None) for name in names)
    return Plan("heavy", "Heavy", steps, Script("ground", (Caption(0.0, 6.0, "Here"),)))


def _entries(*scenes: type[Scene]) -> dict[str, Entry]:
    return find_scenes() | {scene.info.id: Entry(scene.info.id, scene) for scene in scenes}


class Watching(Mailbox):
    """Notes, after every frame, where the patient is and what was sent."""

    def __init__(self, kit: Any) -> None:
        super().__init__()
        self.kit, self.uploads = kit, kit.uploads
        self.sent: list[int] = []
        self.built: list[int] = []  # programs that were there at each sign of life before the first frame
        self.seen: list[tuple[str, bool]] = []  # the place, and whether all was sent

    def loading(self) -> None:
        self.built.append(len(self.kit.materials))

    def publish(self, director: Director, inputs: Any, *, frames: bool) -> None:
        self.sent.append(self.uploads.bytes)
        here = director.journal.scenes[-1][1] if director.journal.scenes else ""
        self.seen.append((here, self.uploads.idle))


def _play(plan: Plan, entries: dict[str, Entry]) -> tuple[Watching, Director]:
    with ExitStack() as stack:
        ledger = Ledger(100_000)
        headset = stack.enter_context(open_scripted(ledger, hz=90.0, clock="virtual", eye_size=(32, 32)))
        from vr_app.loading import load_scenes
        from vr_app.loop import Loop
        from vr_app.render.renderer import Renderer
        from vr_app.render.uploads import Uploads

        renderer = Renderer(zero_counts=True)
        uploads = renderer.kit.uploads = Uploads(renderer.gl, lambda: 0)  # slices by their bytes alone
        link = Watching(renderer.kit)
        loading = load_scenes(plan, entries, renderer.kit, uploads, lives=link.loading)
        director = Director(plan, loading.scenes, headset, locked=True, ready=loading.ready)
        director.build(renderer.kit, loading.failures)
        renderer.warm_up(headset.info.eye_size, link.loading)
        for command in (SetPhase(False), Go()):
            link.post(command)
        with Collector(ledger) as collector:
            Loop(headset, director, renderer, ledger, collector, SessionClock(), link, loading=loading).run()
        renderer.close()
    return link, director


def test_200_megabytes_load_while_frames_go_on() -> None:
    from vr_app.render.uploads import CHUNK_BYTES, SLICE_BYTES

    link, director = _play(_steps("heavy", "room"), _entries(Heavy))
    sent = np.diff(np.array([0, *link.sent]))
    assert sent.max() <= SLICE_BYTES
    loading = np.count_nonzero(sent)
    assert MEGABYTES * 1e6 / SLICE_BYTES <= loading <= MEGABYTES * 1e6 / (SLICE_BYTES - CHUNK_BYTES) + 2
    assert link.sent[-1] >= MEGABYTES * 1_000_000 - 100
    waited = [here for here, idle in link.seen if not idle]
    assert len(waited) >= loading - 1
    assert set(waited) <= {"", "room"}
    assert [name for _, name in director.journal.scenes] == ["room", "heavy", "room"]
    assert not director.journal.faults
    assert any(f"{MEGABYTES} MB in" in words for _, words in director.journal.events)
    left = [time for time, name in director.journal.scenes]
    assert left[2] - left[1] == pytest.approx(8.0 + 2.0, abs=0.2)  # its whole time, and the mist before it clears


def test_a_scene_that_cannot_be_built_is_told_and_hinders_no_other() -> None:
    _, director = _play(_steps("unbuilt", "lantern", "room"), _entries(Unbuilt))
    assert [name for _, name in director.journal.scenes] == ["room", "lantern", "room"]
    assert [words for _, words in director.journal.faults] == [
        "scene 'unbuilt' cannot be built: the tide is out; the calm room stands in for it"
    ]


def test_resident_scenes_are_whole_before_the_first_frame() -> None:
    link, _ = _play(_steps("room"), _entries())
    assert link.sent[-1] == 0
    assert all(idle for _, idle in link.seen)


def test_a_slow_start_gives_signs_of_life_between_scenes_and_few_programs() -> None:
    """A first start on a slow driver compiles for longer than a station waits for a sign of life."""
    from vr_app.render.renderer import WARMED_AT_ONCE

    link, _ = _play(_steps("lantern"), _entries())
    assert len(set(link.built)) >= 2, "after the room, and after the lantern"
    assert link.built.count(link.built[-1]) >= 0.7 * link.built[-1] / WARMED_AT_ONCE, "while they are warmed up"


def test_the_plan_waits_in_the_calm_room_for_what_is_not_ready() -> None:
    missing = {"lantern"}
    session = Session(ready=lambda name: name not in missing)
    session.director.obey(Go())
    session.run(60.0)
    assert (session.here, session.director.mode, session.director.mist) == ("room", Mode.PLAYING, 0.0)
    left = session.director.status("").seconds_left
    assert left == pytest.approx(30.0, abs=0.1)  # the lantern's 20 s have not begun
    missing.clear()
    session.run(4.1)
    assert (session.here, session.director.mist) == ("lantern", 0.0)
    lantern = session.scenes["lantern"]
    assert isinstance(lantern, Place)
    assert lantern.frames[0].scene_time < 0.1


def test_a_scene_that_is_gone_is_not_waited_for() -> None:
    session = Session({"room": Place()}, plan(), ready=lambda name: True)
    session.director.obey(Go())
    session.run(60.0)
    assert session.director.finished
