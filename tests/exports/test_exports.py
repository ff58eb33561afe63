"""What is taken home: triangles of every brush, files that others can read, a folder that is whole or not there."""

from __future__ import annotations

import base64
import getpass
import json
import os
import re
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Mapping
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from audio.recording import Purpose, Recorder, export
from headless_harness.gltf_check import generated
from vr_app.api import Stroke
from vr_app.exports import in_place, mandala, picture
from vr_app.exports.gltf import glb
from vr_app.exports.handover import LINEN, hand_over
from vr_app.exports.items import PART, HandOverError, Item
from vr_app.exports.picture import png
from vr_app.exports.solid import MOST_TRIANGLES, expanded, solids
from vr_app.exports.worker import Exporting
from vr_app.files import lock
from vr_app.render.context import ContextError

BRUSHES = ("ribbon", "ink", "chalk", "leaf", "dust", "tube", "shape:boat", "a brush of tomorrow")
CANARY = "Canary-7f3a9c"


def stroke(points: Any, brush: str = "ink", turns: int = 1, mirror: bool = False) -> Stroke:
    return Stroke(brush, (0.8, 0.4, 0.2, 0.5), np.array(points, np.float32).reshape(-1, 4), turns, mirror)


LINE = [(0.1 * n, 1.0, -1.0, 0.02) for n in range(10)]
POINTS = st.lists(st.tuples(*[st.floats(-2.0, 2.0, width=32)] * 3, st.floats(0.0, 0.125, width=32)), max_size=20)
STROKES = st.lists(st.builds(stroke, POINTS, st.sampled_from(BRUSHES), st.integers(1, 12), st.booleans()), max_size=4)


@settings(max_examples=60, deadline=None)
@given(STROKES)
def test_triangles_are_whole_whatever_was_drawn(strokes: list[Stroke]) -> None:
    for solid in solids(strokes):
        assert np.isfinite(solid.position).all() and len(solid.index)
        assert solid.index.max() < len(solid.position)
        np.testing.assert_allclose(np.linalg.norm(solid.normal, axis=1), 1.0, atol=1e-4)
        assert (solid.colour >= 0.0).all() and (solid.colour <= 1.0).all()


def test_copies_are_where_the_headset_shows_them() -> None:
    found = expanded([stroke([(0.5, 1.0, 0.0, 0.1)], turns=4, mirror=True)])
    places = {tuple(np.round(each.points[0, :3], 3) + 0.0) for each in found}
    assert places == {(0.5, 1.0, 0.0), (-0.5, 1.0, 0.0), (0.0, 1.0, 0.5), (0.0, 1.0, -0.5)}
    assert len(found) == 8


def test_a_tube_faces_outward_also_where_it_is_mirrored() -> None:
    for mirror in (False, True):
        for solid in solids([stroke(LINE, mirror=mirror)]):
            a, b, c = (solid.position[solid.index[:, k]] for k in range(3))
            facing = np.cross(b - a, c - a)
            outward = solid.normal[solid.index].sum(axis=1)
            area = np.linalg.norm(facing, axis=1) > 1e-8
            assert (np.einsum("ij,ij->i", facing, outward)[area] > 0.0).all()


def test_a_huge_work_stays_within_what_a_phone_shows() -> None:
    turn = np.linspace(0.0, 300.0, 200_000)
    points = np.stack([np.cos(turn), 1.0 + turn / 300.0, np.sin(turn), np.full(200_000, 0.01)], axis=1)
    (solid,) = solids([stroke(points)])
    assert len(solid.index) <= MOST_TRIANGLES * 1.01


def document_of(data: bytes) -> dict[str, Any]:
    magic, version, length = struct.unpack_from("<4sII", data)
    size, kind = struct.unpack_from("<I4s", data, 12)
    assert (magic, version, length, kind) == (b"glTF", 2, len(data), b"JSON")
    found: dict[str, Any] = json.loads(data[20 : 20 + size])
    return found


def test_a_glb_has_a_mesh_a_brush_and_an_empty_one_has_none() -> None:
    document = document_of(glb([stroke(LINE, brush) for brush in BRUSHES]))
    assert [mesh["name"] for mesh in document["meshes"]] == [
        "Light ribbon",
        "Ink",
        "Chalk",
        "Leaf",
        "Dust",
        "Glow tube",
    ]
    assert "meshes" not in document_of(glb([]))


NOTHING: Mapping[str, bytes] = {}
LAID = stroke([(0.0, 1.1, -1.93, 0.1)], "shape:boat")
OWN = {"before": b"one <door>", "next": "mañana\ny el mar".encode(), "moves": b"\x01\x00\x00\x00"}


