"""What scenes and plans there are, as a worker process tells it, and what a patient's profile leaves out of them."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol

import msgspec

from vr_app.profile import Profile, scene_left_out

log = logging.getLogger(__name__)

WORKER: Final = (sys.executable, "-m", "vr_app.describe")
HOME: Final = "room"  # which is for everybody
PATIENCE_SECONDS: Final = 60.0

LeftOut = Callable[[Profile, Iterable[str]], str | None]
Catalogue = dict[str, Any]  # vr_app.describe.Catalogue, as JSON


class NotDescribed(Exception):
    """The text is the one sentence for people."""


class Describer(Protocol):
    async def catalogue(self) -> Catalogue:
        """Raises NotDescribed."""


class Worker:
    """Asks the worker once, and again after it failed."""

    def __init__(self, command: Iterable[str] = WORKER) -> None:
        self._command = [*command]
        self._asked: asyncio.Task[Catalogue] | None = None

    async def catalogue(self) -> Catalogue:
        if self._asked is None or (self._asked.done() and self._asked.exception() is not None):
            self._asked = asyncio.ensure_future(asyncio.to_thread(self._run))
        return await asyncio.shield(self._asked)

    def _run(self) -> Catalogue:
        try:
            done = subprocess.run(
                self._command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_SECONDS, check=True
            )
            told: Catalogue = msgspec.json.decode(done.stdout, type=dict[str, Any])
        except (OSError, subprocess.SubprocessError, msgspec.MsgspecError) as error:
            log.warning("scenes and plans cannot be listed: %s", error)
            raise NotDescribed("scenes and plans cannot be listed; run `harborlight scenes` to see why") from None
        return told


def fitted(catalogue: Catalogue, profile: Profile | None, left_out: LeftOut) -> Catalogue:
    """The same with the anchors of its scenes, and with `left_out` saying why in all that the profile leaves out."""

    def entries(kind: str, flags: Callable[[Catalogue], list[list[str]]]) -> list[Catalogue]:
        return [_fitted(each, profile, left_out, flags(each)) for each in catalogue.get(kind, ())]

    plans, scenes = entries("plans", _of_cues), entries("scenes", _own)
    return {**catalogue, "plans": plans, "scenes": scenes, "anchors": _anchors(scenes)}


def cues(catalogue: Catalogue | None, plan: str) -> tuple[str, ...]:
    """Titles of a plan's; () while it is not known."""
    found = entry(catalogue, plan) or {}
    return tuple(str(cue.get("title", "")) for cue in found.get("cues", ()))


def entry(catalogue: Catalogue | None, plan: str) -> Catalogue | None:
    """A plan's; None while it is not known."""
    return next((each for each in (catalogue or {}).get("plans", ()) if each.get("name") == plan), None)


def _fitted(entry: Catalogue, profile: Profile | None, left_out: LeftOut, places: list[list[str]]) -> Catalogue:
    """`places`: flags of each place it shows that also has to suit how the patient sits or lies."""
    if profile is None:
        return {**entry, "left_out": ""}
    why = left_out(profile, entry.get("flags", ()))
    lying = Profile(posture=profile.posture)
    unfit = (scene_left_out(lying, frozenset(flags)) for flags in places)
    return {**entry, "left_out": why or next(filter(None, unfit), "")}


def _own(scene: Catalogue) -> list[list[str]]:
    return [] if scene.get("id") == HOME else [scene.get("flags", [])]


def _of_cues(plan: Catalogue) -> list[list[str]]:
    """Of a plan that is read aloud nothing is shown."""
    cues = plan.get("cues", ()) if plan.get("headset", True) else ()
    return [cue.get("flags", []) for cue in cues if cue.get("scene", HOME) != HOME]


def _anchors(scenes: list[Catalogue]) -> list[Catalogue]:
    """Each that some scene is the place of; it is left out where all of its scenes are."""
    found: dict[str, str] = {}
    for scene in scenes:
        anchor = scene.get("anchor")
        if anchor and found.get(anchor, "?"):
            found[anchor] = scene["left_out"]
    return [{"name": name, "left_out": why} for name, why in found.items()]
