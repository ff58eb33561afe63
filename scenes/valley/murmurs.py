"""Sounds with places of their own in the clearing: each grows clearer while one attends to it, and softens again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from scenes.valley.attention import Spot
from vr_app.api import AudioEngine, Vec3

NEAR: Final = 1.25  # metres from the seated ears at which a far sound is put in its direction; its gain is said here
EARS: Final = (0.0, 1.2, 0.0)
STEP_DB: Final = 0.75  # by which a gain is changed at least
OVER: Final = 0.9  # seconds of a change
FADE_SECONDS: Final = 5.0
BELL_EVERY: Final = (23.0, 12.0)  # seconds between two strokes, before one listens and while one does
BELL_FIRST: Final = 9.0
BELL_SEED: Final = 1  # of audio/cues/bowl.py: A3
DARK: Final = frozenset({"blue_hour", "night"})


class Murmur(NamedTuple):
    """How one of them sounds."""

    cue: str
    low: float  # dB while nobody listens
    ready: float  # while one may
    clear: float  # while attention rests on it
    ways: tuple[tuple[str, float], ...] = ()  # parameters of its cue


BIRD: Final = Murmur("birds", -13.0, -9.0, 1.0, (("song", 1.5), ("often", 2.4)))
CRICKETS: Final = Murmur("night", -13.0, -9.0, 0.0, (("owl", 0.0),))
LEAVES: Final = Murmur("wind", -12.0, -8.0, 0.0, (("leaves", 2.0), ("force", 0.95)))
WIRE: Final = Murmur("wind_harp", -18.0, -13.0, -3.0, (("air", 0.0), ("force", 0.9)))
BELL: Final = Murmur("bowl", -20.0, -14.0, -5.0)


class Murmurs:
    """`update` once a frame; the bell is the last of the places, and is struck."""

    def __init__(self, sound: AudioEngine, spots: Sequence[Spot], hour: str) -> None:
        self._sound = sound
        self._places = [_near(spot.centre) for spot in spots]
        self._kinds = (CRICKETS if hour in DARK else BIRD, LEAVES, WIRE)
        self._voices: list[int] = []
        self._told = [kind.low for kind in self._kinds]
        self._bell = BELL_FIRST  # seconds until it is struck
        for kind, place in zip(self._kinds, self._places, strict=False):
            voice = sound.play(
                kind.cue, position=place, gain_db=kind.low, fade=FADE_SECONDS, seed=sum(kind.cue.encode())
            )
            for name, value in kind.ways:
                sound.turn(voice, name, value, over=0.0)
            self._voices.append(voice)

    def update(self, passed: float, warmth: Sequence[float], *, listening: bool) -> None:
        """`passed` seconds of the living world on; `warmth` of each place, 0..1."""
        for n, kind in enumerate(self._kinds):
            wanted = _gain(kind, warmth[n], listening)
            if abs(wanted - self._told[n]) >= STEP_DB:
                self._told[n] = wanted
                self._sound.shape(self._voices[n], gain_db=wanted, over=OVER)
        self._bell -= passed
        if self._bell <= 0.0:
            self._bell = BELL_EVERY[listening]
            gain = _gain(BELL, warmth[-1], listening)
            self._sound.play(BELL.cue, position=self._places[-1], gain_db=gain, once=True, seed=BELL_SEED)


def _gain(kind: Murmur, warmth: float, listening: bool) -> float:
    rest = kind.ready if listening else kind.low
    return rest + (kind.clear - rest) * warmth * warmth * (3.0 - 2.0 * warmth)


def _near(place: Vec3) -> Vec3:
    """In the same direction, at arm's length: how loud it is there is ours to say."""
    x, y, z = (there - here for there, here in zip(place, EARS, strict=True))
    share = NEAR / (x * x + y * y + z * z) ** 0.5
    return EARS[0] + share * x, EARS[1] + share * y, EARS[2] + share * z