def test_a_triptych_goes_home_as_it_stands_with_its_words(tmp_path: Path) -> None:
    """One with paint, one with a thing and words alone, in the worker's own process."""
    items = [
        Item("triptych", consent=True, strokes=(stroke(LINE), LAID)),
        Item("triptych", consent=True, strokes=(LAID,), things=OWN),
    ]
    folder = Exporting(tmp_path / "home", items, "es").wait(120.0)
    files = ["index.html", "triptych-1.glb", "triptych-1.png", "triptych-2.png"]
    assert sorted(path.name for path in folder.iterdir()) == files
    assert (folder / "triptych-1.glb").read_bytes() == glb([stroke(LINE)], "Pintura"), "what was laid is no paint"
    with Image.open(folder / "triptych-2.png") as shown:
        assert shown.size == (3840, 2160)
    _, first, second = (folder / "index.html").read_text(encoding="utf-8").split("<section>")
    assert "<h3>" not in first and f"data-ground='{json.dumps(LINEN)}'" in first
    assert re.findall(r"<h3>(.*?)</h3><p class=own dir=auto>(.*?)</p>", second, re.DOTALL) == [
        ("Antes", "one &lt;door&gt;"),
        ("Después", "mañana\ny el mar"),
    ]


def test_the_picture_of_a_triptych_shows_words_and_things_in_their_bay() -> None:
    def shot(strokes: tuple[Stroke, ...] = (), things: Mapping[str, bytes] = NOTHING) -> Any:
        return np.asarray(Image.open(BytesIO(in_place.png("triptych", strokes, things, size=(320, 180)))), float)

    plain = shot()
    for made, first, last in ((shot((LAID,)), 120, 200), (shot(things={"next": b"the sea"}), 200, 320)):
        changed = np.abs(made - plain)[:136].max(axis=(0, 2)) > 12.0  # above the bench, where tools come
        assert changed.any() and first <= np.flatnonzero(changed).min() and np.flatnonzero(changed).max() < last
    assert np.array_equal(plain, shot(things={"before": b"", "an entry of tomorrow": b"?"}))


def test_a_mandala_is_print_ready_and_symmetric() -> None:
    drawn = [stroke([(0.05 * n, 0.0, -0.1 - 0.05 * n, 0.02) for n in range(6)], "ink", turns=6)]
    root = ElementTree.fromstring(mandala.svg(drawn))
    assert root.get("width") == "200mm" and len(root.findall("{*}path")) == 6
    picture = Image.open(BytesIO(mandala.print_png(drawn)))
    assert picture.size == (2362, 2362) and picture.info["dpi"] == pytest.approx((300.0, 300.0), abs=0.1)
    pixels = np.asarray(picture.convert("L").resize((400, 400)), float)
    assert np.abs(pixels - pixels[::-1, ::-1]).mean() < 2.0 and pixels.std() > 5.0  # half a turn changes nothing


def test_a_picture_shows_the_work_and_says_nothing_else() -> None:
    data = png(
        [stroke(LINE, "tube"), stroke([(0.1 * n, 1.3, -1.0, 0.03) for n in range(10)], "ribbon")], size=(320, 180)
    )
    picture = Image.open(BytesIO(data))
    pixels = np.asarray(picture.convert("RGB"), float)
    assert pixels.max() > 180.0 and pixels[:20].mean() < 80.0
    assert set(picture.info) <= {"srgb"}


def test_whatever_is_drawn_a_file_stays_small_enough_for_a_phone() -> None:
    rng = np.random.default_rng(3)
    dots = [stroke([(*rng.normal(0.0, 1.0, 3), 0.01)]) for _ in range(3_000)]
    dust = stroke(np.column_stack([rng.normal(0.0, 1.0, (60_000, 3)), np.full(60_000, 0.05)]), "dust", 12, mirror=True)
    for work in ([*dots, dust], [each._replace(turns=24, mirror=True) for each in dots]):
        assert 1_000_000 < len(glb(work)) < 44_000_000


def test_what_is_nowhere_is_left_out_and_the_rest_is_there() -> None:
    (solid,) = solids([stroke([(1e30, 0.0, 0.0, 1e20), (0.0, 1.0, -1.0, -3.0), (3e38, 3e38, 1.0, 0.1)])])
    assert np.abs(solid.position).max() < 2.0


def test_fewer_triangles_show_the_same_work() -> None:
    turn = np.linspace(0.0, 60.0, 20_000)
    line = stroke(np.stack([np.cos(turn), 1.0 + turn / 60.0, np.sin(turn), np.full(20_000, 0.01)], axis=1))
    (fine,), (coarse,) = solids([line]), solids([line], 20_000)
    assert len(coarse.index) <= 20_000 < len(fine.index)
    np.testing.assert_allclose(coarse.position.min(axis=0), fine.position.min(axis=0), atol=0.01)
    np.testing.assert_allclose(coarse.position.max(axis=0), fine.position.max(axis=0), atol=0.01)


