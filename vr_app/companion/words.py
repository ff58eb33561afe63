"""The one sentence that says how a session stands, in the therapist's language; pages never compose their own."""

from __future__ import annotations

from typing import Final

from vr_app import limits
from vr_app.course import Mode
from vr_app.station.messages import Status

SILENT_SECONDS: Final = 2.0  # of a picture process that told something before: it hangs, or is being started anew
_MODES: Final = {mode.value: mode.name for mode in Mode}
_IN_MODE: Final = {
    "WAITING": "In the calm room, waiting for Go",
    "HELD": "Held in the calm room; Go continues",
    "STOPPED": "Stopped, in the calm room; Go continues",
    "GROUNDED": "Grounding, in the calm room; stay with the patient, Go continues",
    "QUEASY": "Queasy: bright, still and silent; the headset may come off",
    "LOCKED": "VR is locked: nothing plays until it is unlocked",
    "LEAVING": "The picture fades; the headset may come off",
    "OVER": "The session is over",
}


def sentence(status: Status | None, age: float, notice: str) -> str:
    """`age` in seconds since `status`, `notice` the station's alarm."""
    if status is None:
        return _ended(notice or "The picture is being started")
    mode = _MODES.get(status.mode, "")
    if mode == "OVER":
        return _ended(_IN_MODE[mode])
    if age > SILENT_SECONDS:
        return f"No word from the picture for {age:.0f} s; it is being started again and comes back in the calm room."
    state = _playing(status) if mode == "PLAYING" else _IN_MODE.get(mode) or _capital(status.mode)
    concern = _concern(status, mode)
    return _ended(f"{state}. {concern}" if concern else state)


def clock(seconds: float) -> str:
    """Minutes and seconds, such as 2:05."""
    whole = max(round(seconds), 0)
    return f"{whole // 60}:{whole % 60:02d}"


def _playing(status: Status) -> str:
    left = f"{clock(status.seconds_left)} left"
    if status.speak:
        return f"You are speaking: guide and sound step back. {status.plan}, {left}"
    if status.quiet:
        return f"Quiet: the guide rests. {status.plan}, {left}"
    if status.waits:
        return f"{_named(status.cue)} is over; Go plays {_named(status.next_cue or 'the next cue')}"
    where = f"{status.plan}: {status.cue}" if status.cue and status.cue != status.plan else status.plan
    return f"Playing {where}, {left}{', eyes closed' if status.eyes_closed else ''}"


def _concern(status: Status, mode: str) -> str:
    """What else must be known now, the most pressing thing alone."""
    if mode == "LEAVING":
        return ""
    if not status.worn:
        return "The headset is off"
    if status.exposure_seconds >= limits.EXPOSURE_MINUTES * 60.0:
        return f"The headset has been worn for {status.exposure_seconds / 60.0:.0f} minutes; it is time to take it off"
    if not status.head_tracked:
        return "The headset has lost its place; the picture stands still"
    if status.sound_wrong:
        return f"Sound: {status.sound}"
    if not status.focused:
        return "A menu of the headset lies in front; the guide rests"
    if status.locked and mode != "LOCKED":
        return "VR is locked"
    if status.rehearsal:
        return "A rehearsal: no session for a patient"
    return ""


def _named(title: str) -> str:
    return f"“{title}”"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _ended(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else f"{words}."
