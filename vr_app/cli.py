"""The `harborlight` command. Every error is one line that says what was wrong and how to mend it."""

from __future__ import annotations

import time

LAUNCHED = time.monotonic()  # before the heavy imports, so that start-up is counted whole

import argparse  # noqa: E402
import json  # noqa: E402
import logging  # noqa: E402
import os  # noqa: E402
import re  # noqa: E402
import sys  # noqa: E402
from dataclasses import replace  # noqa: E402
from math import radians  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import TYPE_CHECKING  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    from vr_app.api import Stroke
    from vr_app.app import Played
    from vr_app.options import Options
    from vr_app.station.messages import Position
    from vr_app.works.chunks import Read

RATES = (72.0, 80.0, 90.0, 120.0)
EXIT_OK, EXIT_FAILED, EXIT_MISUSE = 0, 1, 2


class Misuse(Exception):
    """The command was given something it cannot use."""


class Failure(Exception):
    """The command could not do what it was asked."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(message)s")
    logging.getLogger("vr_app").setLevel(logging.DEBUG if options.verbose else logging.CRITICAL)
    try:
        status: int = options.action(options)
    except Misuse as error:
        print(f"harborlight: {error}", file=sys.stderr)
        return EXIT_MISUSE
    except Failure as error:
        print(f"harborlight: {error}", file=sys.stderr)
        return EXIT_FAILED
    except KeyboardInterrupt:
        return EXIT_FAILED
    except Exception as error:  # the last guard: a person sees a sentence, the traceback goes to --verbose
        logging.getLogger(__name__).debug("unexpected", exc_info=True)
        print(f"harborlight: unexpected {type(error).__name__}: {error}; add --verbose and report it", file=sys.stderr)
        return EXIT_FAILED
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="harborlight", description="Calm places in a headset, led by a therapist.")
    parser.add_argument("--verbose", action="store_true", help="log what happens, with tracebacks")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    _add_run(commands.add_parser("run", help="play a session plan on the best headset found"))
    tell = commands.add_parser("tell", help="steer the session that runs on this machine")
    tell.add_argument(
        "words",
        nargs="+",
        metavar="WORD",
        help="go, quiet, speak, spoken, end, stop, ground, queasy, leave, next, back, softer, louder, shut, open, "
        "breath, sound, sight, hands, own, place, lock, unlock NAME, companion",
    )
    tell.set_defaults(action=_tell)
    _add_render(commands.add_parser("render", help="photograph a scene without a headset"))
    bake = commands.add_parser("bake", help="make the scenes' light and shapes ready; a session does so by itself")
    bake.add_argument("--force", action="store_true", help="make all of it anew")
    bake.set_defaults(action=_bake)
    scenes = commands.add_parser("scenes", help="list the scenes, broken ones with their reason")
    scenes.add_argument("--json", action="store_true")
    scenes.set_defaults(action=_scenes)
    doctor = commands.add_parser("doctor", help="say what is missing and how to mend it")
    doctor.add_argument("--json", action="store_true")
    doctor.add_argument("--page", type=Path, metavar="FILE.html", help="write a page to send to whoever mends it")
    doctor.set_defaults(action=_doctor)
    _add_check_content(commands.add_parser("check-content", help="flashes, patterns, brightness, drift, words"))
    _add_bench(commands.add_parser("bench", help="CPU of a frame on a real runtime, beside peers"))
    _add_plan(commands.add_parser("plan", help="what is played, one place after another"))
    _add_script(commands.add_parser("script", help="what is said: its rules, its captions"))
    _add_audio(commands.add_parser("audio", help="what is heard: voice packs"))
    _add_work(commands.add_parser("work", help="what a patient made: look at a .hlwork file, make files to take home"))
    return parser


# --- run


def _add_run(run: argparse.ArgumentParser) -> None:
    run.add_argument("--headset", choices=("auto", "openxr", "desktop", "headless"), default="auto")
    run.add_argument("--plan", default="lantern", metavar="NAME", help="a plan's name, or a path that ends in .toml")
    run.add_argument("--minutes", type=float, metavar="M", help="stretch or shorten the whole plan")
    run.add_argument("--name", default="Your therapist", help="who sits beside the patient, for the captions")
    run.add_argument("--language", default="en", metavar="CODE", help="of what is said and read: en, es")
    run.add_argument(
        "--report", type=Path, metavar="FILE", help="write a JSON report, and its trace, plot and ledger beside"
    )
    run.add_argument("--record", type=Path, metavar="FILE", help="write what head and hands did, as a script")
    run.add_argument("--script", type=Path, metavar="FILE", help="headless: what head and hands do (JSONL)")
    run.add_argument("--hz", type=float, metavar="RATE", help="refresh rate to ask for: 72, 80, 90 or 120")
    run.add_argument(
        "--virtual", action="store_true", help="headless: as fast as it goes, the same pictures every time"
    )
    run.add_argument("--size", default="", metavar="WxH", help="headless: pixels of an eye")
    run.add_argument("--wait", action="store_true", help="openxr: wait until a headset is connected")
    run.add_argument("--resume", action="store_true", help="take up the session that was interrupted, held until go")
    run.add_argument("--safe", action="store_true", help="without the layers that other programs put under OpenXR")
    run.add_argument("--no-monitor", action="store_true", help="open no window for the therapist")
    run.add_argument("--no-companion", action="store_true", help="serve no pages for the therapist's browser")
    run.add_argument(
        "--port",
        type=int,
        metavar="N",
        help="of the companion's pages; any that is free if not given; with it there is a companion even for "
        "--headset headless",
    )
    run.add_argument("--side-by-side", action="store_true", help="desktop: both eyes")
    run.add_argument("--hold", action="store_true", help="wait in the calm room until told to go")
    run.add_argument("--zero-counts", action="store_true", help="all calls, no vertices: judges timing without a GPU")
    run.add_argument("--sound", default="", metavar="NAME|none", help="part of the sound device's name")
    run.add_argument(
        "--room-microphone", default="", metavar="NAME", help="'Speak' is heard through it: closed headphones only"
    )
    run.add_argument("--microphone", default="", metavar="NAME", help="the patient's: for scenes that hear a voice")
    run.add_argument("--voices", type=Path, metavar="DIR", help="a voice pack that guides")
    run.add_argument("--rehearsal", action="store_true", help="a synthesiser guides; never with a patient")
    run.add_argument("--dev", action="store_true", help="compile shaders anew when their files change")
    run.set_defaults(action=_run)


def run_options(arguments: list[str]) -> Options:
    """What `harborlight run ...` was asked for, for programs that play in a process of their own. Raises Misuse."""
    return _options(_parser().parse_args(arguments))


def _options(options: argparse.Namespace) -> Options:
    from vr_app.options import Options
    from vr_app.sound.options import SoundOptions
    from vr_app.wording import languages

    if options.hz is not None and options.hz not in RATES:
        raise Misuse(f"--hz must be 72, 80, 90 or 120, not {options.hz:g}")
    if options.language not in languages():
        raise Misuse(f"--language: there are {', '.join(languages())}, not {options.language!r}")
    pack = _pack(options)
    return Options(
        headset=options.headset,
        plan=options.plan,
        minutes=options.minutes,
        name=options.name,
        language=options.language,
        report=options.report,
        record=options.record,
        script=options.script,
        hz=options.hz,
        virtual=options.virtual,
        eye_size=_size(options.size) if options.size else None,
        side_by_side=options.side_by_side,
        wait=options.wait,
        hold=options.hold,
        zero_counts=options.zero_counts,
        safe=options.safe,
        dev=options.dev,
        verbose=options.verbose,
        sound=SoundOptions(
            options.sound, room_microphone=options.room_microphone, patient_microphone=options.microphone
        ),
        pack=pack,
        rehearsal=options.rehearsal,
        launched=LAUNCHED,
    )


def _pack(options: argparse.Namespace) -> Path | None:
    """The folder of the voice pack that is to guide."""
    folder: Path | None = options.voices
    if folder is not None and options.rehearsal:
        raise Misuse("--voices and --rehearsal are two voices; choose one")
    if folder is not None and not folder.is_dir():
        raise Misuse(f"{folder} is no folder; name the folder that holds manifest.toml")
    return folder.resolve() if folder is not None else None


def _run(options: argparse.Namespace) -> int:
    from vr_app.sound.lines import CannotSpeak
    from vr_app.station.door import PortTaken, open_door
    from vr_app.station.single import AnotherRuns
    from vr_app.station.supervisor import Supervisor

    wanted, position = _options(options), None
    if options.resume:
        wanted, position = _interrupted(wanted)
    try:
        wanted = _with_voice(wanted)
        door = open_door(options.port or 0) if _has_companion(options) else None
        monitor = _shows_windows(options)
        return Supervisor(wanted, position, monitor=monitor, afterwards=_write_sheet, door=door).run()
    except (AnotherRuns, CannotSpeak, PortTaken) as error:
        raise Failure(str(error)) from None
    except OSError as error:
        raise Failure(f"cannot begin: {error}; run `harborlight doctor`") from None


def _with_voice(wanted: Options) -> Options:
    """The same with the folder of its recorded lines, if a voice is to guide. Raises CannotSpeak or OSError."""
    from vr_app.sound.lines import Speech, prepared_in_worker

    if wanted.rehearsal:
        print("this is a rehearsal: a synthesiser speaks; it is no session for a patient", flush=True)
    if wanted.pack is None and not wanted.rehearsal:
        return wanted
    kept = prepared_in_worker(Speech(wanted.pack, wanted.name))
    return replace(wanted, sound=replace(wanted.sound, voices=kept))


def _interrupted(wanted: Options) -> tuple[Options, Position]:
    """What the last session played, and where it stood."""
    from msgspec import structs

    from vr_app.folders import data_folder
    from vr_app.station.keeper import Keeper

    found = Keeper(data_folder()).interrupted()
    if found is None:
        raise Failure("no session was interrupted; start one with `harborlight run`")
    stood = structs.replace(found.position, eyes_closed=False)  # whoever puts a headset on looks
    return replace(wanted, plan=found.plan, minutes=found.minutes, name=found.name), stood


def _has_companion(options: argparse.Namespace) -> bool:
    """Whether the therapist's pages are served: where somebody leads, and wherever a port is given. Raises Misuse."""
    if options.port is not None:
        if options.no_companion or options.virtual:
            raise Misuse("--port is for a companion, and there is none with --no-companion or --virtual")
        if not 0 <= options.port <= 65535:
            raise Misuse(f"--port must lie in 0..65535, not {options.port}; 0 takes any that is free")
        return True
    return not (options.no_companion or options.virtual or options.headset == "headless")


