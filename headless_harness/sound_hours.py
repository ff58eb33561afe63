"""Hours of sound against every figure of vr_app/limits.py: `python -m headless_harness.sound_hours`.

Each bed for an hour through the graph; every shipped script over its bed, spoken by a synthesiser, as one plan; a voice
over each bed; and fuzzed sounds of the user over a bed. The judge shares no code with the graph: pyloudnorm's filters,
scipy's sixteen times oversampling. `--minutes` and `--fuzz` shorten it; `--only beds plan duck fuzz` leaves parts out.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
import pyloudnorm
from numpy.typing import NDArray
from scipy import signal

from audio.block import BLOCK, CHANNELS, RATE, Samples, frames
from audio.cue import Kind
from audio.cue_list import working
from audio.duck import Bus
from audio.graph import Graph
from audio.narration import timeline
from audio.offline import At, blocks, render
from audio.placeholder import Audience, rehearse, system_voice
from vr_app import limits
from vr_app.script import load_script, script_names

Floats = NDArray[np.float64]

STEP: Final = 64  # frames: the greatest that divides a block and the 100 ms of BS.1770
_WINDOW: Final = round(0.4 * RATE / STEP)
_LAG: Final = round(0.1 * RATE / BLOCK)  # blocks between two readings that are compared, as a meter has
_CHUNK: Final = 750  # blocks, 4 s
BEDS_OF: Final = {"tide": "surf", "lantern": "chords_evening"}  # other scripts have the first bed there is: `_BED`
_BED: Final = "wind"
_NAMES: Final = {"name": "Ada"}
_SEED: Final = 11
_HOLD: Final = round(0.030 * RATE / STEP)
_BATCH: Final = 50  # fuzzed sounds over one bed
_SETTLED: Final = 6.0  # seconds: then a bed is there
_GAP: Final = 1.1  # seconds between two fuzzed sounds, so that each is judged by itself


class Reading(NamedTuple):
    """Of a stretch of sound."""

    seconds: float
    integrated: float  # LUFS
    most: float  # LUFS, momentary
    rise: float  # dB a second, the steepest of momentary loudness; what is below -70 LUFS counts as -70
    peak: float  # dBTP
    finite: bool


class Judge:
    """Reads what it is given, chunk after chunk of whole blocks."""

    def __init__(self) -> None:
        self._filters = [(stage.b, stage.a) for stage in pyloudnorm.Meter(RATE)._filters.values()]
        self._states = [np.zeros((2, CHANNELS)) for _ in self._filters]
        self._energies: list[Floats] = []
        self._tail = np.zeros((STEP, CHANNELS))
        self._peak, self._finite = 1e-10, True

    def take(self, chunk: Samples) -> None:
        sound = chunk.astype(float)
        self._finite = self._finite and bool(np.isfinite(sound).all())
        self._look_for_a_peak(np.concatenate([self._tail, sound]))
        self._tail = sound[-STEP:]
        for i, (b, a) in enumerate(self._filters):
            sound, self._states[i] = signal.lfilter(b, a, sound, axis=0, zi=self._states[i])
        self._energies.append((sound**2).sum(axis=1).reshape(-1, STEP).sum(axis=1))

    def _look_for_a_peak(self, sound: Floats) -> None:
        """Sixteen times oversampled, where samples come within 3 dB of the highest yet."""
        if np.abs(sound).max() > 0.7 * self._peak:
            fine = np.abs(signal.resample_poly(sound, 16, 1, axis=0))[8 * STEP : -8 * STEP]  # ends are cut there
            self._peak = max(self._peak, float(fine.max()))

    def momentary(self) -> Floats:
        """LUFS at the end of each block; what was before the beginning is silence."""
        total = np.concatenate([np.zeros(_WINDOW), *self._energies]).cumsum()
        ends = np.arange(_WINDOW + BLOCK // STEP - 1, len(total), BLOCK // STEP)
        return _lufs((total[ends] - total[ends - _WINDOW]) / (_WINDOW * STEP))

    def reading(self) -> Reading:
        energies, levels = np.concatenate(self._energies), self.momentary()
        heard = np.maximum(levels, -70.0)
        rise = float((heard[_LAG:] - heard[:-_LAG]).max()) / (_LAG * BLOCK / RATE)
        peak = 20.0 * float(np.log10(self._peak))
        return Reading(len(energies) * STEP / RATE, _gated(energies), float(levels.max()), rise, peak, self._finite)


def _lufs(mean_square: Floats) -> Floats:
    return np.asarray(-0.691 + 10.0 * np.log10(np.maximum(mean_square, 1e-20)))


def _gated(energies: Floats) -> float:
    """Integrated loudness (BS.1770-4): 400 ms every 100 ms through both gates."""
    hop = _WINDOW // 4
    hops = energies[: len(energies) // hop * hop].reshape(-1, hop).sum(axis=1)
    means = np.convolve(hops, np.ones(4), "valid") / (_WINDOW * STEP)
    heard = means[_lufs(means) > -70.0]
    if not len(heard):
        return -200.0
    return float(_lufs(heard[_lufs(heard) > float(_lufs(np.array(heard.mean()))) - 10.0].mean(keepdims=True))[0])


def judged(sounds: Iterator[Samples], judge: Judge | None = None) -> Judge:
    """A render, heard to its end without being kept."""
    judge = judge or Judge()
    chunk = np.zeros((_CHUNK, BLOCK, CHANNELS), np.float32)
    count = 0
    for block in sounds:
        chunk[count] = block
        count += 1
        if count == _CHUNK:
            judge.take(chunk.reshape(-1, CHANNELS))
            count = 0
    if count:
        judge.take(chunk[:count].reshape(-1, CHANNELS))
    return judge


def _wrong(found: Reading, level: float, tolerance: float) -> list[str]:
    """Which figures are not kept."""
    told = {
        "level": abs(found.integrated - level) <= tolerance,
        "momentary": found.most <= limits.MOMENTARY_LUFS,
        "peak": found.peak <= limits.TRUE_PEAK_DBTP,
        "finite": found.finite,
    }
    return [name for name, kept in told.items() if not kept]


def _row(name: str, found: Reading, wrong: Sequence[str]) -> tuple[str, bool]:
    told = f"{found.integrated:7.1f} {found.most:7.1f} {found.rise:6.1f} {found.peak:7.1f}"
    return f"{name:24} {found.seconds / 60.0:6.1f} {told}  {', '.join(wrong) or 'kept'}", not wrong


HEAD: Final = f"{'what':24} {'min':>6} {'LUFS':>7} {'most':>7} {'dB/s':>6} {'dBTP':>7}"


# Beds


def bed(name: str, minutes: float) -> tuple[str, bool]:
    """One bed by itself."""
    begin = At(0.0, lambda graph: graph.play(0, working()[name].make(_SEED), Bus.BED))
    found = judged(blocks([begin], 60.0 * minutes)).reading()
    wrong = _wrong(found, limits.BED_LUFS, limits.BED_TOLERANCE_LU)
    return _row(name, found, [*wrong, *(["rise"] if found.rise > limits.ONSET_DB_PER_SECOND else [])])


# The plan


def plan(minutes: float) -> Iterator[tuple[str, bool]]:
    """Every shipped script over its bed, at most so long each; the voice by itself, then all as one programme."""
    whole, least = Judge(), 0.8 * min(minutes, 1.0)
    for name in script_names():
        written = load_script(name, names=_NAMES)
        recordings = rehearse(written, system_voice(), audience=Audience.TEST)
        script = written.spoken({line: found.frames for line, found in recordings.items()})
        seconds = min(script.moments[-1].after / RATE, 60.0 * minutes)
        lines = timeline(script, recordings)
        voice = judged(blocks(lines, seconds)).reading()
        yield _row(f"voice of {name}", voice, _wrong(voice, limits.VOICE_LUFS, limits.VOICE_TOLERANCE_LU))
        begin = partial(_begin, BEDS_OF.get(name, _BED))
        judged(blocks([At(0.0, begin), *lines], seconds), whole)
    found = whole.reading()
    wrong = _wrong(found, limits.GUIDED_PLAN_LUFS, limits.GUIDED_PLAN_TOLERANCE_LU)
    yield _row("guided plan", found, wrong if found.seconds > 60.0 * least else [])


def _begin(name: str, graph: Graph) -> None:
    graph.play(0, working()[name].make(_SEED), Bus.BED)


# The duck


class Array:
    """A sound as a source, whole blocks of it."""

    def __init__(self, sound: NDArray[Any]) -> None:
        self._sound = sound.astype(np.float32)

    def fill(self, out: Samples, at: int) -> bool:
        out[:] = self._sound[at : at + BLOCK]
        return at + 2 * BLOCK <= len(self._sound)


def duck(name: str) -> tuple[str, bool]:
    """How much a voice of 6 s takes from a bed: what leaves less the voice, against the same seconds without one."""
    random = np.random.default_rng(_SEED)
    count = frames(6.0) // BLOCK * BLOCK
    syllables = np.clip(np.sin(2.0 * np.pi * 3.0 * np.arange(count) / RATE), 0.0, None)[:, None]
    words = 0.06 * random.standard_normal((count, 1)) * syllables * np.ones(CHANNELS)
    speak = At(9.0, lambda graph: graph.play(1, Array(words), Bus.VOICE, delay=frames(1.0)))
    begin = At(0.0, partial(_begin, name))
    both, voice, alone = (render(asked, 16.0) for asked in ([begin, speak], [speak], [begin]))
    heard = slice(frames(11.0), frames(15.5))
    less = _level(alone[heard]) - _level((both - voice)[heard])
    return f"{name:24} a voice takes {less:5.1f} LU", less >= limits.DUCK_LU


def _level(sound: Samples) -> float:
    judge = Judge()
    judge.take(sound[: len(sound) // BLOCK * BLOCK])
    return judge.reading().integrated


# Fuzz


@cache
def _noise() -> Samples:
    """A bed that does not sway: what a strike adds is then the strike's."""
    count = frames(_SETTLED + _BATCH * 2.2) // BLOCK * BLOCK
    spectra = np.fft.rfft(np.random.default_rng(1).standard_normal((count, CHANNELS)), axis=0)
    tilt = 1.0 / np.sqrt(np.maximum(np.fft.rfftfreq(count, 1.0 / RATE), 40.0))
    sound = np.fft.irfft(spectra * tilt[:, None], count, axis=0)
    return np.asarray(sound * 10.0 ** ((limits.BED_LUFS - _level(sound.astype(np.float32))) / 20.0), np.float32)


