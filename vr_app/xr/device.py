"""Everything that lives exactly as long as one XrSession."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any

import xr

from vr_app.headset import HeadsetInfo
from vr_app.render.context import Context
from vr_app.xr.body import Body
from vr_app.xr.calls import address
from vr_app.xr.clock import XrClock
from vr_app.xr.graphics import check_version, graphics_binding
from vr_app.xr.outcome import Judge
from vr_app.xr.picture import Picture
from vr_app.xr.runtime import FAILURES, Runtime, find_system

_log = logging.getLogger(__name__)

SEATED_EYE_HEIGHT_METRES = 1.2  # assumed where a runtime knows no floor; the median of seated adults is 1.1 to 1.25


class Device:
    """A session and its spaces, picture, inputs and clock."""

    def __init__(self, runtime: Runtime, context: Context, wanted_hz: float | None, scale: float) -> None:
        """Raises HeadsetUnavailable (NoDevice while no headset is connected) or xr.XrException."""
        self.runtime = runtime
        system = find_system(runtime)
        check_version(runtime, system, context)
        binding = graphics_binding(context)
        info = xr.SessionCreateInfo(system_id=system.id, next=binding)
        self.session = xr.create_session(runtime.instance, info)
        self.address = address(self.session)
        self.judge = Judge()
        try:
            self.space_type, base = _base_space(runtime, self.session)
            self.picture = Picture(runtime, system, self.session, base, self.judge, scale)
            self.body = Body(runtime, system, self.session, base, self.judge)
        except BaseException:
            self.close()
            raise
        self._base = base
        self.clock = XrClock(runtime.instance, runtime.calls)
        self.refresh_hz = self._choose_rate(wanted_hz)
        self.info = HeadsetInfo("openxr", runtime.name, system.name, self.refresh_hz, self.picture.size)

    def _choose_rate(self, wanted_hz: float | None) -> float:
        """Ask for the highest rate up to `wanted_hz`, else the lowest; returns the rate now, 0 when none is told."""
        if not self.runtime.has("XR_FB_display_refresh_rate"):
            return 0.0
        try:
            rates = sorted(float(rate) for rate in xr.enumerate_display_refresh_rates_fb(self.session))
            if wanted_hz is not None and rates:
                fitting = [rate for rate in rates if rate <= wanted_hz + 0.5]
                xr.request_display_refresh_rate_fb(self.session, fitting[-1] if fitting else rates[0])
            return float(xr.get_display_refresh_rate_fb(self.session).value)
        except FAILURES as error:  # the picture comes all the same, at the runtime's own rate
            _log.warning("the display's refresh rate could not be chosen (%s)", type(error).__name__)
            return 0.0

    def close(self) -> None:
        """Destroy the session; everything made from it goes along (OpenXR 1.1 section 2.9)."""
        with suppress(*FAILURES):  # a lost session may refuse, which changes nothing
            xr.destroy_session(self.session)


def _base_space(runtime: Runtime, session: Any) -> tuple[int, Any]:
    """The space with its origin on the floor: LOCAL_FLOOR, else STAGE, else LOCAL lowered by an assumed eye height."""
    kinds = xr.ReferenceSpaceType
    offered = [int(kind) for kind in xr.enumerate_reference_spaces(session)]
    pose = xr.Posef(xr.Quaternionf(0, 0, 0, 1), xr.Vector3f(0, 0, 0))
    if int(kinds.LOCAL_FLOOR) in offered:
        kind = kinds.LOCAL_FLOOR
    elif int(kinds.STAGE) in offered:
        kind = kinds.STAGE
    else:
        kind, pose.position.y = kinds.LOCAL, -SEATED_EYE_HEIGHT_METRES
    _log.info("world origin: %s%s", kind.name, " lowered by an assumed eye height" if kind is kinds.LOCAL else "")
    return int(kind), xr.create_reference_space(session, xr.ReferenceSpaceCreateInfo(kind, pose))