def _shows_windows(options: argparse.Namespace) -> bool:
    """Whether the therapist's window is wanted, and can be had here."""
    if options.no_monitor or options.virtual:
        return False
    return sys.platform == "win32" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _write_sheet(options: Options, played: Played) -> None:
    """In the render process, which took the photographs."""
    if played.photographs and options.report:
        from headless_harness.sheet import write_run_sheet

        print(f"wrote {write_run_sheet(options.report.with_suffix('.sheet.jpg'), played.photographs)}", flush=True)


def _tell(options: argparse.Namespace) -> int:
    from vr_app.folders import run_folder
    from vr_app.station.stop import NoStation, tell

    try:
        done, words = tell(" ".join(options.words), run_folder())
    except NoStation as error:
        raise Failure(str(error)) from None
    if not done:
        raise Failure(words)
    print(words)
    return EXIT_OK


# --- render


def _add_render(render: argparse.ArgumentParser) -> None:
    render.add_argument("scene")
    render.add_argument("--at", type=float, default=0.0, metavar="SECONDS", help="scene time")
    render.add_argument("--out", type=Path, required=True, metavar="FILE.png")
    render.add_argument("--size", default="960x960", metavar="WxH")
    render.add_argument("--yaw", type=float, default=0.0, metavar="DEGREES", help="head turned to the left")
    render.add_argument("--pitch", type=float, default=0.0, metavar="DEGREES", help="head raised")
    render.set_defaults(action=_render)


