"""The mark on Harborlight's windows: a lantern at dusk."""

from __future__ import annotations

import numpy as np

from vr_app.desktop.sdl import pygame

_SIDE = 64
_DUSK, _LANTERN = np.array([0x2B, 0x35, 0x58], float), np.array([0xFF, 0xC2, 0x7A], float)


def icon() -> pygame.Surface:
    """64 x 64 pixels."""
    x, y = np.meshgrid(np.arange(_SIDE) + 0.5 - _SIDE / 2, np.arange(_SIDE) + 0.5 - _SIDE / 2, indexing="ij")
    away = np.hypot(x, y * 0.9) / (_SIDE / 2)
    lit = np.clip((0.52 - away) * 12 + 0.5, 0.0, 1.0) + 0.45 * np.clip(1.0 - away, 0.0, 1.0) ** 2
    colours = _DUSK + (_LANTERN - _DUSK) * np.clip(lit, 0.0, 1.0)[..., None]
    picture = pygame.Surface((_SIDE, _SIDE), pygame.SRCALPHA)
    pygame.surfarray.blit_array(picture, colours.astype(np.uint8))
    pygame.surfarray.pixels_alpha(picture)[:] = (np.clip((1.0 - away) * 16, 0.0, 1.0) * 255).astype(np.uint8)
    return picture
