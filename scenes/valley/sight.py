"""What can be seen from a seat: everything, but from the calm room only what its window shows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.valley.place import ROOM, Seat
from scenes.valley.shapes import Floats
from scenes.valley.shell import FRONT, WINDOW
from vr_app.api import Arrays

HEAD_LOW, HEAD_HIGH = (-1.0, 0.5, -1.8), (1.0, 1.9, 1.0)  # where a head may be in the room, metres


def beyond(seat: Seat, points: Floats) -> Floats:
    """How far (n, 5) points of the seat's frame lie outside each side of what is seen, metres; at most 0 where seen.

    The sides are planes through an edge of the window and the head's place from which it shows most.
    """
    if seat != ROOM:
        return np.zeros((len(points), 5))
    x, y, z = np.asarray(points, np.float64).T
    left, right, sill, head = WINDOW
    steep = (FRONT - z) / (HEAD_LOW[2] - FRONT)  # metres behind the window for each metre before it
    return np.stack(
        [
            z - FRONT,
            left - (HEAD_HIGH[0] - left) * steep - x,
            x - right - (right - HEAD_LOW[0]) * steep,
            sill - (HEAD_HIGH[1] - sill) * steep - y,
            y - head - (head - HEAD_LOW[1]) * steep,
        ],
        axis=-1,
    )


def in_sight(seat: Seat, points: Floats, reach: float) -> npt.NDArray[np.bool_]:
    """Which things that reach so many metres about their points (n, 3) may be seen."""
    return np.asarray((beyond(seat, points) <= reach).all(axis=1))


def seen_part(seat: Seat, arrays: Arrays) -> Arrays:
    """A mesh without the triangles that nobody can see from the seat, and without corners that none needs."""
    if seat != ROOM:
        return arrays
    corners = np.asarray(arrays["index"]).reshape(-1, 3)
    outside = beyond(seat, arrays["position"]) > 0.0
    index = corners[~outside[corners].all(axis=1).any(axis=1)]
    used, fresh = np.unique(index, return_inverse=True)
    made: dict[str, Any] = {
        name: np.ascontiguousarray(array[used]) for name, array in arrays.items() if name != "index"
    }
    return made | {"index": fresh.reshape(-1).astype(np.uint32)}