def _render(options: argparse.Namespace) -> int:
    from PIL import Image

    from vr_app.catalogue import find_scenes
    from vr_app.render.context import ContextError
    from vr_app.scripted.headset import looking
    from vr_app.studio import open_studio
    from vr_app.timing.report import OutputError, check_writable, write_atomically

    entry = find_scenes().get(options.scene)
    if entry is None:
        raise Misuse(f"no scene '{options.scene}'; there are {', '.join(find_scenes())}")
    if entry.scene is None:
        raise Failure(f"scene '{entry.id}' is broken: {entry.broken}")
    size = _size(options.size)
    if not 0.0 <= options.at <= 3600.0:
        raise Misuse(f"--at must lie in 0..3600 seconds, not {options.at:g}")
    if options.out.suffix.lower() != ".png":
        raise Misuse(f"--out must end in .png, not '{options.out.name}'")
    try:
        check_writable(options.out)
        with open_studio(size, eye_distance=0.0) as studio:
            head = looking(radians(options.yaw), radians(options.pitch))
            shot = studio.photograph(entry.scene, [options.at], [head])[0]
            write_atomically(options.out, lambda file: Image.fromarray(shot.photograph.left).save(file, "PNG"))
    except (OutputError, ContextError) as error:
        raise Failure(str(error)) from None
    except Exception as error:
        logging.getLogger(__name__).debug("scene failed", exc_info=True)
        raise Failure(f"scene '{entry.id}' failed: {error}") from None
    print(options.out)
    return EXIT_OK


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text)
    width, height = (int(found[1]), int(found[2])) if found else (0, 0)
    if not (16 <= width <= 4096 and 16 <= height <= 4096):
        raise Misuse(f"--size must be WIDTHxHEIGHT with 16 to 4096 pixels each, such as 960x960, not '{text}'")
    return width, height


