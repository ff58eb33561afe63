"""The patient's own words: filled into slots while a session runs, or refused in words; none are drawn at no cost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.panel.paper import typeface
from vr_app.api import Pose
from vr_app.headset import Fov, Target, View
from vr_app.render.context import ContextError, open_context

SIZE = 300
AHEAD = Pose((0.0, 0.0, -1.8))
LONGEST = ("Ünder the old lime tree " * 6)[:140]


class Bench:
    def __init__(self) -> None:
        from vr_app.render.renderer import Renderer
        from vr_app.render.targets import make_images

        self.renderer = Renderer()
        self.images = make_images((SIZE, SIZE))
        self.kit: Any = self.renderer.kit

    def picture(self, *labels: Any) -> Any:
        from vr_app.render.targets import read_image

        out = self.renderer.record()
        for label in labels:
            out.text(label, AHEAD)
        self.draws = len(out.blended)
        views = [View(Pose(), Fov(-0.4, 0.4, 0.4, -0.4))] * 2
        self.renderer.replay(views, [Target(texture, SIZE, SIZE) for texture in self.images])
        return read_image(self.images[0], (SIZE, SIZE))


@pytest.fixture(scope="module")
def context() -> Iterator[None]:
    try:
        with open_context("egl"):
            yield
    except ContextError as error:
        pytest.skip(f"unproven: the patient's own words ({error})")


@pytest.fixture
def bench(context: None) -> Bench:
    return Bench()


def test_a_slot_shows_what_it_is_filled_with_as_a_label_would(bench: Bench) -> None:
    slot = bench.kit.slot("own", height=0.03, width=0.6)
    for words in ("My father's garden", LONGEST, "e\N{COMBINING ACUTE ACCENT}té", "Yes"):
        assert bench.kit.fill("own", words) is None
        label = bench.kit.text(words, height=0.03, width=0.6)
        assert slot.size == label.size
        np.testing.assert_array_equal(bench.picture(slot), bench.picture(label))


def test_an_empty_slot_draws_nothing(bench: Bench) -> None:
    slot = bench.kit.slot("own")
    nothing = bench.picture()
    np.testing.assert_array_equal(bench.picture(slot), nothing)
    assert bench.draws == 0 and slot.size == (0.0, 0.0)
    assert bench.kit.fill("own", "Here") is None
    assert not np.array_equal(bench.picture(slot), nothing)
    assert bench.draws == 1
    for empty in ("", " \n "):
        assert bench.kit.fill("own", "Here") is None
        assert bench.kit.fill("own", empty) is None
        np.testing.assert_array_equal(bench.picture(slot), nothing)
        assert slot.size == (0.0, 0.0)


def test_every_label_of_a_slot_is_filled_also_one_that_comes_later(bench: Bench) -> None:
    first, other = bench.kit.slot("own", height=0.03), bench.kit.slot("other")
    assert bench.kit.fill("own", "Here I am") is None
    second, third = bench.kit.slot("own", height=0.06), bench.kit.slot("own", height=0.03)
    assert second.size == pytest.approx(tuple(2 * side for side in first.size)) and third.size == first.size
    assert other.size == (0.0, 0.0)
    assert bench.kit.fill("early", "Before its scene") is None
    assert bench.kit.slot("early").size > (0.0, 0.0)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("Покой", "CYRILLIC CAPITAL LETTER PE.*Latin script"),
        ("سلام", "ARABIC LETTER SEEN.*Latin script"),
        ("安心", "CJK UNIFIED IDEOGRAPH-5B89.*Latin script"),
        ("rest \N{HEAVY BLACK HEART}", "HEAVY BLACK HEART.*leave it out"),
        ("bell\a", r"U\+0007 cannot be shown; leave it out"),
        ("nul\0", r"U\+0000 cannot be shown; leave it out"),
        ("tab\there", r"U\+0009"),
        ("a\u202eb", "RIGHT-TO-LEFT OVERRIDE.*leave it out"),
        ("lone \ud800", r"U\+D800.*leave it out"),
        ("x" * 141, "141 characters, there is room for 140; shorten"),
        ("one\n" * 6 + "one", "7 lines, there is room for 6; shorten"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_one_line_and_the_words_stay(bench: Bench, words: str, told: str) -> None:
    slots = bench.kit.slot("own", height=0.03), bench.kit.slot("own", height=0.02, width=0.1)
    assert bench.kit.fill("own", "Here") is None
    before, sizes = bench.picture(*slots), [slot.size for slot in slots]
    refused = bench.kit.fill("own", words)
    assert refused and "\n" not in refused and re.search(told, refused), refused
    np.testing.assert_array_equal(bench.picture(*slots), before)
    assert [slot.size for slot in slots] == sizes


def test_words_that_no_scene_shows_are_refused_all_the_same(bench: Bench) -> None:
    assert "Latin script" in (bench.kit.fill("nobody", "Покой") or "")


def test_there_is_an_end_to_slots(bench: Bench) -> None:
    for number in range(32):
        assert bench.kit.fill(f"slot {number}", "Here") is None
    assert bench.kit.fill("slot 3", "There") is None
    assert "32 slots hold words already" in (bench.kit.fill("one more", "Here") or "")
    assert bench.kit.fill("one more", "") is None
    assert bench.kit.fill("slot 3", "") is None
    assert bench.kit.fill("one more", "Here") is None


KNOWN = "".join(sorted(typeface().glyphs))


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(max_size=200), st.text(KNOWN + "\n", max_size=160)))
def test_any_words_are_shown_or_refused_in_one_line(bench: Bench, words: str) -> None:
    slot = bench.kit.slot("any", height=0.03, width=0.7)
    refused = bench.kit.fill("any", words)
    if refused is None:
        assert slot.mesh.count % 6 == 0 and slot.mesh.count <= 6 * 141
        assert bool(slot.mesh.count) == (slot.size != (0.0, 0.0)) == bool(words.strip(" \n\r\u00ad\u200b\u2060"))
    else:
        assert refused.isprintable() and len(refused) < 200
        assert slot.mesh.count == 0
    assert bench.kit.fill("any", "") is None
