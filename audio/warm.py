"""Compiles the sound's kernels into numba's cache: `python -m audio.warm`, started by `vr_app.sound.warming`."""

from __future__ import annotations

from audio import cue_list, graph

if __name__ == "__main__":
    graph.warm()
    cue_list.warm()
