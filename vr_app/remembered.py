"""What scenes remember of one patient while a session plays: they get and put, the session hands on what is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from vr_app.api import MEMORY_BYTES
from vr_app.commands import PIECE

KEY_CHARACTERS: Final = 32  # of a key, at most: as of a slot
MOST_KEPT: Final = 256  # things of one patient: what lies in their records has to travel at each visit
MOST_PIECES: Final = 4096  # of all their works (works/works.py): 8 MB


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
        self._new: dict[tuple[str, str], Kept] = {}
        pieces = sum(PIECE in key for _, key in self._known)
        self._counts = [len(self._known) - pieces, pieces]  # things, pieces of works

    def of(self, scene: str) -> _Memory:
        """A scene's own."""
        return _Memory(self, scene)

    def get(self, scene: str, key: str) -> bytes | None:
        return self._known.get((scene, key))

    def put(self, scene: str, key: str, value: bytes) -> None:
        """Raises ValueError."""
        if len(value) > MEMORY_BYTES:
            raise ValueError(f"{len(value)} bytes are too many to remember; at most {MEMORY_BYTES}")
        if not 0 < len(key) <= KEY_CHARACTERS or not key.isprintable():
            raise ValueError(f"{key[:40]!r} is no key to remember by: 1 to {KEY_CHARACTERS} characters")
        before = self._known.get((scene, key))
        if before is None:
            self._make_room(PIECE in key)
        if before != value:
            self._known[scene, key] = value
            self._new[scene, key] = Kept(scene, key, value)

    def _make_room(self, piece: bool) -> None:
        most = MOST_PIECES if piece else MOST_KEPT
        if self._counts[piece] >= most:
            what = "pieces of works" if piece else "things"
            raise ValueError(f"{most} {what} are remembered already; put this under a key that there is")
        self._counts[piece] += 1

    def pieces(self) -> dict[tuple[str, str], list[bytes]]:
        """Those of each work in their order, by scene and work."""
        found: dict[tuple[str, str], list[bytes]] = {}
        for (scene, key), value in sorted(self._known.items()):
            work, piece, _ = key.partition(PIECE)
            if piece:
                found.setdefault((scene, work), []).append(value)
        return found

    def cut(self, scene: str, work: str, first: int) -> None:
        """Its pieces from this number on are empty: none any more."""
        for (where, key), value in tuple(self._known.items()):
            name, _, number = key.partition(PIECE)
            if (where, name) == (scene, work) and number >= f"{first:05}" and value:
                self.put(where, key, b"")

    def take(self) -> Sequence[Kept]:
        """What was put since this was asked last: of each key the newest."""
        if not self._new:
            return ()
        new, self._new = [*self._new.values()], {}
        return new


class _Memory:
    """Remembered, as one scene sees it."""

    def __init__(self, remembered: Remembered, scene: str) -> None:
        self._remembered, self._scene = remembered, scene

    def get(self, key: str, scene: str = "") -> bytes | None:
        return self._remembered.get(scene or self._scene, key)

    def put(self, key: str, value: bytes) -> None:
        self._remembered.put(self._scene, key, value)
