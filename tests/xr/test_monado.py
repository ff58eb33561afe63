"""The OpenXR headset on a real runtime: Monado, its validation layers, its death and its return."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xr

from headless_harness.faults import Called, Faults
from headless_harness.monado.remote import RemoteHand, RemoteState
from headless_harness.monado.rig import MonadoRig
from tests.xr.playing import focused, one_turn, play_until
from vr_app.api import Inputs, Pose
from vr_app.headset import (
    ExitAsked,
    Found,
    HandsChanged,
    HeadsetUnavailable,
    HiddenAreaChanged,
    Lost,
    Recentred,
    RefreshRate,
    Running,
)
from vr_app.timing.ledger import DISPLAY, ENDED, NATIVE_DISPLAY, PERIOD, RENDERED, Ledger
from vr_app.xr.headset import OpenXRHeadset, open_openxr

CHECKOUT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.monado


def _play_frames(headset: OpenXRHeadset, ledger: Ledger, count: int) -> None:
    target = ledger.frames + count
    play_until(headset, ledger, lambda heard: ledger.frames >= target, 5.0 + count / 20)


def test_two_hundred_frames_in_focus_at_the_displays_rate(rig: MonadoRig) -> None:
    ledger = Ledger(1000)
    with open_openxr(ledger) as headset:
        heard = play_until(headset, ledger, focused)
        kinds = [type(event) for event in heard]
        assert kinds.index(Running) < kinds.index(Found)
        assert HandsChanged(*["/interaction_profiles/khr/simple_controller"] * 2) in heard
        _play_frames(headset, ledger, 200)
    rows = ledger.rows()[-200:]
    assert (rows[:, PERIOD] == round(1e9 / 90)).all()
    assert (rows[:, RENDERED] == 1).all()
    assert np.median(np.diff(rows[:, DISPLAY])) == pytest.approx(1e9 / 90, rel=1e-3)
    offsets = rows[:, DISPLAY] - rows[:, NATIVE_DISPLAY]
    assert np.ptp(offsets) < 1_000_000
    ahead = rows[:, DISPLAY] - rows[:, ENDED]
    assert 0 < np.median(ahead) < 100_000_000


@pytest.fixture(params=["egl", "glx"])
def screen(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """The environment without a screen, or with a virtual one."""
    if request.param == "egl":
        yield {}
        return
    if shutil.which("Xvfb") is None:
        pytest.skip("unproven without Xvfb: contexts through GLX; apt-get install xvfb")
    read_end, write_end = os.pipe()
    command = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "640x480x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[write_end], stderr=subprocess.DEVNULL) as server:
        try:
            os.close(write_end)
            with os.fdopen(read_end) as told:
                yield {"DISPLAY": f":{told.readline().strip()}"}
        finally:
            server.terminate()


def _played_apart(rig: MonadoRig, environment: dict[str, str], frames: int) -> tuple[dict[str, Any], str]:
    """What a process of its own tells of its play, and what it wrote to stderr."""
    inherited = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.xr.playing", str(frames)],
        cwd=CHECKOUT,
        env=inherited | rig.env | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1]), done.stderr


_ADVICE = re.compile(r"^xr[A-Z]\w+ .*", re.MULTILINE | re.IGNORECASE)


def test_the_validation_layers_are_silent(screen: dict[str, str]) -> None:
    """The layer of best practices in pyopenxr 1.1.6501 loads but was never seen to speak, even of wrong frames;
    the order of a frame's calls is therefore proved by `assert_frames_in_order`."""
    with MonadoRig(90, layers=True) as rig:
        told, errors = _played_apart(rig, screen, 200)
        assert told["context"] == ("GlxHandles" if screen else "EglHandles")
        assert told["frames"] >= 200
        assert told["closed_in"] < 1.0
        assert rig.findings() == ""
        assert _ADVICE.findall(errors) == []


