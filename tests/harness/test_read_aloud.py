"""Reading aloud: a line that leaves no pause, an exit that comes late and a cue that ends too soon are told."""

from __future__ import annotations

import pytest

from audio.placeholder import ESPEAK
from headless_harness import read_aloud
from headless_harness.read_aloud import Reading, cut_short
from vr_app.lint_words import NAMES
from vr_app.script import FRAMES_A_SECOND, Script, load_script

ROOM = load_script("room", names=NAMES)


def as_written(script: Script, **seconds: float) -> Reading:
    """Read in the time that is estimated, except for these lines."""
    lengths = {line.id: round(len(line.words.split()) * 60.0 / 107.0 * FRAMES_A_SECOND) for line in script.lines()}
    return Reading(script, lengths | {line: round(long * FRAMES_A_SECOND) for line, long in seconds.items()})


def test_what_is_read_as_it_is_written_fits() -> None:
    reading = as_written(ROOM)
    assert list(reading.wrong()) == []
    name, lines, words, slowest, _, fastest, overall, *_ = reading.row().split()
    assert (name, int(lines), int(words)) == ("room", 5, 35)
    assert slowest == fastest == "107"
    assert 60 <= int(overall) <= 75


@pytest.mark.parametrize(
    ("line", "told"),
    [("exit", "room: exit leaves 2.0 s of its pause"), ("nothing_closed", "room: nothing_closed leaves")],
)
def test_a_line_that_takes_its_pause_is_told(line: str, told: str) -> None:
    took = {"exit": 8.05, "nothing_closed": 11.0}[line]
    assert [words[: len(told)] for words in as_written(ROOM, **{line: took}).wrong()] == [told]


def test_an_exit_that_comes_late_is_told() -> None:
    wrong = list(as_written(ROOM, place=7.5, exit=8.6).wrong())
    assert wrong[-1] == "room: the exit has been named after 20.1 s, later than 20"


def test_a_cue_that_ends_before_its_words_is_told() -> None:
    long = {line.id: 30 * FRAMES_A_SECOND for line in ROOM.lines()}
    told = list(cut_short({"room": long}))
    assert any(words.startswith("plan tide: 'Arrive' ends ") for words in told)
    assert list(cut_short({})) == []


def test_without_a_voice_it_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(read_aloud, "ESPEAK", ESPEAK._replace(program="no-such-voice"))
    monkeypatch.setattr("sys.argv", ["read_aloud", "--script", "room"])
    assert read_aloud.main() == 1
    assert "no-such-voice is not on this machine" in capsys.readouterr().err
