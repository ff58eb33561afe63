"""Session plans: TOML cues checked against the catalogue before anything starts."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, get_args

from vr_app import limits
from vr_app.catalogue import Entry, SettingsError, make_settings
from vr_app.commands import Anchor
from vr_app.profile import ANCHORS, setting_flags, within
from vr_app.script import SCRIPTS, Script, ScriptError, language_of, load_script, without

PLANS = Path(__file__).resolve().parents[1] / "assets" / "plans"
HOME = "room"  # where every session begins, and where stop leads
RETURN = "return"  # what ends every plan: the same room, growing plain
AT_HOME: Final = frozenset({HOME, RETURN})  # for every patient, in every posture
DEMONSTRATION_RETURN_SECONDS = 10.0
BETWEEN_PLACES_SECONDS = 2.0  # half of a change: for the mist to cover, and again to clear
FADES: Final = (limits.FADE_SECONDS, 10.0)  # of a cue, in place of that
Kind = Literal["centering", "preparation", "intake", "integration"]
Advance = Literal["by itself", "go"]
_LONGEST = {"title": 60, "summary": 300, "note": 200}  # characters
_KEYS = {"title", "summary", "step", "return_seconds", "demonstration", "kind", "anchors", "headset", "ratings"}
_STEP_KEYS = {"scene", "minutes", "settings", "script", "title", "advance", "fade", "note"}


class PlanError(Exception):
    """A plan that cannot be played: file, place and remedy."""


@dataclass(frozen=True, slots=True)
class Step:
    """One cue: a stay at one place, in guided seconds."""

    scene: str
    seconds: float
    settings: Any
    script: Script | None
    title: str = ""
    advance: Advance = "by itself"  # or at a Go, once its seconds are over
    fade: float = BETWEEN_PLACES_SECONDS  # for the mist to cover what was before it, and again to clear
    note: str = ""  # for the therapist


class AnchorPlace(NamedTuple):
    """Where an anchor leads in the middle of a cue. Its script begins when one is there."""

    scene: str
    settings: Any
    script: Script | None


@dataclass(frozen=True, slots=True)
class Plan:
    """Checked cues; the return to the room is the last one and always there."""

    name: str
    title: str
    steps: tuple[Step, ...]
    ground: Script | None = None  # what stands before the patient after *Ground now*
    queasy: Script | None = None  # and after *Queasy*
    summary: str = ""
    kind: Kind = "centering"
    anchors: Mapping[Anchor, AnchorPlace] = field(default_factory=dict)  # that may be switched to
    headset: bool = True  # False: it is read aloud, and nobody needs one
    demonstration: bool = False  # not for patients, so no exposure of one ends it
    language: str = "en"
    ratings: bool = False  # the patient is asked how they are, before and after

    @property
    def seconds(self) -> float:
        return sum(step.seconds for step in self.steps)

    def scenes(self, first: int = 0) -> list[str]:
        """All it needs, those of cue `first` and after before those of the cues before, anchors' last."""
        steps = (*self.steps[first:], *self.steps[:first])
        return list(dict.fromkeys((*(step.scene for step in steps), *(place.scene for place in self.anchors.values()))))

    def scripts(self) -> list[Script]:
        """All that is said in it, or may be."""
        said = [step.script for step in self.steps] + [place.script for place in self.anchors.values()]
        return [script for script in (*said, self.ground, self.queasy) if script is not None]

    def foreign(self) -> str:
        """Which scripts are said in another language than the session's, in one line; "": none."""
        names = sorted({script.name for script in self.scripts() if script.language != self.language})
        if not names:
            return ""
        return f"not there in '{self.language}', and said in English: {', '.join(names)}"

    def lasting(self, minutes: float) -> Plan:
        """The same plan stretched or shortened as a whole. Raises PlanError unless 0.1 <= minutes <= 60."""
        if not 0.1 <= minutes <= 60.0:
            raise PlanError(f"--minutes must lie in 0.1..60, not {minutes:g}")
        share = minutes * 60.0 / self.seconds
        return replace(self, steps=tuple(replace(step, seconds=step.seconds * share) for step in self.steps))

    def spoken(self, lengths: Mapping[str, Mapping[str, int]]) -> Plan:
        """With lines as long as their recordings are, in frames, by script and line."""
        steps = tuple(replace(step, script=_spoken(step.script, lengths)) for step in self.steps)
        anchors = {anchor: place._replace(script=_spoken(place.script, lengths))
                   for anchor, place in self.anchors.items()}  # fmt: skip
        return replace(self, steps=steps, anchors=anchors)


def _spoken(script: Script | None, lengths: Mapping[str, Mapping[str, int]]) -> Script | None:
    found = lengths.get(script.name) if script is not None else None
    return script.spoken(found) if script is not None and found else script


def plan_names(folder: Path = PLANS) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.toml"))


