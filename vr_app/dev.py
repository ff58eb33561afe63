"""The developer's command, `python3 -m vr_app.dev COMMAND`; `--help` lists them. Standard library only.

It does all set-up by itself: names and installs the system packages that are missing (Debian, Ubuntu), keeps the
environment `.venv` at the locked versions, and takes the tests to where Monado is (see dev_world.py).
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

CHECKOUT = Path(__file__).resolve().parents[1]
VENV = CHECKOUT / ".venv"
RUN_LOCK, DEV_LOCK = "requirements.lock", "requirements-dev.lock"
RUN_PACKAGES = ("libegl1", "libgl1", "libegl-mesa0", "libglx-mesa0", "libgl1-mesa-dri", "libportaudio2")
MONADO_VERSION = "25.0.0"  # the build whose pace the rig knows how to set
REQUIRE_MONADO = "HARBORLIGHT_REQUIRE_MONADO"
SYSTEM_CA = Path("/etc/ssl/certs/ca-certificates.crt")

# Of pip's own variables only those that say how an index is reached; what is installed is the lock's to say.
_PIP_KEPT = ("INDEX_URL", "CERT", "CLIENT_CERT", "PROXY", "TRUSTED_HOST", "DEFAULT_TIMEOUT", "CONFIG_FILE")


class DevError(Exception):
    """One line that says what is wrong and how to mend it."""


def _run(command: Sequence[str | Path], env: Mapping[str, str] | None = None, *, quiet: bool = False) -> int:
    out = subprocess.DEVNULL if quiet else None
    try:
        return subprocess.run(command, cwd=CHECKOUT, env=env, stdout=out, stderr=out).returncode
    except FileNotFoundError:
        raise DevError(f"{command[0]} is not installed") from None


def _must(command: Sequence[str | Path], env: Mapping[str, str] | None, remedy: str) -> None:
    if code := _run(command, env):
        raise DevError(f"`{' '.join(map(str, command))}` ended with {code}: {remedy}")


# System packages


def _sudo() -> list[str] | None:
    """What to put before a command that needs root; None when nobody can become root here."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and (sys.stdin.isatty() or _run(["sudo", "-n", "true"], quiet=True) == 0):
        return ["sudo"]
    return None


def _is_installed(package: str) -> bool:
    query = ["dpkg-query", "-W", "-f=${db:Status-Status}", package]
    return subprocess.run(query, capture_output=True, text=True).stdout == "installed"


def ensure_packages(packages: Sequence[str]) -> None:
    """Name the missing ones and install them. Without apt or root they are only named, and the command goes on."""
    if sys.platform != "linux":
        return
    if shutil.which("apt-get") is None:
        print(f"No apt-get here. If something is missing later, these are its names on Debian: {' '.join(packages)}")
        return
    missing = [package for package in packages if not _is_installed(package)]
    if not missing:
        return
    sudo = _sudo()
    if sudo is None:
        print(f"Missing system packages, and no root to install them: apt-get install {' '.join(missing)}")
        return
    print(f"Installing system packages: {' '.join(missing)}", flush=True)
    apt = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    _run([*apt, "update"])  # one dead third-party source must not stop the rest
    install = [*apt, "install", "-y", "--no-install-recommends", "--no-remove", *missing]
    _must(install, None, "see above; is this machine online?")


# Python environments


def _sha(*names: str) -> str:
    return hashlib.sha256(b"".join((CHECKOUT / name).read_bytes() for name in names)).hexdigest()


def _python_of(venv: Path) -> Path:
    return venv / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _pip_environment() -> dict[str, str]:
    dropped = {"PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP"}
    keep = {f"PIP_{name}" for name in _PIP_KEPT}
    env = {k: v for k, v in os.environ.items() if k not in dropped and (not k.startswith("PIP_") or k in keep)}
    if SYSTEM_CA.is_file():  # older pips trust only their own list, not the certificates of this machine
        env.setdefault("PIP_CERT", str(SYSTEM_CA))
    return env | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}


