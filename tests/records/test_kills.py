"""Whoever writes the records may be killed at any moment: nothing that was acknowledged is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from headless_harness.records_kills import Killer, Row, play
from vr_app.records.records import Records


@pytest.mark.alone
def test_nothing_acknowledged_is_lost_by_a_kill(tmp_path: Path) -> None:
    """Eight kills here; `python -m headless_harness.records_kills` does 300."""
    told = play(tmp_path / "records", kills=8, seed=3)
    assert told.good, (told.lost, told.wrong)
    assert told.kills == 8
    assert told.acknowledged.total() > 50


def test_a_lost_row_would_be_seen(tmp_path: Path) -> None:
    killer = Killer(tmp_path / "records", seed=0)
    missing = Row("note", "0" * 32, "digest", "1" * 32)
    killer._check([missing], None)
    assert killer.told.lost == [missing]
    with Records.open(tmp_path / "records", killer.passphrases[0]) as records:
        patient = records.add_patient("note", by="Ann")
    other = Row("patient", what="digest of another note", id=patient.id)
    killer._check([other], None)
    assert killer.told.lost == [missing, other]
    assert not killer.told.good
