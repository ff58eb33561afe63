"""The RealtimeKit rig: a process that may not help itself is given real-time priority, a stranger is not."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from headless_harness.sound.rtkit import Rtkit, missing

pytestmark = [pytest.mark.sound, pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="needs root")]
# What a client must do: limit its real-time slice, ask for its thread, and see what became of it.
_ASK = """
import os, resource, subprocess
resource.setrlimit(resource.RLIMIT_RTTIME, (200_000, 200_000))
try:
    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(10))
except PermissionError:
    pass
else:
    raise SystemExit("this process needs nobody's help")
kit = ["dbus-send", "--system", "--print-reply", "--dest=org.freedesktop.RealtimeKit1", "/org/freedesktop/RealtimeKit1"]
ask = ["org.freedesktop.RealtimeKit1.MakeThreadRealtimeWithPID", *[f"uint64:{os.getpid()}"] * 2, "uint32:10"]
subprocess.run([*kit, *ask])
print(os.sched_getscheduler(0) & 0xFF == os.SCHED_RR, os.sched_getparam(0).sched_priority)
"""
WEAK_ROOT = ("setpriv", "--bounding-set=-sys_nice")
STRANGER = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


@pytest.mark.parametrize(("who", "answer"), [(WEAK_ROOT, "True 10"), (STRANGER, "False 0")], ids=["root", "stranger"])
def test_a_thread_is_made_real_time_for_those_who_may(tmp_path: Path, who: tuple[str, ...], answer: str) -> None:
    with Rtkit(tmp_path) as kit:
        asking = [*who, "/usr/bin/python3", "-c", _ASK]
        told = subprocess.run(asking, env={**os.environ, **kit.env}, capture_output=True, text=True, timeout=20)
    assert told.stdout.splitlines()[-1] == answer, told.stderr


def test_its_absence_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "root" in (missing() or "")