def ensure_venv(venv: Path, lock: str) -> Path:
    """The Python of an environment that holds what `lock` says and this checkout. In seconds when nothing changed.

    The stamp is written after each step, so that an interrupted installation is never used.
    """
    stamp = venv / "harborlight.json"
    python = _python_of(venv)
    installed = json.loads(stamp.read_text()) if stamp.is_file() and python.is_file() else {}
    locks = {"python": platform.python_version(), "locks": {name: _sha(name) for name in (RUN_LOCK, DEV_LOCK)}}
    # The developer's lock holds all of the other, at the same versions.
    fits = {lock, DEV_LOCK} & {installed.get("lock")} and all(installed.get(key) == locks[key] for key in locks)
    env = _pip_environment()
    pip: list[str | Path] = [python, "-m", "pip", "install", "--quiet"]
    if not fits:
        stamp.unlink(missing_ok=True)
        print(f"Installing {lock} into {venv} ...", flush=True)
        if importlib.util.find_spec("ensurepip") is None:
            ensure_packages([f"python3.{sys.version_info.minor}-venv"])
        make: list[str | Path] = [sys.executable, "-m", "venv", "--clear", venv]
        _must(make, env, "install python3-venv")
        _must([*pip, "--require-hashes", "-r", CHECKOUT / lock], env, "is this machine online?")
        installed = {"lock": lock, **locks}
        stamp.write_text(json.dumps(installed))
    if installed.get("project") != _sha("pyproject.toml"):
        itself: list[str | Path] = ["--no-deps", "--no-build-isolation", "-e", CHECKOUT]
        _must([*pip, *itself], env, "see above: pyproject.toml or README.md is not as it should be")
        stamp.write_text(json.dumps({**installed, "project": _sha("pyproject.toml")}))
    return python


# Where the tests run


class World(NamedTuple):
    """A place for tests: `run` takes a command that starts with "python" and gives its exit status."""

    name: str
    run: Callable[[Sequence[str]], int]


def _monado_can_be_had() -> bool:
    """Whether this machine has, or its apt offers, the Monado that the rig knows."""
    if sys.platform != "linux" or shutil.which("apt-cache") is None:
        return shutil.which("monado-service") is not None
    policy = subprocess.run(["apt-cache", "policy", "monado-service"], capture_output=True, text=True).stdout
    return any(
        line.split()[-1].startswith(MONADO_VERSION) for line in policy.splitlines() if ":" in line and line.split()
    )


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "harborlight"


def _native(name: str) -> World:
    python = ensure_venv(VENV, DEV_LOCK)
    env = {**os.environ, "LIBGL_ALWAYS_SOFTWARE": "1"}  # golden images have one renderer
    return World(name, lambda command: _run([python, *command[1:]], env))


def _ensure_if_can_be(packages: Sequence[str], what: str) -> None:
    """For tests, unless something of this machine's own (PipeWire, say) would have to go for them."""
    try:
        ensure_packages(packages)
    except DevError as error:
        print(f"No {what} for the tests: {error}. The tests that need them are skipped and named.")


def ensure_judges() -> None:
    """Second opinions on exported files, from npm where that is; else the tests that need them say so one by one."""
    judges = CHECKOUT / "headless_harness" / "npm"
    if (judges / "node_modules").is_dir() or shutil.which("npm") is None:
        return
    if _run(["npm", "--prefix", judges, "ci", "--silent", "--no-audit", "--no-fund"]):
        print("No judges of exported files for the tests: npm ci failed; is this machine online?")


