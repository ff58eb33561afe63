"""What scenes remember while a session plays, and how it leaves the picture's process without anybody waiting."""

from __future__ import annotations

from collections.abc import Iterator
from multiprocessing import Pipe
from multiprocessing.connection import Connection

import pytest

from tests.core.places import Place, Session
from vr_app.api import MEMORY_BYTES, Stage
from vr_app.commands import Go
from vr_app.remembered import KEY_CHARACTERS, MOST_KEPT, Kept, Remembered
from vr_app.station.child import SPAWN
from vr_app.station.messages import Put, decode_report
from vr_app.station.page import Page
from vr_app.station.render import StationLink


def test_a_scene_finds_its_own_and_anothers_by_name() -> None:
    remembered = Remembered({("intention", "words"): b"the sea"})
    tree = remembered.of("values_tree")
    assert tree.get("words") is None
    assert tree.get("words", scene="intention") == b"the sea"
    tree.put("words", b"to write")
    assert (tree.get("words"), tree.get("words", scene="intention")) == (b"to write", b"the sea")


def test_of_each_key_only_the_newest_leaves_and_only_what_is_new() -> None:
    remembered = Remembered({("values_tree", "tree"): b"oak"})
    tree = remembered.of("values_tree")
    tree.put("tree", b"oak")
    assert remembered.take() == ()
    for leaf in range(3):
        tree.put("tree", b"oak" + b"." * leaf)
    tree.put("stone", b"")
    assert remembered.take() == [Kept("values_tree", "tree", b"oak.."), Kept("values_tree", "stone", b"")]
    assert remembered.take() == ()


@pytest.mark.parametrize(
    ("key", "size"), [("tree", MEMORY_BYTES + 1), ("", 1), ("k" * (KEY_CHARACTERS + 1), 1), ("a\nb", 1)]
)
def test_what_cannot_travel_is_refused_where_it_is_put(key: str, size: int) -> None:
    remembered = Remembered()
    with pytest.raises(ValueError, match=r"too many to remember|no key to remember by"):
        remembered.of("values_tree").put(key, bytes(size))
    assert remembered.take() == ()


def test_a_scene_cannot_fill_the_records() -> None:
    remembered = Remembered()
    stars = remembered.of("constellation")
    for number in range(MOST_KEPT):
        stars.put(f"star {number}", b"")
    with pytest.raises(ValueError, match="are remembered already"):
        stars.put("one more", b"")
    stars.put("star 7", b"brighter")


# --- from the picture's process


class Keeping(Place):
    """Puts one thing when it is entered."""

    def enter(self, stage: Stage) -> None:
        super().enter(stage)
        stage.memory.put("visits", (stage.memory.get("visits") or b"") + b"x")


@pytest.fixture
def pipes() -> Iterator[tuple[Connection, Connection, Connection, Connection]]:
    """What the process hears, who says it; who hears it, what it says."""
    hears, to = Pipe(duplex=False)
    reports, says = Pipe(duplex=False)
    yield hears, to, reports, says
    for end in (to, reports, hears, says):
        end.close()


def test_what_a_scene_put_is_told_with_its_visit_and_waits_for_a_pipe_that_is_full(
    pipes: tuple[Connection, Connection, Connection, Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    hears, _, reports, says = pipes
    link = StationLink(Page(Page.cells(SPAWN)), hears, says, (), 7)
    session = Session({"room": Keeping(), "lantern": Keeping()})
    session.director.obey(Go())
    session.run(1.0)
    with monkeypatch.context() as full:
        full.setattr(link._sender, "send", lambda data: False)
        link.publish(session.director, None, frames=True)
    session.run(15.0)
    link.publish(session.director, None, frames=True)
    told = [decode_report(reports.recv_bytes()) for _ in range(2)]
    assert told == [Put(7, "room", "visits", b"x"), Put(7, "lantern", "visits", b"x")]
    assert not reports.poll(0.05)
