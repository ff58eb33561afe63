"""RealtimeKit on a system bus of its own: who gives a thread real-time priority on a desktop, tried without one.

The real rtkit-daemon asks the real polkitd, which grants root and refuses who has no session on this machine.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from headless_harness.sound.server import end, start, wait_for

ADDRESS: Final = "DBUS_SYSTEM_BUS_ADDRESS"
SERVICES: Final = ("/usr/lib/polkit-1/polkitd", "/usr/libexec/rtkit-daemon")
_NAMES: Final = ("org.freedesktop.PolicyKit1", "org.freedesktop.RealtimeKit1")
_CONFIG: Final = """<busconfig><type>system</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/>
</policy></busconfig>
"""


def missing() -> str | None:
    """What this machine lacks for it, with the remedy; None when nothing."""
    if not all(Path(service).is_file() for service in SERVICES):
        return "RealtimeKit is not installed: apt-get install rtkit dbus-daemon"
    return None if os.geteuid() == 0 else "RealtimeKit's daemon needs root"


class Rtkit:
    """Between entering and leaving the `with`; `env` leads a process to it. The services end with their bus.

    rtkit-daemon says nothing in the log: it forbids itself to write files.
    """

    def __init__(self, folder: Path) -> None:
        self.log = folder / "rtkit.log"
        self.env: dict[str, str] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            private = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="harborlight-bus-")))
            private.chmod(0o711)  # the services connect as their own users
            socket, config = private / "socket", private / "bus.conf"
            config.write_text(_CONFIG.format(socket=socket))
            self.env = {ADDRESS: f"unix:path={socket}"}
            bus = start(["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile"], {}, self.log)
            stack.callback(end, bus)
            wait_for(socket.exists, "dbus-daemon")
            for service, name in zip(SERVICES, _NAMES, strict=True):
                stack.callback(end, start([service], self.env, self.log))
                wait_for(lambda name=name: self._is_there(name), service)  # type: ignore[misc]
            self._stack = stack.pop_all()
        return self

    def _is_there(self, name: str) -> bool:
        bus = ["--system", "--print-reply", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus"]
        asked = ["dbus-send", *bus, "org.freedesktop.DBus.NameHasOwner", f"string:{name}"]
        env = {**os.environ, **self.env}
        return "boolean true" in subprocess.run(asked, env=env, capture_output=True, text=True, timeout=10).stdout

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._stack.close()
