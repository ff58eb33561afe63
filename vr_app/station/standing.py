"""What holds until it is said otherwise, so that a render process that is started anew knows it too."""

from __future__ import annotations

from vr_app.commands import (
    Adjust,
    Ask,
    Command,
    PlaceView,
    SenseBreath,
    SetComfort,
    SetText,
    SetVolume,
    Speak,
    TakeBack,
    Veil,
    Watch,
)


class Standing:
    """The last command of each kind that describes a state; moments (Go, a stop, quiet) are not kept.

    Closed eyes and another anchor last until the plan moves on, so they go with its Position.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Command] = {}  # by kind and name

    def heed(self, command: Command) -> bool:
        """Whether it is of a kind that is kept."""
        match command:
            case SetText(slot):
                self._kept["text", slot] = command
            case Ask(name):
                self._kept["panel", name] = command
            case TakeBack(name):
                self._kept.pop(("panel", name), None)
            case Adjust(scene, name):
                self._kept["setting", f"{scene}.{name}"] = command
            case SetComfort() | SetVolume() | Veil() | PlaceView() | Speak() | SenseBreath() | Watch():
                self._kept[type(command).__name__, ""] = command
            case _:
                return False
        return True

    def forget_plan(self) -> None:
        """Another session begins: what was adjusted or veiled in the scenes, words and panels are gone."""
        gone = "text", "panel"
        self._kept = {
            key: kept for key, kept in self._kept.items() if key[0] not in gone and not isinstance(kept, (Adjust, Veil))
        }

    def commands(self) -> tuple[Command, ...]:
        return tuple(self._kept.values())
