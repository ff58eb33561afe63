"""One tiling texture of natural variation that all of the valley's surfaces share (shaders/include/grain.glsl)."""

from __future__ import annotations

import numpy as np

from scenes.valley.shapes import Floats
from vr_app.api import Arrays, Image, Kit

SIZE = 512  # pixels of the tile's side


def grain_arrays() -> Arrays:
    """'grain' (SIZE, SIZE, 4) float32: four independent fields of mean 0 and deviation 0.4, cut at -1 and 1."""
    bands = ((2.0, 24.0, 1.5), (2.0, 24.0, 1.5), (8.0, 96.0, 1.0), (32.0, 200.0, 0.5))
    made = [_field(seed, *band) for seed, band in enumerate(bands)]
    return {"grain": np.stack(made, axis=-1).astype(np.float32)}


def _field(seed: int, lowest: float, highest: float, fall: float) -> Floats:
    """Noise between two frequencies (waves a tile) whose amplitude falls as 1 / f**fall: no grid, no seam."""
    random = np.random.default_rng(seed)
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(SIZE, 1 / SIZE), np.fft.fftfreq(SIZE, 1 / SIZE)))
    amplitude = np.where(frequency > 0, np.maximum(frequency, 1.0) ** -(fall + 0.5), 0.0)
    amplitude *= np.clip(frequency / lowest - 0.5, 0, 1) * np.exp(-((frequency / highest) ** 2))
    spectrum = amplitude * np.exp(2j * np.pi * random.random((SIZE, SIZE)))
    field = np.fft.ifft2(spectrum).real
    return np.asarray(np.clip(0.4 * field / field.std(), -1, 1))


def grain_image(kit: Kit) -> Image:
    """For `Kit.share`."""
    return kit.image(kit.bake(grain_arrays)["grain"], repeat=True)
