"""A work comes back as it was left: after any steps, wherever it was cut off, whatever a newer one put in."""

from __future__ import annotations

import random
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vr_app.api import MEMORY_BYTES, Stroke, Work
from vr_app.remembered import Remembered
from vr_app.station.messages import Making
from vr_app.works.chunks import HEAD_BYTES, MAGIC, NotAWork, chunk, from_file, read_chunks, to_file
from vr_app.works.operations import _FRAME, Kind, begin, framed
from vr_app.works.works import SAVE_SECONDS, Works

SCENE = "light_paint"
STEPS = ("stroke", "dot", "nothing", "erase", "clear", "undo", "redo", "put", "save")


def same(a: dict[int, Stroke], b: dict[int, Stroke]) -> bool:
    return a.keys() == b.keys() and all(
        a[n][:2] == b[n][:2] and a[n][3:] == b[n][3:] and np.array_equal(a[n].points, b[n].points) for n in a
    )


def again(remembered: Remembered) -> Works:
    """The next visit."""
    return Works(Remembered(dict(remembered._known)))


def pieces(remembered: Remembered) -> list[bytes]:
    (found,) = remembered.pieces().values()
    return found


def draw(work: Work, seed: int, points: int = 30) -> int:
    rng = random.Random(seed)
    number = work.begin("ribbon", (0.5, 0.25, 1.0, 0.0), turns=1 + seed % 12, mirror=bool(seed % 2))
    assert number is not None
    for _ in range(points):
        assert work.append((rng.random(), rng.random(), rng.random()), rng.random())
    work.end()
    return number


def do(work: Work, works: Works, step: str, seed: int) -> None:
    match step:
        case "stroke":
            draw(work, seed, 1 + seed % 300)
        case "dot":
            draw(work, seed, 1)
        case "nothing":
            work.begin("ink", (0.0, 0.0, 0.0, 0.0))
            work.end()
        case "erase":
            work.erase([seed % 5, seed % 7])
        case "clear":
            work.clear()
        case "undo":
            work.undo()
        case "redo":
            work.redo()
        case "put":
            work.put(f"thing {seed % 3}", bytes([seed % 256]) * (seed % 700))
        case "save":
            works.finish()


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 400)), max_size=40))
def test_it_comes_back_as_it_was(steps: list[tuple[str, int]]) -> None:
    remembered = Remembered()
    works = Works(remembered)
    work = works.of(SCENE).open()
    for step, seed in steps:
        do(work, works, step, seed)
    works.finish()
    back = again(remembered).of(SCENE).open()
    assert same(dict(back.shown()), dict(work.shown()))
    assert [back.get(f"thing {n}") for n in range(3)] == [work.get(f"thing {n}") for n in range(3)]
    while True:  # and so do the steps behind it
        a, b = work.undo(), back.undo()
        assert a == b
        if a is None:
            break
    assert not work.shown() and not back.shown()


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(STEPS[:3] + STEPS[5:7]), st.integers(0, 40)), max_size=30))
def test_what_is_undone_is_seen_again(steps: list[tuple[str, int]]) -> None:
    works = Works()
    work = works.of(SCENE).open()
    for step, seed in steps:
        do(work, works, step, seed)
    before = dict(work.shown())
    count = 0
    while work.undo() is not None:
        count += 1
    for _ in range(count):
        assert work.redo() is not None
    assert same(dict(work.shown()), before)


def test_a_new_step_forgets_what_was_undone_and_no_number_comes_twice() -> None:
    work = Works().of(SCENE).open()
    first, second = draw(work, 1), draw(work, 2)
    assert work.undo() == {second: False}
    third = draw(work, 3)
    assert third not in (first, second) and work.redo() is None
    assert list(work.shown()) == [first, third]


def test_what_cannot_be_a_point_changes_nothing() -> None:
    work = Works().of(SCENE).open()
    assert not work.append((0.0, 0.0, 0.0), 0.01)  # no stroke is begun
    work.begin("ink", (0.0, 0.0, 0.0, 0.0))
    assert not work.append((float("nan"), 0.0, 0.0), 0.01)
    assert not work.append((0.0, 0.0, 0.0), float("inf"))
    work.end()
    assert not work.shown() and work.undo() is None


def test_every_second_is_on_its_way_while_a_stroke_is_drawn() -> None:
    remembered = Remembered()
    works = Works(remembered)
    work = works.of(SCENE).open()
    work.begin("ink", (0.0, 0.0, 0.0, 0.0))
    for frame in range(900):  # 10 s at 90 Hz, one stroke
        work.append((frame * 0.01, 0.0, 0.0), 0.01)
        works.save(frame / 90.0)
        kept = (
            sum(len(stroke.points) for stroke in again(remembered).of(SCENE).open().shown().values())
            if frame % 90 == 89
            else frame
        )
        assert kept >= frame - 90.0 * SAVE_SECONDS - 1
    assert all(len(each.value) <= MEMORY_BYTES for each in remembered.take())


def test_finished_ones_hang_in_order_and_another_is_begun() -> None:
    remembered = Remembered()
    works = Works(remembered)
    for seed in range(3):
        work = works.of(SCENE).open()
        draw(work, seed)
        work.finish()
    works.finish()
    back = again(remembered)
    assert [work.id for _, work in back.of("other").finished()] == [work.id for _, work in works.of("x").finished()]
    assert not back.of(SCENE).open().shown()


