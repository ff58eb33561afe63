"""A gamepad that is plugged in, pulled and plugged in again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from vr_app.desktop import gamepad
from vr_app.desktop.body import Pad
from vr_app.desktop.gamepad import Gamepads
from vr_app.desktop.sdl import pygame


class _Table:
    """Stands for SDL's table of gamepads: what is plugged in, by index."""

    def __init__(self) -> None:
        self.plugged: list[_Controller] = []

    def init(self) -> None: ...

    def quit(self) -> None: ...

    def get_count(self) -> int:
        return len(self.plugged)

    def is_controller(self, index: int) -> bool:
        return index < len(self.plugged)

    def Controller(self, index: int) -> _Controller:
        return self.plugged[index]


class _Controller:
    def __init__(self) -> None:
        self.there = True
        self.axes: dict[int, int] = {}
        self.buttons: set[int] = set()
        self.shaken: list[tuple[float, float, int]] = []

    def attached(self) -> bool:
        return self.there

    def get_axis(self, name: int) -> int:
        if not self.there:
            raise pygame.error("no such gamepad")
        return self.axes.get(name, 0)

    def get_button(self, name: int) -> bool:
        return name in self.buttons

    def rumble(self, low: float, high: float, duration: int) -> bool:
        self.shaken.append((low, high, duration))
        return True

    def quit(self) -> None: ...


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Table]:
    table = _Table()
    monkeypatch.setattr(gamepad, "controller", table)
    return table  # type: ignore[return-value]


ADDED = pygame.Event(pygame.CONTROLLERDEVICEADDED, device_index=0)
REMOVED = pygame.Event(pygame.CONTROLLERDEVICEREMOVED, instance_id=0)


def test_there_is_none_until_one_is_plugged_in_and_none_after_it_was_pulled(table: _Table) -> None:
    pads, one = Gamepads(), _Controller()
    assert pads.pad() is None
    table.plugged = [one]
    pads.hear(ADDED)
    assert pads.pad() == Pad()
    one.there, table.plugged = False, []
    assert pads.pad() is None, "pulled, and not yet said so"
    pads.hear(REMOVED)
    assert pads.pad() is None
    table.plugged = [_Controller()]
    pads.hear(ADDED)
    assert pads.pad() == Pad()


def test_a_second_one_takes_over(table: _Table) -> None:
    pads, first, second = Gamepads(), _Controller(), _Controller()
    second.buttons = {pygame.CONTROLLER_BUTTON_START}
    table.plugged = [first, second]
    pads.hear(ADDED)
    pads.hear(ADDED)
    assert pads.pad() == Pad()
    first.there, table.plugged = False, [second]
    pads.hear(REMOVED)
    read = pads.pad()
    assert read is not None
    assert read.stop


def test_triggers_sticks_and_buttons_are_read(table: _Table) -> None:
    pads, one = Gamepads(), _Controller()
    one.axes = {
        pygame.CONTROLLER_AXIS_TRIGGERRIGHT: 32767,
        pygame.CONTROLLER_AXIS_LEFTX: -32768,
        pygame.CONTROLLER_AXIS_RIGHTY: 32767,
    }
    one.buttons = {pygame.CONTROLLER_BUTTON_LEFTSHOULDER, pygame.CONTROLLER_BUTTON_DPAD_UP}
    table.plugged = [one]
    pads.hear(ADDED)
    assert pads.pad() == Pad(((-1.0, 0.0), (0.0, 1.0)), (0.0, 1.0), (True, False), (0.0, 1.0), False)


def test_a_pulse_shakes_one_side_and_absurd_ones_do_no_harm(table: _Table) -> None:
    pads, one = Gamepads(), _Controller()
    pads.pulse("left", 1.0, 0.1)
    table.plugged = [one]
    pads.hear(ADDED)
    pads.pulse("left", 0.5, 0.1)
    pads.pulse("right", 7.0, 1e9)
    pads.pulse("right", 1.0, -1.0)
    assert one.shaken == [(0.5, 0.0, 100), (0.0, 1.0, 1000)]