def fuzzed(seed: int) -> NDArray[Any]:
    """Up to a second of something nobody would write, up to 24 dB over full scale."""
    random = np.random.default_rng(seed)
    count = int(random.integers(BLOCK, RATE))
    time = np.arange(count) / RATE
    most = 10.0 ** (random.uniform(-50.0, limits.SURVIVED_GAIN_DB) / 20.0)
    where = random.integers(0, count, 40)
    made: list[Callable[[], NDArray[Any]]] = [
        lambda: np.full(count, random.uniform(-1.0, 1.0)),
        lambda: np.sign(np.sin(2.0 * np.pi * random.uniform(20.0, 15_000.0) * time)),
        lambda: np.bincount(where, minlength=count)[:count].astype(float),
        lambda: random.standard_normal(count) * (np.arange(count) // random.integers(50, 6000) % 2),
        lambda: random.standard_normal(count) * np.interp(time, np.linspace(0.0, 1.0, 30), random.random(30)),
        lambda: np.sin(2.0 * np.pi * random.uniform(20.0, 15_000.0) * time),
        lambda: random.choice([np.nan, np.inf, -np.inf, 1.0, 0.0], count),
    ]
    with np.errstate(invalid="ignore"):
        sound = most * made[seed % len(made)]()
    return np.repeat(sound[:, None], CHANNELS, axis=1)


def fuzz(first: int, count: int) -> list[str]:
    """What is wrong with each of so many cases from a seed on, over one bed: those that keep all limits are ""."""
    sounds = [fuzzed(seed) for seed in range(first, first + count)]
    begins = np.cumsum([_SETTLED, *(len(sound) / RATE + _GAP for sound in sounds)])
    asked = [
        At(float(at), partial(_strike, i + 1, sound)) for i, (at, sound) in enumerate(zip(begins, sounds, strict=False))
    ]
    bed_alone = At(0.0, lambda graph: graph.play(0, Array(_noise()), Bus.BED))
    without, with_all = (render(what, float(begins[-1])) for what in ([bed_alone], [bed_alone, *asked]))
    before, after = Judge(), Judge()
    before.take(without)
    after.take(with_all)
    over = after.momentary() - before.momentary()
    told = []
    for at, until in pairwise(begins):
        part = slice(frames(at), frames(until))
        blocks_of = slice(part.start // BLOCK, part.stop // BLOCK)
        told.append(_fault(with_all[part], (with_all - without)[part], over[blocks_of]))
    return told


def _strike(voice: int, sound: NDArray[Any], graph: Graph) -> None:
    padded = np.concatenate([sound, np.zeros((-len(sound) % BLOCK, CHANNELS))])
    graph.play(voice, Array(padded), Bus.USER)


def _fault(mix: Samples, added: Samples, over: Floats) -> str:
    """One case: the mix, what the user's sound added to it, and how much louder than the bed it was, block by block."""
    if not np.isfinite(mix).all():
        return "no numbers"
    judge = Judge()
    judge.take(mix[: len(mix) // BLOCK * BLOCK])
    if (peak := judge.reading().peak) > limits.TRUE_PEAK_DBTP:
        return f"{peak:.1f} dBTP"
    if over.max() > limits.STRIKE_OVER_BED_LU:
        return f"{over.max():.1f} LU over the bed"
    envelope = np.abs(added).max(axis=1)[: len(added) // STEP * STEP].reshape(-1, STEP).max(axis=1)
    # What follows within 30 ms belongs to what was there: grains of one sound are neither attacks nor strikes.
    envelope = np.lib.stride_tricks.sliding_window_view(np.pad(envelope, (_HOLD - 1, 0)), _HOLD).max(axis=1)
    if (attack := _attack(envelope)) < limits.STRIKE_ATTACK_SECONDS - 2.0 * STEP / RATE:  # read in steps
        return f"an attack of {1000.0 * attack:.1f} ms"
    if (count := strikes(envelope)) > limits.STRIKES_PER_SECOND:
        return f"{count} strikes in a second"
    return ""


def _attack(envelope: Floats) -> float:
    """The shortest way from a tenth of the highest envelope to nine tenths; a second where nothing is heard."""
    top = float(envelope.max())
    if top < 1e-3:
        return 1.0
    low, high = np.flatnonzero(envelope <= 0.1 * top), np.flatnonzero(envelope >= 0.9 * top)
    ways = [at - low[np.searchsorted(low, at) - 1] for at in high if len(low) and low[0] < at]
    return min(ways) * STEP / RATE if ways else 1.0


def strikes(envelope: Floats) -> int:
    """How often in any second the envelope of 10 ms doubles within 30 ms, to what is within 12 dB of the highest."""
    tens = envelope[: len(envelope) // 8 * 8].reshape(-1, 8).max(axis=1)
    heard = np.maximum(tens, max(float(tens.max()) / 4.0, 1e-3))
    rises = heard[3:] > 2.0 * heard[:-3]
    onsets = np.flatnonzero(rises[1:] & ~rises[:-1])
    second = round(RATE / (8 * STEP))
    return max((int(((onsets >= at) & (onsets < at + second)).sum()) for at in onsets), default=0)


# All of it


def main(arguments: Sequence[str]) -> int:
    """Exit status: 0, 1 when a limit is not kept, 2 on misuse."""
    parser = argparse.ArgumentParser(prog="sound_hours", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0, help="of each bed, and of a script at most (60)")
    parser.add_argument("--fuzz", type=int, default=1000, metavar="N", help="cases (1000)")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes at a time (1)")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="parts of it")
    parser.add_argument("--cue", nargs="+", metavar="NAME", help="these beds only")
    chosen = parser.parse_args(arguments)
    beds = [name for name, cue in working().items() if cue.kind is Kind.BED]
    if unknown := set(chosen.cue or ()) - set(beds):
        parser.error(f"no bed {', '.join(sorted(unknown))}; there are {', '.join(beds)}")
    kept = True
    print(HEAD)
    with ProcessPoolExecutor(chosen.jobs) as pool:
        for line, good in _all(pool, chosen, chosen.cue or beds):
            print(line, flush=True)
            kept = kept and good
    return 0 if kept else 1


PARTS: Final = ("beds", "plan", "duck", "fuzz")


def _all(pool: ProcessPoolExecutor, chosen: argparse.Namespace, beds: Sequence[str]) -> Iterator[tuple[str, bool]]:
    if "fuzz" in chosen.only:
        firsts = range(0, chosen.fuzz, _BATCH)
        counts = [min(_BATCH, chosen.fuzz - first) for first in firsts]
        told = [fault for batch in pool.map(fuzz, firsts, counts) for fault in batch]
        wrong = [f"seed {seed}: {fault}" for seed, fault in enumerate(told) if fault]
        yield f"{len(told)} fuzzed sounds, {len(wrong)} not within limits {'; '.join(wrong[:5])}", not wrong
    if "duck" in chosen.only:
        yield from pool.map(duck, beds)
    if "plan" in chosen.only:
        yield from plan(chosen.minutes)
    if "beds" in chosen.only:
        yield from pool.map(partial(bed, minutes=chosen.minutes), beds)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
