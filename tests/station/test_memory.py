"""What places remember between picture and records: nothing that was put is lost, and nobody ever finds another's."""

from __future__ import annotations

import time
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from vr_app.remembered import MOST_PIECES
from vr_app.station.memory import AGAIN_SECONDS, APART_SECONDS, MOST_ON_THEIR_WAY, NOBODY, NOT_RECALLED, Memory
from vr_app.station.messages import Keep, Put

TREE = "values_tree", "tree"


def visiting(memory: Memory, patient: str, **known: bytes) -> int:
    """The number of this patient's visit, once their places know these trees."""
    if patient:
        memory.recall(patient)
    for key, value in known.items():
        assert memory.recalled(patient, "values_tree", key, value) is None
    assert memory.why_not(patient) is None
    memory.begin(patient)
    return memory.visit


def put(memory: Memory, value: bytes, visit: int | None = None, key: str = "tree") -> None:
    memory.put(Put(memory.visit if visit is None else visit, "values_tree", key, value))


def known(memory: Memory) -> dict[str, bytes]:
    return {key: value for _, key, value in memory.known()}


def asked(memory: Memory, now: float, *, hurry: bool = False) -> list[Keep]:
    """As the supervisor asks a companion that listens."""
    due = memory.due(now, hurry=hurry)
    for keep in due:
        memory.sent(keep, now)
    return due


def test_a_visit_begins_with_what_the_records_hold_and_the_next_picture_with_what_was_put() -> None:
    memory = Memory()
    visiting(memory, "ann", tree=b"oak", stone=b"grey")
    assert known(memory) == {"tree": b"oak", "stone": b"grey"}
    put(memory, b"oak, a leaf")
    assert known(memory) == {"tree": b"oak, a leaf", "stone": b"grey"}


def test_nobodys_lasts_until_a_patient_comes_and_goes_to_no_record() -> None:
    memory = Memory()
    put(memory, b"ash")
    visiting(memory, NOBODY)
    assert known(memory) == {"tree": b"ash"}
    assert not memory.waits
    visiting(memory, "ann")
    assert known(memory) == {}
    visiting(memory, NOBODY)
    assert known(memory) == {}
    put(memory, b"a word from before Ann came", visit=2)
    assert known(memory) == {}


def test_a_late_word_of_the_picture_before_is_its_own_patients() -> None:
    memory = Memory()
    anns = visiting(memory, "ann")
    bobs = visiting(memory, "bob", tree=b"elm")
    put(memory, b"oak", visit=anns)
    assert known(memory) == {"tree": b"elm"}
    assert asked(memory, 0.0) == [Keep(1, "ann", *TREE, b"oak")]
    put(memory, b"elm, a bud", visit=bobs)
    visiting(memory, "ann", tree=b"seed")  # as the records had it before that late word
    assert known(memory) == {"tree": b"oak"}
    put(memory, b"?", visit=99)
    assert known(memory) == {"tree": b"oak"}


def test_no_visit_begins_before_its_patients_memory_has_come() -> None:
    memory = Memory()
    assert memory.why_not(NOBODY) is None
    assert memory.why_not("ann") == NOT_RECALLED
    memory.recall("ann")
    memory.recall("bob")  # on another page
    assert memory.recalled("ann", *TREE, b"oak") == NOT_RECALLED
    assert memory.why_not("ann") == NOT_RECALLED
    assert memory.why_not("bob") is None
    memory.begin("bob")
    assert known(memory) == {}
    assert memory.why_not("bob") == NOT_RECALLED  # each visit anew


def test_a_work_that_the_records_erased_is_in_no_later_visit() -> None:
    memory = Memory()
    anns = visiting(memory, "ann")
    for key in ("0001abcdefgh/00000", "0001abcdefgh/00001", "0002abcdefgh/00000", "tree"):
        put(memory, b"x", key=key)
    visiting(memory, "bob")
    put(memory, b"x", key="0001abcdefgh/00000")
    memory.recall("ann")
    put(memory, b"late", visit=anns, key="0001abcdefgh/00002")
    memory.erase("ann", "0001abcdefgh")
    memory.begin("ann")
    assert known(memory) == {"0002abcdefgh/00000": b"x", "tree": b"x"}
    visiting(memory, "bob")
    assert known(memory) == {"0001abcdefgh/00000": b"x"}


def test_what_is_not_answered_is_asked_again_and_by_each_new_companion() -> None:
    memory = Memory()
    visiting(memory, "ann")
    put(memory, b"oak")
    keep = Keep(1, "ann", *TREE, b"oak")
    assert asked(memory, 10.0) == [keep]
    assert asked(memory, 10.5) == []
    memory.companion_lost()
    assert asked(memory, 10.6) == [keep]
    assert asked(memory, 10.6 + AGAIN_SECONDS) == [keep]
    memory.kept(1)
    assert not memory.waits
    assert asked(memory, 99.0) == []


def test_what_is_put_while_its_key_is_on_its_way_still_waits() -> None:
    memory = Memory()
    visiting(memory, "ann")
    put(memory, b"oak")
    asked(memory, 10.0)
    put(memory, b"oak, a leaf")
    memory.kept(1)
    assert memory.waits
    assert asked(memory, 10.5) == []  # a scene may put in every frame
    assert asked(memory, 10.5, hurry=True) == [Keep(2, "ann", *TREE, b"oak, a leaf")]
    memory.companion_lost()
    assert asked(memory, 10.0 + APART_SECONDS) == [Keep(2, "ann", *TREE, b"oak, a leaf")]


