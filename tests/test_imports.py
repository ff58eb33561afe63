"""Who may import whom (docs/design/architecture.md): read in the sources, and seen in fresh interpreters."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
APPLICATION = ("vr_app", "scenes", "audio")
PACKAGES = (*APPLICATION, "headless_harness")
SOURCES = sorted(path.relative_to(CHECKOUT) for name in PACKAGES for path in (CHECKOUT / name).rglob("*.py"))
_WEB = "aiohttp fastapi flask starlette uvicorn websockets"
_DEVICES_AND_CLOCKS = (
    "asyncio ctypes datetime io os pathlib select shutil socket subprocess sys tempfile threading time"
)


class Only(NamedTuple):
    """These libraries are imported in these files of the application and nowhere else."""

    libraries: str
    files: tuple[str, ...]


class Never(NamedTuple):
    """No file here imports any of these, with what is below them."""

    files: str
    modules: str


ONLY = (
    Only("xr", ("vr_app/xr/*",)),
    Only("OpenGL", ("vr_app/render/*",)),
    Only("pygame", ("vr_app/desktop/*", "vr_app/render/context.py")),
    Only("sounddevice", ("audio/devices.py",)),
    Only("numba llvmlite", ("audio/*",)),
    Only("soundfile", ("audio/offline.py", "audio/packs.py", "audio/placeholder.py", "audio/recording.py")),
    Only("jeepney", ("audio/realtime.py",)),
    Only("cryptography", ("audio/recording.py", "vr_app/records/*")),
    Only("sqlalchemy alembic sqlcipher3 keyring", ("vr_app/records/*",)),
    Only(_WEB, ("vr_app/companion/*",)),
    Only("headless_harness", ("vr_app/cli.py",)),
)
NEVER = (
    Never("scenes/*", f"{_DEVICES_AND_CLOCKS} PIL matplotlib audio headless_harness"),
    Never("audio/*", "vr_app.render vr_app.xr vr_app.scripted vr_app.desktop vr_app.station scenes"),
    Never("vr_app/companion/*", "scenes audio vr_app.render"),
    Never("vr_app/records/*", "scenes audio vr_app.render vr_app.companion vr_app.station"),
    Never("vr_app/render/*", "vr_app.xr vr_app.scripted scenes audio"),
    Never("vr_app/xr/*", "scenes audio vr_app.scripted"),
    Never("vr_app/timing/*", "vr_app.render vr_app.xr vr_app.scripted scenes audio"),
    Never("vr_app/api.py", "vr_app scenes audio"),
    Never("vr_app/limits.py", "vr_app scenes audio"),
    Never("vr_app/script.py", "vr_app scenes audio"),
    Never("vr_app/plugin.py", "vr_app scenes audio"),
    Never("vr_app/lint_words.py", "scenes audio"),
)
_SIGNAL_GRAPH = "block duck graph limiter loudness onset reverb ring space spectrum talkover voice"
SIGNAL_GRAPH = tuple(f"audio/{name}.py" for name in _SIGNAL_GRAPH.split())
GRAPH_MAY = ("audio", "numpy", "numba", "vr_app.limits")
STDLIB_ONLY = ("vr_app/dev.py", "vr_app/dev_world.py")
SCENES_MAY = ("vr_app.api", "vr_app.limits", "scenes", "numpy")


def _imports(source: Path) -> Iterator[str]:
    """Every module that a file imports, at the top or inside, as a dotted name; `from a import b` gives a.b."""
    for node in ast.walk(ast.parse((CHECKOUT / source).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{source}:{node.lineno}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _below(module: str, *parents: str) -> bool:
    return any(module == parent or module.startswith(f"{parent}.") for parent in parents)


def _files(*patterns: str) -> list[Path]:
    return [path for path in SOURCES if any(fnmatch(path.as_posix(), pattern) for pattern in patterns)]


@pytest.mark.parametrize("rule", ONLY, ids=lambda rule: rule.libraries.split()[0])
def test_a_library_is_imported_in_its_place_only(rule: Only) -> None:
    elsewhere = [path for path in _files(*(f"{name}/*" for name in APPLICATION)) if path not in _files(*rule.files)]
    wrong = [
        f"{path}: {name}" for path in elsewhere for name in _imports(path) if _below(name, *rule.libraries.split())
    ]
    assert not wrong


@pytest.mark.parametrize("rule", NEVER, ids=lambda rule: rule.files)
def test_a_part_never_imports_what_is_above_it(rule: Never) -> None:
    wrong = [f"{path}: {name}" for path in _files(rule.files) for name in _imports(path)
             if _below(name, *rule.modules.split())]  # fmt: skip
    assert not wrong


def test_scenes_know_the_api_and_numpy_only() -> None:
    wrong = [
        f"{path}: {name}"
        for path in _files("scenes/*")
        for name in _imports(path)
        if not _below(name, *SCENES_MAY) and name.split(".")[0] not in sys.stdlib_module_names
    ]
    assert not wrong


@pytest.mark.parametrize("source", SIGNAL_GRAPH)
def test_the_signal_graph_knows_no_device_file_or_clock(source: str) -> None:
    allowed = {*sys.stdlib_module_names} - set(_DEVICES_AND_CLOCKS.split())
    wrong = [name for name in _imports(Path(source)) if not _below(name, *GRAPH_MAY, *allowed)]
    assert not wrong


@pytest.mark.parametrize("source", STDLIB_ONLY)
def test_the_developers_command_needs_nothing_installed(source: str) -> None:
    allowed = {*sys.stdlib_module_names, "vr_app"}
    wrong = [name for name in _imports(Path(source)) if name.split(".")[0] not in allowed]
    assert not wrong
    siblings = {name.replace(".", "/") + ".py" for name in _imports(Path(source)) if _below(name, "vr_app")}
    assert siblings <= set(STDLIB_ONLY)


def test_package_files_are_empty() -> None:
    everywhere = [*SOURCES, *(path.relative_to(CHECKOUT) for path in (CHECKOUT / "tests").rglob("*.py"))]
    assert not [path for path in everywhere if path.name == "__init__.py" and (CHECKOUT / path).read_bytes()]


_HEAVY = "xr OpenGL pygame sounddevice matplotlib PIL"
ENTRIES = {
    "vr_app.dev": f"{_HEAVY} numpy platformdirs vr_app.api",
    "vr_app.cli": f"{_HEAVY} numpy headless_harness scenes",
    "vr_app.catalogue": f"{_HEAVY} headless_harness",
    "vr_app.doctor": f"{_HEAVY} headless_harness scenes",
    "vr_app.scripted.headset": "xr pygame sounddevice matplotlib headless_harness scenes",
    "vr_app.desktop.headset": "xr OpenGL sounddevice matplotlib headless_harness scenes",
    "vr_app.desktop.monitor": "xr OpenGL sounddevice matplotlib PIL headless_harness scenes audio",
    "vr_app.station.supervisor": f"{_HEAVY} numpy vr_app.api headless_harness scenes audio",
    "vr_app.companion.server": "xr OpenGL pygame sounddevice numba vr_app.render scenes audio headless_harness",
    "vr_app.lint_words": f"{_HEAVY} numpy vr_app.api headless_harness scenes audio",
    "vr_app.xr.headset": "pygame sounddevice matplotlib headless_harness scenes",
    "vr_app.station.sound": f"{_HEAVY} numba vr_app.render headless_harness scenes",
    "vr_app.sound.proxy": f"{_HEAVY} headless_harness scenes audio",
    "vr_app.sound.lines": f"{_HEAVY} numpy vr_app.api headless_harness scenes audio",
    "vr_app.sound.warming": f"{_HEAVY} numpy vr_app.api headless_harness scenes audio",
    "vr_app.records.spool": f"{_HEAVY} numpy sqlalchemy vr_app.api headless_harness scenes audio",
    "vr_app.records.records": f"{_HEAVY} numpy vr_app.api vr_app.station headless_harness scenes audio",
    "audio.prepare": f"{_HEAVY} vr_app.render scenes headless_harness",
    "audio.graph": f"{_HEAVY} soundfile vr_app.render scenes headless_harness",
    "audio.cue_list": f"{_HEAVY} soundfile vr_app.render scenes headless_harness",
    "audio.offline": f"{_HEAVY} vr_app.render scenes headless_harness",
    "audio.packs": f"{_HEAVY} vr_app.render scenes headless_harness",
    "audio.narration": f"{_HEAVY} vr_app.render scenes headless_harness",
    "audio.placeholder": f"{_HEAVY} vr_app.render scenes headless_harness",
    "audio.recording": f"{_HEAVY} vr_app.render scenes headless_harness",
    "audio.talkover": f"{_HEAVY} soundfile cryptography vr_app.render scenes headless_harness",
    "audio.voice": f"{_HEAVY} soundfile cryptography vr_app.render scenes headless_harness",
    "audio.devices": "xr OpenGL pygame matplotlib vr_app.render scenes headless_harness",
}
_SCENES = [".".join(path.with_suffix("").parts) for path in _files("scenes/*") if path.parent == Path("scenes")]


def _loaded(module: str) -> set[str]:
    """The modules in memory after importing `module` in a fresh interpreter."""
    code = f"import json, sys, {module}; print(json.dumps(sorted(sys.modules)))"
    ended = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    return set(json.loads(ended.stdout))


@pytest.mark.parametrize("module", [*ENTRIES, *(name for name in _SCENES if not name.endswith("__init__"))])
def test_a_process_starts_with_its_own_modules_only(module: str) -> None:
    unwanted = ENTRIES.get(module, f"{_HEAVY} headless_harness vr_app.render audio").split()
    assert not [name for name in _loaded(module) if _below(name, *unwanted)]
