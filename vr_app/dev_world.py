"""The test world: a Debian 13 root in the cache, for machines without Monado of their own. Linux, root, stdlib only.

Everything in it runs in private mount and process namespaces, tests in a private network too, so that nothing
outlives the command, the remote driver's port is nobody else's, and the checkout's machine stays as it was.
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

SUITE = "trixie"
DEFAULT_MIRROR = "http://deb.debian.org/debian"
CHECKOUT = Path(__file__).resolve().parents[1]
INSIDE = "/checkout"  # where the checkout is mounted
CA_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"

# What tests need of the system, on a machine of its own or in the root.
MONADO_PACKAGES = ("monado-service", "libopenxr1-monado", "mesa-vulkan-drivers")
MESA_PACKAGES = ("libegl1", "libgl1", "libegl-mesa0", "libglx-mesa0", "libgl1-mesa-dri")
SCREEN_PACKAGES = (  # a virtual screen, and what SDL and panda3d open windows with
    *("xvfb", "xauth", "libx11-6", "libxext6", "libxcursor1", "libxi6", "libxfixes3", "libxrandr2", "libxss1"),
    *("libxxf86vm1", "xdotool"),
)
SHADER_PACKAGES = ("glslang-tools", "libvulkan1")  # shaders to SPIR-V, and the loader of Mesa's null GPU
SPEECH_PACKAGES = ("espeak-ng", "flite")  # placeholder speech, for tests and rehearsal
SOUND_PACKAGES = (  # sound servers without a sound card: JACK's strict clock, and devices that PulseAudio takes away
    *("jackd2", "jack-example-tools", "pulseaudio", "pulseaudio-utils"),
    "libasound2-plugins",  # ALSA's device `pulse`, PortAudio's only way to PulseAudio
    *("rtkit", "dbus-daemon"),  # who gives a thread real-time priority on a desktop
)
BROWSER_PACKAGES = ("chromium",)  # for the companion's pages
WORLD_PACKAGES = (
    *(*MONADO_PACKAGES, *MESA_PACKAGES, *SCREEN_PACKAGES, *SHADER_PACKAGES, *SPEECH_PACKAGES, "libportaudio2"),
)
_ROOT_PACKAGES = (*WORLD_PACKAGES, *SOUND_PACKAGES, *BROWSER_PACKAGES, "python3-venv")

_DPKG = (
    "force-unsafe-io\npath-exclude=/usr/share/doc/*\npath-exclude=/usr/share/man/*\npath-exclude=/usr/share/locale/*\n"
)
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_PROXIES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
_SIOCSIFFLAGS, _IFF_UP_RUNNING = 0x8914, 0x41
_PR_SET_PDEATHSIG = 1


class WorldError(Exception):
    """The world could not be built or entered; one line that says what to do."""


def environment(venv: str) -> dict[str, str]:
    """What commands in the world see: of the host's only HARBORLIGHT_*, pytest's options and the terminal."""
    kept = {name: value for name, value in os.environ.items() if name.startswith("HARBORLIGHT_")}
    kept |= {name: os.environ[name] for name in ("TERM", "PYTEST_ADDOPTS") if name in os.environ}
    cache = "/var/cache/harborlight"
    return kept | {
        "HOME": "/root",
        "LANG": "C.UTF-8",
        "PATH": f"{venv}/bin:/usr/bin:/bin:/usr/sbin:/sbin",
        "SSL_CERT_FILE": CA_BUNDLE,
        "HARBORLIGHT_WORLD": "1",
        "LIBGL_ALWAYS_SOFTWARE": "1",  # golden images have one renderer
        # What is cached stays in the world: the checkout may be somebody else's than root's. All but what mypy caches:
        # it has taken what it knew of another checkout, mounted at the same path, for the truth about this one.
        "PYTHONPYCACHEPREFIX": f"{cache}/python",
        "MYPY_CACHE_DIR": "out/mypy",
        "RUFF_CACHE_DIR": f"{cache}/ruff",
        "HYPOTHESIS_STORAGE_DIRECTORY": f"{cache}/hypothesis",
    }


def lacking() -> str | None:
    """Why this machine cannot hold a world, in words; None when it can."""
    if sys.platform != "linux":
        return "the test world needs Linux"
    if os.geteuid() != 0:
        return "the test world needs root (run it with sudo)"
    if shutil.which("debootstrap") is None and shutil.which("apt-get") is None:
        return "the test world needs debootstrap: install it"
    if subprocess.run(["unshare", "--mount", "--pid", "--net", "--fork", "true"], stderr=subprocess.DEVNULL).returncode:
        return "this container forbids namespaces (unshare): give it CAP_SYS_ADMIN"
    return None


def mirror(apt: Path = Path("/etc/apt")) -> str:
    """The Debian mirror that this machine's own apt uses, else Debian's."""
    for listed in [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))]:
        if not listed.is_file():
            continue
        for line in listed.read_text(errors="replace").splitlines():
            found = re.search(r"\bhttps?://\S+/debian/?(?=\s|$)", line)
            if found and not line.lstrip().startswith("#"):
                return found.group().rstrip("/")
    return DEFAULT_MIRROR


def _proxies() -> dict[str, str]:
    """The proxies of the environment, and apt's own where the environment names none."""
    proxies = {name: os.environ[name] for name in _PROXIES if name in os.environ}
    if shutil.which("apt-config"):
        command = ["apt-config", "shell", "proxy", "Acquire::http::Proxy"]
        told = re.search(r"proxy='(http[^']+)'", subprocess.run(command, capture_output=True, text=True).stdout)
        if told:
            proxies.setdefault("http_proxy", told.group(1))
    return proxies


