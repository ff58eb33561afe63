"""Gamepads through SDL's table of known ones: the first that is there; pulled and plugged again at any moment."""

from __future__ import annotations

from typing import Any, Final, Literal

from vr_app.desktop.body import Pad
from vr_app.desktop.sdl import controller, pygame

_FULL: Final = 32767.0
_LONGEST_PULSE: Final = 1000  # ms


class Gamepads:
    """`pad()` reads the one in use, or None."""

    def __init__(self) -> None:
        controller.init()
        self._open: Any = None
        self._take()

    def hear(self, event: pygame.Event) -> None:
        """Take in that one was plugged in or pulled."""
        if event.type == pygame.CONTROLLERDEVICEADDED and self._open is None:
            self._take()
        elif event.type == pygame.CONTROLLERDEVICEREMOVED and self._open is not None and not self._open.attached():
            self._release()
            self._take()

    def pad(self) -> Pad | None:
        used = self._open
        if used is None:
            return None
        try:
            return _read(used)
        except pygame.error:  # pulled, and not yet said so
            self._release()
            return None

    def pulse(self, hand: Literal["left", "right"], gain: float, seconds: float) -> None:
        """Shake softly: the heavy motor lies left, the light one right."""
        length, strength = min(int(seconds * 1000), _LONGEST_PULSE), min(max(gain, 0.0), 1.0)
        if self._open is not None and length > 0:
            self._open.rumble(strength if hand == "left" else 0.0, strength if hand == "right" else 0.0, length)

    def close(self) -> None:
        self._release()
        controller.quit()

    def _take(self) -> None:
        for index in range(controller.get_count()):
            if controller.is_controller(index):
                try:
                    self._open = controller.Controller(index)
                except pygame.error:  # gone again
                    continue
                return

    def _release(self) -> None:
        used, self._open = self._open, None
        if used is not None:
            used.quit()


def _read(used: Any) -> Pad:
    def axis(name: int) -> float:
        return max(-1.0, min(float(used.get_axis(name)) / _FULL, 1.0))

    def button(name: int) -> bool:
        return bool(used.get_button(name))

    return Pad(
        (
            (axis(pygame.CONTROLLER_AXIS_LEFTX), axis(pygame.CONTROLLER_AXIS_LEFTY)),
            (axis(pygame.CONTROLLER_AXIS_RIGHTX), axis(pygame.CONTROLLER_AXIS_RIGHTY)),
        ),
        (max(axis(pygame.CONTROLLER_AXIS_TRIGGERLEFT), 0.0), max(axis(pygame.CONTROLLER_AXIS_TRIGGERRIGHT), 0.0)),
        (button(pygame.CONTROLLER_BUTTON_LEFTSHOULDER), button(pygame.CONTROLLER_BUTTON_RIGHTSHOULDER)),
        (
            float(button(pygame.CONTROLLER_BUTTON_DPAD_RIGHT)) - float(button(pygame.CONTROLLER_BUTTON_DPAD_LEFT)),
            float(button(pygame.CONTROLLER_BUTTON_DPAD_UP)) - float(button(pygame.CONTROLLER_BUTTON_DPAD_DOWN)),
        ),
        button(pygame.CONTROLLER_BUTTON_START) or button(pygame.CONTROLLER_BUTTON_BACK),
    )
