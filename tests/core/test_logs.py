"""The logs tell what happened, hold nothing that a person wrote, and are never in a session's way."""

from __future__ import annotations

import ast
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.places import Failing, Place, Session, plan
from vr_app import logs
from vr_app.commands import Go, SetText
from vr_app.folders import cache_folder, log_folder

CHECKOUT = Path(__file__).resolve().parents[2]
CANARY = "Quillfeather"  # stands for a patient's words, a name, a place on the disk
BAKED = cache_folder() / "bake"  # made once for all tests: it takes minutes on a slow machine
LEVELS = ("debug", "info", "warning", "error", "exception", "critical")

log = logging.getLogger("vr_app.tests")


class Mood(Enum):
    CALM = "calm"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where everything is written; its name is nobody's business."""
    folder = tmp_path / CANARY
    monkeypatch.setenv("HARBORLIGHT_HOME", str(folder))
    return folder


def _lines(process: str = "render") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (log_folder() / f"{process}.jsonl").read_text().splitlines()]


def _written() -> str:
    return "".join(path.read_text(errors="replace") for path in log_folder().iterdir())


# --- what a line holds


def test_a_line_tells_what_happened_where_and_when() -> None:
    with logs.start("render"):
        log.warning("frame %d late by %.1f ms in '%s'", 7, 2.5, "lantern")
    started, line, ended = _lines()
    assert (started["level"], ended["event"]) == ("info", "ended")
    assert started["event"].startswith("started")
    assert line["utc"].endswith("+00:00")
    assert line["monotonic"] > 0
    assert (line["process"], line["pid"], line["level"]) == ("render", os.getpid(), "warning")
    assert (line["event"], line["fields"]) == ("frame %d late by %.1f ms in '%s'", [7, 2.5, "lantern"])


def test_values_may_have_names() -> None:
    with logs.start("render"):
        log.info("mode %(mode)s at %(at).1f s", {"mode": Mood.CALM, "at": 1.5, CANARY: 3})
    assert _lines()[1]["fields"] == {"mode": "CALM", "at": 1.5}


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (3, 3), (True, True), (None, None), (2.5, 2.5), (np.float32(0.5), 0.5), (np.int64(4), 4.0), (Mood.CALM, "CALM"),
        ("room", "room"), (float("nan"), "nan"), (OSError(28, CANARY), "OSError 28"), (KeyError(CANARY), "KeyError"),
        (CANARY, "(words)"), (Path(CANARY), "(words)"), ([CANARY], "(words)"), (CANARY.encode(), "(words)"),
        (10**30, "(number)"),
    ],
)  # fmt: skip
def test_of_values_only_what_is_known_is_kept(value: object, kept: object) -> None:
    with logs.start("render"):
        log.info("value %s", value)
    assert _lines()[1]["fields"] == [kept]


def test_a_fault_is_its_kind_and_its_places() -> None:
    session = Session({"room": Place(), "lantern": Failing("update")})
    with logs.start("render"):
        session.director.obey(Go())
        session.run(15.0)
    (line,) = (line for line in _lines() if "fault" in line)
    assert line["fault"]["type"] == "RuntimeError"
    assert line["fault"]["at"][0].startswith("vr_app/director.py:")
    assert line["fault"]["at"][0].endswith(" _update_scene")
    assert "planted" not in _written()


def test_what_caused_a_fault_is_told_too() -> None:
    def fails() -> None:
        try:
            int(CANARY)
        except ValueError as error:
            raise OSError(5, CANARY, f"/home/{CANARY}/x") from error

    with logs.start("render"):
        try:
            fails()
        except OSError:
            log.exception("the disk failed")
    fault = _lines()[1]["fault"]
    assert (fault["type"], fault["errno"], fault["because"]["type"]) == ("OSError", 5, "ValueError")


# --- nothing of a person


def _log_everywhere(text: str) -> None:
    """`text` in every place that a log call has for it."""
    log.info(text)
    log.info(f"{text} is here")
    log.info("plain %s %s %r", text, [text], {text: text})
    log.info("named %(a)s", {"a": text, text: 1})
    log.info("wrong number of values", text)  # noqa: PLE1205
    log.info("wrong kind %d", text)
    log.info("extra", extra={"canary": text})
    log.info(Path(text))
    log.getChild(text).warning("child")
    with suppress(KeyError):
        log.log(35, "%(missing)s", {text: text})
    try:
        exec(compile("raise ValueError(text)", f"/home/{text}/plan.py", "exec"), {"text": text})  # noqa: S102
    except ValueError as error:
        log.warning("failed: %s", error, exc_info=True, stack_info=True)
    logging.getLogger(text).error("not ours")