# --- the others


def _bake(options: argparse.Namespace) -> int:
    from vr_app import bake

    return bake.main(force=options.force)


def _scenes(options: argparse.Namespace) -> int:
    from vr_app.catalogue import find_scenes

    entries = find_scenes().values()
    if options.json:
        print(json.dumps([_told(entry) for entry in entries], indent=2))
        return EXIT_OK
    for entry in entries:
        if entry.scene is None:
            print(f"{entry.id:16} broken: {entry.broken}")
        else:
            print(f"{entry.id:16} {entry.info.title}: {entry.info.summary}")
    return EXIT_OK


def _told(entry: object) -> dict[str, object]:
    from vr_app.catalogue import Entry, setting_choices, setting_ranges

    assert isinstance(entry, Entry)
    if entry.scene is None:
        return {"id": entry.id, "broken": entry.broken}
    info = entry.info
    settings: dict[str, object] = {
        name: {"low": kept.low, "high": kept.high, "step": kept.step, "unit": kept.unit}
        for name, kept in setting_ranges(entry.scene).items()
    }
    settings |= {name: {"words": kept.words} for name, kept in setting_choices(entry.scene).items()}
    return {
        "id": info.id,
        "title": info.title,
        "summary": info.summary,
        "kind": info.kind,
        "minutes": info.minutes,
        "flags": sorted(info.flags),
        "golden_times": info.golden_times,
        "settings": settings,
    }


def _doctor(options: argparse.Namespace) -> int:
    from vr_app import doctor
    from vr_app.timing.report import OutputError

    try:
        return doctor.main(json=options.json, page=options.page)
    except OutputError as error:
        raise Failure(str(error)) from None


def _add_check_content(check: argparse.ArgumentParser) -> None:
    check.add_argument("scene", nargs="?", default="all", metavar="SCENE|all")
    check.add_argument("--seconds", type=float, metavar="S", help="of each film, instead of 20, 60 or 600")
    check.add_argument("--extremes", action="store_true", help="60 s at each end of each setting")
    check.add_argument("--release", action="store_true", help="600 s")
    check.add_argument("--json", action="store_true")
    check.add_argument("--page", type=Path, metavar="FILE.html", help="write the table as a page")
    check.set_defaults(action=_check_content)