def chunks_of(png_file: bytes) -> dict[bytes, bytes]:
    found, at = {}, 8
    while at < len(png_file):
        length, kind = struct.unpack_from(">I4s", png_file, at)
        found[kind] = png_file[at + 8 : at + 8 + length]
        at += 12 + length
    return found


def test_a_loop_is_filled_where_it_crosses_itself() -> None:
    a = np.linspace(0.0, 2.0 * np.pi, 80)
    loop = np.stack([0.18 * np.sin(2 * a), 0 * a, 0.12 * np.sin(a) - 0.2, 0 * a + 0.02], axis=1)
    pixels = np.asarray(Image.open(BytesIO(mandala.print_png([stroke(loop)], 40.0))).convert("RGB"), int)
    (line,) = mandala.lines([stroke(loop)])
    place = np.round(line.points[:, :2] * len(pixels) / mandala.SIDE).astype(int)
    inside = pixels[place[:, 1], place[:, 0]]
    assert (np.abs(inside - inside[0]).max(axis=1) < 8).all()


def test_a_rake_leaves_three_furrows() -> None:
    raked = stroke([(0.05 * n, 0.0, 0.1, 0.015) for n in range(6)], "sand")._replace(colour=(0.4, 0.3, 0.2, 0.3))
    assert len(mandala.lines([raked])) == 3
    assert len(mandala.lines([raked._replace(colour=(0.4, 0.3, 0.2, 0.1))])) == 1


# --- the folder


ITEMS = [
    Item("card", consent=True, title="Intention", lines=("Small <steps>", "\u0645\u0631\u062d\u0628\u0627")),
    Item("mandala", consent=True, strokes=(stroke([(0.1, 0.0, -0.3, 0.02)], turns=6),)),
]


def test_a_folder_holds_what_was_chosen_and_names_nobody(tmp_path: Path) -> None:
    counted: list[int] = []
    folder = Exporting(tmp_path / "for you", ITEMS).wait(120.0, counted.append)
    assert counted == [1, 2]
    assert sorted(path.name for path in folder.iterdir()) == ["index.html", "mandala-1.png", "mandala-1.svg"]
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert "Small &lt;steps&gt;" in page and "{{" not in page
    assert "://" not in page
    assert not list(tmp_path.glob(".hand-over-*"))


def test_without_consent_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(HandOverError, match="1 of 3 things have no recorded consent"):
        hand_over(tmp_path / "home", [*ITEMS, Item("card", consent=False, lines=(CANARY,))])
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    with pytest.raises(HandOverError, match="choose another name"):
        hand_over(tmp_path / "home", ITEMS)


def _full(path: Path) -> None:
    raise OSError(28, "No space left on device")


def test_a_full_disk_leaves_nothing_half(tmp_path: Path) -> None:
    with pytest.raises(HandOverError, match="No space left on device; choose another place"):
        hand_over(tmp_path / "home", [*ITEMS, Item("garden", consent=True, sound=_full)])
    assert not list(tmp_path.iterdir())


def _kills(path: Path) -> None:
    path.write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)


def test_an_export_that_is_killed_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(HandOverError, match="nothing was written"):
        Exporting(tmp_path / "home", [Item("garden", consent=True, sound=partial(_kills))]).wait(60.0)
    assert not list(tmp_path.iterdir())


def _slow(path: Path) -> None:
    time.sleep(60.0)


def test_one_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(HandOverError, match="hand over fewer things"):
        Exporting(tmp_path / "home", [Item("garden", consent=True, sound=_slow)]).wait(3.0)
    assert not list(tmp_path.iterdir())


def test_what_a_power_cut_left_goes_and_what_is_being_made_stays(tmp_path: Path) -> None:
    left, busy = tmp_path / f"{PART}left", tmp_path / f"{PART}busy"
    for part in (left, busy):
        part.mkdir()
        (part / ".held").touch()
    with (busy / ".held").open("wb") as held:
        lock(held)
        hand_over(tmp_path / "home", ITEMS[:1])
    assert not left.exists() and busy.exists()