@contextmanager
def _alone(cache: Path) -> Iterator[None]:
    """One builder at a time; the others wait."""
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def ensure_root(cache: Path) -> Path:
    """The root with all its packages, built first when it is not there (about 3 min). Raises WorldError."""
    recipe = hashlib.sha256(repr((SUITE, _ROOT_PACKAGES, _DPKG)).encode()).hexdigest()[:12]
    root = cache / "world" / f"debian13-{recipe}"
    if root.is_dir():
        return root
    root.parent.mkdir(parents=True, exist_ok=True)
    with _alone(root.parent):
        for old in [] if root.is_dir() else _tired(root.parent):
            shutil.rmtree(old)
        if not root.is_dir():
            building = root.with_suffix(".building")
            _build(building)
            building.rename(root)
    return root


def _tired(worlds: Path) -> list[Path]:
    """All but the newest root, which another checkout may be using; and builds that were interrupted."""
    found = sorted(worlds.glob("debian13-*"), key=lambda path: (path.suffix != ".building", path.stat().st_mtime))
    return found if found and found[-1].suffix == ".building" else found[:-1]


def ensure_venv(root: Path, lock: str) -> str:
    """The path, in the world, of the environment with what `lock` says; made first when it is not there (1 min).

    One is kept for each content of the lock, the last three used. Raises WorldError.
    """
    venv = "/opt/" + hashlib.sha256((CHECKOUT / lock).read_bytes()).hexdigest()[:12]
    with _alone(root.parent):
        if enter(root, ["python3", "-m", "vr_app.dev", "_venv", venv, lock], environment(venv), network=True):
            raise WorldError("the test world's Python environment could not be made: see above")
        os.utime(root / venv[1:])
        used = sorted((root / "opt").iterdir(), key=lambda folder: folder.stat().st_mtime)
        for old in used[:-3]:
            shutil.rmtree(old)
    return venv


