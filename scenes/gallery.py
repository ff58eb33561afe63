"""Gallery: what the patient has made hangs in the clearing, newest nearest to the view; nothing has to be looked at.

What is rested on comes a little nearer and turns slowly; what is left goes back. Older works come by a stone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, sin, sqrt, tan, tau
from typing import Annotated, Final

from scenes.making.placed import Thing
from scenes.valley.attention import Attention, Spot
from scenes.valley.grove_frames import AZIMUTHS, Frames, middle_of, stone_middle, yaw_of
from scenes.valley.hung import KINDS, MOST_OF_A_FRAME, POINTS_A_SECOND, Hung
from scenes.valley.laid_things import SHADE, Laid, LaidThings
from scenes.valley.outdoors import Outdoors, OutdoorSettings
from scenes.valley.place import GROVE
from scenes.valley.three_bays import MOST
from vr_app.api import Frame, Kit, Pass, Pose, Range, Scene, SceneInfo, Stage, Vec3, Work

PIECES: Final = len(AZIMUTHS)
STONE: Final = PIECES  # of the spots
REST_SECONDS: Final = 3.0  # of resting until a piece has come all the way
REACH: Final = 0.36  # metres about a piece's middle that are the piece
FAR: Final = 2.75  # metres to a frame, more or less
EYE: Final = 1.2  # metres of the seated eye over the floor
NEARER: Final = 0.75  # metres by which a piece comes toward the eye
TURN, TURN_SECONDS = 0.30, 16.0  # radians to either side that it turns then, and how long there and back takes
GLOW: Final[Vec3] = (0.9, 0.62, 0.34)  # radiance of the air about it
HIGHEST: Final = 1.3  # metres by which all may stand higher, for who lies
QUIET_GLOW: Final = 0.55  # of a stroke's own light, while nobody looks at it; of the setting


@dataclass(frozen=True, slots=True)
class GallerySettings(OutdoorSettings):
    light: Annotated[float, Range(0.4, 1.0, 0.1)] = 0.8  # how far works glow by themselves


class Gallery(Scene):
    """Which works are seen is the patient's; the clearing stays as it is."""

    info = SceneInfo(
        id="gallery",
        title="What you have made",
        summary="A clearing where what was made hangs in wooden frames; resting on a piece brings it nearer.",
        kind="creative",
        minutes=(3.0, 10.0),
        flags=frozenset({"forest"}),
        golden_times=(0.0, 12.0),
    )
    Settings = GallerySettings

    def build(self, kit: Kit) -> None:
        self.place = Outdoors(kit, GROVE, "grove")
        self.frames = Frames(kit, self.place.sky)
        self.hung = [Hung(kit) for _ in range(PIECES)]
        images = {"grain": self.place.sky.grain, "sky_map": self.place.sky.map}
        self.things = LaidThings(kit, images, PIECES * MOST)

    def enter(self, stage: Stage) -> None:
        self.place.enter(stage)
        self.works: Sequence[tuple[str, Work]] = tuple(reversed(stage.works.finished()))
        self.first = 0  # of the works, that hangs nearest
        for hung in self.hung:
            hung.empty()
        self._hang()
        self.spots = Attention([Spot(middle_of(frame), REACH) for frame in range(PIECES)], REST_SECONDS)
        self.at = [Pose.facing(middle_of(frame), yaw_of(frame)) for frame in range(PIECES)]
        self._laid: list[tuple[Pose, int]] = []  # where things lie just now, and how many in each frame
        self._turned = [0.0] * PIECES  # seconds that each was turning
        self._time: float | None = None  # session seconds of the last frame
        self._arranged: tuple[float, float] | None = None  # what all was put for
        self.lift, self.side = 0.0, 1.0

    # --- on

    def update(self, frame: Frame) -> None:
        settings: GallerySettings = frame.settings
        passed = 0.0 if self._time is None else min(max(frame.time - self._time, 0.0), 0.1)
        self._time = frame.time
        self.place.update(frame, settings)
        self._arrange(frame)
        if self.spots.update(frame) == STONE and self.more:
            self.first = self.first + PIECES if self.first + PIECES < len(self.works) else 0
            self._hang()
        self._load(passed)
        for n in range(PIECES):
            self._move(n, passed)
        self._lay_things()

    def _lay_things(self) -> None:
        """Small things of triptychs go with their frame."""
        where = [(at, len(hung.things)) for at, hung in zip(self.at, self.hung, strict=True) if hung.things]
        if where != self._laid:
            self._laid = where
            self.things.lay(
                [_hung_in(at, thing) for at, hung in zip(self.at, self.hung, strict=True) for thing in hung.things]
            )

    @property
    def more(self) -> bool:
        """There are works that do not hang just now."""
        return len(self.works) > PIECES

    def _hang(self) -> None:
        for n, hung in enumerate(self.hung):
            if self.first + n < len(self.works):
                scene, work = self.works[self.first + n]
                hung.show(work, KINDS.get(scene, "air"))
            else:
                hung.show(None)

    def _load(self, passed: float) -> None:
        """A bounded part of what is to be seen, nearest first."""
        left = min(round(POINTS_A_SECOND * passed), MOST_OF_A_FRAME)
        for hung in self.hung:
            left -= hung.step(left, passed)

    def _arrange(self, frame: Frame) -> None:
        """Where all stands, for this comfort."""
        comfort = frame.comfort
        wanted = min(FAR * tan(min(comfort.raised, 1.2)), HIGHEST), 1.0 if comfort.hand == "right" else -1.0
        if wanted == self._arranged:
            return
        self._arranged = self.lift, self.side = wanted
        spots = [Spot(_lifted(middle_of(n), self.lift), REACH) for n in range(PIECES)]
        if self.more:
            spots.append(Spot(_lifted(stone_middle(self.side), self.lift), 0.10))
        if len(spots) != len(self.spots.spots):
            self.spots = Attention(spots, REST_SECONDS)
        self.spots.spots[:] = spots

    def _move(self, n: int, passed: float) -> None:
        """Toward the eye as far as it was rested on, and turning as far."""
        share = _smooth(self.spots.warmth[n]) if self.hung[n].kind is not None else 0.0
        x, y, z = _lifted(middle_of(n), self.lift)
        far = sqrt(x * x + (y - EYE) ** 2 + z * z)
        near = NEARER * share / far
        self._turned[n] = self._turned[n] + passed * share if share > 0.0 else 0.0
        turn = TURN * share * sin(tau * self._turned[n] / TURN_SECONDS)
        where = (x * (1.0 - near), y + (EYE - y) * near, z * (1.0 - near))
        self.at[n] = Pose.facing(where, yaw_of(n) + turn)

    # --- seen

    def draw(self, frame: Frame, out: Pass) -> None:
        settings: GallerySettings = frame.settings
        self.place.begin(out)
        self.frames.draw(out, self.lift)
        if self.more:
            self.frames.draw_stone(out, self.lift, self.side)
        for n, hung in enumerate(self.hung):
            if hung.kind is None:
                self.frames.draw_leaves(out, n, self.lift, _smooth(self.spots.warmth[n]))
            elif frame.veil < 1.0:
                self._draw_piece(out, n, settings.light, frame.veil)
        if frame.veil < 1.0:
            self.things.draw(out)
        self.place.draw(frame, out)
        self.frames.draw_below(out)
        if frame.veil >= 1.0:
            return
        self.things.draw_shade(out)
        for n, hung in enumerate(self.hung):
            hung.draw_light(out, self.at[n], frame.veil)
            light = 0.8 * settings.light * _smooth(self.spots.warmth[n]) * (1.0 - frame.veil)
            if light > 0.004 and hung.kind is not None:
                self.frames.draw_glow(out, self.at[n], (GLOW[0] * light, GLOW[1] * light, GLOW[2] * light))

    def _draw_piece(self, out: Pass, n: int, light: float, veil: float) -> None:
        hung, at = self.hung[n], self.at[n]
        share = _smooth(self.spots.warmth[n])
        if hung.kind == "round":
            self.frames.draw_round(out, at, pale=hung.pale)
        elif hung.kind == "three":
            self.frames.draw_three(out, at)
        hung.draw(out, at, light * (QUIET_GLOW + (1.0 - QUIET_GLOW) * share), veil)


def _hung_in(at: Pose, thing: Thing) -> tuple[str, Laid]:
    """A thing of a piece that hangs there."""
    (px, py, pz), (_, s, _, c) = at
    x, y, z = thing.place
    sin_, cos_ = 2.0 * s * c, c * c - s * s
    place = px + cos_ * x + sin_ * z, py + y, pz - sin_ * x + cos_ * z
    return thing.name, Laid(place, thing.size, thing.turn, yaw=2.0 * atan2(s, c), before=max(z, SHADE))


def _lifted(place: Vec3, lift: float) -> Vec3:
    return place[0], place[1] + lift, place[2]


def _smooth(share: float) -> float:
    """0..1 to 0..1 with level ends."""
    return share * share * (3.0 - 2.0 * share)
