"""What the patient's body does: head, controllers and hands, read once a frame from one sync."""

from __future__ import annotations

import ctypes
import logging
from math import nan
from struct import Struct
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import xr

from vr_app.api import Hand, Inputs, Pose
from vr_app.xr.bindings import HANDS, PROFILES, RENAMED_BEFORE_1_1
from vr_app.xr.calls import address
from vr_app.xr.outcome import Judge
from vr_app.xr.runtime import FAILURES, Runtime, System

_log = logging.getLogger(__name__)

_VALID = 0b0011  # XR_SPACE_LOCATION_ORIENTATION_VALID_BIT | POSITION_VALID_BIT
_HEAD_TRACKED = 0b0111  # and ORIENTATION_TRACKED: a position may be inferred, as it always is on 3-DoF headsets
_JOINTS = 26  # XR_HAND_JOINT_COUNT_EXT
_PALM = 0
_NOWHERE = Pose((nan, nan, nan), (nan, nan, nan, nan))
_SPACES = 5  # head, then grip and aim of each hand
# One XrSpaceLocationData: flags, then orientation x y z w and position x y z.
_LOCATED = Struct("<" + "Q7f4x" * _SPACES)
_LOCATED_ALONE = Struct("<16xQ7f4x")  # XrSpaceLocation
_LOCATED_SINGLY = Struct("<" + "16xQ7f4x" * _SPACES)  # the same in an array of them
_BUTTONS = Struct("<16xf20x16xf20x16xI20x")  # currentState of two XrActionStateFloat and an XrActionStateBoolean
# Columns of a joint's 40 bytes (flags as two floats, orientation, position, radius) in the order of api.Hand.joints.
_JOINT_COLUMNS = np.array((6, 7, 8, 2, 3, 4, 5, 9))


class _States(ctypes.Structure):
    _fields_ = (
        ("select", xr.ActionStateFloat),
        ("squeeze", xr.ActionStateFloat),
        ("stop", xr.ActionStateBoolean),
    )