def _build(root: Path) -> None:
    print(f"Building a Debian 13 with Monado in {root.parent} (once, about 3 min) ...", flush=True)
    if shutil.which("debootstrap") is None:
        apt = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        _must(["apt-get", "update", "-qq"], apt)
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
        _must([*install, "debootstrap", "debian-archive-keyring"], apt)
    outside = {**os.environ, **_proxies()}
    private = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child"]
    _must([*private, "debootstrap", "--variant=minbase", SUITE, str(root), mirror()], outside)
    (root / "etc/dpkg/dpkg.cfg.d/harborlight").write_text(_DPKG)
    (root / "etc/apt/sources.list").write_text(f"deb {mirror()} {SUITE} main\n")
    start_nothing = root / "usr/sbin/policy-rc.d"
    start_nothing.write_text("#!/bin/sh\nexit 101\n")
    start_nothing.chmod(0o755)
    for folder in (INSIDE, "/etc/ssl/certs"):
        (root / folder[1:]).mkdir(parents=True, exist_ok=True)
    inside = environment("/usr") | {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *_ROOT_PACKAGES]
    for command in (["apt-get", "update", "-qq"], install, ["apt-get", "clean"]):
        if enter(root, command, inside, network=True):
            raise WorldError(
                f"{' '.join(command[:2])} failed in the new root: see above; try again when the mirror answers"
            )


def _must(command: Sequence[str], env: Mapping[str, str]) -> None:
    try:
        subprocess.run(command, env=env, check=True)
    except subprocess.CalledProcessError as error:
        program = next(word for word in command if word in ("apt-get", "debootstrap"))
        raise WorldError(
            f"{program} failed (exit {error.returncode}): see above; try again when the mirror answers"
        ) from None


def enter(root: Path, command: Sequence[str], env: Mapping[str, str], *, network: bool = False) -> int:
    """Run `command` in the world, in the checkout; its exit status. Without `network` only loopback exists."""
    if network:
        env = {**env, **_proxies()}
        _copy_if_there("/etc/resolv.conf", root)
        _copy_if_there(CA_BUNDLE, root)
    namespaces = [
        "--mount",
        "--pid",
        "--propagation",
        "private",
        "--fork",
        "--kill-child",
        *([] if network else ["--net"]),
    ]
    inner = [
        sys.executable,
        "-B",
        "-m",
        "vr_app.dev_world",
        str(root),
        str(CHECKOUT),
        "up" if network else "lo",
        *command,
    ]
    outer = ["setpriv", "--pdeathsig", "KILL", "unshare", *namespaces, *inner]
    return subprocess.run(outer, cwd=CHECKOUT, env=env).returncode


def _copy_if_there(path: str, root: Path) -> None:
    """The host's file in the same place of the root; follows links, so that it is the content that arrives."""
    if Path(path).is_file():
        target = root / path[1:]
        target.unlink(missing_ok=True)
        shutil.copyfile(path, target)


# From here on: the first process of the new namespaces.


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def _furnish(root: Path, checkout: str) -> None:
    """Mounts: all of them vanish with this namespace."""
    _mount("-t", "proc", "proc", str(root / "proc"))
    for folder, options in (("dev", "mode=755"), ("tmp", "mode=1777"), ("run", "mode=755")):
        _mount("-t", "tmpfs", "-o", options, "tmpfs", str(root / folder))
    dev = root / "dev"
    for name in _DEVICES:  # no graphics and no sound cards: the world is the same everywhere
        (dev / name).touch()
        _mount("--bind", f"/dev/{name}", str(dev / name))
    for name, target in (("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1")):
        (dev / name).symlink_to(target)
    (dev / "shm").mkdir()
    _mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", str(dev / "shm"))
    _mount("--bind", checkout, str(root / INSIDE[1:]))


def _loopback_up() -> None:
    """What `ip link set lo up` does: netdevice(7)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP_RUNNING))


def _first_process(command: Sequence[str]) -> int:
    """Start `command` and bury the dead until it ends: the kernel lets process 1 neither crash nor leave zombies."""
    child = os.fork()
    if child == 0:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        try:
            os.execvp(command[0], list(command))
        except OSError as error:
            print(f"{command[0]}: {error.strerror}", file=sys.stderr)
            os._exit(127)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal tells the child as well
    signal.signal(signal.SIGTERM, lambda number, _frame: os.kill(child, number))
    while True:
        dead, status = os.wait()
        if dead == child:
            code = os.waitstatus_to_exitcode(status)
            return 128 - code if code < 0 else code


def _main(root: str, checkout: str, network: str, *command: str) -> int:
    _furnish(Path(root), checkout)
    if network == "lo":
        _loopback_up()
    os.chroot(root)
    os.chdir(INSIDE)
    return _first_process(command)


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
