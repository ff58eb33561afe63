"""The linter of guidance: what is planted is found and named, what only looks like it is let be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vr_app.catalogue import find_scenes
from vr_app.director import CAPTION_DELAY_SECONDS
from vr_app.lint_words import EXIT_SECONDS, NAMES, PHRASE_RATE, findings, lint, phrase_rate, sentences
from vr_app.plan import load_plan, plan_names
from vr_app.script import FRAMES_A_SECOND, WORDS_PER_MINUTE, Line, ScriptError, compiled, script_names

GUIDANCE = Path(__file__).parents[2] / "docs" / "design" / "guidance.md"
EXIT = "To stop, hold the top button, or just say. The water stays where it is, down there."


def found(*words: str, pause: float = 5.0) -> list[str]:
    """Rules broken by lines after one that names the exit; pace apart, which short lines cannot have."""
    said = [Line("exit", EXIT, 5.0), *(Line(f"l{n}", text, pause) for n, text in enumerate(words))]
    return [
        str(finding) for finding in findings(compiled("made", said), "made.en.toml") if "over all" not in finding.rule
    ]


@pytest.mark.parametrize("name", script_names())
def test_every_shipped_script_keeps_the_rules(name: str) -> None:
    assert lint(name) == []


# guidance.md's own two samples of the tone, one line for each pause; of the first its shortest sentence is left out.
ARRIVE = (
    ("You're in the clinic, in your chair. Ada is beside you. To stop, hold the top button, or just say.", 4),
    ("There's nothing to get right. Your eyes might wander, and see where they like to land. A post, perhaps.", 6),
    ("You can stay with one thing, or move on.", 6),
    ("There's a real chair under you. You might touch the arm. Is it smooth, or rough? Or leave it be.", 8),
)
TIDE = (
    ("The water comes up the sand. Then it goes back. It does this without help.", 6),
    ("You could just watch. Or a small breath might travel with it.", 7),
    ("Going out, the wave takes its time. The sand shines, then dries.", 7),
    ("If you like, breathe out as if misting a window. Only a little.", 8),
    ("If breath isn't a good place today, there's the sound. Or the light.", 4),
)


@pytest.mark.parametrize(("sample", "opens"), [(ARRIVE, True), (TIDE, False)], ids=["arrive", "tide"])
def test_the_samples_of_the_tone_pass(sample: tuple[tuple[str, float], ...], *, opens: bool) -> None:
    lines = [Line(str(n), words, float(pause)) for n, (words, pause) in enumerate(sample)]
    rules = [finding.rule for finding in findings(compiled("sample", lines), "sample")]
    assert [rule for rule in rules if "over all" not in rule and not (rule.startswith("the exit") and not opens)] == []


PLANTED = {
    "'safe' is a word": "You are safe here.",
    "(deeper)": "The water goes deeper now.",
    "(sink)": "The stone is sinking.",
    "(float)": "A leaf floats by.",
    "(dissolve)": "The mist dissolves.",
    "(let go)": "The branch lets it go.",
    "(surrender)": "The sand surrenders to the water.",
    "(journey)": "The boat is on a journey.",
    "(must)": "Nothing must happen here.",
    "(relax)": "This is a place of relaxation.",
    "is praise": "Well done.",
    "counts down": "Three, two, one.",
    "count down": "Two, one.",
    "claims what is felt": "You feel calm now.",
    "is food or drink": "There's a cup of tea on the table.",
    "without an alternative": "You might close your eyes. Or look at the sea and the grass.",
    "small, soft breath": "A deep breath might come. Or not.",
    "an invitation without its equal: 'look": "Look at the water.",
    "an invitation without its equal: 'you might": "You might touch the arm.",
    "cannot be pointed at": "The energy of the sea is here.",
    "a sentence of 15 words": "The water comes up the sand and the wind goes over the grass all day.",
    "no cue 'gong'": "gong",
}


@pytest.mark.parametrize(("told", "words"), PLANTED.items())
def test_what_is_planted_is_found(told: str, words: str) -> None:
    if told == "without an alternative":
        words = "You might close your eyes."
    line = Line("bad", words, 5.0, cue="gong" if words == "gong" else "")
    said = [Line("exit", EXIT, 5.0), line, Line("last", "The water goes on.", 5.0)]
    hits = [finding for finding in findings(compiled("made", said), "made.en.toml") if told in finding.rule]
    assert [finding.line for finding in hits] == ["bad"]
    assert str(hits[0]).startswith("made.en.toml: bad: ") and hits[0].remedy and "\n" not in str(hits[0])


@pytest.mark.parametrize(
    "words",
    [
        "YOU’RE SAFE.", "You are s\u00adafe.", "Let it go.", "Let yourself go.", "You mustn't move.", "Deeper, deeper.",
        "Great job.", "That's right.", "You're doing fine.", "Good.", "Very good!", "I'm proud of you.",
        "Ten, nine, eight.", "Five. Four. Three.", "3, 2, 1", "Count down with me.", "Counting back from ten, or not.",
        "Count backwards. Or not.",
        "You're feeling warm.", "You are becoming more and more calm.", "Your body is heavy.", "Your breath slows.",
        "Your shoulders soften.", "You will feel better.", "This feels good.",
        "A sip of water is beside you.", "Breakfast was long ago.", "You could drink something, or not.",
        "Close your eyes.", "Your eyes can close.", "Let your eyelids drop.",
        "Hold your breath, or not.", "Breathe in. Now hold it, or not.", "Breathe deeply, or not.",
        "Take a big breath, or not.", "Fill your lungs, or not.", "Breathe faster, or not.",
        "A long, slow breath. Or not.",
        "You did it.", "Nice work.", "That was beautiful.", "You'll notice a warmth.", "Everything is fine.",
        "Warmth spreads through your body.", "You are at peace.", "You should look at the sand, or not.",
        "You need to stay still, or not.", "I invite you to look.", "Why not touch the arm.", "Walk to the water.",
        "Perhaps look at the sea.", "And now look at the sea.", "It would be good to look at the sea.",
        "Notice your feet.", "If you like, touch the chair.", "Now, listen to the waves.", "Let's walk to the water.",
        "You could look at the sand. You could look at the sea, or not.",
        "Is it smooth, or rough? You might touch it.", "Gently breathe out.",
    ],
)  # fmt: skip
def test_bad_sentences_in_other_forms_are_found(words: str) -> None:
    assert found(words, "The water goes on.")


@pytest.mark.parametrize(
    "words",
    [
        "The safflower is yellow.", "The floor is wood.", "The mustard flowers are out.", "The letter goes by boat.",
        "The deep blue lies far out.", "The light goes.", "You might let the water go by. Or not.",
        "If breath isn't a good place today, there's the wood.", "There's nothing to get right.",
        "That's only the water.",
        "It's a great, old tree.", "A good while passes.",
        "There are two boats. One is red.", "One or two birds pass.", "One, two, three birds.", "In half a minute.",
        "You might notice where it holds you. Or leave it be.", "Or your hands.", "However you feel, the sea comes.",
        "You may feel the chair. Or not.", "Your chair is under you.", "If you're calm or not, the waves come.",
        "The water comes up the sand.", "A swallow passes over the water.", "The sand is eaten by no one.",
        "You might close your eyes, or leave them open.", "You could close your eyes. Or leave them open.",
        "Your eyes are on the closest post.", "A post stands close to your eyes.",
        "The wet sand holds some of the sky.", "A small breath might travel with it. Or not.", "The hold of a ship.",
        "Hold the top button to stop.", "You can take the headset off now.", "Going out, the wave takes its time.",
        "Your eyes might wander, or stay with the light. Either is fine.",
        "The rest of the sand is dry.", "Nothing has to happen. There's no hurry.", "You don't have to look.",
        "Perhaps a post.", "The light on the water is open and wide.", "The water moves over your footprints.",
        "Your hands might rest on the chair, or in your lap.",
        "If you'd rather keep your eyes open, there's the grass.",
        "The clock says ten. Nine chairs stand under it.", "Sand is on your shoe, or it isn't.",
        "You needn't match it.",
        "The rest of the post is wet.", "The place is small.", "A closed door is behind you.",
        "You could look at the sand. Or at the sea. Or not at all.",
        "The water comes up the sand and the wind goes over the dry grass.",
    ],
)  # fmt: skip
def test_near_misses_pass(words: str) -> None:
    assert found(words, "The water goes on.") == []


# Each rule of guidance.md's list that words alone can break, as it stands there, and a sentence that breaks it.
RULES = {
    "at most 14 words a sentence": "The water comes up the sand and the wind goes over the grass all day.",
    'Every invitation has an equal "or not"': "You might touch the arm.",
    "Concrete nouns": "The universe is here.",
    "no holds": "Hold your breath, or not.",
    "no deep breath": "Take a deep breath, or not.",
    "no hyperventilation": "Breathe fast and hard, or not.",
    "safe": "It's a safer shore.",
    "deeper": "The shadow deepens.",
    "sink": "The sand sinks.",
    "float": "Clouds are floating.",
    "dissolve": "The foam is dissolving.",
    "let go": "The tree lets everything go.",
    "surrender": "The day surrenders.",
    "journey": "Birds are journeying.",
    "must": "It must be noon.",
    "relax": "The grass relaxes.",
    "praise": "That was lovely.",
    "countdowns": "Five, four.",
    "claims about what is felt": "Your shoulders drop.",
    "food or drink before dosing": "There's bread on the table.",
    '"close your eyes" without an alternative': "Close your eyes.",
}


@pytest.mark.parametrize(("rule", "words"), RULES.items())
def test_each_rule_of_guidance_finds_a_sentence_that_breaks_it(rule: str, words: str) -> None:
    assert rule in GUIDANCE.read_text(encoding="utf-8")
    assert found(words, "The water goes on.")


def test_no_rule_of_what_is_never_said_is_without_its_sentence() -> None:
    never = re.search(r"- Never: (.*)\.", GUIDANCE.read_text(encoding="utf-8"))
    assert never is not None
    said = [part for part in re.split(r"[,;] ", never[1]) if part not in RULES]
    assert said == []


def test_an_equal_may_come_first_thing_after_the_pause_and_not_later() -> None:
    assert found("If you like, breathe out as if misting a window.", "Or not.") == []
    assert found("If you like, breathe out as if misting a window.", "The sand shines.", "Or not.")


def test_a_countdown_over_three_lines_is_found() -> None:
    assert any("counts down" in told for told in found("Three.", "And two.", "Now one."))


@pytest.mark.parametrize(("pause", "told"), [(2.9, "a pause of 2.9 s"), (9.0, "an unannounced pause of 9 s")])
def test_pauses_are_three_to_eight_seconds(pause: float, told: str) -> None:
    assert any(told in line for line in found("The water goes on.", pause=pause))


@pytest.mark.parametrize(
    ("pause", "words"), [(3.0, "Sand."), (8.0, "Sand."), (30.0, "Now half a minute without words.")]
)
def test_ordinary_and_announced_pauses_pass(pause: float, words: str) -> None:
    assert found(words, pause=pause) == []


@pytest.mark.parametrize(("pause", "told"), [(3.0, "above 75"), (8.0, "below 60"), (5.5, "")])
def test_the_pace_over_all_is_judged(pause: float, told: str) -> None:
    script = compiled("made", [Line(str(n), EXIT[:-12], pause) for n in range(8)])
    rules = [finding.rule for finding in findings(script, "made") if "over all" in finding.rule]
    assert bool(rules) is bool(told) and all(told in rule for rule in rules)


def test_the_exit_counts_when_it_is_said_in_time() -> None:
    before = Line("before", "The water goes on and on.", 8.0)
    late = compiled("made", [before, before._replace(id="again"), Line("exit", EXIT, 5.0)])
    assert late.moments[-1].ends > EXIT_SECONDS * FRAMES_A_SECOND
    assert any("exit is not named" in finding.rule for finding in findings(late, "made"))


def test_recorded_lines_are_judged_by_their_own_pace() -> None:
    words = "The water comes up the sand and then goes back."
    assert phrase_rate(words, round(10 * 60 / 107 * FRAMES_A_SECOND)) is None
    assert phrase_rate(words, 2 * FRAMES_A_SECOND) == pytest.approx(300.0)
    assert phrase_rate("Or not.", FRAMES_A_SECOND // 2) is None
    script = compiled("made", [Line("exit", EXIT, 5.0)]).spoken({"exit": 3 * FRAMES_A_SECOND})
    assert any("read it more calmly" in finding.remedy for finding in findings(script, "made"))
    assert PHRASE_RATE[0] <= WORDS_PER_MINUTE <= PHRASE_RATE[1]


def test_words_are_judged_in_english_only_and_pace_everywhere(tmp_path: Path) -> None:
    (tmp_path / "a.de.toml").write_text('[[line]]\ntext = "Safe, deeper."\npause = 1\n', encoding="utf-8")
    assert {finding.rule[:9] for finding in lint("a", "de", tmp_path)} == {"a pause o", "56.6 word"}


def test_a_script_without_lines_or_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "none.en.toml").write_text("", encoding="utf-8")
    assert [finding.rule for finding in lint("none", "en", tmp_path)] == ["there is no line"]
    with pytest.raises(ScriptError):
        lint("absent", "en", tmp_path)


@pytest.mark.parametrize("name", [name for name in plan_names() if name != "demo"])
def test_plans_leave_their_scripts_the_time_they_need(name: str) -> None:
    for step in load_plan(name, find_scenes(), names=NAMES).steps:
        assert step.script is None or step.script.captions[-1].ends + CAPTION_DELAY_SECONDS <= step.seconds


@pytest.mark.timeout(30)  # 4 s on two loaded cores: what grows with the square of the lines would hang
def test_ten_thousand_lines_are_judged() -> None:
    script = compiled("long", [Line(str(n), f"{EXIT} You might look at it. Or not.", 6.0) for n in range(10_000)])
    assert all(finding.rule for finding in findings(script, "long"))


@given(st.lists(st.text(max_size=60), max_size=6))
def test_any_text_is_read_without_an_exception(texts: list[str]) -> None:
    lines = [Line(str(n), text, 5.0) for n, text in enumerate(texts)]
    for finding in findings(compiled("made", lines), "made"):
        assert finding.rule and finding.remedy


@given(st.text(max_size=80))
def test_sentences_lose_no_word(text: str) -> None:
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


def test_sentences_end_after_their_quotation_marks() -> None:
    assert list(sentences('"Or not." You could. It is 3.5 m away! So? ')) == [
        '"Or not."',
        "You could.",
        "It is 3.5 m away!",
        "So?",
    ]