class Body:
    """Actions, spaces and hand trackers of one session."""

    def __init__(self, runtime: Runtime, system: System, session: Any, base: Any, judge: Judge) -> None:
        """Raises xr.XrException."""
        self._runtime, self._calls, self._judge = runtime, runtime.calls, judge
        self._session_handle, self._session = session, address(session)
        self._paths = tuple(xr.string_to_path(runtime.instance, hand) for hand in HANDS)
        self.profiles = ["", ""]
        self._focused = False
        self._set = xr.create_action_set(runtime.instance, xr.ActionSetCreateInfo("session", "Session"))
        self._actions = self._make_actions()
        self._suggest()
        xr.attach_session_action_sets(session, xr.SessionActionSetsAttachInfo(action_sets=[self._set]))
        self._prepare_sync()
        self._prepare_spaces(base)
        self._hands = tuple(_HandReader(self._calls, self._session, self._actions, path, judge) for path in self._paths)
        wants_joints = system.hand_tracking and self._calls.xrLocateHandJointsEXT is not None
        self._trackers = tuple(_Tracker(session, base, hand) for hand in (1, 2)) if wants_joints else None
        self._head = Inputs().head

    def _make_actions(self) -> dict[str, Any]:
        kinds = {
            "grip": (xr.ActionType.POSE_INPUT, "Where the hand is"),
            "aim": (xr.ActionType.POSE_INPUT, "Where the hand points"),
            "select": (xr.ActionType.FLOAT_INPUT, "Choose"),
            "squeeze": (xr.ActionType.FLOAT_INPUT, "Grasp"),
            "stop": (xr.ActionType.BOOLEAN_INPUT, "Hold to stop"),
            "haptic": (xr.ActionType.VIBRATION_OUTPUT, "Feel"),
        }
        return {
            name: xr.create_action(
                self._set,
                xr.ActionCreateInfo(name, kind, subaction_paths=list(self._paths), localized_action_name=label),
            )
            for name, (kind, label) in kinds.items()
        }

    def _suggest(self) -> None:
        instance = self._runtime.instance
        for profile in PROFILES:
            if not profile.usable(self._runtime.enabled, self._runtime.core_1_1):
                continue
            path = profile.path if self._runtime.core_1_1 else RENAMED_BEFORE_1_1.get(profile.path, profile.path)
            pairs = [
                xr.ActionSuggestedBinding(self._actions[name], xr.string_to_path(instance, binding))
                for name, binding in profile.bindings()
            ]
            try:
                xr.suggest_interaction_profile_bindings(
                    instance,
                    xr.InteractionProfileSuggestedBinding(xr.string_to_path(instance, path), suggested_bindings=pairs),
                )
            except xr.PathUnsupportedError:  # a runtime may know fewer; that controller then acts as another
                _log.info("%s does not know %s", self._runtime.name, path)

    def _prepare_sync(self) -> None:
        self._active = xr.ActiveActionSet(self._set, 0)
        self._sync_info = xr.ActionsSyncInfo(active_action_sets=[self._active])
        self._sync_address = address(self._sync_info)
        self._vibration = xr.HapticVibration()
        self._haptic_info = xr.HapticActionInfo(action=self._actions["haptic"])

    def _prepare_spaces(self, base: Any) -> None:
        session = self._session_handle
        head = xr.create_reference_space(session, xr.ReferenceSpaceCreateInfo(xr.ReferenceSpaceType.VIEW))
        hands = [
            xr.ActionSpaceCreateInfo(self._actions[name], path) for path in self._paths for name in ("grip", "aim")
        ]
        spaces = [head, *(xr.create_action_space(session, info) for info in hands)]
        self._base = address(base)
        self._spaces = (ctypes.c_void_p * _SPACES)(*(address(space) for space in spaces))
        if self._calls.xrLocateSpaces is not None:
            self._together = (xr.SpaceLocationData * _SPACES)()
            self._locate_info = xr.SpacesLocateInfo(base_space=base, spaces=spaces)
            self._answer = xr.SpaceLocations(locations=self._together)
            self._locate_addresses = address(self._locate_info), address(self._answer)
            self._head_alone = xr.SpaceLocation()
            self._head_address = address(self._head_alone)
        else:
            self._singly = (xr.SpaceLocation * _SPACES)(*(xr.SpaceLocation() for _ in range(_SPACES)))
            size = ctypes.sizeof(xr.SpaceLocation)
            self._places = [(space, address(self._singly) + size * i) for i, space in enumerate(self._spaces)]

    def _locate(self, time: int) -> tuple[Any, ...] | None:
        """Flags, orientation and position of the five spaces at XrTime `time`, flat."""
        if self._calls.xrLocateSpaces is not None:
            self._locate_info.time = time
            result = self._calls.xrLocateSpaces(self._session, *self._locate_addresses)
            if result:
                self._judge("xrLocateSpaces", result)
            if result < 0:
                return None
            located = _LOCATED.unpack_from(self._together)
            return located if located[0] & _VALID == _VALID else self._with_head(located, time)
        for space, place in self._places:
            result = self._calls.xrLocateSpace(space, self._base, time, place)
            if result < 0:
                self._judge("xrLocateSpace", result)
                return None
        return _LOCATED_SINGLY.unpack_from(self._singly)

    def _with_head(self, located: tuple[Any, ...], time: int) -> tuple[Any, ...]:
        """The head asked for by itself: Monado 25.0.0 does not know it among spaces one of which is not tracked."""
        result = self._calls.xrLocateSpace(self._spaces[0], self._base, time, self._head_address)
        if result:
            self._judge("xrLocateSpace", result)
        return located if result < 0 else _LOCATED_ALONE.unpack_from(self._head_alone) + located[8:]

    def sample(self, time: int) -> Inputs:
        """Sync the actions and read everything for XrTime `time`. What cannot be read is not tracked."""
        result = self._calls.xrSyncActions(self._session, self._sync_address)
        if result:
            self._judge("xrSyncActions", result)
        focused = result == 0
        located = self._locate(time)
        if located is None:
            return Inputs(self._head, False)
        if located[0] & _VALID == _VALID:
            self._head = _pose(located, 1)
        left = self._hand(0, located, focused, time)
        return Inputs(
            self._head, located[0] & _HEAD_TRACKED == _HEAD_TRACKED, left, self._hand(1, located, focused, time)
        )

    def _hand(self, which: int, located: tuple[Any, ...], focused: bool, time: int) -> Hand | None:
        if not focused:  # another program has the patient's hands: show none
            return None
        joints = self._trackers[which].joints(self._calls, self._judge, time) if self._trackers else None
        at = 8 + 16 * which
        if located[at] & _VALID == _VALID:
            grip = _pose(located, at + 1)
        elif joints is not None:  # a bare hand on a runtime without XR_EXT_hand_interaction
            grip = _joint_pose(joints[_PALM])
        elif self.profiles[which] and self._hands[which].read()[2]:
            return Hand(_NOWHERE, stop=True)  # out of the cameras' sight, but its button is the patient's way out
        else:
            return None
        aim = _pose(located, at + 9) if located[at + 8] & _VALID == _VALID else None
        select, squeeze, stop = self._hands[which].read() if self.profiles[which] else (0.0, 0.0, False)
        return Hand(grip, aim, select, squeeze, stop, joints)

    def pulse(self, hand: Literal["left", "right"], gain: float, seconds: float) -> None:
        """One soft vibration at the device's own best frequency; `gain` and `seconds` are clamped to what is sane."""
        self._vibration.amplitude = min(max(gain, 0.0), 1.0)
        self._vibration.duration = int(min(max(seconds, 0.0), 5.0) * 1e9)
        self._haptic_info.subaction_path = self._paths[hand == "right"]
        result = self._calls.xrApplyHapticFeedback(self._session, address(self._haptic_info), address(self._vibration))
        if result:
            self._judge("xrApplyHapticFeedback", result)

    def refresh_profiles(self) -> tuple[str, str]:
        """Ask again which controllers the hands hold; empty names are hands without one."""
        for which, path in enumerate(self._paths):
            try:
                profile = xr.get_current_interaction_profile(self._session_handle, path).interaction_profile
                self.profiles[which] = xr.path_to_string(self._runtime.instance, profile) if profile else ""
            except FAILURES:
                self.profiles[which] = ""
        return self.profiles[0], self.profiles[1]


