"""What every surface must show: of several things that are wrong at once, the gravest."""

from __future__ import annotations

from enum import IntEnum

from vr_app.station.page import Page


class About(IntEnum):
    """The gravest first."""

    PICTURE = 0
    PLAN = 1
    CONTROL = 2
    TABLET = 3


class Notices:
    """Writes on the page only when the words change."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._words: dict[About, str] = {}
        self._posted = ""

    def post(self, about: About, words: str) -> None:
        """ "": that is well again."""
        self._words[about] = words
        gravest = next((self._words[each] for each in About if self._words.get(each)), "")
        if gravest != self._posted:
            self._posted = gravest
            self._page.post_notice(gravest)
