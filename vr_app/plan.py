"""Session plans: TOML steps checked against the catalogue before anything starts."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vr_app import limits
from vr_app.catalogue import Entry, SettingsError, make_settings
from vr_app.script import Script, ScriptError, load_script

PLANS = Path(__file__).resolve().parents[1] / "assets" / "plans"
HOME = "room"
DEMONSTRATION_RETURN_SECONDS = 10.0
_KEYS = {"title", "summary", "step", "return_seconds", "demonstration"}
_STEP_KEYS = {"scene", "minutes", "settings", "script"}


class PlanError(Exception):
    """A plan that cannot be played: file, place and remedy."""


@dataclass(frozen=True, slots=True)
class Step:
    """One stay at one place, in guided seconds."""

    scene: str
    seconds: float
    settings: Any
    script: Script | None


@dataclass(frozen=True, slots=True)
class Plan:
    """Checked steps; the return to the room is the last one and always there."""

    name: str
    title: str
    steps: tuple[Step, ...]
    ground: Script | None = None  # what stands before the patient after *Ground now*

    @property
    def seconds(self) -> float:
        return sum(step.seconds for step in self.steps)

    def lasting(self, minutes: float) -> Plan:
        """The same plan stretched or shortened as a whole. Raises PlanError unless 0.1 <= minutes <= 60."""
        if not 0.1 <= minutes <= 60.0:
            raise PlanError(f"--minutes must lie in 0.1..60, not {minutes:g}")
        share = minutes * 60.0 / self.seconds
        return replace(self, steps=tuple(replace(step, seconds=step.seconds * share) for step in self.steps))

    def spoken(self, lengths: Mapping[str, Mapping[str, int]]) -> Plan:
        """With lines as long as their recordings are, in frames, by script and line."""
        return replace(self, steps=tuple(_spoken(step, lengths) for step in self.steps))


def _spoken(step: Step, lengths: Mapping[str, Mapping[str, int]]) -> Step:
    script = step.script
    found = lengths.get(script.name) if script is not None else None
    return replace(step, script=script.spoken(found)) if script is not None and found else step


def plan_names(folder: Path = PLANS) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.toml"))


def load_plan(name: str, scenes: dict[str, Entry], *, names: dict[str, str], folder: Path = PLANS) -> Plan:
    """Read `<folder>/<name>.toml`, or a path that ends in .toml. Raises PlanError with file, line and remedy."""
    path = Path(name) if name.endswith(".toml") else folder / f"{name}.toml"
    try:
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except OSError as error:
        raise PlanError(f"plan '{name}': {error.strerror}; there are {', '.join(plan_names(folder))}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PlanError(f"{path.name}: {error}") from None
    lines = [number for number, line in enumerate(text.splitlines(), 1) if re.match(r"\s*\[\[\s*step\s*\]\]", line)]
    unknown = set(table) - _KEYS
    steps = table.get("step", [])
    if unknown or not isinstance(steps, list) or not steps:
        what = f"unknown keys {sorted(unknown)}" if unknown else "no [[step]]"
        raise PlanError(f"{path.name}: {what}; a plan has {', '.join(sorted(_KEYS))}")
    checked = []
    for index, step in enumerate(steps):
        place = f"{path.name}, line {lines[index]}" if index < len(lines) else f"{path.name}, step {index + 1}"
        checked.append(_step(place, step, scenes, names))
    checked.append(_return(path.name, table, scenes, names))
    return Plan(path.stem, str(table.get("title", path.stem)), tuple(checked), _ground(names))


def _step(place: str, step: dict[str, Any], scenes: dict[str, Entry], names: dict[str, str]) -> Step:
    if unknown := set(step) - _STEP_KEYS:
        raise PlanError(f"{place}: unknown keys {sorted(unknown)}; a step has {', '.join(sorted(_STEP_KEYS))}")
    entry = scenes.get(str(step.get("scene")))
    if entry is None:
        raise PlanError(f"{place}: no scene '{step.get('scene')}'; there are {', '.join(scenes)}")
    if entry.scene is None:
        raise PlanError(f"{place}: scene '{entry.id}' is broken ({entry.broken}); mend it or choose another")
    minutes = step.get("minutes")
    longest = limits.EXPOSURE_MINUTES
    if not isinstance(minutes, (int, float)) or isinstance(minutes, bool) or not 0 < minutes <= longest:
        raise PlanError(f"{place}: minutes must lie above 0 and at most {longest:g}, not {minutes!r}")
    try:
        settings = make_settings(entry.scene, dict(step.get("settings", {})))
        script = load_script(step["script"], names=names) if "script" in step else None
    except (SettingsError, ScriptError, TypeError, ValueError) as error:
        raise PlanError(f"{place}: {error}") from None
    return Step(entry.id, minutes * 60.0, settings, script)


def _return(file: str, table: dict[str, Any], scenes: dict[str, Entry], names: dict[str, str]) -> Step:
    """The way back to the room, appended to every plan."""
    low, high = limits.RETURN_SECONDS
    low = DEMONSTRATION_RETURN_SECONDS if table.get("demonstration") is True else low
    seconds = table.get("return_seconds", low)
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool) or not low <= seconds <= high:
        raise PlanError(f"{file}: return_seconds must lie in {low:g}..{high:g}, not {seconds!r}")
    return _step(file, {"scene": HOME, "minutes": seconds / 60.0, "script": "return"}, scenes, names)


def _ground(names: dict[str, str]) -> Script:
    """The captions of *Ground now*, the same in every plan."""
    try:
        script = load_script("ground", names=names)
    except ScriptError as error:
        raise PlanError(str(error)) from None
    if len(script.captions) != limits.GROUND_CAPTIONS:
        raise PlanError(f"ground: {len(script.captions)} lines; there are {limits.GROUND_CAPTIONS}, the way out first")
    return script
