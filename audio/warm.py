"""Compiles the sound's kernels into numba's cache, or loads them from it: `python -m audio.warm`, or in the engine."""

from __future__ import annotations

import os
import sys

from audio import capture, cue_list, graph, playout, recording, talkover, voice


def warm() -> None:
    """Before a session, never in it."""
    for part in (graph, cue_list, playout, capture, voice, talkover, recording):
        part.warm()


if __name__ == "__main__":
    if sys.platform != "win32":
        os.nice(10)  # a picture may be shown beside it
    warm()
