"""Developer command: one offline page with pictures, a film and the facts of every scene, and pictures of all sounds.

`make gallery`, or `python3 -m vr_app.dev gallery [--scene NAME ...] [--sound] [--quick] [--size PIXELS]`
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from math import pi, radians, sin
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from audio.cue_list import working
from headless_harness import gallery_sound, sheet, sound_sheet
from headless_harness.census import take_census
from headless_harness.film import FilmError, write_film
from headless_harness.gallery_page import Film, Section, Strip, Tile, page
from headless_harness.look import told
from headless_harness.pictures import Picture, write
from vr_app import mix
from vr_app.api import Pose, Range, Scene, SceneInfo
from vr_app.catalogue import Entry, find_scenes, setting_choices, setting_ranges
from vr_app.render.context import ContextError
from vr_app.scripted.headset import looking
from vr_app.studio import Shot, Studio, open_studio

GALLERY = Path(__file__).resolve().parents[1] / "out" / "gallery"
SIZE = 480  # pixels of a picture
MOMENTS, APART = 3, 10.0  # times at which a scene is seen all round; seconds between those it does not name itself
FEET, UP = -70.0, 60.0  # degrees
FILM_SIZE, FPS, FILM_SECONDS, STILL_SECONDS = (512, 512), 30, 20.0, 8.0
SIDEWAYS = 30.0  # degrees that the film turns to each side after it has kept still
HEARD_SECONDS = 60.0  # the last three of them fade
TOLD_EVERY = 15.0  # seconds between two lines of progress of a film

_EYES = ("left", "right")


class Progress:
    """Lines with the time since the start."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def __call__(self, words: str) -> None:
        print(f"{time.monotonic() - self._started:6.0f} s  {words}", flush=True)

    def of(self, scene: str) -> Callable[[str], None]:
        """The same for one scene, which it names."""
        return lambda words: self(f"{scene}: {words}")


class Choices(NamedTuple):
    """What is asked for."""

    folder: Path
    size: int
    quick: bool
    scenes: list[str]
    sound: bool


# --- one scene


