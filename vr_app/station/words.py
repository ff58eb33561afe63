"""What a person may type to a session, at its terminal or by `harborlight tell`."""

from __future__ import annotations

from enum import Enum
from typing import Final, Literal, NamedTuple

import msgspec

from vr_app.commands import (
    Command,
    EndGently,
    Go,
    GoTo,
    GroundNow,
    Leave,
    PlaceView,
    Queasy,
    SetAnchor,
    SetEyes,
    SetPhase,
    SetQuiet,
    SetVolume,
    Speak,
    Stop,
    StopNow,
    Veil,
)
from vr_app.station.messages import Status

SOFTER_DB: Final = 3.0  # a step of the volume
SOFTEST_DB: Final = -24.0


class Step(Enum):
    """What follows from how things stand, and is made a command by the supervisor."""

    NEXT = "next"
    BACK = "back"
    SOFTER = "softer"
    LOUDER = "louder"


STOPS: Final[dict[str, Stop]] = {
    "end": EndGently(),
    "stop": StopNow(),
    "ground": GroundNow(),
    "queasy": Queasy(),
    "leave": Leave(),
}
WORDS: Final[dict[str, Command | Step]] = {
    "go": Go(),
    "quiet": SetQuiet(True),
    "speak": Speak(True),
    "spoken": Speak(False),
    **STOPS,
    **{step.value: step for step in Step},
    "shut": SetEyes(True),
    "open": SetEyes(False),
    "veil": Veil(True),
    "unveil": Veil(False),
    "breath": SetAnchor("breath"),
    "sound": SetAnchor("sound"),
    "sight": SetAnchor("sight"),
    "hands": SetAnchor("hands"),
    "own": SetAnchor(""),
    "place": PlaceView(),
    "lock": SetPhase(True),
    "unlock": SetPhase(False),
}
STATUS: Final = "status"
COMPANION: Final = "companion"
USAGE: Final = f"{', '.join(WORDS)} NAME"
_command = msgspec.json.Decoder(Command)


class Asked(NamedTuple):
    """A command, or what is wanted to know; who gives it where that matters, and from which surface."""

    command: Command | Step | Literal["status", "companion"]
    by: str = ""
    surface: str = ""


class NotUnderstood(Exception):
    """One line that says what is understood."""


def understand(line: str) -> Asked:
    """One of WORDS, `unlock NAME`, `status`, `companion`, or any command as JSON. Raises NotUnderstood."""
    line = line.strip()
    if line == STATUS:
        return Asked("status")
    if line == COMPANION:
        return Asked("companion")
    if line.startswith("{"):
        try:
            return Asked(_command.decode(line))
        except msgspec.MsgspecError as error:
            raise NotUnderstood(f"not understood: {error}") from None
    word, _, by = line.partition(" ")
    command = WORDS.get(word.lower())
    if command is None or (by and not isinstance(command, SetPhase)):
        raise NotUnderstood(f"not understood: {line[:60]!r}; say {USAGE}")
    return Asked(command, by.strip())


def meant(step: Step, status: Status) -> Command:
    """The command that `step` is as things stand. At either end of the plan it is refused, or changes nothing."""
    at, softer = status.position.step, status.volume_db
    match step:
        case Step.NEXT:
            return GoTo(at + 1)
        case Step.BACK:
            return GoTo(max(at - 1, 0))
        case Step.SOFTER:
            return SetVolume(max(softer - SOFTER_DB, SOFTEST_DB))
        case Step.LOUDER:
            return SetVolume(min(softer + SOFTER_DB, 0.0))