def test_nobody_else_finds_them_and_a_full_memory_loses_nothing_that_was_kept(monkeypatch: Any) -> None:
    monkeypatch.setattr("vr_app.remembered.MOST_PIECES", 3)
    remembered = Remembered()
    works = Works(remembered)
    work = works.of(SCENE).open()
    for seed in range(6):
        if work.begin("ink", (0.0, 0.0, 0.0, 0.0)) is not None:
            for step in range(200):
                work.append((step * 0.01, float(seed), 0.0), 0.01)
        works.finish()
    assert work.begin("ink", (0.0, 0.0, 0.0, 0.0)) is None  # it says so instead of losing what is drawn next
    assert again(remembered).of(SCENE).open().shown()
    assert not Works().of(SCENE).open().shown()


def file_of(strokes: int) -> bytes:
    remembered = Remembered()
    works = Works(remembered)
    work = works.of(SCENE).open()
    for seed in range(strokes):
        draw(work, seed)
        works.finish()
    return to_file(pieces(remembered))


def test_500_corrupted_files_each_give_a_clear_line_and_what_came_before() -> None:
    whole = file_of(20)
    strokes = dict(from_file(whole).sketch.shown())
    rng = random.Random(8)
    for _ in range(500):
        data = bytearray(whole)
        match rng.randrange(4):
            case 0:
                del data[rng.randrange(len(data)) :]
            case 1:
                for _ in range(rng.randrange(1, 9)):
                    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            case 2:
                at = rng.randrange(len(data))
                data[at : at + rng.randrange(1, 600)] = b""
            case 3:
                at = rng.randrange(len(data))
                data[at:at] = rng.randbytes(rng.randrange(1, 600))
        try:
            read = from_file(bytes(data))
        except NotAWork as error:
            said = str(error)
        else:
            said = read.trouble
            kept = dict(read.sketch.shown())
            assert all(n in strokes and np.array_equal(kept[n].points, strokes[n].points) for n in kept)
            if not said:  # cut off between two pieces: a work as it was then
                assert len(data) < len(whole) and same(kept, {n: strokes[n] for n in kept})
                continue
        assert said and "\n" not in said and said.endswith(".") and "Traceback" not in said


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n", MAGIC[:5], b"{}"])
def test_a_foreign_file_is_named(data: bytes) -> None:
    with pytest.raises(NotAWork, match="hlwork"):
        from_file(data)


def test_what_a_newer_one_knows_is_passed_over_and_told() -> None:
    remembered = Remembered()
    works = Works(remembered)
    draw(works.of(SCENE).open(), 1)
    works.finish()
    known = pieces(remembered)
    strange = _FRAME.pack(77, 5) + b"hello"
    newer = bytearray(chunk(len(known), strange))
    newer[2] = 9
    newer[HEAD_BYTES - 4 : HEAD_BYTES] = zlib.crc32(strange, zlib.crc32(bytes(newer[: HEAD_BYTES - 4]))).to_bytes(
        4, "little"
    )
    read = from_file(to_file([*known, bytes(newer)]))
    assert "newer" in read.trouble and len(read.sketch.shown()) == 1 and read.chunks == len(known) + 1


@pytest.mark.parametrize("lost", [1, 4, 9])
def test_a_work_with_a_gap_goes_on_where_it_could_be_read_to_and_nothing_old_follows(lost: int) -> None:
    """Whatever lies behind the gap is no part of what is drawn from then on."""
    remembered = Remembered()
    works = Works(remembered)
    work = works.of(SCENE).open()
    for seed in range(12):
        draw(work, seed)
        works.finish()
        work = works.of(SCENE).open()
    known = dict(remembered._known)
    del known[SCENE, f"{work.id}/{lost:05}"]
    holed = Remembered(known)
    for seed in range(20, 24):
        back = Works(holed)
        work = back.of(SCENE).open()
        draw(work, seed)
        if seed == 22:
            assert work.undo()
        back.finish()
        reopened = again(holed).of(SCENE).open()
        assert same(dict(reopened.shown()), dict(work.shown()))
    assert len(reopened.shown()) == lost + 3
    assert not read_chunks(pieces(holed)).trouble


def test_an_operation_that_breaks_takes_its_whole_piece_with_it() -> None:
    """What is seen is what is kept: half a piece is neither."""
    remembered = Remembered()
    works = Works(remembered)
    draw(works.of(SCENE).open(), 1)
    works.finish()
    scene, key = next(iter(remembered._known))
    count = len(pieces(remembered))
    broken = begin("ink", (0.1, 0.2, 0.3, 0.0), 1, False) + framed(Kind.POINTS, bytes(16)) + framed(Kind.ERASE, b"abc")
    remembered.put(scene, f"{key.partition('/')[0]}/{count:05}", chunk(count, broken))
    back = Works(remembered)
    work = back.of(SCENE).open()
    assert len(work.shown()) == 1
    draw(work, 2)
    back.finish()
    assert same(dict(again(remembered).of(SCENE).open().shown()), dict(work.shown()))


def test_strokes_and_time_can_be_seen_from_beside_and_the_time_is_that_in_which_one_makes() -> None:
    remembered = Remembered()
    works = Works(remembered)
    assert works.at("light_paint") is None
    work = works.open("light_paint")
    now = 0.0
    for _ in range(30 * 90):
        work.begin("ink", (1.0, 1.0, 1.0, 0.0))
        work.append((now, 0.0, 0.0), 0.01)
        work.end()
        now += 1 / 90
        works.save(now)
    work.undo()
    assert works.at("light_paint") == Making(30 * 90 - 1, 30)
    for _ in range(60 * 90):  # one looks
        now += 1 / 90
        works.save(now)
    assert works.at("light_paint") == Making(30 * 90 - 1, 40)
    works.finish()
    assert works.at("light_paint") is None  # one has left
    later = Works(Remembered({(kept.scene, kept.key): kept.value for kept in remembered.take()}))
    later.open("light_paint")
    found = later.at("light_paint")
    assert found is not None
    assert 20 <= found.seconds <= 40
    assert found.strokes == 30 * 90 - 1
