"""The test world: what it takes from its host, and what is true of whoever runs in it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("the test world is Linux's", allow_module_level=True)

from vr_app import dev_world


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("sources.list", "deb https://mirror.example/debian/ bookworm main\n", "https://mirror.example/debian"),
        (
            "sources.list.d/debian.sources",
            "Types: deb\nURIs: http://near.example/debian\n",
            "http://near.example/debian",
        ),
        ("sources.list", "# deb http://old.example/debian sid main\n", dev_world.DEFAULT_MIRROR),
        ("sources.list", "deb http://near.example/debian-security x main\n", dev_world.DEFAULT_MIRROR),
        ("sources.list", "deb http://archive.ubuntu.com/ubuntu noble main\n", dev_world.DEFAULT_MIRROR),
    ],
)
def test_the_mirror_is_the_one_this_machine_uses(tmp_path: Path, file: str, text: str, expected: str) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / file).write_text(text)
    assert dev_world.mirror(tmp_path) == expected


def test_nothing_of_the_hosts_environment_reaches_the_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", "/host")
    monkeypatch.setenv("XR_RUNTIME_JSON", "/host")
    monkeypatch.setenv("HARBORLIGHT_REQUIRE_MONADO", "1")
    env = dev_world.environment("/opt/venv")
    assert "/host" not in env.values()
    assert env["HARBORLIGHT_REQUIRE_MONADO"] == "1"
    assert env["PATH"].startswith("/opt/venv/bin:")


def test_without_root_there_is_no_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "root" in (dev_world.lacking() or "")


def test_an_interrupted_build_is_thrown_away(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def interrupted(root: Path) -> None:
        root.mkdir()
        (root / "half").touch()
        raise KeyboardInterrupt

    def whole(root: Path) -> None:
        root.mkdir()

    monkeypatch.setattr(dev_world, "_build", interrupted)
    with pytest.raises(KeyboardInterrupt):
        dev_world.ensure_root(tmp_path)
    monkeypatch.setattr(dev_world, "_build", whole)
    root = dev_world.ensure_root(tmp_path)
    assert list(root.iterdir()) == []
    monkeypatch.setattr(dev_world, "_build", interrupted)  # would raise: what is whole is kept
    assert dev_world.ensure_root(tmp_path) == root
    assert {path.name for path in root.parent.iterdir()} == {root.name, "lock"}


@pytest.mark.skipif(not os.environ.get("HARBORLIGHT_WORLD"), reason="only true inside the Debian 13 root")
def test_the_world_is_private() -> None:
    """No network but loopback, no graphics card, no process of the host's."""
    interfaces = [line.split(":")[0].strip() for line in Path("/proc/net/dev").read_text().splitlines()[2:]]
    assert interfaces == ["lo"]
    assert not Path("/dev/dri").exists()
    assert "vr_app.dev_world" in Path("/proc/1/cmdline").read_text()
