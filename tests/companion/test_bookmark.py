"""A companion that takes the place of one that died goes on with the same record; the next run does not."""

from __future__ import annotations

from pathlib import Path

from vr_app.companion.bookmark import Bookmark


def test_the_next_companion_of_the_same_run_finds_it_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "run" / "record.json"
    assert Bookmark(path, "this run").read() is None
    Bookmark(path, "this run").write("7f", "Amber Heron")
    found = Bookmark(path, "this run").read()
    assert found is not None and (found.session, found.patient) == ("7f", "Amber Heron")
    assert "this run" not in path.read_text()
    assert Bookmark(path, "the next run").read() is None
    Bookmark(path, "this run").remove()
    assert Bookmark(path, "this run").read() is None


def test_what_is_broken_or_cannot_be_written_is_as_if_there_were_none(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_bytes(b"{")
    assert Bookmark(path, "this run").read() is None
    (tmp_path / "file").touch()
    Bookmark(tmp_path / "file" / "record.json", "this run").write("7f", "Amber Heron")
