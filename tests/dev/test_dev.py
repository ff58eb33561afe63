"""The developer's command: environments are made once and never half, worlds are chosen by what is there."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from vr_app import dev
from vr_app.dev import DevError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the test world and apt are Linux's")


class Pip:
    """Stands in for venv and pip: keeps what was asked, and fails when told to."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.fails_at = ""

    def __call__(self, command: Sequence[Any], env: object, remedy: str) -> None:
        words = [str(word) for word in command]
        self.asked.append(words)
        if self.fails_at and self.fails_at in words:
            raise DevError(remedy)
        if "venv" in words:
            python = Path(words[-1]) / "bin" / "python"
            python.parent.mkdir(parents=True, exist_ok=True)
            python.touch()

    def take(self) -> list[str]:
        """What was installed since the last call, by its last word but the environment's own."""
        taken, self.asked = [Path(words[-1]).name for words in self.asked if "venv" not in words], []
        return taken


@pytest.fixture
def checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in (dev.RUN_LOCK, dev.DEV_LOCK, "pyproject.toml"):
        (folder / name).write_text(name)
    monkeypatch.setattr(dev, "CHECKOUT", folder)
    return folder


@pytest.fixture
def pip(monkeypatch: pytest.MonkeyPatch) -> Pip:
    made = Pip()
    monkeypatch.setattr(dev, "_must", made)
    return made


def test_an_environment_is_made_once(checkout: Path, pip: Pip, tmp_path: Path) -> None:
    dev.ensure_venv(tmp_path / "venv", dev.RUN_LOCK)
    assert pip.take() == [dev.RUN_LOCK, checkout.name]
    dev.ensure_venv(tmp_path / "venv", dev.RUN_LOCK)
    assert pip.take() == []


@pytest.mark.parametrize("changed", [dev.RUN_LOCK, dev.DEV_LOCK])
def test_a_changed_lock_is_installed(checkout: Path, pip: Pip, tmp_path: Path, changed: str) -> None:
    dev.ensure_venv(tmp_path / "venv", dev.RUN_LOCK)
    (checkout / changed).write_text("newer")
    pip.take()
    dev.ensure_venv(tmp_path / "venv", dev.RUN_LOCK)
    assert pip.take() == [dev.RUN_LOCK, checkout.name]


def test_a_changed_project_alone_is_quick(checkout: Path, pip: Pip, tmp_path: Path) -> None:
    dev.ensure_venv(tmp_path / "venv", dev.RUN_LOCK)
    (checkout / "pyproject.toml").write_text("newer")
    pip.take()
    dev.ensure_venv(tmp_path / "venv", dev.RUN_LOCK)
    assert pip.take() == [checkout.name]


@pytest.mark.usefixtures("checkout")
def test_the_developers_lock_serves_for_running_but_not_the_reverse(pip: Pip, tmp_path: Path) -> None:
    dev.ensure_venv(tmp_path / "venv", dev.DEV_LOCK)
    pip.take()
    dev.ensure_venv(tmp_path / "venv", dev.RUN_LOCK)
    assert pip.take() == []
    dev.ensure_venv(tmp_path / "small", dev.RUN_LOCK)
    pip.take()
    dev.ensure_venv(tmp_path / "small", dev.DEV_LOCK)
    assert dev.DEV_LOCK in pip.take()


@pytest.mark.usefixtures("checkout")
def test_an_interrupted_installation_is_not_used(pip: Pip, tmp_path: Path) -> None:
    pip.fails_at = "--require-hashes"
    with pytest.raises(DevError, match="online"):
        dev.ensure_venv(tmp_path / "venv", dev.RUN_LOCK)
    pip.fails_at = ""
    pip.take()
    dev.ensure_venv(tmp_path / "venv", dev.RUN_LOCK)
    assert dev.RUN_LOCK in pip.take()


def test_pip_is_told_where_the_index_is_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_TARGET", "PIP_USER", "PIP_FIND_LINKS", "PIP_NO_DEPS", "PYTHONPATH", "PYTHONHOME"):
        monkeypatch.setenv(name, "/host")
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    env = dev._pip_environment()
    assert "/host" not in env.values()
    assert env["PIP_INDEX_URL"] == "https://mirror.example/simple"