def test_a_companion_is_not_flooded() -> None:
    memory = Memory()
    visiting(memory, "ann")
    for number in range(200):
        put(memory, b"star", key=f"star {number}")
    numbers: set[int] = set()
    for turn in range(1, 20):
        due = asked(memory, float(turn))
        assert len(due) <= MOST_ON_THEIR_WAY
        numbers |= {keep.number for keep in due}
        for keep in due:
            memory.kept(keep.number)
    assert len(numbers) == 200
    assert not memory.waits


def test_all_pieces_of_a_patients_works_go_in_their_order_each_once_and_in_no_time() -> None:
    memory = Memory()
    visiting(memory, "ann")
    pieces = [f"0001abcdefgh/{number:05}" for number in range(MOST_PIECES)]
    for piece in pieces:
        put(memory, bytes(2000), key=piece)
    begun, flying, went = time.process_time(), deque[Keep](), []
    while memory.waits:
        flying.extend(asked(memory, 0.0))
        assert len(flying) <= MOST_ON_THEIR_WAY
        went.append(flying[0].key)
        memory.kept(flying.popleft().number)
    assert went == pieces
    assert time.process_time() - begun < 1.0
    assert not memory._by_number | memory._flying | memory._sent


def test_what_a_lost_companion_was_asked_for_comes_before_the_rest() -> None:
    """A station that is lost after it has lost its companion leaves works that end early, not works with gaps."""
    memory = Memory()
    visiting(memory, "ann")
    for number in range(100):
        put(memory, b"", key=f"0001abcdefgh/{number:05}")
    asked(memory, 0.0)
    put(memory, b"", key="0001abcdefgh/00100")
    memory.companion_lost()
    memory.companion_lost()  # in every turn of the station, until there is another
    assert [keep.key[-2:] for keep in asked(memory, 0.1)] == [f"{number:02}" for number in range(MOST_ON_THEIR_WAY)]


class Everything(RuleBasedStateMachine):
    """Any order of visits, puts, late words, lost companions; each value says whose it is and how new."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = Memory()
        self.visits = {1: ("", 0)}  # patient, and which of nobody's runs
        self.run = 0
        self.now = 0.0
        self.count = 0
        self.records: dict[str, dict[tuple[str, str], bytes]] = {"ann": {}, "bob": {}}
        self.on_their_way: list[Keep] = []
        self.newest: dict[str, dict[str, bytes]] = {"ann": {}, "bob": {}}

    @rule(patient=st.sampled_from(["ann", "bob", ""]), other=st.sampled_from(["ann", "bob", ""]))
    def begin(self, patient: str, other: str) -> None:
        if patient:
            self.memory.recall(patient)
            for (scene, key), value in self.records[patient].items():
                assert self.memory.recalled(patient, scene, key, value) is None
        if other and other != patient:  # a page that begins something else meanwhile, and is too late
            assert self.memory.why_not(other) == NOT_RECALLED
        assert self.memory.why_not(patient) is None
        self.memory.begin(patient)
        self.run += bool(patient)
        self.visits[self.memory.visit] = patient, self.run

    @rule(back=st.integers(0, 3), key=st.sampled_from(["tree", "stone", "0001abcdefgh/00000"]))
    def put(self, back: int, key: str) -> None:
        """Of this visit, or a late word of one before."""
        visit = max(self.memory.visit - back, 1)
        patient, run = self.visits[visit]
        self.count += 1
        value = f"{patient or f'nobody {run}'} {self.count}".encode()
        self.memory.put(Put(visit, "values_tree", key, value))
        if patient:
            self.newest[patient][key] = value

    @rule(seconds=st.floats(0.0, 10.0))
    def ask(self, seconds: float) -> None:
        self.now += seconds
        self.on_their_way += asked(self.memory, self.now)

    @rule(which=st.integers(0, 5), answered=st.booleans())
    def record(self, which: int, answered: bool) -> None:
        """One thing is recorded, perhaps by a companion that dies before it can say so. They come in order."""
        for keep in self.on_their_way[: which + 1]:
            self.records[keep.patient][keep.scene, keep.key] = keep.value
            if answered:
                self.memory.kept(keep.number)
        del self.on_their_way[: which + 1]

    @rule()
    def lose_the_companion(self) -> None:
        self.on_their_way.clear()
        self.memory.companion_lost()

    @invariant()
    def nobody_finds_anothers(self) -> None:
        patient, run = self.visits[self.memory.visit]
        whose = f"{patient or f'nobody {run}'} ".encode()
        assert all(value.startswith(whose) for _, _, value in self.memory.known())
        for keeper, kept in self.records.items():
            assert all(value.startswith(keeper.encode()) for value in kept.values())

    @invariant()
    def nothing_is_lost(self) -> None:
        patient, _ = self.visits[self.memory.visit]
        if patient:
            assert known(self.memory) == self.newest[patient]

    def teardown(self) -> None:
        for _ in range(3):
            self.memory.companion_lost()
            self.now += AGAIN_SECONDS
            self.on_their_way += asked(self.memory, self.now)
            self.record(1000, answered=True)
        assert not self.memory.waits
        for patient, newest in self.newest.items():
            assert {key: value for (_, key), value in self.records[patient].items()} == newest


TestEverything = Everything.TestCase


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=20))
@pytest.mark.parametrize("seconds", [0.01, 0.3, 2.0])
def test_the_last_of_many_reaches_the_records(seconds: float, values: list[bytes]) -> None:
    memory = Memory()
    visiting(memory, "ann")
    kept = b""
    now = 0.0
    for value in values:
        put(memory, value)
        now += seconds
        for keep in asked(memory, now):
            kept = keep.value
            memory.kept(keep.number)
    for keep in asked(memory, now, hurry=True):
        kept = keep.value
        memory.kept(keep.number)
    assert kept == values[-1]
    assert not memory.waits