def find_world(command: Sequence[str]) -> World:
    """The one test world of this machine, set up. Raises DevError.

    Native where Monado is; else a Debian 13 root in the cache, as root (sudo starts `command` again); else native
    without Monado, and the tests that need it say so one by one.
    """
    if sys.platform == "win32":
        return _native("this machine, without Monado")
    from vr_app import dev_world  # needs fcntl, which Windows lacks

    if _monado_can_be_had():
        ensure_packages(dev_world.WORLD_PACKAGES)
        _ensure_if_can_be(dev_world.SOUND_PACKAGES, "sound servers")
        _ensure_if_can_be(dev_world.BROWSER_PACKAGES, "browser")
        return _native("this machine, with its Monado")
    lack = dev_world.lacking()
    sudo = _sudo()
    if lack and os.geteuid() != 0 and sudo:
        kept = ",".join(["XDG_CACHE_HOME", "HOME", *(name for name in os.environ if name.startswith("HARBORLIGHT_"))])
        os.execvp("sudo", ["sudo", f"--preserve-env={kept}", sys.executable, "-m", "vr_app.dev", *command])
    if lack:
        if os.environ.get(REQUIRE_MONADO):
            raise DevError(f"Monado is required ({REQUIRE_MONADO}) and not here: {lack}")
        print(f"Without Monado: {lack}. The tests that need it are skipped and named.")
        ensure_packages(RUN_PACKAGES)
        return _native("this machine, without Monado")
    try:
        root = dev_world.ensure_root(_cache())
        env = dev_world.environment(dev_world.ensure_venv(root, DEV_LOCK))
    except dev_world.WorldError as error:
        raise DevError(str(error)) from None
    return World(f"Debian 13 in {root}", lambda command: dev_world.enter(root, command, env))


# Commands


def check(world: World) -> int:
    """Formatting, lint and types; the worst exit status."""
    python = "python"
    commands = (
        (python, "-m", "ruff", "format", "--check", "--quiet", "."),
        (python, "-m", "ruff", "check", "--quiet", "."),
        (python, "-m", "mypy", "--no-error-summary"),
    )
    worst = 0
    for command in commands:
        code = world.run(command)
        print(f"{' '.join(command[2:4])}: {'ok' if code == 0 else 'FAILED'}", flush=True)
        worst = max(worst, code)
    return worst


def _test(arguments: Sequence[str]) -> int:
    started = time.monotonic()
    world = find_world(["test", *arguments])
    ensure_judges()
    ready = time.monotonic()
    print(f"Testing in: {world.name} (set up in {ready - started:.0f} s)", flush=True)
    worst = world.run(["python", "-m", "pytest", *arguments]) if arguments else _test_all(world)
    print(f"Tests took {time.monotonic() - ready:.0f} s in: {world.name}")
    return worst


def _test_all(world: World) -> int:
    """Checks, then what may run side by side, a file at a time on each core, then what is timed; the worst status."""
    reports = [Path("out", "tests", name) for name in ("side-by-side.xml", "alone.xml")]
    for report in reports:
        (CHECKOUT / report).unlink(missing_ok=True)
    side_by_side = ["-n", str(os.cpu_count() or 1), "--dist", "loadfile", "-m", "not alone"]
    parts = zip((side_by_side, ["-m", "alone"]), reports, strict=True)
    suite = [["python", "-m", "pytest", f"--junitxml={report}", *chosen] for chosen, report in parts]
    bake = ["python", "-m", "vr_app.bake"]  # once, not in every process that needs it
    worst = max(check(world), *(world.run(command) for command in (bake, *suite)))
    for report in reports:
        tell_failures(CHECKOUT / report)
    return worst


def tell_failures(report: Path) -> None:
    """Every failed test of a JUnit report again, so that the end of a long log says what went wrong."""
    if not report.is_file():
        print(f"No {report.name}: that part of the tests did not come to its end")
        return
    for case in ElementTree.parse(report).iter("testcase"):
        for fault in (*case.iter("failure"), *case.iter("error")):
            print(f"FAILED {case.get('classname')}::{case.get('name')}\n  {(fault.get('message') or '')[:600]}")


def _check(arguments: Sequence[str]) -> int:
    if arguments:
        raise DevError("check takes no arguments")
    return check(find_world(["check"]))


