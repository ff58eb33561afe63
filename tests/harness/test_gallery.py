"""The gallery: every part of a scene's section, films that play, and what is broken by name."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from subprocess import CompletedProcess
from typing import Annotated, Literal

import numpy as np
import pytest
from PIL import Image, features

from audio.cue_list import working
from headless_harness import gallery
from headless_harness.film import FilmError, write_film
from headless_harness.gallery import breath_seconds, extremes, gaze, moments
from headless_harness.gallery_page import Section, page
from headless_harness.pictures import Picture, read
from headless_harness.round import main as keep_round
from tests.harness.planted import Planted
from vr_app.api import Choice, Kit, Range, SceneInfo, Stage
from vr_app.catalogue import Entry
from vr_app.scripted.headset import looking


@dataclass(frozen=True, slots=True)
class TideSettings:
    breaths_per_minute: Annotated[float, Range(4.0, 10.0, 0.5, "1/min")] = 7.5
    time_of_day: Annotated[Literal["first_light", "noon", "dusk"], Choice(("first_light", "noon", "dusk"))] = (
        "first_light"
    )
    captions: bool = True


class Tide(Planted):
    info = SceneInfo(
        "tide", "The <tide>", "A plate & words.", "meditative", (3.0, 10.0), frozenset({"breath", "water"})
    )
    Settings = TideSettings

    def enter(self, stage: Stage) -> None:
        stage.sound.play("surf")


class Wrecked(Planted):
    info = SceneInfo("wrecked", "Wrecked", "Never built.", "home")

    def build(self, kit: Kit) -> None:
        raise RuntimeError("no such\nmesh")


WRECKED = f"test_gallery.py, line {Wrecked.build.__code__.co_firstlineno + 1}: RuntimeError: no such mesh"
ENTRIES = {
    "tide": Entry("tide", Tide),
    "wrecked": Entry("wrecked", Wrecked),
    "torn": Entry("torn", None, "torn.py, line 3: invalid syntax"),
}
COSTS = {"scenes": {"tide": {"instructions": 812, "ms": [1.25, 4.0], "budget": 910}}}


@pytest.fixture(autouse=True)
def _small_and_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery, "find_scenes", lambda: ENTRIES)
    monkeypatch.setattr(gallery, "working", dict)
    monkeypatch.setattr(gallery, "instruction_figures", lambda: COSTS)
    monkeypatch.setattr(gallery, "FILM_SIZE", (64, 64))
    monkeypatch.setattr(gallery, "FILM_SECONDS", 0.4)
    monkeypatch.setattr(gallery, "HEARD_SECONDS", 7.0)
    monkeypatch.setattr(gallery, "STILL_SECONDS", 0.2)


def run(folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str, str]:
    code = gallery.main(["--out", str(folder), "--size", "64", *options])
    said = capsys.readouterr()
    if "EGL" in said.err:
        pytest.skip(f"unproven: the gallery shows every scene ({said.err.strip()})")
    return code, said.out, said.err


def test_every_scene_has_its_section_and_every_section_its_parts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(tmp_path, capsys)
    assert code == 1
    assert err.splitlines() == [
        f"gallery: wrecked: {WRECKED}",
        "gallery: torn: torn.py, line 3: invalid syntax",
    ]
    assert (tmp_path / "index.html").as_uri() in out
    assert re.search(r"^ +\d+ s  tide: all round at 0 s, 10 s, 20 s$", out, re.MULTILINE)
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    headings = re.findall(r"<h3>(.*?)</h3>", text)
    assert headings == [
        *("All round", "At the feet, and up", "One breath", "Time of day", "Settings at their ends", "What is heard")
    ]
    assert re.search(r"7 s from arriving, -\d\d\.\d LUFS", text)
    assert "The &lt;tide&gt;" in text
    assert "A plate &amp; words." in text
    assert f"Broken: {WRECKED}" in text
    assert "Broken: torn.py, line 3: invalid syntax" in text
    facts = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", text))
    assert facts["Flags"] == "breath, water"
    assert facts["Minutes"] == "3 to 10"
    assert facts["Settings"].split("<br>") == [
        "breaths per minute: 7.5 1/min (4 to 10 by 0.5)",
        "time of day: first light (or noon, dusk)",
        "captions: on",
    ]
    assert facts["Draw calls"] == "1 a frame, for both eyes"
    assert facts["Triangles"].startswith("20 a frame")
    assert facts["Instructions"].startswith("812 a pixel at worst, of 910 budgeted")


def test_the_page_holds_each_picture_and_asks_for_nothing_from_elsewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path, capsys)
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    named = set(re.findall(r'(?:src|href|data-still)="(?!data:|#)([^"]*)"', text))
    assert all((tmp_path / name).is_file() for name in named)
    drawn = {
        file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*.*") if file.suffix in (".jpg", ".avif")
    }
    assert named == drawn
    tiles = re.findall(r'class="tile" href="tide/(.*?)-\d+\.jpg"', text)
    assert {name: tiles.count(name) for name in tiles} == {
        **{f"round-{at}s-{eye}": 8 for at in (0, 10, 20) for eye in ("left", "right")},
        "feet-up": 4,
        "breath": 8,
        "time-of-day": 3,
        "settings-at-their-ends": 4,
    }
    assert "//" not in re.sub(r"data:[\w/]+;base64,[\w+/=]+", "", text)
    assert text.count("<img") == text.count("alt=")


def test_a_quick_gallery_has_one_time_and_no_film(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, capsys, "--quick", "--scene", "tide")
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "round-0s-left-7.jpg" in text
    assert "round-10s" not in text
    assert "left out by --quick" in text
    assert not list(tmp_path.rglob("*.avif"))
    assert "torn" not in text


def test_one_scene_drawn_anew_leaves_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path, capsys, "--quick", "--scene", "tide")
    monkeypatch.setattr(gallery, "find_scenes", lambda: {"planted": Entry("planted", Planted), **ENTRIES})
    assert run(tmp_path, capsys, "--quick", "--scene", "planted")[0] == 0
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert text.index('id="planted"') < text.index('id="tide"')


def test_sounds_alone_are_drawn_without_a_scene(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    named = working()
    monkeypatch.setattr(gallery, "working", lambda: {name: named[name] for name in ("stone", "chime")})
    monkeypatch.setattr(gallery, "instruction_figures", lambda: pytest.fail("of no scene"))
    assert run(tmp_path, capsys, "--sound")[0] == 0
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert 'href="#sound"' in text
    assert set(re.findall(r'class="tile" href="(.*?)"', text)) == {"sound/stone.jpg", "sound/chime.jpg"}
    assert all((tmp_path / "sound" / name).is_file() for name in ("stone.jpg", "chime.jpg"))
    assert "0 places" in text


def test_misuse_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, words in ((["--scene", "nowhere"], "no scene nowhere; there are tide"), (["--size", "3"], "not 3")):
        with pytest.raises(SystemExit) as exited:
            gallery.main(arguments)
        assert exited.value.code == 2
        assert words in capsys.readouterr().err


def test_without_a_counter_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = gallery.facts_of(Planted, {"missing": "glslangValidator is missing"})
    assert facts["Instructions"] == "not counted here (glslangValidator is missing)"
    monkeypatch.undo()
    ended = CompletedProcess([], 1, "", "instructions: glslangValidator is missing: apt-get install it\n")
    monkeypatch.setattr("subprocess.run", lambda *_, **__: ended)
    assert gallery.instruction_figures() == {"missing": "glslangValidator is missing: apt-get install it"}


def test_a_breath_is_as_long_as_the_scene_says() -> None:
    class Slow(Planted):
        breaths_per_minute = 5.0

    assert breath_seconds(Tide) == 8.0
    assert breath_seconds(Slow) == 12.0
    assert breath_seconds(Planted) is None


def test_settings_are_shown_at_their_ends() -> None:
    assert extremes(Tide) == {
        "breaths_per_minute": [4.0, 10.0],
        "time_of_day": ["first_light", "noon", "dusk"],
        "captions": [False, True],
    }
    assert extremes(Planted) == {}


@pytest.mark.parametrize(
    ("golden_times", "three"),
    [((0.0,), [0, 10, 20]), ((0.0, 4.0), [0, 4, 14]), ((5.0, 1.0, 9.0), [1, 5, 9]), ((0, 1, 2, 3, 4), [0, 2, 4])],
)
def test_a_scene_is_seen_at_three_times(golden_times: tuple[float, ...], three: list[float]) -> None:
    assert moments(SceneInfo("any", "Any", "", "home", golden_times=golden_times)) == three


def test_the_film_rests_then_looks_to_both_sides_and_ends_as_it_began(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert gaze(0.0) == gaze(8.0) == looking(0.0)
    turns = [gaze(k / 10).orientation[1] for k in range(201)]
    assert max(turns) == pytest.approx(-min(turns))
    assert abs(turns[-1]) < 1e-9
    assert max(abs(b - a) for a, b in pairwise(turns)) < 0.02


# --- films


def pictures(count: int) -> Iterator[Picture]:
    """Grey that brightens, without end if count is 0."""
    for k in range(count):
        yield np.full((48, 64, 3), 40 + 3 * k, np.uint8)


@pytest.mark.skipif(not features.check("avif"), reason="unproven: films; this Pillow writes no AVIF")
@pytest.mark.parametrize("fps", [30, 12])
def test_a_film_has_every_picture_in_its_time(tmp_path: Path, fps: int) -> None:
    file = tmp_path / "film.avif"
    write_film(file, pictures(45), 45, fps)
    with Image.open(file) as film:
        assert (film.n_frames, film.size) == (45, (64, 48))  # type: ignore[attr-defined]
        spans, greys = [], []
        for k in range(45):
            film.seek(k)
            film.load()
            spans.append(film.info["duration"])
            greys.append(int(np.asarray(film.convert("RGB"))[24, 32, 1]))
    assert sum(spans) == pytest.approx(45000 / fps, abs=1)
    assert greys == pytest.approx([40 + 3 * k for k in range(45)], abs=3)


@pytest.mark.skipif(not features.check("avif"), reason="unproven: films; this Pillow writes no AVIF")
def test_a_film_holds_one_picture_at_a_time(tmp_path: Path) -> None:
    """The encoder takes each picture before the next one is drawn."""
    canvas = np.zeros((48, 64, 3), np.uint8)

    def drawn() -> Iterator[Picture]:
        for k in range(20):
            canvas[:] = 10 * k
            yield canvas

    write_film(tmp_path / "film.avif", drawn(), 20, 30)
    with Image.open(tmp_path / "film.avif") as film:
        film.seek(5)
        assert np.asarray(film.convert("RGB"))[24, 32, 1] == pytest.approx(50, abs=3)
        film.seek(19)
        assert np.asarray(film.convert("RGB"))[24, 32, 1] == pytest.approx(190, abs=3)


def test_without_avif_there_is_no_film_and_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "check", lambda name: False)
    with pytest.raises(FilmError, match=r"pip install 'pillow>=11\.3'"):
        write_film(tmp_path / "film.avif", pictures(2), 2, 30)
    shown = page([Section("tide", "Tide", no_film="No film: this Pillow writes no AVIF")])
    assert html.escape("No film: this Pillow writes no AVIF") in shown


# --- rounds of work


def test_a_round_is_kept_small(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (1400, 2000, 3), np.uint8)
    for name in ("old.png", "new.png"):
        Image.fromarray(noise).save(tmp_path / name, compress_level=1)
    files = ["--before", str(tmp_path / "old.png"), "--after", str(tmp_path / "new.png")]
    assert keep_round(["shore", "3", "wet-sand", *files], tmp_path) == 0
    assert capsys.readouterr().out.splitlines()[-1] == (
        "| ![](shore/03-wet-sand-before.jpg) | ![](shore/03-wet-sand-after.jpg) |"
    )
    for which in ("before", "after"):
        file = tmp_path / "shore" / f"03-wet-sand-{which}.jpg"
        assert read(file).shape == (630, 900, 3)
        assert file.stat().st_size <= 200_000
    assert keep_round(["shore", "3", "x", "--before", "none.png", "--after", "none.png"], tmp_path) == 1
    assert capsys.readouterr().err.count("\n") == 1
