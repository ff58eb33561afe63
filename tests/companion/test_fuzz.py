"""Ten thousand frames that no page sends: each is refused in a sentence, or is what it says and does no more."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import msgspec

from tests.companion.doubles import Station, status
from vr_app import limits
from vr_app.commands import StopNow
from vr_app.companion.bookmark import Bookmark
from vr_app.companion.books import NoLibrary, Shelf
from vr_app.companion.hub import Hub
from vr_app.companion.messages import Do, Drive, Hello, NotUnderstood, Said, Seen, Undo, View, decode
from vr_app.companion.record import Record

SEED = 20261128
GOOD = [
    {"type": "Hello", "build": "b1", "client": "tab", "name": "Ada"},
    {"type": "Do", "id": 7, "command": {"type": "SetVolume", "db": -3.0}},
    {"type": "Do", "id": 8, "command": {"type": "SetText", "slot": "intention", "text": "rest"}},
    {"type": "Do", "id": 9, "command": {"type": "Ask", "name": "m", "kind": "scale", "words": "?", "options": ["a"]}},
    {"type": "Drive", "id": 10},
    {"type": "Seen", "picture": 3},
    {"type": "View", "camera": "eye", "hz": 15},
    {"type": "Undo", "id": 11},
]  # fmt: skip
ODD: list[Any] = [None, True, -1, 1e308, "", "x" * 300, [], {}, [[]], {"type": "Go"}, "\u0000", "\ud800", 2**70, 0.1]


def broken(chance: random.Random) -> str:
    """A good frame with something wrong in it, or noise."""
    if chance.random() < 0.1:
        return "".join(
            chr(chance.choice((34, 44, 58, 91, 93, 123, 125, 0x2603, 0))) for _ in range(chance.randrange(60))
        )
    frame = json.loads(json.dumps(chance.choice(GOOD)))
    inside = frame["command"] if "command" in frame and chance.random() < 0.5 else frame
    key = chance.choice([*inside])
    match chance.randrange(4):
        case 0:
            del inside[key]
        case 1:
            inside[key] = chance.choice(ODD)
        case 2:
            inside["type"] = chance.choice(["Fly", "Watch", "do", "", "Leave ", "__class__"])
        case _:
            text = json.dumps(frame)
            at = chance.randrange(len(text))
            return text[:at] + chance.choice(["", '"', "}", "\\u", "9"]) + text[at + chance.randrange(3) :]
    return json.dumps(frame)


def test_every_fuzzed_frame_is_refused_or_is_exactly_a_message(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    station = Station(now=status())
    hub = Hub(station, Record(Shelf(NoLibrary()), Bookmark(tmp_path / "record.json", "this run")), "b1")
    driver, client = (hub.join(Hello("b1", name), 0.0) for name in ("driver", "fuzz"))
    assert driver.id == "driver"
    sentences: list[str] = []
    for number in range(limits.FUZZED_FRAMES):
        frame = broken(chance)
        try:
            said: Said = decode(frame)
        except NotUnderstood as error:
            sentences.append(str(error))
            continue
        assert isinstance(said, (Hello, Do, Drive, Seen, View, Undo))
        assert decode(msgspec.json.encode(said)) == said
        if not isinstance(said, (Drive, Undo, Hello)):
            hub.hear(client, said, number / 10.0)
        hub.turn(number / 10.0)
        while client.outbox.take() is not None:
            pass
    assert len(sentences) > 0.6 * limits.FUZZED_FRAMES
    assert not [words for words in sentences if not 0 < len(words) < 400 or "\n" in words]
    assert not [command for command, by in station.asked if type(command).__name__ not in ("Watch", "StopNow", "Leave")]
    hub.hear(client, Do(1, StopNow()), 2000.0)
    assert station.asked[-1][0] == StopNow()