def _check_content(options: argparse.Namespace) -> int:
    from headless_harness import check_content
    from vr_app.timing.report import OutputError, check_writable

    if options.seconds is not None and not 1.0 <= options.seconds <= 3600.0:
        raise Misuse(f"--seconds must lie in 1..3600, not {options.seconds:g}")
    try:
        if options.page:
            check_writable(options.page)
        return check_content.main(options)
    except check_content.NoScene as error:
        raise Misuse(str(error)) from None
    except (check_content.ContentError, OutputError) as error:
        raise Failure(str(error)) from None


def _add_bench(bench: argparse.ArgumentParser) -> None:
    bench.add_argument("--scene", metavar="NAME", help="this scene, or all of them one by one, the GPU too")
    bench.add_argument("--peers", action="store_true", help="measure other libraries beside it")
    bench.add_argument("--zero-counts", action="store_true", help="all calls, no vertices")
    bench.add_argument("--rounds", type=int, default=3)
    bench.add_argument("--frames", type=int, default=1000)
    bench.add_argument("--json", action="store_true")
    bench.set_defaults(action=_bench)


def _bench(options: argparse.Namespace) -> int:
    from headless_harness import bench

    return bench.main(options)


# --- plans, words and voices


def _add_plan(plan: argparse.ArgumentParser) -> None:
    what = plan.add_subparsers(metavar="WHAT", required=True)
    check = what.add_parser("check", help="read plans, their scripts and settings as a session would")
    check.add_argument("plan", nargs="?", default="all", metavar="NAME|FILE.toml|all")
    check.set_defaults(action=_check_plan)


def _check_plan(options: argparse.Namespace) -> int:
    from vr_app.catalogue import find_scenes
    from vr_app.lint_words import NAMES
    from vr_app.plan import PlanError, load_plan, plan_names

    scenes, wrong = find_scenes(), 0
    for name in plan_names() if options.plan == "all" else [options.plan]:
        try:
            plan = load_plan(name, scenes, names=dict(NAMES))
        except PlanError as error:
            print(error)
            wrong += 1
        else:
            print(f"{plan.title}: {plan.seconds / 60.0:.1f} minutes, {' '.join(step.scene for step in plan.steps)}")
    return EXIT_FAILED if wrong else EXIT_OK


# --- what was made


def _add_work(work: argparse.ArgumentParser) -> None:
    what = work.add_subparsers(metavar="WHAT", required=True)
    show = what.add_parser("show", help="say what is in it")
    show.add_argument("file", type=Path, metavar="FILE.hlwork")
    show.set_defaults(action=_show_work)
    export = what.add_parser("export", help="write a folder with a page, pictures and a 3D file")
    export.add_argument("file", type=Path, metavar="FILE.hlwork")
    export.add_argument("--out", type=Path, required=True, metavar="DIR", help="a folder that is not there yet")
    export.add_argument("--consent", action="store_true", help="the patient wants to have it; no file says so")
    export.add_argument("--kind", choices=("painting", "mandala", "triptych"), help="by itself if not given")
    export.add_argument("--language", choices=("en", "es"), default="en")
    export.set_defaults(action=_export_work)


def _work_of(path: Path) -> Read:
    """What can be read of it; what cannot is told. Raises Misuse."""
    from vr_app.works.chunks import NotAWork, from_file

    try:
        read = from_file(path.read_bytes())
    except OSError as error:
        raise Misuse(f"{path}: {error.strerror}; give the path of a .hlwork file") from None
    except NotAWork as error:
        raise Misuse(f"{path.name}: {error}") from None
    if read.trouble:
        print(f"{path.name}: {read.trouble}", file=sys.stderr)
    return read


