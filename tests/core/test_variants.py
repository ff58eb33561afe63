"""What a script becomes for one patient: other words at the same times; and the same scripts in Spanish."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.places import Place, Session
from tests.sound.engines import Guided
from vr_app.avoiding import said
from vr_app.catalogue import find_scenes
from vr_app.commands import Go, GoTo, SetEyes, StopNow
from vr_app.director import CAPTION_DELAY_SECONDS
from vr_app.lint_variants import Variant, lint_all, variants
from vr_app.lint_words import EXIT_SECONDS, NAMES, PAUSES, names_exit
from vr_app.plan import Plan, Step, load_plan, plan_names
from vr_app.render.text import Typeface
from vr_app.script import (
    FRAMES_A_SECOND,
    LONG_PAUSE,
    SHORTEST_PAUSE,
    Line,
    Question,
    Script,
    ScriptError,
    compiled,
    load_script,
    script_names,
    without,
)

SCENES = find_scenes()
LANGUAGES = ("en", "es")
WORDS = st.lists(st.text("ab", min_size=1, max_size=5), min_size=1, max_size=9).map(" ".join)
LENGTHS = st.dictionaries(st.sampled_from([f"l{n}{end}" for n in range(6) for end in ("", "_closed", "_instead")]),
                          st.integers(1, 20 * FRAMES_A_SECOND))  # fmt: skip
HEARD = "one two three four five six."


@st.composite
def lines(draw: st.DrawFn) -> Line:
    other = st.none() | WORDS
    made = Line("l", draw(WORDS), draw(st.floats(3.0, 30.0)), flags=draw(st.frozensets(st.sampled_from("xyz"))))
    found = {end: draw(other) for end in ("instead", "closed", "quiet")}
    instead, closed, quiet = (
        made._replace(id=f"l_{end}", words=words, flags=frozenset()) if words else None for end, words in found.items()
    )
    return made._replace(instead=instead, closed=closed, quiet=quiet)


def numbered(found: list[Line]) -> Script:
    """As they follow each other, each with an id of its own."""
    made = []
    for number, line in enumerate(found):
        others = {end: getattr(line, end) for end in ("instead", "closed", "quiet")}
        instead, closed, quiet = (
            each._replace(id=f"l{number}_{end}") if each else None for end, each in others.items()
        )
        made.append(line._replace(id=f"l{number}", instead=instead, closed=closed, quiet=quiet))
    return compiled("made", made)


SCRIPTS = st.lists(lines(), min_size=1, max_size=6).map(numbered)


def written(folder: Path, text: str) -> Script:
    (folder / "made.en.toml").write_text(text, encoding="utf-8")
    return load_script("made", names=NAMES, folder=folder)


# --- the same timeline


@given(SCRIPTS, LENGTHS)
def test_closed_eyes_are_told_the_same_at_the_same_times(script: Script, lengths: dict[str, int]) -> None:
    spoken = script.spoken(lengths)
    closed = spoken.for_eyes(closed=True)
    assert spoken.for_eyes(closed=False) is spoken
    assert len(closed.moments) == len(closed.captions) == len(spoken.moments)
    for open_eyed, other in zip(spoken.moments, closed.moments, strict=True):
        assert (open_eyed.begins, open_eyed.after) == (other.begins, other.after)
        assert other.line.words == (open_eyed.line.closed or open_eyed.line).words
        assert other.begins < other.ends <= other.after
        if open_eyed.line.closed:
            assert other.after - other.ends >= round(SHORTEST_PAUSE * FRAMES_A_SECOND)


@given(SCRIPTS, st.frozensets(st.sampled_from("xyz")))
def test_what_is_left_of_a_script_stands_where_it_stood(script: Script, avoid: frozenset[str]) -> None:
    less = without(script, avoid)
    begins = {moment.begins: moment for moment in script.moments}
    for moment in less.moments:
        was = begins[moment.begins].line
        assert not moment.line.flags & avoid
        assert moment.line.words in {each.words for each in was.every()}
        if not was.flags & avoid and moment.line.id == was.id:
            assert moment.ends == begins[moment.begins].ends
    for before, after in zip(less.moments, less.moments[1:], strict=False):
        assert before.after == after.begins
    assert not less.moments or less.moments[-1].after >= script.moments[-1].after
    assert without(less, avoid) == less
    assert {flag for moment in less.moments for flag in moment.line.flags}.isdisjoint(avoid)


@given(SCRIPTS)
def test_who_avoids_nothing_is_told_all(script: Script) -> None:
    assert without(script, frozenset()) is script
    assert said(script, "all") is script


# --- reading them


def test_other_words_of_a_line_have_ids_of_their_own(tmp_path: Path) -> None:
    line = (
        written(
            tmp_path,
            'line = [{id = "a", text = "A small breath.", pause = 6, cue = "bowl", flags = ["breath"], '
            'instead = "Sand.", eyes_closed = "{name} is here.", then_quiet = "It goes quiet."}]',
        )
        .moments[0]
        .line
    )
    assert [each.id for each in line.every()] == ["a", "a_instead", "a_closed", "a_quiet"]
    assert {each.cue for each in line.every()} == {"bowl"}
    assert line.flags == {"breath"}
    assert line.closed is not None
    assert (line.closed.words, line.closed.names) == ("Your therapist is here.", ("name",))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('text = "x"\npause = 3\ninstead = "y"', "line 1 has words instead, and no flags that say when"),
        ('text = "x"\npause = 3\nflags = "breath"', "line 1: flags must be a list of words"),
        ('text = "x"\npause = 3\neyes_closed = 3', "eyes_closed must be words, not 3"),
        ('text = "x"\npause = 4\neyes_closed = "a b c d e"', "has 5 words; in its line's place at most 2 fit"),
        ('text = "x"\npause = 3\neyes_closed = "x"\n[[line]]\nid = "1_closed"\ntext = "y"\npause = 3',
         "line 2 has the id of line 1, '1_closed'; rename one"),
    ],
)  # fmt: skip
def test_bad_other_words_are_one_clear_line(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(ScriptError, match=told):
        written(tmp_path, f"[[line]]\n{line}\n")


@pytest.mark.parametrize(
    "question", ['words = "Which?"', 'words = "Which?"\noptions = ["One"]', 'words = "Which?"\noptions = ["", "b"]']
)
def test_a_question_has_words_and_answers(tmp_path: Path, question: str) -> None:
    with pytest.raises(ScriptError, match=r"^made.en.toml: (a question has|an option has)"):
        written(tmp_path, f'[[line]]\ntext = "x"\npause = 3\n[question]\n{question}\n')


# --- what is shipped


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", script_names())
def test_every_shipped_script_keeps_the_rules_whatever_becomes_of_it(name: str, language: str) -> None:
    assert [str(finding) for finding in lint_all(name, language)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_variant_names_the_exit_in_time(language: str) -> None:
    counts = {"closed": 0, "few": 0, "without": 0}
    for name in script_names(language):
        for variant in variants(load_script(name, language, names=NAMES)):
            exits = [
                moment.ends
                for moment in variant.script.moments
                if names_exit(moment.line.words, variant.script.language)
            ]
            assert exits, (name, variant)
            assert exits[0] <= EXIT_SECONDS * FRAMES_A_SECOND, (name, variant)
            counts["closed"] += variant.closed
            counts["few"] += variant.words == "few"
            counts["without"] += bool(variant.avoided)
    assert all(counts.values())


def test_what_is_planted_in_a_variant_is_found(tmp_path: Path) -> None:
    stop = "To stop, hold the top button, or just say. The water stays where it is, down there."
    bad = (
        f'[[line]]\nid = "exit"\ntext = "{stop}"\npause = 5\n'
        '[[line]]\nid = "a"\ntext = "A small breath might come. Or not, as you like, on this dry sand."\npause = 6\n'
        'flags = ["breath"]\ninstead = "You might breathe as it comes. Or look at the dry sand there."\n'
        '[[line]]\nid = "b"\ntext = "You might look at the sand, which is dry. Or you might not look."\npause = 6\n'
        'eyes_closed = "You might float there for a while. Or stay as you are, in the chair."\n'
        '[[line]]\nid = "c"\ntext = "You might look at the grass behind the dunes. Or at the dry sand."\npause = 6\n'
        '[[line]]\nid = "d"\ntext = "The water goes on by itself, and so does the sound of it."\npause = 6\n'
        'flags = ["breth"]\n'
        '[question]\nwords = "Look at the sea."\noptions = ["Yes", "The safe one"]\n'
    )  # fmt: skip
    written(tmp_path, bad)
    found = [str(finding) for finding in lint_all("made", folder=tmp_path)]
    for told in (
        "made.en.toml (without breath): a_instead: 'breathe' is about breath",
        "made.en.toml (without breath, eyes closed): a_instead: 'look' asks closed eyes to look",
        "made.en.toml (eyes closed): b_closed: 'float' is a word we never use",
        "made.en.toml (eyes closed): c: 'look' asks closed eyes to look",
        "made.en.toml (none said): exit: an unannounced pause of",
        "made.en.toml: d: flags has breth; there are",
        "made.en.toml: question: 'safe' is a word we never use",
        "made.en.toml: question: an invitation without its equal",
    ):
        assert any(line.startswith(told) for line in found), (told, found)


def test_the_pauses_of_the_linter_are_the_scripts_own() -> None:
    assert PAUSES == (SHORTEST_PAUSE, LONG_PAUSE)


def test_few_words_say_that_it_goes_quiet_and_only_then(tmp_path: Path) -> None:
    script = load_script("touch", names=NAMES)
    for words in ("few", "none"):
        exit_ = next(moment for moment in said(script, words).moments if names_exit(moment.line.words, script.language))
        assert exit_.line.id == "begin_quiet"
        assert exit_.line.words.endswith("It goes quiet now.")
        assert exit_.begins == script.moments[0].begins
    room = load_script("room", names=NAMES)
    assert [moment.line.id for moment in said(room, "few").moments] == ["place", "exit", "nothing"]
    assert str(Variant(frozenset({"breath"}), True, "few", room)) == "without breath, eyes closed, few said"


def test_words_of_breath_are_left_out_where_breath_is_and_the_place_stays(tmp_path: Path) -> None:
    path = tmp_path / "read.toml"
    path.write_text('[[step]]\nscene = "room"\nminutes = 6.3\nscript = "tide"\n', encoding="utf-8")
    everything, less = (
        load_plan(str(path), SCENES, names=NAMES, avoid=avoid).steps[0].script
        for avoid in (frozenset[str](), frozenset({"breath"}))
    )
    assert everything is not None
    assert less is not None
    told = {words: script for script in (everything, less) for words in [" ".join(c.words for c in script.captions)]}
    assert [("breath" in words) for words in told] == [True, False]
    assert [moment.begins for moment in less.moments] == [moment.begins for moment in everything.moments]


# --- in a session


def _tale(closed: bool) -> Script:
    first = Line("first", f"first {HEARD}", 4.0, closed=Line("first_closed", f"shut {HEARD}", 4.0) if closed else None)
    second = Line("second", f"second {HEARD}", 4.0, closed=Line("second_closed", f"dark {HEARD}", 4.0))
    return compiled("tale", [first, second, Line("third", f"third {HEARD}", 4.0)])


def test_the_therapist_reads_what_closed_eyes_are_told() -> None:
    session = Session(made=Plan("test", "Test", (Step("room", 60.0, None, _tale(closed=True)),
                                                 Step("room", 60.0, None, None))))  # fmt: skip
    session.director.obey(Go())
    session.run(6.0)
    assert session.director.status("").prompt.line == "first"
    session.director.obey(SetEyes(True))
    session.run(0.1)
    prompt = session.director.status("").prompt
    assert (prompt.line, prompt.words, prompt.following) == ("first_closed", f"shut {HEARD}", f"dark {HEARD}")
    session.director.obey(SetEyes(False))
    session.run(0.1)
    assert session.director.status("").prompt.line == "first"


def test_a_line_that_sounds_is_said_to_its_end_when_eyes_close() -> None:
    guided = Guided(told=_tale(closed=True))
    lines = [each.id for each in guided.script.lines()]
    guided.director._speech._recorded = {"tale": frozenset(lines)}
    guided.director.obey(Go())
    guided.run(8.0)
    guided.director.obey(SetEyes(True))
    guided.run(30.0)
    assert [line for line, _ in guided.engine.said] == ["first", "second_closed", "third"]


QUESTION = Question("Which one?", ("This", "That"))
ASKED = "Which one? This That"


def test_a_question_comes_after_its_words_and_goes_with_its_cue() -> None:
    asking = compiled("asking", [Line("a", HEARD, 4.0)], question=QUESTION)
    steps = (
        Step("room", 15.0, None, asking, advance="go"),
        Step("lantern", 20.0, None, None),
        Step("room", 9.0, None, None),
    )
    session = Session(made=Plan("test", "Test", steps))
    session.director.obey(Go())
    session.run(9.0)
    assert session.sheet.board(ASKED) is None
    session.run(4.5)
    assert session.sheet.board(ASKED) is not None
    session.run(30.0)
    assert session.sheet.board(ASKED) is not None  # it waits for a Go, and for nobody's answer
    session.director.obey(SetEyes(True))
    session.run(2.0)
    assert session.sheet.board(ASKED) is None
    session.director.obey(SetEyes(False))
    session.run(2.0)
    assert session.sheet.board(ASKED) is not None
    session.director.obey(StopNow())
    session.run(2.0)
    assert session.sheet.board(ASKED) is None
    session.director.obey(GoTo(0, 14.0))
    session.run(4.0)
    assert session.sheet.board(ASKED) is not None
    session.director.obey(Go())
    session.run(6.0)
    assert session.sheet.board(ASKED) is None
    assert not session.director.journal.faults


def test_a_question_that_cannot_be_shown_is_told_and_the_plan_goes_on() -> None:
    asking = compiled("asking", [Line("a", HEARD, 4.0)], question=Question("\N{SNOWMAN}", ("This", "That")))
    session = Session(
        {"room": Place()}, Plan("test", "Test", (Step("room", 15.0, None, asking), Step("room", 9.0, None, None)))
    )
    session.director.obey(Go())
    session.run(20.0)
    assert [words for _, words in session.director.journal.faults] == [
        "a question cannot be shown: the typeface lacks that"
    ]


def test_the_orientation_practises_looking_hearing_choosing_and_stopping_in_some_two_minutes() -> None:
    plan = load_plan("orientation", SCENES, names=NAMES)
    scripts = [step.script for step in plan.steps[:-1] if step.script]
    assert [script.name for script in scripts] == ["orientation", "choose", "practise"]
    assert [script.question is not None for script in scripts] == [False, True, False]
    assert all(step.advance == "go" for step in plan.steps[:-1])
    assert 120.0 <= sum(step.seconds for step in plan.steps[:-1]) <= 180.0


# --- Spanish


def test_every_script_is_there_in_spanish() -> None:
    assert script_names("es") == script_names("en")


@pytest.mark.parametrize("name", script_names())
def test_spanish_has_the_same_ids_cues_flags_and_names(name: str) -> None:
    english, spanish = (load_script(name, language, names=NAMES) for language in LANGUAGES)

    def told(script: Script) -> list[tuple[object, ...]]:
        return [(line.id, line.cue, line.flags, line.names) for line in script.lines()]

    assert told(spanish) == told(english)
    assert spanish.flags == english.flags
    assert (spanish.question is None) == (english.question is None)
    for script in (english, spanish):
        for line in script.lines():
            Typeface.load().check(line.words)
        for words in [script.question.words, *script.question.options] if script.question else []:
            Typeface.load().check(words)


@pytest.mark.parametrize("name", [name for name in plan_names() if name != "demo"])
def test_plans_leave_spanish_the_time_it_needs(name: str) -> None:
    plan = load_plan(name, SCENES, names=NAMES)
    for step in plan.steps:
        if step.script is not None:
            spanish = load_script(step.script.name, "es", names=NAMES)
            assert spanish.captions[-1].ends + CAPTION_DELAY_SECONDS <= step.seconds, spanish.name
