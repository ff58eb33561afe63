"""A small OpenXR application for the rig's tests: submits empty frames and says in JSON what the runtime told it.

Run as `python -m tests.monado.probe FRAMES` in a process of its own, in the rig's environment. One line of JSON is
printed as soon as the session has focus, so that the test can act, and one at the end.
"""

from __future__ import annotations

import ctypes
import json
import sys
import time
from typing import Any

import xr
import xr.platform.linux as xr_linux

from vr_app.render.context import Context, EglHandles, open_context

_PATIENCE_SECONDS = 20.0
_LOST = (xr.InstanceLostError, xr.SessionLostError)


def _begin(instance: Any, context: Context) -> Any:
    """A session that has begun."""
    system = xr.get_system(instance, xr.SystemGetInfo(xr.FormFactor.HEAD_MOUNTED_DISPLAY))
    xr_linux.get_opengl_graphics_requirements_khr(instance, system)
    assert isinstance(context.handles, EglHandles)
    display, config, gl, get_proc_address = context.handles
    binding = xr_linux.GraphicsBindingEGLMNDX(
        get_proc_address=ctypes.cast(get_proc_address, xr_linux.PFN_xrEglGetProcAddressMNDX),
        display=ctypes.cast(display, xr_linux.EGLDisplay),
        config=ctypes.cast(config, xr_linux.EGLConfig),
        context=ctypes.cast(gl, xr_linux.EGLContext),
    )
    session = xr.create_session(instance, xr.SessionCreateInfo(next=binding, system_id=system))
    _wait_for_state(instance, xr.SessionState.READY)
    xr.begin_session(session, xr.SessionBeginInfo(xr.ViewConfigurationType.PRIMARY_STEREO))
    return session


def _states(instance: Any) -> list[int]:
    """The session states that were reached since the last call."""
    reached: list[int] = []
    while True:
        try:
            event = xr.poll_event(instance)
        except xr.EventUnavailable:
            return reached
        if event.type == xr.StructureType.EVENT_DATA_SESSION_STATE_CHANGED.value:
            changed = ctypes.cast(ctypes.byref(event), ctypes.POINTER(xr.EventDataSessionStateChanged)).contents
            reached.append(int(changed.state))


def _wait_for_state(instance: Any, state: xr.SessionState) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while state.value not in _states(instance):
        if time.monotonic() > deadline:
            raise TimeoutError(f"the session did not become {state.name}")
        time.sleep(0.01)


def _frame(session: Any) -> tuple[int, int]:
    """An empty frame; its predicted display time and period in nanoseconds."""
    state = xr.wait_frame(session, xr.FrameWaitInfo())
    xr.begin_frame(session, xr.FrameBeginInfo())
    xr.end_frame(
        session,
        xr.FrameEndInfo(
            display_time=state.predicted_display_time, environment_blend_mode=xr.EnvironmentBlendMode.OPAQUE, layers=[]
        ),
    )
    return int(state.predicted_display_time), int(state.predicted_display_period)


def _head(session: Any, space: Any, at: int) -> list[float]:
    info = xr.ViewLocateInfo(xr.ViewConfigurationType.PRIMARY_STEREO, at, space)
    _, views = xr.locate_views(session, info)
    left, right = (view.pose.position for view in views)
    turned = views[0].pose.orientation
    middle = [(a + b) / 2 for a, b in zip(left.as_numpy(), right.as_numpy(), strict=True)]
    return [float(value) for value in (*middle, turned.x, turned.y, turned.z, turned.w)]


def _play(instance: Any, context: Context, frames: int) -> dict[str, Any]:
    session = _begin(instance, context)
    space = xr.create_reference_space(session, xr.ReferenceSpaceCreateInfo(xr.ReferenceSpaceType.STAGE, xr.Posef()))
    shown: list[tuple[int, int]] = []
    head: list[float] = []
    focused = False
    lost = ""
    try:
        while len(shown) < frames:
            shown.append(_frame(session))
            head = _head(session, space, shown[-1][0])
            if not focused and xr.SessionState.FOCUSED.value in _states(instance):
                focused = True
                print(json.dumps({"focused": True}), flush=True)
    except _LOST as error:
        lost = type(error).__name__
    else:
        xr.request_exit_session(session)
        _finish(instance, session)
    xr.destroy_session(session)
    return {
        "focused": focused,
        "display_times": [at for at, _ in shown],
        "periods": [period for _, period in shown],
        "head": head,
        "lost": lost,
    }


def _finish(instance: Any, session: Any) -> None:
    """Frames go on until the runtime lets the session end."""
    while xr.SessionState.STOPPING.value not in _states(instance):
        _frame(session)
    xr.end_session(session)


def main(frames: int) -> None:
    """Play `frames` frames, or as many as the runtime lives for."""
    with open_context("egl") as context:
        instance = xr.create_instance(
            xr.InstanceCreateInfo(
                enabled_extension_names=[xr.KHR_OPENGL_ENABLE_EXTENSION_NAME, xr_linux.MNDX_EGL_ENABLE_EXTENSION_NAME]
            )
        )
        try:
            name = xr.get_instance_properties(instance).runtime_name.decode()
            print(json.dumps({"runtime": name, **_play(instance, context, frames)}), flush=True)
        finally:
            xr.destroy_instance(instance)


if __name__ == "__main__":
    main(int(sys.argv[1]))