def _show_work(options: argparse.Namespace) -> int:
    read = _work_of(options.file)
    shown = read.sketch.shown().values()
    brushes = ", ".join(sorted({stroke.brush for stroke in shown})) or "none"
    points = sum(len(stroke.points) for stroke in shown)
    kept = "kept" if read.sketch.finished else "not kept yet"
    print(f"{len(shown)} strokes of {points} points; brushes: {brushes}; {kept}")
    return EXIT_OK


def _kind_of(strokes: Sequence[Stroke]) -> Literal["painting", "mandala"]:
    """What lies flat on a table is a mandala."""
    flat = bool(strokes) and all(not stroke.points[:, 1].any() for stroke in strokes)
    return "mandala" if flat else "painting"


def _export_work(options: argparse.Namespace) -> int:
    from vr_app.exports.handover import hand_over
    from vr_app.exports.items import HandOverError, Item

    strokes = tuple(_work_of(options.file).sketch.shown().values())
    if not options.consent:
        raise Misuse("a file does not say whether the patient wants to have it: ask them, and say --consent if so")
    try:
        items = [Item(options.kind or _kind_of(strokes), options.consent, strokes=strokes)]
        folder = hand_over(options.out, items, options.language, tell=lambda words: print(words, file=sys.stderr))
    except HandOverError as error:
        raise Failure(str(error)) from None
    print(f"{folder / 'index.html'} opens on any phone or PC")
    return EXIT_OK


def _add_script(script: argparse.ArgumentParser) -> None:
    words = script.add_subparsers(metavar="WHAT", required=True)
    lint = words.add_parser("lint", help="find what guidance does not say")
    lint.add_argument("script", nargs="?", default="all", metavar="NAME|all")
    lint.add_argument("--language", default="en", metavar="CODE")
    lint.set_defaults(action=_lint)
    captions = words.add_parser("captions", help="write a script's captions as WebVTT")
    captions.add_argument("script", metavar="NAME")
    captions.add_argument("--language", default="en", metavar="CODE")
    captions.add_argument("--name", default="Your therapist", help="who sits beside the patient")
    captions.add_argument("--out", type=Path, required=True, metavar="FILE.vtt")
    captions.set_defaults(action=_captions)


def _known_script(name: str, language: str) -> list[str]:
    from vr_app.script import script_names

    names = script_names(language)
    if name != "all" and name not in names:
        raise Misuse(f"no script '{name}' in '{language}'; there are {', '.join(names) or 'none'}")
    return names if name == "all" else [name]


def _lint(options: argparse.Namespace) -> int:
    from vr_app.lint_variants import lint_all
    from vr_app.script import ScriptError, script_names

    names = _known_script(options.script, options.language)
    if not names:
        raise Misuse(f"no script in '{options.language}'; see assets/scripts")
    told: list[str] = []
    for name in names:
        try:
            told += map(str, lint_all(name, options.language))
        except ScriptError as error:  # the others are still looked at
            told.append(str(error))
    for line in told or [f"{len(names)} script{'' if len(names) == 1 else 's'}: nothing found"]:
        print(line)
    if options.script == "all" and (missing := sorted({*script_names()} - {*names})):
        print(f"not there in '{options.language}', and said in English: {', '.join(missing)}")
    return EXIT_FAILED if told else EXIT_OK


def _captions(options: argparse.Namespace) -> int:
    from vr_app.script import ScriptError, load_script, webvtt
    from vr_app.timing.report import OutputError, check_writable, write_atomically

    if options.out.suffix.lower() != ".vtt":
        raise Misuse(f"--out must end in .vtt, not '{options.out.name}'")
    if options.script == "all":
        raise Misuse("name one script")
    _known_script(options.script, options.language)
    try:
        check_writable(options.out)
        text = webvtt(load_script(options.script, options.language, names={"name": options.name}))
        write_atomically(options.out, lambda file: file.write(text.encode()))
    except (ScriptError, OutputError) as error:
        raise Failure(str(error)) from None
    print(options.out)
    return EXIT_OK


