"""Structured logs: one JSON line an event, in rotating files, with nothing in them that a person wrote or is called.

A line holds its event's template, which must be a constant of the code that logs it, and of the values only numbers,
members of enumerations, kinds of exceptions, words that are constants of the code that leads to the call, and those of
`_names()`. Any other value becomes "(words)". Of a fault it holds the kind and the places in the code, no message.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import logging
import numbers
import os
import re
import sys
import sysconfig
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import Enum
from importlib.metadata import PackageNotFoundError, version
from math import isfinite
from pathlib import Path
from queue import SimpleQueue
from types import CodeType, FrameType, TracebackType
from typing import IO, Any, Final, NamedTuple

from vr_app.folders import cache_folder, log_folder

FILES: Final = 5  # of each kind of process: the current one and four before it
FILE_BYTES: Final = 1_000_000
MOST_WAITING: Final = 1000  # lines between a process and its file; more are counted, not kept
RETRY_SECONDS: Final = 5.0  # between attempts at a disk that is full or a folder that cannot be written
_MOST_PLACES: Final = 20  # of a traceback, the innermost
_MOST_CAUSES: Final = 3
_MOST_CALLERS: Final = 6  # among whose constants a word of a line is looked for
_MOST_INTEGER: Final = 2**63

_CHECKOUT = Path(__file__).parents[1]
_PROCESSES = ("supervisor", "render", "monitor", "bake")
_VOICES = ("spd-say", "espeak-ng", "powershell")  # of vr_app/station/announce.py
_PACKAGES = ("vr_app", "scenes", "audio", "headless_harness")
_CRASHES = ("Segmentation fault", "Aborted", "Bus error", "Illegal instruction", "access violation", "stack overflow")
_CRASHED_AT = re.compile(r'^  File "(.*)", line (\d+) in (\w+)$', re.MULTILINE)

log = logging.getLogger(__name__)


@contextmanager
def start(process: str, *, verbose: bool = False) -> Iterator[None]:
    """Log what `vr_app` does to `<process>.jsonl` until the end of the block; `verbose`: whole to stderr, too.

    Each kind of process runs once at a time. Raises nothing for a folder that cannot be written.
    """
    ours = logging.getLogger("vr_app")
    before = ours.level, ours.propagate
    handlers: list[logging.Handler] = [gate := _Gate(process)]
    if verbose:
        handlers.append(logging.StreamHandler())
    for handler in handlers:
        ours.addHandler(handler)
    ours.setLevel(logging.DEBUG)
    ours.propagate = False
    try:
        with _crashes_kept(process):
            log.info("started: Harborlight %s, Python %s, %s", *_about())
            yield
            log.info("ended")
    finally:
        ours.setLevel(before[0])
        ours.propagate = before[1]
        for handler in handlers:
            ours.removeHandler(handler)
        gate.close()


# --- what may be written


class _Line(NamedTuple):
    utc: float
    monotonic: float
    level: str
    event: str
    where: str
    fields: list[Any] | dict[str, Any]
    fault: dict[str, Any] | None


class _Gate(logging.Handler):
    """Takes out of a record what may be written and hands it to the thread that writes; waits for nothing."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._names = _names()
        self._lines: SimpleQueue[_Line | None] = SimpleQueue()
        self._dropped = 0
        self._files = _Files(process)
        self._writer = threading.Thread(target=self._write, name="logs", daemon=True)
        self._writer.start()

    def emit(self, record: logging.LogRecord) -> None:
        if self._lines.qsize() >= MOST_WAITING:
            self._dropped += 1
            return
        try:
            self._lines.put(self._line(record))
        except Exception:  # noqa: BLE001 - a scene's values may do anything when looked at; a log call never raises
            self._dropped += 1

    def _line(self, record: logging.LogRecord) -> _Line:
        error = record.exc_info[1] if record.exc_info else None
        callers = _callers(record)
        return _Line(
            record.created,
            time.monotonic(),
            record.levelname.lower(),
            record.msg if _stands_in(record.msg, callers[:1]) else "(words)",
            f"{_place(record.pathname)}:{record.lineno} {record.funcName}",
            self._fields(record, callers),
            None if error is None else _fault(error),
        )

    def close(self) -> None:
        """Write what waits; a file that hangs is left behind after two seconds."""
        self._lines.put(None)
        self._writer.join(2.0)
        super().close()

    def _fields(self, record: logging.LogRecord, callers: list[CodeType]) -> list[Any] | dict[str, Any]:
        """The values in the template's order, or by the names that it gives them."""
        if isinstance(record.args, Mapping):
            named = re.findall(r"%\((\w+)\)", str(record.msg))
            return {name: self._written(record.args[name], callers) for name in named if name in record.args}
        return [self._written(value, callers) for value in record.args or ()]

    def _written(self, value: object, callers: list[CodeType]) -> Any:
        match value:
            case Enum():
                return str(value.name)
            case bool() | None:
                return value
            case int():
                return value if abs(value) < _MOST_INTEGER else "(number)"
            case numbers.Real():
                return float(value) if isfinite(value) else str(float(value))
            case OSError():
                return f"{type(value).__name__} {value.errno}"
            case BaseException():
                return type(value).__name__
            case str() if value in self._names or _stands_in(value, callers):
                return value
        return "(words)"

    def _write(self) -> None:
        """The writer's thread: asleep while nothing happens."""
        while (line := self._lines.get()) is not None:
            self._files.append(line)
            if self._lines.empty():
                self._tell_dropped()
        self._tell_dropped()
        self._files.close()

    def _tell_dropped(self) -> None:
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            self._files.append(_own_line("%d lines were dropped: too fast, or not to be looked at", dropped))


