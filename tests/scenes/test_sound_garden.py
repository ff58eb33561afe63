"""Sound garden: no note is wrong, loops come back, a lost hand strikes nothing."""

from __future__ import annotations

from itertools import product

import pytest

from scenes.valley.looper import EMPTY, PLAYS, SOFT, Loop, Looper, unpacked
from scenes.valley.scales import SCALES, cents


@pytest.mark.parametrize("scale", SCALES)
def test_no_two_notes_of_a_scale_are_wrong_together(scale: str) -> None:
    for one, other in product(range(20), repeat=2):
        apart = abs(cents(scale, one) - cents(scale, other)) % 1200
        apart = min(apart, 1200 - apart)
        assert apart <= 2 or apart >= 180, "no semitone"
        assert not 560 < apart < 640, "no tritone"
    assert cents(scale, 0) == 1200, "the drone's own note"


def _struck() -> Looper:
    looper = Looper()
    looper.touch(0)
    for thing in (1, 4):
        looper.hear(thing, 60)
        looper.update(1.5)
    looper.touch(0)
    return looper


def test_a_loop_plays_what_was_struck_softens_goes_and_comes_back() -> None:
    looper = _struck()
    assert looper.loops[0].state == PLAYS
    heard = [thing for _ in range(65) for _, thing, _ in looper.update(0.1)]
    assert heard.count(1) >= 2 and heard.count(4) >= 2
    looper.touch(0)
    assert looper.loops[0].state == SOFT
    looper.touch(0)
    assert looper.loops[0].state == EMPTY
    looper.undo()
    assert looper.loops[0].state == SOFT


def test_a_loop_is_kept_as_bytes_and_nonsense_is_an_empty_one() -> None:
    loop = _struck().loops[0]
    assert unpacked(loop.packed()) == loop
    for data in (None, b"", b"\xff" * 9, loop.packed()[:-1]):
        assert unpacked(data) == Loop()