def _add_audio(audio: argparse.ArgumentParser) -> None:
    heard = audio.add_subparsers(metavar="WHAT", required=True)
    heard.add_parser("devices", help="what sound can come out of, and go in at").set_defaults(action=_devices)
    tone = heard.add_parser("test-tone", help="a soft tone, left and then right")
    tone.add_argument("--device", default="", metavar="NAME", help="part of its name")
    tone.set_defaults(action=_test_tone)
    pack = heard.add_parser("voice-pack", help="a folder of recorded lines").add_subparsers(
        metavar="WHAT", required=True
    )
    check = pack.add_parser("check", help="say which lines cannot be played, and how to mend them")
    check.add_argument("folder", type=Path, metavar="DIR")
    check.set_defaults(action=_check_pack)
    _add_mix(heard.add_parser("render", help="write what a scene or a plan sounds like, faster than it is heard"))


def _add_mix(mix: argparse.ArgumentParser) -> None:
    mix.add_argument("scene", nargs="?", metavar="SCENE")
    mix.add_argument("--plan", metavar="NAME", help="a plan instead, from its first step to its end")
    mix.add_argument("--minutes", type=float, metavar="M", help="1 of a scene; a plan is stretched or shortened")
    mix.add_argument("--out", type=Path, required=True, metavar="FILE.flac")
    mix.add_argument("--name", default="Your therapist", help="who sits beside the patient, where a voice names them")
    mix.add_argument("--voices", type=Path, metavar="DIR", help="a voice pack that guides")
    mix.add_argument("--rehearsal", action="store_true", help="a synthesiser guides")
    mix.set_defaults(action=_mix)


def _mix(options: argparse.Namespace) -> int:
    from vr_app import mix
    from vr_app.options import Options
    from vr_app.plan import PlanError
    from vr_app.render.context import ContextError
    from vr_app.sound.lines import CannotSpeak
    from vr_app.timing.report import OutputError, check_writable, write_atomically

    if (options.scene is None) == (options.plan is None):
        raise Misuse("name a scene, or a plan by --plan NAME")
    if options.minutes is not None and not 0.1 <= options.minutes <= 60.0:
        raise Misuse(f"--minutes must lie in 0.1..60, not {options.minutes:g}")
    if options.out.suffix.lower() != ".flac":
        raise Misuse(f"--out must end in .flac, not '{options.out.name}'")
    pack = _pack(options)
    guided = options.rehearsal or pack is not None
    try:
        check_writable(options.out)
        plan, entries = mix.asked(options.scene, options.plan, options.minutes, options.name, guided=guided)
        voice = _with_voice(Options(pack=pack, rehearsal=options.rehearsal, name=options.name)).sound.voices
        write_atomically(options.out, lambda file: mix.write(file, plan, entries, voice))
    except PlanError as error:
        raise Misuse(str(error)) from None
    except (mix.MixError, CannotSpeak, OutputError, ContextError) as error:
        raise Failure(str(error)) from None
    print(options.out)
    return EXIT_OK


def _devices(options: argparse.Namespace) -> int:
    from audio.devices import SoundUnavailable, inputs, outputs

    try:
        for kind, names in (("output", outputs()), ("microphone", inputs())):
            for name in names or ["none"]:
                print(f"{kind}: {name}")
    except SoundUnavailable as error:
        raise Failure(str(error)) from None
    return EXIT_OK


def _test_tone(options: argparse.Namespace) -> int:
    from audio.tone import play_test_tone

    played, words = play_test_tone(options.device)
    if not played:
        raise Failure(words)
    print(f"left, then right, on: {words}")
    return EXIT_OK


def _check_pack(options: argparse.Namespace) -> int:
    from audio.packs import PackError, load

    if not options.folder.is_dir():
        raise Misuse(f"{options.folder} is no folder; name the folder that holds manifest.toml")
    try:
        pack = load(options.folder)
    except PackError as error:
        raise Failure(str(error)) from None
    for problem in pack.problems:
        print(problem)
    lost = sum(problem.lost for problem in pack.problems)
    print(f"{len(pack.recordings)} lines can be played, {lost} cannot: they are read live, or stay captions")
    return EXIT_FAILED if lost else EXIT_OK


if __name__ == "__main__":
    sys.exit(main())
