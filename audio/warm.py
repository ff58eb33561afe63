"""Compiles the sound's kernels into numba's cache: `python -m audio.warm`, started by `vr_app.sound.warming`."""

from __future__ import annotations

from audio import cue_list, graph
from vr_app.station.parent import die_with_parent

if __name__ == "__main__":
    die_with_parent()
    graph.warm()
    cue_list.warm()
