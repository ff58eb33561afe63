"""What is taken home: triangles of every brush, files that others can read, a folder that is whole or not there."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from headless_harness.gltf_check import generated
from vr_app.api import Stroke
from vr_app.exports import mandala
from vr_app.exports.gltf import glb
from vr_app.exports.handover import HandOverError, Item, hand_over
from vr_app.exports.picture import png
from vr_app.exports.solid import MOST_TRIANGLES, expanded, solids
from vr_app.exports.worker import Exporting

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


def test_a_mandala_is_print_ready_and_symmetric() -> None:
    drawn = [stroke([(0.05 * n, 0.0, -0.1 - 0.05 * n, 0.02) for n in range(6)], "ink", turns=6)]
    root = ElementTree.fromstring(mandala.svg(drawn))
    assert root.get("width") == "200mm" and len(root.findall("{*}path")) == 6
    picture = Image.open(__import__("io").BytesIO(mandala.print_png(drawn)))
    assert picture.size == (2362, 2362) and picture.info["dpi"] == pytest.approx((300.0, 300.0), abs=0.1)
    pixels = np.asarray(picture.convert("L").resize((400, 400)), float)
    assert np.abs(pixels - pixels[::-1, ::-1]).mean() < 2.0 and pixels.std() > 5.0  # half a turn changes nothing


def test_a_picture_shows_the_work_and_says_nothing_else() -> None:
    data = png(
        [stroke(LINE, "tube"), stroke([(0.1 * n, 1.3, -1.0, 0.03) for n in range(10)], "ribbon")], size=(320, 180)
    )
    picture = Image.open(__import__("io").BytesIO(data))
    pixels = np.asarray(picture.convert("RGB"), float)
    assert pixels.max() > 180.0 and pixels[:20].mean() < 80.0
    assert set(picture.info) <= {"icc_profile", "srgb", "gamma"}


# --- the folder


ITEMS = [
    Item("card", consent=True, title="Intention", lines=("Small <steps>", "\u0645\u0631\u062d\u0628\u0627")),
    Item("mandala", consent=True, strokes=(stroke([(0.1, 0.0, -0.3, 0.02)], turns=6),)),
]


def test_a_folder_holds_what_was_chosen_and_names_nobody(tmp_path: Path) -> None:
    folder = Exporting(tmp_path / "for you", ITEMS).wait(120.0)
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
    import os
    import signal

    os.kill(os.getpid(), signal.SIGKILL)


def test_an_export_that_is_killed_is_told_and_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(HandOverError, match="nothing was written"):
        Exporting(tmp_path / "home", [Item("garden", consent=True, sound=partial(_kills))]).wait(60.0)
    assert not (tmp_path / "home").exists()


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