def _callers(record: logging.LogRecord) -> list[CodeType]:
    """The code that logged, and the nearest of what called it."""
    frame: FrameType | None = sys._getframe(3)
    while frame is not None and (frame.f_lineno != record.lineno or frame.f_code.co_filename != record.pathname):
        frame = frame.f_back
    codes: list[CodeType] = []
    while frame is not None and len(codes) < _MOST_CALLERS:
        codes.append(frame.f_code)
        frame = frame.f_back
    return codes


def _stands_in(text: object, codes: list[CodeType]) -> bool:
    """Whether this very object is a constant of the code; then nobody's words are in it."""
    return any(text is constant for code in codes for constant in code.co_consts)


def _names() -> frozenset[str]:
    """Words that may be written as values: what our own files are called, and what we run on."""
    scenes = {path.stem for path in (_CHECKOUT / "scenes").glob("*.py")}
    return frozenset({*scenes, *_about(), sys.platform, *_PROCESSES, *_VOICES})


def _about() -> tuple[str, str, str]:
    """Versions of Harborlight and Python, and the platform."""
    try:
        own = version("harborlight")
    except PackageNotFoundError:
        own = "unknown"
    return own, ".".join(map(str, sys.version_info[:3])), sys.platform


def _fault(error: BaseException, depth: int = 0) -> dict[str, Any]:
    """Its kind and where it came from, innermost place last; the same of what caused it."""
    kind = type(error)
    if isinstance(error, _Crash):
        return {"type": error.kind, "at": error.places[-_MOST_PLACES:]}
    told: dict[str, Any] = {"type": kind.__qualname__, "at": _places(error.__traceback__)}
    if isinstance(error, OSError) and error.errno is not None:
        told["errno"] = error.errno
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and depth < _MOST_CAUSES:
        told["because"] = _fault(cause, depth + 1)
    return told


