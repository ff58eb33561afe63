"""What holds until it is said otherwise, so that a render process that is started anew knows it too."""

from __future__ import annotations

from vr_app.commands import Ask, Command, PlaceView, SenseBreath, SetComfort, SetText, Speak, TakeBack, Watch


class Standing:
    """The last command of each kind that describes a state; moments (Go, a stop, quiet) are not kept."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Command] = {}

    def heed(self, command: Command) -> bool:
        """Whether it is of a kind that is kept."""
        match command:
            case SetText(slot):
                self._kept["text", slot] = command
            case Ask(name):
                self._kept["panel", name] = command
            case TakeBack(name):
                self._kept.pop(("panel", name), None)
            case SetComfort() | PlaceView() | Speak() | SenseBreath() | Watch():
                self._kept[type(command).__name__, ""] = command
            case _:
                return False
        return True

    def commands(self) -> tuple[Command, ...]:
        return tuple(self._kept.values())
