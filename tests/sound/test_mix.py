"""A mix without a device: the same bytes twice, led by the scene as a session is, and said in time."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile

from audio.block import BLOCK, RATE, Samples
from audio.graph import HOLD_SECONDS
from audio.packs import Recording
from tests.audio.sounds import integrated
from vr_app import mix
from vr_app.api import Frame, Scene, SceneInfo, Stage
from vr_app.catalogue import Entry
from vr_app.cli import main
from vr_app.limits import BED_LUFS, BED_TOLERANCE_LU
from vr_app.plan import Plan, Step
from vr_app.script import Line, compiled
from vr_app.sound.lines import LENGTHS


class Bell(Scene):
    """A stone that is struck on the left a second after one has come."""

    info = SceneInfo("bell", "Bell", "A stone.", "centering", (1.0, 1.0), golden_times=(0.0,))
    struck = 0.0

    def enter(self, stage: Stage) -> None:
        self.stage = stage
        stage.sound.enter("none")

    def update(self, frame: Frame) -> None:
        if frame.scene_time >= 1.0 and not self.struck:
            self.struck = frame.time
            self.stage.sound.play("stone", delay=0.5, position=(-2.0, 1.2, 0.0), once=True)


class Still(Bell):
    def update(self, frame: Frame) -> None:
        """Nothing is struck."""


class Sea(Bell):
    """Surf that keeps to a breath of 6 s."""

    later = 0.0

    def enter(self, stage: Stage) -> None:
        super().enter(stage)
        stage.sound.play("surf", fade=1.0)

    def update(self, frame: Frame) -> None:
        self.stage.sound.breathe((frame.scene_time / 6.0 + self.later) % 1.0, 1.0)


class LaterSea(Sea):
    later = 0.5


class Broken(Bell):
    def update(self, frame: Frame) -> None:
        if frame.time > 0.5:
            raise ValueError("the tide is out")


def _plan(seconds: float) -> Plan:
    return Plan("bell", "Bell", (Step("bell", seconds, None, None),))


def _heard(plan: Plan, scene: type[Scene] = Bell, voices: Path | None = None) -> Samples:
    return np.concatenate([block.copy() for block in mix.sound_of(plan, {"bell": Entry("bell", scene)}, voices)])


def test_two_renders_of_a_scene_are_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert (
            main(["audio", "render", "tide_breath", "--minutes", "0.1", "--out", str(tmp_path / f"{name}.flac")]) == 0
        )
    assert (tmp_path / "a.flac").read_bytes() == (tmp_path / "b.flac").read_bytes()
    info = soundfile.info(tmp_path / "a.flac")
    assert (info.samplerate, info.channels, info.subtype) == (RATE, 2, "PCM_24")
    assert info.frames == pytest.approx(6.0 * RATE, abs=0.03 * RATE)


@pytest.mark.parametrize("scene", ["room", "tide_breath"])
def test_a_place_is_as_loud_as_a_bed_and_fades_at_its_end(scene: str) -> None:
    plan, entries = mix.asked(scene, None, 0.4, "Ada", guided=False)
    sound = np.concatenate([block.copy() for block in mix.sound_of(plan, entries)])
    assert integrated(sound[8 * RATE : 21 * RATE]) == pytest.approx(BED_LUFS, abs=BED_TOLERANCE_LU)
    assert np.abs(sound[-RATE // 10 :]).max() < 10.0 ** (-70.0 / 20.0)


def test_the_surf_is_led_by_the_scenes_breath() -> None:
    """Where one breathes half a breath later, crests come where the other's troughs are."""
    levels = []
    for scene in (Sea, LaterSea):
        sound = np.square(_heard(_plan(18.0), scene)[6 * RATE : 18 * RATE], dtype=float)
        levels.append(10.0 * np.log10(sound.reshape(24, -1).mean(axis=1)))
    assert np.corrcoef(levels[0], levels[1])[0, 1] < -0.5


def test_what_is_struck_at_a_place_is_heard_there_and_then() -> None:
    sound = _heard(_plan(2.5))
    energy = np.square(sound, dtype=float).reshape(-1, BLOCK, 2).sum(axis=1)
    first = np.nonzero(energy[:, 0] > 1e-6)[0][0] * BLOCK / RATE
    assert first == pytest.approx(1.5, abs=0.03)
    left, right = energy.sum(axis=0)
    assert left > 2.0 * right
    assert len(sound) / RATE == pytest.approx(2.5 + HOLD_SECONDS, abs=0.03)


def test_a_recorded_line_is_heard_where_the_plan_has_it(tmp_path: Path) -> None:
    tone = (0.1 * np.sin(2.0 * np.pi * 440.0 * np.arange(RATE) / RATE)).astype(np.float32)
    np.save(tmp_path / "words.one.npy", tone)
    (tmp_path / LENGTHS).write_bytes(msgspec.json.encode({"words": {"one": Recording(tone).frames}}))
    words = compiled("words", [Line("one", "Here we are.", 1.0)])
    sound = _heard(Plan("bell", "Bell", (Step("bell", 5.5, None, words),)), Still, tmp_path)
    heard = np.nonzero(np.abs(sound[:, 0]) > 1e-3)[0] / RATE
    assert heard[0] == pytest.approx(3.0, abs=0.02)  # a place is left alone for three seconds
    assert heard[-1] == pytest.approx(4.0, abs=0.05)


def test_a_scene_that_fails_is_told_in_a_line() -> None:
    with pytest.raises(mix.MixError, match=r"at 0\.\d s: scene 'bell' failed: ValueError: the tide is out"):
        _heard(_plan(2.0), Broken)


def test_a_voice_has_the_words_of_our_plans() -> None:
    plan, _ = mix.asked("tide_breath", None, 1.0, "Ada", guided=True)
    assert plan.steps[0].script is not None and plan.steps[0].script.name == "tide"
    assert plan.seconds + HOLD_SECONDS == 60.0
