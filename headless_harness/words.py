"""Photographs words in the headset: panels, captions, the patient's own words, ring and stop mark, at every posture.

`python -m headless_harness.words --out DIR [--only PART] [--size PIXELS]` writes a PNG a photograph and sheet.png with
all of them; PART is part of a photograph's name. What is asked is chosen by a scripted patient who looks at it.
`python -m headless_harness.words --cost` measures what words add to a frame's processor time, without vertices, and
what it takes to lay new ones out.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import radians
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np
from msgspec.structs import replace
from PIL import Image

from headless_harness.pictures import Picture, write
from headless_harness.sheet import Tile, contact_sheet
from scenes.room import CalmRoom
from scenes.valley.shapes import box
from vr_app import captions, director
from vr_app.api import Comfort, Frame, Inputs, Kit, Pass, Pose, Scene, SceneInfo, Vec3
from vr_app.commands import Ask
from vr_app.headset import Fov, Target, View
from vr_app.panel import DWELL_SECONDS, Panels, Ring, StopMark, before, sizes
from vr_app.placement import Seat, comfort_with
from vr_app.render.context import ContextError, open_context
from vr_app.scripted.headset import looking, looking_at
from vr_app.studio import bare_stage

if TYPE_CHECKING:
    from vr_app.render.kit import GpuKit
    from vr_app.render.renderer import Renderer

HALF = radians(42)  # of the field of view
STEP = 1 / 90
LABEL = Ask("label", "label", "You're in the clinic, in your chair. Anna is beside you.")
CHOICE = Ask(
    "choice",
    "choice",
    "Where would you like to go first?",
    ("The jetty with its lanterns", "The stream", "Nowhere yet"),
)
LONG_CHOICE = Ask(
    "long",
    "choice",
    "Before you go: which of these would you like to keep from today?",
    (
        "The light on the water, and the boat that did not move",
        "My own words, on the lantern",
        "The tree on the hill",
        "Größe, Ruhe, ein Stück Weg",
        "Nothing, thank you",
    ),
)
SCALE = Ask("scale", "scale", "How much does this worry you now?", ("Not at all", "As much as can be"))
CAPTION = "The water comes up the sand. Then it goes back. It does this without help."
OWN_WORDS = "Under the old lime tree,\nmy father's garden"


class Posture(NamedTuple):
    """How the patient sits or lies, and whether the place is asked to stay level."""

    name: str
    pitch: float  # degrees by which the head looks up when the view is placed
    level: bool = False


POSTURES = (
    Posture("upright", 0.0),
    Posture("raised 20", 20.0),
    Posture("reclined 40", 40.0),
    Posture("reclined 40 level", 40.0, level=True),
    Posture("lying 80", 80.0),
)


class Wall(Scene):
    """One even surface all round."""

    info = SceneInfo("wall", "Wall", "An even wall.", "home")
    glow: ClassVar[Vec3] = (0.0, 0.0, 0.0)

    def build(self, kit: Kit) -> None:
        arrays = dict(box((9.0, 9.0, 9.0)).painted("#000000").arrays())
        arrays["index"] = arrays["index"].reshape(-1, 3)[:, ::-1].ravel()  # seen from inside
        self.inside, self.matt = kit.mesh(arrays), kit.material("plain")

    def draw(self, frame: Frame, out: Pass) -> None:
        out.draw(self.inside, self.matt, glow=self.glow)


class Bright(Wall):
    glow = (60.0, 60.0, 60.0)


PLACES: dict[str, type[Scene]] = {"room": CalmRoom, "bright": Bright, "dark": Wall}


@dataclass(frozen=True, slots=True)
class Seen:
    """Who looks: the head as the posture rests, and the comfort that follows from placing the view."""

    posture: Posture
    head: Pose
    eyes: Pose
    comfort: Comfort


def seated(posture: Posture, *, large: bool, hand: str) -> Seen:
    """A patient for whom the view was placed."""
    seat = Seat()
    head = looking(0.0, radians(posture.pitch))
    seat.take(Inputs(head))
    seat.place(level=posture.level, eye_height=None)
    comfort = comfort_with(seat, "left" if hand == "left" else "right", large_text=large)
    return Seen(posture, seat.placed(Inputs(head)).head, Pose(seat.eyes), comfort)


class Subject(NamedTuple):
    """What is photographed: what the kit makes of it once, and what records it."""

    name: str
    prepare: Callable[[GpuKit, Seen], Callable[[Pass], None]]


def _panel(command: Ask, first: str = "", then: str = "", share: float = 0.5) -> Subject:
    """A panel on which the patient has chosen `first` and now looks at `then`, for this share of a dwell."""

    def prepare(kit: GpuKit, seen: Seen) -> Callable[[Pass], None]:
        panels = Panels(kit)
        refused = panels.ask(command, seen.comfort)
        if refused:
            raise ValueError(refused)

        def live(seconds: float, answer: str = "") -> None:
            place = panels.place_of(answer)
            head = looking_at(place, seen.eyes.position) if place else seen.head
            for _ in range(round(seconds / STEP)):
                panels.update(STEP, Inputs(head), seen.comfort, seen.eyes)

        live(1.2)
        if first:
            live(DWELL_SECONDS + 0.2, first)
            live(1.5)
        if then:
            live(DWELL_SECONDS * share, then)
        return lambda out: panels.draw(out, 1.0)

    return Subject(command.name, prepare)


def _rings(kit: GpuKit, seen: Seen) -> Callable[[Pass], None]:
    ring = Ring(kit)
    places = [before(seen.eyes, seen.comfort, radians(-4), radians(aside)) for aside in (-9, 0, 9)]

    def record(out: Pass) -> None:
        for progress, at in zip((0.0, 0.35, 1.0), places, strict=True):
            ring.draw(out, progress, at, 1.0)

    return record


def _stop(kit: GpuKit, seen: Seen) -> Callable[[Pass], None]:
    """The mark in its place with a caption, and the same mark filling, in the middle."""
    mark, caption = StopMark(kit, director.MARK_METRES), _words(kit, seen, CAPTION)
    large, metres = seen.comfort.large_text, director.MARK_METRES
    at = before(seen.eyes, seen.comfort, -director.MARK_BELOW, director.MARK_ASIDE, metres)
    middle = before(seen.eyes, seen.comfort, radians(8), 0.0, metres)

    def record(out: Pass) -> None:
        mark.draw(out, 0.0, at, director.MARK_FAINT, large=large)
        mark.draw(out, 0.6, middle, 1.0, large=large)
        caption(out)

    return record


def _words(kit: GpuKit, seen: Seen, words: str) -> Callable[[Pass], None]:
    size = sizes(seen.comfort)
    label = kit.text(words, height=size.capital, width=size.line)
    return lambda out: out.text(label, before(seen.eyes, seen.comfort, -captions.BELOW))


def _slot(kit: GpuKit, seen: Seen) -> Callable[[Pass], None]:
    size = sizes(seen.comfort)
    label = kit.slot("own", height=size.capital, width=size.line)
    refused = kit.fill("own", OWN_WORDS)
    if refused:
        raise ValueError(refused)
    return lambda out: out.text(label, before(seen.eyes, seen.comfort, radians(-4)))


SUBJECTS = (
    _panel(LABEL),
    _panel(CHOICE, first="The stream", then="Nowhere yet"),
    _panel(LONG_CHOICE, then="The tree on the hill", share=0.7),
    _panel(SCALE, first="3", then="4"),
    Subject("rings", _rings),
    Subject("stop", _stop),
    Subject("own words", _slot),
)


class Booth:
    """One renderer and the places behind the words."""

    def __init__(self, renderer: Renderer, size: int, half: float = HALF) -> None:
        from vr_app.render.targets import make_images  # OpenGL may be imported only now

        self.kit = renderer.kit
        self._renderer = renderer
        self._size, self._fov = size, Fov(-half, half, half, -half)
        self._images = make_images((size, size))
        self._scenes: dict[str, Scene] = {}
        renderer.air.mist = 0.0

    def shoot(self, place: str, head: Pose, record: Callable[[Pass], None]) -> Picture:
        """What one eye in the middle of this head sees."""
        from vr_app.render.targets import read_image

        size = self._size
        scene = self._scenes.get(place)
        if scene is None and place:
            scene = self._scenes[place] = PLACES[place]()
            scene.build(self.kit)
            scene.enter(bare_stage())
        out = self._renderer.record()
        if scene is not None:
            scene.draw(Frame(0, 0.0, 0.0, 0.0, False, Inputs(), scene.Settings()), out)
        record(out)
        self._replay(head)
        return np.asarray(read_image(self._images[0], (size, size)))

    def timed(self, record: Callable[[Pass], None]) -> tuple[float, int]:
        """Microseconds of recording and replaying nothing else, and how many draws that were."""
        begun = perf_counter()
        out = self._renderer.record()
        record(out)
        self._replay(Pose())
        return (perf_counter() - begun) * 1e6, len(out.blended)

    def _replay(self, head: Pose) -> None:
        size = self._size
        self._renderer.replay([View(head, self._fov)] * 2, [Target(texture, size, size) for texture in self._images])


class Shot(NamedTuple):
    """One photograph to be taken."""

    place: str
    posture: Posture
    large: bool
    hand: str
    subject: Subject

    @property
    def name(self) -> str:
        size = "large" if self.large else "regular"
        return f"{self.place}, {self.posture.name}, {size}, {self.hand}, {self.subject.name}"


def shots() -> Iterator[Shot]:
    """Every posture, size and subject in the room; both sides, and both plain walls, upright."""
    for posture in POSTURES:
        for large in (False, True):
            yield from (Shot("room", posture, large, "right", subject) for subject in SUBJECTS)
    for place, hand in (("room", "left"), ("bright", "right"), ("dark", "right")):
        for large in (False, True):
            yield from (Shot(place, POSTURES[0], large, hand, subject) for subject in SUBJECTS)


class Cost(NamedTuple):
    """Medians. Of what stands in the picture: draws and microseconds it adds to a frame; of new words: microseconds."""

    what: str
    draws: int
    microseconds: float


def costs(frames: int = 3000) -> Iterator[Cost]:
    """What words cost the render thread, each beside an empty frame measured in turn with it."""
    from vr_app.render.renderer import Renderer

    renderer = Renderer(zero_counts=True)
    kit, seen = renderer.kit, seated(POSTURES[0], large=False, hand="right")
    booth = Booth(renderer, 64)
    panels, mark, ring = Panels(kit), StopMark(kit, director.MARK_METRES), Ring(kit)
    panels.ask(SCALE, seen.comfort)
    at, caption = before(seen.eyes, seen.comfort, 0.0), _words(kit, seen, CAPTION)
    inputs = Inputs(seen.head)
    for _ in range(120):
        panels.update(STEP, inputs, seen.comfort, seen.eyes)

    def panel(out: Pass) -> None:
        panels.update(STEP, inputs, seen.comfort, seen.eyes)
        panels.draw(out, 1.0)

    subjects: dict[str, Callable[[Pass], None]] = {
        "a caption": caption,
        "the stop mark": lambda out: mark.draw(out, 0.0, at, 1.0),
        "the ring": lambda out: ring.draw(out, 0.5, at, 1.0),
        "a scale, with its choosing": panel,
    }
    for what, record in subjects.items():
        empty, full, draws = [], [], 0
        for _ in range(frames):
            empty.append(booth.timed(lambda out: None)[0])
            microseconds, draws = booth.timed(record)
            full.append(microseconds)
        yield Cost(what, draws, median(full) - median(empty))
    kit.slot("own")
    longest = (f"{OWN_WORDS} " * 4)[:140]
    asked: dict[str, Callable[[int], str | None]] = {
        "filling a slot with 140 characters": lambda turn: kit.fill("own", longest[turn:]),
        "asking a scale": lambda turn: panels.ask(replace(SCALE, words=SCALE.words[turn:]), seen.comfort),
        "asking a choice of five long options": lambda turn: panels.ask(
            replace(LONG_CHOICE, words=LONG_CHOICE.words[turn:]), seen.comfort
        ),
    }
    for what, call in asked.items():
        taken = []
        for k in range(200):
            begun = perf_counter()
            refused = call(k % 2)
            taken.append((perf_counter() - begun) * 1e6)
            if refused:
                raise ValueError(refused)
        yield Cost(what, 0, median(taken))


def _write_costs() -> None:
    with open_context("egl"):
        for cost in costs():
            print(f"{cost.what}: {f'{cost.draws} draw, ' if cost.draws else ''}{cost.microseconds:.0f} us")


def main(arguments: Sequence[str]) -> int:
    """Exit status: 0, 1 when nothing can be drawn here, 2 on misuse."""
    parser = argparse.ArgumentParser(prog="words", description=__doc__)
    wanted_output = parser.add_mutually_exclusive_group(required=True)
    wanted_output.add_argument("--out", type=Path, metavar="DIR")
    wanted_output.add_argument("--cost", action="store_true")
    parser.add_argument("--only", default="", metavar="PART", help="of the photographs' names")
    parser.add_argument(
        "--size", type=int, default=1512, metavar="PIXELS", help="width and height; 1512 are 18 a degree, a headset's"
    )
    chosen = parser.parse_args(arguments)
    wanted = [shot for shot in shots() if chosen.only in shot.name]
    if not wanted:
        parser.error(f"no photograph's name has '{chosen.only}'; one is '{next(shots()).name}'")
    try:
        if chosen.cost:
            _write_costs()
            return 0
        rows = _photographed(wanted, chosen.out, chosen.size)
    except ContextError as error:
        print(f"words: {error}", file=sys.stderr)
        return 1
    write(chosen.out / "sheet.png", contact_sheet(rows, 360))
    print(f"words: {len(wanted)} photographs and sheet.png in {chosen.out}")
    return 0


def _photographed(wanted: Sequence[Shot], folder: Path, size: int) -> list[list[Tile]]:
    """Every picture written, and the sheet's rows: the middle of each, for words are small in a whole view."""
    folder.mkdir(parents=True, exist_ok=True)
    rows: list[list[Tile]] = []
    with open_context("egl"):
        from vr_app.render.renderer import Renderer

        renderer = Renderer()
        booth = Booth(renderer, size)
        for _, group in groupby(wanted, lambda shot: shot[:4]):
            rows.append([])
            for shot in group:
                seen = seated(shot.posture, large=shot.large, hand=shot.hand)
                picture = booth.shoot(shot.place, seen.head, shot.subject.prepare(booth.kit, seen))
                file = folder / f"{shot.name.replace(', ', '-').replace(' ', '_')}.png"
                Image.fromarray(picture).save(file, compress_level=1)
                edge = 0 if shot.subject.name == "stop" else size // 4
                rows[-1].append(Tile(shot.name, picture[edge : size - edge, edge : size - edge]))
        renderer.close()
    return rows


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
