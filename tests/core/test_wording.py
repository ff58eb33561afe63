"""A session's language: what there is, what is missing, and what is said about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from headless_harness.census import NotingKit
from vr_app import app
from vr_app.api import Label
from vr_app.catalogue import find_scenes
from vr_app.commands import LoadPlan
from vr_app.lint_words import findings, names_exit
from vr_app.options import Options
from vr_app.plan import load_plan, plan_names
from vr_app.render.text import Typeface
from vr_app.script import SCRIPTS, Line, Script, compiled, language_of, load_script, script_names
from vr_app.sound.lines import fitting
from vr_app.station.render import _why_not
from vr_app.wording import WordingError, languages, load_labels, load_wording

SPANISH_LETTERS = "áéíóúüñÁÉÍÓÚÜÑ¿¡«»"
NAMES = {"name": "Ada"}


def test_there_are_english_and_spanish() -> None:
    assert languages() == ["en", "es"]


def test_a_language_that_there_is_not_is_one_line() -> None:
    with pytest.raises(WordingError, match=r"^no language 'xx'; there are en, es$"):
        load_wording("xx")
    assert _why_not(Options(plan="lantern", language="xx")) == "no language 'xx'; there are en, es"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("stop = 3", "lacks therapist, stop, confirm"),
        ("stop =", "headset.xy.toml: "),
        ("", "lacks therapist"),
    ],
)
def test_a_broken_file_of_words_is_one_line(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "headset.xy.toml").write_text(text)
    with pytest.raises(WordingError) as caught:
        load_wording("xy", tmp_path)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


class _LabelKit(NotingKit):
    """Notes what stands on labels."""

    said: set[str]

    def text(self, words: str, *, height: float = 0.03, width: float = 1.0) -> Label:
        self.said.add(words)
        return super().text(words, height=height, width=width)


@pytest.mark.parametrize("language", [each for each in languages() if each != "en"])
def test_what_stands_in_scenes_is_there_in_every_language_and_can_be_shown(language: str) -> None:
    kit = _LabelKit()
    kit.said = set()
    for entry in find_scenes().values():
        if entry.scene is not None:
            entry.scene().build(kit)
    labels = load_labels(language)
    assert set(labels) == kit.said
    for words in labels.values():
        Typeface.load().check(words)


@pytest.mark.parametrize(("text", "told"), [('"Undo" = 3', "has no words for Undo"), ("=", "scenes.xy.toml: ")])
def test_broken_labels_are_one_line(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "scenes.xy.toml").write_text(text)
    with pytest.raises(WordingError, match=told):
        load_labels("xy", tmp_path)


def test_the_typeface_has_the_letters_of_spanish() -> None:
    Typeface.load().check(SPANISH_LETTERS)


@pytest.mark.parametrize("name", script_names("es"))
def test_every_spanish_caption_can_be_shown(name: str) -> None:
    for caption in load_script(name, "es", names=NAMES).captions:
        Typeface.load().check(caption.words)


def test_a_spanish_session_says_what_there_is_in_spanish_and_the_rest_in_english() -> None:
    scenes = find_scenes()
    for name in plan_names():
        plan = app.planned(Options(plan=name, language="es"), scenes)
        said = {script.name: script.language for script in plan.scripts()}
        assert said == {script: language_of(script, "es") for script in said}
        assert said["ground"] == said["queasy"] == "es"
    assert "Su terapeuta" in words_of(app.planned(Options(plan="lantern", language="es"), scenes).ground)
    assert "Ada" in words_of(app.planned(Options(plan="lantern", language="es", name="Ada"), scenes).ground)


def words_of(script: Script | None) -> str:
    assert script is not None
    return " ".join(caption.words for caption in script.captions)


def test_a_script_that_is_missing_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for path in SCRIPTS.iterdir():
        if path.name != "tide.es.toml":
            (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr("vr_app.plan.load_script", lambda name, language, names: load_script(
        name, language, names=names, folder=tmp_path))  # fmt: skip
    monkeypatch.setattr("vr_app.plan.language_of", lambda name, language: language_of(name, language, tmp_path))
    plan = load_plan("tide", find_scenes(), names=NAMES, language="es")
    assert plan.foreign() == "not there in 'es', and said in English: tide"
    assert {script.language for script in plan.scripts()} == {"en", "es"}
    assert load_plan("tide", find_scenes(), names=NAMES).foreign() == ""


def test_a_voice_says_nothing_of_a_script_in_another_language() -> None:
    plan = load_plan("lantern", find_scenes(), names=NAMES, language="es")
    lengths = {"room": {"exit": 48_000}, "elsewhere": {"x": 1}}
    assert fitting(plan, lengths, "es") == lengths
    assert fitting(plan, lengths, "en") == {"elsewhere": {"x": 1}}


def test_few_words_in_spanish_still_name_the_way_out() -> None:
    for words in ("few", "none"):
        load = LoadPlan("lantern", words=words, language="es")
        plan = app.planned(Options().loaded(load), find_scenes())
        said = [caption.words for step in plan.steps[:-1] if step.script for caption in step.script.captions]
        assert any(names_exit(each, "es") for each in said)


def test_a_plan_is_loaded_in_its_language_or_as_before() -> None:
    spanish = Options().loaded(LoadPlan("lantern", language="es"))
    assert spanish.language == "es"
    assert spanish.loaded(LoadPlan("tide")).language == "es"
    assert spanish.loaded(LoadPlan("tide", language="en")).language == "en"


# --- the linter


EXIT = "Para parar, mantenga el botón de arriba, o solo dígalo. El agua se queda donde está."


def found(*words: str, pause: float = 5.0) -> list[str]:
    said = [Line("exit", EXIT, 5.0), *(Line(f"l{number}", text, pause) for number, text in enumerate(words))]
    made = compiled("made", said, language="es")
    return [str(finding) for finding in findings(made, "made.es.toml") if "over all" not in finding.rule]


@pytest.mark.parametrize(
    "words",
    [
        "Está en la consulta, en su silla. Ada está a su lado.",
        "No hay nada que hacer bien. Sus ojos pueden pasear, o quedarse en un punto.",
        "Puede quedarse con una cosa, o pasar a otra.",
        "Tal vez quiera tocar el brazo del sillón. ¿Es liso, o áspero? O déjelo estar.",
        "El agua sube por la arena. Luego vuelve. Lo hace sin ayuda.",
        "Si quieres, suelta el aire como para empañar un cristal. O no.",
        "Escuche el mar, o deje que suene solo.",
        "Cierre los ojos, o déjelos abiertos.",
        "¿Qué ve desde ahí?",
        "No tiene que hacer nada.",
    ],
)
def test_what_is_said_well_in_spanish_is_let_be(words: str) -> None:
    assert found(words) == []


PLANTED = {
    "(safe)": "Aquí está a salvo.",
    "(deeper)": "Vaya más profundo ahora.",
    "(sink)": "Se hunde en la silla.",
    "(float)": "Una hoja flota.",
    "(dissolve)": "Todo se disuelve.",
    "(let go)": "Deje ir lo que venga. O no.",
    "(surrender)": "Ríndase al sonido. O no.",
    "(journey)": "Empieza el viaje.",
    "(must)": "Tiene que mirar el agua.",
    "(relax)": "Relájese. O no.",
    "cannot be pointed at": "El universo está aquí.",
    "is praise": "Muy bien.",
    "claims what is felt": "Tu cuerpo se afloja.",
    "is food or drink": "Hay una taza de té.",
    "without an alternative": "Cierre los ojos.",
    "small, soft breath": "Aguante la respiración. O no.",
    "counts down": "Tres, dos, uno.",
    "count down": "Empieza la cuenta atrás.",
    "an invitation without its equal": "Mire la piedra.",
}


@pytest.mark.parametrize(("rule", "words"), PLANTED.items(), ids=PLANTED)
def test_what_is_planted_in_spanish_is_found(rule: str, words: str) -> None:
    assert any(rule in told for told in found(words)), found(words)


def test_a_remedy_is_in_the_scripts_language() -> None:
    assert any('"O no."' in told for told in found("Si quiere, toque la mesa."))
    assert any("medio minuto" in told for told in found("El mar.", pause=20.0))
    assert found("El próximo medio minuto no tiene palabras.", pause=20.0) == []


def test_the_exit_is_named_in_spanish_within_twenty_seconds() -> None:
    said = [Line("a", "El agua sube por la arena. Luego vuelve.", 5.0)]
    told = [str(finding) for finding in findings(compiled("made", said, language="es"), "made.es.toml")]
    assert any("the exit is not named" in each for each in told)


def test_a_language_without_lists_is_judged_by_its_pace_alone() -> None:
    said = [Line("a", "Safe, safe. Close your eyes.", 5.0)]
    assert not [each for each in findings(compiled("made", said, language="fr"), "made") if "over all" not in each.rule]
