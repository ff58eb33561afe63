"""The worker: lists, makes in several processes, goes on after losses, stops at once, leaves nothing half done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.core import makers
from vr_app import bake, baking
from vr_app.api import Scene
from vr_app.baked import key
from vr_app.baking import PARTIAL, STOPPED

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HARBORLIGHT_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def play(*scenes: type[Scene]) -> None:
        monkeypatch.setattr(bake, "find_scenes", lambda: makers.entries(*scenes))

    return play


def _kept(home: Path) -> dict[str, list[Path]]:
    """By maker."""
    found: dict[str, list[Path]] = {}
    for path in (home / "cache/bake").glob("*-*-*"):
        found.setdefault(path.name.split("-")[0].rpartition(".")[2], []).append(path)
    return found


def test_all_makers_are_made_once_also_those_that_depend_on_others(home: Path, play: Callable[..., None]) -> None:
    play(makers.Room, makers.Shore)
    assert bake.bake_all() == []
    assert {maker: len(kept) for maker, kept in _kept(home).items()} == {"plain": 2, "other": 1, "after_other": 1}
    before = {path: path.stat().st_mtime_ns for kept in _kept(home).values() for path in kept}
    assert bake.bake_all() == []
    assert {path: path.stat().st_mtime_ns for kept in _kept(home).values() for path in kept} == before
    assert bake.bake_all(force=True) == []
    assert {path for kept in _kept(home).values() for path in kept} == before.keys()
    assert all(path.stat().st_mtime_ns != at for path, at in before.items())


@pytest.mark.parametrize("scene", [makers.Broken, makers.Killed])
def test_what_cannot_be_made_hinders_no_other(home: Path, play: Callable[..., None], scene: type[Scene]) -> None:
    play(scene, makers.Room)
    (problem,) = bake.bake_all()
    assert ("the tide is out" in problem) or ("was lost" in problem)
    assert len(_kept(home)["plain"]) == 2
    assert not list((home / "cache/bake").glob("*.complete"))


def test_a_cache_that_cannot_be_written_is_said_in_one_line(
    home: Path, play: Callable[..., None], capfd: pytest.CaptureFixture[str]
) -> None:
    play(makers.Room, makers.Shore)
    (home / "cache").write_text("in the way")
    assert bake.main() == 1
    said = capfd.readouterr().err.splitlines()
    assert len(said) == 1
    assert "free some space" in said[0]


def test_the_bar_tells_what_is_done(play: Callable[..., None], capfd: pytest.CaptureFixture[str]) -> None:
    play(makers.Room)
    assert bake.main() == 0
    lines = capfd.readouterr().out.splitlines()
    assert len(lines) == 3
    assert "(2 of 2)" in lines[1]


@pytest.fixture
def started(home: Path) -> Iterator[subprocess.Popen[str]]:
    """A worker in a group of its own, as a terminal has it, that is in the middle of a slow maker."""
    code = (
        "from vr_app import bake\nfrom tests.core import makers\nimport sys\n"
        "bake.find_scenes = lambda: makers.entries(makers.Slow)\nif __name__ == '__main__': sys.exit(bake.main())\n"
    )
    worker = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    until = time.monotonic() + 30.0
    while "plain" not in _kept(home) and time.monotonic() < until:
        time.sleep(0.02)
    yield worker
    if worker.poll() is None:
        os.killpg(worker.pid, signal.SIGKILL)
    worker.communicate()


def _alive(session: int) -> list[int]:
    """Processes of a session."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, of = path.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(of) == session and state != "Z":
            found.append(int(path.parent.name))
    return found


def _gone_soon(session: int) -> bool:
    until = time.monotonic() + 5.0
    while _alive(session) and time.monotonic() < until:
        time.sleep(0.01)
    return not _alive(session)


needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="unproven where processes are not listed in /proc")


@needs_proc
def test_it_stops_at_once_and_without_a_trace(started: subprocess.Popen[str], home: Path) -> None:
    assert len(_alive(started.pid)) >= 2
    os.killpg(started.pid, signal.SIGINT)
    out, err = started.communicate(timeout=10.0)
    assert (started.returncode, err) == (STOPPED, "")
    assert "stopped" in out.splitlines()[-1]
    assert _gone_soon(started.pid)
    assert not list((home / "cache/bake").glob(f"{PARTIAL}*"))
    assert "slow" not in _kept(home)


@needs_proc
def test_nothing_goes_on_after_its_death(started: subprocess.Popen[str]) -> None:
    started.kill()
    assert _gone_soon(started.pid)


def test_a_session_asks_for_a_worker_only_when_something_is_missing(
    home: Path, play: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    def run(command: list[str], **how: object) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        assert bake.bake_all() == []
        return subprocess.CompletedProcess(command, 0)

    play(makers.Room)
    monkeypatch.setattr(subprocess, "run", run)
    baking.bake_in_worker()
    baking.bake_in_worker()
    assert len(asked) == 1
    (kept,) = (path for path in (home / "cache/bake").glob(f"{key(makers.plain)}"))
    data = bytearray((kept / "position.npy").read_bytes())
    data[-1] ^= 1
    (kept / "position.npy").write_bytes(data)
    baking.bake_in_worker()
    baking.bake_in_worker()
    assert len(asked) == 2


def test_two_workers_at_once_keep_one_whole_cache(home: Path) -> None:
    code = (
        "from vr_app import bake\nfrom tests.core import makers\nimport sys\n"
        "bake.find_scenes = lambda: makers.entries(makers.Room, makers.Shore)\n"
        "if __name__ == '__main__': sys.exit(bake.main(force=sys.argv[1] == 'force'))\n"
    )
    both = [subprocess.Popen([sys.executable, "-c", code, how], cwd=CHECKOUT) for how in ("force", "", "force")]
    assert [worker.wait(60.0) for worker in both] == [0, 0, 0]
    assert all(baking.intact(path) for kept in _kept(home).values() for path in kept)
    assert len(_kept(home)["plain"]) == 2
    assert not list((home / "cache/bake").glob(f"{PARTIAL}*"))
