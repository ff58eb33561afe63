"""Voice packs: a folder of recorded lines, checked, brought to one rate and loudness, and held in memory to be played.

    manifest.toml           language = "en"   voice = "Ada Byron"   scripts = ["room", "tide"]   loudness = -20
                            licence = "..."   consent = "..."       [says] name = "Ada"
    <script>.<line>.flac    one file for each line; WAV and OGG too

A bad line is told in a sentence and left out: it is read live, or stays a caption. Nothing here runs in the block path
but `Recording.fill`.
"""

from __future__ import annotations

import logging
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from audio.block import BLOCK, CHANNELS, RATE, Samples, frames, gain
from audio.loudness import Meter
from audio.resample import resampled
from vr_app.limits import VOICE_LUFS
from vr_app.lint_words import PHRASE_RATE, phrase_rate
from vr_app.script import LONGEST_LINE, Line, Script, ScriptError, load_script, script_names

log = logging.getLogger(__name__)

MANIFEST: Final = "manifest.toml"
ENDINGS: Final = (".flac", ".wav", ".ogg")
RATES: Final = (16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000)  # Hz
QUIETEST_LUFS: Final = -45.0  # what is softer would bring its hiss along when it is raised
LOUDNESS_LU: Final = 4.0  # between a manifest and the middle of its lines
KEPT_BEFORE: Final = frames(0.030)  # of the silence at both ends
KEPT_AFTER: Final = frames(0.120)
FADE: Final = frames(0.010)

_WORDS_KEYS: Final = ("language", "voice", "licence", "consent")
_KEYS: Final = {*_WORDS_KEYS, "scripts", "loudness", "says"}
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}")
_TRIM_DB: Final = -40.0  # under the loudest 10 ms
_ENVELOPE: Final = frames(0.010)
_BREAKS_OFF_DB: Final = -20.0  # the last 5 ms against the whole: speech falls silent before its file ends
_FASTEST: Final = 240  # words a minute; nobody reads to a patient as fast as that: words are missing
_CLIPPED_PEAK: Final = 0.9
_CLIPPED_SHARE: Final = 0.0005  # of all samples, in runs of three and more within a hundredth of the peak
_MANIFEST_BYTES: Final = 100_000


class PackError(Exception):
    """A pack of which nothing can be used; one line with its remedy."""


class Problem(NamedTuple):
    """Something about one file or line. `lost`: the line is not played."""

    what: str
    words: str
    lost: bool = True

    def __str__(self) -> str:
        return "".join(
            c if c.isprintable() else "?" for c in f"{self.what} {self.words}"
        )  # a file may be called anything


@dataclass(frozen=True, slots=True)
class Manifest:
    """Whose voice it is, what it says, and that it may be used."""

    language: str
    voice: str
    licence: str
    consent: str
    scripts: tuple[str, ...]
    loudness: float  # LUFS, as its maker says: where lines are found elsewhere, something else was copied
    says: Mapping[str, str]  # the names that are spoken where a script has braces


class Recording:
    """A line as a `Source`: mono in memory, whole blocks, played in the middle."""

    __slots__ = ("_sound", "frames")

    def __init__(self, sound: NDArray[np.float32]) -> None:
        self.frames = len(sound)
        self._sound = np.concatenate([sound, np.zeros(-len(sound) % BLOCK, np.float32)])

    @property
    def sound(self) -> NDArray[np.float32]:
        """Its samples, without what fills its last block."""
        return self._sound[: self.frames]

    def fill(self, out: Samples, at: int) -> bool:
        part = self._sound[at : at + BLOCK]
        if len(part) < len(out):  # asked for what lies behind its end
            out.fill(0.0)
            return False
        for channel in range(CHANNELS):
            out[:, channel] = part
        return at + BLOCK < len(self._sound)


@dataclass(frozen=True, slots=True)
class Pack:
    """What can be played of a folder, by script and line, and what is to be said about the rest."""

    manifest: Manifest
    recordings: Mapping[tuple[str, str], Recording] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def of(self, script: str) -> dict[str, Recording]:
        """A script's recordings, by line."""
        return {line: found for (name, line), found in self.recordings.items() if name == script}

    def cast(self, script: Script) -> Script:
        """The script as this voice speaks it: what follows a line moves with its length."""
        return script.spoken({line: found.frames for line, found in self.of(script.name).items()})