def _setup(arguments: Sequence[str]) -> int:
    if arguments:
        raise DevError("setup takes no arguments")
    ensure_packages(RUN_PACKAGES)
    ensure_venv(VENV, RUN_LOCK)
    return 0


def _play(arguments: Sequence[str]) -> int:
    _setup([])
    report = CHECKOUT / "out" / "run" / "report.json"
    if not arguments:
        report.parent.mkdir(parents=True, exist_ok=True)
    _run([_python_of(VENV), "-c", "from vr_app.baking import bake_in_worker; bake_in_worker()"])
    chosen = list(arguments) or ["--plan", "demo", "--report", str(report.relative_to(CHECKOUT))]
    return _run([_python_of(VENV), "-m", "vr_app.cli", "run", *chosen])


def _bench(arguments: Sequence[str]) -> int:
    return find_world(["bench", *arguments]).run(["python", "-m", "vr_app.cli", "bench", *arguments])


def _gallery(arguments: Sequence[str]) -> int:
    _setup([])
    return _run([_python_of(VENV), "-m", "headless_harness.gallery", *arguments])


def _golden(arguments: Sequence[str]) -> int:
    return find_world(["golden", *arguments]).run(["python", "-m", "headless_harness.golden", *arguments])


def _review(arguments: Sequence[str]) -> int:
    _setup([])
    return _run([_python_of(VENV), "-m", "headless_harness.review", *arguments])


def _world(arguments: Sequence[str]) -> int:
    return find_world(["world", *arguments]).run(list(arguments) or ["bash"])


def _lock(arguments: Sequence[str]) -> int:
    """Write both locks anew, for Linux and Windows and every supported Python; needs uv."""
    source = ["uv", "pip", "compile", "--no-config", "--index-url", "https://pypi.org/simple", "pyproject.toml"]
    form = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url", "--quiet"]
    name = ["--custom-compile-command", "python3 -m vr_app.dev lock"]
    env = {key: value for key, value in os.environ.items() if not key.startswith(("UV_", "PIP_"))}
    for lock, groups in ((RUN_LOCK, ("build",)), (DEV_LOCK, ("build", "dev", "bench"))):
        chosen = [word for group in groups for word in ("--group", group)]
        _must([*source, *form, *name, *chosen, *arguments, "-o", lock], env, "see above")
    return 0


def _venv(arguments: Sequence[str]) -> int:
    folder, lock = arguments
    ensure_venv(Path(folder), lock)
    return 0


COMMANDS: dict[str, tuple[Callable[[Sequence[str]], int], str]] = {
    "setup": (_setup, "system packages and .venv for running"),
    "run": (_play, "set up and play; arguments go to `harborlight run`"),
    "test": (_test, "the whole suite where Monado is; arguments go to pytest"),
    "check": (_check, "formatting, lint and types"),
    "bench": (_bench, "measure; arguments go to `harborlight bench`"),
    "gallery": (_gallery, "pictures of every scene on one page"),
    "golden": (_golden, "compare golden images where the tests run; --accept makes new ones"),
    "review": (_review, "golden images that changed, on one page"),
    "world": (_world, "a command (default: a shell) where the tests run"),
    "lock": (_lock, "write requirements*.lock anew (needs uv); arguments go to uv"),
}


def main(arguments: Sequence[str]) -> int:
    """Exit status: 0 on success, 2 on misuse, else what the command ended with, or 1."""
    if sys.version_info < (3, 11):  # noqa: UP036 - nothing was installed yet that would have checked it
        print(f"Python 3.11 or later is needed; this is {platform.python_version()}", file=sys.stderr)
        return 1
    parser = argparse.ArgumentParser(prog="python3 -m vr_app.dev", formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "command", choices=COMMANDS, help="\n".join(f"{k:8} {what}" for k, (_, what) in COMMANDS.items())
    )
    inside_world = arguments[:1] == ["_venv"]
    command = _venv if inside_world else COMMANDS[parser.parse_args(arguments[:1]).command][0]
    try:
        return command(arguments[1:])
    except DevError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
