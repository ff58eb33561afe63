"""Lantern: in the calm room a paper lantern swells and settles with a slow breath. Breathing along is never asked."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi
from typing import Annotated

from scenes.valley.outside import Outside
from scenes.valley.pace import Pacer
from scenes.valley.room import Room
from scenes.valley.sounds import Sounds
from vr_app.api import Frame, Kit, Pass, Range, Scene, SceneInfo, Stage, Vec3

IN_SHARE = 0.4  # of a breath: 4 s in and 6 s out at 6 breaths a minute
STEADY = 0.4  # glow while the session is quiet, 0..1
SETTLE_SECONDS, RESUME_SECONDS = 4.0, 6.0  # into the steady glow, and back to the breath
PULL = 9.0 / SETTLE_SECONDS  # 1/s: a critically damped pull has come within 1 % after this time
LOW, HIGH = 0.16, 1.05  # radiance of the paper at the ends of a breath
SWELL = 0.006  # metres by which the globe grows with a breath


def breath(phase: float) -> float:
    """Glow 0..1 at `phase` in breaths: up over the first 40 %, down over the rest, still at both ends (C1)."""
    phase %= 1.0
    if phase < IN_SHARE:
        return 0.5 - 0.5 * cos(pi * phase / IN_SHARE)
    return 0.5 + 0.5 * cos(pi * (phase - IN_SHARE) / (1.0 - IN_SHARE))


def smooth(share: float) -> float:
    """0..1 to 0..1 with level ends."""
    return share * share * (3.0 - 2.0 * share)


@dataclass(frozen=True, slots=True)
class LanternSettings:
    breaths_per_minute: Annotated[float, Range(5.5, 10.0, 0.5, "1/min")] = 6.0
    warmth: Annotated[float, Range(0.0, 1.0, 0.1)] = 0.5  # 0: pale straw, 1: amber
    brightness: Annotated[float, Range(0.5, 1.0, 0.1)] = 0.9


class Lantern(Scene):
    """The phase moves by guided time only; while quiet, or while nothing paces, the glow comes to rest."""

    info = SceneInfo(
        id="lantern",
        title="Lantern",
        summary="A paper lantern that swells and settles with a slow breath.",
        kind="centering",
        minutes=(2.0, 10.0),
        flags=frozenset({"breath", "enclosed", "water"}),  # the harbour lies before its window
        golden_times=(0.0, 4.0, 8.0),
        anchor="sight",
    )
    Settings = LanternSettings

    def build(self, kit: Kit) -> None:
        self.room, self.outside = kit.share(Room), Outside(kit)

    def enter(self, stage: Stage) -> None:
        self.outside.enter(stage.memory)
        self.sounds = Sounds(stage.sound, "room")
        self.phase = self.glow = self.time = 0.0  # breaths, 0..1, session seconds of the last frame
        self.pace = self.drift = 0.0  # of glow and rest, 1/s
        self.rest = STEADY  # what the glow is without the breath
        self.guided = 1.0  # how much of the glow is the breath's
        self.pacer: Pacer | None = None

    def update(self, frame: Frame) -> None:
        self.outside.update(frame)
        settings: LanternSettings = frame.settings
        passed = min(max(frame.time - self.time, 0.0), 0.1)
        self.time = frame.time
        if self.pacer is None:
            self.pacer = Pacer(settings.breaths_per_minute)
        self.pacer.update(frame.dt, settings.breaths_per_minute, frame.inputs.breath, self.phase)
        self.phase = (self.phase + frame.dt * self.pacer.rate / 60.0) % 1.0
        if self.pacer.leads and not frame.quiet:
            self.guided = min(self.guided + passed / RESUME_SECONDS, 1.0)
        elif self.guided > 0.0:  # from here on the glow comes to rest by itself, without a jolt
            self.rest, self.drift, self.guided = self.glow, self.pace, 0.0
        self.drift += passed * PULL * (PULL * (STEADY - self.rest) - 2.0 * self.drift)
        self.rest += passed * self.drift
        before = self.glow
        self.glow = self.rest + (breath(self.phase) - self.rest) * smooth(self.guided)
        self.pace = (self.glow - before) / passed if passed else self.pace

    def draw(self, frame: Frame, out: Pass) -> None:
        settings: LanternSettings = frame.settings
        radiance = (LOW + (HIGH - LOW) * self.glow) * settings.brightness
        warm = settings.warmth
        lantern: Vec3 = (radiance, radiance * (0.66 - 0.16 * warm), radiance * (0.36 - 0.20 * warm))
        self.room.draw(out, lantern, swell=SWELL * self.glow)
        self.outside.draw(frame, out)
        self.room.draw_halo(out, lantern)
