"""Collection happens when we say so, and what Python does by itself is found out."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator

import pytest

from vr_app.timing.collector import Collector
from vr_app.timing.ledger import COLLECTED, COLLECTIONS, Ledger


class Knot:
    """Garbage that only a collection can free."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def _same_collector_afterwards() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.enable()


def test_no_collection_by_itself_while_frames_are_made() -> None:
    gc.set_threshold(50)
    ledger = Ledger(100)
    with Collector(ledger) as collector:
        for _ in range(70):
            knots = [Knot() for _ in range(200)]
            del knots
            collector.after_frame()
            ledger.next()
    assert collector.automatic == 0
    assert not ledger.rows()[:, COLLECTIONS].any()


def test_an_automatic_collection_is_counted_in_its_frame() -> None:
    ledger = Ledger(4)
    with Collector(ledger) as collector:
        collector.after_frame()
        ledger.next()
        gc.set_threshold(50)
        gc.enable()  # as a careless library might
        knots = [Knot() for _ in range(2_000)]
        gc.disable()
        collector.after_frame()
        ledger.next()
        collector.after_frame()
        ledger.next()
    del knots
    counted = ledger.rows()[:, COLLECTIONS].tolist()
    assert counted[0] == counted[2] == 0
    assert counted[1] == collector.automatic >= 1


def test_each_frame_frees_its_own_garbage() -> None:
    ledger = Ledger(1)
    with Collector(ledger) as collector:
        collector.after_frame()
        for _ in range(100):
            Knot()
        assert sum(isinstance(thing, Knot) for thing in gc.get_objects()) == 100
        for _ in range(32):  # where collection is incremental one pass need not see it all
            collector.after_frame()
        assert not any(isinstance(thing, Knot) for thing in gc.get_objects())


def test_the_end_of_the_collection_is_marked() -> None:
    ledger = Ledger(1)
    with Collector(ledger) as collector:
        collector.after_frame()
    ledger.next()
    assert ledger.rows()[0, COLLECTED] > 0


def test_what_survives_a_change_of_scene_is_set_aside() -> None:
    with Collector(Ledger(1)) as collector:
        before = gc.get_freeze_count()
        kept = [Knot() for _ in range(1_000)]
        collector.between_scenes()
        assert gc.get_freeze_count() >= before + len(kept)


@pytest.mark.parametrize("enabled", [True, False])
def test_python_is_left_as_it_was_found(enabled: bool) -> None:
    (gc.enable if enabled else gc.disable)()
    interval, callbacks = sys.getswitchinterval(), list(gc.callbacks)
    with Collector(Ledger(1)):
        assert not gc.isenabled()
        assert sys.getswitchinterval() == pytest.approx(0.0005)
    assert gc.isenabled() == enabled
    assert sys.getswitchinterval() == pytest.approx(interval)
    assert gc.callbacks == callbacks
    assert gc.get_freeze_count() == 0
