"""What scenes and plans there are, for people to choose from: `python -m vr_app.describe` prints it as JSON.

Scenes are imported there and nowhere near a server: `described` runs it in a process of its own.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from vr_app.commands import Anchor

if TYPE_CHECKING:
    from vr_app.api import Scene
    from vr_app.catalogue import Entry
    from vr_app.plan import Plan, Step

WORKER_SECONDS: Final = 60.0
NAMES: Final = {"name": "Your therapist"}
# What a setting is called where its name alone would not say it.
_LABELS: Final = {
    "breaths_per_minute": "Breaths a minute",
    "depth": "How far the water comes",
    "warmth": "How warm its light is",
    "brightness": "How bright it is",
    "see": "How many things answer to a look",
    "hear": "How many sounds grow clearer",
    "touch": "How many things to touch are named by light",
    "dwell": "Rest until something answers",
    "prompts": "How things show themselves",
    "density": "How often bell, bowl and birds are heard",
    "thinning": "How far other sounds fade as the head grows quiet",
    "view": "What can be seen",
    "offered": "What answers to a look",
    "darkest": "The darkest hour offered",
    "visit": "The place from the last visit",
    "template": "Headings and a faint drawing in each bay",
    "tools": "How tools come",
    "size": "How large things are in a bay",
}


class Amount(Struct, frozen=True, tag=True):
    """A setting that is a number."""

    name: str
    label: str
    low: float
    high: float
    step: float  # of its control; 0: any
    unit: str
    default: float


class Pick(Struct, frozen=True, tag=True):
    """A setting that is one of some words, the mildest first."""

    name: str
    label: str
    words: tuple[str, ...]
    default: str


class SceneEntry(Struct, frozen=True):
    """A scene, or a file that is none and why."""

    id: str
    title: str = ""
    summary: str = ""
    kind: str = ""
    minutes: tuple[float, float] | None = None
    flags: tuple[str, ...] = ()
    anchor: Anchor | None = None
    settings: tuple[Amount | Pick, ...] = ()
    broken: str = ""


class CueEntry(Struct, frozen=True):
    """One cue of a plan; `lines` are what is said in it."""

    title: str
    scene: str
    minutes: float
    advance: str
    note: str
    flags: tuple[str, ...]  # of its scene and its words
    lines: tuple[str, ...]


class PlanEntry(Struct, frozen=True):
    """A plan, or a file that is none and why. The last cue is the way back."""

    name: str
    title: str = ""
    summary: str = ""
    kind: str = ""
    minutes: float = 0.0
    headset: bool = True
    demonstration: bool = False  # not for patients
    flags: tuple[str, ...] = ()  # of all its cues
    cues: tuple[CueEntry, ...] = ()
    anchors: tuple[Anchor, ...] = ()
    broken: str = ""


class Catalogue(Struct, frozen=True):
    """All there is."""

    scenes: tuple[SceneEntry, ...]
    plans: tuple[PlanEntry, ...]


class CannotDescribe(Exception):
    """The worker gave no catalogue; one line says why and what to do."""


def described() -> Catalogue:
    """The catalogue, made by a process of its own within some seconds. Raises CannotDescribe."""
    command = [sys.executable, "-m", "vr_app.describe"]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=WORKER_SECONDS, check=True
        )
        return msgspec.json.decode(done.stdout, type=Catalogue)
    except subprocess.CalledProcessError as error:
        last = error.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise CannotDescribe(f"the scenes cannot be listed ({''.join(last)}); try `harborlight scenes`") from None
    except (OSError, subprocess.TimeoutExpired, msgspec.MsgspecError) as error:
        raise CannotDescribe(f"the scenes cannot be listed ({error}); try `harborlight scenes`") from None


def catalogue(scenes: dict[str, Entry], plans: Path) -> Catalogue:
    """Of these scenes, and the plans in that folder."""
    from vr_app.plan import PlanError, load_plan, plan_names

    found = []
    for name in plan_names(plans):
        try:
            found.append(_plan(load_plan(name, scenes, names=NAMES, folder=plans), scenes))
        except PlanError as error:
            found.append(PlanEntry(name, broken=str(error)))
    return Catalogue(tuple(map(_scene, scenes.values())), tuple(found))


def label(setting: str) -> str:
    """What it is called, for people."""
    return _LABELS.get(setting, setting.replace("_", " ").capitalize())


def _scene(entry: Entry) -> SceneEntry:
    if entry.scene is None:
        return SceneEntry(entry.id, broken=entry.broken)
    info = entry.info
    return SceneEntry(
        id=info.id,
        title=info.title,
        summary=info.summary,
        kind=info.kind,
        minutes=info.minutes,
        flags=tuple(sorted(info.flags)),
        anchor=info.anchor,
        settings=tuple(_settings(entry.scene)),
    )


def _settings(scene: type[Scene]) -> list[Amount | Pick]:
    from vr_app.catalogue import setting_choices, setting_ranges

    usual = scene.Settings()
    amounts = [
        Amount(name, label(name), kept.low, kept.high, kept.step, kept.unit, getattr(usual, name))
        for name, kept in setting_ranges(scene).items()
    ]
    picks = [Pick(name, label(name), kept.words, getattr(usual, name)) for name, kept in setting_choices(scene).items()]
    return [*amounts, *picks]


def _plan(plan: Plan, scenes: dict[str, Entry]) -> PlanEntry:
    cues = tuple(_cue(step, scenes) for step in plan.steps)
    return PlanEntry(
        name=plan.name,
        title=plan.title,
        summary=plan.summary,
        kind=plan.kind,
        minutes=round(plan.seconds / 60.0, 2),
        headset=plan.headset,
        demonstration=plan.demonstration,
        flags=tuple(sorted({flag for cue in cues for flag in cue.flags})),
        cues=cues,
        anchors=tuple(plan.anchors),
    )


def _cue(step: Step, scenes: dict[str, Entry]) -> CueEntry:
    script = step.script
    flags = scenes[step.scene].info.flags | (script.flags if script else frozenset())
    lines = tuple(moment.line.words for moment in script.moments) if script else ()
    minutes = round(step.seconds / 60.0, 2)
    return CueEntry(step.title, step.scene, minutes, step.advance, step.note, tuple(sorted(flags)), lines)


def main() -> int:
    from vr_app.catalogue import find_scenes
    from vr_app.plan import PLANS

    sys.stdout.buffer.write(msgspec.json.encode(catalogue(find_scenes(), PLANS)) + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
