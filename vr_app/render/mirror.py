"""Pictures of what the patient sees, or of a camera beside them, on their way to those who watch."""

from __future__ import annotations

from vr_app.commands import Watch
from vr_app.render.renderer import Renderer


class Mirror:
    """Does nothing at all until somebody watches."""

    def watch(self, command: Watch) -> str | None:
        """Heed who watches what; answers why not."""
        return None

    def after_replay(self, renderer: Renderer, time: float) -> None:
        """A frame has just been drawn, at session second `time`."""
