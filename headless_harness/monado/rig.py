"""Starts and stops monado-service by itself: a real OpenXR runtime at a headset's pace, without a headset.

The null compositor of Monado shows nothing and paces at a compile-time 20 frames a second. For another pace a
private copy of the service, made once and kept in the cache, gets that one interval rewritten.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import platform
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from headless_harness.monado.metrics import Metrics, read
from headless_harness.monado.remote import RemoteClient

Hz = Literal[20, 72, 90, 120]
Driver = Literal["simulated", "remote"]

MANIFEST = Path("/usr/share/openxr/1/openxr_monado.json")
_SOCKET = "monado_comp_ipc"
_BUILT_IN_HZ = 20
_START_SECONDS = 15.0
_STOP_SECONDS = 3.0
_VALIDATION_LAYERS = ("XR_APILAYER_LUNARG_core_validation", "XR_APILAYER_KHRONOS_best_practices_validation")


class RigError(RuntimeError):
    """Monado is missing, would not start, or is not the build this rig knows; one line that says what to do."""


def missing() -> str | None:
    """What this machine lacks to run the rig, with the remedy; None when nothing."""
    if shutil.which("monado-service") is None or not MANIFEST.is_file():
        return "Monado is not installed: apt-get install monado-service libopenxr1-monado (Debian 13 or later)"
    if shutil.which("setpriv") is None:
        return "setpriv is not installed: apt-get install util-linux"
    return None


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "harborlight" / "monado"


def with_interval(binary: bytes, hz: int) -> bytes:
    """`binary` with the null compositor's frame interval set for `hz`. Raises RigError unless it stands there once.

    Debian's 25.0.0 holds it in `mov qword [rbx + disp32], 50'000'000`: 48 c7 83, four bytes, the number.
    """
    built_in = round(1e9 / _BUILT_IN_HZ).to_bytes(4, "little")
    places = []
    at = binary.find(built_in)
    while at >= 0:
        if at >= 7 and binary[at - 7 : at - 4] == b"\x48\xc7\x83":
            places.append(at)
        at = binary.find(built_in, at + 1)
    if len(places) != 1:
        raise RigError(
            f"found {len(places)} places for the frame interval in monado-service, not 1: use Debian's 25.0.0"
        )
    (place,) = places
    return binary[:place] + round(1e9 / hz).to_bytes(4, "little") + binary[place + 4 :]


def service_at(hz: Hz) -> Path:
    """A monado-service that paces at `hz`: the installed one, or a private copy in the cache."""
    installed = Path(shutil.which("monado-service") or "")
    if hz == _BUILT_IN_HZ:
        return installed
    binary = installed.read_bytes()
    copy = _cache() / f"monado-service-{hashlib.sha256(binary).hexdigest()[:16]}-{hz}hz"
    if not copy.exists():
        copy.parent.mkdir(parents=True, exist_ok=True)
        unfinished = copy.with_suffix(f".{os.getpid()}")
        unfinished.write_bytes(with_interval(binary, hz))
        unfinished.chmod(0o755)
        unfinished.replace(copy)
    return copy


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class MonadoRig:
    """A service of one's own between entering and leaving the `with`; it dies with the thread that started it.

    `env` is what the application under test needs besides its own environment. Logs, metrics and the validation
    layers' findings are written under `folder` (a temporary one, removed at the end, when not given).
    """

    def __init__(
        self, hz: Hz = 90, driver: Driver = "simulated", layers: bool = False, folder: Path | None = None
    ) -> None:
        if lack := missing():
            raise RigError(lack)
        self.hz = hz
        self._driver = driver
        self._service = service_at(hz)
        # A socket's path holds 107 bytes at most, so the runtime folder stays apart from `folder`.
        self._temporary = tempfile.TemporaryDirectory(prefix="harborlight-xr-")
        private = Path(self._temporary.name)
        self.runtime_folder = private / "run"
        self.runtime_folder.mkdir(mode=0o700)
        self.folder = (folder or private / "logs").resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = _free_port() if driver == "remote" else 0
        self._config(private / "config")
        self._process: subprocess.Popen[bytes] | None = None
        self._starts = 0
        self.validation_log = self.folder / "validation.txt"
        self.env = {
            "XR_RUNTIME_JSON": str(MANIFEST),
            "XDG_RUNTIME_DIR": str(self.runtime_folder),
            "XDG_CONFIG_HOME": str(private / "config"),
            "EGL_PLATFORM": "surfaceless",
            "PYOPENGL_PLATFORM": "egl",
        }
        if layers:
            self.env |= _layers(self.validation_log)

    def _config(self, home: Path) -> None:
        (home / "monado").mkdir(parents=True)
        if self._driver == "remote":
            config = {"active": "remote", "remote": {"version": 0, "port": self.port, "view_count": 2}}
            (home / "monado" / "config_v0.json").write_text(json.dumps(config))

    @property
    def pid(self) -> int | None:
        """The service's process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def service_log(self) -> Path:
        """What the service last started wrote to its output."""
        return self.folder / f"service-{self._starts}.log"

    @property
    def metrics_file(self) -> Path:
        """The metrics of the service last started."""
        return self.folder / f"metrics-{self._starts}.bin"

    def start(self) -> None:
        """Start the service and wait until it takes clients (0.1 to 1 s). Raises RigError with its last words."""
        if self.pid is not None:
            raise RigError("monado-service is running already: stop() or kill() it first")
        self._socket().unlink(missing_ok=True)
        self._starts += 1
        simulated = {"SIMULATED_ENABLE": "1", "SIMULATED_LEFT": "simple", "SIMULATED_RIGHT": "simple"}
        environment = {
            **os.environ,
            "XDG_RUNTIME_DIR": self.env["XDG_RUNTIME_DIR"],
            "XDG_CONFIG_HOME": self.env["XDG_CONFIG_HOME"],
            "XRT_COMPOSITOR_NULL": "1",
            "XRT_NO_STDIN": "1",
            "XRT_METRICS_FILE": str(self.metrics_file),
            "XRT_METRICS_EARLY_FLUSH": "1",
            **(simulated if self._driver == "simulated" else {}),
        }
        if os.environ.get("LIBGL_ALWAYS_SOFTWARE"):  # application and service share images, so the same one draws
            environment["VK_LOADER_DRIVERS_SELECT"] = "*lvp*"
        with self.service_log.open("wb") as log:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", str(self._service)],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._wait_until_ready(self._process)

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                break
            with socket.socket(socket.AF_UNIX) as probe:
                if self._socket().exists() and probe.connect_ex(str(self._socket())) == 0:
                    return
            time.sleep(0.01)
        self.kill()
        words = self.service_log.read_text(errors="replace").strip().splitlines()[-3:]
        raise RigError(f"monado-service did not start; its last words: {' | '.join(words) or 'none'}")

    def _socket(self) -> Path:
        return self.runtime_folder / _SOCKET

    def kill(self) -> None:
        """End the service at once (SIGKILL), as a crash would. Does nothing when it is not running."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask the service to end (SIGTERM), and kill it when it does not within 3 s."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def metrics(self) -> Metrics:
        """What the service last started has written so far."""
        return read(self.metrics_file)

    def remote(self) -> RemoteClient:
        """The connection that moves head and hands; the driver serves one at a time. For driver "remote" only."""
        if self._driver != "remote":
            raise RigError('this rig simulates its devices: ask for MonadoRig(driver="remote")')
        return RemoteClient(self.port)

    def findings(self) -> str:
        """What the validation layers complained of; empty when they are content (or were not asked for)."""
        log = self.validation_log.read_text() if self.validation_log.exists() else ""
        return "".join(line for line in log.splitlines(keepends=True) if "[VALID_DEBUG |" not in line)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self._temporary.cleanup()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.stop()
        self._temporary.cleanup()


def _layers(log: Path) -> dict[str, str]:
    """The environment that puts Khronos' validation layers, which pyopenxr's wheel carries, under an application."""
    spec = importlib.util.find_spec("xr")
    if spec is None or not spec.submodule_search_locations:
        raise RigError("pyopenxr is not installed, and with it the validation layers: pip install pyopenxr")
    folder = Path(spec.submodule_search_locations[0]) / "api_layer" / f"linux_{platform.machine()}"
    return {
        "XR_API_LAYER_PATH": str(folder),
        "XR_ENABLE_API_LAYERS": os.pathsep.join(_VALIDATION_LAYERS),
        "XR_CORE_VALIDATION_EXPORT_TYPE": "text",
        "XR_CORE_VALIDATION_FILE_NAME": str(log),
    }
