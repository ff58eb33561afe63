"""Draws what cues sound like: `python -m headless_harness.sound_sheet --out FILE.jpg [--cue NAME ...] [--seconds S]`.

A row for each cue: its spectrogram, its loudness over time, and its spectrum. `--graph` plays it through the whole
graph; `--json` also prints the figures of each.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from audio.block import BLOCK, RATE, Samples, frames, loudness, silence
from audio.cue import Cue, Kind
from audio.cue_list import find_cues
from audio.graph import Graph
from audio.loudness import Meter
from headless_harness import sound_judge

SECONDS: Final = {Kind.BED: 40.0, Kind.STRUCK: 8.0, Kind.TONE: 2.0}
SEED: Final = 7
LOWEST, HIGHEST = 40.0, 16_000.0  # Hz
ROWS, COLUMNS = 160, 480  # of a spectrogram
FLOOR_DB: Final = 72.0  # below the loudest
GROUND, INK, LINE = "#26282c", "#c8c3b8", "#e0b070"
ROW_INCHES, WIDTH_INCHES, DPI = 1.5, 9.0, 100


def sound_of(cue: Cue, seconds: float, *, seed: int = SEED, graph: bool = False) -> Samples:
    """A stretch of a cue from its start, alone or through the graph; what has ended is silent."""
    source, player = cue.make(seed), Graph()
    if graph:
        player.play(0, source, cue.bus)
    whole = np.zeros((frames(seconds) // BLOCK, BLOCK, 2), np.float32)
    out = silence()
    for i, block in enumerate(whole):
        if graph:
            player.block(out)
        elif not source.fill(out, i * BLOCK):
            break
        block[:] = out
    return whole.reshape(-1, 2)


def figures(sound: Samples) -> dict[str, float]:
    """What docs/review/sound.md quotes; loudness in LUFS, steepest rise in dB a second."""
    meter, levels = Meter(), momentary(sound)
    meter.take(sound)
    found = sound_judge.repeats(sound)
    settled = levels[round(1.0 / 0.1) :] if len(levels) > 20 else levels
    return {
        "integrated": meter.integrated,
        "momentary_most": float(levels.max()),
        "momentary_least": float(settled.min()),
        "steepest_rise": float(np.diff(np.maximum(settled, -70.0)).max() / 0.1) if len(settled) > 1 else 0.0,
        "peak_db": float(20.0 * np.log10(np.abs(sound).max() + 1e-10)),
        "slope": sound_judge.slope_db(sound),
        "harsh": sound_judge.share_db(sound, *sound_judge.HARSH),
        "ripple": sound_judge.ripple_db(sound),
        "flatness": sound_judge.flatness(sound),
        **found._asdict(),
    }


def momentary(sound: Samples) -> sound_judge.Floats:
    """LUFS of 400 ms, ten times a second."""
    meter, step, found = Meter(), RATE // 10, []
    for first in range(0, len(sound) - step + 1, step):
        meter.take(sound[first : first + step])
        found.append(meter.momentary)
    return np.array(found[3:] or [loudness(0.0)])


def sheet(sounds: Mapping[str, Samples]) -> Figure:
    """A picture with a row for each name."""
    figure = Figure(figsize=(WIDTH_INCHES, ROW_INCHES * len(sounds) + 0.3), facecolor=GROUND, layout="constrained")
    axes = figure.subplots(len(sounds), 3, squeeze=False, width_ratios=(5, 2, 2))
    for row, (name, sound) in zip(axes, sounds.items(), strict=True):
        _spectrogram(row[0], name, sound)
        _loudness(row[1], sound)
        _spectrum(row[2], sound)
        for axis in row:
            _plain(axis)
    return figure


def _spectrogram(axis: Axes, name: str, sound: Samples) -> None:
    mono = sound.mean(axis=1, dtype=float)
    length = 4096 if len(sound) > 4 * RATE else 2048
    starts = np.linspace(0, max(len(mono) - length, 0), COLUMNS).astype(int)
    window = np.hanning(length)
    power = np.stack([np.abs(np.fft.rfft(mono[s : s + length] * window)) ** 2 for s in starts], axis=1)
    edges = np.geomspace(LOWEST, HIGHEST, ROWS + 1) * length / RATE
    rows = [power[int(a) : max(int(b), int(a) + 1)].mean(axis=0) for a, b in pairwise(edges)]
    levels = 10.0 * np.log10(np.array(rows) + 1e-14)
    top = levels.max()
    axis.imshow(levels, origin="lower", aspect="auto", cmap="magma", vmin=top - FLOOR_DB, vmax=top,
                extent=(0.0, len(sound) / RATE, 0.0, float(ROWS)))  # fmt: skip
    ticks = (100, 1000, 10_000)
    places = [ROWS * np.log(t / LOWEST) / np.log(HIGHEST / LOWEST) for t in ticks]
    axis.set_yticks(places, ["100", "1k", "10k"])
    axis.set_title(name, loc="left", fontsize=8, color=INK, pad=2)


def _loudness(axis: Axes, sound: Samples) -> None:
    levels = momentary(sound)
    axis.plot(0.4 + 0.1 * np.arange(len(levels)), levels, color=LINE, linewidth=0.9)
    axis.set_ylim(-56, -20)
    axis.set_title("momentary, LUFS", loc="left", fontsize=7, color=INK, pad=2)


def _spectrum(axis: Axes, sound: Samples) -> None:
    centres, levels = sound_judge.thirds(sound)
    axis.semilogx(centres, levels - levels.max(), color=LINE, linewidth=0.9)
    axis.set_ylim(-80, 3)
    axis.set_title("thirds, dB", loc="left", fontsize=7, color=INK, pad=2)


def _plain(axis: Axes) -> None:
    axis.set_facecolor(GROUND)
    axis.tick_params(colors=INK, labelsize=6, length=2)
    for side in axis.spines.values():
        side.set_visible(False)


def main(arguments: Sequence[str]) -> int:
    """Exit status: 0, 1 when a cue's file is broken, 2 on misuse."""
    parser = argparse.ArgumentParser(prog="sound_sheet", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, metavar="FILE", help=".jpg or .png")
    parser.add_argument("--cue", nargs="+", metavar="NAME", help="all of them when not given")
    parser.add_argument("--seconds", type=float, help="of each; beds have 40, struck ones 8, tones 2")
    parser.add_argument("--graph", action="store_true", help="through the whole graph")
    parser.add_argument("--json", action="store_true", help="print each one's figures")
    chosen = parser.parse_args(arguments)
    entries = find_cues()
    names = chosen.cue or list(entries)
    if unknown := [name for name in names if name not in entries]:
        parser.error(f"no cue {', '.join(unknown)}; there are {', '.join(entries)}")
    for name in names:
        print(entries[name].broken, file=sys.stderr, end="\n" if entries[name].broken else "")
    sounds = {}
    for name in names:
        if cue := entries[name].cue:
            sounds[name] = sound_of(cue, chosen.seconds or SECONDS[cue.kind], graph=chosen.graph)
            if chosen.json:
                print(json.dumps({"cue": name, **_rounded(figures(sounds[name]))}), flush=True)
    if chosen.out and sounds:
        save(sheet(sounds), chosen.out)
        print(f"{len(sounds)} cues: {chosen.out}")
    return 0 if len(sounds) == len(names) else 1


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in values.items()}


def save(figure: Figure, file: Path) -> None:
    """As .jpg or .png."""
    options: dict[str, Any] = {"pil_kwargs": {"quality": 78}} if file.suffix.lower() in {".jpg", ".jpeg"} else {}
    figure.savefig(file, dpi=DPI, facecolor=GROUND, **options)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
