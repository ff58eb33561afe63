"""What the places remember of whoever is here, between the picture that puts it and the companion that records it.

Pure, so that every order of events can be tried. What one patient's scenes put is never another's to find: each thing
carries the number of its visit from the frame in which it was put, and the patient's id from here to the records.
"""

from __future__ import annotations

import itertools
from typing import Final, NamedTuple

from vr_app.commands import PIECE
from vr_app.station.messages import Keep, Put

AGAIN_SECONDS: Final = 5.0  # without an answer, until the companion is asked once more
APART_SECONDS: Final = 1.0  # at least, between two of the same key: a scene may put in every frame
MOST_ON_THEIR_WAY: Final = 64
NOBODY: Final = ""
NOT_RECALLED: Final = "what the places remember of this patient has not come; begin from the patient's page"

Known = dict[tuple[str, str], bytes]  # by scene and key
_Whose = tuple[str, str, str]  # patient, scene and key


class _Waiting(NamedTuple):
    """What has not reached the records yet."""

    number: int
    value: bytes


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
        self._waiting: dict[_Whose, _Waiting] = {}
        self._by_number: dict[int, _Whose] = {}  # the same
        self._ready: dict[_Whose, None] = {}  # of them, what is to be sent, in this order
        self._flying: dict[int, float] = {}  # and what the companion was asked for, by number: when; the oldest first
        self._sent: dict[_Whose, float] = {}  # when each key was sent last, but for pieces of works: they come once

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

    def erase(self, patient: str, work: str) -> None:
        """The records have erased it: what was put of it in this run is laid over them no more."""
        put = self._put.get(patient, {})
        for what in [what for what in put if what[1].startswith(work + PIECE)]:
            del put[what]

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
            self._wait((patient, put.scene, put.key), put.value)

    def _wait(self, whose: _Whose, value: bytes) -> None:
        before = self._waiting.get(whose)
        if before is not None:
            del self._by_number[before.number]
            self._flying.pop(before.number, None)
        number = next(self._numbers)
        self._waiting[whose] = _Waiting(number, value)
        self._by_number[number] = whose
        self._ready[whose] = None

    def _is_nobodys(self, visit: int) -> bool:
        """Whether no patient has come since."""
        return self._patients[self._visit] == NOBODY and visit >= self._nobodys

    # --- the companion

    @property
    def waits(self) -> bool:
        """Whether something has not reached the records."""
        return bool(self._waiting)

    def due(self, now: float, *, hurry: bool = False) -> list[Keep]:
        """What the companion is to be asked to keep. `hurry`: the station ends. However much waits, it looks at few."""
        self._ask_again([number for number, at in self._flying.items() if now - at >= AGAIN_SECONDS])
        found: list[Keep] = []
        for whose in self._ready:
            if len(self._flying) + len(found) >= MOST_ON_THEIR_WAY:
                break
            if hurry or now - self._sent.get(whose, -APART_SECONDS) >= APART_SECONDS:
                each = self._waiting[whose]
                found.append(Keep(each.number, *whose, each.value))
        return found

    def sent(self, keep: Keep, now: float) -> None:
        """It is on its way."""
        whose = keep.patient, keep.scene, keep.key
        del self._ready[whose]
        self._flying[keep.number] = now
        if PIECE not in keep.key:
            self._sent[whose] = now

    def kept(self, number: int) -> None:
        """It is in the records, or sealed beside them. What was put under its key meanwhile still waits."""
        whose = self._by_number.pop(number, None)
        if whose is not None:
            del self._waiting[whose]
            self._ready.pop(whose, None)
            self._flying.pop(number, None)

    def companion_lost(self) -> None:
        """Nobody knows what it had done; the next one is asked for all of it."""
        self._ask_again([*self._flying])
        self._sent.clear()

    def _ask_again(self, numbers: list[int]) -> None:
        """Before all else: works are whole as far as their pieces follow each other."""
        if numbers:
            first = dict.fromkeys(self._by_number[number] for number in numbers)
            self._ready = first | self._ready
            for number in numbers:
                del self._flying[number]