class _HandReader:
    """Select, squeeze and stop of one hand, into one preallocated structure."""

    def __init__(self, calls: Any, session: int, actions: dict[str, Any], path: int, judge: Judge) -> None:
        self._calls, self._session, self._judge = calls, session, judge
        self._states = _States(xr.ActionStateFloat(), xr.ActionStateFloat(), xr.ActionStateBoolean())
        self._infos = [
            xr.ActionStateGetInfo(action=actions[name], subaction_path=path) for name in ("select", "squeeze", "stop")
        ]
        start, size = address(self._states), ctypes.sizeof(xr.ActionStateFloat)
        self._places = [(address(info), start + size * i) for i, info in enumerate(self._infos)]

    def read(self) -> tuple[float, float, bool]:
        """Zeros where a call fails or the controller lacks the button."""
        (select, at_select), (squeeze, at_squeeze), (stop, at_stop) = self._places
        float_state = self._calls.xrGetActionStateFloat
        result = (
            float_state(self._session, select, at_select)
            or float_state(self._session, squeeze, at_squeeze)
            or self._calls.xrGetActionStateBoolean(self._session, stop, at_stop)
        )
        if result:
            self._judge("xrGetActionState", result)
            if result < 0:
                return 0.0, 0.0, False
        select_value, squeeze_value, stopped = _BUTTONS.unpack_from(self._states)
        return min(max(select_value, 0.0), 1.0), min(max(squeeze_value, 0.0), 1.0), bool(stopped)


class _Tracker:
    """One hand's 26 joints (XR_EXT_hand_tracking) in a preallocated array."""

    def __init__(self, session: Any, base: Any, hand: int) -> None:
        self._handle = xr.create_hand_tracker_ext(session, xr.HandTrackerCreateInfoEXT(xr.HandEXT(hand)))
        self._tracker = address(self._handle)
        self._raw = (xr.HandJointLocationEXT * _JOINTS)()
        self._info = xr.HandJointsLocateInfoEXT(base_space=base)
        self._locations = xr.HandJointLocationsEXT(joint_locations=self._raw)
        self._columns = np.frombuffer(self._raw, np.float32).reshape(_JOINTS, 10)
        self._joints = np.zeros((_JOINTS, 8), np.float32)

    def joints(self, calls: Any, judge: Judge, time: int) -> npt.NDArray[np.float32] | None:
        """(26, 8) position, orientation, radius, written anew each frame; None while the hand is not seen."""
        self._info.time = time
        result = calls.xrLocateHandJointsEXT(self._tracker, address(self._info), address(self._locations))
        if result:
            judge("xrLocateHandJointsEXT", result)
        if result < 0 or not self._locations.is_active:
            return None
        return np.take(self._columns, _JOINT_COLUMNS, axis=1, out=self._joints)


def _pose(values: tuple[Any, ...], at: int) -> Pose:
    """An XrPosef that was unpacked at index `at`."""
    return Pose(values[at + 4 : at + 7], values[at : at + 4])


def _joint_pose(joint: npt.NDArray[np.float32]) -> Pose:
    x, y, z, *orientation = joint[:7].tolist()
    return Pose((x, y, z), tuple(orientation))