@settings(max_examples=30, deadline=None)
@given(st.text("abcdefghij ÄÖÜäöüß%({\n\"'\\\u2028", min_size=8, max_size=60))
def test_no_text_gets_into_a_log(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setenv("HARBORLIGHT_HOME", folder)
        text = f"{text}{CANARY}{text}"
        with logs.start("render"):
            _log_everywhere(text)
        assert len(_lines()) >= 12
        assert CANARY not in _written()


def test_a_session_with_a_patient_leaves_none_of_their_words() -> None:
    class Raising(Place):
        def update(self, frame: object) -> None:
            raise RuntimeError(CANARY)

        def enter(self, stage: Any) -> None:
            stage.note(f"drew {CANARY}")

    session = Session({"room": Place(), "lantern": Raising()}, plan(words=f"Good, {CANARY}."))
    with logs.start("render"):
        for command in (SetText("intention", CANARY), Go()):
            session.director.obey(command)
        session.run(30.0)
    assert session.director.journal.faults
    assert CANARY not in _written()


def test_a_whole_session_leaves_no_name_and_no_path(home: Path) -> None:
    own = home / f"home of {CANARY}"
    own.mkdir(parents=True)
    (own / "plan.toml").write_text((CHECKOUT / "assets/plans/demo.toml").read_text())
    (home / "cache").mkdir()
    BAKED.mkdir(parents=True, exist_ok=True)
    (home / "cache/bake").symlink_to(BAKED)
    session = [sys.executable, "-m", "vr_app.cli", "run", "--headset", "headless", "--virtual", "--zero-counts"]
    wanted = [*session, "--minutes", "0.1", "--size", "32x32", "--plan", str(own / "plan.toml"), "--name", CANARY]
    played = subprocess.run(wanted, cwd=CHECKOUT, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert (played.returncode, played.stderr) == (0, "")
    assert len(_lines("supervisor")) >= 2
    assert "tide_breath" in [value for line in _lines() for value in line["fields"]]
    assert CANARY not in _written()


def _calls(tree: ast.AST) -> Iterator[tuple[ast.Call, list[str]]]:
    """Each call of a logger, with the parameters of the function around it."""
    for function in ast.walk(tree):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Module)):
            names = [] if isinstance(function, ast.Module) else [each.arg for each in function.args.args]
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS:
                    owner = ast.unparse(node.func.value)
                    if owner in ("log", "_log") or "getLogger" in owner:
                        yield node, names


def _is_named(call: ast.Call, parameters: list[str]) -> bool:
    """A literal template, or one handed on for the caller (`stacklevel`), where it is looked for at run time."""
    template = call.args[0]
    if isinstance(template, ast.Constant):
        return isinstance(template.value, str)
    handed_on = any(keyword.arg == "stacklevel" for keyword in call.keywords)
    return handed_on and isinstance(template, ast.Name) and template.id in parameters


def test_every_template_in_the_sources_is_a_literal() -> None:
    calls: dict[str, bool] = {}
    for path in [*(CHECKOUT / "vr_app").rglob("*.py"), *(CHECKOUT / "audio").rglob("*.py")]:
        for call, parameters in _calls(ast.parse(path.read_text(encoding="utf-8"))):
            place = f"{path.relative_to(CHECKOUT)}:{call.lineno}"
            calls[place] = calls.get(place, False) or _is_named(call, parameters)
    assert len(calls) > 15
    assert not [place for place, named in calls.items() if not named]


def test_a_template_may_be_handed_on() -> None:
    def note(template: str, *values: object) -> None:
        log.info(template, *values, stacklevel=2)

    with logs.start("render"):
        note("clear in '%s'", "room")
        note(f"clear in {CANARY}")
    assert [line["event"] for line in _lines()[1:3]] == ["clear in '%s'", "(words)"]


def test_words_of_the_code_that_leads_to_a_line_are_kept() -> None:
    def note(words: str) -> None:
        log.info("%.1f s: %s", 1.0, words)

    worn = True
    with logs.start("render"):
        note("headset on" if worn else "headset off")
        note(f"drew {CANARY}")
    assert [line["fields"][1] for line in _lines()[1:3]] == ["headset on", "(words)"]


# --- never in the way


def test_a_writer_that_hangs_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    whole = logs._write_whole

    def slow(file: Any, data: bytes) -> None:
        release.wait(60.0)
        whole(file, data)

    monkeypatch.setattr(logs, "_write_whole", slow)
    with logs.start("render"):
        for number in range(3 * logs.MOST_WAITING):
            log.info("flood %d", number)
        release.set()
    lines = _lines()
    dropped = [line["fields"][0] for line in lines if "dropped" in line["event"]]
    assert sum(dropped) + len(lines) - len(dropped) == 3 * logs.MOST_WAITING + 2  # and that it started and ended
    assert sum(dropped) > logs.MOST_WAITING


def test_files_are_rotated_and_the_oldest_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "FILE_BYTES", 2000)
    with logs.start("render"):
        for number in range(200):
            log.info("line %d", number)
    files = sorted(log_folder().iterdir())
    assert len(files) <= logs.FILES
    assert all(path.stat().st_size < 2500 for path in files)
    assert _lines()[-1]["event"] == "ended" or not _lines()
    oldest = [json.loads(line) for line in (log_folder() / "render.4.jsonl").read_text().splitlines()]
    assert oldest[0]["event"] == "line %d"