def draw_scene(scene: type[Scene], chosen: Choices, facts: dict[str, str], tell: Callable[[str], None]) -> Section:
    """All pictures of a scene, into a folder of its own. What the scene raises is the caller's; raises ContextError."""
    info = scene.info
    folder = chosen.folder / info.id
    with open_studio((chosen.size, chosen.size)) as studio:
        desk = _Desk(studio, scene, folder, tell)
        times = moments(info)[: 1 if chosen.quick else MOMENTS]
        strips = [desk.all_round(times), desk.feet_and_up(times[0])]
        if period := breath_seconds(scene):
            strips.append(desk.breath(period))
        strips += desk.settings(times[len(times) // 2])
        drawn = f"{datetime.now().astimezone():%Y-%m-%d %H:%M}, {studio.context.renderer_name.split(' (')[0]}"
    film, no_film = None, "No film: left out by --quick."
    if not chosen.quick:
        try:
            film, no_film = shoot_film(scene, folder, tell), ""
        except FilmError as error:
            no_film = f"No film: {error}"
        strips += listen(scene, folder, tell)
    return Section(
        info.id, info.title, info.summary, facts, strips, film, no_film, sheet=f"{info.id}/sheet.jpg", drawn=drawn
    )


def moments(info: SceneInfo) -> list[float]:
    """Three times that tell a scene: of its golden times the first, the middle and the last, or some after them."""
    times = sorted(set(info.golden_times))
    while len(times) < MOMENTS:
        times.append(times[-1] + APART)
    return [times[0], times[len(times) // 2], times[-1]]


def breath_seconds(scene: type[Scene]) -> float | None:
    """How long a breath is by the scene's own settings, or its class; None where it says nothing of it."""
    settings = scene.Settings()
    rate = getattr(settings, "breaths_per_minute", None) or getattr(scene, "breaths_per_minute", None)
    return 60.0 / rate if rate else None


class _Desk:
    """Draws one scene's strips and lays their pictures into its folder."""

    def __init__(self, studio: Studio, scene: type[Scene], folder: Path, tell: Callable[[str], None]) -> None:
        self._studio, self._scene, self._folder, self._tell = studio, scene, folder, tell

    def all_round(self, times: Sequence[float]) -> Strip:
        """Eight directions, a row for each time and eye; also as one contact sheet."""
        self._tell(f"all round at {', '.join(f'{at:g} s' for at in times)}")
        heads = [looking(radians(yaw)) for yaw in sheet.YAWS]
        shots = self._studio.photograph(self._scene, times, heads)
        rows, tiles = [], []
        for at in times:
            now = [shot for shot in shots if shot.time == at]
            for eye in _EYES:
                captions = [f"{sheet.direction(yaw)}, {at:g} s, {eye} eye" for yaw in sheet.YAWS]
                pictures = [getattr(shot.photograph, eye) for shot in now]
                rows.append(self._laid(f"round-{at:g}s-{eye}", pictures, captions))
                tiles.append([sheet.Tile(*pair) for pair in zip(captions, pictures, strict=True)])
        write(self._folder / "sheet.jpg", sheet.contact_sheet(tiles))
        return Strip("All round", "", rows)

    def feet_and_up(self, at: float) -> Strip:
        """Down at the feet and up, both eyes."""
        self._tell("down at the feet, and up")
        looks = {f"down {-FEET:g}°": looking(0.0, radians(FEET)), f"up {UP:g}°": looking(0.0, radians(UP))}
        shots = self._studio.photograph(self._scene, [at], list(looks.values()))
        pictures = [getattr(shot.photograph, eye) for shot in shots for eye in _EYES]
        return Strip(
            "At the feet, and up",
            "",
            [self._laid("feet-up", pictures, [f"{name}, {at:g} s, {eye} eye" for name in looks for eye in _EYES])],
        )

    def breath(self, seconds: float) -> Strip:
        """One breath from its beginning, ahead."""
        self._tell(f"a breath of {seconds:g} s")
        tiles = sheet.breath(self._studio, self._scene, seconds)
        row = self._laid("breath", [tile.picture for tile in tiles], [tile.caption for tile in tiles])
        return Strip("One breath", f"{seconds:.3g} s long, looking ahead, left eye.", [row])

    def settings(self, at: float) -> Iterator[Strip]:
        """A row for each setting of many words, such as the time of day, and one for the ends of all others."""
        ends = extremes(self._scene)
        many = [name for name, values in ends.items() if len(values) > 2]
        for name in many:
            yield self._changed(_words(name).capitalize(), {name: ends[name]}, at)
        if others := {name: values for name, values in ends.items() if name not in many}:
            yield self._changed("Settings at their ends", others, at)

    def _changed(self, title: str, changes: Mapping[str, Sequence[Any]], at: float) -> Strip:
        """A visit for each value of each setting, the others at their defaults."""
        pictures, captions = [], []
        for name, values in changes.items():
            for value in values:
                self._tell(f"{_words(name)} = {value_told(value)}")
                shot = self._visit(at, dataclasses.replace(self._scene.Settings(), **{name: value}))
                pictures.append(shot.photograph.left)
                captions.append(f"{_words(name)}: {value_told(value)}")
        row = self._laid("-".join(title.lower().split()), pictures, captions)
        return Strip(title, f"The other settings at their defaults, looking ahead at {at:g} s, left eye.", [row])

    def _visit(self, at: float, settings: Any) -> Shot:
        return next(iter(self._studio.film(self._scene, [(at, [looking(0.0)])], settings, eye="left")))

    def _laid(self, name: str, pictures: Sequence[Picture], captions: Sequence[str]) -> list[Tile]:
        """Each picture in a file of the scene's folder."""
        row = []
        for number, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
            file = f"{name}-{number}.jpg"
            write(self._folder / file, picture)
            row.append(Tile(f"{self._folder.name}/{file}", caption))
        return row


def extremes(scene: type[Scene]) -> dict[str, list[Any]]:
    """Setting -> both ends of its range, all its words, or off and on."""
    ends: dict[str, list[Any]] = {name: [each.low, each.high] for name, each in setting_ranges(scene).items()}
    ends |= {name: list(each.words) for name, each in setting_choices(scene).items()}
    settings = scene.Settings()
    for field in dataclasses.fields(scene.Settings):
        if isinstance(getattr(settings, field.name), bool):
            ends[field.name] = [False, True]
    return {field.name: ends[field.name] for field in dataclasses.fields(scene.Settings) if field.name in ends}


def value_told(value: object) -> str:
    """As it is written below a picture."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value).replace("_", " ")


# --- the film


def gaze(at: float) -> Pose:
    """Ahead, then one slow look to the left and to the right; at the end as at the beginning."""
    share = max(at - STILL_SECONDS, 0.0) / (FILM_SECONDS - STILL_SECONDS)
    return looking(radians(SIDEWAYS) * sin(2.0 * pi * share))


def shoot_film(scene: type[Scene], folder: Path, tell: Callable[[str], None]) -> Film:
    """Draw and write the film, a frame at a time. Raises FilmError and what the scene raises."""
    count = round(FILM_SECONDS * FPS)
    file, still = folder / "film.avif", folder / "film.jpg"
    with open_studio(FILM_SIZE) as studio:
        shots = studio.film(scene, ((k / FPS, [gaze(k / FPS)]) for k in range(count)), eye="left")
        write_film(file, _watched(shots, still, count, tell), count, FPS)
    here = folder.name
    note = f"{STILL_SECONDS:g} s of looking ahead, then slowly to both sides. Left eye, {FPS} pictures a second."
    return Film(f"{here}/{file.name}", f"{here}/{still.name}", FILM_SECONDS, file.stat().st_size, note)


def _watched(shots: Iterator[Shot], still: Path, count: int, tell: Callable[[str], None]) -> Iterator[Picture]:
    """The pictures, the first one also as a file, and lines of progress."""
    last = 0.0
    for number, shot in enumerate(shots):
        if number == 0:
            write(still, shot.photograph.left)
        if time.monotonic() - last > TOLD_EVERY:
            last = time.monotonic()
            tell(f"film, {number} of {count} pictures")
        yield shot.photograph.left


# --- what is heard


def listen(scene: type[Scene], folder: Path, tell: Callable[[str], None]) -> Iterator[Strip]:
    """A picture of its mix; none where it is silent. Raises MixError."""
    tell("its sound")
    plan, entries = mix.alone(scene, HEARD_SECONDS), {scene.info.id: Entry(scene.info.id, scene)}
    sound = np.concatenate([block.copy() for block in mix.sound_of(plan, entries)])
    if not sound.any():
        return
    file = folder / "heard.jpg"
    sound_sheet.save(sound_sheet.sheet({scene.info.title: sound}), file)
    loud = f"{sound_sheet.figures(sound)['integrated']:.1f} LUFS"
    caption = f"{HEARD_SECONDS:g} s from arriving, {loud}"
    yield Strip("What is heard", "Spectrogram, loudness, spectrum.", [[Tile(f"{folder.name}/{file.name}", caption)]])


# --- facts


def facts_of(scene: type[Scene], costs: dict[str, Any]) -> dict[str, str]:
    """What is known of a scene beside its pictures. Lines in a value stand below each other."""
    info = scene.info
    shortest, longest = info.minutes or (0.0, 0.0)
    facts = {
        "Kind": info.kind,
        "Flags": ", ".join(sorted(info.flags)) or "none",
        "Minutes": f"{shortest:g} to {longest:g}" if info.minutes else "as long as one likes",
        "Settings": "\n".join(_settings(scene)) or "none",
    }
    try:
        census = take_census(scene)
        facts["Draw calls"] = f"{census.draws} a frame, for both eyes"
        facts["Triangles"] = f"{census.triangles:_} a frame, drawn for each eye".replace("_", " ")
    except Exception as error:  # noqa: BLE001 - a scene may raise anything; its pictures show what of it works
        facts["Draw calls"] = f"not counted here ({told(error)})"
    facts["Instructions"] = _cost(costs, info.id)
    return facts


def _settings(scene: type[Scene]) -> Iterator[str]:
    settings, ranges, choices = scene.Settings(), setting_ranges(scene), setting_choices(scene)
    for field in dataclasses.fields(scene.Settings):
        own = value_told(getattr(settings, field.name))
        if field.name in choices:
            others = (value_told(word) for word in choices[field.name].words)
            own += f" (or {', '.join(word for word in others if word != own)})"
        elif field.name in ranges:
            own += _bounds(ranges[field.name])
        yield f"{_words(field.name)}: {own}"


def _bounds(allowed: Range) -> str:
    unit = f" {allowed.unit}" if allowed.unit else ""
    step = f" by {allowed.step:g}" if allowed.step else ""
    return f"{unit} ({allowed.low:g} to {allowed.high:g}{step})"


def _words(setting: str) -> str:
    return setting.replace("_", " ")


def _cost(costs: dict[str, Any], scene: str) -> str:
    if not (found := costs.get("scenes", {}).get(scene)):
        return f"not counted here ({costs.get('missing', 'a new scene')})"
    least, most = found["ms"]
    return (
        f"{found['instructions']} a pixel at worst, of {found['budget'] or 'no'} budgeted\n"
        f"{least:.1f} to {most:.1f} ms both eyes on a GTX 1660"
    )


def instruction_figures() -> dict[str, Any]:
    """What headless_harness.instructions counts, in a process of its own; {"missing": why} where it cannot."""
    command = [sys.executable, "-m", "headless_harness.instructions", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return dict(json.loads(done.stdout))
    except ValueError:
        return {"missing": (done.stderr.strip().splitlines() or ["no answer"])[-1].removeprefix("instructions: ")}


# --- the gallery


def section_of(entry: Entry, chosen: Choices, costs: dict[str, Any], tell: Callable[[str], None]) -> Section:
    """One scene's section: its pictures, or why there are none. Raises ContextError."""
    if entry.scene is None:
        return Section(entry.id, entry.id, broken=entry.broken)
    info = entry.info
    try:
        return draw_scene(entry.scene, chosen, facts_of(entry.scene, costs), tell)
    except ContextError:
        raise
    except Exception as error:  # noqa: BLE001 - a scene may raise anything while it is built or drawn
        return Section(info.id, info.title, info.summary, broken=told(error))


def known(folder: Path, scenes: Sequence[str]) -> dict[str, Section]:
    """Sections of an earlier run, of scenes that are still there."""
    found = {}
    for name in scenes:
        try:
            found[name] = msgspec.json.decode((folder / name / "section.json").read_bytes(), type=Section)
        except (OSError, msgspec.DecodeError):
            continue
    return found


def _chosen(arguments: Sequence[str], scenes: Sequence[str]) -> Choices:
    parser = argparse.ArgumentParser(prog="gallery", description=__doc__.split("\n\n")[0] if __doc__ else None)
    add = parser.add_argument
    add("--scene", nargs="+", default=[], metavar="NAME", help="only these; the others stay as they were drawn last")
    add("--sound", action="store_true", help="only this, and what --scene names")
    add("--quick", action="store_true", help="one time and no film")
    add("--size", type=int, default=SIZE, metavar="PIXELS", help=f"width and height of a picture ({SIZE})")
    add("--out", type=Path, default=GALLERY, metavar="FOLDER")
    told_of = parser.parse_args(arguments)
    if unknown := sorted(set(told_of.scene) - set(scenes)):
        parser.error(f"no scene {', '.join(unknown)}; there are {', '.join(scenes)}")
    if not 16 <= told_of.size <= 2048:
        parser.error(f"--size is 16 to 2048 pixels, not {told_of.size}")
    everything = not told_of.scene and not told_of.sound
    wanted = list(scenes) if everything else told_of.scene
    return Choices(told_of.out.resolve(), told_of.size, told_of.quick, wanted, told_of.sound or everything)


def _drawn(entries: Mapping[str, Entry], chosen: Choices, tell: Progress) -> Iterator[Section]:
    """The sections that are asked for, each when it is done. Raises ContextError or OSError."""
    costs = {}
    if chosen.scenes:
        tell("counting instructions")
        costs = instruction_figures()
    for name in chosen.scenes:
        shutil.rmtree(chosen.folder / name, ignore_errors=True)
        yield section_of(entries[name], chosen, costs, tell.of(name))
    if chosen.sound and (cues := working()):
        shutil.rmtree(chosen.folder / gallery_sound.ID, ignore_errors=True)
        yield gallery_sound.sound_section(cues, chosen.folder, tell.of(gallery_sound.ID))


def main(arguments: Sequence[str]) -> int:
    """Exit status: 0, 1 when a scene is broken or nothing can be drawn here, 2 on misuse."""
    entries = find_scenes()
    chosen = _chosen(arguments, list(entries))
    tell = Progress()
    sections = known(chosen.folder, [*entries, gallery_sound.ID])
    try:
        for section in _drawn(entries, chosen, tell):
            sections[section.id] = section
            if section.broken:
                print(f"gallery: {section.id}: {section.broken}", file=sys.stderr)
            else:
                (chosen.folder / section.id / "section.json").write_bytes(msgspec.json.encode(section))
    except (ContextError, OSError) as error:
        print(f"gallery: {error}", file=sys.stderr)
        return 1
    chosen.folder.mkdir(parents=True, exist_ok=True)
    file = chosen.folder / "index.html"
    sound = [sections[gallery_sound.ID]] if gallery_sound.ID in sections else []
    file.write_text(page([sections[name] for name in entries if name in sections], sound), encoding="utf-8")
    tell("done")
    print(file.as_uri())
    return 1 if any(section.broken for section in sections.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
