"""Scripts as they sound: frames, captions in WebVTT, prompts to read from, recordings in the graph, placeholders."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.block import BLOCK, RATE, frames
from audio.duck import Bus
from audio.narration import entrances, timeline
from audio.offline import At, render
from audio.packs import Recording
from audio.placeholder import ESPEAK, FLITE, Audience, PlaceholderError, Voice, piper, rehearse, system_voice
from tests.audio.sounds import Clip, integrated, noise, speech
from vr_app.limits import VOICE_LUFS, VOICE_TOLERANCE_LU
from vr_app.lint_words import findings
from vr_app.script import (
    FRAMES_A_SECOND,
    LINGER,
    NO_PROMPT,
    Line,
    Script,
    ScriptError,
    compiled,
    load_script,
    prompt,
    script_names,
    webvtt,
)

NAMES = {"name": "Ada"}
LINES = st.lists(
    st.tuples(st.text(min_size=1, max_size=40).filter(lambda words: bool(words.split())), st.floats(0.0, 120.0)),
    min_size=1,
    max_size=12,
).map(lambda found: [Line(f"l{n}", " ".join(words.split()), pause) for n, (words, pause) in enumerate(found)])
LENGTHS = st.dictionaries(st.sampled_from([f"l{n}" for n in range(14)]), st.integers(-5, 61 * RATE))


def written(folder: Path, text: str | bytes) -> Script:
    (folder / "made.en.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_script("made", names=NAMES, folder=folder)


# The timeline


def test_frames_are_the_sound_processes_own() -> None:
    assert FRAMES_A_SECOND == RATE


@given(LINES, LENGTHS)
def test_lines_follow_each_other_and_captions_follow_them(lines: list[Line], lengths: dict[str, int]) -> None:
    script = compiled("made", lines).spoken(lengths)
    now = 0
    for line, moment, caption in zip(lines, script.moments, script.captions, strict=True):
        assert moment.begins == now < moment.ends <= moment.after
        assert moment.after - moment.ends == round(line.pause * RATE)
        if 0 < lengths.get(line.id, 0) <= 60 * RATE:
            assert moment.ends - moment.begins == lengths[line.id]
        assert caption.begins == moment.begins / RATE
        assert moment.ends / RATE <= caption.ends <= min(moment.after / RATE, moment.ends / RATE + LINGER) + 1e-9
        assert caption.words == line.words
        now = moment.after


def test_a_line_keeps_its_id_cue_and_names(tmp_path: Path) -> None:
    script = written(tmp_path, '[[line]]\nid = "a"\ntext = "{name} is here."\npause = 3\ncue = "bowl"\n')
    assert script.moments[0].line == Line("a", "Ada is here.", 3.0, "bowl", ("name",))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('id = "A b"\ntext = "x"\npause = 3', "line 1: id must be small letters, digits and _, not 'A b'"),
        ('id = "../a"\ntext = "x"\npause = 3', "id must be small letters"),
        ('cue = 3\ntext = "x"\npause = 3', "cue must be small letters"),
        ('text = "x"\npause = 3\nvoice = "b"', "unknown keys \\['voice'\\]; a line has cue, eyes_closed, flags, id, "),
        ('text = "{name.__class__}"\npause = 3', "has a brace alone; write {name}, or leave it out"),
        ('text = "{name!r:>999999999}"\npause = 3', "has a brace alone"),
        ('text = "{"\npause = 3', "has a brace alone"),
        ('text = "{}"\npause = 3', "names '', which is not one of"),
        ('text = "a\\u001b[2J"\npause = 3', "has a control character in its text; take it out"),
        ('text = "x"\npause = nan', "a pause of 0 to 120 seconds, not nan"),
        ('text = "x"\npause = -3', "a pause of 0 to 120 seconds, not -3"),
        ('text = "x"\npause = inf', "a pause of 0 to 120 seconds, not inf"),
        (
            'id = "a"\ntext = "x"\npause = 3\n[[line]]\nid = "a"\ntext = "y"\npause = 3',
            "has the id of line 1, 'a'; rename",
        ),
    ],
)
def test_a_bad_line_is_one_clear_line(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(ScriptError, match=told) as caught:
        written(tmp_path, f"[[line]]\n{line}\n")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'[[line]]\ntext = "\xff"\n', "line 2 of the file is not UTF-8; save it as UTF-8"),
        (b"line = 3", "'line' must be a list"),
        (b"a = " + b"[" * 5000, "made.en.toml"),
        (b"[[line]\n", "made.en.toml: .*line 1"),
    ],
)
def test_a_bad_file_is_one_clear_line(tmp_path: Path, content: bytes, told: str) -> None:
    with pytest.raises(ScriptError, match=told) as caught:
        written(tmp_path, content)
    assert "\n" not in str(caught.value)


def test_the_mark_that_windows_writes_before_a_file_is_let_be(tmp_path: Path) -> None:
    script = written(tmp_path, b'\xef\xbb\xbf[[line]]\r\ntext = "Sand."\r\npause = 3\r\n')
    assert script.captions[0].words == "Sand."


def test_a_name_with_braces_stays_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "made.en.toml").write_text('[[line]]\ntext = "{name} is here."\npause = 3\n', encoding="utf-8")
    script = load_script("made", names={"name": "{name} {0}"}, folder=tmp_path)
    assert script.captions[0].words == "{name} {0} is here."


@pytest.mark.timeout(10)  # 1 s on two cores, nearly all of it in tomllib
def test_ten_thousand_lines_are_read_and_found(tmp_path: Path) -> None:
    text = "".join(f'[[line]]\nid = "l{n}"\ntext = "The water comes up."\npause = 5\n' for n in range(10_000))
    script = written(tmp_path, text)
    for second in range(0, 60_000, 60):
        script.at(second)
        prompt(script, second)
    assert len(script.moments) == 10_000


@settings(max_examples=60)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_script_or_one_line(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    told = ""
    try:
        written(tmp_path_factory.mktemp("s"), content)
    except ScriptError as error:
        told = str(error)
    assert "\n" not in told


# Reading live


def test_the_prompt_counts_words_and_then_the_pause_down() -> None:
    script = compiled("made", [Line("a", "one " * 107, 6.0), Line("b", "Or not.", 4.0)])
    assert prompt(script, 0.0) == ("a", "one " * 107, 60.0, 6.0, "Or not.", True)
    assert prompt(script, 59.0)[2:4] == pytest.approx((1.0, 6.0))
    assert prompt(script, 62.0)[2:4] == pytest.approx((0.0, 4.0))
    after = prompt(script, 66.5, frozenset({"b"}))
    assert (after.line, after.following, after.live) == ("b", "", False)
    assert prompt(script, 1e6) == prompt(script, float("nan")) == prompt(Script("none", ()), 0.0) == NO_PROMPT


@given(LINES, st.floats(-10.0, 2000.0))
def test_a_prompt_never_counts_below_nothing(lines: list[Line], at: float) -> None:
    found = prompt(compiled("made", lines), at)
    assert found.words_left >= 0.0 and 0.0 <= found.pause_left <= 120.0


# WebVTT: a reader by W3C's "WebVTT file structure", which shares nothing with the writer


class Cue(NamedTuple):
    id: str
    begins: float
    ends: float
    text: str


_TIMING = re.compile(r"((?:\d{2,}:)?[0-5]\d:[0-5]\d\.\d{3})[ \t]+-->[ \t]+((?:\d{2,}:)?[0-5]\d:[0-5]\d\.\d{3})")


def _seconds(stamp: str) -> float:
    hours, minutes, seconds = ["0", *stamp.split(":")][-3:]
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def read_vtt(text: str) -> list[Cue]:
    assert "\0" not in text
    header, *blocks = re.split(r"\n{2,}", text.removeprefix("\ufeff").rstrip("\n"))
    assert re.fullmatch(r"WEBVTT(?:[ \t][^\n]*)?", header)
    cues: list[Cue] = []
    for block in blocks:
        name, timing, *payload = block.split("\n")
        stamps = _TIMING.fullmatch(timing)
        assert "-->" not in name and stamps and payload and all("-->" not in line for line in payload)
        words = "\n".join(payload)
        assert "<" not in words and not re.search(r"&(?!(?:amp|lt|gt|lrm|rlm|nbsp);)", words)
        begins, ends = map(_seconds, stamps.groups())
        assert begins < ends and (not cues or begins >= cues[-1].begins)
        cues.append(Cue(name, begins, ends, words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")))
    assert len({cue.id for cue in cues}) == len(cues)
    return cues


@pytest.mark.parametrize("name", script_names())
def test_every_shipped_script_has_valid_captions(name: str) -> None:
    script = load_script(name, names={"name": "A --> <b> & c"})
    cues = read_vtt(webvtt(script))
    assert [(cue.id, cue.text) for cue in cues] == [(moment.line.id, moment.line.words) for moment in script.moments]
    for cue, caption in zip(cues, script.captions, strict=True):
        assert (cue.begins, cue.ends) == pytest.approx((caption.begins, caption.ends), abs=0.0006)


@given(LINES, LENGTHS)
def test_any_captions_are_valid(lines: list[Line], lengths: dict[str, int]) -> None:
    script = compiled("made", [line._replace(words=line.words.replace("\0", "?")) for line in lines]).spoken(lengths)
    assert [cue.text for cue in read_vtt(webvtt(script))] == [moment.line.words for moment in script.moments]


def test_captions_go_on_past_an_hour() -> None:
    script = compiled("made", [Line(f"l{n}", "The water comes.", 120.0) for n in range(40)])
    assert read_vtt(webvtt(script))[-1].begins > 3600.0


# In the graph


def _spoken_by_noise(script: Script) -> dict[str, Recording]:
    return {
        moment.line.id: Recording(np.ascontiguousarray(speech(round((moment.ends - moment.begins) / RATE, 1))[:, 0]))
        for moment in script.moments
    }


def test_lines_sound_where_the_script_has_them_and_as_loud_as_a_voice() -> None:
    script = load_script("room", names=NAMES)
    recordings = _spoken_by_noise(script)
    script = script.spoken({line: found.frames for line, found in recordings.items()})
    assert [(found.begins, found.line) for found in entrances(script, recordings)] == [
        (moment.begins, moment.line.id) for moment in script.moments
    ]
    sound = render(timeline(script, recordings), script.moments[-1].after / RATE)
    for moment in script.moments:
        part = sound[moment.begins + frames(0.1) : moment.ends]
        assert integrated(part) == pytest.approx(VOICE_LUFS, abs=VOICE_TOLERANCE_LU)
    for moment in script.moments[:-1]:
        pause = sound[moment.ends + frames(0.5) : moment.after - frames(0.1)]
        assert np.abs(pause).max() < 1e-3


def test_the_bed_is_down_when_a_line_begins() -> None:
    line = compiled("made", [Line("a", "x", 3.0), Line("b", "y", 3.0)])
    said = Recording(np.ascontiguousarray(speech(1.0)[:, 0]))
    late = line.spoken({"a": 4 * RATE})  # nothing sounds there: the bed alone
    bed = At(0.0, lambda graph: graph.play(99, Clip(noise(9.0)), Bus.BED))
    alone = render([bed], 8.0)
    ducked = render([bed, *timeline(late, {"b": said})], 8.0)
    begins = late.moments[1].begins
    just_before = slice(begins - frames(0.02), begins - frames(0.005))
    fall = 10 * np.log10((ducked[just_before] ** 2).mean() / (alone[just_before] ** 2).mean())
    assert fall < -6.0


def test_a_missing_recording_leaves_its_line_to_be_read() -> None:
    script = load_script("room", names=NAMES)
    recordings = _spoken_by_noise(script)
    del recordings["exit"]
    cast = script.spoken({line: found.frames for line, found in recordings.items()})
    assert "exit" not in [found.line for found in entrances(cast, recordings)]
    exit_ = cast.moments[1]
    found = prompt(cast, exit_.begins / RATE, frozenset(recordings))
    assert (found.line, found.live) == ("exit", True)
    assert exit_.ends - exit_.begins == script.moments[1].ends - script.moments[1].begins


# Placeholders


def test_a_synthesiser_never_speaks_to_a_patient() -> None:
    script = load_script("room", names=NAMES)
    with pytest.raises(PlaceholderError, match="never speaks to a patient; read the lines live, or use a voice pack"):
        rehearse(script, ESPEAK, audience=Audience.PATIENT)
    with pytest.raises(TypeError, match="audience"):
        rehearse(script, ESPEAK)  # type: ignore[call-arg]


@pytest.mark.parametrize("voice", [ESPEAK, FLITE], ids=lambda voice: voice.program)
def test_a_placeholder_keeps_the_pace_of_guidance(voice: Voice) -> None:
    if not voice.there:
        pytest.skip(f"unproven without {voice.program}: placeholder speech keeps the pace of guidance")
    script = load_script("room", names={"name": "Your therapist"})
    recordings = rehearse(script, voice, audience=Audience.TEST)
    for moment in script.moments:
        length = recordings[moment.line.id].frames
        assert length == pytest.approx(moment.ends - moment.begins, rel=0.35)
        out, whole = np.empty((BLOCK, 2), np.float32), []
        for at in range(0, length, BLOCK):
            recordings[moment.line.id].fill(out, at)
            whole.append(out.copy())
        assert integrated(np.concatenate(whole)) == pytest.approx(VOICE_LUFS, abs=VOICE_TOLERANCE_LU)
    assert not [finding for finding in findings(script, "room") if "exit" in finding.rule]


def test_an_absent_voice_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    script = load_script("room", names=NAMES)
    for voice in (ESPEAK, FLITE, piper(tmp_path / "en.onnx")):
        with pytest.raises(PlaceholderError, match=rf"^{voice.program} is not on this machine; [^\n]+$"):
            rehearse(script, voice, audience=Audience.REHEARSAL)
    with pytest.raises(PlaceholderError, match="no voice to rehearse with"):
        system_voice()


@pytest.mark.skipif(sys.platform == "win32", reason="unproven on Windows: the planted voice is a shell script")
@pytest.mark.parametrize(
    ("does", "told"),
    [
        ("echo no such model >&2; exit 3", "ended with 3 \\(no such model\\)"),
        ("exit 0", "spoke nothing that can be used"),
        ("echo nonsense > words.wav", "spoke nothing that can be used"),
        ("exec sleep 30", "took more than 0.3 s"),
    ],
)
def test_a_voice_that_fails_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str, told: str) -> None:
    program = tmp_path / "piper"
    program.write_text(f"#!/bin/sh\n{does}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr("audio.placeholder.PATIENCE_SECONDS", 0.3)
    with pytest.raises(PlaceholderError, match=told) as caught:
        rehearse(load_script("room", names=NAMES), piper(tmp_path / "en.onnx"), audience=Audience.TEST)
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(sys.platform == "win32", reason="unproven on Windows: the planted voice is a shell script")
def test_words_reach_a_voice_as_text_and_never_as_its_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "piper"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/args; cat > {tmp_path}/heard; exit 1\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    script = compiled("made", [Line("a", "--wav [[x]] <b> $(id) \u202e here", 3.0)])
    with pytest.raises(PlaceholderError):
        rehearse(script, piper(tmp_path / "en.onnx"), audience=Audience.TEST)
    assert (tmp_path / "heard").read_text() == "--wav x b $(id) here\n"
    assert "wav [" not in (tmp_path / "args").read_text()
