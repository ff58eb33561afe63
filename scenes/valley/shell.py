"""The calm room's shell and everything in it: measures, flat surfaces, furniture in its place.

The patient sits at the origin. The sun stands where it can shine into the room but not into the seat.
"""

from __future__ import annotations

from math import cos, radians, sin

import numpy as np

from scenes.valley import furniture as make
from scenes.valley.furniture import Furniture
from scenes.valley.light import Panel
from scenes.valley.shapes import box
from vr_app.api import Vec3

LEFT, RIGHT, BACK, FRONT, HEIGHT = -2.2, 2.0, 1.9, -3.0, 2.5
WINDOW = (-1.3, 1.5, 0.6, 2.18)  # left, right, sill and head of the opening; shaders/include/room.glsl repeats it
GLASS = -3.2  # z of the panes; the wall is 20 cm thick
SUN_AZIMUTH, SUN_HEIGHT = radians(31), radians(12)  # left of straight ahead, above the horizon
TO_SUN = np.array([-sin(SUN_AZIMUTH) * cos(SUN_HEIGHT), sin(SUN_HEIGHT), -cos(SUN_AZIMUTH) * cos(SUN_HEIGHT)])
SUN = np.array([1.9, 1.28, 0.74])  # irradiance / pi across the beam; room.glsl repeats it
LEAVES = 0.79  # share of the sun that the tree outside lets through
TABLE: Vec3 = (-1.14, 0.72, -1.92)  # middle of the table's top, the lantern's place
LANTERN_HEIGHT, LANTERN_RADIUS = 0.235, 0.165  # of the globe's centre above the table; of the globe, in metres
LAMP: Vec3 = (0.28, 1.62, BACK - 0.14)

PLASTER: Vec3 = (0.735, 0.70, 0.645)  # lime white, #DED9D2
FLOOR: Vec3 = (0.285, 0.225, 0.175)
CEILING: Vec3 = (0.82, 0.805, 0.775)


def panels() -> dict[str, Panel]:
    """Every flat surface of the shell by name, each facing the room."""
    wide, deep = RIGHT - LEFT, BACK - FRONT
    x0, x1, y0, y1 = WINDOW
    thick = FRONT - GLASS
    return {
        "floor": Panel((LEFT, 0, BACK), (wide, 0, 0), (0, 0, -deep), FLOOR),
        "ceiling": Panel((LEFT, HEIGHT, FRONT), (wide, 0, 0), (0, 0, deep), CEILING),
        "left": Panel((LEFT, 0, BACK), (0, 0, -deep), (0, HEIGHT, 0), PLASTER),
        "right": Panel((RIGHT, 0, FRONT), (0, 0, deep), (0, HEIGHT, 0), PLASTER),
        "front": Panel((LEFT, 0, FRONT), (wide, 0, 0), (0, HEIGHT, 0), PLASTER, (x0 - LEFT, x1 - LEFT, y0, y1)),
        "back": Panel((RIGHT, 0, BACK), (-wide, 0, 0), (0, HEIGHT, 0), PLASTER),
        "jamb_left": Panel((x0, y0, FRONT), (0, 0, -thick), (0, y1 - y0, 0), PLASTER),
        "jamb_right": Panel((x1, y0, GLASS), (0, 0, thick), (0, y1 - y0, 0), PLASTER),
        "head": Panel((x0, y1, GLASS), (x1 - x0, 0, 0), (0, 0, thick), PLASTER),
    }


PLANKS = ("floor", "ceiling")


