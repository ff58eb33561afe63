"""The project file and its locks: everything locked is hashed and public, everything asked for is used."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ("requirements.lock", "requirements-dev.lock")
# Distributions whose modules have another name.
MODULES = {"pyopenxr": "xr", "PyOpenGL": "OpenGL", "pygame-ce": "pygame", "pillow": "PIL"}
MODULES["websockets"] = "uvicorn"  # which speaks its protocol


def _name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found
    return found.group()


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _locked(lock: str) -> dict[str, str]:
    """Name -> the requirement with its hashes, for every entry."""
    text = (CHECKOUT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    entries = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    return {_canonical(_name(entry)): entry for entry in entries}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_entry_is_pinned_and_hashed(lock: str) -> None:
    for entry in _locked(lock).values():
        assert re.match(r"[A-Za-z0-9._-]+==\S+", entry), entry
        assert "--hash=sha256:" in entry
    assert not re.search(r"--index|--extra|--find-links|https?:|file:", (CHECKOUT / lock).read_text())


def test_the_locks_hold_what_the_project_asks_for() -> None:
    groups = PROJECT["dependency-groups"]
    asked = [*PROJECT["project"]["dependencies"], *groups["build"]]
    everything = [*asked, *groups["dev"], *groups["bench"]]
    assert {_canonical(_name(each)) for each in asked} <= set(_locked(LOCKS[0]))
    assert {_canonical(_name(each)) for each in everything} <= set(_locked(LOCKS[1]))


def test_both_locks_agree() -> None:
    run, dev = map(_locked, LOCKS)
    assert run.items() <= dev.items()


def test_every_dependency_is_used() -> None:
    imported: set[str] = set()
    for package in ("vr_app", "scenes", "audio"):
        for source in (CHECKOUT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    imported |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    imported.add(node.module.split(".")[0])
    names = [_name(each) for each in PROJECT["project"]["dependencies"]]
    assert not [name for name in names if MODULES.get(name, name) not in imported]


def test_every_dependency_has_its_reason() -> None:
    text = (CHECKOUT / "pyproject.toml").read_text(encoding="utf-8")
    listed = re.findall(r'^    "[A-Za-z0-9._-]+>=[^"]+",(.*)$', text, re.MULTILINE)
    assert listed
    assert all(re.match(r" +# \w", reason) for reason in listed)
