"""Plans and scripts: what is refused, in which words, and that a return is always there."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vr_app import api, limits
from vr_app.catalogue import Entry, find_scenes
from vr_app.commands import Anchor
from vr_app.plan import BETWEEN_PLACES_SECONDS, HOME, RETURN, Plan, PlanError, load_plan, plan_names
from vr_app.script import ScriptError, load_script

NAMES = {"name": "Ada"}
STEP = "[[step]]\nscene = 'room'\nminutes = 1\n"
SCENES = find_scenes()


@pytest.mark.parametrize("name", plan_names())
def test_every_shipped_plan_loads_and_ends_in_the_room(name: str) -> None:
    plan = load_plan(name, SCENES, names=NAMES)
    assert plan.steps[-1].scene == (RETURN if plan.headset else HOME)
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


@pytest.mark.parametrize(("seconds", "minutes"), [(60, 1.0), (90, 1.5)])
def test_the_room_grows_plain_over_the_whole_return(tmp_path: Path, seconds: int, minutes: float) -> None:
    assert made(tmp_path, f"return_seconds = {seconds}\n{STEP}").steps[-1].settings.minutes == minutes


def test_a_demonstration_shows_the_beginning_of_the_return_and_does_not_hurry_it() -> None:
    assert load_plan("demo", SCENES, names=NAMES).steps[-1].settings.minutes == 1.0


def test_without_its_scene_the_return_is_the_calm_room(tmp_path: Path) -> None:
    (tmp_path / "made.toml").write_text(STEP, encoding="utf-8")
    without = {name: entry for name, entry in SCENES.items() if name != RETURN}
    broken = {**without, RETURN: Entry(RETURN, None, "broken")}
    for scenes in (without, broken):
        back = load_plan(str(tmp_path / "made.toml"), scenes, names=NAMES).steps[-1]
        assert back.scene == HOME and back.script is not None and back.script.name == "return"


def test_the_return_is_no_cue_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="line 1: scene 'return' ends every plan by itself; leave it out"):
        made(tmp_path, "[[step]]\nscene = 'return'\nminutes = 1")


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
        ("step = [3]", "bad.toml, step 1: a step is a table; begin it with"),
        (f"{STEP}advance = 'soon'", "line 1: advance must be 'by itself' or 'go', not 'soon'"),
        (f"{STEP}fade = 0.5", "line 1: fade must lie in 1..10 seconds, not 0.5"),
        (f"{STEP}fade = 11", "fade must lie in 1..10 seconds"),
        (f"{STEP}fade = true", "fade must lie in 1..10 seconds"),
        (f"{STEP}fade = nan", "fade must lie in 1..10 seconds"),
        (f"{STEP}title = 3", "line 1: title must be one line of at most 60 characters, not 3"),
        (f"{STEP}title = 'a\\nb'".replace("'", '"'), "title must be one line"),
        (f"{STEP}note = '{'x' * 201}'", "note must be one line of at most 200 characters"),
        (f"title = 3\n{STEP}", "line 1: title must be one line"),
        (
            f"\nkind = 'party'\n{STEP}",
            "line 2: kind must be 'centering' or 'preparation' or 'intake' or 'integration', not 'party'",
        ),
        (f"headset = 0\n{STEP}", "line 1: headset must be true or false, not 0"),
        (f"demonstration = 'yes'\n{STEP}", "demonstration must be true or false"),
        (f"anchors = 'breath'\n{STEP}", "line 1: anchors must be a list of breath, sound, sight, hands, not 'breath'"),
        (f"anchors = ['smell']\n{STEP}", "anchors must be a list of"),
        (f"headset = false\n{STEP}", "line 2: a plan without a headset is read aloud; give the step a script and no"),
        ("headset = false\n[[step]]\nminutes = 1", "read aloud; give the step a script"),
    ],
)
def test_a_bad_plan_is_one_clear_line(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PlanError, match=told) as caught:
        load_plan(str(path), SCENES, names=NAMES)
    assert "\n" not in str(caught.value)


def test_an_anchor_that_no_scene_has_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(f"anchors = ['hands']\n{STEP}", encoding="utf-8")
    without = {name: entry for name, entry in SCENES.items() if entry.info.anchor != "hands"}
    with pytest.raises(PlanError, match="line 1: no scene has the anchor 'hands'; leave it out of anchors"):
        load_plan(str(path), without, names=NAMES)


def test_an_unknown_plan_names_those_there_are() -> None:
    with pytest.raises(PlanError, match=f"there are {', '.join(plan_names())}"):
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


# --- cues


SHIPPED = {
    "look_and_listen": ("Look and listen 5", 5.0),
    "arrive": ("Arrive 6", 6.0),
    "tide": ("Tide 8", 8.0),
    "without_breath": ("Without breath 8", 8.0),
    "sound": ("Bell and birds 8", 8.0),
    "own_place": ("Place of your own 12", 12.0),
    "orientation": ("Orientation", None),
    "intake": ("Intake 5", 5.0),
    "read_aloud": ("No headset, read aloud 5", 5.0),
    "intention": ("Intention 6", 6.0),
    "lantern": ("Lantern", None),
    "hands": ("Hands 8", 8.0),
    "demo": ("Demonstration", 1.0),
    "light_paint": ("Light paint 12", 12.0),
    "triptych": ("Before, now, next 14", 14.0),
    "mandala": ("Table mandala 12", 12.0),
    "sound_garden": ("Sound garden 12", 12.0),
    "gallery": ("What you have made 6", 6.0),
}


def test_every_shipped_plan_is_named_and_lasts_as_its_title_says() -> None:
    assert set(plan_names()) == set(SHIPPED)
    for name, (title, minutes) in SHIPPED.items():
        plan = load_plan(name, SCENES, names=NAMES)
        assert (plan.name, plan.title) == (name, title)
        assert minutes is None or plan.seconds == pytest.approx(minutes * 60.0, abs=0.1)
        assert plan.seconds <= limits.EXPOSURE_MINUTES * 60.0
        assert plan.summary
        assert all(step.title for step in plan.steps)
        assert plan.demonstration is (name == "demo")


def test_kinds_and_headsets_are_what_the_step_of_care_needs() -> None:
    plans = {name: load_plan(name, SCENES, names=NAMES) for name in plan_names()}
    kinds = {name: plan.kind for name, plan in plans.items() if plan.kind != "centering"}
    making = dict.fromkeys(("light_paint", "mandala", "sound_garden", "triptych", "gallery"), "integration")
    assert kinds == {"orientation": "preparation", "intake": "intake", **making}
    assert [name for name, plan in plans.items() if not plan.headset] == ["read_aloud"]


NO_BREATH: Final = frozenset({"breath", "dark"})


@pytest.mark.parametrize(
    ("name", "avoid"),
    [
        *((name, NO_BREATH | {"water"}) for name in ("look_and_listen", "arrive", "intake", "read_aloud")),
        *((name, NO_BREATH) for name in ("without_breath", "sound", "own_place")),  # the bay is seen and heard
    ],
)
def test_a_plan_without_breath_has_none_in_its_places_or_words(name: str, avoid: frozenset[str]) -> None:
    plan = load_plan(name, SCENES, names=NAMES, avoid=avoid)
    said = " ".join(caption.words for step in plan.steps if step.script for caption in step.script.captions)
    assert "breath" not in said


def test_what_is_read_aloud_names_no_headset_and_shows_the_calm_room() -> None:
    plan = load_plan("read_aloud", SCENES, names=NAMES)
    assert {step.scene for step in plan.steps} == {HOME}
    said = [caption.words for step in plan.steps if step.script for caption in step.script.captions]
    assert not [words for words in said if "button" in words]
    assert [words for words in said if "headset" in words] == ["There's no headset today. To stop, just say."]


def made(tmp_path: Path, text: str, avoid: frozenset[str] = frozenset()) -> Plan:
    path = tmp_path / "made.toml"
    path.write_text(text, encoding="utf-8")
    return load_plan(str(path), SCENES, names=NAMES, avoid=avoid)


def test_a_cue_has_a_title_a_way_on_a_fade_and_a_note(tmp_path: Path) -> None:
    plain, full, back = made(
        tmp_path,
        f"{STEP}\n{STEP}title = 'Look'\nadvance = 'go'\nfade = 5\nnote = 'Read slowly.'\n",
    ).steps
    assert (plain.title, plain.advance, plain.fade, plain.note) == (
        *("The calm room", "by itself", BETWEEN_PLACES_SECONDS, ""),
    )
    assert (full.title, full.advance, full.fade, full.note) == ("Look", "go", 5.0, "Read slowly.")
    assert (back.title, back.advance) == ("The way back", "by itself")


def test_anchors_are_the_scenes_that_have_them(tmp_path: Path) -> None:
    plan = made(tmp_path, f"anchors = ['sight', 'breath']\n{STEP}")
    assert {anchor: place.scene for anchor, place in plan.anchors.items()} == {
        "sight": "arrive",
        "breath": "tide_breath",
    }
    assert plan.anchors["sight"].script is not None
    assert plan.anchors["sight"].script.name == "arrive_anchor"
    assert plan.anchors["breath"].script is None
    assert plan.scenes() == ["room", "return", "arrive", "tide_breath"]
    assert made(tmp_path, STEP).anchors == {}


def test_what_a_profile_avoids_is_no_anchor_and_no_cue(tmp_path: Path) -> None:
    text = f"anchors = ['sight', 'breath']\n{STEP}"
    assert set(made(tmp_path, text, frozenset({"dark"})).anchors) == {"sight", "breath"}
    among_trees = made(tmp_path, text, frozenset({"forest"})).anchors
    assert among_trees["sight"].scene == "lantern"  # the next that has it
    assert set(made(tmp_path, text, frozenset({"water"})).anchors) == {"sight"}
    assert made(tmp_path, text, frozenset({"breath", "forest"})).anchors == {}
    assert made(tmp_path, text, frozenset({"water", "forest"})).anchors == {}  # the lantern hangs over the harbour
    with pytest.raises(
        PlanError, match="line 1: it has water, which this patient's profile leaves out; choose another"
    ):
        made(tmp_path, "[[step]]\nscene = 'tide_breath'\nminutes = 5", frozenset({"water", "dark"}))
    with pytest.raises(PlanError, match="it has body, which"):  # of its words
        made(tmp_path, f"{STEP}script = 'touch'", frozenset({"body"}))


def test_the_anchors_words_are_spoken_too(tmp_path: Path) -> None:
    plan = made(tmp_path, f"anchors = ['sight']\n{STEP}")
    script = plan.anchors["sight"].script
    assert script is not None
    longer = plan.spoken({script.name: {script.moments[0].line.id: 48_000 * 20}}).anchors["sight"].script
    assert longer is not None
    assert longer.moments[0].ends == 48_000 * 20
    assert longer.flags == script.flags


def test_queasy_says_headset_then_bowl_then_who_is_here() -> None:
    queasy = load_plan("tide", SCENES, names=NAMES).queasy
    assert queasy is not None
    off, bowl, here = (caption.words for caption in queasy.captions)
    assert "headset off" in off
    assert "bowl is beside you" in bowl
    assert "Ada is here" in here


def test_scenes_and_commands_mean_the_same_anchors() -> None:
    assert api.Anchor == Anchor


def test_flags_of_a_script_are_words(tmp_path: Path) -> None:
    line = '[[line]]\ntext = "One."\npause = 4\n'
    (tmp_path / "good.en.toml").write_text(f'flags = ["breath"]\n{line}', encoding="utf-8")
    assert load_script("good", names={}, folder=tmp_path).flags == {"breath"}
    for bad in ('flags = "breath"', "flags = [3]", 'flags = ["Deep Breath"]'):
        (tmp_path / "bad.en.toml").write_text(f"{bad}\n{line}", encoding="utf-8")
        with pytest.raises(ScriptError, match="flags must be a list of words"):
            load_script("bad", names={}, folder=tmp_path)


def test_who_avoids_the_dark_finds_no_dark_hour_to_choose() -> None:
    offered = [
        {step.settings.darkest for step in load_plan("own_place", SCENES, names=NAMES, avoid=avoid).steps
         if step.scene == "safe_place"}
        for avoid in (frozenset(), frozenset({"dark"}))
    ]  # fmt: skip
    assert offered == [{"blue_hour"}, {"day_end"}]
