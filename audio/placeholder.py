"""Speech by a synthesiser in its own process: a script can be heard in tests and rehearsals, never by a patient.

The therapist is the voice (docs/design/guidance.md). Who listens is asked of every caller, and a patient is refused.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import unicodedata
from enum import Enum
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from audio.block import frames, gain
from audio.packs import Recording, Unfit, measured, prepared
from vr_app.limits import VOICE_LUFS
from vr_app.lint_words import sentences
from vr_app.script import Script, estimated

PATIENCE_SECONDS: Final = 20.0  # for one sentence
_GAP: Final = (frames(0.3), frames(1.5))  # between two sentences of a line
_WORDS, _SOUND = "words.txt", "words.wav"

# Words arrive on standard input and the file's name in the environment: neither is ever part of a program text.
_POWERSHELL: Final = (
    "[Console]::InputEncoding = [Text.Encoding]::UTF8; $words = [Console]::In.ReadToEnd(); "
    "Add-Type -AssemblyName System.Speech; $voice = New-Object System.Speech.Synthesis.SpeechSynthesizer; "
    f"$voice.Rate = -2; $voice.SetOutputToWaveFile((Join-Path (Get-Location) '{_SOUND}')); $voice.Speak($words)"
)


class Audience(Enum):
    """Who will hear it."""

    TEST = "test"
    REHEARSAL = "rehearsal"
    PATIENT = "patient"


class PlaceholderError(Exception):
    """Nothing can be spoken; one line that says why, and what to do."""


class Voice(NamedTuple):
    """A program that is started in a folder of its own, reads words.txt on standard input and writes words.wav."""

    program: str
    arguments: tuple[str, ...]
    remedy: str

    @property
    def there(self) -> bool:
        return shutil.which(self.program) is not None


ESPEAK: Final = Voice("espeak-ng", ("-v", "en", "-s", "100", "-w", _SOUND, "--stdin"), "apt-get install espeak-ng")
FLITE: Final = Voice(
    "flite", ("-voice", "slt", "--setf", "duration_stretch=1.3", "-f", _WORDS, "-o", _SOUND), "apt-get install flite"
)
WINDOWS: Final = Voice(
    "powershell", ("-NoProfile", "-NonInteractive", "-Command", _POWERSHELL), "add the Windows speech feature"
)


def piper(model: Path) -> Voice:
    """Piper (GPL) as a program beside ours: its model is the caller's."""
    arguments = ("--model", str(model.resolve()), "--output_file", _SOUND)
    return Voice("piper", arguments, "install Piper, and give it a model (.onnx)")


def system_voice() -> Voice:
    """The operating system's own. Raises PlaceholderError when it has none."""
    voices = (WINDOWS,) if sys.platform == "win32" else (ESPEAK, FLITE)
    for voice in voices:
        if voice.there:
            return voice
    raise PlaceholderError(f"this machine has no voice to rehearse with; {voices[0].remedy}")


def rehearse(script: Script, voice: Voice, *, audience: Audience) -> dict[str, Recording]:
    """All that may be said in a script, by id, about as long as its estimate. Raises PlaceholderError.

    `audience` has no default on purpose.
    """
    if audience is Audience.PATIENT:
        raise PlaceholderError("a synthesiser never speaks to a patient; read the lines live, or use a voice pack")
    return {line.id: Recording(_line(voice, line.words)) for line in script.lines()}


def _line(voice: Voice, words: str) -> NDArray[np.float32]:
    """Sentence after sentence, with as much silence between as the pace of guidance asks for."""
    spoken = [_sentence(voice, sentence) for sentence in sentences(words)]
    left = estimated(words) - sum(map(len, spoken))
    gap = np.zeros(min(max(left // max(len(spoken) - 1, 1), _GAP[0]), _GAP[1]), np.float32)
    parts = [part for sound in spoken for part in (sound, gap)]
    whole = np.concatenate(parts[:-1])
    return whole * np.float32(gain(VOICE_LUFS - measured(whole)))


def _sentence(voice: Voice, words: str) -> NDArray[np.float32]:
    with tempfile.TemporaryDirectory(prefix="harborlight-voice-") as name:
        folder = Path(name)
        (folder / _WORDS).write_text(f"{_speakable(words)}\n", encoding="utf-8")
        _run(voice, folder)
        try:
            samples, rate = soundfile.read(folder / _SOUND, dtype="float32", always_2d=True)
            return prepared(samples, rate).sound
        except (soundfile.SoundFileError, Unfit) as error:
            raise PlaceholderError(
                f"{voice.program} spoke nothing that can be used ({error}); try another voice"
            ) from None


def _run(voice: Voice, folder: Path) -> None:
    program = shutil.which(voice.program)
    if program is None:
        raise PlaceholderError(f"{voice.program} is not on this machine; {voice.remedy}")
    try:
        with (folder / _WORDS).open("rb") as words:
            done = subprocess.run(
                [program, *voice.arguments],
                cwd=folder,
                stdin=words,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=PATIENCE_SECONDS,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
    except subprocess.TimeoutExpired:
        raise PlaceholderError(f"{voice.program} took more than {PATIENCE_SECONDS:g} s; try another voice") from None
    except OSError as error:
        raise PlaceholderError(f"{voice.program} cannot be started: {error.strerror}; {voice.remedy}") from None
    if done.returncode:
        told = " ".join(done.stderr.decode(errors="replace").split())[:200]
        raise PlaceholderError(f"{voice.program} ended with {done.returncode} ({told}); {voice.remedy}")


def _speakable(words: str) -> str:
    """Without what a synthesiser would take for phonemes, markup or control."""
    kept = (c if c not in "[]<>{}|" and unicodedata.category(c)[0] != "C" else " " for c in words)
    return " ".join("".join(kept).split())
