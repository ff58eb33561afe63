"""What scenes remember of one patient while a session plays: they get and put, the session hands on what is new."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from vr_app.api import MEMORY_BYTES


class Kept(NamedTuple):
    """One thing that was put."""

    scene: str
    key: str
    value: bytes


class Remembered:
    """All that is known, of every scene."""

    def __init__(self, known: Mapping[tuple[str, str], bytes] | None = None) -> None:
        """`known` by scene and key, from visits before."""
        self._known = dict(known or {})
        self._new: list[Kept] = []

    def of(self, scene: str) -> _Memory:
        """A scene's own."""
        return _Memory(self, scene)

    def get(self, scene: str, key: str) -> bytes | None:
        return self._known.get((scene, key))

    def put(self, scene: str, key: str, value: bytes) -> None:
        """Raises ValueError."""
        if len(value) > MEMORY_BYTES:
            raise ValueError(f"{len(value)} bytes are too many to remember; at most {MEMORY_BYTES}")
        if self._known.get((scene, key)) != value:
            self._known[scene, key] = value
            self._new.append(Kept(scene, key, value))

    def take(self) -> list[Kept]:
        """What was put since this was asked last, oldest first."""
        new, self._new = self._new, []
        return new


class _Memory:
    """Remembered, as one scene sees it."""

    def __init__(self, remembered: Remembered, scene: str) -> None:
        self._remembered, self._scene = remembered, scene

    def get(self, key: str, scene: str = "") -> bytes | None:
        return self._remembered.get(scene or self._scene, key)

    def put(self, key: str, value: bytes) -> None:
        self._remembered.put(self._scene, key, value)
