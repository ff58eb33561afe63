"""A picture of a run's frame times: every frame a dot, their spread beside it, the stages below."""

from __future__ import annotations

from typing import IO, Any, Final

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vr_app.timing.control import Control
from vr_app.timing.ledger import ENDED, GAP, PERIOD, START, THREAD_CPU, WAITED, Rows
from vr_app.timing.summary import cpu_times, excused, missed_refreshes, stage_times, summarise

Numbers = npt.NDArray[np.float64]

_NIGHT: Final = "#0B0F1A"
_PAPER: Final = "#F7F1E8"
_DIM: Final = "#8A90A2"
_GRID: Final = "#232A3B"
_LANTERN: Final = "#F0B35E"
_SEA: Final = "#6FB7C4"
_MISS: Final = "#FF6B57"
_MACHINE: Final = "#B79CED"
_STYLE: Final[dict[Any, Any]] = {
    "figure.facecolor": _NIGHT,
    "axes.facecolor": _NIGHT,
    "axes.edgecolor": _GRID,
    "axes.labelcolor": _DIM,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": _PAPER,
    "xtick.color": _DIM,
    "ytick.color": _DIM,
    "grid.color": _GRID,
    "font.size": 10.0,
}


def draw(file: IO[bytes], rows: Rows, control: Control | None, title: str) -> None:
    """Write a PNG of 1,600 x 1,000 pixels to `file`. A ledger without frames gives a picture that says so."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(16, 10), dpi=100)
        figure.text(0.05, 0.952, title, fontsize=17, fontweight="bold")
        if len(rows) < 2:
            figure.text(0.5, 0.5, "no frames were made", ha="center", color=_DIM, fontsize=14)
        else:
            figure.text(0.05, 0.922, _headline(rows, control), fontsize=11.5, color=_DIM)
            _fill(figure, rows, control)
        figure.savefig(file, format="png")


def _headline(rows: Rows, control: Control | None) -> str:
    summary = summarise(rows, control)
    seconds = (int(rows[-1, ENDED]) - int(rows[0, START])) / 1e9
    late = f"{summary.raw.missed} refreshes missed, {summary.raw.on_time_percent:.2f} % on time"
    parts = [f"{summary.frames:,} frames in {seconds:,.1f} s", late]
    if summary.beyond_control is not None:
        parts.append(f"{summary.beyond_control.missed} beyond the machine's own stalls")
    parts.append(f"{summary.collections} automatic collections in frames")
    return "   ·   ".join(parts)


def _fill(figure: Figure, rows: Rows, control: Control | None) -> None:
    grid = figure.add_gridspec(
        3, 2, width_ratios=(5, 1), height_ratios=(5, 3.4, 2.4), left=0.05, right=0.975, top=0.85, bottom=0.05,
        wspace=0.03, hspace=0.3,
    )  # fmt: skip
    seconds = (rows[:, START] - rows[0, START]) / 1e9
    work = (rows[:, ENDED] - rows[:, WAITED]) / 1e6
    period = float(np.median(rows[:, PERIOD])) / 1e6
    whole = (rows[:, ENDED] > 0) & (rows[:, WAITED] > 0)

    frames = figure.add_subplot(grid[0, 0])
    frames.set_title("From waking to handing in, ms, over the seconds of the run", loc="left", fontsize=12, pad=14)
    _dots(frames, seconds[whole], work[whole], _LANTERN)
    top = max(period * 1.15, float(np.percentile(work[whole], 99.9)) * 1.15) if whole.any() else period
    frames.set_ylim(0, top)
    frames.axhline(period, color=_SEA, linewidth=1, linestyle=(0, (6, 4)))
    frames.annotate(
        f"one refresh, {period:.2f}", (1, period), xycoords=("axes fraction", "data"), xytext=(-4, 4),
        textcoords="offset points", ha="right", color=_SEA, fontsize=9,
    )  # fmt: skip
    _above(frames, seconds[whole], work[whole], _LANTERN)
    _misses(frames, rows, seconds, control)
    _spread(figure.add_subplot(grid[0, 1], sharey=frames), work[whole], _LANTERN)

    used = cpu_times(rows, THREAD_CPU) / 1e6
    processor = figure.add_subplot(grid[1, 0], sharex=frames)
    processor.set_title("Processor time of the render thread, ms", loc="left", fontsize=12)
    counted = seconds[1:][rows[1:, GAP] == 0]
    _dots(processor, counted, used, _SEA)
    processor.set_ylim(0, max(0.5, float(np.percentile(used, 99.9)) * 1.3) if len(used) else 1)
    _above(processor, counted, used, _SEA)
    _spread(figure.add_subplot(grid[1, 1], sharey=processor), used, _SEA)

    _stages(figure.add_subplot(grid[2, :]), rows)


def _dots(axes: Axes, seconds: Numbers, milliseconds: Numbers, colour: str) -> None:
    """Every frame a dot; the more there are, the fainter, so that dense parts show their shape."""
    axes.grid(axis="y", linewidth=0.6)
    axes.set_axisbelow(True)
    opacity = float(np.clip(3_000 / max(len(seconds), 1), 0.15, 0.9))
    axes.plot(seconds, milliseconds, ".", markersize=4, color=colour, alpha=opacity, markeredgewidth=0)
    axes.margins(x=0.005)
    axes.tick_params(length=0)


def _above(axes: Axes, seconds: Numbers, milliseconds: Numbers, colour: str) -> None:
    """Frames beyond the axis are drawn on its edge as triangles, so that none is hidden."""
    edge = axes.get_ylim()[1]
    out = milliseconds > edge
    axes.plot(seconds[out], np.full(int(out.sum()), edge * 0.985), "^", markersize=6, color=colour, clip_on=False)


def _misses(axes: Axes, rows: Rows, seconds: Numbers, control: Control | None) -> None:
    missed = missed_refreshes(rows) > 0
    machine = missed & excused(rows, control.stalls) if control is not None else np.zeros(len(rows), np.bool_)
    rug = axes.get_xaxis_transform()
    for which, colour in ((missed & ~machine, _MISS), (machine, _MACHINE)):
        axes.vlines(seconds[which], 1.0, 1.035, transform=rug, color=colour, linewidth=1.8, clip_on=False)
    told = (("missed a refresh", _MISS), ("missed one while the machine stalled", _MACHINE))
    for place, (text, colour) in zip((0.62, 0.985), told, strict=True):
        axes.text(place, 1.055, f"| {text}", transform=axes.transAxes, ha="right", color=colour, fontsize=9)


def _spread(axes: Axes, milliseconds: Numbers, colour: str) -> None:
    """How often each duration occurred, on a logarithmic scale, with the percentiles named."""
    axes.tick_params(labelleft=False, labelbottom=False, length=0)
    axes.spines[["left", "bottom"]].set_visible(False)
    if not len(milliseconds):
        return
    low, high = axes.get_ylim()
    shown_within = np.clip(milliseconds, low, high)
    axes.hist(shown_within, bins=90, range=(low, high), orientation="horizontal", color=colour, log=True)
    axes.margins(x=0.9)
    axes.autoscale(axis="x")
    p50, p99 = (float(value) for value in np.percentile(milliseconds, (50, 99)))
    used = low - 1e9
    for name, value in (("p50", p50), ("p99", p99), ("max", float(milliseconds.max()))):
        shown = min(max(value, used + (high - low) * 0.07), high * 0.985)
        used = shown
        axes.text(
            0.98,
            shown,
            f"{name} {value:.2f}",
            transform=axes.get_yaxis_transform(),
            ha="right",
            va="center",
            fontsize=9.5,
        )


def _stages(axes: Axes, rows: Rows) -> None:
    """What a frame's time goes into: each stage's median as a bar and its 99th percentile as a hair."""
    axes.set_title("Stages, ms: median as a bar, 99th percentile as a hair", loc="left", fontsize=12)
    spent = {name: times / 1e6 for name, times in stage_times(rows).items() if len(times) and name != "wait"}
    names = list(spent)
    medians = [float(np.median(times)) for times in spent.values()]
    tails = [float(np.percentile(times, 99)) for times in spent.values()]
    axes.bar(names, medians, width=0.5, color=_LANTERN)
    axes.vlines(names, medians, tails, color=_PAPER, linewidth=1.4)
    for at, (median, tail) in enumerate(zip(medians, tails, strict=True)):
        axes.annotate(
            f"{median:.3f}  |  {tail:.3f}", (at, max(median, tail)), xytext=(0, 5), textcoords="offset points",
            ha="center", fontsize=9.5, color=_DIM,
        )  # fmt: skip
    axes.margins(y=0.3)
    axes.grid(axis="y", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
