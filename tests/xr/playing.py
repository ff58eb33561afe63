"""Plays frames on the OpenXR headset, for tests; as a program it does so in a process of its own."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

from vr_app.headset import Event, Headset, OpenFrame, Visibility
from vr_app.timing.ledger import Ledger


def one_turn(headset: Headset, ledger: Ledger, body: Callable[[OpenFrame], None] | None = None) -> list[Event]:
    """A turn of the application's loop; `body` instead of the usual use of a frame."""
    heard = list(headset.poll())
    if not headset.running:
        headset.rest()
        return heard
    with headset.frame() as frame:
        if body:
            body(frame)
        else:
            use(frame)
    ledger.next()
    return heard


def use(frame: OpenFrame) -> None:
    frame.sample_inputs()
    if frame.timing.should_render:
        frame.locate_views()
        frame.targets()


def play_until(
    headset: Headset, ledger: Ledger, enough: Callable[[list[Event]], bool], seconds: float = 5.0
) -> list[Event]:
    """Turns until `enough` of what was heard; fails after `seconds`."""
    heard: list[Event] = []
    deadline = time.monotonic() + seconds
    while not enough(heard):
        assert time.monotonic() < deadline, f"not reached within {seconds} s; heard {heard}"
        heard += one_turn(headset, ledger)
    return heard


def focused(heard: list[Event]) -> bool:
    return Visibility(True, True) in heard


def main(frames: int) -> None:
    """Play `frames` in focus and print how it went as one line of JSON."""
    from vr_app.xr.headset import open_openxr

    ledger = Ledger(frames + 500)
    with open_openxr(ledger) as headset:
        kind = type(headset.context.handles).__name__
        play_until(headset, ledger, focused)
        before = ledger.frames
        play_until(headset, ledger, lambda heard: ledger.frames >= before + frames, 5.0 + frames / 20)
        told = {"context": kind, "runtime": headset.info.runtime, "frames": ledger.frames - before}
        start = time.monotonic()
    print(json.dumps({**told, "closed_in": time.monotonic() - start}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
