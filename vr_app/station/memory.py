"""What the places remember of whoever is here, between the picture that puts it and the companion that records it.

Pure, so that every order of events can be tried. What one patient's scenes put is never another's to find: each thing
carries the number of its visit from the frame in which it was put, and the patient's id from here to the records.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Final

from vr_app.station.messages import Keep, Put

AGAIN_SECONDS: Final = 5.0  # without an answer, until the companion is asked once more
APART_SECONDS: Final = 1.0  # at least, between two of the same key: a scene may put in every frame
MOST_ON_THEIR_WAY: Final = 64
NOBODY: Final = ""
NOT_RECALLED: Final = "what the places remember of this patient has not come; begin from the patient's page"

Known = dict[tuple[str, str], bytes]  # by scene and key


@dataclass(slots=True)
class _Waiting:
    """What has not reached the records yet."""

    number: int
    value: bytes
    sent_at: float | None = None  # monotonic seconds; None: not since it was put, or since a companion was lost


class Memory:
    """The supervisor's. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._visit = 1
        self._patients = {self._visit: NOBODY}  # by visit, all of this station's
        self._nobodys = self._visit  # the first of nobody's visits since the last patient's
        self._found: Known = {}  # what the records held when this visit began
        self._put: dict[str, Known] = {}  # by patient, since this station began: newer than what records hold
        self._recalled: tuple[str, Known] | None = None  # of the patient whose visit may begin next
        self._waiting: dict[tuple[str, str, str], _Waiting] = {}  # by patient, scene and key
        self._sent: dict[tuple[str, str, str], float] = {}  # when each key was sent last

    # --- whose visit it is

    def recall(self, patient: str) -> None:
        """What a patient's records hold comes next, in place of what came before."""
        self._recalled = patient, {}

    def recalled(self, patient: str, scene: str, key: str, value: bytes) -> str | None:
        """One thing of it. Says why not, if another patient's has begun to come meanwhile."""
        if self._recalled is None or self._recalled[0] != patient:
            return NOT_RECALLED
        self._recalled[1][scene, key] = value
        return None

    def why_not(self, patient: str) -> str | None:
        """Why this patient's visit cannot begin now."""
        if patient == NOBODY or (self._recalled is not None and self._recalled[0] == patient):
            return None
        return NOT_RECALLED

    def begin(self, patient: str) -> None:
        """Another visit. What is known is this patient's alone; after nobody's comes nobody's, as before."""
        self._found = self._recalled[1] if self._recalled is not None and self._recalled[0] == patient else {}
        self._recalled = None
        self._visit += 1
        if patient != NOBODY:
            self._put.pop(NOBODY, None)
        elif self._patients[self._visit - 1] != NOBODY:
            self._nobodys = self._visit
        self._patients[self._visit] = patient

    # --- the picture

    @property
    def visit(self) -> int:
        return self._visit

    def known(self) -> tuple[tuple[str, str, bytes], ...]:
        """What a picture process that begins is given."""
        known = self._found | self._put.get(self._patients[self._visit], {})
        return tuple((scene, key, value) for (scene, key), value in known.items())

    def put(self, put: Put) -> None:
        """From the picture process of this visit, or a late word of one before."""
        patient = self._patients.get(put.visit)
        if patient is None or (patient == NOBODY and not self._is_nobodys(put.visit)):
            return
        self._put.setdefault(patient, {})[put.scene, put.key] = put.value
        if patient != NOBODY:
            self._waiting[patient, put.scene, put.key] = _Waiting(next(self._numbers), put.value)

    def _is_nobodys(self, visit: int) -> bool:
        """Whether no patient has come since."""
        return self._patients[self._visit] == NOBODY and visit >= self._nobodys

    # --- the companion

    @property
    def waits(self) -> bool:
        """Whether something has not reached the records."""
        return bool(self._waiting)

    def due(self, now: float, *, hurry: bool = False) -> list[Keep]:
        """What the companion is to be asked to keep. `hurry`: the station ends."""
        on_their_way = sum(not _lost(each, now) for each in self._waiting.values())
        found: list[Keep] = []
        for whose, each in self._waiting.items():
            if on_their_way + len(found) >= MOST_ON_THEIR_WAY:
                break
            soon = now - self._sent.get(whose, -APART_SECONDS) < APART_SECONDS
            if _lost(each, now) and not (soon and not hurry):
                found.append(Keep(each.number, *whose, each.value))
        return found

    def sent(self, keep: Keep, now: float) -> None:
        """It is on its way."""
        whose = keep.patient, keep.scene, keep.key
        self._waiting[whose].sent_at = self._sent[whose] = now

    def kept(self, number: int) -> None:
        """It is in the records, or sealed beside them. What was put under its key meanwhile still waits."""
        self._waiting = {whose: each for whose, each in self._waiting.items() if each.number != number}

    def companion_lost(self) -> None:
        """Nobody knows what it had done; the next one is asked for all of it."""
        for each in self._waiting.values():
            each.sent_at = None
        self._sent.clear()


def _lost(waiting: _Waiting, now: float) -> bool:
    """Whether it is to be sent, for the first time or again."""
    return waiting.sent_at is None or now - waiting.sent_at >= AGAIN_SECONDS
