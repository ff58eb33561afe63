"""Films what plans add to their scenes: every way from place to place, with words; and judges each picture.

python -m headless_harness.plan_pictures [PLAN ...] [--jobs N]

In virtual time, 30 pictures a second for a head that is held still, from some seconds before a change until after it:
flashes and brightness, held against the limits as `harborlight check-content` holds a scene's, in pictures of the same
detail and size. Drift is not judged: where one place dissolves into another there is none, though light moves.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, NamedTuple
from unittest.mock import patch

import numpy as np

from headless_harness.analyser import Figures
from headless_harness.comfort import BrightnessWatch
from headless_harness.finding import Finding
from headless_harness.flash import FlashWatch, picture
from headless_harness.sight import sight
from headless_harness.ways import Steered
from vr_app import app, limits
from vr_app.api import Pose
from vr_app.baking import bake_in_worker
from vr_app.options import Options
from vr_app.plan import plan_names
from vr_app.scripted.headset import Photograph, ScriptedHeadset, eye_views, open_scripted

HZ: Final = limits.FLASH_TEST_HZ
BEFORE, AFTER = 3.0, 8.0  # seconds about a change that are filmed


class Filmed(NamedTuple):
    """What was seen of one plan."""

    plan: str
    seconds: float
    figures: Figures
    findings: list[Finding]
    faults: list[str]


class _Watched(list[Photograph]):
    """Where a scripted headset puts its photographs: none is kept, the left eye's is judged."""

    def __init__(self) -> None:
        super().__init__()
        self.findings: list[Finding] = []
        self.figures = Figures()
        self.seconds = 0.0  # that were filmed
        self._time = 0.0  # of the last one
        self._begin()

    def append(self, photograph: Photograph) -> None:
        if photograph.time - self._time > 2.0 / HZ:
            self.cut()
        self._time = photograph.time
        self.seconds += 1.0 / HZ
        now = picture(photograph.time, photograph.left)
        self._flash.see(now)
        self._brightness.see(now)

    def cut(self) -> None:
        """What comes next has nothing to do with what was before."""
        flash, brightness = self._flash, self._brightness
        self.findings += [*flash.findings, *brightness.findings]
        self.figures = self.figures.worse(Figures(flash.most, brightness.brightest, brightness.steepest))
        self._begin()

    def _begin(self) -> None:
        view = sight(limits.FLASH_TEST_PIXELS, eye_views(Pose(), limits.FLASH_TEST_PIXELS)[0].fov)
        self._flash, self._brightness = FlashWatch(view, HZ), BrightnessWatch(view, HZ)


def film(plan: str) -> Filmed:
    """In this process; raises what vr_app.app.play raises."""
    changes = [time for time, _ in _played(plan, _Watched(), [0.0]).scenes]
    spans = [(max(at - BEFORE, 0.0), at + AFTER) for at in changes]
    times = sorted({round(each * HZ) for low, high in spans for each in np.arange(low, high, 1.0 / HZ)})
    watched = _Watched()
    link = _played(plan, watched, [time / HZ for time in times])
    watched.cut()
    return Filmed(Path(plan).stem, watched.seconds, watched.figures, watched.findings, link.faults)


def _played(plan: str, watched: _Watched, times: Sequence[float]) -> Steered:
    """Photographed at these session times."""
    link = Steered(place=False)

    def opened(ledger: Any, **options: Any) -> Any:
        return _watching(open_scripted(ledger, **{**options, "photograph_at": times}), watched)

    options = Options(headset="headless", plan=plan, virtual=True, eye_size=limits.FLASH_TEST_PIXELS, hz=90.0)
    with patch.object(app, "open_scripted", opened):
        app.play(options, link)
    return link


@contextmanager
def _watching(opening: AbstractContextManager[ScriptedHeadset], watched: _Watched) -> Iterator[ScriptedHeadset]:
    """A headset with another place for its photographs."""
    with opening as headset:
        headset.photographs = watched
        yield headset


def main(arguments: Sequence[str]) -> int:
    """Exit status: 1 when a limit is broken or a scene fails."""
    parser = argparse.ArgumentParser(prog="plan_pictures", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("plans", nargs="*", metavar="PLAN", help="all of them by default")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes at a time (1)")
    chosen = parser.parse_args(arguments)
    bake_in_worker()
    good = True
    with ProcessPoolExecutor(chosen.jobs, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        for filmed in pool.map(film, chosen.plans or plan_names()):
            wrong = [*map(str, filmed.findings), *filmed.faults]
            told = {name: round(value, 4) for name, value in filmed.figures._asdict().items() if value is not None}
            print(f"{filmed.plan:16} {filmed.seconds:5.0f} s filmed {told} {'; '.join(wrong) or 'kept'}", flush=True)
            good = good and not wrong
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