def test_without_a_gpu_there_is_a_picture_and_a_line_that_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object, **__: object) -> bytes:
        raise ContextError("no EGL; run `harborlight doctor`")

    for made in (picture, in_place):
        monkeypatch.setattr(made, "png", none)
    told: list[str] = []
    painted = Item("painting", consent=True, strokes=(stroke(LINE),))
    hand_over(tmp_path / "home", [painted, Item("triptych", consent=True, things=OWN)], tell=told.append)
    line, other = told
    assert line.startswith("painting-1.png is in plain paint") and "harborlight doctor" in line
    assert other.startswith("triptych-1.png is left out") and not (tmp_path / "home" / "triptych-1.png").exists()
    assert "y el mar" in (tmp_path / "home" / "index.html").read_text(encoding="utf-8")
    shown = np.asarray(Image.open(tmp_path / "home" / "painting-1.png"))
    assert shown.shape == (2160, 3840, 3) and shown.std() > 3.0


def test_no_file_says_whose_it_is(tmp_path: Path) -> None:
    """What others put into pictures, brushes' names and works is in no file but where it is meant to be read."""
    given, told = BytesIO(), PngInfo()
    told.add_text("Author", CANARY)
    Image.new("RGB", (64, 64), "#335577").save(given, "PNG", pnginfo=told, exif=CANARY.encode(), dpi=(72, 72))
    named = stroke(LINE, CANARY)
    items = [
        Item("painting", consent=True, strokes=(named,)),
        Item("mandala", consent=True, strokes=(named._replace(points=named.points * (1, 0, 1, 1)),)),
        Item("place", consent=True, picture=given.getvalue()),
    ]
    folder = hand_over(tmp_path / f"of {CANARY}", items)
    for path in folder.iterdir():
        assert CANARY.encode() not in path.read_bytes(), path.name
        assert getpass.getuser().encode() + b"@" not in path.read_bytes()
        if path.suffix == ".png":
            assert set(chunks_of(path.read_bytes())) <= {b"IHDR", b"sRGB", b"pHYs", b"IDAT", b"IEND"}


def test_a_sealed_recording_goes_home_as_flac_and_says_no_more(tmp_path: Path) -> None:
    key, sealed = bytes(range(32)), tmp_path / "sealed"
    recorder = Recorder(sealed, key, Purpose.MEMO)
    wave = 0.1 * np.sin(np.arange(2 * 48_000) / 20.0)
    recorder.give(wave.astype(np.float32)[:, None])
    recorder.finish()
    assert recorder.wait(10.0)
    folder = hand_over(tmp_path / "home", [Item("garden", consent=True, sound=partial(export, sealed, key))])
    heard = (folder / "garden-1.flac").read_bytes()
    assert heard.startswith(b"fLaC") and soundfile.info(folder / "garden-1.flac").frames == 96_000
    comment = heard.find(b"libFLAC")
    assert not soundfile.SoundFile(folder / "garden-1.flac").copy_metadata() and comment > 0
    page = (folder / "index.html").read_text()
    small = base64.b64decode(page.split("data:audio/mpeg;base64,")[1].split('"')[0])
    assert b"ID3" not in small[:10] and b"TAG" not in small[-128:]
    with pytest.raises(HandOverError, match="another key"):
        hand_over(tmp_path / "other", [Item("garden", consent=True, sound=partial(export, sealed, bytes(32)))])
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("given", [b"no picture", b"GIF89a" + bytes(20)])
def test_a_picture_that_is_none_is_told_in_a_line(tmp_path: Path, given: bytes) -> None:
    with pytest.raises(HandOverError, match="cannot be read"):
        hand_over(tmp_path / "home", [Item("place", consent=True, picture=given)])
    assert not list(tmp_path.iterdir())


# --- the command


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "vr_app.cli", "work", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_command_shows_a_work_and_says_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    whole = tmp_path / "a.hlwork"
    whole.write_bytes(generated(3).file)
    told = command("show", str(whole))
    assert told.returncode == 0 and "strokes of" in told.stdout
    whole.write_bytes(generated(3).file[:-7])
    told = command("show", str(whole))
    assert told.returncode == 0 and "could not be read to its end" in told.stderr
    whole.write_bytes(b"GIF89a")
    told = command("export", str(whole), "--out", str(tmp_path / "out"))
    assert told.returncode == 2 and "is no work of Harborlight's" in told.stderr and "Traceback" not in told.stderr


def test_the_command_writes_what_fits_the_work(tmp_path: Path) -> None:
    whole = tmp_path / "a.hlwork"
    whole.write_bytes(generated(3).file)
    asked = "export", str(whole), "--out", str(tmp_path / "out")
    told = command(*asked)
    assert told.returncode == 2 and "say --consent" in told.stderr and len(told.stderr.splitlines()) == 1
    assert not (tmp_path / "out").exists()
    told = command(*asked, "--consent")
    assert told.returncode == 0, told.stderr
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"index.html", "painting-1.glb", "painting-1.png"}
    again = command(*asked, "--consent")
    assert again.returncode == 1 and "choose another name" in again.stderr and len(again.stderr.splitlines()) == 1
