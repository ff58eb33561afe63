"""Which plan is played: checked the same for a session that begins and for one that is to be loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from vr_app import app
from vr_app.catalogue import find_scenes
from vr_app.commands import LoadPlan
from vr_app.options import Options
from vr_app.plan import PlanError
from vr_app.station.render import _why_not


@pytest.fixture
def shore(tmp_path: Path) -> str:
    """A plan at the water."""
    path = tmp_path / "shore.toml"
    path.write_text('title = "Shore"\n[[step]]\nscene = "tide_breath"\nminutes = 5\n')
    return str(path)


def test_a_plan_that_a_profile_leaves_out_is_not_played(shore: str) -> None:
    scenes = find_scenes()
    assert app.planned(Options(plan=shore), scenes).title == "Shore"
    with pytest.raises(PlanError, match="water, which this patient's profile leaves out; choose another"):
        app.planned(Options(plan=shore, avoid=frozenset({"water", "height"})), scenes)


def test_a_plan_at_night_is_not_for_a_patient_who_avoids_the_dark(tmp_path: Path) -> None:
    path = tmp_path / "night.toml"
    step = '[[step]]\nscene = "tide_breath"\nminutes = 5\n[step.settings]\ntime_of_day = "night"\n'
    path.write_text(step)
    with pytest.raises(PlanError, match="it has dark, which this patient's profile leaves out"):
        app.planned(Options(plan=str(path), avoid=frozenset({"dark"})), find_scenes())
    assert app.planned(Options(plan=str(path)), find_scenes()).steps


def test_an_anchor_that_a_profile_leaves_out_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For its scene, or for what it leads attention to, whatever the scene shows."""
    path = tmp_path / "shore.toml"
    path.write_text('anchors = ["breath", "sight"]\n[[step]]\nscene = "room"\nminutes = 5\n')
    monkeypatch.setattr("vr_app.plan.ANCHORS", {"breath": frozenset({"breath"}), "sight": frozenset({"height"})})
    for avoid, anchors in (("", {"breath", "sight"}), ("height", {"breath"})):
        options = Options(plan=str(path), avoid=frozenset({avoid} - {""}))
        assert set(app.planned(options, find_scenes()).anchors) == anchors


@pytest.mark.parametrize(
    ("load", "told"),
    [
        (LoadPlan("moon"), "plan 'moon'"),
        (LoadPlan("lantern", name="\N{HEBREW LETTER ALEF}"), "the name: "),
        (LoadPlan("../lantern"), "plan '../lantern'"),
    ],
)
def test_why_a_plan_cannot_be_loaded_is_one_sentence(load: LoadPlan, told: str) -> None:
    why = _why_not(Options().loaded(load))
    assert why is not None
    assert why.startswith(told)
    assert "\n" not in why


def test_a_plan_that_is_loaded_is_held_and_keeps_what_was_not_said(shore: str) -> None:
    before = Options(plan="lantern", minutes=20.0, name="Ada", zero_counts=True)
    after = before.loaded(LoadPlan("tide", None, "", frozenset({"dark"})))
    assert (after.plan, after.minutes, after.name, after.avoid) == ("tide", None, "Ada", frozenset({"dark"}))
    assert after.hold
    assert after.zero_counts
    assert _why_not(before) is None


def test_a_plan_has_as_many_words_as_a_profile_wants() -> None:
    scenes = find_scenes()
    said = {
        words: app.planned(Options(plan="lantern").loaded(LoadPlan("lantern", words=words)), scenes)
        for words in ("all", "few", "none")
    }
    counts = [sum(len(step.script.captions) for step in plan.steps[:-1] if step.script) for plan in said.values()]
    assert counts[0] > counts[1] > counts[2] > 0
    assert {plan.steps[-1].script for plan in said.values()} == {said["all"].steps[-1].script}
