"""One mirror for all who watch: what several surfaces ask for, put together."""

from __future__ import annotations

import msgspec

from vr_app.commands import Watch


class Watching:
    """Each surface's last wish; the camera is that of the latest one that wants pictures at all."""

    def __init__(self) -> None:
        self._wishes: dict[str, Watch] = {}  # the latest last

    def ask(self, surface: str, wish: Watch) -> Watch:
        """What the render process is to be told now."""
        self._wishes.pop(surface, None)
        if wish.hz > 0.0:
            self._wishes[surface] = wish
        return self.merged()

    def forget(self, surface: str) -> Watch | None:
        """It is gone: what is to be told, None if it had asked for nothing."""
        return self.merged() if self._wishes.pop(surface, None) is not None else None

    def merged(self) -> Watch:
        wishes = [*self._wishes.values()]
        if not wishes:
            return Watch()
        return msgspec.structs.replace(wishes[-1], hz=max(wish.hz for wish in wishes))
