"""The quick look: the pictures that were asked for, and one line when they cannot be had."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from headless_harness import look
from headless_harness.look import beside, enlarged, grey, squinted
from headless_harness.pictures import Picture, mean_luminance, read
from headless_harness.sheet import CAPTION, GAP

PLANTED = """
from dataclasses import dataclass
from typing import Annotated
from vr_app.api import Frame, Kit, Pass, Pose, Range, Scene


@dataclass(frozen=True, slots=True)
class High:
    height: Annotated[float, Range(0.0, 2.0)] = 1.2


class Plate(Scene):
    Settings = High

    def build(self, kit: Kit) -> None:
        self.label = kit.text("Rest here", height=0.2, width=2.0)

    def draw(self, frame: Frame, out: Pass) -> None:
        where = (0.0, frame.settings.height + 0.1 * frame.scene_time, -1.8)
        if frame.detail:
            out.text(self.label, Pose(where))


class Broken(Scene):
    def build(self, kit: Kit) -> None:
        raise RuntimeError("no such\\nmesh")
"""

Look = Callable[..., Picture]


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    file = tmp_path / "scratch.py"
    file.write_text(PLANTED, encoding="utf-8")
    return file


@pytest.fixture
def looked(scratch: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Look:
    """Runs the command on the planted plate at 64 x 64 and gives the picture."""

    def run(*options: str) -> Picture:
        out = tmp_path / "look.png"
        code = look.main([str(scratch), "--class", "Plate", "--size", "64x64", "--out", str(out), *options])
        if "EGL" in (said := capsys.readouterr().err):
            pytest.skip(f"unproven: a quick look shows a scene ({said.strip()})")
        assert (code, said) == (0, "")
        return read(out)

    return run


def tiles(picture: Picture, size: int = 64) -> list[list[Picture]]:
    """The pictures of a sheet, without captions."""
    rows, columns = (picture.shape[0] - GAP) // (size + CAPTION + GAP), (picture.shape[1] - GAP) // (size + GAP)
    tops = [GAP + row * (size + CAPTION + GAP) for row in range(rows)]
    lefts = [GAP + column * (size + GAP) for column in range(columns)]
    return [[picture[top : top + size, left : left + size] for left in lefts] for top in tops]


def spread(picture: Picture) -> int:
    """How far the values of a channel lie apart."""
    return int(np.ptp(picture, axis=(0, 1)).max())


def test_a_row_for_each_time_and_pitch_and_a_column_for_each_yaw(looked: Look) -> None:
    rows = tiles(looked("--at", "0", "2", "--yaw", "0", "180", "--pitch", "0", "20"))
    assert [len(row) for row in rows] == [2, 2, 2, 2]
    ahead, later = rows[0][0], rows[2][0]
    assert spread(ahead) > 60
    assert spread(rows[0][1]) <= 1  # the plate stands ahead
    assert not np.array_equal(ahead, later)


def test_a_strip_over_time_is_one_row(looked: Look) -> None:
    rows = tiles(looked("--frames", "3", "--every", "1"))
    assert [len(row) for row in rows] == [3]
    assert not np.array_equal(rows[0][0], rows[0][2])


def test_the_left_eye_alone_is_what_both_eyes_show_of_it(looked: Look) -> None:
    ((left,),) = tiles(looked())
    (both_left,), (both_right,) = tiles(looked("--eye", "both"))
    ((right,),) = tiles(looked("--eye", "right"))
    assert np.array_equal(left, both_left)
    assert np.array_equal(right, both_right)
    assert not np.array_equal(left, right)


def test_settings_detail_and_place_and_angle_reach_the_scene(looked: Look) -> None:
    plain = looked()
    assert not np.array_equal(plain, looked("--set", "height=0.9"))
    assert not np.array_equal(plain, looked("--fov", "40"))
    assert not np.array_equal(plain, looked("--head=-0.2,1.2,-0.5"))
    ((bare,),) = tiles(looked("--detail", "0"))
    assert spread(bare) <= 1


def test_a_part_is_enlarged_without_smoothing(looked: Look) -> None:
    ((whole,),) = tiles(looked())
    ((part,),) = tiles(looked("--crop", "20,24,16,16", "--zoom", "4"))
    np.testing.assert_array_equal(part[::4, ::4], whole[24:40, 20:36])
    np.testing.assert_array_equal(part, enlarged(whole, (20, 24, 16, 16), 4))


def test_grey_keeps_the_light_and_squinting_leaves_four_values(looked: Look) -> None:
    (plain,), (without_colours,), (values,) = tiles(looked("--grey", "--squint"))
    assert np.ptp(without_colours.astype(int), axis=2).max() == 0
    assert mean_luminance(without_colours) == pytest.approx(mean_luminance(plain), abs=0.005)
    assert set(np.unique(values)) <= {0, 85, 170, 255}
    np.testing.assert_array_equal(without_colours, grey(plain))
    np.testing.assert_array_equal(values, squinted(plain))


def test_a_former_picture_stands_beside_the_new_one(looked: Look, tmp_path: Path) -> None:
    now = looked()
    (tmp_path / "look.png").rename(tmp_path / "former.png")
    both = looked("--compare", str(tmp_path / "former.png"))
    np.testing.assert_array_equal(both, beside(now, now))
    assert both.shape == (now.shape[0], 2 * now.shape[1] + 2 * GAP, 3)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no_such_scene"], "no scene 'no_such_scene'; there are "),
        (["no_such_file.py"], "there is no file no_such_file.py"),
        (["scratch.py"], "defines 2 Scene classes (Plate, Broken); --class says which"),
        (["scratch.py", "--class", "Other"], "has no Scene class Other; it has Plate, Broken"),
        (["scratch.py", "--class", "Broken"], "scratch.py, line 26: RuntimeError: no such mesh"),
        (["scratch.py", "--class", "Plate", "--set", "width=1"], "no setting 'width'; it has height"),
        (["scratch.py", "--class", "Plate", "--set", "height=9"], "'height' must lie in 0..2, not 9"),
        (["scratch.py", "--class", "Plate", "--set", "height"], "--set takes NAME=VALUE, not 'height'"),
        (["scratch.py", "--class", "Plate", "--crop", "60,0,9,9"], "--crop 60,0,9,9 is not inside a picture of 64x64"),
        (["unfinished.py"], "unfinished.py, line 1: "),
        (["scratch.py", "--class", "Plate", "--compare", "nothing.png"], "nothing.png"),
    ],
)
def test_what_cannot_be_shown_is_said_in_one_line(
    arguments: list[str],
    words: str,
    scratch: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(scratch.parent)
    Path("unfinished.py").write_text("x = (", encoding="utf-8")
    assert look.main([*arguments, "--size", "64x64", "--out", "look.png"]) == 1
    said = capsys.readouterr().err
    if "EGL" in said:
        pytest.skip(f"unproven: a quick look names what is wrong with a scene ({said.strip()})")
    assert said.count("\n") == 1
    assert said.startswith("look: ")
    assert words in said
    assert not Path("look.png").exists()


@pytest.mark.parametrize(
    "wrong", ["--size 3", "--crop 1,2,3", "--zoom 0", "--head 1,2", "--out picture.gif", "--detail 3"]
)
def test_misuse_is_told(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        look.main(["room", "--out", "look.png", *wrong.split()])
    assert exited.value.code == 2
    assert wrong.split()[0] in capsys.readouterr().err
