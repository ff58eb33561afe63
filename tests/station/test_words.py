"""Words for a terminal: those that depend on how things stand, and what is kept for another picture process."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest

from tests.core.places import Session
from vr_app.commands import (
    Adjust,
    Command,
    Go,
    GoTo,
    Queasy,
    SetAnchor,
    SetComfort,
    SetEyes,
    SetQuiet,
    SetVolume,
    Stop,
    Veil,
)
from vr_app.station.messages import Position, Status
from vr_app.station.standing import Standing
from vr_app.station.words import STOPS, WORDS, Asked, Step, meant, understand


def status(step: int = 1, volume_db: float = 0.0) -> Status:
    now = Session(resume=Position(step)).director.status("")
    return msgspec.structs.replace(now, volume_db=volume_db)


@pytest.mark.parametrize(
    ("word", "now", "command"),
    [
        ("next", status(1), GoTo(2)),
        ("next", status(2), GoTo(3)),  # beyond the end: the director says so
        ("back", status(1), GoTo(0)),
        ("back", status(0), GoTo(0)),
        ("softer", status(volume_db=-3.0), SetVolume(-6.0)),
        ("softer", status(volume_db=-23.0), SetVolume(-24.0)),
        ("louder", status(volume_db=-6.0), SetVolume(-3.0)),
        ("louder", status(volume_db=-1.0), SetVolume(0.0)),
    ],
)
def test_what_a_word_means_follows_from_how_things_stand(word: str, now: Status, command: Command) -> None:
    asked = understand(word).command
    assert isinstance(asked, Step)
    assert meant(asked, now) == command


@pytest.mark.parametrize(
    ("word", "command"),
    [("queasy", Queasy()), ("shut", SetEyes(True)), ("open", SetEyes(False)), ("sight", SetAnchor("sight")),
     ("veil", Veil(True)), ("unveil", Veil(False)), ("own", SetAnchor(""))],
)  # fmt: skip
def test_words_of_the_session(word: str, command: Command) -> None:
    assert understand(word) == Asked(command)


def test_every_stop_has_a_word_and_is_a_stop() -> None:
    assert {type(command) for command in STOPS.values()} == set(get_args(Stop))
    assert STOPS.items() <= WORDS.items()


KEPT: tuple[Command, ...] = (
    *(SetComfort(0.5), SetVolume(-6.0), Adjust("tide_breath", "depth", 0.5), Adjust("tide_breath", "music", "none")),
    *(Adjust("lantern", "warmth", 1.0), Veil(True)),
)


def test_what_holds_is_kept_and_the_last_of_each_counts() -> None:
    standing = Standing()
    for command in (SetVolume(-3.0), Adjust("tide_breath", "depth", 0.9), *KEPT):
        assert standing.heed(command)
    assert set(standing.commands()) == set(KEPT)
    moments: tuple[Any, ...] = (Go(), GoTo(1), SetQuiet(True), Queasy(), SetEyes(True), SetAnchor("sight"))
    assert not any(standing.heed(moment) for moment in moments)
    assert set(standing.commands()) == set(KEPT)


def test_another_plan_forgets_what_was_adjusted_and_nothing_else() -> None:
    standing = Standing()
    for command in KEPT:
        standing.heed(command)
    standing.forget_plan()
    assert standing.commands() == (SetComfort(0.5), SetVolume(-6.0))
