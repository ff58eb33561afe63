"""The trace is what ui.perfetto.dev reads, and shows every frame, miss, collection and stall."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from tests.timing.synthetic import frames
from vr_app.timing.control import Control
from vr_app.timing.ledger import COLLECTED, COLLECTIONS, RECORDED, START, WAITED, Rows
from vr_app.timing.trace import trace_lines

Events = list[dict[str, Any]]


def _events(rows: Rows, control: Control | None = None) -> Events:
    told = json.loads("\n".join(trace_lines(rows, control)))
    events: Events = told["traceEvents"]
    return events


def _named(events: Events, name: str) -> Events:
    return [event for event in events if event["name"] == name]


def _track(events: Events, name: str) -> Events:
    (tid,) = (event["tid"] for event in _named(events, "thread_name") if event["args"]["name"] == name)
    return [event for event in events if event.get("tid") == tid and event["ph"] in "Xi" and event["pid"] == 1]


def test_no_frames_is_a_trace_too() -> None:
    assert all(event["ph"] == "M" for event in _events(frames([1])[:0]))


def test_each_frame_spans_its_stages() -> None:
    rows = frames([1, 1, 2])
    events = _events(rows)
    spans, stages = _track(events, "frames"), _track(events, "stages")
    assert [span["name"] for span in spans] == [f"frame {index}" for index in range(4)]
    assert len(stages) == 4 * 9
    for index, span in enumerate(spans):
        mine = stages[9 * index : 9 * index + 9]
        assert span["ts"] == pytest.approx((rows[index, START] - rows[0, START]) / 1e3)
        assert span["dur"] == pytest.approx((rows[index, COLLECTED] - rows[index, START]) / 1e3)
        assert sum(stage["dur"] for stage in mine) == pytest.approx(span["dur"])
        assert mine[0]["ts"] == pytest.approx(span["ts"])


def test_a_stage_that_did_not_happen_is_not_drawn() -> None:
    rows = frames([1])
    rows[0, RECORDED] = 0
    assert len(_named(_events(rows), "record")) == 1


def test_misses_and_collections_have_tracks_of_their_own() -> None:
    rows = frames([1, 3, 1])
    rows[1, COLLECTIONS] = 2
    events = _events(rows)
    (miss,) = _track(events, "missed refreshes")
    assert miss["name"] == "missed 2"
    assert miss["args"] == {"frame": 2, "refreshes": 2}
    assert miss["dur"] == pytest.approx(3 * 11_111.111)
    (collection,) = _track(events, "automatic collections")
    assert collection["name"] == "2 collected"
    assert len(_track(events, "reaches the eyes")) == len(rows)


def test_stalls_of_the_machine_are_shown_and_named_at_the_miss() -> None:
    rows = frames([1, 2, 1])
    woke = int(rows[2, WAITED])
    control = Control(10, 6_000_000, 0, np.array([[woke - 7_000_000, woke - 1_000_000]], np.int64))
    events = _events(rows, control)
    (stall,) = [event for event in events if event["pid"] == 2 and event["ph"] == "X"]
    assert stall["name"] == "6.0 ms late"
    assert stall["dur"] == pytest.approx(6_000.0)
    assert _track(events, "missed refreshes")[0]["name"] == "missed 1, the machine stalled"
