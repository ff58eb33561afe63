"""Records in a folder of their own, by a passphrase that costs little to stretch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from vr_app.records import keys
from vr_app.records.records import Records

PASSPHRASE = "seven quiet herons"
CHEAP = keys.Stretch(iterations=1, memory_kib=64, lanes=1)


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "COST", CHEAP)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "records"


@pytest.fixture
def records(folder: Path) -> Iterator[Records]:
    with Records.create(folder, PASSPHRASE, by="Ann")[0] as made:
        yield made
