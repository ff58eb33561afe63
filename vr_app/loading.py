"""Builds a plan's scenes before the first frame; what is heavy travels to the GPU while the calm room shows."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vr_app.api import Kit, Scene
from vr_app.catalogue import Entry
from vr_app.plan import HOME, RETURN, Plan

if TYPE_CHECKING:  # OpenGL may be imported only after the context is open
    from vr_app.render.uploads import Uploads

log = logging.getLogger(__name__)

RESIDENT = (HOME, RETURN, "arrive")  # whole before the first frame


@dataclass(slots=True)
class Loading:
    """The scenes of a plan; `failures` says why one could not be built."""

    uploads: Uploads
    scenes: dict[str, Scene] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    _needs: dict[str, int] = field(default_factory=dict)  # uploads that must have been done before it can be seen
    _told: bool = False

    def ready(self, name: str) -> bool:
        """Whether all of a scene is on the GPU; of one that will never be, there is nothing to wait for."""
        return self.uploads.done >= self._needs.get(name, 0)

    def build(self, name: str, entry: Entry, kit: Kit) -> None:
        if entry.scene is None:
            self.failures[name] = entry.broken
            return
        try:
            scene = entry.scene()
            scene.build(kit)
        except Exception as error:  # a scene may raise anything; the others go on
            log.debug("scene '%s' cannot be built", name, exc_info=True)
            self.failures[name] = str(error)
            return
        self.scenes[name] = scene
        self._needs[name] = self.uploads.asked

    def after_frame(self) -> str:
        """Send a slice. What it came to, once, when all is sent."""
        uploads = self.uploads
        uploads.slice()
        if self._told or not uploads.idle:
            return ""
        self._told = True
        if not uploads.slices:
            return ""
        return (
            f"scenes loaded: {uploads.bytes / 1e6:.0f} MB in {uploads.slices} frames, "
            f"the longest share {uploads.longest_ns / 1e6:.2f} ms"
        )


def load_scenes(
    plan: Plan,
    entries: Mapping[str, Entry],
    kit: Kit,
    uploads: Uploads,
    *,
    first: int = 0,
    lives: Callable[[], object] = lambda: None,
) -> Loading:
    """Build the calm room and every scene of the plan, those from cue `first` on before those that were, anchors' last.

    Only arrays wait: their checks, programs and GPU memory are done with when this returns. `lives` is called after
    each scene.
    """
    loading = Loading(uploads)
    wanted = plan.scenes(first)
    names = list(dict.fromkeys([HOME, *(name for name in wanted if name in RESIDENT), *wanted]))
    for name in names:
        with nullcontext() if name in RESIDENT else uploads.deferred():
            loading.build(name, entries[name], kit)
        lives()
    return loading
