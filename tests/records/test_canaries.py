"""Fifty canaries, patients' words and names, are planted wherever words go in; no file that is left shows one."""

from __future__ import annotations

import logging
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.records.conftest import CHEAP
from vr_app import logs
from vr_app.profile import Profile
from vr_app.records import keys
from vr_app.records.errors import RecordsError
from vr_app.records.records import DATABASE, Records, public_key
from vr_app.records.spool import Spool
from vr_app.records.values import Clinic, Plan

CANARIES = 50
CHECKOUT = Path(__file__).resolve().parents[2]


def plant(folder: Path, canaries: list[str]) -> None:
    """All of them, in as many places as take words; faults are provoked and logged with words in them, too."""
    words = iter(canaries)
    records, recovery_key = Records.create(folder, next(words), by=next(words))
    print(recovery_key)
    records.set_clinic(Clinic(next(words), next(words)), by=next(words))
    records.set_clinicians([next(words), next(words)], by=next(words))
    spool = Spool(folder, public_key(folder))
    for _ in range(3):
        patient = records.add_patient(next(words), by=next(words))
        records.set_profile(patient.id, Profile(), by=next(words))
        plan = Plan(next(words), {next(words): next(words)})
        session = records.begin_session(plan, patient=patient.id, by=next(words), minutes=5.0)
        records.put_memory(patient.id, next(words), "tree", next(words).encode())
        for journal in (records, spool):
            journal.add_event(session, "said", {"words": next(words)})
            journal.add_note(session, next(words), by="Ann")
    for canary in words:
        records.add_note(session, f"<b>{canary}</b> 🌊\n" * 5000, by="Ann")
    records.set_passphrase(f"{canaries[0]} again", by="Ann")
    for wrong in (
        lambda: records.session(canaries[1]),
        lambda: records.add_note(session, canaries[2] * 99_999, by="Ann"),
    ):
        try:
            wrong()
        except RecordsError:
            logging.getLogger("vr_app.records").exception("refused: %s", canaries[3])
    with records._engine.connect() as connection:  # a sort that is too large for memory
        connection.exec_driver_sql("SELECT a.text FROM note a, note b ORDER BY a.text || b.text").fetchmany(3)


def child(home: Path) -> None:
    """Plants what it reads, and waits to be killed."""
    keys.COST = CHEAP  # type: ignore[misc]
    canaries = sys.stdin.readline().split()
    with logs.start("companion"):
        plant(home / "data", canaries)
        logging.getLogger("vr_app.records").warning("planted")
    print("planted", flush=True)
    sys.stdin.read()


def seen(home: Path, canaries: list[str]) -> list[str]:
    """The files that show one, as UTF-8, UTF-16 or in base64 or hexadecimal."""
    found = []
    forms = [form for canary in canaries for form in _forms(canary)]
    for path in home.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            found += [f"{path.relative_to(home)}: {form!r}" for form in forms if form in data]
    return found


def _forms(canary: str) -> Iterator[bytes]:
    yield canary.encode()
    yield canary.encode("utf-16-le")
    yield canary.encode("utf-16-be")
    yield canary.encode().hex().encode()


@pytest.mark.parametrize("end", ["closed", "killed"])
def test_no_canary_is_left_in_any_file(tmp_path: Path, end: str) -> None:
    canaries = [f"canary{secrets.token_hex(8)}" for _ in range(CANARIES)]
    home, temporary = tmp_path / "home", tmp_path / "temporary"
    temporary.mkdir()
    environment = {
        **os.environ,
        "HARBORLIGHT_HOME": str(home),
        "TMPDIR": str(temporary),
        "SQLITE_TMPDIR": str(temporary),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.records.test_canaries", str(home)],
        cwd=CHECKOUT, env=environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    process.stdin.write(" ".join(canaries) + "\n")
    process.stdin.flush()
    recovery_key = process.stdout.readline().strip()
    assert process.stdout.readline() == "planted\n", process.stderr.read()
    canaries.append(recovery_key)
    assert (home / "data" / f"{DATABASE}-wal").stat().st_size > 100_000
    assert (home / "logs/companion.jsonl").stat().st_size
    assert seen(tmp_path, canaries) == []
    process.kill() if end == "killed" else None
    _, errors = process.communicate()
    assert seen(tmp_path, canaries) == []
    assert not any(canary in errors for canary in canaries)
    with Records.open(home / "data", f"{canaries[0]} again") as records:
        with Spool(home / "data", public_key(home / "data")) as spool:
            assert records.take_in(spool).records == 6
        assert records.verify().good
        assert all(canary in _everything(records) for canary in canaries[8:CANARIES])
    assert seen(tmp_path, canaries) == []


def _everything(records: Records) -> str:
    patients = records.patients()
    sessions = [records.session(line.id) for line in records.sessions()]
    with records._engine.connect() as connection:
        memories = connection.exec_driver_sql("SELECT scene, body FROM memory").fetchall()
    return f"{patients} {sessions} {records.audit()} {memories}"


def test_a_plain_file_would_be_seen(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes("a canary".encode("utf-16-le"))
    assert f"a: {'canary'.encode('utf-16-le')!r}" in seen(tmp_path, ["canary"])
    assert not seen(tmp_path, ["heron"])


if __name__ == "__main__":
    child(Path(sys.argv[1]))
