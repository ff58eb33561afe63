"""Nothing that a head in the calm room can see through its window is left out; nothing else outside is kept."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scenes.valley.place import ROOM, SHORE
from scenes.valley.shapes import Floats
from scenes.valley.shell import FRONT, WINDOW
from scenes.valley.sight import HEAD_HIGH, HEAD_LOW, in_sight, seen_part
from vr_app.api import Arrays


def share(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False)


def triangle(*points: Floats) -> Arrays:
    return {"position": np.stack(points), "index": np.arange(3)}


@given(
    st.tuples(*(share(low, high) for low, high in zip(HEAD_LOW, HEAD_HIGH, strict=True))),
    share(WINDOW[0], WINDOW[1]),
    share(WINDOW[2], WINDOW[3]),
    share(1.0, 300.0),
)
def test_what_a_head_sees_through_the_window_is_kept(
    head: tuple[float, float, float], x: float, y: float, far: float
) -> None:
    eye, opening = np.array(head), np.array([x, y, FRONT])
    seen = eye + (opening - eye) * (1.0 + far)
    assert in_sight(ROOM, seen[None], 1e-6).all()
    nowhere = np.array([0.0, 0.0, 50.0])
    kept = seen_part(ROOM, triangle(seen, nowhere, nowhere + 1.0))
    assert len(kept["index"]) == 3


def test_what_lies_behind_or_beside_the_room_is_left_out() -> None:
    for hidden in ([0.0, 1.0, 8.0], [60.0, 1.0, -4.0], [-60.0, 1.0, -4.0], [0.0, -9.0, -4.0], [0.0, 30.0, -6.0]):
        point = np.array(hidden)
        assert not in_sight(ROOM, point[None], 0.0).any()
        corner = np.eye(3) * 0.1
        assert len(seen_part(ROOM, triangle(*(point + corner)))["index"]) == 0
        assert len(seen_part(SHORE, triangle(*(point + corner)))["index"]) == 3
