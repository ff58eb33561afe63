"""Reads every script aloud once, by a synthesiser, and tells how long its words really take.

`python -m headless_harness.read_aloud [--language CODE] [--script NAME]`: a row a script, with words a minute within
lines (slowest, middle, fastest) and over all, when the exit has been named, the shortest pause that is left, and then
each line that leaves less than a pause, and each cue of a plan that ends before its words. Exit status 1 for any.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from statistics import median
from typing import Final, NamedTuple

from audio.placeholder import ESPEAK, Audience, PlaceholderError, Voice, rehearse
from vr_app.catalogue import find_scenes
from vr_app.director import CAPTION_DELAY_SECONDS
from vr_app.lint_words import EXIT_SECONDS, NAMES, names_exit, overall_rate
from vr_app.plan import load_plan, plan_names
from vr_app.script import FRAMES_A_SECOND, SHORTEST_PAUSE, Line, Script, load_script, script_names

Lengths = Mapping[str, int]  # of lines, in frames
HEAD: Final = (
    f"{'script':16} {'lines':>5} {'words':>5} {'slow':>5} {'mid':>5} {'fast':>5} {'all':>5} {'exit':>5} {'left':>5}"
)


class Reading(NamedTuple):
    """A script as it was read."""

    script: Script  # as written
    lengths: Lengths  # of all that may be said in it

    def row(self) -> str:
        """Words a minute, and seconds."""
        spoken = self.script.spoken(self.lengths)
        rates = [60.0 * len(line.words.split()) / self._seconds(line) for line in self.script.lines()]
        words = sum(len(moment.line.words.split()) for moment in spoken.moments)
        exits = [moment.ends for moment in spoken.moments if names_exit(moment.line.words, spoken.language)]
        return (
            f"{spoken.name:16} {len(rates):5} {words:5} {min(rates):5.0f} {median(rates):5.0f} {max(rates):5.0f}"
            f" {overall_rate(spoken):5.0f} {exits[0] / FRAMES_A_SECOND if exits else float('nan'):5.1f}"
            f" {min(left for _, left in self._left()):5.1f}"
        )

    def wrong(self) -> Iterator[str]:
        """What does not fit, a sentence each."""
        for line, left in self._left():
            if left < SHORTEST_PAUSE:
                yield f"{self.script.name}: {line.id} leaves {left:.1f} s of its pause, less than {SHORTEST_PAUSE:g}"
        spoken = self.script.spoken(self.lengths)
        exits = [
            moment.ends / FRAMES_A_SECOND for moment in spoken.moments if names_exit(moment.line.words, spoken.language)
        ]
        if exits and exits[0] > EXIT_SECONDS:
            yield f"{self.script.name}: the exit has been named after {exits[0]:.1f} s, later than {EXIT_SECONDS:g}"

    def _seconds(self, line: Line) -> float:
        return self.lengths[line.id] / FRAMES_A_SECOND

    def _left(self) -> Iterator[tuple[Line, float]]:
        """Of each line's place, once it or other words have been read; what goes before a silence has that."""
        for moment in self.script.moments:
            room = (moment.after - moment.begins) / FRAMES_A_SECOND
            for line in moment.line.every():
                if line is not moment.line.quiet:
                    yield line, room - self._seconds(line)


def read(script: Script, voice: Voice) -> Reading:
    """Raises PlaceholderError."""
    recordings = rehearse(script, voice, audience=Audience.TEST)
    return Reading(script, {line: recording.frames for line, recording in recordings.items()})


def cut_short(lengths: Mapping[str, Lengths]) -> Iterator[str]:
    """Cues that are over before the last of their words, a sentence each; scripts in English."""
    scenes = find_scenes()
    for name in plan_names():
        plan = load_plan(name, scenes, names=NAMES)
        for step in () if plan.demonstration else plan.spoken(lengths).steps:
            last = step.script.captions[-1].ends + CAPTION_DELAY_SECONDS if step.script else 0.0
            if last > step.seconds:
                yield f"plan {name}: '{step.title}' ends {last - step.seconds:.1f} s before its words"


def main() -> int:
    """See the module."""
    parser = argparse.ArgumentParser(prog="python -m headless_harness.read_aloud")
    parser.add_argument("--language", default="en", metavar="CODE")
    parser.add_argument("--script", metavar="NAME", help="only this one")
    asked = parser.parse_args()
    voice = ESPEAK._replace(arguments=("-v", asked.language, *ESPEAK.arguments[2:]))
    names = [asked.script] if asked.script else script_names(asked.language)
    readings = []
    print(HEAD)
    try:
        for name in names:
            readings.append(read(load_script(name, asked.language, names=NAMES), voice))
            print(readings[-1].row(), flush=True)
    except PlaceholderError as error:
        print(error, file=sys.stderr)
        return 1
    wrong = [told for reading in readings for told in reading.wrong()]
    if asked.language == "en":
        wrong += cut_short({reading.script.name: reading.lengths for reading in readings})
    print(*wrong or ["every line fits"], sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
