"""The RealtimeKit rig: a process that may not help itself is given real-time priority, a stranger is not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from headless_harness.sound.rtkit import Rtkit, missing

pytestmark = [pytest.mark.sound, pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="needs root")]
_ASK = """
import os
from audio.realtime import ask_to_be_served_first
print(ask_to_be_served_first())
print(os.sched_getscheduler(0) & 0xFF == os.SCHED_RR, os.sched_getparam(0).sched_priority)
"""
CHECKOUT = Path(__file__).resolve().parents[2]
WEAK_ROOT = ("setpriv", "--bounding-set=-sys_nice")
STRANGER = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


@pytest.mark.parametrize(
    ("who", "words", "answer"),
    [(WEAK_ROOT, "real time, by rtkit", "True 20"), (STRANGER, "not in real time (", "False 0")],
    ids=["root", "stranger"],
)
def test_the_filler_is_made_real_time_for_those_who_may(
    tmp_path: Path, who: tuple[str, ...], words: str, answer: str
) -> None:
    with Rtkit(tmp_path) as kit:
        asking = [*who, sys.executable, "-c", _ASK]
        told = subprocess.run(
            asking, env={**os.environ, **kit.env}, cwd=CHECKOUT, capture_output=True, text=True, timeout=20
        )
    first, last = told.stdout.splitlines()
    assert first.startswith(words) and last == answer, told.stderr


def test_without_rtkit_it_is_told_and_goes_on(tmp_path: Path) -> None:
    env = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={tmp_path}/none"}
    asking = [*WEAK_ROOT, sys.executable, "-c", _ASK]
    told = subprocess.run(asking, env=env, cwd=CHECKOUT, capture_output=True, text=True, timeout=20)
    assert told.stdout.splitlines()[0].startswith("not in real time (FileNotFoundError)"), told.stderr


def test_its_absence_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "root" in (missing() or "")
