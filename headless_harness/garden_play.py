"""A lively player in the sound garden, through the real mix: `python -m headless_harness.garden_play [--minutes 5]`.

Both hands never rest, four loops play, the wind harp sings and all is recorded; what is heard is held against every
figure of vr_app/limits.py that concerns it, then what is handed over of it. Exit status 1 when one is not
kept. `--out DIR` keeps both sounds as FLAC.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from math import pi, sin
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from audio import offline, performance
from audio.block import BLOCK, RATE, Samples
from headless_harness.census import NotingKit
from headless_harness.sound_hours import STEP, Judge, Reading, strikes
from headless_harness.sound_judge import HARSH, share_db, slope_db
from scenes.sound_garden import HARP, LIGHTS, LOOP_AT, POINTS, SAID, SIGN_AT, THINGS, SoundGarden, SoundGardenSettings
from scenes.valley.instruments import SPOTS
from scenes.valley.looper import LOOPS
from scenes.valley.named import Named
from scenes.valley.sounds import Sounds
from vr_app import limits
from vr_app.api import AudioEngine, Frame, Hand, Inputs, Pose, Stage, Vec3
from vr_app.mix import BEGINS, Player
from vr_app.remembered import Remembered
from vr_app.scripted.headset import looking, looking_at
from vr_app.works.works import Works

HZ: Final = 90
EYE: Final = (0.0, 1.2, 0.0)
SETTINGS: Final = SoundGardenSettings(recording="on")
BEGINS_PLAYING: Final = 7.0  # seconds: beds are there
STROKE_SECONDS: Final = 0.24  # of each hand, from one thing to the next: twice as often as may be heard
HOVER: Final = 0.24  # metres over a thing
LOOP_SECONDS: Final = 5.0  # of each, listening
PRESS_SECONDS: Final = 0.1
STILL_SECONDS: Final = 0.4  # of both hands about a press
Hands = tuple[Hand | None, Hand | None]


class Garden:
    """The scene without its pictures, a frame at a time."""

    def __init__(self, sound: AudioEngine, works: Works | None = None, *, beds: bool = True) -> None:
        """`beds`: wind and surf about it, and the drone."""
        self.works = works or Works()
        self.scene, self.time, self.pulses = SoundGarden(), 0.0, _Pulses()
        self.scene.place = _Terrace(beds=beds)  # type: ignore[assignment]
        self.scene.named = Named(NotingKit(), SAID)
        self.scene.rows = np.zeros((LOOPS * LIGHTS + 3 + POINTS, 16), np.float32)
        self.scene.lights = _Nowhere()
        memory, of_scene = Remembered().of("sound_garden"), self.works.of("sound_garden")
        self.scene.enter(Stage(self.pulses, sound, memory, of_scene, _ignored, _ignored))

    def frame(
        self, hands: Hands = (None, None), settings: SoundGardenSettings = SETTINGS, *, passed: float = 1.0 / HZ,
        head: Pose = looking(0.0, 0.7, EYE), quiet: bool = False,
    ) -> None:  # fmt: skip
        """The head looks at the sky, where nothing is, unless told."""
        self.time += passed
        dt = 0.0 if quiet else passed
        inputs = Inputs(head, left=hands[0], right=hands[1])
        self.scene.update(Frame(0, self.time, self.time, dt, quiet, inputs, settings))


class _Terrace:
    def __init__(self, *, beds: bool) -> None:
        self._beds = beds

    def enter(self, stage: Stage) -> None:
        self.sounds = Sounds(stage.sound, "terrace")

    def update(self, frame: Frame, settings: SoundGardenSettings) -> None:
        if self._beds:
            self.sounds.outdoors(settings.time_of_day, 0.5)


class _Nowhere:
    def write(self, first: int, rows: Any) -> None:
        """No picture."""


class _Pulses:
    def __init__(self) -> None:
        self.count = 0

    def pulse(self, hand: str, gain: float, seconds: float) -> None:
        self.count += 1


def _ignored(*_: Any) -> None:
    """Nobody reads it."""


# --- the player


class Lively:
    """Where both hands are at any second: strikes without rest, and a press of the left ray where one is due."""

    def __init__(self, seed: int = 7) -> None:
        self._random = np.random.default_rng(seed)
        self._ways = [self._way(), self._way()]
        self._presses = [(5.0, SIGN_AT[2]), (6.0, SPOTS[HARP].centre)]
        for n, at in enumerate(LOOP_AT):
            begin = BEGINS_PLAYING + n * (LOOP_SECONDS + 1.0)
            self._presses += [(begin, at), (begin + LOOP_SECONDS, at)]
        self._presses += [(60.0 * k, SIGN_AT[0]) for k in range(1, 60)]  # another scale each minute

    def _way(self) -> list[Vec3]:
        return [THINGS[int(n)][0] for n in self._random.integers(0, len(THINGS), 20_000)]

    def at(self, seconds: float) -> Hands:
        for due, place in self._presses:
            if abs(seconds - due) < STILL_SECONDS:
                return pointing(place, 1.0 if 0.0 <= seconds - due < PRESS_SECONDS else 0.0), None
        if seconds < BEGINS_PLAYING:
            return None, None
        return self._hand(0, seconds), self._hand(1, seconds + 0.5 * STROKE_SECONDS)

    def _hand(self, side: int, seconds: float) -> Hand:
        """Over to the next thing, then down onto it and up again."""
        number, share = divmod(seconds / STROKE_SECONDS, 1.0)
        before, after = (np.array(self._ways[side][(int(number) + k) % 20_000]) for k in (0, 1))
        over = before + (after - before) * min(2.0 * share, 1.0)
        dip = sin(pi * max(2.0 * share - 1.0, 0.0))
        x, y, z = (over + np.array([0.0, HOVER * (1.0 - dip), 0.0])).tolist()
        return Hand(Pose((x, y, z)))


def pointing(place: Vec3, select: float) -> Hand:
    origin = (-0.2, 1.1, -0.1)
    return Hand(Pose(origin), looking_at(place, origin), select)


# --- what is heard of it


class Noted:
    """A sound that counts what is struck; `mute`: strikes are counted and not heard."""

    def __init__(self, sound: Any, *, mute: bool) -> None:
        self._sound, self._mute = sound, mute
        self.now = 0.0
        self.strikes: list[float] = []

    def play(self, cue: str, **how: Any) -> int:
        if how.get("once"):
            self.strikes.append(self.now)
            if self._mute:
                return 0
        return int(self._sound.play(cue, **how))

    def gesture(self) -> None:
        if not self._mute:
            self._sound.gesture()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sound, name)


def played(seconds: float, seed: int = 7, *, mute: bool = False) -> tuple[Samples, list[float], Garden]:
    """So long a stay: the sound [frames, 2], when something was struck, and the garden."""
    player, lively = Player({}), Lively(seed)
    noted = Noted(player.sound, mute=mute)
    garden = Garden(noted)
    heard: list[Samples] = []
    for index in range(round(seconds * HZ)):
        noted.now = index / HZ
        garden.frame(lively.at(index / HZ))
        player.sound.listen_from(Pose(EYE), BEGINS + round((index + 1) * 1e9 / HZ))
        heard += [block.copy() for block in player.until(BEGINS + round((index + 1) * 1e9 / HZ))]
    garden.scene.leave()
    return np.concatenate(heard), noted.strikes, garden


class Heard(NamedTuple):
    """What a stay sounded like."""

    reading: Reading
    over: float  # LU that strikes add to the beds, momentary, at most
    ordered: int  # strikes in any second, as they were asked for
    counted: int  # the same, as an envelope shows them
    harsh: float  # dB of all, between 2 and 5 kHz
    slope: float  # dB an octave, 500 Hz to 8 kHz
    struck: int

    def wrong(self) -> list[str]:
        """Which figures are not kept."""
        kept = {
            "momentary": self.reading.most <= limits.MOMENTARY_LUFS,
            "peak": self.reading.peak <= limits.TRUE_PEAK_DBTP,
            "finite": self.reading.finite,
            "over the bed": self.over <= limits.GESTURE_OVER_BED_LU,
            "ordered": self.ordered <= limits.STRIKES_PER_SECOND,
            "counted": self.counted <= limits.STRIKES_PER_SECOND,
            "harsh": self.harsh <= HARSH_DB,
            "played": self.struck > 0,
        }
        return [name for name, good in kept.items() if not good]


HARSH_DB: Final = -9.0  # ours: no bed has more between 2 and 5 kHz (docs/review/sound.md)


def heard(mix: Samples, beds: Samples, struck: Sequence[float]) -> Heard:
    """Of a stay, and of the same one without its strikes."""
    both, alone = Judge(), Judge()
    both.take(mix)
    alone.take(beds)
    first = round(BEGINS_PLAYING * RATE)
    over = (both.momentary() - alone.momentary())[first // BLOCK :]
    envelope = np.abs((mix - beds)[first:]).max(axis=1)
    envelope = envelope[: len(envelope) // STEP * STEP].reshape(-1, STEP).max(axis=1)
    return Heard(
        both.reading(), float(over.max()), most_in_a_second(struck), strikes(envelope),
        share_db(mix[first:], *HARSH), slope_db(mix[first:]), len(struck),
    )  # fmt: skip


def most_in_a_second(moments: Sequence[float]) -> int:
    at = np.array(moments)
    return int(max((np.searchsorted(at, first + 1.0 - 1e-9) - n for n, first in enumerate(moments)), default=0))


def taken_home(garden: Garden) -> Iterator[Samples]:
    """The recording of a stay, as it is handed over."""
    (_, work), *_ = garden.works.finished()
    yield from performance.blocks(performance.read(work._sketch.things))


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="garden_play", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, metavar="DIR")
    chosen = parser.parse_args(arguments)
    mix, struck, garden = played(60.0 * chosen.minutes, chosen.seed)
    found = heard(mix, played(60.0 * chosen.minutes, chosen.seed, mute=True)[0], struck)
    wrong = found.wrong()
    print(f"{found.struck} strikes; {found.reading}\n{found}\n{', '.join(wrong) or 'kept'}")
    home = np.concatenate([block.copy() for block in taken_home(garden)])
    judge = Judge()
    judge.take(home)
    reading = judge.reading()
    good = reading.peak <= limits.TRUE_PEAK_DBTP and reading.most <= limits.MOMENTARY_LUFS and reading.finite
    print(f"taken home: {reading}: {'kept' if good else 'NOT KEPT'}")
    if chosen.out:
        chosen.out.mkdir(parents=True, exist_ok=True)
        for name, sound in (("headset", mix), ("home", home)):
            offline.put(chosen.out / f"{name}.flac", "FLAC", iter(sound.reshape(-1, BLOCK, 2)))
    return 1 if wrong or not good else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