def load(folder: Path, names: Mapping[str, str] | None = None) -> Pack:
    """Read a pack for a session with these `names`; without, as it is. Raises PackError when there is no manifest.

    Takes seconds, and some 200 kB a second of speech: never in the block path.
    """
    manifest = _manifest(folder)
    scripts, problems = _scripts(manifest)
    files, strange = _files(folder, scripts)
    problems += strange
    recordings: dict[tuple[str, str], Recording] = {}
    found_lufs: list[float] = []
    for script in scripts.values():
        for line in script.lines():
            known = f"{script.name}.{line.id}"
            path = files.get(known)
            if path is None:
                problems.append(_missing(known, line))
            elif other := _other_name(manifest, line, names):
                problems.append(Problem(path.name, other))
            else:
                try:
                    sound = _read(path)
                    spoken = prepared(*sound)
                    recording = Recording(spoken.sound)
                    found_lufs.append(spoken.lufs)
                    problems += list(_remarks(path.name, line, sound, recording))
                    recordings[script.name, line.id] = recording
                except Unfit as error:
                    problems.append(Problem(path.name, str(error)))
    problems += _loudness(manifest, found_lufs)
    return Pack(manifest, recordings, tuple(problems))


# The manifest


def _manifest(folder: Path) -> Manifest:
    place = f"{folder.name or folder}/{MANIFEST}"
    try:
        if not folder.is_dir():
            raise PackError(f"{folder} is no folder; name the folder that holds {MANIFEST}")
        with (folder / MANIFEST).open("rb") as file:
            table = tomllib.loads(file.read(_MANIFEST_BYTES).decode("utf-8-sig"))
    except OSError as error:
        raise PackError(f"{place}: {error.strerror}; a pack begins with a {MANIFEST}") from None
    except UnicodeDecodeError:
        raise PackError(f"{place} is not UTF-8; save it as UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise PackError(f"{place}: {' '.join(str(error).split())}") from None
    if unknown := sorted(set(table) - _KEYS):
        raise PackError(f"{place}: unknown keys {unknown}; there are {', '.join(sorted(_KEYS))}")
    for key in _WORDS_KEYS:
        if not isinstance(table.get(key), str) or not table[key].strip():
            raise PackError(f"{place}: {key} is missing; {_ASKED[key]}")
    if not _LANGUAGE.fullmatch(table["language"]):
        raise PackError(f"{place}: language is {table['language']!r}; write two or three small letters, such as 'en'")
    language, voice, licence, consent = (table[key].strip() for key in _WORDS_KEYS)
    return Manifest(language, voice, licence, consent, *_lists(place, table))


_ASKED: Final = {
    "language": "write the language's code, such as 'en'",
    "voice": "say whose voice it is",
    "licence": "say who may use the recordings",
    "consent": "say when and how the speaker agreed",
}


def _lists(place: str, table: Mapping[str, Any]) -> tuple[tuple[str, ...], float, Mapping[str, str]]:
    scripts, loudness, says = table.get("scripts"), table.get("loudness"), table.get("says", {})
    if not isinstance(scripts, list) or not scripts or not all(isinstance(name, str) for name in scripts):
        raise PackError(f'{place}: scripts is missing; list what is spoken, such as ["room", "tide"]')
    if not isinstance(loudness, (int, float)) or isinstance(loudness, bool) or not -70.0 <= loudness <= 0.0:
        raise PackError(
            f"{place}: loudness must be a number in LUFS, -70 to 0, such as {VOICE_LUFS:g}, not {loudness!r}"
        )
    if not isinstance(says, dict) or not all(isinstance(name, str) for name in says.values()):
        raise PackError(f'{place}: [says] must hold names as text, such as name = "Ada"')
    return tuple(dict.fromkeys(scripts)), float(loudness), says


def _scripts(manifest: Manifest) -> tuple[dict[str, Script], list[Problem]]:
    """Those that can be read; names count as the pack speaks them."""
    there = script_names(manifest.language)
    found: dict[str, Script] = {}
    problems = []
    for name in manifest.scripts:
        if name not in there:
            told = f"names the script '{name}', which is not one of {', '.join(there) or 'none'}; correct its name"
            problems.append(Problem(MANIFEST, told))
            continue
        try:
            found[name] = load_script(name, manifest.language, names={"name": "Your therapist", **manifest.says})
        except ScriptError as error:
            problems.append(Problem(MANIFEST, f"names a script that cannot be read: {error}"))
    return found, problems


# Which files there are


def _files(folder: Path, scripts: Mapping[str, Script]) -> tuple[dict[str, Path], list[Problem]]:
    """Sound files by `<script>.<line>`, and those that belong to no line."""
    known = [f"{script.name}.{line.id}" for script in scripts.values() for line in script.lines()]
    wanted, found, problems = set(known), dict[str, Path](), list[Problem]()
    for path in sorted(folder.iterdir()):
        if path.name == MANIFEST or path.name.startswith(".") or not path.is_file():
            continue
        if path.suffix.lower() not in ENDINGS:
            if path.stem in wanted:
                problems.append(Problem(path.name, "is no FLAC, WAV or OGG file; save it as one"))
            continue  # a text or a picture may lie beside
        if path.stem not in wanted:
            near = get_close_matches(path.stem, known, 1)
            remedy = f"rename it to {near[0]}{path.suffix}" if near else "name it <script>.<line>"
            problems.append(Problem(path.name, f"belongs to no line; {remedy}, or take it out", lost=False))
        elif path.stem in found:
            problems.append(
                Problem(path.name, f"says the line of {found[path.stem].name}; keep one of them", lost=False)
            )
        else:
            found[path.stem] = path
    return found, problems


def _missing(known: str, line: Line) -> Problem:
    words = line.words if len(line.words) <= 60 else f"{line.words[:57]}..."
    return Problem(known, f'is missing; record "{words}" as {known}.wav: until then it is read live or a caption')


def _other_name(manifest: Manifest, line: Line, names: Mapping[str, str] | None) -> str:
    """A recording with a name in it is true only beside whoever is named; "" when it may be played."""
    for name in line.names:
        if name not in manifest.says:
            return f"speaks a {{{name}}} that the manifest does not tell; add [says] {name} = ..."
        if names is not None and names.get(name) != manifest.says[name]:
            return f"names {manifest.says[name]}, and this session has {names.get(name)}: it is read live or a caption"
    return ""


def _loudness(manifest: Manifest, found: list[float]) -> Iterator[Problem]:
    middle = median(found) if found else manifest.loudness
    if abs(middle - manifest.loudness) > LOUDNESS_LU:
        told = (
            f"says {manifest.loudness:g} LUFS, and the lines are at {middle:.0f}; correct it, or copy the right files"
        )
        yield Problem(MANIFEST, told, lost=False)


# One file


class Unfit(Exception):
    """Why a recording cannot be played, and what to do."""


class Prepared(NamedTuple):
    """What will be played, and how loud it was before, LUFS."""

    sound: NDArray[np.float32]
    lufs: float


class _Sound(NamedTuple):
    samples: NDArray[np.float32]  # [frames, channels]
    rate: int


def _read(path: Path) -> _Sound:
    """Raises Unfit."""
    try:
        with soundfile.SoundFile(path) as file:
            _check_shape(file)
            samples = file.read(dtype="float32", always_2d=True)
            cut = len(samples) < file.frames or "should be" in file.extra_info
    except (soundfile.SoundFileError, OSError, EOFError) as error:
        raise Unfit(f"cannot be read ({_first_words(error)}); record or export it again") from None
    if cut:
        raise Unfit("is cut off: its end is missing; copy or export it again")
    return _Sound(samples, file.samplerate)


def _first_words(error: Exception) -> str:
    """What libsndfile says, without the path before it."""
    return " ".join(str(error).split(": ")[-1].split()).rstrip(".") or type(error).__name__


def _check_shape(file: soundfile.SoundFile) -> None:
    if file.channels > CHANNELS:
        raise Unfit(f"has {file.channels} channels; export it with one or two")
    if file.samplerate not in RATES:
        raise Unfit(f"is at {file.samplerate} Hz; export it at {RATE} Hz")
    if file.frames > LONGEST_LINE * file.samplerate:
        raise Unfit(f"is longer than {LONGEST_LINE:g} s; one file holds one line")


def prepared(samples: NDArray[np.float32], rate: int) -> Prepared:
    """A recording as it will be played: mono, 48 kHz, trimmed, -20 LUFS, faded. Raises Unfit, a sentence."""
    mono = np.asarray(samples.mean(axis=1), np.float32)
    if not np.isfinite(mono).all():
        raise Unfit("holds values that are no numbers; export it again")
    mono -= mono.mean() if len(mono) else 0.0
    if len(mono) < FADE or np.abs(mono).max() < gain(-60.0):
        raise Unfit("is silent; record it again")
    if _is_clipped(samples):
        raise Unfit("is clipped; record it again with the input turned down")
    at_rate = resampled(mono, rate, RATE)
    first, last = _spoken(at_rate)
    if _breaks_off(at_rate, last):
        raise Unfit("breaks off in the middle of a sound; record it again, with a second of silence at the end")
    sound = at_rate[max(first - KEPT_BEFORE, 0) : last + KEPT_AFTER].copy()
    lufs = measured(sound)
    sound *= gain(VOICE_LUFS - lufs)
    rise = np.sin(np.linspace(0.0, np.pi / 2, FADE, dtype=np.float32)) ** 2
    sound[:FADE] *= rise
    sound[-FADE:] *= rise[::-1]
    return Prepared(sound, lufs)


def _is_clipped(samples: NDArray[np.float32]) -> bool:
    """Speech touches its peak for a sample or two; what was cut off stays there."""
    peak = float(np.abs(samples).max())
    high = np.abs(samples) >= 0.99 * peak
    runs = high[2:] & high[1:-1] & high[:-2]
    return peak >= _CLIPPED_PEAK and int(runs.sum()) > _CLIPPED_SHARE * samples.size


def _spoken(mono: NDArray[np.float32]) -> tuple[int, int]:
    """First and last frame of what is louder than a pause."""
    whole = np.concatenate([mono, np.zeros(-len(mono) % _ENVELOPE, np.float32)]).reshape(-1, _ENVELOPE)
    levels = np.sqrt((whole.astype(np.float64) ** 2).mean(axis=1))
    loud = np.flatnonzero(levels >= levels.max() * gain(_TRIM_DB))
    return int(loud[0]) * _ENVELOPE, min((int(loud[-1]) + 1) * _ENVELOPE, len(mono))


def _breaks_off(mono: NDArray[np.float32], last: int) -> bool:
    tail = mono[-_ENVELOPE // 2 :].astype(np.float64)
    whole = mono.astype(np.float64)
    return last == len(mono) and bool((tail**2).mean() > (whole**2).mean() * gain(2 * _BREAKS_OFF_DB))


def measured(mono: NDArray[np.float32]) -> float:
    """LUFS when it plays in the middle. Less than 400 ms are measured with silence around. Raises Unfit."""
    meter = Meter()
    padded = np.concatenate([mono, np.zeros(max(RATE // 2 - len(mono), 0), np.float32)])
    meter.take(np.repeat(padded[:, None], CHANNELS, axis=1))
    found = meter.integrated
    if found < QUIETEST_LUFS:
        raise Unfit(f"is nearly silent ({found:.0f} LUFS); record it again, closer to the microphone")
    return found


def _remarks(name: str, line: Line, sound: _Sound, recording: Recording) -> Iterator[Problem]:
    """What might be better in a line that is played all the same. Raises Unfit when words are missing."""
    length = recording.frames - KEPT_BEFORE - KEPT_AFTER
    if (pace := phrase_rate(line.words, length)) and pace > _FASTEST:
        count = len(line.words.split())
        raise Unfit(f"lasts {length / RATE:.1f} s, too short for {count} words; record the whole line")
    if pace:
        told = f"is spoken at {pace} words a minute; calm is {PHRASE_RATE[0]:g} to {PHRASE_RATE[1]:g}"
        yield Problem(name, told, lost=False)
    if sound.rate > 96_000:
        yield Problem(name, f"is at {sound.rate} Hz and is brought to {RATE}; export it at {RATE} Hz", lost=False)


def recordings(folder: Path | None) -> dict[tuple[str, str], Recording]:
    """Prepared lines by script and line, all in memory; one that cannot be read is left out, and told."""
    found: dict[tuple[str, str], Recording] = {}
    for path in sorted(folder.glob("*.npy")) if folder else ():
        script, _, line = path.stem.partition(".")
        try:
            found[script, line] = Recording(np.load(path))
        except (OSError, ValueError) as error:
            log.warning("a prepared line cannot be read", exc_info=error)
    return found
