"""Judges what comes of a place by KEMAR's own responses: `python -m headless_harness.hearing [FILE.jpg]`.

Prints by how much time and level differences between the ears depart from MIT's measurements of the horizontal plane,
all 512 taps of them, and draws both. The judges share no code with what they judge.
"""

from __future__ import annotations

import argparse
import sys
from functools import cache
from math import cos, radians, sin
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from audio.block import BLOCK, RATE, Samples, silence
from audio.duck import BUSES, Bus
from audio.space import Placed, Space

LENGTH: Final = 4096  # of the judges' transforms, frames
HERTZ: Final = np.fft.rfftfreq(LENGTH, 1.0 / RATE)
OCTAVES: Final = (500, 1000, 2000, 4000, 8000)
KEMAR_METRES: Final = 1.4  # of the loudspeaker from the head's middle

_HORIZON: Final = Path(__file__).parents[1] / "tests" / "audio" / "kemar_horizon.npz"
_LAGS: Final = np.arange(-1000, 1001) * 1e-6
_HEARD: Final = (HERTZ > 100.0) & (HERTZ < 4000.0)
_TURNS: Final = np.exp(2j * np.pi * _LAGS[:, None] * HERTZ[_HEARD])

Floats = NDArray[np.float64]
Vec3 = tuple[float, float, float]


class _Nothing:
    def fill(self, out: Samples, at: int) -> bool:
        out.fill(0.0)
        return at < 0


class Stage:
    """Sounds in a space without the chain behind it."""

    def __init__(self, *positions: Vec3) -> None:
        self.space, self.at = Space(), 0
        self.placed = [Placed(_Nothing(), position) for position in positions]
        self.seats = [self.space.sit(Bus.SPATIAL, placed) or 0 for placed in self.placed]
        self._buses = silence(BUSES)

    def block(self, *sounds: Samples) -> Samples:
        """[BLOCK] for each seat -> [BLOCK, 2]."""
        self._buses.fill(0.0)
        for seat, placed, sound in zip(self.seats, self.placed, sounds, strict=True):
            self.space.take(seat, placed, np.repeat(sound[:, None], 2, axis=1), 1.0, 1.0)
        self.at += BLOCK
        self.space.sound(self._buses, self.at)
        return np.array(self._buses[Bus.SPATIAL])

    def play(self, sound: Samples) -> Samples:
        """[frames] -> [frames, 2] of a single seat."""
        return np.concatenate([self.block(part) for part in sound.reshape(-1, BLOCK)])


def around(azimuth: float, metres: float = KEMAR_METRES, elevation: float = 0.0) -> Vec3:
    """A place by degrees to the left and up, as in KEMAR's tables."""
    a, e = radians(azimuth), radians(elevation)
    return -metres * sin(a) * cos(e), metres * sin(e), -metres * cos(a) * cos(e)


def response(position: Vec3) -> Floats:
    """Both ears' answers to an impulse, [2, 2 blocks]."""
    impulse = np.zeros(2 * BLOCK, np.float32)
    impulse[0] = 1.0
    return np.asarray(Stage(position).play(impulse).T, float)


@cache
def measured() -> dict[float, Floats]:
    """By azimuth, MIT's responses of both ears at 48 kHz, untouched: the right ear's are the left's, mirrored."""
    with np.load(_HORIZON) as data:
        left = dict(zip(data["azimuth"].tolist(), data["left"] / 32768.0, strict=True))
    return {a: signal.resample_poly([left[a], left[(360.0 - a) % 360.0]], 160, 147, axis=1) for a in left}


def later(ears: NDArray[Any]) -> float:
    """Microseconds by which the left ear hears later, by the phases between 300 Hz and 1.5 kHz, where they are heard.

    Magnitudes don't count, so that an equaliser that both ears have changes nothing.
    """
    left, right = np.fft.rfft(ears, LENGTH)[:, _HEARD]
    cross = left * right.conj() / (np.abs(left * right) + 1e-15)
    cross *= np.exp(-((np.log(HERTZ[_HEARD] / 671.0) / np.log(2.236)) ** 4))
    return float(_LAGS[(_TURNS @ cross).real.argmax()] * 1e6)


def louder(ears: NDArray[Any]) -> Floats:
    """Decibels by which the left ear hears more in each of OCTAVES: the mean of its three thirds."""
    power = np.abs(np.fft.rfft(ears, LENGTH)) ** 2
    thirds = 1000.0 * 2.0 ** (np.arange(-4, 11) / 3.0)
    bands = [(third * 2.0 ** (-1 / 6) <= HERTZ) & (third * 2.0 ** (1 / 6) > HERTZ) for third in thirds]
    differences = [10.0 * np.log10(power[0, band].sum() / power[1, band].sum()) for band in bands]
    return np.asarray(np.reshape(differences, (5, 3)).mean(axis=1))


def draw(file: Path, azimuths: Floats, ours: tuple[Floats, Floats], theirs: tuple[Floats, Floats]) -> None:
    """Time and level differences by azimuth: lines are ours, dots are KEMAR."""
    from matplotlib import pyplot  # slow to import, and only for the picture

    figure, (above, below) = pyplot.subplots(2, 1, figsize=(7.0, 6.0), sharex=True, layout="constrained")
    fine = np.arange(0.0, 360.0, 1.0)
    above.plot(fine, ours[0], lw=1.0)
    above.plot(azimuths, theirs[0], ".", ms=4.0, color="black")
    above.set_ylabel("left ear later, us")
    for i, octave in enumerate(OCTAVES):
        (line,) = below.plot(fine, ours[1][:, i], lw=1.0, label=f"{octave} Hz")
        below.plot(azimuths, theirs[1][:, i], ".", ms=4.0, color=line.get_color())
    below.set_ylabel("left ear louder, dB")
    below.set_xlabel("degrees to the left; lines: a place, every degree; dots: KEMAR, every 5 degrees")
    below.legend(fontsize="small", ncols=5)
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=90, pil_kwargs={"quality": 80})


def _errors(found: Floats) -> str:
    return f"{np.abs(found).max():.2f} at most, {np.sqrt((found**2).mean()):.2f} rms"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", type=Path, nargs="?", help="a picture of both")
    options = parser.parse_args(arguments)
    azimuths = np.array(list(measured()))
    theirs = np.array([later(ears) for ears in measured().values()]), np.array([*map(louder, measured().values())])
    whole = [response(around(azimuth)) for azimuth in range(360)]
    ours = np.array([later(ears) for ears in whole]), np.array([louder(ears) for ears in whole])
    at = azimuths.astype(int)
    late, level = ours[0][at] - theirs[0], ours[1][at] - theirs[1]
    print(f"time differences: {_errors(late)} us; the longest is {theirs[0].max():.0f}")
    for octave, errors in zip(OCTAVES, level.T, strict=True):
        print(f"level differences about {octave} Hz: {_errors(errors)} dB")
    if options.file:
        draw(options.file, azimuths, ours, theirs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
