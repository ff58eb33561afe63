"""`harborlight check-content`: films scenes for both eyes and holds them against every limit of the picture.

Each scene is filmed with its own settings, and with --extremes at each end of each setting; by a still head, by one
that turns and nods, and sharply for fine patterns. In virtual time: the same findings on every machine. Only --release
films all of it in full detail.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, field
from functools import reduce
from html import escape
from math import pi, radians, sin
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Literal, NamedTuple

from headless_harness.analyser import Figures, SharpEye, StillEye, TurningEye, Watch, both
from headless_harness.finding import Finding
from headless_harness.readable import WordsWatch, words_of
from headless_harness.sight import Sight, sight
from vr_app import limits
from vr_app.api import Inputs, Pose, Scene
from vr_app.catalogue import SCENES, find_scenes, make_settings, setting_choices, setting_ranges
from vr_app.scripted.headset import eye_views, looking
from vr_app.scripted.script import SEATED_HEAD
from vr_app.studio import Studio, open_studio
from vr_app.timing.report import write_atomically

Look = Literal["still", "turning", "sharp", "words"]
LOOKS: tuple[Look, ...] = ("still", "turning", "sharp", "words")
SHARP_PIXELS, SHARP_HZ = (512, 512), 2.0  # 4 pixels a degree: stripes up to 2 pairs a degree
QUARTERS = (0.0, 90.0, 180.0, 270.0)  # degrees to the left that the turning head looks about, one after another
TURN_DEG, TURN_SECONDS = 20.0, 12.0  # to either side and back; 10 degrees a second at most
NOD_DEG, NOD_SECONDS = 8.0, 7.0
folder = SCENES  # where scenes are sought


@dataclass(frozen=True, slots=True)
class Case:
    """A scene with settings: its own where nothing is given."""

    scene: str
    name: str = "as it is"
    given: dict[str, float | str] = field(default_factory=dict)


class Job(NamedTuple):
    """One film of one case."""

    folder: Path
    case: Case
    look: Look
    seconds: float
    eyes: tuple[Literal["left", "right"], ...] = ("left", "right")
    begin: float = 0.0  # scene seconds at which filming begins
    whole: bool = False  # every picture in full detail


class Seen(NamedTuple):
    """What a film showed, or why there is none."""

    case: Case
    look: Look
    figures: Figures
    findings: list[Finding]
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """All films of one case."""

    case: Case
    seconds: float
    figures: Figures
    findings: tuple[tuple[Look, Finding], ...]
    failed: tuple[str, ...]

    @property
    def kept(self) -> bool:
        return not self.findings and not self.failed


class ContentError(Exception):
    """The films cannot be made; one line."""


class NoScene(Exception):
    """A scene that is not there was asked for; one line."""


def main(options: argparse.Namespace) -> int:
    """The command; 1 when any limit is broken. Raises NoScene, ContentError, and OutputError for an unwritable page."""
    seconds = options.seconds or seconds_for(extremes=options.extremes, release=options.release)
    cases = [case for name in chosen(options.scene) for case in cases_of(name, extremes=options.extremes)]
    begun = time.monotonic()
    verdicts = check(cases, seconds, whole=options.release, told=not options.json)
    lasted = time.monotonic() - begun
    if options.json:
        print(json.dumps([_plain(verdict) for verdict in verdicts], indent=2))
    else:
        print(table(verdicts))
        print(f"{len(cases)} x {seconds:g} s in {lasted:.0f} s; drift is judged as angles, not in metres")
    if options.page:
        write_atomically(options.page, lambda file: file.write(page(verdicts).encode()))
    return 0 if all(verdict.kept for verdict in verdicts) else 1


def seconds_for(*, extremes: bool, release: bool) -> float:
    """How long each film is."""
    if release:
        return limits.FLASH_RELEASE_SECONDS
    return limits.FLASH_EXTREME_SECONDS if extremes else limits.FLASH_TEST_SECONDS


def chosen(name: str) -> list[str]:
    """Ids of the scenes that are meant, broken ones too. Raises NoScene for one that is not there."""
    found = find_scenes(folder)
    if name == "all":
        return list(found)
    if name not in found:
        raise NoScene(f"no scene '{name}'; there are {', '.join(found)}")
    return [name]


def cases_of(name: str, *, extremes: bool) -> list[Case]:
    """A scene as it is; with `extremes` also one setting after another at each end, and all of them at once."""
    scene = find_scenes(folder)[name].scene
    if scene is None or not extremes:
        return [Case(name)]
    ends: dict[str, tuple[float | str, ...]] = {
        key: (allowed.low, allowed.high) for key, allowed in setting_ranges(scene).items()
    }
    ends |= {key: allowed.words for key, allowed in setting_choices(scene).items()}
    usual = scene.Settings()
    cases = [Case(name)]
    cases += [
        Case(name, f"{key} {value}", {key: value})
        for key, values in ends.items()
        for value in values
        if value != getattr(usual, key)
    ]
    if len(ends) > 1:
        cases.append(Case(name, "all low", {key: values[0] for key, values in ends.items()}))
        cases.append(Case(name, "all high", {key: values[-1] for key, values in ends.items()}))
    return cases


def check(
    cases: Sequence[Case],
    seconds: float,
    *,
    looks: Sequence[Look] = LOOKS,
    eyes: tuple[Literal["left", "right"], ...] = ("left", "right"),
    begins: Sequence[float] = (0.0,),
    whole: bool = False,
    told: bool = False,
) -> list[Verdict]:
    """Film and judge, on all cores, for so many seconds from each of `begins`. Raises ContentError.

    `whole`: every picture in full detail. `told` writes what is done to stderr.
    """
    ways = [(look, case, begin) for look in looks for case in cases for begin in begins]
    jobs = [Job(folder, case, look, seconds, eyes, begin, whole) for look, case, begin in ways]
    seen = []
    for done, each in enumerate(_all_seen(jobs), 1):
        seen.append(each)
        if told:
            state = each.failed or f"{len(each.findings)} findings"
            print(f"{done}/{len(jobs)} {each.case.scene}, {each.case.name}, {each.look}: {state}", file=sys.stderr)
    return [_verdict(case, seconds, [each for each in seen if each.case == case]) for case in cases]


def _all_seen(jobs: Sequence[Job]) -> Iterator[Seen]:
    """As they are done. A process for each core: a film is drawn mostly by one."""
    with ProcessPoolExecutor(min(os.cpu_count() or 1, len(jobs)), get_context("spawn")) as pool:
        try:
            for future in as_completed([pool.submit(film, job) for job in jobs]):
                yield future.result()
        except BrokenProcessPool:
            raise ContentError("a film's process has ended; is there memory enough? try one scene by itself") from None


def _verdict(case: Case, seconds: float, seen: Sequence[Seen]) -> Verdict:
    order = sorted(seen, key=lambda each: LOOKS.index(each.look))
    return Verdict(
        case,
        seconds,
        reduce(Figures.worse, (each.figures for each in order), Figures()),
        tuple((each.look, finding) for each in order for finding in each.findings),
        tuple(dict.fromkeys(each.failed for each in order if each.failed)),
    )


# --- one film


def film(job: Job) -> Seen:
    """Film and judge one case in one way; runs in a process of its own."""
    entry = find_scenes(job.folder)[job.case.scene]
    nothing = Seen(job.case, job.look, Figures(), [])
    if entry.scene is None:
        return nothing._replace(failed=f"broken: {entry.broken}")
    try:
        settings = make_settings(entry.scene, dict(job.case.given))
        if job.look == "words":
            return _words(job, entry.scene, settings)
        with open_studio(_WAYS[job.look].pixels, detail=_detail(job)) as studio:
            return _filmed(studio, job, entry.scene, settings)
    except Exception as error:  # noqa: BLE001 - a scene may raise anything; the other films go on
        return nothing._replace(failed=f"{type(error).__name__}: {error}")


def _detail(job: Job) -> int:
    """Of the picture, as Frame.detail.

    The most where patterns are sought and brightness is judged; the least for a small picture 30 times a second: what
    more adds is smaller than its pixels, and takes a processor twice as long.
    """
    return 2 if job.whole or job.look == "sharp" else 0


class _Way(NamedTuple):
    """How a look is filmed."""

    pixels: tuple[int, int]
    hz: float
    shares: bool  # fields are painted as a session does; not where pictures are half a second apart
    watch: Callable[[Sight, float, Callable[[float], Pose]], Watch]
    head: Callable[[float, float], Pose]  # of seconds, and of all of them


def _ahead(now: float, seconds: float) -> Pose:
    return looking(0.0)


def quarter(now: float, seconds: float) -> Pose:
    """What the turning head turns about."""
    return looking(radians(QUARTERS[_turn(now, seconds)[0]]))


def turning(now: float, seconds: float) -> Pose:
    """A head that looks about each quarter for the same time, slowly to either side, up and down."""
    part, since = _turn(now, seconds)
    yaw = QUARTERS[part] + TURN_DEG * sin(2.0 * pi * since / TURN_SECONDS)
    return looking(radians(yaw), radians(NOD_DEG * sin(2.0 * pi * since / NOD_SECONDS)))


def _turn(now: float, seconds: float) -> tuple[int, float]:
    """Which quarter it is, and since when."""
    each = seconds / len(QUARTERS)
    part = max(min(int(now / each), len(QUARTERS) - 1), 0)
    return part, now - part * each


_WAYS: dict[Look, _Way] = {
    "still": _Way(limits.FLASH_TEST_PIXELS, limits.FLASH_TEST_HZ, True, lambda view, hz, _: StillEye(view, hz), _ahead),
    "turning": _Way(limits.FLASH_TEST_PIXELS, limits.FLASH_TEST_HZ, True, TurningEye, turning),
    "sharp": _Way(SHARP_PIXELS, SHARP_HZ, False, lambda view, hz, _: SharpEye(view, hz), _ahead),
}


def _filmed(studio: Studio, job: Job, scene: type[Scene], settings: Any) -> Seen:
    way, seconds = _WAYS[job.look], job.seconds
    view = sight(way.pixels, eye_views(Pose(), way.pixels)[0].fov)
    watches = {eye: way.watch(view, way.hz, lambda now: quarter(now - job.begin, seconds)) for eye in job.eyes}
    eye: Literal["left", "right", "both"] = "both" if len(job.eyes) == 2 else job.eyes[0]
    times = (each / way.hz for each in range(max(round(seconds * way.hz), 1)))
    moments = ((job.begin + since, [way.head(since, seconds)]) for since in times)
    for shot in studio.film(scene, moments, settings, eye=eye, shares=way.shares):
        for eye, watch in watches.items():
            watch.see(shot.time, getattr(shot.photograph, eye), shot.head)
    found = [watch.findings for watch in watches.values()]
    return Seen(
        job.case,
        job.look,
        reduce(Figures.worse, (watch.figures for watch in watches.values())),
        both(*found) if len(found) == 2 else found[0],
    )


def _words(job: Job, scene: type[Scene], settings: Any) -> Seen:
    watch = WordsWatch(SEATED_HEAD.position)
    for now, drawn in words_of(scene, settings, job.begin + job.seconds, Inputs(SEATED_HEAD)):
        watch.see(now, drawn)
    return Seen(job.case, job.look, Figures(capitals=watch.smallest), watch.findings)


# --- what is told

_COLUMNS = ("scene", "settings", "flashes/s", "mean", "slope/s", "drift deg/s", "of view", "pairs", "capitals", "")
_SHOWN = ("{:.1f}", "{:.1%}", "{:.2%}", "{:.1f}", "{:.1%}", "{:.0f}", "{:.2f}")


def table(verdicts: Sequence[Verdict]) -> str:
    """A row a case with the most of each measure, then a line a finding."""
    rows = [_COLUMNS, *(_row(verdict) for verdict in verdicts)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines + [line for verdict in verdicts for line in told(verdict)])


def told(verdict: Verdict) -> list[str]:
    """A line a finding."""
    case = f"{verdict.case.scene}, {verdict.case.name}"
    return [f"{case}: {why}" for why in verdict.failed] + [
        f"{case}, {look} head: {finding}" for look, finding in verdict.findings
    ]


def _row(verdict: Verdict) -> tuple[str, ...]:
    figures = (
        "-" if value is None else shown.format(value) for value, shown in zip(verdict.figures, _SHOWN, strict=True)
    )
    state = "kept" if verdict.kept else "failed" if verdict.failed else f"{len(verdict.findings)} findings"
    return verdict.case.scene, verdict.case.name, *figures, state


def _plain(verdict: Verdict) -> dict[str, Any]:
    return {
        "scene": verdict.case.scene,
        "settings": verdict.case.given,
        "seconds": verdict.seconds,
        "kept": verdict.kept,
        "figures": verdict.figures._asdict(),
        "findings": [{"look": look, **asdict(finding), "words": str(finding)} for look, finding in verdict.findings],
        "failed": verdict.failed,
    }


_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Harborlight: what the pictures do</title>
<style>body{{font:16px/1.5 sans-serif;max-width:70em;margin:2em auto;padding:0 1em;color:#22252b;background:#faf7f2}}
table{{border-collapse:collapse}}td,th{{padding:.25em .8em;text-align:left;border-bottom:1px solid #ddd6ca}}</style>
<h1>What the pictures do</h1><p>{summary}</p><table>{rows}</table>{found}</html>
"""


def page(verdicts: Sequence[Verdict]) -> str:
    """The table and the findings as one HTML file."""
    broken = sum(not verdict.kept for verdict in verdicts)
    summary = f"{broken} of {len(verdicts)} are beyond a limit." if broken else "All limits are kept."
    rows = "".join(
        "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row) + "</tr>"
        for tag, row in [("th", _COLUMNS), *(("td", _row(verdict)) for verdict in verdicts)]
    )
    lines = [line for verdict in verdicts for line in told(verdict)]
    found = "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>" if lines else ""
    return _PAGE.format(summary=summary, rows=rows, found=found)
