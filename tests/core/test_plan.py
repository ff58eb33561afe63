"""Plans and scripts: what is refused, in which words, and that a return is always there."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vr_app import limits
from vr_app.catalogue import find_scenes
from vr_app.plan import HOME, PlanError, load_plan, plan_names
from vr_app.script import ScriptError, load_script

NAMES = {"name": "Ada"}
SCENES = find_scenes()


@pytest.mark.parametrize("name", plan_names())
def test_every_shipped_plan_loads_and_ends_in_the_room(name: str) -> None:
    plan = load_plan(name, SCENES, names=NAMES)
    assert plan.steps[-1].scene == HOME
    assert plan.steps[-1].script is not None
    spoken = [caption.words for step in plan.steps if step.script for caption in step.script.captions]
    assert any("Ada" in words for words in spoken)


def test_every_plan_can_be_grounded_with_the_way_out_first() -> None:
    ground = load_plan("lantern", SCENES, names=NAMES).ground
    assert ground is not None
    off, place, chair = (caption.words for caption in ground.captions)
    assert "headset off" in off
    assert "Ada is beside you" in place
    assert "chair" in chair
    for sentence in re.split(r"(?<=[.?!]) ", f"{off} {place} {chair}"):
        assert len(sentence.split()) <= 14


def test_a_ground_script_of_another_length_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vr_app.limits.GROUND_CAPTIONS", 4)
    with pytest.raises(PlanError, match="ground: 3 lines; there are 4"):
        load_plan("lantern", SCENES, names=NAMES)


def test_the_return_lasts_a_minute_or_more_unless_it_is_a_demonstration() -> None:
    low, high = limits.RETURN_SECONDS
    assert low <= load_plan("lantern", SCENES, names=NAMES).steps[-1].seconds <= high
    assert load_plan("demo", SCENES, names=NAMES).steps[-1].seconds == 10.0


@given(st.floats(0.1, 60.0))
def test_a_plan_stretches_as_a_whole(minutes: float) -> None:
    plan = load_plan("lantern", SCENES, names=NAMES)
    stretched = plan.lasting(minutes)
    assert stretched.seconds == pytest.approx(minutes * 60.0)
    shares = [step.seconds / stretched.seconds for step in stretched.steps]
    assert shares == pytest.approx([step.seconds / plan.seconds for step in plan.steps])


@pytest.mark.parametrize("minutes", [0.0, -1.0, 61.0, float("nan")])
def test_an_impossible_length_is_refused(minutes: float) -> None:
    with pytest.raises(PlanError, match="--minutes must lie in"):
        load_plan("demo", SCENES, names=NAMES).lasting(minutes)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[step]]\nscene = 'cellar'\nminutes = 1", "line 1: no scene 'cellar'; there are"),
        ("\n\n[[step]]\nscene = 'room'\nminutes = -2", "line 3: minutes must lie above 0"),
        ("[[step]]\nscene = 'room'\nminutes = true", "minutes must lie above 0"),
        ("[[step]]\nscene = 'room'\nminutes = 21", "at most 20"),
        ("[[step]]\nscene = 'room'\nminutes = 1\nloud = 3", "unknown keys \\['loud'\\]"),
        (
            "[[step]]\nscene = 'lantern'\nminutes = 1\nsettings = { breaths_per_minute = 40 }",
            "'breaths_per_minute' must lie in 5.5..10, not 40",
        ),
        ("[[step]]\nscene = 'room'\nminutes = 1\nsettings = { glow = 1 }", "no setting 'glow'"),
        ("[[step]]\nscene = 'room'\nminutes = 1\nsettings = 3", "line 1"),
        ("[[step]]\nscene = 'room'\nminutes = 1\nscript = 'nowhere'", "nowhere.en.toml: No such file"),
        ("title = 'empty'", "no \\[\\[step\\]\\]"),
        ("step = 3", "no \\[\\[step\\]\\]"),
        ("return_seconds = 5\n[[step]]\nscene = 'room'\nminutes = 1", "return_seconds must lie in 60..90"),
        ("[[step]\n", "bad.toml: .*line 1"),
    ],
)
def test_a_bad_plan_is_one_clear_line(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PlanError, match=told) as caught:
        load_plan(str(path), SCENES, names=NAMES)
    assert "\n" not in str(caught.value)


def test_an_unknown_plan_names_those_there_are() -> None:
    with pytest.raises(PlanError, match="there are demo, lantern"):
        load_plan("nowhere", SCENES, names=NAMES)


@given(st.lists(st.tuples(st.integers(1, 14), st.floats(0.0, 20.0)), min_size=1, max_size=20))
def test_captions_follow_each_other_and_stay_long_enough_to_read(
    tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[int, float]]
) -> None:
    folder = tmp_path_factory.mktemp("scripts")
    text = "".join(
        f'[[line]]\nid = "{n}"\ntext = "{"word " * words}"\npause = {pause}\n' for n, (words, pause) in enumerate(lines)
    )
    (folder / "made.en.toml").write_text(text, encoding="utf-8")
    captions = load_script("made", names={}, folder=folder).captions
    assert len(captions) == len(lines)
    for caption, (words, _) in zip(captions, lines, strict=True):
        assert caption.ends - caption.begins >= 60.0 * words / 115.0
    for one, after in pairwise(captions):
        assert one.ends <= after.begins + 1e-9


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('text = "Hello {who}"\npause = 1', "names 'who', which is not one of \\['name'\\]"),
        ('text = ""\npause = 1', "line 1 needs a text"),
        ('text = "Hello"', "needs a pause"),
        ('text = "Hello"\npause = -1', "needs a pause of 0 to 120 seconds, not -1"),
    ],
)
def test_a_bad_script_is_one_clear_line(tmp_path: Path, line: str, told: str) -> None:
    (tmp_path / "bad.en.toml").write_text(f"[[line]]\n{line}\n", encoding="utf-8")
    with pytest.raises(ScriptError, match=told):
        load_script("bad", names=NAMES, folder=tmp_path)
