"""Messages between processes: what was sent is what is heard, and anything else is refused in one line."""

from __future__ import annotations

from contextlib import suppress
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vr_app import api
from vr_app.commands import (
    MEMORY_BYTES,
    Adjust,
    Ask,
    Command,
    EndGently,
    Go,
    GoTo,
    GroundNow,
    Leave,
    LoadPlan,
    PlaceView,
    Queasy,
    Rate,
    SenseBreath,
    SetAnchor,
    SetComfort,
    SetEyes,
    SetPhase,
    SetQuiet,
    SetText,
    SetVolume,
    Speak,
    StopNow,
    TakeBack,
    Veil,
    Watch,
)
from vr_app.remembered import KEY_CHARACTERS
from vr_app.station.messages import (
    MOST_BYTES,
    SCHEMA,
    Bookkeeping,
    Erased,
    Keep,
    Kept,
    Message,
    Position,
    Put,
    Rated,
    Recall,
    Recalled,
    Refused,
    Reply,
    Start,
    decode_asked,
    decode_command,
    decode_message,
    decode_report,
    decode_start,
    decode_status,
    encode,
    encode_command,
)

ALL: list[Command] = [
    *(Go(), SetQuiet(True), EndGently(), StopNow(), GroundNow(), Leave(), SetPhase(False), PlaceView(level=True)),
    SetText("intention", "À bientôt, Łódź"),
    SetComfort(0.5, "large", "left", 1.2),
    Ask("mood", "scale", "How is it now?", ("calm", "tense")),
    TakeBack("mood"),
    Speak(True),
    Watch("beside", 15.0),
    *(Queasy(), GoTo(3), GoTo(2, 61.5), SetAnchor("sight"), SetAnchor(""), SetEyes(True), SetVolume(-6.0)),
    *(Adjust("tide_breath", "depth", 0.5), Adjust("tide_breath", "weather", "misty")),
    LoadPlan("tide", 8.0, "Ada", frozenset({"water", "dark"}), patient="7f" * 16, language="es", visit="a1"),
    SenseBreath("left"),
    Rate("before"),
    Veil(True),
]


def test_every_command_is_tried_here() -> None:
    assert {type(command) for command in ALL} == set(get_args(Command))


@pytest.mark.parametrize("command", ALL, ids=lambda command: type(command).__name__)
def test_a_command_arrives_as_it_was_sent(command: Command) -> None:
    message = decode_message(encode_command(7, command))
    assert message.id == 7
    assert decode_command(message) == command


def test_a_newer_schema_is_refused_with_what_to_do() -> None:
    newer = msgspec.msgpack.encode(Message(SCHEMA + 1, 1, msgspec.Raw(msgspec.msgpack.encode(Go()))))
    with pytest.raises(Refused, match=f"of schema {SCHEMA + 1}, this is {SCHEMA}; restart Harborlight"):
        decode_message(newer)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"type": "Fly"}, "Fly"),
        ({"type": "SetQuiet", "quiet": 3}, "quiet"),
        ({"type": "SetComfort", "brightness": 5.0}, "brightness"),
        ({"type": "Watch", "hz": 1000.0}, "hz"),
        ({"type": "GoTo", "step": -1}, "step"),
        ({"type": "GoTo", "step": 1, "seconds": float("nan")}, "seconds"),
        ({"type": "SetVolume", "db": 3.0}, "db"),
        ({"type": "SetVolume", "db": float("nan")}, "db"),
        ({"type": "SetAnchor", "anchor": "smell"}, "anchor"),
        ({"type": "Rate", "when": "meanwhile"}, "when"),
        ({"type": "LoadPlan", "plan": "x", "language": "Spanish"}, "language"),
        ({"type": "LoadPlan", "plan": "x", "patient": "a b"}, "patient"),
        ({"type": "SetText", "slot": "", "text": "x"}, "slot"),
        ({"type": "SetText", "slot": "x", "text": "x" * 501}, "text"),
    ],
)
def test_what_is_unknown_or_out_of_range_is_refused_by_name(body: dict[str, object], told: str) -> None:
    data = msgspec.msgpack.encode(Message(SCHEMA, 1, msgspec.Raw(msgspec.msgpack.encode(body))))
    with pytest.raises(Refused, match=f"not understood: .*{told}"):
        decode_command(decode_message(data))


def test_words_too_long_for_a_pipe_are_refused_before_they_are_sent() -> None:
    with pytest.raises(Refused, match="too long; shorten the words"):
        encode_command(1, Ask("x", "choice", "\N{OGHAM SPACE MARK}" * 2000))
    longest = SetText("x", "\N{OGHAM SPACE MARK}" * 500)
    assert len(encode_command(1, longest)) < MOST_BYTES


@given(st.binary(max_size=200))
def test_bytes_that_are_no_message_are_refused_and_nothing_else_happens(data: bytes) -> None:
    with suppress(Refused):
        decode_command(decode_message(data))
    with suppress(Refused):
        decode_report(data)
    decode_status(data)


def test_reports_and_starts_travel_too() -> None:
    assert decode_report(encode(Reply(3, "no"))) == Reply(3, "no")
    known = (("tree", "leaf", b"\x00green"),)
    start = Start(
        (SetPhase(False), Go()),
        Position(1, 2.0, 3.0),
        again=True,
        visit=3,
        known=known,
        rated=(Rated("before", 4, 61.5),),
    )
    assert decode_start(encode(start)) == start


LONGEST = "\N{OGHAM SPACE MARK}" * KEY_CHARACTERS
VALUE = bytes(MEMORY_BYTES)


@pytest.mark.parametrize(
    "report", [Put(2**40, LONGEST, LONGEST, VALUE), Keep(2**40, "7" * 64, LONGEST, LONGEST, VALUE)]
)
def test_the_longest_thing_to_remember_fits_a_pipe(report: Put | Keep) -> None:
    assert len(encode(report)) <= MOST_BYTES
    assert decode_report(encode(report)) == report


@pytest.mark.parametrize(
    "said", [Recall("7f"), Recalled("7" * 64, LONGEST, LONGEST, VALUE), Erased("7f", LONGEST), Kept(2**40)]
)
def test_what_the_companion_alone_may_say_is_no_command(said: Bookkeeping) -> None:
    message = decode_message(encode_command(7, said))
    assert decode_asked(message) == said
    with pytest.raises(Refused, match="not understood"):
        decode_command(message)
    assert decode_asked(decode_message(encode_command(7, Go()))) == Go()


def test_scenes_and_messages_have_the_same_limit() -> None:
    assert api.MEMORY_BYTES == MEMORY_BYTES