def _places(traceback: TracebackType | None) -> list[str]:
    places = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        places.append(f"{_place(code.co_filename)}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return places[-_MOST_PLACES:]


def _place(path: str) -> str:
    """A source file as it is called in the checkout, a library or Python; "(elsewhere)" for every other."""
    for folder, name in _ROOTS:
        if path.startswith(folder):
            inside = path[len(folder) :].replace(os.sep, "/")
            if name or inside.split("/", 1)[0] in _PACKAGES:
                return name + inside
    return "(elsewhere)"


def _roots() -> list[tuple[str, str]]:
    paths = sysconfig.get_paths()
    libraries = [
        (paths["purelib"], "site-packages/"),
        (paths["platlib"], "site-packages/"),
        (paths["stdlib"], "python/"),
    ]
    return [(str(folder) + os.sep, name) for folder, name in [*libraries, (_CHECKOUT, "")]]


_ROOTS = _roots()


# --- files


def _own_line(event: str, number: int) -> _Line:
    return _Line(time.time(), time.monotonic(), "warning", event, _place(__file__), [number], None)


class _Files:
    """The current file and those before it. What cannot be written costs lines, one sentence on stderr, no more."""

    def __init__(self, process: str) -> None:
        self._process = process
        self._file: IO[bytes] | None = None
        self._lost = 0
        self._again = 0.0  # host monotonic seconds before which no attempt is made

    def append(self, line: _Line) -> None:
        if self._lost and time.monotonic() < self._again:
            self._lost += 1
            return
        try:
            if self._lost:
                self._put(_own_line("%d lines could not be written", self._lost))
                self._lost = 0
            self._put(line)
        except OSError as error:
            self.close()
            if not self._lost:
                _complain(error)
            self._lost += 1
            self._again = time.monotonic() + RETRY_SECONDS

    def close(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None

    def _put(self, line: _Line) -> None:
        file = self._file or self._open()
        data = json.dumps(
            {
                "utc": datetime.fromtimestamp(line.utc, UTC).isoformat(timespec="microseconds"),
                "monotonic": round(line.monotonic, 4),
                "process": self._process,
                "pid": os.getpid(),
                "level": line.level,
                "event": line.event,
                "where": line.where,
                "fields": line.fields,
                **({} if line.fault is None else {"fault": line.fault}),
            },
            ensure_ascii=False,
        )
        _write_whole(file, data.encode(errors="replace") + b"\n")
        if file.tell() >= FILE_BYTES:
            self.close()
            self._rotate()

    def _open(self) -> IO[bytes]:
        path = self._path(0)
        path.parent.mkdir(parents=True, exist_ok=True)
        file = self._file = path.open("ab+", buffering=0)
        if file.tell():
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":  # a process that was killed, or a full disk, left half a line
                _write_whole(file, b"\n")
        return file

    def _rotate(self) -> None:
        """A file that somebody else holds open (Windows) grows until they let go."""
        with contextlib.suppress(OSError):
            for number in reversed(range(FILES - 1)):
                if self._path(number).exists():
                    self._path(number).replace(self._path(number + 1))

    def _path(self, number: int) -> Path:
        return log_folder() / (f"{self._process}.{number}.jsonl" if number else f"{self._process}.jsonl")


def _write_whole(file: IO[bytes], data: bytes) -> None:
    written = file.write(data)
    if written != len(data):
        raise OSError(28, "No space left on device")


def _complain(error: OSError) -> None:
    with contextlib.suppress(OSError, ValueError, AttributeError):  # there may be no stderr
        print(
            f"harborlight: no logs are written ({error.strerror}: {log_folder()}); the session goes on; "
            "free some space or mend the folder",
            file=sys.stderr,
            flush=True,
        )


# --- crashes of native code


class _Crash(Exception):
    """What faulthandler wrote of the thread that crashed: only what it says of the kind and of places is kept."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.kind = next((kind for kind in _CRASHES if kind in text), "crash")
        crashed = text.partition("Current thread")[2].split("\n\n", 1)[0]
        self.places = [f"{_place(found[1])}:{found[2]} {found[3]}" for found in _CRASHED_AT.finditer(crashed)][::-1]


@contextmanager
def _crashes_kept(process: str) -> Iterator[None]:
    """Should a driver or a runtime crash this process, the next of its kind logs where."""
    path = cache_folder() / f"{process}.crash"
    try:
        text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("w", encoding="utf-8")
    except OSError:
        yield
        return
    if text:
        log.error("the process before this one crashed outside Python", exc_info=_Crash(text))
    with file:
        owned = not faulthandler.is_enabled()
        if owned:
            faulthandler.enable(file)
        try:
            yield
        finally:
            if owned:
                faulthandler.disable()
    with contextlib.suppress(OSError):
        path.unlink()


# --- reading


class Told(NamedTuple):
    """A line of a log in words; `sentence` names kind and place of a fault."""

    utc: str
    process: str
    level: str
    sentence: str


def last_faults(most: int = 20) -> list[Told]:
    """The newest warnings and errors of all processes, oldest first. Lines that cannot be read are passed over."""
    found: list[Told] = []
    for path in sorted(log_folder().glob("*.jsonl")):
        found += _faults_in(path)
    return sorted(found, key=lambda told: told.utc)[-most:]


def _faults_in(path: Path) -> Iterator[Told]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    for line in text.splitlines():
        with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
            kept = json.loads(line)
            if kept["level"] in ("warning", "error", "critical") or "fault" in kept:
                yield Told(str(kept["utc"]), str(kept["process"]), str(kept["level"]), _sentence(kept))


def _sentence(kept: dict[str, Any]) -> str:
    """The template with its values where they fit."""
    event, fields = str(kept["event"]), kept["fields"]
    with contextlib.suppress(TypeError, ValueError, KeyError):  # "(words)" stands where a number was expected
        event = event % (fields if isinstance(fields, dict) else tuple(fields))
    fault = kept.get("fault")
    if fault is None:
        return event
    place = fault["at"][-1] if fault["at"] else kept["where"]
    return f"{event} ({fault['type']} at {place})"