def furnishing() -> Furniture:
    """Everything that stands or hangs in the room, in its place."""
    x0, x1, y0, y1 = WINDOW
    return make.together(
        [
            _timber(),
            _window_frame(),
            make.rod(x0 - 0.42, x1 + 0.42, y1 + 0.12, FRONT + 0.075),
            make.curtain(x0 - 0.34, x0 - 0.02, y1 + 0.105, 0.3, FRONT + 0.075),
            make.curtain(x1 + 0.03, x1 + 0.36, y1 + 0.105, 0.3, FRONT + 0.075),
            make.jug_of_grass((1.08, y0 + 0.02, GLASS + 0.17)),
            make.bowl((0.72, y0 + 0.02, GLASS + 0.2), "#A9B0AE"),
            make.stones((-0.78, y0 + 0.02, GLASS + 0.2)),
            make.table().placed((TABLE[0], 0.0, TABLE[2]), 0.16),
            make.lantern(LANTERN_RADIUS, LANTERN_HEIGHT).placed(TABLE),
            make.bowl((TABLE[0] + 0.27, TABLE[1], TABLE[2] + 0.1), make.SLATE),
            make.lying_book().placed((TABLE[0] - 0.26, TABLE[1], TABLE[2] + 0.12), 0.4),
            make.chair().placed((1.36, 0.0, -1.5), 0.14),
            make.armchair(),
            make.rug(1.5, 2.1).placed((0.11, 0.0, -0.72), 0.02),
            make.stool().placed((-0.34, 0.009, -1.13), 0.3),
            make.basket((0.42, 0.0, FRONT + 0.24)),
            make.door(0.86, 1.98).placed((LEFT, 0.0, -0.3), np.pi / 2),  # the way out, in view from the chair
            make.mat(0.82, 0.46).placed((LEFT + 0.42, 0.0, -0.3), np.pi / 2),
            make.chest().placed((LEFT + 0.005, 0.0, 1.12), np.pi / 2),
            make.chart(0.66, 0.5).placed((LEFT + 0.002, 1.55, 1.12), np.pi / 2),
            make.hat_and_scarf().placed((RIGHT, 1.62, 1.0), -np.pi / 2),
            make.plant((1.54, 0.0, -2.58)),
            make.shelf().placed((-1.08, 0.0, BACK - 0.005), np.pi),
            make.bench(1.15).placed((1.2, 0.0, BACK - 0.01), np.pi),
            make.wall_lamp().placed((LAMP[0], 1.5, BACK), np.pi),
            make.picture(0.36, 0.5).placed((1.25, 1.42, BACK), np.pi),
        ]
    )


def _timber() -> Furniture:
    """Beams that run into the walls, skirting, a quiet cornice, and a rail of pegs."""
    made = Furniture()
    middle, wide, deep = (LEFT + RIGHT) / 2, RIGHT - LEFT, BACK - FRONT
    for z in (-2.35, -1.1, 0.15, 1.4):
        made.board((wide + 0.08, 0.16, 0.13), (middle, HEIGHT - 0.075, z), make.PINE, cells=0.14, bevel=0.014)
    for z in (FRONT + 0.009, BACK - 0.009):
        made.board((wide, 0.1, 0.018), (middle, 0.046, z), make.OAK, cells=0.12, bevel=0.004)
    for x in (LEFT + 0.009, RIGHT - 0.009):
        made.board((0.018, 0.1, deep), (x, 0.046, (FRONT + BACK) / 2), make.OAK, cells=0.12, bevel=0.004)
    for z in (FRONT + 0.01, BACK - 0.01):
        made.board((wide, 0.045, 0.02), (middle, HEIGHT - 0.0225, z), make.PINE, cells=0.7, bevel=0.003)
    for x in (LEFT + 0.01, RIGHT - 0.01):
        made.board((0.02, 0.045, deep), (x, HEIGHT - 0.0225, (FRONT + BACK) / 2), make.PINE, cells=0.7, bevel=0.003)
    made.board((0.022, 0.09, 1.1), (RIGHT - 0.011, 1.62, 1.0), make.HONEY, cells=0.12)
    for z in (0.6, 0.87, 1.13, 1.4):
        made.board((0.08, 0.022, 0.022), (RIGHT - 0.055, 1.63, z), make.OAK, cells=0.1)
    return made


def _window_frame() -> Furniture:
    """Frame, a transom, two uprights and the deep sill."""
    made = Furniture()
    x0, x1, y0, y1 = WINDOW
    middle, wide, high = (x0 + x1) / 2, x1 - x0, y1 - y0
    z = GLASS + 0.02
    for x in (x0 + 0.022, x1 - 0.022):
        made.add("wood", box((0.045, high, 0.06), cells=0.2).at(x, (y0 + y1) / 2, z), make.SAGE)
    for y in (y0 + 0.022, y1 - 0.022):
        made.add("wood", box((wide, 0.045, 0.06), cells=0.2).at(middle, y, z), make.SAGE)
    for third in (1, 2):
        made.add("wood", box((0.034, high, 0.045), cells=0.2).at(x0 + wide * third / 3, (y0 + y1) / 2, z), make.SAGE)
    made.add("wood", box((wide, 0.03, 0.042), cells=0.2).at(middle, y1 - 0.4, z), make.SAGE)
    made.board((wide + 0.12, 0.04, 0.34), (middle, y0 - 0.0, GLASS + 0.19), make.HONEY, cells=0.09, bevel=0.012)
    return made
