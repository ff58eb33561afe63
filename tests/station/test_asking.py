"""What the supervisor makes of what it is asked, in whatever order disk and processes answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from vr_app.commands import Ask, Command, EndGently, Go, Leave, SetPhase, Stop, StopNow
from vr_app.options import Options
from vr_app.station.messages import Message, Reply, decode_message, encode
from vr_app.station.supervisor import Supervisor
from vr_app.station.words import Asked

MOOD = Ask("mood", "scale", "How is it now?")


class Sent:
    """A render process as far as sending to it goes."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.sender = self

    def send(self, data: bytes) -> bool:
        self.messages.append(decode_message(data))
        return True


class Asking:
    """A supervisor whose disk writes when it is told to; `answers` are (done, words)."""

    def __init__(self) -> None:
        self.supervisor = Supervisor(Options(), None, monitor=False, afterwards=lambda options, played: None)
        self.jobs: list[Callable[[], None]] = []
        self.supervisor._disk.later = self.jobs.append  # type: ignore[assignment, method-assign]
        self.sent = Sent()
        self.supervisor._render.child = self.sent  # type: ignore[assignment]
        self.answers: list[tuple[bool, str]] = []

    def ask(self, command: Command, by: str = "") -> None:
        self.supervisor.ask(Asked(command, by), lambda ok, words: self.answers.append((ok, words)))

    def write(self) -> None:
        """The disk takes all that waits."""
        while self.jobs:
            self.jobs.pop(0)()
        while not self.supervisor._inbox.empty():
            self.supervisor._inbox.get()()

    def reply(self, refused: str | None) -> None:
        """The render process answers the last message."""
        self.supervisor._hear_render(encode(Reply(self.sent.messages[-1].id, refused)))

    def locked(self) -> bool:
        return self.supervisor._render.locked


@pytest.fixture
def asking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asking:
    monkeypatch.setenv("HARBORLIGHT_HOME", str(tmp_path))
    return Asking()


def test_a_lock_holds_before_the_disk_has_it_and_an_unlocking_only_after(asking: Asking) -> None:
    asking.ask(SetPhase(True), "Ada")
    assert asking.locked()
    asking.write()
    asking.ask(SetPhase(False), "Ada")
    assert asking.locked()
    asking.write()
    assert not asking.locked()
    assert asking.answers == [(True, "VR is locked"), (True, "VR is unlocked")]


def test_a_lock_is_not_undone_by_an_unlocking_that_was_asked_before_it(asking: Asking) -> None:
    asking.ask(SetPhase(False), "Ada")
    asking.ask(SetPhase(True), "Grace")
    asking.write()
    assert asking.locked()
    asking.ask(Go())
    assert asking.answers[-1] == (False, "VR is locked; say: unlock NAME")
    assert asking.supervisor._keeper.phase.locked


def test_only_what_was_not_refused_is_said_to_the_next_render_process(asking: Asking) -> None:
    asking.ask(MOOD)
    assert asking.supervisor._standing.commands() == ()
    asking.reply("the typeface lacks a character")
    assert asking.supervisor._standing.commands() == ()
    asking.ask(MOOD)
    asking.reply(None)
    assert asking.supervisor._standing.commands() == (MOOD,)


@pytest.mark.parametrize(("stop", "exit_status"), [(Leave(), 0), (EndGently(), None), (StopNow(), None)])
def test_without_a_picture_only_leaving_ends_the_session(asking: Asking, stop: Stop, exit_status: int | None) -> None:
    asking.supervisor._render.child = None
    asking.ask(stop)
    assert asking.supervisor._render.exit == exit_status
    assert asking.supervisor._page.hear_order() == stop  # the next render process takes it
    assert asking.answers[-1][0]
