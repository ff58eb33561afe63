"""Contact sheets hold every picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from headless_harness import sheet
from headless_harness.pictures import read
from headless_harness.sheet import CAPTION, GAP, Tile, contact_sheet
from tests.harness.planted import Planted
from vr_app.render.context import ContextError
from vr_app.scripted.headset import Photograph
from vr_app.studio import open_studio


def plain(level: int) -> Tile:
    return Tile(f"level {level}", np.full((50, 100, 3), level, np.uint8))


def test_tiles_stand_in_their_rows_above_their_captions() -> None:
    drawn = contact_sheet([[plain(200), plain(100)], [plain(60)]], tile_width=80)
    assert drawn.shape == (GAP + 2 * (40 + CAPTION + GAP), GAP + 2 * (80 + GAP), 3)
    assert (drawn[GAP + 20, GAP + 40] == 200).all()
    assert (drawn[GAP + 20, 2 * GAP + 120] == 100).all()
    assert (drawn[2 * GAP + 40 + CAPTION + 20, GAP + 40] == 60).all()
    caption = drawn[GAP + 40 : GAP + 40 + CAPTION, GAP : GAP + 80]
    assert caption.max() > 150  # ink


def test_a_sheet_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one picture"):
        contact_sheet([[]])


def test_a_scene_is_seen_all_round_with_both_eyes_and_through_a_breath() -> None:
    try:
        with open_studio((64, 64)) as studio:
            rows = sheet.all_round(studio, Planted, 0.0)
            strip = sheet.breath(studio, Planted, 10.0)
    except ContextError as error:
        pytest.skip(f"unproven: contact sheets show a scene ({error})")
    assert [len(row) for row in rows] == [8, 8]
    assert [tile.caption for tile in rows[0][:3]] == ["left, 0 s, ahead", "left, 0 s, 45° left", "left, 0 s, 90° left"]
    assert rows[1][7].caption == "right, 0 s, 45° right"
    assert np.ptp(rows[0][0].picture) > np.ptp(rows[0][4].picture)  # the panel stands ahead
    assert not np.array_equal(rows[0][0].picture, rows[1][0].picture)
    assert [tile.caption for tile in strip] == [f"{k * 1.25:g} s" for k in range(8)]
    assert not np.array_equal(strip[0].picture, strip[4].picture)


def test_a_session_leaves_both_eyes_of_every_moment(tmp_path: Path) -> None:
    moments = [Photograph(float(k), plain(20 * k).picture, plain(20 * k + 10).picture) for k in range(8)]
    drawn = read(sheet.write_run_sheet(tmp_path / "run.sheet.png", moments))
    assert drawn.shape[1] == GAP + 6 * (300 + GAP)
    tops = [GAP + k * (150 + CAPTION + GAP) + 75 for k in range(4)]
    assert [drawn[top, GAP + 306 + 150, 0] for top in tops] == [20, 30, 140, 150]


def test_a_scene_that_is_not_there_is_misuse(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        sheet.main(["no_such_scene", "--out", str(tmp_path / "sheet.jpg")])
    assert exited.value.code == 2
    assert "no scene 'no_such_scene'" in capsys.readouterr().err
