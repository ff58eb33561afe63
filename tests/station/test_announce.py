"""The equipment's one sentence: planted voices hear exactly the words, one at a time, and never for long."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vr_app.station import announce
from vr_app.station.announce import Announcer, picture_has_stopped, speakable

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="unproven elsewhere: planted voices are shell scripts")

Plant = Callable[[str, str], Path]


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plant:
    """Puts a shell script on PATH under a voice's name, alone there; its $OUT is the file it may write."""
    folder, heard = tmp_path / "bin", tmp_path / "heard"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("OUT", str(heard))

    def planted(name: str, script: str) -> Path:
        path = folder / name
        path.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")
        path.chmod(0o755)
        return heard

    return planted


def _until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10.0
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _said(announcer: Announcer, words: str) -> None:
    assert announcer.say(words)
    _until(lambda: not announcer.speaking)


@pytest.mark.usefixtures("plant")
def test_without_a_voice_it_is_silent_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    assert announce.available() is None
    assert not Announcer().say("The picture has stopped.")
    assert "no voice" in caplog.text


def test_the_first_voice_hears_the_words_as_one_argument(plant: Plant) -> None:
    heard = plant("spd-say", 'for last; do :; done; printf %s "$last" > "$OUT"')
    plant("espeak-ng", 'cat > "$OUT.other"')
    assert announce.available() == "spd-say"
    _said(Announcer(), picture_has_stopped("Ada"))
    assert heard.read_text() == (
        "The picture has stopped. It's the equipment, not you. Ada is beside you. You can take the headset off."
    )
    assert not heard.with_name("heard.other").exists()


@pytest.mark.parametrize("first", ["exit 1", "no such command", None])
def test_a_voice_that_fails_is_followed_by_the_next(plant: Plant, first: str | None) -> None:
    heard = plant("espeak-ng", 'cat > "$OUT"')
    if first:
        plant("spd-say", first)
    _said(Announcer(), "It's the equipment, not you.")
    assert heard.read_text() == "It's the equipment, not you."


def test_a_file_that_is_no_program_is_followed_by_the_next(plant: Plant, tmp_path: Path) -> None:
    heard = plant("espeak-ng", 'cat > "$OUT"')
    plant("spd-say", "")
    (tmp_path / "bin/spd-say").write_bytes(b"\x7fELF broken")
    _said(Announcer(), "Hello.")
    assert heard.read_text() == "Hello."


HOSTILE = ["$(touch X)", "`touch X`", "; touch X;", "' -Command touch X '", "\n--help", "| touch X", "[[X]] <break/>"]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("voice", ["spd-say", "espeak-ng"])
def test_a_name_is_never_a_command(
    plant: Plant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, voice: str
) -> None:
    monkeypatch.chdir(tmp_path)
    heard = plant(voice, 'for last; do :; done; { printf "%s " "$last"; cat; } > "$OUT"')
    _said(Announcer(), picture_has_stopped(name))
    assert not (tmp_path / "X").exists()
    assert "The picture has stopped." in heard.read_text()
    assert not set(heard.read_text().removeprefix("--stdin")) & set("$`;|<>[]()\n")


def test_one_sentence_at_a_time_and_nobody_waits(plant: Plant) -> None:
    heard = plant("espeak-ng", 'echo once >> "$OUT"; while [ ! -e "$OUT.go" ]; do sleep 0.01; done')
    announcer = Announcer()
    assert announcer.say("The first.")
    assert announcer.speaking
    assert not announcer.say("The second.")
    heard.with_name("heard.go").touch()
    _until(lambda: not announcer.speaking)
    assert heard.read_text() == "once\n"
    _said(announcer, "The third.")


def test_a_voice_that_hangs_is_killed_with_what_it_started(
    plant: Plant, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(announce, "PATIENCE_SECONDS", 0.5)
    heard = plant("espeak-ng", 'sleep 600 & echo $! $$ > "$OUT"; wait')
    _said(Announcer(), "Hello.")
    assert "silenced" in caplog.text
    processes = [int(number) for number in heard.read_text().split()]
    assert len(processes) == 2
    _until(lambda: not any(_runs(process) for process in processes))


def _runs(process: int) -> bool:
    """A zombie that waits for init counts as gone."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_voice_that_does_not_listen_is_no_fault(plant: Plant) -> None:
    plant("espeak-ng", "exec 0<&-; exit 0")
    _said(Announcer(), "word " * 60)


def test_nothing_is_said_of_nothing(plant: Plant) -> None:
    heard = plant("espeak-ng", 'cat > "$OUT"')
    assert not Announcer().say(" \n<>")
    assert not heard.exists()


@given(st.text(max_size=600))
def test_what_is_spoken_is_a_plain_sentence(words: str) -> None:
    spoken = speakable(words)
    assert len(spoken) <= 300
    assert spoken.isprintable()
    assert not spoken.startswith("-")
    assert not set(spoken) & set('<>&|;$`"\\[](){}*@=/%\n_')


def test_a_name_keeps_its_letters() -> None:
    assert "Zoë Ångström-O'Neill" in speakable(picture_has_stopped("Zoë Ångström-O'Neill"))
    assert "Your therapist is beside you" in picture_has_stopped("  ")


def test_it_needs_the_standard_library_only() -> None:
    code = "import sys; import vr_app.station.announce; print(*{name.split('.')[0] for name in sys.modules})"
    checkout = Path(announce.__file__).parents[2]
    loaded = subprocess.check_output([sys.executable, "-S", "-c", code], text=True, cwd=checkout).split()
    assert set(loaded) - sys.stdlib_module_names <= {"vr_app", "__main__"}