def test_the_layer_of_core_validation_would_speak(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the test above: one wrong call, and the findings are not empty."""
    with MonadoRig(90, layers=True) as rig:
        for name, value in rig.env.items():
            monkeypatch.setenv(name, value)
        with open_openxr(Ledger(10)) as headset:
            assert headset._runtime is not None
            with pytest.raises(xr.ValidationFailureError):
                xr.get_system(headset._runtime.instance, xr.SystemGetInfo(type=xr.StructureType.UNKNOWN))
        assert "VUID-XrSystemGetInfo-type-type" in rig.findings()


def test_the_session_stops_in_order(rig: MonadoRig) -> None:
    ledger, faults = Ledger(500), Faults()
    with faults.installed():
        with open_openxr(ledger) as headset:
            play_until(headset, ledger, focused)
            _play_frames(headset, ledger, 10)
            start = time.monotonic()
        assert time.monotonic() - start < 1.0
    wanted = ["request_exit_session", "end_session", "destroy_session", "destroy_instance"]
    assert [call.name for call in faults.log if call.name in wanted] == wanted
    assert_frames_in_order(list(faults.log))


def assert_frames_in_order(calls: list[Called]) -> None:
    """Wait, begin, end: no second wait before its begin, no end without a begin, nothing after a release unmatched."""
    waited = begun = False
    for call in calls:
        done = call.result >= 0
        match call.name:
            case "create_session":
                waited = begun = False
            case "xrWaitFrame":
                assert not waited
                waited = done
            case "xrBeginFrame":
                assert waited
                waited, begun = not done, done
            case "xrEndFrame":
                assert begun
                begun = False


def test_a_killed_service_is_lost_and_found_again(rig: MonadoRig) -> None:
    ledger = Ledger(2000)
    with open_openxr(ledger) as headset:
        context = headset.context
        play_until(headset, ledger, focused)
        for _ in range(3):
            rig.kill()
            heard = play_until(headset, ledger, lambda heard: any(isinstance(event, Lost) for event in heard), 1.0)
            assert Running(False, next(event.why for event in heard if isinstance(event, Lost))) in heard
            assert not headset.running
            for _ in range(40):
                start = time.monotonic()
                assert one_turn(headset, ledger) == []
                assert time.monotonic() - start < 0.1
            rig.start()
            heard = play_until(headset, ledger, focused, 3.0)
            assert Found(headset.info.runtime) in heard
            _play_frames(headset, ledger, 20)
            assert ledger.rows()[-1, RENDERED] == 1
        assert headset.context is context


def test_a_hung_service_does_not_hold_the_stop(rig: MonadoRig) -> None:
    """Apart, because Monado's own threads may not survive it."""
    code = (
        "import os, pathlib, signal, sys, time\n"
        "from vr_app.timing.ledger import Ledger\n"
        "from vr_app.xr.headset import open_openxr\n"
        "from tests.xr.playing import focused, play_until\n"
        "ledger = Ledger(100)\n"
        "with open_openxr(ledger) as headset:\n"
        "    play_until(headset, ledger, focused)\n"
        "    os.kill(int(sys.argv[1]), signal.SIGSTOP)\n"
        "    tasks = pathlib.Path('/proc', sys.argv[1], 'task')\n"
        "    while any(') T ' not in (task / 'stat').read_text() for task in tasks.iterdir()):\n"
        "        time.sleep(0.01)\n"  # the signal takes a moment to reach every thread; until then the service answers
        "    start = time.monotonic()\n"
        "print(time.monotonic() - start, flush=True)\n"
    )
    assert rig.pid is not None
    done = subprocess.run(
        [sys.executable, "-c", code, str(rig.pid)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    os.kill(rig.pid, signal.SIGCONT)
    assert done.returncode == 0, done.stderr[-2000:]
    assert float(done.stdout.split()[-1]) < 2.5


def test_a_second_session_in_the_same_process(rig: MonadoRig) -> None:
    for _ in range(2):
        ledger = Ledger(500)
        with open_openxr(ledger) as headset:
            play_until(headset, ledger, focused)
            _play_frames(headset, ledger, 5)


def test_head_and_hands_arrive(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the remote driver is told is what `sample_inputs` gives."""
    head = Pose((0.1, 1.4, -0.2), (0.0, 0.6, 0.0, 0.8))
    left = RemoteHand(Pose((-0.3, 1.1, -0.4)), active=True, trigger=0.75, squeeze=0.5, b_click=True)
    right = RemoteHand(Pose((0.3, 1.2, -0.4)), active=True, hand_tracking=True, curl=(1.0, 1.0, 1.0, 1.0, 1.0))
    with MonadoRig(90, driver="remote") as rig, rig.remote() as remote:
        for name, value in rig.env.items():
            monkeypatch.setenv(name, value)
        ledger, seen = Ledger(500), list[Inputs]()
        with open_openxr(ledger) as headset:
            heard = play_until(headset, ledger, focused)
            assert HandsChanged(*["/interaction_profiles/valve/index_controller"] * 2) in heard
            remote.send(RemoteState(head, left, right))
            time.sleep(0.05)
            for _ in range(5):
                one_turn(headset, ledger, lambda frame: seen.append(frame.sample_inputs()))
    inputs = seen[-1]
    assert inputs.head_tracked
    assert inputs.head.position == pytest.approx(head.position, abs=1e-5)
    assert inputs.head.orientation == pytest.approx(head.orientation, abs=1e-5)
    assert inputs.left is not None
    assert inputs.right is not None
    assert inputs.left.grip.position == pytest.approx(left.pose.position, abs=1e-5)
    assert inputs.left.aim is not None
    assert (inputs.left.select, inputs.left.squeeze, inputs.left.stop) == (0.75, 0.5, True)
    assert (inputs.right.select, inputs.right.squeeze, inputs.right.stop) == (0.0, 0.0, False)
    assert inputs.left.joints is None
    joints = inputs.right.joints
    assert joints is not None
    assert joints.shape == (26, 8)
    assert joints.dtype == np.float32
    assert np.linalg.norm(joints[:, 3:7], axis=1) == pytest.approx(1.0, abs=1e-3)
    assert np.abs(joints[:, :3] - right.pose.position).max() < 0.3
    assert ((joints[:, 7] > 0.0) & (joints[:, 7] < 0.05)).all()


@pytest.mark.parametrize("active", [(True, False), (False, True), (False, False)])
def test_the_head_is_tracked_whichever_hands_are(monkeypatch: pytest.MonkeyPatch, active: tuple[bool, bool]) -> None:
    head, grip = Pose((0.1, 1.4, -0.2), (0.0, 0.6, 0.0, 0.8)), Pose((0.3, 1.1, -0.4))
    with MonadoRig(90, driver="remote") as rig, rig.remote() as remote:
        for name, value in rig.env.items():
            monkeypatch.setenv(name, value)
        ledger, seen = Ledger(500), list[Inputs]()
        with open_openxr(ledger) as headset:
            play_until(headset, ledger, focused)
            left, right = (RemoteHand(grip, active=each) for each in active)
            remote.send(RemoteState(head, left, right))
            time.sleep(0.05)
            for _ in range(5):
                one_turn(headset, ledger, lambda frame: seen.append(frame.sample_inputs()))
    inputs = seen[-1]
    assert inputs.head_tracked and inputs.head.position == pytest.approx(head.position, abs=1e-5)
    assert tuple(hand is not None for hand in (inputs.left, inputs.right)) == active


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ({"XR_RUNTIME_JSON": "/nowhere/runtime.json"}, "/nowhere/runtime.json, which does not exist"),
        ({"XDG_RUNTIME_DIR": "/nowhere"}, "does not answer"),
        ({"XR_ENABLE_API_LAYERS": "XR_APILAYER_nobody"}, "layer that is asked for cannot be loaded"),
    ],
)
def test_why_there_is_no_headset(
    environment: dict[str, str], complaint: str, rig: MonadoRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(HeadsetUnavailable, match=complaint) as refused, open_openxr(Ledger(10)):
        pass
    assert "\n" not in str(refused.value)


def test_a_runtime_without_opengl_is_named(rig: MonadoRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vr_app.xr.graphics.offered_extensions", lambda: frozenset({"XR_KHR_vulkan_enable2"}))
    with pytest.raises(HeadsetUnavailable, match="does not support OpenGL"), open_openxr(Ledger(10)):
        pass


def test_a_missing_headset_is_refused_or_waited_for(rig: MonadoRig) -> None:
    faults = Faults()
    unavailable = int(xr.Result.ERROR_FORM_FACTOR_UNAVAILABLE)
    with faults.installed():
        faults.fail("get_system", unavailable)
        with pytest.raises(HeadsetUnavailable, match="sees no headset"), open_openxr(Ledger(10)):
            pass
        faults.fail("get_system", unavailable, unavailable)
        ledger, start = Ledger(500), time.monotonic()
        with open_openxr(ledger, wait_for_device=True) as headset:
            assert not headset.running
            play_until(headset, ledger, focused)
            assert 1.8 < time.monotonic() - start < 4.0
    instances = [call.name for call in faults.log].count("create_instance")
    assert instances == 2  # the one that waited was kept


def test_a_wanted_rate_is_chosen_from_what_there_is(rig: MonadoRig) -> None:
    for wanted in (72.0, 90.0, 500.0):
        with open_openxr(Ledger(10), wanted_hz=wanted) as headset:
            assert headset.info.refresh_hz == pytest.approx(90.0)


def test_the_scale_multiplies_the_eyes(rig: MonadoRig) -> None:
    with open_openxr(Ledger(10)) as headset:
        width, height = headset.info.eye_size
    with open_openxr(Ledger(10), scale=0.5) as headset:
        assert headset.info.eye_size == (width // 2, height // 2)


def _give(headset: OpenXRHeadset, event: Any) -> None:
    """Let the headset hear an event that Monado has no occasion for."""
    headset._hear(event)


def test_a_recentre_is_told_when_it_comes_to_pass(rig: MonadoRig) -> None:
    ledger = Ledger(500)
    with open_openxr(ledger) as headset:
        play_until(headset, ledger, focused)
        device = headset._device
        assert device is not None
        when = int(ledger.rows()[-1, NATIVE_DISPLAY]) + 300_000_000
        pose = xr.Posef(xr.Quaternionf(0, 0, 0, 1), xr.Vector3f(1, 0, 0))
        kinds = xr.ReferenceSpaceType
        for kind in (kinds.LOCAL_FLOOR, kinds.VIEW):
            _give(headset, xr.EventDataReferenceSpaceChangePending(device.session, kind, when, True, pose))
        heard = play_until(headset, ledger, lambda heard: any(isinstance(event, Recentred) for event in heard), 2.0)
        assert sum(isinstance(event, Recentred) for event in heard) == 1
        # told before the first frame that is to be seen after it, as far as each frame before could tell of the next
        earlier, before = ledger.rows()[-3:-1, NATIVE_DISPLAY] + ledger.rows()[-3:-1, PERIOD]
        assert earlier < when <= before


def test_rate_presence_and_masks_are_told(rig: MonadoRig) -> None:
    ledger = Ledger(500)
    with open_openxr(ledger) as headset:
        play_until(headset, ledger, focused)
        _give(headset, xr.EventDataDisplayRefreshRateChangedFB(90.0, 72.0))
        _give(headset, xr.EventDataUserPresenceChangedEXT(is_user_present=False))
        _give(headset, xr.EventDataVisibilityMaskChangedKHR())
        assert RefreshRate(72.0) in (heard := one_turn(headset, ledger))
        assert [type(event).__name__ for event in heard] == ["RefreshRate", "Presence", "HiddenAreaChanged"]
        assert ledger.rows()[-1, PERIOD] == round(1e9 / 72)
        assert headset.info.refresh_hz == 72.0


def test_lost_events_are_made_good(rig: MonadoRig) -> None:
    ledger = Ledger(500)
    with open_openxr(ledger) as headset:
        _give(headset, xr.EventDataEventsLost())  # READY may be among them: only a new session says for certain
        heard = play_until(headset, ledger, focused)
        assert any(isinstance(event, Lost) for event in heard)
        _give(headset, xr.EventDataEventsLost())
        assert one_turn(headset, ledger) == [HiddenAreaChanged()]
        assert headset.running


def test_exiting_ends_for_good(rig: MonadoRig) -> None:
    ledger = Ledger(500)
    with open_openxr(ledger) as headset:
        play_until(headset, ledger, focused)
        device = headset._device
        assert device is not None
        _give(headset, xr.EventDataSessionStateChanged(device.session, xr.SessionState.EXITING, 0))
        assert isinstance(list(headset.poll())[-1], ExitAsked)
        for _ in range(50):
            assert one_turn(headset, ledger) == []
        assert not headset.running


def test_no_frame_follows_the_end_of_a_session(rig: MonadoRig) -> None:
    ledger, faults = Ledger(500), Faults()
    with faults.installed(), open_openxr(ledger) as headset:
        play_until(headset, ledger, focused)
        device = headset._device
        assert device is not None
        xr.request_exit_session(device.session)  # as if the user closed the application from the runtime's menu
        heard = play_until(headset, ledger, lambda heard: any(isinstance(event, ExitAsked) for event in heard), 2.0)
    assert Running(False, "the runtime says stopping") in heard
    names = [call.name for call in faults.log]
    assert names.count("end_session") == 1
    assert "xrWaitFrame" not in names[names.index("end_session") :]
    assert_frames_in_order(list(faults.log))
