"""What outlives every process: a lock that fails on the safe side, and a place in the plan that is never in the way."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import pytest

from vr_app.station import keeper
from vr_app.station.keeper import CannotKeep, Keeper, PlanFile
from vr_app.station.messages import SCHEMA, Position

PLAN = PlanFile(SCHEMA, "lantern", 5.0, "Ada", Position(1, 2.5, 2.0), ended=False)


def full(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any, **named: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(keeper, "replace_file", refuse)


def test_nobody_has_ever_locked(tmp_path: Path) -> None:
    assert not Keeper(tmp_path).phase.locked
    assert Keeper(tmp_path / "nowhere").interrupted() is None


def test_a_lock_outlives_the_station(tmp_path: Path) -> None:
    Keeper(tmp_path).lock("Ada")
    again = Keeper(tmp_path)
    assert again.phase.locked
    assert "locked since 20" in again.phase.why
    again.unlock("Grace")
    assert not Keeper(tmp_path).phase.locked
    assert json.loads((tmp_path / "phase.json").read_text())["by"] == "Grace"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"schema": 1}', '{"schema": 99, "locked": false, "since": "", "by": ""}']
)
def test_a_lock_that_cannot_be_read_is_a_lock(tmp_path: Path, text: str) -> None:
    (tmp_path / "phase.json").write_text(text)
    assert Keeper(tmp_path).phase.locked


def test_on_a_full_disk_a_lock_holds_and_an_unlocking_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Keeper(tmp_path)
    full(monkeypatch)
    with pytest.raises(CannotKeep, match=r"VR is locked now, but will not be after a restart: .*No space left"):
        kept.lock("Ada")
    assert kept.phase.locked
    with pytest.raises(CannotKeep, match=r"VR stays locked: .*No space left"):
        kept.unlock("Ada")
    assert kept.phase.locked


@pytest.mark.parametrize("by", ["", "  "])
def test_unlocking_takes_a_name(tmp_path: Path, by: str) -> None:
    kept = Keeper(tmp_path)
    kept.lock("")
    with pytest.raises(CannotKeep, match="takes a name"):
        kept.unlock(by)
    assert kept.phase.locked


def test_an_interrupted_plan_is_found_until_it_has_ended(tmp_path: Path) -> None:
    kept = Keeper(tmp_path)
    kept.keep(PLAN)
    assert Keeper(tmp_path).interrupted() == PLAN
    kept.keep(PlanFile(SCHEMA, "lantern", None, "Ada", Position(), ended=True))
    assert Keeper(tmp_path).interrupted() is None


def test_a_disk_that_does_not_take_the_place_is_nobodys_concern(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Keeper(tmp_path)
    kept.keep(PLAN)
    full(monkeypatch)
    kept.keep(PlanFile(SCHEMA, "lantern", None, "Ada", Position(), ended=True))
    assert Keeper(tmp_path).interrupted() == PLAN  # the last whole one


@pytest.mark.parametrize("text", ["", "null", '{"schema": 99}', "\x00\x01"])
def test_a_place_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "position.json").write_text(text)
    assert Keeper(tmp_path).interrupted() is None