def load_plan(
    name: str,
    scenes: dict[str, Entry],
    *,
    names: dict[str, str],
    folder: Path = PLANS,
    avoid: frozenset[str] = frozenset(),
    language: str = "en",
) -> Plan:
    """Read `<folder>/<name>.toml`, or a path that ends in .toml. Raises PlanError with file, line and remedy.

    A script that is not there in `language` is taken in English as a whole. `avoid`: flags that a comfort profile
    leaves out. A cue that has one is refused; an anchor's place is left away.
    """
    path = Path(name) if name.endswith(".toml") else folder / f"{name}.toml"
    try:
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except OSError as error:
        raise PlanError(f"plan '{name}': {error.strerror}; there are {', '.join(plan_names(folder))}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PlanError(f"{path.name}: {error}") from None
    unknown = set(table) - _KEYS
    steps = table.get("step", [])
    if unknown or not isinstance(steps, list) or not steps:
        what = f"unknown keys {sorted(unknown)}" if unknown else "no [[step]]"
        raise PlanError(f"{path.name}: {what}; a plan has {', '.join(sorted(_KEYS))}")
    return _Reader(path, text, scenes, names, avoid, language).plan(table, steps)


@dataclass(frozen=True, slots=True)
class _Reader:
    """One file that is being read, and what its cues are checked against."""

    path: Path
    text: str
    scenes: dict[str, Entry]
    names: dict[str, str]
    avoid: frozenset[str]
    language: str

    def plan(self, table: dict[str, Any], steps: list[Any]) -> Plan:
        headset = self._one_of(table, "headset", (True, False), default=True)
        demonstration = self._one_of(table, "demonstration", (True, False), default=False)
        lines = _lines(self.text, r"\[\[\s*step\s*\]\]")
        checked = []
        for index, step in enumerate(steps):
            place = f"{self.path.name}, " + (f"line {lines[index]}" if index < len(lines) else f"step {index + 1}")
            if not isinstance(step, dict):
                raise PlanError(f"{place}: a step is a table; begin it with [[step]]")
            if step.get("scene") == RETURN:
                raise PlanError(f"{place}: scene '{RETURN}' ends every plan by itself; leave it out")
            checked.append(self._step(place, step if headset else _read_aloud(place, step)))
        checked.append(self._return(table, headset=headset, demonstration=demonstration))
        return Plan(
            name=self.path.stem,
            title=_words(self._place("title"), table, "title") or self.path.stem,
            steps=tuple(checked),
            ground=self._beside_the_plan("ground", "the way out first"),
            queasy=self._beside_the_plan("queasy", "the headset first, then the bowl"),
            summary=_words(self._place("summary"), table, "summary"),
            kind=self._one_of(table, "kind", get_args(Kind), default="centering"),
            anchors=self._anchors(table),
            headset=headset,
            demonstration=demonstration,
            language=self.language,
            ratings=self._one_of(table, "ratings", (True, False), default=False),
        )

    def _script(self, name: str) -> Script:
        """Raises ScriptError."""
        return load_script(name, language_of(name, self.language), names=self.names)

    def _place(self, key: str) -> str:
        lines = _lines(self.text, rf"{key}\s*=")
        return f"{self.path.name}, line {lines[0]}" if lines else self.path.name

    def _one_of(self, table: dict[str, Any], key: str, allowed: tuple[Any, ...], default: Any) -> Any:
        value = table.get(key, default)
        if not any(value is each or (isinstance(each, str) and value == each) for each in allowed):
            raise PlanError(f"{self._place(key)}: {key} must be {_either(allowed)}, not {value!r}")
        return value

    def _step(self, place: str, step: dict[str, Any]) -> Step:
        if unknown := set(step) - _STEP_KEYS:
            raise PlanError(f"{place}: unknown keys {sorted(unknown)}; a step has {', '.join(sorted(_STEP_KEYS))}")
        entry = self.scenes.get(str(step.get("scene")))
        if entry is None:
            raise PlanError(f"{place}: no scene '{step.get('scene')}'; there are {', '.join(self.scenes)}")
        if entry.scene is None:
            raise PlanError(f"{place}: scene '{entry.id}' is broken ({entry.broken}); mend it or choose another")
        minutes = _number(place, step, "minutes", None, lambda value: 0 < value <= limits.EXPOSURE_MINUTES,
                          f"lie above 0 and at most {limits.EXPOSURE_MINUTES:g}")  # fmt: skip
        low, high = FADES
        fade = _number(place, step, "fade", BETWEEN_PLACES_SECONDS, lambda value: low <= value <= high,
                       f"lie in {low:g}..{high:g} seconds")  # fmt: skip
        advance = step.get("advance", "by itself")
        if advance not in get_args(Advance):
            raise PlanError(f"{place}: advance must be {_either(get_args(Advance))}, not {advance!r}")
        try:
            settings = within(make_settings(entry.scene, dict(step.get("settings", {}))), self.avoid)
            script = self._script(step["script"]) if "script" in step else None
        except (SettingsError, ScriptError, TypeError, ValueError) as error:
            raise PlanError(f"{place}: {error}") from None
        if left_out := self.avoid & (
            entry.info.flags | setting_flags(settings) | (script.flags if script else frozenset())
        ):
            what = ", ".join(sorted(left_out))
            raise PlanError(f"{place}: it has {what}, which this patient's profile leaves out; choose another plan")
        script = without(script, self.avoid) if script else None
        title, note = _words(place, step, "title") or entry.info.title, _words(place, step, "note")
        return Step(entry.id, minutes * 60.0, settings, script, title, advance, fade, note)

    def _return(self, table: dict[str, Any], *, headset: bool, demonstration: bool) -> Step:
        """The way back to the room, appended to every plan."""
        low, high = limits.RETURN_SECONDS
        low = DEMONSTRATION_RETURN_SECONDS if demonstration else low
        place = self._place("return_seconds")
        seconds = _number(place, table, "return_seconds", low, lambda value: low <= value <= high,
                          f"lie in {low:g}..{high:g}")  # fmt: skip
        step = {"minutes": seconds / 60.0, "script": "return" if headset else "return_aloud", "title": "The way back"}
        entry = self.scenes.get(RETURN)
        if not headset or entry is None or entry.scene is None:  # the calm room is a way back, too
            return self._step(self.path.name, {"scene": HOME, **step})
        minutes = max(seconds, limits.RETURN_SECONDS[0]) / 60.0  # a demonstration's is cut short, not hurried
        return self._step(self.path.name, {"scene": RETURN, "settings": {"minutes": minutes}, **step})

    def _beside_the_plan(self, name: str, order: str) -> Script:
        """The captions of *Ground now* and *Queasy*, the same in every plan."""
        try:
            script = self._script(name)
        except ScriptError as error:
            raise PlanError(str(error)) from None
        if len(script.captions) != limits.GROUND_CAPTIONS:
            raise PlanError(f"{name}: {len(script.captions)} lines; there are {limits.GROUND_CAPTIONS}, {order}")
        return script

    def _anchors(self, table: dict[str, Any]) -> dict[Anchor, AnchorPlace]:
        """Those that the plan names, as far as a scene can be shown for them."""
        named, place = table.get("anchors", []), self._place("anchors")
        if not isinstance(named, list) or not all(anchor in get_args(Anchor) for anchor in named):
            raise PlanError(f"{place}: anchors must be a list of {', '.join(get_args(Anchor))}, not {named!r}")
        found: dict[Anchor, AnchorPlace] = {}
        for anchor in named:
            entries = [each for each in self.scenes.values() if each.scene and each.info.anchor == anchor]
            if not entries:
                raise PlanError(f"{place}: no scene has the anchor '{anchor}'; leave it out of anchors")
            for entry in entries:
                if (
                    anchor not in found
                    and entry.scene is not None
                    and not self.avoid & (entry.info.flags | ANCHORS[anchor])
                ):
                    found[anchor] = AnchorPlace(entry.id, entry.scene.Settings(), self._anchor_script(place, entry.id))
        return found

    def _anchor_script(self, place: str, scene: str) -> Script | None:
        """`<scene>_anchor`, where there is one and the profile has nothing against its words; else it is quiet."""
        name = f"{scene}_anchor"
        if not (SCRIPTS / f"{name}.en.toml").exists():
            return None
        try:
            script = self._script(name)
        except ScriptError as error:
            raise PlanError(f"{place}: {error}") from None
        return None if self.avoid & script.flags else without(script, self.avoid)


def _lines(text: str, pattern: str) -> list[int]:
    """Numbers of the lines that begin so."""
    return [number for number, line in enumerate(text.splitlines(), 1) if re.match(rf"\s*{pattern}", line)]


def _read_aloud(place: str, step: dict[str, Any]) -> dict[str, Any]:
    """A cue of a plan without a headset: words alone; who wears one all the same sees the calm room."""
    if "scene" in step or "script" not in step:
        raise PlanError(f"{place}: a plan without a headset is read aloud; give the step a script and no scene")
    return {"scene": HOME, **step}


def _number(
    place: str, table: dict[str, Any], key: str, default: float | None, fits: Callable[[float], bool], must: str
) -> float:
    value = table.get(key, default)
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not fits(value):
        raise PlanError(f"{place}: {key} must {must}, not {value!r}")
    return float(value)


def _words(place: str, table: dict[str, Any], key: str) -> str:
    value = table.get(key, "")
    if not isinstance(value, str) or len(value) > _LONGEST[key] or not value.isprintable():
        raise PlanError(f"{place}: {key} must be one line of at most {_LONGEST[key]} characters, not {value!r:.40}")
    return value.strip()


def _either(words: Iterable[object]) -> str:
    return " or ".join(repr(word) if isinstance(word, str) else str(word).lower() for word in words)
