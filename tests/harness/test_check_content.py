"""`harborlight check-content`: every scene as it is keeps the limits; one that does not is told by the same command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from headless_harness import check_content
from headless_harness.check_content import Case, cases_of, check, page, table, told
from vr_app.cli import main

PLANTED = '''
"""A card that strobes under words too small to read; a planted fault."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from vr_app.api import Choice, Frame, Kit, Pass, Pose, Range, Scene, SceneInfo


@dataclass(frozen=True, slots=True)
class Lamps:
    strength: Annotated[float, Range(0.0, 0.8)] = 0.8
    pace: Annotated[str, Choice(("never", "now and then", "always"))] = "always"


class Strobe(Scene):
    info = SceneInfo("strobe", "Strobe", "A planted fault.", "centering")
    Settings = Lamps

    def build(self, kit: Kit) -> None:
        corners = np.array([[-0.4, -0.4, 0], [0.4, -0.4, 0], [0.4, 0.4, 0], [-0.4, 0.4, 0]])
        self.card = kit.mesh({"position": corners, "index": np.array([0, 1, 2, 0, 2, 3])})
        self.matt, self.words = kit.material("plain"), kit.text("read me", height=0.01)

    def draw(self, frame: Frame, out: Pass) -> None:
        lit = frame.settings.pace == "always" and int(frame.scene_time * 8) % 2
        glow = 2.0 * frame.settings.strength * lit
        out.draw(self.card, self.matt, Pose((0.0, 1.2, -2.0)), glow=(glow, glow, glow))
        out.text(self.words, Pose((0.0, 1.9, -2.0)))
'''


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "strobe.py").write_text(PLANTED)
    (tmp_path / "torn.py").write_text("def draw(:\n")
    monkeypatch.setattr(check_content, "folder", tmp_path)
    return tmp_path


@pytest.mark.timeout(900)
def test_every_scene_as_it_is_keeps_all_limits() -> None:
    """A still left eye at 30 Hz for 1.2 s, for a minute of the suite is all there is.

    The command itself films 20 s, both eyes, and a turning head too.
    """
    cases = [case for name in check_content.chosen("all") for case in cases_of(name, extremes=False)]
    verdicts = check(cases, 1.2, looks=("still", "sharp", "words"), eyes=("left",), begins=(8.0,))
    assert len(verdicts) == len(cases) >= 2
    assert not [line for verdict in verdicts for line in told(verdict)], table(verdicts)


def test_a_planted_scene_fails_by_the_command(
    planted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check-content", "strobe", "--seconds", "2", "--page", str(tmp_path / "page.html")]) == 1
    out = capsys.readouterr().out
    for kind in (
        "still head: general flash (both eyes) at 0.0-2.0 s",
        "turning head: general flash",
        "text size (“read me”)",
    ):
        assert kind in out
    assert "<td>strobe</td>" in (tmp_path / "page.html").read_text()


def test_the_same_scene_at_rest_passes_but_for_its_words(planted: Path) -> None:
    (verdict,) = check([Case("strobe", "pace never", {"pace": "never"})], 1.0, looks=("still", "words"))
    assert {finding.kind for _, finding in verdict.findings} == {"text size"}
    assert verdict.figures.flashes == 0.0 and verdict.figures.capitals == pytest.approx(0.255, abs=0.001)


def test_a_broken_scene_and_one_that_raises_are_told_and_fail(
    planted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (planted / "brittle.py").write_text(
        "from vr_app.api import *\nclass Brittle(Scene):\n"
        "    info = SceneInfo('brittle', 'Brittle', '', 'home')\n"
        "    def draw(self, frame, out):\n        raise RuntimeError('it broke')\n"
    )
    assert main(["check-content", "torn", "--seconds", "1", "--json"]) == 1
    (told_of,) = json.loads(capsys.readouterr().out)
    assert told_of["kept"] is False and "torn.py, line 1" in told_of["failed"][0]
    (verdict,) = check([Case("brittle")], 1.0, looks=("words",))
    assert verdict.failed == ("RuntimeError: it broke",)
    assert "brittle, as it is: RuntimeError: it broke" in page([verdict])


def test_the_ends_of_each_setting_are_tried_and_all_of_them_at_once(planted: Path) -> None:
    assert [(case.name, case.given) for case in cases_of("strobe", extremes=True)] == [
        ("as it is", {}),
        ("strength 0.0", {"strength": 0.0}),
        ("pace never", {"pace": "never"}),
        ("pace now and then", {"pace": "now and then"}),
        ("all low", {"strength": 0.0, "pace": "never"}),
        ("all high", {"strength": 0.8, "pace": "always"}),
    ]
    assert cases_of("torn", extremes=True) == [Case("torn")]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["cellar"], "no scene 'cellar'; there are strobe, torn"), (["strobe", "--seconds", "0"], "must lie in 1..3600")],
)
def test_misuse_is_one_line(planted: Path, arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-content", *arguments]) == 2
    assert told in capsys.readouterr().err
