"""What is recorded on a disk that is full for a while: told in one line, in order, and all of it once there is room."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.companion.doubles import Shelved
from vr_app.companion.bookmark import Bookmark
from vr_app.companion.books import NO_ROOM, Journal, Trouble
from vr_app.companion.record import Record
from vr_app.station.messages import Keep

FULL = "The disk is full, so this was not saved; free some space and try again."


class Disk(Shelved):
    """Of so many pieces; None: room enough."""

    room: int | None = None

    def put_memory(self, patient: str, scene: str, key: str, value: bytes) -> None:
        if self.room == 0:
            raise Trouble(FULL)
        self.room = None if self.room is None else self.room - 1
        self.memory.setdefault(patient, {})[scene, key] = value


class OneThread:
    """A shelf whose thread is this one."""

    def __init__(self, book: Journal, aside: Journal | None) -> None:
        self.book, self.aside = book, aside

    def later(self, job: Callable[[Journal | None, Journal | None], None]) -> None:
        job(self.book, self.aside)


def recorded(tmp_path: Path, book: Disk, aside: Disk | None) -> Record:
    record = Record(OneThread(book, aside), Bookmark(tmp_path / "bookmark", "secret"))  # type: ignore[arg-type]
    record.session = "s1"
    return record


def ask(record: Record, *numbers: int) -> list[int]:
    """Which of these pieces are kept."""
    kept: list[int] = []
    for number in numbers:
        keep = Keep(number, "p", "light_paint", f"0001abcd/{number:05}", b"piece")
        record.remember(keep, lambda number=number: kept.append(number))  # type: ignore[misc]
    return kept


def test_a_work_on_a_full_disk_ends_early_and_never_has_a_gap(tmp_path: Path) -> None:
    book = Disk()
    record = recorded(tmp_path, book, None)
    book.room = 2
    assert ask(record, 0, 1, 2) == [0, 1]
    assert record.recording == f"not kept: {FULL}"
    book.room = None
    assert ask(record, 3, 4) == []  # there is room again, but not yet for what came before
    assert ask(record, 2, 4, 3, 4, 5) == [2, 3, 4, 5]
    assert record.recording == "saved"
    assert [key for _, key in book.memory["p"]] == [f"0001abcd/{number:05}" for number in range(6)]


def test_other_works_and_things_do_not_wait_for_one_that_was_not_kept(tmp_path: Path) -> None:
    book = Disk()
    record = recorded(tmp_path, book, None)
    book.room = 0
    assert ask(record, 0) == []
    book.room = None
    kept: list[str] = []
    for key in ("0002abcd/00007", "spot"):
        record.remember(Keep(9, "p", "light_paint", key, b"x"), lambda key=key: kept.append(key))  # type: ignore[misc]
    assert kept == ["0002abcd/00007", "spot"]


def test_what_is_kept_aside_for_want_of_room_says_so_and_not_that_records_are_locked(tmp_path: Path) -> None:
    book, aside = Disk(), Disk()
    record = recorded(tmp_path, book, aside)
    book.room = 1
    assert ask(record, 0, 1) == [0, 1]
    assert record.recording == f"kept aside: {NO_ROOM}"
    book.room = None
    assert ask(record, 2) == [2]
    assert record.recording == "saved"
    assert len(aside.memory["p"]) == 1
