"""Faults at every call site of a real runtime: nothing is raised, nothing hangs, all comes back."""

from __future__ import annotations

import logging
import time
from collections import Counter

import pytest
import xr

from headless_harness.faults import LOSSES, Faults
from headless_harness.monado.rig import MonadoRig
from tests.xr.playing import focused, one_turn, play_until
from tests.xr.test_monado import assert_frames_in_order
from vr_app.headset import Found, HeadsetUnavailable, Lost
from vr_app.timing.ledger import ENDED, Ledger
from vr_app.xr.headset import OpenXRHeadset, open_openxr

pytestmark = pytest.mark.monado
LONGEST_TURN = 1.0  # seconds; a new session takes 0.15 on a slow machine


def _recovers(headset: OpenXRHeadset, ledger: Ledger) -> None:
    """Within 5 s there are twenty frames in a row that were shown."""
    deadline, good = time.monotonic() + 5.0, 0
    while good < 20:
        assert time.monotonic() < deadline
        before = ledger.frames
        one_turn(headset, ledger)
        good = good + 1 if ledger.frames > before and ledger.rows()[-1, ENDED] > 0 else 0


@pytest.mark.parametrize("seed", [1, 2])
def test_thousands_of_faults(rig: MonadoRig, seed: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    ledger, faults = Ledger(1000), Faults(seed)
    longest, events = 0.0, Counter[str]()
    with faults.installed(), open_openxr(ledger) as headset:
        play_until(headset, ledger, focused)
        faults.rate = 0.25
        deadline = time.monotonic() + 25.0
        while faults.injected < 1500 and time.monotonic() < deadline:
            start = time.monotonic()
            events.update(type(event).__name__ for event in one_turn(headset, ledger))
            longest = max(longest, time.monotonic() - start)
        faults.rate = 0.0
        _recovers(headset, ledger)
        faults.rate = 0.25  # while closing, too
    assert faults.injected >= 1500
    assert longest < LONGEST_TURN
    assert events["Lost"] >= 1
    assert abs(events["Lost"] - events["Found"]) <= 1
    sites = {call.name for call in faults.log if call.fault}
    assert {"xrWaitFrame", "xrBeginFrame", "xrEndFrame", "xrLocateViews", "xrSyncActions", "xrPollEvent"} <= sites
    assert_frames_in_order(list(faults.log))


FRAME_CALLS = (
    *("xrWaitFrame", "xrBeginFrame", "xrEndFrame", "xrLocateViews", "xrAcquireSwapchainImage", "xrWaitSwapchainImage"),
    *("xrReleaseSwapchainImage", "xrSyncActions", "xrLocateSpaces", "xrGetActionStateFloat", "xrGetActionStateBoolean"),
    "xrPollEvent",
)


def test_each_call_of_a_frame_fails_alone(rig: MonadoRig) -> None:
    """A fault of one frame costs that frame at most; a loss costs the session, which comes back."""
    ledger, faults = Ledger(2000), Faults()
    with faults.installed(), open_openxr(ledger) as headset:
        play_until(headset, ledger, focused)
        for name in FRAME_CALLS:
            for result in (-1, -2, -37, 3):
                faults.fail(name, result)
                for _ in range(3):
                    assert not any(isinstance(event, Lost) for event in one_turn(headset, ledger)), (name, result)
                assert ledger.rows()[-1, ENDED] > 0, (name, result)
        for name in FRAME_CALLS:
            faults.fail(name, LOSSES[len(name) % 2])
            play_until(headset, ledger, lambda heard: any(isinstance(event, Lost) for event in heard), 1.0)
            play_until(headset, ledger, lambda heard: any(isinstance(event, Found) for event in heard), 3.0)
            play_until(headset, ledger, focused)
    assert_frames_in_order(list(faults.log))


def test_an_image_that_times_out_is_waited_for_in_the_next_frame(rig: MonadoRig) -> None:
    ledger, faults = Ledger(500), Faults()
    with faults.installed(), open_openxr(ledger) as headset:
        play_until(headset, ledger, focused)
        faults.log.clear()
        faults.fail("xrWaitSwapchainImage", int(xr.Result.TIMEOUT_EXPIRED))
        one_turn(headset, ledger)
        one_turn(headset, ledger)
    images = [call.name for call in faults.log if "SwapchainImage" in call.name]
    acquire, wait, release = "xrAcquireSwapchainImage", "xrWaitSwapchainImage", "xrReleaseSwapchainImage"
    assert images == [*(acquire, wait), *(wait, release)]


def test_a_runtime_that_refuses_every_frame_is_given_up(rig: MonadoRig) -> None:
    ledger, faults = Ledger(500), Faults()
    with faults.installed(), open_openxr(ledger) as headset:
        play_until(headset, ledger, focused)
        faults.fail("xrBeginFrame", *[-2] * 30)
        heard = play_until(headset, ledger, lambda heard: any(isinstance(event, Lost) for event in heard), 2.0)
        assert Lost("30 frames in a row could not be shown") in heard
        _recovers(headset, ledger)


def test_a_frame_begun_but_denied_costs_a_session_at_most(rig: MonadoRig) -> None:
    """Only beginning is tried again, never waiting: that would block for ever on a runtime that had not begun."""
    ledger, faults = Ledger(500), Faults()
    with faults.installed(), open_openxr(ledger) as headset:
        play_until(headset, ledger, focused)
        faults.deny("xrBeginFrame")
        for _ in range(40):
            one_turn(headset, ledger)
        _recovers(headset, ledger)
    assert_frames_in_order(list(faults.log))


def test_faults_while_opening_are_told_in_one_line(rig: MonadoRig) -> None:
    faults = Faults()
    with faults.installed():
        with open_openxr(Ledger(10)):
            pass
        sites = {call.name for call in faults.log if not call.name.startswith(("xr", "destroy", "request_exit"))}
        assert {"create_instance", "get_system", "create_session", "create_swapchain", "create_action"} <= sites
        for name in sorted(sites):
            faults.fail(name, int(xr.Result.ERROR_RUNTIME_FAILURE))
            refusal = _refusal()
            if refusal is not None:
                assert "\n" not in str(refusal)
                assert refusal.remedy


def _refusal() -> HeadsetUnavailable | None:
    """Why the headset does not open now; None when it does."""
    try:
        with open_openxr(Ledger(10)):
            return None
    except HeadsetUnavailable as refused:
        return refused