def test_missing_packages_are_named_without_root(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(dev, "_is_installed", lambda package: package == "libgl1")
    monkeypatch.setattr(dev, "_sudo", lambda: None)
    dev.ensure_packages(["libgl1", "libegl1"])
    assert "apt-get install libegl1\n" in capsys.readouterr().out


def test_missing_packages_are_installed_with_sudo(monkeypatch: pytest.MonkeyPatch, pip: Pip) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(dev, "_is_installed", lambda package: package == "libgl1")
    monkeypatch.setattr(dev, "_sudo", lambda: ["sudo"])
    monkeypatch.setattr(dev, "_run", lambda command: 0)
    dev.ensure_packages(["libgl1", "libegl1"])
    (asked,) = pip.asked
    assert asked[0] == "sudo"
    assert asked[-1] == "libegl1"
    assert "libgl1" not in asked
    assert "--no-remove" in asked


def test_sound_servers_never_take_the_place_of_the_machines_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(packages: Sequence[str]) -> None:
        raise dev.DevError(f"{packages[0]} would remove pipewire-alsa")

    monkeypatch.setattr(dev, "ensure_packages", refused)
    dev._ensure_if_can_be(["pulseaudio"], "sound servers")
    assert "would remove pipewire-alsa" in capsys.readouterr().out


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that can neither have Monado nor hold a world."""
    monkeypatch.setattr(dev, "_monado_can_be_had", lambda: False)
    monkeypatch.setattr(dev, "_sudo", lambda: None)
    monkeypatch.setattr(dev, "ensure_packages", lambda packages: None)
    monkeypatch.setattr(dev, "ensure_venv", lambda venv, lock: Path(sys.executable))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)


@pytest.mark.usefixtures("nowhere")
def test_without_monado_and_root_what_can_run_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(dev.REQUIRE_MONADO, raising=False)
    world = dev.find_world(["test"])
    assert "without Monado" in world.name
    assert "needs root" in capsys.readouterr().out
    assert world.run(["python", "-c", "raise SystemExit(7)"]) == 7


@pytest.mark.usefixtures("nowhere")
def test_a_required_monado_that_is_missing_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(dev.REQUIRE_MONADO, "1")
    assert dev.main(["test"]) == 1
    assert capsys.readouterr().err.strip().endswith("(run it with sudo)")


def test_judges_are_fetched_once_and_their_lack_stops_nothing(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = checkout / "headless_harness" / "npm"
    folder.mkdir(parents=True)
    npm = tmp_path / "npm"
    npm.write_text(f"#!/bin/sh\necho $* >> {tmp_path}/asked\n[ -e {tmp_path}/online ] && mkdir {folder}/node_modules\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    dev.ensure_judges()
    assert "npm ci failed" in capsys.readouterr().out
    (tmp_path / "online").touch()
    for _ in range(2):
        dev.ensure_judges()
    assert [line.split()[2] for line in (tmp_path / "asked").read_text().splitlines()] == ["ci", "ci"]
    assert not capsys.readouterr().out
    shutil.rmtree(folder / "node_modules")
    monkeypatch.setenv("PATH", str(folder))
    dev.ensure_judges()


def test_an_unknown_command_is_misuse(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        dev.main(["frobnicate"])
    assert stop.value.code == 2
    assert "frobnicate" in capsys.readouterr().err


def test_every_make_target_is_a_command() -> None:
    makefile = (Path(__file__).parents[2] / "Makefile").read_text()
    targets = next(line.split()[1:] for line in makefile.splitlines() if line.startswith(".PHONY:"))
    assert set(targets) <= set(dev.COMMANDS)


def test_what_failed_is_told_again_at_the_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "alone.xml"
    dev.tell_failures(report)
    assert "alone.xml" in capsys.readouterr().out
    good = '<testcase classname="tests.a" name="passes"/>'
    bad = '<testcase classname="tests.b" name="fails[1]"><failure message="assert 1 == 2">where</failure></testcase>'
    report.write_text(f"<testsuites><testsuite>{good}{bad}</testsuite></testsuites>")
    dev.tell_failures(report)
    assert capsys.readouterr().out == "FAILED tests.b::fails[1]\n  assert 1 == 2\n"
