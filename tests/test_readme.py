"""The README's commands exist: as make targets, as commands of harborlight, as commands of the developer's module."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
_BLOCKS = re.findall(r"^```[a-z]*\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
_CODE = "\n".join([*_BLOCKS, *re.findall(r"`([^`\n]+)`", README)])


def _written(pattern: str) -> list[str]:
    """The words that follow a command in the README's code, each once."""
    return sorted(set(re.findall(pattern, _CODE, re.MULTILINE)))


MAKE = _written(r"(?:^|[;&] *|sudo )make ([a-z-]+)")
HARBORLIGHT = _written(r"(?:^|[\\/; ])harborlight ([a-z-]+)")
DEVELOPER = _written(r"-m vr_app\.dev ([a-z-]+)")


def test_the_two_commands_are_named() -> None:
    assert {"run", "test"} <= set(MAKE)


@pytest.mark.parametrize("target", MAKE)
def test_make_has_the_target(target: str) -> None:
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert target in phony.split()


@pytest.mark.parametrize(
    ("module", "command"),
    [*(("vr_app.cli", command) for command in HARBORLIGHT), *(("vr_app.dev", command) for command in DEVELOPER)],
)
def test_a_command_exists(module: str, command: str) -> None:
    shown = subprocess.run([sys.executable, "-m", module, "--help"], cwd=CHECKOUT, capture_output=True, text=True)
    assert shown.returncode == 0
    assert re.search(rf"^ +{re.escape(command)} ", shown.stdout, re.MULTILINE)


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", README)
    assert not [link for link in links if not (CHECKOUT / link).exists()]
