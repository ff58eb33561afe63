"""Finds scenes by looking: every file in `scenes/` is a scene or is listed as broken with its reason."""

from __future__ import annotations

import dataclasses
import typing
from pathlib import Path
from typing import Any, NamedTuple

from vr_app.api import Choice, Range, Scene, SceneInfo
from vr_app.plugin import imported

_Allowed = typing.TypeVar("_Allowed", Range, Choice)
SCENES = Path(__file__).resolve().parents[1] / "scenes"


class Entry(NamedTuple):
    """A scene that can be played, or a file that cannot and why."""

    id: str  # the file's name, without an underscore at its end
    scene: type[Scene] | None
    broken: str = ""

    @property
    def info(self) -> SceneInfo:
        assert self.scene is not None
        return self.scene.info


class SettingsError(ValueError):
    """A setting that the scene does not have, or a value outside its range."""


def find_scenes(folder: Path = SCENES) -> dict[str, Entry]:
    """Import every scene file once. A broken one never hides the others."""
    entries = [_entry(path) for path in sorted(folder.glob("*.py")) if not path.stem.startswith("_")]
    return {entry.id: entry for entry in entries}


def _entry(path: Path) -> Entry:
    name = path.stem.removesuffix("_")  # a keyword of Python cannot be the name of a module
    try:
        module = imported(path, "scenes", SCENES)
    except SyntaxError as error:
        return Entry(name, None, f"{path.name}, line {error.lineno}: {error.msg}")
    except Exception as error:  # noqa: BLE001 - a scene file may raise anything while it is imported
        return Entry(name, None, f"{path.name}: {type(error).__name__}: {error}")
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Scene) and value.__module__ == module.__name__
    ]
    if len(found) != 1:
        return Entry(name, None, f"{path.name} defines {len(found)} scenes; one file is one scene")
    info = getattr(found[0], "info", None)
    if not isinstance(info, SceneInfo) or info.id != name:
        return Entry(name, None, f"{path.name}: its scene needs `info = SceneInfo(id={name!r}, ...)`")
    return Entry(name, found[0])


def setting_ranges(scene: type[Scene]) -> dict[str, Range]:
    """Name -> range of every `Annotated[float, Range(...)]` field of the scene's Settings."""
    return _annotated(scene, Range)


def setting_choices(scene: type[Scene]) -> dict[str, Choice]:
    """Name -> words of every `Annotated[str, Choice(...)]` field of the scene's Settings."""
    return _annotated(scene, Choice)


def _annotated(scene: type[Scene], kind: type[_Allowed]) -> dict[str, _Allowed]:
    hints = typing.get_type_hints(scene.Settings, include_extras=True)
    found = {}
    for name, hint in hints.items():
        extras = [extra for extra in getattr(hint, "__metadata__", ()) if isinstance(extra, kind)]
        if extras:
            found[name] = extras[0]
    return found


def make_settings(scene: type[Scene], given: dict[str, Any]) -> Any:
    """The scene's Settings with `given` in place of defaults. Raises SettingsError."""
    names = [field.name for field in dataclasses.fields(scene.Settings)]
    ranges, choices = setting_ranges(scene), setting_choices(scene)
    for name, value in given.items():
        if name not in names:
            raise SettingsError(f"no setting '{name}'; it has {', '.join(names) or 'none'}")
        allowed = ranges.get(name)
        if allowed and not (isinstance(value, (int, float)) and allowed.low <= value <= allowed.high):
            raise SettingsError(f"'{name}' must lie in {allowed.low:g}..{allowed.high:g}, not {value!r}")
        if name in choices and value not in choices[name].words:
            raise SettingsError(f"'{name}' must be one of {', '.join(choices[name].words)}, not {value!r}")
    return scene.Settings(**given)
