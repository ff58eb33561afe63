"""What a person may type to a session, at its terminal or by `harborlight tell`."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import msgspec

from vr_app.commands import (
    Command,
    EndGently,
    Go,
    GroundNow,
    Leave,
    PlaceView,
    Queasy,
    SetPhase,
    SetQuiet,
    Speak,
    Stop,
    StopNow,
)

STOPS: Final[dict[str, Stop]] = {
    "end": EndGently(),
    "stop": StopNow(),
    "ground": GroundNow(),
    "queasy": Queasy(),
    "leave": Leave(),
}
WORDS: Final[dict[str, Command]] = {
    "go": Go(),
    "quiet": SetQuiet(True),
    "speak": Speak(True),
    "spoken": Speak(False),
    **STOPS,
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

    command: Command | Literal["status", "companion"]
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
