"""What a recording holds: holes, clicks, when a sound begins and dies, and when that was on the host's clock."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, Self

import numpy as np
import soundfile
from numpy.typing import NDArray

HOLE: Final = 32  # frames of nothing that no sound of ours holds: an underflow leaves more
_QUIET_DB: Final = -60.0
_NOTHING: Final = 1e-8  # -160 dB of full scale: a graph at rest may hold so much of its own arithmetic

Samples = NDArray[np.float32]


class Run(NamedTuple):
    """Frames from `first` until before `end`."""

    first: int
    end: int


@dataclass(frozen=True)
class Recording:
    """[n, 2] samples; `times` has a row (frame, seconds of time.monotonic()) for each cycle of the server, or none."""

    samples: Samples
    rate: int
    times: NDArray[np.float64]

    @classmethod
    def read(cls, path: Path, rate: int) -> Self:
        """What `path`.f32 and `path`.times hold by now."""
        known = path.with_suffix(".times")
        times = np.fromfile(known, np.float64) if known.exists() else np.zeros(0)
        sound = np.fromfile(path.with_suffix(".f32"), np.float32)
        return cls(sound[: len(sound) // 2 * 2].reshape(-1, 2), rate, times[: len(times) // 2 * 2].reshape(-1, 2))

    def save(self, path: Path) -> None:
        """As a WAV file, for ears."""
        soundfile.write(path, self.samples, self.rate, subtype="FLOAT")

    def moment(self, frame: float) -> float:
        """When the cycle of this frame came by, on time.monotonic(). Raises ValueError for a recording without times.

        A cycle's first frame is due then; a sound card lets it be heard one to three periods later.
        """
        if not len(self.times):
            raise ValueError("this recording does not know when it was made")
        row = max(int(np.searchsorted(self.times[:, 0], frame, side="right")) - 1, 0)
        began, seconds = self.times[row]
        return float(seconds + (frame - began) / self.rate)

    def frame(self, moment: float) -> int:
        """The first frame whose cycle came by at or after `moment`; the length of the recording when none did."""
        later = self.times[self.times[:, 1] >= moment]
        return int(later[0, 0]) if len(later) else len(self.samples)

    def pauses(self, over: float = 0.05) -> list[tuple[float, float]]:
        """When the server stood still or was gone for more than `over` seconds: (from, to) on time.monotonic()."""
        lengths = np.diff(self.times[:, 0]) / self.rate
        gaps = np.diff(self.times[:, 1]) - lengths
        return [
            (float(self.times[at, 1] + lengths[at]), float(self.times[at + 1, 1])) for at in np.flatnonzero(gaps > over)
        ]


def sounding(samples: Samples) -> Run:
    """From the first frame that holds a sound until after the last; Run(0, 0) when none does."""
    loud = np.flatnonzero((np.abs(samples) > _NOTHING).any(axis=1))
    return Run(int(loud[0]), int(loud[-1]) + 1) if len(loud) else Run(0, 0)


def holes(samples: Samples, frames: int = HOLE) -> list[Run]:
    """Where at least `frames` frames are exactly zero in both channels, between the first sound and the last."""
    within = sounding(samples)
    silent = np.concatenate([[False], ~samples[within.first : within.end].any(axis=1), [False]])
    edges = np.flatnonzero(np.diff(silent.astype(np.int8))).reshape(-1, 2) + within.first
    return [Run(int(first), int(end)) for first, end in edges if end - first >= frames]


def clicks(samples: Samples, times: float = 4.0, floor_db: float = -60.0, reach: int = 64) -> list[int]:
    """Frames at which a channel bends `times` as sharply as it does anywhere within `reach` frames around.

    Of neighbours within `reach` the sharpest is told. Bends below `floor_db` of full scale are nobody's click.
    """
    found: set[int] = set()
    for channel in samples.T.astype(np.float64):
        bends = np.abs(np.diff(channel, 3, prepend=[0.0, 0.0, 0.0]))
        around = _highest_around(bends, reach, 4)
        sharp = np.flatnonzero((bends > times * around) & (bends > 10.0 ** (floor_db / 20.0)))
        for group in np.split(sharp, np.flatnonzero(np.diff(sharp) > reach) + 1):
            if len(group):
                found.add(int(group[np.argmax(bends[group])]))
    return sorted(found)


def _highest_around(values: NDArray[np.float64], reach: int, near: int) -> NDArray[np.float64]:
    """For each value the highest of those `near` to `reach` places before or after it."""
    padded = np.pad(values, reach)
    windows = np.lib.stride_tricks.sliding_window_view(padded, reach - near + 1)
    highest = windows.max(axis=1)
    count = len(values)
    before, after = highest[:count], highest[reach + near : reach + near + count]
    return np.asarray(np.maximum(before, after))


def onset(samples: Samples, after: int = 0, above_db: float = -60.0) -> int | None:
    """The first frame from `after` on that is louder than `above_db` of full scale in either channel; None: none."""
    loud = np.flatnonzero((np.abs(samples[after:]) > 10.0 ** (above_db / 20.0)).any(axis=1))
    return after + int(loud[0]) if len(loud) else None


def tone_onset(samples: Samples, hertz: float, rate: int, after: int = 0, rise_db: float = 12.0) -> int | None:
    """Where a tone comes up among other sounds: its level in 10 ms rises by `rise_db` over the 0.2 s before.

    Good to 5 ms; for a strike out of silence `onset` is exact.
    """
    window, hop = rate // 100, rate // 1000
    level = tone_levels(samples[after:], hertz, rate, window, hop)
    past = rate // 5 // hop
    for at in range(past + window // hop, len(level)):
        before = float(np.max(level[at - past - window // hop : at - window // hop]))
        if level[at] > _QUIET_DB and level[at] > before + rise_db:
            return after + at * hop + window // 2
    return None


def tone_levels(samples: Samples, hertz: float, rate: int, window: int, hop: int) -> NDArray[np.float64]:
    """The tone's level in dB of a full sine, the louder channel, in a Hann window from each `hop`th frame on."""
    shape = np.hanning(window) * np.exp(-2j * np.pi * hertz / rate * np.arange(window))
    starts = range(0, max(len(samples) - window + 1, 0), hop)
    sums = np.array([np.abs(shape @ samples[start : start + window]).max() for start in starts])
    return np.asarray(20.0 * np.log10(np.maximum(sums * 2.0 / np.hanning(window).sum(), 1e-12)))


def silent_after(samples: Samples, rate: int, after: int, down_db: float = -60.0) -> float | None:
    """Seconds from frame `after` until all that follows stays `down_db` under the 50 ms before it; None: never."""
    before = samples[max(after - rate // 20, 0) : after]
    limit = float(np.abs(before).max(initial=0.0)) * 10.0 ** (down_db / 20.0)
    loud = np.flatnonzero((np.abs(samples[after:]) > limit).any(axis=1))
    last = int(loud[-1]) + 1 if len(loud) else 0
    return None if after + last >= len(samples) else last / rate
