"""A screen in memory (Xvfb) that can be looked at, and hands at its mouse and keys (xdotool)."""

from __future__ import annotations

import ctypes
import os
import shutil
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

NEEDED = ("Xvfb", "xdotool")
_FRAMEBUFFER = "Xvfb_screen0"  # an XWD file that the server keeps mapped


class ScreenError(Exception):
    """There is no such screen; what is missing and how it is had."""


def missing() -> str | None:
    """What lacks for a screen, in words; None: nothing."""
    lacking = [name for name in NEEDED if shutil.which(name) is None]
    return f"{' and '.join(lacking)} not installed; apt-get install xvfb xdotool" if lacking else None


class Screen:
    """`display` is for the environment of those who draw on it. No window manager runs there."""

    def __init__(self, display: str, folder: Path) -> None:
        self.display = display
        self._file = folder / _FRAMEBUFFER

    def picture(self) -> npt.NDArray[np.uint8]:
        """What is on the screen now, (h, w, 3) uint8."""
        data = self._file.read_bytes()
        header = struct.unpack(">20I", data[:80])  # X11/XWDFile.h
        begin, width, height, line, colours = header[0], header[4], header[5], header[12], header[19]
        start = begin + 12 * colours
        rows = np.frombuffer(data, np.uint8, line * height, start).reshape(height, line)
        return np.ascontiguousarray(rows[:, : 4 * width].reshape(height, width, 4)[:, :, 2::-1])

    def hands(self, *words: str) -> str:
        """Run xdotool with these words; gives what it said. Raises ScreenError when it fails."""
        environment = os.environ | {"DISPLAY": self.display}
        done = subprocess.run(["xdotool", *words], env=environment, capture_output=True, text=True, timeout=30)
        if done.returncode:
            raise ScreenError(f"xdotool {' '.join(words)}: {done.stderr.strip() or f'status {done.returncode}'}")
        return done.stdout.strip()

    def window(self, seconds: float = 15.0) -> str:
        """The id of the one window that is seen. Raises ScreenError when none is within `seconds`."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                return self.hands("search", "--onlyvisible", ".").split()[-1]
            except ScreenError:  # it finds nothing
                time.sleep(0.1)
        raise ScreenError(f"no window within {seconds:g} s")

    def close(self, window: str) -> None:
        """Ask a window to close, as the cross in its frame does (ICCCM 4.2.8.1). Raises ScreenError."""
        x = ctypes.CDLL("libX11.so.6")
        x.XOpenDisplay.restype, x.XInternAtom.restype = ctypes.c_void_p, ctypes.c_ulong
        display = ctypes.c_void_p(x.XOpenDisplay(self.display.encode()))
        if display.value is None:
            raise ScreenError(f"the screen {self.display} is gone")
        protocols, delete = (x.XInternAtom(display, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW"))
        message = _ClientMessage(kind=33, window=int(window), message=protocols, format=32)
        message.data[0] = delete
        x.XSendEvent(display, ctypes.c_ulong(int(window)), 0, ctypes.c_long(0), ctypes.byref(message))
        x.XCloseDisplay(display)


class _ClientMessage(ctypes.Structure):
    """XClientMessageEvent, as long as the XEvent that it is one of."""

    _fields_ = (
        ("kind", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("message", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
        ("rest", ctypes.c_long * 12),
    )


@contextmanager
def open_screen(width: int = 1280, height: int = 800) -> Iterator[Screen]:
    """A screen of its own. Raises ScreenError where Xvfb or xdotool is missing."""
    if why := missing():
        raise ScreenError(why)
    with tempfile.TemporaryDirectory(prefix="screen-") as folder:
        read_end, write_end = os.pipe()
        command = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", f"{width}x{height}x24", "-fbdir", folder]
        server = subprocess.Popen(
            [*command, "-noreset", "-nolisten", "tcp"], pass_fds=[write_end], stderr=subprocess.DEVNULL
        )
        try:
            os.close(write_end)
            with os.fdopen(read_end) as told:
                number = told.readline().strip()
            if not number:
                raise ScreenError("Xvfb does not start; try it by hand: Xvfb :99")
            yield Screen(f":{number}", Path(folder))
        finally:
            server.terminate()
            server.wait()
