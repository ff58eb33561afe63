"""How far a long piece of work is: one line that is redrawn on a terminal, plain lines elsewhere."""

from __future__ import annotations

import shutil
import time
from typing import Final, TextIO

WIDTH: Final = 24  # characters of the bar
_REDRAW_SECONDS: Final = 0.1


class Progress:
    """A bar for `out`. Where that is no terminal only what is told is seen."""

    def __init__(self, out: TextIO, title: str) -> None:
        self._out = out
        self._title = title
        self._live = out.isatty()
        self._shown = ""
        self._share = 0.0
        self._drawn = -_REDRAW_SECONDS

    def show(self, share: float, words: str = "") -> None:
        """`share` in 0..1 is done, and never less than was shown before; `words`: what is being done."""
        self._share = max(self._share, min(share, 1.0))
        now = time.monotonic()
        if not self._live or now - self._drawn < _REDRAW_SECONDS:
            return
        self._drawn = now
        self._draw(bar(self._title, self._share, words, shutil.get_terminal_size().columns))

    def tell(self, line: str) -> None:
        """A line that stays; on a terminal the bar goes on below it."""
        shown = self._shown
        self._draw("")
        print(line, file=self._out, flush=True)
        self._draw(shown)

    def end(self) -> None:
        """Take the bar away."""
        self._draw("")

    def _draw(self, line: str) -> None:
        if self._live and line != self._shown:
            self._out.write("\r" + line.ljust(len(self._shown)) + ("" if line else "\r"))
            self._out.flush()
            self._shown = line


def bar(title: str, share: float, words: str, columns: int) -> str:
    """The line, shorter than a terminal of so many columns, which would break it."""
    full = round(WIDTH * share)
    return f"{title} [{'#' * full}{'.' * (WIDTH - full)}] {share:4.0%} {words}".rstrip()[: max(columns - 1, 0)]
