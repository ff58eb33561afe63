"""Sounds with places that share a bed's loudness: one may come forward, others recede, and all together stay as loud.

Each layer has a weight, in dB over the beds of its place; from the weights follow gains whose powers add up to a bed's.
Struck sounds take no part in that: they come now and then, and the governor of the graph keeps them soft.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import hypot, log10
from typing import Final, NamedTuple, Protocol

from scenes.valley.sounds import Sounds
from vr_app.api import Vec3

FADE_SECONDS: Final = 6.0  # in which a layer comes, goes or changes
PLACED_DB: Final = -0.2  # what ears take from a bed that has a place a metre away, given back here
LEAST_DB: Final = -40.0  # of a weight: below it is silence
EAR: Final = (0.0, 1.2, 0.0)


class Layer(NamedTuple):
    """A bed with a place."""

    cue: str
    place: Vec3
    ways: Mapping[str, float] = {}  # parameters of its cue


class Voices(Protocol):
    """Of vr_app.api.AudioEngine, what is needed here."""

    def play(self, cue: str, *, position: Vec3, gain_db: float, fade: float, seed: int) -> int: ...
    def shape(self, voice: int, *, gain_db: float, over: float) -> None: ...
    def turn(self, voice: int, name: str, value: float, *, over: float) -> None: ...
    def stop(self, voice: int, *, fade: float) -> None: ...


class Layers:
    """Of one visit."""

    def __init__(self, sound: Voices, beds: Sounds, seed: int = 0) -> None:
        self._sound, self._beds, self._seed = sound, beds, seed
        self._voices: dict[str, int] = {}
        self._gains: dict[str, float] = {}

    def want(self, layers: Mapping[str, tuple[Layer, float]]) -> None:
        """These layers, by name of their cue, each with its weight in dB; told when something has changed, only."""
        heard = {name: each for name, each in layers.items() if each[1] > LEAST_DB}
        total = 1.0 + sum(10.0 ** (weight / 10.0) for _, weight in heard.values())
        share = -10.0 * log10(total)
        self._beds.gain_db = share
        for name in [name for name in self._voices if name not in heard]:
            self._sound.stop(self._voices.pop(name), fade=FADE_SECONDS)
            del self._gains[name]
        for name, (layer, weight) in heard.items():
            self._one(name, layer, weight + share + given_back(layer.place))

    def turn(self, name: str, parameter: str, value: float) -> None:
        """A parameter of a layer that is heard."""
        if name in self._voices:
            self._sound.turn(self._voices[name], parameter, value, over=FADE_SECONDS)

    def _one(self, name: str, layer: Layer, gain_db: float) -> None:
        if name in self._voices:
            if abs(self._gains[name] - gain_db) > 0.05:
                self._sound.shape(self._voices[name], gain_db=gain_db, over=FADE_SECONDS)
        else:
            seed = self._seed + sum(name.encode())
            voice = self._sound.play(layer.cue, position=layer.place, gain_db=gain_db, fade=FADE_SECONDS, seed=seed)
            self._voices[name] = voice
            for parameter, value in layer.ways.items():
                self._sound.turn(voice, parameter, value, over=0.0)
        self._gains[name] = gain_db


def given_back(place: Sequence[float]) -> float:
    """dB that distance and ears take from a sound with a place."""
    x, y, z = (place[k] - EAR[k] for k in range(3))
    return PLACED_DB + 20.0 * log10(max(hypot(x, y, z), 1.0))
