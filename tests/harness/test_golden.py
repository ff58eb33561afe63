"""Golden images: what passes, what fails, and what is laid out for review."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from headless_harness import golden, review
from headless_harness.golden import Shot, accept, compare, draw, shots_of, stale
from headless_harness.pictures import Picture, read
from tests.harness.planted import Planted, Repainted
from vr_app.catalogue import Entry, find_scenes
from vr_app.render.context import Context, ContextError, EglHandles
from vr_app.studio import open_studio

SHOT = Shot("planted", "A <planted> scene", 2.5, 100.0)
PLAIN: Picture = np.full((60, 120, 3), 90, np.uint8)


def spotted(size: int) -> Picture:
    picture = PLAIN.copy()
    picture[10 : 10 + size, 10 : 10 + size] = 200
    return picture


def test_without_a_golden_image_a_picture_is_new_and_fails(tmp_path: Path) -> None:
    verdict = compare(SHOT, PLAIN, tmp_path / "golden", tmp_path / "review")
    assert verdict.state == "new"
    assert not verdict.passed
    assert not (tmp_path / "golden").exists()
    np.testing.assert_array_equal(read(tmp_path / "review" / SHOT.name / "after.png"), PLAIN)


def test_accepted_pictures_pass_and_leave_nothing_to_review(tmp_path: Path) -> None:
    folders = tmp_path / "golden", tmp_path / "review"
    accept(SHOT, PLAIN, *folders)
    assert compare(SHOT, PLAIN, *folders).state == "same"
    assert compare(SHOT, PLAIN + np.uint8(0), *folders).passed
    assert not list((tmp_path / "review").glob("*"))


def test_what_nobody_sees_passes_and_keeps_the_golden_file(tmp_path: Path) -> None:
    folders = tmp_path / "golden", tmp_path / "review"
    accept(SHOT, PLAIN, *folders)
    rounded = PLAIN.copy()
    rounded[::9, ::9] += 1
    assert accept(SHOT, rounded, *folders).state == "within"
    np.testing.assert_array_equal(read(tmp_path / "golden" / f"{SHOT.name}.png"), PLAIN)


def test_a_change_fails_and_is_laid_out_until_it_is_mended(tmp_path: Path) -> None:
    folders = tmp_path / "golden", tmp_path / "review"
    accept(SHOT, PLAIN, *folders)
    verdict = compare(SHOT, spotted(12), *folders)
    assert verdict.state == "changed"
    assert "planted-2.5s-left100: changed, 2.00% of pixels" in str(verdict)
    laid_out = tmp_path / "review" / SHOT.name
    np.testing.assert_array_equal(read(laid_out / "before.png"), PLAIN)
    np.testing.assert_array_equal(read(laid_out / "after.png"), spotted(12))
    facts = json.loads((laid_out / "verdict.json").read_text(encoding="utf-8"))
    assert (facts["scene"], facts["at"], facts["yaw"], facts["differing"]) == ("planted", 2.5, 100.0, 0.02)
    assert compare(SHOT, PLAIN, *folders).passed
    assert not laid_out.exists()


def test_golden_images_that_no_scene_asks_for_are_named(tmp_path: Path) -> None:
    for shot in (*shots_of(Planted.info), SHOT):
        accept(shot, PLAIN, tmp_path, tmp_path / "review")
    assert [file.stem for file in stale([Planted.info], tmp_path)] == ["planted-2.5s-left100"]


def test_a_scene_is_seen_ahead_at_each_time_and_to_the_sides_once() -> None:
    assert [shot.name for shot in shots_of(Planted.info)] == [
        "planted-0s-ahead",
        "planted-2s-ahead",
        "planted-0s-left100",
        "planted-0s-right100",
    ]


def test_no_scene_asks_for_more_than_is_easy_to_clone() -> None:
    scenes = [entry.info for entry in find_scenes().values() if entry.scene]
    assert scenes
    assert not [info.id for info in scenes if len(shots_of(info)) > 6]
    assert max(golden.EYE_SIZE) <= 480


@pytest.mark.parametrize(
    ("renderer", "version", "here"),
    [
        ("llvmpipe (LLVM 19.1.7, 256 bits)", "4.5 (Core Profile) Mesa 25.0.7-2+deb13u1", True),
        ("llvmpipe (LLVM 15.0.6, 256 bits)", "4.5 (Core Profile) Mesa 22.3.6", False),
        ("NVIDIA GeForce GTX 1660/PCIe/SSE2", "4.6.0 NVIDIA 570.1", False),
    ],
)
def test_golden_images_belong_to_one_renderer(renderer: str, version: str, here: bool) -> None:
    context = Context(EglHandles(0, 0, 0, 0), renderer, version)
    assert golden.pinned(context) is here
    assert renderer in golden.elsewhere(context)


def test_a_scene_passes_its_own_golden_images_and_other_words_do_not(tmp_path: Path) -> None:
    folders = tmp_path / "golden", tmp_path / "review"
    try:
        with open_studio((160, 160)) as studio:
            for shot, picture in draw(studio, Planted):
                assert picture.shape == (160, 320, 3)
                accept(shot, picture, *folders)
            assert all(compare(shot, now, *folders).state == "same" for shot, now in draw(studio, Planted))
            states = {shot.name: compare(shot, now, *folders).state for shot, now in draw(studio, Repainted)}
    except ContextError as error:
        pytest.skip(f"unproven: a scene drawn twice is the same ({error})")
    assert states == {
        "planted-0s-ahead": "changed",
        "planted-2s-ahead": "changed",
        "planted-0s-left100": "same",
        "planted-0s-right100": "same",
    }


def test_the_page_shows_every_change_and_loads_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folders = tmp_path / "golden", tmp_path / "review"
    accept(SHOT, PLAIN, *folders)
    compare(SHOT, spotted(12), *folders)
    compare(SHOT._replace(at=9.0), PLAIN, *folders)
    assert review.main([str(tmp_path / "review")]) == 0
    text = (tmp_path / "review" / "index.html").read_text(encoding="utf-8")
    assert "index.html" in capsys.readouterr().out
    assert "1 changed, 1 new" in text
    assert "A &lt;planted&gt; scene" in text
    assert "looking 100° left" in text
    assert text.count("<figure") == 4  # before, after, difference; after
    assert text.count('src="data:image/png;base64,') == 4
    assert "http" not in text
    assert text.index("2.00%") < text.index("New: there is")


def test_the_page_says_when_there_is_nothing_to_review(tmp_path: Path) -> None:
    assert review.main([str(tmp_path / "none")]) == 0
    assert "Every golden image is as it was" in (tmp_path / "none" / "index.html").read_text(encoding="utf-8")


def test_the_command_accepts_compares_and_says_what_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = tmp_path / "golden", tmp_path / "review"
    monkeypatch.setattr(golden, "find_scenes", lambda: {"planted": Entry("planted", Planted)})
    monkeypatch.setattr(golden, "EYE_SIZE", (96, 96))
    if golden.main([], *folders) == 1 and "golden images belong to" in (said := capsys.readouterr()).err:
        assert said.err.count("\n") == 1
        pytest.skip("unproven: golden images are compared; another renderer draws here")
    accept(SHOT, PLAIN, *folders)  # a time that the scene no longer has
    assert golden.main(["--accept"], *folders) == 0
    assert sorted(file.stem for file in folders[0].glob("*.png")) == sorted(
        shot.name for shot in shots_of(Planted.info)
    )
    assert golden.main([], *folders) == 0
    monkeypatch.setattr(golden, "find_scenes", lambda: {"planted": Entry("planted", Repainted)})
    capsys.readouterr()
    assert golden.main(["planted"], *folders) == 1
    assert "2 differ: look at them" in capsys.readouterr().out


def test_an_unknown_scene_is_misuse(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        golden.main(["no_such_scene"])
    assert exited.value.code == 2
    assert "no scene no_such_scene" in capsys.readouterr().err
