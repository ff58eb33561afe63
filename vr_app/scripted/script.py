"""What a scripted headset does: one JSON object a line, `{"at": seconds, ...}`, from a file or a recording.

Keys: `head`, `left`, `right` (seven numbers: x y z metres, then quaternion x y z w; null: not tracked), `select` and
`squeeze` ([left, right] in 0..1), `stop` ([left, right] true or false), `bare` (hands without controllers, every joint
of which is at the grip), `worn`, `focused`, `running` (true or false).
A key that is absent keeps its last value; poses move smoothly from line to line.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from math import isfinite, sqrt
from pathlib import Path
from typing import Any

import numpy as np

from vr_app.api import Hand, Inputs, Pose, Quat, Vec3

SEATED_HEAD = Pose((0.0, 1.2, 0.0))


class ScriptFileError(Exception):
    """A script that cannot be played: file, line and remedy."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The whole state from `at` (seconds) on; poses are on their way to the next line's."""

    at: float = 0.0
    head: Pose | None = SEATED_HEAD
    left: Pose | None = None
    right: Pose | None = None
    select: tuple[float, float] = (0.0, 0.0)
    squeeze: tuple[float, float] = (0.0, 0.0)
    stop: tuple[bool, bool] = (False, False)
    bare: bool = False
    worn: bool = True
    focused: bool = True
    running: bool = True


class InputScript:
    """Moments in order of time; asked for any time, it answers with poses between two lines."""

    def __init__(self, moments: Iterable[Moment] = ()) -> None:
        self._moments = sorted(moments, key=lambda moment: moment.at) or [Moment()]
        self._times = [moment.at for moment in self._moments]

    def state(self, time: float) -> Moment:
        """The line that holds at `time`; the first one holds before its own time."""
        return self._moments[max(bisect_right(self._times, time) - 1, 0)]

    def inputs(self, time: float) -> Inputs:
        """Poses and buttons at `time` seconds."""
        index = max(bisect_right(self._times, time) - 1, 0)
        now = self._moments[index]
        after = self._moments[min(index + 1, len(self._moments) - 1)]
        span = after.at - now.at
        share = min(max((time - now.at) / span, 0.0), 1.0) if span > 0 else 0.0
        head = between(now.head, after.head, share)
        return Inputs(
            head or SEATED_HEAD,
            head is not None,
            _hand(between(now.left, after.left, share), now, 0),
            _hand(between(now.right, after.right, share), now, 1),
        )


def load_input_script(path: Path) -> InputScript:
    """Read a JSONL script. Raises ScriptFileError with file, line and remedy."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ScriptFileError(f"{path}: {error}; give the path of a JSONL script") from None
    moments, state = [], Moment()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            state = replace(state, **_parsed(json.loads(line)))
        except (ValueError, TypeError, KeyError) as error:
            raise ScriptFileError(f"{path.name}, line {number}: {error}; see vr_app/scripted/script.py") from None
        moments.append(state)
    return InputScript(moments)


def save_input_script(path: Path, recorded: Iterable[tuple[float, Inputs]]) -> None:
    """Write what a patient did as a script that plays it again."""
    with path.open("w", encoding="utf-8") as file:
        for at, inputs in recorded:
            hands = (inputs.left, inputs.right)
            line = {
                "at": round(at, 4),
                "head": _numbers(inputs.head if inputs.head_tracked else None),
                "left": _numbers(hands[0].grip if hands[0] else None),
                "right": _numbers(hands[1].grip if hands[1] else None),
                "select": [hand.select if hand else 0.0 for hand in hands],
                "squeeze": [hand.squeeze if hand else 0.0 for hand in hands],
                "stop": [bool(hand and hand.stop) for hand in hands],
                "bare": any(hand is not None and hand.joints is not None for hand in hands),
            }
            file.write(json.dumps(line, separators=(",", ":")) + "\n")


def between(a: Pose | None, b: Pose | None, share: float) -> Pose | None:
    """From `a` (share 0) to `b` (share 1): straight line and normalised linear quaternion."""
    if a is None or b is None or share == 0.0 or a is b:
        return a
    sign = 1.0 if sum(p * q for p, q in zip(a.orientation, b.orientation, strict=True)) >= 0 else -1.0
    mixed = [p + (sign * q - p) * share for p, q in zip(a.orientation, b.orientation, strict=True)]
    size = sqrt(sum(part * part for part in mixed)) or 1.0
    orientation: Quat = (mixed[0] / size, mixed[1] / size, mixed[2] / size, mixed[3] / size)
    x, y, z = (p + (q - p) * share for p, q in zip(a.position, b.position, strict=True))
    return Pose((x, y, z), orientation)


def _hand(grip: Pose | None, now: Moment, side: int) -> Hand | None:
    if grip is None:
        return None
    joints = np.tile(np.array([*grip.position, *grip.orientation, 0.008], np.float32), (26, 1)) if now.bare else None
    return Hand(grip, grip, now.select[side], now.squeeze[side], now.stop[side], joints)


def _numbers(pose: Pose | None) -> list[float] | None:
    return [round(part, 5) for part in (*pose.position, *pose.orientation)] if pose else None


def _parsed(line: Any) -> dict[str, Any]:
    known = {field.name for field in fields(Moment)}
    if not isinstance(line, dict) or "at" not in line or set(line) - known:
        raise ValueError(f"a line is an object with 'at' and any of {', '.join(sorted(known - {'at'}))}")
    return {key: _value(key, value) for key, value in line.items()}


def _value(key: str, value: Any) -> Any:
    if key in ("head", "left", "right"):
        return _pose(key, value)
    if key == "at":
        return _number(key, value, 0.0, 1e6)
    if key in ("select", "squeeze"):
        return tuple(_number(key, part, 0.0, 1.0) for part in _two(key, value))
    if key == "stop":
        return tuple(bool(part) for part in _two(key, value))
    if not isinstance(value, bool):
        raise ValueError(f"'{key}' is true or false")
    return value


def _pose(key: str, value: Any) -> Pose | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 7:
        raise ValueError(f"'{key}' is null or seven numbers: x y z, then quaternion x y z w")
    x, y, z, qx, qy, qz, qw = (_number(key, part, -1e4, 1e4) for part in value)
    size = sqrt(qx * qx + qy * qy + qz * qz + qw * qw)
    if not 0.9 < size < 1.1:
        raise ValueError(f"'{key}' has a quaternion of length {size:.2f}; it must be 1")
    position: Vec3 = (x, y, z)
    return Pose(position, (qx / size, qy / size, qz / size, qw / size))


def _two(key: str, value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError(f"'{key}' is [left, right]")
    return value


def _number(key: str, value: Any, low: float, high: float) -> float:
    good = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not good or not isfinite(value) or not low <= value <= high:
        raise ValueError(f"'{key}' must hold numbers in {low:g}..{high:g}, not {value!r}")
    return float(value)