@pytest.mark.parametrize("obstacle", ["the folder is a file", "the folder's parent is a file", "the log is a folder"])
def test_without_a_place_for_logs_the_session_goes_on(
    home: Path, capsys: pytest.CaptureFixture[str], obstacle: str
) -> None:
    if obstacle == "the log is a folder":
        (home / "logs/render.jsonl").mkdir(parents=True)
    elif obstacle == "the folder is a file":
        home.mkdir()
        (home / "logs").touch()
    else:
        home.touch()
    with logs.start("render"):
        for _ in range(10):
            log.info("still here")
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "no logs are written" in told
    assert "Traceback" not in told


@pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="unproven without /dev/full: a full disk costs lines, never the session"
)
def test_a_full_disk_costs_lines_and_logging_resumes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logs, "RETRY_SECONDS", 0.0)
    log_folder().mkdir(parents=True)
    file = log_folder() / "render.jsonl"
    file.symlink_to("/dev/full")
    with logs.start("render"):
        gate = logging.getLogger("vr_app").handlers[-1]
        assert isinstance(gate, logs._Gate)
        for _ in range(5):
            log.info("lost")
        _until_empty(gate)
        file.unlink()
        log.info("found")
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "No space left on device" in told
    lines = _lines()
    assert (lines[0]["event"], lines[0]["fields"]) == ("%d lines could not be written", [6])
    assert [line["event"] for line in lines[1:]] == ["found", "ended"]


def _until_empty(gate: logs._Gate) -> None:
    """The last line is through once a second one has been taken up."""
    waiting = threading.Event()
    while not gate._lines.empty():
        waiting.wait(0.01)
    waiting.wait(0.2)


@pytest.mark.skipif(
    sys.platform == "win32", reason="unproven on Windows, which cannot limit a file: half a line is passed over"
)
def test_a_line_cut_short_is_passed_over() -> None:
    code = (
        "import resource, logging\nfrom vr_app import logs\nresource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "with logs.start('render'):\n for n in range(20): logging.getLogger('vr_app.x').warning('line %d', n)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr.count("\n")) == (0, 1)
    assert not _written().endswith("\n")
    before = len(logs.last_faults())
    with logs.start("render"):
        log.warning("whole again")
    assert len(logs.last_faults()) == before + 1


def test_a_crash_of_native_code_is_told_by_the_next_process() -> None:
    code = (
        "import ctypes\nfrom vr_app import logs, catalogue\ncatalogue.find_scenes = lambda: ctypes.string_at(0)\n"
        "from vr_app import bake\nbake.find_scenes = catalogue.find_scenes\n"
        "with logs.start('render'): bake.bake_all()"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True)
    assert ended.returncode == (-signal.SIGSEGV if sys.platform != "win32" else 0xC0000005)
    with logs.start("render"):
        pass
    (told,) = logs.last_faults()
    assert "crashed outside Python" in told.sentence
    (line,) = (line for line in _lines() if "fault" in line)
    assert line["fault"]["type"] in ("Segmentation fault", "access violation")
    assert any(place.startswith("vr_app/bake.py:") for place in line["fault"]["at"])
    assert CANARY not in _written()
    with logs.start("render"):
        pass
    assert len(logs.last_faults()) == 1


def test_a_value_that_cannot_be_looked_at_raises_nothing() -> None:
    class Wild(float):
        def __float__(self) -> float:
            raise RuntimeError("not to be looked at")

    with logs.start("render"):
        log.info("value %s", Wild(1.0))
        log.info("after")
    assert {"after", "ended"} < {line["event"] for line in _lines()}


# --- for a person's eyes


def test_the_last_faults_are_told_in_words_from_all_processes() -> None:
    for process in ("render", "monitor"):
        with logs.start(process):
            log.info("not a fault")
            log.warning("%s came %d times", "lantern", 3)
            log.error("'%s' failed %d", CANARY, CANARY, exc_info=ValueError(CANARY))
    with (log_folder() / "render.jsonl").open("ab") as file:
        file.write(b'{"half a li\n[]\n{"level": "error"}\n\xff\n')
    told = logs.last_faults(3)
    assert [line.process for line in told] == ["render", "monitor", "monitor"]
    assert told[1].sentence == "lantern came 3 times"
    assert told[2].sentence.startswith("'%s' failed %d (ValueError at ")


def test_verbose_says_everything_on_stderr_as_it_comes(capsys: pytest.CaptureFixture[str]) -> None:
    with logs.start("render", verbose=True):
        log.debug("scene '%s'", CANARY)
    assert f"scene '{CANARY}'\n" in capsys.readouterr().err


def test_afterwards_everything_is_as_before(capsys: pytest.CaptureFixture[str]) -> None:
    ours = logging.getLogger("vr_app")
    before = ours.level, ours.propagate, list(ours.handlers), threading.active_count()
    with logs.start("render"):
        assert threading.active_count() == before[3] + 1
    assert (ours.level, ours.propagate, list(ours.handlers), threading.active_count()) == before
    assert not capsys.readouterr().err
