"""Makes assets/hrtf/kemar.npz, what a head does to sound, from Debian's copy of MIT's measurements of a dummy head.

`python -m headless_harness.hrtf_data` (Debian or Ubuntu: it fetches two packages and runs the reader in one of them)
writes that file and the untouched horizontal plane for tests/audio/test_space.py. Why it does what it does: ADR 52.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import signal, spatial

from audio.block import RATE

CHECKOUT: Final = Path(__file__).parents[1]
DATA: Final = CHECKOUT / "assets" / "hrtf" / "kemar.npz"
HORIZON: Final = CHECKOUT / "tests" / "audio" / "kemar_horizon.npz"
PACKAGES: Final = ("libmysofa1", "libmysofa-utils")
SOFA_SHA256: Final = "2768ac841213a7ae11d1ea7fd0f25a69b39216102dc5dd913ea6ba0f0dc57e28"  # 1.3.1~dfsg0-1, Debian 12

TAPS: Final = 128
_MEASURED: Final = 512  # taps, at 44.1 kHz
_LENGTH: Final = 1024  # of the transforms here, frames
_HERTZ: Final = np.fft.rfftfreq(_LENGTH, 1.0 / RATE)
_BEFORE: Final = 20  # frames kept before a response's delay: the loudspeaker's filters ring before they strike
_RISE, _FALL = 6, 24  # frames of the window's slopes
_BASS: Final = 250.0  # Hz; below, the small loudspeaker gives little and the room of 128 taps ends
_DEEPEST: Final = 10.0 ** (-14.0 / 20.0)  # of the diffuse field that is made up for: the highest treble stays soft
_ALIGNED_BELOW: Final = 8000.0  # Hz; above, a contralateral ear hears more noise than sound
_PLAIN_ABOVE: Final = 2400.0  # Hz; and an octave lower measured phases begin to give way
_SMOOTHING: Final = 0.5  # how much a delay is drawn to its neighbours'

Floats = NDArray[np.float64]
Spectra = NDArray[np.complex128]


class Measured(NamedTuple):
    """710 directions: azimuth to the left, elevation (degrees), and the left ear's responses [direction, tap].

    The right ear's are the same, mirrored: MIT offers the normal pinna so.
    """

    azimuth: Floats
    elevation: Floats
    left: Floats
    mirror: NDArray[np.int64]  # the direction on the other side


def read(folder: Path) -> Measured:
    """Fetch, unpack and read. Raises ValueError when it isn't the file that this was made for."""
    for package in PACKAGES:
        subprocess.run(["apt-get", "download", package], cwd=folder, check=True, capture_output=True)
    for archive in sorted(folder.glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", archive, folder], check=True)
    sofa = folder / "usr/share/libmysofa/MIT_KEMAR_normal_pinna.sofa"
    if hashlib.sha256(sofa.read_bytes()).hexdigest() != SOFA_SHA256:
        raise ValueError(f"{sofa.name} is not the one whose text and licence were read")
    libraries = {**os.environ, "LD_LIBRARY_PATH": str(next(folder.glob("usr/lib/*-linux-gnu")))}
    text = subprocess.run(
        [folder / "usr/bin/mysofa2json", "-s", sofa], env=libraries, check=True, capture_output=True
    ).stdout
    variables: dict[str, Any] = json.loads(text)["Variables"]
    places = np.array(variables["SourcePosition"]["Values"]).reshape(-1, 3)
    both = np.array(variables["Data.IR"]["Values"]).reshape(-1, 2, _MEASURED)
    both = np.rint(both * 32768.0) / 32768.0  # MIT's 16 bits, of which the text shows six figures
    azimuth, elevation = places[:, 0], places[:, 1]
    apart = np.abs((azimuth[:, None] + azimuth + 180.0) % 360.0 - 180.0) + np.abs(elevation[:, None] - elevation)
    mirror = apart.argmin(axis=1)
    if not (both[mirror, 0] == both[:, 1]).all():
        raise ValueError("the ears are not each other's mirror image")
    return Measured(azimuth, elevation, both[:, 0], mirror)


def directions(measured: Measured) -> Floats:
    """Unit vectors in the head's frame: x right, y up, -z ahead."""
    azimuth, elevation = np.radians(measured.azimuth), np.radians(measured.elevation)
    return np.stack(
        [-np.sin(azimuth) * np.cos(elevation), np.sin(elevation), -np.cos(azimuth) * np.cos(elevation)], axis=1
    )


def smallest_phase(magnitudes: Floats) -> Spectra:
    """The spectra with these magnitudes and the least delay (Oppenheim and Schafer, the folded cepstrum)."""
    cepstrum = np.fft.irfft(np.log(np.maximum(magnitudes, 1e-6)))
    half = cepstrum.shape[-1] // 2
    cepstrum[..., 1:half] *= 2.0
    cepstrum[..., half + 1 :] = 0.0
    return np.exp(np.fft.rfft(cepstrum))


def diffuse_field(measured: Measured, spectra: Spectra) -> Floats:
    """Magnitudes of what arrives from everywhere: loudspeaker, microphone and ear canal, in a sixth of an octave.

    Each ring of measurements stands for its own band of the sphere, the lowest for all below it too.
    """
    weights = np.empty(len(spectra))
    rings, count = np.unique(measured.elevation, return_counts=True)
    edges = np.concatenate([[-90.0], (rings[1:] + rings[:-1]) / 2.0, [90.0]])
    for ring, many, band in zip(rings, count, np.diff(np.sin(np.radians(edges))), strict=True):
        weights[measured.elevation == ring] = band / many / 2.0
    power = weights @ np.abs(spectra) ** 2
    width = 2.0 ** (1.0 / 12.0)
    bands = (_HERTZ[:, None] / width <= _HERTZ) & (_HERTZ[:, None] * width >= _HERTZ)
    return np.asarray(np.sqrt((bands @ power) / bands.sum(axis=1)))


def equalised(measured: Measured) -> Spectra:
    """At 48 kHz, as of a head alone: as loud from everywhere together as a sound without a head."""
    spectra = np.fft.rfft(signal.resample_poly(measured.left, RATE // 300, 44_100 // 300, axis=1), _LENGTH)
    field = diffuse_field(measured, spectra)
    field[_HERTZ < _BASS] = field[np.argmax(_HERTZ >= _BASS)]
    return np.asarray(spectra * smallest_phase(1.0 / np.maximum(field, _DEEPEST)))


def delays(spectra: Spectra, triangles: NDArray[np.int64]) -> Floats:
    """Frames by which each response is late against its own smallest phase (Nam, Abel and Smith 2008), made smooth.

    Where sound comes round the head both ways, the later way may win from one direction to the next.
    """
    finer = 16
    cross = spectra * smallest_phase(np.abs(spectra)).conj()
    cross[:, _ALIGNED_BELOW < _HERTZ] = 0.0
    late = np.fft.irfft(cross, finer * _LENGTH)[:, : finer * 128].argmax(axis=1) / finer
    near = np.zeros((len(late), len(late)))
    for a, b in ((0, 1), (1, 2), (2, 0)):
        near[triangles[:, a], triangles[:, b]] = near[triangles[:, b], triangles[:, a]] = 1.0
    pull = np.diag(near.sum(axis=1)) - near
    return np.asarray(np.linalg.solve(np.eye(len(late)) + _SMOOTHING * pull, late))


def aligned(spectra: Spectra, late: Floats) -> Floats:
    """Responses without their delays, [direction, TAPS], that can be mixed with a neighbour's.

    Phases are the measured ones where ears hear time by them, and the smallest possible where they don't: there those
    of two neighbours may be opposed. Below the bass as loud and as late as just above it.
    """
    plain = smallest_phase(np.abs(spectra))
    extra = np.unwrap(np.angle(spectra * np.exp(2j * np.pi * _HERTZ / RATE * late[:, None]) * plain.conj()), axis=1)
    share = np.clip(np.log2(_PLAIN_ABOVE / np.maximum(_HERTZ, 1.0)), 0.0, 1.0)  # over the octave below
    extra *= share**2 * (3.0 - 2.0 * share)
    spectra = plain * np.exp(1j * (extra - 2.0 * np.pi * _HERTZ / RATE * _BEFORE))
    edge = np.argmax(_HERTZ >= _BASS)
    known = spectra[:, edge, None]
    spectra[:, :edge] = np.abs(known) * np.exp(1j * np.angle(known) * _HERTZ[:edge] / _HERTZ[edge])
    window = np.ones(TAPS)
    window[:_RISE] = np.sin(np.pi / 2.0 * (np.arange(_RISE) + 0.5) / _RISE) ** 2
    window[-_FALL:] = np.cos(np.pi / 2.0 * (np.arange(_FALL) + 0.5) / _FALL) ** 2
    return np.asarray(np.fft.irfft(spectra)[:, :TAPS] * window)


def _with_nadir(values: NDArray[Any], lowest: NDArray[np.bool_]) -> NDArray[Any]:
    """One more direction, straight below, where nothing was measured: the mean of the lowest ring."""
    return np.concatenate([values, values[lowest].mean(axis=0, keepdims=True)])


def make(measured: Measured) -> dict[str, NDArray[Any]]:
    """The arrays of the data file."""
    lowest = measured.elevation == measured.elevation.min()
    points = np.concatenate([directions(measured), [[0.0, -1.0, 0.0]]])
    triangles = spatial.ConvexHull(points).simplices.astype(np.int64)
    measured_only = triangles[(triangles < len(lowest)).all(axis=1)]
    spectra = equalised(measured)
    late = delays(spectra, measured_only)
    responses = _with_nadir(aligned(spectra, late), lowest)
    scale = float(np.abs(responses).max()) / 32767.0
    return {
        "directions": points.astype(np.float32),
        "triangles": np.sort(triangles, axis=1).astype(np.int16),
        "mirror": np.append(measured.mirror, len(lowest)).astype(np.int16),
        "late": _with_nadir(late - late.min(), lowest).astype(np.float32),
        "responses": np.rint(responses / scale).astype(np.int16),
        "scale": np.array(scale, np.float32),
    }


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        measured = read(Path(folder))
    DATA.parent.mkdir(exist_ok=True)
    np.savez_compressed(DATA, **make(measured))  # type: ignore[arg-type]
    level = measured.elevation == 0.0
    np.savez_compressed(
        HORIZON,
        azimuth=measured.azimuth[level].astype(np.float32),
        left=np.rint(measured.left[level] * 32768.0).astype(np.int16),
    )
    for path in (DATA, HORIZON):
        print(f"{path.relative_to(CHECKOUT)}: {path.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
